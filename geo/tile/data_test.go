package tile_test

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func seq(fs []geo.Feature) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for _, f := range fs {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func newSet(tb testing.TB, o tile.Options, fs ...geo.Feature) *tile.Set {
	tb.Helper()
	if o.Layer == "" {
		o.Layer = "l"
	}
	s, err := tile.NewSet(seq(fs), o)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// decode returns the layers of what s appends for a, which must break no rule.
func decode(tb testing.TB, s *tile.Set, a tile.Address, slice tile.Slice) []tiletest.Layer {
	tb.Helper()
	tl, violations := tiletest.Decode(s.Append(nil, a, slice, nil))
	for _, v := range violations {
		tb.Errorf("tile %v: %v", a, v)
	}
	return tl.Layers
}

// tilesAt visits the tiles of zoom z in which s has something.
func tilesAt(tb testing.TB, s *tile.Set, z uint8, visit func(tile.Address, []tiletest.Layer)) {
	tb.Helper()
	var walk func(z0 uint8, x, y uint32)
	walk = func(z0 uint8, x, y uint32) {
		a := address(tb, z0, x, y)
		layers := decode(tb, s, a, tile.Slice{})
		switch {
		case len(layers) == 0:
		case z0 == z:
			visit(a, layers)
		default:
			for i := range uint32(4) {
				walk(z0+1, 2*x+i&1, 2*y+i>>1)
			}
		}
	}
	walk(0, 0, 0)
}

// A coverage is cells by cells areas without gap or overlap, whose common borders are as
// crooked as a coast.
type coverage struct {
	cells   int
	borders map[[2]int]orb.LineString // between two nodes, the smaller number first
	nodes   []orb.Point
}

// newCoverage divides bound; each border gets 2^detail edges.
func newCoverage(seed uint64, bound orb.Bound, cells, detail int, rough float64) *coverage {
	r := rand.New(rand.NewPCG(seed, 1))
	c := &coverage{cells: cells, borders: map[[2]int]orb.LineString{}}
	w, h := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
	step := 1 / float64(cells)
	for y := range cells + 1 {
		for x := range cells + 1 {
			p := orb.Point{float64(x) * step, float64(y) * step}
			if x > 0 && x < cells {
				p[0] += (r.Float64() - .5) * step / 2
			}
			if y > 0 && y < cells {
				p[1] += (r.Float64() - .5) * step / 2
			}
			c.nodes = append(c.nodes, orb.Point{bound.Min[0] + p[0]*w, bound.Min[1] + p[1]*h})
		}
	}
	for y := range cells + 1 {
		for x := range cells + 1 {
			i := y*(cells+1) + x
			if x < cells {
				c.border(r, i, i+1, detail, rough)
			}
			if y < cells {
				c.border(r, i, i+cells+1, detail, rough)
			}
		}
	}
	return c
}

func (c *coverage) border(r *rand.Rand, i, k, detail int, rough float64) {
	l := orb.LineString{c.nodes[i], c.nodes[k]}
	for range detail { // displace middles
		finer := orb.LineString{l[0]}
		for n := 1; n < len(l); n++ {
			a, b := l[n-1], l[n]
			d := (r.Float64() - .5) * rough
			finer = append(finer, orb.Point{
				(a[0]+b[0])/2 - (b[1]-a[1])*d,
				(a[1]+b[1])/2 + (b[0]-a[0])*d,
			}, b)
		}
		l = finer
	}
	c.borders[[2]int{i, k}] = l
}

// ring returns the border of the cells from x0, y0 up to x1, y1.
func (c *coverage) ring(x0, y0, x1, y1 int) orb.Ring {
	var out orb.Ring
	node := func(x, y int) int { return y*(c.cells+1) + x }
	along := func(i, k int) {
		l, ok := c.borders[[2]int{i, k}]
		if !ok {
			l = c.borders[[2]int{k, i}].Clone()
			l.Reverse()
		}
		if len(out) > 0 {
			l = l[1:]
		}
		out = append(out, l...)
	}
	for x := x0; x < x1; x++ {
		along(node(x, y0), node(x+1, y0))
	}
	for y := y0; y < y1; y++ {
		along(node(x1, y), node(x1, y+1))
	}
	for x := x1; x > x0; x-- {
		along(node(x, y1), node(x-1, y1))
	}
	for y := y1; y > y0; y-- {
		along(node(x0, y), node(x0, y-1))
	}
	return out
}

// features returns each cell as a feature.
func (c *coverage) features() []geo.Feature {
	var fs []geo.Feature
	for y := range c.cells {
		for x := range c.cells {
			fs = append(fs, geo.Feature{
				ID:       geo.TextID(fmt.Sprintf("%d-%d", x, y)),
				Geometry: orb.Polygon{c.ring(x, y, x+1, y+1)},
			})
		}
	}
	return fs
}

func year(y int64) period.Period {
	const ms = 365.2425 * 24 * 3600 * 1000
	return period.New(period.Instant(float64(y-1970)*ms), period.Instant(float64(y-1969)*ms))
}

// mercator returns p in units of tiles of zoom z, from the north-west of the world.
func mercator(p orb.Point, z uint8) (x, y float64) {
	size := math.Ldexp(4096, int(z))
	lat := min(max(p[1], -85.05112877980659), 85.05112877980659) * math.Pi / 180
	return (p[0] + 180) / 360 * size, (1 - math.Asinh(math.Tan(lat))/math.Pi) / 2 * size
}

func mercatorArea(r orb.Ring, z uint8) float64 {
	var sum float64
	ox, oy := mercator(r[0], z)
	ax, ay := 0.0, 0.0
	for _, p := range r {
		bx, by := mercator(p, z)
		bx, by = bx-ox, by-oy
		sum += ax*by - bx*ay
		ax, ay = bx, by
	}
	return math.Abs(sum) / 2
}

// cropped returns the area of rings within the tile itself, without buffer.
func cropped(rings [][]tiletest.Point) float64 {
	var sum float64
	for _, r := range rings {
		pts := make([][2]float64, len(r))
		for i, p := range r {
			pts[i] = [2]float64{float64(p.X), float64(p.Y)}
		}
		for side := range 4 {
			axis, at, dir := side%2, 0.0, 1.0
			if side >= 2 {
				at, dir = 4096, -1
			}
			var out [][2]float64
			for i, b := range pts {
				a := pts[(i+len(pts)-1)%len(pts)]
				da, db := (a[axis]-at)*dir, (b[axis]-at)*dir
				if da < 0 != (db < 0) {
					t := da / (da - db)
					c := [2]float64{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
					c[axis] = at
					out = append(out, c)
				}
				if db >= 0 {
					out = append(out, b)
				}
			}
			pts = out
		}
		for i, b := range pts {
			a := pts[(i+len(pts)-1)%len(pts)]
			sum += a[0]*b[1] - b[0]*a[1]
		}
	}
	return sum / 2
}
