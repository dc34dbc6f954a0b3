package tile_test

import (
	"iter"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
)

func seq(fs ...geo.Feature) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for _, f := range fs {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func TestFirst(t *testing.T) {
	names := geo.NewNames("name", "n")
	fs := []geo.Feature{
		{ID: geo.TextID("a"), Geometry: orb.Point{40, 30}, Properties: geo.NewProperties(names, []geo.Value{geo.StringValue("أ"), geo.IntValue(-3)}), Valid: period.Exactly(period.New(10, 20))},
		{ID: geo.TextID("b"), Geometry: orb.Polygon{{{30, 30}, {50, 30}, {50, 40}, {30, 40}, {30, 30}}}, Properties: geo.NewProperties(names, []geo.Value{geo.StringValue("b"), {}})},
		{ID: geo.TextID("c"), Geometry: orb.LineString{{30, 30}, {50, 30}, {50, 40}}},
	}
	s, err := tile.NewSet(seq(fs...), tile.Options{Layer: "l", Properties: []string{"name", "n"}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := tile.ParseAddress("2", "2", "1")
	if err != nil {
		t.Fatal(err)
	}
	b := s.Append(nil, a, tile.Slice{}, nil)
	ls, err := mvt.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range ls {
		for _, f := range l.Features {
			t.Log(f.ID, f.Geometry, f.Properties)
		}
	}
	t.Log(s.Stable(a, tile.Slice{Valid: period.At(15)}).Limits())
}
