package tile_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

// The tiles of WorldCRS84Quad lie where OGC 17-083r4 §D.2 says.
func TestWorldCRS84Quad(t *testing.T) {
	for _, c := range []struct{ z, x, y, bound string }{
		{"0", "0", "0", "{[-180 -90] [0 90]}"},
		{"0", "1", "0", "{[0 -90] [180 90]}"},
		{"1", "3", "1", "{[90 -90] [180 0]}"},
		{"3", "9", "2", "{[22.5 22.5] [45 45]}"},
		{"0", "2", "0", ""},
		{"0", "0", "1", ""},
		{"1", "4", "0", ""},
		{"1", "0", "2", ""},
		{"22", "0", "0", ""},
		{"", "0", "0", ""},
		{"0", "+0", "0", ""},
	} {
		a, err := tile.WorldCRS84Quad.ParseAddress(c.z, c.x, c.y)
		if got := fmt.Sprint(a.Bound()); err == nil && got != c.bound || (err == nil) != (c.bound != "") {
			t.Errorf("%s/%s/%s: %s, %v; want %q", c.z, c.x, c.y, got, err, c.bound)
		}
		if err == nil && a.String() != c.z+"/"+c.x+"/"+c.y {
			t.Errorf("%s/%s/%s is %v", c.z, c.x, c.y, a)
		}
	}
	deep, err := tile.WorldCRS84Quad.NewAddress(3, 9, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := deep.Parent().Parent().Parent(); got.String() != "0/1/0" || got.Parent() != got {
		t.Errorf("above %v is %v", deep, got)
	}
	s := newSet(t, tile.Options{}, geo.Feature{Geometry: square()})
	if b := s.Append(nil, deep, tile.Slice{}, nil); len(b) > 0 {
		t.Error("a set in Web Mercator draws a tile of another grid")
	}
}

// In longitude and latitude, tiles keep every rule; areas are those of the data, as far as
// the poles; nothing shows the edge of the world; each label is in one tile.
func TestWorldCRS84QuadTiles(t *testing.T) {
	areas := newCoverage(14, orb.Bound{Min: orb.Point{-170, -80}, Max: orb.Point{170, 85}}, 6, 9, .2).features()
	fs := append(areas,
		geo.Feature{ID: geo.TextID("all"), Geometry: orb.Polygon{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}},
		geo.Feature{ID: geo.TextID("antarctica"), Geometry: orb.Polygon{{{-180, -90}, {180, -90}, {180, -78}, {60, -66}, {-60, -70}, {-180, -78}, {-180, -90}}}},
		geo.Feature{ID: geo.TextID("unsplit"), Geometry: orb.Polygon{{{170, 10}, {190, 10}, {190, 20}, {170, 20}, {170, 10}}}},
		geo.Feature{ID: geo.TextID("jumps"), Geometry: orb.Polygon{{{177, 60}, {-177, 60}, {-177, 70}, {177, 70}, {177, 60}}}},
	)
	s := newSet(t, tile.Options{Grid: tile.WorldCRS84Quad, Labels: true, Borders: true}, fs...)
	for z := range uint8(6) {
		unit := 4096 * math.Ldexp(1, int(z)) / 180 // of a degree
		got, labels := map[any]float64{}, map[any]int{}
		columns, rows := tile.WorldCRS84Quad.Size(z)
		for x := range columns {
			for y := range rows {
				a, err := tile.WorldCRS84Quad.NewAddress(z, x, y)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range decode(t, s, a, tile.Slice{}) {
					for _, f := range l.Features {
						if l.Name == "l:label" {
							labels[f.Properties["id"]]++
						}
						if l.Name != "l" {
							continue
						}
						got[f.Properties["id"]] += cropped(f.Paths)
						checkEdges(t, a, f, x == 0, x == columns-1, y == 0, y == rows-1)
					}
				}
			}
		}
		for _, f := range fs {
			var want float64
			id := f.ID.String()
			ring := f.Geometry.(orb.Polygon)[0]
			for i, p := range ring[1:] {
				want += (ring[i][0]*p[1] - p[0]*ring[i][1]) / 2 * unit * unit
			}
			if want = math.Abs(want); id == "jumps" {
				want = 60 * unit * unit
			}
			// a unit on either side of an outline of so many degrees is what rounding may do
			if math.Abs(got[id]-want) > want*.001+400*unit {
				t.Errorf("zoom %d: %s has %v, want %v", z, id, got[id], want)
			}
			if labels[id] != 1 {
				t.Errorf("zoom %d: %d labels of %s", z, labels[id], id)
			}
		}
		if size := 180 * unit; got["all"] != 2*size*size {
			t.Errorf("zoom %d: the world has %v, want %v", z, got["all"], 2*size*size)
		}
	}
}

// checkEdges fails if a ring of f has an edge along an edge of the world.
func checkEdges(t *testing.T, a tile.Address, f tiletest.Feature, west, east, north, south bool) {
	t.Helper()
	for _, r := range f.Paths {
		for i, p := range r {
			q := r[(i+1)%len(r)]
			if west && p.X == 0 && q.X == 0 || east && p.X == 4096 && q.X == 4096 ||
				north && p.Y == 0 && q.Y == 0 || south && p.Y == 4096 && q.Y == 4096 {
				t.Errorf("tile %v: %v has an edge along the edge of the world: %v-%v", a, f.Properties["id"], p, q)
			}
		}
	}
}
