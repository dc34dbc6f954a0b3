package cql2

import (
	"slices"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// Hints are what must hold of each feature that a filter selects, so that an
// index may leave out the others. The zero Hints say nothing.
type Hints struct {
	Bounds []orb.Bound   // nil: anywhere; else the geometry touches one of them, in lon, lat
	Valid  period.Period // the possible valid time shares an instant with it; zero: whatever that is, also never
	IDs    []string      // nil: any; else the id is one of them
}

// Necessary returns what e implies, e being compiled for s. It looks at what AND
// and OR join: at spatial functions of the geometry, temporal ones of the valid
// time, comparisons of its two properties with dates, and equality of the id.
func Necessary(e Expr, s Schema) Hints {
	c := compiler{s}
	call, ok := e.(Call)
	if !ok {
		return Hints{}
	}
	switch op := call.Op; {
	case op == And:
		h := Hints{}
		for _, arg := range call.Args {
			h = h.and(Necessary(arg, s))
		}
		return h
	case op == Or:
		h := Necessary(call.Args[0], s)
		for _, arg := range call.Args[1:] {
			h = h.or(Necessary(arg, s))
		}
		return h
	case op >= SContains && op <= SWithin && op != SDisjoint:
		return c.spatialHint(call)
	case op >= TAfter && op <= TStarts && op != TDisjoint:
		return c.temporalHint(call)
	case op >= Equal && op <= GreaterEqual && op != NotEqual:
		return c.comparisonHint(op, call.Args[0], call.Args[1])
	case op == Between:
		return c.comparisonHint(GreaterEqual, call.Args[0], call.Args[1]).and(c.comparisonHint(LessEqual, call.Args[0], call.Args[2]))
	case op == In:
		items := call.Args[1].(Array).Items
		h := c.comparisonHint(Equal, call.Args[0], items[0])
		for _, item := range items[1:] {
			h = h.or(c.comparisonHint(Equal, call.Args[0], item))
		}
		return h
	}
	return Hints{}
}

// and returns what holds where both do. Two boxes, or two periods, may be touched
// apart from each other, so of these the smaller one is kept.
func (h Hints) and(o Hints) Hints {
	if h.Bounds == nil || o.Bounds != nil && size(o.Bounds) < size(h.Bounds) {
		h.Bounds = o.Bounds
	}
	if h.Valid.IsAlways() || !o.Valid.IsAlways() && length(o.Valid) < length(h.Valid) {
		h.Valid = o.Valid
	}
	switch {
	case h.IDs == nil:
		h.IDs = o.IDs
	case o.IDs != nil:
		h.IDs = slices.DeleteFunc(slices.Clone(h.IDs), func(id string) bool { return !slices.Contains(o.IDs, id) })
	}
	return h
}

// or returns what holds where at least one does.
func (h Hints) or(o Hints) Hints {
	if h.Bounds != nil && o.Bounds != nil {
		h.Bounds = slices.Concat(h.Bounds, o.Bounds)
	} else {
		h.Bounds = nil
	}
	h.Valid = h.Valid.Hull(o.Valid)
	if h.IDs != nil && o.IDs != nil {
		h.IDs = slices.Concat(h.IDs, o.IDs)
		slices.Sort(h.IDs)
		h.IDs = slices.Compact(h.IDs)
	} else {
		h.IDs = nil
	}
	return h
}

func size(bounds []orb.Bound) (sum float64) {
	for _, b := range bounds {
		sum += (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1])
	}
	return sum
}

// length is a measure of p, which has at least one bound.
func length(p period.Period) float64 {
	lo, hi := p.Limits()
	return float64(hi) - float64(lo)
}

// named reports whether e is the property that stands for w.
func (c *compiler) named(e Expr, w what) bool {
	p, ok := e.(Property)
	if !ok {
		return false
	}
	_, is, err := c.property(p)
	return err == nil && is == w
}

func (c *compiler) spatialHint(e Call) Hints {
	a, b := e.Args[0], e.Args[1]
	if !c.named(a, isGeometry) {
		a, b = b, a
	}
	if !c.named(a, isGeometry) {
		return Hints{}
	}
	switch b := b.(type) {
	case BBox:
		return Hints{Bounds: b.bounds()}
	case Geometry:
		return Hints{Bounds: []orb.Bound{b.Geometry.Bound()}}
	}
	return Hints{}
}

func (c *compiler) temporalHint(e Call) Hints {
	op, a, b := e.Op, e.Args[0], e.Args[1]
	if !c.isValid(a) {
		a, b = b, a
		switch op {
		case TBefore:
			op = TAfter
		case TAfter:
			op = TBefore
		}
	}
	if !c.isValid(a) {
		return Hints{}
	}
	s, ok := c.constant(b)
	if !ok {
		return Hints{}
	}
	switch op {
	case TBefore:
		s = span{past, s.lo}
	case TAfter:
		s = span{s.hi, future}
	}
	return Hints{Valid: period.Between(s.lo, s.hi)}
}

// isValid reports whether e is the valid time of a feature, or part of it.
func (c *compiler) isValid(e Expr) bool {
	if i, ok := e.(Interval); ok {
		return c.isValidTime(i)
	}
	return c.named(e, isValid) || c.named(e, isCertain)
}

// constant returns the time that e is whatever the feature.
func (c *compiler) constant(e Expr) (span, bool) {
	switch e := e.(type) {
	case Instant:
		return spanOf(e.Period), true
	case Interval:
		for _, end := range []Expr{e.Start, e.End} {
			if _, ok := end.(Instant); end != nil && !ok {
				return span{}, false
			}
		}
		get, err := c.time(e)
		if err != nil {
			return span{}, false
		}
		return get(nil)
	}
	return span{}, false
}

// comparisonHint reads id = 'a', and start >= DATE('2015-01-01') with its like.
func (c *compiler) comparisonHint(op Op, a, b Expr) Hints {
	if _, ok := a.(Property); !ok {
		a, b = b, a
		switch op {
		case Less:
			op = Greater
		case Greater:
			op = Less
		case LessEqual, GreaterEqual:
			return Hints{} // of spans these are not each other's opposite
		}
	}
	if l, ok := b.(Literal); ok && op == Equal && c.named(a, isID) {
		if k := l.Value.Kind(); k == geo.Int || k == geo.String && isASCII(l.Value.Text()) { // else it may be written in another normal form
			return Hints{IDs: []string{l.Value.Text()}}
		}
		return Hints{}
	}
	p, ok := a.(Property)
	i, ok2 := b.(Instant)
	if !ok || !ok2 || c.schema.Start == "" || p.Name != c.schema.Start && p.Name != c.schema.End {
		return Hints{}
	}
	// Whichever end it is: where all of it lies after i, so does a part of the
	// time between the two, unless it is the end of what does not include it.
	// So a day is left on either side.
	s := spanOf(i.Period)
	switch op {
	case Less, LessEqual:
		if p.Name == c.schema.Start {
			return Hints{Valid: period.Until(s.hi + day)}
		}
		return Hints{Valid: period.Until(s.hi)}
	case Greater, GreaterEqual:
		return Hints{Valid: period.From(s.lo - day)}
	default: // Equal
		return Hints{Valid: period.Between(s.lo-day, s.hi+day)}
	}
}
