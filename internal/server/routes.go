package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"
)

// A request is one HTTP request with the state that it sees.
type request struct {
	*gin.Context
	*state
	server  *Server
	route   *route
	query   url.Values
	takes   map[string]bool // the parameters of the route
	lang    string          // the reader's, among those of the page and of the atlas; empty: the answer has no words
	format  string          // name of the form that f or Accept chose; empty: there is one
	profile string          // of GeoJSON, one of profiles; empty: the answer is none
	self    *address        // made when first needed
}

// A route is one row of the table of URLs.
type route struct {
	path    string
	id      string // operationId
	summary string
	query   []param
	forms   []form // the first is the default
	answer  func(*request) error
}

// A param is a parameter in the query of a URL.
type param struct {
	name, description string
	schema            map[string]any
}

func text(name, description string) param {
	return param{name, description, map[string]any{"type": "string"}}
}

func list(name, description string) param {
	return param{name, description, map[string]any{"type": "array", "items": map[string]any{"type": "string"}}}
}

func crsParam(name, description string) param {
	return param{name, description, map[string]any{"type": "string", "format": "uri", "default": crs84}}
}

const (
	defaultLimit = 100
	maxLimit     = 10_000
)

//nolint:gochecknoglobals // rows of the table
var (
	paramBbox = param{
		"bbox", "West, south, east, north in degrees (six numbers with heights, which are ignored); west above east crosses the antimeridian. Features whose exact geometry touches the box, and those without a place; in changes and search only the former.",
		map[string]any{"type": "array", "items": map[string]any{"type": "number"}, "minItems": 4, "maxItems": 6},
	}
	paramDatetime = text("datetime", "RFC 3339 date-time, or an interval a/b whose ends are included; .. or nothing is an open end. "+
		"2014, 2014-06 and 2014-06-29 mean the whole year, month, day (extension). Features whose valid time shares an instant with it, and all without valid time: "+
		"of two versions that meet at an instant both answer to an interval that holds it. "+
		"The answer's Valid-Time says for how long it holds: from the start of the epoch in which datetime starts to the end, included, of that in which it ends. "+
		"Asked for it the answer is the same; for one instant, any instant in it gives the same (extension).")
	paramCertainty = param{
		"certainty", "Which reading of uncertain dates: possible (all that the date covers) or certain (extension).",
		map[string]any{"type": "string", "enum": []string{"possible", "certain"}, "default": "possible"},
	}
	paramFilter = text("filter", "What a feature must be, in CQL2 (OGC 21-065r2): `kind = 'city' AND S_INTERSECTS(geometry, BBOX(42, 35, 44, 37))`. "+
		"Beside the properties there are `id`, `geometry`, `valid` and `certain`, which are its valid time in the two readings.")
	paramFilterLang = param{
		"filter-lang", "How the filter is written.",
		map[string]any{"type": "string", "enum": []string{"cql2-text", "cql2-json"}, "default": "cql2-text"},
	}
	paramFilterCRS  = crsParam("filter-crs", "Of the coordinates in the filter, in the order of its axes; each layer lists those that it has.")
	paramBboxCRS    = crsParam("bbox-crs", "Of bbox, whose numbers come in the order of its axes; each layer lists those that it has.")
	paramCRS        = crsParam("crs", "Of the coordinates in the answer, in the order of its axes; each layer lists those that it has.")
	paramSortby     = list("sortby", "Properties to sort by, separated by commas, each with - before it if descending; what is null comes last. /sortables has those that there are.")
	paramProperties = list("properties", "The properties that are wanted, separated by commas; all if left out.")
	paramProfile    = list("profile", "How GeoJSON is to be written: rfc7946, jsonfg, or jsonfg-plus, which has a geometry in CRS84 beside a place in another system; "+
		"several by preference, by name or URI. What the format can't be is passed over; a link tells the profile of the answer.")
	paramLimit = param{
		"limit", "How many features at most.",
		map[string]any{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": defaultLimit},
	}
	paramExtentBbox     = param{"bbox", "West, south, east, north in degrees. Layers whose extent touches the box, and those without a place.", paramBbox.schema}
	paramExtentDatetime = text("datetime", "A date-time, day, month, year or interval, as items take them. Layers whose extent in time shares an instant with it, and those without time.")
	paramLayers         = param{
		"limit", "How many layers at most.",
		map[string]any{"type": "integer", "minimum": 1, "maximum": maxCollections, "default": maxCollections},
	}
	paramQ     = text("q", "A name, or how its words begin; case, accents, vowel signs, hamza and the article don't matter.")
	paramFound = param{
		"limit", "How many features at most.",
		map[string]any{"type": "integer", "minimum": 1, "maximum": maxFound, "default": defaultFound},
	}
	paramAfter       = text("after", "Where to go on; taken from a `next` link, never made up.")
	paramCollections = text("collections", "Layers by id, separated by commas; all of the atlas if left out. Where a style merges the areas of a layer, its id with :border names their outline, which comes with a style's tiles.")
	paramStyle       = text("style", "A style by id, in place of collections: the layers that it shows, those of the base map too, without datetime at the time at which the page starts; for programs that read a style from one address and all its tiles from another.")
	paramLang        = text("lang", "Language of the answer's words, such as ar or en; otherwise Accept-Language decides.")
	paramFrom        = text("from", "The time before: a date-time, day, month, year or interval as datetime takes them. What holds at some instant of it counts.")
	paramTo          = text("to", "The time after, likewise.")
	paramRev         = text("rev", "The revision that the page and TileJSON name; an answer under it never changes.")
)

// serviceWorker is where browsers get the script that keeps the page for when
// the server is gone. It governs the paths beside and under its own, so all.
const serviceWorker = "/sw.js"

// routes is the table.
func (s *Server) routes() []route {
	jsonAlone, plain := []form{asJSON}, []form{{"", "text/plain"}}
	tileForms := []form{asTile, asTileFeatures}
	jsonAndTileJSON := []form{asJSON, asTileJSON}
	return []route{
		{"/", "landing", "The map, or the landing page of the API", []param{paramLang}, []form{asJSON, asHTML}, (*request).landing},
		{"/conformance", "conformance", "The standards this server conforms to", nil, jsonAlone, (*request).conformance},
		{"/api", "api", "This description of the API", nil, []form{{"json", openAPIType}, {"openapi31", openAPI31Type}}, (*request).api},
		{"/atlas.json", "atlas", "All that the page needs to know of the atlas", []param{paramRev}, []form{{"", "application/json"}}, (*request).atlasJSON},
		{"/collections", "collections", "The layers", []param{paramExtentBbox, paramExtentDatetime, paramLayers, paramAfter, paramLang}, jsonAlone, (*request).collections},
		{"/collections/:layer", "collection", "One layer", []param{paramLang}, jsonAlone, (*request).collection},
		{"/collections/:layer/items", "items", "Features of a layer", []param{paramCRS, paramBbox, paramBboxCRS, paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramLimit, paramAfter, paramSortby, paramProperties, paramProfile}, asFeatures, (*request).items},
		{"/collections/:layer/items/:id", "item", "One feature", []param{paramCRS, paramProperties, paramProfile}, asFeatures, (*request).item},
		{"/collections/:layer/items/:id/versions", "versions", "All versions of the thing that a feature is one of (extension)", []param{paramCRS, paramProfile}, asGeoJSON, (*request).versions},
		{"/collections/:layer/timeline", "timeline", "When a layer changes, and how much of it holds in between: count and km² (extension)", []param{paramFilter, paramFilterLang, paramFilterCRS, paramLang}, []form{asJSON, {"csv", "text/csv"}}, (*request).timeline},
		{"/collections/:layer/changes", "changes", "What appeared, disappeared, grew, shrank between two times, as pieces gained, lost and kept (extension)", []param{paramFrom, paramTo, paramCertainty, paramCRS, paramBbox, paramBboxCRS, paramLimit, paramAfter, paramLang, paramProfile}, asGeoJSON, (*request).changes},
		{"/collections/:layer/changes/tiles/:tms", "changesTileset", "TileJSON of the changes between two times (extension)", []param{paramFrom, paramTo, paramCertainty, paramLang}, []form{asTileJSON}, (*request).changesTileset},
		{"/collections/:layer/changes/tiles/:tms/:z/:row/:col", "changesTile", "A vector tile of the changes between two times (extension)", []param{paramFrom, paramTo, paramCertainty, paramRev, paramProfile}, tileForms, (*request).changesTile},
		{"/collections/:layer/queryables", "queryables", "What a filter of a layer can name", []param{paramLang}, []form{asSchema}, (*request).queryables},
		{"/collections/:layer/schema", "schema", "What the properties of a layer are, and which are its id, place and valid time", []param{paramLang}, []form{asSchema}, (*request).returnables},
		{"/collections/:layer/feature-schema", "featureSchema", "What a feature of a layer is as GeoJSON", []param{paramLang}, []form{asSchema}, (*request).featureSchema},
		{"/collections/:layer/sortables", "sortables", "What features of a layer can be sorted by", []param{paramLang}, []form{asSchema}, (*request).sortables},
		{"/functions", "functions", "What a filter can call", nil, jsonAlone, (*request).functions},
		{"/collections/:layer/tiles", "layerTilesets", "The tilesets of a layer", []param{paramLang}, jsonAlone, (*request).layerTilesets},
		{"/collections/:layer/tiles/:tms", "layerTileset", "A tileset of a layer; f=tilejson for TileJSON", []param{paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramLang}, jsonAndTileJSON, (*request).layerTileset},
		{"/collections/:layer/tiles/:tms/:z/:row/:col", "layerTile", "A vector tile of a layer", []param{paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramRev, paramProfile}, tileForms, (*request).layerTile},
		{"/tiles", "tilesets", "The tilesets of all layers together", []param{paramLang}, jsonAlone, (*request).tilesets},
		{"/tiles/:tms", "tileset", "The tileset of all layers together; f=tilejson for TileJSON", []param{paramCollections, paramStyle, paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramLang}, jsonAndTileJSON, (*request).tileset},
		{"/tiles/:tms/:z/:row/:col", "tile", "A vector tile of several layers", []param{paramCollections, paramStyle, paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramRev, paramProfile}, tileForms, (*request).tile},
		{"/tileMatrixSets", "tileMatrixSets", "The tile matrix sets", nil, jsonAlone, (*request).tileMatrixSets},
		{"/tileMatrixSets/:tms", "tileMatrixSet", "A tile matrix set", nil, jsonAlone, (*request).tileMatrixSet},
		{"/styles", "styles", "The map styles: of the whole atlas and of each layer, light and dark", []param{paramLang}, jsonAlone, (*request).listStyles},
		{"/styles/:style", "style", "A MapLibre style of the time asked for, else of that at which the page starts", []param{paramDatetime, paramCertainty, paramLang}, []form{{"mapbox", styleType}, asJSON}, (*request).style},
		{"/styles/:style/metadata", "styleMetadata", "What a style shows", []param{paramLang}, jsonAlone, (*request).styleMetadata},
		{"/sprites/:file", "sprite", "The images of a style, and where each lies: atlas.png, atlas.json, atlas@2x.png, atlas@2x.json", nil, []form{{"", "image/png"}, {"", "application/json"}}, (*request).sprite},
		{"/glyphs/:fonts/:range", "glyphs", "Letters of a style's texts, 256 at a time: 1536-1791.pbf", nil, []form{{"", glyphType}}, (*request).glyphs},
		{"/search", "search", "Features by name, in any script", []param{paramQ, paramBbox, paramDatetime, paramCertainty, paramFound, paramLang, paramProfile}, asGeoJSON, (*request).search},
		{"/downloads", "downloads", "The files of the atlas and of each layer", []param{paramLang}, jsonAlone, (*request).downloads},
		{"/downloads/:file", "download", "A layer, or all as `atlas`, or `layer.changes` between from and to, as a file; the name's extension is the format", []param{paramCRS, paramProperties, paramProfile, paramBbox, paramBboxCRS, paramDatetime, paramCertainty, paramFilter, paramFilterLang, paramFilterCRS, paramLang, paramFrom, paramTo}, downloadForms(), (*request).download},
		{"/problems", "problems", "The kinds of errors", []param{paramLang}, jsonAlone, (*request).problemKinds},
		{"/problems/:problem", "problem", "One kind of error, to which the type of a problem leads", []param{paramLang}, jsonAlone, (*request).problemKind},
		{"/healthz", "healthz", "Whether the program runs", nil, plain, (*request).healthz},
		{"/readyz", "readyz", "Whether the atlas is loaded, and what is wrong with its files", nil, plain, (*request).readyz},
	}
}

// table is the routes, where each that answers with JSON has a page for people too.
func (s *Server) table() []route {
	list := s.routes()
	for i, r := range list {
		if first := r.forms[0]; first.name == "" || slices.Contains(r.forms, asHTML) || !strings.Contains(first.mediaType, "json") {
			continue
		}
		r.forms = append(slices.Clip(r.forms), asHTML)
		if !slices.ContainsFunc(r.query, func(p param) bool { return p.name == "lang" }) {
			r.query = append(slices.Clip(r.query), paramLang)
		}
		answer := r.answer
		data := r // as it answers a program
		r.answer = func(q *request) error {
			if q.format == asHTML.name {
				return q.read(data)
			}
			return answer(q)
		}
		list[i] = r
	}
	return list
}

// route builds the router from the table.
func (s *Server) route() {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.UseRawPath = true // an id may hold an escaped slash
	e.UnescapePathValues = true
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.Use(s.guard)
	for _, r := range s.table() {
		allowed := map[string]bool{}
		for _, p := range r.query {
			allowed[p.name] = true
		}
		if len(names(r.forms)) > 0 {
			allowed["f"] = true
		}
		vary := []string{"Accept-Encoding"}
		if allowed["lang"] {
			vary[0] = "Accept-Language, " + vary[0]
		}
		if len(names(r.forms)) > 1 {
			vary[0] = "Accept, " + vary[0]
		}
		isTile := r.forms[0] == asTile
		h := func(c *gin.Context) {
			c.Writer.Header()["Vary"] = vary
			if isTile {
				if s.sendAgain(c) {
					return
				}
				c.Writer.Header()["Link"] = linksOfTile(c, r.id == "changesTile")
			}
			q := &request{Context: c, state: s.state.Load(), server: s, route: &r, takes: allowed}
			err := q.check(r.forms)
			if err == nil {
				q.sayLinks()
				err = r.answer(q)
			}
			if err != nil {
				s.fail(c, err)
			}
		}
		e.GET(r.path, h)
		e.HEAD(r.path, h)
		e.OPTIONS(r.path, preflight)
	}
	assets := func(c *gin.Context) {
		a, ok := s.assets[c.Request.URL.Path]
		if !ok {
			s.fail(c, notFound("file", c.Request.URL.Path))
			return
		}
		// Their names carry a hash of what is in them, but for the service worker's,
		// by which browsers look for another one.
		send(c, a, c.Request.URL.Path != serviceWorker)
	}
	for _, path := range []string{"/assets/*file", serviceWorker} {
		e.GET(path, assets)
		e.HEAD(path, assets)
		e.OPTIONS(path, preflight)
	}
	e.NoRoute(func(c *gin.Context) {
		if path := c.Request.URL.Path; strings.HasSuffix(path, "/") { // each thing has one address
			to := url.URL{Path: "/" + strings.Trim(path, "/"), RawQuery: c.Request.URL.RawQuery}
			c.Redirect(http.StatusPermanentRedirect, to.String())
			return
		}
		s.fail(c, notFound("page", c.Request.URL.Path))
	})
	e.NoMethod(func(c *gin.Context) {
		s.fail(c, tell(errMethod, "method not allowed: this address takes GET, HEAD and OPTIONS"))
	})
	s.engine = e
}

// Headers of every answer; see answer.go.
//
//nolint:gochecknoglobals // constants in all but syntax
var (
	anyOrigin = []string{"*"}
	exposed   = []string{"ETag, Link, Accept-Ranges, Content-Range, Content-Crs, Content-Location, Content-Disposition, Valid-Time"}
	nosniff   = []string{"nosniff"}
)

// guard sets what every answer has, and turns a panic into an answer.
func (s *Server) guard(c *gin.Context) {
	h := c.Writer.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
	h["X-Content-Type-Options"] = nosniff
	h["Vary"] = varyEncoding // until the route says more
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint,err113 // panic values are compared as they are
				panic(p)
			}
			s.log.Error("panic", "url", c.Request.URL.String(), "panic", p)
			if !c.Writer.Written() {
				s.fail(c, errPanic)
			}
		}
	}()
	c.Next()
}

// preflight answers what a browser asks before it lets another origin's page read.
func preflight(c *gin.Context) {
	c.Header("Allow", "GET, HEAD, OPTIONS")
	c.Header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	c.Header("Access-Control-Allow-Headers", "Accept, Accept-Language, Content-Type, If-Match, If-None-Match, If-Range, Range")
	c.Header("Access-Control-Max-Age", "86400")
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

// check refuses parameters that the route does not know (OGC 17-069r4
// /req/core/query-param-unknown) and that stand twice, and chooses form and language.
func (q *request) check(forms []form) (err error) {
	if q.Request.URL.RawQuery != "" {
		q.query = q.Request.URL.Query()
	}
	for name, values := range q.query {
		if !q.takes[name] && (!q.takes["filter"] || !q.isField(name)) {
			known := make([]string, 0, len(q.takes))
			for n := range q.takes {
				known = append(known, n)
			}
			slices.Sort(known)
			if len(known) == 0 {
				return tell(errParameter, "unknown parameter %q: this address takes none", name)
			}
			more := phrase{}
			if q.takes["filter"] && q.Param("layer") != "" {
				more = phrase{", and the layer's properties", "، وخصائص الطبقة"}
			}
			return tell(errParameter, "unknown parameter %q: this address takes %s%s", name, strings.Join(known, ", "), more)
		}
		if between, ok := between(values); ok && name == "datetime" {
			q.query.Set(name, between)
		} else if len(values) > 1 {
			return invalid("parameter %q stands twice", name)
		}
	}
	if q.takes["f"] {
		if q.format, err = choose(forms, q.query.Get("f"), q.Request.Header["Accept"]); err != nil {
			return err
		}
	}
	if q.takes["profile"] && q.takes["f"] {
		if q.profile, err = q.profileOf(q.mediaType()); err != nil {
			return err
		}
	}
	if q.takes["lang"] {
		q.lang, err = q.language()
	}
	return err
}

// mediaType is that of the form that was chosen, among those that have names.
func (q *request) mediaType() string {
	for _, f := range q.route.forms {
		if f.name == q.format {
			return f.mediaType
		}
	}
	return ""
}

// language picks the language of the answer: lang, else Accept-Language, among
// those of the page and those of the atlas.
func (q *request) language() (string, error) {
	lang, accept := q.query.Get("lang"), q.Request.Header.Get("Accept-Language")
	if lang == "" && accept == "" {
		return q.fallback(), nil
	}
	known := append([]string{"en", "ar"}, q.Atlas.Languages...)
	if lang != "" {
		if !slices.Contains(known, lang) {
			slices.Sort(known)
			return "", invalid("lang=%s: there are %s", lang, strings.Join(slices.Compact(known), ", "))
		}
		return lang, nil
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return q.fallback(), nil
	}
	tags := make([]language.Tag, len(known))
	for i, k := range known {
		tags[i] = language.Make(k)
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return "en", nil
	}
	return known[i], nil
}

// fallback is the first language of the atlas.
func (st *state) fallback() string {
	if len(st.Atlas.Languages) > 0 {
		return st.Atlas.Languages[0]
	}
	return "en"
}

// base is the address of the server as the client sees it, without a slash at the end.
func (q *request) base() string {
	if q.server.url != "" {
		return q.server.url
	}
	scheme := "http"
	if q.Request.TLS != nil || q.Request.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	host := q.Request.Host
	if forwarded := q.Request.Header.Get("X-Forwarded-Host"); forwarded != "" {
		host = forwarded
	}
	return scheme + "://" + host
}

// json answers with v in the request's language.
func (q *request) json(v any) error {
	a := newAnswer("application/json", encode(v))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

func (q *request) healthz() error {
	q.Header("Cache-Control", "no-store")
	q.String(http.StatusOK, "ok\n")
	return nil
}

// readyz is as healthz, since what can be served is, and lists the problems.
func (q *request) readyz() error {
	var b strings.Builder
	b.WriteString("ok\n")
	for _, p := range q.problems {
		b.WriteString("problem: " + p.String() + "\n")
	}
	q.Header("Cache-Control", "no-store")
	q.String(http.StatusOK, "%s", b.String())
	return nil
}
