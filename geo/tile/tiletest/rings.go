package tiletest

import "slices"

// checkPolygons checks the rings of a polygon feature (§4.3.4.4).
func (c *checker) checkPolygons(rings [][]Point) {
	var exterior []Point
	var interiors [][]Point
	for i, r := range rings {
		c.checkRing(r)
		switch area := Area2(r); {
		case area == 0:
			c.report(RingArea, "ring %d at %v", i, r[0])
		case area > 0:
			c.checkPolygon(exterior, interiors)
			exterior, interiors = r, nil
		case exterior == nil:
			c.report(RingFirst, "ring %d at %v", i, r[0])
		default:
			interiors = append(interiors, r)
		}
	}
	c.checkPolygon(exterior, interiors)
}

// A segment is an edge of a ring.
type segment struct {
	a, b        Point // a left of b, or below
	ring, index int
}

func segments(list []segment, ring []Point, number int) []segment {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if a == b {
			continue
		}
		if a.X > b.X || a.X == b.X && a.Y > b.Y {
			a, b = b, a
		}
		list = append(list, segment{a, b, number, i})
	}
	return list
}

// pairs visits each pair of segments whose boxes meet.
func pairs(list []segment, visit func(s, t segment) bool) {
	slices.SortFunc(list, func(s, t segment) int { return int(s.a.X - t.a.X) })
	var active []segment
	for _, t := range list {
		kept := active[:0]
		for _, s := range active {
			if s.b.X < t.a.X {
				continue
			}
			kept = append(kept, s)
			if max(s.a.Y, s.b.Y) >= min(t.a.Y, t.b.Y) && max(t.a.Y, t.b.Y) >= min(s.a.Y, s.b.Y) && !visit(s, t) {
				return
			}
		}
		active = append(kept, t)
	}
}

// side tells on which side of the line through a and b the point p lies: 0 on it.
func side(a, b, p Point) int {
	switch d := (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X); {
	case d > 0:
		return 1
	case d < 0:
		return -1
	}
	return 0
}

func between(a, b, p Point) bool {
	return side(a, b, p) == 0 &&
		min(a.X, b.X) <= p.X && p.X <= max(a.X, b.X) && min(a.Y, b.Y) <= p.Y && p.Y <= max(a.Y, b.Y)
}

// meet tells how two segments meet: not at all, in a point that is an end of one of
// them, or by crossing or running along each other.
func meet(s, t segment) (touch, cross bool) {
	a, b := side(s.a, s.b, t.a), side(s.a, s.b, t.b)
	d, e := side(t.a, t.b, s.a), side(t.a, t.b, s.b)
	if a*b < 0 && d*e < 0 {
		return false, true
	}
	var common []Point
	for _, p := range []Point{s.a, s.b} {
		if between(t.a, t.b, p) {
			common = append(common, p)
		}
	}
	for _, p := range []Point{t.a, t.b} {
		if between(s.a, s.b, p) && !slices.Contains(common, p) {
			common = append(common, p)
		}
	}
	return len(common) == 1, len(common) > 1
}

func (c *checker) checkRing(ring []Point) {
	n := len(ring)
	pairs(segments(nil, ring, 0), func(s, t segment) bool {
		touch, cross := meet(s, t)
		switch next := (s.index+1)%n == t.index || (t.index+1)%n == s.index; {
		case cross:
			c.report(RingCrosses, "%v-%v and %v-%v", s.a, s.b, t.a, t.b)
			return false
		case touch && !next:
			c.report(RingTouches, "%v-%v and %v-%v", s.a, s.b, t.a, t.b)
			return false
		}
		return true
	})
}

// checkPolygon checks one exterior ring with its interior rings. They may touch in
// single points (OGC 06-103r4 §6.1.11.1).
func (c *checker) checkPolygon(exterior []Point, interiors [][]Point) {
	if len(interiors) == 0 {
		return
	}
	list := segments(nil, exterior, 0)
	for i, r := range interiors {
		list = segments(list, r, i+1)
	}
	crossed := false
	pairs(list, func(s, t segment) bool {
		if s.ring == t.ring {
			return true
		}
		if _, cross := meet(s, t); cross {
			crossed = true
			c.report(RingsIntersect, "%v-%v and %v-%v", s.a, s.b, t.a, t.b)
		}
		return !crossed
	})
	if crossed {
		return
	}
	for i, r := range interiors {
		if !within(r, exterior) {
			c.report(InteriorOutside, "at %v", r[0])
		}
		for j, other := range interiors {
			if i != j && within(r, other) {
				c.report(InteriorDisjoint, "at %v", r[0])
			}
		}
	}
}

// within tells whether no edge of ring has its middle outside of outer, and one has it
// inside. Rings whose edges do not cross may still cross through a common vertex.
func within(ring, outer []Point) bool {
	inside := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		switch locate(Point{a.X + b.X, a.Y + b.Y}, outer) { // in half units, to stay whole
		case -1:
			return false
		case 1:
			inside = true
		}
	}
	return inside
}

// locate tells where a place given in half units lies: 1 inside ring, 0 on it, -1
// outside.
func locate(m Point, ring []Point) int {
	in := -1
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		a, b := Point{2 * a.X, 2 * a.Y}, Point{2 * b.X, 2 * b.Y}
		if between(a, b, m) {
			return 0
		}
		if a.Y > b.Y {
			a, b = b, a
		}
		if a.Y <= m.Y && m.Y < b.Y && side(a, b, m) > 0 {
			in = -in
		}
	}
	return in
}
