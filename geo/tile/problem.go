package tile

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// A Rule names what is wrong with a geometry, and what becomes of it.
type Rule string

const (
	// NotFinite means that a coordinate is NaN or infinite. The point, line or polygon is left out.
	NotFinite Rule = "coordinate is no number"
	// OffEarth means a latitude beyond 90°, or a longitude thousands of turns away. It is
	// drawn on the edge of the world.
	OffEarth Rule = "place is not on earth"
	// NoLength means that all points of a line are one. It is too small to draw; see Small.
	NoLength Rule = "line has no length"
	// NoArea means that all points of a polygon's exterior are on one line. It is too small
	// to draw; see Small.
	NoArea Rule = "polygon has no area"
	// RingsCross means that rings of a polygon cross themselves or each other. Drawn is what
	// an odd number of rings goes round.
	RingsCross Rule = "polygon rings cross"
	// Misplaced means that an interior lies outside of the exterior, or in another interior.
	// Drawn is what an odd number of rings goes round.
	Misplaced Rule = "polygon interior is not inside"
	// Tangle means that rings cross so often that nobody could tell inside from outside. The
	// convex hull is drawn.
	Tangle Rule = "polygon rings cross beyond number"
)

// A Problem is a geometry that can't be drawn as it is. Everything else is.
type Problem struct {
	Row  int // of the feature
	Rule Rule
	At   orb.Point // lon, lat: where, or the first point of what is concerned
}

// farthest is how many degrees of longitude from Greenwich anybody may go round the earth.
const farthest = 1e6

// Problems returns what can't be drawn as it is, in the order of rows: the first
// of each rule in a feature. It compares the edges of all polygons, which takes as long as
// making the deepest zoom.
func (s *Set) Problems() []Problem {
	problems := slices.Clone(s.problems)
	var w ringWorker
	for i := range s.parts {
		p := &s.parts[i]
		it := &s.items[p.item]
		if it.itemKind != kindPolygon || p.from == p.to {
			continue
		}
		rule, at := s.network.crossing(&w, polygonPaths{p.from, p.to})
		if rule == "" {
			continue
		}
		problems = append(problems, Problem{int(it.row), rule, s.network.grid.unproject(at)})
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool { return a.Row == b.Row && a.Rule == b.Rule })
}

// crossing returns the rule that the rings of p break and where, "" if none.
func (n *network) crossing(w *ringWorker, p polygonPaths) (Rule, point) {
	w.rings.reset()
	w.noder.reset()
	for k := p.from; k < p.to; k++ {
		for _, ref := range n.topology.path(k) {
			arc := n.topology.arc(int(max(ref, ^ref)))
			for i := range arc[1:] { // the last point is the first of the next arc
				q := arc[i]
				if ref < 0 {
					q = arc[len(arc)-1-i]
				}
				w.rings.points = append(w.rings.points, q)
			}
		}
		w.rings.close()
		w.noder.add(w.rings.ring(w.rings.len() - 1))
	}
	w.noder.scan()
	switch {
	case len(w.noder.cuts) > maxCuts:
		return Tangle, w.noder.cuts[0].at
	case w.noder.crosses:
		return RingsCross, w.noder.crossing
	case len(w.noder.cuts) == 0 && !w.noder.touch && !nested(&w.rings):
		return Misplaced, w.rings.ring(1)[0]
	}
	return "", point{}
}

// usable notes what is wrong with places that can't be drawn, or not where they are. It
// reports whether there is anything to draw.
func (b *builder) usable(pts orb.LineString) bool {
	off := -1
	for i, p := range pts {
		if sum := p[0] + p[1]; math.IsNaN(sum) || math.IsInf(sum, 0) {
			b.problem(NotFinite, p)
			return false
		}
		if math.Abs(p[1]) > 90 || math.Abs(p[0]) > farthest {
			off = i
		}
	}
	if off >= 0 {
		b.problem(OffEarth, pts[off])
	}
	return true
}

// problem notes a problem of the feature that is being added.
func (b *builder) problem(rule Rule, at orb.Point) {
	b.set.problems = append(b.set.problems, Problem{b.set.rows, rule, at})
}
