package tile

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// orient is positive if c lies to the left of the line from a to b, with x to the
// right and y upwards, negative to the right, 0 on it. It is exact: twice the area of a
// triangle on the world grid fits 63 bits, even where its two products do not.
func orient(a, b, c point) int64 {
	return (int64(b.x)-int64(a.x))*(int64(c.y)-int64(a.y)) - (int64(b.y)-int64(a.y))*(int64(c.x)-int64(a.x))
}

// order is a number that orders points from left to right, then upwards.
func (p point) order() uint64 {
	return uint64(uint32(p.x)^1<<31)<<32 | uint64(uint32(p.y)^1<<31)
}

func (p point) before(q point) bool { return p.order() < q.order() }

func comparePoints(p, q point) int { return cmp.Compare(p.order(), q.order()) }

// A segment is an edge of a ring, ordered from left to right, or upwards.
type segment struct {
	a, b  point
	ring  int32
	index int32 // of the edge in its ring: from point index to the one after
}

// A cut is a point at which an edge has to be divided, because another one meets it
// there.
type cut struct {
	ring, index int32
	at          point
}

// A noder finds where the edges of rings meet other than in common ends.
type noder struct {
	segs   []segment
	size   []int32 // of each ring
	order  []uint64
	active [][]sweepSpan // by strip
	cuts   []cut
	// touch tells that rings meet themselves or each other in points that are ends of
	// edges on both sides, or along edges: nothing to cut, but the rings are not simple.
	touch bool
	// crosses tells that edges cross by more than rounding could be blamed for, crossing
	// where: the first place of them.
	crosses  bool
	crossing point
}

type sweepSpan struct {
	hi, lo2, hi2 int32 // end along the sweep, both ends across it
	seg          int32
}

func (n *noder) reset() {
	n.segs, n.size, n.cuts = n.segs[:0], n.size[:0], n.cuts[:0]
	n.touch, n.crosses = false, false
}

// add adds a ring without repeated neighbours, its first point not repeated at the end.
func (n *noder) add(ring []point) {
	number := int32(len(n.size))
	n.size = append(n.size, int32(len(ring)))
	if len(ring) < 3 {
		return // no area
	}
	for i, a := range ring {
		b := ring[0]
		if i+1 < len(ring) {
			b = ring[i+1]
		}
		if b.before(a) {
			a, b = b, a
		}
		n.segs = append(n.segs, segment{a, b, number, int32(i)})
	}
}

// scan compares all edges with each other. Rings are simple and apart if it leaves no
// cut and no touch.
//
// A sweep keeps the edges that it is crossing, in strips along its way, so that edges
// far apart are not compared.
func (n *noder) scan() {
	if len(n.segs) == 0 {
		return
	}
	lo, hi := n.segs[0].a, n.segs[0].a
	var width, height int64 // of all edges
	for i := range n.segs {
		s := &n.segs[i]
		lo.x, hi.x = min(lo.x, s.a.x), max(hi.x, s.b.x)
		lo.y, hi.y = min(lo.y, s.a.y, s.b.y), max(hi.y, s.a.y, s.b.y)
		width += int64(s.b.x) - int64(s.a.x)
		height += max(int64(s.b.y)-int64(s.a.y), int64(s.a.y)-int64(s.b.y))
	}
	// the sweep goes along the longer side, where fewer edges are met at once
	alongY := int64(hi.y)-int64(lo.y) > int64(hi.x)-int64(lo.x)
	n.order = n.order[:0]
	for i := range n.segs {
		s := &n.segs[i]
		from := s.a.x
		if alongY {
			from = min(s.a.y, s.b.y)
		}
		n.order = append(n.order, uint64(uint32(from)^1<<31)<<32|uint64(i))
	}
	slices.Sort(n.order)
	base, across, mean := int64(lo.y), int64(hi.y)-int64(lo.y), height/int64(len(n.segs))
	if alongY {
		base, across, mean = int64(lo.x), int64(hi.x)-int64(lo.x), width/int64(len(n.segs))
	}
	strips := max(1, min(int64(len(n.segs)/64), 512, across/(4*mean+4)))
	strip := across/strips + 1
	for int64(len(n.active)) < strips {
		n.active = append(n.active, nil)
	}
	for k := range n.active {
		n.active[k] = n.active[k][:0]
	}
	for _, o := range n.order {
		i := int32(uint32(o))
		s := &n.segs[i]
		from := int32(uint32(o>>32) ^ 1<<31)
		span := sweepSpan{s.b.x, min(s.a.y, s.b.y), max(s.a.y, s.b.y), i}
		if alongY {
			span = sweepSpan{span.hi2, s.a.x, s.b.x, i}
		}
		first, last := (int64(span.lo2)-base)/strip, (int64(span.hi2)-base)/strip
		for at := first; at <= last; at++ {
			active := n.active[at]
			for k := 0; k < len(active); {
				t := &active[k]
				if t.hi < from {
					active[k] = active[len(active)-1]
					active = active[:len(active)-1]
					continue
				}
				// two that are both in several strips are compared in the first of them
				if t.lo2 <= span.hi2 && t.hi2 >= span.lo2 &&
					(at == first || (int64(t.lo2)-base)/strip == at) {
					n.compare(i, t.seg)
				}
				k++
			}
			n.active[at] = append(active, span)
		}
		if len(n.cuts) > maxCuts {
			return
		}
	}
}

// maxCuts is where counting stops: no ring of any map crosses itself so often.
const maxCuts = 1 << 16

// follows tells whether edge j of a ring of size edges follows edge i.
func follows(i, j, size int32) bool { return j == i+1 || j == 0 && i == size-1 }

// compare notes where segments i and j meet.
func (n *noder) compare(i, j int32) {
	s, t := &n.segs[i], &n.segs[j]
	var common point // end that both have
	shared := true
	switch {
	case s.a == t.a || s.a == t.b:
		common = s.a
	case s.b == t.a || s.b == t.b:
		common = s.b
	default:
		shared = false
	}
	if shared {
		p, q := s.other(common), t.other(common)
		if p == q {
			n.touch = true // the same edge twice
			return
		}
		if orient(common, p, q) == 0 && (p.before(common) == q.before(common)) {
			// along each other from the common end: the longer is cut at the shorter's end
			if n.inner(s, q) {
				n.cutAt(s, q)
			} else {
				n.cutAt(t, p)
			}
			return
		}
		if s.ring != t.ring || !follows(s.index, t.index, n.size[s.ring]) && !follows(t.index, s.index, n.size[s.ring]) {
			n.touch = true
		}
		return
	}
	sa, sb := orient(s.a, s.b, t.a), orient(s.a, s.b, t.b)
	if sa > 0 && sb > 0 || sa < 0 && sb < 0 {
		return
	}
	ta, tb := orient(t.a, t.b, s.a), orient(t.a, t.b, s.b)
	if ta > 0 && tb > 0 || ta < 0 && tb < 0 {
		return
	}
	if sa != 0 && sb != 0 && ta != 0 && tb != 0 {
		x := crossing(*s, *t)
		if (!n.crosses || x.before(n.crossing)) && s.deep(sa, sb) && t.deep(ta, tb) {
			n.crosses, n.crossing = true, x
		}
		if x != s.a && x != s.b {
			n.cutAt(s, x)
		}
		if x != t.a && x != t.b {
			n.cutAt(t, x)
		}
		return
	}
	for _, p := range [2]point{t.a, t.b} {
		if orient(s.a, s.b, p) == 0 && n.inner(s, p) {
			n.cutAt(s, p)
		}
	}
	for _, p := range [2]point{s.a, s.b} {
		if orient(t.a, t.b, p) == 0 && n.inner(t, p) {
			n.cutAt(t, p)
		}
	}
}

// deep tells whether both places that orient says a and b of with s lie more than a unit
// away from its line.
func (s *segment) deep(a, b int64) bool {
	length := math.Hypot(float64(s.b.x)-float64(s.a.x), float64(s.b.y)-float64(s.a.y))
	return math.Abs(float64(a)) > length && math.Abs(float64(b)) > length
}

func (s *segment) other(end point) point {
	if s.a == end {
		return s.b
	}
	return s.a
}

// inner tells whether p, which is on the line of s, lies between its ends.
func (n *noder) inner(s *segment, p point) bool { return s.a.before(p) && p.before(s.b) }

func (n *noder) cutAt(s *segment, p point) {
	n.cuts = append(n.cuts, cut{s.ring, s.index, p})
}

// crossing returns where s and t cross, rounded to the grid, whichever comes first.
func crossing(s, t segment) point {
	if t.a.before(s.a) || t.a == s.a && t.b.before(s.b) {
		s, t = t, s
	}
	ta, tb := orient(s.a, s.b, t.a), orient(s.a, s.b, t.b)
	f := float64(ta) / (float64(ta) - float64(tb))
	at := func(a, b int32) int32 {
		v := int32(int64(a) + int64(math.Floor(f*(float64(b)-float64(a))+.5)))
		return min(max(v, min(a, b)), max(a, b))
	}
	x := point{at(t.a.x, t.b.x), at(t.a.y, t.b.y)}
	// inside of both boxes, or cutting would make edges longer and never end
	x.x = min(max(x.x, s.a.x), s.b.x)
	x.y = min(max(x.y, min(s.a.y, s.b.y)), max(s.a.y, s.b.y))
	return x
}

// sortCuts orders cuts by ring and edge, and along the edge from its first point.
func sortCuts(cuts []cut, first func(ring, index int32) point) {
	slices.SortFunc(cuts, func(c, d cut) int {
		if o := cmp.Or(cmp.Compare(c.ring, d.ring), cmp.Compare(c.index, d.index)); o != 0 {
			return o
		}
		a := first(c.ring, c.index)
		if o := cmp.Compare(distance(a, c.at), distance(a, d.at)); o != 0 {
			return o
		}
		return comparePoints(c.at, d.at)
	})
}

// distance along both axes. Points of one edge that lie on or beside it within
// rounding are in the right order by it, as edges go only one way along each axis.
func distance(a, b point) int64 {
	dx, dy := int64(a.x)-int64(b.x), int64(a.y)-int64(b.y)
	return max(dx, -dx) + max(dy, -dy)
}

// insertCuts returns path with the points of cuts, which are sorted and all of it.
func insertCuts(dst, path []point, cuts []cut) []point {
	for i, p := range path {
		if n := len(dst); n == 0 || dst[n-1] != p {
			dst = append(dst, p)
		}
		for len(cuts) > 0 && int(cuts[0].index) == i {
			if c := cuts[0].at; dst[len(dst)-1] != c {
				dst = append(dst, c)
			}
			cuts = cuts[1:]
		}
	}
	return dst
}

// less128 tells whether a*b < c*d.
func less128(a, b, c, d int64) bool {
	neg := func(x, y int64) (hi, lo uint64) { // x*y in two's complement
		h, l := bits.Mul64(uint64(x), uint64(y))
		if x < 0 {
			h -= uint64(y)
		}
		if y < 0 {
			h -= uint64(x)
		}
		return h, l
	}
	h1, l1 := neg(a, b)
	h2, l2 := neg(c, d)
	return int64(h1) < int64(h2) || h1 == h2 && l1 < l2
}

// hull returns the smallest convex ring around pts, of positive area, or of none.
func hull(pts []point) []point {
	sorted := slices.Clone(pts)
	slices.SortFunc(sorted, comparePoints)
	sorted = slices.Compact(sorted)
	var out []point
	for range 2 { // one side from left to right, the other back
		start := len(out)
		for _, p := range sorted {
			for len(out)-start >= 2 && orient(out[len(out)-2], out[len(out)-1], p) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		out = out[:len(out)-1]
		slices.Reverse(sorted)
	}
	return out
}
