package layers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"kharita/geo/period"
)

// A Figure is what somebody else published of what a layer measures, in the
// layer's Metric: a number of features, or km².
type Figure struct {
	Date      string // EDTF
	Valid     period.Period
	Value     float64
	Publisher string
	URL       string
}

// readRivals reads the file that the sidecar names: CSV (RFC 4180) with a header
// of date, value, publisher, url in any order. A row that can't be read is a
// problem and left out; so is a file that isn't there.
func (c *sidecar) readRivals(fsys fs.FS) []Figure {
	if c.rivals.name == "" {
		return nil
	}
	file := c.rivals.name
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		c.problem(c.rivals.at, BadSetting, "rivals: %s: %s", file, reason(err))
		return nil
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	note := func(line, col int, format string, args ...any) {
		*c.problems = append(*c.problems, Problem{
			File: file, Line: line, Col: col, Rule: BadFigure,
			Message: string(BadFigure) + ": " + fmt.Sprintf(format, args...),
		})
	}
	columns := map[string]int{}
	var figures []Figure
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if e := (*csv.ParseError)(nil); errors.As(err, &e) {
			note(e.Line, e.Column, "%v (the rest of the file is not read)", e.Err)
			break
		}
		if len(columns) == 0 {
			for i, name := range row {
				columns[strings.TrimSpace(name)] = i
			}
			for _, name := range []string{"date", "value"} {
				if _, ok := columns[name]; !ok {
					note(1, 1, "the first line must name the columns date, value, publisher, url; %s is missing", name)
					return nil
				}
			}
			continue
		}
		cell := func(name string) (text string, line, col int) {
			i, ok := columns[name]
			if !ok || i >= len(row) {
				line, col = r.FieldPos(len(row) - 1)
				return "", line, col
			}
			line, col = r.FieldPos(i)
			return strings.TrimSpace(row[i]), line, col
		}
		var f Figure
		var line, col int
		f.Publisher, _, _ = cell("publisher")
		f.URL, _, _ = cell("url")
		f.Date, line, col = cell("date")
		v, err := period.Parse(f.Date)
		if err != nil {
			note(line, col, "%v", err)
			continue
		}
		f.Valid = v.Possible
		text, line, col := cell("value")
		if f.Value, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			note(line, col, "value %q is no number", text)
			continue
		}
		figures = append(figures, f)
	}
	slices.SortStableFunc(figures, func(a, b Figure) int {
		alo, _ := a.Valid.Limits()
		blo, _ := b.Valid.Limits()
		switch {
		case alo < blo:
			return -1
		case alo > blo:
			return 1
		}
		return 0
	})
	return figures
}

// Ours returns what the layer holds where f is dated, at its start: the count or
// the area, as its Metric says, in both readings.
func (l *Layer) Ours(f Figure) ([2]float64, error) {
	epochs, err := l.Timeline()
	if err != nil {
		return [2]float64{}, err
	}
	at, _ := f.Valid.Limits()
	e := epochAt(epochs, at)
	if l.Metric == "area" {
		return [2]float64{e.Sums[0].Area, e.Sums[1].Area}, nil
	}
	return [2]float64{float64(e.Sums[0].Count), float64(e.Sums[1].Count)}, nil
}
