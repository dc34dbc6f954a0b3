package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"

	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

const (
	tileMediaType = "application/vnd.mapbox-vector-tile"
	webMercator   = "WebMercatorQuad"
	worldCRS84    = "WorldCRS84Quad"
	crs3857       = "http://www.opengis.net/def/crs/EPSG/0/3857"
)

// newSet builds the tiles of a layer by itself.
func newSet(l *layers.Layer, grid tile.Grid) (*tile.Set, error) {
	sets, err := newSets([]*layers.Layer{l}, grid)
	if err != nil {
		return nil, err
	}
	return sets[0], nil
}

// newSets builds the tiles of layers that share borders, or takes from their shelves what
// followed from the same files and options of all of them; there are those of the page's
// grid only.
func newSets(list []*layers.Layer, grid tile.Grid) ([]*tile.Set, error) {
	var origin strings.Builder
	for _, l := range list {
		fmt.Fprintf(&origin, "%s %+v\n", l.Revision, tileOptions(l))
	}
	sources := make([]tile.Source, len(list))
	for i, l := range list {
		sources[i] = tile.Source{Features: l.Features(context.Background(), layers.Query{}), Options: tileOptions(l), Size: l.Total}
		sources[i].Options.Grid = grid
		if grid == tile.WebMercatorQuad {
			sources[i].Keeper = l.Shelf.Of(origin.String())
		}
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
		Labels:  l.Style.Label != nil && hasAreas(l),
		Borders: l.Tile.Borders && hasAreas(l),
	}
	if l.Tile.Small == "drop" {
		o.Small = tile.Drop
	}
	return o
}

func hasAreas(l *layers.Layer) bool {
	return l.Geometry == layers.Polygons || l.Geometry == layers.Mixed
}

// borderSuffix makes of a layer's id the name of the borders of its areas. Among the ids of
// a tile it stands for them as one more layer, with epochs and a place in the cache of its
// own, so that tiles without it are none the wiser.
const borderSuffix = ":border"

// outlined tells whether a tile may be asked for with the borders of l: a style that merges
// the areas of l draws them, and tiles that it is not asked for by don't have them.
func outlined(l *layers.Layer) bool { return l.Style.Merge && !l.Tile.Borders && hasAreas(l) }

// withBorders returns the ids of layers as a style asks for their tiles, each that is
// outlined with its borders.
func withBorders(list []*layers.Layer) (ids []string) {
	for _, l := range list {
		if ids = append(ids, l.ID); outlined(l) {
			ids = append(ids, l.ID+borderSuffix)
		}
	}
	return ids
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

// selected returns the ids of the layers that collections names or a style shows,
// separated by commas: by default all of the atlas. A layer may also be named by its URL.
// Where a layer is outlined, its borders may be named, and are among what a style shows.
func (q *request) selected() (string, error) {
	switch byStyle := q.query.Has("style"); {
	case byStyle && q.query.Has("collections"):
		return "", invalid("collections and style both name layers: write one of them")
	case byStyle:
		s, err := q.oneStyle(q.query.Get("style"))
		if err != nil {
			return "", invalid("style=%s: there is no such style; /styles lists them", q.query.Get("style"))
		}
		return strings.Join(q.layersOf(s), ","), nil
	case !q.query.Has("collections"):
		return strings.Join(idsOf(q.Layers), ","), nil
	}
	asked := q.query.Get("collections")
	var ids []string
	for id := range strings.SplitSeq(asked, ",") {
		id = id[strings.LastIndexByte(id, '/')+1:]
		if _, ok := q.drawn[id]; !ok {
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
	if q.format == asTileFeatures.name {
		return q.featureTile(ids)
	}
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
	if !valid.IsAlways() {
		var changes []period.Instant
		if empty := &q.server.empties; !empty.has(empty.mark(&key)) { // what is empty at all times has none
			if changes, err = q.tileChanges(epochsKey{key.revision, ids, address, reading}); err != nil {
				return err
			}
		}
		holds, err := holding(valid, func(at period.Instant) (period.Period, error) {
			return tile.Epoch(changes, at), nil
		})
		if err != nil {
			return err
		}
		q.saysHolds(holds)
		q.canonical("datetime", datetimeOf(holds))
		if !holds.IsAlways() { // else it is the tile of all times
			key.dated, key.holds = true, holds
		}
	}
	guess := func() (bytes int) {
		for id := range strings.SplitSeq(ids, ",") {
			if set, err := q.set(id, address.Grid()); err == nil { // else encode says it
				bytes += set.Guess(address, slice)
			}
		}
		return bytes
	}
	return q.sendTile(key, guess, func(dst []byte) ([]byte, error) {
		for id := range strings.SplitSeq(ids, ",") {
			set, err := q.set(id, address.Grid())
			if err != nil {
				return dst, err
			}
			dst = set.Append(dst, address, slice, keep[id])
		}
		return dst, nil
	})
}

// address reads the tile that the path names.
func (q *request) address() (tile.Address, error) {
	m, err := q.matrixSet()
	if err != nil {
		return tile.Address{}, err
	}
	return m.grid.ParseAddress(q.Param("z"), q.Param("col"), strings.TrimSuffix(q.Param("row"), ".mvt"))
}

// tileBuffers are where tiles are drawn, before their size is known.
//
//nolint:gochecknoglobals // a pool
var tileBuffers = sync.Pool{New: func() any { return new([]byte) }}

// largeTile is the size from which on tiles are made one after the other, in bytes: each
// takes twice as much memory while it is made, and a small one should not wait for many.
const largeTile = 4 << 20

// sendTile answers with a tile from the cache, or made by encode, which appends it: about
// so many bytes as guess says.
func (q *request) sendTile(key tileKey, guess func() int, encode func(dst []byte) ([]byte, error)) error {
	s := q.server
	wanted := accepted(q.Request.Header["Accept-Encoding"])
	forever := q.query.Get("rev") == q.revision
	a, ok := s.cache.GetIfPresent(key)
	if !ok {
		mark := s.empties.mark(&key)
		if s.empties.has(mark) {
			send(q.Context, s.empty, forever)
			return nil
		}
		key.layers = strings.Clone(key.layers) // not the request's memory
		last := s.takeLast(q.state, key)
		var err error
		a, err = s.cache.Get(q.Request.Context(), key, otter.LoaderFunc[tileKey, *answer](func(context.Context, tileKey) (*answer, error) {
			s.encoded.Add(1)
			if guess() > largeTile {
				s.large <- struct{}{}
				defer func() { <-s.large }()
			}
			buf := tileBuffers.Get().(*[]byte) //nolint:forcetypeassert // the pool holds nothing else
			defer func() {
				if cap(*buf) <= largeBuffer {
					tileBuffers.Put(buf)
				}
			}()
			var err error
			if *buf, err = encode((*buf)[:0]); err != nil {
				return nil, err
			}
			if len(*buf) == 0 {
				s.empties.add(mark)
				return nil, otter.ErrNotFound // which is not kept
			}
			return newTile(*buf, wanted, last), nil
		}))
		if errors.Is(err, otter.ErrNotFound) {
			send(q.Context, s.empty, forever)
			return nil
		}
		if err != nil {
			return err
		}
	}
	sayLasting(q.Context, forever)
	s.remember(q, key)
	sendEncoded(q.Context, a, s.pick(a, key, wanted))
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
// ascending. They are kept, unless there is nothing in the tile at any time.
func (q *request) tileChanges(key epochsKey) ([]period.Instant, error) {
	if changes, ok := q.server.epochs.GetIfPresent(key); ok {
		return changes, nil
	}
	key.layers = strings.Clone(key.layers) // not the request's memory
	changes, err := q.server.epochs.Get(q.Request.Context(), key, otter.LoaderFunc[epochsKey, []period.Instant](func(_ context.Context, key epochsKey) ([]period.Instant, error) {
		var all []period.Instant
		drawn := false
		for id := range strings.SplitSeq(key.layers, ",") {
			set, err := q.set(id, key.address.Grid())
			if err != nil {
				return nil, err
			}
			changes, d := set.Changes(key.address, key.reading)
			all, drawn = append(all, changes...), drawn || d
		}
		if !drawn {
			return nil, otter.ErrNotFound
		}
		slices.Sort(all)
		return slices.Clip(slices.Compact(all)), nil
	}))
	if errors.Is(err, otter.ErrNotFound) {
		return nil, nil
	}
	return changes, err
}
