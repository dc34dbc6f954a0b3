package layers

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// A Style says how a layer is drawn, in the one small vocabulary that the
// page's painter and MapLibre styles are made from. Its JSON form is that of
// the sidecar. The zero Leaf is a setting that was not given.
type Style struct {
	Kind      string     `json:"kind"` // fill, line, circle, symbol
	Color     Leaf       `json:"color,omitzero"`
	Opacity   Leaf       `json:"opacity,omitzero"`
	Pattern   Leaf       `json:"pattern,omitzero"`
	Outline   *Outline   `json:"outline,omitempty"`
	Merge     bool       `json:"merge,omitempty"` // polygons of one style are one shape
	Shape     Leaf       `json:"shape,omitzero"`
	Size      Leaf       `json:"size,omitzero"`    // px
	Width     Leaf       `json:"width,omitzero"`   // px
	Radius    string     `json:"radius,omitempty"` // property in metres
	Uncertain *Uncertain `json:"uncertain,omitempty"`
	Label     *Label     `json:"label,omitempty"`
	Order     float64    `json:"order,omitempty"` // painting order, higher on top
}

// An Outline is the line around a polygon or a circle; also how a line is dashed.
type Outline struct {
	Color Leaf `json:"color,omitzero"`
	Width Leaf `json:"width,omitzero"` // px
	Dash  Leaf `json:"dash,omitzero"`
}

// Uncertain is what changes for a feature that only possibly holds.
type Uncertain struct {
	Outline string `json:"outline,omitempty"`
	Opacity Leaf   `json:"opacity,omitzero"`
	Pattern string `json:"pattern,omitempty"`
}

// A Label is the text at a feature.
type Label struct {
	Field   string `json:"field"`
	MinZoom Leaf   `json:"minzoom,omitzero"`
	Size    Leaf   `json:"size,omitzero"` // px
	Rank    string `json:"rank,omitempty"`
	Spaced  bool   `json:"spaced,omitempty"`
	Weight  Leaf   `json:"weight,omitzero"`
	Color   Leaf   `json:"color,omitzero"`
}

// A Leaf is one value, or one by the value of a property. Values are JSON: a
// text, a number, or a colour for light and dark.
type Leaf struct {
	Value json.RawMessage
	By    string
	Cases []Case
	Other json.RawMessage
}

// A Case is the Leaf's value where the property, as text, is When.
type Case struct {
	When  string
	Value json.RawMessage
}

// IsZero reports whether the setting was not given.
func (l Leaf) IsZero() bool { return l.Value == nil && l.By == "" }

// MarshalJSON writes the Leaf as the sidecar has it.
func (l Leaf) MarshalJSON() ([]byte, error) {
	if l.By == "" {
		return l.Value, nil
	}
	values := make(map[string]json.RawMessage, len(l.Cases))
	for _, c := range l.Cases {
		values[c.When] = c.Value
	}
	return json.Marshal(struct {
		By     string                     `json:"by"`
		Values map[string]json.RawMessage `json:"values"`
		Other  json.RawMessage            `json:"other,omitempty"`
	}{l.By, values, l.Other})
}

// Properties returns the names of the properties that drawing needs, without repetition.
func (s Style) Properties() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	leaves := []Leaf{s.Color, s.Opacity, s.Pattern, s.Shape, s.Size, s.Width}
	add(s.Radius)
	if s.Outline != nil {
		leaves = append(leaves, s.Outline.Color, s.Outline.Width, s.Outline.Dash)
	}
	if s.Uncertain != nil {
		leaves = append(leaves, s.Uncertain.Opacity)
	}
	if l := s.Label; l != nil {
		leaves = append(leaves, l.MinZoom, l.Size, l.Weight, l.Color)
		add(l.Rank)
		if l.Field != "name" {
			add(l.Field)
		}
	}
	for _, l := range leaves {
		add(l.By)
	}
	return names
}

// The words of the vocabulary.
//
//nolint:gochecknoglobals // tables
var (
	kinds    = []string{"fill", "line", "circle", "symbol"}
	patterns = []string{"none", "hatch", "dots", "cross"}
	dashes   = []string{"solid", "dashed", "dotted"}
	shapes   = []string{"circle", "square", "diamond", "triangle", "ring", "double-ring"}
)

// style reads the style of a sidecar over what is already in st.
func (s *settings) style(n ast.Node, st *Style) {
	into := func(dst *Leaf, what string, value func(ast.Node, string) json.RawMessage) func(ast.Node) {
		return func(n ast.Node) { *dst = s.leaf(n, what, value) }
	}
	number := func(lo, hi float64) func(ast.Node, string) json.RawMessage {
		return func(n ast.Node, what string) json.RawMessage {
			if f, ok := s.number(n, what, lo, hi); ok {
				return raw(f)
			}
			return nil
		}
	}
	word := func(choices []string) func(ast.Node, string) json.RawMessage {
		return func(n ast.Node, what string) json.RawMessage {
			if w := s.oneOf(n, what, choices...); w != "" {
				return raw(w)
			}
			return nil
		}
	}
	px, share, zoom := number(0, 200), number(0, 1), number(0, 30)
	s.object(n, "style", map[string]func(ast.Node){
		"kind":    func(n ast.Node) { st.Kind = s.oneOf(n, "style.kind", kinds...) },
		"color":   into(&st.Color, "style.color", s.color),
		"opacity": into(&st.Opacity, "style.opacity", share),
		"pattern": into(&st.Pattern, "style.pattern", word(patterns)),
		"outline": func(n ast.Node) {
			st.Outline = &Outline{}
			s.object(n, "style.outline", map[string]func(ast.Node){
				"color": into(&st.Outline.Color, "style.outline.color", s.color),
				"width": into(&st.Outline.Width, "style.outline.width", px),
				"dash":  into(&st.Outline.Dash, "style.outline.dash", word(dashes)),
			})
		},
		"merge":  func(n ast.Node) { st.Merge = s.bool(n, "style.merge") },
		"shape":  into(&st.Shape, "style.shape", word(shapes)),
		"size":   into(&st.Size, "style.size", px),
		"width":  into(&st.Width, "style.width", px),
		"radius": func(n ast.Node) { st.Radius = s.string(n, "style.radius") },
		"uncertain": func(n ast.Node) {
			st.Uncertain = &Uncertain{}
			s.object(n, "style.uncertain", map[string]func(ast.Node){
				"outline": func(n ast.Node) { st.Uncertain.Outline = s.oneOf(n, "style.uncertain.outline", dashes...) },
				"opacity": into(&st.Uncertain.Opacity, "style.uncertain.opacity", share),
				"pattern": func(n ast.Node) { st.Uncertain.Pattern = s.oneOf(n, "style.uncertain.pattern", patterns...) },
			})
		},
		"label": func(n ast.Node) {
			st.Label = &Label{Field: "name"}
			s.object(n, "style.label", map[string]func(ast.Node){
				"field":   func(n ast.Node) { st.Label.Field = s.string(n, "style.label.field") },
				"minzoom": into(&st.Label.MinZoom, "style.label.minzoom", zoom),
				"size":    into(&st.Label.Size, "style.label.size", px),
				"rank":    func(n ast.Node) { st.Label.Rank = s.string(n, "style.label.rank") },
				"spaced":  func(n ast.Node) { st.Label.Spaced = s.bool(n, "style.label.spaced") },
				"weight":  into(&st.Label.Weight, "style.label.weight", number(100, 900)),
				"color":   into(&st.Label.Color, "style.label.color", s.color),
			})
		},
		"order": func(n ast.Node) { st.Order, _ = s.number(n, "style.order", -1000, math.MaxFloat32) },
	})
}

// leaf takes a value, or {by, values, other}.
func (s *settings) leaf(n ast.Node, what string, value func(ast.Node, string) json.RawMessage) Leaf {
	var l Leaf
	list, mapping := []entry(nil), false
	switch s.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		list, mapping = s.entries(n, what)
	}
	if !mapping || !slices.ContainsFunc(list, func(e entry) bool { return e.key == "by" }) {
		l.Value = value(n, what)
		return l
	}
	s.object(n, what, map[string]func(ast.Node){
		"by":    func(n ast.Node) { l.By = s.string(n, what+".by") },
		"other": func(n ast.Node) { l.Other = value(n, what+".other") },
		"values": func(n ast.Node) {
			cases, _ := s.entries(n, what+".values")
			for _, c := range cases {
				if v := value(c.value, what+"."+c.key); v != nil {
					l.Cases = append(l.Cases, Case{c.key, v})
				}
			}
		},
	})
	return l
}

// color takes "#rrggbb" or one colour each for light and dark.
func (s *settings) color(n ast.Node, what string) json.RawMessage {
	switch s.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		pair := map[string]string{}
		set := func(scheme string) func(ast.Node) {
			return func(n ast.Node) { pair[scheme] = s.hexColor(n, what) }
		}
		s.object(n, what, map[string]func(ast.Node){"light": set("light"), "dark": set("dark")})
		if pair["light"] == "" || pair["dark"] == "" {
			s.problem(n, BadSetting, "%s needs a light and a dark colour", what)
			return nil
		}
		return raw(pair)
	}
	if c := s.hexColor(n, what); c != "" {
		return raw(c)
	}
	return nil
}

func (s *settings) hexColor(n ast.Node, what string) string {
	c := s.string(n, what)
	if !colour.MatchString(c) {
		s.problem(n, BadSetting, "%s must be a colour like \"#1f6f8b\" in quotes, not %q", what, c)
		return ""
	}
	return c
}

// raw is v, which marshals without fail, as JSON.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
