package tile

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"

	"kharita/geo"
)

// Wire types of protocol buffers that tiles use.
const (
	wireVarint = iota
	wireFixed64
	wireBytes
)

// Tags of the fields of MVT 2.1 §4: field number << 3 + wire type.
const (
	tagTileLayer = 3<<3 + wireBytes

	tagLayerName     = 1<<3 + wireBytes
	tagLayerFeatures = 2<<3 + wireBytes
	tagLayerKeys     = 3<<3 + wireBytes
	tagLayerValues   = 4<<3 + wireBytes
	tagLayerExtent   = 5<<3 + wireVarint
	tagLayerVersion  = 15<<3 + wireVarint

	tagFeatureID       = 1<<3 + wireVarint
	tagFeatureTags     = 2<<3 + wireBytes
	tagFeatureType     = 3<<3 + wireVarint
	tagFeatureGeometry = 4<<3 + wireBytes

	tagValueString = 1<<3 + wireBytes
	tagValueDouble = 3<<3 + wireFixed64
	tagValueUint   = 5<<3 + wireVarint
	tagValueSint   = 6<<3 + wireVarint
	tagValueBool   = 7<<3 + wireVarint
)

// Commands of geometry (MVT 2.1 §4.3.1).
const (
	cmdMoveTo    = 1
	cmdLineTo    = 2
	cmdClosePath = 7
)

// kind is the type of a feature's geometry as MVT numbers it (§4.3.4).
type kind uint8

const (
	kindPoint   kind = 1
	kindLine    kind = 2
	kindPolygon kind = 3
)

func appendVarint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

// A varint is one or several varints in a word: their bytes, the first lowest, and in the
// highest byte how many there are, at most seven.
type varint uint64

// varintOf returns v, of less than 50 bits, as a varint. Whether a small number takes one
// byte or two, no processor can guess; so it asks for neither.
func varintOf(v uint64) varint {
	if v >= 1<<14 {
		return longVarint(v)
	}
	high := v >> 7
	two := (high + 127) >> 7 // 1 if it takes two
	return varint(v&127 | two<<7 | high<<8 | (1+two)<<56)
}

func longVarint(v uint64) (word varint) {
	n := 0
	for ; v >= 1<<7; v >>= 7 {
		word |= varint(v&127|128) << (8 * n & 63)
		n++
	}
	return word | varint(v)<<(8*n&63) | varint(n+1)<<56
}

func (v varint) len() int { return int(v >> 56) }

// then returns v and w after it.
func (v varint) then(w varint) varint {
	const bytes = 1<<56 - 1
	return v&bytes | (w&bytes)<<(8*v.len()&63) | (v>>56+w>>56)<<56
}

// putVarint writes v at b[at:], which has eight bytes and more, and returns where it ends.
func putVarint(b []byte, at int, v varint) int {
	binary.LittleEndian.PutUint64(b[at:], uint64(v))
	return at + v.len()
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func sizeVarint(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

func appendBytes(dst []byte, tag byte, b []byte) []byte {
	dst = appendVarint(append(dst, tag), uint64(len(b)))
	return append(dst, b...)
}

var zeros [maxLength]byte //nolint:gochecknoglobals // constant

// endLength writes the length of dst[start:] before it, where left bytes were left for it,
// and moves what follows if the length takes more or fewer.
func endLength(dst []byte, start, left int) []byte {
	n := len(dst) - start
	size := sizeVarint(uint64(n))
	if size != left {
		dst = append(dst, zeros[:max(size-left, 0)]...)
		copy(dst[start+size-left:], dst[start:start+n])
		dst = dst[:start+size-left+n]
	}
	binary.PutUvarint(dst[start-left:], uint64(n))
	return dst
}

func appendString(dst []byte, tag byte, s string) []byte {
	dst = appendVarint(append(dst, tag), uint64(len(s)))
	return append(dst, s...)
}

// appendValue appends v as a Value message (MVT 2.1 §4.4) or nothing where a tile
// has no type for it: null, arrays and objects, numbers that are not finite. Equal
// numbers of one kind have one encoding, so that values of a layer do not repeat.
// Whole numbers beyond 32 bits that a double has exactly come as one: to JavaScript
// they are the same, and QGIS before 3.44 cuts others to 32 bits.
func appendValue(dst []byte, v geo.Value) []byte {
	switch v.Kind() {
	case geo.Bool:
		dst = append(dst, tagValueBool, 0)
		if v.Bool() {
			dst[len(dst)-1] = 1
		}
	case geo.Int:
		switch i, _ := v.Int(); {
		case i != int64(int32(i)) && i > -1<<53 && i < 1<<53:
			dst = binary.LittleEndian.AppendUint64(append(dst, tagValueDouble), math.Float64bits(float64(i)))
		case i < 0:
			dst = appendVarint(append(dst, tagValueSint), zigzag(i))
		default:
			dst = appendVarint(append(dst, tagValueUint), uint64(i))
		}
	case geo.Float:
		f, _ := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return dst
		}
		dst = binary.LittleEndian.AppendUint64(append(dst, tagValueDouble), math.Float64bits(f+0)) // -0 + 0 is 0
	case geo.String:
		dst = appendString(dst, tagValueString, v.Text())
	}
	return dst
}

// A pen writes the commands of one feature's geometry (MVT 2.1 §4.3).
type pen struct {
	out  []byte
	x, y int32 // cursor
}

func (p *pen) reset() { p.out, p.x, p.y = p.out[:0], 0, 0 }

func (p *pen) command(id, count int) {
	p.out = appendVarint(p.out, uint64(count<<3|id))
}

func (p *pen) to(q point) {
	p.out = appendVarint(p.out, zigzag(int64(q.x)-int64(p.x)))
	p.out = appendVarint(p.out, zigzag(int64(q.y)-int64(p.y)))
	p.x, p.y = q.x, q.y
}

// points writes a point or multipoint.
func (p *pen) points(pts []point) {
	p.command(cmdMoveTo, len(pts))
	for _, q := range pts {
		p.to(q)
	}
}

// line writes one line of at least two points, no two neighbours equal.
func (p *pen) line(pts []point) {
	p.command(cmdMoveTo, 1)
	p.to(pts[0])
	p.command(cmdLineTo, len(pts)-1)
	for _, q := range pts[1:] {
		p.to(q)
	}
}

// ring writes a ring of at least three points, the first not repeated at the end.
func (p *pen) ring(pts []point) {
	p.line(pts)
	p.command(cmdClosePath, 1)
}

// A table interns the values of a set, each as the bytes that tiles hold.
type table struct {
	bytes []byte
	ends  []uint64 // of value i in bytes

	// only while the set is built:
	slots   []uint32 // a hash table of numbers of values + 1
	seed    maphash.Seed
	scratch [2][]byte
}

// add returns the number of v; ok is false if tiles can't hold v.
func (t *table) add(v geo.Value) (n uint32, ok bool) {
	t.scratch[0] = appendValue(t.scratch[0][:0], v)
	if len(t.scratch[0]) == 0 {
		return 0, false
	}
	if 2*len(t.ends) >= len(t.slots) {
		t.grow()
	}
	b := appendBytes(t.scratch[1][:0], tagLayerValues, t.scratch[0])
	t.scratch[1] = b
	slot := t.slot(b)
	if *slot == 0 {
		t.bytes = append(t.bytes, b...)
		t.ends = append(t.ends, uint64(len(t.bytes)))
		*slot = uint32(len(t.ends))
	}
	return *slot - 1, true
}

// slot returns where the number of b is, or has to be put.
func (t *table) slot(b []byte) *uint32 {
	mask := uint64(len(t.slots) - 1)
	for h := maphash.Bytes(t.seed, b) & mask; ; h = (h + 1) & mask {
		if s := &t.slots[h]; *s == 0 || bytes.Equal(t.get(*s-1), b) {
			return s
		}
	}
}

func (t *table) grow() {
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
	}
	t.slots = make([]uint32, max(64, 2*len(t.slots)))
	for i := range t.ends {
		*t.slot(t.get(uint32(i))) = uint32(i) + 1
	}
}

// done lets go of what adding needs.
func (t *table) done() {
	t.bytes, t.ends = slices.Clip(t.bytes), slices.Clip(t.ends)
	t.slots, t.scratch = nil, [2][]byte{}
}

// get returns value i with its tag and length, as it stands in a layer.
func (t *table) get(i uint32) []byte {
	var start uint64
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.bytes[start:t.ends[i]]
}
