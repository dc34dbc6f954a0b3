package tiletest_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"kharita/geo/tile/tiletest"
)

// A message is a protocol buffer in the making.
type message []byte

func (m message) varint(field, v uint64) message {
	m = binary.AppendUvarint(m, field<<3)
	return binary.AppendUvarint(m, v)
}

func (m message) bytes(field uint64, b []byte) message {
	m = binary.AppendUvarint(m, field<<3|2)
	m = binary.AppendUvarint(m, uint64(len(b)))
	return append(m, b...)
}

func (m message) text(field uint64, s string) message { return m.bytes(field, []byte(s)) }

func packed(values ...int64) message {
	var m message
	for _, v := range values {
		m = binary.AppendUvarint(m, uint64(v))
	}
	return m
}

const (
	moveTo1 = 1<<3 | 1
	close1  = 1<<3 | 7
)

func lineTo(n int64) int64 { return n<<3 | 2 }

// geometry encodes commands and parameters: parameters come as they are, not zigzag.
func geometry(commands ...[]int64) message {
	var values []int64
	for _, c := range commands {
		values = append(values, c[0])
		for _, v := range c[1:] {
			values = append(values, (v<<1^v>>63)&0xffffffff)
		}
	}
	return packed(values...)
}

// ring encodes a ring that starts at x, y, relative to the ring before.
func ring(x, y int64, steps ...int64) [][]int64 {
	return [][]int64{{moveTo1, x, y}, append([]int64{lineTo(int64(len(steps) / 2))}, steps...), {close1}}
}

func feature(kind uint64, g message) message {
	return message{}.varint(1, 7).bytes(2, packed(0, 0)).varint(3, kind).bytes(4, g)
}

func polygon(rings ...[][]int64) message { return feature(3, geometry(slices.Concat(rings...)...)) }

func layer(features ...message) message {
	m := message{}.varint(15, 2).text(1, "l")
	for _, f := range features {
		m = m.bytes(2, f)
	}
	return m.text(3, "key").bytes(4, message{}.text(1, "value")).varint(5, 4096)
}

func tile(layers ...message) message {
	var m message
	for _, l := range layers {
		m = m.bytes(3, l)
	}
	return m
}

func TestRules(t *testing.T) {
	point := feature(1, geometry([]int64{moveTo1, 5, 5}))
	exterior := ring(0, 0, 10, 0, 0, 10, -10, 0) // ends at 0, 10
	small := ring(2, -8, 0, 2, 2, 0)             // an interior: (2,2) (2,4) (4,4)
	one := func(f message) message { return tile(layer(f)) }
	for _, c := range []struct {
		name string
		tile message
		want []tiletest.Rule
	}{
		{"nothing", nil, nil},
		{"point", one(point), nil},
		{"points", one(feature(1, geometry([]int64{2<<3 | 1, 5, 5, 0, 0}))), nil},
		{"lines", one(feature(2, geometry([]int64{moveTo1, 0, 0}, []int64{lineTo(1), 1, 1}, []int64{moveTo1, 5, 5}, []int64{lineTo(1), 1, 1}))), nil},
		{"polygon with a hole", one(polygon(exterior, small)), nil},
		{"two polygons", one(polygon(exterior, ring(20, 0, 5, 0, 0, 5))), nil},
		{"hole touching in a point", one(polygon(exterior, ring(0, -10, 3, 6, 3, -3))), nil},

		{"truncated", one(point)[:20], []tiletest.Rule{tiletest.Malformed}},
		{"no name", tile(message{}.varint(15, 2).bytes(2, feature(1, geometry([]int64{moveTo1, 5, 5}))[:0:0]).varint(5, 4096)), []tiletest.Rule{tiletest.LayerName, tiletest.GeometryMissing, tiletest.TypeMissing}},
		{"name twice", tile(layer(point), layer(point)), []tiletest.Rule{tiletest.LayerNameTwice}},
		{"no version", tile(layer(point)[2:]), []tiletest.Rule{tiletest.LayerVersion}},
		{"version 1", tile(append(message{15 << 3, 1}, layer(point)[2:]...)), []tiletest.Rule{tiletest.LayerVersion1}},
		{"no extent", tile(layer(point)[:len(layer(point))-3]), []tiletest.Rule{tiletest.LayerExtent}},
		{"no features", tile(layer()), []tiletest.Rule{tiletest.LayerEmpty}},
		{"key twice", tile(layer(point).text(3, "key")), []tiletest.Rule{tiletest.KeyTwice}},
		{"value twice", tile(layer(point).bytes(4, message{}.text(1, "value"))), []tiletest.Rule{tiletest.ValueTwice}},
		{"values of two types", tile(layer(point).bytes(4, message{}.varint(4, 1)).bytes(4, message{}.varint(5, 1))), nil},
		{"value without type", tile(layer(point).bytes(4, message{}.varint(9, 1))), []tiletest.Rule{tiletest.ValueType}},
		{"value with two", tile(layer(point).bytes(4, message{}.varint(4, 1).text(1, "x"))), []tiletest.Rule{tiletest.ValueType}},
		{"id twice", tile(layer(point, point)), []tiletest.Rule{tiletest.IDTwice}},
		{"no type", one(message{}.bytes(4, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.TypeMissing}},
		{"type 0", one(message{}.varint(3, 0).bytes(4, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.TypeUnknown}},
		{"no geometry", one(message{}.varint(3, 1)), []tiletest.Rule{tiletest.GeometryMissing}},
		{"geometry twice", one(append(slices.Clone(point), message{}.bytes(4, geometry([]int64{moveTo1, 5, 5}))...)), []tiletest.Rule{tiletest.FieldTwice, tiletest.Sequence}},
		{"odd tags", one(message{}.bytes(2, packed(0)).varint(3, 1).bytes(4, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.TagsOdd}},
		{"tags beyond", one(message{}.bytes(2, packed(0, 1)).varint(3, 1).bytes(4, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.TagsRange}},
		{"tag twice", one(message{}.bytes(2, packed(0, 0, 0, 0)).varint(3, 1).bytes(4, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.TagsTwice}},
		{"command 3", one(feature(1, geometry([]int64{1<<3 | 3, 5, 5}))), []tiletest.Rule{tiletest.Command}},
		{"count 0", one(feature(1, geometry([]int64{1, 5, 5}))), []tiletest.Rule{tiletest.Command}},
		{"close 2", one(feature(3, geometry([]int64{moveTo1, 0, 0}, []int64{lineTo(2), 1, 0, 0, 1}, []int64{2<<3 | 7}))), []tiletest.Rule{tiletest.Command}},
		{"parameter missing", one(feature(1, geometry([]int64{moveTo1, 5}))), []tiletest.Rule{tiletest.Parameters}},
		{"huge count", one(feature(1, geometry([]int64{1<<31 | 1, 5, 5}))), []tiletest.Rule{tiletest.Parameters}},
		{"point with line", one(feature(1, geometry([]int64{moveTo1, 5, 5}, []int64{lineTo(1), 1, 1}))), []tiletest.Rule{tiletest.Sequence}},
		{"line of one point", one(feature(2, geometry([]int64{moveTo1, 5, 5}))), []tiletest.Rule{tiletest.Sequence}},
		{"line closed", one(feature(2, geometry([]int64{moveTo1, 5, 5}, []int64{lineTo(2), 1, 1, 3, 1}, []int64{close1}))), []tiletest.Rule{tiletest.Sequence}},
		{"polygon not closed", one(feature(3, geometry([]int64{moveTo1, 5, 5}, []int64{lineTo(2), 1, 0, 0, 1}))), []tiletest.Rule{tiletest.Sequence}},
		{"polygon of two points", one(polygon(ring(0, 0, 1, 1))), []tiletest.Rule{tiletest.Sequence, tiletest.RingArea}},
		{"line standing still", one(feature(2, geometry([]int64{moveTo1, 5, 5}, []int64{lineTo(2), 1, 1, 0, 0}))), []tiletest.Rule{tiletest.ZeroLength}},
		{"first point repeated", one(polygon(ring(0, 0, 10, 0, 0, 10, -10, -10))), []tiletest.Rule{tiletest.RingClosing, tiletest.RingTouches}},
		{"flat ring", one(polygon(ring(0, 0, 10, 0, -5, 0))), []tiletest.Rule{tiletest.RingCrosses, tiletest.RingArea}},
		{"wrong way", one(polygon(ring(0, 0, 0, 10, 10, 0, 0, -10))), []tiletest.Rule{tiletest.RingFirst}},
		{"bow-tie", one(polygon(ring(0, 0, 10, 0, -10, 8, 8, 0))), []tiletest.Rule{tiletest.RingCrosses}},
		{"spike", one(polygon(ring(0, 0, 10, 0, 5, 0, -5, 0, 0, 10))), []tiletest.Rule{tiletest.RingTouches}},
		{"touching vertices", one(polygon(ring(0, 0, 5, 0, 0, 5, 5, 0, 0, 5, -5, 0, 0, -5, -5, 0))), []tiletest.Rule{tiletest.RingTouches}},
		{"touching an edge", one(polygon(ring(0, 0, 10, 0, 0, 10, -5, -10, -5, 10))), []tiletest.Rule{tiletest.RingTouches}},
		{"hole across", one(polygon(exterior, ring(8, -8, 0, 2, 6, 0))), []tiletest.Rule{tiletest.RingsIntersect}},
		{"hole outside", one(polygon(exterior, ring(20, 0, 0, 2, 2, 0))), []tiletest.Rule{tiletest.InteriorOutside}},
		{"hole in hole", one(polygon(exterior, ring(2, -8, 0, 7, 7, 0), ring(-5, -2, 0, 1, 1, 0))), []tiletest.Rule{tiletest.InteriorDisjoint}},
	} {
		var got []tiletest.Rule
		for _, v := range tiletest.Check(c.tile) {
			got = append(got, v.Rule)
			if v.String() == "" {
				t.Errorf("%s: violation without text", c.name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(tile(layer(feature(1, geometry([]int64{moveTo1, 5, 5}))))))
	f.Add([]byte(tile(layer(polygon(ring(0, 0, 10, 0, 0, 10, -10, 0))))))
	f.Fuzz(func(_ *testing.T, b []byte) { tiletest.Check(b) })
}
