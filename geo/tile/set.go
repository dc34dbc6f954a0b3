// Package tile makes vector tiles (Mapbox Vector Tile 2.1) of features in space and
// time.
//
// A Set holds the features of one layer as columns, made once; tiles are appended
// from it without touching the features again and without allocating. A tile is a
// concatenation of layers, so the tile of several sets is what each appends, one
// after the other.
package tile

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/rtree"
)

// Small says what becomes of what is too small for a zoom.
type Small uint8

const (
	// Pixel keeps a polygon feature too small to draw as the smallest square, and a
	// line feature as the shortest line. It is the zero Small.
	Pixel Small = iota
	// Drop leaves such features out.
	Drop
)

// Options say how a layer is drawn in tiles.
type Options struct {
	// Layer is the name of the MVT layer. It must not be empty.
	Layer string
	// Properties names what tiles hold of a feature, in this order. Null is left out,
	// as are arrays and objects, for which tiles have no type, and the names that the
	// set writes itself: valid_from, valid_until, certain_from, certain_until, and id, the
	// feature's, unless the number of the tile's feature (MVT 2.1 §4.2) is the same.
	Properties []string
	// Grid is that of the tiles: of another's, nothing is appended.
	Grid Grid
	// MinZoom and MaxZoom are the zooms of the square (see Grid) at which the layer is
	// drawn; outside, nothing is appended. MaxZoom 0 means 22.
	MinZoom, MaxZoom uint8
	// Small says what becomes of features too small to draw.
	Small Small
	// Labels adds the layer "<Layer>:label": for each polygon feature one point well
	// inside its largest part, in the one tile that holds the point, with the id and
	// the properties of the feature.
	Labels bool
	// Borders adds the layer "<Layer>:border": the lines that polygons have on just one
	// side, with the property reading and the valid time in which they are border. If that
	// is so in the possible reading of the polygons' valid time as well as in the certain
	// one, reading is "both", else the name of the one; a slice of the possible reading has
	// lines of either, since who sees all that possibly holds may tell what certainly does
	// apart. The lines of a date and a reading are the outline of what the polygons cover on
	// that date, drawn as the polygons are; where polygons overlap without common borders,
	// lines inside are among them. The layer is left out where Append keeps some features
	// only.
	Borders bool
}

// A Slice chooses features by valid time. The zero Slice chooses those of all times.
type Slice struct {
	Valid   period.Period  // features whose valid time intersects it
	Reading period.Reading // in this reading of their valid time
}

// A Set holds the features of one layer, made ready for tiles. It is immutable and
// safe for concurrent use, and keeps nothing of the features it was made from.
type Set struct {
	layer, labelLayer string // labelLayer is empty if there is none
	minZoom, maxZoom  uint8
	small             Small

	rows  int
	items []item
	times times
	parts []part

	keys   [][]byte // each with tag and length, as it stands in a layer
	shapes shapes   // of items
	props  []uint32 // the numbers of their values, one after the other
	values table
	tree   *rtree.Tree // of parts, on the world grid

	network  *network // of the paths of lines and polygons
	keeper   Keeper   // of levels and labels
	hasPaths bool
	border   bool // it is the borders of another
	borders  *Set // nil: Append appends none
	later    struct {
		once    sync.Once
		borders *Set // see Borders
	}
	levels      [MaxZoom + 1]level
	labelPoints labels
	problems    []Problem // found in features, as far as these alone tell

	pool sync.Pool // of *scratch
}

// A Source is what a set is made of.
type Source struct {
	Features iter.Seq2[geo.Feature, error]
	Options  Options
	Size     int    // how many features, as far as is known; memory is made ready for so many
	Keeper   Keeper // of what all layers together make; nil: none
}

// NewSet reads fs to its end and returns the set of its features; their order is the
// order of features in tiles, and the number of a feature in it is its row. The error is
// the first of fs. What is wrong with geometries is no error: see Set.Problems.
func NewSet(fs iter.Seq2[geo.Feature, error], o Options) (*Set, error) {
	sets, err := NewSets(Source{Features: fs, Options: o})
	if err != nil {
		return nil, err
	}
	return sets[0], nil
}

// NewSets returns the sets of several layers that share borders. Where lines and rings of
// different layers have the same vertices, they are drawn alike at each zoom, so that no
// gap opens between them. If the keeper of the first has their sets, no features are read.
func NewSets(layers ...Source) ([]*Set, error) {
	for _, l := range layers {
		if l.Options.Layer == "" {
			return nil, errors.New("tile set: no layer name")
		}
		if l.Options.Grid != layers[0].Options.Grid {
			return nil, errors.New("tile set: layers that share borders are of one grid")
		}
	}
	if sets := takeSets(layers); sets != nil {
		return sets, nil
	}
	n := &network{}
	if len(layers) > 0 {
		n.grid = layers[0].Options.Grid
	}
	paths := rawPaths{south: n.grid.south()}
	builders := make([]*builder, len(layers))
	for i, l := range layers {
		b := newBuilder(l.Options, n, &paths, l.Keeper)
		builders[i] = b
		b.grow(l.Size)
		if err := b.read(l.Features); err != nil {
			return nil, err
		}
	}
	n.topology = newTopology(&paths)
	sets := make([]*Set, len(layers))
	for i, b := range builders {
		if layers[i].Options.Borders {
			b.set.borders = b.set.bordersIn(n, b.set.keeper)
		}
		sets[i] = b.finish()
	}
	keepSets(layers, n, sets)
	return sets, nil
}

// Len returns the number of features that the set was made from.
func (s *Set) Len() int { return s.rows }

type builder struct {
	set      *Set
	expected int // features, as far as is known

	// Of place:
	placed uint32 // items
	boxes  rtree.Builder
	paths  *rawPaths // of all layers

	// Of describe:
	described int      // features
	names     []string // of properties
	ids       ids
	keys      []uint32 // of the item that is being described
	timed     bool
}

// reserved are the properties that a set writes itself; their keys come first.
var reserved = [...]string{"id", "valid_from", "valid_until", "certain_from", "certain_until"} //nolint:gochecknoglobals // constant

const (
	keyID = iota
	keyValidFrom
	keyValidUntil
	keyCertainFrom
	keyCertainUntil
)

func newBuilder(o Options, n *network, paths *rawPaths, keeper Keeper) *builder {
	if keeper == nil {
		keeper = nothing{}
	}
	s := &Set{layer: strings.ToValidUTF8(o.Layer, "\uFFFD"), minZoom: o.MinZoom, maxZoom: o.MaxZoom, small: o.Small, network: n, keeper: keeper}
	if s.maxZoom == 0 {
		s.maxZoom = MaxZoom
	}
	if o.Labels {
		s.labelLayer = s.layer + ":label"
	}
	for z := s.minZoom; z <= min(s.maxZoom, MaxZoom); z++ {
		n.users[z]++
	}
	n.fine[min(s.maxZoom, MaxZoom)] = true
	b := &builder{set: s, paths: paths}
	for _, name := range reserved {
		s.keys = append(s.keys, appendString(nil, tagLayerKeys, name))
	}
	for _, name := range o.Properties {
		if !slices.Contains(reserved[:], name) && !slices.Contains(b.names, name) {
			b.names = append(b.names, name)
			s.keys = append(s.keys, appendString(nil, tagLayerKeys, strings.ToValidUTF8(name, "\uFFFD")))
		}
	}
	return b
}

func (b *builder) grid() Grid { return b.set.network.grid }

// grow makes room for n features of one part.
func (b *builder) grow(n int) {
	s := b.set
	s.items, s.times.of, s.shapes.of = make([]item, 0, n), make([]uint32, 0, n), make([]uint32, 0, n)
	parts := n + n/16 // near the antimeridian there are some twice
	s.parts = make([]part, 0, parts)
	b.boxes.Grow(parts)
	b.ids.expected = n
	b.expected = n
}

// A batch is features on their way from place to describe, with their items.
type batch struct {
	features []geo.Feature
	items    []item // of which place knows row, parts and kind
}

const (
	batchSize = 1024 // features
	batches   = 4    // that are on their way
)

// read reads fs to its end, or to its first error. Where features are and what they are take
// about as long to add, and so are added side by side. The tree of where they are is then made.
func (b *builder) read(fs iter.Seq2[geo.Feature, error]) error {
	full, free := make(chan *batch, batches), make(chan *batch, batches)
	for range batches {
		free <- &batch{}
	}
	var describing sync.WaitGroup
	describing.Go(func() {
		for batch := range full {
			b.describe(batch)
			batch.features, batch.items = batch.features[:0], batch.items[:0]
			free <- batch
		}
		b.endItems()
	})
	defer describing.Wait()
	defer close(full)
	next := <-free
	for f, err := range fs {
		if err != nil {
			return err
		}
		b.place(f, next)
		if len(next.features) == batchSize {
			full <- next
			next = <-free
		}
	}
	full <- next
	b.set.tree = b.boxes.Tree()
	return nil
}

// place adds the parts of f, and it and its items to next.
func (b *builder) place(f geo.Feature, next *batch) {
	s := b.set
	members := [...]kind{kindPoint, kindLine, kindPolygon}
	next.features = append(next.features, f)
	for _, k := range members {
		before := len(s.parts)
		b.geometry(f.Geometry, k, limits(f.Valid.Possible))
		if len(s.parts) > before {
			next.items = append(next.items, item{row: uint32(s.rows), partEnd: uint32(len(s.parts)), itemKind: k})
			b.placed++
		}
	}
	s.rows++
}

// describe adds the items of a batch.
func (b *builder) describe(next *batch) {
	s, rest := b.set, next.items
	for _, f := range next.features {
		for n := 0; len(rest) > 0 && int(rest[0].row) == b.described; n++ {
			it := rest[0]
			rest = rest[1:]
			var own bool
			it.id, own = b.ids.next(s.items, f.ID.String(), n)
			b.properties(f, own)
			it.propEnd = uint32(len(s.props))
			s.items = append(s.items, it)
			b.endItem(limits(f.Valid.Possible), limits(f.Valid.Certain))
			b.timed = b.timed || !f.Valid.Possible.IsAlways() || !f.Valid.Certain.IsAlways()
		}
		if b.described++; b.described == b.expected/8 {
			s.props, s.values.bytes, s.values.ends = room(s.props), room(s.values.bytes), room(s.values.ends)
		}
	}
}

// room makes room in column, of which there is an eighth, for the rest and some more, so that it
// need not be copied each time it has grown by a quarter.
func room[T any](column []T) []T { return append(make([]T, 0, 9*len(column)), column...) }

// properties adds what the tile holds of f beside its geometry and its number, which may
// be its id.
func (b *builder) properties(f geo.Feature, numbered bool) {
	if id := f.ID.String(); id != "" && !numbered {
		b.property(keyID, geo.StringValue(id))
	}
	instant := func(key int, i period.Instant, ok bool) {
		if ok {
			b.property(key, geo.IntValue(int64(i)))
		}
	}
	possible, certain := f.Valid.Possible, f.Valid.Certain
	from, hasFrom := possible.Start()
	until, hasUntil := possible.End()
	instant(keyValidFrom, from, hasFrom)
	instant(keyValidUntil, until, hasUntil)
	switch {
	case certain == possible:
	case certain.IsNever(): // told by two equal ends
		at := from
		if !hasFrom {
			at = until
		}
		instant(keyCertainFrom, at, true)
		instant(keyCertainUntil, at, true)
	default:
		i, ok := certain.Start()
		instant(keyCertainFrom, i, ok)
		i, ok = certain.End()
		instant(keyCertainUntil, i, ok)
	}
	for i, name := range b.names {
		b.property(len(reserved)+i, f.Properties.Get(name))
	}
}

func (b *builder) property(key int, v geo.Value) {
	if v.Kind() == geo.String {
		v = geo.StringValue(strings.ToValidUTF8(v.Text(), "\uFFFD"))
	} else if f, _ := v.Float(); v.Kind() == geo.Float && f == 0 {
		v = geo.FloatValue(0) // not -0
	}
	if n, ok := b.set.values.add(v); ok {
		b.keys = append(b.keys, uint32(key))
		b.set.props = append(b.set.props, n)
	}
}

// endItem ends the item that is being added.
func (b *builder) endItem(possible, certain span) {
	b.set.shapes.add(b.keys)
	b.set.times.add(possible, certain)
	b.keys = b.keys[:0]
}

// geometry adds the parts of g that are of kind k.
func (b *builder) geometry(g orb.Geometry, k kind, t span) {
	switch g := g.(type) {
	case orb.Point:
		if k == kindPoint {
			b.point(g, t)
		}
	case orb.MultiPoint:
		if k == kindPoint {
			for _, p := range g {
				b.point(p, t)
			}
		}
	case orb.LineString:
		if k == kindLine {
			b.line(g, t)
		}
	case orb.MultiLineString:
		if k == kindLine {
			for _, l := range g {
				b.line(l, t)
			}
		}
	case orb.Ring:
		if k == kindPolygon {
			b.polygon(orb.Polygon{g}, t)
		}
	case orb.Polygon:
		if k == kindPolygon {
			b.polygon(g, t)
		}
	case orb.MultiPolygon:
		if k == kindPolygon {
			for _, p := range g {
				b.polygon(p, t)
			}
		}
	case orb.Bound:
		if k == kindPolygon && !g.IsEmpty() {
			b.polygon(g.ToPolygon(), t)
		}
	case orb.Collection:
		for _, m := range g {
			b.geometry(m, k, t)
		}
	}
}

// point adds p and, if it is near the antimeridian, p again a turn of the earth away: it is
// in the buffer of tiles beyond.
func (b *builder) point(p orb.Point, t span) {
	if !b.usable(orb.LineString{p}) {
		return
	}
	shift, _ := shifts(orb.LineString{p})
	p[0] += shift
	b.part(nil, false, b.grid().project(p), t)
	const near = 180 - 360.*buffer/extent // as near as the buffer at zoom 0 reaches
	if math.Abs(p[0]) > near {
		p[0] -= math.Copysign(360, p[0])
		b.part(nil, false, b.grid().project(p), t)
	}
}

func (b *builder) line(l orb.LineString, t span) {
	if len(l) == 0 || !b.usable(l) {
		return
	}
	l = b.grid().unwrapLine(l)
	least, most := shifts(l)
	for shift := least; shift <= most; shift += 360 {
		pts := b.project(l, shift)
		if len(pts) < 2 {
			b.problem(NoLength, l[0])
		}
		b.part([][]point{pts}, false, pts[0], t)
	}
}

func (b *builder) polygon(p orb.Polygon, t span) {
	if len(p) == 0 || len(p[0]) == 0 {
		return
	}
	for _, r := range p {
		if !b.usable(orb.LineString(r)) {
			return
		}
	}
	p = b.grid().unwrapPolygon(p)
	least, most := shifts(orb.LineString(p[0]))
	for shift := least; shift <= most; shift += 360 {
		var rings [][]point
		for _, r := range p {
			pts := b.project(orb.LineString(r), shift)
			for len(pts) > 1 && pts[0] == pts[len(pts)-1] {
				pts = pts[:len(pts)-1]
			}
			rings = append(rings, pts)
		}
		if len(rings[0]) < 3 || area2(rings[0]) == 0 && isFlat(rings[0]) {
			b.problem(NoArea, p[0][0])
		}
		b.part(rings, true, rings[0][0], t)
	}
}

// isFlat tells whether all points of a ring lie on one line.
func isFlat(ring []point) bool {
	for _, p := range ring[2:] {
		if orient(ring[0], ring[1], p) != 0 {
			return false
		}
	}
	return true
}

// project returns pts, shifted by degrees of longitude, on the world grid, leaving out
// points that repeat the one before. Where pts cross the latitude at which the world
// ends, it adds the point of crossing: the rest of the way is along the edge.
func (b *builder) project(pts orb.LineString, shift float64) []point {
	g, end := b.grid(), b.grid().maxLat()
	out := make([]point, 0, len(pts))
	add := func(lon, lat float64) {
		if q := g.project(orb.Point{lon + shift, lat}); len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	for i, p := range pts {
		if i > 0 {
			a := pts[i-1]
			limits := [2]float64{-end, end}
			if a[1] > p[1] {
				limits = [2]float64{end, -end}
			}
			for _, lat := range limits {
				if (a[1] < lat) != (p[1] < lat) && a[1] != lat && p[1] != lat {
					add(a[0]+(lat-a[1])/(p[1]-a[1])*(p[0]-a[0]), lat)
				}
			}
		}
		add(p[0], p[1])
	}
	return out
}

// part adds a part of the item that is being added.
func (b *builder) part(paths [][]point, closed bool, at point, t span) {
	s := b.set
	box := bbox{at.x, at.y, at.x, at.y}
	p := part{item: b.placed, from: uint32(len(b.paths.end)), at: at}
	least := 2
	if closed {
		least = 3
	}
	for i, path := range paths {
		for _, q := range path {
			box.add(q)
		}
		if len(path) < least {
			if i == 0 {
				break
			}
			continue
		}
		if closed {
			// exteriors run one way, interiors the other, however they came: so the interior
			// is always on the same side
			a := area2(path)
			if (a > 0) != (i == 0) {
				slices.Reverse(path)
			}
			if i == 0 {
				p.size = float32(math.Abs(float64(a)))
			}
			path = b.grid().beyondLimit(path)
		} else {
			p.size += float32(len(path))
		}
		b.paths.add(path, closed)
		s.hasPaths = true
	}
	if p.to = uint32(len(b.paths.end)); closed && p.from < p.to {
		s.network.polygons = append(s.network.polygons, polygonPaths{p.from, p.to})
	}
	if paths != nil {
		p.at = point{int32((int64(box.minX) + int64(box.maxX)) / 2), int32((int64(box.minY) + int64(box.maxY)) / 2)}
	}
	s.parts = append(s.parts, p)
	b.boxes.Add(&rtree.Box{
		MinX: float64(box.minX), MinY: float64(box.minY),
		MaxX: float64(box.maxX), MaxY: float64(box.maxY),
		Start: t.lo, End: t.hi,
	})
}

// endItems lets go of what only adding items needs.
func (b *builder) endItems() {
	b.ids, b.set.shapes.known, b.set.times.known = ids{}, nil, nil
	b.set.values.done()
}

func (b *builder) finish() *Set {
	if !b.timed {
		b.set.times = times{}
	}
	b.set.ready()
	return b.set
}

// ready prepares what Append takes from the pool, when keys and values are there.
func (s *Set) ready() {
	s.pool.New = func() any {
		return &scratch{
			keys:   numbering{stamps: make([]uint32, len(s.keys))},
			values: numbering{stamps: make([]uint32, len(s.values.ends))},
		}
	}
}
