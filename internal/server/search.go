package server

import (
	"net/url"
	"slices"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/crs"
	"kharita/internal/layers"
)

const (
	defaultFound = 10
	maxFound     = 100
	maxAsked     = 200 // bytes of q
)

// search finds features by name (ours). It answers with a FeatureCollection,
// best first, of points to go to.
func (q *request) search() error {
	text := q.query.Get("q")
	switch {
	case text == "":
		return invalid("q is empty: write a name, or how it begins")
	case len(text) > maxAsked:
		return invalid("q is longer than %d bytes", maxAsked)
	}
	query, err := q.features()
	if err != nil {
		return err
	}
	if query.Limit, err = q.limit(defaultFound, maxFound); err != nil {
		return err
	}
	found, err := q.Search(q.Request.Context(), text, slices.Concat(q.Layers, q.Base), query)
	if err != nil {
		return err
	}
	names := geo.NewNames("collection", "id", "title", "name", "names", "bbox", "start", "end")
	out := q.writer(crs.CRS{})
	body := []byte(`{"type":"FeatureCollection",`)
	if out.FG {
		body = append(body, q.aboutFG(nil, crs.CRS{})...)
	}
	body = append(body, `"features":[`...)
	for i, f := range found {
		if i > 0 {
			body = append(body, ",\n"...)
		}
		body = out.AppendFeature(body, q.foundFeature(names, f))
	}
	body = append(body, `],"numberReturned":`+itoa(len(found))+`,"links":`...)
	body = append(body, encode(q.here())...)
	body = append(body, '}')
	a := newAnswer("application/geo+json", body)
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

// foundFeature is what the answer says of f: where it is, what it is called, from when to when.
func (q *request) foundFeature(names *geo.Names, f layers.Found) geo.Feature {
	called := layers.Text{}
	for lang, property := range f.Layer.Name {
		if name := f.Feature.Properties.Get(property).Text(); name != "" {
			called[lang] = name
		}
	}
	name, _ := called.In(q.lang, q.fallback())
	title, _ := f.Layer.Title.In(q.lang, q.fallback())
	var point orb.Geometry
	var box geo.Value
	if g := f.Feature.Geometry; g != nil {
		b := g.Bound()
		point = b.Center()
		box = geo.JSONValue(string(encode([4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]})))
	}
	return geo.Feature{
		ID:       geo.TextID(url.PathEscape(f.Layer.ID) + "/" + f.Feature.ID.String()),
		Geometry: point,
		Valid:    f.Feature.Valid,
		Properties: geo.NewProperties(names, []geo.Value{
			geo.StringValue(f.Layer.ID), geo.StringValue(f.Feature.ID.String()), geo.StringValue(title), geo.StringValue(name),
			geo.JSONValue(string(encode(called))), box,
			f.Feature.Properties.Get(f.Layer.Time.Start), f.Feature.Properties.Get(f.Layer.Time.End),
		}),
	}
}
