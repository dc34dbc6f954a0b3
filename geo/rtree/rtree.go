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
const fanout = 16

// A Tree answers which boxes intersect a box. The zero Tree is empty.
type Tree struct {
	levels [][]Box  // levels[0] holds the boxes in tree order, levels[k+1] the bounds of each fanout of levels[k]
	order  []uint32 // the number of each box of levels[0]
}

// New builds the tree of boxes, which it does not keep. The number of a box is its
// place in boxes. Empty boxes are left out.
func New(boxes []Box) *Tree { return Pack(slices.Clone(boxes)) }

// Pack is New in the memory of boxes, which is the tree's from then on: a tree of a
// million boxes takes 48 MB, and twice as much for a while if they are copied.
func Pack(boxes []Box) *Tree {
	leaves, numbers := compact(boxes)
	if len(leaves) == 0 {
		return &Tree{}
	}
	t := &Tree{order: sort(leaves)}
	if numbers != nil {
		for i, k := range t.order {
			t.order[i] = numbers[k]
		}
	}
	t.levels = append(t.levels, leaves)
	for below := leaves; len(below) > fanout; {
		nodes := make([]Box, 0, (len(below)+fanout-1)/fanout)
		for c := range slices.Chunk(below, fanout) {
			node := c[0]
			for i := range c[1:] {
				node.add(&c[1+i])
			}
			nodes = append(nodes, node)
		}
		t.levels = append(t.levels, nodes)
		below = nodes
	}
	return t
}

// compact moves the boxes that are not empty to the front and returns them with their
// numbers, which are nil where none is empty.
func compact(boxes []Box) (left []Box, numbers []uint32) {
	first := slices.IndexFunc(boxes, func(b Box) bool { return b.isEmpty() })
	if first < 0 {
		return boxes, nil
	}
	for i := range boxes {
		if !boxes[i].isEmpty() {
			boxes[len(numbers)] = boxes[i]
			numbers = append(numbers, uint32(i))
		}
	}
	return boxes[:len(numbers)], numbers
}

// Write writes the tree as sections that Read reads.
func (t *Tree) Write(w *section.Writer) {
	section.Write(w, "tree.order", t.order)
	for i, nodes := range t.levels {
		section.Write(w, levelName(i), nodes)
	}
}

// Read returns the tree that Write wrote, which lies in the memory of f. If f has an error
// afterwards, the tree is of no use.
func Read(f *section.File) *Tree {
	t := &Tree{order: section.Read[uint32](f, "tree.order")}
	for n := len(t.order); n > 0 && f.Err() == nil; n = (n + fanout - 1) / fanout {
		nodes := section.Read[Box](f, levelName(len(t.levels)))
		if len(nodes) != n {
			f.Fail(errors.New("the tree is not whole"))
		}
		if t.levels = append(t.levels, nodes); n <= fanout {
			break
		}
	}
	return t
}

func levelName(i int) string { return fmt.Sprintf("tree.level.%d", i) }

// Len returns how many boxes the tree holds, those left out not counted.
func (t *Tree) Len() int { return len(t.order) }

// Bound returns the box around all; ok is false if the tree is empty.
func (t *Tree) Bound() (b Box, ok bool) {
	if len(t.levels) == 0 {
		return Box{}, false
	}
	top := t.levels[len(t.levels)-1]
	b = top[0]
	for i := range top {
		b.add(&top[i])
	}
	return b, true
}

// Search yields the number of each box that intersects q in space, where touching
// counts, and in time. The order is the tree's own, the same at each call. Ranging
// over it allocates nothing.
func (t *Tree) Search(q Box) iter.Seq[int] {
	return func(yield func(int) bool) {
		t.find(&q, func(at int) bool { return yield(int(t.order[at])) })
	}
}

// Boxes is like Search, and yields each box with its number. It is only to be read.
func (t *Tree) Boxes(q Box) iter.Seq2[int, *Box] {
	return func(yield func(int, *Box) bool) {
		t.find(&q, func(at int) bool { return yield(int(t.order[at]), &t.levels[0][at]) })
	}
}

// Count returns how many boxes lie wholly in q, in space and time, as far as whole
// nodes of the tree do, and calls look for each other box that intersects q, and says whether its
// rectangle lies wholly in that of q: then so does whatever it is the bound of. It ends when look returns false.
func (t *Tree) Count(q Box, look func(number int, covered bool) bool) (n int) {
	if top := len(t.levels) - 1; top >= 0 && !q.isEmpty() {
		t.count(&q, top, 0, len(t.levels[top]), 1<<(4*top), &n, look)
	}
	return n
}

// Guess returns about how many boxes intersect q, without looking at any: of the lowest nodes
// that do so, all that lies in them if they lie wholly in q, else half of it.
func (t *Tree) Guess(q Box) (n int) {
	if top := len(t.levels) - 1; top >= 0 && !q.isEmpty() {
		t.guess(&q, top, 0, len(t.levels[top]), 1<<(4*top), &n)
	}
	return n
}

func (t *Tree) guess(q *Box, level, from, to, size int, n *int) {
	nodes := t.levels[level][from:to]
	for i := range nodes {
		b := &nodes[i]
		switch {
		case !b.intersects(q):
		case q.contains(b):
			*n += size
		case level <= 1:
			*n += (size + 1) / 2
		default:
			first := (from + i) * fanout
			t.guess(q, level-1, first, min(first+fanout, len(t.levels[level-1])), size/fanout, n)
		}
	}
}

func (t *Tree) count(q *Box, level, from, to, size int, n *int, look func(int, bool) bool) bool {
	nodes := t.levels[level][from:to]
	for i := range nodes {
		b := &nodes[i]
		switch {
		case !b.intersects(q):
		case q.contains(b):
			first := (from + i) * size
			*n += min(first+size, len(t.order)) - first
		case level == 0:
			if !look(int(t.order[from+i]), q.covers(b)) {
				return false
			}
		default:
			first := (from + i) * fanout
			last := min(first+fanout, len(t.levels[level-1]))
			if !t.count(q, level-1, first, last, size/fanout, n, look) {
				return false
			}
		}
	}
	return true
}

// find calls yield with the place of each box in tree order, until it returns false.
func (t *Tree) find(q *Box, yield func(at int) bool) {
	if top := len(t.levels) - 1; top >= 0 && !q.isEmpty() {
		t.walk(q, top, 0, len(t.levels[top]), 1<<(4*top), yield)
	}
}

// walk visits the nodes [from, to) of a level, each of which bounds size boxes.
func (t *Tree) walk(q *Box, level, from, to, size int, yield func(at int) bool) bool {
	nodes := t.levels[level][from:to]
	for i := range nodes {
		b := &nodes[i]
		switch {
		case !b.intersects(q):
		case level == 0:
			if !yield(from + i) {
				return false
			}
		case q.contains(b): // then so does it all below: no more comparisons
			first := (from + i) * size
			for at := first; at < min(first+size, len(t.order)); at++ {
				if !yield(at) {
					return false
				}
			}
		default:
			first := (from + i) * fanout
			last := min(first+fanout, len(t.levels[level-1]))
			if !t.walk(q, level-1, first, last, size/fanout, yield) {
				return false
			}
		}
	}
	return true
}

// sort brings boxes, of which none is empty and there is one, into tree order and returns
// where each was before.
func sort(boxes []Box) (order []uint32) {
	bound := boxes[0]
	for i := range boxes {
		bound.add(&boxes[i])
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
	numberBits := bits.Len(uint(len(boxes) - 1))
	coarse := max(0, slabBits+2*hilbertBits+numberBits-64)
	keys := make([]uint64, len(boxes))
	for i := range boxes {
		b := &boxes[i]
		x := scale(b.MinX/2+b.MaxX/2, bound.MinX, bound.MaxX)
		y := scale(b.MinY/2+b.MaxY/2, bound.MinY, bound.MaxY)
		place := slab.of(b)<<(2*hilbertBits) | uint64(Hilbert(x, y))
		keys[i] = place>>coarse<<numberBits | uint64(i)
	}
	slices.Sort(keys)
	order = make([]uint32, len(boxes))
	for i, k := range keys {
		order[i] = uint32(k & (1<<numberBits - 1))
	}
	// Each box goes to its place, and so makes room for the one that belongs where it was.
	const moved = math.MaxUint64 // no key: slabs are fewer
	for i := range boxes {
		if keys[i] == moved {
			continue
		}
		first, at := boxes[i], i
		for keys[at] = moved; int(order[at]) != i; keys[at] = moved {
			boxes[at] = boxes[order[at]]
			at = int(order[at])
		}
		boxes[at] = first
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
func slabs(boxes []Box) (s slabbing) {
	s.lo, s.hi = math.Inf(1), math.Inf(-1)
	for i := range boxes {
		for _, t := range [2]int64{boxes[i].Start, boxes[i].End} {
			if t != math.MinInt64 && t != math.MaxInt64 {
				s.lo, s.hi = min(s.lo, float64(t)), max(s.hi, float64(t))
			}
		}
	}
	if len(boxes) < 2*minSlabSize || !(s.lo < s.hi) {
		return slabbing{}
	}
	long := (s.hi - s.lo) / 4
	size := min(len(boxes), maxSample)
	middles, lengths := make([]float64, 0, size), make([]float64, 0, size)
	r := rand.New(rand.NewPCG(1, 1)) // seeded: the same boxes make the same tree
	for i := range size {
		if len(boxes) > size {
			i = r.IntN(len(boxes))
		}
		if m, l := s.life(&boxes[i]); l < long {
			middles, lengths = append(middles, m), append(lengths, l)
		}
	}
	short := len(middles) * (len(boxes) / size) // of all boxes, about
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
