package geo

import "github.com/paulmach/orb"

// Intersects reports whether g and b, in lon, lat, share a point; touching
// counts. It looks at the exact geometry, not at its bound. A polygon is the
// area inside an odd number of its rings. A nil or empty g shares nothing.
func Intersects(g orb.Geometry, b orb.Bound) bool {
	switch g := g.(type) {
	case orb.Point:
		return b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if b.Contains(p) {
				return true
			}
		}
	case orb.LineString:
		return lineIntersects(g, b)
	case orb.MultiLineString:
		for _, line := range g {
			if lineIntersects(line, b) {
				return true
			}
		}
	case orb.Ring:
		return Intersects(orb.Polygon{g}, b)
	case orb.Polygon:
		return polygonIntersects(g, b)
	case orb.MultiPolygon:
		for _, p := range g {
			if polygonIntersects(p, b) {
				return true
			}
		}
	case orb.Collection:
		for _, m := range g {
			if Intersects(m, b) {
				return true
			}
		}
	case orb.Bound:
		return g.Intersects(b)
	}
	return false
}

func polygonIntersects(p orb.Polygon, b orb.Bound) bool {
	inside := false
	for _, ring := range p {
		if lineIntersects(orb.LineString(ring), b) {
			return true
		}
		// No edge meets the box, so all of it lies on one side of each ring.
		inside = inside != contains(ring, b.Min)
	}
	return inside
}

// contains reports whether p lies inside ring, by counting the edges east of it.
func contains(ring orb.Ring, p orb.Point) bool {
	inside := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			inside = !inside
		}
	}
	return inside
}

func lineIntersects(line orb.LineString, b orb.Bound) bool {
	for i, p := range line {
		if b.Contains(p) || i > 0 && segmentIntersects(line[i-1], p, b) {
			return true
		}
	}
	return false
}

// segmentIntersects cuts the segment from p to q to the slab of each axis in
// turn (Liang and Barsky): something is left if it meets b.
func segmentIntersects(p, q orb.Point, b orb.Bound) bool {
	from, to := 0.0, 1.0
	for axis := range 2 {
		d := q[axis] - p[axis]
		lo, hi := b.Min[axis]-p[axis], b.Max[axis]-p[axis]
		if d == 0 {
			if lo > 0 || hi < 0 {
				return false
			}
			continue
		}
		if d < 0 {
			lo, hi = hi, lo
		}
		from, to = max(from, lo/d), min(to, hi/d)
	}
	return from <= to
}
