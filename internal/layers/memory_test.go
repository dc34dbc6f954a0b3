package layers_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/layers/layerstest"
)

func TestMemory(t *testing.T) {
	layerstest.Run(t, func(_ *testing.T, features []geo.Feature) layers.Source { return layers.NewMemory(features) })
}

func TestMemoryWritten(t *testing.T) {
	layerstest.Run(t, func(t *testing.T, features []geo.Feature) layers.Source {
		t.Helper()
		return layers.Written(t, layers.NewMemory(features))
	})
}

// TestDenseBounds: the first points in large bounds and in time come in the order of the file,
// whether one after the other is looked at or the index finds them.
func TestDenseBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	features := make([]geo.Feature, 3000)
	for i := range features {
		start := period.Instant(r.IntN(1000))
		features[i] = geo.Feature{ID: geo.NumberID(strconv.Itoa(i)), Valid: period.Exactly(period.New(start, start+period.Instant(1+r.IntN(300))))}
		if i%2 == 0 {
			features[i].Valid.Certain = period.New(start, start+1)
		}
		if i%10 > 0 {
			features[i].Geometry = orb.Point{float64(r.IntN(100)), float64(r.IntN(100))}
		}
	}
	features[7].Geometry = orb.Point{1, 1}
	points := layers.NewMemory(features)
	features[7].Geometry = orb.LineString{{1, 1}, {2, 2}}
	mixed := layers.NewMemory(features)
	features[7].Geometry = orb.Point{1, 1}
	for turn := range 500 {
		s := points
		x, y := float64(r.IntN(60)), float64(r.IntN(60))
		q := layers.Query{Bounds: []orb.Bound{{Min: orb.Point{x, y}, Max: orb.Point{x + 40, y + 30}}}, Reading: period.Reading(r.IntN(2))}
		if r.IntN(3) == 0 {
			q.Bounds = []orb.Bound{{Min: orb.Point{}, Max: orb.Point{30, 99}}, {Min: orb.Point{x, 20}, Max: orb.Point{x, 70}}}
		}
		if turn%10 == 0 {
			s, q.Bounds = mixed, []orb.Bound{{Max: orb.Point{100, 100}}}
		}
		if r.IntN(4) > 0 {
			at := period.Instant(r.IntN(1200))
			q.Valid = period.New(at, at+period.Instant(1+r.IntN(500)))
		}
		var want []string
		for _, f := range features {
			p, ok := f.Geometry.(orb.Point)
			in := false
			for _, b := range q.Bounds {
				in = in || ok && b.Contains(p)
			}
			if in && f.Valid.In(q.Reading).Intersects(q.Valid) {
				want = append(want, f.ID.String())
			}
		}
		for _, q.Limit = range []int{1, 30, 500, 3000} {
			var got []string
			for row, err := range s.Rows(t.Context(), q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row.ID().String())
			}
			if diff := cmp.Diff(want[:min(len(want), q.Limit)], got); diff != "" && len(want) > 0 {
				t.Fatalf("%v: %s", q, diff)
			}
		}
	}
}
