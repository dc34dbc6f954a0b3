package server_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// TestHeavyTiles: what is told is what the server would answer.
func TestHeavyTiles(t *testing.T) {
	layer := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"type":"FeatureCollection","features":[`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"A name of some length, number %d"}}`,
				i, 40+float64(i%100)*0.01, 30+float64(i/100)*0.01, i)
		}
		b.WriteString("]}")
		return b.String()
	}
	check := func(files map[string]string) (got []string) {
		fsys := fstest.MapFS{}
		for name, data := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(data)}
		}
		s, problems := layers.Load(fsys)
		if problems != nil {
			t.Fatal(problems)
		}
		problems, err := server.HeavyTiles(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			message, _, _ := strings.Cut(p.Message, " (zoom")
			got = append(got, fmt.Sprint(p.File, " ", p.Grade, " ", message))
		}
		return got
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"light", map[string]string{"a.geojson": layer(1000)}, nil},
		{"heavy", map[string]string{"a.geojson": layer(10_000), "b.geojson": layer(10)}, []string{"a.geojson -1 tile is large: 0/0/0"}},
		{"heavy only where it is not drawn", map[string]string{"a.geojson": layer(10_000), "a.yaml": "tile: {minzoom: 12}\n"}, nil},
		{"heavy together", map[string]string{"a.geojson": layer(6000), "b.geojson": layer(6000)}, []string{". -1 tile is large: 0/0/0"}},
	} {
		if d := cmp.Diff(c.want, check(c.files)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
