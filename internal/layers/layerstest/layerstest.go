// Package layerstest is what every layers.Source must do.
//
// Run asks a Source, made by its test of features that Run gives it, what a set of
// features of known answers answers: valid time from a table of cases, and all
// else compared with a walk over the features themselves. The same cases are for
// any way to ask: see Files and Cases.
package layerstest

import (
	"context"
	"embed"
	"encoding/csv"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

//go:embed valid
var files embed.FS

// Files is a folder of layers, each a way to write valid time, as layers.Load
// reads it. Some dates in it can't be read: Broken problems.
func Files() fs.FS {
	sub, err := fs.Sub(files, "valid")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return sub
}

// Broken is how many problems the folder has.
const Broken = 4

// A Case is a question about one layer of Files.
type Case struct {
	Line     int // in cases.csv
	Layer    string
	Datetime string // as OGC API has it
	Certain  bool
	Refused  bool     // Datetime makes no sense
	Want     []string // ids, sorted
}

// Certainty returns the value of the parameter certainty.
func (c Case) Certainty() string {
	if c.Certain {
		return "certain"
	}
	return "possible"
}

// Cases returns all cases.
func Cases(tb testing.TB) []Case {
	tb.Helper()
	f, err := files.Open("valid/cases.csv")
	if err != nil {
		tb.Fatal(err)
	}
	r := csv.NewReader(f)
	r.Comment = '#'
	r.FieldsPerRecord = 4
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var cases []Case
	for i, row := range rows[1:] {
		line := i + 5 // after the comment and the header
		if row[2] != "possible" && row[2] != "certain" {
			tb.Fatalf("cases.csv:%d: certainty %q", line, row[2])
		}
		c := Case{Line: line, Layer: row[0], Datetime: row[1], Certain: row[2] == "certain", Refused: row[3] == "400"}
		if !c.Refused {
			c.Want = strings.Fields(row[3])
			slices.Sort(c.Want)
		}
		cases = append(cases, c)
	}
	return cases
}

// A New makes an empty database, table or whatever the Source reads, puts
// features into it, whose ids are unique, and returns the Source of it.
type New func(t *testing.T, features []geo.Feature) layers.Source

// Run tests the Sources that newSource makes.
func Run(t *testing.T, newSource New) {
	t.Helper()
	t.Run("ValidTime", func(t *testing.T) { validTime(t, newSource) })
	t.Run("Queries", func(t *testing.T) { queries(t, newSource) })
}

func validTime(t *testing.T, newSource New) {
	t.Helper()
	snapshot, problems := layers.Load(Files())
	if len(problems) != Broken {
		t.Errorf("%d problems in the folder, want %d: %v", len(problems), Broken, problems)
	}
	sources := map[string]layers.Source{}
	for _, l := range snapshot.Layers {
		sources[l.ID] = newSource(t, collect(t, l, layers.Query{}))
	}
	for _, c := range Cases(t) {
		s, ok := sources[c.Layer]
		if !ok {
			t.Fatalf("cases.csv:%d: no layer %q", c.Line, c.Layer)
		}
		valid, err := period.ParseDatetime(c.Datetime)
		if (err != nil) != c.Refused {
			t.Errorf("cases.csv:%d: datetime=%s: %v, want refused: %t", c.Line, c.Datetime, err, c.Refused)
		}
		if err != nil || c.Refused {
			continue
		}
		q := layers.Query{Valid: valid}
		if c.Certain {
			q.Reading = period.Certain
		}
		got := ids(collect(t, s, q))
		slices.Sort(got)
		if d := cmp.Diff(c.Want, got); d != "" && len(got)+len(c.Want) > 0 {
			t.Errorf("cases.csv:%d: %s at %s, %s: %s", c.Line, c.Layer, c.Datetime, c.Certainty(), d)
		}
		if n, known, err := s.Count(context.Background(), q, 0); err != nil || !known || n != len(c.Want) {
			t.Errorf("cases.csv:%d: count %d, %v, want %d", c.Line, n, err, len(c.Want))
		}
	}
}

// collect returns all that s answers.
func collect(t *testing.T, s layers.Source, q layers.Query) (all []geo.Feature) {
	t.Helper()
	for f, err := range s.Features(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func ids(features []geo.Feature) (list []string) {
	for _, f := range features {
		list = append(list, f.ID.String())
	}
	return list
}
