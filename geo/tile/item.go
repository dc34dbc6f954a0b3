package tile

import (
	"math"
	"slices"

	"kharita/geo/period"
)

// An item is what becomes one feature of a tile: a feature, or the members of one
// kind of its geometry collection.
type item struct {
	id       uint64
	row      uint32
	propEnd  uint32 // in props; it starts where the item before ends
	partEnd  uint32 // in parts, likewise
	itemKind kind
}

// shapes are the lists of keys of which items have values, each kept once.
type shapes struct {
	of   []uint32 // of each item
	keys []uint32 // of all lists
	ends []uint32 // of each list in keys

	known map[string]uint32 // only while items are added: the lists, by their bytes
}

// keysOf returns the keys of which an item has values.
func (s *shapes) keysOf(item int) []uint32 {
	return s.list(s.of[item])
}

func (s *shapes) list(i uint32) []uint32 {
	var first uint32
	if i > 0 {
		first = s.ends[i-1]
	}
	return s.keys[first:s.ends[i]]
}

// add adds an item. Most are of the shape of the one before.
func (s *shapes) add(keys []uint32) {
	if n := len(s.of); n > 0 && slices.Equal(keys, s.keysOf(n-1)) {
		s.of = append(s.of, s.of[n-1])
		return
	}
	name := make([]byte, 0, 64)
	for _, k := range keys {
		name = appendVarint(name, uint64(k))
	}
	i, ok := s.known[string(name)]
	if !ok {
		if s.known == nil {
			s.known = map[string]uint32{}
		}
		i = uint32(len(s.ends))
		s.known[string(name)] = i
		s.keys = append(s.keys, keys...)
		s.ends = append(s.ends, uint32(len(s.keys)))
	}
	s.of = append(s.of, i)
}

// valuesOf returns the numbers of an item's values.
func (s *Set) valuesOf(item int) []uint32 {
	var first uint32
	if item > 0 {
		first = s.items[item-1].propEnd
	}
	return s.props[first:s.items[item].propEnd]
}

// times are the valid times of items. Those that many have are kept once.
type times struct {
	of                []uint32 // of each item, in the others; nil: all hold always
	possible, certain []span   // certain is nil if it is as possible

	known map[[2]span]uint32 // only while items are added
}

const maxTimes = 1 << 16 // that are looked for again

// A span is a period as its limits; see period.Period.Limits.
type span struct{ lo, hi int64 }

func limits(p period.Period) span {
	lo, hi := p.Limits()
	return span{int64(lo), int64(hi)}
}

var always = span{math.MinInt64, math.MaxInt64} //nolint:gochecknoglobals // constant

func (t *times) in(item int, r period.Reading) span {
	if t.of == nil {
		return always
	}
	i := t.of[item]
	if r == period.Certain && t.certain != nil {
		return t.certain[i]
	}
	return t.possible[i]
}

// add adds an item.
func (t *times) add(possible, certain span) {
	both := [2]span{possible, certain}
	i, ok := t.known[both]
	if !ok {
		i = uint32(len(t.possible))
		if t.known == nil {
			t.known = map[[2]span]uint32{}
		}
		if len(t.known) < maxTimes {
			t.known[both] = i
		}
		if t.certain == nil && certain != possible {
			t.certain = append([]span{}, t.possible...)
		}
		t.possible = append(t.possible, possible)
		if t.certain != nil {
			t.certain = append(t.certain, certain)
		}
	}
	t.of = append(t.of, i)
}

func (a span) intersects(b span) bool { return a.lo < b.hi && b.lo < a.hi }

// A part is a point, a line or a polygon of an item.
type part struct {
	item     uint32
	from, to uint32  // paths of the network: none of a point, or of what is no longer than one
	at       point   // the point, or the middle of the part
	size     float32 // to compare parts of an item by
}
