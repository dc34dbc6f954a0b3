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

// TestTwoEnds: GDAL asks for what holds from one instant to another by two parameters.
func TestTwoEnds(t *testing.T) {
	s := newServer(t)
	want := decode[page](t, get(t, s, "/collections/towns/items?datetime=2015-06-01/2016-01-01")).ids()
	for _, asked := range []string{"datetime=2015-06-01T/..&datetime=../2016-01-01", "datetime=../2016-01-01T&datetime=2015-06-01/.."} {
		if got := decode[page](t, get(t, s, "/collections/towns/items?"+asked)).ids(); got != want || got == "" {
			t.Errorf("%s: got %q, want %q", asked, got, want)
		}
	}
	for _, asked := range []string{"datetime=2015/..&datetime=2016/..", "datetime=2016/..&datetime=../2015", "datetime=2015/..&datetime=../2016&datetime=../2017"} {
		if r := get(t, s, "/collections/towns/items?"+asked); r.StatusCode != 400 {
			t.Errorf("%s: got %s, want 400", asked, r.Status)
		}
	}
}

// TestReturnables: the properties have their types and roles, the ends of the valid
// time as date-times the temporal ones, and a property of the file does not lose its
// name to any of ours.
func TestReturnables(t *testing.T) {
	s := serverOf(t, map[string]string{
		"a.geojsonl": `{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"start":"2014-06","end":"2015-06-10","id":7,"at":1.5}}`,
		"a.yaml":     "title: {en: A}\nfields: {at: {title: {en: At, ar: عند}, unit: m}}\n",
		"b.geojsonl": `{"type":"Feature","geometry":null,"properties":{"valid_from":"2014-06-10","valid_to":"2015-06-10"}}`,
		"c.geojsonl": `{"type":"Feature","geometry":null,"properties":{"valid_until":"2015~","date":"2014-06-10"}}`,
		"d.geojsonl": `{"type":"Feature","geometry":null,"properties":{}}`,
	})
	type property = map[string]any
	id := property{"type": "string", "x-ogc-role": "id", "readOnly": true, "x-ogc-propertySeq": 0.0}
	for layer, want := range map[string]map[string]property{
		"a": {
			"_id":         id,
			"start":       {"type": "string", "x-ogc-propertySeq": 1.0},
			"end":         {"type": "string", "format": "date", "x-ogc-propertySeq": 2.0},
			"id":          {"type": "integer", "x-ogc-propertySeq": 3.0},
			"at":          {"type": "number", "title": "عند", "x-ogc-unit": "m", "x-ogc-propertySeq": 4.0},
			"valid_from":  {"type": "string", "format": "date-time", "title": "قد يسري من", "readOnly": true, "x-ogc-role": "primary-interval-start", "x-ogc-propertySeq": 5.0},
			"valid_until": {"type": "string", "format": "date-time", "title": "قد يسري حتى", "readOnly": true, "x-ogc-role": "primary-interval-end", "x-ogc-propertySeq": 6.0},
			"geometry":    {"format": "geometry-point-or-multipoint", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 7.0},
		},
		"b": {
			"id":         id,
			"valid_from": {"type": "string", "format": "date", "x-ogc-role": "primary-interval-start", "x-ogc-propertySeq": 1.0},
			"valid_to":   {"type": "string", "format": "date", "x-ogc-role": "primary-interval-end", "x-ogc-propertySeq": 2.0},
			"geometry":   {"format": "geometry-any", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 3.0},
		},
		"c": {
			"id":          id,
			"valid_until": {"type": "string", "x-ogc-propertySeq": 1.0},
			"date":        {"type": "string", "format": "date", "x-ogc-role": "primary-instant", "x-ogc-propertySeq": 2.0},
			"geometry":    {"format": "geometry-any", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 3.0},
		},
		"d": {
			"id":       id,
			"geometry": {"format": "geometry-any", "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 1.0},
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

// TestEnds: GeoJSON has the ends of the possible reading as date-times, both
// included, and the schema says so; not where they are open, beyond the years that
// RFC 3339 knows, not wanted, or where a property of the file has the name.
func TestEnds(t *testing.T) {
	s := serverOf(t, map[string]string{
		"a.geojsonl": `{"type":"Feature","id":1,"geometry":null,"properties":{"start":"2014-06~","end":"2015-06-10T12:30:00.5Z"}}
{"type":"Feature","id":2,"geometry":null,"properties":{"start":"-0043","end":".."}}
{"type":"Feature","id":3,"geometry":null,"properties":{"start":"-0043","end":"0001"}}
`,
		"b.geojsonl": `{"type":"Feature","geometry":null,"properties":{"valid_from":"2014","valid_to":"2015"}}`,
		"c.geojsonl": `{"type":"Feature","geometry":null,"properties":{}}`,
	})
	for target, want := range map[string]string{
		"a/items/1":                        `{"start":"2014-06~","end":"2015-06-10T12:30:00.5Z","valid_from":"2014-06-01T00:00:00Z","valid_until":"2015-06-10T12:30:00.500Z"}`,
		"a/items/2":                        `{"start":"-0043","end":".."}`,
		"a/items/3":                        `{"start":"-0043","end":"0001","valid_until":"0001-12-31T23:59:59.999Z"}`,
		"a/items/1?f=jsonfg":               `{"start":"2014-06~","end":"2015-06-10T12:30:00.5Z"}`,
		"a/items/1?properties=end":         `{"end":"2015-06-10T12:30:00.5Z"}`,
		"a/items/1?properties=valid_until": `{"valid_from":"2014-06-01T00:00:00Z","valid_until":"2015-06-10T12:30:00.500Z"}`,
		"a/items?limit=1&properties=start,valid_from": `{"start":"2014-06~","valid_from":"2014-06-01T00:00:00Z","valid_until":"2015-06-10T12:30:00.500Z"}`,
		"b/items": `{"valid_from":"2014","valid_to":"2015"}`,
		"c/items": `{}`,
	} {
		got := string(body(t, get(t, s, "/collections/"+target)))
		if !strings.Contains(got, `"properties":`+want+"}") && !strings.Contains(got, `"properties":`+want+",") {
			t.Errorf("%s: want %s, got\n%s", target, want, got)
		}
	}
	schema := string(body(t, get(t, s, "/collections/a/feature-schema")))
	if want := `"valid_from":{"type":"string","format":"date-time"},"valid_until":{"type":"string","format":"date-time"}}`; !strings.Contains(schema, want) {
		t.Errorf("want %s, got\n%s", want, schema)
	}
	if schema := string(body(t, get(t, s, "/collections/c/feature-schema"))); !strings.Contains(schema, `"properties":{"properties":{},`) {
		t.Errorf("a layer without time: %s", schema)
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
