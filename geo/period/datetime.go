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
// "2014-06-29", "2014-01-01/2015-12-31", "2014-01-01/..", RFC 3339 in UTC where it is not made
// of whole days. The Period that holds always is "../..", Never is "never";
// years beyond MaxYear can't be read back.
func (p Period) String() string {
	if p.IsNever() {
		return "never"
	}
	start, end := p.Text()
	if start == end && !p.IsAlways() {
		return start
	}
	return start + "/" + end
}

// Text returns the two ends of p as closed text, ".." where open: days if all
// of p is made of whole days, date-times in UTC otherwise. The two are equal for
// one day and for one millisecond. Both are empty for Never.
func (p Period) Text() (start, end string) {
	if p.IsNever() {
		return "", ""
	}
	whole := p.start%day == 0 && p.end%day == 0
	start, end = "..", ".."
	if p.bounds&hasStart != 0 {
		start = closed(p.start, whole)
	}
	if p.bounds&hasEnd != 0 {
		end = closed(p.end-1, whole)
	}
	return start, end
}

// closed returns the day of i, or the date-time.
func closed(i Instant, whole bool) string {
	y, m, d := civil(i)
	b := append2(appendYear(make([]byte, 0, 24), int64(y)), '-', m)
	b = append2(b, '-', d)
	if whole {
		return string(b)
	}
	ms := int(i - Date(y, m, d))
	b = append2(b, 'T', ms/3_600_000)
	b = append2(b, ':', ms/60_000%60)
	b = append2(b, ':', ms/1000%60)
	if f := ms % 1000; f != 0 {
		b = append(b, '.', '0'+byte(f/100))
		b = append2(b, 0, f%100)
	}
	return string(append(b, 'Z'))
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
