package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
)

func TestSelfCrossing(t *testing.T) {
	for _, c := range []struct {
		name string
		ring orb.Ring
		want bool
		at   orb.Point
	}{
		{"square", orb.Ring{{0, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}}, false, orb.Point{}},
		{"bow tie", orb.Ring{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}, true, orb.Point{1, 1}},
		{"bow tie with a vertex in the middle", orb.Ring{{0, 0}, {1, 1}, {2, 2}, {2, 0}, {1, 1}, {0, 2}, {0, 0}}, true, orb.Point{1, 1}},
		{"vertex of one way on the other", orb.Ring{{0, 0}, {2, 2}, {2, 0}, {1, 1}, {0, 2}, {0, 0}}, true, orb.Point{1, 1}},
		{"touches itself in a vertex", orb.Ring{{0, 0}, {1, 1}, {2, 0}, {2, 2}, {1, 1}, {0, 2}, {0, 0}}, false, orb.Point{}},
		{"vertex touches a side", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {2, 0}, {0, 4}, {0, 0}}, false, orb.Point{}},
		{"spike", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {6, 4}, {4, 4}, {0, 4}, {0, 0}}, true, orb.Point{4, 4}},
		{"runs along itself", orb.Ring{{0, 0}, {4, 0}, {4, 4}, {2, 4}, {2, 0}, {1, 0}, {1, 4}, {0, 4}, {0, 0}}, true, orb.Point{1, 0}},
		{"repeated vertices", orb.Ring{{0, 0}, {0, 0}, {2, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}, {0, 0}}, false, orb.Point{}},
		{"open", orb.Ring{{0, 0}, {2, 2}, {2, 0}, {0, 2}}, true, orb.Point{1, 1}},
		{"a point", orb.Ring{{1, 1}, {1, 1}, {1, 1}, {1, 1}}, false, orb.Point{}},
		{"nothing", nil, false, orb.Point{}},
	} {
		// Wherever the ring starts and whichever way it runs.
		for start := range max(1, len(c.ring)-1) {
			ring := c.ring.Clone()
			if n := len(ring) - 1; n > 0 && ring[0] == ring[n] {
				ring = append(append(ring[start:n:n], ring[:start]...), ring[start])
			}
			for range 2 {
				at, got := geo.SelfCrossing(ring)
				if got != c.want || got && c.name != "spike" && c.name != "runs along itself" && at != c.at {
					t.Errorf("%s from %d: %v at %v, want %v at %v", c.name, start, got, at, c.want, c.at)
				}
				ring.Reverse()
			}
		}
	}
}

// TestSelfCrossingAgainstSimpleFeatures: in rings of random points, which never
// touch, both find the same; on a coarse grid, where they touch often, what crosses
// is never simple.
func TestSelfCrossingAgainstSimpleFeatures(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	crossed := 0
	for i := range 3000 {
		n := 3 + r.IntN(6)
		wild := i%3 == 0
		if i%5 == 0 {
			n = 30 + r.IntN(40) // by way of the tree
		}
		var ring orb.Ring
		for k := range n {
			switch {
			case wild:
				ring = append(ring, orb.Point{float64(r.IntN(6)), float64(r.IntN(6))})
			case i%2 == 0:
				ring = append(ring, orb.Point{r.Float64(), r.Float64()})
			default: // a star, which is simple, or nearly
				a, d := float64(k)/float64(n)*2*math.Pi+r.Float64()*2/float64(n), 0.5+r.Float64()
				ring = append(ring, orb.Point{d * math.Cos(a), d * math.Sin(a)})
			}
		}
		ring = append(ring, ring[0])
		var flat []float64
		for _, p := range ring {
			flat = append(flat, p[0], p[1])
		}
		line := geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
		_, got := geo.SelfCrossing(ring)
		if got {
			crossed++
		}
		if simple := line.IsSimple(); got && simple || !wild && got == simple {
			t.Fatalf("crosses %v, simple %v: %v", got, simple, ring)
		}
	}
	if crossed < 500 || crossed > 2500 {
		t.Errorf("%d of 3000 cross: the cases are too much alike", crossed)
	}
}

func BenchmarkSelfCrossing(b *testing.B) {
	ring := make(orb.Ring, 100_001)
	for i := range ring {
		a := float64(i) / 100_000 * 2 * math.Pi
		d := 10 + math.Sin(400*a) + 0.1*math.Sin(9000*a)
		ring[i] = orb.Point{d * math.Cos(a), d * math.Sin(a)}
	}
	ring[100_000] = ring[0]
	for b.Loop() {
		if _, ok := geo.SelfCrossing(ring); ok {
			b.Fatal("crosses")
		}
	}
}
