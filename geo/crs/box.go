package crs

import (
	"errors"
	"math"

	"github.com/paulmach/orb"
)

// ErrBox is returned for a box that is none: a minimum above its maximum, or
// degrees that there are not.
var ErrBox = errors.New("no box of the coordinate system: write both minima in the order of its axes, then both maxima")

// Box returns the box with the given corners, in the order of c's axes, in
// lon, lat: bounds that cover it, two where it crosses the antimeridian. Where
// bounds are more than the box, shape is the box itself, with edges cut into pieces so
// short that they bend as its own do; a longitude of it may lie beyond 180 degrees.
func (c CRS) Box(lo, hi orb.Point) (bounds []orb.Bound, shape orb.Polygon, err error) {
	switch c.kind {
	case north, south:
		return c.zoneBox(lo, hi)
	case mercator:
		edge := math.Pi * radius // the square of the map; what lies beyond is nowhere
		for i := range 2 {
			lo[i], hi[i] = max(-edge, min(lo[i], edge)), max(-edge, min(hi[i], edge))
		}
		lo[1], hi[1] = pole(lo[1], edge), pole(hi[1], edge)
	}
	lo, hi = c.Inverse(lo), c.Inverse(hi)
	if lo[1] > hi[1] || lo[1] < -90 || hi[1] > 90 || math.Abs(lo[0]) > 180.000001 || math.Abs(hi[0]) > 180.000001 {
		return nil, nil, ErrBox
	}
	return split(lo, hi), nil, nil
}

// pole makes of the edge of Web Mercator the pole: what Forward puts there lies beyond.
func pole(y, edge float64) float64 {
	if math.Abs(y) == edge {
		return math.Copysign(math.Inf(1), y)
	}
	return y
}

// split returns the box from lo to hi, as two if it crosses the antimeridian: then
// lo lies east of hi, or one of them beyond.
func split(lo, hi orb.Point) []orb.Bound {
	west, east := lo[0], hi[0]
	if east-west >= 360 {
		west, east = -180, 180
	}
	for _, edge := range [2]*float64{&west, &east} {
		switch {
		case *edge < -180:
			*edge += 360
		case *edge > 180:
			*edge -= 360
		}
	}
	if west <= east {
		return []orb.Bound{{Min: orb.Point{west, lo[1]}, Max: orb.Point{east, hi[1]}}}
	}
	return []orb.Bound{{Min: orb.Point{west, lo[1]}, Max: orb.Point{180, hi[1]}}, {Min: orb.Point{-180, lo[1]}, Max: orb.Point{east, hi[1]}}}
}

// How far from the middle of its zone, and how far north or south, a box of UTM
// reaches at most, in metres: beyond 30 degrees of longitude nobody should use it.
const (
	mostEast  = 3_300_000
	mostNorth = 9_990_000
)

func (c CRS) zoneBox(lo, hi orb.Point) ([]orb.Bound, orb.Polygon, error) {
	if lo[0] > hi[0] || lo[1] > hi[1] {
		return nil, nil, ErrBox
	}
	clamp := func(p orb.Point) orb.Point {
		return orb.Point{
			max(falseEast-mostEast, min(p[0], falseEast+mostEast)),
			max(c.origin()-mostNorth, min(p[1], c.origin()+mostNorth)),
		}
	}
	lo, hi = clamp(lo), clamp(hi)
	shape := c.Unproject(orb.Bound{Min: lo, Max: hi}.ToPolygon()).(orb.Polygon) //nolint:forcetypeassert // one becomes one
	bound := shape.Bound()
	return split(bound.Min, bound.Max), shape, nil
}

// Unproject returns g, which is in c, in lon, lat. The edges of zones of UTM and
// of Web Mercator are cut into pieces, of a kilometre or more, so that they bend
// where those of c do. g is only read.
func (c CRS) Unproject(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return c.Inverse(g)
	case orb.MultiPoint:
		return orb.MultiPoint(each(g, c.Inverse))
	case orb.LineString:
		return orb.LineString(c.line(g))
	case orb.MultiLineString:
		return orb.MultiLineString(each(g, func(l orb.LineString) orb.LineString { return c.line(l) }))
	case orb.Polygon:
		return c.polygon(g)
	case orb.MultiPolygon:
		return orb.MultiPolygon(each(g, c.polygon))
	case orb.Collection:
		return orb.Collection(each(g, c.Unproject))
	}
	return g
}

func (c CRS) polygon(p orb.Polygon) orb.Polygon {
	return each(p, func(r orb.Ring) orb.Ring { return c.line(orb.LineString(r)) })
}

func each[T any](list []T, f func(T) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// line returns the places of a line in lon, lat.
func (c CRS) line(line orb.LineString) []orb.Point {
	out := make([]orb.Point, 0, len(line))
	for i, p := range line {
		if i > 0 && c.kind >= mercator {
			last := line[i-1]
			dx, dy := p[0]-last[0], p[1]-last[1]
			for n, k := min(int(math.Hypot(dx, dy)/1000), 256), 1; k < n; k++ {
				f := float64(k) / float64(n)
				out = append(out, c.Inverse(orb.Point{last[0] + f*dx, last[1] + f*dy}))
			}
		}
		out = append(out, c.Inverse(p))
	}
	return out
}
