package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// TestReloadKeepsTiles: a changed layer makes its own tiles anew and no others,
// and a tile that comes out as before keeps its ETag.
func TestReloadKeepsTiles(t *testing.T) {
	files := folder()
	reader := layers.NewFolder(files)
	load := func() (*layers.Snapshot, []layers.Problem) {
		t.Helper()
		s, problems := reader.Load()
		if problems != nil {
			t.Fatal(problems)
		}
		return s, problems
	}
	s, problems := load()
	srv, err := server.New(server.Config{Snapshot: s, Problems: problems, Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	const (
		townTile = "/collections/towns/tiles/WebMercatorQuad/5/12/19"
		areaTile = "/collections/areas/tiles/WebMercatorQuad/5/13/19" // the corner that changes
		areaWest = "/collections/areas/tiles/WebMercatorQuad/5/0/0"
		bothTile = "/tiles/WebMercatorQuad/5/13/19?collections=areas,towns"
		dated    = "/collections/towns/tiles/WebMercatorQuad/5/12/19?datetime=2016"
	)
	all := []string{townTile, areaTile, areaWest, bothTile, dated}
	etags := func() map[string]string {
		t.Helper()
		m := map[string]string{}
		for _, target := range all {
			r := get(t, srv, target)
			if r.StatusCode != http.StatusOK && r.StatusCode != http.StatusNoContent {
				t.Fatalf("%s: %d", target, r.StatusCode)
			}
			m[target] = r.Header.Get("Etag")
		}
		return m
	}
	encoded := func(f func()) uint64 {
		before := srv.Encoded()
		f()
		return srv.Encoded() - before
	}
	first := etags()
	if n := encoded(func() { etags() }); n != 0 {
		t.Errorf("asked again, %d tiles were encoded", n)
	}
	revision := decode[struct{ Revision string }](t, get(t, srv, "/atlas.json")).Revision

	// Nothing but a problem is new: no tile is touched.
	if err := srv.Update(s, []layers.Problem{{File: "x", Line: 1, Col: 2, Message: "broken"}}); err != nil {
		t.Fatal(err)
	}
	if n := encoded(func() { etags() }); n != 0 {
		t.Errorf("with a problem, %d tiles were encoded", n)
	}
	if got := string(body(t, get(t, srv, "/readyz"))); got != "ok\nproblem: x:1:2: broken\n" {
		t.Errorf("readyz: %q", got)
	}

	files["areas.geojson"].Data = []byte(strings.Replace(areas, `[44,31]`, `[44,31.5]`, 1))
	s, problems = load()
	if err := srv.Update(s, problems); err != nil {
		t.Fatal(err)
	}
	var second map[string]string
	if n := encoded(func() { second = etags() }); n != 3 {
		t.Errorf("one layer changed: %d tiles were encoded, want its own 3", n)
	}
	for _, target := range all {
		changed := target == areaTile || target == bothTile
		if (first[target] != second[target]) != changed {
			t.Errorf("%s: %s, then %s", target, first[target], second[target])
		}
	}

	now := decode[struct{ Revision string }](t, get(t, srv, "/atlas.json")).Revision
	if now == revision {
		t.Error("the revision has not changed")
	}
	for rev, want := range map[string]bool{revision: false, now: true} {
		r := get(t, srv, fmt.Sprintf("%s?rev=%s", townTile, rev))
		if got := strings.Contains(r.Header.Get("Cache-Control"), "immutable"); got != want {
			t.Errorf("rev=%s: immutable %v, want %v", rev, got, want)
		}
	}
}
