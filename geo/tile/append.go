package tile

import (
	"math"
	"slices"

	"kharita/geo/period"
	"kharita/geo/rtree"
)

// A scratch is what making one tile needs; sets keep them for the next tile.
type scratch struct {
	hits   []int32
	pen    pen
	tags   []byte
	ring   []point
	clip   clipper
	gen    uint32  // of the current layer
	keys   []stamp // by key of the set
	values []stamp // by value of the set
	newKey []uint32
	newVal []uint32
}

// A stamp gives a key or value of the set its number in the layer of generation gen.
type stamp struct{ gen, number uint32 }

func (sc *scratch) begin() {
	if sc.gen++; sc.gen == 0 {
		clear(sc.keys)
		clear(sc.values)
		sc.gen = 1
	}
	sc.newKey, sc.newVal = sc.newKey[:0], sc.newVal[:0]
}

func (sc *scratch) number(of []stamp, i uint32, list *[]uint32) uint64 {
	if st := &of[i]; st.gen != sc.gen {
		*st = stamp{sc.gen, uint32(len(*list))}
		*list = append(*list, i)
	}
	return uint64(of[i].number)
}

// Append appends the layer of the features of t in tile a that keep wants: a whole
// Layer message with its tag, or nothing if there is no feature. A nil keep wants all;
// it is asked by row, at most once for each item. Append allocates only what dst
// needs to grow.
func (s *Set) Append(dst []byte, a Address, t Slice, keep func(row int) bool) []byte {
	if a.z < s.minZoom || a.z > s.maxZoom {
		return dst
	}
	sc := s.pool.Get().(*scratch)
	defer s.pool.Put(sc)
	s.search(sc, a, limits(t.Valid))
	return s.appendLayer(dst, sc, a, t, keep)
}

// search puts the parts that may touch tile a in sc.hits, in order.
func (s *Set) search(sc *scratch, a Address, t span) {
	const margin = buffer + 64 // simplifying moves an edge by less
	unit := math.Ldexp(1, worldZoom-int(a.z))
	half := float64(int64(extent/2) << a.z)
	x, y := float64(a.x)*extent-half, float64(a.y)*extent-half
	box := rtree.Box{
		MinX: (x - margin) * unit, MinY: (y - margin) * unit,
		MaxX: (x + extent + margin) * unit, MaxY: (y + extent + margin) * unit,
		Start: t.lo, End: t.hi,
	}
	sc.hits = sc.hits[:0]
	for i := range s.tree.Search(box) {
		sc.hits = append(sc.hits, int32(i))
	}
	slices.Sort(sc.hits)
}

func (s *Set) appendLayer(dst []byte, sc *scratch, a Address, t Slice, keep func(int) bool) []byte {
	start := len(dst)
	sc.begin()
	valid := limits(t.Valid)
	features := 0
	for i := 0; i < len(sc.hits); {
		n := s.parts[sc.hits[i]].item
		j := i + 1
		for j < len(sc.hits) && s.parts[sc.hits[j]].item == n {
			j++
		}
		parts := sc.hits[i:j]
		i = j
		it := &s.items[n]
		if t.Reading == period.Certain && s.times != nil && !s.times[n].certain.intersects(valid) {
			continue
		}
		if keep != nil && !keep(int(it.row)) {
			continue
		}
		sc.pen.reset()
		s.draw(sc, it.itemKind, parts, a)
		if len(sc.pen.out) == 0 {
			continue
		}
		if features++; features == 1 {
			dst = append(dst, tagTileLayer, 0, 0, 0, 0, 0) // length: see finishLayer
			dst = append(dst, tagLayerVersion, 2)
			dst = appendString(dst, tagLayerName, s.layer)
		}
		dst = s.appendFeature(dst, sc, int(n))
	}
	if features == 0 {
		return dst[:start]
	}
	return s.finishLayer(dst, sc, start)
}

func (s *Set) appendFeature(dst []byte, sc *scratch, n int) []byte {
	it := &s.items[n]
	var first uint32
	if n > 0 {
		first = s.items[n-1].propEnd
	}
	sc.tags = sc.tags[:0]
	for _, p := range s.props[first:it.propEnd] {
		sc.tags = appendVarint(sc.tags, sc.number(sc.keys, p.key, &sc.newKey))
		sc.tags = appendVarint(sc.tags, sc.number(sc.values, p.value, &sc.newVal))
	}
	tags, geometry := uint64(len(sc.tags)), uint64(len(sc.pen.out))
	size := 1 + sizeVarint(it.id) + 2 + 1 + sizeVarint(geometry) + int(geometry)
	if tags > 0 {
		size += 1 + sizeVarint(tags) + int(tags)
	}
	dst = appendVarint(append(dst, tagLayerFeatures), uint64(size))
	dst = appendVarint(append(dst, tagFeatureID), it.id)
	if tags > 0 {
		dst = appendBytes(dst, tagFeatureTags, sc.tags)
	}
	dst = append(dst, tagFeatureType, byte(it.itemKind))
	return appendBytes(dst, tagFeatureGeometry, sc.pen.out)
}

// finishLayer appends what follows the features and writes the layer's length, for
// which five bytes were left, moving the layer if it needs fewer.
func (s *Set) finishLayer(dst []byte, sc *scratch, start int) []byte {
	for _, k := range sc.newKey {
		dst = append(dst, s.keys[k]...)
	}
	for _, v := range sc.newVal {
		dst = append(dst, s.values.get(v)...)
	}
	dst = appendVarint(append(dst, tagLayerExtent), extent)
	const left = 5
	body := dst[start+1+left:]
	n := uint64(len(body))
	gap := left - sizeVarint(n)
	appendVarint(dst[:start+1], n)
	copy(dst[start+1+left-gap:], body)
	return dst[:len(dst)-gap]
}

// Stable returns the longest period around the start of t.Valid in which what Append
// appends for an instant does not change: the epoch of the tile, open where nothing
// ever changes. A t.Valid without start stands for the beginning of time.
func (s *Set) Stable(a Address, t Slice) period.Period {
	if t.Valid.IsNever() {
		return period.Never
	}
	if s.times == nil || a.z < s.minZoom || a.z > s.maxZoom {
		return period.Period{}
	}
	sc := s.pool.Get().(*scratch)
	defer s.pool.Put(sc)
	all := span{math.MinInt64, math.MaxInt64}
	s.search(sc, a, all)
	at, _ := t.Valid.Limits()
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	for i := 0; i < len(sc.hits); {
		n := s.parts[sc.hits[i]].item
		j := i + 1
		for j < len(sc.hits) && s.parts[sc.hits[j]].item == n {
			j++
		}
		parts := sc.hits[i:j]
		i = j
		valid := s.times[n].possible
		if t.Reading == period.Certain {
			valid = s.times[n].certain
		}
		nlo, nhi := lo, hi
		for _, end := range [2]int64{valid.lo, valid.hi} {
			switch {
			case !valid.intersects(all):
			case end <= int64(at):
				nlo = max(nlo, end)
			default:
				nhi = min(nhi, end)
			}
		}
		if nlo == lo && nhi == hi {
			continue
		}
		sc.pen.reset()
		if s.draw(sc, s.items[n].itemKind, parts, a); len(sc.pen.out) > 0 {
			lo, hi = nlo, nhi
		}
	}
	return period.Between(period.Instant(lo), period.Instant(hi))
}
