package server

import (
	"net/url"
	"slices"
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

// profiles are the ways to write GeoJSON, the default first (OGC 21-045r1, profiles).
//
//nolint:gochecknoglobals // a table
var profiles = []string{"rfc7946", "jsonfg", "jsonfg-plus"}

// profileBase stands before the name of a profile.
const profileBase = "http://www.opengis.net/def/profile/OGC/0/"

// profileLink leads to what a profile is (RFC 6906); each link has a type (OGC 17-069r4
// /req/core/fc-rel-type).
func profileLink(profile string) link {
	return link{Href: profileBase + profile, Rel: "profile", Type: "text/html"}
}

// profileOf returns the first of the profiles asked for that the media type has, else its
// own; none of what is no GeoJSON. Names that nobody here knows are no error (OGC
// 23-058r2 /req/profile-parameter/profile-param, /rec/profile-parameter/profile-negotiation).
func (q *request) profileOf(mediaType string) (profile string, err error) {
	var has []string
	switch mediaType {
	case "application/geo+json":
		has = profiles
	case asJSONFG.mediaType:
		has = profiles[1:]
	}
	if len(has) > 0 {
		profile = has[0]
	}
	if !q.query.Has("profile") {
		return profile, nil
	}
	asked := q.query.Get("profile")
	for _, name := range slices.Backward(strings.Split(asked, ",")) {
		uri := strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
		if name == "" || !uri && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", invalid("profile=%s: write %s, or URIs of profiles", asked, strings.Join(profiles, ", "))
		}
		if name = strings.TrimPrefix(name, profileBase); slices.Contains(has, name) {
			profile = name
		}
	}
	return profile, nil
}

// writer returns what writes features in c, in the profile of the request.
func (q *request) writer(c crs.CRS) geojson.Writer {
	w := writerIn(c)
	w.Both = q.profile == "jsonfg-plus"
	w.FG = w.Both || q.profile == "jsonfg"
	return w
}

// output reads crs and properties, and says which coordinates come (OGC 18-058r1
// /req/crs/ogc-crs-header). Of several layers, l is nil.
func (q *request) output(l *layers.Layer) (o output, err error) {
	c, err := q.crsOf("crs")
	if err != nil {
		return o, err
	}
	o = output{Writer: q.writer(c), mediaType: "application/geo+json"}
	if q.format == asJSONFG.name {
		o.mediaType = asJSONFG.mediaType
	}
	if o.FG {
		o.about = q.aboutFG(l, c)
	}
	names, err := q.propertyNames(l)
	if err != nil {
		return o, err
	}
	if names != nil {
		o.subset = geo.NewSubset(names...)
	}
	o.Ends = !o.FG && tellsEnds(l) && (names == nil || slices.Contains(names, validFrom) || slices.Contains(names, validUntil))
	q.Header("Content-Crs", "<"+c.URI()+">")
	return o, nil
}

// aboutFG returns the members that JSON-FG adds to the whole (OGC 21-045r1 /req/core):
// of features of one layer, which are all of one type, that type too (/req/types-schemas).
// Of others, l is nil, or none that clients know.
func (q *request) aboutFG(l *layers.Layer, c crs.CRS) []byte {
	classes := []string{"http://www.opengis.net/spec/json-fg-1/1.0/conf/core"}
	var b []byte
	if l != nil {
		if _, known := q.Layer(l.ID); known {
			classes = append(classes, "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas")
			b = geo.AppendJSONString(append(b, `"featureType":`...), l.ID)
			b = geo.AppendJSONString(append(b, `,"featureSchema":`...), q.base()+"/collections/"+url.PathEscape(l.ID)+"/feature-schema")
			if d, ok := map[layers.Geometry]byte{layers.Points: '0', layers.Lines: '1', layers.Polygons: '2'}[l.Geometry]; ok {
				b = append(append(b, `,"geometryDimension":`...), d)
			}
			b = append(b, ',')
		}
	}
	b = append(append(b, `"conformsTo":`...), encode(classes)...)
	b = geo.AppendJSONString(append(b, `,"coordRefSys":`...), c.URI())
	return append(b, ',')
}

// Properties that say when a feature possibly holds, as date-times: clients such as
// QGIS have no way to read EDTF, nor a member beside the properties.
const validFrom, validUntil = "valid_from", "valid_until"

// tellsEnds reports whether features of l as GeoJSON have these two: where l has valid
// time, and no properties of its own that are named so. Without l they have not.
func tellsEnds(l *layers.Layer) bool {
	return l != nil && !l.Span.IsNever() && l.Field(validFrom) == nil && l.Field(validUntil) == nil
}

// propertyNames reads the names of the properties that are wanted; nil: all.
func (q *request) propertyNames(l *layers.Layer) ([]string, error) {
	if !q.query.Has("properties") {
		return nil, nil
	}
	names := strings.Split(q.query.Get("properties"), ",")
	for _, name := range names {
		if l.Field(name) == nil && (!tellsEnds(l) || name != validFrom && name != validUntil) {
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
