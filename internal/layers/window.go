package layers

import (
	"iter"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/geo/rtree"
)

// A window is what lies in the bounds of a query at whatever time, found once for all that one
// answer wants to know of it: how many there are, which come first, when the next changes.
type window struct {
	of     *memory // whose it is; nil: nobody has looked yet
	bound  orb.Bound
	small  bool
	guess  int      // see memory.about
	places []uint32 // in the tree
	times  [][2]int64
	keys   []uint64
}

// mostInWindow is how many features a window holds at most, about: more are told better by whole
// nodes of the index, and soon for the first page.
const mostInWindow = 4096

//nolint:gochecknoglobals // a pool
var windows = sync.Pool{New: func() any { return new(window) }}

// Together returns q for who asks a Source several things of the same bounds, one after the other:
// what it finds out for one it need not look for again. Done ends that.
func (q Query) Together() (together Query, done func()) {
	w := windows.Get().(*window) //nolint:forcetypeassert // the pool holds nothing else
	q.window = w
	return q, func() { w.of = nil; windows.Put(w) }
}

// window returns that of q, or nil if it has none, or is not small.
func (m *memory) window(q *Query) *window {
	w := q.window
	if w == nil || len(q.Bounds) != 1 || !m.table.Points() {
		return nil
	}
	if w.of != m || w.bound != q.Bounds[0] {
		w.of, w.bound = m, q.Bounds[0]
		if w.places, w.guess, w.small = m.tree.Gather(w.places[:0], box(w.bound, period.Period{}), mostInWindow); w.small {
			w.times = m.tree.Times(w.times[:0], w.places)
		}
	}
	if !w.small {
		return nil
	}
	return w
}

// count returns how many possibly hold in valid. None may hold never.
func (w *window) count(valid period.Period) (n int) {
	if valid.IsAlways() {
		return len(w.places)
	}
	lo, hi := valid.Limits()
	for _, t := range w.times {
		n += one(t[0] < int64(hi)) & one(int64(lo) < t[1])
	}
	return n
}

// one returns 1 for true; it does not jump.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// around returns the period from the last turn at or before at to the next one after it, in the
// possible reading.
func (w *window) around(at period.Instant) period.Period {
	lo, hi := period.Period{}.Limits()
	for _, t := range w.times {
		for _, i := range [2]period.Instant{period.Instant(t[0]), period.Instant(t[1])} {
			before, after := i, i
			if i > at {
				before = lo
			} else {
				after = hi
			}
			lo, hi = max(lo, before), min(hi, after)
		}
	}
	return period.Between(lo, hi)
}

// rows yields those in time by cells of c, as rowsByCell does. They are put in order only as far
// as they are asked for, which is a page of them.
func (w *window) rows(c cells, t when, first, start int) iter.Seq[int] {
	return func(yield func(int) bool) {
		const rowBits = 32
		lo, hi := int64(t.lo), int64(t.hi)
		w.keys = slices.Grow(w.keys[:0], len(w.places))
		keys, n := w.keys[:len(w.places)], 0
		for i, s := range w.times {
			keys[n] = uint64(i)
			n += one(s[0] < hi) & one(lo < s[1])
		}
		held := keys[:n]
		keys = keys[:0]
		west, south := w.bound.Min[0], w.bound.Min[1]
		east, north := w.bound.Max[0], w.bound.Max[1]
		for _, i := range held {
			row, x, y := w.of.tree.Corner(w.places[i])
			cell := c.step(y, south, north)*c.side + c.step(x, west, east)
			if cell < first || cell == first && row < start {
				continue
			}
			if t.found(row, &rtree.Box{Start: w.times[i][0], End: w.times[i][1]}) {
				keys = append(keys, uint64(cell)<<rowBits|uint64(row))
			}
		}
		for i := len(keys)/2 - 1; i >= 0; i-- {
			sink(keys, i)
		}
		for len(keys) > 0 {
			if !yield(int(uint32(keys[0]))) {
				return
			}
			last := len(keys) - 1
			keys[0] = keys[last]
			keys = keys[:last]
			sink(keys, 0)
		}
	}
}

// sink moves the key at i of a heap, whose least is the first, down to its place.
func sink(keys []uint64, i int) {
	for {
		least := 2*i + 1
		if least >= len(keys) {
			return
		}
		if other := least + 1; other < len(keys) && keys[other] < keys[least] {
			least = other
		}
		if keys[i] <= keys[least] {
			return
		}
		keys[i], keys[least] = keys[least], keys[i]
		i = least
	}
}
