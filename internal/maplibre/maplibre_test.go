package maplibre_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/maplibre"
)

// places has a polygon, a line and two points, all dated.
const places = `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[40,30],[44,30],[44,34],[40,34],[40,30]]]},"properties":{"name":"A","kind":"x","start":"2014","end":"2016~"}},
{"type":"Feature","geometry":{"type":"LineString","coordinates":[[40,30],[44,34]]},"properties":{"name":"B","kind":"y","start":"2014","end":"2016"}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[42,32]},"properties":{"name":"C","kind":"z","rank":3,"metres":1000,"start":"2014","end":"2016"}}
]}`

// styleOf compiles the layer that has the given style in its sidecar.
func styleOf(t *testing.T, sidecar string, change func(*maplibre.Map)) (maplibre.Document, maplibre.Icons) {
	t.Helper()
	snapshot, problems := layers.Load(fstest.MapFS{
		"places.geojson": {Data: []byte(places)}, "places.yaml": {Data: []byte(sidecar)},
	})
	for _, p := range problems {
		t.Fatal(p)
	}
	m := maplibre.Map{
		Scheme: maplibre.Light, Languages: []string{"en"}, Time: mustParse(t, "2015"), Sprite: "s", Glyphs: "g",
		Data: maplibre.Source{Layers: []maplibre.Layer{{Layer: snapshot.Layers[0], Labels: true}}},
	}
	if change != nil {
		change(&m)
	}
	return m.Style()
}

func mustParse(t *testing.T, edtf string) period.Period {
	t.Helper()
	v, err := period.Parse(edtf)
	if err != nil {
		t.Fatal(err)
	}
	return v.Possible
}

// compact is v as JSON in which quotes are single.
func compact(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), `"`, "'")
}

// TestValues reads single values of the layers that a style becomes.
func TestValues(t *testing.T) {
	const byKind = "{by: kind, values: {x: '#110000', y: '#220000'}, other: {light: '#330000', dark: '#440000'}}"
	for _, c := range []struct{ name, style, layer, key, want string }{
		{"fixed", "{kind: fill, color: '#123456'}", "places", "paint.fill-color", "'#123456'"},
		{"by property", "{kind: fill, color: " + byKind + "}", "places", "paint.fill-color", "['match',['get','kind'],['x'],'#110000',['y'],'#220000','#330000']"},
		{"number as text", "{kind: fill, opacity: {by: rank, values: {3: 1}, other: 0.5}}", "places", "paint.fill-opacity", "['match',['to-string',['get','rank']],['3'],1,0.5]"},
		{"cases that agree", "{kind: fill, opacity: {by: kind, values: {x: 1, y: 1, z: 0.5}, other: 0.5}}", "places", "paint.fill-opacity", "['match',['get','kind'],['x','y'],1,0.5]"},
		{"no case differs", "{kind: fill, opacity: {by: kind, values: {x: 0.5}, other: 0.5}}", "places", "paint.fill-opacity", "0.5"},
		{"half as opaque where uncertain", "{kind: fill, opacity: 0.4}", "places:possible", "paint.fill-opacity", "0.2"},
		{"as the sidecar says where uncertain", "{kind: fill, opacity: 0.4, uncertain: {opacity: 0.1, outline: dotted}}", "places:possible:outline", "paint.line-dasharray", "[0,3.6]"},
		{"two properties", "{kind: fill, pattern: {by: kind, values: {x: dots}, other: none}, color: {by: rank, values: {3: '#111111'}, other: '#222222'}}", "places:pattern", "paint.fill-pattern", "['match',['get','kind'],['x'],['match',['to-string',['get','rank']],['3'],'dots-111111','dots-222222'],'']"},
		{"pattern of some", "{kind: fill, pattern: {by: kind, values: {x: dots}, other: none}}", "places:pattern", "filter.2", "['match',['get','kind'],['x'],true,false]"},
		{"dash", "{kind: line, width: 2, outline: {dash: dashed}}", "places:line", "paint.line-dasharray", "[3.5,2.5]"},
		{"dash of some", "{kind: line, width: 2, outline: {dash: {by: kind, values: {y: dotted}, other: solid}}}", "places:line:dotted", "filter.2", "['match',['get','kind'],['y'],true,false]"},
		{"merged areas have no borders inside", "{kind: fill, merge: true}", "places", "paint.fill-antialias", "false"},
		{"nor in QGIS, which outlines them in this colour", "{kind: fill, merge: true}", "places", "paint.fill-outline-color", "'rgba(0, 0, 0, 0)'"},
		{"symbol", "{kind: circle, shape: square, size: 9, color: '#123456'}", "places:point", "layout.icon-image", "'square-9-123456-1'"},
		{"zoom of a label", "{kind: circle, label: {minzoom: 7}}", "places:name", "minzoom", "6"},
		{"zoom of some labels", "{kind: circle, label: {minzoom: {by: kind, values: {x: 5}, other: 9}}}", "places:name:5", "filter.2", "['match',['get','kind'],['x'],true,false]"},
		{"important labels first", "{kind: circle, label: {rank: rank}}", "places:name", "layout.symbol-sort-key", "['-',0,['to-number',['get','rank'],0]]"},
		{"weight", "{kind: circle, label: {weight: {by: kind, values: {x: 600}, other: 400}}}", "places:name", "layout.text-font", "['match',['get','kind'],['x'],['literal',['Noto Sans SemiBold']],['literal',['Noto Sans Regular']]]"},
		{"spaced", "{kind: fill, label: {spaced: true}}", "places:label", "layout.text-transform", "'uppercase'"},
		{"label points", "{kind: fill, label: {size: 15}}", "places:label", "source-layer", "'places:label'"},
		{"along a line", "{kind: line, label: {size: 15}}", "places:along", "layout.symbol-placement", "'line'"},
		{"on the ground", "{kind: circle, radius: metres}", "places:radius", "paint.circle-color", "'#0072b2'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, _ := styleOf(t, "style: "+c.style+"\n", nil)
			if got := compact(t, at(t, layerOf(t, doc, c.layer), c.key)); got != c.want {
				t.Errorf("%s of %s is %s, want %s", c.key, c.layer, got, c.want)
			}
		})
	}
}

// layerOf returns the layer of that id as JSON has it.
func layerOf(t *testing.T, doc maplibre.Document, id string) map[string]any {
	t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var plain struct{ Layers []map[string]any }
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range plain.Layers {
		if l["id"] == id {
			return l
		}
		ids = append(ids, l["id"].(string))
	}
	t.Fatalf("no layer %s among %s", id, ids)
	return nil
}

// at follows a path of names and numbers.
func at(t *testing.T, v any, path string) any {
	t.Helper()
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			v = in[int(step[0]-'0')]
		default:
			t.Fatalf("nothing at %s of %s", step, path)
		}
	}
	return v
}

// TestTime holds that the two readings of a time are told apart as the page does.
func TestTime(t *testing.T) {
	const certain = "['all',['any',['!',['has','certain_from']],['!',['has','certain_until']],['<',['get','certain_from'],['get','certain_until']]]," +
		"['any',['!',['has','certain_from']],['<',['get','certain_from'],1451606399999.5]],['any',['!',['has','certain_until']],['>',['get','certain_until'],1420070400000.5]]]"
	const possible = "['any',['all',['has','certain_from'],['has','certain_until'],['>=',['get','certain_from'],['get','certain_until']]]," +
		"['all',['has','certain_from'],['>',['get','certain_from'],1451606399999.5]],['all',['has','certain_until'],['<',['get','certain_until'],1420070400000.5]]]"
	doc, _ := styleOf(t, "style: {kind: fill}\n", nil)
	if got := compact(t, layerOf(t, doc, "places")["filter"]); !strings.HasPrefix(got, "['all',"+certain) {
		t.Errorf("certain: %s", got)
	}
	if got := compact(t, layerOf(t, doc, "places:possible")["filter"]); !strings.HasPrefix(got, "['all',"+possible) {
		t.Errorf("possible: %s", got)
	}
	if got := doc.Metadata["kharita:datetime"]; got != "2015" {
		t.Errorf("time %v", got)
	}
	doc, _ = styleOf(t, "style: {kind: fill, opacity: 0.5}\n", func(m *maplibre.Map) { m.Time, m.Certain = period.Period{}, true })
	if got := compact(t, at(t, layerOf(t, doc, "places"), "paint.fill-opacity")); got != "0.3" {
		t.Errorf("all times at once: opacity %s, want 0.3", got)
	}
	for _, l := range doc.Layers {
		if strings.Contains(l.ID, "possible") {
			t.Errorf("layer %s of what only possibly holds, in a style of what is certain", l.ID)
		}
	}
}

// TestOutlineOfTime holds that merged areas are outlined by the borders beyond which nothing
// holds in all of the time shown, of what is certain and of what is possible.
func TestOutlineOfTime(t *testing.T) {
	const year = "['all',['any',['!',['has','alone_from']],['<',['get','alone_from'],1420070400000.5]],['any',['!',['has','alone_until']],['>',['get','alone_until'],1451606399999.5]]]"
	const always = "['all',['!',['has','alone_from']],['!',['has','alone_until']]]"
	for want, at := range map[string]period.Period{year: mustParse(t, "2015"), always: {}} {
		doc, _ := styleOf(t, "style: {kind: fill, merge: true}\n", func(m *maplibre.Map) {
			m.Time, m.Data.Layers[0].Borders = at, true
		})
		for id, readings := range map[string]string{"places:outline": "['both','certain']", "places:possible:outline": "['possible']"} {
			l := layerOf(t, doc, id)
			if l["source-layer"] != "places:border" {
				t.Errorf("%s is of %v", id, l["source-layer"])
			}
			if got, want := compact(t, l["filter"]), "['all',['match',['get','reading'],"+readings+",true,false],"+want+"]"; got != want {
				t.Errorf("%s: %s\nwant %s", id, got, want)
			}
		}
	}
}

// TestArabic holds that letters which join are not set apart.
func TestArabic(t *testing.T) {
	doc, _ := styleOf(t, "name: {en: name, ar: kind}\nstyle: {kind: fill, label: {spaced: true}}\n", func(m *maplibre.Map) {
		m.Languages, m.RightToLeft = []string{"ar", "en"}, true
	})
	layout := layerOf(t, doc, "places:label")["layout"].(map[string]any)
	if layout["text-transform"] != nil || layout["text-letter-spacing"] != nil {
		t.Errorf("spaced: %v", layout)
	}
	if got, want := compact(t, layout["text-field"]), "['coalesce',['get','kind'],['get','name']]"; got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	doc, _ = styleOf(t, "name: {en: name, ar: kind}\nstyle: {kind: fill, label: {}}\n", func(m *maplibre.Map) {
		m.Languages, m.Data.Layers[0].Full = []string{"ar", "en"}, []string{"kind"}
	})
	if got, want := compact(t, at(t, layerOf(t, doc, "places:label"), "layout.text-field")), "['get','kind']"; got != want {
		t.Errorf("names that all features have %s, want %s", got, want)
	}
}

func TestOff(t *testing.T) {
	doc, _ := styleOf(t, "style: {kind: fill, label: {size: 12}}\n", func(m *maplibre.Map) { m.Data.Layers[0].Off = true })
	for _, l := range doc.Layers {
		if l.Source != "" && l.Layout["visibility"] != "none" {
			t.Errorf("layer %s can be seen", l.ID)
		}
	}
}

// TestSprite draws every shape, dash and pattern and looks at single pixels.
func TestSprite(t *testing.T) {
	icons := maplibre.Icons{
		"solid":  {Shape: "circle", Size: 10, Color: "#ff0000", Opacity: 1, Halo: "#ffffff"},
		"half":   {Shape: "square", Size: 10, Color: "#000000", Opacity: 0.7, Halo: "#ffffff"},
		"ring":   {Shape: "ring", Size: 16, Color: "#ff0000", Opacity: 1, Halo: "#00ff00"},
		"double": {Shape: "double-ring", Size: 16, Color: "#ff0000", Opacity: 1, Halo: "#00ff00"},
		"up":     {Shape: "triangle", Size: 20, Color: "#ff0000", Opacity: 1, Halo: "#ff0000"},
		"lozenge": {
			Shape: "diamond", Size: 20, Color: "#ff0000", Opacity: 1, Halo: "#ff0000", Outline: "#0000ff", Width: 2, Dash: "dashed", Uncertain: true,
		},
		"hatch": {Pattern: "hatch", Color: "#ff0000", Opacity: 1}, "dots": {Pattern: "dots", Color: "#ff0000", Opacity: 1},
		"cross": {Pattern: "cross", Color: "#ff0000", Opacity: 1},
	}
	for _, ratio := range []int{1, 2} {
		index, sheet, err := icons.Sprite(ratio)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		// pixel is that at x, y from the middle of an icon, in pixels of a ratio of 1.
		pixel := func(name string, x, y float64) string {
			p := index[name]
			r, g, b, a := img.At(p.X+int((float64(p.Width)/2)+x*float64(ratio)), p.Y+int(float64(p.Height)/2+y*float64(ratio))).RGBA()
			return strings.Join([]string{letter(r, "r"), letter(g, "g"), letter(b, "b"), letter(a, "a")}, "")
		}
		got := map[string]string{}
		for place, at := range map[string]struct {
			icon string
			x, y float64
		}{
			"middle of a circle": {"solid", 0, 0}, "corner of a circle's box": {"solid", -6.5, -6.5}, "middle of a see-through square": {"half", 0, 0},
			"middle of a ring": {"ring", 0, 0}, "ring": {"ring", -7, 0}, "middle of a double ring": {"double", 0, 0}, "between its rings": {"double", -5, 0},
			"top of a triangle": {"up", 0, -9}, "beside its top": {"up", -8, -9}, "right corner of a diamond": {"lozenge", 11.3, 0},
			"diagonal of a hatch": {"hatch", 1.5, -2}, "beside it": {"hatch", 3, -0.5}, "other diagonal of a hatch": {"hatch", 2, 2}, "other diagonal of a cross": {"cross", 2, 2}, "dot": {"dots", 1.9, 1.9},
		} {
			got[place] = pixel(at.icon, at.x, at.y)
		}
		want := map[string]string{
			"middle of a circle": "R--A", "corner of a circle's box": "----", "middle of a see-through square": "rgbA",
			"middle of a ring": "-G-A", "ring": "R--A", "middle of a double ring": "R--A", "between its rings": "-G-A",
			"top of a triangle": "R--A", "beside its top": "----", "right corner of a diamond": "--BA",
			"diagonal of a hatch": "R--A", "beside it": "----", "other diagonal of a hatch": "----", "other diagonal of a cross": "R--A", "dot": "R--A",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ratio %d (-want +got):\n%s", ratio, diff)
		}
		for name, p := range index {
			if p.PixelRatio != ratio || p.Width < 8*ratio || p.X+p.Width > img.Bounds().Dx() || p.Y+p.Height > img.Bounds().Dy() {
				t.Errorf("%s lies at %+v in a sheet of %v", name, p, img.Bounds())
			}
		}
	}
}

// letter tells how much of a colour there is: all (R), some (r) or hardly any (-).
func letter(v uint32, name string) string {
	switch {
	case v > 0x8000:
		return strings.ToUpper(name)
	case v > 0x2000:
		return name
	}
	return "-"
}

// TestNameOnce: a name of the base map is left to a layer above from the zoom on at
// which that writes it, nearby and at the time shown; elsewhere it stays.
func TestNameOnce(t *testing.T) {
	const point = `{"type":"Feature","geometry":{"type":"Point","coordinates":[%s]},"properties":{%s}}` + "\n"
	towns := fmt.Sprintf(point, "43,36", `"name":"A"`) + fmt.Sprintf(point, "40,36", `"name":"B"`) + fmt.Sprintf(point, "41,36", `"name":"C"`) + fmt.Sprintf(point, "42,36", `"name":"D"`)
	held := fmt.Sprintf(point, "43.1,36.1", `"name":"A","kind":"city","start":"2015"`) + // the same
		fmt.Sprintf(point, "42,36", `"name":"B","kind":"city","start":"2015"`) + // far off
		fmt.Sprintf(point, "41,36", `"name":"C","kind":"city","start":"2016"`) + // later
		fmt.Sprintf(point, "42,36", `"name":"D","kind":"town","start":"2015"`) // from another zoom on
	snapshot, problems := layers.Load(fstest.MapFS{
		"towns.geojsonl": {Data: []byte(towns)}, "towns.yaml": {Data: []byte("style: {kind: circle, label: {}}\n")},
		"held.geojsonl": {Data: []byte(held)}, "held.yaml": {Data: []byte("style: {kind: circle, label: {minzoom: {by: kind, values: {city: 7}, other: 9}}}\n")},
	})
	for _, p := range problems {
		if p.Grade != layers.Advice {
			t.Fatal(p)
		}
	}
	one := func(id string) maplibre.Source {
		l, _ := snapshot.Layer(id)
		return maplibre.Source{Layers: []maplibre.Layer{{Layer: l}}}
	}
	for _, c := range []struct {
		off  bool
		want string
	}{
		{false, "['all',['any',['<',['zoom'],6],['match',['get','name'],['A'],false,true]],['any',['<',['zoom'],8],['match',['get','name'],['D'],false,true]]]"},
		{true, "null"},
	} {
		m := maplibre.Map{Time: mustParse(t, "2015"), Base: one("towns"), Data: one("held")}
		m.Data.Layers[0].Off = c.off
		if err := m.NameOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		doc, _ := m.Style()
		if got := compact(t, layerOf(t, doc, "towns:name")["filter"]); got != c.want {
			t.Errorf("off %t: got %s, want %s", c.off, got, c.want)
		}
	}
}
