//go:build clients && qgis

package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is the interpreter that Debian's python3-qgis is for.
const python = "/usr/bin/python3"

// qgis has QGIS do a job of testdata/ask_qgis.py.
func qgis[T any](t *testing.T, job map[string]any) (answer T) {
	t.Helper()
	job["profile"] = t.TempDir()
	in, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), python, "testdata/ask_qgis.py")
	c.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "XDG_RUNTIME_DIR="+t.TempDir(), "LC_ALL=C.UTF-8")
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("QGIS: %v (is python3-qgis installed? make qgis does it)\n%.2000s", err, stderr.String())
	}
	d := json.NewDecoder(&stdout)
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("QGIS: %v\n%.2000s", err, stderr.String())
	}
	return answer
}

// layerOf is a layer as QGIS has it.
type layerOf struct {
	Error    string
	Count    int
	Types    map[string]string
	Features []feature
}

// qgisLayer reads a layer; more says what of it.
func qgisLayer(t *testing.T, server, layer string, more map[string]any) layerOf {
	t.Helper()
	job := map[string]any{"do": "features", "server": server, "layer": layer, "page": 1000}
	for k, v := range more {
		job[k] = v
	}
	l := qgis[layerOf](t, job)
	if l.Error != "" {
		t.Fatalf("%s: %s", layer, l.Error)
	}
	for i := range l.Features { // QGIS has no ids but its own; ours is a column
		l.Features[i].ID = l.Features[i].Properties["id"]
		delete(l.Features[i].Properties, "id")
	}
	return l
}

// TestQGISConnection: of a connection with only our address QGIS lists every layer.
func TestQGISConnection(t *testing.T) {
	t.Log(qgis[string](t, map[string]any{"do": "version"}))
	for _, server := range servers() {
		var got []string
		for _, uri := range qgis[[]string](t, map[string]any{"do": "connection", "server": server}) {
			got = append(got, regexp.MustCompile(`typename='([^']*)'`).FindStringSubmatch(uri)[1])
		}
		if d := cmp.Diff(got, layerIDs(t, server)); d != "" {
			t.Errorf("QGIS (-), we (+):\n%s", d)
		}
	}
}

// narrowed are the types that QGIS takes from the first ten features of a layer,
// and which are too narrow for later ones. It then reads less, as no other client does.
func narrowed(types map[string]string, want []feature) (names []string) {
	for name, kind := range types {
		for _, f := range want {
			v := f.Properties[name]
			_, isText := v.(string)
			n, isNumber := v.(json.Number)
			date := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
			if kind == "JSON" || // lists stay empty
				kind == "Date" && (!isText || !date.MatchString(v.(string))) && v != nil ||
				kind == "Integer" && isNumber && strings.ContainsAny(n.String(), ".e") {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// single is the part of a geometry of several that has one: of a layer that has
// both, QGIS makes several of all.
func single(v any) any {
	g, ok := v.(map[string]any)
	if !ok {
		return v
	}
	kind, several := strings.CutPrefix(fmt.Sprint(g["type"]), "Multi")
	parts, _ := g["coordinates"].([]any)
	if !several || len(parts) != 1 {
		return v
	}
	return map[string]any{"type": kind, "coordinates": parts[0]}
}

// TestQGISFeatures: page after page, QGIS reads what our own files hold, with the
// ends of valid time as date-times.
func TestQGISFeatures(t *testing.T) {
	for _, id := range layerIDs(t, atlas) {
		t.Run(id, func(t *testing.T) {
			want := withEnds(download(t, atlas, id, ""))
			got := qgisLayer(t, atlas, id, map[string]any{"page": 1 + len(want)/3})
			if got.Count != len(want) {
				t.Errorf("QGIS counts %d features, we have %d", got.Count, len(want))
			}
			for _, name := range []string{"valid_from", "valid_until"} {
				if some := slices.ContainsFunc(want[:min(10, len(want))], func(f feature) bool { return f.Properties[name] != nil }); some && got.Types[name] != "DateTime" {
					t.Errorf("%s is %q, want DateTime", name, got.Types[name])
				}
			}
			lost := narrowed(got.Types, want)
			for _, list := range [][]feature{got.Features, want} {
				for i := range list {
					list[i].Geometry = single(list[i].Geometry)
					for _, name := range lost {
						delete(list[i].Properties, name)
					}
					for name := range list[i].Properties {
						if _, known := got.Types[name]; !known { // none of the first ten has it
							delete(list[i].Properties, name)
						}
					}
				}
			}
			same(t, got.Features, want)
		})
	}
}

// TestQGISFilters: QGIS asks for boxes and times, and finds what there is.
func TestQGISFilters(t *testing.T) {
	for _, c := range []struct {
		name, layer string
		job         map[string]any
		sent        url.Values // beside limit
		query       string     // the same to our downloads
	}{
		{"box", "settlements", map[string]any{"box": []float64{43, 36, 44, 37}}, url.Values{"bbox": {"43,36,44,37"}}, "?bbox=43,36,44,37"},
		{"text", "settlements", map[string]any{"filter": "kind = 'city'"}, url.Values{}, filter("kind = 'city'")},
		{"truth value", "settlements", map[string]any{"filter": "to_string(verified) = 'true'"}, url.Values{}, filter("verified = true")},
		{"Arabic", "settlements", map[string]any{"filter": "name_ar = 'الموصل'"}, url.Values{}, filter("name_ar = 'الموصل'")},
		{
			"valid time", "isis-held",
			map[string]any{"filter": "valid_from <= '2014-12-31T23:59:59Z' AND valid_until >= '2014-06-01T00:00:00Z'"},
			url.Values{"datetime": {"2014-06-01T00:00:00Z/2014-12-31T23:59:59Z"}},
			"?datetime=2014-06/2014",
		},
		{"temporal controller", "isis-held", map[string]any{"time": []string{"2015-06-01T00:00:00Z", "2015-06-30T23:59:59Z"}}, url.Values{}, "?datetime=2015-06"},
		{"temporal controller, some without time", "settlements", map[string]any{"time": []string{"2017-01-01T00:00:00Z", "2017-12-31T23:59:59Z"}}, url.Values{}, "?datetime=2017"},
		{"temporal controller, open ends", "member-states", map[string]any{"time": []string{"2015-01-01T00:00:00Z", "2015-12-31T23:59:59Z"}}, url.Values{}, "?datetime=2015"},
	} {
		t.Run(c.name, func(t *testing.T) {
			front := record(t, atlas)
			var got, want []string
			l := qgisLayer(t, front.url, c.layer, c.job)
			for _, f := range l.Features {
				got = append(got, f.id())
			}
			if _, ok := c.job["filter"]; ok && l.Count != len(got) { // counted after, of what QGIS has kept
				t.Errorf("QGIS reads %d features, and counts %d", len(got), l.Count)
			}
			for _, f := range download(t, atlas, c.layer, c.query) {
				want = append(want, f.id())
			}
			slices.Sort(got)
			slices.Sort(want)
			if d := cmp.Diff(got, want); d != "" || len(want) == 0 {
				t.Errorf("got (-), want (+):\n%s", d)
			}
			asked := front.asked("/collections/" + c.layer + "/items")
			for _, q := range asked {
				q.Del("limit")
			}
			if !slices.ContainsFunc(asked, func(q url.Values) bool { return cmp.Equal(q, c.sent) }) {
				t.Errorf("sent %v, want %v among them", asked, c.sent)
			}
		})
	}
}

// TestQGISMap: QGIS draws tiles of a date with their style: land, water, and as
// much held ground as there was.
func TestQGISMap(t *testing.T) {
	folder := t.TempDir()
	if f := os.Getenv("KHARITA_PICTURES"); f != "" { // to look at
		folder = f
	}
	draw := func(date, lang string) (held int) {
		const land, water = "#f3efe6", "#c9dbe4"
		at := "datetime=" + date
		p := qgis[struct {
			Error  string
			Errors []string
			Colors map[string]int
			Labels []string
		}](t, map[string]any{
			"do": "picture", "box": []float64{36, 31, 48, 38}, "file": filepath.Join(folder, "qgis-"+date+"-"+lang+".png"),
			"tiles": atlas + "/tiles/WebMercatorQuad/{z}/{y}/{x}?style=atlas&" + at, "style": atlas + "/styles/atlas?lang=" + lang + "&" + at,
		})
		if p.Error != "" || len(p.Errors) > 0 {
			t.Fatalf("%s %v", p.Error, p.Errors)
		}
		if p.Colors[land] < 5000 || p.Colors[water] < 300 {
			t.Errorf("%s: %d pixels of land, %d of water", date, p.Colors[land], p.Colors[water])
		}
		if !slices.Contains(p.Labels, `"name_`+lang+`"`) || slices.Contains(p.Labels, "") {
			t.Errorf("%s: labels %q", lang, p.Labels)
		}
		for color, n := range p.Colors {
			var r, g, b int
			if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err != nil {
				t.Fatal(err)
			}
			if r < 0xa8 && g < 0xa8 && b < 0xa8 { // darker than all ground
				held += n
			}
		}
		return held
	}
	first, last := draw("2015-06-01", "en"), draw("2019-06-01", "ar")
	if first < 20_000 || last > first/5 {
		t.Errorf("%d dark pixels in 2015, %d in 2019", first, last)
	}
}
