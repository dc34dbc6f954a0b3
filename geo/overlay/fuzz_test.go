package overlay_test

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/overlay"
)

// FuzzSplit: no shapes make it panic, and what it does not refuse adds up. Two
// bytes are a place on a coarse grid, so that points and edges often meet.
func FuzzSplit(f *testing.F) {
	f.Add([]byte{0, 0, 9, 0, 9, 9}, []byte{5, 5, 12, 5, 12, 12, 5, 12})
	f.Add([]byte{0, 0, 2, 2, 2, 0, 0, 2}, []byte{1, 1, 1, 1, 1, 1})
	ring := func(b []byte) orb.MultiPolygon {
		var r orb.Ring
		for ; len(b) > 1 && len(r) < 24; b = b[2:] {
			r = append(r, orb.Point{float64(b[0]%16) / 3, float64(b[1]%16) / 7})
		}
		if len(r) > 0 {
			r = append(r, r[0])
		}
		return orb.MultiPolygon{{r}}
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		a, b := ring(one), ring(two)
		onlyA, both, onlyB, err := overlay.Split(a, b)
		if err != nil {
			if !errors.Is(err, overlay.ErrOverlay) {
				t.Fatal(err)
			}
			return
		}
		for _, c := range [][2]float64{{geo.Area(onlyA) + geo.Area(both), geo.Area(a)}, {geo.Area(onlyB) + geo.Area(both), geo.Area(b)}} {
			if math.Abs(c[0]-c[1]) > 1e-3+1e-5*c[1] {
				t.Errorf("%v and %v: parts of %v km² of %v", a, b, c[0], c[1])
			}
		}
	})
}
