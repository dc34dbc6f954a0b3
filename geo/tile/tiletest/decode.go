// Package tiletest checks vector tiles against the Mapbox Vector Tile
// specification 2.1, for tests.
//
// It shares no code with the encoder that it checks: it reads protocol buffers by
// itself and does its own geometry, plainly rather than fast.
package tiletest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Tile is a decoded tile.
type Tile struct{ Layers []Layer }

// A Layer is a decoded layer.
type Layer struct {
	Name     string
	Version  uint64
	Extent   uint64
	Features []Feature
}

// A Feature is a decoded feature. Values of Properties are string, float32, float64,
// int64, uint64 or bool, as the tile types them.
type Feature struct {
	ID         uint64
	HasID      bool
	Type       uint64 // 1 point, 2 line, 3 polygon
	Properties map[string]any
	Paths      [][]Point // all points in one path; each line; each ring, not closed
}

// A Point is a place in units of the tile, y southwards.
type Point struct{ X, Y int64 }

// Area2 returns twice the signed area of a ring: positive for an exterior.
func Area2(ring []Point) int64 {
	var sum int64
	for i, b := range ring {
		a := ring[(i+len(ring)-1)%len(ring)]
		sum += a.X*b.Y - b.X*a.Y
	}
	return sum
}

// A Rule is a sentence of the specification, in short, with its section.
type Rule string

// The rules. MUST and SHOULD alike are rules here; see Tolerable.
const (
	Malformed        Rule = "protocol buffer is malformed (§4)"
	LayerName        Rule = "layer has no name (§4.1)"
	LayerNameTwice   Rule = "two layers have one name (§4.1)"
	LayerVersion     Rule = "layer has no version, or one that does not exist (§4.1)"
	LayerVersion1    Rule = "layer is of version 1 of the specification (§4.1)"
	LayerExtent      Rule = "layer has no extent (§4.1)"
	LayerEmpty       Rule = "layer has no features (§4.1)"
	KeyTwice         Rule = "key is listed twice (§4.1)"
	ValueTwice       Rule = "value is listed twice (§4.1)"
	ValueType        Rule = "value does not hold exactly one type (§4.1)"
	IDTwice          Rule = "two features have one id (§4.2)"
	TypeMissing      Rule = "feature has no geometry type, or one that does not exist (§4.2)"
	TypeUnknown      Rule = "feature has the geometry type UNKNOWN (§4.3.4.1)"
	FieldTwice       Rule = "field is there twice (§4)"
	GeometryMissing  Rule = "feature has no geometry (§4.2)"
	TagsOdd          Rule = "tags are not pairs (§4.4)"
	TagsRange        Rule = "tag points beyond the keys or values (§4.4)"
	TagsTwice        Rule = "feature has one key twice (§4.4)"
	Command          Rule = "command is unknown or has a wrong count (§4.3.1)"
	Parameters       Rule = "commands and parameters do not match (§4.3.2)"
	Sequence         Rule = "command is not allowed here (§4.3.4)"
	ZeroLength       Rule = "line segment has no length (§4.3.3.2)"
	RingClosing      Rule = "last point of a ring repeats its first (§4.3.3.3)"
	RingArea         Rule = "ring has no area (§4.3.4.4)"
	RingFirst        Rule = "polygon does not begin with an exterior ring (§4.3.4.4)"
	RingCrosses      Rule = "ring crosses itself (§4.3.4.4)"
	RingTouches      Rule = "ring touches itself (§4.3.4.4)"
	RingsIntersect   Rule = "rings of a polygon intersect (§4.3.4.4)"
	InteriorOutside  Rule = "interior ring is not inside its exterior ring (§4.3.4.4)"
	InteriorDisjoint Rule = "interior ring lies in another interior ring (§4.3.4.4)"
)

// Tolerable tells whether decoders are to read a tile that breaks the rule: the
// specification says SHOULD, or the schema has a default.
func (r Rule) Tolerable() bool {
	switch r {
	case LayerVersion1, LayerExtent, LayerEmpty, TypeUnknown, IDTwice, KeyTwice, ValueTwice, RingArea:
		return true
	}
	return false
}

// A Violation is a rule broken at a place.
type Violation struct {
	Rule    Rule
	Layer   string
	Feature int // its number in the layer; -1: the layer itself
	Detail  string
}

func (v Violation) String() string {
	return fmt.Sprintf("layer %q: feature %d: %s: %s", v.Layer, v.Feature, v.Rule, v.Detail)
}

// Check returns every violation of the specification in a tile.
func Check(tile []byte) []Violation {
	_, violations := Decode(tile)
	return violations
}

// Decode returns what can be read of a tile, and every violation in it.
func Decode(tile []byte) (Tile, []Violation) {
	var t Tile
	c := &checker{feature: -1}
	seen := map[string]bool{}
	err := fields(tile, func(f field) error {
		if f.number != 3 {
			return nil
		}
		if f.wire != 2 {
			return errWire
		}
		l := c.decodeLayer(f.bytes)
		if seen[l.Name] {
			c.report(LayerNameTwice, "")
		}
		seen[l.Name] = true
		t.Layers = append(t.Layers, l)
		return nil
	})
	c.malformed(err)
	return t, c.violations
}

type checker struct {
	violations []Violation
	layer      string
	feature    int
}

func (c *checker) report(r Rule, format string, args ...any) {
	c.violations = append(c.violations, Violation{r, c.layer, c.feature, fmt.Sprintf(format, args...)})
}

func (c *checker) malformed(err error) {
	if err != nil {
		c.report(Malformed, "%v", err)
	}
}

var (
	errWire      = errors.New("wrong wire type")
	errTruncated = errors.New("truncated")
)

// A field is one field of a message: bits for wire types 0, 1 and 5, bytes for 2.
type field struct {
	number uint64
	wire   uint8
	bits   uint64
	bytes  []byte
}

func fields(b []byte, visit func(field) error) error {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return errTruncated
		}
		b = b[n:]
		f := field{number: key >> 3, wire: uint8(key & 7)}
		if f.number == 0 {
			return errors.New("field number 0")
		}
		switch f.wire {
		case 0:
			if f.bits, n = binary.Uvarint(b); n <= 0 {
				return errTruncated
			}
			b = b[n:]
		case 1:
			if len(b) < 8 {
				return errTruncated
			}
			f.bits, b = binary.LittleEndian.Uint64(b), b[8:]
		case 2:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return errTruncated
			}
			f.bytes, b = b[n:n+int(size)], b[n+int(size):]
		case 5:
			if len(b) < 4 {
				return errTruncated
			}
			f.bits, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			return errWire
		}
		if err := visit(f); err != nil {
			return fmt.Errorf("field %d: %w", f.number, err)
		}
	}
	return nil
}

// numbers reads a repeated uint32, packed or not.
func numbers(f field, list []uint32) ([]uint32, error) {
	if f.wire == 0 {
		return append(list, uint32(f.bits)), nil
	}
	if f.wire != 2 {
		return list, errWire
	}
	for b := f.bytes; len(b) > 0; {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			return list, errTruncated
		}
		list, b = append(list, uint32(v)), b[n:]
	}
	return list, nil
}

func (c *checker) decodeLayer(b []byte) Layer {
	var (
		l                  Layer
		hasName, hasExtent bool
		hasVersion         bool
		keys               []string
		values             []any
		features           [][]byte
	)
	c.layer, c.feature = "", -1
	err := fields(b, func(f field) error {
		wire := map[uint64]uint8{15: 0, 1: 2, 2: 2, 3: 2, 4: 2, 5: 0}
		if want, known := wire[f.number]; known && f.wire != want {
			return errWire
		}
		switch f.number {
		case 15:
			l.Version, hasVersion = f.bits, true
		case 1:
			l.Name, hasName = string(f.bytes), true
			c.layer = l.Name
		case 2:
			features = append(features, f.bytes)
		case 3:
			if slices.Contains(keys, string(f.bytes)) {
				c.report(KeyTwice, "%q", f.bytes)
			}
			keys = append(keys, string(f.bytes))
		case 4:
			values = append(values, c.decodeValue(f.bytes))
		case 5:
			l.Extent, hasExtent = f.bits, true
		}
		return nil
	})
	c.malformed(err)
	if !hasName || l.Name == "" {
		c.report(LayerName, "")
	}
	switch {
	case hasVersion && l.Version == 1:
		c.report(LayerVersion1, "")
	case !hasVersion || l.Version != 2:
		c.report(LayerVersion, "%d", l.Version)
	}
	if !hasExtent || l.Extent == 0 {
		c.report(LayerExtent, "")
	}
	if len(features) == 0 {
		c.report(LayerEmpty, "")
	}
	seen := map[any]bool{}
	for _, v := range values {
		if v != nil && seen[v] {
			c.report(ValueTwice, "%v", v)
		}
		seen[v] = true
	}
	ids := map[uint64]bool{}
	for i, b := range features {
		c.feature = i
		f := c.decodeFeature(b, keys, values)
		if f.HasID && ids[f.ID] {
			c.report(IDTwice, "%d", f.ID)
		}
		ids[f.ID] = true
		l.Features = append(l.Features, f)
	}
	c.feature = -1
	return l
}

func (c *checker) decodeValue(b []byte) any {
	var v any
	n := 0
	c.malformed(fields(b, func(f field) error {
		wire := map[uint64]uint8{1: 2, 2: 5, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0}
		want, known := wire[f.number]
		if !known {
			return nil
		}
		if f.wire != want {
			return errWire
		}
		n++
		switch f.number {
		case 1:
			v = string(f.bytes)
		case 2:
			v = math.Float32frombits(uint32(f.bits))
		case 3:
			v = math.Float64frombits(f.bits)
		case 4:
			v = int64(f.bits)
		case 5:
			v = f.bits
		case 6:
			v = int64(f.bits>>1) ^ -int64(f.bits&1)
		case 7:
			v = f.bits != 0
		}
		return nil
	}))
	if n != 1 {
		c.report(ValueType, "%d types", n)
	}
	return v
}

func (c *checker) decodeFeature(b []byte, keys []string, values []any) Feature {
	var (
		f              Feature
		tags, geometry []uint32
		hasType        bool
	)
	c.malformed(fields(b, func(x field) error {
		var err error
		switch x.number {
		case 1:
			if x.wire != 0 {
				return errWire
			}
			f.ID, f.HasID = x.bits, true
		case 2:
			tags, err = numbers(x, tags)
		case 3:
			if x.wire != 0 {
				return errWire
			}
			f.Type, hasType = x.bits, true
		case 4:
			if x.wire == 2 && geometry != nil {
				c.report(FieldTwice, "geometry")
			}
			geometry, err = numbers(x, geometry)
		}
		return err
	}))
	if len(tags)%2 != 0 {
		c.report(TagsOdd, "%d", len(tags))
		tags = tags[:len(tags)-1]
	}
	f.Properties = map[string]any{}
	for p := range slices.Chunk(tags, 2) {
		if int(p[0]) >= len(keys) || int(p[1]) >= len(values) {
			c.report(TagsRange, "%v", p)
			continue
		}
		if _, twice := f.Properties[keys[p[0]]]; twice {
			c.report(TagsTwice, "%q", keys[p[0]])
		}
		f.Properties[keys[p[0]]] = values[p[1]]
	}
	if len(geometry) == 0 {
		c.report(GeometryMissing, "")
	}
	switch {
	case !hasType || f.Type > 3:
		c.report(TypeMissing, "%d", f.Type)
		return f
	case f.Type == 0:
		c.report(TypeUnknown, "")
		return f
	}
	f.Paths = c.decodeGeometry(f.Type, geometry)
	if f.Type == 3 {
		c.checkPolygons(f.Paths)
	}
	return f
}

// decodeGeometry reads the commands of a geometry (§4.3) as the automaton that the
// section on its type (§4.3.4.2 to §4.3.4.4) describes.
func (c *checker) decodeGeometry(kind uint64, g []uint32) (paths [][]Point) {
	const moveTo, lineTo, closePath = 1, 2, 7
	var (
		at   Point
		path []Point
		last uint32 // command before
	)
	for len(g) > 0 {
		id, count := g[0]&7, int(g[0]>>3)
		g = g[1:]
		switch {
		case id != moveTo && id != lineTo && id != closePath:
			c.report(Command, "command %d", id)
			return paths
		case id == closePath && count != 1, count == 0:
			c.report(Command, "command %d with count %d", id, count)
			return paths
		case id != closePath && 2*count > len(g):
			c.report(Parameters, "command %d needs %d, has %d", id, 2*count, len(g))
			return paths
		}
		allowed := false
		switch kind {
		case 1:
			allowed = id == moveTo && last == 0
		case 2:
			allowed = id == moveTo && count == 1 && last != moveTo || id == lineTo && last == moveTo
		case 3:
			allowed = id == moveTo && count == 1 && (last == 0 || last == closePath) ||
				id == lineTo && count > 1 && last == moveTo || id == closePath && last == lineTo
		}
		if !allowed {
			c.report(Sequence, "command %d with count %d after %d in type %d", id, count, last, kind)
			return paths
		}
		last = id
		if id == closePath {
			if len(path) > 0 && path[0] == at {
				c.report(RingClosing, "%v", at)
			}
			continue
		}
		for range count {
			d := Point{unzigzag(g[0]), unzigzag(g[1])}
			g = g[2:]
			at.X, at.Y = at.X+d.X, at.Y+d.Y
			if id == lineTo && d == (Point{}) {
				c.report(ZeroLength, "at %v", at)
			}
			if id == moveTo && (kind != 1 || len(paths) == 0) {
				paths = append(paths, nil)
			}
			path = append(paths[len(paths)-1], at)
			paths[len(paths)-1] = path
		}
	}
	if kind == 2 && last == moveTo || kind == 3 && last != closePath && last != 0 {
		c.report(Sequence, "geometry ends with command %d in type %d", last, kind)
	}
	return paths
}

func unzigzag(v uint32) int64 { return int64(int32(v>>1) ^ -int32(v&1)) }
