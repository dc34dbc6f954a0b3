package format

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
)

// What follows writes a SQLite database (https://sqlite.org/fileformat2.html, version 3) in
// one go: pages of B-trees, each after those below it, the first page of the file last. Rows
// wait in memory until their page is full.

const (
	sqlitePage = 4096 // bytes
	// sqliteLock is the page at 1 GiB, which SQLite locks and never reads.
	sqliteLock = 1<<30/sqlitePage + 1

	// How many bytes of a row or an index entry stay on its page (§1.6): at most so many, or
	// what then fills overflow pages, but at least sqliteLeast.
	sqliteRow   = sqlitePage - 35
	sqliteEntry = (sqlitePage-12)*64/255 - 23
	sqliteLeast = (sqlitePage-12)*32/255 - 23

	sqliteChildren = 256 // of an interior page; more would fit
)

// Types of pages.
const (
	sqliteInterior  = 5
	sqliteIndexLeaf = 10
	sqliteLeaf      = 13
)

// A sqliteFile is the pages of a database from the second on.
type sqliteFile struct {
	out   *bufio.Writer // keeps its first error
	pages uint32        // with the first
}

func newSQLiteFile(w io.Writer) *sqliteFile {
	return &sqliteFile{bufio.NewWriterSize(w, 1<<16), 1}
}

// nextPage is the number of the page after page.
func nextPage(page uint32) uint32 {
	if page++; page == sqliteLock {
		page++
	}
	return page
}

// write writes the next page and returns its number.
func (f *sqliteFile) write(page []byte) uint32 {
	next := nextPage(f.pages)
	for f.pages++; f.pages < next; f.pages++ {
		_, _ = f.out.Write(make([]byte, sqlitePage))
	}
	_, _ = f.out.Write(page)
	return next
}

// cell appends payload to a cell as far as it stays on the page, most bytes at most, and
// writes the rest to pages of its own.
func (f *sqliteFile) cell(cell, payload []byte, most int) []byte {
	const room = sqlitePage - 4
	local := len(payload)
	if local > most {
		if local = sqliteLeast + (len(payload)-sqliteLeast)%room; local > most {
			local = sqliteLeast
		}
	}
	cell = append(cell, payload[:local]...)
	rest := payload[local:]
	if len(rest) == 0 {
		return cell
	}
	page := nextPage(f.pages)
	cell = binary.BigEndian.AppendUint32(cell, page)
	for len(rest) > 0 {
		var buf [sqlitePage]byte
		n := copy(buf[4:], rest)
		if rest = rest[n:]; len(rest) > 0 {
			page = nextPage(page)
			binary.BigEndian.PutUint32(buf[:], page)
		}
		f.write(buf[:])
	}
	return cell
}

// A sqlitePageWriter fills one page with cells, its first bytes left to a header.
type sqlitePageWriter struct {
	buf   [sqlitePage]byte
	first int // byte of the pointers to cells
	cells int
	end   int // of the room: cells are after it
}

// begin empties the page. Before the header of the tree there are some bytes of the file's.
func (p *sqlitePageWriter) begin(before int, kind byte) {
	*p = sqlitePageWriter{first: before + 8, end: sqlitePage}
	p.buf[before] = kind
	if kind == sqliteInterior {
		p.first += 4
	}
}

// add adds a cell and reports whether there was room for it.
func (p *sqlitePageWriter) add(cell []byte) bool {
	at := p.first + 2*p.cells
	if at+2+len(cell) > p.end {
		return false
	}
	p.end -= len(cell)
	copy(p.buf[p.end:], cell)
	binary.BigEndian.PutUint16(p.buf[at:], uint16(p.end))
	p.cells++
	return true
}

// done completes the header of the tree, which begins after before bytes.
func (p *sqlitePageWriter) done(before int) []byte {
	binary.BigEndian.PutUint16(p.buf[before+3:], uint16(p.cells))
	binary.BigEndian.PutUint16(p.buf[before+5:], uint16(p.end))
	return p.buf[:]
}

// A sqliteTable is the B-tree of a table.
type sqliteTable struct {
	file  *sqliteFile
	page  sqlitePageWriter
	row   int64
	below []sqliteChild // leaves
	cell  []byte
}

// A sqliteChild is a page, and the last row in it or under it.
type sqliteChild struct {
	page uint32
	row  int64
}

func (f *sqliteFile) table() *sqliteTable {
	t := &sqliteTable{file: f}
	t.page.begin(0, sqliteLeaf)
	return t
}

// add adds a row, whose number must be above the last one's.
func (t *sqliteTable) add(row int64, record []byte) {
	t.cell = appendSQLiteVarint(t.cell[:0], uint64(len(record)))
	t.cell = appendSQLiteVarint(t.cell, uint64(row))
	t.cell = t.file.cell(t.cell, record, sqliteRow)
	if !t.page.add(t.cell) {
		t.flush()
		t.page.add(t.cell)
	}
	t.row = row
}

func (t *sqliteTable) flush() {
	t.below = append(t.below, sqliteChild{t.file.write(t.page.done(0)), t.row})
	t.page.begin(0, sqliteLeaf)
}

// root writes what is left and the pages above the leaves, and returns the first one.
func (t *sqliteTable) root() uint32 {
	t.flush()
	list := t.below
	for len(list) > 1 {
		list = t.interior(list)
	}
	return list[0].page
}

// interior writes the pages above those of a list.
func (t *sqliteTable) interior(list []sqliteChild) (above []sqliteChild) {
	for len(list) > 0 {
		n := min(len(list), sqliteChildren)
		if len(list) == n+1 {
			n-- // the last page must have two
		}
		t.page.begin(0, sqliteInterior)
		t.page.children(0, list[:n])
		above = append(above, sqliteChild{t.file.write(t.page.done(0)), list[n-1].row})
		list = list[n:]
	}
	return above
}

// children fills an interior page whose tree begins after before bytes.
func (p *sqlitePageWriter) children(before int, list []sqliteChild) {
	last := len(list) - 1
	for _, c := range list[:last] {
		p.add(appendSQLiteVarint(binary.BigEndian.AppendUint32(nil, c.page), uint64(c.row)))
	}
	binary.BigEndian.PutUint32(p.buf[before+8:], list[last].page)
}

// index writes an index of a table with one row, whose entry is given.
func (f *sqliteFile) index(entry []byte) (root uint32) {
	var p sqlitePageWriter
	p.begin(0, sqliteIndexLeaf)
	p.add(f.cell(appendSQLiteVarint(nil, uint64(len(entry))), entry, sqliteEntry))
	return f.write(p.done(0))
}

// first returns the first page (§1.3), under which the table of tables is, for a file of that
// kind and version.
func (f *sqliteFile) first(schema *sqliteTable, application, version uint32) []byte {
	schema.flush()
	list := schema.below
	for len(list) > sqliteChildren {
		list = schema.interior(list)
	}
	const before = 100
	var p sqlitePageWriter
	p.begin(before, sqliteInterior) // with no cell but the last, if there is one leaf: here alone that may be
	p.children(before, list)
	page := p.done(before)
	copy(page, "SQLite format 3\x00")
	binary.BigEndian.PutUint16(page[16:], sqlitePage)
	copy(page[18:], []byte{1, 1, 0, 64, 32, 32}) // versions, and fractions that never differ
	for at, v := range map[int]uint32{24: 1, 28: f.pages, 40: 1, 44: 4, 56: 1, 60: version, 68: application, 92: 1, 96: 3_040_001} {
		binary.BigEndian.PutUint32(page[at:], v)
	}
	return page
}

// A sqliteRecord is a row or an entry being written (§2.1).
type sqliteRecord struct{ types, values []byte }

func (r *sqliteRecord) reset() { r.types, r.values = r.types[:0], r.values[:0] }

func (r *sqliteRecord) null() { r.types = append(r.types, 0) }

func (r *sqliteRecord) integer(n int64) {
	switch {
	case n == 0 || n == 1:
		r.types = append(r.types, 8+byte(n))
	case n >= math.MinInt8 && n <= math.MaxInt8:
		r.types, r.values = append(r.types, 1), append(r.values, byte(n))
	case n >= math.MinInt16 && n <= math.MaxInt16:
		r.types, r.values = append(r.types, 2), binary.BigEndian.AppendUint16(r.values, uint16(n))
	case n >= math.MinInt32 && n <= math.MaxInt32:
		r.types, r.values = append(r.types, 4), binary.BigEndian.AppendUint32(r.values, uint32(n))
	default:
		r.types, r.values = append(r.types, 6), binary.BigEndian.AppendUint64(r.values, uint64(n))
	}
}

func (r *sqliteRecord) real(f float64) {
	r.types, r.values = append(r.types, 7), binary.BigEndian.AppendUint64(r.values, math.Float64bits(f))
}

func (r *sqliteRecord) text(s string) {
	r.types, r.values = appendSQLiteVarint(r.types, uint64(2*len(s)+13)), append(r.values, s...)
}

func (r *sqliteRecord) blob(b []byte) {
	r.types, r.values = appendSQLiteVarint(r.types, uint64(2*len(b)+12)), append(r.values, b...)
}

// bytes appends the record: the length of its head with itself, the types, the values.
func (r *sqliteRecord) bytes(dst []byte) []byte {
	size := len(r.types) + 1
	if size > 127 { // then it takes two itself, up to 2,000 columns
		size++
	}
	dst = appendSQLiteVarint(dst, uint64(size))
	return append(append(dst, r.types...), r.values...)
}

// appendSQLiteVarint appends a number in groups of seven bits, the highest first; a ninth
// byte has eight.
func appendSQLiteVarint(dst []byte, v uint64) []byte {
	if v >= 1<<56 {
		for shift := 57; shift > 7; shift -= 7 {
			dst = append(dst, byte(v>>shift)|0x80)
		}
		return append(dst, byte(v))
	}
	for shift := 49; shift > 0; shift -= 7 {
		if v>>shift != 0 {
			dst = append(dst, byte(v>>shift)|0x80)
		}
	}
	return append(dst, byte(v)&0x7f)
}
