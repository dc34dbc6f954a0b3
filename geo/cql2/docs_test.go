package cql2_test

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

// TestDocumentedFilters: each example of docs/filters.md finds something in the
// layer of the shipped atlas that it names.
func TestDocumentedFilters(t *testing.T) {
	doc, err := os.ReadFile("../../docs/filters.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range regexp.MustCompile("(?s)```(cql2|cql2-json) ([a-z-]+)\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		features, schema := atlas(t, block[2])
		for _, filter := range strings.Split(block[3], "\n\n") {
			filter = strings.TrimSpace(filter)
			e, err := cql2.ParseText(filter)
			if block[1] == "cql2-json" {
				e, err = cql2.ParseJSON([]byte(filter))
			}
			if err != nil {
				t.Error(err)
				continue
			}
			found := selected(t, e.String(), features, schema)
			if count := len(strings.Fields(found)); count == 0 || count == len(features) {
				t.Errorf("%s: %s finds %d of %d", block[2], filter, count, len(features))
			}
			n++
		}
	}
	if n < 25 {
		t.Errorf("only %d examples", n)
	}
}

// atlas reads a layer of the shipped atlas.
func atlas(t *testing.T, id string) ([]geo.Feature, cql2.Schema) {
	t.Helper()
	file, err := os.Open("../../data/geojson/" + id + ".geojson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	names := geo.NewNames()
	r := geojson.NewReader(file, names)
	var features []geo.Feature
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return features, cql2.Schema{Names: names, Start: "start", End: "end"}
		}
		if err != nil {
			t.Fatal(err)
		}
		f := geo.Feature{ID: row.ID, Geometry: row.Geometry, Properties: geo.NewProperties(names, append([]geo.Value(nil), row.Values...))}
		if f.Valid, err = (period.Ends{Uncertain: true}).ParsePair(f.Properties.Get("start").Text(), f.Properties.Get("end").Text()); err != nil {
			t.Fatal(err)
		}
		features = append(features, f)
	}
}
