package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/territory"
)

// shipped reads a layer of the atlas as it is committed.
func shipped(t *testing.T, layer string) []geo.Feature {
	t.Helper()
	data, err := os.ReadFile("../geojson/" + layer + ".geojson")
	if err != nil {
		t.Fatal(err)
	}
	names := geo.NewNames()
	in := geojson.NewReader(bytes.NewReader(data), names)
	var out []geo.Feature
	for {
		r, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range r.Faults {
			t.Errorf("%s: %v", layer, fault)
		}
		out = append(out, geo.Feature{ID: r.ID, Geometry: r.Geometry, Properties: geo.NewProperties(names, slices.Clone(r.Values))})
	}
}

func tables(t *testing.T) *sources {
	t.Helper()
	src, err := readSources("../sources")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func text(f geo.Feature, name string) string { return f.Properties.Get(name).Text() }

func valid(t *testing.T, f geo.Feature) period.Valid {
	t.Helper()
	v, err := ends.ParsePair(text(f, "start"), text(f, "end"))
	if err != nil {
		t.Fatalf("%s: %v", f.ID, err)
	}
	return v
}

func multi(g orb.Geometry) orb.MultiPolygon {
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	return g.(orb.MultiPolygon)
}

var atlasLayers = []string{"operations-rooms", "member-states", "coalition-states", "settlements", "isis-held", "events"} //nolint:gochecknoglobals // a table

// TestEveryFeature has what every feature of the atlas must have.
func TestEveryFeature(t *testing.T) {
	for _, layer := range atlasLayers {
		seen := map[string]bool{}
		for _, f := range shipped(t, layer) {
			id := f.ID.String()
			if id == "" || seen[id] {
				t.Errorf("%s: the id %q is missing or not unique", layer, id)
			}
			seen[id] = true
			for _, name := range []string{"name_en", "name_ar", "text_en", "text_ar", "basis"} {
				if text(f, name) == "" {
					t.Errorf("%s/%s: has no %s", layer, id, name)
				}
			}
			if text(f, "status") != "never-held" {
				if v := valid(t, f); v.Possible.IsNever() {
					t.Errorf("%s/%s: is never valid", layer, id)
				}
			}
			var list []source
			if err := json.Unmarshal([]byte(text(f, "sources")), &list); err != nil {
				t.Errorf("%s/%s: sources: %v", layer, id, err)
			}
			if f.Properties.Get("verified").Bool() {
				read := false
				for _, s := range list {
					read = read || s.Verified
				}
				if !read {
					t.Errorf("%s/%s: is verified, but by no source", layer, id)
				}
			}
		}
	}
}

// TestArabicIsArabic finds words that were left in English.
func TestArabicIsArabic(t *testing.T) {
	for _, layer := range atlasLayers {
		for _, f := range shipped(t, layer) {
			for _, name := range []string{"name_ar", "text_ar", "governorate_ar", "place_ar"} {
				letters, latin := 0, 0
				for _, r := range text(f, name) {
					if r >= 0x0600 && r <= 0x06ff {
						letters++
					} else if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
						latin++
					}
				}
				if latin > letters {
					t.Errorf("%s/%s: %s is %q", layer, f.ID, name, text(f, name))
				}
			}
		}
	}
}

// TestWordsForValues checks that the sidecars have words for all values that have
// words, in both languages.
func TestWordsForValues(t *testing.T) {
	for _, layer := range append(slices.Clone(atlasLayers), "isis-held-borders") {
		data, err := os.ReadFile("../geojson/" + layer + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var sidecar struct {
			Fields map[string]struct {
				Title  map[string]string
				Values map[string]map[string]string
			}
		}
		if err := yaml.Unmarshal(data, &sidecar); err != nil {
			t.Fatal(err)
		}
		for name, field := range sidecar.Fields {
			if field.Title["en"] == "" || field.Title["ar"] == "" {
				t.Errorf("%s: the field %s has no title in both languages", layer, name)
			}
			if field.Values == nil {
				continue
			}
			for _, f := range shipped(t, layer) {
				if v := text(f, name); v != "" && (field.Values[v]["en"] == "" || field.Values[v]["ar"] == "") {
					t.Errorf("%s: no word for %s %q", layer, name, v)
				}
			}
		}
	}
}

// TestEverySpellHasItsCell checks settlements and areas against each other and
// against the table of spells.
func TestEverySpellHasItsCell(t *testing.T) {
	src := tables(t)
	points := map[string]geo.Feature{}
	for _, f := range shipped(t, "settlements") {
		points[f.ID.String()] = f
	}
	areas := shipped(t, "isis-held")
	if len(areas) != len(src.holdings) {
		t.Errorf("%d areas for %d spells", len(areas), len(src.holdings))
	}
	for _, f := range areas {
		p, ok := points[f.ID.String()]
		if !ok {
			t.Errorf("area %s has no settlement", f.ID)
			continue
		}
		if text(f, "start") != text(p, "start") || text(f, "end") != text(p, "end") || text(f, "sources") != text(p, "sources") {
			t.Errorf("area %s differs from its settlement in dates or sources", f.ID)
		}
	}
}

// TestFaithful checks, at every instant at which the map changes, that each
// settlement held then lies in the area held and every other listed place outside.
func TestFaithful(t *testing.T) {
	places := map[string]orb.Point{}
	spells := map[string][]period.Period{}
	for _, f := range shipped(t, "settlements") {
		place := text(f, "place")
		places[place] = f.Geometry.(orb.Point)
		if text(f, "status") == "held" {
			spells[place] = append(spells[place], valid(t, f).Possible)
		}
	}
	if len(places) < 500 {
		t.Fatalf("only %d places", len(places))
	}
	// A cell holds no place but its own; so membership of the union at any instant is
	// that of the cells held then, and it is enough to check cells against places.
	checked := map[string]bool{}
	for _, f := range shipped(t, "isis-held") {
		own := text(f, "place")
		if checked[own] {
			continue
		}
		checked[own] = true
		g := multi(f.Geometry)
		for place, at := range places {
			if in := planar.MultiPolygonContains(g, at); in != (place == own) {
				t.Errorf("the cell of %s contains %s: %v", own, place, in)
			}
		}
	}
	for place := range spells {
		if !checked[place] {
			t.Errorf("%s was held but has no cell", place)
		}
	}
	for _, place := range []string{"kobani", "tell-abyad", "mosul", "raqqa", "baghuz"} {
		if _, ok := places[place]; !ok {
			t.Errorf("%s is missing", place)
		}
	}
	if !checked["tell-abyad"] {
		t.Error("tell-abyad, half a kilometre outside the outline of Syria, has lost its cell")
	}
}

// shippedWar returns the settlements as they are committed, with their spells and
// their cells (nil for places never held, which have none), by place.
func shippedWar(t *testing.T) (places []territory.Place, cells []territory.Cell) {
	t.Helper()
	number := map[string]int{}
	for _, f := range shipped(t, "settlements") {
		id := text(f, "place")
		i, ok := number[id]
		if !ok {
			i = len(places)
			number[id] = i
			places = append(places, territory.Place{ID: id, At: f.Geometry.(orb.Point)})
		}
		if text(f, "status") == "held" {
			places[i].Held = append(places[i].Held, territory.Holding{Holder: isis, Valid: valid(t, f)})
		}
	}
	cells = make([]territory.Cell, len(places))
	for _, f := range shipped(t, "isis-held") {
		cells[number[text(f, "place")]].Geometry = multi(f.Geometry)
	}
	return places, cells
}

// TestFaithfulAtEveryChange goes through all instants at which the map changes, in
// both readings: each settlement held then lies in the area of that instant, and each
// that was not lies outside. A settlement that only possibly was lies in the possible
// area and not in the certain one.
func TestFaithfulAtEveryChange(t *testing.T) {
	places, cells := shippedWar(t)
	// Whose cell each settlement lies in; TestFaithful says that it is its own or none.
	in := make([][]int, len(places))
	for i, p := range places {
		for k, c := range cells {
			if planar.MultiPolygonContains(c.Geometry, p.At) {
				in[i] = append(in[i], k)
			}
		}
	}
	changes := territory.Changes(places, isis)
	for _, at := range changes {
		for _, r := range []period.Reading{period.Possible, period.Certain} {
			for i, p := range places {
				inside := slices.ContainsFunc(in[i], func(k int) bool { return places[k].HeldBy(isis, at, r) })
				if held := p.HeldBy(isis, at, r); inside != held {
					t.Errorf("%s: %s held %v, but in the area %v (reading %v)", period.At(at), p.ID, held, inside, r)
				}
			}
		}
	}
	if len(changes) < 300 {
		t.Errorf("only %d changes", len(changes))
	}
}

// TestBordersAreTheOutline finds at every change, in both readings, the lines that are
// committed for that date to be exactly the edges that occur once among the cells of
// that date: the outline of their union.
func TestBordersAreTheOutline(t *testing.T) {
	type edge [2]orb.Point
	type line struct {
		valid   period.Period
		reading string
		edges   []edge
	}
	cut := func(l []orb.Point) (out []edge) {
		for k := 1; k < len(l); k++ {
			out = append(out, edge{l[k-1], l[k]})
		}
		return out
	}
	places, cells := shippedWar(t)
	rings := make([][]edge, len(places))
	for i, c := range cells {
		for _, poly := range c.Geometry {
			for _, r := range poly {
				rings[i] = append(rings[i], cut(r)...)
			}
		}
	}
	var lines []line
	for _, f := range shipped(t, "isis-held-borders") {
		v, err := period.Ends{}.ParsePair(text(f, "start"), text(f, "end"))
		if err != nil {
			t.Fatalf("%s: %v", f.ID, err)
		}
		l := line{valid: v.Possible, reading: text(f, "reading")}
		switch g := f.Geometry.(type) {
		case orb.LineString:
			l.edges = cut(g)
		case orb.MultiLineString:
			for _, part := range g {
				l.edges = append(l.edges, cut(part)...)
			}
		}
		lines = append(lines, l)
	}
	for _, at := range territory.Changes(places, isis) {
		for _, r := range []struct {
			reading period.Reading
			not     string
		}{{period.Possible, "certain"}, {period.Certain, "possible"}} {
			left := map[edge]int{} // +1 for each edge of a held cell, -1 for its other side and for each line
			for i, p := range places {
				if p.HeldBy(isis, at, r.reading) {
					for _, e := range rings[i] {
						left[e]++
					}
				}
			}
			for e := range left {
				if back := (edge{e[1], e[0]}); left[back] > 0 {
					delete(left, e)
					delete(left, back)
				}
			}
			for _, l := range lines {
				if l.reading != r.not && l.valid.Contains(at) {
					for _, e := range l.edges {
						left[e]--
					}
				}
			}
			for e, n := range left {
				if n != 0 {
					t.Fatalf("%s, not %s: %d of the edge %v is left", period.At(at), r.not, n, e)
				}
			}
		}
	}
}

// TestGroundIsPlausible asks at well-known places what a historian would.
func TestGroundIsPlausible(t *testing.T) {
	areas := shipped(t, "isis-held")
	held := func(lon, lat float64, date string) bool {
		v, err := period.Parse(date)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range areas {
			if valid(t, f).Certain.Intersects(v.Certain) && planar.MultiPolygonContains(multi(f.Geometry), orb.Point{lon, lat}) {
				return true
			}
		}
		return false
	}
	tests := []struct {
		what     string
		lon, lat float64
		date     string
		want     bool
	}{
		{"Mosul", 43.13, 36.34, "2015-06-15", true},
		{"Raqqa", 39.01, 35.95, "2015-06-15", true},
		{"Palmyra after its first fall", 38.28, 34.56, "2015-06-15", true},
		{"Palmyra between its falls", 38.28, 34.56, "2016-06-15", false},
		{"Deir ez-Zor east", 40.15, 35.34, "2015-06-15", true},
		{"Tikrit after its return", 43.68, 34.62, "2015-06-15", false},
		{"Fallujah", 43.78, 33.35, "2014-06-15", true},
		{"Kobani after the siege", 38.35, 36.89, "2015-06-15", false},
		{"Baghdad", 44.40, 33.34, "2015-06-15", false},
		{"Damascus", 36.29, 33.51, "2015-06-15", false},
		{"Erbil", 44.01, 36.19, "2015-06-15", false},
		{"Aleppo", 37.16, 36.20, "2015-06-15", false},
		{"Kirkuk", 44.39, 35.47, "2015-06-15", false},
		{"Mosul after its return", 43.13, 36.34, "2018-06-15", false},
		{"Hajin, the last pocket", 40.83, 34.70, "2018-06-15", true},
		{"anything in the summer of 2019", 40.965, 34.455, "2019-06-15", false},
	}
	for _, tt := range tests {
		if got := held(tt.lon, tt.lat, tt.date); got != tt.want {
			t.Errorf("%s on %s: held %v, want %v", tt.what, tt.date, got, tt.want)
		}
	}
}

// TestAreaByGrid counts the points of a 2 km grid that lie in an area of a date and
// holds their sum against the areas of the cells.
func TestAreaByGrid(t *testing.T) {
	day, err := period.Parse("2015-01-01")
	if err != nil {
		t.Fatal(err)
	}
	plane := territory.NewPlane(orb.Point{41.5, 34.5})
	var sum, counted float64
	done := map[string]bool{}
	for _, f := range shipped(t, "isis-held") {
		place := text(f, "place")
		if done[place] || !valid(t, f).Possible.Intersects(day.Possible) {
			continue
		}
		done[place] = true
		g := multi(f.Geometry)
		sum += plane.Area(g)
		b := g.Bound()
		low, high := plane.Forward(b.Min), plane.Forward(b.Max)
		const step = 2000.0
		for x := float64(int(low[0]/step)-2) * step; x < high[0]+2*step; x += step {
			for y := float64(int(low[1]/step)-2) * step; y < high[1]+2*step; y += step {
				if planar.MultiPolygonContains(g, plane.Inverse(orb.Point{x, y})) {
					counted += step * step
				}
			}
		}
	}
	if d := counted/sum - 1; d < -0.01 || d > 0.01 {
		t.Errorf("area %.0f km², by the grid %.0f km²", sum/1e6, counted/1e6)
	}
	if sum < 75e9 || sum > 90e9 {
		t.Errorf("area at the start of 2015: %.0f km²", sum/1e6)
	}
}

// TestStatesMatchTheTables finds every row of both lists on the map, once.
func TestStatesMatchTheTables(t *testing.T) {
	src := tables(t)
	for layer, rows := range map[string][]row{"member-states": src.members, "coalition-states": src.coalition} {
		got := map[string]bool{}
		for _, f := range shipped(t, layer) {
			got[f.ID.String()] = true
		}
		if len(got) != len(rows) {
			t.Errorf("%s: %d features for %d rows", layer, len(got), len(rows))
		}
		for _, r := range rows {
			if !got[r.text("id")] {
				t.Errorf("%s: %s is missing", layer, r.text("id"))
			}
		}
	}
}

// TestTablesAreChecked changes a cell and expects the build to say where.
func TestTablesAreChecked(t *testing.T) {
	tests := []struct{ name, file, old, new, want string }{
		{"unknown place", "holdings.csv", "\nfallujah,", "\nfalujah,", `holdings.csv:2: settlements.csv has no "falujah"`},
		{"unreadable date", "holdings.csv", "2016-06-26", "2016-13-26", "holdings.csv:2: "},
		{"start after end", "holdings.csv", "2015-05-17,2015-12-28", "2016-05-17,2015-12-28", "holdings.csv:3: "},
		{"twice the same id", "settlements.csv", "\nramadi,", "\nfallujah,", `settlements.csv:3: id "fallujah" is that of line 2`},
		{"unknown column", "towns.csv", "geonames_id", "geonames", "towns.csv:1: the columns are "},
		{"no title", "citations.csv", ",AFP 4-5 Jan 2014,", ",,", "citations.csv:2: title is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("../sources")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, tt.file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(data), tt.old, tt.new, 1)
			if changed == string(data) {
				t.Fatalf("%s has no %q", tt.file, tt.old)
			}
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			src, err := readSources(dir)
			if err == nil {
				_, err = spells(src)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestNoProblem asks of both folders what mapserver check asks.
func TestNoProblem(t *testing.T) {
	for _, dir := range []string{"../geojson", "../basemap"} {
		snapshot, problems := layers.Load(os.DirFS(dir))
		for _, p := range problems {
			t.Errorf("%s: %v", dir, p)
		}
		if len(snapshot.Layers) < 6 {
			t.Errorf("%s: only %d layers", dir, len(snapshot.Layers))
		}
	}
}

// TestRingsAreSimple finds rings that cross or touch themselves, in all outlines.
func TestRingsAreSimple(t *testing.T) {
	for _, layer := range []string{"coalition-states", "member-states", "isis-held", "operations-rooms"} {
		for _, f := range shipped(t, layer) {
			if _, ok := f.Geometry.(orb.Point); ok {
				continue
			}
			for _, poly := range multi(f.Geometry) {
				var all []segment
				for i, r := range poly {
					for k := 1; k < len(r); k++ {
						all = append(all, segment{i, k - 1, k, r[k-1], r[k]})
					}
				}
				for _, s := range crossings(all) {
					t.Errorf("%s/%s: a ring crosses itself from %v to %v", layer, f.ID, s.a, s.b)
				}
			}
		}
	}
}
