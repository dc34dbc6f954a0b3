//go:build proof

package tile_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

// naturalEarth reads the countries at 1:10,000,000 out of npm's world-atlas (TopoJSON).
func naturalEarth(t *testing.T) []geo.Feature {
	t.Helper()
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = "testdata/npm"
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	b, err := os.ReadFile("testdata/npm/node_modules/world-atlas/countries-10m.json")
	if err != nil {
		t.Fatal(err)
	}
	var topo struct {
		Transform struct{ Scale, Translate [2]float64 }
		Arcs      [][][2]float64
		Objects   struct {
			Countries struct {
				Geometries []struct {
					Type       string
					Arcs       json.RawMessage
					Properties struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal(b, &topo); err != nil {
		t.Fatal(err)
	}
	arcs := make([]orb.LineString, len(topo.Arcs))
	for i, arc := range topo.Arcs {
		var at [2]float64 // points are relative to the one before
		for _, d := range arc {
			p := orb.Point{}
			for k := range 2 {
				at[k] += d[k]
				p[k] = at[k]*topo.Transform.Scale[k] + topo.Transform.Translate[k]
			}
			arcs[i] = append(arcs[i], p)
		}
	}
	ring := func(refs []int) (r orb.Ring) {
		for _, ref := range refs {
			arc := arcs[max(ref, ^ref)].Clone()
			if ref < 0 {
				arc.Reverse()
			}
			if len(r) > 0 {
				arc = arc[1:]
			}
			r = append(r, arc...)
		}
		return r
	}
	var fs []geo.Feature
	for _, g := range topo.Objects.Countries.Geometries {
		var polygons [][][]int
		if g.Type == "Polygon" {
			polygons = make([][][]int, 1)
			err = json.Unmarshal(g.Arcs, &polygons[0])
		} else {
			err = json.Unmarshal(g.Arcs, &polygons)
		}
		if err != nil {
			t.Fatal(err)
		}
		var mp orb.MultiPolygon
		for _, p := range polygons {
			var polygon orb.Polygon
			for _, r := range p {
				polygon = append(polygon, ring(r))
			}
			mp = append(mp, polygon)
		}
		fs = append(fs, geo.Feature{ID: geo.TextID(g.Properties.Name), Geometry: mp})
	}
	return fs
}

// All tiles of the countries at 1:10,000,000 down to zoom 10 keep every rule, and no
// country vanishes.
func TestNaturalEarth(t *testing.T) {
	fs := naturalEarth(t)
	s := newSet(t, tile.Options{Labels: true, Layer: "countries"}, fs...)
	for z := uint8(0); z <= 10; z++ {
		tiles, labels := 0, 0
		seen := make(map[any]bool)
		tilesAt(t, s, z, func(_ tile.Address, layers []tiletest.Layer) {
			tiles++
			for _, l := range layers {
				if l.Name != "countries" {
					labels += len(l.Features)
					continue
				}
				for _, f := range l.Features {
					seen[f.Properties["id"]] = true
				}
			}
		})
		for _, f := range fs {
			if !seen[f.ID.String()] {
				t.Errorf("zoom %d: %s has vanished", z, f.ID)
			}
		}
		if labels != len(fs) {
			t.Errorf("zoom %d: %d labels, want %d", z, labels, len(fs))
		}
		t.Logf("zoom %d: %d tiles", z, tiles)
	}
}

// From zoom 8 on, areas of polygons of at least 1,000 square pixels, at 512 to a tile,
// are within a thousandth of the source's: of those that tiles cut, the sum over tiles of
// what lies within each, without the buffer.
func TestNaturalEarthAreas(t *testing.T) {
	var fs []geo.Feature
	for _, f := range naturalEarth(t) {
		for i, p := range f.Geometry.(orb.MultiPolygon) {
			fs = append(fs, geo.Feature{ID: geo.TextID(fmt.Sprint(f.ID, " ", i)), Geometry: p})
		}
	}
	s := newSet(t, tile.Options{}, fs...)
	for z := uint8(4); z <= 10; z++ {
		areas, tiles := make(map[any]float64), make(map[any]int)
		tilesAt(t, s, z, func(_ tile.Address, layers []tiletest.Layer) {
			for _, f := range layers[0].Features {
				areas[f.Properties["id"]] += cropped(f.Paths)
				tiles[f.Properties["id"]]++
			}
		})
		worst, of, compared := [2]float64{}, [2]string{}, 0 // of those uncut and cut
		for _, f := range fs {
			var want float64
			var rings []geom.LineString
			for i, r := range f.Geometry.(orb.Polygon) {
				r = r.Clone()
				for k := range r { // Fiji and Russia jump over the antimeridian, and back
					if k > 0 && math.Abs(r[k][0]-r[k-1][0]) > 300 {
						r[k][0] += math.Copysign(360, r[k-1][0]-r[k][0])
					}
				}
				var xy []float64
				for _, p := range r {
					xy = append(xy, p[0], p[1])
				}
				rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
				if i == 0 {
					want += mercatorArea(r, z)
				} else {
					want -= mercatorArea(r, z)
				}
			}
			if want < 1000*8*8 || geom.NewPolygon(rings).Validate() != nil {
				continue // the area of what crosses itself is a matter of taste
			}
			compared++
			id := f.ID.String()
			cut := min(tiles[id], 2) - 1
			if d := math.Abs(areas[id]/want - 1); d > worst[cut] {
				worst[cut], of[cut] = d, id
			}
		}
		if z >= 8 && max(worst[0], worst[1]) > .001 {
			t.Errorf("zoom %d: areas are wrong by more than a thousandth", z)
		}
		t.Logf("zoom %d: areas of %d polygons within %.4f %% (%s), cut ones within %.4f %% (%s)",
			z, compared, worst[0]*100, of[0], worst[1]*100, of[1])
	}
}
