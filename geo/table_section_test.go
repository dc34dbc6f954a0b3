package geo_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/section"
)

// written returns t as it is after it was written and read.
func written(tb testing.TB, t *geo.Table) *geo.Table {
	tb.Helper()
	f, err := section.Open(sectionsOf(tb, t), nil)
	if err != nil {
		tb.Fatal(err)
	}
	got := geo.ReadTable(f)
	if err := f.Err(); err != nil {
		tb.Fatal(err)
	}
	return got
}

func sectionsOf(tb testing.TB, t *geo.Table) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := section.NewWriter(&b)
	t.Write(w)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// row is a feature in a form that can be compared.
type row struct {
	ID         geo.ID
	Geometry   orb.Geometry
	Valid      period.Valid
	Properties []any
}

func rowsOf(t *geo.Table) (rows []row) {
	for i := range t.Len() {
		f := t.At(i)
		r := row{f.ID, f.Geometry, f.Valid, nil}
		for name, v := range f.Properties.All() {
			r.Properties = append(r.Properties, name, v)
		}
		rows = append(rows, r)
	}
	return rows
}

func sameRows(t *testing.T, want, got *geo.Table) {
	t.Helper()
	if diff := cmp.Diff(rowsOf(want), rowsOf(got), cmp.AllowUnexported(geo.ID{}, geo.Value{}, period.Period{})); diff != "" {
		t.Error(diff)
	}
}

func aTable(shapes ...orb.Geometry) *geo.Table {
	names := geo.NewNames("اسم", "n", "none", "long")
	t := geo.NewTable(names)
	for i, g := range shapes {
		valid := period.Exactly(period.New(period.Instant(i), period.Instant(i+10)))
		if i%3 == 2 {
			valid.Certain = period.Never
		}
		id := geo.TextID(strings.Repeat("x", i+1))
		if i%2 == 1 {
			id = geo.NumberID("12")
		}
		t.Append(id, g, valid, []geo.Value{geo.StringValue("الموصل"), geo.IntValue(int64(-i)), {}, geo.JSONValue(`["` + strings.Repeat("a", i*10_000) + `"]`)})
	}
	t.Append(geo.ID{}, nil, period.Valid{}, []geo.Value{geo.FloatValue(math.Copysign(0, -1)), geo.BoolValue(true)})
	t.Finish()
	return t
}

func TestTableWritten(t *testing.T) {
	polygon := orb.Polygon{{{0, 0}, {9, 0}, {9, 9}, {0, 0}}, {{1, 1}, {2, 2}, {2, 1}, {1, 1}}}
	for name, shapes := range map[string][]orb.Geometry{
		"none":   nil,
		"points": {orb.Point{1, 2}, nil, orb.Point{3, 4}},
		"shapes": {
			orb.Point{1, 2},
			orb.MultiPoint{{1, 2}, {3, 4}},
			orb.LineString{{1, 2}, {3, 4}},
			orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}}},
			orb.Ring{{1, 2}, {3, 4}, {1, 2}},
			polygon,
			orb.MultiPolygon{polygon, polygon},
			orb.Bound{Max: orb.Point{1, 1}},
			orb.Collection{polygon, nil, orb.Point{7, 8}, orb.Collection{orb.LineString{{0, 1}}}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := aTable(shapes...)
			got := written(t, want)
			sameRows(t, want, got)
			sameRows(t, want, written(t, got))
			for i := range want.Len() {
				wb, wok := want.Bound(i)
				gb, gok := got.Bound(i)
				if wb != gb && wok || wok != gok {
					t.Errorf("bound of %d: %v, want %v", i, gb, wb)
				}
			}
		})
	}
}

// TestSetWritten: only what fits a table is taken for its features as they are written.
func TestSetWritten(t *testing.T) {
	table := aTable(orb.Point{1, 2}, nil) // and one row more
	if _, _, ok := table.Row(0).Written(); ok {
		t.Error("written before it was set")
	}
	all := []byte(",\na,\n,\nbcd")
	for _, ends := range [][]uint64{nil, {3, 5}, {3, 5, 9}, {5, 3, 10}, {3, 4, 10}, {3, 5, 10, 12}} {
		if table.SetWritten(all, ends, true) == nil {
			t.Errorf("%d fit", ends)
		}
	}
	if err := table.SetWritten(all, []uint64{3, 5, 10}, true); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a", "", "bcd"} {
		if text, dated, ok := table.Row(i).Written(); string(text) != want || !dated || !ok {
			t.Errorf("%d: %q, %t, %t", i, text, dated, ok)
		}
		run := table.Row(i).Run()
		if run.Add(table.Row(i)) || run.Add(table.Row((i+2)%3)) || run.Add(aTable(nil, nil).Row(i)) {
			t.Errorf("%d: the run goes on with what does not follow", i)
		}
		if text := run.Written(); string(text) != geo.Between+want {
			t.Errorf("%d: %q", i, text)
		}
	}
	run := table.Row(1).Run()
	if !run.Add(table.Row(2)) || string(run.Written()) != ",\n,\nbcd" {
		t.Errorf("%q", run.Written())
	}
	if table.Fetch([]int{0, 1, 2}) == 0 {
		t.Error("nothing fetched")
	}
}

// What orb calls all geometries has empty ones and nil ones, too.
func TestTableOddGeometries(t *testing.T) {
	want := aTable(orb.AllGeometries...)
	got := written(t, want)
	for i := range want.Len() {
		w, g := want.Geometry(i), got.Geometry(i)
		if (w == nil) != (g == nil) || w != nil && !orb.Equal(w, g) {
			t.Errorf("%d: %#v, want %#v", i, g, w)
		}
	}
}

// A file that is whole but does not agree with itself gives an error, not a table.
func TestTableOfOtherSections(t *testing.T) {
	for name, write := range map[string]func(*section.Writer){
		"kind":    func(w *section.Writer) { section.Write(w, "table.shapes", []uint32{77}) },
		"cut off": func(w *section.Writer) { section.Write(w, "table.shapes", []uint32{6, 3, 1}) },
		"huge":    func(w *section.Writer) { section.Write(w, "table.shapes", []uint32{7, math.MaxUint32}) },
		"no":      func(*section.Writer) {},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := section.NewWriter(&b)
			section.WriteTexts(w, "table.names", nil)
			section.WriteTexts(w, "table.texts", []string{"a"})
			section.Write(w, "table.ids.kinds", []geo.Kind{geo.String})
			section.Write(w, "table.ids.words", []uint64{1})
			section.Write(w, "table.points", []orb.Point{{1, 2}, {3, 4}})
			type span struct{ lo, hi period.Instant }
			section.Write(w, "table.possible", []span{{1, 2}})
			write(w)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			f, err := section.Open(b.Bytes(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if geo.ReadTable(f); !errors.Is(f.Err(), section.ErrDamaged) {
				t.Errorf("error %v", f.Err())
			}
		})
	}
}

// A row that says it has the second of one span gives an error.
func TestTableOfOtherSpans(t *testing.T) {
	for _, which := range []uint16{0, 1} {
		var b bytes.Buffer
		w := section.NewWriter(&b)
		section.WriteTexts(w, "table.names", nil)
		section.WriteTexts(w, "table.texts", []string{"a"})
		section.Write(w, "table.ids.kinds", []geo.Kind{geo.String})
		section.Write(w, "table.ids.words", []uint64{1})
		section.Write(w, "table.points", []orb.Point{{1, 2}})
		section.Write(w, "table.possible", []struct{ lo, hi period.Instant }{{1, 2}})
		section.Write(w, "table.possible.which", []uint16{which})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := section.Open(b.Bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if geo.ReadTable(f); errors.Is(f.Err(), section.ErrDamaged) != (which > 0) {
			t.Errorf("span %d: error %v", which, f.Err())
		}
	}
}
