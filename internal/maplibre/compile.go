package maplibre

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// A compiler turns one layer's style into layers of a Document.
type compiler struct {
	m        Map
	layer    Layer
	source   string
	icons    Icons
	strength float64 // of all its paint, 0 to 1
}

// A standing is how features stand in the time shown: in what order they are
// painted, and how that is told from their properties.
type standing struct {
	suffix    string // of the ids of layers
	uncertain bool
	filter    any
}

// standings are what only possibly holds and, over it, what certainly does.
func (c *compiler) standings() []standing {
	if c.source == baseSource || c.m.Certain || c.layer.Span.IsNever() {
		return []standing{{}}
	}
	// An end that equals the possible one is left out of tiles, and all in them possibly
	// holds. Said without coalesce and without negation of more than has, which QGIS does
	// not read, and in halves between two milliseconds: it cuts whole numbers to 32 bits.
	from, until := []any{"get", "certain_from"}, []any{"get", "certain_until"}
	hasFrom, hasUntil := []any{"has", "certain_from"}, []any{"has", "certain_until"}
	noFrom, noUntil := []any{"!", hasFrom}, []any{"!", hasUntil}
	certain := []any{"all", []any{"any", noFrom, noUntil, []any{"<", from, until}}}
	possible := []any{"any", []any{"all", hasFrom, hasUntil, []any{">=", from, until}}}
	if i, ok := c.m.Time.End(); ok {
		certain = append(certain, []any{"any", noFrom, []any{"<", from, float64(i) - 0.5}})
		possible = append(possible, []any{"all", hasFrom, []any{">", from, float64(i) - 0.5}})
	}
	if i, ok := c.m.Time.Start(); ok {
		certain = append(certain, []any{"any", noUntil, []any{">", until, float64(i) + 0.5}})
		possible = append(possible, []any{"all", hasUntil, []any{"<", until, float64(i) + 0.5}})
	}
	return []standing{{":possible", true, possible}, {"", false, certain}}
}

// add makes a layer of the Document.
func (c *compiler) add(suffix, kind string, filter any, layout, paint map[string]any) layer {
	if c.layer.Off {
		if layout == nil {
			layout = map[string]any{}
		}
		layout["visibility"] = "none"
	}
	return layer{
		ID: c.layer.ID + suffix, Type: kind, Source: c.source, SourceLayer: c.layer.ID,
		MinZoom: float64(c.layer.Tile.MinZoom), Filter: filter, Layout: layout, Paint: paint,
	}
}

// of is the filter of one kind of geometry, which a layer of several kinds needs.
func (c *compiler) of(kinds ...string) any {
	if c.layer.Geometry != layers.Mixed {
		return nil
	}
	either := []any{"any"}
	for _, kind := range kinds {
		either = append(either, []any{"==", []any{"geometry-type"}, kind})
	}
	return either
}

func (c *compiler) has(g layers.Geometry) bool {
	return c.layer.Geometry == g || c.layer.Geometry == layers.Mixed
}

// Values of the style, with the defaults that the page has.

func (c *compiler) pointed() bool {
	k := c.layer.Style.Kind
	return k == "symbol" || k == "circle" || k == "" && c.layer.Geometry == layers.Points
}

func (c *compiler) color(p assignment) string {
	return c.m.Scheme.of(resolve(c.layer.Style.Color, p, fallback[c.layer.Place%len(fallback)]))
}

func (c *compiler) opacity(p assignment, s standing) float64 {
	other := 0.2
	if c.pointed() || c.layer.Style.Kind == "line" || c.layer.Geometry == layers.Lines {
		other = 1
	}
	certain := resolve(c.layer.Style.Opacity, p, other)
	if !s.uncertain {
		return certain
	}
	return resolve(c.uncertain().Opacity, p, certain*0.5)
}

func (c *compiler) pattern(p assignment, s standing) string {
	if s.uncertain {
		return or(c.uncertain().Pattern, "none")
	}
	return resolve(c.layer.Style.Pattern, p, "none")
}

func (c *compiler) outlineColor(p assignment) string {
	if o := c.outline(); !o.Color.IsZero() {
		return c.m.Scheme.of(resolve(o.Color, p, colour{c.color(p), c.color(p)}))
	}
	if c.pointed() {
		return ""
	}
	return c.color(p)
}

func (c *compiler) outlineWidth(p assignment) float64 {
	other := 1.0
	switch {
	case c.layer.Style.Kind == "line":
		other = 0
	case c.pointed():
		other = 1.5
	}
	return resolve(c.outline().Width, p, other)
}

func (c *compiler) width(p assignment) float64 {
	return resolve(c.layer.Style.Width, p, resolve(c.outline().Width, p, 1.0))
}

// dash is how the outline or the line is broken; of what is uncertain one word for all.
func (c *compiler) dash(s standing) layers.Leaf {
	if s.uncertain {
		return layers.Leaf{Value: []byte(`"` + or(c.uncertain().Outline, "dashed") + `"`)}
	}
	return c.outline().Dash
}

func (c *compiler) outline() layers.Outline {
	if o := c.layer.Style.Outline; o != nil {
		return *o
	}
	return layers.Outline{}
}

func (c *compiler) uncertain() layers.Uncertain {
	if u := c.layer.Style.Uncertain; u != nil {
		return *u
	}
	return layers.Uncertain{}
}

func or(word, other string) string {
	if word == "" {
		return other
	}
	return word
}

// shapes paints polygons and lines, what only possibly holds first.
func (c *compiler) shapes() (out []layer) {
	for _, s := range c.standings() {
		if c.has(layers.Polygons) {
			out = append(out, c.areas(s)...)
		}
		if c.has(layers.Lines) {
			out = append(out, c.lines(s)...)
		}
	}
	return out
}

func (c *compiler) areas(s standing) (out []layer) {
	st, o := c.layer.Style, c.outline()
	which := all(s.filter, c.of("Polygon", "MultiPolygon"))
	opacity := c.by(func(p assignment) any { return c.strength * c.opacity(p, s) }, st.Opacity, c.uncertain().Opacity)
	if opacity != 0.0 {
		paint := map[string]any{
			"fill-color": c.by(func(p assignment) any { return c.color(p) }, st.Color), "fill-opacity": opacity, "fill-antialias": !st.Merge,
		}
		if st.Merge { // else every border inside would show; QGIS minds the colour alone
			paint["fill-outline-color"] = "rgba(0, 0, 0, 0)"
		}
		out = append(out, c.add(s.suffix, "fill", which, nil, paint))
	}
	pattern := func(p assignment) any {
		kind := c.pattern(p, s)
		if kind == "none" {
			return ""
		}
		return c.icons.pattern(kind, c.color(p))
	}
	if image := c.by(pattern, st.Pattern, st.Color); image != "" {
		some := c.by(func(p assignment) any { return c.pattern(p, s) != "none" }, st.Pattern)
		if some == true {
			some = nil
		}
		out = append(out, c.add(s.suffix+":pattern", "fill", all(which, some), nil, map[string]any{
			"fill-pattern": image, "fill-opacity": 0.55 * c.strength, "fill-antialias": false,
		}))
	}
	switch {
	case !st.Merge:
		out = append(out, c.strokes(s.suffix+":outline", which, c.dash(s), c.outlineColor, c.outlineWidth, c.strength, o.Color, o.Width, st.Color)...)
	case c.layer.Borders:
		out = append(out, c.edge(s)...)
	}
	return out
}

// edge outlines all polygons together: the borders that the tiles have, those of
// what certainly holds and, where what possibly holds reaches farther, those of it. Of a
// longer time they are those beyond which nothing is held in all of it.
func (c *compiler) edge(s standing) []layer {
	reading := "certain"
	if s.uncertain {
		reading = "possible"
	}
	var which any
	if len(c.standings()) > 1 {
		kinds := []string{"both", reading}
		if s.uncertain {
			kinds = kinds[1:]
		}
		which = []any{"match", []any{"get", "reading"}, kinds, true, false}
	}
	plain := func(f func(assignment) float64) func(assignment) float64 {
		return func(assignment) float64 { return f(nil) } // a border is of no one feature
	}
	color := func(assignment) string { return c.outlineColor(nil) }
	out := c.strokes(s.suffix+":outline", all(which, c.alone()), c.dash(s), color, plain(c.outlineWidth), c.strength)
	for i := range out {
		out[i].SourceLayer += ":border"
	}
	return out
}

// alone is the filter of the borders that are of the time shown as a whole.
func (c *compiler) alone() any {
	if c.layer.Span.IsNever() {
		return nil // nothing changes
	}
	shown := c.m.Time
	if c.source == baseSource {
		shown = period.Period{}
	}
	side := func(name string, none bool, operator string, bound float64) any {
		open := []any{"!", []any{"has", name}}
		if none {
			return open
		}
		return []any{"any", open, []any{operator, []any{"get", name}, bound}}
	}
	start, hasStart := shown.Start()
	end, hasEnd := shown.End()
	return []any{
		"all", // between two milliseconds, as in standings
		side("alone_from", !hasStart, "<", float64(start)+0.5),
		side("alone_until", !hasEnd, ">", float64(end)-0.5),
	}
}

func (c *compiler) lines(s standing) []layer {
	st, o := c.layer.Style, c.outline()
	which := all(s.filter, c.of("LineString", "MultiLineString", "Line"))
	suffix := s.suffix
	if c.layer.Geometry == layers.Mixed {
		suffix += ":line"
	}
	out := c.strokes(suffix, which, c.dash(s), c.color, c.width, 1, st.Color, st.Width, o.Width)
	opacity := c.by(func(p assignment) any { return c.strength * c.opacity(p, s) }, st.Opacity, c.uncertain().Opacity)
	for i := range out {
		out[i].Paint["line-opacity"] = opacity
	}
	return out
}

// strokes draws lines, a layer for each way in which they are broken.
func (c *compiler) strokes(suffix string, which any, dash layers.Leaf, color func(assignment) string, width func(assignment) float64, opacity float64, follow ...layers.Leaf) (out []layer) {
	shade := c.by(func(p assignment) any { return color(p) }, follow...)
	px := c.by(func(p assignment) any { return width(p) }, follow...)
	if shade == "" || px == 0.0 {
		return nil
	}
	dashes, filters := split(c, dash, "solid")
	for i, d := range dashes {
		paint := map[string]any{"line-color": shade, "line-width": px}
		if opacity != 1 {
			paint["line-opacity"] = opacity
		}
		layout := map[string]any{"line-join": "round"}
		w := width(nil)
		switch d { // in widths of the line
		case "dashed":
			paint["line-dasharray"] = []float64{rounded((3 + 2*w) / w), rounded((2 + 1.5*w) / w)}
		case "dotted":
			paint["line-dasharray"] = []float64{0, rounded((2 + 1.6*w) / w)}
			layout["line-cap"] = "round"
		}
		id := suffix
		if i > 0 {
			id += ":" + d
		}
		out = append(out, c.add(id, "line", all(which, filters[i]), layout, paint))
	}
	return out
}

func rounded(f float64) float64 { return math.Round(f*100) / 100 }

// symbols draws points, and the circles within which they lie.
func (c *compiler) symbols() (out []layer) {
	if !c.has(layers.Points) {
		return nil
	}
	st, o, u := c.layer.Style, c.outline(), c.uncertain()
	point := c.of("Point", "MultiPoint")
	for _, s := range c.standings() {
		which := all(s.filter, point)
		if st.Radius != "" {
			out = append(out, c.add(s.suffix+":radius", "circle", all(which, []any{">", []any{"to-number", []any{"get", st.Radius}, 0}, 0}), nil, map[string]any{
				"circle-radius": c.onGround([]any{"to-number", []any{"get", st.Radius}, 0}), "circle-pitch-alignment": "map",
				"circle-color": c.by(func(p assignment) any { return c.color(p) }, st.Color), "circle-opacity": 0.08 * c.strength,
				"circle-stroke-color": c.by(func(p assignment) any { return c.color(p) }, st.Color), "circle-stroke-width": 1, "circle-stroke-opacity": 0.9 * c.strength,
			}))
		}
	}
	suffix := ""
	if c.layer.Geometry == layers.Mixed {
		suffix = ":point"
	}
	look := func(p assignment, s standing) Icon {
		return Icon{
			Shape: resolve(st.Shape, p, "circle"), Size: resolve(st.Size, p, 8.0), Color: c.color(p), Opacity: rounded(c.opacity(p, s)),
			Outline: c.outlineColor(p), Width: c.outlineWidth(p), Halo: c.m.Scheme.ground().land, Dash: c.broken(s), Uncertain: s.uncertain,
		}
	}
	for _, s := range c.standings() {
		layout := map[string]any{
			"icon-image":         c.by(func(p assignment) any { return c.icons.icon(look(p, s)) }, st.Shape, st.Size, st.Color, st.Opacity, o.Color, o.Width, u.Opacity),
			"icon-size":          c.shrunk(st.Size),
			"icon-allow-overlap": true, "icon-padding": 0,
		}
		paint := map[string]any{}
		if c.strength != 1 {
			paint["icon-opacity"] = c.strength
		}
		for _, z := range c.zooms() {
			one := c.add(s.suffix+suffix+z.suffix, "symbol", all(s.filter, point, z.filter), layout, paint)
			one.MinZoom = max(one.MinZoom, z.min)
			out = append(out, one)
		}
	}
	return out
}

// broken is how the outline of an uncertain symbol is broken.
func (c *compiler) broken(s standing) string {
	if !s.uncertain {
		return "solid"
	}
	return or(c.uncertain().Outline, "dashed")
}

// A zoomed is the features of which names are written from a zoom on.
type zoomed struct {
	suffix string
	min    float64
	filter any
}

// zooms divides points by the zoom from which they are drawn: a town of the base
// map comes with its name.
func (c *compiler) zooms() []zoomed {
	if c.source != baseSource || c.layer.Style.Label == nil {
		return []zoomed{{}}
	}
	return c.named()
}

// named divides features by the zoom from which their names are written: the earliest
// come last, which finds them room first.
func (c *compiler) named() (out []zoomed) {
	mins, filters := split(c, c.layer.Style.Label.MinZoom, 0.0)
	for i, min := range mins {
		z := zoomed{min: zoom(min), filter: filters[i]}
		if len(mins) > 1 {
			z.suffix = fmt.Sprintf(":%g", min)
		}
		out = append(out, z)
	}
	slices.SortStableFunc(out, func(a, b zoomed) int { return cmp.Compare(b.min, a.min) })
	return out
}

// shrunk is how much smaller symbols are where the map is far out, so that many
// small ones do not hide it; none is drawn smaller than 2 px.
func (c *compiler) shrunk(size layers.Leaf) any {
	at := func(share float64) any {
		return c.by(func(p assignment) any {
			px := resolve(size, p, 8.0)
			return rounded(max(share, min(px, 2)/px))
		}, size)
	}
	return []any{"interpolate", []any{"linear"}, []any{"zoom"}, 3.25, at(0.35), 5, at(0.7), 7, at(1)}
}

// onGround turns metres into pixels, as they are in the middle of the layer.
func (c *compiler) onGround(metres any) any {
	const world, deepest = 40_075_016.686, 24 // metres around the equator
	lat := 0.0
	if !c.layer.Bound.IsEmpty() {
		lat = c.layer.Bound.Center().Lat()
	}
	px := 512 / (world * math.Cos(lat*math.Pi/180)) // of a metre at zoom 0
	return []any{
		"interpolate",
		[]any{"exponential", 2},
		[]any{"zoom"},
		0,
		[]any{"*", metres, px},
		deepest,
		[]any{"*", metres, px * (1 << deepest)},
	}
}

// labels writes names: of points beside them, of areas at their label points, of
// lines along them.
func (c *compiler) labels() (out []layer) {
	st := c.layer.Style.Label
	if st == nil {
		return nil
	}
	size := func(p assignment) float64 { return resolve(st.Size, p, 12.0) }
	color := func(p assignment) any {
		ink := c.m.Scheme.ground().ink
		return c.m.Scheme.of(resolve(st.Color, p, colour{ink, ink}))
	}
	font := func(p assignment) any {
		if resolve(st.Weight, p, 400.0) >= 550 {
			return []string{SemiBold}
		}
		return []string{Regular}
	}
	layout := map[string]any{
		"text-field": c.name(st.Field), "text-size": c.by(func(p assignment) any { return size(p) }, st.Size), "text-font": font(nil),
	}
	if !st.Weight.IsZero() && st.Weight.By != "" {
		layout["text-font"] = c.by(func(p assignment) any { return []any{"literal", font(p)} }, st.Weight)
	}
	if st.Spaced && !c.m.RightToLeft {
		layout["text-letter-spacing"], layout["text-transform"] = 0.16, "uppercase"
	}
	if st.Rank != "" {
		layout["symbol-sort-key"] = []any{"-", 0, []any{"to-number", []any{"get", st.Rank}, 0}}
	}
	paint := map[string]any{
		"text-color":      c.by(color, st.Color),
		"text-halo-color": c.m.Scheme.ground().land, "text-halo-width": 1.5,
	}
	place := func(suffix, source string, which any, at map[string]any) {
		whole := map[string]any{}
		for _, m := range []map[string]any{layout, at} {
			for k, v := range m {
				whole[k] = v
			}
		}
		for _, z := range c.named() {
			one := c.add(suffix+z.suffix, "symbol", all(which, z.filter), whole, paint)
			one.SourceLayer = source
			one.MinZoom = max(one.MinZoom, z.min)
			out = append(out, one)
		}
	}
	if c.has(layers.Lines) {
		place(":along", c.layer.ID, c.of("LineString", "MultiLineString", "Line"), map[string]any{"symbol-placement": "line"})
	}
	if c.has(layers.Polygons) && c.layer.Labels {
		place(":label", c.layer.ID+":label", nil, nil)
	}
	if c.has(layers.Points) {
		beside := func(p assignment) any { return rounded((resolve(c.layer.Style.Size, p, 8.0)/2 + 4) / size(p)) }
		anchors := []string{"left", "right", "top", "bottom"}
		if c.m.RightToLeft {
			anchors = []string{"right", "left", "top", "bottom"}
		}
		place(":name", c.layer.ID, all(c.of("Point", "MultiPoint"), c.notAbove()), map[string]any{
			"text-variable-anchor": anchors, "text-justify": "auto",
			"text-radial-offset": c.by(beside, c.layer.Style.Size, st.Size),
		})
	}
	return out
}

// Fonts for which there must be glyphs.
const (
	Regular  = "Noto Sans Regular"
	SemiBold = "Noto Sans SemiBold"
)

// name is the expression of what is written: a property, or the feature's name in
// the first language that it has one in.
func (c *compiler) name(field string) any {
	properties := c.names(field)
	switch {
	case field != "name" || len(c.layer.Name) == 0:
		return []any{"to-string", []any{"get", field}}
	case len(properties) == 1 || slices.Contains(c.layer.Full, properties[0]): // QGIS (3.22) knows no coalesce
		return []any{"get", properties[0]}
	}
	e := []any{"coalesce"}
	for _, p := range properties {
		e = append(e, []any{"get", p})
	}
	return e
}

// names are the properties of which the first that a feature has is written.
func (c *compiler) names(field string) (properties []string) {
	if field != "name" || len(c.layer.Name) == 0 {
		return []string{field}
	}
	add := func(lang string) {
		if p, ok := c.layer.Name[lang]; ok && !slices.Contains(properties, p) {
			properties = append(properties, p)
		}
	}
	for _, lang := range append(slices.Clone(c.m.Languages), "") {
		add(lang)
	}
	for _, lang := range layers.Text(c.layer.Name).Languages() {
		add(lang)
	}
	return properties
}
