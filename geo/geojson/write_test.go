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
		table := geo.NewTable(geo.NewNames("text", "n", "list", "x\"y"))
		for i, text := range texts {
			valid := period.Exactly(period.From(period.Date(1900+i, 2, 3)))
			row := []geo.Value{geo.StringValue(text), geo.IntValue(int64(i)), geo.JSONValue("[1]"), geo.FloatValue(float64(i) / 8)}
			table.Append(geo.TextID(text), orb.Point{float64(i) * 1.5, -float64(i) / 7}, valid, row[i%5%len(row):i%5%len(row)+1])
			table.Append(geo.NumberID("7"), nil, period.Valid{}, row)
			table.Append(geo.ID{}, orb.Point{-180, 90}, period.Valid{}, nil)
		}
		if !nothingButPoints {
			table.Append(geo.ID{}, orb.LineString{{1, 2}, {3, 4}}, period.Valid{}, nil)
		}
		for _, w := range []Writer{{}, {Ends: true}, {FG: true}, {Project: func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }, Decimals: 3}} {
			for _, only := range []*geo.Subset{nil, geo.NewSubset("n", "x\"y")} {
				for i := range table.Len() {
					f := table.At(i)
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
