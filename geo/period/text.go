package period

import (
	"strconv"
	"strings"
)

// Describe returns the period from start to end, texts as Ends.ParsePair reads
// them, for people: "c. June 2014 – 26 November 2017", "since 2014", "between
// September and December 2014". lang is a language tag: Arabic (with the month
// names of Syria and Iraq and Latin digits) for "ar" and its kinds, English for all others.
// Nothing at both ends gives nothing, the same text at both is read as one (see
// DescribeText). What can't be read stands as it came.
func Describe(start, end, lang string) string { return Ends{}.Describe(start, end, lang) }

// Describe is like the function Describe. Where the end is excluded, the text
// names the last day, month or year that is included.
func (e Ends) Describe(start, end, lang string) string {
	if start == end && start != ".." {
		return e.DescribeText(start, lang)
	}
	a, err := parseEnd(start)
	b, err2 := parseEnd(end)
	if err != nil || err2 != nil {
		return strings.Trim(start+" – "+end, " –")
	}
	return wordsOf(lang).interval(a, e.last(b))
}

// DescribeText returns one EDTF text, a date, interval or set, for people; see
// Describe. What can't be read stands as it came.
func DescribeText(edtf, lang string) string { return Ends{}.DescribeText(edtf, lang) }

// DescribeText is like the function DescribeText; see Ends.Describe.
func (e Ends) DescribeText(edtf, lang string) string {
	a, b, err := parseText(edtf)
	switch {
	case err != nil:
		return edtf
	case b == nil:
		text, _ := wordsOf(lang).span(*a)
		return text
	}
	return wordsOf(lang).interval(*a, e.last(*b))
}

// last returns the end b as the last part of its size that is included.
func (e Ends) last(b span) span {
	if e.Excluded && b.named() && (b.unit == byDay || !e.Uncertain) {
		b.lo = b.unit.floor(b.lo - 1)
		b.last = b.lo
	}
	return b
}

// Describe returns p for people, as coarse as its ends allow: "2015", "June
// 2015", "1–15 June 2015"; see the function Describe for lang.
func (p Period) Describe(lang string) string {
	w := wordsOf(lang)
	if p.IsNever() {
		return w.never
	}
	u := p.unit()
	a, b := openEnd(), openEnd()
	if p.bounds&hasStart != 0 {
		a = span{lo: p.start, last: p.start, unit: u}
	}
	if p.bounds&hasEnd != 0 {
		last := u.floor(p.end - 1)
		b = span{lo: last, last: last, unit: u}
	}
	return w.interval(a, b)
}

// words are a language: its words, and its forms in which @ and # stand for the parts.
type words struct {
	months, seasons, ordinals []string

	bce, ce, hour, clock, utc, winter, north, south, quarter, third, half string

	about, roughly, unsure, estimate, someMonth, someDate, someDay string
	before, after, earlier, later, since, until, sometime, between string
	dash, spaced, fromTo, or, and, comma                           string // dash joins words, spaced phrases
	noDate, aDate, noStart, noEnd, always, never                   string
}

func wordsOf(lang string) *words {
	if lang == "ar" || strings.HasPrefix(lang, "ar-") {
		return &words{
			months: []string{
				"كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
				"تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
			},
			seasons:  []string{"ربيع", "صيف", "خريف", "شتاء"},
			ordinals: []string{"الأول", "الثاني", "الثالث", "الرابع", "الأخير"},
			bce:      "@ ق.م", ce: "@ م", winter: "@/#",
			hour: "الساعة @", clock: "@، #", utc: "@ بالتوقيت العالمي",
			north: "@ (نصف الكرة الشمالي)", south: "@ (نصف الكرة الجنوبي)",
			quarter: "الربع @ من عام #", third: "الثلث @ من عام #", half: "النصف @ من عام #",
			about: "@ تقريبًا", roughly: "@ تقريبًا", unsure: "@ (غير مؤكد)", estimate: "@ (#)",
			someMonth: "شهر غير محدد من عام @", someDate: "يوم غير محدد من عام @", someDay: "يوم غير محدد من @",
			before: "قبل @", after: "بعد @", earlier: "@ أو قبل ذلك", later: "@ أو بعد ذلك",
			since: "منذ @", until: "حتى @", sometime: "وقت ما @", between: "بين @ و#",
			dash: "من @ إلى #", spaced: "من @ إلى #", fromTo: "من @ إلى #", or: " أو ", and: " و",
			noDate: "تاريخ غير معروف", aDate: "تاريخ غير معروف",
			noStart: "حتى @، والبداية غير معروفة", noEnd: "من @، والنهاية غير معروفة",
			always: "في كل الأوقات", never: "لا في أي وقت",
		}
	}
	return &words{
		months: []string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		seasons:  []string{"spring", "summer", "autumn", "winter"},
		ordinals: []string{"first", "second", "third", "fourth", "last"},
		bce:      "@ BCE", ce: "@ CE", winter: "@–#",
		hour: "@", clock: "@, #", utc: "@ UTC",
		north: "@ (northern hemisphere)", south: "@ (southern hemisphere)",
		quarter: "@ quarter of #", third: "@ third of #", half: "@ half of #",
		about: "c. @", roughly: "@ (approximate)", unsure: "@ (uncertain)", estimate: "@ (#)",
		someMonth: "some month in @", someDate: "some day in @", someDay: "some day in @",
		before: "before @", after: "after @", earlier: "@ or earlier", later: "@ or later",
		since: "since @", until: "until @", sometime: "some time @", between: "between @ and #",
		dash: "@–#", spaced: "@ – #", fromTo: "from @ to #", or: " or ", and: " and ", comma: ", ",
		noDate: "date unknown", aDate: "an unknown date",
		noStart: "until @, start unknown", noEnd: "from @, end unknown",
		always: "at all times", never: "never",
	}
}

// put returns the form with a and b in the place of @ and #.
func put(form, a, b string) string { return strings.NewReplacer("@", a, "#", b).Replace(form) }

// plain reports whether s is a date without any doubt.
func (s *span) plain() bool { return s.kind == isDate && !s.vague() }

// named reports whether s is a plain day, month or year, so that the one before
// and the one after have names of the same kind.
func (s *span) named() bool { return s.plain() && s.unit >= byDay && s.unit <= byYear }

// isNoDate reports whether s says only that there was a date: XXXX.
func (s *span) isNoDate() bool {
	return s.kind == unknown || s.loose && s.lo == Date(0, 1, 1) && s.hi == Date(10_000, 1, 1)
}

// year returns a year without its era, and the form of the era.
func (w *words) year(y int) (text, era string) {
	era = "@"
	switch {
	case y < 1:
		y, era = 1-y, w.bce
	case y < 1000 || y > 9999: // else it might be any number
		era = w.ce
	}
	text = strconv.Itoa(y)
	if n := len(text) - 3; n > 1 {
		text = text[:n] + "," + text[n:]
	}
	return text, era
}

// point returns the date of precision u that begins at i.
func (w *words) point(i Instant, u unit) string {
	y, m, d := civil(i)
	n, era := w.year(y)
	year := put(era, n, "")
	switch u {
	case byYear:
		return year
	case byMonth:
		return w.months[m-1] + " " + year
	case byDay:
		return strconv.Itoa(d) + " " + w.months[m-1] + " " + year
	case byTime:
		return put(w.utc, put(w.clock, w.point(i, byDay), w.clockTime(i)), "")
	case 39:
		return put(w.third, w.ordinals[4], year)
	}
	switch {
	case u >= 40:
		return put(w.half, w.ordinals[u-40], year)
	case u >= 37:
		return put(w.third, w.ordinals[u-37], year)
	case u >= 33:
		return put(w.quarter, w.ordinals[u-33], year)
	}
	if m == 12 {
		a, b := w.shared(i, Date(y+1, 1, 1), byYear)
		year = put(w.winter, a, b)
	}
	text := w.seasons[(u-21)%4] + " " + year
	switch {
	case u >= 29:
		return put(w.south, text, "")
	case u >= 25:
		return put(w.north, text, "")
	}
	return text
}

// clockTime returns the time of day of i, to the second if that is not 0.
func (w *words) clockTime(i Instant) string {
	return put(w.hour, strings.TrimSuffix(string(appendClock(nil, i)[:8]), ":00"), "")
}

// shared returns two dates of precision u without saying twice what they share.
// They are not the same.
func (w *words) shared(a, b Instant, u unit) (first, second string) {
	first, second = w.point(a, u), w.point(b, u)
	ay, am, ad := civil(a)
	by, bm, _ := civil(b)
	switch {
	case u == byTime:
		first = put(w.clock, w.point(a, byDay), w.clockTime(a))
		if byDay.floor(a) == byDay.floor(b) {
			second = put(w.utc, w.clockTime(b), "")
		}
	case u == byYear:
		n, era := w.year(ay)
		if _, other := w.year(by); era == other {
			first = n
		}
	case ay == by && u == byMonth:
		first = w.months[am-1]
	case ay == by && u == byDay:
		first = strconv.Itoa(ad)
		if am != bm {
			first += " " + w.months[am-1]
		}
	}
	return first, second
}

func (w *words) betweenDates(a, b Instant, u unit) string {
	first, second := w.shared(a, b, u)
	return put(w.between, first, second)
}

// A manner says how a text fits into a longer one.
type manner uint8

const (
	asDate    manner = iota // June 2014
	asPhrase                // some day in June 2014
	asBetween               // between June and August 2014
)

// span returns one date or set.
func (w *words) span(s span) (text string, m manner) {
	if s.kind == oneOf || s.kind == allOf {
		return w.set(s)
	}
	if s.isNoDate() {
		return w.noDate, asPhrase
	}
	text = w.point(s.lo, s.unit)
	switch {
	case s.estimate != 0:
		estimate := put(w.about, w.point(Date(s.estimate, 1, 1), byYear), "")
		text, m = put(w.estimate, estimate, w.betweenDates(s.lo, s.last, byYear)), asPhrase
	case s.lo == s.last: // one date
	case s.unit == byMonth && s.fills(byYear):
		text, m = put(w.someMonth, w.point(s.lo, byYear), ""), asPhrase
	case s.unit == byDay && s.fills(byYear):
		text, m = put(w.someDate, w.point(s.lo, byYear), ""), asPhrase
	case s.unit == byDay && s.fills(byMonth):
		text, m = put(w.someDay, w.point(s.lo, byMonth), ""), asPhrase
	default:
		text, m = w.betweenDates(s.lo, s.last, s.unit), asBetween
	}
	switch {
	case s.approximate && m == asDate:
		text = put(w.about, text, "")
	case s.approximate:
		text = put(w.roughly, text, "")
	}
	if s.unsure {
		text = put(w.unsure, text, "")
	}
	return text, m
}

// fills reports whether s may be anywhere in one whole year or month.
func (s *span) fills(u unit) bool { return u.floor(s.lo) == s.lo && u.after(s.lo) == s.hi }

// set returns one of, or all of, some dates.
func (w *words) set(s span) (string, manner) {
	joint := w.or
	if s.kind == allOf {
		joint = w.and
	}
	if len(s.set) == 1 {
		a, b := s.set[0][0], s.set[0][1]
		switch {
		case s.kind == allOf:
			return w.interval(a, b), asPhrase
		case a.plain() && b.plain() && a.unit == b.unit:
			return w.betweenDates(a.lo, b.lo, a.unit), asBetween
		case a.kind == isDate && b.kind == isDate:
			return put(w.between, w.inside(a), w.inside(b)), asBetween
		}
	}
	var texts []string
	for _, m := range s.set {
		a, b := m[0], m[1]
		switch {
		case a.kind == isOpen && b.named():
			texts = append(texts, put(w.before, w.point(b.unit.after(b.lo), b.unit), ""))
		case a.kind == isOpen:
			texts = append(texts, put(w.earlier, w.inside(b), ""))
		case b.kind == isOpen && a.named():
			texts = append(texts, put(w.after, w.point(a.unit.floor(a.lo-1), a.unit), ""))
		case b.kind == isOpen:
			texts = append(texts, put(w.later, w.inside(a), ""))
		default:
			texts = append(texts, w.interval(a, b))
		}
	}
	if len(texts) > 2 && w.comma != "" {
		last := len(texts) - 1
		return strings.Join(texts[:last], w.comma) + joint + texts[last], asPhrase
	}
	return strings.Join(texts, joint), asPhrase
}

// inside returns s as a part of a longer text.
func (w *words) inside(s span) string {
	if s.isNoDate() {
		return w.aDate
	}
	text, m := w.span(s)
	if m == asBetween {
		text = put(w.sometime, text, "")
	}
	return text
}

// interval returns the time from a to b.
func (w *words) interval(a, b span) string {
	noStart, noEnd := a.isNoDate(), b.isNoDate()
	switch {
	case a.kind == isOpen && b.kind == isOpen:
		return w.always
	case noStart && noEnd:
		return w.noDate
	case b.kind == isOpen:
		return put(w.since, w.inside(a), "")
	case a.kind == isOpen:
		return put(w.until, w.inside(b), "")
	case noStart:
		return put(w.noStart, w.inside(b), "")
	case noEnd:
		return put(w.noEnd, w.inside(a), "")
	}
	first, m := w.span(a)
	second, n := w.span(b)
	switch {
	case first == second:
		return first
	case m != asDate || n != asDate:
		return put(w.fromTo, w.inside(a), w.inside(b))
	case !a.plain() || !b.plain() || a.unit != b.unit:
		return put(w.spaced, first, second)
	}
	first, second = w.shared(a.lo, b.lo, a.unit)
	if strings.Contains(first, " ") {
		return put(w.spaced, first, second)
	}
	return put(w.dash, first, second)
}
