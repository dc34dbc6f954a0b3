package tile_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

// TestPointsAlone: tiles of points alone are written in a way of their own; it comes to the
// same as where a line is among them.
func TestPointsAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	names := geo.NewNames("name", "kind", "rank")
	place := func() orb.Point { return orb.Point{r.Float64()*360 - 180, r.Float64()*160 - 80} }
	var points []geo.Feature
	for i := range 2000 {
		f := geo.Feature{ID: geo.NumberID(strconv.Itoa(1 + 1000*i)), Geometry: place()}
		if i%50 == 0 {
			m := make(orb.MultiPoint, 1+r.IntN(40))
			for k := range m {
				m[k] = place()
			}
			f.Geometry = m
		}
		values := []geo.Value{
			geo.StringValue("place " + strconv.Itoa(i)), geo.StringValue("kind " + strconv.Itoa(r.IntN(5))), geo.IntValue(int64(r.IntN(300))),
		}
		for k := range values {
			if r.IntN(4) == 0 {
				values[k] = geo.Value{}
			}
		}
		f.Properties = geo.NewProperties(names, values)
		points = append(points, f)
	}
	o := tile.Options{Properties: []string{"name", "kind", "rank"}}
	alone := newSet(t, o, points...)
	line := geo.Feature{Geometry: orb.LineString{{-180, -85}, {180, 85}}}
	among := newSet(t, o, append(points, line)...)
	for _, a := range []tile.Address{{}, address(t, 1, 0, 1), address(t, 2, 1, 2)} {
		got, want := decode(t, alone, a, tile.Slice{}), decode(t, among, a, tile.Slice{})
		want[0].Features = slices.DeleteFunc(want[0].Features, func(f tiletest.Feature) bool { return f.Type == 2 })
		if d := cmp.Diff(want[0].Features, got[0].Features); d != "" {
			t.Errorf("tile %v (-among +alone):\n%s", a, d)
		}
	}
	b := alone.Append(nil, tile.Address{}, tile.Slice{}, nil)
	if few, many := bytes.Index(b, []byte("place ")), bytes.Index(b, []byte("kind ")); many > few {
		t.Error("a value of one feature comes before one of many")
	}
}
