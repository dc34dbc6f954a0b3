package period

import (
	"strconv"
	"strings"
)

// ParseDatetime returns the Period that a datetime parameter asks for (OGC
// 17-069r4 §7.15.4): a date-time (RFC 3339), or an interval of two with ".." or
// nothing for an open end. Intervals are closed. As an extension a year, month
// or day stands for the whole of it, before the common era as well: 2014,
// 2014-06, 2014-06-29, -0043. The error is a *ParseError.
func ParseDatetime(s string) (Period, error) {
	if s == "" {
		return Never, &ParseError{s, 0, "no date"}
	}
	from, to, isInterval := strings.Cut(s, "/")
	p := parser{text: s, end: len(from)}
	if !isInterval {
		if s == ".." {
			return Never, p.fail(0, "an interval has two ends: 2014/..")
		}
		a, err := p.exact()
		return Between(a.lo, a.hi), err
	}
	if i := strings.IndexByte(to, '/'); i >= 0 {
		return Never, p.fail(len(from)+1+i, "a second / : an interval has two ends, and a date is written 2014-06-29")
	}
	a, err := p.exact()
	if err != nil {
		return Never, err
	}
	p.at, p.end = len(from)+1, len(s)
	b, err := p.exact()
	if err != nil {
		return Never, err
	}
	switch {
	case a.kind == isOpen && b.kind == isOpen:
		return Never, p.fail(0, "an interval needs at least one end; without the parameter all times match")
	case a.lo >= b.hi:
		return Never, p.fail(len(from)+1, Ends{}.order())
	}
	return Between(a.lo, b.hi), nil
}

// exact reads text[at:end]: an open end, or a date without any doubt.
func (p *parser) exact() (span, error) {
	start := p.at
	if rest := p.text[p.at:p.end]; rest == "" || rest == ".." {
		return openEnd(), nil
	}
	s, err := p.date()
	if err != nil {
		return s, err
	}
	if s.vague() {
		return s, p.fail(start, "the date must be exact, without ~ ? % X or S")
	}
	if c := p.text[p.end-1]; s.unit == byTime && c != 'Z' && c != 'z' && !strings.ContainsAny(p.text[p.end-6:p.end], "+-") {
		return s, p.fail(p.end, "the time needs Z or an offset like +03:00")
	}
	return s, nil
}

// String returns p as closed text, which ParseDatetime and Parse read back:
// "2014-06-29", "2014-01-01/2015-12-31", "2014-01-01/..", RFC 3339 in UTC where
// it is not made of whole days. The Period that holds always is "../..", which
// only Parse reads; Never is "never" and years beyond MaxYear are written as
// they are, which neither reads.
func (p Period) String() string {
	return join(p.Text())
}

// Datetime is like String, but names whole years and months, if p is made of
// them, as briefly as ParseDatetime allows: "2015", "2014-06/2015-12". It suits
// links and file names.
func (p Period) Datetime() string {
	return join(p.text(p.unit()))
}

// Text returns the two ends of p as closed text, ".." where open: days if all
// of p is made of whole days, date-times in UTC otherwise. The two are equal for
// one day and for one millisecond. Both are "never" for Never.
func (p Period) Text() (start, end string) {
	return p.text(p.days())
}

// AppendText appends what Text returns, with a separator between.
func (p Period) AppendText(b []byte, separator string) []byte {
	u := p.days()
	return p.appendEnd(append(p.appendStart(b, u), separator...), u)
}

// AppendDateTime appends i as an RFC 3339 date-time in UTC, with milliseconds if there are
// any. Years beyond four digits are written as EDTF has them, which RFC 3339 does not know.
func (i Instant) AppendDateTime(b []byte) []byte { return appendInstant(b, i, byTime) }

func (p Period) text(u unit) (start, end string) {
	return string(p.appendStart(nil, u)), string(p.appendEnd(nil, u))
}

func (p Period) appendStart(b []byte, u unit) []byte {
	switch {
	case p.IsNever():
		return append(b, "never"...)
	case p.bounds&hasStart == 0:
		return append(b, ".."...)
	}
	return appendInstant(b, p.start, u)
}

func (p Period) appendEnd(b []byte, u unit) []byte {
	switch {
	case p.IsNever():
		return append(b, "never"...)
	case p.bounds&hasEnd == 0:
		return append(b, ".."...)
	}
	return appendInstant(b, p.end-1, u)
}

// days returns byDay if p is made of whole days, else byTime.
func (p Period) days() unit {
	if (p.bounds&hasStart == 0 || p.start%day == 0) && (p.bounds&hasEnd == 0 || p.end%day == 0) {
		return byDay
	}
	return byTime
}

func join(start, end string) string {
	if start == end && start != ".." {
		return start
	}
	return start + "/" + end
}

// unit returns the coarsest of the four units of which p is made.
func (p Period) unit() unit {
	u := byYear
	for u > byTime && (p.bounds&hasStart != 0 && u.floor(p.start) != p.start || p.bounds&hasEnd != 0 && u.floor(p.end) != p.end) {
		u--
	}
	return u
}

// appendInstant appends the part of size u that i lies in.
func appendInstant(b []byte, i Instant, u unit) []byte {
	y, m, d := civil(i)
	if u <= byDay && 0 <= y && y <= 9999 { // the commonest, in one piece
		c, r := twoDigits(y/100), twoDigits(y%100)
		mm, dd := twoDigits(m), twoDigits(d)
		b = append(b, c[0], c[1], r[0], r[1], '-', mm[0], mm[1], '-', dd[0], dd[1])
		if u < byDay {
			b = append(appendClock(append(b, 'T'), i), 'Z')
		}
		return b
	}
	b = appendYear(b, int64(y))
	if u < byYear {
		b = append2(b, '-', m)
	}
	if u < byMonth {
		b = append2(b, '-', d)
	}
	if u < byDay {
		b = append(appendClock(append(b, 'T'), i), 'Z')
	}
	return b
}

// appendClock appends the time of day of i, with milliseconds if there are any.
func appendClock(b []byte, i Instant) []byte {
	ms := int(i - Instant(floorDiv(int64(i), int64(day)))*day)
	switch ms { // mostly, it is the first or the last of a day
	case 0:
		return append(b, "00:00:00"...)
	case int(day) - 1:
		return append(b, "23:59:59.999"...)
	}
	b = append2(b, 0, ms/3_600_000)
	b = append2(b, ':', ms/60_000%60)
	b = append2(b, ':', ms/1000%60)
	if f := ms % 1000; f != 0 {
		b = append(b, '.', '0'+byte(f/100))
		b = append2(b, 0, f%100)
	}
	return b
}

// twoDigits returns v, which is less than 100, as two digits.
func twoDigits(v int) string {
	const all = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" + "40414243444546474849" +
		"50515253545556575859" + "60616263646566676869" + "70717273747576777879" + "80818283848586878889" + "90919293949596979899"
	return all[2*v : 2*v+2]
}

// append2 appends a separator, unless it is 0, and v in two digits.
func append2(b []byte, separator byte, v int) []byte {
	if separator != 0 {
		b = append(b, separator)
	}
	return append(b, '0'+byte(v/10), '0'+byte(v%10))
}

// appendYear appends a year as EDTF writes it.
func appendYear(b []byte, y int64) []byte {
	if y < -9999 || y > 9999 {
		return strconv.AppendInt(append(b, 'Y'), y, 10)
	}
	if y < 0 {
		b = append(b, '-')
		y = -y
	}
	return append2(append2(b, 0, int(y/100)), 0, int(y%100))
}
