package server

import (
	"context"
	"io"
	"io/fs"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/maypok86/otter/v2"
	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
	"kharita/internal/maplibre"
)

const (
	styleType = "application/vnd.mapbox.style+json"
	glyphType = "application/x-protobuf"
	darkStyle = ".dark" // ends the names of dark styles
)

// A style is one of the styles of the atlas: of all its layers with the base map
// under them, or of one layer by itself.
type style struct {
	id    string
	layer *layers.Layer // nil: the whole atlas
	dark  bool
}

// styles returns all of them, that of the whole atlas first.
func (st *state) styles() []style {
	list := []style{{wholeAtlas, nil, false}, {wholeAtlas + darkStyle, nil, true}}
	for _, l := range slices.Concat(st.Layers, st.Base) {
		if l.ID != wholeAtlas {
			list = append(list, style{l.ID, l, false}, style{l.ID + darkStyle, l, true})
		}
	}
	return list
}

// oneStyle returns the style of that name.
func (q *request) oneStyle(id string) (style, error) {
	for _, s := range q.styles() {
		if s.id == id {
			return s, nil
		}
	}
	return style{}, notFound("style", id)
}

// title of s in the request's language.
func (q *request) titleOf(s style) string {
	title := q.Atlas.Title
	if s.layer != nil {
		title = s.layer.Title
	}
	word, _ := title.In(q.lang, q.fallback())
	if s.dark {
		dark, _ := layers.Text{"en": "dark", "ar": "داكن"}.In(q.lang, "en")
		word += " (" + dark + ")"
	}
	return word
}

func (q *request) listStyles() error {
	type entry struct {
		ID    string `json:"id"`
		Title string `json:"title,omitempty"`
		Links []link `json:"links"`
	}
	var list []entry
	for _, s := range q.styles() {
		list = append(list, entry{s.id, q.titleOf(s), q.styleLinks(s)})
	}
	return q.json(struct {
		Default string  `json:"default"`
		Links   []link  `json:"links"`
		Styles  []entry `json:"styles"`
	}{wholeAtlas, []link{{Href: q.base() + "/styles", Rel: "self", Type: "application/json"}}, list})
}

// styleLinks lead to a style and to what is said of it.
func (q *request) styleLinks(s style) []link {
	at := q.base() + "/styles/" + url.PathEscape(s.id)
	return []link{
		{Href: at + "?f=mapbox", Rel: "stylesheet", Type: styleType, Title: q.titleOf(s)},
		{Href: at + "/metadata", Rel: "describedby", Type: "application/json"},
	}
}

// styleMetadata describes a style (OGC 20-009, style metadata).
func (q *request) styleMetadata() error {
	s, err := q.oneStyle(q.Param("style"))
	if err != nil {
		return err
	}
	about := q.Atlas.Description
	if s.layer != nil {
		about = s.layer.Description
	}
	description, _ := about.In(q.lang, q.fallback())
	shown := q.Layers
	if s.layer != nil {
		shown = []*layers.Layer{s.layer}
	}
	type styled struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		SampleData link   `json:"sampleData"`
	}
	var over []styled
	for _, l := range shown {
		kind, ok := map[layers.Geometry]string{layers.Points: "point", layers.Lines: "line", layers.Polygons: "polygon"}[l.Geometry]
		if !ok {
			kind = "geometry"
		}
		over = append(over, styled{l.ID, kind, link{Href: q.base() + "/collections/" + url.PathEscape(l.ID) + "/items", Rel: "data", Type: "application/geo+json"}})
	}
	return q.json(map[string]any{
		"id": s.id, "title": q.titleOf(s), "description": description, "scope": "style",
		"stylesheets": []map[string]any{{
			"title": "MapLibre", "version": "8", "specification": "https://maplibre.org/maplibre-style-spec/", "native": true, "tilingScheme": webMercator,
			"link": q.styleLinks(s)[0],
		}},
		"layers": over,
		"links":  []link{{Href: q.base() + "/styles/" + url.PathEscape(s.id) + "/metadata", Rel: "self", Type: "application/json"}},
	})
}

// style answers with a MapLibre style: of the time that datetime asks for, else of
// that at which the page starts.
func (q *request) style() error {
	s, err := q.oneStyle(q.Param("style"))
	if err != nil {
		return err
	}
	m, err := q.mapOf(s)
	if err != nil {
		return err
	}
	doc, _ := m.Style()
	mediaType := styleType
	if q.format == "json" {
		mediaType = "application/json"
	}
	a := newAnswer(mediaType, encode(doc))
	a.language = q.lang
	send(q.Context, a, false)
	return nil
}

// mapOf says what a style shows.
func (q *request) mapOf(s style) (maplibre.Map, error) {
	valid, reading, err := q.when()
	if err != nil {
		return maplibre.Map{}, err
	}
	asked := url.Values{}
	for _, name := range []string{"datetime", "certainty"} {
		if q.query.Has(name) {
			asked.Set(name, q.query.Get(name))
		}
	}
	if !asked.Has("datetime") && !valid.IsAlways() {
		asked.Set("datetime", datetimeOf(valid))
	}
	m := maplibre.Map{
		Name: q.titleOf(s), Scheme: maplibre.Light, Languages: []string{q.lang, q.fallback()}, RightToLeft: direction(q.lang) == "rtl",
		Time: valid, Certain: reading == period.Certain, View: q.Atlas.View, Overlay: s.layer != nil,
		Glyphs: q.base() + "/glyphs/{fontstack}/{range}.pbf", Sprite: q.base() + "/sprites/" + url.PathEscape(s.id),
	}
	if s.dark {
		m.Scheme = maplibre.Dark
	}
	if s.layer != nil {
		place := max(0, slices.Index(q.Layers, s.layer), slices.Index(q.Base, s.layer))
		m.Data, err = q.styleSource(maplibre.Layer{Layer: s.layer, Place: place})
	} else {
		var data, base []maplibre.Layer
		for i, l := range q.Layers {
			data = append(data, maplibre.Layer{Layer: l, Place: i, Off: !q.startsOn(l)})
		}
		for i, l := range q.Base {
			base = append(base, maplibre.Layer{Layer: l, Place: i})
		}
		if m.Data, err = q.styleSource(data...); err == nil {
			m.Base, err = q.styleSource(base...)
		}
		m.Base.Tiles += tilesQuery(url.Values{"collections": {strings.Join(withBorders(q.Base), ",")}, "rev": {q.revision}})
	}
	if err != nil {
		return m, err
	}
	shown := make([]*layers.Layer, len(m.Data.Layers))
	for i, l := range m.Data.Layers {
		shown[i] = l.Layer
	}
	asked.Set("collections", strings.Join(withBorders(shown), ","))
	asked.Set("rev", q.revision)
	m.Data.Tiles += tilesQuery(asked)
	if m.View.Center == nil || s.layer != nil {
		m.View.Center, m.View.Zoom = startAt(m.Data.Bounds)
	}
	return m, m.NameOnce(q.Request.Context())
}

// startsOn reports whether the atlas begins with l on.
func (st *state) startsOn(l *layers.Layer) bool {
	return st.Atlas.View.Layers == nil || slices.Contains(st.Atlas.View.Layers, l.ID)
}

// layersOf returns the ids of the layers that a style shows, the base map's last.
func (st *state) layersOf(s style) []string {
	if s.layer != nil {
		return withBorders([]*layers.Layer{s.layer})
	}
	var shown []*layers.Layer
	for _, l := range st.Layers {
		if st.startsOn(l) {
			shown = append(shown, l)
		}
	}
	return withBorders(append(shown, st.Base...))
}

// tilesQuery writes the query of a tile's URL; commas stay readable.
func tilesQuery(v url.Values) string { return "?" + strings.ReplaceAll(v.Encode(), "%2C", ",") }

// startAt is a view of a bound that fits a window of middling size.
func startAt(bounds []float64) (*orb.Point, float64) {
	if bounds == nil {
		return nil, 0
	}
	center := orb.Point{(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2}
	degrees := max(bounds[2]-bounds[0], 2*(bounds[3]-bounds[1]), 0.01)
	return &center, math.Round(10*max(0, math.Log2(4*360/degrees))) / 10
}

// styleSource is the source of tiles with the given layers, without its query.
func (q *request) styleSource(list ...maplibre.Layer) (maplibre.Source, error) {
	plain := make([]*layers.Layer, len(list))
	for i, l := range list {
		o := tileOptions(l.Layer)
		list[i].Labels, list[i].Borders = o.Labels, o.Borders || outlined(l.Layer)
		plain[i] = l.Layer
		if l.Style.Label == nil || len(l.Name) < 2 {
			continue
		}
		shapes, err := q.shapes[l.ID]()
		if err != nil {
			return maplibre.Source{}, err
		}
		for j, f := range l.Fields {
			if !shapes[j].gaps {
				list[i].Full = append(list[i].Full, f.Name)
			}
		}
	}
	e := q.extentOf(plain)
	return maplibre.Source{
		Tiles: q.base() + "/tiles/" + webMercator + "/{z}/{y}/{x}", Bounds: e.bounds,
		MinZoom: e.minZoom, MaxZoom: e.maxZoom, Attribution: e.credits, Layers: list,
	}, nil
}

// An extent is what the layers of one tileset have together.
type extent struct {
	bounds           []float64 // west, south, east, north; nil: no layer has a place
	minZoom, maxZoom uint8
	credits          string
}

func (q *request) extentOf(shown []*layers.Layer) extent {
	e := extent{minZoom: tile.MaxZoom}
	var credits []string
	for _, l := range shown {
		e.minZoom, e.maxZoom = min(e.minZoom, l.Tile.MinZoom), max(e.maxZoom, l.Tile.MaxZoom)
		if words, _ := l.Attribution.In(q.lang, q.fallback()); words != "" && !slices.Contains(credits, words) {
			credits = append(credits, words)
		}
		if !l.Bound.IsEmpty() {
			b := bbox(l)
			if e.bounds == nil {
				e.bounds = b[:]
			}
			e.bounds = []float64{min(e.bounds[0], b[0]), min(e.bounds[1], b[1]), max(e.bounds[2], b[2]), max(e.bounds[3], b[3])}
		}
	}
	e.minZoom = min(e.minZoom, e.maxZoom)
	e.credits = strings.Join(credits, " · ")
	return e
}

// A sprite is the images of a style in one sheet, and where each lies.
type sprite struct{ index, sheet *answer }

type spriteKey struct {
	revision, style string
	ratio           int // of device pixels
}

// sprite answers with the images that a style names or with where each lies:
// atlas.json, atlas.png, atlas@2x.json, atlas@2x.png.
func (q *request) sprite() error {
	file := q.Param("file")
	for _, s := range q.styles() {
		rest, ok := strings.CutPrefix(file, s.id)
		if !ok {
			continue
		}
		name, ratio := rest, 1
		if cut, ok := strings.CutPrefix(rest, "@2x"); ok {
			name, ratio = cut, 2
		}
		if name != ".json" && name != ".png" {
			continue // another style's name may begin alike
		}
		a, err := q.server.sprites.Get(q.Request.Context(), spriteKey{q.revision, s.id, ratio}, otter.LoaderFunc[spriteKey, *sprite](func(context.Context, spriteKey) (*sprite, error) {
			m, err := q.mapOf(s)
			if err != nil {
				return nil, err
			}
			_, icons := m.Style()
			index, sheet, err := icons.Sprite(ratio)
			return &sprite{newAnswer("application/json", encode(index)), newAnswer("image/png", sheet)}, err
		}))
		if err != nil {
			return err
		}
		if name == ".json" {
			send(q.Context, a.index, false)
		} else {
			send(q.Context, a.sheet, false)
		}
		return nil
	}
	return notFound("sprite", file)
}

// fontFolders are the folders of the glyphs of each font.
//
//nolint:gochecknoglobals // a table
var fontFolders = map[string]string{maplibre.Regular: "noto-sans-regular", maplibre.SemiBold: "noto-sans-semibold"}

// glyphs answers with 256 glyphs of the first of some fonts that there is. A range
// in which the font has none is an answer without glyphs: a renderer that gets an
// error writes nothing of the text.
func (q *request) glyphs() error {
	span := strings.TrimSuffix(q.Param("range"), ".pbf")
	from, to, _ := strings.Cut(span, "-")
	first, err := strconv.ParseUint(from, 10, 16)
	if last, err2 := strconv.ParseUint(to, 10, 16); err != nil || err2 != nil || first%256 != 0 || last != first+255 || from != strconv.FormatUint(first, 10) {
		return notFound("glyph range", span)
	}
	for font := range strings.SplitSeq(q.Param("fonts"), ",") {
		folder, ok := fontFolders[strings.TrimSpace(font)]
		if !ok {
			continue
		}
		load, ok := q.server.glyphs[folder+"/"+span]
		if !ok {
			send(q.Context, newAnswer(glyphType, nil), false)
			return nil
		}
		a, err := load()
		if err != nil {
			return err
		}
		send(q.Context, a, false)
		return nil
	}
	return notFound("font", q.Param("fonts"))
}

// loadGlyphs finds the files of glyphs in fsys, each of which is unpacked when it is
// first asked for.
func loadGlyphs(fsys fs.FS) (map[string]func() (*answer, error), error) {
	found := map[string]func() (*answer, error){}
	if fsys == nil {
		return found, nil
	}
	return found, fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found[strings.TrimSuffix(name, ".pbf.gz")] = sync.OnceValues(func() (*answer, error) {
			f, err := fsys.Open(name)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(z)
			return newAnswer(glyphType, body), err
		})
		return nil
	})
}
