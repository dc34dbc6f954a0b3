package tile

import "slices"

// maxRounds bounds how often rings are cut at their crossings. Each round divides
// edges on the grid into shorter ones, so there is an end to it; rings of real data
// need two or three rounds.
const maxRounds = 100

// A resolver makes simple rings of any.
type resolver struct {
	noder  noder
	edges  []segment
	rings  [2]ringList
	status []int32 // edges met by the sweep, from below
	used   []bool
	stack  []point
	loops  ringList
	order  []int32
	area   []int64
}

// A ringList is rings one after the other.
type ringList struct {
	points []point
	ends   []int32
}

func (l *ringList) reset() { l.points, l.ends = l.points[:0], l.ends[:0] }

func (l *ringList) len() int { return len(l.ends) }

func (l *ringList) ring(i int) []point {
	var start int32
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.points[start:l.ends[i]]
}

func (l *ringList) close() { l.ends = append(l.ends, int32(len(l.points))) }

func (l *ringList) add(ring []point) {
	l.points = append(l.points, ring...)
	l.close()
}

// resolve appends to dst the polygons that cover what rings cover by the even-odd
// rule: exteriors (of positive area) each followed by its interiors. No ring of them
// crosses or touches itself, and none crosses another. Rings have no repeated
// neighbours. Points of the result are points of rings, and their crossings rounded to
// the grid.
//
// Even-odd, because two polygons with a common border that crosses itself then still
// share out the plane between them: their windings differ by one everywhere.
func (r *resolver) resolve(dst *polygonList, rings *ringList) {
	in := rings
	for round := 0; ; round++ {
		r.noder.reset()
		for i := range in.len() {
			r.noder.add(in.ring(i))
		}
		r.noder.scan()
		if len(r.noder.cuts) == 0 {
			break
		}
		if round == maxRounds {
			return
		}
		out := &r.rings[round%2]
		r.cutRings(out, in)
		in = out
	}
	r.resolveNoded(dst)
}

func (r *resolver) cutRings(out, in *ringList) {
	out.reset()
	cuts := r.noder.cuts
	sortCuts(cuts, func(ring, index int32) point { return in.ring(int(ring))[index] })
	for i := range in.len() {
		n := 0
		for n < len(cuts) && int(cuts[n].ring) == i {
			n++
		}
		start := len(out.points)
		r.stack = insertCuts(r.stack[:0], in.ring(i), cuts[:n])
		out.points = append(out.points, r.stack...)
		for k := len(out.points) - 1; k > start && out.points[k] == out.points[start]; k-- {
			out.points = out.points[:k]
		}
		out.close()
		cuts = cuts[n:]
	}
}

// resolveNoded does it for the segments of r.noder, which meet in their ends only.
func (r *resolver) resolveNoded(dst *polygonList) {
	// an edge that is there twice has the same on both sides: it is no border
	segs := r.noder.segs
	slices.SortFunc(segs, func(s, t segment) int {
		if c := comparePoints(s.a, t.a); c != 0 {
			return c
		}
		return comparePoints(s.b, t.b)
	})
	r.edges = r.edges[:0]
	for _, s := range segs {
		if n := len(r.edges); n > 0 && r.edges[n-1].a == s.a && r.edges[n-1].b == s.b {
			r.edges = r.edges[:n-1]
		} else {
			r.edges = append(r.edges, s)
		}
	}
	r.direct()
	r.trace()
	r.group(dst)
}

// direct turns the edges so that the interior is on their left (see orient). A sweep
// from left to right keeps the edges that it is crossing in order from below: the
// interior begins above every other one.
func (r *resolver) direct() {
	status := r.status[:0]
	for first := 0; first < len(r.edges); {
		at := r.edges[first].a
		last := first
		for last < len(r.edges) && r.edges[last].a == at {
			last++
		}
		// edges that end before at, or there
		status = slices.DeleteFunc(status, func(e int32) bool { return !at.before(r.edges[e].b) })
		pos, _ := slices.BinarySearchFunc(status, at, func(e int32, p point) int {
			if orient(r.edges[e].a, r.edges[e].b, p) > 0 {
				return -1
			}
			return 1
		})
		for i := first; i < last; i++ {
			status = append(status, 0)
		}
		copy(status[pos+last-first:], status[pos:])
		begun := status[pos : pos+last-first]
		for i := range begun {
			begun[i] = int32(first + i)
		}
		slices.SortFunc(begun, func(e, f int32) int {
			if orient(at, r.edges[e].b, r.edges[f].b) > 0 {
				return -1
			}
			return 1
		})
		for i, e := range begun {
			if (pos+i)%2 == 1 {
				r.edges[e].index = 1 // backwards: interior below
			} else {
				r.edges[e].index = 0
			}
		}
		first = last
	}
	r.status = status
	for i := range r.edges {
		if e := &r.edges[i]; e.index == 1 {
			e.a, e.b = e.b, e.a
		}
	}
}

// trace joins the directed edges to rings that do not touch themselves.
func (r *resolver) trace() {
	slices.SortFunc(r.edges, func(s, t segment) int {
		if c := comparePoints(s.a, t.a); c != 0 {
			return c
		}
		return comparePoints(s.b, t.b)
	})
	r.used = append(r.used[:0], make([]bool, len(r.edges))...)
	r.loops.reset()
	for i := range r.edges {
		if r.used[i] {
			continue
		}
		r.stack = r.stack[:0]
		for e := i; e >= 0 && !r.used[e]; e = r.follow(e) {
			r.used[e] = true
			p := r.edges[e].a
			// where the path comes back to a point, it has closed a ring
			if e > 0 && r.edges[e-1].a == p || e+1 < len(r.edges) && r.edges[e+1].a == p {
				if k := slices.Index(r.stack, p); k >= 0 {
					r.loops.add(r.stack[k:])
					r.stack = r.stack[:k]
				}
			}
			r.stack = append(r.stack, p)
		}
		r.loops.add(r.stack)
	}
}

// follow returns the edge that bounds the same wedge of the interior as e where e
// ends: the first one clockwise from where e comes.
func (r *resolver) follow(e int) int {
	from, at := r.edges[e].a, r.edges[e].b
	first, _ := slices.BinarySearchFunc(r.edges, at, func(s segment, p point) int { return comparePoints(s.a, p) })
	best := -1
	for i := first; i < len(r.edges) && r.edges[i].a == at; i++ {
		if best < 0 || sharper(from, at, r.edges[i].b, r.edges[best].b) {
			best = i
		}
	}
	return best
}

// sharper tells whether, turning clockwise about at from the direction to from, b is
// met before c.
func sharper(from, at, b, c point) bool {
	// half 0: less than a half turn away, clockwise
	half := func(p point) int {
		switch o := orient(at, from, p); {
		case o < 0:
			return 0
		case o > 0:
			return 2
		}
		return 1 // straight on
	}
	if hb, hc := half(b), half(c); hb != hc {
		return hb < hc
	}
	return orient(at, b, c) < 0
}

// group adds the traced rings to dst, each interior after the smallest exterior that
// holds it.
func (r *resolver) group(dst *polygonList) {
	n := r.loops.len()
	r.area, r.order = r.area[:0], r.order[:0]
	for i := range n {
		r.area = append(r.area, area2(r.loops.ring(i)))
		r.order = append(r.order, -1)
	}
	for i := range n {
		if r.area[i] >= 0 {
			continue
		}
		hole := r.loops.ring(i)
		for k := range n {
			if r.area[k] > -r.area[i] && (r.order[i] < 0 || r.area[k] < r.area[r.order[i]]) && holds(r.loops.ring(k), hole) {
				r.order[i] = int32(k)
			}
		}
	}
	for i := range n {
		if r.area[i] <= 0 {
			continue
		}
		dst.begin()
		dst.ring(r.loops.ring(i))
		for k := range n {
			if r.area[k] < 0 && r.order[k] == int32(i) {
				dst.ring(r.loops.ring(k))
			}
		}
	}
}

// holds tells whether the middle of the first edge of inner, which outer neither
// crosses nor has in common, lies inside of outer.
func holds(outer, inner []point) bool {
	// in half units, so that the middle is a whole number
	mx, my := int64(inner[0].x)+int64(inner[1].x), int64(inner[0].y)+int64(inner[1].y)
	return odd(outer, mx, my, 1)
}

// odd tells whether a ray to the right from x, y, given in units scaled by 1<<shift,
// crosses ring an odd number of times.
func odd(ring []point, x, y int64, shift uint8) bool {
	in := false
	a := ring[len(ring)-1]
	for _, b := range ring {
		ay, by := int64(a.y)<<shift, int64(b.y)<<shift
		if (ay > y) != (by > y) {
			ax, bx := int64(a.x)<<shift, int64(b.x)<<shift
			// the edge is right of x where it has y
			right := less128(bx-ax, y-ay, x-ax, by-ay)
			if by > ay {
				right = less128(x-ax, by-ay, bx-ax, y-ay)
			}
			if right {
				in = !in
			}
		}
		a = b
	}
	return in
}

// A polygonList is polygons one after the other, each an exterior with its interiors.
type polygonList struct {
	rings ringList
	first []int32 // ring of each polygon
}

func (l *polygonList) reset() { l.rings.reset(); l.first = l.first[:0] }

func (l *polygonList) begin() { l.first = append(l.first, int32(l.rings.len())) }

func (l *polygonList) ring(ring []point) { l.rings.add(ring) }

func (l *polygonList) len() int { return len(l.first) }

// polygon returns the range of the rings of polygon i.
func (l *polygonList) polygon(i int) (from, to int) {
	if i+1 < len(l.first) {
		return int(l.first[i]), int(l.first[i+1])
	}
	return int(l.first[i]), l.rings.len()
}
