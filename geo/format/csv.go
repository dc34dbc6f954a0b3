package format

import (
	"io"
	"iter"
	"slices"
	"strings"

	"kharita/geo"
	"kharita/geo/gogeom"
)

// writeCSV writes a table (RFC 4180) in UTF-8 without a byte order mark: the id,
// the properties in the order of e.Fields, valid_from and valid_until (the
// possible reading, both days included, ISO 8601, empty where open), and the
// geometry as well-known text in e.CRS, the east first, with at most seven decimals in
// degrees and three in metres. A property
// that is named like one of our columns gets "property_" before its name.
//
// Nothing is lost: null is an empty cell and the empty text is "" in quotes;
// arrays and objects are JSON. A spreadsheet would run a text that begins with
// = + - @ or a tab as a formula (and would make -0043-03-15 a sum), so such a
// text gets an apostrophe before it, and so does a text that begins with an
// apostrophe: who reads the file takes one leading apostrophe away. Numbers stay
// as they are.
//
// A file that broke off ends within a quoted cell, which is an error to read.
func writeCSV(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) error {
	columns := append([]string{"id", "valid_from", "valid_until", "geometry"}, e.Fields...)
	header := appendCell(nil, columns[0])
	for i, name := range e.Fields {
		if slices.Index(columns, name) != 4+i { // taken
			for slices.Contains(columns, name) {
				name = "property_" + name
			}
			columns[4+i] = name
		}
		header = appendCell(append(header, ','), name)
	}
	for _, name := range columns[1:4] {
		header = appendCell(append(header, ','), name)
	}
	header = append(header, "\r\n"...)

	in := e.CRS.EastFirst()
	var wkt []byte
	add := func(dst []byte, f geo.Feature) []byte {
		if f.ID != (geo.ID{}) {
			if f.ID.IsNumber() {
				dst = append(dst, f.ID.String()...)
			} else {
				dst = appendCell(dst, f.ID.String())
			}
		}
		for _, name := range e.Fields {
			dst = append(dst, ',')
			switch v := f.Properties.Get(name); v.Kind() {
			case geo.Null:
			case geo.String, geo.JSON:
				dst = appendCell(dst, v.Text())
			default:
				dst = v.AppendJSON(dst)
			}
		}
		start, end := f.Valid.Possible.Text()
		for _, bound := range [2]string{start, end} {
			dst = append(dst, ',')
			if bound != ".." {
				dst = appendCell(dst, bound)
			}
		}
		dst = append(dst, ',')
		if wkt = gogeom.AppendWKT(wkt[:0], in.Project(f.Geometry), in.Decimals()); len(wkt) > 0 {
			dst = appendCell(dst, string(wkt))
		}
		return append(dst, "\r\n"...)
	}
	return stream{head: header, add: add, broken: `"incomplete: `}.write(w, fs)
}

// appendCell appends a text as one cell.
func appendCell(dst []byte, text string) []byte {
	quote := text == "" || strings.ContainsAny(text, ",;\"\r\n\t") || text[0] == ' ' || text[len(text)-1] == ' '
	if quote {
		dst = append(dst, '"')
	}
	if guarded(text) {
		dst = append(dst, '\'')
	}
	for i := range len(text) {
		if text[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, text[i])
	}
	if quote {
		dst = append(dst, '"')
	}
	return dst
}

// guarded reports whether text needs an apostrophe before it.
func guarded(text string) bool {
	for _, r := range text {
		return strings.ContainsRune("'=+-@\t\r\n＝＋－＠", r)
	}
	return false
}
