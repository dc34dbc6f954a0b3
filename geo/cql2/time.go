package cql2

import (
	"math"

	"kharita/geo"
	"kharita/geo/period"
)

// A span is a time as it is compared: from lo up to, but not including, hi, as
// period.Period.Limits has them. An instant is the day, or the millisecond, that
// it names, so that a date holds the timestamps of its day.
type span struct{ lo, hi period.Instant }

const (
	past   period.Instant = math.MinInt64
	future period.Instant = math.MaxInt64
	day    period.Instant = 86_400_000
)

func spanOf(p period.Period) span {
	lo, hi := p.Limits()
	return span{lo, hi}
}

// isNever reports whether s is the time of what never holds.
func (s span) isNever() bool { return s.lo >= s.hi }

// readSpan returns the time that a property's value says: the widest reading of
// EDTF or RFC 3339, a year if it is a whole number. ok is false for null and for
// what is no date. What says that it is open, "" and "..", is without bounds.
func readSpan(v geo.Value) (s span, ok bool) {
	text := v.Text()
	switch v.Kind() {
	case geo.String:
		if text == "" || text == ".." {
			return span{past, future}, true
		}
	case geo.Int:
		year, _ := v.Int()
		text = period.YearText(year)
	default:
		return span{}, false
	}
	valid, err := period.Parse(text)
	if err != nil {
		return span{}, false
	}
	return spanOf(valid.Possible), true
}

// compare is the order of two times for = < > and the others. The first two are
// T_EQUALS, T_BEFORE and T_AFTER, as OGC 21-065r2 /per/basic-cql2/time-instant-comparison
// permits; a >= b asks that a begins no earlier and a <= b that it ends no later,
// so that BETWEEN asks whether all of a lies within. For days and for moments
// that is their usual order.
func (s span) compare(op Op, t span) bool {
	switch op {
	case Equal:
		return s == t
	case NotEqual:
		return s != t
	case Less:
		return s.relates(TBefore, t)
	case Greater:
		return s.relates(TAfter, t)
	case LessEqual:
		return s.hi <= t.hi
	default: // GreaterEqual
		return s.lo >= t.lo
	}
}

// relates is the temporal functions (OGC 21-065r2 §7.8.2, after the Time Ontology
// in OWL). Both times are closed in text: they meet if the last day of one is
// the first of the other, not if it is the day before. Where a date meets a
// timestamp it counts by its first or last millisecond.
func (s span) relates(op Op, t span) bool {
	if s.isNever() || t.isNever() {
		return op == TDisjoint
	}
	switch op {
	case TBefore:
		return s.hi <= t.lo
	case TAfter:
		return t.hi <= s.lo
	case TDisjoint:
		return s.hi <= t.lo || t.hi <= s.lo
	case TIntersects:
		return s.hi > t.lo && t.hi > s.lo
	case TEquals:
		return s == t
	case TContains:
		return s.lo < t.lo && s.hi > t.hi
	case TStartedBy:
		return s.lo == t.lo && s.hi > t.hi
	case TFinishedBy:
		return s.lo < t.lo && s.hi == t.hi
	case TMeets:
		return s.meets(t)
	case TOverlaps:
		return s.lo < t.lo && s.hi > t.lo && s.hi < t.hi && !s.meets(t)
	case TDuring:
		return t.relates(TContains, s)
	case TStarts:
		return t.relates(TStartedBy, s)
	case TFinishes:
		return t.relates(TFinishedBy, s)
	case TMetBy:
		return t.meets(s)
	default: // TOverlappedBy
		return t.relates(TOverlaps, s)
	}
}

// meets reports whether the last day of s is the first of t, or the last
// millisecond the first where not both are made of days.
func (s span) meets(t span) bool {
	if s.hi == future || t.lo == past {
		return false
	}
	step := period.Instant(1)
	if s.hi%day == 0 && t.lo%day == 0 {
		step = day
	}
	return s.hi-step == t.lo
}

// A spanFunc returns a time of a feature; ok is false if it is unknown.
type spanFunc func(f *geo.Feature) (s span, ok bool)

// time compiles an expression that is an instant or an interval.
func (c *compiler) time(e Expr) (spanFunc, error) {
	switch e := e.(type) {
	case Instant:
		s := spanOf(e.Period)
		return func(*geo.Feature) (span, bool) { return s, true }, nil
	case Interval:
		return c.interval(e)
	case Property:
		col, what, err := c.property(e)
		switch {
		case err != nil:
			return nil, err
		case what == isValid:
			return func(f *geo.Feature) (span, bool) {
				return spanOf(f.Valid.Possible), !f.Valid.Possible.IsNever()
			}, nil
		case what == isCertain:
			return func(f *geo.Feature) (span, bool) {
				return spanOf(f.Valid.Certain), !f.Valid.Possible.IsNever()
			}, nil
		case what != isColumn:
			return nil, e.fail("%s is no time", e)
		}
		return func(f *geo.Feature) (span, bool) { return readSpan(col.Of(f.Properties)) }, nil
	case Call:
		return nil, e.fail("%s gives no time", e.Name)
	}
	return nil, e.where().fail("%s is no time", kindOf(e))
}

// interval compiles INTERVAL. An end that is null is open, as everywhere in an
// atlas, unless both are: then the interval is unknown. So is one that ends
// before it starts, or has an end that is no date.
func (c *compiler) interval(e Interval) (spanFunc, error) {
	if c.isValidTime(e) {
		start, _ := c.schema.Names.Column(c.schema.Start)
		end, _ := c.schema.Names.Column(c.schema.End)
		return func(f *geo.Feature) (span, bool) {
			if f.Valid.Possible.IsAlways() && start.Of(f.Properties).IsNull() && end.Of(f.Properties).IsNull() {
				return span{}, false
			}
			return spanOf(f.Valid.Possible), !f.Valid.Possible.IsNever()
		}, nil
	}
	var ends [2]func(f *geo.Feature) (s span, null, ok bool)
	for i, end := range []Expr{e.Start, e.End} {
		p, isProperty := end.(Property)
		switch {
		case end == nil:
			ends[i] = func(*geo.Feature) (span, bool, bool) { return span{past, future}, false, true }
		case isProperty:
			col, what, err := c.property(p)
			if err == nil && what != isColumn {
				err = p.fail("%s can't be the end of an interval", p)
			}
			if err != nil {
				return nil, err
			}
			ends[i] = func(f *geo.Feature) (span, bool, bool) {
				v := col.Of(f.Properties)
				if v.IsNull() {
					return span{past, future}, true, true
				}
				s, ok := readSpan(v)
				return s, false, ok
			}
		default:
			get, err := c.time(end)
			if err != nil {
				return nil, err
			}
			ends[i] = func(f *geo.Feature) (span, bool, bool) {
				s, ok := get(f)
				return s, false, ok
			}
		}
	}
	return func(f *geo.Feature) (span, bool) {
		start, null, ok := ends[0](f)
		if !ok {
			return span{}, false
		}
		end, null2, ok := ends[1](f)
		s := span{start.lo, end.hi}
		return s, ok && (!null || !null2) && !s.isNever()
	}, nil
}

// isValidTime reports whether e is made of the two properties in which the
// layer's valid time stands.
func (c *compiler) isValidTime(e Interval) bool {
	start, ok := e.Start.(Property)
	end, ok2 := e.End.(Property)
	if !ok || !ok2 || c.schema.Start == "" || start.Name != c.schema.Start || end.Name != c.schema.End || c.schema.Names == nil {
		return false
	}
	_, ok = c.schema.Names.Find(start.Name)
	_, ok2 = c.schema.Names.Find(end.Name)
	return ok && ok2
}

// temporal compiles a temporal function.
func (c *compiler) temporal(e Call) (test, error) {
	a, err := c.time(e.Args[0])
	if err != nil {
		return nil, err
	}
	b, err := c.time(e.Args[1])
	if err != nil {
		return nil, err
	}
	return func(f *geo.Feature) truth {
		s, ok := a(f)
		if !ok {
			return unknown
		}
		t, ok := b(f)
		if !ok {
			return unknown
		}
		return truthOf(s.relates(e.Op, t))
	}, nil
}
