package format_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/crs"
	"kharita/geo/gogeom"
)

// A sqliteReader reads tables and indexes of a SQLite database, by the description of the
// format and not by what we write.
type sqliteReader struct {
	file []byte
	seen map[uint32]bool // pages
	err  error
}

func (r *sqliteReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// A sqliteRow is a row of a table with its number.
type sqliteRow struct {
	number int64
	values []any
}

// readSQLite returns the rows of all tables, and those of the table of tables under "".
func readSQLite(text string) (map[string][]sqliteRow, error) {
	r := sqliteReader{file: []byte(text), seen: map[uint32]bool{}}
	if len(text) < 4096 || !strings.HasPrefix(text, "SQLite format 3\x00") {
		return nil, errors.New("no database")
	}
	if pages := binary.BigEndian.Uint32(r.file[28:]); len(text) != int(pages)*4096 {
		return nil, fmt.Errorf("%d bytes for %d pages", len(text), pages)
	}
	tables := map[string][]sqliteRow{"": r.tree(1)}
	for _, row := range tables[""] {
		if r.err != nil {
			return nil, r.err
		}
		rows := r.tree(uint32(row.values[3].(int64))) //nolint:forcetypeassert // a panic is a failure
		tables[row.values[1].(string)] = rows         //nolint:forcetypeassert // likewise
	}
	if len(r.seen) != len(text)/4096 {
		r.fail("%d of %d pages are used", len(r.seen), len(text)/4096)
	}
	return tables, r.err
}

func (r *sqliteReader) page(n uint32) []byte {
	if n == 0 || int(n) > len(r.file)/4096 || r.seen[n] {
		r.fail("page %d", n)
		return make([]byte, 4096)
	}
	r.seen[n] = true
	return r.file[(n-1)*4096 : n*4096]
}

func (r *sqliteReader) tree(n uint32) (rows []sqliteRow) {
	page := r.page(n)
	head := page
	if n == 1 {
		head = page[100:]
	}
	count := int(binary.BigEndian.Uint16(head[3:]))
	pointers := head[8:]
	if head[0] == 5 {
		pointers = head[12:]
	}
	for i := range count {
		cell := page[binary.BigEndian.Uint16(pointers[2*i:]):]
		switch head[0] {
		case 5:
			below := r.tree(binary.BigEndian.Uint32(cell))
			if key, _ := varint(cell[4:]); len(below) == 0 || below[len(below)-1].number != int64(key) {
				r.fail("page %d: key %d is not of the last row", n, key)
			}
			rows = append(rows, below...)
		case 10:
			size, cell := varint(cell)
			rows = append(rows, sqliteRow{0, r.record(r.payload(cell, int(size), (4096-12)*64/255-23))})
		case 13:
			size, cell := varint(cell)
			number, cell := varint(cell)
			rows = append(rows, sqliteRow{int64(number), r.record(r.payload(cell, int(size), 4096-35))})
		default:
			r.fail("page %d of type %d", n, head[0])
		}
	}
	if head[0] == 5 {
		rows = append(rows, r.tree(binary.BigEndian.Uint32(head[8:]))...)
	}
	if !slices.IsSortedFunc(rows, func(a, b sqliteRow) int { return int(a.number - b.number) }) {
		r.fail("page %d: rows are not in order", n)
	}
	return rows
}

func (r *sqliteReader) payload(cell []byte, size, most int) []byte {
	local := size
	if least := (4096-12)*32/255 - 23; size > most {
		if local = least + (size-least)%4092; local > most {
			local = least
		}
	}
	b := slices.Clone(cell[:local])
	for next := uint32(0); len(b) < size && r.err == nil; {
		if next == 0 {
			next = binary.BigEndian.Uint32(cell[local:])
		}
		page := r.page(next)
		next = binary.BigEndian.Uint32(page)
		b = append(b, page[4:min(4096, 4+size-len(b))]...)
		if (next == 0) != (len(b) == size) {
			r.fail("pages end too early or late")
		}
	}
	return b
}

func (r *sqliteReader) record(b []byte) (values []any) {
	size, types := varint(b)
	types = types[:int(size)-(len(b)-len(types))]
	b = b[size:]
	for len(types) > 0 {
		var kind uint64
		kind, types = varint(types)
		n := map[uint64]int{1: 1, 2: 2, 4: 4, 6: 8, 7: 8}[kind]
		if kind >= 12 {
			n = int(kind-12) / 2
		}
		v := b[:n]
		b = b[n:]
		switch kind {
		case 0:
			values = append(values, nil)
		case 1:
			values = append(values, int64(int8(v[0])))
		case 2:
			values = append(values, int64(int16(binary.BigEndian.Uint16(v))))
		case 4:
			values = append(values, int64(int32(binary.BigEndian.Uint32(v))))
		case 6:
			values = append(values, int64(binary.BigEndian.Uint64(v)))
		case 7:
			values = append(values, math.Float64frombits(binary.BigEndian.Uint64(v)))
		case 8, 9:
			values = append(values, int64(kind-8))
		default:
			if kind%2 == 0 {
				values = append(values, v)
			} else {
				values = append(values, string(v))
			}
		}
	}
	if len(b) > 0 {
		r.fail("%d bytes after a record", len(b))
	}
	return values
}

// varint reads groups of seven bits, and eight of the ninth byte.
func varint(b []byte) (v uint64, rest []byte) {
	for i := range 8 {
		if v = v<<7 | uint64(b[i]&0x7f); b[i] < 0x80 {
			return v, b[i+1:]
		}
	}
	return v<<8 | uint64(b[8]), b[9:]
}

func TestGPKG(t *testing.T) {
	fields, all := features(t)
	e := export(fields)
	e.Types = []string{"string", "string", "string", "integer", "number", "boolean", "json", "string"}
	e.CRS, _ = crs.Find("http://www.opengis.net/def/crs/EPSG/0/3857")
	text, err := write(t, "gpkg", e, seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := readSQLite(text)
	if err != nil {
		t.Fatal(err)
	}
	if sql := tables[""][len(tables[""])-1].values[4]; sql != `CREATE TABLE "settlements" (fid INTEGER NOT NULL PRIMARY KEY, geom GEOMETRY, id TEXT, "name_ar" TEXT, "note" TEXT, "start" TEXT, `+
		`"population" INTEGER, "share" DOUBLE, "held" BOOLEAN, "sources" TEXT, "property_id" TEXT, valid_from DATETIME, valid_until DATETIME)` {
		t.Error(sql)
	}
	rows := tables["settlements"]
	for i, r := range rows {
		blob, ok := r.values[1].([]byte)
		if !ok {
			continue
		}
		at := 8
		if blob[3] == 3 { // with its box
			at += 32
		}
		g, err := gogeom.ParseWKB(blob[at:])
		if want := e.CRS.Project(all[i].Geometry); err != nil || !orb.Equal(g, want) || binary.LittleEndian.Uint32(blob[4:]) != 3857 {
			t.Errorf("row %d: %v %v, want %v", i, g, err, want)
		}
		r.values[1] = "somewhere"
	}
	want := []sqliteRow{
		{1, []any{nil, "somewhere", "mosul", "الموصل", "said \"big\",\nold", "2014-06-10", int64(-1_361_819), 0.5, int64(1), `[{"title":"a, b"}]`, "7", "2014-06-10T00:00:00.000Z", "2017-07-10T23:59:59.999Z"}},
		{2, []any{nil, "somewhere", "7", nil, "=HYPERLINK(\"http://x\")", "-0043-03-15", nil, nil, int64(0), nil, "'tis", nil, nil}},
		{3, []any{nil, nil, nil, "", " x; ", "@1", nil, nil, nil, nil, "+1", nil, nil}},
	}
	if d := cmp.Diff(want, rows, cmp.AllowUnexported(sqliteRow{})); d != "" {
		t.Errorf("want (-), got (+):\n%s", d)
	}
	for name, want := range map[string]string{
		"gpkg_spatial_ref_sys": "[-1 0 3857 4326]", "gpkg_geometry_columns": "[1]", "gpkg_contents": "[1]",
		"sqlite_autoindex_gpkg_contents_1": "[0]", "sqlite_autoindex_gpkg_contents_2": "[0]", "sqlite_autoindex_gpkg_geometry_columns_1": "[0]", "sqlite_autoindex_gpkg_geometry_columns_2": "[0]",
	} {
		var numbers []int64
		for _, r := range tables[name] {
			numbers = append(numbers, r.number)
		}
		if got := fmt.Sprint(numbers); got != want {
			t.Errorf("%s has the rows %s, want %s", name, got, want)
		}
	}
	again, err := write(t, "gpkg", e, seq(all, nil))
	if err != nil || again != text {
		t.Errorf("the same features give another file: %v", err)
	}
}

// TestGPKGLarge: trees of several levels, and rows that fill pages of their own.
func TestGPKGLarge(t *testing.T) {
	checkRows(t, 0, "", 0)
	checkRows(t, 60_000, "x", 1)
	for _, size := range []int{3900, 4040, 4050, 4060, 4070, 8100, 20_000} {
		checkRows(t, 40, strings.Repeat("ab", size/2), 7)
	}
	checkRows(t, 3000, strings.Repeat("long ", 300), 300)
}

// checkRows writes so many features with a text, which grows shorter step by step, and
// reads them again.
func checkRows(t *testing.T, count int, text string, step int) {
	t.Helper()
	names := geo.NewNames("Text", "text")
	of := func(i int) string { return text[:max(0, len(text)-i*step%(len(text)+1))] }
	all := make([]geo.Feature, count)
	for i := range all {
		all[i] = geo.Feature{Properties: geo.NewProperties(names, []geo.Value{geo.StringValue(of(i)), geo.IntValue(int64(i-3) << (i % 60))})}
	}
	e := export([]string{"Text", "text"})
	e.Types = []string{"string", "integer"}
	file, err := write(t, "gpkg", e, seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := readSQLite(file)
	if err != nil || len(tables["settlements"]) != count {
		t.Fatalf("%d rows of %d: %v", len(tables["settlements"]), count, err)
	}
	for i, r := range tables["settlements"] {
		if r.number != int64(i+1) || r.values[3] != of(i) || r.values[4] != int64(i-3)<<(i%60) {
			t.Fatalf("row %d of %d: %.100v", i, count, r)
		}
	}
}

// FuzzGPKG: what is written can be read, whatever the size of rows.
func FuzzGPKG(f *testing.F) {
	f.Add(uint16(3), "text", uint16(0))
	f.Add(uint16(50), strings.Repeat("x", 5000), uint16(97))
	f.Fuzz(func(t *testing.T, count uint16, text string, step uint16) {
		checkRows(t, int(count%60), text[:min(len(text), 12_000)], int(step))
	})
}
