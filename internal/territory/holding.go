package territory

import (
	"math"
	"slices"

	"kharita/geo/period"
)

// A Holding is a spell in which somebody held a place.
type Holding struct {
	Holder string
	Valid  period.Valid
}

// HeldBy reports whether holder held p at an instant, in one reading.
func (p Place) HeldBy(holder string, at period.Instant, r period.Reading) bool {
	for _, h := range p.Held {
		if h.Holder == holder && h.Valid.In(r).Contains(at) {
			return true
		}
	}
	return false
}

// Conflict returns the numbers of two spells of p that certainly share time: a
// place has one holder at a time, and a holder's spells follow each other. Spells
// that only possibly overlap, as "until June" and "from June" do, are no conflict.
func (p Place) Conflict() (first, second int, shared period.Period, ok bool) {
	for j := range p.Held {
		for i := range j {
			if both := p.Held[i].Valid.Certain.Intersect(p.Held[j].Valid.Certain); !both.IsNever() {
				return i, j, both, true
			}
		}
	}
	return 0, 0, period.Never, false
}

// Holders returns who held any of places, sorted.
func Holders(places []Place) []string {
	var out []string
	for _, p := range places {
		for _, h := range p.Held {
			out = append(out, h.Holder)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Changes returns the instants at which a spell of holder starts or ends, in both
// readings, ascending.
func Changes(places []Place, holder string) []period.Instant {
	var out []period.Instant
	for _, p := range places {
		out = append(out, changes(p, holder)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func changes(p Place, holder string) (out []period.Instant) {
	for _, h := range p.Held {
		if h.Holder != holder {
			continue
		}
		for _, r := range []period.Reading{period.Possible, period.Certain} {
			if i, ok := h.Valid.In(r).Start(); ok {
				out = append(out, i)
			}
			if i, ok := h.Valid.In(r).End(); ok {
				out = append(out, i)
			}
		}
	}
	return out
}

// Area returns the ground in square metres that holder held at an instant: the sum
// of the cells of the places held, since cells do not overlap.
func Area(places []Place, cells []Cell, holder string, at period.Instant, r period.Reading) float64 {
	sum := 0.0
	for i, p := range places {
		if p.HeldBy(holder, at, r) {
			sum += cells[i].Area
		}
	}
	return sum
}

// A Score says how well the nearest other place foretells who holds a place, each
// place and each day counting the same.
type Score struct {
	Held, HeldRight float64   // place-days on which the holder held the place, and those of them on which the other place was his too
	Free, FreeRight float64   // the same for days on which he did not hold it
	Nearest         []float64 // by place: metres to the nearest other place; +Inf if there is none
	Right           []float64 // by place: the share of days that is foretold right
}

// LeaveOneOut leaves out one place after the other and takes the holder of its
// nearest neighbour for its own (possible reading), over span, which must have
// both ends. This is what the map would say of a place that the list had missed.
func LeaveOneOut(places []Place, holder string, span period.Period) Score {
	s := Score{Nearest: make([]float64, len(places)), Right: make([]float64, len(places))}
	if len(places) < 2 {
		for i := range places {
			s.Nearest[i] = math.Inf(1)
		}
		return s
	}
	_, v, _ := project(places, 1)
	lo, hi := span.Limits()
	const day = 24 * 60 * 60 * 1000
	for i, p := range places {
		n := v.nearest(i)
		s.Nearest[i] = n.d
		other := places[n.site]
		cuts := []period.Instant{lo, hi}
		for _, at := range append(changes(p, holder), changes(other, holder)...) {
			if at > lo && at < hi {
				cuts = append(cuts, at)
			}
		}
		slices.Sort(cuts)
		right := 0.0
		for k := 1; k < len(cuts); k++ {
			days := float64(cuts[k]-cuts[k-1]) / day
			held := p.HeldBy(holder, cuts[k-1], period.Possible)
			same := 0.0
			if held == other.HeldBy(holder, cuts[k-1], period.Possible) {
				same = days
			}
			right += same
			if held {
				s.Held, s.HeldRight = s.Held+days, s.HeldRight+same
			} else {
				s.Free, s.FreeRight = s.Free+days, s.FreeRight+same
			}
		}
		s.Right[i] = right / (float64(hi-lo) / day)
	}
	return s
}

// nearest returns the site nearest to site i; there must be another.
func (v *voronoi) nearest(i int) neighbour {
	for d := 16e3; ; d *= 2 {
		if near := v.near(i, d); len(near) > 0 {
			return near[0]
		}
	}
}
