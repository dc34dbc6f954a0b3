package territory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A Fault is something wrong in a table, and where.
type Fault struct {
	File      string
	Line, Col int // from 1; columns are bytes
	Message   string
}

func (f Fault) Error() string { return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Message) }

// A Table is a publisher's list of places and of who held them: CSV (RFC 4180,
// UTF-8) with a row for each spell.
type Table struct {
	File    string
	Columns []string // other than those that ReadTable understands, in the order of the file
	Numbers []bool   // by Columns: whether every cell that is not empty is a number
	Places  []Place  // in the order of their first rows
	Rows    []Row    // in the order of the file
	first   []Row    // by place: its first row
}

// A Row is one line of a Table.
type Row struct {
	ID         string // the place's, from its second row on with a number
	Place      int    // in Table.Places
	Holder     string // empty: the place only bounds the ground of others
	Start, End string // as written
	Values     []string
	line, col  int // of the position
	from       int // column of the start
}

// columns are those that a table must have.
var columns = []string{"id", "lon", "lat", "holder", "start", "end"} //nolint:gochecknoglobals // a constant in all but syntax

// reserved are those that are made.
var reserved = []string{"place", "area_km2"} //nolint:gochecknoglobals // a constant in all but syntax

// number is a number as JSON writes it, without an exponent.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// ReadTable reads a table. It must have the columns id, lon, lat (degrees, WGS 84),
// holder, start and end (EDTF, read as ends says; ".." is open); others are kept.
// Rows with the same id are spells of one place and must have the same lon and lat.
// A row without holder, start and end is a place that nobody is known to have held.
// All faults are returned, not the first only; the table is whole if there are none.
func ReadTable(file string, r io.Reader, ends period.Ends) (*Table, []Fault) {
	t := &Table{File: file}
	var faults []Fault
	fail := func(line, col int, format string, args ...any) {
		faults = append(faults, Fault{file, line, col, fmt.Sprintf(format, args...)})
	}
	data, err := io.ReadAll(r)
	if err != nil {
		fail(1, 1, "%v", err)
		return t, faults
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for i, l := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(l) {
			fail(i+1, 1, "not UTF-8: save the file as UTF-8")
			return t, faults
		}
	}
	in := csv.NewReader(bytes.NewReader(data))
	head, err := in.Read()
	if err != nil {
		fail(1, 1, "%s", csvReason(err, "the first line must name the columns "+strings.Join(columns, ", ")))
		return t, faults
	}
	at := map[string]int{}
	for i := range head {
		line, col := in.FieldPos(i)
		head[i] = strings.TrimSpace(head[i])
		_, twice := at[head[i]]
		switch {
		case head[i] == "":
			fail(line, col, "column %d has no name", i+1)
		case twice:
			fail(line, col, "there are two columns %q", head[i])
		case slices.Contains(reserved, head[i]):
			fail(line, col, "column %q: that name is made by the program; rename it", head[i])
		case !slices.Contains(columns, head[i]):
			t.Columns = append(t.Columns, head[i])
			t.Numbers = append(t.Numbers, true)
		}
		at[head[i]] = i
	}
	for _, name := range columns {
		if _, ok := at[name]; ok {
			continue
		}
		hint := ""
		if len(head) == 1 && strings.ContainsAny(head[0], ";\t") {
			hint = "; cells must be separated by commas"
		}
		fail(1, 1, "there is no column %q, the columns are %s%s", name, strings.Join(head, ", "), hint)
	}
	if len(faults) > 0 {
		return t, faults
	}

	byID := map[string]int{}
	byPoint := map[orb.Point]int{}
	var spellRows [][]int // by place: row of each spell
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if e := (*csv.ParseError)(nil); errors.As(err, &e) {
			fail(e.Line, e.Column, "%s", csvReason(err, ""))
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			break
		}
		cell := func(name string) string { return strings.TrimSpace(record[at[name]]) }
		bad := func(name, format string, args ...any) {
			line, col := in.FieldPos(at[name])
			fail(line, col, name+" "+format, args...)
		}
		var row Row
		row.line, row.col = in.FieldPos(at["lon"])
		_, row.from = in.FieldPos(at["start"])
		id := cell("id")
		if id == "" {
			bad("id", "is empty")
			continue
		}
		p, ok := degrees(cell("lon"), cell("lat"), bad)
		if !ok {
			continue
		}
		n, known := byID[id]
		other, taken := byPoint[p]
		switch {
		case !known && taken:
			bad("lon", "and lat are those of %q in line %d: two places at one point", t.Places[other].ID, t.first[other].line)
			continue
		case !known:
			n = len(t.Places)
			byID[id], byPoint[p] = n, n
			t.Places = append(t.Places, Place{ID: id, At: p})
			row.Holder = cell("holder")
			t.first = append(t.first, row)
			spellRows = append(spellRows, nil)
		case t.Places[n].At != p:
			bad("lon", "and lat differ from line %d, where %q lies at %v, %v", t.first[n].line, id, t.Places[n].At[0], t.Places[n].At[1])
			continue
		}
		row.Place, row.Holder, row.Start, row.End = n, cell("holder"), cell("start"), cell("end")
		place := &t.Places[n]
		row.ID = id
		if known {
			row.ID = fmt.Sprintf("%s-%d", id, len(spellRows[n])+1)
		}
		switch {
		case known && (row.Holder == "" || t.first[n].Holder == ""):
			bad("holder", "is empty here or in line %d, the first row of %q: a place that was never held has one row", t.first[n].line, id)
			continue
		case row.Holder == "" && row.Start+row.End != "":
			bad("holder", "is empty, but there is a date")
			continue
		case row.Holder != "" && (row.Start == "" || row.End == ""):
			name := "start"
			if row.Start != "" {
				name = "end"
			}
			bad(name, "is empty; write .. where it is not known or has not come")
			continue
		case row.Holder != "":
			v, err := ends.ParsePair(row.Start, row.End)
			if err != nil {
				bad("start", "and end can't be read: %v", err)
				continue
			}
			place.Held = append(place.Held, Holding{row.Holder, v})
		}
		spellRows[n] = append(spellRows[n], len(t.Rows))
		for i, name := range t.Columns {
			s := cell(name)
			t.Numbers[i] = t.Numbers[i] && (s == "" || number.MatchString(s))
			row.Values = append(row.Values, s)
		}
		t.Rows = append(t.Rows, row)
	}
	for n, p := range t.Places {
		if first, second, both, ok := p.Conflict(); ok {
			a, b := t.Rows[spellRows[n][first]], t.Rows[spellRows[n][second]]
			hint := ""
			if lo, hi := both.Limits(); hi-lo == 24*60*60*1000 {
				hint = "; if an end is the first day after, say so with --until excluded"
			}
			fail(b.line, b.from, "%q is held by %q here and by %q in line %d, both in %s%s", p.ID, b.Holder, a.Holder, a.line, both, hint)
		}
	}
	if len(t.Rows) == 0 && len(faults) == 0 {
		fail(1, 1, "there are no rows")
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
	return t, faults
}

// degrees reads a position.
func degrees(lon, lat string, bad func(column, format string, args ...any)) (p orb.Point, ok bool) {
	ok = true
	for i, c := range []struct {
		name, text string
		limit      float64
	}{{"lon", lon, 180}, {"lat", lat, 90}} {
		f, err := strconv.ParseFloat(c.text, 64)
		switch {
		case err != nil:
			bad(c.name, "is %q, not a number of degrees like 43.12", c.text)
			ok = false
		case !(f >= -c.limit && f <= c.limit):
			bad(c.name, "is %s, beyond %v degrees; are lon and lat swapped?", c.text, c.limit)
			ok = false
		}
		p[i] = f
	}
	return p, ok
}

// csvReason is err in words of its own; empty is for a file without a line.
func csvReason(err error, empty string) string {
	switch {
	case errors.Is(err, io.EOF):
		return empty
	case errors.Is(err, csv.ErrFieldCount):
		return "the row has more or fewer cells than the first line; a cell with a comma needs quotes"
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return `a quote stands where none may; a cell with quotes is written "so ""quoted"" it is"`
	}
	return err.Error()
}

// Fault says where in the table the place of err stands.
func (t *Table) Fault(err *PlaceError) Fault {
	row := t.first[err.Place]
	return Fault{t.File, row.line, row.col, fmt.Sprintf("%q: %s", err.ID, err.Reason)}
}

// ReadFigures reads published areas to fit a radius on: CSV with the columns date
// (EDTF; its first instant counts), value (km²) and, if holders has more than one,
// holder; publisher and url may be there and are not used.
func ReadFigures(file string, r io.Reader, holders []string) ([]Figure, []Fault) {
	var faults []Fault
	fail := func(line, col int, format string, args ...any) {
		faults = append(faults, Fault{file, line, col, fmt.Sprintf(format, args...)})
	}
	data, err := io.ReadAll(r)
	if err != nil {
		fail(1, 1, "%v", err)
		return nil, faults
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	head, err := in.Read()
	if err != nil {
		fail(1, 1, "%s", csvReason(err, "the first line must name the columns date, value"))
		return nil, faults
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"date", "value", "holder", "publisher", "url"}, name) {
			line, col := in.FieldPos(i)
			fail(line, col, "unknown column %q; there may be date, value, holder, publisher, url", name)
		}
		at[name] = i
	}
	need := []string{"date", "value"}
	if len(holders) > 1 {
		need = append(need, "holder")
	}
	for _, name := range need {
		if _, ok := at[name]; !ok {
			fail(1, 1, "there is no column %q", name)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	var out []Figure
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if e := (*csv.ParseError)(nil); errors.As(err, &e) {
			fail(e.Line, e.Column, "%s", csvReason(err, ""))
			break
		}
		good := true
		cell := func(name string) string { return strings.TrimSpace(record[at[name]]) }
		bad := func(name, format string, args ...any) {
			line, col := in.FieldPos(at[name])
			fail(line, col, name+" "+format, args...)
			good = false
		}
		f := Figure{Holder: holders[0]}
		if _, ok := at["holder"]; ok {
			if f.Holder = cell("holder"); !slices.Contains(holders, f.Holder) {
				bad("holder", "is %q, who holds no place; there are %s", f.Holder, strings.Join(holders, ", "))
			}
		}
		v, err := period.Parse(cell("date"))
		if err != nil {
			bad("date", "can't be read: %v", err)
		} else if i, ok := v.Possible.Start(); !ok {
			bad("date", "has no start")
		} else {
			f.At = i
		}
		km2, err := strconv.ParseFloat(cell("value"), 64)
		if err != nil || !(km2 > 0) {
			bad("value", "is %q, not an area in km²", cell("value"))
		}
		f.Area = km2 * 1e6
		if good {
			out = append(out, f)
		}
	}
	if len(out) == 0 && len(faults) == 0 {
		fail(1, 1, "there are no figures")
	}
	return out, faults
}
