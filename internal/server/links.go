package server

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kharita/geo"
)

// link is a link of OGC API (RFC 8288, OGC 17-069r4 §5.2).
type link struct {
	Href      string `json:"href"`
	Rel       string `json:"rel"`
	Type      string `json:"type,omitempty"`
	Title     string `json:"title,omitempty"`
	Hreflang  string `json:"hreflang,omitempty"`
	Templated bool   `json:"templated,omitempty"`
}

// An address is that of a request, from which those of its other forms and pages are made.
type address struct {
	base, path string
	query      []pair // in the order of their names
	here       []link
}

// A pair is a parameter, its text as it stands in a URL.
type pair struct{ name, text string }

// itself returns the address of q, and makes it when first asked for.
func (q *request) itself() *address {
	if q.self == nil {
		a := &address{base: q.base(), path: q.Request.URL.EscapedPath(), query: make([]pair, 0, len(q.query))}
		for name, values := range q.query {
			for _, value := range values {
				a.query = append(a.query, pair{name, url.QueryEscape(name) + "=" + url.QueryEscape(value)})
			}
		}
		slices.SortStableFunc(a.query, func(x, y pair) int { return strings.Compare(x.name, y.name) })
		q.self = a
	}
	return q.self
}

// with returns the URL with another value of one parameter, if it has a name, and without another.
func (a *address) with(name, value, without string) string {
	b := make([]byte, 0, 256)
	b = append(append(b, a.base...), a.path...)
	before := byte('?')
	add := func(text string) {
		b = append(append(b, before), text...)
		before = '&'
	}
	waits := name != ""
	for _, p := range a.query {
		if waits && name <= p.name {
			add(name + "=" + url.QueryEscape(value))
			waits = false
		}
		if p.name != name && p.name != without {
			add(p.text)
		}
	}
	if waits {
		add(name + "=" + url.QueryEscape(value))
	}
	return string(b)
}

// here returns links to what is asked for: in the form that is answered, and in its
// others (OGC 17-069r4 /req/core/fc-links), and to the profile of GeoJSON.
func (q *request) here() []link {
	a := q.itself()
	if a.here != nil {
		return slices.Clip(a.here)
	}
	chosen := q.mediaType()
	list := append(make([]link, 0, 8), link{Href: a.with("", "", ""), Rel: "self", Type: chosen})
	seen := append(make([]form, 0, 8), form{"", chosen})
	for _, f := range q.route.forms {
		if f == asTileJSON && q.Param("tms") != webMercator {
			continue // see mercatorAlone
		}
		kind := form{"", f.mediaType} // two names may mean one form
		if f.name == asTileJSON.name {
			kind.name = f.name // of the same media type as another
		}
		if f.name != q.format && !slices.Contains(seen, kind) {
			list = append(list, link{Href: a.with("f", f.name, "profile"), Rel: "alternate", Type: f.mediaType}) // the profile may be of this form alone
		}
		seen = append(seen, kind)
	}
	if q.profile != "" {
		list = append(list, profileLink(q.profile))
	}
	a.here = list
	return slices.Clip(list)
}

// appendLinks appends links as JSON.
func appendLinks(dst []byte, list []link) []byte {
	dst = append(dst, '[')
	for i, l := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = geo.AppendJSONString(append(dst, `{"href":`...), l.Href)
		dst = geo.AppendJSONString(append(dst, `,"rel":`...), l.Rel)
		for _, m := range [...]struct{ name, value string }{{`,"type":`, l.Type}, {`,"title":`, l.Title}, {`,"hreflang":`, l.Hreflang}} {
			if m.value != "" {
				dst = geo.AppendJSONString(append(dst, m.name...), m.value)
			}
		}
		if l.Templated {
			dst = append(dst, `,"templated":true`...)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// tileLinks are those of a tile, by tile matrix set: to the tileset, three steps up.
//
//nolint:gochecknoglobals // a constant in all but syntax
var tileLinks = map[string][]string{
	webMercator: {`<../../../` + webMercator + `>; rel="describedby"; type="application/json"`},
	worldCRS84:  {`<../../../` + worldCRS84 + `>; rel="describedby"; type="application/json"`},
}

// linksOfTile are those of the tile that the path names. The tileset of changes, which
// there is in Web Mercator alone, is of two times.
func linksOfTile(c *gin.Context, changes bool) []string {
	tms := c.Param("tms")
	switch {
	case !changes:
		return tileLinks[tms]
	case tms != webMercator:
		return nil
	}
	times := timesOf(c.Request.URL.Query()).Encode()
	return []string{strings.Replace(tileLinks[tms][0], ">", "?"+times+">", 1)}
}

// sayLinks puts the links that hold for the whole of a route into the header (RFC 8288 §3).
func (q *request) sayLinks() {
	if q.format == "" || q.format == asTile.name {
		return
	}
	list := q.here()
	if strings.HasPrefix(q.route.path, "/collections/:layer/") {
		at := q.itself().base + "/collections/" + url.PathEscape(q.Param("layer"))
		list = append(list, link{Href: at, Rel: "collection", Type: "application/json"})
		if strings.HasPrefix(q.route.path, "/collections/:layer/items") {
			list = append(list, link{Href: at + "/schema", Rel: "describedby", Type: schemaType})
		}
	}
	h := q.Writer.Header()
	h["Link"] = slices.Grow(h["Link"], len(list)+1)
	for _, l := range list {
		q.sayLink(l)
	}
}

// sayLink adds a link to the header.
func (q *request) sayLink(l link) {
	b := append(make([]byte, 0, 256), '<')
	b = append(append(append(b, strings.ReplaceAll(l.Href, ">", "%3E")...), `>; rel="`...), l.Rel...)
	if b = append(b, '"'); l.Type != "" {
		b = append(append(append(b, `; type="`...), l.Type...), '"')
	}
	h := q.Writer.Header()
	h["Link"] = append(h["Link"], string(b))
}
