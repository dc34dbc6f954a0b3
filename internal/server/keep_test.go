package server_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kharita/internal/layers"
	"kharita/internal/server"
	"kharita/internal/store"
)

// sharedFiles is a layer of areas, one of a coast that has a border of theirs, and one of points.
func sharedFiles() map[string]string {
	var coast, towns strings.Builder
	for i := range 200 {
		fmt.Fprintf(&coast, "[%d.%02d,%d.%d],", i/10, i%10*10, 10+i%3, i*7%10)
		fmt.Fprintf(&towns, `{"type":"Feature","id":"t%d","geometry":{"type":"Point","coordinates":[%d,%d]},"properties":{"name":"town %d","year":%d}}`+"\n", i, i%20, i*7%30, i%9, 1900+i%30)
	}
	line := strings.TrimSuffix(coast.String(), ",")
	return map[string]string{
		"areas.geojson": `{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[[` + line + `,[20,0],[0,0],[0.00,10.0]]]},"properties":{"name":"a","year":1910}}` + "\n" +
			`{"type":"Feature","id":"b","geometry":{"type":"Polygon","coordinates":[[[20,0],[30,0],[30,20],[20,0]]]},"properties":{"name":"b"}}`,
		"areas.yaml":     "tile: {shares: [coast], borders: true}",
		"coast.geojson":  `{"type":"Feature","id":"c","geometry":{"type":"LineString","coordinates":[` + line + `]},"properties":{}}`,
		"towns.geojsonl": towns.String(),
	}
}

// tilesOf returns tiles of each layer of files, served by way of a cache in dir; no cache if it is empty.
func tilesOf(t *testing.T, files map[string]string, dir string) map[string][]byte {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var kept *store.Store
	var log bytes.Buffer
	if dir != "" {
		var err error
		if kept, err = store.Open(dir, "1", slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
	}
	snapshot, problems := layers.NewFolder(fsys).KeptIn(kept, "folder").Load()
	s, err := server.New(server.Config{Snapshot: snapshot, Problems: problems, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	tiles := map[string][]byte{}
	for _, l := range snapshot.Layers {
		for z := range 9 {
			for _, date := range []string{"", "?datetime=1915"} {
				path := fmt.Sprintf("/collections/%s/tiles/WebMercatorQuad/%d/%d/%d%s", l.ID, z, 1<<z*15/32, 1<<z*17/32, date)
				if tiles[path], err = io.ReadAll(get(t, s, path).Body); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	years := [][2]int{{1903, 1907}, {1911, 1925}}
	if dir == "" {
		slices.Reverse(years) // nothing depends on which was asked for first
	}
	for _, y := range years {
		path := fmt.Sprintf("/collections/towns/changes/tiles/WebMercatorQuad/0/0/0?from=%d&to=%d", y[0], y[1])
		if tiles[path], err = io.ReadAll(get(t, s, path).Body); err != nil {
			t.Fatal(err)
		}
	}
	kept.Close()
	if log.Len() > 0 {
		t.Errorf("log: %s", &log)
	}
	return tiles
}

// What tiles are made of is taken from the cache only as long as nothing they show has
// changed, in their layer or in one that shares its borders.
func TestKeptTiles(t *testing.T) {
	for name, edit := range map[string]func(map[string]string){
		"nothing": func(map[string]string) {},
		"coast": func(f map[string]string) {
			f["coast.geojson"] = strings.Replace(f["coast.geojson"], "[5.00,", "[5.05,", 1)
		},
		"areas": func(f map[string]string) {
			f["areas.geojson"] = strings.Replace(f["areas.geojson"], "[30,20]", "[31,21]", 1)
		},
		"sidecar": func(f map[string]string) { f["areas.yaml"] = "tile: {borders: true, small: drop, properties: [year]}" },
		"towns": func(f map[string]string) {
			f["towns.geojsonl"] = strings.ReplaceAll(f["towns.geojsonl"], "town", "city")
		},
		"no coast": func(f map[string]string) { delete(f, "coast.geojson") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files := sharedFiles()
			before := tilesOf(t, files, dir)
			edit(files)
			want := tilesOf(t, files, "")
			if maps.EqualFunc(before, want, bytes.Equal) != (name == "nothing") {
				t.Fatal("the tiles asked for don't show the edit")
			}
			for range 2 {
				if got := tilesOf(t, files, dir); !maps.EqualFunc(got, want, bytes.Equal) {
					for path := range want {
						if !bytes.Equal(got[path], want[path]) {
							t.Errorf("%s: %d bytes, want %d", path, len(got[path]), len(want[path]))
						}
					}
				}
			}
		})
	}
}

// Items of a layer that is mapped from the cache are the same as of one that was read, in a long
// answer of features that follow upon each other as in one of some here and there.
func TestKeptItems(t *testing.T) {
	var all strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&all, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d.5,%d.25]},"properties":{"name":"place %d","note":%q,"start":%d,"end":%d}}`+"\n",
			i, i%170, i*7%80, i, strings.Repeat("n", 90), 1900+i/900+i%7, 1915+i%3)
	}
	files := fstest.MapFS{
		"dated.geojsonl":  &fstest.MapFile{Data: []byte(all.String())},
		"always.geojsonl": &fstest.MapFile{Data: []byte(strings.NewReplacer(`"start"`, `"a"`, `"end"`, `"b"`).Replace(all.String()))},
	}
	kept, err := store.Open(t.TempDir(), "1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	items := func(s *store.Store) map[string]string {
		snapshot, problems := layers.NewFolder(files).KeptIn(s, "folder").Load()
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		server, err := server.New(server.Config{Snapshot: snapshot, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		bodies := map[string]string{}
		for _, layer := range []string{"dated", "always"} {
			for _, query := range []string{
				"limit=1", "limit=50", "limit=1000", "limit=4000", "limit=3999", "limit=4000&f=jsonfg", "limit=1000&properties=name",
				"limit=4000&datetime=1903", "limit=4000&bbox=20,20,60,60", "limit=2000&bbox=0,0,170,40", "limit=4000&filter=name%20NOT%20IN%20('place%20700','place%20710')", "limit=4000&sortby=-name",
			} {
				path := "/collections/" + layer + "/items?" + query
				body, err := io.ReadAll(get(t, server, path).Body)
				if err != nil {
					t.Fatal(err)
				}
				_, rest, _ := strings.Cut(string(body), `"features":`)
				if bodies[path] = rest; rest == "" {
					t.Errorf("%s: %s", path, body)
				}
			}
		}
		return bodies
	}
	want := items(nil)
	for range 2 {
		for path, got := range items(kept) {
			if got != want[path] {
				t.Errorf("%s: %d bytes, want %d, or not the same", path, len(got), len(want[path]))
			}
		}
		kept.Close()
	}
}
