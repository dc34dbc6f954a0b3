package server_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// TestFeatureSchema: each property has the narrowest type that all its values
// have, in the order of the file.
func TestFeatureSchema(t *testing.T) {
	rows := []string{
		`"z":"2014-06-10","month":"2014-06","at":"2014-06-10T12:00:00Z","either":"2014-06-10","n":1,"wide":1,"f":1,"yes":true,"list":["a"],"mixed":["a"],"empty":null`,
		`"z":"2014-06-11","month":"2014-06-11","at":"2014-06-10T12:00:00.5+03:00","either":"2014-06-10T12:00:00Z","n":-2,"wide":5000000000,"f":0.5,"list":[],"mixed":[1]`,
	}
	var file strings.Builder
	for _, r := range rows {
		file.WriteString(`{"type":"Feature","geometry":null,"properties":{` + r + "}}\n")
	}
	s := serverOf(t, map[string]string{"a.geojsonl": file.String()})
	r := get(t, s, "/collections/a/feature-schema")
	if got := r.Header.Get("Content-Type"); got != "application/schema+json" {
		t.Errorf("got %s", got)
	}
	got := string(body(t, r))
	want := `"properties":{"properties":{"z":{"type":"string","format":"date"},"month":{"type":"string"},"at":{"type":"string","format":"date-time"},` +
		`"either":{"type":"string"},"n":{"type":"integer"},"wide":{"type":"number"},"f":{"type":"number"},"yes":{"type":"boolean"},` +
		`"list":{"type":"array","items":{"type":"string"}},"mixed":{},"empty":{}},"type":"object"}`
	if !strings.Contains(got, want) {
		t.Error(cmp.Diff(got, want))
	}
}

// TestDanglingTime: GDAL writes a day with a T after it.
func TestDanglingTime(t *testing.T) {
	s := newServer(t)
	for asked, like := range map[string]string{"2016-01-01T": "2016-01-01", "2016-01-01T/..": "2016-01-01/..", "../2016-01-01T": "../2016-01-01", "2015-06-01T/2016-01-01T": "2015-06-01/2016-01-01"} {
		got := decode[page](t, get(t, s, "/collections/towns/items?datetime="+asked)).ids()
		if want := decode[page](t, get(t, s, "/collections/towns/items?datetime="+like)).ids(); got != want {
			t.Errorf("datetime=%s: got %s, want %s", asked, got, want)
		}
	}
}

// TestReturnables: the properties have their types and roles, and a property of
// the file does not lose its name to the id or the geometry.
func TestReturnables(t *testing.T) {
	s := serverOf(t, map[string]string{
		"a.geojsonl": `{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"start":"2014-06-10","end":"2015-06-10","id":7,"at":1.5}}`,
		"a.yaml":     "title: {en: A}\nfields: {at: {title: {en: At, ar: عند}, unit: m}}\n",
		"b.geojsonl": `{"type":"Feature","geometry":null,"properties":{"date":"2014-06-10"}}`,
		"c.geojsonl": `{"type":"Feature","geometry":null,"properties":{"start":"2014-06","end":"2015~"}}`,
	})
	type property = map[string]any
	for layer, want := range map[string]map[string]property{
		"a": {
			"_id":      {"type": "string", "x-ogc-role": "id", "readOnly": true, "x-ogc-propertySeq": 0.0},
			"start":    {"type": "string", "format": "date", "x-ogc-role": "primary-interval-start", "x-ogc-propertySeq": 1.0},
			"end":      {"type": "string", "format": "date", "x-ogc-role": "primary-interval-end", "x-ogc-propertySeq": 2.0},
			"id":       {"type": "integer", "x-ogc-propertySeq": 3.0},
			"at":       {"type": "number", "title": "عند", "x-ogc-unit": "m", "x-ogc-propertySeq": 4.0},
			"geometry": {"format": "geometry-point-or-multipoint", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 5.0},
		},
		"b": {
			"id":       {"type": "string", "x-ogc-role": "id", "readOnly": true, "x-ogc-propertySeq": 0.0},
			"date":     {"type": "string", "format": "date", "x-ogc-role": "primary-instant", "x-ogc-propertySeq": 1.0},
			"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 2.0},
		},
		"c": { // EDTF that is no date has no role
			"id":       {"type": "string", "x-ogc-role": "id", "readOnly": true, "x-ogc-propertySeq": 0.0},
			"start":    {"type": "string", "x-ogc-propertySeq": 1.0},
			"end":      {"type": "string", "x-ogc-propertySeq": 2.0},
			"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 3.0},
		},
	} {
		got := decode[struct {
			ID         string `json:"$id"`
			Type       string
			Properties map[string]property
		}](t, get(t, s, "/collections/"+layer+"/schema?lang=ar"))
		if got.ID != "http://example.com/collections/"+layer+"/schema" || got.Type != "object" {
			t.Errorf("%s: %+v", layer, got)
		}
		if diff := cmp.Diff(want, got.Properties); diff != "" {
			t.Errorf("%s (-want +got):\n%s", layer, diff)
		}
	}
}

// serverOf serves a folder of the given files.
func serverOf(t *testing.T, files map[string]string) *server.Server {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	snapshot, problems := layers.Load(fsys)
	for _, p := range problems {
		if p.Grade != layers.Advice {
			t.Fatal(p)
		}
	}
	s, err := server.New(server.Config{
		Snapshot: snapshot, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Assets: fstest.MapFS{"index.html": {Data: []byte("<html>")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
