package server_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"kharita/internal/layers"
	"kharita/internal/maplibre"
	"kharita/internal/server"
)

type styleDoc struct {
	Name, Glyphs, Sprite string
	Sources              map[string]struct{ Tiles []string }
	Layers               []struct {
		ID, Source string
		Layout     map[string]any
	}
}

func TestStyles(t *testing.T) {
	s := newServer(t)
	list := decode[struct {
		Default string
		Styles  []struct {
			ID, Title string
			Links     []struct{ Href, Rel, Type string }
		}
	}](t, get(t, s, "/styles?lang=ar"))
	var ids []string
	for _, style := range list.Styles {
		ids = append(ids, style.ID+" "+style.Title)
		for _, l := range style.Links {
			r := get(t, s, strings.TrimPrefix(l.Href, "http://example.com"))
			if got, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); r.StatusCode != http.StatusOK || got != l.Type {
				t.Errorf("%s: %d %s, want %s", l.Href, r.StatusCode, got, l.Type)
			}
		}
	}
	if got, want := strings.Join(ids, ", "), "atlas اختبار, atlas.dark اختبار (داكن), towns بلدات, towns.dark بلدات (داكن), areas areas, areas.dark areas (داكن)"; got != want || list.Default != "atlas" {
		t.Errorf("styles %s, want %s", got, want)
	}
}

// TestStyleTime holds that a style's tiles are those of the time asked for.
func TestStyleTime(t *testing.T) {
	s := newServer(t)
	style := decode[styleDoc](t, get(t, s, "/styles/atlas?datetime=2015&certainty=certain&f=mapbox"))
	u, err := url.Parse(style.Sources["atlas"].Tiles[0])
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("datetime") != "2015" || q.Get("certainty") != "certain" || q.Get("collections") != "towns,areas" {
		t.Errorf("tiles at %s", u)
	}
	target := strings.NewReplacer("{z}", "0", "{y}", "0", "{x}", "0").Replace(u.Path) + "?" + u.RawQuery
	if r := get(t, s, target); r.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", target, r.StatusCode)
	}
	if got := get(t, s, "/styles/atlas?datetime=nonsense").StatusCode; got != http.StatusBadRequest {
		t.Errorf("nonsense: %d", got)
	}
	for _, target := range []string{"/styles/nowhere", "/sprites/nowhere.png", "/sprites/atlas.gif", "/styles/nowhere/metadata"} {
		if got := get(t, s, target).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", target, got)
		}
	}
}

// TestTilesOfStyle: a style names the layers of a tile as collections does.
func TestTilesOfStyle(t *testing.T) {
	s := newServer(t)
	for style, layers := range map[string]string{"atlas": "towns,areas", "areas.dark": "areas"} {
		want := body(t, get(t, s, "/tiles/WebMercatorQuad/0/0/0?datetime=2015&collections="+layers))
		if got := body(t, get(t, s, "/tiles/WebMercatorQuad/0/0/0?datetime=2015&style="+style)); len(want) == 0 || !bytes.Equal(got, want) {
			t.Errorf("style %s: %d bytes, layers %s: %d", style, len(got), layers, len(want))
		}
		if got := string(body(t, get(t, s, "/tiles/WebMercatorQuad?f=tilejson&style="+style))); !strings.Contains(got, "style="+style) {
			t.Errorf("tiles of another: %s", got)
		}
	}
	for _, query := range []string{"style=nowhere", "style=atlas&collections=areas"} {
		if r := get(t, s, "/tiles/WebMercatorQuad/0/0/0?"+query); r.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", query, r.Status)
		}
	}
}

// mergedAreas are two areas side by side, the first held from 2013 to 2015, the other from 2014 on.
const mergedAreas = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"l","geometry":{"type":"Polygon","coordinates":[[[40,30],[42,30],[42,34],[40,34],[40,30]]]},"properties":{"start":"2013","end":"2015"}},
{"type":"Feature","id":"r","geometry":{"type":"Polygon","coordinates":[[[42,30],[44,30],[44,34],[42,34],[42,30]]]},"properties":{"start":"2014"}}
]}`

// newMerged returns a server of mergedAreas, which further lines of their sidecar describe,
// in an atlas of which atlas.yaml has the given lines.
func newMerged(t *testing.T, sidecar, atlas string) *server.Server {
	t.Helper()
	snapshot, problems := layers.Load(fstest.MapFS{
		"held.geojson": {Data: []byte(mergedAreas)},
		"held.yaml":    {Data: []byte("time: {start: start, end: end}\nstyle: {kind: fill, merge: true}\n" + sidecar)},
		"atlas.yaml":   {Data: []byte(atlas)},
	})
	for _, p := range problems {
		t.Log(p)
	}
	s, err := server.New(server.Config{Snapshot: snapshot, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOutlineOfStyle: tiles as a style asks for them have the borders of merged areas, and
// epochs that end where these change; others have neither.
func TestOutlineOfStyle(t *testing.T) {
	s, bordered := newMerged(t, "", ""), newMerged(t, "tile: {borders: true}\n", "")
	var u *url.URL
	for id, source := range decode[styleDoc](t, get(t, s, "/styles/held?datetime=2014-06-01")).Sources {
		var err error
		if u, err = url.Parse(source.Tiles[0]); err != nil || id != "atlas" {
			t.Fatal(id, err)
		}
	}
	if got := u.Query().Get("collections"); got != "held,held:border" {
		t.Errorf("the style asks for %s", got)
	}
	for _, grid := range []string{"WebMercatorQuad/3/3/4", "WorldCRS84Quad/2/1/4"} {
		at := "/tiles/" + grid + "?"
		for _, date := range []string{"datetime=2013-06-01", "datetime=2014-06-01", "datetime=2020", "certainty=certain", "filter=start%3C'2014'"} {
			want := body(t, get(t, bordered, at+date))
			for _, query := range []string{"style=held", "style=atlas", "collections=held,held:border"} {
				if got := body(t, get(t, s, at+date+"&"+query)); len(want) == 0 || !bytes.Equal(got, want) {
					t.Errorf("%s%s: %d bytes with %s, want %d", at, date, len(got), query, len(want))
				}
			}
			plain := body(t, get(t, s, at+date))
			if bytes.Contains(plain, []byte(":border")) || !bytes.Equal(plain, body(t, get(t, s, at+date+"&collections=held"))) {
				t.Errorf("%s%s has borders", at, date)
			}
		}
		if got := string(body(t, get(t, s, at+"f=geojson&collections=held,held:border"))); got != string(body(t, get(t, s, at+"f=geojson"))) {
			t.Errorf("features of %s: %s", grid, got)
		}
	}
	for query, want := range map[string]bool{"style=held": true, "style=atlas": true, "collections=held:border": true, "": false} {
		text := string(body(t, get(t, s, "/tiles/WebMercatorQuad?f=tilejson&"+query)))
		if got := strings.Contains(text, `"id":"held:border"`); got != want {
			t.Errorf("%s: borders %t", query, got)
		}
	}
	if r := get(t, bordered, "/tiles/WebMercatorQuad/3/3/4?collections=held:border"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("borders that come with their layer: %s", r.Status)
	}
}

// TestTimeOfStyle: without datetime a style and the tiles that are asked for by it show the
// time at which the page starts, other tiles all times.
func TestTimeOfStyle(t *testing.T) {
	s := newMerged(t, "", "view: {time: 2013}\n")
	if got := string(body(t, get(t, s, "/styles/held"))); !strings.Contains(got, "datetime=2013-01-01%2F2013-12-31") {
		t.Errorf("no time: %s", got)
	}
	const at = "/tiles/WebMercatorQuad/3/3/4?"
	for _, form := range []string{"", "f=geojson&"} {
		early := body(t, get(t, s, at+form+"style=held&datetime=2013"))
		if got := body(t, get(t, s, at+form+"style=held")); !bytes.Equal(got, early) {
			t.Errorf("%s: %q, want %q", form, got, early)
		}
		if got := body(t, get(t, s, at+form+"collections=held,held:border")); bytes.Equal(got, early) {
			t.Errorf("%s: all times are those of 2013", form)
		}
	}
}

// TestSpriteHasAllImages asks for each image that a style names.
func TestSpriteHasAllImages(t *testing.T) {
	s := newServer(t)
	style := decode[styleDoc](t, get(t, s, "/styles/atlas"))
	for _, ratio := range []string{"", "@2x"} {
		index := decode[map[string]maplibre.Place](t, get(t, s, style.Sprite+ratio+".json"))
		if len(index) == 0 {
			t.Fatal("no images")
		}
		r := get(t, s, style.Sprite+ratio+".png")
		sheet, err := png.Decode(bytes.NewReader(body(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range style.Layers {
			if name, ok := l.Layout["icon-image"].(string); ok && index[name].Width == 0 {
				t.Errorf("layer %s: there is no image %s", l.ID, name)
			}
		}
		for name, p := range index {
			if p.X+p.Width > sheet.Bounds().Dx() || p.Y+p.Height > sheet.Bounds().Dy() {
				t.Errorf("image %s lies outside", name)
			}
		}
	}
}

func TestGlyphs(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		target string
		status int
		some   bool
	}{
		{"/glyphs/Noto%20Sans%20Regular/0-255.pbf", 200, true},
		{"/glyphs/Noto%20Sans%20SemiBold/1536-1791.pbf", 200, true},
		{"/glyphs/Unknown%20Font,Noto%20Sans%20Regular/65024-65279.pbf", 200, true},
		{"/glyphs/Noto%20Sans%20Regular/19968-20223.pbf", 200, false}, // what the font has not is no error
		{"/glyphs/Unknown%20Font/0-255.pbf", 404, false},
		{"/glyphs/Noto%20Sans%20Regular/1-256.pbf", 404, false},
		{"/glyphs/Noto%20Sans%20Regular/0-511.pbf", 404, false},
		{"/glyphs/Noto%20Sans%20Regular/65536-65791.pbf", 404, false},
		{"/glyphs/Noto%20Sans%20Regular/x.pbf", 404, false},
	} {
		r := get(t, s, c.target)
		if b := body(t, r); r.StatusCode != c.status || c.status == 200 && (len(b) > 1000) != c.some {
			t.Errorf("%s: %d, %d bytes", c.target, r.StatusCode, len(b))
		}
	}
}

// TestStyleLinks holds that clients find the styles.
func TestStyleLinks(t *testing.T) {
	s := newServer(t)
	for target, rel := range map[string]string{"/?f=json": "http://www.opengis.net/def/rel/ogc/1.0/styles"} {
		var found bool
		doc := decode[map[string]json.RawMessage](t, get(t, s, target))
		var links []struct{ Href, Rel string }
		if err := json.Unmarshal(doc["links"], &links); err != nil {
			t.Fatal(err)
		}
		for _, l := range links {
			found = found || l.Rel == rel && strings.HasSuffix(l.Href, "/styles")
		}
		if !found {
			t.Errorf("%s has no link %s", target, rel)
		}
	}
}
