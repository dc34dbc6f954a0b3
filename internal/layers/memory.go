package layers

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/bits"
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
	spare  sync.Pool       // of *scratch
}

// A scratch is memory for keys of rows, as large as an answer in bounds may need.
type scratch struct {
	keys  []uint64
	marks []uint64 // all zero
}

func (m *memory) scratch() *scratch {
	if s, ok := m.spare.Get().(*scratch); ok {
		return s
	}
	return &scratch{}
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
	var boxes rtree.Builder
	boxes.Grow(table.Len())
	for row := range table.Len() {
		b := rtree.Box{MinX: 1} // empty: never found
		if bound, ok := table.Bound(row); ok {
			v := table.Valid(row).Possible
			if v.IsNever() {
				v = period.Period{} // the index only leaves out; selects decides
			}
			b = box(bound, v)
		}
		boxes.Add(&b)
	}
	m.tree = boxes.Tree()
	m.turns[period.Possible] = sync.OnceValue(func() turns { return newTurns(table, period.Possible) })
	m.turns[period.Certain] = m.turns[period.Possible]
	if table.Uncertain() {
		m.turns[period.Certain] = sync.OnceValue(func() turns { return newTurns(table, period.Certain) })
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

// rowsIn yields the rows from start on, ascending, that bounds select by their exact geometry,
// all if there are no bounds, and that are in time. The index may leave out what is outside of
// valid. Limit is how many of them are wanted; 0: all.
func (m *memory) rowsIn(bounds []orb.Bound, valid period.Period, t when, start, limit int) iter.Seq[int] {
	points := m.table.Points()
	switch {
	case len(bounds) == 0:
		return m.scan(start, t.rows)
	case m.coversAll(bounds) && !points:
		return m.scan(start, func(rows []int, from, to int) []int {
			return slices.DeleteFunc(t.rows(rows, from, to), func(row int) bool { b, ok := m.table.Bound(row); return !ok || b.IsEmpty() })
		})
	case points && (m.coversAll(bounds) || m.soonIn(bounds, valid, limit)):
		return m.scan(start, func(rows []int, from, to int) []int {
			return slices.DeleteFunc(m.table.AppendIn(rows, from, to, bounds), func(row int) bool { return !t.row(row) })
		})
	}
	return m.indexed(bounds, valid, t, start)
}

// soonIn reports whether looking at one point after the other finds limit of them in bounds and in
// valid sooner than the index does, which finds all, and in no order.
func (m *memory) soonIn(bounds []orb.Bound, valid period.Period, limit int) bool {
	const found = 4 // points take as long to be looked at as one that the index finds
	if limit == 0 {
		return false
	}
	n := 0
	for _, b := range bounds {
		n += m.tree.Guess(box(b, valid))
	}
	return limit*m.table.Len() < found*n*n
}

// in reports whether a row, which is a point, lies in bounds.
func (m *memory) in(row int, bounds []orb.Bound) bool {
	for i := range bounds {
		if m.table.PointIn(row, &bounds[i]) {
			return true
		}
	}
	return false
}

// indexed is rowsIn by the index.
func (m *memory) indexed(bounds []orb.Bound, valid period.Period, t when, start int) iter.Seq[int] {
	// A row twice, and one more if a bound covers it: then its geometry, which is
	// far away in memory, need not be looked at.
	spare := m.scratch()
	found := spare.keys[:0]
	for i := range bounds {
		for row, b := range m.tree.Boxes(box(bounds[i], valid)) {
			if row >= start && t.found(row, &b) {
				found = append(found, key(row, covered(&b, bounds[i:i+1])))
			}
		}
	}
	spare.keys = found
	m.sort(spare)
	return func(yield func(int) bool) {
		defer m.spare.Put(spare)
		var block [64]int
		for i, key := range found {
			if i%len(block) == 0 && !m.table.Points() { // whose geometries are far away in memory
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

// scan yields the rows from start on that find appends of each piece.
func (m *memory) scan(start int, find func(rows []int, from, to int) []int) iter.Seq[int] {
	return func(yield func(int) bool) {
		rows := make([]int, 0, 256)
		for from := start; from < m.table.Len(); from += cap(rows) {
			for _, row := range find(rows, from, min(from+cap(rows), m.table.Len())) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// coversAll reports whether one of bounds covers all features that have a place.
func (m *memory) coversAll(bounds []orb.Bound) bool {
	all, ok := m.tree.Bound()
	for _, b := range bounds {
		if ok && b.Contains(orb.Point{all.MinX, all.MinY}) && b.Contains(orb.Point{all.MaxX, all.MaxY}) {
			return true
		}
	}
	return false
}

// sort sorts keys of rowsIn. Where they are many, marking them in a row of bits is
// quicker than comparing.
func (m *memory) sort(s *scratch) {
	words := m.table.Len()/32 + 1
	if len(s.keys) < words/32 {
		slices.Sort(s.keys)
		return
	}
	if len(s.marks) < words {
		s.marks = make([]uint64, words)
	}
	var again []uint64 // keys that several bounds gave
	for _, key := range s.keys {
		if s.marks[key/64]>>(key%64)&1 == 1 {
			again = append(again, key)
		}
		s.marks[key/64] |= 1 << (key % 64)
	}
	sorted := s.keys[:0]
	for i, word := range s.marks {
		s.marks[i] = 0
		for ; word != 0; word &= word - 1 {
			sorted = append(sorted, uint64(i)<<6+uint64(bits.TrailingZeros64(word)))
		}
	}
	if len(again) > 0 {
		sorted = append(sorted, again...)
		slices.Sort(sorted)
	}
}

func (m *memory) touches(row int, bounds []orb.Bound) bool {
	if m.table.Points() {
		return m.in(row, bounds)
	}
	for _, b := range bounds {
		if geo.Intersects(m.table.Geometry(row), b) {
			return true
		}
	}
	return false
}

// A when is what a query asks of time.
type when struct {
	table   *geo.Table
	lo, hi  period.Instant
	reading period.Reading
	any     bool // also what holds never, because its dates can't be read
}

func (m *memory) when(q Query) when {
	lo, hi := q.Valid.Limits()
	return when{m.table, lo, hi, q.Reading, q.Valid.IsAlways() && q.Reading == period.Possible}
}

// row reports whether a row is in time.
func (t when) row(row int) bool { return t.any || t.table.Holds(row, t.reading, t.lo, t.hi) }

// rows appends to list the rows from up to, but not including, to that are in time.
func (t when) rows(list []int, from, to int) []int {
	if !t.any {
		return t.table.AppendHolding(list, from, to, t.reading, t.lo, t.hi)
	}
	for row := from; row < to; row++ {
		list = append(list, row)
	}
	return list
}

// found is row of one that the index found within the limits of t, as the box b: then the box
// tells, as long as it has a time.
func (t when) found(row int, b *rtree.Box) bool {
	return t.reading == period.Possible && (b.Start != math.MinInt64 || b.End != math.MaxInt64) || t.row(row)
}

// candidates returns the rows that q selects but for its filter, in its order and from its
// cursor on, and what the filter decides; q.Limit says how many are wanted.
func (m *memory) candidates(q Query) (rows iter.Seq[int], selects func(row int) bool, err error) {
	_, first, place, err := cutCursor(q.After)
	if err != nil {
		return nil, nil, err
	}
	start, err := m.start(place)
	if err != nil {
		return nil, nil, err
	}
	selects = func(int) bool { return true }
	var h cql2.Hints
	if q.Filter != nil {
		match, err := cql2.Compile(q.Filter, m.schema)
		if err != nil {
			return nil, nil, err
		}
		h = cql2.Necessary(q.Filter, m.schema)
		var f geo.Feature
		selects = func(row int) bool {
			f = m.table.At(row)
			return match(&f)
		}
	}
	return m.rowsHinted(q, first, start, h), selects, nil
}

// rowsHinted yields the rows that q may select, of which its filter implies h: from the row
// start on, or if it is cut into cells from that row of the first cell on.
func (m *memory) rowsHinted(q Query, first, start int, h cql2.Hints) iter.Seq[int] {
	bounds, valid, t := q.Bounds, q.Valid, m.when(q)
	if len(bounds) == 0 {
		bounds = h.Bounds
	}
	if valid.IsAlways() {
		valid = h.Valid
	}
	c := m.cells(q)
	if w := m.window(&q); w != nil && h.IDs == nil {
		return w.rows(c, t, first, start)
	}
	if c.side > 1 {
		return m.rowsByCell(c, valid, t, first, start)
	}
	if h.IDs == nil {
		return m.rowsIn(bounds, valid, t, start, q.Limit)
	}
	var rows []int
	for _, id := range h.IDs {
		if row, ok := m.byID.find(id); ok && row >= start && t.row(row) && (len(bounds) == 0 || m.touches(row, bounds)) {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return slices.Values(slices.Compact(rows))
}

// Features implements Source.
func (m *memory) Features(ctx context.Context, q Query) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for row, err := range m.walk(ctx, q) {
			if err != nil {
				yield(geo.Feature{}, err)
				return
			}
			if !yield(m.table.At(row), nil) {
				return
			}
		}
	}
}

// Rows implements Source. Rows are looked up some at a time, so that memory brings what
// several are made of at once.
func (m *memory) Rows(ctx context.Context, q Query) iter.Seq2[geo.Row, error] {
	return func(yield func(geo.Row, error) bool) {
		var block [64]int
		n := 0
		flush := func() bool {
			if n > 1 && uint(block[n-1]-block[0]) >= uint(4*n) { // else memory is read in its order
				m.table.Fetch(block[:n])
			}
			for _, row := range block[:n] {
				if !yield(m.table.Row(row), nil) {
					return false
				}
			}
			n = 0
			return true
		}
		for row, err := range m.walk(ctx, q) {
			if err != nil {
				if flush() {
					yield(geo.Row{}, err)
				}
				return
			}
			block[n] = row
			if n++; n == len(block) && !flush() {
				return
			}
		}
		flush()
	}
}

// walk yields the rows that q asks for: in the order of the file, or by cells, if q has none. It
// ends with the last that is wanted.
func (m *memory) walk(ctx context.Context, q Query) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if len(q.Order) > 0 {
			m.sorted(ctx, q)(yield)
			return
		}
		rows, selects, err := m.candidates(q)
		if err != nil {
			yield(0, err)
			return
		}
		n, seen := 0, 0
		for row := range rows {
			if seen++; seen%256 == 0 && ctx.Err() != nil {
				break
			}
			if !selects(row) {
				continue
			}
			if n++; !yield(row, nil) || n == q.Limit {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(0, err)
		}
	}
}

// Count implements Source.
func (m *memory) Count(ctx context.Context, q Query, effort int) (n int, known bool, err error) {
	always := q.Valid.IsAlways() && q.Reading == period.Possible
	switch turns := m.turns[q.Reading]; {
	case q.Filter != nil:
	case len(q.Bounds) == 0 && always:
		return m.table.Len(), true, nil
	case len(q.Bounds) == 0:
		return turns().count(m.table.Len(), q.Valid), true, nil
	case q.Reading == period.Possible && len(q.Bounds) == 1 && (always || turns().never == 0):
		if w := m.window(&q); w != nil {
			return w.count(q.Valid), true, nil
		}
		n, known = m.countIn(q.Bounds[0], q.Valid, effort)
		return n, known, nil
	}
	q.Limit, q.After = 0, ""
	rows, selects, err := m.candidates(q)
	if err != nil {
		return 0, false, err
	}
	seen := 0
	for row := range rows {
		if seen++; effort > 0 && seen > effort {
			return 0, false, nil
		}
		if seen%256 == 0 && ctx.Err() != nil {
			break
		}
		if selects(row) {
			n++
		}
	}
	return n, true, ctx.Err()
}

// countIn counts the features in a bound that possibly hold in valid, none of
// which holds never: by whole nodes of the index, and by looking at the rest.
func (m *memory) countIn(bound orb.Bound, valid period.Period, effort int) (n int, known bool) {
	looked, touching := 0, 0
	n = m.tree.Count(box(bound, valid), func(row int, covered bool) bool {
		if covered || geo.Intersects(m.table.Geometry(row), bound) {
			touching++
		}
		looked++
		return effort == 0 || looked <= effort
	})
	return n + touching, effort == 0 || looked <= effort
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
	if w := m.window(&q); w != nil && q.Reading == period.Possible {
		return w.around(at), nil
	}
	lo, hi := period.Period{}.Limits()
	seen := 0
	for _, bound := range q.Bounds {
		for row, b := range m.tree.Boxes(box(bound, period.Period{})) {
			if seen++; seen == manyRows {
				return turns.around(at, func(row uint32) bool { return m.touches(int(row), q.Bounds) }), nil
			}
			from, until := period.Instant(b.Start), period.Instant(b.End)
			if q.Reading != period.Possible {
				v := m.table.Valid(row).In(q.Reading)
				if v.IsNever() {
					continue
				}
				from, until = v.Limits()
			}
			for _, i := range [2]period.Instant{from, until} {
				if inside := lo < i && i < hi; !inside || !m.touches(row, q.Bounds) {
					continue
				}
				if i <= at {
					lo = i
				} else {
					hi = i
				}
			}
		}
	}
	return period.Between(lo, hi), nil
}

// around is how many features on either side a cursor names.
const around = 4

// Cursor implements Source. In the order of the file it names the features around the place after f, in
// it, nearest first, each as its length, a colon and its id:
// after a reload the first of them that is still there tells the place, as
// whatever lay between is gone.
func (m *memory) Cursor(f geo.Feature, q Query) Cursor {
	row, _ := m.byID.find(f.ID.String())
	if o, err := newOrdering(m.table, q.Order); err == nil && len(q.Order) > 0 {
		return o.place(row, place{}).cursor()
	}
	var c []byte
	if cut := m.cells(q); cut.side > 1 {
		c = m.appendCell(c, cut, row)
	}
	for d := range around {
		for _, near := range [2]int{row + 1 + d, row - d} {
			id := ""
			if near >= 0 && near < m.table.Len() {
				id = m.table.ID(near).String()
			}
			c = append(strconv.AppendInt(c, int64(len(id)), 10), ':')
			c = append(c, id...)
		}
	}
	return Cursor(c)
}

// start returns the row at which the walk after c begins.
func (m *memory) start(c Cursor) (int, error) {
	rest, row := string(c), -1
	for i := 0; rest != ""; i++ {
		number, after, ok := strings.Cut(rest, ":")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n > len(after) || i >= 2*around {
			return 0, fmt.Errorf("cursor %q: %w", c, ErrCursor)
		}
		if now, ok := m.byID.find(after[:n]); ok && n > 0 && row < 0 {
			row = now + i%2 // those behind the place are the odd ones
		}
		rest = after[n:]
	}
	if c != "" && row < 0 {
		return 0, ErrGone
	}
	return max(row, 0), nil
}

// turns are the starts and ends of features, ascending, with their rows.
type turns struct {
	at     []period.Instant
	row    []uint32
	starts []uint32 // how many of at[:i] are starts
	never  int      // features that hold never, which have none
}

func newTurns(table *geo.Table, r period.Reading) turns {
	// Instants are far fewer than turns, mostly, so that turns are counted rather than sorted.
	distinct := changes(table, r)
	each := func(do func(k, row int, starts uint32)) {
		for row := range table.Len() {
			v := table.Valid(row).In(r)
			if i, ok := v.Start(); ok {
				k, _ := slices.BinarySearch(distinct, i)
				do(k, row, 1)
			}
			if i, ok := v.End(); ok {
				k, _ := slices.BinarySearch(distinct, i)
				do(k, row, 0)
			}
		}
	}
	next := make([]uint32, len(distinct)+1) // place of the next turn at an instant
	each(func(k, _ int, _ uint32) { next[k+1]++ })
	for k := range distinct {
		next[k+1] += next[k]
	}
	n := next[len(distinct)]
	t := turns{at: make([]period.Instant, n), row: make([]uint32, n), starts: make([]uint32, n+1)}
	each(func(k, row int, starts uint32) {
		i := next[k]
		next[k]++
		t.at[i], t.row[i], t.starts[i+1] = distinct[k], uint32(row), starts
	})
	for i := range t.at {
		t.starts[i+1] += t.starts[i]
	}
	for row := range table.Len() {
		if table.Valid(row).In(r).IsNever() {
			t.never++
		}
	}
	return t
}

// count returns how many of all features share an instant with valid: those that
// neither end before it nor start after it.
func (t turns) count(all int, valid period.Period) int {
	if valid.IsNever() {
		return 0
	}
	lo, hi := valid.Limits()
	started := sort.Search(len(t.at), func(i int) bool { return t.at[i] >= hi })
	ended := sort.Search(len(t.at), func(i int) bool { return t.at[i] > lo })
	late := int(t.starts[len(t.at)] - t.starts[started])
	early := ended - int(t.starts[ended])
	return all - t.never - late - early
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
