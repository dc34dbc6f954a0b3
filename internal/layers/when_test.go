package layers_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// TestSpellings: each way to write 2014-06-10 to 2015-03-31, or a year, is guessed
// and said.
func TestSpellings(t *testing.T) {
	span := period.New(period.Date(2014, 6, 10), period.Date(2015, 4, 1))
	whole := period.New(period.Date(2014, 1, 1), period.Date(2015, 1, 1))
	since := period.From(period.Date(2014, 6, 10))
	for _, c := range []struct {
		member, properties string
		want               period.Period
		guess              string
	}{
		{``, `"start_date":"2014-06-10","end_date":"2015-03-31"`, span, "time from the properties start_date and end_date"},
		{``, `"start":"2014-06-10","end":"2015-03-31"`, span, "time from the properties start and end"},
		{``, `"from":"2014-06-10","to":"2015-03-31"`, span, "time from the properties from and to"},
		{``, `"valid_from":"2014-06-10","valid_to":"2015-03-31"`, span, "time from the properties valid_from and valid_to"},
		{``, `"begin":"2014-06-10","end":"2015-03-31"`, span, "time from the properties begin and end"},
		{``, `"start":"2014-06-10"`, since, "time from the properties start and end, of which there is one"},
		{``, `"begin":"2014-06-10"`, since, "time from the properties begin and end, of which there is one"},
		{``, `"start":"x","start_date":"2014-06-10","end_date":"2015-03-31"`, span, "time from the properties start_date and end_date"},
		{``, `"start":"2014-06-10T00:00:00+00:00","end":"2015-03-31T23:59:59.999Z"`, span, "time from the properties start and end"},
		{``, `"year":2014`, whole, "time from the property year"},
		{``, `"year":2014.0`, whole, "time from the property year"},
		{``, `"year":"2014"`, whole, "time from the property year"},
		{``, `"date":"2014-01-01/2014-12-31"`, whole, "time from the property date"},
		{``, `"start":2014,"end":2014`, whole, "time from the properties start and end"},
		{`"time":{"interval":["2014-06-10","2015-03-31"]},`, ``, span, `time from the member "time"`},
		{`"time":{"interval":["2014-06-10",".."]},`, ``, since, `time from the member "time"`},
		{`"when":{"timespans":[{"start":{"in":"2014-06-10"},"end":{"in":"2015-03-31"}}]},`, ``, span, `time from the member "when"`},
		{`"when":{"timespans":[{"start":"2014-06-10","end":"2015-03-31"}]},`, ``, span, `time from the member "when"`},
		{`"when":{"timespans":[{"start":{"in":2014}}]},`, ``, whole, `time from the member "when"`},
		{``, `"when":{"timespans":[{"start":{"in":"2014"}}]}`, whole, "time from the property when (Linked Places)"},
		{``, `"when":{"timespans":[{"start":{"in":"2014"},"end":{}},{"start":{"in":"2014-03"}}]}`, whole, "time from the property when (Linked Places)"},
		{``, `"name":"no time"`, period.Period{}, ""},
		{``, `"when":"yesterday"`, period.Period{}, ""}, // a text is not Linked Places
	} {
		l := load(t, map[string]string{"a.geojson": collection(strings.Replace(town("x", c.properties), `"id"`, c.member+`"id"`, 1))}).Layers[0]
		f, err := l.Feature(context.Background(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if f.Valid != period.Exactly(c.want) {
			t.Errorf("%s %s: got %v, want %v", c.member, c.properties, f.Valid, c.want)
		}
		said := slices.ContainsFunc(l.Guesses, func(g string) bool { return c.guess != "" && strings.HasPrefix(g, c.guess) })
		if timed := slices.ContainsFunc(l.Guesses, func(g string) bool { return strings.HasPrefix(g, "time ") }); said != (c.guess != "") || timed != said {
			t.Errorf("%s %s: guesses %q, want %q", c.member, c.properties, l.Guesses, c.guess)
		}
	}
}

// TestBadTimes: what can't be read is listed at its place, and holds never.
func TestBadTimes(t *testing.T) {
	for _, c := range []struct{ member, properties, want string }{
		{`"time":{},`, ``, `a.geojson:2:26: feature 0: time can't be read: "time" must be {"date": …}`},
		{`"time":17,`, ``, `a.geojson:2:26: feature 0: time can't be read: "time" must be {"date": …}`},
		{`"time":{"interval":["2014"]},`, ``, `a.geojson:2:26: feature 0: time can't be read: "interval" must have two ends, here 1`},
		{`"time":{"date":"2014-02-30"},`, ``, `a.geojson:2:26: feature 0: time can't be read: date "2014-02-30"`},
		{`"when":{"periods":[{"name":"Iron Age"}]},`, ``, `a.geojson:2:26: feature 0: time can't be read: "when" must be {"timespans"`},
		{`"when":{"timespans":[{}]},`, ``, `a.geojson:2:26: feature 0: time can't be read: timespan 0 has neither start nor end`},
		{`"when":{"timespans":[{"start":{"in":"2015"},"end":{"in":"2014"}}]},`, ``, `a.geojson:2:26: feature 0: time can't be read: date "2015/2014"`},
		{``, `"when":{"timespans":[{"start":{"in":true}}]}`, `a.geojson:2:99: feature 0: time can't be read: "when" must be {"timespans"`},
		{``, `"year":20140610`, `a.geojson:2:99: feature 0: time can't be read: date "Y20140610"`},
		{``, `"start":"never"`, `a.geojson:2:100: feature 0: time can't be read: date "never"`},
		{``, `"year":true`, `a.geojson:2:99: feature 0: time can't be read: date "true"`},
		{``, `"start":{"year":2014}`, `a.geojson:2:100: feature 0: time can't be read: date`},
	} {
		s, problems := layers.Load(folder(map[string]string{"a.geojson": collection(strings.Replace(town("x", c.properties), `"id"`, c.member+`"id"`, 1))}))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) || !strings.HasSuffix(problems[0].String(), "(the feature is served, but holds on no date)") {
			t.Errorf("%s %s: got %v, want %s", c.member, c.properties, problems, c.want)
		}
		if f, err := s.Layers[0].Feature(context.Background(), "x"); err != nil || f.Valid != period.Exactly(period.Never) {
			t.Errorf("%s %s: holds %v, %v", c.member, c.properties, f.Valid, err)
		}
	}
}

// FuzzTimes: no time member, property or published figure makes Load panic, and
// what can't be read holds never.
func FuzzTimes(f *testing.F) {
	f.Add(`{"timespans":[{"start":{"in":"2014"},"end":{"earliest":"2015","latest":2016}}]}`, `{"interval":["2014",".."]}`, "2014~", "date,value\n2014,1\n")
	f.Add(`{"timespans":[{"start":null},{"end":"2014"}]}`, `{"date":null}`, "{1667,1668}", "\xef\xbb\xbfvalue,date\n\"1\n")
	f.Fuzz(func(t *testing.T, when, member, date, rivals string) {
		if !json.Valid([]byte(when)) || !json.Valid([]byte(member)) {
			t.Skip()
		}
		text, err := json.Marshal(date)
		if err != nil {
			t.Skip()
		}
		feature := func(id, members, properties string) string {
			return strings.Replace(town(id, properties), `"id"`, members+`"id"`, 1)
		}
		s, problems := layers.Load(folder(map[string]string{
			"a.geojson": collection(feature("when", `"when":`+when+`,`, ""), feature("time", `"time":`+member+`,`, ""), feature("property", "", `"when":`+when), feature("date", "", `"start":`+string(text))),
			"a.yaml":    "rivals: r.csv\n", "r.csv": rivals,
		}))
		for _, p := range problems {
			if p.Message == "" || p.File == "" {
				t.Errorf("empty problem %+v", p)
			}
		}
		if len(s.Layers) == 0 {
			return
		}
		if _, err := s.Layers[0].Timeline(); err != nil {
			t.Error(err)
		}
	})
}
