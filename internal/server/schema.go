package server

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/internal/layers"
)

const schemaType = "application/schema+json"

// queryables answers with what a filter of the layer can name, as JSON Schema
// (OGC 19-079r2 §6.2): its properties, the geometry, and the names that the
// filter language adds.
func (q *request) queryables() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	properties, err := q.described(l)
	if err != nil {
		return err
	}
	properties["geometry"] = map[string]any{"x-ogc-role": "primary-geometry", "format": geometryFormat(l.Geometry)}
	return q.schemaOf(l, "queryables", map[string]any{"properties": properties, "additionalProperties": false})
}

// returnables answers with the logical schema of the layer's features (OGC 23-058r1):
// what each property is, and which are the id, the place and the valid time.
func (q *request) returnables() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	properties, err := q.described(l)
	if err != nil {
		return err
	}
	for i, f := range l.Fields {
		properties[f.Name]["x-ogc-propertySeq"] = i + 1
	}
	last := len(l.Fields)
	if tellsEnds(l) {
		for _, e := range endProperties {
			last++
			properties[e.name] = map[string]any{"type": "string", "format": "date-time", "readOnly": true, "title": q.word(e.title), "x-ogc-role": e.role, "x-ogc-propertySeq": last}
		}
	}
	free := func(name string) string { // a property of the file keeps its name
		for l.Field(name) != nil {
			name = "_" + name
		}
		return name
	}
	properties[free("id")] = map[string]any{"type": "string", "x-ogc-role": "id", "readOnly": true, "x-ogc-propertySeq": 0}
	properties[free("geometry")] = map[string]any{"x-ogc-role": "primary-geometry", "format": geometryFormat(l.Geometry), "x-ogc-propertySeq": last + 1}
	return q.schemaOf(l, "schema", map[string]any{"properties": properties})
}

// endProperties are those of tellsEnds.
//
//nolint:gochecknoglobals // a table
var endProperties = [2]struct {
	name, role string
	title      layers.Text
}{
	{validFrom, "primary-interval-start", layers.Text{"en": "Possibly holds from", "ar": "قد يسري من"}},
	{validUntil, "primary-interval-end", layers.Text{"en": "Possibly holds until", "ar": "قد يسري حتى"}},
}

// described returns what is known of each property of the layer: its type, its
// words, and whether it is an end of the valid time. That it is said of dates and
// date-times alone: clients take a property with this role for one.
func (q *request) described(l *layers.Layer) (map[string]map[string]any, error) {
	shapes, err := q.shapes[l.ID]()
	if err != nil {
		return nil, err
	}
	properties := map[string]map[string]any{}
	for i, f := range l.Fields {
		p := map[string]any{"type": shapes[i].Type}
		if shapes[i].Type == "" { // each property but a place says its type (OGC 23-058r2 §7.2)
			p["type"] = []string{"array", "boolean", "number", "object", "string"}
		}
		if shapes[i].Items != nil {
			p["items"] = shapes[i].Items
		}
		if title := q.word(f.Title); title != "" {
			p["title"] = title
		}
		if f.Unit != "" {
			p["x-ogc-unit"] = f.Unit
		}
		if format := shapes[i].Format; format != "" {
			p["format"] = format
			switch {
			case tellsEnds(l): // there is one property of a role
			case f.Name == l.Time.Start:
				p["x-ogc-role"] = "primary-interval-start"
				if l.Time.Start == l.Time.End {
					p["x-ogc-role"] = "primary-instant"
				}
			case f.Name == l.Time.End:
				p["x-ogc-role"] = "primary-interval-end"
			}
		}
		properties[f.Name] = p
	}
	return properties, nil
}

// schemaOf answers with a JSON Schema of the layer's resource of that name.
func (q *request) schemaOf(l *layers.Layer, name string, schema map[string]any) error {
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["$id"] = q.base() + "/collections/" + url.PathEscape(l.ID) + "/" + name
	schema["type"], schema["title"], schema["description"] = "object", q.word(l.Title), q.word(l.Description)
	a := newAnswer(schemaType, encode(schema))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

// word is a text in the request's language.
func (q *request) word(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }

// featureSchema answers with the JSON Schema of the layer's features as GeoJSON,
// the properties in the order of the file. Clients that would guess the types
// from the first features that they see (GDAL from ten, and drops what does not
// fit later) are told here.
func (q *request) featureSchema() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	shapes, err := q.shapes[l.ID]()
	if err != nil {
		return err
	}
	properties := []byte{'{'}
	for i, f := range l.Fields {
		if i > 0 {
			properties = append(properties, ',')
		}
		properties = append(geo.AppendJSONString(properties, f.Name), ':')
		properties = append(properties, encode(shapes[i])...)
	}
	if tellsEnds(l) {
		for _, e := range endProperties {
			if len(properties) > 1 {
				properties = append(properties, ',')
			}
			properties = append(append(geo.AppendJSONString(properties, e.name), ':'), encode(shape{Type: "string", Format: "date-time"})...)
		}
	}
	properties = append(properties, '}')
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	a := newAnswer(schemaType, encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     q.base() + "/collections/" + url.PathEscape(l.ID) + "/feature-schema",
		"title":   word(l.Title), "type": "object", "required": []string{"type", "geometry", "properties"},
		"properties": map[string]any{
			"type":       map[string]any{"const": "Feature"},
			"id":         map[string]any{"oneOf": []map[string]any{{"type": "string"}, {"type": "number"}}},
			"geometry":   map[string]any{"oneOf": []map[string]any{{"type": "null"}, {"$ref": "https://geojson.org/schema/Geometry.json"}}},
			"properties": map[string]any{"type": "object", "properties": json.RawMessage(properties)},
		},
	}))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

// A shape is what all values of a property have in common.
type shape struct {
	Type   string `json:"type,omitempty"`   // empty: anything
	Format string `json:"format,omitempty"` // date or date-time, of texts
	Items  *shape `json:"items,omitempty"`  // of a list

	seen bool // any value
	gaps bool // a feature has none
}

// shapesOf looks at every value of the layer: its properties' types, narrowed to a
// date, a date-time or a list of texts where each value is one, and widened from
// integer to number where one does not fit into 32 bits, for clients that keep an
// integer in so many. A state does so once for each revision of a layer.
func shapesOf(l *layers.Layer) ([]shape, error) {
	shapes := make([]shape, len(l.Fields))
	for i, f := range l.Fields {
		shapes[i].Type = jsonSchemaType(f.Type)
	}
	for row, err := range l.Features(context.Background(), layers.Query{}) {
		if err != nil {
			return nil, err
		}
		for i, f := range l.Fields {
			if v := row.Properties.Get(f.Name); v.IsNull() {
				shapes[i].gaps = true
			} else {
				shapes[i].widen(v)
			}
		}
	}
	return shapes, nil
}

func (s *shape) widen(v geo.Value) {
	switch s.Type {
	case "", "array":
		var list []any
		noText := func(v any) bool { _, ok := v.(string); return !ok }
		switch texts := json.Unmarshal([]byte(v.Text()), &list) == nil && !slices.ContainsFunc(list, noText); {
		case texts && !s.seen:
			s.Type, s.Items = "array", &shape{Type: "string"}
		case !texts:
			s.Type, s.Items = "", nil
		}
	case "integer":
		if n, err := strconv.ParseInt(v.Text(), 10, 32); err != nil || n == math.MinInt32 {
			s.Type = "number"
		}
	case "string":
		format := ""
		if text := v.Text(); dated.MatchString(text) {
			if format = "date"; len(text) > len(time.DateOnly) {
				format = "date-time"
			}
		}
		if s.seen && format != s.Format {
			format = ""
		}
		s.Format = format
	}
	s.seen = true
}

// dated is a full date or a date-time (RFC 3339 §5.6).
var dated = regexp.MustCompile(`^\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$`)

func jsonSchemaType(fieldType string) string {
	if fieldType == "json" {
		return "" // an array, an object, or now this and now that
	}
	return fieldType
}

func geometryFormat(g layers.Geometry) string {
	switch g {
	case layers.Points:
		return "geometry-point-or-multipoint"
	case layers.Lines:
		return "geometry-linestring-or-multilinestring"
	case layers.Polygons:
		return "geometry-polygon-or-multipolygon"
	}
	return "geometry-any"
}

// functions answers with the functions that a filter can call (OGC 19-079r2 §6.5).
func (q *request) functions() error {
	type argument struct {
		Title string   `json:"title"`
		Type  []string `json:"type"`
	}
	type function struct {
		Name      string     `json:"name"`
		Arguments []argument `json:"arguments,omitempty"`
		Returns   []string   `json:"returns"`
	}
	list := []function{}
	for _, f := range cql2.Functions() {
		one := function{Name: f.Name, Returns: functionTypes(f.Returns)}
		for _, a := range f.Args {
			one.Arguments = append(one.Arguments, argument{a, functionTypes(a)})
		}
		list = append(list, one)
	}
	return q.json(map[string]any{"functions": list})
}

// functionTypes are the types, as the standard names them, of what cql2 calls by a
// phrase such as "a date or an interval".
func functionTypes(phrase string) (types []string) {
	for word := range strings.SplitSeq(phrase, " or ") {
		switch word {
		case "a truth value":
			types = append(types, "boolean")
		case "a number":
			types = append(types, "number")
		case "a geometry":
			types = append(types, "geometry")
		case "a date", "an interval":
			types = append(types, "datetime")
		default:
			types = append(types, "string")
		}
	}
	return slices.Compact(types)
}

// isField reports whether the layer in the path has a property of that name, so
// that it can be asked for as a parameter.
func (q *request) isField(name string) bool {
	l, ok := q.Layer(q.Param("layer"))
	return ok && l.Field(name) != nil
}

// equals reads the parameters that are properties (OGC 19-079r2 §6.3
// queryables-query-parameters) as one filter; nil: none is asked for.
func (q *request) equals() (cql2.Expr, error) {
	l, ok := q.Layer(q.Param("layer"))
	if !ok {
		return nil, nil //nolint:nilnil // none
	}
	var all cql2.Expr
	for _, f := range l.Fields {
		if q.takes[f.Name] || !q.query.Has(f.Name) {
			continue
		}
		v, err := valueOf(f, q.query.Get(f.Name))
		if err != nil {
			return nil, err
		}
		all = and(all, cql2.Call{Op: cql2.Equal, Args: []cql2.Expr{cql2.Property{Name: f.Name}, cql2.Literal{Value: v}}})
	}
	return all, nil
}

// and joins two filters, each of which may be nil.
func and(a, b cql2.Expr) cql2.Expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return cql2.Call{Op: cql2.And, Args: []cql2.Expr{a, b}}
}

// valueOf reads text as a value of f's type.
func valueOf(f layers.Field, text string) (geo.Value, error) {
	switch f.Type {
	case "integer", "number":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return geo.IntValue(n), nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n-n != 0 {
			return geo.Value{}, invalid("%s=%s: write a number", f.Name, text)
		}
		return geo.FloatValue(n), nil
	case "boolean":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return geo.Value{}, invalid("%s=%s: write true or false", f.Name, text)
		}
		return geo.BoolValue(b), nil
	case "json":
		return geo.Value{}, invalid("%s holds lists or objects; they can't be compared", f.Name)
	}
	return geo.StringValue(text), nil
}
