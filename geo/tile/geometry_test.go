package tile_test

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func middleEast() orb.Bound { return orb.Bound{Min: orb.Point{30, 20}, Max: orb.Point{62, 44}} }

// polygon turns the rings of a decoded feature into one of simplefeatures, which
// validates it.
func polygon(t *testing.T, rings [][]tiletest.Point) geom.Geometry {
	t.Helper()
	var polygons []geom.Polygon
	var current []geom.LineString
	flush := func() {
		if len(current) > 0 {
			p := geom.NewPolygon(current)
			if err := p.Validate(); err != nil {
				t.Errorf("simplefeatures: %v", err)
			}
			polygons = append(polygons, p)
		}
		current = nil
	}
	for _, r := range rings {
		if tiletest.Area2(r) > 0 {
			flush()
		}
		var xy []float64
		for _, p := range append(slices.Clone(r), r[0]) {
			xy = append(xy, float64(p.X), float64(p.Y))
		}
		current = append(current, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
	}
	flush()
	if len(polygons) == 1 {
		return polygons[0].AsGeometry()
	}
	return geom.NewMultiPolygon(polygons).AsGeometry()
}

// Neighbours have neither gap nor overlap: their areas add up to the area of their
// union, and the union has no hole.
func TestNeighbours(t *testing.T) {
	fs := newCoverage(11, middleEast(), 5, 8, .2).features()
	s := newSet(t, tile.Options{Small: tile.Drop}, fs...)
	for z := uint8(0); z <= 6; z++ {
		t.Run("z"+strconv.Itoa(int(z)), func(t *testing.T) {
			tiles, vertices := 0, 0
			tilesAt(t, s, z, func(a tile.Address, layers []tiletest.Layer) {
				if tiles++; tiles > 6 {
					return // the others are alike, and the oracle is slow
				}
				var sum float64
				var union geom.Geometry
				for i, f := range layers[0].Features {
					for _, r := range f.Paths {
						vertices += len(r)
					}
					g := polygon(t, f.Paths)
					sum += g.Area()
					if i == 0 {
						union = g
						continue
					}
					u, err := geom.Union(union, g)
					if err != nil {
						t.Fatalf("tile %v: %v", a, err)
					}
					union = u
				}
				if got, want := sum, union.Area(); math.Abs(got-want) > 1e-6*want {
					t.Errorf("tile %v: areas add up to %v, the union has %v", a, got, want)
				}
				if p, ok := union.AsPolygon(); !ok || p.NumInteriorRings() > 0 {
					t.Errorf("tile %v: the union is no polygon without hole: %v", a, union.Type())
				}
			})
			t.Logf("%d tiles, %d vertices", tiles, vertices)
		})
	}
}

// Versions of a feature that have a border in common have it in common in every tile.
func TestVersionsShareBorders(t *testing.T) {
	c := newCoverage(12, middleEast(), 4, 8, .2)
	s := newSet(t, tile.Options{},
		geo.Feature{ID: geo.TextID("before"), Geometry: orb.Polygon{c.ring(0, 0, 2, 4)}},
		geo.Feature{ID: geo.TextID("kept"), Geometry: orb.Polygon{c.ring(0, 0, 2, 2)}},
		geo.Feature{ID: geo.TextID("lost"), Geometry: orb.Polygon{c.ring(0, 2, 2, 4)}},
	)
	for z := uint8(0); z <= 7; z++ {
		tilesAt(t, s, z, func(a tile.Address, layers []tiletest.Layer) {
			edges := map[[2]tiletest.Point]int{}
			for _, f := range layers[0].Features {
				for _, r := range f.Paths {
					for i, p := range r {
						q := r[(i+1)%len(r)]
						if p.X > q.X || p.X == q.X && p.Y > q.Y {
							p, q = q, p
						}
						if !onClip(p) || !onClip(q) {
							edges[[2]tiletest.Point{p, q}]++
						}
					}
				}
			}
			// each border is one of two of them: outside, before and what became of it;
			// inside, what was kept and what was lost
			for e, n := range edges {
				if n != 2 {
					t.Errorf("tile %v: edge %v is there %d times, want 2", a, e, n)
				}
			}
		})
	}
}

func onClip(p tiletest.Point) bool {
	return p.X == -64 || p.X == 4160 || p.Y == -64 || p.Y == 4160
}

// What a tile and its neighbour show meets on the line between them.
func TestTilesMatchAtEdges(t *testing.T) {
	fs := newCoverage(13, middleEast(), 6, 8, .2).features()
	s := newSet(t, tile.Options{}, fs...)
	for z := uint8(2); z <= 7; z++ {
		tilesAt(t, s, z, func(a tile.Address, layers []tiletest.Layer) {
			if a.X()+1 >= 1<<z {
				return
			}
			here := crossings(layers, 4096)
			east := decode(t, s, address(t, z, a.X()+1, a.Y()), tile.Slice{})
			there := crossings(east, 0)
			for id, ys := range here {
				if len(ys) != len(there[id]) {
					t.Errorf("tile %v: feature %d crosses its east %v, that of its neighbour %v", a, id, ys, there[id])
					continue
				}
				for i := range ys {
					if math.Abs(ys[i]-there[id][i]) > 1 {
						t.Errorf("tile %v: feature %d leaves at %v, comes in at %v", a, id, ys[i], there[id][i])
					}
				}
			}
		})
	}
}

// crossings returns where the rings of each feature cross the line x = at within the
// tile's height, in order.
func crossings(layers []tiletest.Layer, at float64) map[uint64][]float64 {
	out := map[uint64][]float64{}
	for _, l := range layers {
		for _, f := range l.Features {
			for _, r := range f.Paths {
				for i, p := range r {
					q := r[(i+1)%len(r)]
					px, qx := float64(p.X)-at-.25, float64(q.X)-at-.25 // no vertex is on that line
					if px < 0 == (qx < 0) {
						continue
					}
					y := float64(p.Y) + px/(px-qx)*float64(q.Y-p.Y)
					if y > 2 && y < 4094 {
						out[f.ID] = append(out[f.ID], y)
					}
				}
			}
			slices.Sort(out[f.ID])
		}
	}
	return out
}

// Simplified as they are, polygons keep their areas.
func TestAreas(t *testing.T) {
	c := newCoverage(14, orb.Bound{Min: orb.Point{38, 33}, Max: orb.Point{43, 37}}, 6, 9, .2)
	fs := c.features()
	s := newSet(t, tile.Options{}, fs...)
	for z := uint8(5); z <= 10; z++ {
		got := map[string]float64{}
		vertices := 0
		tilesAt(t, s, z, func(_ tile.Address, layers []tiletest.Layer) {
			for _, f := range layers[0].Features {
				got[f.Properties["id"].(string)] += cropped(f.Paths)
				for _, r := range f.Paths {
					vertices += len(r)
				}
			}
		})
		worst := 0.0
		for _, f := range fs {
			want := mercatorArea(f.Geometry.(orb.Polygon)[0], z)
			const px = 8 * 8 // square units in a pixel of a tile shown at 512 px
			if want < 1000*px {
				continue
			}
			worst = max(worst, math.Abs(got[f.ID.String()]/want-1))
		}
		t.Logf("z%d: %d vertices, areas within %.4f %%", z, vertices, worst*100)
		if z >= 8 && worst > .001 {
			t.Errorf("z%d: an area is wrong by %.3f %%", z, worst*100)
		}
	}
}
