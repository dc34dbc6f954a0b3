package layers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// folder is a folder of files by name and content.
func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return m
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + "\n" + strings.Join(features, ",\n") + "\n]}"
}

func town(id, more string) string {
	return `{"type":"Feature","id":"` + id + `","geometry":{"type":"Point","coordinates":[43,36]},"properties":{` + more + `}}`
}

func texts(problems []layers.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func TestLoadProblems(t *testing.T) {
	good := collection(town("a", `"name":"A","start":"2014","end":"2015"`))
	for _, c := range []struct {
		name   string
		files  map[string]string
		want   []string
		served int
	}{
		{"good", map[string]string{"towns.geojson": good}, nil, 1},
		{"nothing", map[string]string{"readme.txt": "x"}, []string{
			".: no layers: put a GeoJSON file (.geojson, .geojsonl, each also .gz) into the folder",
		}, 0},
		{"one bad file among good ones", map[string]string{"a.geojson": good, "b.geojson": good[:60]}, []string{
			"b.geojson:2:20: feature 0: not JSON: the file ends where '\"' should follow: is it cut off? (the layer is not served)",
		}, 1},
		{"duplicate id", map[string]string{"a.geojson": collection(town("x", ""), town("x", ""))}, []string{
			"a.geojson:3:1: feature 1: id is taken: \"x\"; served as \"x-2\". Versions of one thing need ids of their own and a common property named by `identity`",
		}, 1},
		{"unreadable date", map[string]string{"a.geojson": collection(town("x", `"start":"2014-02-30"`))}, []string{
			"a.geojson:2:100: feature 0: time can't be read: date \"2014-02-30\": February 2014 has 28 days (at character 9) (the feature is served, but holds on no date)",
		}, 1},
		{"start after end", map[string]string{"a.geojson": collection(town("x", `"start":"2015","end":"2014"`))}, []string{
			"a.geojson:2:113: feature 0: time can't be read: start after end",
		}, 1},
		{"unknown key", map[string]string{"a.geojson": good, "a.yaml": "titel: Towns\n"}, []string{
			`a.yaml:1:1: unknown key: a layer has no "titel"; did you mean "title"?`,
		}, 1},
		{"wrong settings", map[string]string{"a.geojson": good, "a.yaml": "time: {ends: vague}\nstyle:\n  color: red\n  opacity: 3\ntile: {minzoom: 9, maxzoom: 3}\n"}, []string{
			`a.yaml:1:14: setting can't be read: time.ends must be one of whole, uncertain, not "vague"`,
			`a.yaml:3:10: setting can't be read: style.color must be a colour like "#1f6f8b" in quotes, not "red"`,
			`a.yaml:4:12: setting can't be read: style.opacity must be a number from 0 to 1`,
			`a.yaml:5:7: zoom is out of range: tile.minzoom 9 is above tile.maxzoom 3`,
		}, 1},
		{"no such property", map[string]string{"a.geojson": good, "a.yaml": "time: {start: begin, end: end}\n"}, []string{
			`a.yaml:1:15: no such property: "begin" in a.geojson; known: end, name, start`,
		}, 1},
		{"not YAML", map[string]string{"a.geojson": good, "a.yaml": "title: [\n"}, []string{
			`a.yaml:1:8: not YAML: sequence end token ']' not found (defaults are served)`,
		}, 1},
		{"orphan sidecar", map[string]string{"a.geojson": good, "b.yaml": "title: B\n"}, []string{
			"b.yaml: sidecar without its layer: there is no b.geojson; rename or remove it",
		}, 1},
		{"unknown layer in the atlas", map[string]string{"towns.geojson": good, "atlas.yaml": "layers: [town]\n"}, []string{
			`atlas.yaml:1:10: no such layer: "town"; did you mean "towns"?`,
		}, 1},
		{"same layer twice", map[string]string{"a.geojson": good, "a.geojsonl": good}, []string{
			`a.geojsonl: layer name is taken: a.geojson makes the layer "a" already; rename one`,
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, problems := layers.Load(folder(c.files))
			got := texts(problems)
			if c.name == "start after end" { // the wording is geo/period's
				for i := range got {
					head, _, _ := strings.Cut(got[i], "time can't be read: ")
					got[i] = head + "time can't be read: start after end"
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if len(s.Layers) != c.served {
				t.Errorf("layers served: got %d, want %d", len(s.Layers), c.served)
			}
		})
	}
}

func TestLoadLayer(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(collection(
		town("a", `"name:ar":"ألف","name:en":"A","rank":3,"held_from":"2014-06","held_until":"2017-11"`),
		town("b", `"name:en":"B","rank":1.5,"held_from":"2015-05-21","held_until":null`),
		town("c", `"name:en":"C"`),
	)))
	_ = w.Close()
	s, problems := layers.Load(folder(map[string]string{
		"towns.geojson.gz": zipped.String(),
		"towns.yaml": `
title: {en: Towns, ar: بلدات}
time: {start: held_from, end: held_until, ends: uncertain}
style: {kind: circle, color: {by: rank, values: {3: "#112233"}, other: "#445566"}, label: {minzoom: 5, rank: rank}}
fields: {rank: {title: {en: Rank}, unit: m}}
`,
		"rivers.geojson": collection(`{"type":"Feature","geometry":{"type":"LineString","coordinates":[[40,30],[41,31]]},"properties":{"name":"x"}}`),
		"atlas.yaml":     "title: Test\nlayers: [towns]\nlanguages: [ar, en]\nview: {center: [41.5, 34.5], zoom: 6, time: 2015}\n",
	}))
	if len(problems) > 0 {
		t.Fatal(texts(problems))
	}
	l := s.Layers[0]
	if l.ID != "towns" || s.Layers[1].ID != "rivers" {
		t.Fatalf("order: %s, %s", l.ID, s.Layers[1].ID)
	}
	if got, _ := l.Title.In("ar", "en"); got != "بلدات" {
		t.Errorf("title: %s", got)
	}
	if d := cmp.Diff(map[string]string{"ar": "name:ar", "en": "name:en"}, l.Name); d != "" {
		t.Error(d)
	}
	if l.Geometry != layers.Points || l.Total != 3 || l.Bound != (orb.Bound{Min: orb.Point{43, 36}, Max: orb.Point{43, 36}}) {
		t.Errorf("geometry %q, count %d, bound %v", l.Geometry, l.Total, l.Bound)
	}
	if d := cmp.Diff([]period.Instant{period.Date(2014, 6, 1), period.Date(2015, 5, 21), period.Date(2017, 12, 1)}, l.Changes); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"rank"}, l.Style.Properties()); d != "" {
		t.Error(d)
	}
	for _, f := range l.Fields {
		if f.Name == "rank" && (f.Type != "number" || f.Unit != "m") {
			t.Errorf("rank: %+v", f)
		}
	}
	f, err := l.Feature(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := period.Valid{
		Possible: period.New(period.Date(2014, 6, 1), period.Date(2017, 12, 1)),
		Certain:  period.New(period.Date(2014, 7, 1), period.Date(2017, 11, 1)),
	}
	if f.Valid != want {
		t.Errorf("valid: got %v, want %v", f.Valid, want)
	}
	if r := s.Layers[1]; r.Style.Kind != "line" || len(r.Guesses) == 0 {
		t.Errorf("rivers: style %q, guesses %v", r.Style.Kind, r.Guesses)
	}
}

func TestRevisionFollowsContent(t *testing.T) {
	files := map[string]string{"a.geojson": collection(town("a", "")), "a.yaml": "title: A\n"}
	first, _ := layers.Load(folder(files))
	again, _ := layers.Load(folder(files))
	if first.Revision != again.Revision {
		t.Errorf("equal files: %s and %s", first.Revision, again.Revision)
	}
	for _, name := range []string{"a.geojson", "a.yaml", "atlas.yaml"} {
		changed := map[string]string{}
		for n, d := range files {
			changed[n] = d
		}
		changed[name] += " "
		if other, _ := layers.Load(folder(changed)); other.Revision == first.Revision {
			t.Errorf("%s changed, revision did not", name)
		}
	}
}

// TestFirstView: without a view of its own an atlas shows all that it has.
func TestFirstView(t *testing.T) {
	for _, c := range []struct {
		files  map[string]string
		center orb.Point
		zoom   float64
	}{
		{map[string]string{"a.geojson": collection(`{"type":"Feature","id":"a","geometry":{"type":"MultiPoint","coordinates":[[-20,-10],[20,10]]}}`)}, orb.Point{0, 0}, 4.6},
		{map[string]string{"a.geojson": collection(town("a", ""))}, orb.Point{43, 36}, 12},
		{map[string]string{"a.geojson": collection(town("a", "")), "atlas.yaml": "view: {center: [1, 2], zoom: 3}"}, orb.Point{1, 2}, 3},
		{map[string]string{"a.geojson": collection(`{"type":"Feature","id":"a","geometry":null}`)}, orb.Point{0, 7.5}, 2},
	} {
		s, _ := layers.Load(folder(c.files))
		if v := s.Atlas.View; v.Center == nil || *v.Center != c.center || math.Abs(v.Zoom-c.zoom) > 0.1 {
			t.Errorf("%v: got %v at %v, want %v at %v", c.files, v.Center, v.Zoom, c.center, c.zoom)
		}
	}
}

func TestWithBase(t *testing.T) {
	base, _ := layers.Load(folder(map[string]string{"land.geojson": collection(town("a", "")), "water.geojson": collection(town("a", ""))}))
	own := func(atlas string) *layers.Snapshot {
		s, _ := layers.Load(folder(map[string]string{"land.geojson": collection(town("b", "")), "towns.geojson": collection(town("c", "")), "atlas.yaml": atlas}))
		return s.WithBase(base)
	}
	ids := func(list []*layers.Layer) (out []string) {
		for _, l := range list {
			out = append(out, l.ID)
		}
		return out
	}
	for _, c := range []struct {
		atlas      string
		want, base []string
	}{
		{"", []string{"land", "towns"}, []string{"water"}},
		{"basemap: none", []string{"land", "towns"}, nil},
		{"basemap: [land]", []string{"towns"}, []string{"land"}},
	} {
		s := own(c.atlas)
		if d := cmp.Diff(c.want, ids(s.Layers)) + cmp.Diff(c.base, ids(s.Base)); d != "" {
			t.Errorf("%q: %s", c.atlas, d)
		}
	}
}

// FuzzSidecar: settings never panic, and name a place for every fault.
func FuzzSidecar(f *testing.F) {
	f.Add("title: {en: A}\nstyle:\n  color: {by: x, values: {1: \"#fff\"}}\n", "layers: [a]\nview: {center: [1, 2]}\nyears: 2013/2019\n")
	f.Add("time: &a {start: x}\nname: *a\n", "story: [{time: 201X}]\nbasemap: [a]\n")
	f.Fuzz(func(t *testing.T, sidecar, atlas string) {
		_, problems := layers.Load(folder(map[string]string{
			"a.geojson": collection(town("a", `"x":1`)), "a.yaml": sidecar, "atlas.yaml": atlas,
		}))
		for _, p := range problems {
			if p.Message == "" || p.File == "" {
				t.Errorf("empty problem %+v", p)
			}
		}
	})
}

// What a sidecar gets wrong must not change what the properties are called.
func TestMisspeltPropertyKeepsNames(t *testing.T) {
	s, problems := layers.Load(fstest.MapFS{
		"a.geojson": {Data: []byte(`{"type":"Feature","id":"1","geometry":null,"properties":{"z":"of z","a":"of a"}}`)},
		"a.yaml":    {Data: []byte("sources: zz")},
	})
	if len(problems) != 1 || problems[0].Rule != layers.NoSuchField {
		t.Fatal(problems)
	}
	f, err := s.Layers[0].Feature(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range f.Properties.All() {
		if v.Text() != "of "+name {
			t.Errorf("%s is %q", name, v.Text())
		}
	}
}
