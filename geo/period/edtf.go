package period

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A ParseError says what is wrong with a text, and where.
type ParseError struct {
	Input  string
	Offset int // in bytes from the start of Input
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("date %q: %s (at character %d)", e.Input, e.Reason, e.Offset+1)
}

// Ends says how the ends of an interval are to be read. The zero Ends takes
// them whole and included: 2014/2016 holds from 1 January 2014 to 31 December 2016.
type Ends struct {
	// Uncertain: an end coarser than a day means some day in it. 2014/2016 then
	// began on some day of 2014 and ended on some day of 2016, so that only 2015
	// is certain.
	Uncertain bool
	// Excluded: the end is the first day, or instant, after.
	Excluded bool
}

// Parse returns the valid time that a text in the Extended Date/Time Format,
// levels 0 to 2, or RFC 3339 gives, with the zero Ends. The error is a *ParseError.
//
// The possible reading is all that the text covers: 201X is possible through
// 2010 to 2019. The certain reading leaves out the whole span of every end that
// is uncertain: qualified (~ ? %), with unspecified digits or few significant
// ones, unknown (2014/), or itself a span or a set ([2014-09..2014-12]/2017).
// The qualifiers move no bound. An open end (..) is certain. Where nothing is
// left the certain reading is Never.
//
// A single date covers its whole span in both readings unless it is uncertain
// in itself. One of a set ([1667,1668]) is possible in the hull of its members;
// all of a set ({1667,1668}) is certain too, as far as its members join: as a
// Period has no holes, the longest run of them counts.
//
// Beyond EDTF, the years Y may carry months and days (Y12000-06-15). A date-time
// without offset is read as UTC, fractions of a millisecond are dropped.
// Sources: ISO 8601-2:2019 annex A; Library of Congress, EDTF specification (2019);
// RFC 3339 §5.6.
func Parse(edtf string) (Valid, error) { return Ends{}.Parse(edtf) }

// Parse is like the function Parse, with the ends of an interval read as e says.
func (e Ends) Parse(edtf string) (Valid, error) {
	a, b, err := parseText(edtf)
	if err != nil {
		return Valid{}, err
	}
	if b == nil {
		return a.valid(), nil
	}
	v, ok := e.interval(*a, *b)
	if !ok {
		return Valid{}, &ParseError{edtf, strings.IndexByte(edtf, '/') + 1, e.order()}
	}
	return v, nil
}

// ParsePair returns the valid time from start to end, two texts as Parse reads
// them. Either may be empty or ".." (open), and either may be an interval: then
// the end lies somewhere in it. The error is a *ParseError, whose Input is the
// one that is wrong, or "start/end" if they don't fit each other.
func (e Ends) ParsePair(start, end string) (Valid, error) {
	a, err := parseEnd(start)
	if err != nil {
		return Valid{}, err
	}
	b, err := parseEnd(end)
	if err != nil {
		return Valid{}, err
	}
	v, ok := e.interval(a, b)
	if !ok {
		return Valid{}, &ParseError{start + "/" + end, len(start) + 1, e.order()}
	}
	return v, nil
}

// YearText returns the EDTF text of a year that is given as a number, as JSON
// has it: 476 is "0476", -43 is "-0043" (44 BCE), 12000 is "Y12000".
func YearText(year int64) string {
	return string(appendYear(nil, year))
}

func (e Ends) order() string {
	if e.Excluded {
		return "the end, which is excluded, is not after the start"
	}
	return "the end is before the start"
}

// A span is what stands at one end of an interval, or alone.
type span struct {
	kind   kind
	lo, hi Instant // [lo, hi), past and future where open
	last   Instant // dates: where the last part begins that it may name; lo unless loose
	unit   unit    // dates: the finest part written
	tick   Instant // the step in which the last of it counts: a day, or a millisecond for date-times

	approximate, unsure bool // ~, ?, and both for %
	loose               bool // somewhere in the span, not all over it: unspecified digits
	estimate            int  // 1950S2: loose, but most likely this year; never 0

	set [][2]span // oneOf, allOf: from and to of each member, equal if it is one date
}

type kind uint8

const (
	isDate  kind = iota
	isOpen       // ..
	unknown      // nothing before or after the slash
	oneOf        // [a,b,c..d], and an interval as an end
	allOf        // {a,b,c..d}
)

// vague reports whether s, as an end, is uncertain by what its text says.
func (s *span) vague() bool {
	return s.kind == unknown || s.kind == oneOf || s.kind == allOf || s.loose || s.approximate || s.unsure
}

// valid returns the valid time of s standing alone.
func (s *span) valid() Valid {
	v := Valid{Between(s.lo, s.hi), Never}
	switch {
	case s.kind == allOf:
		v.Certain = s.run()
	case !s.vague():
		v.Certain = v.Possible
	}
	return v
}

// run returns the longest run of members without a gap; of equals the first.
func (s *span) run() Period {
	var parts [][2]Instant
	for i := range s.set {
		v, _ := Ends{}.interval(s.set[i][0], s.set[i][1])
		if lo, hi := v.Certain.Limits(); lo < hi {
			parts = append(parts, [2]Instant{lo, hi})
		}
	}
	slices.SortFunc(parts, func(a, b [2]Instant) int {
		if a[0] < b[0] {
			return -1
		}
		return 1
	})
	var best, run [2]Instant
	for i, p := range parts {
		if i > 0 && p[0] <= run[1] {
			run[1] = max(run[1], p[1])
		} else {
			run = p
		}
		if length(run) > length(best) {
			best = run
		}
	}
	return Between(best[0], best[1])
}

// length returns the length of [p[0], p[1]); of open ones all are equal.
func length(p [2]Instant) Instant {
	if p[0] == past || p[1] == future {
		return future
	}
	return p[1] - p[0]
}

// interval returns the valid time from a to b; ok is false if b is before a.
func (e Ends) interval(a, b span) (v Valid, ok bool) {
	lo, surelo := a.lo, a.lo
	if a.vague() || e.Uncertain && a.coarse() {
		surelo = a.hi
	}
	hi, surehi := b.hi, b.hi
	switch uncertain := b.vague() || e.Uncertain && b.coarse(); {
	case b.kind == isOpen:
	case uncertain && e.Excluded && hi != future:
		hi, surehi = hi-b.tick, b.lo // the last day that it may name is not part of it
	case uncertain:
		surehi = b.lo
	case e.Excluded:
		hi, surehi = b.lo, b.lo
	}
	return Valid{Between(lo, hi), Between(surelo, surehi)}, lo < hi
}

// coarse reports whether s is a date coarser than a day.
func (s *span) coarse() bool { return s.kind == isDate && s.unit > byDay }

// parseText reads a whole text: one span, or the two of an interval.
func parseText(text string) (a, b *span, err error) {
	if text == "" {
		return nil, nil, &ParseError{text, 0, "no date"}
	}
	from, to, isInterval := strings.Cut(text, "/")
	p := parser{text: text, end: len(from)}
	first, err := p.span()
	if err != nil {
		return nil, nil, err
	}
	if !isInterval {
		if first.kind == isOpen {
			return nil, nil, p.fail(0, `".." alone is no date: write ../2014 or 2014/..`)
		}
		return &first, nil, nil
	}
	if i := strings.IndexByte(to, '/'); i >= 0 {
		return nil, nil, p.fail(len(from)+1+i, "a second / : an interval has two ends, and a date is written 2014-06-29")
	}
	p.at, p.end = len(from)+1, len(text)
	second, err := p.span()
	if err != nil {
		return nil, nil, err
	}
	if first.kind == unknown && second.kind == unknown {
		return nil, nil, p.fail(0, "both ends are missing: write ../.. for always")
	}
	return &first, &second, nil
}

// parseEnd reads one of two texts, in which nothing means open.
func parseEnd(text string) (span, error) {
	if text == "" || text == ".." {
		return openEnd(), nil
	}
	a, b, err := parseText(text)
	if err != nil {
		return span{}, err
	}
	if b == nil {
		return *a, nil
	}
	if a.lo >= b.hi {
		return span{}, &ParseError{text, strings.IndexByte(text, '/') + 1, Ends{}.order()}
	}
	return setOf(oneOf, [][2]span{{*a, *b}}), nil
}

func openEnd() span { return span{kind: isOpen, lo: past, hi: future} }

// setOf returns the set of members, each of which ends after it starts.
func setOf(k kind, members [][2]span) span {
	s := span{kind: k, lo: future, hi: past, set: members}
	for _, m := range members {
		s.lo = min(s.lo, m[0].lo)
		if m[1].hi > s.hi {
			s.hi, s.tick = m[1].hi, m[1].tick
		}
	}
	return s
}

// A parser reads text[at:end].
type parser struct {
	text    string
	at, end int
}

func (p *parser) fail(offset int, reason string) error {
	return &ParseError{p.text, offset, reason}
}

func (p *parser) more() bool { return p.at < p.end }

// peek returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.more() {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) accept(b byte) bool {
	if p.peek() == b && b != 0 {
		p.at++
		return true
	}
	return false
}

// span reads all of text[at:end].
func (p *parser) span() (s span, err error) {
	switch rest := p.text[p.at:p.end]; {
	case rest == "":
		return span{kind: unknown, lo: past, hi: future}, nil
	case rest == "..":
		return openEnd(), nil
	case rest[0] == '[':
		return p.set(oneOf, ']')
	case rest[0] == '{':
		return p.set(allOf, '}')
	}
	return p.date()
}

func (p *parser) set(k kind, closing byte) (span, error) {
	end := p.end - 1
	if p.text[end] != closing {
		return span{}, p.fail(p.end, "the set is not closed by "+string(closing))
	}
	var members [][2]span
	for p.end = p.at; p.end < end; {
		p.at, p.end = p.end+1, end
		if i := strings.IndexByte(p.text[p.at:end], ','); i >= 0 {
			p.end = p.at + i
		}
		m, err := p.member()
		if err != nil {
			return span{}, err
		}
		members = append(members, m)
	}
	if len(members) == 1 && members[0][0].same(members[0][1]) {
		return members[0][0], nil // one of one
	}
	return setOf(k, members), nil
}

// member reads a date, or two with ".." between them of which one may be missing.
func (p *parser) member() (m [2]span, err error) {
	start, end := p.at, p.end
	from, to, isRange := strings.Cut(p.text[start:end], "..")
	p.end = start + len(from)
	switch {
	case !isRange || from != "":
		if m[0], err = p.date(); err != nil {
			return m, err
		}
		m[1] = m[0]
	case to == "":
		return m, p.fail(start, "a member of a set needs a date")
	default:
		m[0] = openEnd()
	}
	if !isRange {
		return m, nil
	}
	p.at, p.end = end-len(to), end
	if to == "" {
		m[1] = openEnd()
		return m, nil
	}
	if m[1], err = p.date(); err != nil {
		return m, err
	}
	if m[0].lo >= m[1].hi {
		return m, p.fail(end-len(to), Ends{}.order())
	}
	return m, nil
}

// same reports whether two dates are one.
func (s *span) same(t span) bool {
	return s.kind == t.kind && s.lo == t.lo && s.hi == t.hi && s.unit == t.unit &&
		s.approximate == t.approximate && s.unsure == t.unsure && s.loose == t.loose && s.estimate == t.estimate
}

// A part is a number some of whose digits may be X, unspecified.
type part struct {
	lo, hi int // what it may be; every X at 0, at 9
	digits string
}

// exact reports whether no digit is X.
func (n part) exact() bool { return n.lo == n.hi }

// matches reports whether v can be written as n.
func (n part) matches(v int) bool {
	for i := len(n.digits) - 1; i >= 0; i-- {
		if d := n.digits[i]; d != 'X' && int(d-'0') != v%10 {
			return false
		}
		v /= 10
	}
	return v == 0
}

// number reads a number of n digits, any of which may be X.
func (p *parser) number(n int, what string) (part, error) {
	var v part
	start := p.at
	for ; p.at < start+n; p.at++ {
		switch b := p.peek(); {
		case b >= '0' && b <= '9':
			v.lo = 10*v.lo + int(b-'0')
			v.hi = 10*v.hi + int(b-'0')
		case b == 'X':
			v.lo *= 10
			v.hi = 10*v.hi + 9
		case b == 'x' || b == 'u':
			return v, p.fail(p.at, "a digit that is not known is written X")
		default:
			return v, p.fail(p.at, what)
		}
	}
	v.digits = p.text[start:p.at]
	return v, nil
}

// plain reads a number of n digits without X.
func (p *parser) plain(n int, what string) (int, error) {
	start := p.at
	v, err := p.number(n, what)
	if err == nil && !v.exact() {
		err = p.fail(start, what)
	}
	return v.lo, err
}

// qualifier reads ? ~ or %, if one is there, into s.
func (p *parser) qualifier(s *span) error {
	for i := 0; ; i++ {
		switch p.peek() {
		case '?':
			s.unsure = true
		case '~':
			s.approximate = true
		case '%':
			s.unsure, s.approximate = true, true
		default:
			return nil
		}
		if i > 0 {
			return p.fail(p.at, "a second qualifier: ? and ~ together are written %")
		}
		p.at++
	}
}

const (
	wantYear  = "a date begins with a year of four digits (0476), or a longer one after Y (Y12000)"
	wantMonth = "a month has two digits, 01 to 12, or 21 to 41 for seasons and other parts of a year"
	wantDay   = "a day has two digits"
)

// date reads a date or date-time, which must reach up to end.
func (p *parser) date() (span, error) {
	s := span{tick: day}
	if err := p.qualifier(&s); err != nil {
		return s, err
	}
	y, err := p.year(&s)
	if err != nil {
		return s, err
	}
	if !p.more() {
		return s, nil
	}
	if y.final || !p.accept('-') {
		return s, p.unexpected(wantYear)
	}
	start := p.at
	m, err := p.component(&s, wantMonth)
	if err != nil {
		return s, err
	}
	if code := m.lo; code >= 21 {
		if code > 41 || !m.exact() {
			return s, p.fail(start, wantMonth)
		}
		if p.more() {
			return s, p.unexpected("a part of a year has no days")
		}
		s.unit = unit(code)
		first, n := s.unit.months()
		s.lo, s.last, s.hi = Date(y.first(), first, 1), Date(y.last(), first, 1), Date(y.last(), first+n, 1)
		return s, nil
	}
	months := m
	if months.lo, months.hi = bounds12(m); months.lo > months.hi {
		return s, p.fail(start, wantMonth)
	}
	s.loose = s.loose || !m.exact()
	if !p.more() {
		s.unit = byMonth
		s.lo, s.last, s.hi = Date(y.first(), months.lo, 1), Date(y.last(), months.hi, 1), Date(y.last(), months.hi+1, 1)
		return s, nil
	}
	if !p.accept('-') {
		return s, p.unexpected(wantMonth)
	}
	start = p.at
	d, err := p.component(&s, wantDay)
	if err != nil {
		return s, err
	}
	s.unit = byDay
	s.loose = s.loose || !d.exact()
	if !s.days(y, m, d) {
		reason := "there is no such day"
		if y.exact() && m.exact() && d.lo > 0 {
			reason = fmt.Sprintf("%s has %d days", wordsOf("en").point(Date(y.first(), m.lo, 1), byMonth), daysIn(y.first(), m.lo))
		}
		return s, p.fail(start, reason)
	}
	if !p.more() {
		return s, nil
	}
	if b := p.peek(); b != 'T' && b != 't' {
		return s, p.unexpected("only a time like T12:30:00Z may follow a day")
	}
	if s.vague() {
		return s, p.fail(p.at, "a date with a time of day is exact: it takes no ~ ? % and no X")
	}
	p.at++
	return s, p.time(&s)
}

func (p *parser) unexpected(want string) error {
	if b := p.peek(); b > ' ' && b < 0x7f {
		return p.fail(p.at, "unexpected "+strconv.QuoteRune(rune(b))+": "+want)
	}
	return p.fail(p.at, "unexpected character: "+want)
}

// component reads a month or day with its qualifiers.
func (p *parser) component(s *span, what string) (part, error) {
	if err := p.qualifier(s); err != nil {
		return part{}, err
	}
	n, err := p.number(2, what)
	if err != nil {
		return n, err
	}
	return n, p.qualifier(s)
}

// bounds12 returns the first and last month that m can be; lo > hi if none.
func bounds12(m part) (lo, hi int) {
	lo, hi = 1, 12
	for lo <= hi && !m.matches(lo) {
		lo++
	}
	for lo <= hi && !m.matches(hi) {
		hi--
	}
	return lo, hi
}

// years are what a year can be, signed.
type years struct {
	part
	negative bool
	final    bool // no month may follow
}

func (y years) first() int {
	if y.negative {
		return -y.hi
	}
	return y.lo
}

func (y years) last() int {
	if y.negative {
		return -y.lo
	}
	return y.hi
}

// matches reports whether year can be written as y.
func (y years) matches(year int) bool {
	if y.digits == "" { // with Y
		return year == y.first()
	}
	if y.negative {
		year = -year
	}
	return year >= 0 && y.part.matches(year)
}

// year reads a year, sets s to it, and returns what it can be.
func (p *parser) year(s *span) (y years, err error) {
	start := p.at
	long := p.accept('Y')
	y.negative = p.accept('-')
	if long {
		y.part, err = p.longYear(start)
	} else {
		y.part, err = p.number(4, wantYear)
	}
	if err != nil {
		return y, err
	}
	if y.negative {
		if y.hi == 0 {
			return y, p.fail(start, "there is no year -0000: 0000 is 1 BCE")
		}
		y.lo = max(y.lo, 1)
	}
	s.loose = !y.exact()
	if p.peek() == 'S' {
		if s.loose {
			return y, p.fail(p.at, "a year has either unspecified digits (X) or a number of significant ones (S)")
		}
		if err := p.significant(s, &y); err != nil {
			return y, err
		}
	}
	if y.hi > MaxYear {
		return y, p.fail(start, fmt.Sprintf("the year is not within -%d to %d", MaxYear, MaxYear))
	}
	s.unit = byYear
	s.lo, s.last, s.hi = Date(y.first(), 1, 1), Date(y.last(), 1, 1), Date(y.last()+1, 1, 1)
	return y, p.qualifier(s)
}

// tooMuch is more than any number in a year may be; counting stops there.
const tooMuch = 1_000_000_000

// digits reads any number of digits. What is beyond tooMuch counts as tooMuch.
func (p *parser) digits() (v, n int) {
	for ; p.peek() >= '0' && p.peek() <= '9'; p.at++ {
		v = min(10*v+int(p.peek()-'0'), tooMuch)
		n++
	}
	return v, n
}

// longYear reads the digits after Y, and an exponent.
func (p *parser) longYear(start int) (part, error) {
	v, n := p.digits()
	if n == 0 {
		return part{}, p.fail(p.at, wantYear)
	}
	if p.accept('E') {
		e, n := p.digits()
		if n == 0 {
			return part{}, p.fail(p.at, "E needs a number of zeros: Y-17E4 is -170000")
		}
		for ; e > 0 && v > 0 && v < tooMuch; e-- {
			v *= 10
		}
	} else if v <= 9999 {
		return part{}, p.fail(start, "Y is for years of more than four digits")
	}
	return part{lo: v, hi: v}, nil
}

// significant reads S and the number of significant digits of the year y.
func (p *parser) significant(s *span, y *years) error {
	p.at++
	y.final = true
	keep, n := p.digits()
	if n == 0 || keep == 0 {
		return p.fail(p.at-n, "S needs a number of significant digits: 1950S2 is estimated, within 1900 to 1999")
	}
	if y.lo == 0 || y.lo > MaxYear {
		return nil
	}
	width, v := 1, y.lo
	for n := len(strconv.Itoa(v)); n > keep; n-- {
		width *= 10
	}
	if width == 1 {
		return nil
	}
	s.loose, s.estimate = true, v
	if y.negative {
		s.estimate = -v
	}
	y.lo = v - v%width
	y.hi = min(y.lo+width-1, MaxYear)
	return nil
}

// days sets s to run from the first to the last day that y, m and d can name;
// ok is false if there is none.
func (s *span) days(y years, m, d part) (ok bool) {
	if y.exact() && m.exact() && d.exact() {
		if m.lo < 1 || d.lo < 1 || d.lo > daysIn(y.first(), m.lo) {
			return false
		}
		s.lo = Date(y.first(), m.lo, d.lo)
		s.last, s.hi = s.lo, s.lo+day
		return true
	}
	if _, _, ok := daysOf(2000, m, d); !ok { // not even in a leap year
		return false
	}
	first, last := y.first(), y.last()
	for ok = false; !ok && first <= last; first++ {
		if y.matches(first) {
			s.lo, _, ok = daysOf(first, m, d)
		}
	}
	for found := false; !found && last >= first-1; last-- {
		if y.matches(last) {
			_, s.last, found = daysOf(last, m, d)
		}
	}
	s.hi = s.last + day
	return ok
}

// daysOf returns the first and last day of a year that m and d can name.
func daysOf(year int, m, d part) (first, last Instant, ok bool) {
	for month := 1; month <= 12; month++ {
		for n := daysIn(year, month); m.matches(month) && n > 0; n-- {
			if !d.matches(n) {
				continue
			}
			i := Date(year, month, n)
			if !ok {
				first, last, ok = i, i, true
			}
			first, last = min(first, i), max(last, i)
		}
	}
	return first, last, ok
}

// time reads a time of day (RFC 3339 §5.6, without the T) and moves s, a day, to it.
func (p *parser) time(s *span) error {
	const want = "a time is written 12:30:00, and Z or an offset like +03:00"
	var part [3]int
	for i, limit := range [3]int{23, 59, 60} {
		if i > 0 && !p.accept(':') {
			return p.fail(p.at, want)
		}
		start := p.at
		v, err := p.plain(2, want)
		if err != nil {
			return err
		}
		if v > limit {
			return p.fail(start, [3]string{"an hour is 00 to 23", "a minute is 00 to 59", "a second is 00 to 59"}[i])
		}
		part[i] = v
	}
	seconds := p.at
	s.lo += Instant(part[0])*hour + Instant(part[1])*minute + Instant(part[2])*second
	if p.accept('.') || p.accept(',') {
		start := p.at
		for unit := Instant(100); p.peek() >= '0' && p.peek() <= '9'; unit /= 10 {
			s.lo += unit * Instant(p.peek()-'0')
			p.at++
		}
		if p.at == start {
			return p.fail(p.at, "a fraction of a second has at least one digit")
		}
	}
	if err := p.offset(s, want); err != nil {
		return err
	}
	if part[2] == 60 && s.lo-byDay.floor(s.lo) >= second { // it counts as the next day's first second
		return p.fail(seconds-2, "second 60 is a leap second, which only 23:59 UTC can have")
	}
	if p.more() {
		return p.unexpected(want)
	}
	s.last, s.hi, s.unit, s.tick = s.lo, s.lo+1, byTime, 1
	return nil
}

// offset reads Z, an offset from UTC, or nothing.
func (p *parser) offset(s *span, want string) error {
	sign := Instant(-1)
	switch {
	case !p.more() || p.accept('Z') || p.accept('z'):
		return nil
	case p.accept('+'):
	case p.accept('-'):
		sign = 1
	case p.peek() == ' ':
		return p.fail(p.at, "a space where + or Z should be: in a URL + is written %2B")
	default:
		return p.unexpected(want)
	}
	start := p.at
	h, err := p.plain(2, want)
	if err != nil {
		return err
	}
	m := 0
	if p.accept(':') {
		if m, err = p.plain(2, want); err != nil {
			return err
		}
	}
	if h > 23 || m > 59 {
		return p.fail(start, "an offset is at most 23:59")
	}
	s.lo += sign * (Instant(h)*hour + Instant(m)*minute)
	return nil
}
