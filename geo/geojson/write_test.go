package geojson

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// TestAppendRow: a row is written as its feature is, with all properties and with some.
func TestAppendRow(t *testing.T) {
	texts := []string{"", "a", "ab\"", "abc", "حلب", "back\\slash", "new\nline", "eight123", "longer than eight", "\x7f", "bad\xff", "a\x1fb", "دمشق والريف\t"}
	for _, nothingButPoints := range []bool{true, false} {
		names := geo.NewNames("text", "n", "list", "x\"y")
		table := geo.NewTable(names)
		var want []geo.Feature
		add := func(id geo.ID, g orb.Geometry, valid period.Valid, row []geo.Value) {
			table.Append(id, g, valid, row)
			want = append(want, geo.Feature{ID: id, Geometry: g, Properties: geo.NewProperties(names, row), Valid: valid})
		}
		for i := range 20 * len(texts) { // so often that the columns are of few different values
			text := texts[i%len(texts)]
			valid := period.Exactly(period.From(period.Date(1900+i%50, 2, 3)))
			if i%5 == 0 {
				valid = period.Exactly(period.New(period.Date(-1+i%2, 2, 3), period.Date(1990, 1, 1)+period.Instant(i%3)))
			}
			row := []geo.Value{geo.StringValue(text), geo.IntValue(int64(i % 7)), geo.JSONValue("[1]"), geo.FloatValue(float64(i) / 8)}
			add(geo.TextID(text), orb.Point{float64(i) * 1.5, -float64(i) / 7}, valid, append(make([]geo.Value, i%4), row[i%4]))
			add(geo.NumberID("7"), nil, period.Valid{}, row)
			add(geo.ID{}, orb.Point{-180, 90}, period.Valid{}, nil)
		}
		if !nothingButPoints {
			add(geo.ID{}, orb.LineString{{1, 2}, {3, 4}}, period.Valid{}, nil)
		}
		for _, finish := range []func(){func() {}, table.Finish, func() { WriteTimes(table) }} {
			finish()
			for _, w := range []Writer{{}, {Ends: true}, {FG: true}, {Project: func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }, Decimals: 3}} {
				for _, only := range []*geo.Subset{nil, geo.NewSubset("n", "x\"y")} {
					for i, f := range want {
						f.Properties = only.Of(f.Properties)
						got, want := string(w.AppendRow(nil, table.Row(i), only)), string(w.AppendFeature(nil, f))
						if got != want || !json.Valid([]byte(got)) {
							t.Errorf("got %s, want %s", got, want)
						}
					}
				}
			}
		}
	}
}

// TestEnds: the ends of valid time stand among the properties, whatever days, times or years they are.
func TestEnds(t *testing.T) {
	minute := period.Instant(60_000)
	for _, test := range []struct {
		p    period.Period
		want string
	}{
		{period.Period{}, `{}`},
		{period.Never, `{}`},
		{period.New(period.Date(1914, 7, 28), period.Date(1918, 11, 12)), `{"valid_from":"1914-07-28T00:00:00Z","valid_until":"1918-11-11T23:59:59.999Z"}`},
		{period.New(period.Date(1914, 7, 28), period.Date(1918, 11, 12)+minute), `{"valid_from":"1914-07-28T00:00:00Z","valid_until":"1918-11-12T00:00:59.999Z"}`},
		{period.New(period.Date(1914, 7, 28)+minute, period.Date(1918, 11, 12)), `{"valid_from":"1914-07-28T00:01:00Z","valid_until":"1918-11-11T23:59:59.999Z"}`},
		{period.From(period.Date(1, 1, 1)), `{"valid_from":"0001-01-01T00:00:00Z"}`},
		{period.Until(period.Date(10_000, 1, 1)), `{"valid_until":"9999-12-31T23:59:59.999Z"}`},
		{period.New(period.Date(0, 5, 1), period.Date(1, 2, 1)), `{"valid_until":"0001-01-31T23:59:59.999Z"}`},
		{period.New(period.Date(-10, 5, 1), period.Date(1, 2, 1)), `{"valid_until":"0001-01-31T23:59:59.999Z"}`},
		{period.New(period.Date(2000, 1, 1), period.Date(10_001, 1, 1)), `{"valid_from":"2000-01-01T00:00:00Z"}`},
	} {
		w := Writer{Ends: true}
		text := string(w.AppendFeature(nil, geo.Feature{Valid: period.Exactly(test.p)}))
		if _, got, _ := strings.Cut(text, `"properties":`); got != test.want+"}" {
			t.Errorf("%v: got %s, want %s", test.p, got, test.want)
		}
	}
}

// TestDegrees: the quick way writes what the general one does.
func TestDegrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	list := []float64{0, math.Copysign(0, -1), 1e-8, -1e-8, 4e-8, 5e-8, 1e-7, -1e-7, 180, -180, 399.9999999, 0.1, 9.99999995, 10, 123.4567891, -0.05}
	for range 10_000 {
		list = append(list, (r.Float64()-.5)*360, math.Round((r.Float64()-.5)*3600)/10)
	}
	var w Writer
	for _, f := range list {
		text := string(appendFixed(nil, f, 7))
		if got, want := string(w.appendPoint(nil, orb.Point{f, -1})), "["+text+",-1]"; got != want {
			t.Errorf("%g: got %s, want %s", f, got, want)
		}
	}
}

// FuzzJSONString: what is appended is JSON, and the text comes back from it.
func FuzzJSONString(f *testing.F) {
	for _, s := range []string{"", "a", "\"", "\\", "\x00abc", "abcd\x1f", "abcdefgh", "abcdefg\"", "حلب", "abcdefgh\xff", strings.Repeat("ب", 9), "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(geo.AppendJSONString(nil, s), &back); err != nil {
			t.Fatalf("%q: %q, %v", s, back, err)
		}
		if v := []rune(s); string(v) != back { // each byte that is not UTF-8 becomes U+FFFD
			t.Fatalf("%q: %q", s, back)
		}
	})
}
