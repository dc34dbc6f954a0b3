package tile

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A placed is a point of an item, in a tile's units.
type placed struct {
	item uint32
	at   point
}

// place puts in sc.placed what tile a holds of the points that were found; false if not all
// that was found are points.
func (w *layerWriter) place(a Address) bool {
	s, sc := w.set, w.sc
	f, gz := a.frame(), gridZoom(a.z)
	sc.placed = sc.placed[:0]
	for _, hit := range sc.hits {
		p := &s.parts[hit]
		if s.items[p.item].itemKind != kindPoint {
			return false
		}
		v := f.local(point{snap(p.at.x, gz), snap(p.at.y, gz)})
		if inside(v) && w.wants(int(p.item)) {
			sc.placed = append(sc.placed, placed{p.item, point{int32(v.x), int32(v.y)}})
		}
	}
	return true
}

// points appends the items that were placed, which are of points alone. The values that most
// have get the lowest numbers: these take one byte, and features are more alike, so that gzip
// makes them smaller, and faster.
func (w *layerWriter) points() {
	s, sc := w.set, w.sc
	if len(sc.placed) == 0 {
		return
	}
	w.open(len(sc.placed))
	w.numberCommon()
	shape := -1 // that keys are of
	for i := 0; i < len(sc.placed); {
		item, first := int(sc.placed[i].item), i
		for i < len(sc.placed) && int(sc.placed[i].item) == item {
			i++
		}
		w.features++
		if of := int(s.shapes.of[item]); of != shape {
			shape = of
			sc.tagKeys = sc.tagKeys[:0]
			for _, k := range s.shapes.keysOf(item) {
				sc.tagKeys = append(sc.tagKeys, varintOf(sc.keys.number(k)))
			}
		}
		keys := sc.tagKeys
		values := s.valuesOf(item)
		w.dst = slices.Grow(w.dst, 64+2*maxLength*(len(keys)+i-first))
		b := w.dst[:cap(w.dst)]
		feature := len(w.dst) + 2
		b[feature-2] = tagLayerFeatures
		n := feature
		if len(keys) > 0 {
			// The number comes after the tags: so what features have alike stands together. The
			// order of fields is free.
			b[n] = tagFeatureTags
			tags := n + 2
			n = tags
			for k, key := range keys {
				n = putVarint(b, n, key.then(varintOf(sc.values.number(values[k]))))
			}
			n = len(endLength(b[:n], tags, 1))
		}
		b[n] = tagFeatureID
		n += 1 + binary.PutUvarint(b[n+1:], s.items[item].id)
		b[n], b[n+1], b[n+2] = tagFeatureType, byte(kindPoint), tagFeatureGeometry
		geometry := n + 4
		n = putVarint(b, geometry, varintOf(uint64(i-first)<<3|cmdMoveTo))
		var cursor point
		for _, p := range sc.placed[first:i] {
			n = putVarint(b, n, varintOf(zigzag(int64(p.at.x)-int64(cursor.x))))
			n = putVarint(b, n, varintOf(zigzag(int64(p.at.y)-int64(cursor.y))))
			cursor = p.at
		}
		n = len(endLength(b[:n], geometry, 1))
		w.dst = endLength(b[:n], feature, 1)
	}
}

const (
	sampled = 2048 // points, about, that tell what many have
	often   = 4    // of them have a value that gets a low number for it
)

// numberCommon gives the first numbers to the values that most of a sample of what was
// placed have, the most frequent first.
func (w *layerWriter) numberCommon() {
	s, sc := w.set, w.sc
	uses := sc.uses[:0]
	for i := 0; i < len(sc.placed); i += 1 + len(sc.placed)/sampled {
		for _, v := range s.valuesOf(int(sc.placed[i].item)) {
			n := int(sc.values.number(v))
			if n == len(uses) {
				uses = append(uses, 0)
			}
			uses[n]++
		}
	}
	sc.uses, sc.ranked = uses, sc.ranked[:0]
	for n, uses := range uses {
		if uses >= often {
			sc.ranked = append(sc.ranked, ranked{uses, sc.values.used[n]})
		}
	}
	sc.values.begin()
	slices.SortStableFunc(sc.ranked, func(a, b ranked) int { return cmp.Compare(b.uses, a.uses) })
	for _, r := range sc.ranked {
		sc.values.number(r.value)
	}
}

// A ranked is a value of the set, and how many of a sample have it.
type ranked struct{ uses, value uint32 }
