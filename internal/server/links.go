package server

import (
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
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

// here returns links to what is asked for: in the form that is answered, and in its
// others (OGC 17-069r4 /req/core/fc-links), and to the profile of GeoJSON.
func (q *request) here() []link {
	at := q.base() + q.Request.URL.EscapedPath()
	with := func(f string) string {
		query := cloneValues(q.query)
		if f != "" {
			query.Set("f", f)
			query.Del("profile") // it may be of this form alone
		}
		if len(query) == 0 {
			return at
		}
		return at + "?" + query.Encode()
	}
	chosen := q.mediaType()
	list := []link{{Href: with(""), Rel: "self", Type: chosen}}
	seen := map[form]bool{{"", chosen}: true}
	for _, f := range q.route.forms {
		if f == asTileJSON && q.Param("tms") != webMercator {
			continue // see mercatorAlone
		}
		kind := form{"", f.mediaType} // two names may mean one form
		if f.name == asTileJSON.name {
			kind.name = f.name // of the same media type as another
		}
		if f.name != q.format && !seen[kind] {
			list = append(list, link{Href: with(f.name), Rel: "alternate", Type: f.mediaType})
		}
		seen[kind] = true
	}
	if q.profile != "" {
		list = append(list, profileLink(q.profile))
	}
	return list
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
		at := q.base() + "/collections/" + url.PathEscape(q.Param("layer"))
		list = append(list, link{Href: at, Rel: "collection", Type: "application/json"})
		if strings.HasPrefix(q.route.path, "/collections/:layer/items") {
			list = append(list, link{Href: at + "/schema", Rel: "describedby", Type: schemaType})
		}
	}
	for _, l := range list {
		q.sayLink(l)
	}
}

// sayLink adds a link to the header.
func (q *request) sayLink(l link) {
	text := "<" + strings.ReplaceAll(l.Href, ">", "%3E") + `>; rel="` + l.Rel + `"`
	if l.Type != "" {
		text += `; type="` + l.Type + `"`
	}
	h := q.Writer.Header()
	h["Link"] = append(h["Link"], text)
}
