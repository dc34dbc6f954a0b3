package server

import (
	"net/url"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// holding returns for how long the answer to valid holds: from the start of the
// epoch in which valid starts to the end of that in which it ends, where stable is
// the epoch of an instant. Asked for this interval, the answer is the same; of an
// instant it is its epoch, each instant of which gives the answer. Epochs don't
// overlap, so that the interval stands for the pair of them.
func holding(valid period.Period, stable func(period.Instant) (period.Period, error)) (period.Period, error) {
	lo, hi := valid.Limits()
	first, err := stable(lo)
	if err != nil || first.Contains(hi-1) {
		return first, err
	}
	last, err := stable(hi - 1)
	return first.Hull(last), err
}

// holds says for how long the answer to a dated query of some layers holds.
func (q *request) holds(query layers.Query, list ...*layers.Layer) error {
	if query.Valid.IsAlways() {
		return nil
	}
	holds, err := holding(query.Valid, func(at period.Instant) (period.Period, error) {
		query.Valid = period.At(at)
		var all period.Period
		for _, l := range list {
			p, err := l.Stable(q.Request.Context(), query)
			if err != nil {
				return p, err
			}
			all = all.Intersect(p)
		}
		return all, nil
	})
	if err == nil {
		q.saysHolds(holds)
	}
	return err
}

// saysHolds sets Valid-Time (ours) to what holding returns, its ends included.
func (q *request) saysHolds(p period.Period) {
	q.Header("Valid-Time", closedText(p))
}

func closedText(p period.Period) string {
	start, end := p.Text()
	return start + "/" + end
}

// datetimeOf returns p as a value of datetime. All time is none, so that an answer
// that never changes is that of the first instant of 1970.
func datetimeOf(p period.Period) string {
	if p.IsAlways() {
		return dateTime(0)
	}
	return closedText(p)
}

// canonical sets Content-Location to the request's URL with other values, given as
// names and values in turn: the one address of all requests that have this answer
// (RFC 9110 §8.7). The revision is left out, as it names the same thing.
func (q *request) canonical(values ...string) {
	v := url.Values{}
	for name, list := range q.query {
		if name != "rev" && name != "f" {
			v[name] = list
		}
	}
	for i := 0; i+1 < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	q.Header("Content-Location", q.Request.URL.EscapedPath()+"?"+v.Encode())
}
