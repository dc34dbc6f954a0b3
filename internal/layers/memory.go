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
	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/geo/rtree"
)

// memory is a Source of features in memory, in the order in which they came. It
// never changes.
type memory struct {
	table  *geo.Table
	schema cql2.Schema
	byID   *index
	tree   *rtree.Tree     // of all features, those without a geometry as empty boxes
	turns  [2]func() turns // by reading, made when first needed
}

// NewMemory returns a Source of features, whose ids must be unique. It copies
// all but the geometries, which the caller must not change.
func NewMemory(features []geo.Feature) Source {
	names := geo.NewNames()
	table := geo.NewTable(names)
	var row []geo.Value
	for _, f := range features {
		row = row[:0]
		for name, v := range f.Properties.All() {
			n := names.Add(name)
			for len(row) <= n {
				row = append(row, geo.Value{})
			}
			row[n] = v
		}
		table.Append(f.ID, f.Geometry, f.Valid, row)
	}
	byID := newIndex(table)
	for row := range features {
		byID.add(row)
	}
	return newMemory(table, byID, TimeFields{})
}

// newMemory returns a Source of table, which is complete, whose ids are in byID
// and whose valid time stands in the properties that time names.
func newMemory(table *geo.Table, byID *index, time TimeFields) *memory {
	m := &memory{table: table, schema: time.schema(table.Names()), byID: byID}
	boxes := make([]rtree.Box, table.Len())
	for row := range boxes {
		bound, ok := table.Bound(row)
		if !ok {
			boxes[row] = rtree.Box{MinX: 1} // empty: never found
			continue
		}
		v := table.Valid(row).Possible
		if v.IsNever() {
			v = period.Period{} // the index only leaves out; selects decides
		}
		boxes[row] = box(bound, v)
	}
	m.tree = rtree.New(boxes)
	for r := range m.turns {
		m.turns[r] = sync.OnceValue(func() turns { return newTurns(table, period.Reading(r)) })
	}
	return m
}

// An index finds rows of a table by id: an open hash table of their numbers, a
// quarter of the size of a map.
type index struct {
	table *geo.Table
	slots []uint32 // a row's number plus one; 0: free
}

// newIndex returns an empty index with room for all rows of table.
func newIndex(table *geo.Table) *index {
	size := 8
	for size < 2*table.Len() {
		size *= 2
	}
	return &index{table, make([]uint32, size)}
}

// slot returns where id is, or would be.
func (x *index) slot(id string) int {
	mask := len(x.slots) - 1
	i := int(hashID(id)) & mask
	for x.slots[i] != 0 && x.table.ID(int(x.slots[i]-1)).String() != id {
		i = (i + 1) & mask
	}
	return i
}

// hashID returns the same in every process: an index may be kept. It is FNV-1a, of which
// the upper bits are mixed into the lower ones.
func hashID(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h ^ h>>32
}

// add adds a row; of rows with the same id the last counts.
func (x *index) add(row int) { x.slots[x.slot(x.table.ID(row).String())] = uint32(row) + 1 }

// find returns the row of id.
func (x *index) find(id string) (row int, ok bool) {
	row = int(x.slots[x.slot(id)]) - 1
	return row, row >= 0
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
			for row := range m.table.Len() {
				if !yield(row) {
					return
				}
			}
		}
	}
	// A row twice, and one more if a bound covers it: then its geometry, which is
	// far away in memory, need not be looked at.
	var found []uint64
	for _, b := range bounds {
		for row, covered := range m.tree.Find(box(b, valid)) {
			key := uint64(row) << 1
			if covered {
				key++
			}
			found = append(found, key)
		}
	}
	slices.Sort(found)
	return func(yield func(int) bool) {
		var block [64]int
		for i, key := range found {
			if i%len(block) == 0 {
				n := min(len(block), len(found)-i)
				for k := range n {
					block[k] = int(found[i+k] >> 1)
				}
				m.table.Fetch(block[:n])
			}
			row := int(key >> 1)
			if i+1 < len(found) && int(found[i+1]>>1) == row {
				continue // several bounds found it; the last key knows most
			}
			if (key&1 == 1 || m.touches(row, bounds)) && !yield(row) {
				return
			}
		}
	}
}

func (m *memory) touches(row int, bounds []orb.Bound) bool {
	for _, b := range bounds {
		if geo.Intersects(m.table.Geometry(row), b) {
			return true
		}
	}
	return false
}

func (m *memory) selects(q Query, row int) bool {
	if q.Valid.IsAlways() && q.Reading == period.Possible {
		return true // also what holds never, because its dates can't be read
	}
	return m.table.Valid(row).In(q.Reading).Intersects(q.Valid)
}

// selected yields the rows from start on that q selects, ascending, whatever its
// Limit and After. It ends early when ctx does.
func (m *memory) selected(ctx context.Context, q Query, start int) (iter.Seq[int], error) {
	match := cql2.Predicate(func(*geo.Feature) bool { return true })
	var rows iter.Seq[int]
	if q.Filter == nil {
		rows = m.rowsIn(q.Bounds, q.Valid)
	} else {
		var err error
		if match, err = cql2.Compile(q.Filter, m.schema); err != nil {
			return nil, err
		}
		rows = m.rowsHinted(q, cql2.Necessary(q.Filter, m.schema))
	}
	return func(yield func(int) bool) {
		var f geo.Feature
		n := 0
		for row := range rows {
			if n++; n%256 == 0 && ctx.Err() != nil {
				return
			}
			if row < start || !m.selects(q, row) {
				continue
			}
			if q.Filter != nil {
				if f = m.table.At(row); !match(&f) {
					continue
				}
			}
			if !yield(row) {
				return
			}
		}
	}, nil
}

// rowsHinted yields the rows that q may select, of which its filter implies h.
func (m *memory) rowsHinted(q Query, h cql2.Hints) iter.Seq[int] {
	bounds, valid := q.Bounds, q.Valid
	if len(bounds) == 0 {
		bounds = h.Bounds
	}
	if valid.IsAlways() {
		valid = h.Valid
	}
	if h.IDs == nil {
		return m.rowsIn(bounds, valid)
	}
	var rows []int
	for _, id := range h.IDs {
		if row, ok := m.byID.find(id); ok && (len(bounds) == 0 || m.touches(row, bounds)) {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return slices.Values(slices.Compact(rows))
}

// Features implements Source: in the order of the file.
func (m *memory) Features(ctx context.Context, q Query) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		start, err := m.start(q.After)
		if err != nil {
			yield(geo.Feature{}, err)
			return
		}
		rows, err := m.selected(ctx, q, start)
		if err != nil {
			yield(geo.Feature{}, err)
			return
		}
		n := 0
		for row := range rows {
			if q.Limit > 0 && n == q.Limit {
				return
			}
			n++
			if !yield(m.table.At(row), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(geo.Feature{}, err)
		}
	}
}

// Count implements Source.
func (m *memory) Count(ctx context.Context, q Query) (int, error) {
	if len(q.Bounds) == 0 && q.Valid.IsAlways() && q.Reading == period.Possible && q.Filter == nil {
		return m.table.Len(), nil
	}
	rows, err := m.selected(ctx, q, 0)
	if err != nil {
		return 0, err
	}
	n := 0
	for range rows {
		n++
	}
	return n, ctx.Err()
}

// Feature implements Source.
func (m *memory) Feature(_ context.Context, id string) (geo.Feature, error) {
	row, ok := m.byID.find(id)
	if !ok {
		return geo.Feature{}, fmt.Errorf("feature %q: %w", id, ErrNotFound)
	}
	return m.table.At(row), nil
}

// manyRows is how many features of a window are looked at one by one to find
// out when the window changes. In one that holds more, the next change is near.
const manyRows = 2048

// Stable implements Source. It does not look at the filter, so that the period may
// be shorter than with it.
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
			if rows = append(rows, uint32(i)); len(rows) == manyRows {
				return turns.around(at, func(row uint32) bool { return m.touches(int(row), q.Bounds) }), nil
			}
		}
	}
	lo, hi := period.Period{}.Limits()
	for _, row := range rows {
		v := m.table.Valid(int(row)).In(q.Reading)
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
	row, _ := m.byID.find(f.ID.String())
	return Cursor(strconv.Itoa(row) + "." + f.ID.String())
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
	if now, ok := m.byID.find(id); ok {
		row = now
	}
	return min(row, m.table.Len()) + 1, nil
}

// turns are the starts and ends of features, ascending, with their rows.
type turns struct {
	at  []period.Instant
	row []uint32
}

func newTurns(table *geo.Table, r period.Reading) turns {
	type turn struct {
		at  period.Instant
		row uint32
	}
	var all []turn
	for row := range table.Len() {
		v := table.Valid(row).In(r)
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
