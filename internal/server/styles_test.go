package server_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kharita/internal/maplibre"
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
