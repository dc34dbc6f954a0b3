package layers

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/rtree"
)

// memory is a Source of features in memory, in the order in which they came. It
// never changes.
type memory struct {
	features []geo.Feature
	byID     map[string]int
	rows     []uint32 // the feature of each box of tree
	tree     *rtree.Tree
	turns    [2]func() turns // by reading, made when first needed
}

// NewMemory returns a Source of features, whose ids must be unique. It keeps
// the slice, which the caller must not change.
func NewMemory(features []geo.Feature) Source {
	m := &memory{features: features, byID: make(map[string]int, len(features))}
	var boxes []rtree.Box
	for row, f := range features {
		m.byID[f.ID.String()] = row
		if f.Geometry == nil {
			continue
		}
		v := f.Valid.Possible
		if v.IsNever() {
			v = period.Period{} // the index only leaves out; selects decides
		}
		boxes = append(boxes, box(f.Geometry.Bound(), v))
		m.rows = append(m.rows, uint32(row))
	}
	m.tree = rtree.New(boxes)
	for r := range m.turns {
		m.turns[r] = sync.OnceValue(func() turns { return newTurns(features, period.Reading(r)) })
	}
	return m
}

func box(b orb.Bound, p period.Period) rtree.Box {
	start, end := p.Limits()
	return rtree.Box{MinX: b.Min[0], MinY: b.Min[1], MaxX: b.Max[0], MaxY: b.Max[1], Start: int64(start), End: int64(end)}
}

// rowsIn yields the rows that bounds select by their exact geometry, ascending;
// all if there are no bounds. Time is not looked at but to skip what the index
// knows to be outside of valid.
func (m *memory) rowsIn(bounds []orb.Bound, valid period.Period) iter.Seq[int] {
	if len(bounds) == 0 {
		return func(yield func(int) bool) {
			for row := range m.features {
				if !yield(row) {
					return
				}
			}
		}
	}
	var rows []uint32
	for _, b := range bounds {
		for i := range m.tree.Search(box(b, valid)) {
			rows = append(rows, m.rows[i])
		}
	}
	slices.Sort(rows)
	if len(bounds) > 1 {
		rows = slices.Compact(rows)
	}
	return func(yield func(int) bool) {
		for _, row := range rows {
			if m.touches(int(row), bounds) && !yield(int(row)) {
				return
			}
		}
	}
}

func (m *memory) touches(row int, bounds []orb.Bound) bool {
	for _, b := range bounds {
		if geo.Intersects(m.features[row].Geometry, b) {
			return true
		}
	}
	return false
}

func (m *memory) selects(q Query, row int) bool {
	if q.Valid.IsAlways() && q.Reading == period.Possible {
		return true // also what holds never, because its dates can't be read
	}
	return m.features[row].Valid.In(q.Reading).Intersects(q.Valid)
}

// Features implements Source: in the order of the file.
func (m *memory) Features(ctx context.Context, q Query) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		start, err := m.start(q.After)
		if err != nil {
			yield(geo.Feature{}, err)
			return
		}
		n := 0
		for row := range m.rowsIn(q.Bounds, q.Valid) {
			if row < start || !m.selects(q, row) {
				continue
			}
			if q.Limit > 0 && n == q.Limit {
				return
			}
			n++
			if n%256 == 0 && ctx.Err() != nil {
				yield(geo.Feature{}, ctx.Err())
				return
			}
			if !yield(m.features[row], nil) {
				return
			}
		}
	}
}

// Count implements Source.
func (m *memory) Count(_ context.Context, q Query) (int, error) {
	if len(q.Bounds) == 0 && q.Valid.IsAlways() && q.Reading == period.Possible {
		return len(m.features), nil
	}
	n := 0
	for row := range m.rowsIn(q.Bounds, q.Valid) {
		if m.selects(q, row) {
			n++
		}
	}
	return n, nil
}

// Feature implements Source.
func (m *memory) Feature(_ context.Context, id string) (geo.Feature, error) {
	row, ok := m.byID[id]
	if !ok {
		return geo.Feature{}, fmt.Errorf("feature %q: %w", id, ErrNotFound)
	}
	return m.features[row], nil
}

// manyRows is how many features of a window are looked at one by one to find
// out when the window changes. In one that holds more, the next change is near.
const manyRows = 2048

// Stable implements Source.
func (m *memory) Stable(_ context.Context, q Query) (period.Period, error) {
	if q.Valid.IsNever() {
		return period.Never, nil
	}
	at, _ := q.Valid.Limits()
	turns := m.turns[q.Reading]()
	if len(q.Bounds) == 0 {
		return turns.around(at, func(uint32) bool { return true }), nil
	}
	var rows []uint32
	for _, b := range q.Bounds {
		for i := range m.tree.Search(box(b, period.Period{})) {
			if rows = append(rows, m.rows[i]); len(rows) == manyRows {
				return turns.around(at, func(row uint32) bool { return m.touches(int(row), q.Bounds) }), nil
			}
		}
	}
	lo, hi := period.Period{}.Limits()
	for _, row := range rows {
		v := m.features[row].Valid.In(q.Reading)
		if v.IsNever() {
			continue
		}
		from, until := v.Limits()
		for _, i := range [2]period.Instant{from, until} {
			if inside := lo < i && i < hi; !inside || !m.touches(int(row), q.Bounds) {
				continue
			}
			if i <= at {
				lo = i
			} else {
				hi = i
			}
		}
	}
	return period.Between(lo, hi), nil
}

// Cursor implements Source: the row after f, and f's id, by which the place is
// found again when a reload has moved it.
func (m *memory) Cursor(f geo.Feature) Cursor {
	return Cursor(strconv.Itoa(m.byID[f.ID.String()]) + "." + f.ID.String())
}

// start returns the row at which the walk after c begins.
func (m *memory) start(c Cursor) (int, error) {
	if c == "" {
		return 0, nil
	}
	number, id, ok := strings.Cut(string(c), ".")
	row, err := strconv.Atoi(number)
	if !ok || err != nil || row < 0 {
		return 0, fmt.Errorf("cursor %q: %w", c, ErrInvalid)
	}
	if now, ok := m.byID[id]; ok {
		row = now
	}
	return min(row, len(m.features)) + 1, nil
}

// turns are the starts and ends of features, ascending, with their rows.
type turns struct {
	at  []period.Instant
	row []uint32
}

func newTurns(features []geo.Feature, r period.Reading) turns {
	type turn struct {
		at  period.Instant
		row uint32
	}
	var all []turn
	for row, f := range features {
		v := f.Valid.In(r)
		if i, ok := v.Start(); ok {
			all = append(all, turn{i, uint32(row)})
		}
		if i, ok := v.End(); ok {
			all = append(all, turn{i, uint32(row)})
		}
	}
	slices.SortFunc(all, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	t := turns{make([]period.Instant, len(all)), make([]uint32, len(all))}
	for i, one := range all {
		t.at[i], t.row[i] = one.at, one.row
	}
	return t
}

// around returns the period from the last turn at or before at to the next one
// after it, of the rows that count.
func (t turns) around(at period.Instant, counts func(row uint32) bool) period.Period {
	lo, hi := period.Period{}.Limits()
	next := sort.Search(len(t.at), func(i int) bool { return t.at[i] > at })
	for i := next - 1; i >= 0; i-- {
		if counts(t.row[i]) {
			lo = t.at[i]
			break
		}
	}
	for i := next; i < len(t.at); i++ {
		if counts(t.row[i]) {
			hi = t.at[i]
			break
		}
	}
	return period.Between(lo, hi)
}
