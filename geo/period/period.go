// Package period is valid time: when something was true.
//
// It knows instants, half-open periods, and the text that people and standards
// write for them (EDTF, ISO 8601-2; the datetime parameter of OGC 17-069r4
// §7.15.4). Text is closed, "2014/2016" includes all of 2016; code is half-open.
// The two conventions meet here and nowhere else.
package period

import "math"

// An Instant is milliseconds since 1970-01-01T00:00:00Z in the proleptic
// Gregorian calendar, the same number as a JavaScript Date.
type Instant int64

// A Period is the span of instants from its start up to, but not including, its
// end; either may be open. The zero Period has neither bound: it holds always.
// Never is the empty one. Periods compare with ==: of the many ways to write an
// empty span only Never exists.
type Period struct {
	start, end Instant
	bounds     bounds
}

type bounds uint8

const (
	hasStart bounds = 1 << iota
	hasEnd
	never
)

// Never is the Period that holds at no instant.
var Never = Period{bounds: never} //nolint:gochecknoglobals // a constant in all but syntax

// New returns [start, end). It is Never if end is not after start.
func New(start, end Instant) Period {
	if end <= start {
		return Never
	}
	return Period{start, end, hasStart | hasEnd}
}

// From returns the Period from start on, with no end.
func From(start Instant) Period { return Period{start: start, bounds: hasStart} }

// Until returns the Period before end, with no start.
func Until(end Instant) Period { return Period{end: end, bounds: hasEnd} }

// At returns the Period of the one millisecond i.
func At(i Instant) Period { return New(i, i+1) }

// Between returns the Period of [lo, hi), in which math.MinInt64 and
// math.MaxInt64 stand for open ends: the inverse of Limits.
func Between(lo, hi Instant) Period {
	switch {
	case hi <= lo:
		return Never
	case lo == math.MinInt64 && hi == math.MaxInt64:
		return Period{}
	case lo == math.MinInt64:
		return Until(hi)
	case hi == math.MaxInt64:
		return From(lo)
	}
	return New(lo, hi)
}

// Start returns the first instant of p; ok is false if p is open there or Never.
func (p Period) Start() (i Instant, ok bool) { return p.start, p.bounds&hasStart != 0 }

// End returns the first instant after p; ok is false if p is open there or Never.
func (p Period) End() (i Instant, ok bool) { return p.end, p.bounds&hasEnd != 0 }

// Limits returns p as plain numbers for indexes and comparisons: lo <= t < hi,
// with math.MinInt64 and math.MaxInt64 for open ends. Never gives lo > hi.
func (p Period) Limits() (lo, hi Instant) {
	if p.bounds&never != 0 {
		return math.MaxInt64, math.MinInt64
	}
	lo, hi = math.MinInt64, math.MaxInt64
	if p.bounds&hasStart != 0 {
		lo = p.start
	}
	if p.bounds&hasEnd != 0 {
		hi = p.end
	}
	return lo, hi
}

// IsNever reports whether p is the empty Period.
func (p Period) IsNever() bool { return p.bounds&never != 0 }

// IsAlways reports whether p has neither start nor end.
func (p Period) IsAlways() bool { return p.bounds == 0 }

// Contains reports whether i lies in p.
func (p Period) Contains(i Instant) bool {
	lo, hi := p.Limits()
	return lo <= i && (i < hi || hi == math.MaxInt64)
}

// Intersects reports whether p and q share an instant.
func (p Period) Intersects(q Period) bool { return !p.Intersect(q).IsNever() }

// Intersect returns the instants that are in both p and q.
func (p Period) Intersect(q Period) Period {
	plo, phi := p.Limits()
	qlo, qhi := q.Limits()
	return Between(max(plo, qlo), min(phi, qhi))
}

// Hull returns the shortest Period that covers p and q. Never adds nothing.
func (p Period) Hull(q Period) Period {
	plo, phi := p.Limits()
	qlo, qhi := q.Limits()
	return Between(min(plo, qlo), max(phi, qhi))
}

// Valid is the valid time of a feature in its two readings. They are equal when
// nothing is uncertain. The zero Valid holds always.
type Valid struct {
	Possible Period // all that the text covers
	Certain  Period // without the span of any uncertain end; may be Never
}

// A Reading names one of the two ways to read a Valid. The zero Reading is Possible.
type Reading uint8

// The two readings; see Valid.
const (
	Possible Reading = iota
	Certain
)

// In returns v in the reading r.
func (v Valid) In(r Reading) Period {
	if r == Certain {
		return v.Certain
	}
	return v.Possible
}

// Exactly returns the Valid in which both readings are p.
func Exactly(p Period) Valid { return Valid{p, p} }
