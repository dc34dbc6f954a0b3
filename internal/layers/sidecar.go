package layers

import (
	"math"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A ref is a name in a settings file that must exist elsewhere.
type ref struct {
	name string
	at   ast.Node
}

// A sidecar is what the YAML file beside a layer says of it.
type sidecar struct {
	*settings
	layer      Layer
	id         string
	fields     map[string]Field
	properties []ref // that the layer must have
	rivals     ref   // file of published figures
	styled     bool
	timed      bool
}

// readSidecar reads data. Whatever it leaves out keeps its zero value.
func readSidecar(file string, data []byte, problems *[]Problem) *sidecar {
	s, root := readSettings(file, data, problems)
	c := &sidecar{settings: s, fields: map[string]Field{}}
	c.layer.Tile = TileOptions{Small: "pixel", MaxZoom: 22}
	c.layer.Metric = "count"
	if root == nil {
		return c
	}
	l := &c.layer
	s.object(root, "a layer", map[string]func(ast.Node){
		"title":       func(n ast.Node) { l.Title = s.text(n, "title") },
		"description": func(n ast.Node) { l.Description = s.text(n, "description") },
		"attribution": func(n ast.Node) { l.Attribution = s.text(n, "attribution") },
		"licence":     func(n ast.Node) { l.Licence = s.licence(n) },
		"id":          func(n ast.Node) { c.id = c.property(n, "id") },
		"identity":    c.identity,
		"time":        c.time,
		"name":        c.name,
		"popup":       func(n ast.Node) { l.Popup = s.strings(n, "popup") },
		"tile":        c.tile,
		"style": func(n ast.Node) {
			c.styled = true
			s.style(n, &l.Style)
			for _, p := range l.Style.Properties() {
				c.properties = append(c.properties, ref{p, n})
			}
		},
		"legend":  func(n ast.Node) { l.Legend = s.text(n, "legend") },
		"fields":  c.words,
		"sources": func(n ast.Node) { l.Sources = c.property(n, "sources") },
		"search":  func(n ast.Node) { l.Unsearched = !s.bool(n, "search") },
		"metric":  func(n ast.Node) { l.Metric = s.oneOf(n, "metric", "count", "area") },
		"rivals":  func(n ast.Node) { c.rivals = ref{s.string(n, "rivals"), n} },
	})
	l.texts = s.texts
	return c
}

// identity takes the property that versions share, or this and what is meant to be
// so among versions.
func (c *sidecar) identity(n ast.Node) {
	l := &c.layer
	switch c.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		c.object(n, "identity", map[string]func(ast.Node){
			"property": func(n ast.Node) { l.Identity = c.property(n, "identity.property") },
			"gaps":     func(n ast.Node) { l.gapsExpected = c.oneOf(n, "identity.gaps", "expected") != "" },
			"overlaps": func(n ast.Node) { l.overlapsExpected = c.oneOf(n, "identity.overlaps", "expected") != "" },
		})
	default:
		l.Identity = c.property(n, "identity")
	}
}

// property takes the name of a property, which the layer must have.
func (c *sidecar) property(n ast.Node, what string) string {
	name := c.string(n, what)
	c.properties = append(c.properties, ref{name, n})
	return name
}

func (c *sidecar) time(n ast.Node) {
	c.timed = true
	t := &c.layer.Time
	c.object(n, "time", map[string]func(ast.Node){
		"start": func(n ast.Node) { t.Start = c.property(n, "time.start") },
		"end":   func(n ast.Node) { t.End = c.property(n, "time.end") },
		"ends": func(n ast.Node) {
			t.Ends.Uncertain = c.oneOf(n, "time.ends", "whole", "uncertain") == "uncertain"
		},
		"until": func(n ast.Node) {
			t.Ends.Excluded = c.oneOf(n, "time.until", "included", "excluded") == "excluded"
		},
	})
}

func (c *sidecar) name(n ast.Node) {
	c.layer.Name = map[string]string{}
	switch c.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		list, _ := c.entries(n, "name")
		for _, e := range list {
			c.layer.Name[e.key] = c.property(e.value, "name")
		}
	default:
		c.layer.Name[""] = c.property(n, "name")
	}
}

func (c *sidecar) tile(n ast.Node) {
	t := &c.layer.Tile
	c.object(n, "tile", map[string]func(ast.Node){
		"properties": func(n ast.Node) {
			for _, m := range c.list(n, "tile.properties") {
				t.Properties = append(t.Properties, c.property(m, "tile.properties"))
			}
		},
		"minzoom": func(n ast.Node) { t.MinZoom = uint8(c.int(n, "tile.minzoom", 0, 22, 0)) },
		"maxzoom": func(n ast.Node) { t.MaxZoom = uint8(c.int(n, "tile.maxzoom", 0, 22, 22)) },
		"small": func(n ast.Node) {
			if v := c.oneOf(n, "tile.small", "pixel", "drop"); v != "" {
				t.Small = v
			}
		},
		"borders": func(n ast.Node) { t.Borders = c.bool(n, "tile.borders") },
		"shares": func(n ast.Node) {
			for _, m := range c.list(n, "tile.shares") {
				name := c.string(m, "tile.shares")
				t.Shares, c.layer.shares = append(t.Shares, name), append(c.layer.shares, ref{name, m})
			}
		},
	})
	if t.MinZoom > t.MaxZoom {
		c.problem(n, BadTileLimit, "tile.minzoom %d is above tile.maxzoom %d", t.MinZoom, t.MaxZoom)
		t.MinZoom = 0
	}
}

func (c *sidecar) words(n ast.Node) {
	list, _ := c.entries(n, "fields")
	for _, e := range list {
		f := Field{Name: e.key}
		c.properties = append(c.properties, ref{e.key, e.at})
		c.object(e.value, "fields."+e.key, map[string]func(ast.Node){
			"title": func(n ast.Node) { f.Title = c.text(n, "fields."+e.key+".title") },
			"unit":  func(n ast.Node) { f.Unit = c.string(n, "unit") },
			"values": func(n ast.Node) {
				f.Values = map[string]Text{}
				values, _ := c.entries(n, "values")
				for _, v := range values {
					f.Values[v.key] = c.text(v.value, "fields."+e.key+".values."+v.key)
				}
			},
		})
		c.fields[e.key] = f
	}
}

// licence takes a name, or a name and an address.
func (s *settings) licence(n ast.Node) (l Licence) {
	switch s.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		s.object(n, "licence", map[string]func(ast.Node){
			"name": func(n ast.Node) { l.Name = s.string(n, "licence.name") },
			"url":  func(n ast.Node) { l.URL = s.string(n, "licence.url") },
		})
	default:
		l.Name = s.string(n, "licence")
	}
	return l
}

// readAtlas reads atlas.yaml. Whatever it leaves out keeps its zero value.
func readAtlas(file string, data []byte, problems *[]Problem) (Atlas, *settings) {
	a := Atlas{Basemap: Basemap{Builtin: true}, Span: period.Never}
	s, root := readSettings(file, data, problems)
	if root == nil {
		return a, s
	}
	s.object(root, "an atlas", map[string]func(ast.Node){
		"title":       func(n ast.Node) { a.Title = s.text(n, "title") },
		"description": func(n ast.Node) { a.Description = s.text(n, "description") },
		"attribution": func(n ast.Node) { a.Attribution = s.text(n, "attribution") },
		"languages": func(n ast.Node) {
			for _, m := range s.list(n, "languages") {
				if l := s.string(m, "languages"); language.MatchString(l) {
					a.Languages = append(a.Languages, l)
				} else {
					s.problem(m, BadSetting, "languages: %q is no language; write ar, en, fr, …", l)
				}
			}
		},
		"licence": func(n ast.Node) { a.Licence = s.licence(n) },
		"view":    func(n ast.Node) { a.View = s.view(n) },
		"span": func(n ast.Node) {
			if v, ok := s.edtf(n, "span"); ok {
				a.Span, a.spanStated = v, true
			}
		},
		"years":   func(n ast.Node) { a.Years = s.years(n) },
		"basemap": func(n ast.Node) { a.Basemap = s.basemap(n, &a) },
		"layers":  func(n ast.Node) { a.order = s.refs(n, "layers") },
		"groups": func(n ast.Node) {
			for _, m := range s.list(n, "groups") {
				var g Group
				s.object(m, "a group", map[string]func(ast.Node){
					"title":  func(n ast.Node) { g.Title = s.text(n, "groups.title") },
					"layers": func(n ast.Node) { g.Layers = s.strings(n, "layers") },
				})
				a.Groups = append(a.Groups, g)
			}
		},
		"story": func(n ast.Node) {
			for _, m := range s.list(n, "story") {
				a.Story = append(a.Story, s.step(m))
			}
		},
	})
	a.texts = s.texts
	return a, s
}

func (s *settings) refs(n ast.Node, what string) (out []ref) {
	for _, m := range s.list(n, what) {
		out = append(out, ref{s.string(m, what), m})
	}
	return out
}

func (s *settings) step(n ast.Node) (st Step) {
	s.object(n, "a step", map[string]func(ast.Node){
		"id":    func(n ast.Node) { st.ID = s.string(n, "id") },
		"title": func(n ast.Node) { st.Title = s.text(n, "story.title") },
		"text":  func(n ast.Node) { st.Text = s.text(n, "story.text") },
		"time": func(n ast.Node) {
			if _, ok := s.edtf(n, "time"); ok {
				st.Time = s.string(n, "time")
			}
		},
		"view":    func(n ast.Node) { st.View = s.view(n) },
		"layers":  func(n ast.Node) { st.Layers = s.strings(n, "layers") },
		"feature": func(n ast.Node) { st.Feature = s.string(n, "feature") },
	})
	return st
}

func (s *settings) view(n ast.Node) (v View) {
	v.Zoom = 4
	s.object(n, "view", map[string]func(ast.Node){
		"center": func(n ast.Node) {
			list := s.list(n, "view.center")
			if len(list) != 2 {
				s.problem(n, BadSetting, "view.center must be [longitude, latitude]")
				return
			}
			lon, ok1 := s.number(list[0], "view.center longitude", -180, 180)
			lat, ok2 := s.number(list[1], "view.center latitude", -90, 90)
			if ok1 && ok2 {
				v.Center = &orb.Point{lon, lat}
			}
		},
		"zoom": func(n ast.Node) {
			if z, ok := s.number(n, "view.zoom", 0, 22); ok {
				v.Zoom = z
			}
		},
		"time": func(n ast.Node) {
			if _, ok := s.edtf(n, "view.time"); ok {
				v.Time = s.string(n, "view.time")
			}
		},
		"layers": func(n ast.Node) { v.Layers = s.strings(n, "view.layers") },
	})
	return v
}

// edtf takes a date or an interval.
func (s *settings) edtf(n ast.Node, what string) (period.Period, bool) {
	v, err := period.Parse(s.string(n, what))
	if err != nil {
		s.problem(n, BadSetting, "%s: %v", what, err)
		return period.Never, false
	}
	return v.Possible, true
}

const maxYears = 400 // chips; more could not be pressed

// years takes 2013/2019 or a list of years.
func (s *settings) years(n ast.Node) (years []int) {
	if seq, ok := s.plain(n).(*ast.SequenceNode); ok {
		for _, m := range seq.Values {
			if y, ok := s.number(m, "years", -9999, 9999); ok && y == math.Trunc(y) {
				years = append(years, int(y))
			}
		}
		slices.Sort(years)
		return slices.Compact(years)
	}
	p, ok := s.edtf(n, "years")
	if !ok {
		return nil
	}
	from, ok1 := p.Start()
	until, ok2 := p.End()
	if !ok1 || !ok2 {
		s.problem(n, BadSetting, "years must have a start and an end")
		return nil
	}
	for y := yearOf(from); y <= yearOf(until-1); y++ {
		if len(years) == maxYears {
			s.problem(n, BadSetting, "years: more than %d", maxYears)
			break
		}
		years = append(years, y)
	}
	return years
}

func (s *settings) basemap(n ast.Node, a *Atlas) Basemap {
	if _, ok := s.plain(n).(*ast.SequenceNode); ok {
		var b Basemap
		for _, r := range s.refs(n, "basemap") {
			b.Layers = append(b.Layers, r.name)
			a.order = append(a.order, r)
		}
		return b
	}
	return Basemap{Builtin: s.oneOf(n, "basemap", "builtin", "none") != "none"}
}
