package tile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/rtree"
)

// The border of areas that change with time is data of its own: an arc between two areas,
// or between one and nothing, is border as long as exactly one of its sides is held. Who
// draws the arcs that are border on a date has the outline of what is held on that date,
// and need not unite areas. The outline of what is held at some time of a longer one are
// the arcs among these of which the other side is held at no time of it.

// A border is how long an arc is one: with the same side held, while the other is not, and
// around that how long this other side is not held, whatever becomes of the first.
type border struct{ valid, alone span }

// A borderKey tells borders of one layer apart: lines with the same key are one feature.
type borderKey struct {
	border  // alone is of the reading, of the certain one where the line is of both
	reading borderReading
}

// A borderReading says of which reading of valid times a line is the border.
type borderReading uint8

const (
	both borderReading = iota
	onlyPossible
	onlyCertain
)

func (r borderReading) String() string { return [...]string{"both", "possible", "certain"}[r] }

// Borders returns the set of the layer "<Layer>:border"; see Options.Borders. Where the
// set does not append that layer itself, the first call makes it, from what the set has of
// its polygons: so whoever draws borders for some pays for them when they are first asked
// for, and tiles for others stay as they are. No keeper keeps it.
func (s *Set) Borders() *Set {
	if s.borders != nil {
		return s.borders
	}
	s.later.once.Do(func() {
		n := s.network
		n.simplify()
		own := *n.topology // others are reading n's, to which the borders' paths would be added
		own.refs, own.pathEnd = slices.Clip(own.refs), slices.Clip(own.pathEnd)
		apart := &network{grid: n.grid, topology: &own, polygons: n.polygons, fine: n.fine}
		apart.once.Do(func() { apart.vertices, apart.ends = n.vertices, n.ends })
		s.later.borders = s.bordersIn(apart, nil)
	})
	return s.later.borders
}

// bordersIn returns the set of the borders between the areas of s, or between them and
// nothing. The topology of n is that of s, and gets the borders' paths.
func (s *Set) bordersIn(n *network, keeper Keeper) *Set {
	t := n.topology
	type use struct {
		item     uint32
		backward bool
	}
	uses := make([][]use, len(t.arcEnd))
	for i := range s.parts {
		p := &s.parts[i]
		if s.items[p.item].itemKind != kindPolygon {
			continue
		}
		for k := p.from; k < p.to; k++ {
			for _, ref := range t.path(k) {
				uses[max(ref, ^ref)] = append(uses[max(ref, ^ref)], use{p.item, ref < 0})
			}
		}
	}
	lines := map[borderKey][]int32{}
	var sides [2][2][]span // by reading, then side
	for arc, list := range uses {
		for _, u := range list {
			side := 0
			if u.backward {
				side = 1
			}
			sides[0][side] = append(sides[0][side], s.times.in(int(u.item), period.Possible))
			sides[1][side] = append(sides[1][side], s.times.in(int(u.item), period.Certain))
		}
		possible, certain := oneSided(sides[0]), oneSided(sides[1])
		add := func(key borderKey) { lines[key] = append(lines[key], int32(arc)) }
		for _, b := range possible {
			if !hasSpan(certain, b.valid) {
				add(borderKey{b, onlyPossible})
			}
		}
		for _, b := range certain {
			if hasSpan(possible, b.valid) {
				add(borderKey{b, both})
			} else {
				add(borderKey{b, onlyCertain})
			}
		}
		for r := range sides {
			sides[r][0], sides[r][1] = sides[r][0][:0], sides[r][1][:0]
		}
	}
	keys := make([]borderKey, 0, len(lines))
	for key := range lines {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, c borderKey) int {
		return cmp.Or(a.valid.compare(c.valid), cmp.Compare(a.reading, c.reading), a.alone.compare(c.alone))
	})
	out := newBuilder(s.borderOptions(), n, nil, keeper)
	out.set.border = true
	for _, key := range keys {
		out.borderItem(key, t.chains(lines[key]))
	}
	out.endItems()
	out.set.tree = out.boxes.Tree()
	return out.finish()
}

// borderOptions are those of the borders of s.
func (s *Set) borderOptions() Options {
	return Options{Layer: s.layer + ":border", Properties: []string{"reading", "alone_from", "alone_until"}, MinZoom: s.minZoom, MaxZoom: s.maxZoom, Small: Drop}
}

// borderItem adds one feature of lines, each a chain of arcs.
func (b *builder) borderItem(key borderKey, chains [][]int32) {
	s := b.set
	t := s.network.topology
	for _, refs := range chains {
		t.refs = append(t.refs, refs...)
		t.pathEnd = append(t.pathEnd, uint32(len(t.refs)))
		path := uint32(len(t.pathEnd) - 1)
		box := emptyBox()
		for _, ref := range refs {
			for _, p := range t.arc(int(max(ref, ^ref))) {
				box.add(p)
			}
		}
		s.parts = append(s.parts, part{item: uint32(len(s.items)), from: path, to: path + 1})
		b.boxes.Add(&rtree.Box{
			MinX: float64(box.minX), MinY: float64(box.minY), MaxX: float64(box.maxX), MaxY: float64(box.maxY),
			Start: key.valid.lo, End: key.valid.hi,
		})
	}
	ends := func(v span, from, until int) {
		if v.lo != math.MinInt64 {
			b.property(from, geo.IntValue(v.lo))
		}
		if v.hi != math.MaxInt64 {
			b.property(until, geo.IntValue(v.hi))
		}
	}
	ends(key.valid, keyValidFrom, keyValidUntil)
	b.property(len(reserved), geo.StringValue(key.reading.String()))
	ends(key.alone, len(reserved)+1, len(reserved)+2)
	certain := key.valid
	if key.reading == onlyPossible {
		certain = span{math.MaxInt64, math.MinInt64} // never
	}
	b.endItem(key.valid, certain)
	b.timed = true
	id, _ := b.ids.next(s.items, fmt.Sprint(key.valid, key.reading, key.alone), 0)
	s.items = append(s.items, item{
		id:       id,
		propEnd:  uint32(len(s.props)),
		partEnd:  uint32(len(s.parts)),
		itemKind: kindLine,
	})
	s.hasPaths = true
}

func hasSpan(list []border, v span) bool {
	return slices.ContainsFunc(list, func(b border) bool { return b.valid == v })
}

func (v span) compare(w span) int { return cmp.Or(cmp.Compare(v.lo, w.lo), cmp.Compare(v.hi, w.hi)) }

// oneSided returns the longest spans in which one of two sides is held and the other is
// not, ascending.
func oneSided(sides [2][]span) (out []border) {
	ends := []int64{math.MinInt64, math.MaxInt64}
	for _, list := range sides {
		for _, v := range list {
			if v.lo < v.hi {
				ends = append(ends, v.lo, v.hi)
			}
		}
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	held := func(side, i int) bool { // from ends[i] to the next
		return slices.ContainsFunc(sides[side], func(v span) bool { return v.lo <= ends[i] && ends[i+1] <= v.hi })
	}
	for i, hi := range ends[1:] {
		other := 0
		if held(0, i) {
			other = 1
		}
		if held(0, i) == held(1, i) {
			continue
		}
		from, to := i, i+1
		for from > 0 && !held(other, from-1) {
			from--
		}
		for to+1 < len(ends) && !held(other, to) {
			to++
		}
		b := border{span{ends[i], hi}, span{ends[from], ends[to]}}
		if n := len(out); n > 0 && out[n-1].valid.hi == b.valid.lo && out[n-1].alone == b.alone {
			out[n-1].valid.hi = hi
		} else {
			out = append(out, b)
		}
	}
	return out
}

// chains joins arcs to lines that go on where just two of them meet.
func (t *topology) chains(arcs []int32) (out [][]int32) {
	ends := func(ref int32) (from, to point) {
		a := t.arc(int(max(ref, ^ref)))
		if ref < 0 {
			return a[len(a)-1], a[0]
		}
		return a[0], a[len(a)-1]
	}
	begin := map[point][]int32{} // refs by where they begin, either way
	for _, a := range arcs {
		for _, ref := range [2]int32{a, ^a} {
			from, _ := ends(ref)
			begin[from] = append(begin[from], ref)
		}
	}
	used := map[int32]bool{}
	follow := func(ref int32) {
		var chain []int32
		for ref != none {
			chain = append(chain, ref)
			used[max(ref, ^ref)] = true
			_, to := ends(ref)
			ref = none
			if next := begin[to]; len(next) == 2 {
				for _, n := range next {
					if !used[max(n, ^n)] {
						ref = n
					}
				}
			}
		}
		out = append(out, chain)
	}
	for _, open := range [2]bool{true, false} { // lines first, what is left is rings
		for _, a := range arcs {
			for _, ref := range [2]int32{a, ^a} {
				if from, _ := ends(ref); !used[a] && (!open || len(begin[from]) != 2) {
					follow(ref)
				}
			}
		}
	}
	return out
}

const none = math.MinInt32
