package server

import (
	"net/url"
	"strconv"

	"kharita/geo"
	"kharita/geo/format"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/layers"
)

const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// A collection is a layer as OGC API describes it (OGC 17-069r4 §7.13).
type collection struct {
	ID          string         `json:"id"`
	Title       string         `json:"title,omitempty"`
	Description string         `json:"description,omitempty"`
	Attribution string         `json:"attribution,omitempty"`
	Licence     string         `json:"license,omitempty"`
	ItemType    string         `json:"itemType"`
	CRS         []string       `json:"crs"`
	StorageCRS  string         `json:"storageCrs"`
	Extent      map[string]any `json:"extent,omitempty"`
	Links       []link         `json:"links"`
}

func (q *request) describe(l *layers.Layer) collection {
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	c := collection{
		ID: l.ID, Title: word(l.Title), Description: word(l.Description), Attribution: word(l.Attribution),
		Licence: l.Licence.Name, ItemType: "feature", CRS: []string{crs84}, StorageCRS: crs84,
		Links: []link{
			{Href: at, Rel: "self", Type: "application/json", Title: "This layer"},
			{Href: at + "/items", Rel: "items", Type: "application/geo+json", Title: "Features"},
			{Href: at + "/tiles", Rel: "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", Type: "application/json", Title: "Tilesets"},
		},
	}
	for _, f := range format.All() {
		c.Links = append(c.Links, link{Href: q.base() + downloadURL(l, f), Rel: "enclosure", Type: f.MediaType, Title: "All features as " + f.Name})
	}
	if l.Licence.URL != "" {
		c.Links = append(c.Links, link{Href: l.Licence.URL, Rel: "license", Title: l.Licence.Name})
	}
	extent := map[string]any{}
	if !l.Bound.IsEmpty() {
		extent["spatial"] = map[string]any{"crs": crs84, "bbox": [][4]float64{bbox(l)}}
	}
	if !l.Span.IsNever() {
		extent["temporal"] = map[string]any{
			"trs":      "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
			"interval": [][2]*string{interval(l.Span)},
		}
	}
	if len(extent) > 0 {
		c.Extent = extent
	}
	return c
}

func bbox(l *layers.Layer) [4]float64 {
	return [4]float64{l.Bound.Min[0], l.Bound.Min[1], l.Bound.Max[0], l.Bound.Max[1]}
}

// interval writes the closed ends of p as date-times (OGC 17-069r4
// /req/core/collection-temporal-extent): the last is a millisecond before p's end; null is open.
func interval(p period.Period) (ends [2]*string) {
	if i, ok := p.Start(); ok {
		ends[0] = ptr(dateTime(i))
	}
	if i, ok := p.End(); ok {
		ends[1] = ptr(dateTime(i - 1))
	}
	return ends
}

func ptr[T any](v T) *T { return &v }

func (q *request) collections() error {
	var err error
	if q.lang, err = q.language(); err != nil {
		return err
	}
	answer := struct {
		Links       []link       `json:"links"`
		Collections []collection `json:"collections"`
	}{Links: []link{{Href: q.base() + "/collections", Rel: "self", Type: "application/json"}}, Collections: []collection{}}
	for _, list := range [][]*layers.Layer{q.Layers, q.Base} {
		for _, l := range list {
			answer.Collections = append(answer.Collections, q.describe(l))
		}
	}
	return q.json(answer)
}

func (q *request) collection() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	if q.lang, err = q.language(); err != nil {
		return err
	}
	return q.json(q.describe(l))
}

// items answers with a page of features (OGC 17-069r4 §7.15).
func (q *request) items() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	query, err := q.features()
	if err != nil {
		return err
	}
	limit, err := q.limit()
	if err != nil {
		return err
	}
	query.After = layers.Cursor(q.query.Get("after"))
	if query.After == "" && q.query.Has("after") {
		return invalid("after is empty: follow a next link")
	}
	total, err := l.Count(q.Request.Context(), query)
	if err != nil {
		return err
	}
	query.Limit = limit + 1 // one more tells whether there is a next page
	var (
		body = []byte(`{"type":"FeatureCollection","features":[`)
		last geo.Feature
		n    int
		more bool
	)
	for f, err := range l.Features(q.Request.Context(), query) {
		if err != nil {
			return err
		}
		if n == limit {
			more = true
			break
		}
		if n > 0 {
			body = append(body, ",\n"...)
		}
		body = geojson.AppendFeature(body, f)
		last = f
		n++
	}
	self := q.base() + q.Request.URL.RequestURI()
	links := []link{
		{Href: self, Rel: "self", Type: "application/geo+json"},
		{Href: q.base() + "/collections/" + url.PathEscape(l.ID), Rel: "collection", Type: "application/json"},
	}
	if more {
		next := cloneValues(q.query)
		next.Set("after", string(l.Cursor(last)))
		links = append(links, link{Href: q.base() + q.Request.URL.EscapedPath() + "?" + next.Encode(), Rel: "next", Type: "application/geo+json"})
	}
	body = append(body, `],"numberMatched":`...)
	body = strconv.AppendInt(body, int64(total), 10)
	body = append(body, `,"numberReturned":`...)
	body = strconv.AppendInt(body, int64(n), 10)
	body = append(body, `,"links":`...)
	body = append(body, encode(links)...)
	body = append(body, '}')
	q.Header("Content-Crs", "<"+crs84+">")
	send(q.Context, newAnswer("application/geo+json", body), false)
	return nil
}

func cloneValues(v url.Values) url.Values {
	c := url.Values{}
	for k, list := range v {
		c[k] = append([]string(nil), list...)
	}
	return c
}

// item answers with one feature.
func (q *request) item() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	f, err := l.Feature(q.Request.Context(), q.Param("id"))
	if err != nil {
		return err
	}
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	body := geojson.AppendFeature(nil, f)
	body = append(body[:len(body)-1], `,"links":`...)
	body = append(body, encode([]link{
		{Href: at + "/items/" + url.PathEscape(f.ID.String()), Rel: "self", Type: "application/geo+json"},
		{Href: at, Rel: "collection", Type: "application/json"},
	})...)
	body = append(body, '}')
	q.Header("Content-Crs", "<"+crs84+">")
	send(q.Context, newAnswer("application/geo+json", body), false)
	return nil
}
