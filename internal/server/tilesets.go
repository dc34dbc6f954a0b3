package server

import (
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/cql2"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// A tileset is the metadata of tiles (OGC 17-083r4 §8.2).
type tileset struct {
	Title             string         `json:"title"`
	DataType          string         `json:"dataType"`
	CRS               string         `json:"crs"`
	TileMatrixSetURI  string         `json:"tileMatrixSetURI"`
	TileMatrixSetName string         `json:"tileMatrixSetId,omitempty"`
	Limits            []limits       `json:"tileMatrixSetLimits,omitempty"`
	BoundingBox       map[string]any `json:"boundingBox,omitempty"`
	Layers            []tilesetLayer `json:"layers,omitempty"`
	Links             []link         `json:"links"`
}

type tilesetLayer struct {
	ID            string `json:"id"`
	Title         string `json:"title,omitempty"`
	DataType      string `json:"dataType"`
	MinTileMatrix string `json:"minTileMatrix,omitempty"`
	MaxTileMatrix string `json:"maxTileMatrix,omitempty"`
}

// limits are the tiles of one zoom in which something lies (OGC 17-083r4 §7.1.2).
type limits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow int    `json:"minTileRow"`
	MaxTileRow int    `json:"maxTileRow"`
	MinTileCol int    `json:"minTileCol"`
	MaxTileCol int    `json:"maxTileCol"`
}

// limits returns those of the extent, zoom by zoom; none if no layer has a place.
func (e extent) limits(grid tile.Grid) (list []limits) {
	if e.bounds == nil {
		return nil
	}
	west, south := grid.At(orb.Point{e.bounds[0], e.bounds[1]})
	east, north := grid.At(orb.Point{e.bounds[2], e.bounds[3]})
	for z := grid.Zoom(e.minZoom); z+grid.Above() <= e.maxZoom; z++ {
		columns, rows := grid.Size(z)
		at := func(part float64, count uint32) int {
			return int(max(0, min(float64(count-1), math.Floor(part*float64(columns))))) // a side has as many as there are columns
		}
		list = append(list, limits{itoa(int(z)), at(north, rows), at(south, rows), at(west, columns), at(east, columns)})
	}
	return list
}

// describeTileset describes the tiles at the path at, which show the given layers.
func (q *request) describeTileset(m *matrixSet, title, at string, shown []*layers.Layer) tileset {
	t := tileset{
		Title: title, DataType: "vector", CRS: m.crs, TileMatrixSetURI: m.uri(),
		Links: []link{
			{Href: at, Rel: "self", Type: "application/json"},
			{Href: at + "/{tileMatrix}/{tileRow}/{tileCol}", Rel: "item", Type: tileMediaType, Templated: true},
			{Href: at + "/{tileMatrix}/{tileRow}/{tileCol}?f=geojson", Rel: "item", Type: asTileFeatures.mediaType, Templated: true},
			{Href: q.base() + "/tileMatrixSets/" + m.id, Rel: "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", Type: "application/json"},
		},
	}
	if m.grid == tile.WebMercatorQuad {
		t.Links = append(t.Links, link{Href: at + "?f=tilejson", Rel: "describedby", Type: "application/json", Title: "TileJSON"})
	}
	if len(shown) > 0 {
		e := q.extentOf(shown)
		if t.Limits = e.limits(m.grid); t.Limits != nil {
			t.BoundingBox = map[string]any{"lowerLeft": e.bounds[:2], "upperRight": e.bounds[2:], "crs": crs84}
		}
	}
	for _, l := range shown {
		word, _ := l.Title.In(q.lang, q.fallback())
		t.Layers = append(t.Layers, tilesetLayer{l.ID, word, "vector", itoa(int(m.grid.Zoom(l.Tile.MinZoom))), itoa(int(m.grid.Zoom(l.Tile.MaxZoom)))})
	}
	return t
}

func (q *request) layerTilesets() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	title, _ := l.Title.In(q.lang, q.fallback())
	return q.tilesetsAt(title, q.base()+"/collections/"+url.PathEscape(l.ID)+"/tiles", nil)
}

func (q *request) tilesets() error {
	title, _ := q.Atlas.Title.In(q.lang, q.fallback())
	return q.tilesetsAt(title, q.base()+"/tiles", nil)
}

func (q *request) tilesetsAt(title, at string, shown []*layers.Layer) error {
	list := make([]tileset, len(matrixSets))
	for i := range matrixSets {
		m := &matrixSets[i]
		list[i] = q.describeTileset(m, title, at+"/"+m.id, shown)
	}
	return q.json(struct {
		Links    []link    `json:"links"`
		Tilesets []tileset `json:"tilesets"`
	}{q.here(), list})
}

func (q *request) layerTileset() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	return q.tilesetOf(l.Title, q.base()+"/collections/"+url.PathEscape(l.ID)+"/tiles", l.ID)
}

func (q *request) tileset() error {
	ids, err := q.selected()
	if err != nil {
		return err
	}
	return q.tilesetOf(q.Atlas.Title, q.base()+"/tiles", ids)
}

// tilesetOf answers with the metadata or the TileJSON of the tiles of the given layers.
func (q *request) tilesetOf(title layers.Text, at, ids string) error {
	named := strings.Split(ids, ",")
	var shown []*layers.Layer
	for _, id := range named {
		if l, ok := q.Layer(strings.TrimSuffix(id, borderSuffix)); ok && !slices.Contains(shown, l) {
			shown = append(shown, l)
		}
	}
	m, err := q.matrixSet()
	if err != nil {
		return err
	}
	if _, _, err := q.when(); err != nil {
		return err
	}
	filter, err := q.filter()
	if err != nil {
		return err
	}
	if filter != nil {
		for _, l := range shown {
			if _, err := cql2.Compile(filter, l.Schema()); err != nil {
				return ofLayer{l.ID, err}
			}
		}
	}
	at += "/" + m.id
	word, _ := title.In(q.lang, q.fallback())
	if q.format != "tilejson" {
		t := q.describeTileset(m, word, at, shown)
		t.Links = append(q.here(), t.Links[1:]...)
		return q.json(t)
	}
	if err := m.mercatorAlone(); err != nil {
		return err
	}
	return q.json(q.tileJSON(word, at, named, shown))
}

// tileJSON writes TileJSON 3.0.0. The tiles of a TileJSON that is asked with
// datetime show that time, for clients that know no time themselves.
func (q *request) tileJSON(title, at string, named []string, shown []*layers.Layer) map[string]any {
	keep := url.Values{}
	for _, name := range []string{"collections", "style", "datetime", "certainty", "filter", "filter-lang", "filter-crs", "from", "to"} {
		if q.query.Has(name) {
			keep.Set(name, q.query.Get(name))
		}
	}
	keep.Set("rev", q.revision)
	var (
		vector   []map[string]any
		temporal = []map[string]any{}
	)
	for _, l := range shown {
		words, _ := l.Description.In(q.lang, q.fallback())
		fields := map[string]string{"id": "String", "valid_from": "Number", "valid_until": "Number", "certain_from": "Number", "certain_until": "Number"}
		types := map[string]string{}
		for _, f := range l.Fields {
			types[f.Name] = f.Type
		}
		for _, name := range tileProperties(l) {
			switch types[name] {
			case "integer", "number":
				fields[name] = "Number"
			case "boolean":
				fields[name] = "Boolean"
			default:
				fields[name] = "String"
			}
		}
		vector = append(vector, map[string]any{"id": l.ID, "description": words, "minzoom": l.Tile.MinZoom, "maxzoom": l.Tile.MaxZoom, "fields": fields})
		if l.Style.Label != nil && l.Geometry != layers.Points && l.Geometry != layers.Lines {
			vector = append(vector, map[string]any{"id": l.ID + ":label", "description": "Label points of " + l.ID, "minzoom": l.Tile.MinZoom, "maxzoom": l.Tile.MaxZoom, "fields": fields})
		}
		if borders := l.ID + borderSuffix; tileOptions(l).Borders || slices.Contains(named, borders) {
			vector = append(vector, map[string]any{
				"id": borders, "description": "Borders of " + l.ID, "minzoom": l.Tile.MinZoom, "maxzoom": l.Tile.MaxZoom,
				"fields": map[string]string{"reading": "String", "valid_from": "Number", "valid_until": "Number"},
			})
		}
		if !l.Span.IsNever() {
			temporal = append(temporal, map[string]any{"id": l.ID, "interval": interval(l.Span), "changes": len(l.Changes), "start": "valid_from", "end": "valid_until"})
		}
	}
	e := q.extentOf(shown)
	doc := map[string]any{
		"tilejson": "3.0.0", "name": title, "scheme": "xyz", "version": "1.0.0",
		"tiles":   []string{at + "/{z}/{y}/{x}?" + keep.Encode()},
		"minzoom": e.minZoom, "maxzoom": e.maxZoom, "vector_layers": vector,
		"temporal": temporal, // ours; readers keep keys that they do not know
	}
	if e.bounds != nil {
		doc["bounds"] = e.bounds
	}
	if e.credits != "" {
		doc["attribution"] = e.credits
	}
	return doc
}
