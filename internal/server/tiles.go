package server

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/maypok86/otter/v2"

	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

const (
	tileMediaType = "application/vnd.mapbox-vector-tile"
	webMercator   = "WebMercatorQuad"
	crs3857       = "http://www.opengis.net/def/crs/EPSG/0/3857"
	tmsURI        = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
)

// newSet builds the tiles of a layer by itself.
func newSet(l *layers.Layer) (*tile.Set, error) {
	sets, err := newSets([]*layers.Layer{l})
	if err != nil {
		return nil, err
	}
	return sets[0], nil
}

// newSets builds the tiles of layers that share borders.
func newSets(list []*layers.Layer) ([]*tile.Set, error) {
	sources := make([]tile.Source, len(list))
	for i, l := range list {
		sources[i] = tile.Source{Features: l.Features(context.Background(), layers.Query{}), Options: tileOptions(l)}
	}
	sets, err := tile.NewSets(sources...)
	if err != nil {
		return nil, fmt.Errorf("tiles of %s: %w", strings.Join(idsOf(list), ", "), err)
	}
	return sets, nil
}

// sharing divides layers into groups whose borders are drawn alike: each layer with those
// that its sidecar names, and those that these name, and so on.
func sharing(list []*layers.Layer) (groups [][]*layers.Layer) {
	group := map[string]string{} // id of a layer -> that of one that stands for its group
	var find func(id string) string
	find = func(id string) string {
		if up := group[id]; up != "" && up != id {
			return find(up)
		}
		return id
	}
	for _, l := range list {
		group[l.ID] = l.ID
	}
	for _, l := range list {
		for _, other := range l.Tile.Shares {
			if _, ok := group[other]; ok {
				group[find(other)] = find(l.ID)
			}
		}
	}
	sorted := slices.Clone(list) // what is drawn must not depend on the order of layers
	slices.SortFunc(sorted, func(a, b *layers.Layer) int { return strings.Compare(a.ID, b.ID) })
	number := map[string]int{}
	for _, l := range sorted {
		g := find(l.ID)
		if _, ok := number[g]; !ok {
			number[g] = len(groups)
			groups = append(groups, nil)
		}
		groups[number[g]] = append(groups[number[g]], l)
	}
	return groups
}

func idsOf(list []*layers.Layer) []string {
	ids := make([]string, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	return ids
}

func tileOptions(l *layers.Layer) tile.Options {
	o := tile.Options{
		Layer: l.ID, Properties: tileProperties(l), MinZoom: l.Tile.MinZoom, MaxZoom: l.Tile.MaxZoom,
		Labels: l.Style.Label != nil && (l.Geometry == layers.Polygons || l.Geometry == layers.Mixed),
	}
	o.Borders = l.Tile.Borders && (l.Geometry == layers.Polygons || l.Geometry == layers.Mixed)
	if l.Tile.Small == "drop" {
		o.Small = tile.Drop
	}
	return o
}

// tileProperties are what drawing and labelling need, and what the sidecar asks for.
func tileProperties(l *layers.Layer) []string {
	var names []string
	for _, n := range l.Name {
		names = append(names, n)
	}
	slices.Sort(names) // a map has no order
	names = append(names, l.Style.Properties()...)
	names = append(names, l.Tile.Properties...)
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// A tileKey names a tile of one revision of its layers. For a dated tile, holds is
// the interval of the epoch or the two epochs that give it; see holding. However
// many dates are asked, a tile is encoded once for each epoch of it, or pair of
// epochs for a period.
type tileKey struct {
	revision uint64 // of these layers together
	layers   string // ids, separated by commas
	filter   string // its text, empty for none
	address  tile.Address
	reading  period.Reading
	dated    bool
	holds    period.Period
	since    period.Period // of changes: what holds is of the time before
}

func (q *request) layerTile() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	return q.tileOf(l.ID)
}

func (q *request) tile() error {
	ids, err := q.selected()
	if err != nil {
		return err
	}
	return q.tileOf(ids)
}

// selected returns the ids of the layers that collections names, separated by
// commas: by default all of the atlas. A layer may also be named by its URL.
func (q *request) selected() (string, error) {
	if !q.query.Has("collections") {
		return strings.Join(idsOf(q.Layers), ","), nil
	}
	asked := q.query.Get("collections")
	var ids []string
	for id := range strings.SplitSeq(asked, ",") {
		id = id[strings.LastIndexByte(id, '/')+1:]
		if _, ok := q.Layer(id); !ok {
			return "", invalid("collections=%s: there is no layer %q", asked, id)
		}
		if !slices.Contains(ids, id) { // layer names are unique in a tile (MVT 2.1 §4.1)
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, ","), nil
}

// tileOf answers with the tile of the given layers that the path names.
func (q *request) tileOf(ids string) error {
	address, err := q.address()
	if err != nil {
		return err
	}
	valid, reading, err := q.when()
	if err != nil {
		return err
	}
	filter, keep, err := q.keeps(ids)
	if err != nil {
		return err
	}
	slice := tile.Slice{Valid: valid, Reading: reading}
	key := tileKey{revision: together(q.drawn, ids), layers: ids, filter: filter, address: address, reading: reading}
	if key.dated = !valid.IsAlways(); key.dated {
		changes, err := q.tileChanges(epochsKey{key.revision, ids, address, reading})
		if err != nil {
			return err
		}
		key.holds, err = holding(valid, func(at period.Instant) (period.Period, error) {
			return tile.Epoch(changes, at), nil
		})
		if err != nil {
			return err
		}
		q.saysHolds(key.holds)
		q.canonical("datetime", datetimeOf(key.holds))
	}
	return q.sendTile(key, func() []byte {
		var body []byte
		for id := range strings.SplitSeq(ids, ",") {
			body = q.sets[id].Append(body, address, slice, keep[id])
		}
		return body
	})
}

// address reads the tile that the path names.
func (q *request) address() (tile.Address, error) {
	if err := q.matrixSet(); err != nil {
		return tile.Address{}, err
	}
	return tile.ParseAddress(q.Param("z"), q.Param("col"), strings.TrimSuffix(q.Param("row"), ".mvt"))
}

// sendTile answers with a tile from the cache, or made by encode.
func (q *request) sendTile(key tileKey, encode func() []byte) error {
	a, ok := q.server.cache.GetIfPresent(key)
	if !ok {
		key.layers = strings.Clone(key.layers) // not the request's memory
		last := q.server.takeLast(q.state, key)
		var err error
		a, err = q.server.cache.Get(q.Request.Context(), key, otter.LoaderFunc[tileKey, *answer](func(context.Context, tileKey) (*answer, error) {
			q.server.encoded.Add(1)
			return tileAnswer(slices.Clip(encode()), last), nil
		}))
		if err != nil {
			return err
		}
	}
	send(q.Context, a, q.query.Get("rev") == q.revision)
	return nil
}

// An epochsKey names the instants at which a tile of one revision of its layers changes.
type epochsKey struct {
	revision uint64
	layers   string
	address  tile.Address
	reading  period.Reading
}

// tileChanges returns the instants at which a tile of the given layers changes,
// ascending. To find them takes as long as drawing the tile, so that they are kept.
func (q *request) tileChanges(key epochsKey) ([]period.Instant, error) {
	if changes, ok := q.server.epochs.GetIfPresent(key); ok {
		return changes, nil
	}
	key.layers = strings.Clone(key.layers) // not the request's memory
	return q.server.epochs.Get(q.Request.Context(), key, otter.LoaderFunc[epochsKey, []period.Instant](func(_ context.Context, key epochsKey) ([]period.Instant, error) {
		var all []period.Instant
		for id := range strings.SplitSeq(key.layers, ",") {
			all = append(all, q.sets[id].Changes(key.address, key.reading)...)
		}
		slices.Sort(all)
		return slices.Clip(slices.Compact(all)), nil
	}))
}

func (q *request) matrixSet() error {
	if name := q.Param("tms"); name != webMercator {
		return notFound("tile matrix set", name)
	}
	return nil
}

// A tileset is the metadata of tiles (OGC 17-083r4 §8.2).
type tileset struct {
	Title             string         `json:"title"`
	DataType          string         `json:"dataType"`
	CRS               string         `json:"crs"`
	TileMatrixSetURI  string         `json:"tileMatrixSetURI"`
	TileMatrixSetName string         `json:"tileMatrixSetId,omitempty"`
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

// describeTileset describes the tiles at the path at, which show the given layers.
func (q *request) describeTileset(title, at string, shown []*layers.Layer) tileset {
	t := tileset{
		Title: title, DataType: "vector", CRS: crs3857, TileMatrixSetURI: tmsURI,
		Links: []link{
			{Href: at, Rel: "self", Type: "application/json"},
			{Href: at + "?f=tilejson", Rel: "describedby", Type: "application/json", Title: "TileJSON"},
			{Href: at + "/{tileMatrix}/{tileRow}/{tileCol}", Rel: "item", Type: tileMediaType, Templated: true},
			{Href: q.base() + "/tileMatrixSets/" + webMercator, Rel: "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", Type: "application/json"},
		},
	}
	for _, l := range shown {
		word, _ := l.Title.In(q.lang, q.fallback())
		t.Layers = append(t.Layers, tilesetLayer{l.ID, word, "vector", itoa(int(l.Tile.MinZoom)), itoa(int(l.Tile.MaxZoom))})
	}
	return t
}

func (q *request) layerTilesets() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	if q.lang, err = q.language(); err != nil {
		return err
	}
	title, _ := l.Title.In(q.lang, q.fallback())
	return q.tilesetsAt(title, q.base()+"/collections/"+url.PathEscape(l.ID)+"/tiles", nil)
}

func (q *request) tilesets() error {
	var err error
	if q.lang, err = q.language(); err != nil {
		return err
	}
	title, _ := q.Atlas.Title.In(q.lang, q.fallback())
	return q.tilesetsAt(title, q.base()+"/tiles", nil)
}

func (q *request) tilesetsAt(title, at string, shown []*layers.Layer) error {
	return q.json(struct {
		Links    []link    `json:"links"`
		Tilesets []tileset `json:"tilesets"`
	}{
		[]link{{Href: at, Rel: "self", Type: "application/json"}},
		[]tileset{q.describeTileset(title, at+"/"+webMercator, shown)},
	})
}

func (q *request) layerTileset() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	return q.tilesetOf(l.Title, q.base()+"/collections/"+url.PathEscape(l.ID)+"/tiles", []*layers.Layer{l})
}

func (q *request) tileset() error {
	ids, err := q.selected()
	if err != nil {
		return err
	}
	var shown []*layers.Layer
	for id := range strings.SplitSeq(ids, ",") {
		if l, ok := q.Layer(id); ok {
			shown = append(shown, l)
		}
	}
	return q.tilesetOf(q.Atlas.Title, q.base()+"/tiles", shown)
}

// tilesetOf answers with the metadata or the TileJSON of the tiles of some layers.
func (q *request) tilesetOf(title layers.Text, at string, shown []*layers.Layer) error {
	if err := q.matrixSet(); err != nil {
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
				return fmt.Errorf("layer %s: %w", l.ID, err)
			}
		}
	}
	if q.lang, err = q.language(); err != nil {
		return err
	}
	at += "/" + webMercator
	word, _ := title.In(q.lang, q.fallback())
	if q.format != "tilejson" {
		return q.json(q.describeTileset(word, at, shown))
	}
	return q.json(q.tileJSON(word, at, shown))
}

// tileJSON writes TileJSON 3.0.0. The tiles of a TileJSON that is asked with
// datetime show that time, for clients that know no time themselves.
func (q *request) tileJSON(title, at string, shown []*layers.Layer) map[string]any {
	keep := url.Values{}
	for _, name := range []string{"collections", "datetime", "certainty", "filter", "filter-lang", "filter-crs", "from", "to"} {
		if q.query.Has(name) {
			keep.Set(name, q.query.Get(name))
		}
	}
	keep.Set("rev", q.revision)
	var (
		vector   []map[string]any
		bound    []float64
		minZoom  = uint8(tile.MaxZoom)
		maxZoom  uint8
		credits  []string
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
		if tileOptions(l).Borders {
			vector = append(vector, map[string]any{
				"id": l.ID + ":border", "description": "Borders of " + l.ID, "minzoom": l.Tile.MinZoom, "maxzoom": l.Tile.MaxZoom,
				"fields": map[string]string{"reading": "String", "valid_from": "Number", "valid_until": "Number"},
			})
		}
		minZoom, maxZoom = min(minZoom, l.Tile.MinZoom), max(maxZoom, l.Tile.MaxZoom)
		if words, _ := l.Attribution.In(q.lang, q.fallback()); words != "" && !slices.Contains(credits, words) {
			credits = append(credits, words)
		}
		if !l.Bound.IsEmpty() {
			b := bbox(l)
			if bound == nil {
				bound = b[:]
			} else {
				bound = []float64{min(bound[0], b[0]), min(bound[1], b[1]), max(bound[2], b[2]), max(bound[3], b[3])}
			}
		}
		if !l.Span.IsNever() {
			temporal = append(temporal, map[string]any{"id": l.ID, "interval": interval(l.Span), "changes": len(l.Changes), "start": "valid_from", "end": "valid_until"})
		}
	}
	doc := map[string]any{
		"tilejson": "3.0.0", "name": title, "scheme": "xyz", "version": "1.0.0",
		"tiles":   []string{at + "/{z}/{y}/{x}?" + keep.Encode()},
		"minzoom": minZoom, "maxzoom": maxZoom, "vector_layers": vector,
		"temporal": temporal, // ours; readers keep keys that they do not know
	}
	if bound != nil {
		doc["bounds"] = bound
	}
	if credits != nil {
		doc["attribution"] = strings.Join(credits, " · ")
	}
	return doc
}
