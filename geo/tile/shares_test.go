package tile_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func newSets(tb testing.TB, layers ...tile.Source) []*tile.Set {
	tb.Helper()
	sets, err := tile.NewSets(layers...)
	if err != nil {
		tb.Fatal(err)
	}
	return sets
}

// edgesOf counts the edges of polygons and lines, whichever way they run, but for those
// that lie along the sides of the clip box or end there: what cuts them differs.
func edgesOf(layers ...tiletest.Layer) map[[2]tiletest.Point]int {
	edges := map[[2]tiletest.Point]int{}
	for _, l := range layers {
		for _, f := range l.Features {
			for _, r := range f.Paths {
				for i, p := range r {
					if f.Type == 2 && i == len(r)-1 {
						break
					}
					q := r[(i+1)%len(r)]
					if p.X > q.X || p.X == q.X && p.Y > q.Y {
						p, q = q, p
					}
					if inBuffer(p) && inBuffer(q) {
						continue
					}
					edges[[2]tiletest.Point{p, q}]++
				}
			}
		}
	}
	return edges
}

func inBuffer(p tiletest.Point) bool { return p.X < 0 || p.X > 4096 || p.Y < 0 || p.Y > 4096 }

// Layers that share borders have neither gap nor overlap between them, at any zoom: a
// country in one layer, its provinces in another and its neighbours in a third, with a
// line along what lies between.
func TestSharedBorders(t *testing.T) {
	c := newCoverage(61, middleEast(), 4, 9, .25)
	cells := func(id string, x0, y0, x1, y1 int) geo.Feature {
		return geo.Feature{ID: geo.TextID(id), Geometry: orb.Polygon{c.ring(x0, y0, x1, y1)}}
	}
	west, south := c.ring(0, 0, 2, 4), c.ring(2, 0, 4, 2)
	border := orb.LineString(nil)
	for _, p := range west {
		if slices.Contains(c.ring(2, 0, 4, 4), p) {
			border = append(border, p)
		}
	}
	source := func(layer string, o tile.Options, fs ...geo.Feature) tile.Source {
		o.Layer = layer
		return tile.Source{Features: seq(fs), Options: o}
	}
	sets := newSets(t,
		source("west", tile.Options{}, geo.Feature{ID: geo.TextID("west"), Geometry: orb.Polygon{west}}),
		source("provinces", tile.Options{MaxZoom: 9}, cells("1", 0, 0, 1, 2), cells("2", 1, 0, 2, 2), cells("3", 0, 2, 2, 4)),
		source("east", tile.Options{}, geo.Feature{ID: geo.TextID("south"), Geometry: orb.Polygon{south}}, cells("north", 2, 2, 4, 4)),
		source("lines", tile.Options{}, geo.Feature{ID: geo.TextID("line"), Geometry: border}),
	)
	for z := uint8(0); z <= 10; z++ {
		var areas [2]float64
		tiles := 0
		tilesAt(t, sets[0], z, func(a tile.Address, layers []tiletest.Layer) {
			if tiles++; tiles > 40 {
				return
			}
			west := layers[0]
			rest := decode(t, sets[2], a, tile.Slice{})
			// each edge of the east that the west has is the same: what they enclose together
			// has each edge once
			if z <= 6 && tiles <= 4 && len(rest) > 0 {
				both := append(slices.Clone(west.Features), rest[0].Features...)
				var sum float64
				var union geom.Geometry
				for i, f := range both {
					g := polygon(t, f.Paths)
					sum += g.Area()
					if i == 0 {
						union = g
					} else if u, err := geom.Union(union, g); err != nil {
						t.Fatal(err)
					} else {
						union = u
					}
				}
				if got := union.Area(); math.Abs(got-sum) > 1e-6*sum {
					t.Errorf("tile %v: areas add up to %v, the union has %v", a, sum, got)
				}
				if p, ok := union.AsPolygon(); !ok || p.NumInteriorRings() > 0 {
					t.Errorf("tile %v: there are gaps between east and west", a)
				}
			}
			if len(rest) > 0 {
				outer := edgesOf(west, rest[0])
				for e := range edgesOf(decode(t, sets[3], a, tile.Slice{})...) {
					if !inBuffer(e[0]) && !inBuffer(e[1]) && outer[e] != 2 {
						t.Errorf("tile %v: edge %v of the line is on %d borders, want 2", a, e, outer[e])
					}
				}
			}
			if z > 9 {
				return
			}
			provinces := decode(t, sets[1], a, tile.Slice{})
			areas[0] += total(west.Features)
			areas[1] += total(provinces[0].Features)
			of := edgesOf(provinces...)
			for e, n := range edgesOf(west) {
				if n != 1 || of[e] != 1 && !inBuffer(e[0]) && !inBuffer(e[1]) {
					t.Errorf("tile %v: edge %v of the country is of %d provinces, want 1", a, e, of[e])
				}
				delete(of, e)
			}
			for e, n := range of {
				if n != 2 && !inBuffer(e[0]) && !inBuffer(e[1]) {
					t.Errorf("tile %v: edge %v lies between %d provinces, want 2", a, e, n)
				}
			}
		})
		if d := areas[0] - areas[1]; math.Abs(d) > 1e-6*areas[0] {
			t.Errorf("zoom %d: the country has %v, its provinces %v", z, areas[0], areas[1])
		}
	}
}

// A layer that shares with others is drawn the same whatever the order of layers, and one
// that shares nothing as if alone.
func TestSetsByThemselves(t *testing.T) {
	here := newCoverage(62, middleEast(), 3, 6, .2).features()
	there := newCoverage(63, orb.Bound{Min: orb.Point{-60, -20}, Max: orb.Point{-40, 0}}, 3, 6, .2).features()
	alone := newSet(t, tile.Options{Layer: "here", Labels: true}, here...)
	o := tile.Options{Layer: "here", Labels: true}
	a := newSets(t, tile.Source{Features: seq(here), Options: o}, tile.Source{Features: seq(there), Options: tile.Options{Layer: "there"}})
	b := newSets(t, tile.Source{Features: seq(there), Options: tile.Options{Layer: "there"}}, tile.Source{Features: seq(here), Options: o})
	for z := uint8(0); z <= 8; z++ {
		at := pointTile(t, z, orb.Point{45, 33})
		want := alone.Append(nil, at, tile.Slice{}, nil)
		if !bytes.Equal(a[0].Append(nil, at, tile.Slice{}, nil), want) || !bytes.Equal(b[1].Append(nil, at, tile.Slice{}, nil), want) {
			t.Errorf("tile %v depends on a layer far away", at)
		}
	}
}

func TestProblems(t *testing.T) {
	nan := math.NaN()
	r := func(pts ...orb.Point) orb.Ring { return append(pts, pts[0]) }
	outer := r(orb.Point{40, 30}, orb.Point{50, 30}, orb.Point{50, 40}, orb.Point{40, 40})
	scribble := make(orb.Ring, 0, 4000)
	for i := range 4000 {
		sin, cos := math.Sincos(float64(i) * 2.4)
		scribble = append(scribble, orb.Point{10 + 9*cos, 10 + 9*sin})
	}
	fs := []geo.Feature{
		{Geometry: orb.Polygon{outer}},
		{Geometry: orb.Polygon{outer, r(orb.Point{42, 30}, orb.Point{44, 34}, orb.Point{41, 36})}}, // touches the border
		{Geometry: orb.MultiPoint{{nan, 0}, {44, 33}}},
		{Geometry: orb.MultiPolygon{{outer}, {r(orb.Point{1, 1}, orb.Point{2, math.Inf(1)}, orb.Point{3, 3})}}},
		{Geometry: orb.LineString{{7, 91}, {7, 80}}},
		{Geometry: orb.LineString{{7, 8}, {7, 8}}},
		{Geometry: orb.Polygon{r(orb.Point{1, 1}, orb.Point{2, 1}, orb.Point{3, 1})}},
		{Geometry: orb.Polygon{r(orb.Point{1, 1}, orb.Point{3, 3}, orb.Point{3, 1}, orb.Point{1, 3})}},
		{Geometry: orb.Polygon{outer, r(orb.Point{49, 34}, orb.Point{51, 34}, orb.Point{51, 36}, orb.Point{49, 36})}},
		{Geometry: orb.Polygon{outer, r(orb.Point{52, 34}, orb.Point{53, 34}, orb.Point{53, 36})}},
		{Geometry: orb.Polygon{scribble}},
	}
	s := newSet(t, tile.Options{}, fs...)
	type problem struct {
		row  int
		rule tile.Rule
	}
	want := []problem{
		{2, tile.NotFinite},
		{3, tile.NotFinite},
		{4, tile.OffEarth},
		{5, tile.NoLength},
		{6, tile.NoArea},
		{7, tile.RingsCross},
		{8, tile.RingsCross},
		{9, tile.Misplaced},
		{10, tile.Tangle},
	}
	var got []problem
	for _, p := range s.Problems() {
		got = append(got, problem{p.Row, p.Rule})
		switch p.Row {
		case 7:
			if math.Hypot(p.At[0]-2, p.At[1]-2) > .01 {
				t.Errorf("the bow-tie crosses itself at %v", p.At)
			}
		case 8:
			if math.Hypot(p.At[0]-50, p.At[1]-34) > .01 && math.Hypot(p.At[0]-50, p.At[1]-36) > .01 {
				t.Errorf("the lake crosses the shore at %v", p.At)
			}
		}
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(problem{})); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	// whatever is wrong with some, all else is drawn
	drawn := map[int]bool{}
	s.Append(nil, tile.Address{}, tile.Slice{}, func(row int) bool { drawn[row] = true; return true })
	if len(drawn) != len(fs) {
		t.Errorf("drawn: %v", drawn)
	}
}
