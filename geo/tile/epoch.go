package tile

import (
	"math"
	"slices"

	"kharita/geo/period"
)

// Changes returns the instants at which what Append appends for an instant changes in
// this reading, ascending: the epochs of the tile lie between them. It takes less than
// drawing the tile. Drawn tells whether the tile has anything at any time.
func (s *Set) Changes(a Address, r period.Reading) (out []period.Instant, drawn bool) {
	if s.times.of == nil || a.grid != s.network.grid || a.z < s.minZoom || a.z > s.maxZoom {
		return nil, false
	}
	sc := s.pool.Get().(*scratch)
	defer s.pool.Put(sc)
	add := func(valid span) {
		drawn = true
		if valid.lo >= valid.hi {
			return
		}
		for _, end := range [2]int64{valid.lo, valid.hi} {
			if end != math.MinInt64 && end != math.MaxInt64 {
				out = append(out, period.Instant(end))
			}
		}
	}
	s.find(sc, a, always)
	for item, parts := range s.found(sc) {
		// boxes that touch the tile are many, shapes that do are what changes it
		if s.shows(sc, s.items[item].itemKind, parts, a) {
			add(s.times.in(item, r))
		}
	}
	for item := range s.searchLabels(sc, a, always) {
		add(s.times.in(item, r))
	}
	if s.borders != nil {
		changes, d := s.borders.Changes(a, r)
		out, drawn = append(out, changes...), drawn || d
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out)), drawn
}

// shows tells whether tile a holds something of parts, all of one item. Of lines and
// polygons it looks no farther than to the first edge that comes in; rounding may leave
// nothing of a polygon that does.
func (s *Set) shows(sc *scratch, k kind, parts []uint32, a Address) bool {
	if k == kindPoint {
		sc.pen.reset()
		s.drawPoints(sc, parts, a)
		return len(sc.pen.out) > 0
	}
	f, l := a.frame(), s.level(a.z)
	box := f.clipBox(k)
	for _, p := range parts {
		from, to := l.partShapes(p)
		for shape := from; shape < to; shape++ {
			switch b := &l.shapes[shape].box; {
			case !b.meets(&box):
			case b.within(&box), k == kindLine && l.runsIn(shape, f, &box), k == kindPolygon && l.reaches(shape, f, &box):
				return true
			}
		}
	}
	return false
}

// runsIn tells whether drawLine writes anything of a line.
func (l *level) runsIn(shape uint32, f frame, box *bbox) bool {
	path, _ := l.shapePaths(shape)
	pts := l.path(path)
	for from, to := range l.near(path, box) {
		for i := from; i < min(to, len(pts)-1); i++ {
			if p, q, ok := clipSegment(f.local(pts[i]), f.local(pts[i+1])); ok && p != q {
				return true
			}
		}
	}
	return false
}

// Epoch returns the longest period around at that has none of changes, which ascend,
// inside. It is open where nothing ever changes.
func Epoch(changes []period.Instant, at period.Instant) period.Period {
	lo, hi := period.Period{}.Limits()
	next, found := slices.BinarySearch(changes, at)
	if found {
		next++
	}
	if next > 0 {
		lo = changes[next-1]
	}
	if next < len(changes) {
		hi = changes[next]
	}
	return period.Between(lo, hi)
}

// Stable returns the longest period around the start of t.Valid in which what Append
// appends for an instant does not change: the epoch of the tile. It is open where nothing
// ever changes. A t.Valid without start stands for the beginning of time; the epoch of
// Never is Never. Who asks for many instants asks for Changes once.
func (s *Set) Stable(a Address, t Slice) period.Period {
	if t.Valid.IsNever() {
		return period.Never
	}
	at, _ := t.Valid.Limits()
	changes, _ := s.Changes(a, t.Reading)
	return Epoch(changes, at)
}
