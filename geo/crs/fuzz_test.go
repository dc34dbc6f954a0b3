package crs_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// FuzzBox: whatever the numbers, a box is refused, or its bounds lie on the earth
// and its shape has an end.
func FuzzBox(f *testing.F) {
	f.Add(uint8(0), 33.0, 42.0, 37.0, 46.0)
	f.Add(uint8(1), 19e6, -1e6, -19e6, 1e6)
	f.Add(uint8(2), 1e5, 10e5, 5e5, 14e5)
	f.Add(uint8(3), -1e300, -1e300, 1e300, 1e300)
	f.Add(uint8(2), 5e5, 9.99e6, 5e5, 1e7)
	f.Fuzz(func(t *testing.T, which uint8, a, b, c, d float64) {
		for _, n := range []float64{a, b, c, d} {
			if math.IsNaN(n) || math.IsInf(n, 0) {
				return // no numbers of a query
			}
		}
		in := find(t, []string{"4326", "3857", "32601", "32760"}[which%4])
		bounds, shape, err := in.Box(orb.Point{a, b}, orb.Point{c, d})
		if err != nil {
			return
		}
		if len(bounds) == 0 || len(bounds) > 2 {
			t.Fatalf("%d bounds", len(bounds))
		}
		for _, b := range bounds {
			if !(b.Min[0] >= -180.000001 && b.Max[0] <= 180.000001 && b.Min[0] <= b.Max[0] && b.Min[1] >= -90 && b.Max[1] <= 90 && b.Min[1] <= b.Max[1]) {
				t.Fatalf("EPSG %d: %v %v %v %v: %v", which%4, a, b, c, d, b)
			}
		}
		for _, ring := range shape {
			for _, p := range ring {
				if math.IsNaN(p[0]+p[1]) || math.IsInf(p[0]+p[1], 0) {
					t.Fatalf("a corner at %v", p)
				}
			}
		}
	})
}
