package server_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// TestUndrawn: what can't be drawn as it is has a place, and is told once.
func TestUndrawn(t *testing.T) {
	const ring = "[[0,0],[9,0],[9,9],[0,9],[0,0]]"
	feature := func(rings string) string {
		return `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[` + rings + `]}}`
	}
	fsys := fstest.MapFS{"a.geojson": &fstest.MapFile{Data: []byte(`{"type":"FeatureCollection","features":[
` + feature(ring) + `,
` + feature("[[0,0],[2,2],[2,0],[0,2],[0,0]]") + `,
` + feature(ring+",[[8,1],[10,1],[10,2],[8,2],[8,1]]") + `,
` + feature(ring+",[[11,1],[12,1],[12,2],[11,2],[11,1]]") + `,
` + feature("[[1,1],[2,1],[3,1],[1,1]]") + `]}`)}}
	s, problems := layers.Load(fsys)
	if problems != nil {
		t.Fatal(problems)
	}
	problems, err := server.Undrawn(fsys, s)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		"a.geojson:4:1: feature 2: polygon rings cross, at 9,2; drawn is what an odd number of rings goes round",
		"a.geojson:5:1: feature 3: polygon interior is not inside, at 11,1; drawn is what an odd number of rings goes round",
		"a.geojson:6:1: feature 4: polygon has no area, at 1,1; it is drawn as a point would be",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}
