package tile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"

	"kharita/geo"
	"kharita/geo/tile"
)

// A town is a feature of points: towns are where towns are, in clusters, some large and
// most small.
func towns(n int) []geo.Feature {
	r := rand.New(rand.NewPCG(41, 1))
	names := geo.NewNames("name", "country", "population", "capital")
	centres := make([]orb.Point, 300)
	for i := range centres {
		centres[i] = orb.Point{r.Float64()*340 - 170, r.Float64()*120 - 55}
	}
	fs := make([]geo.Feature, n)
	for i := range fs {
		c := centres[int(float64(len(centres))*r.Float64()*r.Float64())]
		fs[i] = geo.Feature{
			ID:       geo.TextID(fmt.Sprint("town-", i)),
			Geometry: orb.Point{c[0] + r.NormFloat64()*3, min(max(c[1]+r.NormFloat64()*2, -84), 84)},
			Properties: geo.NewProperties(names, []geo.Value{
				geo.StringValue(fmt.Sprintf("Town %x", r.Uint32N(1<<19))),
				geo.StringValue(fmt.Sprintf("C%d", r.IntN(200))),
				geo.IntValue(int64(r.ExpFloat64() * 9000)),
				geo.BoolValue(r.IntN(1000) == 0),
			}),
		}
	}
	return fs
}

// blobs returns n polygons of 16 vertices.
func blobs(n int) []geo.Feature {
	r := rand.New(rand.NewPCG(42, 1))
	names := geo.NewNames("name", "kind")
	fs := make([]geo.Feature, n)
	for i := range fs {
		x, y, size := r.Float64()*340-170, r.Float64()*140-70, .05+r.Float64()
		var ring orb.Ring
		for k := range 16 {
			sin, cos := math.Sincos(float64(k) / 8 * math.Pi)
			d := size * (.6 + .4*r.Float64())
			ring = append(ring, orb.Point{x + cos*d, y + sin*d})
		}
		fs[i] = geo.Feature{
			ID: geo.TextID(fmt.Sprint("blob-", i)), Geometry: orb.Polygon{append(ring, ring[0])},
			Properties: geo.NewProperties(names, []geo.Value{geo.StringValue(fmt.Sprint("Blob ", i)), geo.IntValue(int64(i % 7))}),
		}
	}
	return fs
}

// countries are 256 areas with as many vertices together as Natural Earth's 10 m
// countries.
func countries() []geo.Feature {
	return newCoverage(43, orb.Bound{Min: orb.Point{-170, -60}, Max: orb.Point{170, 75}}, 16, 9, .25).features()
}

// BenchmarkTile makes cold tiles, all at one zoom and in turn, as they come from a set,
// and as orb makes them: clip, simplify, project, marshal, from features found by their
// bounds. "of orb" is orb's time as a multiple of ours.
func BenchmarkTile(b *testing.B) {
	for _, data := range []struct {
		name       string
		fs         []geo.Feature
		properties []string
		zooms      []uint8
	}{
		{"towns=171075", towns(171075), []string{"name", "country", "population", "capital"}, []uint8{0, 3, 6, 9}},
		{"countries=524288", countries(), nil, []uint8{0, 3, 6, 9}},
		{"blobs=10000", blobs(10000), []string{"name", "kind"}, []uint8{0, 3, 6}},
	} {
		s := newSet(b, tile.Options{Properties: data.properties}, data.fs...)
		for _, z := range data.zooms {
			var addresses []tile.Address
			r := rand.New(rand.NewPCG(44, uint64(z)))
			for len(addresses) < min(1<<(2*z), 64) {
				var p orb.Point
				switch g := data.fs[r.IntN(len(data.fs))].Geometry.(type) {
				case orb.Point:
					p = g
				case orb.Polygon:
					p = g[0][r.IntN(len(g[0]))]
				}
				x, y := mercator(p, z)
				addresses = append(addresses, address(b, z, uint32(x/4096), uint32(y/4096)))
			}
			var base float64
			b.Run(fmt.Sprintf("%s/z=%d/kharita", data.name, z), func(b *testing.B) {
				buf := make([]byte, 0, 1<<25)
				for _, a := range addresses { // builds the level
					buf = s.Append(buf[:0], a, tile.Slice{}, nil)
				}
				b.ReportAllocs()
				i, bytes := 0, 0
				for b.Loop() {
					buf = s.Append(buf[:0], addresses[i%len(addresses)], tile.Slice{}, nil)
					bytes += len(buf)
					i++
				}
				b.ReportMetric(float64(bytes)/float64(i), "tile-B")
				base = float64(b.Elapsed().Nanoseconds()) / float64(i)
			})
			b.Run(fmt.Sprintf("%s/z=%d/orb", data.name, z), func(b *testing.B) {
				o := newOrbPipeline(data.fs)
				b.ReportAllocs()
				i, bytes := 0, 0
				for b.Loop() {
					bytes += len(o.tile(b, addresses[i%len(addresses)]))
					i++
				}
				b.ReportMetric(float64(bytes)/float64(i), "tile-B")
				if base > 0 {
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i)/base, "×kharita")
				}
			})
		}
	}
}

// orbPipeline makes tiles with orb's own parts.
type orbPipeline struct {
	features []*geojson.Feature
	bounds   []orb.Bound
}

func newOrbPipeline(fs []geo.Feature) *orbPipeline {
	o := &orbPipeline{}
	for _, f := range fs {
		g := geojson.NewFeature(f.Geometry)
		g.Properties["id"] = f.ID.String()
		for name, v := range f.Properties.All() {
			switch v.Kind() {
			case geo.Int:
				i, _ := v.Int()
				g.Properties[name] = i
			case geo.Bool:
				g.Properties[name] = v.Bool()
			default:
				g.Properties[name] = v.Text()
			}
		}
		o.features = append(o.features, g)
		o.bounds = append(o.bounds, f.Geometry.Bound())
	}
	return o
}

func (o *orbPipeline) tile(tb testing.TB, a tile.Address) []byte {
	tb.Helper()
	t := maptile.New(a.X(), a.Y(), maptile.Zoom(a.Z()))
	bound := t.Bound(64. / 4096)
	tolerance := 360 / math.Ldexp(4096, int(a.Z())) * 4 // degrees in four units
	fc := geojson.NewFeatureCollection()
	for i, f := range o.features {
		if !o.bounds[i].Intersects(bound) {
			continue
		}
		g := clip.Geometry(bound, orb.Clone(f.Geometry))
		if g == nil {
			continue
		}
		if g = simplify.DouglasPeucker(tolerance).Simplify(g); g == nil {
			continue
		}
		c := *f
		c.Geometry = g
		fc.Append(&c)
	}
	layers := mvt.NewLayers(map[string]*geojson.FeatureCollection{"l": fc})
	layers.ProjectToTile(t)
	b, err := mvt.Marshal(layers)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// BenchmarkNewSet makes a set ready for its first tile.
func BenchmarkNewSet(b *testing.B) {
	for _, data := range []struct {
		name string
		fs   []geo.Feature
	}{{"towns=171075", towns(171075)}, {"countries=524288", countries()}} {
		b.Run(data.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newSet(b, tile.Options{Properties: []string{"name", "country", "population", "capital"}}, data.fs...)
			}
		})
	}
}

// BenchmarkLevel makes the pyramid's level of a zoom, on the first of which hangs the
// simplification of all arcs.
func BenchmarkLevel(b *testing.B) {
	fs := countries()
	for _, z := range []uint8{0, 6, 12} {
		b.Run(fmt.Sprintf("countries=524288/first=%d", z), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := newSet(b, tile.Options{}, fs...)
				x, y := mercator(fs[0].Geometry.(orb.Polygon)[0][0], z)
				a := address(b, z, uint32(x/4096), uint32(y/4096))
				b.StartTimer()
				s.Append(nil, a, tile.Slice{}, nil)
			}
		})
	}
}
