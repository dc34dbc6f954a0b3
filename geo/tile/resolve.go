package tile

import "slices"

// maxRounds bounds how often rings are cut at their crossings. Each round divides
// edges on the grid into shorter ones, so there is an end to it; rings of real data
// need two or three rounds.
const maxRounds = 100

// A resolver makes simple rings of any.
type resolver struct {
	noder  noder
	rings  [2]ringList
	edges  []segment // from left to right; no two the same
	back   []bool    // by edge: the ring runs through it from b to a
	below  []int32   // by edge: the one below where it begins, or -1
	status []int32   // edges met by the sweep, from below
	starts []int32   // edges in order of the points that rings come from
	loopOf []int32   // by edge; -1: none yet
	stack  []int32
	spare  []point
	loops  ringList
	area   []int64 // of loops, as the next two
	lowest []int32 // the lower of the two edges at the leftmost point
	parent []int32 // the exterior of an interior
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
// the grid. It reports false, and appends nothing, if the crossings are beyond number.
//
// Even-odd, because two polygons with a common border that crosses itself then still
// share out the plane between them: their windings differ by one everywhere.
func (r *resolver) resolve(dst *polygonList, rings *ringList) bool {
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
		if round == maxRounds || len(r.noder.cuts) > maxCuts {
			return false
		}
		out := &r.rings[round%2]
		r.cutRings(out, in)
		in = out
	}
	r.gather()
	r.direct()
	r.trace()
	r.group(dst)
	return true
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
		r.spare = insertCuts(r.spare[:0], in.ring(i), cuts[:n])
		out.points = append(out.points, r.spare...)
		for k := len(out.points) - 1; k > start && out.points[k] == out.points[start]; k-- {
			out.points = out.points[:k]
		}
		out.close()
		cuts = cuts[n:]
	}
}

// gather takes over the segments of r.noder, which meet in their ends only.
func (r *resolver) gather() {
	segs := r.noder.segs
	slices.SortFunc(segs, func(s, t segment) int {
		if c := comparePoints(s.a, t.a); c != 0 {
			return c
		}
		return comparePoints(s.b, t.b)
	})
	// an edge that is there twice has the same on both sides: it is no border
	r.edges = r.edges[:0]
	for _, s := range segs {
		if n := len(r.edges); n > 0 && r.edges[n-1].a == s.a && r.edges[n-1].b == s.b {
			r.edges = r.edges[:n-1]
		} else {
			r.edges = append(r.edges, s)
		}
	}
}

// direct finds out which way rings run through the edges, so that the interior is on the
// left (see orient). A sweep from left to right keeps the edges that it is crossing in
// order from below: the interior begins above every other one.
func (r *resolver) direct() {
	r.back = slices.Grow(r.back[:0], len(r.edges))[:len(r.edges)]
	r.below = slices.Grow(r.below[:0], len(r.edges))[:len(r.edges)]
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
			r.back[e] = (pos+i)%2 == 1 // the interior is below
			r.below[e] = -1
			if pos+i > 0 {
				r.below[e] = status[pos+i-1]
			}
		}
		first = last
	}
	r.status = status
}

func (r *resolver) from(e int32) point {
	if r.back[e] {
		return r.edges[e].b
	}
	return r.edges[e].a
}

func (r *resolver) to(e int32) point {
	if r.back[e] {
		return r.edges[e].a
	}
	return r.edges[e].b
}

// trace joins the edges to rings that do not touch themselves.
func (r *resolver) trace() {
	r.starts, r.loopOf = r.starts[:0], r.loopOf[:0]
	for i := range r.edges {
		r.starts, r.loopOf = append(r.starts, int32(i)), append(r.loopOf, -1)
	}
	slices.SortFunc(r.starts, func(e, f int32) int { return comparePoints(r.from(e), r.from(f)) })
	const open = -2
	r.loops.reset()
	for i := range r.edges {
		if r.loopOf[i] != -1 {
			continue
		}
		r.stack = r.stack[:0]
		for e := int32(i); r.loopOf[e] == -1; {
			r.loopOf[e] = open
			next, several := r.follow(e)
			// where the path comes back to a point, it has closed a ring
			r.stack = append(r.stack, e)
			if several {
				if k := slices.IndexFunc(r.stack, func(f int32) bool { return r.from(f) == r.to(e) }); k >= 0 {
					r.closeLoop(k)
				}
			}
			if next < 0 {
				break
			}
			e = next
		}
		if len(r.stack) > 0 {
			r.closeLoop(0)
		}
	}
}

// closeLoop makes a ring of the edges on the stack from k on.
func (r *resolver) closeLoop(k int) {
	for _, e := range r.stack[k:] {
		r.loopOf[e] = int32(r.loops.len())
		r.loops.points = append(r.loops.points, r.from(e))
	}
	r.loops.close()
	r.stack = r.stack[:k]
}

// follow returns the edge that bounds the same wedge of the interior as e where e ends,
// the first one clockwise from where e comes, and whether there are several to choose
// from.
func (r *resolver) follow(e int32) (next int32, several bool) {
	from, at := r.from(e), r.to(e)
	first, _ := slices.BinarySearchFunc(r.starts, at, func(f int32, p point) int { return comparePoints(r.from(f), p) })
	next = -1
	for _, f := range r.starts[first:] {
		if r.from(f) != at {
			break
		}
		several = next >= 0
		if next < 0 || sharper(from, at, r.to(f), r.to(next)) {
			next = f
		}
	}
	return next, several
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

// group adds the traced rings to dst, each interior after its exterior.
func (r *resolver) group(dst *polygonList) {
	n := r.loops.len()
	r.area, r.lowest, r.parent = r.area[:0], r.lowest[:0], r.parent[:0]
	for i := range n {
		r.area = append(r.area, area2(r.loops.ring(i)))
		r.lowest, r.parent = append(r.lowest, -1), append(r.parent, -1)
	}
	for e := range r.edges { // from the left
		switch f := &r.lowest[r.loopOf[e]]; {
		case *f < 0:
			*f = int32(e)
		case r.edges[*f].a == r.edges[e].a && orient(r.edges[e].a, r.edges[*f].b, r.edges[e].b) < 0:
			*f = int32(e)
		}
	}
	for i := range n {
		if r.area[i] < 0 {
			r.parent[i] = r.exterior(int32(i))
		}
	}
	// interiors in order of their exteriors, without a list for each
	r.stack = r.stack[:0]
	for i := range n {
		if r.area[i] < 0 && r.parent[i] >= 0 {
			r.stack = append(r.stack, int32(i))
		}
	}
	slices.SortStableFunc(r.stack, func(a, b int32) int { return int(r.parent[a] - r.parent[b]) })
	interiors := r.stack
	for i := range n {
		if r.area[i] <= 0 {
			continue
		}
		dst.begin()
		dst.ring(r.loops.ring(i))
		for len(interiors) > 0 && r.parent[interiors[0]] == int32(i) {
			dst.ring(r.loops.ring(int(interiors[0])))
			interiors = interiors[1:]
		}
	}
}

// exterior returns the exterior of an interior: that with an edge just below the leftmost
// point of the interior, or, where another interior lies between, of that one.
func (r *resolver) exterior(loop int32) int32 {
	for range r.loops.len() {
		below := r.below[r.lowest[loop]]
		if below < 0 {
			break
		}
		if loop = r.loopOf[below]; r.area[loop] > 0 {
			return loop
		}
	}
	return -1
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
