package territory

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"kharita/geo/period"
)

// An Edge is what lies beyond a border.
type Edge uint8

// What may lie beyond a border.
const (
	Front Edge = iota // the cell of a place that is not held: the estimate says who was on the other side
	Limit             // nobody's ground: no listed place is within the radius
	Coast             // the end of the land: a coast, or the border of the countries that are looked at
)

// A Border is a line with held ground on its left and none on its right, for a
// period.
type Border struct {
	Held     int // number of the place whose cell is on the left
	Beyond   int // number of the place on the right; -1 unless Edge is Front
	Edge     Edge
	Line     orb.MultiLineString // vertices are those of the cells, bit by bit
	Valid    period.Period       // the longest in which it is a border, in the reading or readings below
	Possible bool                // part of the outline of what was possibly held
	Certain  bool                // part of the outline of what was certainly held
}

// Reading says in a word which outline b is part of: "possible", "certain", or "both".
func (b Border) Reading() string {
	switch {
	case !b.Certain:
		return "possible"
	case !b.Possible:
		return "certain"
	}
	return "both"
}

// Borders returns the outline of the ground that holder held, at all times: each
// piece between two cells, or between a cell and nothing, with each period in which
// exactly one side is held. So the outline at an instant in one reading is the lines
// whose Valid contains it, and nobody needs to unite cells to draw it. cells must
// come from Cells with places and radius. The order is that of places, then time.
func Borders(places []Place, cells []Cell, radius float64, holder string) []Border {
	type edge [2]orb.Point
	owner := map[edge]int{}
	walk := func(f func(i int, e edge)) {
		for i, c := range cells {
			for _, poly := range c.Geometry {
				for _, r := range poly {
					for k := 1; k < len(r); k++ {
						f(i, edge{r[k-1], r[k]})
					}
				}
			}
		}
	}
	walk(func(i int, e edge) { owner[e] = i })

	type side struct {
		held, beyond int
		edge         Edge
	}
	lines := map[side]orb.MultiLineString{}
	var sides []side
	walk(func(i int, e edge) {
		s := side{held: i}
		var ok bool
		if s.beyond, ok = owner[edge{e[1], e[0]}]; !ok {
			s.beyond, s.edge = -1, Coast
			if onArc(places[i].At, e, radius) {
				s.edge = Limit
			}
		}
		m := lines[s]
		if len(m) == 0 {
			sides = append(sides, s)
		}
		if n := len(m); n > 0 && m[n-1][len(m[n-1])-1] == e[0] {
			m[n-1] = append(m[n-1], e[1])
		} else {
			m = append(m, orb.LineString{e[0], e[1]})
		}
		lines[s] = m
	})
	slices.SortStableFunc(sides, func(a, b side) int {
		return cmp.Or(a.held-b.held, cmp.Compare(a.edge, b.edge), a.beyond-b.beyond)
	})

	var out []Border
	for _, s := range sides {
		possible := apart(places, s.held, s.beyond, holder, period.Possible)
		certain := apart(places, s.held, s.beyond, holder, period.Certain)
		if len(possible)+len(certain) == 0 {
			continue
		}
		b := Border{Held: s.held, Beyond: s.beyond, Edge: s.edge, Line: sewn(lines[s])}
		var spells []Border
		for _, p := range possible {
			b.Valid, b.Possible, b.Certain = p, true, slices.Contains(certain, p)
			spells = append(spells, b)
		}
		for _, p := range certain {
			if !slices.Contains(possible, p) {
				b.Valid, b.Possible, b.Certain = p, false, true
				spells = append(spells, b)
			}
		}
		slices.SortStableFunc(spells, func(a, b Border) int {
			lo, _ := a.Valid.Limits()
			other, _ := b.Valid.Limits()
			return cmp.Compare(lo, other)
		})
		out = append(out, spells...)
	}
	return out
}

// sewn joins the last line to the first where a ring was cut at its own start.
func sewn(m orb.MultiLineString) orb.MultiLineString {
	for i := range m {
		for j := range m {
			if i != j && m[j][len(m[j])-1] == m[i][0] {
				m[j] = append(m[j], m[i][1:]...)
				return sewn(slices.Delete(m, i, i+1))
			}
		}
	}
	return m
}

// onArc reports whether e is a chord of the circle around at.
func onArc(at orb.Point, e [2]orb.Point, radius float64) bool {
	// The circle was drawn on another plane: distances differ by less than 2 %.
	const least = 0.98
	plane := NewPlane(at)
	for _, p := range []orb.Point{e[0], e[1], {(e[0][0] + e[1][0]) / 2, (e[0][1] + e[1][1]) / 2}} {
		if planar.Distance(orb.Point{}, plane.Forward(p)) < least*radius {
			return false
		}
	}
	return true
}

// apart returns the longest periods in which holder has place i and not place j (-1:
// nobody's), ascending.
func apart(places []Place, i, j int, holder string, r period.Reading) []period.Period {
	cuts := changes(places[i], holder)
	if j >= 0 {
		cuts = append(cuts, changes(places[j], holder)...)
	}
	lo, hi := period.Period{}.Limits()
	cuts = append(cuts, lo, hi)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []period.Period
	open := false
	var from period.Instant
	for k, at := range cuts {
		// Before the first change any instant stands for the time before it.
		now := k+1 < len(cuts) && places[i].HeldBy(holder, at, r) && (j < 0 || !places[j].HeldBy(holder, at, r))
		if now && !open {
			from = at
		}
		if !now && open {
			out = append(out, period.Between(from, at))
		}
		open = now
	}
	return out
}
