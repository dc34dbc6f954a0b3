package layers

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kharita/geo/period"
)

// timeMember reads the JSON-FG member "time" (OGC 21-045r1 §7.8).
func timeMember(text string) (start, end string, err error) {
	var t struct {
		Date, Timestamp string
		Interval        []string
	}
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		t.Date, t.Timestamp, t.Interval = "", "", nil
	}
	switch {
	case len(t.Interval) == 2:
		return t.Interval[0], t.Interval[1], nil
	case t.Interval != nil:
		return "", "", fmt.Errorf(`"interval" must have two ends, here %d`, len(t.Interval))
	case t.Timestamp != "":
		return t.Timestamp, t.Timestamp, nil
	case t.Date != "":
		return t.Date, t.Date, nil
	}
	return "", "", errors.New(`"time" must be {"date": …}, {"timestamp": …} or {"interval": [start, end]}`)
}

// A whenEnd is one end of a timespan of Linked Places: an exact "in", or somewhere
// between an earliest and a latest date. Some write the date alone.
type whenEnd struct{ In, Earliest, Latest whenDate }

// UnmarshalJSON implements json.Unmarshaler.
func (e *whenEnd) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &e.In); err == nil {
		return nil
	}
	type plain whenEnd
	return json.Unmarshal(data, (*plain)(e))
}

// A whenDate is a text, or a year as a number.
type whenDate string

// UnmarshalJSON implements json.Unmarshaler.
func (d *whenDate) UnmarshalJSON(data []byte) error {
	var year int64
	if err := json.Unmarshal(data, &year); err == nil && string(data) != "null" {
		*d = whenDate(period.YearText(year))
		return nil
	}
	return json.Unmarshal(data, (*string)(d))
}

// text returns e as EDTF; empty if it says nothing.
func (e *whenEnd) text() string {
	switch {
	case e == nil:
		return ""
	case e.In != "":
		return string(e.In)
	case e.Earliest == "" && e.Latest == "":
		return ""
	}
	return "[" + string(e.Earliest) + ".." + string(e.Latest) + "]"
}

// parseWhen reads the "when" of Linked Places (format 1.1): timespans with a start
// and an end; without an end a timespan is what its start says. As a Period has no
// gaps, several timespans possibly hold from the first to the last, and certainly
// in the longest run of them; gap says that they don't join.
func parseWhen(ends period.Ends, text string) (v period.Valid, gap bool, err error) {
	var when struct {
		Timespans []struct{ Start, End *whenEnd }
	}
	if err := json.Unmarshal([]byte(text), &when); err != nil || len(when.Timespans) == 0 {
		return v, false, errors.New(`"when" must be {"timespans": [{"start": {"in": …}, "end": {"in": …}}]}`)
	}
	spans := make([]period.Valid, len(when.Timespans))
	for i, s := range when.Timespans {
		start, end := s.Start.text(), s.End.text()
		switch {
		case start == "" && end == "":
			return v, false, fmt.Errorf("timespan %d has neither start nor end", i)
		case end == "":
			spans[i], err = ends.Parse(start)
		default:
			spans[i], err = ends.ParsePair(start, end)
		}
		if err != nil {
			return v, false, err
		}
	}
	slices.SortStableFunc(spans, func(a, b period.Valid) int {
		alo, _ := a.Possible.Limits()
		blo, _ := b.Possible.Limits()
		return cmp.Compare(alo, blo)
	})
	v.Possible, v.Certain = spans[0].Possible, period.Never
	run := period.Never
	for i, s := range spans {
		gap = gap || i > 0 && !joins(v.Possible, s.Possible)
		v.Possible = v.Possible.Hull(s.Possible)
		if joins(run, s.Certain) {
			run = run.Hull(s.Certain)
		} else {
			run = s.Certain
		}
		if longer(run, v.Certain) {
			v.Certain = run
		}
	}
	return v, gap, nil
}

// joins reports whether nothing lies between a and b, which does not start before a.
func joins(a, b period.Period) bool {
	_, end := a.Limits()
	start, _ := b.Limits()
	return !a.IsNever() && !b.IsNever() && start <= end
}

// longer reports whether a is longer than b; open ones are all equal.
func longer(a, b period.Period) bool {
	if a.IsNever() || b.IsNever() {
		return b.IsNever() && !a.IsNever()
	}
	length := func(p period.Period) float64 {
		lo, hi := p.Limits()
		return float64(hi) - float64(lo)
	}
	return length(a) > length(b)
}
