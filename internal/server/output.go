package server

import (
	"net/url"
	"strings"

	"kharita/geo"
	"kharita/geo/crs"
	"kharita/geo/geojson"
	"kharita/internal/layers"
)

// asJSONFG is the form of features that says in which system its coordinates are.
//
//nolint:gochecknoglobals // a row of the table
var asJSONFG = form{"jsonfg", "application/vnd.ogc.fg+json"}

// An output is how an answer shows features: form, coordinates, properties.
type output struct {
	geojson.Writer
	mediaType string
	subset    *geo.Subset // nil: all properties
	about     []byte      // members of the whole, each with a comma after it
}

// output reads crs, f, profile and properties, and says which coordinates come
// (OGC 18-058r1 /req/crs/ogc-crs-header). Of several layers, l is nil.
func (q *request) output(l *layers.Layer) (o output, err error) {
	c, err := q.crsOf("crs")
	if err != nil {
		return o, err
	}
	o = output{Writer: writerIn(c), mediaType: "application/geo+json"}
	profile := strings.TrimPrefix(q.query.Get("profile"), profileBase)
	if q.format == asJSONFG.name {
		o.mediaType, o.FG = asJSONFG.mediaType, true
		if profile == "" {
			profile = "jsonfg"
		}
		o.Both = profile == "jsonfg-plus"
		o.about = q.aboutFG(l, c)
	}
	switch {
	case o.FG && profile != "jsonfg" && profile != "jsonfg-plus":
		return o, invalid("profile=%s: JSON-FG has jsonfg and jsonfg-plus", profile)
	case !o.FG && q.query.Has("profile") && profile != "rfc7946":
		return o, invalid("profile=%s: GeoJSON has rfc7946; f=jsonfg has jsonfg and jsonfg-plus", profile)
	case o.FG:
		q.Writer.Header().Add("Link", "<"+profileBase+profile+`>; rel="profile"`)
	}
	if o.subset, err = q.properties(l); err != nil {
		return o, err
	}
	q.Header("Content-Crs", "<"+c.URI()+">")
	return o, nil
}

// profileBase stands before the name of a profile (OGC 21-045r1).
const profileBase = "http://www.opengis.net/def/profile/OGC/0/"

// aboutFG returns the members that JSON-FG adds to the whole (OGC 21-045r1
// /req/core, /req/types-schemas): all features of a layer are of one type.
func (q *request) aboutFG(l *layers.Layer, c crs.CRS) []byte {
	b := []byte(`"conformsTo":`)
	b = append(b, encode([]string{
		"http://www.opengis.net/spec/json-fg-1/1.0/conf/core",
		"http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas",
	})...)
	b = geo.AppendJSONString(append(b, `,"featureType":`...), l.ID)
	b = geo.AppendJSONString(append(b, `,"featureSchema":`...), q.base()+"/collections/"+url.PathEscape(l.ID)+"/feature-schema")
	if d, ok := map[layers.Geometry]byte{layers.Points: '0', layers.Lines: '1', layers.Polygons: '2'}[l.Geometry]; ok {
		b = append(append(b, `,"geometryDimension":`...), d)
	}
	b = geo.AppendJSONString(append(b, `,"coordRefSys":`...), c.URI())
	return append(b, ',')
}

// properties reads the names of the properties that are wanted; nil: all.
func (q *request) properties(l *layers.Layer) (*geo.Subset, error) {
	names, err := q.propertyNames(l)
	if names == nil || err != nil {
		return nil, err
	}
	return geo.NewSubset(names...), nil
}

func (q *request) propertyNames(l *layers.Layer) ([]string, error) {
	if !q.query.Has("properties") {
		return nil, nil
	}
	names := strings.Split(q.query.Get("properties"), ",")
	for _, name := range names {
		if l.Field(name) == nil {
			return nil, invalid("properties=%s: there is no property %q; there are %s", q.query.Get("properties"), name, strings.Join(fieldNames(l), ", "))
		}
	}
	return names, nil
}

func fieldNames(l *layers.Layer) (names []string) {
	for _, f := range l.Fields {
		names = append(names, f.Name)
	}
	return names
}

// sortable reports whether values of a field come in an order: lists and objects do not.
func sortable(f layers.Field) bool { return f.Type != "json" }

// sortby reads by which properties the answer is sorted: +name or name ascending,
// -name descending (OGC API Features Part 8). A plus sign that was not escaped
// comes as a space.
func (q *request) sortby(l *layers.Layer) (order []layers.Order, err error) {
	if !q.query.Has("sortby") {
		return nil, nil
	}
	for key := range strings.SplitSeq(q.query.Get("sortby"), ",") {
		name := strings.TrimLeft(key, "+- ")
		if len(key)-len(name) > 1 {
			name = key // an odd name
		}
		f := l.Field(name)
		if f == nil || !sortable(*f) {
			var names []string
			for _, f := range l.Fields {
				if sortable(f) {
					names = append(names, f.Name)
				}
			}
			return nil, invalid("sortby=%s: can't be sorted by %q, but by %s", q.query.Get("sortby"), name, strings.Join(names, ", "))
		}
		order = append(order, layers.Order{Property: name, Descending: strings.HasPrefix(key, "-")})
	}
	return order, nil
}

// sortables answers with the properties by which a layer's features can be sorted
// (OGC 23-058r1, sortables).
func (q *request) sortables() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	properties := map[string]any{}
	for _, f := range l.Fields {
		if !sortable(f) {
			continue
		}
		p := map[string]any{"type": jsonSchemaType(f.Type)}
		if title := word(f.Title); title != "" {
			p["title"] = title
		}
		properties[f.Name] = p
	}
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	a := newAnswer(schemaType, encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": at + "/sortables",
		"type": "object", "title": word(l.Title), "properties": properties, "additionalProperties": false,
	}))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}
