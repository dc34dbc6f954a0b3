package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/internal/territory"
)

// write writes the layers and their sidecars.
func (d *derivation) write(context.Context) error {
	names := geo.NewNames()
	var b bytes.Buffer
	features := 0
	b.WriteString("{\"type\":\"FeatureCollection\",\"features\":[\n")
	for _, row := range d.table.Rows {
		if row.Holder == "" {
			continue
		}
		cell := d.ground[row.Place]
		b.Write(line(features, names, row.ID, cell.Geometry, append(d.own(row), []field{
			{"place", geo.StringValue(d.table.Places[row.Place].ID)},
			{"holder", geo.StringValue(row.Holder)},
			{"start", geo.StringValue(row.Start)},
			{"end", geo.StringValue(row.End)},
			{"area_km2", geo.FloatValue(math.Round(cell.Area/1e5) / 10)},
		}...)))
		features++
	}
	b.WriteString("\n]}\n")
	if err := d.save(d.Out, b.Bytes(), features, d.sidecar()); err != nil {
		return err
	}
	if !d.Borders {
		return nil
	}
	return d.writeBorders()
}

// A field is a property of a feature.
type field struct {
	name  string
	value geo.Value
}

// line returns feature number i as it stands in the file.
func line(i int, names *geo.Names, id string, g orb.Geometry, fields []field) []byte {
	var b []byte
	if i > 0 {
		b = append(b, ",\n"...)
	}
	for _, f := range fields {
		names.Add(f.name)
	}
	values := make([]geo.Value, len(names.List()))
	for _, f := range fields {
		n, _ := names.Find(f.name)
		values[n] = f.value
	}
	if m, ok := g.(orb.MultiPolygon); ok && len(m) == 1 {
		g = m[0]
	}
	return geojson.AppendFeature(b, geo.Feature{ID: geo.TextID(id), Geometry: g, Properties: geo.NewProperties(names, values)})
}

// own returns the publisher's own columns of a row.
func (d *derivation) own(row territory.Row) (out []field) {
	for i, name := range d.table.Columns {
		switch v := row.Values[i]; {
		case v == "":
		case d.table.Numbers[i]:
			out = append(out, field{name, geo.JSONValue(v)}) // digit by digit as it was written
		default:
			out = append(out, field{name, geo.StringValue(v)})
		}
	}
	return out
}

func (d *derivation) writeBorders() error {
	names := geo.NewNames()
	var b bytes.Buffer
	features := 0
	b.WriteString("{\"type\":\"FeatureCollection\",\"features\":[\n")
	count := map[string]int{}
	edges := map[territory.Edge]string{territory.Front: "front", territory.Limit: "limit", territory.Coast: "land"}
	for _, holder := range d.holders {
		for _, l := range territory.Borders(d.table.Places, d.ground, d.radius, holder) {
			id := d.table.Places[l.Held].ID + "--" + edges[l.Edge]
			fields := []field{{"holder", geo.StringValue(holder)}, {"held", geo.StringValue(d.table.Places[l.Held].ID)}, {"edge", geo.StringValue(edges[l.Edge])}}
			if l.Beyond >= 0 {
				id = d.table.Places[l.Held].ID + "--" + d.table.Places[l.Beyond].ID
				fields = append(fields, field{"beyond", geo.StringValue(d.table.Places[l.Beyond].ID)})
			}
			if count[id]++; count[id] > 1 {
				id = fmt.Sprintf("%s-%d", id, count[id])
			}
			start, end := l.Valid.Text()
			fields = append(fields, field{"reading", geo.StringValue(l.Reading())}, field{"start", geo.StringValue(start)}, field{"end", geo.StringValue(end)})
			b.Write(line(features, names, id, l.Line, fields))
			features++
		}
	}
	b.WriteString("\n]}\n")
	return d.save(strings.TrimSuffix(d.Out, ".geojson")+"-borders.geojson", b.Bytes(), features, d.bordersSidecar())
}

// save writes a layer, and its sidecar unless there is one that a person may have
// changed.
func (d *derivation) save(path string, data []byte, features int, sidecar any) error {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	d.say("wrote %s: %d features, %d bytes", shown(path), features, len(data))
	path = strings.TrimSuffix(path, ".geojson") + ".yaml"
	if _, err := os.Stat(path); err == nil && !d.Force {
		d.say("kept %s as it is; --force writes it anew", shown(path))
		return nil
	}
	data, err := yaml.MarshalWithOptions(sidecar, yaml.Flow(false), yaml.IndentSequence(true))
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	d.say("wrote %s", shown(path))
	return nil
}

// hues tell holders apart, by colour-blind eyes too (Okabe and Ito 2008), patterns
// without any.
var hues = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"} //nolint:gochecknoglobals // a table

var patterns = []string{"hatch", "dots", "cross", "none"} //nolint:gochecknoglobals // a table

// sidecar is what the YAML file beside the areas says.
func (d *derivation) sidecar() any {
	colors, marks := yaml.MapSlice{}, yaml.MapSlice{}
	for i, h := range d.holders[:min(len(d.holders), len(hues))] {
		colors = append(colors, yaml.MapItem{Key: h, Value: hues[i]})
		marks = append(marks, yaml.MapItem{Key: h, Value: patterns[i%len(patterns)]})
	}
	title := d.Title
	if title == "" {
		title = strings.TrimSuffix(filepath.Base(d.Out), ".geojson")
	}
	by := func(values yaml.MapSlice, other string) any {
		return yaml.MapSlice{{Key: "by", Value: "holder"}, {Key: "values", Value: values}, {Key: "other", Value: other}}
	}
	out := yaml.MapSlice{
		{Key: "title", Value: title},
		{Key: "description", Value: fmt.Sprintf("For each listed place and each spell in which somebody held it: the ground nearer to it than to any other listed place, at most %s km from it. An estimate of extent, not a front line.", km(d.radius))},
		{Key: "identity", Value: "place"},
		{Key: "time", Value: yaml.MapSlice{{Key: "start", Value: "start"}, {Key: "end", Value: "end"}, {Key: "ends", Value: d.Ends}, {Key: "until", Value: d.Until}}},
		{Key: "popup", Value: append([]string{"name", "dates", "holder", "area_km2"}, d.notNames()...)},
		{Key: "fields", Value: yaml.MapSlice{
			{Key: "holder", Value: yaml.MapSlice{{Key: "title", Value: yaml.MapSlice{{Key: "en", Value: "Holder"}, {Key: "ar", Value: "المسيطر"}}}}},
			{Key: "area_km2", Value: yaml.MapSlice{{Key: "title", Value: yaml.MapSlice{{Key: "en", Value: "Area"}, {Key: "ar", Value: "المساحة"}}}, {Key: "unit", Value: "km²"}}},
		}},
		{Key: "metric", Value: "area"},
		{Key: "style", Value: yaml.MapSlice{
			{Key: "kind", Value: "fill"},
			{Key: "color", Value: by(colors, "#777777")},
			{Key: "opacity", Value: 0.4},
			{Key: "pattern", Value: by(marks, "none")},
			{Key: "outline", Value: yaml.MapSlice{{Key: "color", Value: by(colors, "#777777")}, {Key: "width", Value: 1.2}}},
			{Key: "merge", Value: true},
			{Key: "uncertain", Value: yaml.MapSlice{{Key: "outline", Value: "dashed"}, {Key: "opacity", Value: 0.18}, {Key: "pattern", Value: "none"}}},
		}},
	}
	if name := d.names(); name != nil {
		out = slices.Insert(out, 3, yaml.MapItem{Key: "name", Value: name})
	}
	return out
}

// names returns the columns that are names: name, and name_xx for a language.
func (d *derivation) names() any {
	langs := yaml.MapSlice{}
	for _, c := range d.table.Columns {
		if l, ok := strings.CutPrefix(c, "name_"); ok {
			langs = append(langs, yaml.MapItem{Key: l, Value: c})
		}
	}
	switch {
	case len(langs) > 0:
		return langs
	case slices.Contains(d.table.Columns, "name"):
		return "name"
	}
	return nil
}

func (d *derivation) notNames() (out []string) {
	for _, c := range d.table.Columns {
		if c != "name" && !strings.HasPrefix(c, "name_") {
			out = append(out, c)
		}
	}
	return out
}

func (d *derivation) bordersSidecar() any {
	title := d.Title
	if title == "" {
		title = strings.TrimSuffix(filepath.Base(d.Out), ".geojson")
	}
	colors := yaml.MapSlice{}
	for i, h := range d.holders[:min(len(d.holders), len(hues))] {
		colors = append(colors, yaml.MapItem{Key: h, Value: hues[i]})
	}
	return yaml.MapSlice{
		{Key: "title", Value: title + ": outlines"},
		{Key: "description", Value: "The outline of what each holder held, as lines with the periods in which they were one; the held side is on the left."},
		{Key: "time", Value: yaml.MapSlice{{Key: "start", Value: "start"}, {Key: "end", Value: "end"}, {Key: "ends", Value: "whole"}}},
		{Key: "style", Value: yaml.MapSlice{
			{Key: "kind", Value: "line"},
			{Key: "color", Value: yaml.MapSlice{{Key: "by", Value: "holder"}, {Key: "values", Value: colors}, {Key: "other", Value: "#777777"}}},
			{Key: "width", Value: 1.2},
		}},
	}
}
