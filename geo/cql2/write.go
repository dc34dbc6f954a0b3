package cql2

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
)

// String returns e as CQL2 text, with no more brackets than it needs.
func (e Call) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Property) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Literal) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Instant) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Interval) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Geometry) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e BBox) String() string { return string(appendText(nil, e)) }

// String returns e as CQL2 text.
func (e Array) String() string { return string(appendText(nil, e)) }

func appendText(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case Call:
		return appendCall(b, e)
	case Property:
		return appendName(b, e.Name)
	case Literal:
		if e.Value.Kind() == geo.String {
			return appendString(b, e.Value.Text())
		}
		if e.Value.Kind() == geo.Bool {
			return append(b, strings.ToUpper(strconv.FormatBool(e.Value.Bool()))...)
		}
		return e.Value.AppendJSON(b)
	case Instant:
		name := "DATE("
		if e.Timestamp {
			name = "TIMESTAMP("
		}
		return append(appendString(append(b, name...), e.text()), ')')
	case Interval:
		b = append(b, "INTERVAL("...)
		for i, end := range []Expr{e.Start, e.End} {
			if i > 0 {
				b = append(b, ", "...)
			}
			switch end := end.(type) {
			case nil:
				b = append(b, "'..'"...)
			case Instant:
				b = appendString(b, end.text())
			default:
				b = appendText(b, end)
			}
		}
		return append(b, ')')
	case Geometry:
		return appendWKT(b, e.Geometry)
	case BBox:
		b = append(b, "BBOX("...)
		for i, f := range []float64{e.West, e.South, e.East, e.North} {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendFloat(b, f)
		}
		return append(b, ')')
	case Array:
		return append(appendList(append(b, '('), e.Items), ')')
	}
	return b
}

// text returns e as period.ParseDatetime reads it back.
func (e Instant) text() string {
	if e.Timestamp {
		return e.Period.String()
	}
	return e.Period.Datetime()
}

func appendList(b []byte, items []Expr) []byte {
	for i, item := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendText(b, item)
	}
	return b
}

func appendCall(b []byte, e Call) []byte {
	o := table[e.Op]
	if e.Op == Function {
		return append(appendList(append(append(b, e.Name...), '('), e.Args), ')')
	}
	if o.power == atom {
		return append(appendList(append(append(b, o.text...), '('), e.Args), ')')
	}
	// operand writes an argument, in brackets unless it binds more strongly than p.
	operand := func(b []byte, arg Expr, p power) []byte {
		if c, ok := arg.(Call); ok && c.Op != Function && table[c.Op].power <= p {
			return append(appendText(append(b, '('), arg), ')')
		}
		return appendText(b, arg)
	}
	switch e.Op {
	case Not:
		return operand(append(b, "NOT "...), e.Args[0], negation)
	case IsNull:
		return append(operand(b, e.Args[0], comparison), " IS NULL"...)
	case Between:
		b = append(operand(b, e.Args[0], comparison), " BETWEEN "...)
		b = append(operand(b, e.Args[1], comparison), " AND "...)
		return operand(b, e.Args[2], comparison)
	}
	for i, arg := range e.Args {
		p := o.power
		if i > 0 {
			b = append(append(append(b, ' '), o.text...), ' ')
		} else if p == sum || p == product {
			p-- // these join to the left
		}
		if e.Op == In && i == 1 {
			b = appendText(b, arg)
		} else {
			b = operand(b, arg, p)
		}
	}
	return b
}

// appendName appends a property's name, in double quotes unless it is plain and
// no word of the language.
func appendName(b []byte, name string) []byte {
	plain := !isWord(name)
	for i, r := range name {
		if r == '\uFFFD' || i == 0 && !isNameStart(r) || !isNamePart(r) {
			plain = false
			break
		}
	}
	if plain {
		return append(b, name...)
	}
	return append(append(append(b, '"'), strings.ReplaceAll(name, `"`, `""`)...), '"')
}

// isWord reports whether name means something else than a property, at least before a bracket.
func isWord(name string) bool {
	upper := strings.ToUpper(name)
	switch upper {
	case "", "TRUE", "FALSE", "NULL", "IS", "DATE", "TIMESTAMP", "INTERVAL", "BBOX", "ENVELOPE":
		return true
	}
	_, ok := byName[strings.ToLower(name)]
	return ok || isGeometryWord(upper)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			b = append(b, "''"...)
		case c == '\\':
			b = append(b, `\\`...)
		case strings.IndexByte(escapeBytes, c) >= 0:
			b = append(b, '\\', escapeLetters[strings.IndexByte(escapeBytes, c)])
		default:
			b = append(b, c)
		}
	}
	return append(b, '\'')
}

// appendFloat appends a coordinate; whole numbers have no point.
func appendFloat(b []byte, f float64) []byte {
	if f == 0 {
		f = 0 // not -0
	}
	if math.Abs(f) >= 1e-6 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

func appendWKT(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return append(appendXY(append(b, "POINT("...), g), ')')
	case orb.LineString:
		return appendXYs(append(b, "LINESTRING"...), g)
	case orb.Polygon:
		return appendRings(append(b, "POLYGON"...), g)
	case orb.MultiPoint:
		return appendItems(append(b, "MULTIPOINT"...), g, func(b []byte, p orb.Point) []byte {
			return append(appendXY(append(b, '('), p), ')')
		})
	case orb.MultiLineString:
		return appendItems(append(b, "MULTILINESTRING"...), g, func(b []byte, l orb.LineString) []byte { return appendXYs(b, l) })
	case orb.MultiPolygon:
		return appendItems(append(b, "MULTIPOLYGON"...), g, appendRings)
	case orb.Collection:
		return appendItems(append(b, "GEOMETRYCOLLECTION"...), g, appendWKT)
	}
	return b
}

func appendItems[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '(')
	for i, one := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = item(b, one)
	}
	return append(b, ')')
}

func appendXY(b []byte, p orb.Point) []byte {
	return appendFloat(append(appendFloat(b, p[0]), ' '), p[1])
}

func appendXYs(b []byte, points []orb.Point) []byte { return appendItems(b, points, appendXY) }

func appendRings(b []byte, p orb.Polygon) []byte {
	return appendItems(b, p, func(b []byte, r orb.Ring) []byte { return appendXYs(b, r) })
}

// AppendJSON appends e as CQL2 JSON (OGC 21-065r2 §8.3).
func AppendJSON(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case Call:
		name := e.Name
		if e.Op != Function {
			name = table[e.Op].json
		}
		b = append(geo.AppendJSONString(append(b, `{"op":`...), name), `,"args":[`...)
		return append(appendJSONs(b, e.Args), "]}"...)
	case Property:
		return append(geo.AppendJSONString(append(b, `{"property":`...), e.Name), '}')
	case Literal:
		return e.Value.AppendJSON(b)
	case Instant:
		name := `{"date":`
		if e.Timestamp {
			name = `{"timestamp":`
		}
		return append(geo.AppendJSONString(append(b, name...), e.text()), '}')
	case Interval:
		b = append(b, `{"interval":[`...)
		for i, end := range []Expr{e.Start, e.End} {
			if i > 0 {
				b = append(b, ',')
			}
			switch end := end.(type) {
			case nil:
				b = append(b, `".."`...)
			case Instant:
				b = geo.AppendJSONString(b, end.text())
			default:
				b = AppendJSON(b, end)
			}
		}
		return append(b, "]}"...)
	case Geometry:
		return appendGeoJSON(b, e.Geometry)
	case BBox:
		b = append(b, `{"bbox":`...)
		return append(appendNumbers(b, e.West, e.South, e.East, e.North), '}')
	case Array:
		return append(appendJSONs(append(b, '['), e.Items), ']')
	}
	return b
}

func appendJSONs(b []byte, items []Expr) []byte {
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSON(b, item)
	}
	return b
}

func appendNumbers(b []byte, numbers ...float64) []byte {
	b = append(b, '[')
	for i, f := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFloat(b, f)
	}
	return append(b, ']')
}

func appendGeoJSON(b []byte, g orb.Geometry) []byte {
	b = append(append(append(b, `{"type":"`...), g.GeoJSONType()...), '"')
	if c, ok := g.(orb.Collection); ok {
		b = append(b, `,"geometries":`...)
		return append(appendArrays(b, c, appendGeoJSON), '}')
	}
	return append(appendCoordinates(append(b, `,"coordinates":`...), g), '}')
}

func appendArrays[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, one := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, one)
	}
	return append(b, ']')
}

func appendCoordinates(b []byte, g orb.Geometry) []byte {
	position := func(b []byte, p orb.Point) []byte { return appendNumbers(b, p[0], p[1]) }
	switch g := g.(type) {
	case orb.Point:
		return position(b, g)
	case orb.LineString:
		return appendArrays(b, g, position)
	case orb.Ring:
		return appendArrays(b, g, position)
	case orb.MultiPoint:
		return appendArrays(b, g, position)
	case orb.MultiLineString:
		return appendArrays(b, g, func(b []byte, l orb.LineString) []byte { return appendCoordinates(b, l) })
	case orb.Polygon:
		return appendArrays(b, g, func(b []byte, r orb.Ring) []byte { return appendCoordinates(b, r) })
	case orb.MultiPolygon:
		return appendArrays(b, g, func(b []byte, p orb.Polygon) []byte { return appendCoordinates(b, p) })
	}
	return b
}
