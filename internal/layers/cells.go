package layers

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/geo/rtree"
)

// Cells are bounds cut into equal parts, by which the features in them come page by page: those
// of a cell in the order of the file, one cell after the other. So a page looks at a few
// cells, where the first in the order of the file could not be told before all were found.
//
// In which cell a feature comes depends on its own box alone, and how many cells
// there are stands in the cursor: a reload moves nothing from one cell to another.
type cells struct {
	bounds []orb.Bound
	side   int // how many there are along each side of each bound; 1 is all in the order of the file
}

const (
	mostSide   = 64
	sparse     = 16  // in denser bounds than one feature of so many, features soon come in the order of the file
	fewPages   = 4   // so many are found at once
	few        = 128 // features are, too
	cellsAPage = 4
	leastCell  = 16 // features: to look into a cell takes as long as to find so many
)

// cells returns how the answer to q is cut.
func (m *memory) cells(q Query) cells {
	c := cells{q.Bounds, 1}
	if side, _, _, err := cutCursor(q.After); err != nil || q.After != "" {
		c.side = max(side, 1)
		return c
	}
	if q.Limit == 0 || len(q.Bounds) == 0 || m.coversAll(q.Bounds) || q.Filter != nil && cql2.Necessary(q.Filter, m.schema).IDs != nil {
		return c
	}
	n := 0
	if w := m.window(&q); w != nil {
		n = w.guess
	} else {
		n = m.about(q.Bounds)
	}
	if n > max(fewPages*q.Limit, few) && (n < m.table.Len()/sparse || !m.table.Points()) {
		c.side = min(int(math.Ceil(math.Sqrt(float64(n/max(q.Limit/cellsAPage, leastCell))))), mostSide)
	}
	return c
}

// about returns roughly how many features there are in bounds, at whatever time.
func (m *memory) about(bounds []orb.Bound) (n int) {
	for _, b := range bounds {
		n += m.tree.Guess(box(b, period.Period{}))
	}
	return n
}

func (c cells) len() int { return len(c.bounds) * c.side * c.side }

// of returns the cell in which a feature of the box b comes: where the lower left corner lies
// of what it has in the first of the bounds that it touches; -1 if it touches none.
func (c cells) of(b *rtree.Box) int {
	for i := range c.bounds {
		q := &c.bounds[i]
		if b.MinX <= q.Max[0] && b.MaxX >= q.Min[0] && b.MinY <= q.Max[1] && b.MaxY >= q.Min[1] {
			return (i*c.side+c.step(b.MinY, q.Min[1], q.Max[1]))*c.side + c.step(b.MinX, q.Min[0], q.Max[0])
		}
	}
	return -1
}

func (c cells) step(v, lo, hi float64) int {
	if f := (v - lo) / (hi - lo) * float64(c.side); f > 0 { // not so if hi == lo
		return int(min(f, float64(c.side-1)))
	}
	return 0
}

// around returns a box that the box of each feature of a cell touches.
func (c cells) around(cell int, valid period.Period) rtree.Box {
	b := c.bounds[cell/(c.side*c.side)]
	for axis, step := range [2]int{cell % c.side, cell / c.side % c.side} {
		lo, size := b.Min[axis], b.Max[axis]-b.Min[axis]
		slack := size*1e-9 + 1e-12 // more than of and this can differ by rounding
		b.Min[axis] = lo + size*float64(step)/float64(c.side) - slack
		b.Max[axis] = lo + size*float64(step+1)/float64(c.side) + slack
	}
	return box(b, valid)
}

// rowsByCell yields the rows that the bounds of c select and that are in time, by cells from the
// one with the number first on, in which it begins with the row start. The index may
// leave out what is outside of valid.
func (m *memory) rowsByCell(c cells, valid period.Period, t when, first, start int) iter.Seq[int] {
	return func(yield func(int) bool) {
		spare := m.scratch()
		defer m.spare.Put(spare)
		found := spare.keys
		for cell := first; cell < c.len(); cell++ {
			found = found[:0]
			for row, b := range m.tree.Boxes(c.around(cell, valid)) {
				if c.of(&b) == cell && (cell > first || row >= start) && t.found(row, &b) {
					found = append(found, key(row, m.table.Points() || covered(&b, c.bounds)))
				}
			}
			spare.keys = found
			slices.Sort(found)
			for _, key := range found {
				if row := int(key >> 1); (key&1 == 1 || m.touches(row, c.bounds)) && !yield(row) {
					return
				}
			}
		}
	}
}

// key returns a row twice, and one more if a bound covers it.
func key(row int, covered bool) uint64 {
	if covered {
		return uint64(row)<<1 | 1
	}
	return uint64(row) << 1
}

// covered reports whether one of bounds covers b.
func covered(b *rtree.Box, bounds []orb.Bound) bool {
	return slices.ContainsFunc(bounds, func(q orb.Bound) bool {
		return q.Min[0] <= b.MinX && b.MaxX <= q.Max[0] && q.Min[1] <= b.MinY && b.MaxY <= q.Max[1]
	})
}

// appendCell begins a cursor of cells, which goes on as one in the order of the file.
func (m *memory) appendCell(dst []byte, c cells, row int) []byte {
	bound, _ := m.table.Bound(row)
	b := box(bound, period.Period{})
	dst = strconv.AppendInt(append(dst, cellMark), int64(c.side), 10)
	return append(strconv.AppendInt(append(dst, cellMark), int64(max(c.of(&b), 0)), 10), cellMark)
}

// cellMark stands around the numbers with which a cursor of cells begins.
const cellMark = '.'

// cutCursor returns how many cells a cursor is of, in which it is, and the place in the order of the
// file. In a cursor of that order alone, side is 0.
func cutCursor(c Cursor) (side, cell int, place Cursor, err error) {
	if c == "" || c[0] != cellMark {
		return 0, 0, c, nil
	}
	part := strings.SplitN(string(c), string(cellMark), 4)
	if len(part) == 4 {
		var err2 error
		side, err = strconv.Atoi(part[1])
		cell, err2 = strconv.Atoi(part[2])
		if err == nil && err2 == nil && 1 < side && side <= mostSide && cell >= 0 {
			return side, cell, Cursor(part[3]), nil
		}
	}
	return 0, 0, "", fmt.Errorf("cursor %q: %w", c, ErrCursor)
}
