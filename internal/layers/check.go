package layers

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// Check returns what is wrong with a folder, or could be better, beyond what
// Load looks at because it must; s is what Load made of fsys. Problems are ordered
// by file and place; of many of one kind in a layer the first few are listed and the
// others counted.
func Check(fsys fs.FS, s *Snapshot) []Problem {
	problems := s.Atlas.missing(s.Atlas.texts, atlasFile, "")
	for _, l := range s.Layers {
		c := &checker{layer: l, atlas: &s.Atlas}
		for _, rule := range []func(*checker){
			(*checker).versions, (*checker).span, (*checker).rings, (*checker).types, (*checker).names,
		} {
			c.listed = 0
			rule(c)
			c.countRest()
		}
		slices.SortStableFunc(c.notes, func(a, b note) int { return a.row - b.row })
		c.problems = append(c.problems, located(fsys, l.File, c.notes)...)
		c.problems = append(c.problems, s.Atlas.missing(l.texts, l.sidecarFile, l.ID)...)
		for i := range c.problems {
			c.problems[i].Layer = l.ID
		}
		problems = append(problems, c.problems...)
	}
	slices.SortStableFunc(problems, comparePlaces)
	return problems
}

// Located returns problems of features of l, with their places in its file: rows tells
// which features, ascending, as Features yields them.
func (l *Layer) Located(fsys fs.FS, rows []int, problems []Problem) []Problem {
	notes := make([]note, len(rows))
	for i, row := range rows {
		notes[i] = note{row, wholeFeature, problems[i]}
	}
	out := located(fsys, l.File, notes)
	for i := range out {
		out[i].Layer = l.ID
	}
	return out
}

// comparePlaces orders problems by file, line and column.
func comparePlaces(a, b Problem) int {
	return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
}

// A checker looks at one layer. To add a rule: write a method that calls note for
// each feature that breaks it, and name it in Check.
type checker struct {
	layer    *Layer
	atlas    *Atlas
	notes    []note
	listed   int // of the rule at hand
	last     Problem
	problems []Problem
}

const maxListed = 10 // problems of one rule in one layer

// note adds a problem of a feature, at one of its properties or none of them.
func (c *checker) note(row int, property string, grade Grade, rule Rule, format string, args ...any) {
	c.last = Problem{File: c.layer.File, Grade: grade, Rule: rule, Message: string(rule) + fmt.Sprintf(format, args...)}
	if c.listed++; c.listed > maxListed {
		return
	}
	number := slices.IndexFunc(c.layer.Fields, func(f Field) bool { return f.Name == property })
	c.notes = append(c.notes, note{row, number, c.last}) // -1 is wholeFeature
}

// countRest tells how many problems of the rule at hand were not listed.
func (c *checker) countRest() {
	if n := c.listed - maxListed; n > 0 {
		c.last.Message = fmt.Sprintf("%s: %d more", c.last.Rule, n)
		c.problems = append(c.problems, c.last)
	}
}

// features calls f for each feature of the layer with its row.
func (c *checker) features(f func(row int, feature geo.Feature)) {
	row := 0
	for feature, err := range c.layer.Features(context.Background(), Query{}) {
		if err != nil {
			return // a source in memory has none
		}
		f(row, feature)
		row++
	}
}

// versions looks for overlaps and gaps in time between versions of one thing.
// Only what certainly holds overlaps, and only what not even possibly holds is a gap.
func (c *checker) versions() {
	l := c.layer
	if l.Identity == "" {
		return
	}
	type version struct {
		row   int
		id    string
		valid period.Valid
	}
	things := map[string][]version{}
	c.features(func(row int, f geo.Feature) {
		if thing := f.Properties.Get(l.Identity).Text(); thing != "" && !f.Valid.Possible.IsNever() {
			things[thing] = append(things[thing], version{row, f.ID.String(), f.Valid})
		}
	})
	for _, thing := range slices.Sorted(mapKeys(things)) {
		versions := things[thing]
		slices.SortStableFunc(versions, func(a, b version) int {
			i, _ := a.valid.Possible.Limits()
			j, _ := b.valid.Possible.Limits()
			return cmp.Compare(i, j)
		})
		until := versions[0] // whose end is the last so far
		for i, v := range versions[1:] {
			for _, before := range versions[:i+1] {
				if both := before.valid.Certain.Intersect(v.valid.Certain); !both.IsNever() && !l.overlapsExpected {
					c.note(v.row, l.Time.Start, Fault, Overlap, ": %q as %q and as %q, %s", thing, before.id, v.id, both)
				}
			}
			_, end := until.valid.Possible.Limits()
			if start, _ := v.valid.Possible.Limits(); end < start && !l.gapsExpected {
				c.note(v.row, l.Time.Start, Advice, VersionGap, ": %q between %q and %q, %s", thing, until.id, v.id, period.New(end, start))
			}
			if _, now := v.valid.Possible.Limits(); now > end {
				until = v
			}
		}
	}
}

// span looks for features that no date of the atlas shows.
func (c *checker) span() {
	if !c.atlas.spanStated || c.atlas.Basemap.has(c.layer.ID) {
		return
	}
	c.features(func(row int, f geo.Feature) {
		if p := f.Valid.Possible; !p.IsNever() && !p.Intersects(c.atlas.Span) {
			c.note(row, c.layer.Time.Start, Advice, OutsideSpan, ": it holds %s, but the map shows %s only", p, c.atlas.Span)
		}
	})
}

// rings looks for polygons whose rings cross themselves.
func (c *checker) rings() {
	c.features(func(row int, f geo.Feature) {
		eachPolygon(f.Geometry, 1, func(polygon int, p orb.Polygon) {
			for i, ring := range p {
				if at, ok := geo.SelfCrossing(ring); ok {
					c.note(row, "", Fault, RingCrosses, " at %.6g,%.6g (polygon %d, ring %d)", at[0], at[1], polygon, i+1)
				}
			}
		})
	})
}

// eachPolygon calls f for each polygon of g with its number, the first of which is
// given, and returns the number after the last.
func eachPolygon(g orb.Geometry, number int, f func(number int, p orb.Polygon)) int {
	switch g := g.(type) {
	case orb.Polygon:
		f(number, g)
		return number + 1
	case orb.MultiPolygon:
		for _, p := range g {
			f(number, p)
			number++
		}
	case orb.Collection:
		for _, m := range g {
			number = eachPolygon(m, number, f)
		}
	}
	return number
}

// types looks for properties whose values are of several types.
func (c *checker) types() {
	type seen struct{ count, row int } // how many, and the first of them
	words := [...]string{geo.Bool: "boolean", geo.Int: "number", geo.Float: "number", geo.String: "text", geo.JSON: "list or object"}
	found := map[string]map[string]seen{} // property -> type
	c.features(func(row int, f geo.Feature) {
		for name, v := range f.Properties.All() {
			types := found[name]
			if types == nil {
				types = map[string]seen{}
				found[name] = types
			}
			s, ok := types[words[v.Kind()]]
			if !ok {
				s.row = row
			}
			s.count++
			types[words[v.Kind()]] = s
		}
	})
	for _, field := range c.layer.Fields {
		types := found[field.Name]
		if len(types) < 2 {
			continue
		}
		kinds := slices.SortedFunc(mapKeys(types), func(a, b string) int {
			return cmp.Or(types[b].count-types[a].count, strings.Compare(a, b))
		})
		var parts []string
		for _, k := range kinds {
			parts = append(parts, fmt.Sprintf("%d × %s", types[k].count, k))
		}
		rarest := types[kinds[len(kinds)-1]]
		c.note(rarest.row, field.Name, Advice, MixedTypes, ": %q is %s", field.Name, strings.Join(parts, ", "))
	}
}

// names looks for features that have a text, such as a name, in some of the
// atlas's languages and not in others. Such texts are the names, and properties
// whose names differ in nothing but a language at the end.
func (c *checker) names() {
	languages := c.atlas.Languages
	if len(languages) < 2 {
		return
	}
	families := map[string]map[string]string{} // what -> language -> property
	for _, f := range c.layer.Fields {
		for _, lang := range languages {
			for _, separator := range []string{"_", ":"} {
				if base, ok := strings.CutSuffix(f.Name, separator+lang); ok {
					if families[base] == nil {
						families[base] = map[string]string{}
					}
					families[base][lang] = f.Name
				}
			}
		}
	}
	if len(c.layer.Name) > 0 {
		families["name"] = c.layer.Name
		for _, lang := range languages {
			if c.layer.Name[lang] == "" && c.layer.Total > 0 {
				c.note(0, "", Advice, NoText, ": no property has names in %s", lang)
			}
		}
	}
	for _, base := range slices.Sorted(mapKeys(families)) {
		family := families[base]
		if len(family) < 2 {
			continue // in one language only: seldom a text
		}
		c.features(func(row int, f geo.Feature) {
			var has string
			var lacks []string
			for _, lang := range languages {
				switch property := family[lang]; {
				case property == "":
				case f.Properties.Get(property).Text() == "":
					lacks = append(lacks, property)
				default:
					has = property
				}
			}
			if has != "" && lacks != nil {
				c.note(row, has, Advice, NoText, ": it has %s, but no %s", has, strings.Join(lacks, ", "))
			}
		})
	}
}

// missing returns the texts of a settings file that are not there in all of the
// atlas's languages.
func (a *Atlas) missing(texts []spoken, file, layer string) (problems []Problem) {
	if len(a.Languages) < 2 {
		return nil
	}
	titled := false
	for _, t := range texts {
		titled = titled || t.what == "title"
		var lacks []string
		for _, lang := range a.Languages {
			if t.Text[lang] == "" {
				lacks = append(lacks, lang)
			}
		}
		if lacks == nil {
			continue
		}
		p := Problem{File: file, Line: t.line, Col: t.col, Layer: layer, Grade: Advice, Rule: NoText}
		p.Message = fmt.Sprintf("%s: %s in %s", NoText, t.what, strings.Join(lacks, ", "))
		if t.Text[""] != "" {
			p.Message = fmt.Sprintf("%s: %s is in no stated language; write {%s: …}", NoText, t.what, strings.Join(a.Languages, ": …, "))
		}
		problems = append(problems, p)
	}
	if !titled {
		p := Problem{File: cmp.Or(file, layer+".yaml"), Layer: layer, Grade: Advice, Rule: NoText}
		p.Message = fmt.Sprintf("%s: title in %s", NoText, strings.Join(a.Languages, ", "))
		problems = append(problems, p)
	}
	return problems
}
