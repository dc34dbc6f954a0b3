package tile

import (
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

// points appends the items that were placed, which are of points alone. Since there may be
// many, it looks at their values twice: those that many have get the lowest numbers. These
// take one byte, and what features have alike is the same number in more of them, so that
// gzip makes them smaller, and faster.
func (w *layerWriter) points() {
	s, sc := w.set, w.sc
	if len(sc.placed) == 0 {
		return
	}
	w.open(len(sc.placed))
	w.numberValues()
	numbers := sc.numbers
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
		values := numbers[:len(keys)]
		numbers = numbers[len(keys):]
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
				n = putVarint(b, n, key.then(sc.varints[values[k]]))
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

// often is in how many features a value is that gets a low number for it.
const often = 4

// numberValues numbers the values of what was placed: sc.numbers has those of its tags one
// after the other, by first use, and sc.varints what stands for each in the tile.
func (w *layerWriter) numberValues() {
	s, sc := w.set, w.sc
	numbers, uses := sc.numbers[:0], sc.uses[:0]
	stamps, base, used := sc.values.stamps, sc.values.base, sc.values.used
	last := -1
	for i := range sc.placed {
		item := int(sc.placed[i].item)
		if item == last {
			continue
		}
		last = item
		for _, v := range s.valuesOf(item) {
			n := stamps[v] - base // far too much if it has no number yet
			if n >= uint32(len(uses)) {
				n = uint32(len(uses))
				stamps[v] = base + n
				used, uses = append(used, v), append(uses, 0)
			}
			uses[n]++
			numbers = append(numbers, n)
		}
	}
	sc.numbers, sc.uses = numbers, uses
	sc.ranked = sc.ranked[:0]
	for n, uses := range sc.uses {
		if uses >= often {
			sc.ranked = append(sc.ranked, uint64(uses)<<32|uint64(^uint32(n)))
		}
	}
	slices.Sort(sc.ranked)
	sc.varints = slices.Grow(sc.varints[:0], len(sc.uses))[:len(sc.uses)]
	sc.values.used = sc.spare[:0]
	give := func(n int) {
		sc.varints[n] = varintOf(uint64(len(sc.values.used)))
		sc.values.used = append(sc.values.used, used[n])
	}
	for _, r := range slices.Backward(sc.ranked) {
		give(int(^uint32(r)))
	}
	for n, uses := range sc.uses {
		if uses < often {
			give(n)
		}
	}
	sc.spare = used
}
