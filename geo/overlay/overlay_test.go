package overlay_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"kharita/geo"
	"kharita/geo/overlay"
)

func box(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

// star is a ring around a centre that doesn't cross itself.
func star(r *rand.Rand, x, y, size float64) orb.MultiPolygon {
	n := 5 + r.IntN(40)
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := size * (0.3 + 0.7*r.Float64())
		ring = append(ring, orb.Point{x + d*math.Cos(a), y + d*math.Sin(a)})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name              string
		a, b              orb.MultiPolygon
		onlyA, both, only float64 // square degrees
	}{
		{"apart", box(0, 0, 1, 1), box(5, 5, 6, 6), 1, 0, 1},
		{"touching", box(0, 0, 1, 1), box(1, 0, 2, 1), 1, 0, 1},
		{"equal", box(0, 0, 1, 1), box(0, 0, 1, 1), 0, 1, 0},
		{"half", box(0, 0, 2, 1), box(1, 0, 3, 1), 1, 1, 1},
		{"a hole", box(0, 0, 3, 3), box(1, 1, 2, 2), 8, 1, 0},
		{"nothing", nil, box(0, 0, 1, 1), 0, 0, 1},
	} {
		onlyA, both, onlyB, err := overlay.Split(c.a, c.b)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, p := range []struct {
			got  orb.MultiPolygon
			want float64
		}{{onlyA, c.onlyA}, {both, c.both}, {onlyB, c.only}} {
			if got := planar.Area(p.got); math.Abs(got-p.want) > 1e-9 {
				t.Errorf("%s: got %v, want %v", c.name, got, p.want)
			}
		}
	}
}

// TestSplitPlaces asks random places on which side they lie.
func TestSplitPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		a, b := star(r, 0, 0, 1), star(r, r.Float64(), r.Float64(), 1)
		onlyA, both, onlyB, err := overlay.Split(a, b)
		if err != nil {
			t.Fatal(err)
		}
		union, err := overlay.Union(a, b)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			p := orb.Point{3*r.Float64() - 1, 3*r.Float64() - 1}
			inA, inB := planar.MultiPolygonContains(a, p), planar.MultiPolygonContains(b, p)
			got := [4]bool{planar.MultiPolygonContains(onlyA, p), planar.MultiPolygonContains(both, p), planar.MultiPolygonContains(onlyB, p), planar.MultiPolygonContains(union, p)}
			if want := [4]bool{inA && !inB, inA && inB, !inA && inB, inA || inB}; got != want {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
		}
	}
}

// TestBadShapes: what can't be cut is an error or right, never a panic or a
// wrong area.
func TestBadShapes(t *testing.T) {
	bow := orb.MultiPolygon{{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}}
	nan := box(0, 0, 1, 1)
	nan[0][0][1][0] = math.NaN()
	for _, bad := range []orb.MultiPolygon{bow, nan, {{}}, {{{}}}, {{{{0, 0}}}}, {{{{0, 0}, {1, 1}, {0, 0}}}}, {box(0, 0, 2, 2)[0], box(1, 1, 3, 3)[0]}} {
		onlyA, both, _, err := overlay.Split(bad, box(0, 0, 1, 2))
		if err != nil {
			if !errors.Is(err, overlay.ErrOverlay) {
				t.Errorf("%v: %v", bad, err)
			}
			continue
		}
		if got, want := geo.Area(onlyA)+geo.Area(both), geo.Area(bad); math.Abs(got-want) > 1 {
			t.Errorf("%v: parts of %v km² of %v", bad, got, want)
		}
		if _, err := overlay.Union(bad, box(0, 0, 1, 2)); err != nil && !errors.Is(err, overlay.ErrOverlay) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
