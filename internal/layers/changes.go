package layers

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/overlay"
	"kharita/geo/period"
	"kharita/internal/store"
)

// A Change is what became of a thing between two times.
type Change string

// The changes. Grown and Shrunk are said of areas; Moved of what is elsewhere or
// otherwise without being larger or smaller.
const (
	Appeared    Change = "appeared"
	Disappeared Change = "disappeared"
	Grown       Change = "grown"
	Shrunk      Change = "shrunk"
	Moved       Change = "moved"
	Unchanged   Change = "kept"
)

// AllChanges are the changes in the order in which people want to read them.
func AllChanges() []Change {
	return []Change{Appeared, Disappeared, Grown, Shrunk, Moved, Unchanged}
}

// A Part is what became of a piece of ground, or of a line or point.
type Part string

// The parts: what a thing has after and had not before, and so on.
const (
	Gained Part = "gained"
	Lost   Part = "lost"
	Kept   Part = "kept"
)

// Changes is what became of a layer between two times.
//
// Its Layer holds the pieces, to be served like any other: what each thing
// gained, lost and kept is a feature of its own, with the properties of the thing
// as it is after, or was before it disappeared, and before them the
// change, the part, part_km2, before_km2, after_km2 (null where there are none),
// a change_note where pieces could not be cut, and the id of the feature that the
// properties are of. Pieces of one thing never overlap.
// They have no valid time: the two times are the question, not the answer.
type Changes struct {
	*Layer
	Things map[Change]int
	// km² on the ellipsoid of WGS 84, as sums over all things.
	Before, After, Gained, Lost, Kept float64
}

// Compare tells the layer at the time before from that at the time after: a thing
// is there if its valid time, in the given reading, intersects. Things are the
// same if they share the value of the layer's Identity, else if they share their
// id. The ID of the layer of pieces is that of l and ".changes".
//
// Areas are cut by each other only where a thing's shape differs. What can't be
// cut, as its rings cross, is no error: then the whole of it counts as lost and as
// gained, and a note says so.
func (l *Layer) Compare(ctx context.Context, before, after period.Period, reading period.Reading) (*Changes, error) {
	c := &comparison{layer: l, index: map[thingKey]int{}, names: geo.NewNames(changeFields...), taken: map[string]bool{}}
	for _, f := range l.Fields {
		c.names.Add(f.Name)
	}
	for side, valid := range [2]period.Period{before, after} {
		for f, err := range l.Features(ctx, Query{Valid: valid, Reading: reading}) {
			if err != nil {
				return nil, err
			}
			c.add(side, f)
		}
	}
	c.out.Things = map[Change]int{}
	for i := range c.things {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.compare(&c.things[i])
	}
	c.finish()
	return &c.out, nil
}

// changeFields come before the layer's own in each piece.
//
//nolint:gochecknoglobals // a table
var changeFields = []string{"change", "part", "part_km2", "before_km2", "after_km2", "change_note", "feature"}

type thingKey struct {
	named bool // by the identity
	text  string
}

// A thing is all versions of it on either side.
type thing struct {
	name string
	at   [2][]geo.Feature // before, after
}

type comparison struct {
	layer  *Layer
	things []thing
	index  map[thingKey]int
	names  *geo.Names
	taken  map[string]bool
	pieces []geo.Feature
	out    Changes
}

func (c *comparison) add(side int, f geo.Feature) {
	key := thingKey{text: f.ID.String()}
	if c.layer.Identity != "" {
		if v := f.Properties.Get(c.layer.Identity).Text(); v != "" {
			key = thingKey{true, v}
		}
	}
	i, ok := c.index[key]
	if !ok {
		i = len(c.things)
		c.index[key] = i
		c.things = append(c.things, thing{name: key.text})
	}
	c.things[i].at[side] = append(c.things[i].at[side], f)
}

// compare adds the pieces of t.
func (c *comparison) compare(t *thing) {
	was, note1 := shape(t.at[0])
	is, note2 := shape(t.at[1])
	p := piece{thing: t, note: note1 + note2, before: geo.Area(was), after: geo.Area(is)}
	c.out.Before += p.before
	c.out.After += p.after
	switch {
	case len(t.at[0]) == 0:
		p.change = Appeared
		c.piece(p, Gained, is)
	case len(t.at[1]) == 0:
		p.change = Disappeared
		c.piece(p, Lost, was)
	case same(was, is):
		p.change = Unchanged
		c.piece(p, Kept, is)
	default:
		c.cut(&p, was, is)
	}
	c.out.Things[p.change]++
}

// cut adds the pieces of a thing that has another shape than before.
func (c *comparison) cut(p *piece, was, is orb.Geometry) {
	const metre = 1e-6 // km²: a difference below a square metre is rounding
	switch {
	case p.after > p.before+metre:
		p.change = Grown
	case p.after < p.before-metre:
		p.change = Shrunk
	default:
		p.change = Moved
	}
	a, isArea := areas(was)
	b, alsoArea := areas(is)
	if !isArea || !alsoArea {
		c.piece(*p, Lost, was)
		c.piece(*p, Gained, is)
		return
	}
	lost, kept, gained, err := overlay.Split(a, b)
	if err != nil {
		p.note += fmt.Sprintf("the shapes before and after could not be cut by each other (%v): both are whole here", err)
		c.piece(*p, Lost, was)
		c.piece(*p, Gained, is)
		return
	}
	if len(lost) == 0 && len(gained) == 0 {
		p.change = Unchanged // the same ground in other words
	}
	for _, part := range []struct {
		part Part
		area orb.MultiPolygon
	}{{Gained, gained}, {Lost, lost}, {Kept, kept}} {
		switch len(part.area) {
		case 0:
		case 1:
			c.piece(*p, part.part, part.area[0])
		default:
			c.piece(*p, part.part, part.area)
		}
	}
}

// A piece is what the pieces of one thing have in common.
type piece struct {
	thing         *thing
	change        Change
	before, after float64 // km²
	note          string
}

func (c *comparison) piece(p piece, part Part, g orb.Geometry) {
	area := geo.Area(g)
	switch part {
	case Gained:
		c.out.Gained += area
	case Lost:
		c.out.Lost += area
	case Kept:
		c.out.Kept += area
	}
	km2 := func(v float64) geo.Value {
		if p.before == 0 && p.after == 0 {
			return geo.Value{}
		}
		return geo.FloatValue(math.Round(v*1e4) / 1e4) // 100 m²
	}
	row := make([]geo.Value, len(c.names.List()))
	versions := p.thing.at[1]
	if len(versions) == 0 {
		versions = p.thing.at[0]
	}
	version := versions[len(versions)-1]
	for name, v := range version.Properties.All() {
		if i, ok := c.names.Find(name); ok {
			row[i] = v
		}
	}
	row[0], row[1] = geo.StringValue(string(p.change)), geo.StringValue(string(part))
	row[2], row[3], row[4] = km2(area), km2(p.before), km2(p.after)
	row[5] = geo.Value{}
	if p.note != "" {
		row[5] = geo.StringValue(p.note)
	}
	row[6] = geo.StringValue(version.ID.String())
	id := p.thing.name + "." + string(part)
	for n := 2; c.taken[id]; n++ { // a thing may be named like another's id
		id = fmt.Sprintf("%s.%s-%d", p.thing.name, part, n)
	}
	c.taken[id] = true
	c.pieces = append(c.pieces, geo.Feature{ID: geo.TextID(id), Geometry: g, Properties: geo.NewProperties(c.names, row)})
}

// finish makes the layer of the pieces.
func (c *comparison) finish() {
	l := *c.layer
	l.ID += ".changes"
	l.Identity, l.Rivals, l.Changes, l.Guesses, l.derived = "", nil, nil, nil, nil
	l.Span, l.Time = period.Never, TimeFields{}
	l.Shelf = store.Shelf{} // which knows of files only, not of dates
	l.Total, l.Bound, l.Geometry = len(c.pieces), bound(c.pieces), NoGeometry
	for _, p := range c.pieces {
		l.Geometry = l.Geometry.with(p.Geometry)
	}
	types := map[string]string{"part_km2": "number", "before_km2": "number", "after_km2": "number"}
	own := map[string]Field{}
	for _, f := range c.layer.Fields {
		own[f.Name] = f
	}
	l.Fields = nil
	for i, name := range c.names.List() {
		f := own[name]
		if i < len(changeFields) {
			if f = (Field{Name: name, Type: types[name]}); f.Type == "" {
				f.Type = "string"
			} else {
				f.Unit = "km²"
			}
		}
		l.Fields = append(l.Fields, f)
	}
	l.Tile.Properties = append(append([]string(nil), changeFields...), c.layer.Tile.Properties...)
	l.Style.Color = Leaf{By: "part", Cases: []Case{{string(Gained), raw("#d55e00")}, {string(Lost), raw("#0072b2")}}, Other: raw("#888888")}
	l.Source = NewMemory(c.pieces)
	c.out.Layer = &l
}

// shape returns the ground that versions of one thing cover together, each place
// once; the note says where that could not be done.
func shape(versions []geo.Feature) (g orb.Geometry, note string) {
	var shapes []orb.Geometry
next:
	for _, f := range versions {
		for _, s := range shapes {
			if same(s, f.Geometry) {
				continue next
			}
		}
		if f.Geometry != nil {
			shapes = append(shapes, f.Geometry)
		}
	}
	switch len(shapes) {
	case 0:
		return nil, ""
	case 1:
		return shapes[0], ""
	}
	var all []orb.MultiPolygon
	for _, s := range shapes {
		area, ok := areas(s)
		if !ok {
			return orb.Collection(shapes), ""
		}
		all = append(all, area)
	}
	union, err := overlay.Union(all...)
	if err == nil {
		return union, ""
	}
	union = nil
	for _, area := range all {
		union = append(union, area...)
	}
	return union, fmt.Sprintf("versions could not be joined (%v): where they overlap, the ground counts twice; ", err)
}

// areas returns g as polygons; ok is false if it is anything else.
func areas(g orb.Geometry) (m orb.MultiPolygon, ok bool) {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, true
	case orb.MultiPolygon:
		return g, true
	}
	return nil, false
}

// same reports whether a and b are the same shape, point by point.
func same(a, b orb.Geometry) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return orb.Equal(a, b)
}

// bound returns the bound of all features, empty if none has a place.
func bound(features []geo.Feature) orb.Bound {
	all := orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	for _, f := range features {
		switch {
		case f.Geometry == nil:
		case all.IsEmpty():
			all = f.Geometry.Bound()
		default:
			all = all.Union(f.Geometry.Bound())
		}
	}
	return all
}
