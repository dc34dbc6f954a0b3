package server

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"kharita/geo/format"
	"kharita/internal/layers"
)

// What a program reads as JSON a person reads as a page: the handler answers with JSON as
// always, and the page is made of that. So a page says what the JSON says, has the same
// links, and a new route has its page without a line of code.

const htmlType = "text/html; charset=utf-8"

// readingPolicy lets a page load its stylesheet and fonts, and run nothing.
const readingPolicy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors *"

//go:embed html/page.tmpl
var pageText string

//nolint:gochecknoglobals // a constant in all but syntax
var pageTemplate = template.Must(template.New("page").Parse(pageText))

// A document is what the template writes.
type document struct {
	Lang, Dir           string
	Site, Title, Kicker string
	Summary, Lead, Note string
	Style, Icon         string
	Alternates          []link
	Crumbs, Languages   []crumb
	Search              *searchForm
	Map                 template.HTML
	MapLabel, MapLink   string
	Sections            []section
	Next                string
	Formats             []crumb
	Credits             string
	Dataset             any
}

type crumb struct {
	Text, Href, Type, Lang string
	Current                bool
}

type searchForm struct{ Query string }

type section struct {
	Title string
	Body  node
}

// A node is a part of a page.
type node struct {
	Kind             string // fields, facts, table, list, row, card, link, code, number, badge, paragraph; empty: plain text
	Text, Href, Lang string
	Items            []node
	Fields           []labelled
	Head             []string
	Rows             [][]node
}

type labelled struct {
	Label string
	Value node
}

// Numeric reports whether a column of a table holds numbers.
func (n node) Numeric(column int) bool {
	return len(n.Rows) > 0 && n.Rows[0][column].Kind == "number"
}

// Say returns a word of the pages.
func (d document) Say(key string) string { return words[key].in(d.Lang) }

// pageLanguage is the language of a page's own words.
func pageLanguage(lang string) string {
	if arabic(lang) {
		return "ar"
	}
	return "en"
}

// A capture keeps what a handler answers.
type capture struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (c *capture) Write(b []byte) (int, error)       { return c.body.Write(b) }
func (c *capture) WriteString(s string) (int, error) { return c.body.WriteString(s) }
func (c *capture) WriteHeader(int)                   {}
func (c *capture) WriteHeaderNow()                   {}
func (c *capture) Written() bool                     { return false }

// read answers with the page of what r answers as JSON.
func (q *request) read(r route) error {
	body, err := q.asData(r)
	if err != nil {
		return err
	}
	v := view{request: q, route: r, at: q.base()}
	v.layer, _ = q.Layer(q.Param("layer"))
	d, err := v.document(body)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, d); err != nil {
		return err
	}
	a := newAnswer(htmlType, b.Bytes())
	a.language = d.Lang
	q.Header("Content-Security-Policy", readingPolicy)
	send(q.Context, a, false)
	return nil
}

// asData returns what r answers in its first form, whole.
func (q *request) asData(r route) ([]byte, error) {
	if r.id == "search" && !q.query.Has("q") {
		return []byte(`{"type":"FeatureCollection","features":[]}`), nil // the form alone
	}
	c := &capture{ResponseWriter: q.Writer}
	defer func(request *http.Request, query url.Values, form string) {
		q.Writer, q.Request, q.query, q.format, q.self = c.ResponseWriter, request, query, form, nil
	}(q.Request, q.query, q.format)
	q.Writer, q.Request, q.query, q.format = c, q.Request.Clone(q.Request.Context()), cloneValues(q.query), r.forms[0].name
	q.self = nil
	q.query.Del("f")
	q.Request.URL.RawQuery = q.query.Encode()
	q.Request.Method = http.MethodGet
	for _, name := range []string{"Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range"} {
		q.Request.Header.Del(name) // the page is compared and compressed, not what it is made of
	}
	err := r.answer(q)
	for _, name := range []string{"Etag", "Content-Length", "Content-Type", "Content-Crs", "Cache-Control"} {
		c.ResponseWriter.Header().Del(name)
	}
	return c.body.Bytes(), err
}

// A view makes the page of one request.
type view struct {
	*request
	route route
	layer *layers.Layer // that the path names, or nil
	at    string        // base
}

func (v *view) say(key string) string { return words[key].in(v.lang) }

// word returns a text of the atlas in the reader's language.
func (v *view) word(t layers.Text) string { w, _ := t.In(v.lang, v.fallback()); return w }

// label names a member of JSON: in words if we have them, else as it is.
func (v *view) label(name string) string {
	if p, ok := words[name]; ok {
		return p.in(v.lang)
	}
	return strings.ReplaceAll(name, "_", " ")
}

// frame returns a document with all that is around its content.
func (v *view) frame() document {
	lang := pageLanguage(v.lang)
	d := document{Lang: lang, Dir: direction(lang), Site: v.word(v.Atlas.Title), Credits: v.word(v.Atlas.Attribution)}
	for path := range v.server.assets {
		switch {
		case strings.HasPrefix(path, "/assets/read-") && strings.HasSuffix(path, ".css"):
			d.Style = path
		case strings.HasPrefix(path, "/assets/icon-"):
			d.Icon = path
		}
	}
	for _, l := range []crumb{{Text: "العربية", Lang: "ar"}, {Text: "English", Lang: "en"}} {
		l.Href, l.Current = v.with("lang", l.Lang), l.Lang == lang
		d.Languages = append(d.Languages, l)
		d.Alternates = append(d.Alternates, link{Href: l.Href, Rel: "alternate", Hreflang: l.Lang, Type: "text/html"})
	}
	return d
}

// with is the address of the request with other values of parameters, given as names and
// values in turn; an empty value takes the parameter away.
func (v *view) with(values ...string) string {
	query := cloneValues(v.query)
	for i := 0; i+1 < len(values); i += 2 {
		if query.Del(values[i]); values[i+1] != "" {
			query.Set(values[i], values[i+1])
		}
	}
	at := v.Request.URL.EscapedPath()
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	return at
}

// href is the address of another page of ours as this page links it: from the root, and
// in the language that was asked for by name.
func (v *view) href(address string) string {
	path, ours := strings.CutPrefix(address, v.at)
	if !ours || !strings.HasPrefix(path, "/") {
		return address
	}
	lang := v.query.Get("lang")
	if lang == "" {
		return path
	}
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	query := u.Query()
	query.Set("lang", lang)
	u.RawQuery = query.Encode()
	return u.String()
}

// document makes a page of JSON.
func (v *view) document(body []byte) (document, error) {
	d := v.frame()
	v.crumbs(&d)
	seen := map[string]bool{}
	for _, f := range v.route.forms {
		if name := formName(f); f != asHTML && !seen[name] {
			seen[name] = true
			href := v.with("f", f.name)
			d.Formats = append(d.Formats, crumb{Text: name, Href: href, Type: f.mediaType})
			d.Alternates = append(d.Alternates, link{Href: href, Rel: "alternate", Type: f.mediaType})
		}
	}
	d.Alternates = append(d.Alternates, link{Href: v.at + v.with("f", "", "lang", ""), Rel: "canonical"})
	if v.layer != nil {
		d.Credits = v.word(v.layer.Attribution)
		d.Summary = v.word(v.layer.Description)
		if licence := v.layer.Licence.Name; licence != "" && !strings.Contains(d.Credits, licence) {
			d.Credits = strings.TrimPrefix(d.Credits+" · "+licence, " · ")
		}
	}
	return d, v.fill(&d, body)
}

// formName is what people call a form.
func formName(f form) string {
	switch {
	case strings.Contains(f.mediaType, "geo+json"):
		return "GeoJSON"
	case f.name == asJSONFG.name:
		return "JSON-FG"
	case f.name == "tilejson":
		return "TileJSON"
	case strings.Contains(f.mediaType, "openapi"):
		return "OpenAPI " + strings.TrimPrefix(f.mediaType[strings.LastIndexByte(f.mediaType, '=')+1:], "application/")
	case strings.Contains(f.mediaType, "schema+json"):
		return "JSON Schema"
	}
	return strings.ToUpper(f.name)
}

// crumbs sets the way from the map to here, and the title.
func (v *view) crumbs(d *document) {
	d.Crumbs = []crumb{{Text: v.say("home"), Href: v.href(v.at + "/?f=html")}}
	path := ""
	parts := strings.Split(strings.Trim(v.Request.URL.EscapedPath(), "/"), "/")
	for i, part := range parts {
		path += "/" + part
		name, err := url.PathUnescape(part)
		if err != nil {
			name = part
		}
		c := crumb{Text: name, Href: v.href(v.at + path), Current: i == len(parts)-1}
		switch p, known := words[name]; {
		case i == 1 && v.layer != nil:
			c.Text = v.word(v.layer.Title)
		case known && (i != 3 || parts[0] != "collections"): // an id may be any word
			c.Text = p.in(v.lang)
		}
		if c.Current || part == "changes" {
			c.Href = ""
		}
		d.Crumbs = append(d.Crumbs, c)
		d.Title = c.Text
	}
	if v.layer != nil && len(parts) > 2 {
		d.Kicker = v.word(v.layer.Title)
	}
}

// members returns the members of a JSON object in the order of the text.
func members(raw json.RawMessage) (list []member) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return list
		}
		m := member{name: name.(string)} //nolint:forcetypeassert // of an object
		if d.Decode(&m.value) != nil {
			return list
		}
		list = append(list, m)
	}
	return list
}

type member struct {
	name  string
	value json.RawMessage
}

// elements returns the elements of a JSON array.
func elements(raw json.RawMessage) (list []json.RawMessage) {
	_ = json.Unmarshal(raw, &list)
	return list
}

// get returns a member, nil if there is none.
func get(list []member, name string) json.RawMessage {
	for _, m := range list {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// textOf is a JSON string, or another value as it is written; empty for null.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// value makes a node of any JSON.
func (v *view) value(raw json.RawMessage) node {
	if len(raw) == 0 {
		return node{Text: "–"}
	}
	switch raw[0] {
	case '{':
		return v.fields(members(raw))
	case '[':
		return v.list(elements(raw))
	case '"':
		return v.string(textOf(raw))
	case 't', 'f':
		return node{Text: v.say(map[bool]string{true: "yes", false: "no"}[raw[0] == 't'])}
	case 'n':
		return node{Text: "–"}
	}
	return node{Kind: "number", Text: grouped(string(raw))}
}

func (v *view) string(s string) node {
	switch {
	case (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) && !strings.ContainsAny(s, " {}"):
		return node{Kind: "link", Text: s, Href: v.href(s)}
	case strings.HasPrefix(s, "/") || strings.ContainsAny(s, "{}"):
		return node{Kind: "code", Text: s}
	}
	return node{Text: s}
}

func (v *view) fields(list []member) node {
	n := node{Kind: "fields"}
	for _, m := range list {
		if m.name == "links" {
			n.Fields = append(n.Fields, labelled{v.say("see"), v.links(m.value)})
			continue
		}
		n.Fields = append(n.Fields, labelled{v.label(m.name), named(v.value(m.value), v.label(m.name))})
	}
	return n
}

// list is a row of plain values, a list, or a table of objects that are alike.
func (v *view) list(list []json.RawMessage) node {
	if len(list) == 0 {
		return node{Text: v.say("none")}
	}
	objects, plain := 0, 0
	for _, e := range list {
		switch e[0] {
		case '{':
			objects++
		case '[', '"':
		default:
			plain++
		}
	}
	switch {
	case objects == len(list):
		return v.table(list)
	case plain == len(list):
		texts := make([]string, len(list))
		for i, e := range list {
			texts[i] = v.value(e).Text
		}
		return node{Kind: "number", Text: strings.Join(texts, " · ")}
	}
	n := node{Kind: "list"}
	for _, e := range list {
		n.Items = append(n.Items, v.value(e))
	}
	return n
}

// table shows objects by their members; where these differ much or are large, one under another.
func (v *view) table(list []json.RawMessage) node {
	var names []string
	rows := make([][]member, len(list))
	for i, e := range list {
		rows[i] = members(e)
		for _, m := range rows[i] {
			if !slices.Contains(names, m.name) {
				names = append(names, m.name)
			}
		}
	}
	n := node{Kind: "table"}
	for _, name := range names {
		n.Head = append(n.Head, v.label(name))
	}
	for _, row := range rows {
		var cells []node
		for _, name := range names {
			value := get(row, name)
			switch {
			case name == "links":
				files, _ := v.downloadsOf(value)
				cells = append(cells, node{Kind: "list", Items: append(v.links(value).Items, files.Body.Items...)})
			case value == nil:
				cells = append(cells, node{})
			case value[0] == '{' || value[0] == '[' && strings.Contains(string(value), "{"):
				cells = append(cells, node{Text: v.brief(value)})
			default:
				cells = append(cells, v.value(value))
			}
		}
		n.Rows = append(n.Rows, cells)
	}
	return n
}

// brief is a value in a line: what it is made of, each thing once.
func (v *view) brief(raw json.RawMessage) string {
	var said []string
	say := func(raw json.RawMessage) {
		if text := v.brief(raw); !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	switch raw[0] {
	case '{':
		for _, m := range members(raw) {
			say(m.value)
		}
		return strings.Join(said, " · ")
	case '[':
		for _, e := range elements(raw) {
			say(e)
		}
		return strings.Join(said, v.say("comma"))
	}
	return v.value(raw).Text
}

// links lists where to go from here; not here itself, and not where one has to fill in.
func (v *view) links(raw json.RawMessage) node {
	n := node{Kind: "list"}
	seen := map[string]bool{}
	for _, l := range linksOf(raw) {
		if l.Templated || l.Rel == "self" || l.Rel == "alternate" || l.Rel == "next" || l.Rel == "prev" || l.Rel == "enclosure" || seen[l.Href] {
			continue
		}
		seen[l.Href] = true
		n.Items = append(n.Items, node{Kind: "link", Text: v.linkText(l), Href: v.href(l.Href)})
	}
	return n
}

func linksOf(raw json.RawMessage) (list []link) {
	_ = json.Unmarshal(raw, &list)
	return list
}

// linkText is what a link is called: by the last word of its address if we have it, else by its title.
func (v *view) linkText(l link) string {
	u, err := url.Parse(l.Href)
	if err != nil {
		return l.Href
	}
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if id, ok := strings.CutPrefix(l.Href, v.at+"/collections/"); ok && !strings.Contains(id, "/") {
		if layer, ok := v.Layer(last); ok {
			return v.word(layer.Title)
		}
	}
	switch l.Rel {
	case "license":
		return v.say("licence") + ": " + l.Title
	case "predecessor-version", "successor-version", "version-history":
		return words[l.Rel].in(v.lang)
	}
	if p, ok := words[last]; ok {
		return p.in(v.lang)
	}
	if l.Title != "" {
		return l.Title
	}
	return last
}

// downloadsOf lists the files among links.
func (v *view) downloadsOf(raw json.RawMessage) (section, bool) {
	n := node{Kind: "list"}
	for _, l := range linksOf(raw) {
		if l.Rel != "enclosure" {
			continue
		}
		name := l.Href
		for _, f := range format.All() {
			if u, err := url.Parse(l.Href); err == nil && strings.HasSuffix(u.Path, f.Ext) {
				name = f.Name
			}
		}
		n.Items = append(n.Items, node{Kind: "link", Text: name, Href: v.href(l.Href)})
	}
	return section{v.say("downloads"), n}, len(n.Items) > 0
}

// problemPage is the page of an error.
func (q *request) problemPage(p problem, kind fault) []byte {
	v := view{request: q, at: q.base()}
	d := v.frame()
	d.Crumbs = []crumb{{Text: v.say("home"), Href: v.href(v.at + "/?f=html")}, {Text: v.say("collections"), Href: v.href(v.at + "/collections")}}
	d.Kicker, d.Title, d.Lead = itoa(p.Status), p.Title, kind.advice.in(q.lang)
	d.Sections = []section{{"", node{Kind: "fields", Fields: []labelled{
		{v.say("detail"), node{Text: p.Detail, Lang: pageLanguage(q.lang)}},
		{v.say("instance"), node{Kind: "code", Text: p.Instance}},
		{v.say("type"), node{Kind: "link", Text: p.Type, Href: v.href(p.Type)}},
	}}}}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, d); err != nil {
		panic(err) // it writes into memory
	}
	return b.Bytes()
}

// mapOfAnswer puts a map of an answer in GeoJSON on the page, if it is in longitude and
// latitude.
func (v *view) mapOfAnswer(d *document, body []byte) error {
	if crs := v.query.Get("crs"); crs != "" && crs != crs84 {
		return nil
	}
	shown, bound, err := geometriesOf(body)
	if err != nil {
		return err
	}
	return v.mapOf(d, bound, slices.Values(shown))
}

// mapOf puts a map of geometries on the page.
func (v *view) mapOf(d *document, bound orb.Bound, shown iter.Seq[orb.Geometry]) (err error) {
	d.Map, err = v.preview(bound, shown)
	d.MapLabel = strings.ReplaceAll(v.say("mapOf"), "{}", d.Title)
	return err
}
