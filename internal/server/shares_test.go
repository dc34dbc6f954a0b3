package server_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/geo/tile/tiletest"
	"kharita/internal/layers"
	"kharita/internal/server"
)

func tileLayers(t *testing.T, h http.Handler, path string) map[string]tiletest.Layer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code/100 != 2 {
		t.Fatalf("%s: %d %v", path, w.Code, err)
	}
	decoded, violations := tiletest.Decode(body)
	if violations != nil {
		t.Errorf("%s: %v", path, violations)
	}
	out := map[string]tiletest.Layer{}
	for _, l := range decoded.Layers {
		out[l.Name] = l
	}
	return out
}

// edges returns the edges of a layer within the tile, whichever way they run.
func edges(l tiletest.Layer) map[[2]tiletest.Point]bool {
	inside := func(p tiletest.Point) bool { return p.X >= 0 && p.X <= 4096 && p.Y >= 0 && p.Y <= 4096 }
	out := map[[2]tiletest.Point]bool{}
	for _, f := range l.Features {
		for _, path := range f.Paths {
			for i, p := range path {
				if f.Type == 2 && i == len(path)-1 {
					continue
				}
				q := path[(i+1)%len(path)]
				if inside(p) && inside(q) {
					if q.X < p.X || q.X == p.X && q.Y < p.Y {
						p, q = q, p
					}
					out[[2]tiletest.Point{p, q}] = true
				}
			}
		}
	}
	return out
}

// TestShippedBorders: what the shipped layers have in common they draw alike.
func TestShippedBorders(t *testing.T) {
	snapshot, _ := layers.Load(fs.FS(atlas.Files))
	base, _ := layers.Load(basemap.Files)
	s, err := server.New(server.Config{Snapshot: snapshot.WithBase(base), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"0/0/0", "3/3/4", "5/12/19", "7/50/77", "9/203/311", "10/407/622"} {
		found := tileLayers(t, s, "/tiles/WebMercatorQuad/"+path+"?collections=coalition-states,member-states,isis-held,isis-held-borders,base-countries,base-borders")
		for name, others := range map[string]string{
			"coalition-states": "base-countries", "base-borders": "base-countries", "isis-held-borders": "isis-held",
		} {
			of := edges(found[others])
			lacks := 0
			for e := range edges(found[name]) {
				// a line no longer than a unit may be all that is left of an enclave
				if d := max(e[1].X-e[0].X, e[1].Y-e[0].Y, e[0].Y-e[1].Y); !of[e] && d > 1 {
					lacks++
				}
			}
			if lacks > 0 {
				t.Errorf("tile %s: %d edges of %s are none of %s", path, lacks, name, others)
			}
		}
	}
}

// TestReloadOfShared: with a layer those that share its borders are made anew, and what
// they show afterwards is what a fresh server shows.
func TestReloadOfShared(t *testing.T) {
	feature := func(ring string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"1","properties":{},"geometry":{"type":"Polygon","coordinates":[[` + ring + `]]}}]}`)}
	}
	var there, back []string // the border
	for i := range 50 {
		p := fmt.Sprintf("[%g,%g]", 10+.01*float64(i%3), float64(i)/10)
		there, back = append(there, p), append([]string{p}, back...)
	}
	files := fstest.MapFS{
		"a.geojson": feature("[20,-1],[20,5]," + strings.Join(back, ",") + ",[20,-1]"),
		"b.geojson": feature("[0,0]," + strings.Join(there, ",") + ",[0,5],[0,0]"),
		"c.geojson": feature("[30,0],[31,0],[31,1],[30,0]"),
		"a.yaml":    {Data: []byte("tile: {shares: [b]}\n")},
	}
	load := func() *layers.Snapshot { s, _ := layers.Load(files); return s }
	start := func() *server.Server {
		s, err := server.New(server.Config{Snapshot: load(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start()
	get := func(h http.Handler, path string) []byte {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Body.Bytes()
	}
	const a, c = "/tiles/WebMercatorQuad/6/31/33?collections=a", "/tiles/WebMercatorQuad/6/31/37?collections=c"
	before := get(s, a)
	get(s, c)
	encoded := s.Encoded()
	files["b.geojson"] = feature("[0,0],[10,0],[10.01,0.1],[9,2],[0,5],[0,0]") // another border: now a's has a node
	if err := s.Update(load(), nil); err != nil {
		t.Fatal(err)
	}
	after := get(s, a)
	if bytes.Equal(before, after) {
		t.Error("the layer that shares is as before")
	}
	if !bytes.Equal(after, get(start(), a)) {
		t.Error("the layer that shares differs from that of a fresh server")
	}
	get(s, c)
	if got := s.Encoded() - encoded; got != 1 {
		t.Errorf("%d tiles were encoded, want 1: the third layer shares nothing", got)
	}
}
