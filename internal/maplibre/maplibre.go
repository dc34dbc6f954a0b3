// Package maplibre makes MapLibre style documents (version 8), and the sprites that
// they name, from the style vocabulary of sidecars: what the page's painter draws,
// as far as MapLibre can.
package maplibre

import (
	"cmp"
	"slices"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// A Scheme is the light or the dark half of every colour.
type Scheme string

// The schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// A Map says what a style shows.
type Map struct {
	Name        string
	Scheme      Scheme
	Languages   []string      // of names, the reader's first
	RightToLeft bool          // of the reader's language, whose letters join
	Time        period.Period // that the tiles show; the zero Period: all times at once, drawn faintly
	Certain     bool          // the tiles show what certainly holds
	Overlay     bool          // to lie on another map: it has no ground of its own
	Base, Data  Source
	View        layers.View
	Glyphs      string // URL with {fontstack} and {range}
	Sprite      string // URL without extension
}

// A Source is vector tiles and the layers in them.
type Source struct {
	Tiles            string // URL with {z}, {y} and {x}
	Bounds           []float64
	MinZoom, MaxZoom uint8
	Attribution      string
	Layers           []Layer // top first; none: the source is left out
}

// A Layer is a layer of an atlas as it stands in a Map.
type Layer struct {
	*layers.Layer
	Place   int      // in the atlas, which chooses a colour where the style names none
	Off     bool     // hidden until the reader turns it on
	Labels  bool     // the tiles have its label points
	Borders bool     // the tiles have the outline of all its polygons together
	Full    []string // properties that every feature has; others may be among the rest

	above map[float64][]string // by zoom, the names that are left to layers above from there on
}

// A Document is a style (MapLibre Style Specification, version 8).
type Document struct {
	Version  int               `json:"version"`
	Name     string            `json:"name"`
	Center   *[2]float64       `json:"center,omitempty"` // lon, lat
	Zoom     float64           `json:"zoom,omitempty"`
	Metadata map[string]any    `json:"metadata,omitempty"`
	Glyphs   string            `json:"glyphs"`
	Sprite   string            `json:"sprite,omitempty"`
	Sources  map[string]source `json:"sources"`
	Layers   []layer           `json:"layers"`
}

type source struct {
	Type        string    `json:"type"`
	Tiles       []string  `json:"tiles"`
	Bounds      []float64 `json:"bounds,omitempty"`
	MinZoom     uint8     `json:"minzoom"`
	MaxZoom     uint8     `json:"maxzoom"`
	Attribution string    `json:"attribution,omitempty"`
}

type layer struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Source      string         `json:"source,omitempty"`
	SourceLayer string         `json:"source-layer,omitempty"`
	MinZoom     float64        `json:"minzoom,omitempty"`
	Filter      any            `json:"filter,omitempty"`
	Layout      map[string]any `json:"layout,omitempty"`
	Paint       map[string]any `json:"paint,omitempty"`
}

// ground is what lies under everything, and what stands out against it.
type ground struct{ water, land, ink string }

func (s Scheme) ground() ground {
	if s == Dark {
		return ground{"#12171c", "#262b31", "#c8cdd5"}
	}
	return ground{"#c9dbe4", "#f3efe6", "#3a3f48"}
}

func (s Scheme) of(c colour) string {
	if s == Dark {
		return c.dark
	}
	return c.light
}

// fallback colours are told apart by people who see colours differently (after Okabe and Ito).
//
//nolint:gochecknoglobals // a table
var fallback = []colour{
	{"#0072b2", "#56b4e9"},
	{"#b45309", "#e69f00"},
	{"#00735c", "#2fb99a"},
	{"#8f3a75", "#cc79a7"},
	{"#4d4d4d", "#c9c9c9"},
}

// Names of the sources.
const (
	baseSource = "base"
	dataSource = "atlas"
)

// Style compiles m. The Icons are those that its layers name.
func (m Map) Style() (Document, Icons) {
	doc := Document{
		Version: 8, Name: m.Name, Glyphs: m.Glyphs, Sprite: m.Sprite, Sources: map[string]source{}, Layers: []layer{},
	}
	if !m.Overlay {
		doc.Layers = []layer{{ID: "background", Type: "background", Paint: map[string]any{"background-color": m.Scheme.ground().water}}}
	}
	if c := m.View.Center; c != nil {
		doc.Center, doc.Zoom = &[2]float64{c[0], c[1]}, zoom(m.View.Zoom)
	}
	if !m.Time.IsAlways() {
		doc.Metadata = map[string]any{"kharita:datetime": m.Time.Datetime()}
	}
	var shapes, labels, symbols []layer // a symbol keeps the labels under it away
	icons := Icons{}
	for _, s := range []struct {
		id string
		Source
	}{{baseSource, m.Base}, {dataSource, m.Data}} {
		if len(s.Layers) == 0 {
			continue
		}
		doc.Sources[s.id] = source{
			Type: "vector", Tiles: []string{s.Tiles}, Bounds: s.Bounds, MinZoom: s.MinZoom, MaxZoom: s.MaxZoom, Attribution: s.Attribution,
		}
		painted := slices.Clone(s.Layers)
		slices.Reverse(painted)
		slices.SortStableFunc(painted, func(a, b Layer) int { return cmp.Compare(a.Style.Order, b.Style.Order) })
		for _, l := range painted {
			c := compiler{m: m, layer: l, source: s.id, icons: icons, strength: 1}
			if s.id == dataSource && m.Time.IsAlways() && !l.Span.IsNever() {
				c.strength = 0.6
			}
			shapes = append(shapes, c.shapes()...)
			symbols = append(symbols, c.symbols()...)
			labels = append(labels, c.labels()...)
		}
	}
	doc.Layers = slices.Concat(doc.Layers, shapes, labels, symbols)
	if len(icons) == 0 {
		doc.Sprite = ""
	}
	return doc, icons
}

// zoom turns a zoom of the page, where the world at zoom 0 has 256 pixels, into
// one of MapLibre, where it has 512.
func zoom(z float64) float64 { return max(0, z-1) }
