package tile

import (
	"math"
	"slices"
)

// A snapper rounds arcs to the grid of a zoom.
//
// Ends of an arc go to the nearest point of the grid, as they do in each arc that ends
// there. All others go to one of the four around them, not the nearest always but so that
// what rounding adds on one side of the line it takes away again: rounded each by itself,
// the points of an island of a thousand pixels would change its area by up to a hundredth.
type snapper struct {
	exact, rounded []place
}

// A place is a place on the grid, in general between its points.
type place struct{ x, y float64 }

const (
	// areaWeight is what area counts beside distance when a point is rounded.
	areaWeight = 4
	// correctable is how many points at the end of an arc may be moved once more.
	correctable = 32
	// bendable is twice the area, half a thousandth of a thousand pixels, beyond which an
	// edge gets a point more to be rid of it.
	bendable = 64
)

// snap appends arc, rounded to the grid of zoom z, without points that repeat the one
// before.
func (s *snapper) snap(dst, arc []point, z uint8) []point {
	from := len(dst)
	add := func(p point) {
		if n := len(dst); n == from || dst[n-1] != p {
			dst = append(dst, p)
		}
	}
	if z >= worldZoom {
		for _, p := range arc {
			add(p)
		}
		return dst
	}
	scale := math.Ldexp(1, int(z)-worldZoom)
	s.exact, s.rounded = s.exact[:0], s.rounded[:0]
	for _, p := range arc {
		s.exact = append(s.exact, place{float64(p.x) * scale, float64(p.y) * scale})
		s.rounded = append(s.rounded, place{float64(snap(p.x, z)), float64(snap(p.y, z))})
	}
	s.bend(s.correct(s.round()))
	for _, p := range s.rounded {
		add(point{int32(p.x), int32(p.y)})
	}
	return dst
}

// round rounds all points but the ends. It returns twice the area that is then between
// the exact line and the rounded one, what is on one side less what is on the other.
func (s *snapper) round() (area float64) {
	for i := 1; i < len(s.exact); i++ {
		before, at := s.exact[i-1], s.exact[i]
		if i < len(s.exact)-1 {
			after := s.exact[i+1]
			length := math.Hypot(after.x-before.x, after.y-before.y)
			least := math.Inf(1)
			x, y := math.Floor(at.x), math.Floor(at.y)
			for k := range 4 {
				c := place{x + float64(k&1), y + float64(k>>1)}
				// the area up to here, and what c will do to the edge that follows
				a := area + quad(before, at, c, s.rounded[i-1]) + (after.x-at.x)*(c.y-at.y) - (after.y-at.y)*(c.x-at.x)
				cost := (c.x-at.x)*(c.x-at.x) + (c.y-at.y)*(c.y-at.y)
				if length > 0 {
					cost += areaWeight * a * a / (length * length)
				}
				if cost < least {
					least, s.rounded[i] = cost, c
				}
			}
		}
		area += quad(before, at, s.rounded[i], s.rounded[i-1])
	}
	return area
}

// correct moves points by a unit, which takes them no farther than a unit from where they
// belong, as long as that makes area smaller. It returns what is left.
func (s *snapper) correct(area float64) float64 {
	n := len(s.exact)
	for range 4 {
		best, bestArea, bestPlace := -1, math.Abs(area)-1, place{}
		for i := max(1, n-1-correctable); i < n-1; i++ {
			before, after := s.rounded[i-1], s.rounded[i+1]
			for k := range 9 {
				dx, dy := float64(k%3-1), float64(k/3-1)
				c := place{s.rounded[i].x + dx, s.rounded[i].y + dy}
				if math.Abs(c.x-s.exact[i].x) > 1 || math.Abs(c.y-s.exact[i].y) > 1 {
					continue
				}
				if a := math.Abs(area + (after.x-before.x)*dy - (after.y-before.y)*dx); a < bestArea {
					best, bestArea, bestPlace = i, a, c
				}
			}
		}
		if best < 0 {
			break
		}
		before, after, old := s.rounded[best-1], s.rounded[best+1], s.rounded[best]
		area += (after.x-before.x)*(bestPlace.y-old.y) - (after.y-before.y)*(bestPlace.x-old.x)
		s.rounded[best] = bestPlace
	}
	return area
}

// bend adds a point beside the longest edge, within a unit of it, that makes up for area.
// Straight borders between two nodes need it, which have no other point to move.
func (s *snapper) bend(area float64) {
	if math.Abs(area) < bendable {
		return
	}
	edge, longest := 0, 0.0
	for i := 1; i < len(s.rounded); i++ {
		a, b := s.rounded[i-1], s.rounded[i]
		if l := math.Hypot(b.x-a.x, b.y-a.y); l > longest {
			edge, longest = i, l
		}
	}
	if math.Abs(area) > longest {
		return
	}
	a, b := s.rounded[edge-1], s.rounded[edge]
	dx, dy := b.x-a.x, b.y-a.y
	best, least := place{}, math.Abs(area)
	for k := range 33 { // from the middle to either side
		t := .5 + float64((k+1)/2*(1-k%2*2))/longest
		// beside the edge by as much as takes the area away
		x := math.Round(a.x + t*dx + area*dy/(longest*longest))
		y := math.Round(a.y + t*dy - area*dx/(longest*longest))
		if left := math.Abs(area + dx*(y-a.y) - dy*(x-a.x)); left < least && t > 0 && t < 1 {
			best, least = place{x, y}, left
		}
	}
	if least < math.Abs(area) {
		s.rounded = slices.Insert(s.rounded, edge, best)
	}
}

// quad returns twice the area of the quadrilateral a b c d.
func quad(a, b, c, d place) float64 {
	return (c.x-a.x)*(d.y-b.y) - (d.x-b.x)*(c.y-a.y)
}
