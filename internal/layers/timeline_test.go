package layers_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	atlas "kharita/data/geojson"
	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

func square(id, more string) string {
	return `{"type":"Feature","id":"` + id + `","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]},"properties":{` + more + `}}`
}

func load(t *testing.T, files map[string]string) *layers.Snapshot {
	t.Helper()
	s, problems := layers.Load(folder(files))
	for _, p := range problems {
		t.Fatal(p)
	}
	return s
}

func TestTimeline(t *testing.T) {
	s := load(t, map[string]string{
		"areas.geojson": collection(
			square("always", ""),
			square("a", `"start":"2014-06","end":"2016"`),
			square("b", `"start":"2015-01-01","end":"2015-12-31"`),
			square("open", `"start":null,"end":"2015-06-30"`),
			square("perhaps", `"start":"2016~","end":"2016~"`),
		),
		"areas.yaml": "metric: area\ntime: {start: start, end: end, ends: uncertain}\n",
	})
	epochs, err := s.Layers[0].Timeline()
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Valid             string
		Possible, Certain int
	}
	var got []row
	one := geo.Area(s.Layers[0].Bound)
	for _, e := range epochs {
		got = append(got, row{e.Valid.String(), e.Sums[0].Count, e.Sums[1].Count})
		for _, sum := range e.Sums {
			if want := float64(sum.Count) * one; math.Abs(sum.Area-want) > 1e-5 {
				t.Errorf("%v: %d squares have %v km², want %v", e.Valid, sum.Count, sum.Area, want)
			}
		}
	}
	want := []row{
		{"../2014-05-31", 2, 2},
		{"2014-06-01/2014-06-30", 3, 2},
		{"2014-07-01/2014-12-31", 3, 3},
		{"2015-01-01/2015-06-30", 4, 4},
		{"2015-07-01/2015-12-31", 3, 3},
		{"2016-01-01/2016-12-31", 3, 1},
		{"2017-01-01/..", 1, 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestTimelineOfTheAtlas compares each epoch of each layer with what the layer
// itself answers there, and with the areas that its features carry.
func TestTimelineOfTheAtlas(t *testing.T) {
	s, _ := layers.Load(atlas.Files)
	for _, l := range s.Layers {
		epochs, err := l.Timeline()
		if err != nil {
			t.Fatal(err)
		}
		if first, last := epochs[0].Valid, epochs[len(epochs)-1].Valid; len(epochs) < 2 || len(epochs) <= len(l.Changes) || !first.Hull(last).IsAlways() {
			t.Errorf("%s: %d epochs from %v to %v, %d changes", l.ID, len(epochs), first, last, len(l.Changes))
		}
		area := map[string]float64{}
		for f, err := range l.Features(context.Background(), layers.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			area[f.ID.String()] = geo.Area(f.Geometry)
		}
		for i, e := range epochs {
			at, end := e.Valid.Limits()
			if i > 0 {
				if _, before := epochs[i-1].Valid.Limits(); before != at {
					t.Errorf("%s: a gap before %v", l.ID, e.Valid)
				}
			}
			for _, reading := range []period.Reading{period.Possible, period.Certain} {
				for _, i := range []period.Instant{max(at, -1<<55), min(end-1, 1<<55)} {
					var want layers.Sum
					for f, err := range l.Features(context.Background(), layers.Query{Valid: period.At(i), Reading: reading}) {
						if err != nil {
							t.Fatal(err)
						}
						want.Count++
						want.Area += area[f.ID.String()]
					}
					if got := e.Sums[reading]; got.Count != want.Count || math.Abs(got.Area-want.Area) > 1e-3 {
						t.Errorf("%s in %v, reading %d: got %+v, want %+v", l.ID, e.Valid, reading, got, want)
					}
				}
			}
		}
	}
	l, _ := s.Layer("isis-held")
	for f, err := range l.Features(context.Background(), layers.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		said, _ := f.Properties.Get("area_km2").Float()
		if got := geo.Area(f.Geometry); math.Abs(got-said) > 1+said/100 {
			t.Errorf("%s: %v km², the data say %v", f.ID, got, said)
		}
	}
	// The figures published by others are what the layer was fitted to.
	if len(l.Rivals) < 5 {
		t.Fatalf("%d published figures", len(l.Rivals))
	}
	for _, f := range l.Rivals[:5] {
		ours, err := l.Ours(f)
		if err != nil || math.Abs(ours[period.Possible]/f.Value-1) > 0.25 || ours[period.Certain] > ours[period.Possible] {
			t.Errorf("%s: %s says %v km², ours is %v (%v)", f.Date, f.Publisher, f.Value, ours, err)
		}
	}
}

func TestRivals(t *testing.T) {
	area := collection(square("a", `"start":"2014-06-10","end":"2016"`))
	sidecar := "metric: area\nrivals: figures.csv\n"
	for _, c := range []struct {
		name, csv string
		want      []string
		figures   int
	}{
		{"good, in another order, with a mark", "\xef\xbb\xbfvalue,publisher,date\n12000,A,2016\n1.5,\"B, C\",2015-01~\n", nil, 2},
		{"no header", "2015,1,x,y\n", []string{"figures.csv:1:1: published figure can't be read: the first line must name the columns date, value, publisher, url; date is missing"}, 0},
		{"bad date", "date,value\n2015-13,1\n2015,2\n", []string{"figures.csv:2:1: published figure can't be read: date"}, 1},
		{"bad number", "date,value,url\n2015,many,x\n2015,NaN,x\n2015\n2016,3,\n", []string{
			`figures.csv:2:6: published figure can't be read: value "many" is no number`,
			`figures.csv:3:6: published figure can't be read: value "NaN" is no number`,
			`figures.csv:4:1: published figure can't be read: value "" is no number`,
		}, 1},
		{"bad quotes", "date,value\n2015,1\n2016,\"2\n2017,3\n", []string{`figures.csv:4:8: published figure can't be read: extraneous`}, 1},
		{"empty", "", nil, 0},
	} {
		s, problems := layers.Load(folder(map[string]string{"a.geojson": area, "a.yaml": sidecar, "figures.csv": c.csv}))
		if got := s.Layers[0].Rivals; len(got) != c.figures {
			t.Errorf("%s: %d figures, want %d", c.name, len(got), c.figures)
		}
		for i, p := range problems {
			if i >= len(c.want) || !strings.HasPrefix(p.String(), c.want[i]) || p.Layer != "a" {
				t.Errorf("%s: %s (of layer %q)", c.name, p, p.Layer)
			}
		}
		if len(problems) < len(c.want) {
			t.Errorf("%s: %d problems, want %d", c.name, len(problems), len(c.want))
		}
	}
	_, problems := layers.Load(folder(map[string]string{"a.geojson": area, "a.yaml": sidecar}))
	if d := cmp.Diff([]string{"a.yaml:2:9: setting can't be read: rivals: figures.csv: can't be read: file does not exist"}, texts(problems)); d != "" {
		t.Error(d)
	}
	// Its content is part of the revision.
	with := func(csv string) string {
		s, _ := layers.Load(folder(map[string]string{"a.geojson": area, "a.yaml": sidecar, "figures.csv": csv}))
		return s.Revision
	}
	if with("date,value\n2015,1\n") == with("date,value\n2015,2\n") {
		t.Error("the figures changed, the revision did not")
	}
	s := load(t, map[string]string{"a.geojson": area, "a.yaml": sidecar, "figures.csv": "date,value,publisher,url\n2015,12000,P,https://example.org\n2013,1,P,\n"})
	if ours, err := s.Layers[0].Ours(s.Layers[0].Rivals[1]); err != nil || math.Abs(ours[0]-12308.5) > 1 {
		t.Errorf("ours: %v, %v", ours, err)
	}
	if ours, err := s.Layers[0].Ours(s.Layers[0].Rivals[0]); err != nil || ours[0] != 0 {
		t.Errorf("ours in 2013: %v, %v", ours, err)
	}
}

func TestVersions(t *testing.T) {
	files := map[string]string{
		"towns.geojson": collection(
			town("a-3", `"place":"a","start":"2016"`), town("a-1", `"place":"a","end":"2014"`), town("a-2", `"place":"a","start":"2015","end":"2015"`),
			town("b", `"place":null,"start":"2015"`), town("seven", `"place":7`),
		),
		"towns.yaml": "identity: place\n",
	}
	ids := func(l *layers.Layer, id string) (out []string) {
		f, err := l.Feature(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		versions, err := l.Versions(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range versions {
			out = append(out, v.ID.String())
		}
		return out
	}
	l := load(t, files).Layers[0]
	for id, want := range map[string]string{"a-1": "a-1 a-2 a-3", "a-3": "a-1 a-2 a-3", "b": "b", "seven": "seven"} {
		if got := strings.Join(ids(l, id), " "); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	delete(files, "towns.yaml")
	if got := ids(load(t, files).Layers[0], "a-1"); len(got) != 1 {
		t.Errorf("without identity: %v", got)
	}
}
