package tile_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

// changing are areas without gap or overlap that hold at changing times, some for sure and
// some perhaps, several of them twice.
func changing(seed uint64) []geo.Feature {
	r := rand.New(rand.NewPCG(seed, 1))
	c := newCoverage(seed, middleEast(), 6, 7, .25)
	var fs []geo.Feature
	for y := range 6 {
		for x := range 6 {
			start := period.Instant(r.Int64N(30))
			for version := range 1 + r.IntN(2) {
				end := start + 1 + period.Instant(r.Int64N(20))
				possible := period.New(start, end)
				certain := period.New(start+period.Instant(r.Int64N(4)), end-period.Instant(r.Int64N(4)))
				fs = append(fs, geo.Feature{
					ID: geo.TextID(fmt.Sprint(x, "-", y, "-", version)), Geometry: orb.Polygon{c.ring(x, y, x+1, y+1)},
					Valid: period.Valid{Possible: possible, Certain: certain.Intersect(possible)},
				})
				start = end + period.Instant(r.Int64N(8))
			}
		}
	}
	return fs
}

// At each instant and zoom the borders are the edges that one of the areas of that instant
// has and no other, drawn to the unit as the areas are: the outline of their union.
func TestBorders(t *testing.T) {
	s := newSet(t, tile.Options{Layer: "held", Borders: true, Small: tile.Drop}, changing(81)...)
	for z := uint8(0); z <= 7; z++ {
		for _, a := range []tile.Address{pointTile(t, z, orb.Point{45, 33}), pointTile(t, z, orb.Point{52, 38})} {
			for _, reading := range []period.Reading{period.Possible, period.Certain} {
				changes, _ := s.Changes(a, reading)
				for i, at := range append(changes, -1) {
					if z > 1 && (i+int(z))%3 > 0 {
						continue // the oracle takes its time
					}
					areas := map[[2]tiletest.Point]int{}
					lines := map[[2]tiletest.Point]int{}
					var polygons []tiletest.Feature
					for _, l := range decode(t, s, a, tile.Slice{Valid: period.At(at), Reading: reading}) {
						if strings.HasSuffix(l.Name, ":border") {
							l.Features = slices.DeleteFunc(l.Features, func(f tiletest.Feature) bool {
								return reading == period.Possible && f.Properties["reading"] == "certain"
							})
							lines = edgesOf(l)
						} else {
							areas, polygons = edgesOf(l), l.Features
						}
					}
					want := 0
					for e, n := range areas {
						if inBuffer(e[0]) || inBuffer(e[1]) {
							continue // what cuts areas and lines differs
						}
						if n == 1 {
							want++
						}
						if n != 2-min(lines[e], 1) || lines[e] > 1 {
							t.Errorf("tile %v at %d: edge %v is of %d areas and of %d borders", a, at, e, n, lines[e])
						}
					}
					got := 0
					for e := range lines {
						if inBuffer(e[0]) || inBuffer(e[1]) {
							continue
						}
						if got++; areas[e] == 0 {
							t.Errorf("tile %v at %d: border %v is of no area", a, at, e)
						}
					}
					if got != want {
						t.Errorf("tile %v at %d: %d edges of borders, want %d", a, at, got, want)
					}
					if z == 4 && at%7 == 0 {
						checkOutline(t, polygons, lines)
					}
				}
			}
		}
	}
}

// checkOutline compares the borders with the outline of the union, both within the tile.
func checkOutline(t *testing.T, areas []tiletest.Feature, lines map[[2]tiletest.Point]int) {
	t.Helper()
	if len(areas) == 0 {
		return
	}
	var union geom.Geometry
	for i, f := range areas {
		g := polygon(t, f.Paths)
		if i == 0 {
			union = g
			continue
		}
		u, err := geom.Union(union, g)
		if err != nil {
			t.Fatal(err)
		}
		union = u
	}
	inner := geom.NewEnvelope(geom.XY{X: 0, Y: 0}, geom.XY{X: 4096, Y: 4096}).AsGeometry()
	outline, err := geom.Intersection(union.Boundary(), inner)
	if err != nil {
		t.Fatal(err)
	}
	var list []geom.LineString
	for e := range lines {
		list = append(list, geom.NewLineString(geom.NewSequence([]float64{float64(e[0].X), float64(e[0].Y), float64(e[1].X), float64(e[1].Y)}, geom.DimXY)))
	}
	drawn, err := geom.Intersection(geom.NewMultiLineString(list).AsGeometry(), inner)
	if err != nil {
		t.Fatal(err)
	}
	// where simplifying has turned a tip over, by less than a pixel, two areas overlap: both
	// of their edges are borders, and none is outline
	if got, want := drawn.Length(), outline.Length(); math.Abs(got-want) > .005*want {
		t.Errorf("borders are %v long, the outline of the union is %v", got, want)
	}
}

// All borders of all times come at once, each with an id of its own, its reading and the
// time in which it is one.
func TestBordersOfAllTimes(t *testing.T) {
	s := newSet(t, tile.Options{Layer: "held", Borders: true}, changing(82)...)
	ids := map[uint64]bool{}
	readings := map[any]int{}
	for _, l := range decode(t, s, tile.Address{}, tile.Slice{}) {
		if l.Name != "held:border" {
			continue
		}
		for _, f := range l.Features {
			if ids[f.ID] || f.Type != 2 {
				t.Errorf("feature %d of type %d", f.ID, f.Type)
			}
			ids[f.ID] = true
			readings[f.Properties["reading"]]++
			if f.Properties["valid_from"] == nil || f.Properties["valid_until"] == nil {
				t.Errorf("properties %v", f.Properties)
			}
		}
	}
	if len(readings) != 3 || readings["possible"] == 0 || readings["certain"] == 0 {
		t.Errorf("readings %v", readings)
	}
	if b := s.Append(nil, tile.Address{}, tile.Slice{}, func(int) bool { return true }); strings.Contains(string(b), "held:border") {
		t.Error("borders of some areas only")
	}
}

// Of a longer time those borders of which the other side is held at no time of it are the
// edges that one of the areas held at some time has, in one version or more.
func TestBordersOfLongerTime(t *testing.T) {
	s := newSet(t, tile.Options{Layer: "held", Borders: true, Small: tile.Drop}, changing(85)...)
	a := pointTile(t, 4, orb.Point{45, 33})
	for _, asked := range []period.Period{{}, period.New(5, 20), period.New(12, 30), period.From(18), period.Until(15)} {
		lo, hi := asked.Limits()
		areas, lines := map[[2]tiletest.Point]int{}, map[[2]tiletest.Point]int{}
		inside := 0
		for _, l := range decode(t, s, a, tile.Slice{Valid: asked, Reading: period.Certain}) {
			all := len(l.Features)
			if l.Name == "held" {
				versions := map[string]bool{}
				l.Features = slices.DeleteFunc(l.Features, func(f tiletest.Feature) bool {
					shape := fmt.Sprint(f.Paths)
					seen := versions[shape]
					versions[shape] = true
					return seen
				})
				areas = edgesOf(l)
				continue
			}
			l.Features = slices.DeleteFunc(l.Features, func(f tiletest.Feature) bool {
				from, hasFrom := f.Properties["alone_from"].(uint64)
				until, hasUntil := f.Properties["alone_until"].(uint64)
				return hasFrom && int64(from) > int64(lo) || hasUntil && int64(until) < int64(hi)
			})
			lines = edgesOf(l)
			inside += all - len(l.Features)
		}
		some := 0
		for e, n := range areas {
			if inBuffer(e[0]) || inBuffer(e[1]) {
				continue
			}
			if (n == 1) != (lines[e] > 0) {
				t.Errorf("%v: edge %v is of %d areas and of %d borders", asked, e, n, lines[e])
			}
			some += n % 2
		}
		if some == 0 || inside == 0 {
			t.Errorf("%v: %d edges of the outline, %d borders inside", asked, some, inside)
		}
	}
}

// TestBordersLater: the borders made of a set that appends none are those that it would
// append, whether it was made of features or kept, while others draw from it; the set
// itself and what is kept stay as they were.
func TestBordersLater(t *testing.T) {
	timeless := changing(84)
	for i := range timeless {
		timeless[i].Valid = period.Valid{}
	}
	for name, fs := range map[string][]geo.Feature{"timed": changing(83), "timeless": timeless} {
		t.Run(name, func(t *testing.T) {
			sources := func(borders bool, k tile.Keeper) []tile.Source {
				o := tile.Options{Layer: "held", Borders: borders, MinZoom: 1, MaxZoom: 6}
				along := []geo.Feature{{ID: geo.TextID("l"), Geometry: orb.LineString(fs[0].Geometry.(orb.Polygon)[0])}}
				return []tile.Source{{Features: seq(fs), Options: o, Keeper: k}, {Features: seq(along), Options: tile.Options{Layer: "lines", Borders: borders}}}
			}
			want := newSets(t, sources(true, nil)...)[0]
			k := newShelf(t)
			made := newSets(t, sources(false, k)...)[0]
			kept := newSets(t, sources(false, k)...)[0]
			dates := []tile.Slice{{}, {Valid: period.At(9)}, {Valid: period.At(15), Reading: period.Certain}}
			some := 0
			for _, s := range []*tile.Set{made, kept} {
				for z := range uint8(8) {
					a := pointTile(t, z, orb.Point{45, 33})
					for _, slice := range dates {
						var plain, borders []byte
						var g sync.WaitGroup
						g.Go(func() { plain = s.Append(nil, a, slice, nil) })
						g.Go(func() { borders = s.Borders().Append(nil, a, slice, nil) })
						g.Wait()
						if got := append(plain, borders...); !bytes.Equal(got, want.Append(nil, a, slice, nil)) {
							t.Errorf("tile %v of %v differs", a, slice)
						}
						if again := s.Append(nil, a, slice, nil); !bytes.Equal(again, plain) {
							t.Errorf("tile %v of %v is another afterwards", a, slice)
						}
						some += len(borders)
					}
				}
			}
			if some == 0 {
				t.Error("no borders")
			}
			for _, kind := range k.put {
				if strings.Contains(kind, "border") {
					t.Errorf("%s is kept", kind)
				}
			}
		})
	}
}
