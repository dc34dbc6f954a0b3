package period_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kharita/geo/period"
)

var update = flag.Bool("update", false, "write the texts and reasons of testdata/vectors.json anew; read the diff") //nolint:gochecknoglobals // a flag

// A vector is one case of testdata/vectors.json, which the page's
// web/leaflet/test/instant.test.ts reads too. One of Input, Start and End, or
// Datetime is set. Bounds are half-open, null is open; Certain null is never.
type vector struct {
	Input    *string `json:"input,omitempty"`
	Start    *string `json:"start,omitempty"`
	End      *string `json:"end,omitempty"`
	Datetime *string `json:"datetime,omitempty"`
	Ends     string  `json:"ends,omitempty"`  // uncertain
	Until    string  `json:"until,omitempty"` // excluded

	Possible *[2]*string `json:"possible,omitempty"`
	Certain  *[2]*string `json:"certain,omitempty"`
	EN       string      `json:"en,omitempty"`
	AR       string      `json:"ar,omitempty"`

	Error *fault `json:"error,omitempty"`
}

type fault struct {
	Offset int    `json:"offset"`
	Reason string `json:"reason"`
}

func (v vector) name() string {
	switch {
	case v.Input != nil:
		return strings.TrimSpace(*v.Input + " " + v.Ends)
	case v.Datetime != nil:
		return "datetime " + *v.Datetime
	}
	return strings.TrimSpace(*v.Start + "; " + *v.End + " " + v.Ends + " " + v.Until)
}

func (v vector) ends() period.Ends {
	return period.Ends{Uncertain: v.Ends == "uncertain", Excluded: v.Until == "excluded"}
}

// read returns what the package makes of v.
func (v vector) read() (period.Valid, error) {
	switch {
	case v.Input != nil:
		return v.ends().Parse(*v.Input)
	case v.Datetime != nil:
		p, err := period.ParseDatetime(*v.Datetime)
		return period.Exactly(p), err
	}
	return v.ends().ParsePair(*v.Start, *v.End)
}

func (v vector) describe(lang string) string {
	switch {
	case v.Input != nil:
		return v.ends().DescribeText(*v.Input, lang)
	case v.Datetime != nil:
		p, _ := period.ParseDatetime(*v.Datetime)
		return p.Describe(lang)
	}
	return v.ends().Describe(*v.Start, *v.End, lang)
}

const vectorsFile = "testdata/vectors.json"

func vectors(tb testing.TB) []vector {
	tb.Helper()
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		tb.Fatal(err)
	}
	var vs []vector
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&vs); err != nil {
		tb.Fatalf("%s: %v", vectorsFile, err)
	}
	if len(vs) < 300 {
		tb.Fatalf("%s has %d cases, want at least 300", vectorsFile, len(vs))
	}
	return vs
}

// instant reads a bound of a vector by another calendar than ours.
func instant(tb testing.TB, s string) period.Instant {
	tb.Helper()
	date, clock, _ := strings.Cut(s, "T")
	sign := 1
	if rest, ok := strings.CutPrefix(date, "-"); ok {
		sign, date = -1, rest
	}
	var y, m, d int
	if _, err := fmt.Sscanf(date, "%d-%d-%d", &y, &m, &d); err != nil {
		tb.Fatalf("bound %q: %v", s, err)
	}
	i := time.Date(sign*y, time.Month(m), d, 0, 0, 0, 0, time.UTC).UnixMilli()
	if clock != "" {
		c, err := time.Parse("15:04:05.999", clock)
		if err != nil {
			tb.Fatalf("bound %q: %v", s, err)
		}
		i += int64(c.Hour()*3600+c.Minute()*60+c.Second())*1000 + int64(c.Nanosecond()/1e6)
	}
	return period.Instant(i)
}

func bounds(tb testing.TB, b *[2]*string) period.Period {
	tb.Helper()
	switch {
	case b == nil:
		return period.Never
	case b[0] == nil && b[1] == nil:
		return period.Period{}
	case b[0] == nil:
		return period.Until(instant(tb, *b[1]))
	case b[1] == nil:
		return period.From(instant(tb, *b[0]))
	}
	return period.New(instant(tb, *b[0]), instant(tb, *b[1]))
}

func TestVectors(t *testing.T) {
	vs := vectors(t)
	if *update {
		rewrite(t, vs)
	}
	for _, v := range vs {
		t.Run(v.name(), func(t *testing.T) {
			got, err := v.read()
			if v.Error != nil {
				var pe *period.ParseError
				if !errors.As(err, &pe) {
					t.Fatalf("got %v, %v, want a *ParseError", got, err)
				}
				if diff := cmp.Diff(*v.Error, fault{pe.Offset, pe.Reason}); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := period.Exactly(bounds(t, v.Possible))
			if v.Datetime == nil {
				want.Certain = bounds(t, v.Certain)
			}
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if text := v.describe("en"); text != v.EN {
				t.Errorf("got %q, want %q", text, v.EN)
			}
			if text := v.describe("ar"); text != v.AR {
				t.Errorf("got %q, want %q", text, v.AR)
			}
		})
	}
}

func rewrite(t *testing.T, vs []vector) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("[\n")
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i, v := range vs {
		var pe *period.ParseError
		if _, err := v.read(); v.Error != nil && errors.As(err, &pe) {
			v.Error.Reason = pe.Reason
		}
		if v.Error == nil {
			v.EN, v.AR = v.describe("en"), v.describe("ar")
		}
		vs[i] = v
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		if i < len(vs)-1 {
			b.Truncate(b.Len() - 1)
			b.WriteString(",\n")
		}
	}
	b.WriteString("]\n")
	if err := os.WriteFile(vectorsFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPeriodText(t *testing.T) {
	at := func(y, m, d int) period.Instant { return period.Date(y, m, d) }
	for _, c := range []struct {
		p                   period.Period
		text, short, en, ar string
	}{
		{period.Period{}, "../..", "../..", "at all times", "في كل الأوقات"},
		{period.Never, "never", "never", "never", "لا في أي وقت"},
		{period.New(at(2015, 1, 1), at(2016, 1, 1)), "2015-01-01/2015-12-31", "2015", "2015", "2015"},
		{period.New(at(2013, 1, 1), at(2020, 1, 1)), "2013-01-01/2019-12-31", "2013/2019", "2013–2019", "من 2013 إلى 2019"},
		{period.New(at(2015, 6, 1), at(2015, 7, 1)), "2015-06-01/2015-06-30", "2015-06", "June 2015", "حزيران 2015"},
		{period.New(at(2015, 6, 29), at(2015, 6, 30)), "2015-06-29", "2015-06-29", "29 June 2015", "29 حزيران 2015"},
		{period.New(at(2015, 6, 1), at(2015, 6, 16)), "2015-06-01/2015-06-15", "2015-06-01/2015-06-15", "1–15 June 2015", "من 1 إلى 15 حزيران 2015"},
		{period.From(at(2015, 1, 1)), "2015-01-01/..", "2015/..", "since 2015", "منذ 2015"},
		{period.Until(at(2015, 1, 1)), "../2014-12-31", "../2014", "until 2014", "حتى 2014"},
		{period.New(at(-43, 1, 1), at(-42, 1, 1)), "-0043-01-01/-0043-12-31", "-0043", "44 BCE", "44 ق.م"},
		{period.New(at(12000, 6, 15), at(12000, 6, 16)), "Y12000-06-15", "Y12000-06-15", "15 June 12,000 CE", "15 حزيران 12,000 م"},
		{period.At(0), "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1 January 1970, 00:00 UTC", "1 كانون الثاني 1970، الساعة 00:00 بالتوقيت العالمي"},
		{period.New(-1, 5400_000), "1969-12-31T23:59:59.999Z/1970-01-01T01:29:59.999Z", "1969-12-31T23:59:59.999Z/1970-01-01T01:29:59.999Z", "31 December 1969, 23:59:59 – 1 January 1970, 01:29:59 UTC", "من 31 كانون الأول 1969، الساعة 23:59:59 إلى 1 كانون الثاني 1970، الساعة 01:29:59 بالتوقيت العالمي"},
		{period.New(0, 5400_001), "1970-01-01T00:00:00Z/1970-01-01T01:30:00Z", "1970-01-01T00:00:00Z/1970-01-01T01:30:00Z", "1 January 1970, 00:00 – 01:30 UTC", "من 1 كانون الثاني 1970، الساعة 00:00 إلى الساعة 01:30 بالتوقيت العالمي"},
	} {
		got := []string{c.p.String(), c.p.Datetime(), c.p.Describe("en"), c.p.Describe("ar-IQ")}
		if diff := cmp.Diff([]string{c.text, c.short, c.en, c.ar}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.p, diff)
		}
	}
}

func TestDescribeUnreadable(t *testing.T) {
	for _, c := range []struct{ start, end, want string }{
		{"", "", ""},
		{"spring", "", "spring"},
		{"", "later", "later"},
		{"June 2014", "2016", "June 2014 – 2016"},
		{"2014", "2015-02-30", "2014 – 2015-02-30"},
		{"spring", "spring", "spring"},
		{"2014/2016", "2014/2016", "2014–2016"}, // one property that is named as both ends
		{"..", "..", "at all times"},
	} {
		if got := period.Describe(c.start, c.end, "en"); got != c.want {
			t.Errorf("Describe(%q, %q): got %q, want %q", c.start, c.end, got, c.want)
		}
	}
	if got, want := period.DescribeText("spring", "ar"), "spring"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := period.Describe("2014-06", "", "arq"), "since June 2014"; got != want {
		t.Errorf("arq is not ar: got %q, want %q", got, want)
	}
}

func TestYearText(t *testing.T) {
	for year, want := range map[int64]string{
		0: "0000", 14: "0014", 476: "0476", 2014: "2014", 9999: "9999", 10000: "Y10000",
		-43: "-0043", -9999: "-9999", -10000: "Y-10000", 271000: "Y271000",
	} {
		got := period.YearText(year)
		if got != want {
			t.Errorf("YearText(%d): got %q, want %q", year, got, want)
		}
		v, err := period.Parse(got)
		start := instant(t, fmt.Sprintf("%d-01-01", year))
		if lo, _ := v.Possible.Start(); err != nil || lo != start {
			t.Errorf("Parse(%q): got %v, %v", got, v, err)
		}
	}
	if _, err := period.Parse(period.YearText(271_001)); err == nil {
		t.Error("year 271001 can be read, want an error")
	}
}

// TestDate compares the calendar with that of package time, over all eras.
func TestDate(t *testing.T) {
	check := func(y, m, d int) {
		if got, want := period.Date(y, m, d), time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).UnixMilli(); int64(got) != want {
			t.Errorf("Date(%d, %d, %d): got %d, want %d", y, m, d, got, want)
		}
	}
	for y := -period.MaxYear; y <= period.MaxYear; y += 97 {
		for m := 1; m <= 12; m++ {
			check(y, m, 1)
			check(y, m, 28)
		}
	}
	for _, c := range [][3]int{{2015, 2, 30}, {2015, 13, 1}, {2015, 0, 1}, {2015, -25, 0}, {2016, 2, 29}, {0, 2, 29}, {-1, 12, 32}, {2015, 1, 1000}} {
		check(c[0], c[1], c[2])
	}
	for i := period.Date(-401, 1, 1); i < period.Date(2402, 1, 1); i += 86_400_000 {
		want := time.UnixMilli(int64(i)).UTC().Format("2006-01-02")
		if got, _ := period.At(i + 43_200_000).Text(); !strings.HasPrefix(got, want) && i >= period.Date(0, 1, 1) {
			t.Fatalf("got %s, want %s", got, want)
		}
		if v, err := period.Parse(period.New(i, i+86_400_000).String()); err != nil || v.Possible != period.New(i, i+86_400_000) {
			t.Fatalf("day %d: got %v, %v", i, v, err)
		}
	}
}

func TestOperations(t *testing.T) {
	a, b, c := period.New(0, 10), period.New(10, 20), period.New(5, 15)
	for _, x := range []struct {
		name      string
		got, want any
	}{
		{"empty is Never", period.New(5, 5), period.Never},
		{"backwards is Never", period.New(6, 5), period.Never},
		{"touching periods don't intersect", a.Intersects(b), false},
		{"overlap", a.Intersect(c), period.New(5, 10)},
		{"always intersects all", period.Period{}.Intersects(a), true},
		{"never intersects none", period.Never.Intersects(period.Period{}), false},
		{"until and from at one instant", period.Until(5).Intersects(period.From(5)), false},
		{"until and from overlap", period.Until(6).Intersect(period.From(5)), period.At(5)},
		{"hull", a.Hull(b), period.New(0, 20)},
		{"hull with never", a.Hull(period.Never), a},
		{"hull with open", a.Hull(period.From(30)), period.From(0)},
		{"start is in", a.Contains(0), true},
		{"end is out", a.Contains(10), false},
		{"never contains none", period.Never.Contains(0), false},
		{"zero valid holds always", period.Valid{}.In(period.Certain).IsAlways(), true},
		{"between without bounds", period.Between(math.MinInt64, math.MaxInt64), period.Period{}},
		{"never is between its limits", period.Between(period.Never.Limits()), period.Never},
	} {
		if diff := cmp.Diff(x.want, x.got, cmp.Comparer(func(p, q period.Period) bool { return p == q })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.name, diff)
		}
	}
}

// FuzzParse wants no panic, a certain reading within the possible one, errors
// with a place inside the text, and texts that read back as what they were.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		for _, s := range []*string{v.Input, v.Start, v.End, v.Datetime} {
			if s != nil {
				f.Add(*s)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, e := range []period.Ends{{}, {Uncertain: true}, {Excluded: true}, {Uncertain: true, Excluded: true}} {
			v, err := e.Parse(text)
			if err != nil {
				checkError(t, text, err)
				continue
			}
			if v.Possible.IsNever() {
				t.Fatalf("%q is possible at no time", text)
			}
			if v.Possible.Hull(v.Certain) != v.Possible {
				t.Fatalf("%q is certain in %v, possible only in %v", text, v.Certain, v.Possible)
			}
			checkText(t, v.Possible)
			checkText(t, v.Certain)
		}
		p, err := period.ParseDatetime(text)
		if err != nil {
			checkError(t, text, err)
		} else if again, err := period.ParseDatetime(p.Datetime()); err != nil || again != p {
			t.Fatalf("%q is %v, and its text %q reads %v, %v", text, p, p.Datetime(), again, err)
		}
		for _, lang := range []string{"en", "ar"} {
			period.DescribeText(text, lang)
			period.Describe(text, text, lang)
		}
	})
}

func checkError(t *testing.T, text string, err error) {
	t.Helper()
	var pe *period.ParseError
	if !errors.As(err, &pe) || pe.Input != text || pe.Offset < 0 || pe.Offset > len(text) || pe.Reason == "" {
		t.Fatalf("%q: got error %#v, want a *ParseError with a place in it", text, err)
	}
}

func checkText(t *testing.T, p period.Period) {
	t.Helper()
	if p.IsNever() {
		return
	}
	lo, hi := p.Limits()
	for _, i := range []period.Instant{lo, hi} { // a season or offset may leave the years that can be read
		if i != math.MinInt64 && i != math.MaxInt64 && (i < period.Date(-period.MaxYear, 1, 1) || i > period.Date(period.MaxYear+1, 1, 1)) {
			return
		}
	}
	for _, text := range []string{p.String(), p.Datetime()} {
		if v, err := period.Parse(text); err != nil || v != period.Exactly(p) {
			t.Fatalf("%q reads back as %v, %v", text, v, err)
		}
	}
}

// TestDays: days are named as the standard library names them.
func TestDays(t *testing.T) {
	for d := time.Date(-400, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 12_000; d = d.AddDate(0, 0, 5) {
		start, _ := period.From(period.Instant(d.UnixMilli())).Text()
		want := d.Format("2006-01-02")
		if y := d.Year(); y < 0 || y > 9999 {
			_, _, ok := strings.Cut(start[1:], d.Format("-01-02"))
			if !ok {
				t.Fatalf("got %s, want %v", start, d)
			}
			continue
		}
		if start != want {
			t.Fatalf("got %s, want %s", start, want)
		}
	}
}

func FuzzPeriodText(f *testing.F) {
	f.Add(int64(0), int64(1))
	f.Add(int64(-1), int64(86_400_000))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64))
	f.Add(int64(math.MinInt64+1), int64(math.MaxInt64-1))
	f.Fuzz(func(t *testing.T, lo, hi int64) {
		p := period.Between(period.Instant(lo), period.Instant(hi))
		checkText(t, p)
		p.Describe("ar")
		if again := period.Between(p.Limits()); again != p {
			t.Fatalf("got %v, want %v", again, p)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"2014", "2014-06-29", "2014-06-10T12:30:00+03:00", "2014-06~/2017-11-26", "156X-12-25", "XXXX-02-29", "[2014-09..2014-12]/2017", "2015-02-30"} {
		b.Run(strings.ReplaceAll(text, "/", "to"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = period.Parse(text)
			}
		})
	}
}

func BenchmarkDescribe(b *testing.B) {
	for b.Loop() {
		period.Describe("2014-06~", "2017-11-26", "ar")
	}
}
