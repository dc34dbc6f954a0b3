package server

import (
	"net/url"
	"strconv"

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
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	properties := map[string]any{}
	for _, f := range l.Fields {
		p := map[string]any{}
		if t := jsonSchemaType(f.Type); t != "" {
			p["type"] = t
		}
		if title := word(f.Title); title != "" {
			p["title"] = title
		}
		if f.Unit != "" {
			p["x-ogc-unit"] = f.Unit
		}
		properties[f.Name] = p
	}
	properties["geometry"] = map[string]any{"x-ogc-role": "primary-geometry", "format": geometryFormat(l.Geometry)}
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	a := newAnswer(schemaType, encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": at + "/queryables",
		"type": "object", "title": word(l.Title), "description": word(l.Description),
		"properties": properties, "additionalProperties": false,
	}))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

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
		one := function{Name: f.Name, Returns: []string{f.Returns}}
		for _, a := range f.Args {
			one.Arguments = append(one.Arguments, argument{a, []string{a}})
		}
		list = append(list, one)
	}
	return q.json(map[string]any{"functions": list})
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
