package cql2

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"kharita/geo"
)

// ParseJSON reads CQL2 JSON (OGC 21-065r2 §8.3, cql2.json). Names of operators
// may be written in either case; members that mean nothing are an error. The
// error is an *Error.
func ParseJSON(data []byte) (Expr, error) {
	input := string(data)
	switch {
	case len(data) > MaxLength:
		return nil, pos{input, MaxLength}.fail("the filter is longer than %d bytes", MaxLength)
	case !utf8.Valid(data):
		return nil, pos{input, 0}.fail("this is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	r := reader{input, d, 0}
	n, err := r.node()
	if err == nil {
		rest := r.pos()
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = rest.fail("a filter is one expression")
		}
	}
	if err != nil {
		return nil, r.located(err)
	}
	e, err := n.expr()
	if err != nil {
		return nil, err
	}
	return finish(e)
}

// A node is a JSON value with its place.
type node struct {
	pos
	value any // string, json.Number, bool, nil, []node or object
}

type object map[string]node

type reader struct {
	input string
	d     *json.Decoder
	depth int
}

// pos returns where the next value begins.
func (r *reader) pos() pos { return r.after(int(r.d.InputOffset())) }

// after returns where something begins at or after byte at.
func (r *reader) after(at int) pos {
	for at < len(r.input) && strings.IndexByte(" \t\r\n,:", r.input[at]) >= 0 {
		at++
	}
	return pos{r.input, at}
}

// located gives an error of the decoder its place.
func (r *reader) located(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	at := pos{r.input, len(r.input)}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 {
		at = r.after(int(syntax.Offset) - 1)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || at.at >= len(r.input) {
		at.at = len(r.input)
		return at.fail("the JSON ends too early")
	}
	return at.fail("this is not JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
}

func (r *reader) node() (node, error) {
	at := r.pos()
	// An operator takes two levels of JSON; the innermost geometry some more.
	if r.depth++; r.depth > 2*MaxDepth+8 {
		return node{}, at.fail("nested more than %d levels deep", MaxDepth)
	}
	defer func() { r.depth-- }()
	t, err := r.d.Token()
	if err != nil {
		return node{}, err
	}
	switch t {
	case json.Delim('['):
		items := []node{}
		for r.d.More() {
			item, err := r.node()
			if err != nil {
				return node{}, err
			}
			items = append(items, item)
		}
		_, err := r.d.Token()
		return node{at, items}, err
	case json.Delim('{'):
		members := object{}
		for r.d.More() {
			at := r.pos()
			key, err := r.d.Token()
			if err != nil {
				return node{}, err
			}
			name, _ := key.(string)
			if _, twice := members[name]; twice {
				return node{}, at.fail("%q stands here twice", name)
			}
			if members[name], err = r.node(); err != nil {
				return node{}, err
			}
		}
		_, err := r.d.Token()
		return node{at, members}, err
	}
	return node{at, t}, nil
}

// expr returns the expression that n is.
func (n node) expr() (Expr, error) {
	switch v := n.value.(type) {
	case string:
		return Literal{geo.StringValue(v), n.pos}, nil
	case bool:
		return Literal{geo.BoolValue(v), n.pos}, nil
	case json.Number:
		value, err := parseNumber(n.pos, string(v))
		return Literal{value, n.pos}, err
	case []node:
		items, err := exprs(v)
		return Array{items, n.pos}, err
	case object:
		return n.object(v)
	}
	return nil, n.fail("null is no value; the operator isNull asks for it")
}

func exprs(nodes []node) (list []Expr, err error) {
	for _, n := range nodes {
		e, err := n.expr()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (n node) object(o object) (Expr, error) {
	for _, form := range []struct {
		key   string
		with  string // the other member that belongs to it
		parse func(node, object) (Expr, error)
	}{
		{"op", "args", node.call},
		{"property", "", node.property},
		{"date", "", node.instant},
		{"timestamp", "", node.instant},
		{"interval", "", node.interval},
		{"type", "", node.geometry},
		{"bbox", "", node.bbox},
	} {
		if _, ok := o[form.key]; !ok {
			continue
		}
		if form.key != "type" { // GeoJSON may have foreign members
			for key, member := range o {
				if key != form.key && key != form.with {
					return nil, member.fail("%q means nothing beside %q", key, form.key)
				}
			}
		}
		return form.parse(n, o)
	}
	return nil, n.fail(`an object is {"op": …, "args": […]}, {"property": …}, {"date": …}, {"timestamp": …}, {"interval": […]}, {"bbox": […]} or a GeoJSON geometry`)
}

func (n node) call(o object) (Expr, error) {
	name, ok := o["op"].value.(string)
	if !ok {
		return nil, o["op"].fail("op is the name of an operator or function")
	}
	list, ok := o["args"].value.([]node)
	if !ok {
		return nil, n.fail("%q needs args, a list", name)
	}
	args, err := exprs(list)
	if err != nil {
		return nil, err
	}
	if op, ok := byName[strings.ToLower(name)]; ok {
		return newCall(n.pos, op, args...)
	}
	if string(appendName(nil, name)) != name {
		return nil, o["op"].fail("%q is no operator, and can't be the name of a function", name)
	}
	return Call{Function, name, args, n.pos}, nil
}

func (n node) property(o object) (Expr, error) {
	name, ok := o["property"].value.(string)
	if !ok || name == "" {
		return nil, o["property"].fail("property is a name")
	}
	return Property{name, n.pos}, nil
}

func (n node) instant(o object) (Expr, error) {
	v, timestamp := o["timestamp"]
	if !timestamp {
		v = o["date"]
	}
	s, ok := v.value.(string)
	if !ok {
		return nil, v.fail("a date is a text")
	}
	e, err := newInstant(v.pos, s)
	if err != nil {
		return nil, err
	}
	if e.Timestamp != timestamp {
		return nil, wrongInstant(v.pos, timestamp)
	}
	e.pos = n.pos
	return e, nil
}

func (n node) interval(o object) (Expr, error) {
	list, ok := o["interval"].value.([]node)
	if !ok || len(list) != 2 {
		return nil, o["interval"].fail("an interval is a list of its start and its end")
	}
	var ends [2]Expr
	for i, v := range list {
		var err error
		if s, ok := v.value.(string); ok {
			ends[i], err = newEnd(v.pos, s)
		} else {
			ends[i], err = v.expr()
		}
		if err != nil {
			return nil, err
		}
	}
	return newInterval(n.pos, ends[0], ends[1])
}

func (n node) bbox(o object) (Expr, error) {
	list, err := o["bbox"].numbers("a bbox")
	if err != nil {
		return nil, err
	}
	return newBBox(n.pos, list)
}

// numbers returns the coordinates that n is a list of.
func (n node) numbers(what string) (list []float64, err error) {
	nodes, ok := n.value.([]node)
	if !ok {
		return nil, n.fail("%s is a list of numbers", words{what, nil})
	}
	for _, item := range nodes {
		v, ok := item.value.(json.Number)
		if !ok {
			return nil, item.fail("%s is a list of numbers", words{what, nil})
		}
		value, err := parseNumber(item.pos, string(v))
		if err != nil {
			return nil, err
		}
		f, _ := value.Float()
		if err := checkCoordinate(item.pos, f); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func (n node) geometry(object) (Expr, error) {
	g, err := n.shape()
	return Geometry{g, n.pos}, err
}

// shape returns the geometry that n is in GeoJSON (RFC 7946 §3.1).
func (n node) shape() (orb.Geometry, error) {
	o, _ := n.value.(object)
	kind, _ := o["type"].value.(string)
	c := o["coordinates"]
	c.pos = n.pos // also where there are none
	switch kind {
	case "Point":
		return c.point()
	case "LineString":
		return c.line()
	case "Polygon":
		return c.polygon()
	case "MultiPoint":
		return items[orb.MultiPoint](c, node.point)
	case "MultiLineString":
		return items[orb.MultiLineString](c, node.line)
	case "MultiPolygon":
		return items[orb.MultiPolygon](c, node.polygon)
	case "GeometryCollection":
		members := o["geometries"]
		members.pos = n.pos
		return items[orb.Collection](members, node.shape)
	}
	return nil, n.fail("%q is no type of geometry", kind)
}

func items[S ~[]T, T any](n node, item func(node) (T, error)) (list S, err error) {
	nodes, ok := n.value.([]node)
	if !ok {
		return nil, n.fail("the coordinates of a geometry are missing or no list")
	}
	if len(nodes) == 0 {
		return nil, n.fail("an empty geometry is nowhere")
	}
	for _, one := range nodes {
		v, err := item(one)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (n node) point() (orb.Point, error) {
	list, err := n.numbers("a position")
	if err == nil && len(list) < 2 {
		err = n.fail("a position has two numbers, longitude and latitude")
	}
	if err != nil {
		return orb.Point{}, err
	}
	return orb.Point{list[0], list[1]}, nil
}

func (n node) line() (orb.LineString, error) {
	points, err := items[[]orb.Point](n, node.point)
	if err != nil {
		return nil, err
	}
	return line(n.pos, points)
}

func (n node) polygon() (orb.Polygon, error) {
	return items[orb.Polygon](n, func(n node) (orb.Ring, error) {
		points, err := items[[]orb.Point](n, node.point)
		if err != nil {
			return nil, err
		}
		return ring(n.pos, points)
	})
}
