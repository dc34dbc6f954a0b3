package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"kharita/internal/layers"
)

// TestDeriveDocumented makes a script of docs/derive.md: its tables are the files, its
// commands are run, and their output is what it shows. What they write must be a
// folder without a problem.
func TestDeriveDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/derive.md")
	if err != nil {
		t.Fatal(err)
	}
	var script, files strings.Builder
	for _, m := range regexp.MustCompile("(?s)`([a-z]+\\.csv)`\n\n```csv\n(.*?)```").FindAllSubmatch(doc, -1) {
		fmt.Fprintf(&files, "-- %s --\n%s", m[1], m[2])
	}
	commands := regexp.MustCompile("(?s)```console\n\\$ (mapserver [^\n]*)\n(.*?)```").FindAllSubmatch(doc, -1)
	if len(commands) != 2 {
		t.Fatalf("%d commands in docs/derive.md, want 2", len(commands))
	}
	for i, m := range commands {
		fmt.Fprintf(&script, "exec %s\ncmp stdout want%d\n", m[1], i)
		fmt.Fprintf(&files, "-- want%d --\n%s", i, m[2])
	}
	script.WriteString("mkdir atlas\ncp areas.geojson areas.yaml fitted.geojson fitted.yaml fitted-borders.geojson fitted-borders.yaml atlas\nexec mapserver check atlas\nstderr 'no problem found'\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "doc.txt"), []byte(script.String()+files.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir})
}

// TestDeriveIsWhatTheAtlasShips derives the areas of the shipped settlements and finds
// the shipped areas: same cells, same dates.
func TestDeriveIsWhatTheAtlasShips(t *testing.T) {
	type collection struct {
		Features []struct {
			ID         string
			Geometry   json.RawMessage
			Properties map[string]any
		}
	}
	read := func(path string) (c collection) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	var table bytes.Buffer
	table.WriteString("id,lon,lat,holder,start,end\n")
	cell := func(v any) string {
		if s, ok := v.(string); ok && s != "" {
			return `"` + s + `"`
		}
		return ""
	}
	for _, f := range read("../../data/geojson/settlements.geojson").Features {
		var point struct{ Coordinates [2]json.Number }
		if err := json.Unmarshal(f.Geometry, &point); err != nil {
			t.Fatal(err)
		}
		holder := ""
		if f.Properties["status"] == "held" {
			holder = "isis"
		}
		fmt.Fprintf(&table, "%s,%s,%s,%s,%s,%s\n", f.Properties["place"], point.Coordinates[0], point.Coordinates[1], holder,
			cell(f.Properties["start"]), cell(f.Properties["end"]))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.csv"), table.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "a.geojson")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"derive", filepath.Join(dir, "p.csv"), "--radius", "16.5", "--out", out}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	shipped := map[string]string{}
	for _, f := range read("../../data/geojson/isis-held.geojson").Features {
		shipped[f.ID] = string(f.Geometry)
	}
	got := read(out)
	if len(got.Features) != len(shipped) {
		t.Errorf("%d features, want %d", len(got.Features), len(shipped))
	}
	same := 0
	for _, f := range got.Features {
		if shipped[f.ID] == string(f.Geometry) {
			same++
		}
	}
	// Cells at the border between the countries and their neighbours may differ by a vertex: the
	// atlas joins the outlines of Iraq and Syria by itself.
	if !strings.Contains(stdout.String(), "land: Iraq, Syria\n") {
		t.Errorf("towns at the border have drawn in a neighbour:\n%s", &stdout)
	}
	if same < len(shipped)*95/100 {
		t.Errorf("only %d of %d areas are the same", same, len(shipped))
	}
	snapshot, problems := layers.Load(os.DirFS(dir))
	if len(problems) > 0 || snapshot.Layers[0].Total != len(shipped) {
		t.Errorf("problems %v", problems)
	}
}

// TestDeriveStops: Ctrl-C ends a long run.
func TestDeriveStops(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "p.csv")
	if err := os.WriteFile(table, []byte("id,lon,lat,holder,start,end\na,41,34,x,2014,2015\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	if code := run(ctx, []string{"derive", table, "--radius", "10", "--out", filepath.Join(dir, "a.geojson")}, &bytes.Buffer{}, &stderr); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "a.geojson")); err == nil {
		t.Error("a file was written")
	}
	if !strings.Contains(stderr.String(), "canceled") {
		t.Errorf("stderr %q", &stderr)
	}
}
