package server

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"kharita/geo"
	"kharita/geo/format"
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
		Licence: l.Licence.Name, ItemType: "feature", CRS: crsList(l), StorageCRS: crs84,
		Links: []link{
			{Href: at, Rel: "self", Type: "application/json", Title: q.say("This layer")},
			{Href: at + "/items", Rel: "items", Type: "application/geo+json", Title: q.say("Features")},
			{Href: at + "/feature-schema", Rel: "describedBy", Type: schemaType, Title: q.say("What a feature is")}, // GDAL minds the case
			{Href: at + "/schema", Rel: "http://www.opengis.net/def/rel/ogc/1.0/schema", Type: schemaType, Title: q.say("What its properties are")},
			{Href: at + "/queryables", Rel: "http://www.opengis.net/def/rel/ogc/1.0/queryables", Type: schemaType, Title: q.say("What a filter can name")},
			{Href: at + "/sortables", Rel: "http://www.opengis.net/def/rel/ogc/1.0/sortables", Type: schemaType, Title: q.say("What features can be sorted by")},
			{Href: at + "/tiles", Rel: "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", Type: "application/json", Title: q.say("Tilesets")},
			{Href: q.base() + "/styles/" + url.PathEscape(l.ID) + "?f=mapbox", Rel: "stylesheet", Type: styleType, Title: q.say("Map style")},
			{Href: at + "/timeline", Rel: "related", Type: "application/json", Title: q.say("Timeline")},
			{Href: at + "/changes?from={from}&to={to}", Rel: "related", Type: "application/geo+json", Title: q.say("Changes between two times"), Templated: true},
		},
	}
	for _, f := range format.All() {
		c.Links = append(c.Links, link{Href: q.base() + downloadURL(l, f), Rel: "enclosure", Type: f.MediaType, Title: fmt.Sprintf(q.say("All features as %s"), f.Name)})
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

func (q *request) collection() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	c := q.describe(l)
	c.Links = append(q.here(), c.Links[1:]...)
	return q.json(c)
}

// items answers with a page of features (OGC 17-069r4 §7.15).
func (q *request) items() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	query, err := q.features(l)
	if err != nil {
		return err
	}
	if query.Order, err = q.sortby(l); err != nil {
		return err
	}
	query, done := query.Together()
	defer done()
	if err := q.holds(query, l); err != nil {
		return err
	}
	return q.page(l, query, q.linksUp(l), "", nil)
}

// linksUp lead from features to their layer and to what their properties are.
func (q *request) linksUp(l *layers.Layer) []link {
	at := q.itself().base + "/collections/" + url.PathEscape(l.ID)
	return []link{
		{Href: at, Rel: "collection", Type: "application/json"},
		{Href: at + "/schema", Rel: "describedby", Type: schemaType},
	}
}

// countEffort bounds how many features are looked at to say how many there are, beside a page
// of so many.
func countEffort(limit int) int { return max(1000, 2*limit) }

// page answers with the features of a query as far as limit allows, and with
// another member of the collection, unless its name is empty. The number of all
// features is left out where it would take longer than the page itself.
func (q *request) page(l *layers.Layer, query layers.Query, links []link, name string, member any) error {
	limit, err := q.limit(defaultLimit, maxLimit)
	if err != nil {
		return err
	}
	out, err := q.output(l)
	if err != nil {
		return err
	}
	query.After = layers.Cursor(q.query.Get("after"))
	if query.After == "" && q.query.Has("after") {
		return invalid("after is empty: follow a next link")
	}
	revision := q.revision
	if name == "" { // nothing but the layer is told
		revision = l.Revision + q.server.config.Version
	}
	w := q.stream(out.mediaType, revision, out.mediaType, q.itself().base, q.Request.URL.RequestURI(), q.lang)
	if w == nil {
		return nil
	}
	defer w.release()
	total, known, err := l.Count(q.Request.Context(), query, countEffort(limit))
	if err != nil {
		return err
	}
	query.Limit = limit + 1 // one more tells whether there is a next page
	w.buf = append(w.buf, `{"type":"FeatureCollection","timeStamp":"`...)
	w.buf = q.since.UTC().AppendFormat(w.buf, timeStamp)
	w.buf = append(w.buf, `",`...)
	w.buf = append(w.buf, out.about...)
	if name != "" {
		w.buf = append(geo.AppendJSONString(w.buf, name), ':')
		w.buf = append(append(w.buf, encode(member)...), ',')
	}
	w.buf = append(w.buf, `"features":[`...)
	var (
		last geo.Row
		n    int
		more bool
	)
	rows := rowStream{stream: w, out: &out}
	for row, err := range l.Rows(q.Request.Context(), query) {
		if err != nil {
			return w.broke(err)
		}
		if n == limit {
			more = true
			break
		}
		last = row
		rows.add(row)
		n++
	}
	rows.flush()
	links = append(q.here(), links...)
	if more {
		on := link{Href: q.itself().with("after", string(l.Cursor(last.Feature(), query)), ""), Rel: "next", Type: out.mediaType}
		if links = append(links, on); !w.sent {
			q.sayLink(on)
		}
	} else if query.After == "" {
		total, known = n, true
	}
	w.buf = append(w.buf, ']')
	if known {
		w.buf = strconv.AppendInt(append(w.buf, `,"numberMatched":`...), int64(total), 10)
	}
	w.buf = strconv.AppendInt(append(w.buf, `,"numberReturned":`...), int64(n), 10)
	w.buf = append(w.buf, `,"links":`...)
	w.buf = append(appendLinks(w.buf, links), '}')
	w.end()
	return nil
}

// A rowStream writes features to a stream. Those that lie in memory as they are written, one after the
// other, go out from there.
type rowStream struct {
	*stream

	out     *output
	run     geo.Run
	waiting int  // bytes of run that are not in the stream
	begun   bool // it has features
}

func (s *rowStream) add(row geo.Row) {
	if s.out.Copies(row, s.out.subset) {
		if !s.run.Add(row) {
			s.flush()
			s.run = row.Run()
		}
		if s.waiting = len(s.run.Written()); s.waiting >= streamRun || !s.sent && s.waiting >= streamWorth {
			s.flush()
		}
		return
	}
	s.flush()
	if s.begun {
		s.buf = append(s.buf, geo.Between...)
	}
	s.begun = true
	s.buf = s.out.AppendRow(s.buf, row, s.out.subset)
	s.sendLarge()
}

// flush adds what waits to the stream.
func (s *rowStream) flush() {
	if s.waiting == 0 {
		return
	}
	text := s.run.Written()
	if !s.begun {
		text = text[len(geo.Between):]
	}
	s.run, s.waiting, s.begun = geo.Run{}, 0, true
	if !s.sent || len(text) < streamWorth {
		s.buf = append(s.buf, text...)
		s.sendLarge()
		return
	}
	if len(s.buf) > 0 {
		s.send(s.buf)
		s.buf = s.buf[:0]
	}
	s.send(text)
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
	f, err := q.oneFeature(l)
	if err != nil {
		return err
	}
	links := append(q.here(), q.linksUp(l)...)
	versions, err := l.Versions(f)
	if err != nil {
		return err
	}
	links = append(links, q.versionLinks(l, f, versions)...)
	out, err := q.output(l)
	if err != nil {
		return err
	}
	f.Properties = out.subset.Of(f.Properties)
	a := newAnswer(out.mediaType, out.appendLinked(nil, f, links))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

// oneFeature returns the feature of l that the path names.
func (q *request) oneFeature(l *layers.Layer) (geo.Feature, error) {
	id := q.Param("id")
	f, err := l.Feature(q.Request.Context(), id)
	if errors.Is(err, layers.ErrNotFound) {
		return f, notFound("feature", id)
	}
	return f, err
}

// appendLinked appends f with what it says of the whole, and with links.
func (o *output) appendLinked(dst []byte, f geo.Feature, links []link) []byte {
	dst = o.AppendFeature(dst, f)
	dst = append(dst[:len(dst)-1], ',')
	dst = append(append(dst, o.about...), `"links":`...)
	return append(append(dst, encode(links)...), '}')
}

func (q *request) itemURL(l *layers.Layer, f geo.Feature) string {
	return q.base() + "/collections/" + url.PathEscape(l.ID) + "/items/" + url.PathEscape(f.ID.String())
}

// versionLinks link f to the version before and after it and to all (RFC 5829).
func (q *request) versionLinks(l *layers.Layer, f geo.Feature, versions []geo.Feature) (links []link) {
	if l.Identity == "" {
		return nil
	}
	const geoJSON = "application/geo+json"
	links = append(links, link{Href: q.itemURL(l, f) + "/versions", Rel: "version-history", Type: geoJSON})
	for i, v := range versions {
		if v.ID != f.ID {
			continue
		}
		if i > 0 {
			links = append(links, link{Href: q.itemURL(l, versions[i-1]), Rel: "predecessor-version", Type: geoJSON})
		}
		if i+1 < len(versions) {
			links = append(links, link{Href: q.itemURL(l, versions[i+1]), Rel: "successor-version", Type: geoJSON})
		}
	}
	return links
}

// versions answers with all versions of the thing that a feature is one of, in
// order of time, each with links to those before and after it.
func (q *request) versions() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	f, err := q.oneFeature(l)
	if err != nil {
		return err
	}
	if l.Identity == "" {
		return tell(layers.ErrNotFound, "layer %q names no identity that versions of one thing share", l.ID)
	}
	versions, err := l.Versions(f)
	if err != nil {
		return err
	}
	out, err := q.output(l)
	if err != nil {
		return err
	}
	body := append([]byte(`{"type":"FeatureCollection",`), out.about...)
	body, out.about = append(body, `"features":[`...), nil
	for i, v := range versions {
		if i > 0 {
			body = append(body, ",\n"...)
		}
		links := append([]link{{Href: q.itemURL(l, v), Rel: "self", Type: "application/geo+json"}}, q.versionLinks(l, v, versions)...)
		body = out.appendLinked(body, v, links)
	}
	body = append(body, `],"numberMatched":`...)
	body = strconv.AppendInt(body, int64(len(versions)), 10)
	body = append(body, `,"numberReturned":`...)
	body = strconv.AppendInt(body, int64(len(versions)), 10)
	body = append(body, `,"links":`...)
	body = append(body, encode(append(q.here(), q.linksUp(l)...))...)
	body = append(body, '}')
	a := newAnswer("application/geo+json", body)
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}
