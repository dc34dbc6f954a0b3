package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A row is one line of a table: its cells by column, and where it stands.
type row struct {
	table string
	line  int
	cells map[string]string
	errs  *[]error
}

// text returns the cell of column, without the blanks around it.
func (r row) text(column string) string { return strings.TrimSpace(r.cells[column]) }

func (r row) fail(format string, args ...any) {
	*r.errs = append(*r.errs, fmt.Errorf("%s:%d: %s", r.table, r.line, fmt.Sprintf(format, args...)))
}

// need returns the cell of column, which must not be empty.
func (r row) need(column string) string {
	s := r.text(column)
	if s == "" {
		r.fail("%s is empty", column)
	}
	return s
}

// oneOf returns the cell of column, which must be one of words.
func (r row) oneOf(column string, words ...string) string {
	s := r.text(column)
	if !slices.Contains(words, s) {
		r.fail("%s is %q, not one of %s", column, s, strings.Join(words, ", "))
	}
	return s
}

func (r row) number(column string) float64 {
	f, err := strconv.ParseFloat(r.text(column), 64)
	if err != nil {
		r.fail("%s is %q, not a number", column, r.text(column))
	}
	return f
}

// point returns the cells lon and lat.
func (r row) point() orb.Point {
	p := orb.Point{r.number("lon"), r.number("lat")}
	if p[0] < -180 || p[0] > 180 || p[1] < -90 || p[1] > 90 {
		r.fail("lon %v, lat %v is not on Earth", p[0], p[1])
	}
	return p
}

// when returns the cells start and end and what they mean: a coarse end is an
// uncertain one in every table.
func (r row) when() (start, end string, v period.Valid) {
	start, end = r.need("start"), r.need("end")
	v, err := ends.ParsePair(start, end)
	if err != nil {
		r.fail("%v", err)
	}
	return start, end, v
}

// ends is how the tables' dates are read, and how their sidecars say they are.
var ends = period.Ends{Uncertain: true} //nolint:gochecknoglobals // a constant in all but syntax

// readTable reads a CSV file with exactly the given columns, in any order.
func readTable(folder, name string, errs *[]error, columns ...string) []row {
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		*errs = append(*errs, err)
		return nil
	}
	in := csv.NewReader(bytes.NewReader(data))
	head, err := in.Read()
	if err != nil {
		*errs = append(*errs, fmt.Errorf("%s: %w", name, err))
		return nil
	}
	if got, want := slices.Sorted(slices.Values(head)), slices.Sorted(slices.Values(columns)); !slices.Equal(got, want) {
		*errs = append(*errs, fmt.Errorf("%s:1: the columns are %s, not %s", name, strings.Join(head, ","), strings.Join(columns, ",")))
		return nil
	}
	var rows []row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: %w", name, err))
			return rows
		}
		line, _ := in.FieldPos(0)
		cells := make(map[string]string, len(head))
		for i, c := range head {
			cells[c] = record[i]
		}
		rows = append(rows, row{name, line, cells, errs})
	}
}

// unique fails rows whose id a row before them has.
func unique(rows []row, column string) {
	seen := map[string]int{}
	for _, r := range rows {
		id := r.need(column)
		if line, ok := seen[id]; ok {
			r.fail("%s %q is that of line %d", column, id, line)
		}
		seen[id] = r.line
	}
}

// sources are the tables.
type sources struct {
	errs                                                              *[]error // of rows, found while layers are made
	settlements, holdings, rooms, members, coalition, events, figures []row
	citations                                                         map[string][]row // by layer/subject
	governorates, provinces                                           map[string]row   // by country/name, ours and Natural Earth's
	countries                                                         []row
	rivers, lakes, towns                                              []row
	notes                                                             map[string]row // by settlement
}

func readSources(folder string) (*sources, error) {
	var errs []error
	t := func(name string, columns ...string) []row { return readTable(folder, name, &errs, columns...) }
	s := &sources{
		errs:         &errs,
		settlements:  t("settlements.csv", "id", "name_en", "name_ar", "country", "governorate", "lon", "lat", "precision_m", "coordinates", "kind", "not_held"),
		holdings:     t("holdings.csv", "settlement", "start", "end", "start_read", "end_read"),
		rooms:        t("operations_rooms.csv", "id", "name_en", "name_ar", "role_en", "role_ar", "note_en", "note_ar", "kind", "side", "country", "lon", "lat", "precision_m", "radius_m", "start", "end", "polygon", "basis"),
		members:      t("members.csv", "id", "iso3", "name_en", "name_ar", "kind", "role_en", "role_ar", "start", "end", "basis"),
		coalition:    t("coalition.csv", "id", "iso3", "name_en", "name_ar", "kind", "contribution", "start", "end", "basis"),
		events:       t("events.csv", "id", "start", "end", "lon", "lat", "place_en", "place_ar", "title_en", "title_ar", "summary_en", "summary_ar", "kind", "article_paragraph", "basis"),
		figures:      t("area_figures.csv", "date", "km2", "pct_text", "scope", "publisher", "what_it_counts", "source", "basis", "comparable"),
		countries:    t("countries.csv", "natural_earth", "ne_id", "iso3", "name_en", "name_ar"),
		rivers:       t("rivers.csv", "river", "name_en", "name_ar", "lon", "lat"),
		lakes:        t("lakes.csv", "lake", "name_en", "name_ar", "lon", "lat"),
		towns:        t("towns.csv", "geonames_id", "name_en", "name_ar", "rank"),
		notes:        map[string]row{},
		citations:    map[string][]row{},
		governorates: map[string]row{},
		provinces:    map[string]row{},
	}
	for _, rows := range [][]row{s.settlements, s.rooms, s.members, s.coalition, s.events} {
		unique(rows, "id")
	}
	unique(s.countries, "natural_earth")
	unique(s.towns, "geonames_id")
	for _, r := range t("governorates.csv", "country", "name_en", "name_ar", "natural_earth") {
		s.governorates[r.need("country")+"/"+r.need("name_en")] = r
		if ne := r.text("natural_earth"); ne != "" {
			s.provinces[r.text("country")+"/"+ne] = r
		}
	}
	places := map[string]bool{}
	for _, r := range s.settlements {
		places[r.text("id")] = true
	}
	for _, r := range t("notes.csv", "settlement", "note_en", "note_ar") {
		id := r.need("settlement")
		r.need("note_en")
		r.need("note_ar")
		if _, ok := s.notes[id]; ok || !places[id] {
			r.fail("settlements.csv has no %q, or it has a note already", id)
		}
		s.notes[id] = r
	}
	subjects := map[string]bool{}
	for layer, rows := range map[string][]row{"settlements": s.settlements, "operations-rooms": s.rooms, "member-states": s.members, "coalition-states": s.coalition, "events": s.events} {
		for _, r := range rows {
			subjects[layer+"/"+r.text("id")] = true
		}
	}
	for _, r := range t("citations.csv", "layer", "subject", "claim", "title", "publisher", "date", "url", "read") {
		key := r.need("layer") + "/" + r.need("subject")
		if !subjects[key] {
			r.fail("there is no %s", key)
		}
		r.need("title")
		r.oneOf("read", "yes", "no", "area")
		if d := r.text("date"); d != "" {
			if _, err := period.Parse(d); err != nil {
				r.fail("%v", err)
			}
		}
		s.citations[key] = append(s.citations[key], r)
	}
	return s, s.problems()
}

// problems returns what is wrong with rows so far.
func (s *sources) problems() error { return errors.Join(*s.errs...) }

// A source is one entry of a feature's list of sources.
type source struct {
	Title     string `json:"title"`
	Publisher string `json:"publisher,omitempty"`
	Date      string `json:"date,omitempty"`
	URL       string `json:"url,omitempty"`
	Verified  bool   `json:"verified"`
}

// sourcesOf returns what the table of citations says of a subject, what was read
// first. A source that was only named as a place to check is kept, unverified.
func (s *sources) sourcesOf(layer, subject string) []source {
	out := []source{}
	for _, r := range s.citations[layer+"/"+subject] {
		out = append(out, source{r.text("title"), r.text("publisher"), r.text("date"), r.text("url"), r.text("read") != "no"})
	}
	slices.SortStableFunc(out, func(a, b source) int {
		switch {
		case a.Verified == b.Verified:
			return 0
		case a.Verified:
			return -1
		}
		return 1
	})
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
