// Package overlay cuts areas by each other: what one has that another has not,
// what both have.
//
// It is for questions that are asked once and kept, not for the way of a tile: a
// pair of small polygons takes half a millisecond.
package overlay

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
)

// ErrOverlay is an overlay that could not be made, or not be trusted: a shape
// crosses itself, or the parts don't add up to the whole.
var ErrOverlay = errors.New("overlay")

// Split cuts two areas, in lon, lat, into what only a covers, what both cover and
// what only b covers. The parts add up: where their areas on the ground differ by
// more than a millionth from those of a and b, the error is ErrOverlay, as it is
// for rings that cross themselves. Slivers below a square metre are left out. a
// and b are only read; the parts are the caller's.
func Split(a, b orb.MultiPolygon) (onlyA, both, onlyB orb.MultiPolygon, err error) {
	defer recovered(&err)
	if !a.Bound().Intersects(b.Bound()) {
		return a.Clone(), nil, b.Clone(), nil
	}
	ga, gb := toGeom(a), toGeom(b)
	for _, part := range []struct {
		to  *orb.MultiPolygon
		cut func() (geom.Geometry, error)
	}{
		{&onlyA, func() (geom.Geometry, error) { return geom.Difference(ga, gb) }},
		{&both, func() (geom.Geometry, error) { return geom.Intersection(ga, gb) }},
		{&onlyB, func() (geom.Geometry, error) { return geom.Difference(gb, ga) }},
	} {
		g, err := part.cut()
		if err != nil {
			return nil, nil, nil, fmt.Errorf("%w: %w", ErrOverlay, err)
		}
		*part.to = fromGeom(g)
	}
	shared := geo.Area(both)
	if !adds(geo.Area(onlyA)+shared, geo.Area(a)) || !adds(geo.Area(onlyB)+shared, geo.Area(b)) {
		return nil, nil, nil, fmt.Errorf("%w: the parts don't add up to the whole", ErrOverlay)
	}
	return onlyA, both, onlyB, nil
}

// Union returns the area that any of areas covers. The error is as that of Split.
func Union(areas ...orb.MultiPolygon) (union orb.MultiPolygon, err error) {
	defer recovered(&err)
	for _, next := range areas {
		_, both, _, err := Split(union, next)
		if err != nil {
			return nil, err
		}
		g, err := geom.Union(toGeom(union), toGeom(next))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrOverlay, err)
		}
		whole := fromGeom(g)
		if !adds(geo.Area(whole)+geo.Area(both), geo.Area(union)+geo.Area(next)) {
			return nil, fmt.Errorf("%w: the parts don't add up to the whole", ErrOverlay)
		}
		union = whole
	}
	return union, nil
}

const sliver = 1e-6 // km²

// adds reports whether got is want, but for rounding and for slivers.
func adds(got, want float64) bool { return math.Abs(got-want) <= 1e-6*want+100*sliver }

// recovered turns a panic of the library into an error: robust it is, but not for
// every bad ring that people draw.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", ErrOverlay, p)
	}
}

func toGeom(m orb.MultiPolygon) geom.Geometry {
	polygons := make([]geom.Polygon, 0, len(m))
	for _, p := range m {
		rings := make([]geom.LineString, 0, len(p))
		for _, r := range p {
			flat := make([]float64, 0, 2*len(r))
			for _, pt := range r {
				flat = append(flat, pt[0], pt[1])
			}
			rings = append(rings, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
		}
		polygons = append(polygons, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polygons).AsGeometry()
}

// fromGeom returns the polygons of g that are more than slivers.
func fromGeom(g geom.Geometry) (m orb.MultiPolygon) {
	for _, part := range g.Dump() {
		p, ok := part.AsPolygon()
		if !ok {
			continue
		}
		polygon := orb.Polygon{}
		for i := -1; i < p.NumInteriorRings(); i++ {
			line := p.ExteriorRing()
			if i >= 0 {
				line = p.InteriorRingN(i)
			}
			seq := line.Coordinates()
			ring := make(orb.Ring, seq.Length())
			for k := range ring {
				xy := seq.GetXY(k)
				ring[k] = orb.Point{xy.X, xy.Y}
			}
			polygon = append(polygon, ring)
		}
		if geo.Area(polygon) > sliver {
			m = append(m, polygon)
		}
	}
	return m
}
