package tile

import (
	"math"
	"math/bits"
	"slices"

	"kharita/geo/period"
	"kharita/geo/rtree"
)

// A scratch is what making one tile needs; a set keeps them for the next tile.
type scratch struct {
	hits   []uint32
	marked []uint64 // see sortHits
	pen    pen
	ring   []point
	clip   clipper

	keys, values numbering

	// of points:
	placed  []placed
	tagKeys []varint // of an item
	uses    []uint32 // of values, by number
	ranked  []ranked
}

// A numbering gives what a layer holds of the keys or values of the set numbers in the
// order of their first use.
type numbering struct {
	stamps []uint32 // of each of the set: base + its number; below base: it has none yet
	base   uint32
	used   []uint32 // by number
}

// begin begins another layer.
func (n *numbering) begin() {
	if n.base += uint32(len(n.used)); n.base == 0 || n.base > math.MaxUint32-uint32(len(n.stamps)) {
		clear(n.stamps)
		n.base = 1
	}
	n.used = n.used[:0]
}

func (n *numbering) number(i uint32) uint64 {
	if stamp := n.stamps[i]; stamp >= n.base {
		return uint64(stamp - n.base)
	}
	return n.add(i)
}

func (n *numbering) add(i uint32) (number uint64) {
	number = uint64(len(n.used))
	n.stamps[i] = n.base + uint32(number)
	n.used = append(n.used, i)
	return number
}

// Append appends the layer of the features of t in tile a that keep wants, and its layers
// of borders and of labels if the set has them: whole Layer messages with their tags (MVT
// 2.1 §4.1), each only if it has a feature. Features are in the order of the set. A nil
// keep wants all; keep may be asked about a row several times; borders come only if it is
// nil. Append allocates nothing but what dst needs to grow.
func (s *Set) Append(dst []byte, a Address, t Slice, keep func(row int) bool) []byte {
	if a.grid != s.network.grid || a.z < s.minZoom || a.z > s.maxZoom {
		return dst
	}
	sc := s.pool.Get().(*scratch)
	defer s.pool.Put(sc)
	valid := limits(t.Valid)
	w := layerWriter{set: s, sc: sc, reading: t.Reading, valid: valid, keep: keep}
	w.begin(dst, s.layer)
	s.find(sc, a, valid)
	if w.place(a) {
		w.points()
	} else {
		for item, parts := range s.found(sc) {
			if w.wants(item) {
				sc.pen.reset()
				s.draw(sc, s.items[item].itemKind, parts, a)
				w.feature(item, s.items[item].itemKind)
			}
		}
	}
	dst = w.end()
	if s.borders != nil && keep == nil {
		dst = s.borders.Append(dst, a, t, nil)
	}
	if s.labelLayer == "" {
		return dst
	}
	w.begin(dst, s.labelLayer)
	for item, at := range s.searchLabels(sc, a, valid) {
		if w.wants(item) {
			sc.pen.reset()
			sc.pen.points([]point{at})
			w.feature(item, kindPoint)
		}
	}
	return w.end()
}

// find puts in sc.hits the parts that may lie in tile a.
func (s *Set) find(sc *scratch, a Address, t span) {
	sc.find(s.tree, a, t, buffer+64) // simplifying moves no edge by so much
}

// found yields the items of the parts in sc.hits, in order, with these parts.
func (s *Set) found(sc *scratch) func(yield func(int, []uint32) bool) {
	return func(yield func(int, []uint32) bool) {
		for i := 0; i < len(sc.hits); {
			item := s.parts[sc.hits[i]].item
			j := i + 1
			for j < len(sc.hits) && s.parts[sc.hits[j]].item == item {
				j++
			}
			if !yield(int(item), sc.hits[i:j]) {
				return
			}
			i = j
		}
	}
}

// searchLabels yields the items whose labels lie in tile a, and where.
func (s *Set) searchLabels(sc *scratch, a Address, t span) func(yield func(int, point) bool) {
	return func(yield func(int, point) bool) {
		if s.labelLayer == "" {
			return
		}
		l := s.labels()
		f, gz := a.frame(), gridZoom(a.z)
		columns, rows := a.grid.Size(a.Z())
		sc.find(l.tree, a, t, 1)
		for _, i := range sc.hits {
			v := f.local(point{snap(l.at[i].x, gz), snap(l.at[i].y, gz)})
			// the edge between two tiles is of the one after it, as far as there is one
			if v.x < 0 || v.x > extent || v.x == extent && a.x < columns-1 ||
				v.y < 0 || v.y > extent || v.y == extent && a.y < rows-1 {
				continue
			}
			if !yield(int(l.items[i]), point{int32(v.x), int32(v.y)}) {
				return
			}
		}
	}
}

// Guess returns about how many bytes Append would append, for points: of what tile a holds
// of lines and polygons it counts the parts alone. It takes next to no time.
func (s *Set) Guess(a Address, t Slice) int {
	if a.grid != s.network.grid || a.z < s.minZoom || a.z > s.maxZoom {
		return 0
	}
	return featureSize * s.tree.Guess(a.box(limits(t.Valid), buffer))
}

// box returns the box of tile a and margin units around it on the world grid.
func (a Address) box(t span, margin float64) rtree.Box {
	unit := math.Ldexp(1, worldZoom-int(a.z))
	half := float64(int64(extent/2) << a.z)
	x, y := float64(a.x)*extent-half, float64(a.y)*extent-half
	return rtree.Box{
		MinX: (x - margin) * unit, MinY: (y - margin) * unit,
		MaxX: (x + extent + margin) * unit, MaxY: (y + extent + margin) * unit,
		Start: t.lo, End: t.hi,
	}
}

// find puts the numbers of what tree has in tile a and margin units around it in sc.hits,
// in order.
func (sc *scratch) find(tree *rtree.Tree, a Address, t span, margin float64) {
	sc.hits = sc.hits[:0]
	for i := range tree.Search(a.box(t, margin)) {
		sc.hits = append(sc.hits, uint32(i))
	}
	sc.sortHits(tree.Len())
}

// sortHits sorts sc.hits, of which there are at most n. Many are not sorted but marked
// in a bitmap and read off it.
func (sc *scratch) sortHits(n int) {
	if len(sc.hits) < 64 || len(sc.hits) < n/256 {
		slices.Sort(sc.hits)
		return
	}
	most := uint32(0)
	for _, h := range sc.hits {
		most = max(most, h)
	}
	words := int(most/64) + 1
	if len(sc.marked) < words {
		sc.marked = make([]uint64, words)
	}
	for _, h := range sc.hits {
		sc.marked[h/64] |= 1 << (h % 64)
	}
	sc.hits = sc.hits[:0]
	for i, w := range sc.marked[:words] {
		for ; w != 0; w &= w - 1 {
			sc.hits = append(sc.hits, uint32(i*64+bits.TrailingZeros64(w)))
		}
	}
	clear(sc.marked[:words])
}

const (
	featureSize = 48      // about so many bytes a feature takes, values included
	maxLength   = 5       // bytes that a length takes at most
	largeLayer  = 1 << 20 // bytes from which on to grow step by step would leave much garbage
)

// A layerWriter appends one Layer message.
type layerWriter struct {
	set     *Set
	sc      *scratch
	reading period.Reading
	valid   span
	keep    func(int) bool

	dst      []byte
	name     string
	start    int // of the message in dst
	left     int // bytes for its length
	features int
}

func (w *layerWriter) begin(dst []byte, name string) {
	w.dst, w.name, w.start, w.features = dst, name, len(dst), 0
	w.sc.keys.begin()
	w.sc.values.begin()
}

// wants tells whether an item that was found is to be written: the tree knows possible
// times only.
func (w *layerWriter) wants(item int) bool {
	s := w.set
	if w.reading == period.Certain && s.times.of != nil &&
		!s.times.in(item, w.reading).intersects(w.valid) {
		return false
	}
	return w.keep == nil || w.keep(int(s.items[item].row))
}

// open begins the message, of about so many features.
func (w *layerWriter) open(features int) {
	// the length comes at the end; guess how many bytes it takes, so that a layer of many
	// features need not be moved then
	size := features * featureSize
	w.left = min(sizeVarint(uint64(size)), maxLength)
	if w.keep == nil && size > largeLayer {
		w.dst = slices.Grow(w.dst, size+size/8)
	}
	w.dst = append(w.dst, tagTileLayer)
	w.dst = append(w.dst, zeros[:w.left]...)
	w.dst = append(w.dst, tagLayerVersion, 2)
	w.dst = appendString(w.dst, tagLayerName, w.name)
}

// feature appends an item with the geometry that the pen has written, if it has.
func (w *layerWriter) feature(item int, k kind) {
	s, sc := w.set, w.sc
	if len(sc.pen.out) == 0 {
		return
	}
	if w.features == 0 {
		w.open(len(sc.hits))
	}
	w.features++
	it := &s.items[item]
	dst := append(w.dst, tagLayerFeatures, 0)
	feature := len(dst)
	// The number comes after the tags: so what features have alike stands together, which
	// gzip makes smaller, and faster. The order of fields is free.
	if values := s.valuesOf(item); len(values) > 0 {
		dst = append(dst, tagFeatureTags, 0)
		tags := len(dst)
		for i, key := range s.shapes.keysOf(item) {
			dst = appendVarint(dst, sc.keys.number(key))
			dst = appendVarint(dst, sc.values.number(values[i]))
		}
		dst = endLength(dst, tags, 1)
	}
	dst = appendVarint(append(dst, tagFeatureID), it.id)
	dst = append(dst, tagFeatureType, byte(k))
	dst = appendBytes(dst, tagFeatureGeometry, sc.pen.out)
	w.dst = endLength(dst, feature, 1)
}

// end appends what follows the features and writes the message's length.
func (w *layerWriter) end() []byte {
	if w.features == 0 {
		return w.dst
	}
	dst, sc := w.dst, w.sc
	for _, k := range sc.keys.used {
		dst = append(dst, w.set.keys[k]...)
	}
	for _, v := range sc.values.used {
		dst = append(dst, w.set.values.get(v)...)
	}
	dst = appendVarint(append(dst, tagLayerExtent), extent)
	return endLength(dst, w.start+1+w.left, w.left)
}
