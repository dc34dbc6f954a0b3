package tile_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func total(fs []tiletest.Feature) (area float64) {
	for _, f := range fs {
		if f.Type == 3 {
			area += cropped(f.Paths)
		}
	}
	return area
}

// Rings that are not valid come out as what they cover by the even-odd rule.
func TestInvalidRings(t *testing.T) {
	// a unit is a degree at zoom 4 near the equator: 182 units
	for _, c := range []struct {
		name string
		p    orb.Polygon
		want float64 // in square degrees
	}{
		{"clockwise", orb.Polygon{{{1, 1}, {1, 5}, {5, 5}, {5, 1}, {1, 1}}}, 16},
		{"counterclockwise", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}}, 16},
		{"not closed", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}}}, 16},
		{"points repeated", orb.Polygon{{{1, 1}, {1, 1}, {5, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}, {1, 1}}}, 16},
		{"spike", orb.Polygon{{{1, 1}, {5, 1}, {9, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}}, 16},
		{"bow-tie", orb.Polygon{{{1, 1}, {5, 5}, {5, 1}, {1, 5}, {1, 1}}}, 8},
		{"twice round", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}}, 0},
		{"hole like exterior", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{2, 2}, {3, 2}, {3, 3}, {2, 3}, {2, 2}}}, 15},
		{"hole outside", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{6, 2}, {7, 2}, {7, 3}, {6, 3}, {6, 2}}}, 17},
		{"hole across the border", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{4, 2}, {6, 2}, {6, 3}, {4, 3}, {4, 2}}}, 16},
		{"hole in a hole", orb.Polygon{
			{{1, 1}, {9, 1}, {9, 9}, {1, 9}, {1, 1}},
			{{2, 2}, {8, 2}, {8, 8}, {2, 8}, {2, 2}},
			{{3, 3}, {4, 3}, {4, 4}, {3, 4}, {3, 3}},
		}, 29},
		{"hole equal to exterior", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}}, 0},
		{"hole touching in a point", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{1, 1}, {3, 2}, {2, 3}, {1, 1}}}, 14.5},
		{"hole along the border", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {1, 5}, {1, 1}}, {{1, 1}, {3, 1}, {3, 2}, {1, 2}, {1, 1}}}, 14},
		{"ring touching itself", orb.Polygon{{{1, 1}, {5, 1}, {5, 5}, {3, 1}, {1, 5}, {1, 1}}}, 8},
		{"two squares in one ring", orb.Polygon{{{1, 1}, {3, 1}, {3, 3}, {5, 3}, {5, 5}, {3, 5}, {3, 3}, {1, 3}, {1, 1}}}, 8},
		{"star", orb.Polygon{{{5, 9}, {2.6, 1.8}, {8.8, 6.2}, {1.2, 6.2}, {7.4, 1.8}, {5, 9}}}, math.NaN()},
		{"line", orb.Polygon{{{1, 1}, {5, 1}, {1, 1}}}, 0},
		{"flat", orb.Polygon{{{1, 1}, {3, 1}, {5, 1}, {2, 1}, {1, 1}}}, 0},
		{"one point", orb.Polygon{{{1, 1}}}, 0},
		{"empty exterior", orb.Polygon{{}, {{1, 1}, {5, 1}, {5, 5}, {1, 1}}}, 0},
		{"no ring", orb.Polygon{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSet(t, tile.Options{Small: tile.Drop}, geo.Feature{Geometry: c.p})
			var got float64
			tilesAt(t, s, 4, func(_ tile.Address, layers []tiletest.Layer) { got += total(layers[0].Features) })
			for z := range uint8(9) {
				tilesAt(t, s, z, func(tile.Address, []tiletest.Layer) {})
			}
			degree := 4096. * 16 / 360
			if want := c.want * degree * degree; !math.IsNaN(want) && math.Abs(got-want) > .01*want {
				t.Errorf("area is %.2f, want %v", got/degree/degree, c.want)
			}
		})
	}
}

// What crosses itself times without number takes no time without end, nor vanishes.
func TestScribble(t *testing.T) {
	for _, n := range []int{30, 300, 5000} {
		r := rand.New(rand.NewPCG(51, 1))
		ring := make(orb.Ring, n)
		for i := range ring {
			ring[i] = orb.Point{r.Float64() * 40, r.Float64() * 40}
		}
		s := newSet(t, tile.Options{Small: tile.Drop}, geo.Feature{Geometry: orb.Polygon{ring}})
		for z := range uint8(5) {
			if len(decode(t, s, pointTile(t, z, orb.Point{20, 20}), tile.Slice{})) == 0 {
				t.Errorf("%d points, zoom %d: nothing left", n, z)
			}
		}
	}
}

// Islands in lakes in islands, also where they touch, come out nested as they are.
func TestNesting(t *testing.T) {
	rect := func(x0, y0, x1, y1 float64) orb.Ring {
		return orb.Ring{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}
	}
	diamond := func(x, y, r float64) orb.Ring {
		return orb.Ring{{x - r, y}, {x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}}
	}
	for name, p := range map[string]orb.Polygon{
		"deep":              {rect(0, 0, 20, 20), rect(1, 1, 19, 19), rect(2, 2, 18, 18), rect(3, 3, 17, 17), rect(4, 4, 16, 16)},
		"touching leftmost": {rect(0, 0, 20, 20), diamond(10, 10, 8), diamond(7, 10, 5), diamond(5, 10, 3), diamond(4, 10, 2)},
		"chain of lakes":    {rect(0, 0, 20, 20), diamond(4, 10, 3), diamond(10, 10, 3), diamond(16, 10, 3)},
		"ring of lakes":     {rect(0, 0, 20, 20), diamond(10, 5, 3), diamond(13, 8, 3), diamond(10, 11, 3), diamond(7, 8, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSet(t, tile.Options{}, geo.Feature{Geometry: p})
			for z := range uint8(9) {
				tilesAt(t, s, z, func(tile.Address, []tiletest.Layer) {})
			}
		})
	}
}

func TestSmall(t *testing.T) {
	tiny := orb.Polygon{{{44, 33}, {44.001, 33}, {44.001, 33.001}, {44, 33.001}, {44, 33}}}
	short := orb.LineString{{44, 33}, {44.001, 33}}
	fs := []geo.Feature{
		{ID: geo.TextID("one"), Geometry: tiny},
		{ID: geo.TextID("one, later"), Geometry: tiny},
		{ID: geo.TextID("islands"), Geometry: orb.MultiPolygon{tiny, {{{45, 33}, {45.002, 33}, {45.002, 33.002}, {45, 33}}}}},
		{ID: geo.TextID("flat"), Geometry: orb.Polygon{{{44, 33}, {44, 33}, {44, 33}}}},
		{ID: geo.TextID("short"), Geometry: short},
		{ID: geo.TextID("point"), Geometry: orb.LineString{{44, 33}}},
	}
	pixels := newSet(t, tile.Options{}, fs...)
	dropped := newSet(t, tile.Options{Small: tile.Drop}, fs...)
	for z := range uint8(8) {
		seen, areas := map[any]int{}, map[any]float64{}
		tilesAt(t, pixels, z, func(_ tile.Address, layers []tiletest.Layer) {
			for _, f := range layers[0].Features {
				seen[f.Properties["id"]]++
				if f.Type == 3 {
					areas[f.Properties["id"]] += cropped(f.Paths)
				}
			}
		})
		for id, got := range areas {
			if got != 16 {
				t.Errorf("zoom %d: %v has %v square units, want 16", z, id, got)
			}
		}
		if len(seen) != len(fs) {
			t.Errorf("zoom %d: only %v is drawn", z, seen)
		}
		if b := dropped.Append(nil, pointTile(t, z, orb.Point{44, 33}), tile.Slice{}, nil); len(b) > 0 {
			t.Errorf("zoom %d: small features are not dropped", z)
		}
	}
}

func pointTile(t *testing.T, z uint8, p orb.Point) tile.Address {
	t.Helper()
	x, y := mercator(p, z)
	return address(t, z, uint32(x/4096), uint32(y/4096))
}

// What the data cut at the antimeridian shows no edge there, and the poles end below
// the tile.
func TestEdgesOfTheWorld(t *testing.T) {
	fiji := orb.MultiPolygon{
		{{{178, -18}, {180, -17.8}, {180, -16}, {178, -16}, {178, -18}}},
		{{{-180, -17.8}, {-179, -17}, {-180, -16}, {-180, -17.8}}},
	}
	antarctica := orb.Polygon{{
		{-180, -90}, {180, -90}, {180, -78}, {60, -66}, {-60, -70}, {-180, -78}, {-180, -90},
	}}
	unsplit := orb.Polygon{{{170, 10}, {190, 10}, {190, 20}, {170, 20}, {170, 10}}} // the same place twice over
	far := orb.Polygon{{{-200, 30}, {-190, 30}, {-190, 40}, {-200, 40}, {-200, 30}}}
	s := newSet(t, tile.Options{},
		geo.Feature{ID: geo.TextID("fiji"), Geometry: fiji},
		geo.Feature{ID: geo.TextID("antarctica"), Geometry: antarctica},
		geo.Feature{ID: geo.TextID("unsplit"), Geometry: unsplit},
		geo.Feature{ID: geo.TextID("far"), Geometry: far},
		geo.Feature{ID: geo.TextID("all"), Geometry: orb.Polygon{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}},
		geo.Feature{ID: geo.TextID("pole"), Geometry: orb.Point{0, 90}},
		geo.Feature{ID: geo.TextID("date line"), Geometry: orb.Point{180, 0}},
		geo.Feature{ID: geo.TextID("beyond"), Geometry: orb.Point{190, 0}},
	)
	for z := range uint8(7) {
		areas := map[any]float64{}
		n := int64(4096)
		last := uint32(1)<<z - 1
		tilesAt(t, s, z, func(a tile.Address, layers []tiletest.Layer) {
			for _, f := range layers[0].Features {
				areas[f.Properties["id"]] += cropped(f.Paths)
				for _, r := range f.Paths {
					for i, p := range r {
						q := r[(i+1)%len(r)]
						if f.Type == 3 && (p.X == 0 && q.X == 0 && a.X() == 0 || p.X == n && q.X == n && a.X() == last ||
							p.Y == n && q.Y == n && a.Y() == last) {
							t.Errorf("tile %v: %v has an edge along the edge of the world: %v-%v", a, f.Properties["id"], p, q)
						}
					}
				}
			}
		})
		size := math.Ldexp(4096, int(z))
		if got, want := areas["all"], size*size; got != want {
			t.Errorf("zoom %d: the world has %v, want %v", z, got, want)
		}
		for _, c := range []struct {
			id   string
			ring orb.Ring
		}{{"unsplit", unsplit[0]}, {"far", far[0]}} {
			if got, want := areas[c.id], mercatorArea(c.ring, z); math.Abs(got-want) > want*.2/math.Ldexp(1, int(z)) {
				t.Errorf("zoom %d: %s has %v, want %v", z, c.id, got, want)
			}
		}
		if areas["antarctica"] < size*size*.05 {
			t.Errorf("zoom %d: antarctica has %v", z, areas["antarctica"])
		}
	}
	// both halves of Fiji reach over the antimeridian as far as the buffer
	for _, c := range []struct {
		x    uint32
		edge int64
	}{{0, -64}, {63, 4160}} {
		reach := false
		for _, l := range decode(t, s, address(t, 6, c.x, 35), tile.Slice{}) {
			for _, f := range l.Features {
				for _, r := range f.Paths {
					for _, p := range r {
						reach = reach || f.Properties["id"] == "fiji" && p.X == c.edge
					}
				}
			}
		}
		if !reach {
			t.Errorf("column %d: Fiji does not reach %d", c.x, c.edge)
		}
	}
}

// What jumps over the antimeridian without being cut there covers what it does when cut.
func TestJumps(t *testing.T) {
	for _, c := range []struct {
		name      string
		jumps, ok orb.Geometry
	}{
		{
			"island",
			orb.Polygon{{{179, -17}, {-179, -17}, {-179, -16}, {179, -16}, {179, -17}}},
			orb.MultiPolygon{
				{{{179, -17}, {180, -17}, {180, -16}, {179, -16}, {179, -17}}},
				{{{-180, -17}, {-179, -17}, {-179, -16}, {-180, -16}, {-180, -17}}},
			},
		},
		{
			"with a lake in the west",
			orb.Polygon{
				{{-176, 50}, {-176, 60}, {176, 60}, {176, 50}, {-176, 50}},
				{{-178, 53}, {-178, 55}, {-177, 55}, {-177, 53}, {-178, 53}},
			},
			orb.MultiPolygon{
				{{{176, 50}, {180, 50}, {180, 60}, {176, 60}, {176, 50}}},
				{
					{{-180, 50}, {-176, 50}, {-176, 60}, {-180, 60}, {-180, 50}},
					{{-178, 53}, {-178, 55}, {-177, 55}, {-177, 53}, {-178, 53}},
				},
			},
		},
		{
			"edge on the wrong side",
			orb.Polygon{{{178, 65}, {178, 69}, {-180, 69}, {-180, 65}, {178, 65}}},
			orb.Polygon{{{178, 65}, {178, 69}, {180, 69}, {180, 65}, {178, 65}}},
		},
		{
			"round the south pole",
			orb.Polygon{{{-90, -70}, {0, -75}, {90, -70}, {176, -80}, {-176, -80}, {-90, -70}}},
			orb.Polygon{{{-180, -80}, {-176, -80}, {-90, -70}, {0, -75}, {90, -70}, {176, -80}, {180, -80}, {180, -90}, {-180, -90}, {-180, -80}}},
		},
		{
			"round the north pole, westwards, to the antimeridian",
			orb.Polygon{{{180, 80}, {90, 70}, {0, 75}, {-90, 70}, {-179, 75}, {180, 80}}},
			orb.Polygon{{{180, 80}, {90, 70}, {0, 75}, {-90, 70}, {-179, 75}, {-180, 80}, {-180, 90}, {180, 90}, {180, 80}}},
		},
		{
			"the world's middle, which does not jump",
			orb.Polygon{{{-180, -60}, {180, -60}, {180, 60}, {-180, 60}, {-180, -60}}},
			orb.MultiPolygon{
				{{{-180, -60}, {0, -60}, {0, 60}, {-180, 60}, {-180, -60}}},
				{{{0, -60}, {180, -60}, {180, 60}, {0, 60}, {0, -60}}},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := newSet(t, tile.Options{}, geo.Feature{Geometry: c.jumps}), newSet(t, tile.Options{}, geo.Feature{Geometry: c.ok})
			for z := range uint8(6) {
				areas := [2]float64{}
				for i, s := range []*tile.Set{a, b} {
					tilesAt(t, s, z, func(_ tile.Address, layers []tiletest.Layer) { areas[i] += total(layers[0].Features) })
				}
				if got, want := areas[0], areas[1]; math.Abs(got-want) > 8*math.Sqrt(want) {
					t.Errorf("zoom %d: area is %v, want %v", z, got, want)
				}
			}
		})
	}
	s := newSet(t, tile.Options{}, geo.Feature{Geometry: orb.LineString{{170, 10}, {179, 10}, {-179, 12}, {-170, 12}}})
	for _, x := range []uint32{0, 15} {
		layers := decode(t, s, address(t, 4, x, 7), tile.Slice{})
		if len(layers) != 1 || len(layers[0].Features[0].Paths) != 1 {
			t.Errorf("column %d: %v", x, layers)
		}
	}
	if b := s.Append(nil, address(t, 4, 8, 7), tile.Slice{}, nil); len(b) > 0 {
		t.Error("the line goes through Africa")
	}
}

// geometry reads any geometry out of bytes: most places are few and close together, so
// that points meet, and some are anywhere.
type geometryReader struct{ data []byte }

func (g *geometryReader) byte() byte {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return b
}

func (g *geometryReader) point() orb.Point {
	switch k := g.byte(); {
	case k < 200: // a lattice of 20 units at zoom 4
		return orb.Point{float64(k%14)*.1 - .7, float64(k/14)*.1 - .7}
	case k < 220:
		return orb.Point{float64(int8(g.byte())), float64(int8(g.byte()))}
	case k < 230: // edges of the world
		return orb.Point{float64(int(g.byte()%3)-1) * 180, float64(int(g.byte()%3)-1) * 90}
	default:
		if len(g.data) < 8 {
			return orb.Point{}
		}
		x, y := binary.LittleEndian.Uint32(g.data), binary.LittleEndian.Uint32(g.data[4:])
		g.data = g.data[8:]
		return orb.Point{float64(x)/math.MaxUint32*500 - 250, float64(y)/math.MaxUint32*200 - 100}
	}
}

func (g *geometryReader) points() (ps orb.LineString) {
	for n := int(g.byte() % 24); n > 0 && len(g.data) > 0; n-- {
		ps = append(ps, g.point())
	}
	return ps
}

func (g *geometryReader) polygon() (p orb.Polygon) {
	for n := 1 + int(g.byte()%3); n > 0; n-- {
		p = append(p, orb.Ring(g.points()))
	}
	return p
}

func (g *geometryReader) geometry(depth int) orb.Geometry {
	switch g.byte() % 10 {
	case 0:
		return g.point()
	case 1:
		return orb.MultiPoint(g.points())
	case 2:
		return g.points()
	case 3:
		return orb.MultiLineString{g.points(), g.points()}
	case 4:
		return orb.MultiPolygon{g.polygon(), g.polygon()}
	case 5:
		if depth > 2 {
			return nil
		}
		return orb.Collection{g.geometry(depth + 1), g.geometry(depth + 1)}
	case 6:
		return orb.Bound{Min: g.point(), Max: g.point()}
	default:
		return g.polygon()
	}
}

func FuzzAppend(f *testing.F) {
	for _, seed := range []string{
		"\x07\x00\x05\x00\x0e\x0f\x01\x00", "\x09\x02\x08abcdefgh\x06ijklmn", "\x04\x01\x0c0123456789ab\x05zyxwv",
		"\x08\x00\x17ABCDEFGHIJKLMNOPQRSTUVW", "\x05\x00\xf01234\x02\x05vwxyz",
		"\x07\x00\x08\xdd\x00\x00\xdd\x02\x00\xdd\x02\x01\xdd\x00\x01",
	} {
		f.Add([]byte(seed), uint8(4))
	}
	f.Fuzz(func(t *testing.T, data []byte, z uint8) {
		r := geometryReader{data}
		var fs []geo.Feature
		for len(r.data) > 0 && len(fs) < 6 {
			fs = append(fs, geo.Feature{Geometry: r.geometry(0)})
		}
		z %= 12
		grid := tile.Grid(len(data) / 2 % 2)
		s := newSet(t, tile.Options{Grid: grid, Labels: true, Borders: true, Small: tile.Small(len(data) % 2)}, fs...)
		columns, rows := grid.Size(z)
		for _, x := range []uint32{0, max(columns/2, 1) - 1, columns / 2, columns - 1} {
			for _, y := range []uint32{0, max(rows/2, 1) - 1, rows / 2, rows - 1} {
				a, err := grid.NewAddress(z, x, y)
				if err != nil {
					t.Fatal(err)
				}
				decode(t, s, a, tile.Slice{})
			}
		}
	})
}
