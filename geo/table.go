package geo

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A Table holds many features by column, in a third of the memory that a slice of
// them takes and with next to nothing for the garbage collector to follow. It
// only grows; features once in it keep their place. Reading is safe for
// concurrent use when nobody appends or sets any more.
type Table struct {
	names    *Names
	columns  []column
	ids      column
	points   []orb.Point    // while there is nothing but points; NaN: no geometry
	shapes   []orb.Geometry // else
	possible spans
	certain  spans    // empty: as possible
	times    []byte   // the list of possible as whoever owns the table writes it, one after the other; nil: not known
	timeEnds []uint32 // of each in times
	texts    texts
	written  []byte   // features as whoever owns the table writes them, each after Between; nil: not known
	ends     []uint64 // of each in written
	dated    bool     // written with the ends of their valid time as properties
}

// A column is what one property is in each row; beyond its end it is null.
type column struct {
	kinds []Kind
	words []uint64 // Value.bits; of String and JSON the place in texts

	// Of a column of few different values, kinds and words are these, and one of bytes and
	// pairs tells which of them each row has; see narrow.
	bytes []uint8
	pairs []uint16

	members []byte   // these values as members of a JSON object, each with a comma before it, one after the other; nil: too long
	starts  []uint32 // of each in members, and where the last one ends

	texts int // how many there were, and how many of them had been there before
	known int
}

// NewTable returns an empty Table. The names, which the caller may go on adding
// to, tell which value of a row is which.
func NewTable(names *Names) *Table { return &Table{names: names} }

// Len returns the number of features.
func (t *Table) Len() int { return t.possible.len() }

// Reserve makes room for n features in all, of the columns that there are, so that to append
// them copies nothing. Room that is never used takes no memory of the system's.
func (t *Table) Reserve(n int) {
	t.points, t.shapes = reserve(t.points, n), reserve(t.shapes, n)
	t.possible.list, t.certain.list = reserve(t.possible.list, n), reserve(t.certain.list, n)
	t.ids.reserve(n)
	for i := range t.columns {
		t.columns[i].reserve(n)
	}
}

func (c *column) reserve(n int) { c.kinds, c.words = reserve(c.kinds, n), reserve(c.words, n) }

// reserve is slices.Grow of what is not empty, but leaves the room as the system gives it.
func reserve[T any](list []T, n int) []T {
	if len(list) == 0 || cap(list) >= n {
		return list
	}
	return append(make([]T, 0, n), list...)
}

// Append adds a feature of the given values, which stand in the order of the
// table's names. Id and values are copied, the geometry is kept.
func (t *Table) Append(id ID, g orb.Geometry, valid period.Valid, row []Value) {
	i := t.Len()
	t.appendShape(i, g)
	t.possible.list = append(t.possible.list, span{})
	if t.Uncertain() {
		t.certain.list = append(t.certain.list, span{})
	}
	t.SetValid(i, valid)
	t.SetID(i, id)
	for len(t.columns) < len(row) {
		t.columns = append(t.columns, column{})
	}
	for n, v := range row {
		if v.kind != Null {
			c := &t.columns[n]
			c.set(i, v.kind, t.word(c, v))
		}
	}
}

// word returns what column c holds of v. Texts are kept once for as long as they
// often come again.
func (t *Table) word(c *column, v Value) uint64 {
	if v.kind != String && v.kind != JSON {
		return v.bits
	}
	if c.texts > 1000 && c.known < c.texts/8 {
		p, _ := t.texts.add(v.text, false)
		return uint64(p)
	}
	p, known := t.texts.add(v.text, true)
	c.texts++
	if known {
		c.known++
	}
	return uint64(p)
}

func (c *column) set(row int, k Kind, word uint64) {
	for len(c.kinds) <= row {
		c.kinds, c.words = append(c.kinds, Null), append(c.words, 0)
	}
	c.kinds[row], c.words[row] = k, word
}

// at returns what c holds of a row.
func (c *column) at(row int) (Kind, uint64) {
	n := c.number(row)
	if n >= len(c.kinds) {
		return Null, 0
	}
	return c.kinds[n], c.words[n]
}

// number returns where what c holds of a row stands in kinds and words; if it is beyond their
// end, that is null.
func (c *column) number(row int) int {
	switch {
	case c.bytes != nil:
		if row < len(c.bytes) {
			return int(c.bytes[row])
		}
		return len(c.kinds)
	case c.pairs != nil:
		if row < len(c.pairs) {
			return int(c.pairs[row])
		}
		return len(c.kinds)
	}
	return row
}

// narrow stores c in one byte a row instead of nine if it has at most 256 different
// values, in two if it has at most 1<<16; where that is not less, it leaves c as it is.
// Such are most columns of large layers: kinds, countries, years.
func (c *column) narrow() {
	most := min(1<<16, len(c.kinds)/2)
	slots := make([]uint32, 1<<bits.Len(uint(2*most))) // numbers of distinct values + 1, by hash
	numbers := make([]uint16, len(c.kinds))
	var first []uint32 // row of each distinct value
	for row, k := range c.kinds {
		word := c.words[row]
		h := (word ^ uint64(k)<<60) * 0x9e3779b97f4a7c15
		for at := int(h>>32) & (len(slots) - 1); ; at = (at + 1) & (len(slots) - 1) {
			n := slots[at]
			if n == 0 {
				if len(first) == most {
					return
				}
				first = append(first, uint32(row))
				n = uint32(len(first))
				slots[at] = n
			}
			if same := first[n-1]; c.words[same] == word && c.kinds[same] == k {
				numbers[row] = uint16(n - 1)
				break
			}
		}
	}
	kinds, words := make([]Kind, len(first)), make([]uint64, len(first))
	for i, row := range first {
		kinds[i], words[i] = c.kinds[row], c.words[row]
	}
	c.kinds, c.words, c.pairs = kinds, words, numbers
	if len(first) <= 1<<8 {
		c.bytes, c.pairs = make([]uint8, len(numbers)), nil
		for i, n := range numbers {
			c.bytes[i] = uint8(n)
		}
	}
}

func (t *Table) appendShape(i int, g orb.Geometry) {
	if t.shapes == nil {
		switch p := g.(type) {
		case orb.Point:
			t.points = append(t.points, p)
			return
		case nil:
			t.points = append(t.points, orb.Point{math.NaN(), math.NaN()})
			return
		}
		t.shapes = make([]orb.Geometry, i, 2*i+1)
		for j := range i {
			t.shapes[j] = t.point(j)
		}
		t.points = nil
	}
	t.shapes = append(t.shapes, g)
}

func (t *Table) point(i int) orb.Geometry {
	if p := t.points[i]; p[0] == p[0] { //nolint:gocritic // not NaN
		return p
	}
	return nil
}

// SetID changes the id of feature i.
func (t *Table) SetID(i int, id ID) {
	kind := String
	if id.number {
		kind = Int
	}
	p, _ := t.texts.add(id.text, false)
	t.ids.set(i, kind, uint64(p))
}

// SetValid changes the valid time of feature i.
func (t *Table) SetValid(i int, v period.Valid) {
	t.possible.list[i] = spanOf(v.Possible)
	if !t.Uncertain() {
		if v.Certain == v.Possible {
			return
		}
		t.certain.list = slices.Clone(t.possible.list)
	}
	t.certain.list[i] = spanOf(v.Certain)
}

// At returns feature i.
func (t *Table) At(i int) Feature {
	return Feature{ID: t.ID(i), Geometry: t.Geometry(i), Properties: t.Properties(i), Valid: t.Valid(i)}
}

// Fetch asks memory for what makes some features up, all at once: where they
// lie far apart in a large table, to wait for one after the other takes several
// times as long. What it returns means nothing, but keeps the compiler from
// leaving out what seems to be of no use.
//
//go:noinline
func (t *Table) Fetch(rows []int) (sum uint64) {
	if t.written != nil {
		return t.fetchWritten(rows)
	}
	for _, i := range rows {
		sum += t.ids.words[i] + uint64(t.ids.kinds[i]) + uint64(t.possible.at(i).lo)
		if t.shapes == nil {
			sum += uint64(t.points[i][0])
		} else if t.shapes[i] != nil {
			sum++
		}
	}
	for n := range t.columns {
		c := &t.columns[n]
		for _, i := range rows {
			at := c.number(i)
			if sum += uint64(at); c.members == nil && at < len(c.kinds) {
				sum += uint64(c.kinds[at]) + c.words[at]
			}
		}
	}
	for _, i := range rows {
		if s := t.texts.at(place(t.ids.words[i])); s != "" {
			sum += uint64(s[0])
		}
		if time, ok := t.Row(i).Time(); ok && len(time) > 0 {
			sum += uint64(time[0]) + uint64(time[len(time)/2]) + uint64(time[len(time)-1])
		}
	}
	for n := range t.columns {
		c := &t.columns[n]
		if c.members != nil {
			continue // few enough to be near
		}
		for _, i := range rows {
			if k, word := c.at(i); k == String || k == JSON {
				if s := t.texts.at(place(word)); s != "" {
					sum += uint64(s[0])
				}
			}
		}
	}
	return sum
}

// fetchWritten is Fetch of what Row.Written returns.
func (t *Table) fetchWritten(rows []int) (sum uint64) {
	const line, most = 64, 16 // bytes of the processor's cache, and how many of them are waited for
	for _, i := range rows {
		sum += t.ends[i]
	}
	for _, i := range rows {
		text, _, _ := t.Row(i).Written()
		for at := 0; at < min(len(text), line*most); at += line {
			sum += uint64(text[at])
		}
	}
	return sum
}

// Between stands before each feature in what SetWritten is told, as between those of an array.
const Between = ",\n"

// SetWritten tells how the features are written, one after the other, each after Between, and where each
// ends, for Run.Written to tell again; dated, whether with the ends of their valid time as properties. Both
// are kept. It returns an error if they don't fit the table.
func (t *Table) SetWritten(all []byte, ends []uint64, dated bool) error {
	last := uint64(0)
	fit := len(ends) == t.Len()
	for _, end := range ends {
		fit, last = fit && end >= last+uint64(len(Between)), end
	}
	if !fit || last != uint64(len(all)) {
		return fmt.Errorf("%d bytes are no %d features", len(all), t.Len())
	}
	t.written, t.ends, t.dated = all, ends, dated
	return nil
}

// A Run is features that stand one after the other in a Table. The zero Run has none.
type Run struct {
	table    *Table
	from, to int
}

// Run returns the run of r alone.
func (r Row) Run() Run { return Run{r.table, r.at, r.at + 1} }

// Add adds the row that follows upon the last one, and returns false for any other.
func (r *Run) Add(row Row) bool {
	if row.table != r.table || row.at != r.to {
		return false
	}
	r.to++
	return true
}

// Written returns what SetWritten told of the features, each after Between, which is only to be read. It
// must have told it, and there must be features.
func (r Run) Written() []byte {
	from := uint64(0)
	if r.from > 0 {
		from = r.table.ends[r.from-1]
	}
	return r.table.written[from:r.table.ends[r.to-1]]
}

// A Row is a feature where it stands in a Table. What it tells is what Feature does, and
// costs nothing before it is asked for.
type Row struct {
	table *Table
	at    int
}

// Row returns feature i in its place.
func (t *Table) Row(i int) Row { return Row{t, i} }

// Written returns what SetWritten told of the feature, which is only to be read; ok is false
// if it told nothing.
func (r Row) Written() (text []byte, dated, ok bool) {
	if r.table.written == nil {
		return nil, false, false
	}
	return r.Run().Written()[len(Between):], r.table.dated, true
}

// Feature returns the feature.
func (r Row) Feature() Feature { return r.table.At(r.at) }

// ID returns its id.
func (r Row) ID() ID { return r.table.ID(r.at) }

// WriteTimes has write append each of the few spans of time that many features have, in the possible
// reading, for Row.Time to tell again, as long as that takes no more than four bytes a feature. Finish must
// have been called.
func (t *Table) WriteTimes(write func(dst []byte, possible period.Period) []byte) {
	if t.possible.which == nil {
		return
	}
	var times []byte
	ends := make([]uint32, 0, len(t.possible.list))
	for _, s := range t.possible.list {
		times = write(times, s.period())
		if ends = append(ends, uint32(len(times))); len(times) > 4*t.Len() {
			return
		}
	}
	t.times, t.timeEnds = slices.Clip(times), ends
}

// Time returns what WriteTimes had written of its valid time, which is only to be read; ok is false if
// that was nothing.
func (r Row) Time() (text []byte, ok bool) {
	t := r.table
	if t.timeEnds == nil {
		return nil, false
	}
	n, from := t.possible.which[r.at], uint32(0)
	if n > 0 {
		from = t.timeEnds[n-1]
	}
	return t.times[from:t.timeEnds[n]], true
}

// Possible returns the possible reading of its valid time.
func (r Row) Possible() period.Period { return r.table.possible.at(r.at).period() }

// Geometry returns its geometry.
func (r Row) Geometry() orb.Geometry { return r.table.Geometry(r.at) }

// Point returns its geometry if that is a point of a table that holds nothing else.
func (r Row) Point() (p orb.Point, ok bool) {
	if r.table.shapes != nil {
		return p, false
	}
	p = r.table.points[r.at]
	return p, p[0] == p[0] //nolint:gocritic // not NaN
}

// Properties returns a view of its properties.
func (r Row) Properties() Properties { return r.table.Properties(r.at) }

// ID returns the id of feature i.
func (t *Table) ID(i int) ID {
	return ID{text: t.texts.at(place(t.ids.words[i])), number: t.ids.kinds[i] == Int}
}

// Geometry returns the geometry of feature i.
func (t *Table) Geometry(i int) orb.Geometry {
	if t.shapes != nil {
		return t.shapes[i]
	}
	return t.point(i)
}

// Bound returns the bound of feature i; ok is false if it has no geometry. It
// allocates nothing.
func (t *Table) Bound(i int) (b orb.Bound, ok bool) {
	if t.shapes == nil {
		p := t.points[i]
		return orb.Bound{Min: p, Max: p}, p[0] == p[0] //nolint:gocritic // not NaN
	}
	if t.shapes[i] == nil {
		return orb.Bound{}, false
	}
	return t.shapes[i].Bound(), true
}

// Points reports whether all features are points or have no geometry.
func (t *Table) Points() bool { return t.shapes == nil }

// PointIn reports whether feature i of a table of points has one in b, edges included.
func (t *Table) PointIn(i int, b *orb.Bound) bool {
	p := &t.points[i]
	return p[0] >= b.Min[0] && p[0] <= b.Max[0] && p[1] >= b.Min[1] && p[1] <= b.Max[1]
}

// AppendIn appends to rows the features from up to, but not including, to that are points in one of
// bounds, edges included, of a table of points.
func (t *Table) AppendIn(rows []int, from, to int, bounds []orb.Bound) []int {
	n := len(rows)
	rows = slices.Grow(rows, to-from)[:n+to-from]
	for i := range t.points[from:to] {
		p := &t.points[from+i]
		in := 0
		for k := range bounds {
			b := &bounds[k]
			in |= one(p[0] >= b.Min[0]) & one(p[0] <= b.Max[0]) & one(p[1] >= b.Min[1]) & one(p[1] <= b.Max[1])
		}
		rows[n] = from + i // it stays if it is in: a branch could not be foreseen
		n += in
	}
	return rows[:n]
}

// AppendHolding appends to rows those from up to, but not including, to of which Holds is true.
func (t *Table) AppendHolding(rows []int, from, to int, r period.Reading, lo, hi period.Instant) []int {
	spans := t.spans(r)
	n := len(rows)
	rows = slices.Grow(rows, to-from)[:n+to-from]
	for row := from; row < to; row++ {
		s := spans.at(row)
		rows[n] = row // as in AppendIn
		n += one(s.lo < hi) & one(lo < s.hi)
	}
	return rows[:n]
}

// one returns 1 for true.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Holds reports whether feature i, in the reading r, shares an instant with the
// period of the given limits, which is not empty.
func (t *Table) Holds(i int, r period.Reading, lo, hi period.Instant) bool {
	s := t.spans(r).at(i)
	return s.lo < hi && lo < s.hi
}

// spans returns those of a reading.
func (t *Table) spans(r period.Reading) *spans {
	if r == period.Certain && t.Uncertain() {
		return &t.certain
	}
	return &t.possible
}

// Valid returns the valid time of feature i.
func (t *Table) Valid(i int) period.Valid {
	return period.Valid{Possible: t.possible.at(i).period(), Certain: t.spans(period.Certain).at(i).period()}
}

// Uncertain reports whether the certain reading of the valid time of a feature differs
// from the possible one.
func (t *Table) Uncertain() bool { return len(t.certain.list) > 0 }

// Properties returns a view of the properties of feature i.
func (t *Table) Properties(i int) Properties { return Properties{names: t.names, table: t, at: i} }

// value returns the value of property n of feature i.
func (t *Table) value(i, n int) Value {
	if n >= len(t.columns) {
		return Value{}
	}
	v := Value{}
	v.kind, v.bits = t.columns[n].at(i)
	if v.kind == String || v.kind == JSON {
		v.text, v.bits = t.texts.at(place(v.bits)), 0
	}
	return v
}

// appendMembers appends the properties of feature i that are not null, and that keep has unless it is
// nil, as members of a JSON object, each with a comma before it.
func (t *Table) appendMembers(dst []byte, i int, keep []bool) []byte {
	for n := range t.columns {
		c := &t.columns[n]
		at := c.number(i)
		switch {
		case at >= len(c.kinds) || keep != nil && !keep[n]:
		case c.members != nil:
			dst = appendShort(dst, c.members, c.starts[at], c.starts[at+1])
		default:
			dst = t.appendMember(dst, t.names.keys[n], c.kinds[at], c.words[at])
		}
	}
	return dst
}

// appendMember appends what a column holds as a member of the given key, unless it is null.
func (t *Table) appendMember(dst []byte, key string, kind Kind, word uint64) []byte {
	switch kind {
	case Null:
		return dst
	case String:
		p := place(word)
		text := t.texts.at(p)
		if p&plain == 0 {
			return AppendJSONString(append(dst, key[:len(key)-1]...), text)
		}
		return append(append(append(dst, key...), text...), '"')
	case JSON:
		return append(append(dst, key[:len(key)-1]...), t.texts.at(place(word))...)
	}
	return Value{kind: kind, bits: word}.AppendJSON(append(dst, key[:len(key)-1]...))
}

// block is how many bytes appendShort copies at once: most members are shorter.
const block = 32

// appendShort appends from[lo:hi], after which from has another block. It copies more than that where
// there is room, since a copy of fixed length is quicker.
func appendShort(dst, from []byte, lo, hi uint32) []byte {
	n := len(dst)
	if hi-lo > block || cap(dst)-n < block {
		return append(dst, from[lo:hi]...)
	}
	*(*[block]byte)(dst[n : n+block]) = *(*[block]byte)(from[lo : lo+block])
	return dst[:n+int(hi-lo)]
}

// prewrite writes the members of the columns of few different values, as long as they take no more
// than a byte a row.
func (t *Table) prewrite() {
	for n := range t.columns {
		c := &t.columns[n]
		if c.bytes == nil && c.pairs == nil {
			continue
		}
		members, starts := []byte{}, make([]uint32, 1, len(c.kinds)+1)
		for i, kind := range c.kinds {
			members = t.appendMember(members, t.names.keys[n], kind, c.words[i])
			if starts = append(starts, uint32(len(members))); len(members) > t.Len() {
				break
			}
		}
		if len(members) <= t.Len() {
			c.members, c.starts = append(make([]byte, 0, len(members)+block), members...)[:len(members)+block], starts
		}
	}
}

// texts keeps many texts in few pieces of memory.
type texts struct {
	pieces []string
	open   strings.Builder // what pieces[last] is growing in
	last   int
	seen   map[string]place
}

// A place is where a text stands: from high to low bits the number of its piece,
// where it starts in it, whether it is plain, and its length, of which the greatest means the whole
// piece.
type place uint64

const (
	lengthBits = 19
	plain      = 1 << lengthBits // a JSON string has it as it is
	startShift = lengthBits + 1
	startBits  = 20
	pieceShift = startShift + startBits
	wholePiece = 1<<lengthBits - 1
	pieceSize  = 1 << 18
	ownPiece   = 1 << 14 // what is longer gets a piece of its own
	maxSeen    = 1 << 16
	maxShared  = 64 // longer texts are seldom the same
)

// add keeps s. Shared says that it may come again and is then kept once; known,
// that it has.
func (t *texts) add(s string, shared bool) (p place, known bool) {
	shared = shared && len(s) <= maxShared
	if shared {
		if p, ok := t.seen[s]; ok {
			return p, true
		}
	}
	if isPlain(s) {
		p = plain
	}
	if len(s) > ownPiece {
		t.pieces = append(t.pieces, strings.Clone(s))
		return p | place(len(t.pieces)-1)<<pieceShift | wholePiece, false
	}
	if t.open.Cap()-t.open.Len() < len(s) || t.open.Cap() == 0 {
		t.open = strings.Builder{}
		t.open.Grow(pieceSize)
		t.last = len(t.pieces)
		t.pieces = append(t.pieces, "")
	}
	start := t.open.Len()
	t.open.WriteString(s)
	t.pieces[t.last] = t.open.String() // the same memory
	p |= place(t.last)<<pieceShift | place(start)<<startShift | place(len(s))
	if shared {
		if len(t.seen) == maxSeen || t.seen == nil {
			t.seen = map[string]place{}
		}
		t.seen[t.at(p)] = p
	}
	return p, false
}

func (t *texts) at(p place) string {
	piece := t.pieces[p>>pieceShift]
	length := p & wholePiece
	if length == wholePiece {
		return piece
	}
	start := p >> startShift & (1<<startBits - 1)
	return piece[start : start+length]
}

// Finish tells that nothing will be appended or set any more, and frees what only that needed.
func (t *Table) Finish() {
	t.texts.seen = nil
	for n := range t.columns {
		t.columns[n].narrow()
	}
	t.possible.narrow()
	t.certain.narrow()
	t.prewrite()
}
