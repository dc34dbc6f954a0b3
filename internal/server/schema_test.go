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
	snapshot, problems := layers.Load(fstest.MapFS{"a.geojsonl": {Data: []byte(file.String())}})
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
