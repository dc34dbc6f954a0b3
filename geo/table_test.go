package geo_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// TestTableKeepsFeatures: what comes out is what went in, whatever came before
// and after it.
func TestTableKeepsFeatures(t *testing.T) {
	for _, onlyPoints := range []bool{true, false} {
		r := rand.New(rand.NewPCG(3, 4))
		names := geo.NewNames("a", "b")
		table := geo.NewTable(names)
		type in struct {
			id    geo.ID
			shape orb.Geometry
			valid period.Valid
			row   []geo.Value
		}
		var want []in
		for i := range 3000 {
			if i == 100 {
				names.Add("late")
			}
			if i == 1000 {
				table.Reserve(2500)
			}
			f := in{id: geo.TextID(fmt.Sprint("f", i)), shape: orb.Point{r.Float64(), 1}}
			if i%3 == 0 {
				f.id = geo.NumberID(strconv.Itoa(i))
			}
			switch {
			case i%7 == 0:
				f.shape = nil
			case !onlyPoints && i > 20 && i%2 == 0:
				f.shape = orb.LineString{{0, 0}, {1, float64(i)}}
			}
			switch r.IntN(4) {
			case 0:
				f.valid = period.Exactly(period.New(0, period.Instant(1+r.IntN(9))))
			case 1:
				f.valid = period.Valid{Possible: period.From(5), Certain: period.Never}
			case 2:
				f.valid = period.Exactly(period.Never)
			}
			for range r.IntN(len(names.List()) + 1) {
				f.row = append(f.row, []geo.Value{
					{},
					geo.BoolValue(true), geo.IntValue(-int64(i)), geo.FloatValue(1.5), geo.StringValue("of a few"), geo.StringValue(""),
					geo.StringValue(fmt.Sprint("text ", i)), geo.JSONValue(`[1]`), geo.StringValue(strings.Repeat("long ", r.IntN(9000))),
				}[r.IntN(9)])
			}
			want = append(want, f)
			table.Append(f.id, f.shape, f.valid, f.row)
			if i%5 == 0 {
				want[i].id, want[i].valid = geo.TextID(fmt.Sprint("other", i)), period.Exactly(period.Until(1))
				table.SetID(i, want[i].id)
				table.SetValid(i, want[i].valid)
			}
		}
		table.Finish()
		if table.Len() != len(want) {
			t.Fatalf("%d features, want %d", table.Len(), len(want))
		}
		for i, w := range want {
			got := table.At(i)
			if got.ID != w.id || !cmp.Equal(got.Geometry, w.shape) || got.Valid != w.valid {
				t.Fatalf("feature %d: got %v %v %v, want %v", i, got.ID, got.Geometry, got.Valid, w)
			}
			if b, ok := table.Bound(i); ok != (w.shape != nil) || ok && b != w.shape.Bound() {
				t.Fatalf("feature %d: bound %v %v", i, b, ok)
			}
			ref := geo.NewProperties(names, w.row)
			n := 0
			for name, v := range got.Properties.All() {
				if n++; v != ref.Get(name) || v.IsNull() {
					t.Fatalf("feature %d: %s is %v, want %v", i, name, v, ref.Get(name))
				}
			}
			for range ref.All() {
				n--
			}
			if n != 0 || !got.Properties.Get("none").IsNull() {
				t.Fatalf("feature %d: %d properties too many", i, n)
			}
		}
	}
}

// Columns of few different values are kept as numbers of them; they, too, give back what
// went in, also when they have been written, and take less.
func TestTableOfFewValues(t *testing.T) {
	const rows = 4000
	names := geo.NewNames("year", "kind", "place", "last")
	table := geo.NewTable(names)
	row := func(i int) []geo.Value {
		values := []geo.Value{geo.IntValue(int64(i % 200)), geo.StringValue([]string{"port", "mine", ""}[i%3]), geo.FloatValue(float64(i % 900)), {}}
		if i%5 == 0 {
			values[0] = geo.Value{}
		}
		if i == rows/2 {
			values[3] = geo.BoolValue(true)
		}
		return values
	}
	valid := func(i int) period.Valid {
		v := period.Exactly(period.From(period.Instant(i % 90)))
		if i%3 == 0 {
			v.Certain = period.From(period.Instant(i%90 + 5))
		}
		return v
	}
	for i := range rows {
		table.Append(geo.NumberID(strconv.Itoa(i)), orb.Point{1, 2}, valid(i), row(i))
	}
	before := len(sectionsOf(t, table))
	table.Finish()
	if after := len(sectionsOf(t, table)); after > before-rows*(9+9+9-1-1-2+2*(16-2)) {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	table.WriteTimes(func(dst []byte, p period.Period) []byte { return p.AppendText(dst, "/") })
	if text, ok := table.Row(7).Time(); string(text) != "1970-01-01T00:00:00.007Z/.." || !ok {
		t.Errorf("time %s, %t", text, ok)
	}
	for _, table := range []*geo.Table{table, written(t, table)} {
		for i := range rows {
			if got := table.Valid(i); got != valid(i) || table.Row(i).Possible() != got.Possible {
				t.Fatalf("feature %d: %v, want %v", i, got, valid(i))
			}
			for n, want := range row(i) {
				if got := table.Properties(i).Get(names.List()[n]); got != want {
					t.Fatalf("feature %d: %s is %v, want %v", i, names.List()[n], got, want)
				}
			}
		}
	}
}
