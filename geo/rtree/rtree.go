// Package rtree is a static packed R-tree over boxes that also have a time.
//
// It is built once, never changes and is safe for concurrent use. It holds boxes
// and their numbers, not features: what a number means is the caller's business.
// Axes are the caller's too, as long as boxes and queries agree.
//
// Boxes are ordered by a coarse slab of time first and along a Hilbert curve
// within the slab, and every node bounds space and time: a query for one instant
// leaves out whole slabs, where a tree over space alone would visit every version
// of every place in the window.
package rtree

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"kharita/geo/section"
)

// A Box is a rectangle, edges included, over a span of time [Start, End).
// Open ends of time are math.MinInt64 and math.MaxInt64, as period.Period.Limits
// gives them. A box with a minimum above its maximum, with Start not before End or
// with a NaN is empty: as a member it is never found, as a query it finds nothing.
type Box struct {
	MinX, MinY, MaxX, MaxY float64
	Start, End             int64
}

// Always returns the box that has no bounds in time.
func Always(minX, minY, maxX, maxY float64) Box {
	return Box{minX, minY, maxX, maxY, math.MinInt64, math.MaxInt64}
}

func (b *Box) isEmpty() bool {
	return !(b.MinX <= b.MaxX && b.MinY <= b.MaxY && b.Start < b.End)
}

func (b *Box) intersects(q *Box) bool {
	return b.MinX <= q.MaxX && b.MaxX >= q.MinX && b.MinY <= q.MaxY && b.MaxY >= q.MinY &&
		b.Start < q.End && q.Start < b.End
}

func (b *Box) contains(c *Box) bool { return b.covers(c) && b.Start <= c.Start && b.End >= c.End }

// covers is contains in space alone.
func (b *Box) covers(c *Box) bool {
	return b.MinX <= c.MinX && b.MaxX >= c.MaxX && b.MinY <= c.MinY && b.MaxY >= c.MaxY
}

func (b *Box) add(c *Box) {
	b.MinX, b.MaxX = min(b.MinX, c.MinX), max(b.MaxX, c.MaxX)
	b.MinY, b.MaxY = min(b.MinY, c.MinY), max(b.MaxY, c.MaxY)
	b.Start, b.End = min(b.Start, c.Start), max(b.End, c.End)
}

// fanout is how many boxes a node bounds: 16 of 48 bytes are twelve cache lines.
const (
	fanoutBits = 4
	fanout     = 1 << fanoutBits
)

// A Tree answers which boxes intersect a box. The zero Tree is empty.
type Tree struct {
	leaves leaves   // the boxes in tree order
	order  []uint32 // the number of each
	levels [][]Box  // levels[0] holds the bounds of each fanout of the leaves, levels[k] of each fanout of levels[k-1]
}

// New builds the tree of boxes. The number of a box is its place in boxes. Empty boxes are
// left out.
func New(boxes []Box) *Tree {
	var b Builder
	b.Grow(len(boxes))
	for i := range boxes {
		b.Add(&boxes[i])
	}
	return b.Tree()
}

// A Builder gathers the boxes of a tree. The zero Builder is ready for use.
type Builder struct {
	leaves  leaves
	added   int
	numbers []uint32 // of the leaves, if there were empty boxes among them
}

// Grow makes room for n boxes, of points if the first one is a point.
func (b *Builder) Grow(n int) { b.leaves.expected = n }

// Add adds a box, whose number is how many were added before.
func (b *Builder) Add(box *Box) {
	n := b.leaves.len()
	switch {
	case box.isEmpty():
		if b.numbers == nil {
			b.numbers = make([]uint32, n)
			for i := range b.numbers {
				b.numbers[i] = uint32(i)
			}
		}
	default:
		if b.leaves.add(box); b.numbers != nil {
			b.numbers = append(b.numbers, uint32(b.added))
		}
	}
	b.added++
}

// Tree returns the tree of the boxes that were added, whose memory is the tree's from then on. The
// Builder is of no use afterwards.
func (b *Builder) Tree() *Tree {
	t := &Tree{leaves: b.leaves}
	n := t.leaves.len()
	if n == 0 {
		return &Tree{}
	}
	t.leaves.done()
	t.order = sort(&t.leaves)
	if b.numbers != nil {
		for i, k := range t.order {
			t.order[i] = b.numbers[k]
		}
	}
	if n <= fanout {
		return t
	}
	below := make([]Box, 0, (n+fanout-1)/fanout)
	for from := 0; from < n; from += fanout {
		node := t.leaves.box(from)
		for i := from + 1; i < min(from+fanout, n); i++ {
			leaf := t.leaves.box(i)
			node.add(&leaf)
		}
		below = append(below, node)
	}
	for t.levels = append(t.levels, below); len(below) > fanout; t.levels = append(t.levels, below) {
		nodes := make([]Box, 0, (len(below)+fanout-1)/fanout)
		for c := range slices.Chunk(below, fanout) {
			node := c[0]
			for i := range c[1:] {
				node.add(&c[1+i])
			}
			nodes = append(nodes, node)
		}
		below = nodes
	}
	return t
}

// Write writes the tree as sections that Read reads.
func (t *Tree) Write(w *section.Writer) {
	section.Write(w, "tree.order", t.order)
	t.leaves.write(w)
	for i, nodes := range t.levels {
		section.Write(w, levelName(i), nodes)
	}
}

// Read returns the tree that Write wrote, which lies in the memory of f. If f has an error
// afterwards, the tree is of no use.
func Read(f *section.File) *Tree {
	t := &Tree{order: section.Read[uint32](f, "tree.order"), leaves: readLeaves(f)}
	whole := t.leaves.len() == len(t.order)
	for n := len(t.order); n > fanout && whole && f.Err() == nil; {
		nodes := section.Read[Box](f, levelName(len(t.levels)))
		n = (n + fanout - 1) / fanout
		whole = len(nodes) == n
		t.levels = append(t.levels, nodes)
	}
	if !whole {
		f.Fail(errors.New("the tree is not whole"))
	}
	return t
}

func levelName(i int) string { return fmt.Sprintf("tree.level.%d", i) }

// Len returns how many boxes the tree holds, those left out not counted.
func (t *Tree) Len() int { return len(t.order) }

// Bound returns the box around all; ok is false if the tree is empty.
func (t *Tree) Bound() (b Box, ok bool) {
	top := t.top()
	for i := range t.nodes(top) {
		if n := t.node(top, i); i == 0 {
			b = n
		} else {
			b.add(&n)
		}
	}
	return b, len(t.order) > 0
}

// top returns the highest level: 0 is the leaves, k > 0 is levels[k-1].
func (t *Tree) top() int { return len(t.levels) }

// nodes returns how many nodes a level has.
func (t *Tree) nodes(level int) int {
	if level == 0 {
		return len(t.order)
	}
	return len(t.levels[level-1])
}

// node returns node i of a level.
func (t *Tree) node(level, i int) Box {
	if level == 0 {
		return t.leaves.box(i)
	}
	return t.levels[level-1][i]
}

// leavesOf returns which leaves node i of a level bounds.
func (t *Tree) leavesOf(level, i int) (from, to int) {
	return i << (fanoutBits * level), min((i+1)<<(fanoutBits*level), len(t.order))
}

// below returns which nodes of the level below node i of a level bounds.
func (t *Tree) below(level, i int) (from, to int) {
	return i * fanout, min((i+1)*fanout, t.nodes(level-1))
}

// Search yields the number of each box that intersects q in space, where touching
// counts, and in time. The order is the tree's own, the same at each call. Ranging
// over it allocates nothing.
func (t *Tree) Search(q Box) iter.Seq[int] {
	return func(yield func(int) bool) {
		t.find(&q, func(at int) bool { return yield(int(t.order[at])) })
	}
}

// Boxes is like Search, and yields each box with its number.
func (t *Tree) Boxes(q Box) iter.Seq2[int, Box] {
	return func(yield func(int, Box) bool) {
		t.find(&q, func(at int) bool { return yield(int(t.order[at]), t.leaves.box(at)) })
	}
}

// Count returns how many boxes lie wholly in q, in space and time, as far as whole
// nodes of the tree do, and calls look for each other box that intersects q, and says whether its
// rectangle lies wholly in that of q: then so does whatever it is the bound of. It ends when look returns false.
func (t *Tree) Count(q Box, look func(number int, covered bool) bool) (n int) {
	if !q.isEmpty() {
		t.count(&q, t.top(), 0, t.nodes(t.top()), &n, look)
	}
	return n
}

// Guess returns about how many boxes intersect q, without looking at any: of the lowest nodes
// that do so, all that lies in them if they lie wholly in q, else half of it.
func (t *Tree) Guess(q Box) (n int) {
	if !q.isEmpty() {
		t.guess(&q, t.top(), 0, t.nodes(t.top()), &n)
	}
	return n
}

func (t *Tree) guess(q *Box, level, from, to int, n *int) {
	for i := from; i < to; i++ {
		b := t.node(level, i)
		switch {
		case !b.intersects(q):
		case q.contains(&b):
			first, last := t.leavesOf(level, i)
			*n += last - first
		case level == 0:
			*n++
		case level == 1:
			*n += fanout / 2
		default:
			first, last := t.below(level, i)
			t.guess(q, level-1, first, last, n)
		}
	}
}

// Gather appends to dst the places of all boxes that intersect q in space, whatever their time, for
// who asks several things of a small window; Corner and Times have more of them. Guess is what Guess returns for
// q at all times. If that is more than most, ok is false, and the rest of no use.
//
// It goes down level by level, without jumps that depend on boxes: then the processor reads
// many of them at once, where walk waits for one after the other.
func (t *Tree) Gather(dst []uint32, q Box, most int) (places []uint32, guess int, ok bool) {
	q.Start, q.End = math.MinInt64, math.MaxInt64
	if len(t.order) == 0 || q.isEmpty() {
		return dst, 0, true
	}
	var room [2][256]uint32
	nodes, spare := append(room[0][:0], 0), room[1][:0] // the node that would be over the top
	for level := t.top(); level > 0; level-- {
		nodes, spare = touched(spare[:0], nodes, t.levels[level-1], &q), nodes
		guess = 0
		for _, node := range nodes {
			if q.covers(&t.levels[level-1][node]) {
				first, last := t.leavesOf(level, int(node))
				guess += last - first
			} else if level == 1 {
				guess += fanout / 2
			}
		}
		if guess > most {
			return dst, guess, false
		}
	}
	if t.leaves.boxes != nil {
		places = touched(dst, nodes, t.leaves.boxes, &q)
	} else {
		places = touchedPoints(dst, nodes, t.leaves.points, &q)
	}
	if t.top() == 0 {
		guess = len(places) - len(dst)
	}
	return places, guess, guess <= most
}

// Corner returns the number of the box at a place that Gather found, and its lower left corner.
func (t *Tree) Corner(place uint32) (number int, x, y float64) {
	if t.leaves.boxes != nil {
		b := &t.leaves.boxes[place]
		return int(t.order[place]), b.MinX, b.MinY
	}
	p := &t.leaves.points[place]
	return int(t.order[place]), p[0], p[1]
}

// Times appends to dst when the boxes at some places start and end.
func (t *Tree) Times(dst [][2]int64, places []uint32) [][2]int64 {
	dst = slices.Grow(dst, len(places))
	if t.leaves.boxes != nil {
		for _, place := range places {
			b := &t.leaves.boxes[place]
			dst = append(dst, [2]int64{b.Start, b.End})
		}
		return dst
	}
	for _, place := range places {
		s := t.leaves.span(int(place))
		dst = append(dst, [2]int64{s.start, s.end})
	}
	return dst
}

// touched appends to dst those of the boxes below some nodes that touch q in space.
func touched(dst, nodes []uint32, boxes []Box, q *Box) []uint32 {
	west, south, east, north := q.MinX, q.MinY, q.MaxX, q.MaxY
	for _, node := range nodes {
		first := int(node) * fanout
		some := boxes[first:min(first+fanout, len(boxes))]
		n, k := len(dst), uint(0)
		dst = slices.Grow(dst, fanout)
		to := dst[n : n+len(some)]
		for i := range some {
			b := &some[i]
			to[k] = uint32(first + i)
			k += one(b.MinX <= east) & one(b.MaxX >= west) & one(b.MinY <= north) & one(b.MaxY >= south)
		}
		dst = dst[:n+int(k)]
	}
	return dst
}

// touchedPoints is touched of points.
func touchedPoints(dst, nodes []uint32, points [][2]float64, q *Box) []uint32 {
	west, south, east, north := q.MinX, q.MinY, q.MaxX, q.MaxY
	for _, node := range nodes {
		first := int(node) * fanout
		some := points[first:min(first+fanout, len(points))]
		n, k := len(dst), uint(0)
		dst = slices.Grow(dst, fanout)
		to := dst[n : n+len(some)]
		for i := range some {
			p := &some[i]
			to[k] = uint32(first + i)
			k += one(p[0] <= east) & one(p[0] >= west) & one(p[1] <= north) & one(p[1] >= south)
		}
		dst = dst[:n+int(k)]
	}
	return dst
}

// one returns 1 for true; it does not jump.
func one(b bool) uint {
	if b {
		return 1
	}
	return 0
}

func (t *Tree) count(q *Box, level, from, to int, n *int, look func(int, bool) bool) bool {
	for i := from; i < to; i++ {
		b := t.node(level, i)
		switch {
		case !b.intersects(q):
		case q.contains(&b):
			first, last := t.leavesOf(level, i)
			*n += last - first
		case level == 0:
			if !look(int(t.order[i]), q.covers(&b)) {
				return false
			}
		default:
			first, last := t.below(level, i)
			if !t.count(q, level-1, first, last, n, look) {
				return false
			}
		}
	}
	return true
}

// find calls yield with the place of each box in tree order, until it returns false.
func (t *Tree) find(q *Box, yield func(at int) bool) {
	if !q.isEmpty() {
		t.walk(q, t.top(), 0, t.nodes(t.top()), yield)
	}
}

// walk visits the nodes [from, to) of a level.
func (t *Tree) walk(q *Box, level, from, to int, yield func(at int) bool) bool {
	if level == 0 {
		return t.leaves.walk(q, from, to, yield)
	}
	nodes := t.levels[level-1][from:to]
	for i := range nodes {
		b := &nodes[i]
		switch {
		case !b.intersects(q):
		case q.contains(b): // then so does it all below: no more comparisons
			first, last := t.leavesOf(level, from+i)
			for at := first; at < last; at++ {
				if !yield(at) {
					return false
				}
			}
		default:
			first, last := t.below(level, from+i)
			if !t.walk(q, level-1, first, last, yield) {
				return false
			}
		}
	}
	return true
}

// sort brings boxes, of which none is empty and there is one, into tree order and returns
// where each was before.
func sort(boxes *leaves) (order []uint32) {
	bound := boxes.box(0)
	n := boxes.len()
	for i := range n {
		b := boxes.box(i)
		bound.add(&b)
	}
	slab := slabs(boxes)
	scale := func(v, lo, hi float64) uint32 {
		if f := (v - lo) / (hi - lo); f > 0 { // not so if hi == lo
			return uint32(min(f, 1) * (1<<hilbertBits - 1))
		}
		return 0
	}
	// A key is the slab, the Hilbert index, of which the last bits are left out where
	// there are more than 1<<27 boxes, and the number of the box.
	numberBits := bits.Len(uint(n - 1))
	coarse := max(0, slabBits+2*hilbertBits+numberBits-64)
	keys := make([]uint64, n)
	for i := range keys {
		b := boxes.box(i)
		x := scale(b.MinX/2+b.MaxX/2, bound.MinX, bound.MaxX)
		y := scale(b.MinY/2+b.MaxY/2, bound.MinY, bound.MaxY)
		place := slab.of(&b)<<(2*hilbertBits) | uint64(Hilbert(x, y))
		keys[i] = place>>coarse<<numberBits | uint64(i)
	}
	slices.Sort(keys)
	order = make([]uint32, n)
	for i, k := range keys {
		order[i] = uint32(k & (1<<numberBits - 1))
	}
	// Each box goes to its place, and so makes room for the one that belongs where it was.
	const moved = math.MaxUint64 // no key: slabs are fewer
	for i := range keys {
		for at := i; keys[at] != moved; at = int(order[at]) {
			if keys[at] = moved; int(order[at]) != i {
				boxes.swap(at, int(order[at]))
			}
		}
	}
	return order
}

const (
	slabBits    = 5
	maxSlabs    = 16      // more would make queries over all time walk too many small trees
	minSlabSize = 256     // fewer boxes are found soon enough without slabs
	maxSample   = 1 << 16 // boxes whose times tell enough about those of all
)

// slabbing says how time is cut into slabs. The zero slabbing is one slab.
type slabbing struct {
	lo, hi float64   // hull of all finite ends
	cuts   []float64 // slab i ends before cuts[i]
	long   float64   // what lives so long is in a slab of its own, the last
}

// life returns the middle and the length of the time of b.
func (s *slabbing) life(b *Box) (middle, length float64) {
	start := max(float64(b.Start), s.lo)
	end := min(float64(b.End), s.hi)
	return start + (end-start)/2, end - start
}

// of returns the number of the slab of b.
func (s *slabbing) of(b *Box) uint64 {
	if s.long == 0 {
		return 0
	}
	m, l := s.life(b)
	if l >= s.long {
		return uint64(len(s.cuts) + 1)
	}
	i, found := slices.BinarySearch(s.cuts, m)
	if found {
		i++
	}
	return uint64(i)
}

// slabs cuts the time of boxes into slabs that hold about equally many. A box that lives
// much longer than is usual would widen the time of each node above it, so all such boxes
// share a slab of their own, the last.
func slabs(boxes *leaves) (s slabbing) {
	s.lo, s.hi = math.Inf(1), math.Inf(-1)
	all := boxes.len()
	for i := range all {
		b := boxes.box(i)
		for _, t := range [2]int64{b.Start, b.End} {
			if t != math.MinInt64 && t != math.MaxInt64 {
				s.lo, s.hi = min(s.lo, float64(t)), max(s.hi, float64(t))
			}
		}
	}
	if all < 2*minSlabSize || !(s.lo < s.hi) {
		return slabbing{}
	}
	long := (s.hi - s.lo) / 4
	size := min(all, maxSample)
	middles, lengths := make([]float64, 0, size), make([]float64, 0, size)
	r := rand.New(rand.NewPCG(1, 1)) // seeded: the same boxes make the same tree
	for i := range size {
		if all > size {
			i = r.IntN(all)
		}
		b := boxes.box(i)
		if m, l := s.life(&b); l < long {
			middles, lengths = append(middles, m), append(lengths, l)
		}
	}
	short := len(middles) * (all / size) // of all boxes, about
	if short < 2*minSlabSize {
		return slabbing{}
	}
	slices.Sort(middles)
	slices.Sort(lengths)
	n := min(maxSlabs, short/minSlabSize)
	if median := lengths[len(lengths)/2]; median > 0 {
		n = min(n, int((s.hi-s.lo)/median))
	}
	s.long = long
	s.cuts = make([]float64, n-1)
	for i := range s.cuts {
		s.cuts[i] = middles[(i+1)*len(middles)/n]
	}
	return s
}

const hilbertBits = 16

// Hilbert returns the distance of the cell x, y along the Hilbert curve that fills
// the square of side 1<<16.
func Hilbert(x, y uint32) uint32 {
	var d uint32
	for s := uint32(1) << (hilbertBits - 1); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += s * s * (3*rx ^ ry)
		if ry == 0 { // turn the quadrant so that the curve enters it at its origin
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}
