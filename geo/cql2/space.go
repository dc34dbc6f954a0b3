package cql2

import (
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
)

// A shape is a geometry that is compared with those of many features.
type shape struct {
	g     orb.Geometry
	boxes []orb.Bound // not nil: all of the shape, a box or two
	bound orb.Bound
	exact geom.Geometry
}

func newShape(g orb.Geometry) *shape {
	return &shape{g: g, bound: g.Bound(), exact: toGeom(g)}
}

// bounds returns the box, or the two on both sides of the antimeridian.
func (e BBox) bounds() []orb.Bound {
	b := orb.Bound{Min: orb.Point{e.West, e.South}, Max: orb.Point{e.East, e.North}}
	if e.West <= e.East {
		return []orb.Bound{b}
	}
	east, west := b, b
	east.Max[0], west.Min[0] = 180, -180
	return []orb.Bound{east, west}
}

// shape returns the box as a geometry: an area, or a line or point if it has no
// width or no height.
func (e BBox) shape() *shape {
	boxes := e.bounds()
	var g orb.Geometry
	var areas orb.MultiPolygon
	for _, b := range boxes {
		areas = append(areas, b.ToPolygon())
	}
	switch {
	case len(boxes) == 2:
		g = areas
	case boxes[0].Min == boxes[0].Max:
		g = boxes[0].Min
	case e.West == e.East || e.South == e.North:
		g = orb.LineString{boxes[0].Min, boxes[0].Max}
	default:
		g = areas[0]
	}
	s := newShape(g)
	s.boxes = boxes
	return s
}

// literal returns the shape of a Geometry or BBox; nil if e is neither.
func literal(e Expr) (s *shape, err error) {
	switch e := e.(type) {
	case BBox:
		return e.shape(), nil
	case Geometry:
		defer func() {
			if p := recover(); p != nil {
				err = e.fail("the geometry is not valid")
			}
		}()
		s = newShape(e.Geometry)
		if err := s.exact.Validate(); err != nil {
			return nil, e.fail("the geometry is not valid: %v", err)
		}
		return s, nil
	}
	return nil, nil
}

// spatial compiles a spatial function (OGC 21-065r2 §7.5 to §7.7).
func (c *compiler) spatial(e Call) (test, error) {
	var shapes [2]*shape
	for i, arg := range e.Args {
		var err error
		if shapes[i], err = literal(arg); err != nil {
			return nil, err
		}
		if shapes[i] == nil {
			if err := c.place(arg); err != nil {
				return nil, err
			}
		}
	}
	a, b, op := shapes[0], shapes[1], e.Op
	switch {
	case a != nil && b != nil:
		answer := b.relate(op, a.g)
		return func(*geo.Feature) truth { return answer }, nil
	case b == nil && a == nil: // the feature with itself
		return func(f *geo.Feature) truth {
			if f.Geometry == nil {
				return unknown
			}
			return newShape(f.Geometry).relate(op, f.Geometry)
		}, nil
	case b == nil:
		b, op = a, converse(op)
	}
	return func(f *geo.Feature) truth { return b.relate(op, f.Geometry) }, nil
}

// place checks that e is the property that holds the features' geometry.
func (c *compiler) place(e Expr) error {
	p, ok := e.(Property)
	if !ok {
		return e.where().fail("%s gives no geometry", e)
	}
	_, what, err := c.property(p)
	if err == nil && what != isGeometry {
		err = p.fail("%s is no geometry; that of a feature is called %s", p, c.schema.geometry())
	}
	return err
}

// converse returns the operator of which the arguments stand the other way round.
func converse(op Op) Op {
	switch op {
	case SContains:
		return SWithin
	case SWithin:
		return SContains
	}
	return op
}

// relate reports whether g stands to s as op says (OGC 06-103r4 §6.1.15). It is
// unknown where there is no geometry, or none that can be made sense of.
func (s *shape) relate(op Op, g orb.Geometry) truth {
	if g == nil {
		return unknown
	}
	bound := g.Bound()
	switch {
	case !bound.Intersects(s.bound):
		return truthOf(op == SDisjoint)
	case op == SDisjoint:
		return not(s.relate(SIntersects, g))
	case op == SIntersects && s.boxes != nil:
		for _, b := range s.boxes {
			if geo.Intersects(g, b) {
				return yes
			}
		}
		return no
	case op == SWithin && !covers(s.bound, bound),
		op == SContains && !covers(bound, s.bound),
		op == SEquals && bound != s.bound:
		return no
	case op == SWithin && len(s.boxes) == 1 && isArea(g) && isArea(s.g):
		return yes // its bound lies in the box
	case op == SWithin && sticksOut(g, s.g), op == SContains && sticksOut(s.g, g):
		return no
	}
	if p, ok := g.(orb.Point); ok {
		if where, ok := locate(s.g, p); ok {
			return relatePoint(op, p, where, s.bound)
		}
	}
	if p, ok := s.g.(orb.Point); ok {
		if where, ok := locate(g, p); ok {
			return relatePoint(converse(op), p, where, bound)
		}
	}
	return s.relateExact(op, g)
}

func covers(a, b orb.Bound) bool {
	return a.Min[0] <= b.Min[0] && a.Min[1] <= b.Min[1] && a.Max[0] >= b.Max[0] && a.Max[1] >= b.Max[1]
}

// sticksOut reports whether a corner of a lies outside of b, both being areas or
// a a line. False may mean that it was not looked at.
func sticksOut(a, b orb.Geometry) bool {
	var corners []orb.Point
	switch a := a.(type) {
	case orb.LineString:
		corners = a
	case orb.Polygon:
		if len(a) > 0 {
			corners = a[0]
		}
	case orb.MultiPolygon:
		for _, p := range a {
			if sticksOut(p, b) {
				return true
			}
		}
	}
	if !isArea(b) {
		return false
	}
	for _, p := range corners {
		if where, ok := locate(b, p); ok && where == outside {
			return true
		}
	}
	return false
}

func isArea(g orb.Geometry) bool {
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon, orb.Ring, orb.Bound:
		return true
	}
	return false
}

// relateExact asks simplefeatures.
func (s *shape) relateExact(op Op, g orb.Geometry) (t truth) {
	defer func() {
		if p := recover(); p != nil {
			t = unknown // a geometry that crosses itself in a way that the library does not bear
		}
	}()
	a, b := toGeom(g), s.exact
	var is bool
	var err error
	switch op {
	case SIntersects:
		is = geom.Intersects(a, b)
	case SEquals:
		is, err = geom.Equals(a, b)
	case STouches:
		is, err = geom.Touches(a, b)
	case SWithin:
		is, err = geom.Within(a, b)
	case SContains:
		is, err = geom.Contains(a, b)
	case SOverlaps:
		is, err = geom.Overlaps(a, b)
	case SCrosses:
		is, err = geom.Crosses(a, b)
	default: // SDisjoint
		is = !geom.Intersects(a, b)
	}
	if err != nil {
		return unknown
	}
	return truthOf(is)
}

// relatePoint answers for a point p that lies inside of something, on its
// boundary or outside, and for the bound of that.
func relatePoint(op Op, p orb.Point, where place, bound orb.Bound) truth {
	switch op {
	case SIntersects:
		return truthOf(where != outside)
	case SWithin:
		return truthOf(where == inside)
	case STouches:
		return truthOf(where == boundaryOf)
	case SEquals, SContains:
		return truthOf(bound == orb.Bound{Min: p, Max: p}) // then it is p and nothing else
	default: // SOverlaps, SCrosses: a point has no part
		return no
	}
}

// A place is where a point lies, as DE-9IM has it.
type place uint8

const (
	outside place = iota
	boundaryOf
	inside
)

// locate returns where p lies in g; ok is false for kinds that it does not know.
func locate(g orb.Geometry, p orb.Point) (_ place, ok bool) {
	switch g := g.(type) {
	case orb.Point:
		if g == p {
			return inside, true
		}
	case orb.MultiPoint:
		for _, q := range g {
			if q == p {
				return inside, true
			}
		}
	case orb.Polygon:
		return locateInPolygon(g, p), true
	case orb.MultiPolygon:
		for _, one := range g {
			if where := locateInPolygon(one, p); where != outside {
				return where, true
			}
		}
	default:
		return outside, false
	}
	return outside, true
}

func locateInPolygon(g orb.Polygon, p orb.Point) place {
	for i, r := range g {
		switch where := locateInRing(r, p); {
		case where == boundaryOf:
			return boundaryOf
		case (where == inside) != (i == 0):
			return outside
		}
	}
	return inside
}

// locateInRing counts the edges east of p, having looked whether one goes through it.
func locateInRing(r orb.Ring, p orb.Point) place {
	odd := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if a[1] > b[1] {
			a, b = b, a
		}
		if p[1] < a[1] || p[1] > b[1] || p[0] > max(a[0], b[0]) {
			continue
		}
		if a[1] == b[1] {
			if min(a[0], b[0]) <= p[0] {
				return boundaryOf
			}
			continue
		}
		// Positive: p lies to the west of the edge, which goes up.
		side := (b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])
		switch {
		case side == 0:
			return boundaryOf
		case side > 0 && p[1] > a[1]: // of its two ends the lower one does not count
			odd = !odd
		}
	}
	if odd {
		return inside
	}
	return outside
}

// toGeom returns g as simplefeatures has it, with memory of its own.
func toGeom(g orb.Geometry) geom.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return geom.NewPoint(geom.Coordinates{XY: geom.XY{X: g[0], Y: g[1]}, Type: geom.DimXY}).AsGeometry()
	case orb.MultiPoint:
		points := make([]geom.Point, len(g))
		for i, p := range g {
			points[i] = toGeom(p).MustAsPoint()
		}
		return geom.NewMultiPoint(points).AsGeometry()
	case orb.LineString:
		return toLine(g).AsGeometry()
	case orb.MultiLineString:
		lines := make([]geom.LineString, len(g))
		for i, l := range g {
			lines[i] = toLine(l)
		}
		return geom.NewMultiLineString(lines).AsGeometry()
	case orb.Ring:
		return toPolygon(orb.Polygon{g}).AsGeometry()
	case orb.Bound:
		return toPolygon(g.ToPolygon()).AsGeometry()
	case orb.Polygon:
		return toPolygon(g).AsGeometry()
	case orb.MultiPolygon:
		polygons := make([]geom.Polygon, len(g))
		for i, p := range g {
			polygons[i] = toPolygon(p)
		}
		return geom.NewMultiPolygon(polygons).AsGeometry()
	case orb.Collection:
		members := make([]geom.Geometry, len(g))
		for i, m := range g {
			members[i] = toGeom(m)
		}
		return geom.NewGeometryCollection(members).AsGeometry()
	}
	return geom.Geometry{} // an empty collection
}

func toLine(l orb.LineString) geom.LineString {
	flat := make([]float64, 0, 2*len(l))
	for _, p := range l {
		flat = append(flat, p[0], p[1])
	}
	return geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
}

func toPolygon(p orb.Polygon) geom.Polygon {
	rings := make([]geom.LineString, len(p))
	for i, r := range p {
		rings[i] = toLine(orb.LineString(r))
	}
	return geom.NewPolygon(rings)
}
