package geo

import (
	"iter"
	"math"
	"strconv"
	"unicode/utf8"
)

// An ID is the id of a feature, unique in its layer. GeoJSON knows ids that are
// text and ids that are numbers (RFC 7946 §3.2); "7" and 7 are written
// differently but name the same feature, so text decides. IDs compare with ==.
type ID struct {
	text   string
	number bool
}

// TextID returns the id that GeoJSON writes as a string.
func TextID(s string) ID { return ID{text: s} }

// NumberID returns the id that GeoJSON writes as the number s, which must be one.
func NumberID(s string) ID { return ID{text: s, number: true} }

// String returns the id as it stands in a URL. It is empty if there is none.
func (id ID) String() string { return id.text }

// IsNumber reports whether GeoJSON writes the id as a number.
func (id ID) IsNumber() bool { return id.number }

// AppendJSON appends the id as GeoJSON.
func (id ID) AppendJSON(dst []byte) []byte {
	if id.number {
		return append(dst, id.text...)
	}
	return AppendJSONString(dst, id.text)
}

// Kind says what a Value holds.
type Kind uint8

// The kinds of Value. JSON is an array or object, kept as its text.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	JSON
)

// A Value is one property value. The zero Value is null. Values compare with ==.
type Value struct {
	kind Kind
	bits uint64 // Bool 0 or 1, Int two's complement, Float IEEE 754
	text string // String and JSON
}

// BoolValue holds a truth value.
func BoolValue(b bool) Value {
	v := Value{kind: Bool}
	if b {
		v.bits = 1
	}
	return v
}

// IntValue holds a whole number.
func IntValue(i int64) Value { return Value{kind: Int, bits: uint64(i)} }

// FloatValue holds a number; f must be finite, as JSON knows no other.
func FloatValue(f float64) Value { return Value{kind: Float, bits: math.Float64bits(f)} }

// StringValue holds a text.
func StringValue(s string) Value { return Value{kind: String, text: s} }

// JSONValue holds an array or object by its JSON text, which must be valid.
func JSONValue(text string) Value { return Value{kind: JSON, text: text} }

// Kind returns what v holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// Bool returns the truth value; false unless Kind is Bool.
func (v Value) Bool() bool { return v.kind == Bool && v.bits == 1 }

// Int returns the whole number; ok is false unless Kind is Int.
func (v Value) Int() (i int64, ok bool) { return int64(v.bits), v.kind == Int }

// Float returns the number of an Int or Float; ok is false for other kinds.
func (v Value) Float() (f float64, ok bool) {
	switch v.kind {
	case Int:
		return float64(int64(v.bits)), true
	case Float:
		return math.Float64frombits(v.bits), true
	}
	return 0, false
}

// Text returns v as a person reads it: strings bare, null empty, the rest as JSON.
func (v Value) Text() string {
	switch v.kind {
	case Null:
		return ""
	case String, JSON:
		return v.text
	}
	return string(v.AppendJSON(nil))
}

// AppendJSON appends v as JSON (RFC 8259).
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case Bool:
		return strconv.AppendBool(dst, v.bits == 1)
	case Int:
		return strconv.AppendInt(dst, int64(v.bits), 10)
	case Float:
		return appendFloat(dst, math.Float64frombits(v.bits))
	case String:
		return AppendJSONString(dst, v.text)
	case JSON:
		return append(dst, v.text...)
	}
	return append(dst, "null"...)
}

// appendFloat appends f with the fewest digits that give it back. Most numbers
// that people write have few decimals, which are found several times faster by
// trying: if n/10^k, rounded once, is f, then so is the decimal fraction.
func appendFloat(dst []byte, f float64) []byte {
	size := math.Abs(f)
	if size < 1e9 && (size >= 1e-4 || f == 0) {
		scale := 1.0
		for k := range 7 {
			if n := math.RoundToEven(size * scale); n/scale == size {
				if f < 0 {
					dst = append(dst, '-')
				}
				return appendDecimal(dst, uint64(n), k)
			}
			scale *= 10
		}
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendDecimal appends n/10^k.
func appendDecimal(dst []byte, n uint64, k int) []byte {
	if k == 0 {
		return strconv.AppendUint(dst, n, 10)
	}
	var digits [20]byte
	i := len(digits)
	for ; k > 0; k-- {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	dst = append(strconv.AppendUint(dst, n, 10), '.')
	return append(dst, digits[i:]...)
}

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	if isPlain(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0 // of what is not yet copied
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		i++
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i-1]...)
		start = i
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}

// isPlain reports whether s is UTF-8 of which a JSON string escapes nothing. It looks at
// eight bytes at a time, some of them twice: most texts are short and plain.
func isPlain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var special, all uint64
	look := func(x uint64) {
		quote, slash := x^ones*'"', x^ones*'\\'
		special |= (x-ones*' ')&^x | (quote-ones)&^quote | (slash-ones)&^slash // high bit: below the space, or zero
		all |= x
	}
	switch n := len(s); {
	case n >= 8:
		for i := 0; i < n-8; i += 8 {
			look(word(s[i : i+8]))
		}
		look(word(s[n-8:]))
	case n >= 4:
		look(half(s[:4]) | half(s[n-4:])<<32)
	case n > 0:
		look(uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16 | 0x2020202020<<24)
	}
	return special&highs == 0 && (all&highs == 0 || utf8.ValidString(s))
}

// word returns the eight bytes of s as a number.
func word(s string) uint64 { return half(s[:4]) | half(s[4:8])<<32 }

// half returns the first four bytes of s as a number.
func half(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// Names are the property names of a layer, each with its number. They are shared
// by all rows and never change once a row exists.
type Names struct {
	list  []string
	keys  []string // each as the start of a member of a JSON object that is a text and not the first: `,"name":"`
	index map[string]int
}

// NewNames returns Names in the given order. A name given twice counts once.
func NewNames(names ...string) *Names {
	n := &Names{index: make(map[string]int, len(names))}
	for _, name := range names {
		n.Add(name)
	}
	return n
}

// Add returns the number of name, giving it the next one if it is new. Only the
// builder of a layer calls it.
func (n *Names) Add(name string) int {
	if i, ok := n.index[name]; ok {
		return i
	}
	n.index[name] = len(n.list)
	n.list = append(n.list, name)
	n.keys = append(n.keys, string(append(AppendJSONString([]byte{','}, name), `:"`...)))
	return len(n.list) - 1
}

// Find returns the number of name.
func (n *Names) Find(name string) (i int, ok bool) { i, ok = n.index[name]; return i, ok }

// List returns the names in order of their numbers. The caller must not write to it.
func (n *Names) List() []string { return n.list }

// Properties is a view of one row of a layer's table: the value of each of its
// Names, null where the feature has none. The zero Properties is empty.
type Properties struct {
	names *Names
	row   []Value
	table *Table // if not nil, the row is the one at, and row is nil
	at    int
	keep  []bool // by name, whether it is to be seen; nil: all are
}

// NewProperties returns a view of row, whose values stand in the order of names.
// A row shorter than names ends in nulls. Neither is copied.
func NewProperties(names *Names, row []Value) Properties { return Properties{names: names, row: row} }

// Get returns the value of name: null if the feature has none.
func (p Properties) Get(name string) Value {
	if p.names == nil {
		return Value{}
	}
	if i, ok := p.names.index[name]; ok {
		return p.value(i)
	}
	return Value{}
}

// value returns the value of name i.
func (p Properties) value(i int) Value {
	switch {
	case p.keep != nil && !p.keep[i]:
		return Value{}
	case p.table != nil:
		return p.table.value(p.at, i)
	case i < len(p.row):
		return p.row[i]
	}
	return Value{}
}

// All yields the names and values that are not null, in the layer's order.
func (p Properties) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if p.names == nil {
			return
		}
		for i, name := range p.names.list {
			if v := p.value(i); !v.IsNull() && !yield(name, v) {
				return
			}
		}
	}
}

// AppendJSON appends p as a JSON object, without its nulls, in the layer's order.
func (p Properties) AppendJSON(dst []byte) []byte {
	if p.names == nil {
		return append(dst, "{}"...)
	}
	first := len(dst)
	if p.table != nil {
		dst = p.table.appendMembers(dst, p.at, p.keep)
	} else {
		for i, key := range p.names.keys {
			if v := p.value(i); !v.IsNull() {
				dst = v.AppendJSON(append(dst, key[:len(key)-1]...))
			}
		}
	}
	if len(dst) == first {
		return append(dst, "{}"...)
	}
	dst[first] = '{' // in the place of the first comma
	return append(dst, '}')
}
