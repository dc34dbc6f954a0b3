package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/encoding/mvt"

	"kharita/data/glyphs"
	"kharita/internal/layers"
	"kharita/internal/server"
)

// towns is five towns: held in 2014-2015, in all of 2016, from 2017 on, only
// some day in 2018, and without time.
const towns = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[43,36]},"properties":{"name_en":"A","name_ar":"ألف","start":"2014-06-10","end":"2015-03-31"}},
{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[44,35]},"properties":{"name_en":"B","start":"2016","end":"2016"}},
{"type":"Feature","id":"c/ج","geometry":{"type":"Point","coordinates":[-179.5,10]},"properties":{"name_en":"C","start":"2017-01-01"}},
{"type":"Feature","id":"d","geometry":{"type":"Point","coordinates":[179.5,10]},"properties":{"name_en":"D","start":"2018~","end":"2018~"}},
{"type":"Feature","id":"e","geometry":null,"properties":{"name_en":"E"}}
]}`

const areas = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"l","geometry":{"type":"Polygon","coordinates":[[[40,30],[44,30],[44,31],[41,31],[41,34],[40,34],[40,30]]]},"properties":{"name":"L"}}
]}`

func folder() fstest.MapFS {
	file := func(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }
	return fstest.MapFS{
		"towns.geojson": file(towns), "areas.geojson": file(areas),
		"towns.yaml": file("title: {en: Towns, ar: بلدات}\ntime: {start: start, end: end, ends: uncertain}\nlicence: {name: CC0, url: https://example.org}\n"),
		"areas.yaml": file("identity: {property: name}\n"),
		"atlas.yaml": file("title: {en: Test, ar: اختبار}\nlanguages: [en, ar]\nlayers: [towns, areas]\n"),
	}
}

func newServer(t *testing.T) *server.Server {
	t.Helper()
	snapshot, problems := layers.Load(folder())
	for _, p := range problems {
		t.Fatal(p)
	}
	s, err := server.New(server.Config{
		Snapshot: snapshot, Version: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Glyphs: glyphs.Files,
		Assets: fstest.MapFS{
			"index.html":        {Data: []byte(`<html lang="{{.Lang}}" dir="{{.Dir}}"><title>{{.Title}}</title>`)},
			"assets/main-1a.js": {Data: bytes.Repeat([]byte("let a = 1;\n"), 200)},
			"sw.js":             {Data: []byte("let b = 2;\n")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get asks s; headers alternate names and values.
func get(t *testing.T, s http.Handler, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode[T any](t *testing.T, r *http.Response) (v T) {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", r.StatusCode, body(t, r))
	}
	if err := json.Unmarshal(body(t, r), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

type page struct {
	Features []struct {
		ID         any
		Properties map[string]any
		Time       *struct{ Interval []string }
	}
	NumberMatched, NumberReturned int
	Links                         []struct{ Href, Rel string }
}

func (p page) ids() string {
	var b strings.Builder
	for _, f := range p.Features {
		fmt.Fprintf(&b, "%v ", f.ID)
	}
	return strings.TrimSpace(b.String())
}

func TestBadRequests(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		target string
		status int
		detail string
	}{
		{"/nowhere", 404, "page"},
		{"/collections/nope", 404, `layer "nope"`},
		{"/collections/towns/items/nope", 404, `feature "nope"`},
		{"/collections/nope/items?x=1", 400, "unknown parameter"},
		{"/collections/towns/items?foo=1", 400, `unknown parameter "foo"`},
		{"/collections/towns?foo=1", 400, `unknown parameter "foo"`},
		{"/conformance?f=xml", 400, "f=xml"},
		{"/collections/towns/items?limit=0", 400, "limit=0"},
		{"/collections/towns/items?limit=-3", 400, "limit=-3"},
		{"/collections/towns/items?limit=ten", 400, "limit=ten"},
		{"/collections/towns/items?limit=1&limit=2", 400, "twice"},
		{"/collections/towns/items?bbox=", 400, "bbox"},
		{"/collections/towns/items?bbox=1,2,3", 400, "bbox"},
		{"/collections/towns/items?bbox=1,2,3,NaN", 400, "no number"},
		{"/collections/towns/items?bbox=1,2,3,Inf", 400, "no number"},
		{"/collections/towns/items?bbox=1,20,3,4", 400, "south 20 is above north 4"},
		{"/collections/towns/items?bbox=1,2,300,4", 400, "-180 to 180"},
		{"/collections/towns/items?datetime=yesterday", 400, "yesterday"},
		{"/collections/towns/items?datetime=2015/2014", 400, ""},
		{"/collections/towns/items?datetime=../..", 400, ""},
		{"/collections/towns/items?datetime=", 400, ""},
		{"/collections/towns/items?certainty=maybe", 400, "certainty=maybe"},
		{"/collections/towns/items?after=x", 400, "cursor"},
		{"/collections/towns/items?after=", 400, "after"},
		{"/collections?lang=tlh", 400, "lang=tlh"},
		{"/tiles/WebMercatorQuad/0/0/0?collections=towns,nope", 400, `"nope"`},
		{"/tiles/Square/0/0/0", 404, "Square"},
		{"/tiles/WebMercatorQuad/0/1/0", 404, ""},
		{"/tiles/WorldCRS84Quad/0/1/0", 404, ""},
		{"/tiles/WorldCRS84Quad/0/0/2", 404, ""},
		{"/tiles/WorldCRS84Quad?f=tilejson", 400, "TileJSON is of WebMercatorQuad alone"},
		{"/collections/areas/changes/tiles/WorldCRS84Quad?from=2014&to=2015", 400, "TileJSON is of WebMercatorQuad alone"},
		{"/tiles/WebMercatorQuad/-1/0/0", 404, ""},
		{"/tiles/WebMercatorQuad/300/0/0", 404, ""},
		{"/tiles/WebMercatorQuad/1/x/0", 404, ""},
		{"/tiles/WebMercatorQuad/1/0.5/0", 404, ""},
		{"/tiles/WebMercatorQuad/99999999999999999999/0/0", 404, ""},
		{"/downloads/towns", 404, ""},
		{"/downloads/towns.exe", 404, ""},
		{"/downloads/nope.geojson", 404, ""},
		{"/downloads/towns.geojson?bbox=1", 400, ""},
		{"/assets/../go.mod", 404, ""},
	} {
		r := get(t, s, c.target)
		b := body(t, r)
		var p struct {
			Status        int
			Title, Detail string
		}
		if err := json.Unmarshal(b, &p); err != nil {
			t.Errorf("%s: %v in %s", c.target, err, b)
			continue
		}
		if r.StatusCode != c.status || p.Status != c.status || !strings.Contains(p.Detail, c.detail) || p.Detail == "" || p.Title == "" {
			t.Errorf("%s: got %d %+v, want %d %q", c.target, r.StatusCode, p, c.status, c.detail)
		}
		if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: content type %s", c.target, got)
		}
	}
}

func TestItems(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ query, want string }{
		{"", "a b c/ج d e"},
		{"?bbox=42,34,45,37", "a b e"},
		{"?bbox=42,34,0,45,37,100", "a b e"},
		{"?bbox=43,36,43,36", "a e"},
		{"?bbox=170,0,-170,20", "c/ج d e"}, // over the antimeridian
		{"?datetime=2014", "a e"},
		{"?datetime=2015-03-31", "a e"},
		{"?datetime=2015-04-01", "e"},
		{"?datetime=2015-03-31T23:59:59.999Z", "a e"},
		{"?datetime=2015-04-01T00:00:00Z", "e"},
		{"?datetime=2015-04-01T02:00:00%2B03:00", "a e"}, // still March in UTC
		{"?datetime=2015-04-01/2016-01-01", "b e"},
		{"?datetime=../2014-06-10", "a e"},
		{"?datetime=/2014-06-09", "e"},
		{"?datetime=2017/..", "c/ج d e"},
		{"?datetime=2017/", "c/ج d e"},
		{"?datetime=2018", "c/ج d e"},
		{"?datetime=2018&certainty=certain", "c/ج e"},
		{"?datetime=2016&certainty=possible", "b e"},
		{"?datetime=2016&certainty=certain", "e"}, // began and ended some day in 2016
		{"?datetime=2014&bbox=44,30,50,40", "e"},
	} {
		got := decode[page](t, get(t, s, "/collections/towns/items"+c.query))
		if got.ids() != c.want || got.NumberMatched != len(strings.Fields(c.want)) || got.NumberReturned != got.NumberMatched {
			t.Errorf("%s: got %q, matched %d, returned %d, want %q", c.query, got.ids(), got.NumberMatched, got.NumberReturned, c.want)
		}
	}
}

// TestBboxIsExact: the hook of the L-shaped area lies in its bound but not in it.
func TestBboxIsExact(t *testing.T) {
	s := newServer(t)
	for bbox, want := range map[string]int{"42,32,43,33": 0, "40.2,32,40.4,33": 1, "40.5,30.5,50,50": 1, "44,31,45,32": 1, "41.5,31.5,50,50": 0} {
		if got := decode[page](t, get(t, s, "/collections/areas/items?bbox="+bbox)); got.NumberMatched != want {
			t.Errorf("bbox=%s: got %d, want %d", bbox, got.NumberMatched, want)
		}
	}
}

func TestPaging(t *testing.T) {
	s := newServer(t)
	target, ids := "/collections/towns/items?limit=2", []string(nil)
	for pages := 0; target != ""; pages++ {
		if pages > 5 {
			t.Fatal("no end")
		}
		p := decode[page](t, get(t, s, target))
		if p.NumberMatched != 5 {
			t.Errorf("matched: got %d, want 5", p.NumberMatched)
		}
		ids = append(ids, p.ids())
		target = ""
		for _, l := range p.Links {
			if l.Rel == "next" {
				target = l.Href
			}
		}
	}
	if d := cmp.Diff([]string{"a b", "c/ج d", "e"}, ids); d != "" {
		t.Error(d)
	}
}

func TestItem(t *testing.T) {
	s := newServer(t)
	type feature struct {
		ID    string
		Time  struct{ Interval []string }
		Links []struct{ Href, Rel string }
	}
	got := decode[feature](t, get(t, s, "/collections/towns/items/"+url.PathEscape("c/ج")))
	if got.ID != "c/ج" || !cmp.Equal(got.Time.Interval, []string{"2017-01-01", ".."}) {
		t.Errorf("got %+v", got)
	}
	if again := decode[feature](t, get(t, s, got.Links[0].Href)); again.ID != got.ID {
		t.Errorf("self leads to %q", again.ID)
	}
}

func TestTiles(t *testing.T) {
	s := newServer(t)
	read := func(target string) map[string][]string {
		t.Helper()
		r := get(t, s, target)
		if r.StatusCode == http.StatusNoContent {
			return nil
		}
		if got := r.Header.Get("Content-Type"); r.StatusCode != 200 || got != "application/vnd.mapbox-vector-tile" {
			t.Fatalf("%s: %d %s", target, r.StatusCode, got)
		}
		decoded, err := mvt.Unmarshal(body(t, r))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]string{}
		for _, l := range decoded {
			for _, f := range l.Features {
				out[l.Name] = append(out[l.Name], f.Properties.MustString("id"))
			}
		}
		return out
	}
	for _, c := range []struct {
		target string
		want   map[string][]string
	}{
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9", map[string][]string{"towns": {"a", "b"}}},
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9?datetime=2014-07-01", map[string][]string{"towns": {"a"}}},
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9?datetime=2016", map[string][]string{"towns": {"b"}}},
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9?datetime=2016&certainty=certain", nil},
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9?datetime=2015/2016", map[string][]string{"towns": {"a", "b"}}},
		{"/collections/towns/tiles/WebMercatorQuad/4/6/9?datetime=2013", nil},
		{"/tiles/WebMercatorQuad/4/6/9?collections=areas", map[string][]string{"areas": {"l"}, "areas:label": {"l"}}},
		{"/tiles/WebMercatorQuad/4/6/9?datetime=2014", map[string][]string{"towns": {"a"}, "areas": {"l"}, "areas:label": {"l"}}},
		{"/tiles/WebMercatorQuad/4/6/9?collections=towns,areas,towns&datetime=2013", map[string][]string{"areas": {"l"}, "areas:label": {"l"}}},
	} {
		for range 2 { // once made, once from the cache
			if d := cmp.Diff(c.want, read(c.target)); d != "" {
				t.Errorf("%s: %s", c.target, d)
			}
		}
	}
}

func TestTileJSON(t *testing.T) {
	s := newServer(t)
	type doc struct {
		TileJSON     string
		Tiles        []string
		Bounds       []float64
		VectorLayers []struct {
			ID     string
			Fields map[string]string
		} `json:"vector_layers"`
	}
	d := decode[doc](t, get(t, s, "/tiles/WebMercatorQuad?f=tilejson&datetime=2014"))
	if d.TileJSON != "3.0.0" || len(d.VectorLayers) != 3 || d.VectorLayers[0].ID != "towns" || d.VectorLayers[0].Fields["valid_from"] != "Number" {
		t.Errorf("got %+v", d)
	}
	target := strings.NewReplacer("{z}", "4", "{y}", "6", "{x}", "9").Replace(d.Tiles[0])
	r := get(t, s, target)
	if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d, %s", target, r.StatusCode, r.Header.Get("Cache-Control"))
	}
	if stale := get(t, s, "/tiles/WebMercatorQuad/4/6/9?rev=old"); strings.Contains(stale.Header.Get("Cache-Control"), "immutable") {
		t.Error("another revision's address is said to be immutable")
	}
	if got := get(t, s, "/sw.js").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the service worker, which has one address for ever, is sent with Cache-Control: %s", got)
	}
}

func TestHTTP(t *testing.T) {
	s := newServer(t)
	for _, target := range []string{
		"/", "/?f=json", "/collections", "/collections/towns/items", "/collections/towns/items/a", "/atlas.json", "/assets/main-1a.js", "/sw.js", "/tiles/WebMercatorQuad/4/6/9", "/tiles/WebMercatorQuad?f=tilejson", "/api", "/downloads/towns.geojson", "/downloads/atlas.csv",
		"/collections/towns/timeline", "/collections/towns/changes?from=2014&to=2016", "/collections/towns/changes/tiles/WebMercatorQuad/4/6/9?from=2014&to=2016", "/collections/towns/changes/tiles/WebMercatorQuad?from=2014&to=2016", "/downloads/towns.changes.csv?from=2014&to=2016",
	} {
		first := get(t, s, target)
		want := body(t, first)
		etag := first.Header.Get("ETag")
		if first.StatusCode != 200 || etag == "" || strings.HasPrefix(etag, "W/") || len(want) == 0 {
			t.Errorf("%s: %d, ETag %q, %d bytes", target, first.StatusCode, etag, len(want))
		}
		if again := get(t, s, target, "If-None-Match", `"x", `+etag); again.StatusCode != 304 || len(body(t, again)) != 0 || again.Header.Get("ETag") != etag {
			t.Errorf("%s: If-None-Match gives %d", target, again.StatusCode)
		}
		for asked := range decoders {
			coded := get(t, s, target, "Accept-Encoding", asked+", *;q=0.5")
			coding := coded.Header.Get("Content-Encoding")
			if coding != "" && coding != asked {
				t.Errorf("%s: %s for one who likes %s", target, coding, asked)
			}
			if coding == "" {
				if len(want) >= 4096 {
					t.Errorf("%s: %d bytes are not compressed for one who likes %s", target, len(want), asked)
				}
				continue
			}
			r, err := decoders[coding](coded.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %s differs: %v", target, coding, err)
			}
			tag := coded.Header.Get("ETag")
			if tag == etag {
				t.Errorf("%s: the same strong ETag for other bytes", target)
			}
			if r := get(t, s, target, "Accept-Encoding", coding, "If-None-Match", tag); r.StatusCode != 304 || r.Header.Get("ETag") != tag {
				t.Errorf("%s: If-None-Match of the %s form gives %d, %s", target, coding, r.StatusCode, r.Header.Get("ETag"))
			}
		}
		if r := get(t, s, target, "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip was refused", target)
		}
		for name, want := range map[string]string{"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"} {
			if got := first.Header.Get(name); got != want {
				t.Errorf("%s: %s: got %q, want %q", target, name, got, want)
			}
		}
		if !strings.Contains(first.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: Vary: %s", target, first.Header.Get("Vary"))
		}
		head := httptest.NewRecorder()
		s.ServeHTTP(head, httptest.NewRequest(http.MethodHead, target, nil))
		if head.Code != 200 || head.Header().Get("ETag") != etag {
			t.Errorf("%s: HEAD gives %d, ETag %s", target, head.Code, head.Header().Get("ETag"))
		}
		options := httptest.NewRecorder()
		s.ServeHTTP(options, httptest.NewRequest(http.MethodOptions, target, nil))
		if options.Code != 204 || options.Header().Get("Access-Control-Allow-Methods") == "" {
			t.Errorf("%s: OPTIONS gives %d", target, options.Code)
		}
		post := httptest.NewRecorder()
		s.ServeHTTP(post, httptest.NewRequest(http.MethodPost, target, nil))
		if post.Code != 405 {
			t.Errorf("%s: POST gives %d", target, post.Code)
		}
	}
	for _, target := range []string{"/healthz", "/readyz"} {
		if r := get(t, s, target); r.StatusCode != 200 || string(body(t, r)) != "ok\n" {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}

func TestLanguages(t *testing.T) {
	s := newServer(t)
	html := "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, c := range []struct{ target, accept, language, contains string }{
		{"/", "ar-IQ,ar;q=0.9,en;q=0.5", "ar", `<html lang="ar" dir="rtl"><title>اختبار</title>`},
		{"/", "en-GB", "en", `<html lang="en" dir="ltr"><title>Test</title>`},
		{"/?lang=ar", "en-GB", "ar", `dir="rtl"`},
		{"/", "ja", "en", `lang="en"`},
		{"/", "", "en", `lang="en"`},
		{"/collections/towns", "ar", "ar", "بلدات"},
		{"/collections/towns", "en", "en", `<h1><bdi>Towns</bdi></h1>`},
	} {
		r := get(t, s, c.target, "Accept", html, "Accept-Language", c.accept)
		if b := string(body(t, r)); r.Header.Get("Content-Language") != c.language || !strings.Contains(b, c.contains) {
			t.Errorf("%s for %q: %s %s", c.target, c.accept, r.Header.Get("Content-Language"), b)
		}
	}
	if r := get(t, s, "/", "Accept", "application/json"); !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		t.Errorf("a program gets %s", r.Header.Get("Content-Type"))
	}
	csp := get(t, s, "/", "Accept", html).Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy: %s", csp)
	}
}

// TestLinksLeadSomewhere follows every link of the API from the landing page.
func TestLinksLeadSomewhere(t *testing.T) {
	s := newServer(t)
	seen := map[string]bool{}
	queue := []string{"http://example.com/?f=json"}
	for len(queue) > 0 {
		target := queue[0]
		queue = queue[1:]
		if seen[target] || !strings.HasPrefix(target, "http://example.com/") || strings.Contains(target, "{") {
			continue
		}
		seen[target] = true
		r := get(t, s, target)
		if r.StatusCode != 200 {
			t.Errorf("%s: %d", target, r.StatusCode)
			continue
		}
		var v any
		if json.Unmarshal(body(t, r), &v) != nil {
			continue
		}
		eachObject(v, func(o map[string]any) {
			if href, ok := o["href"].(string); ok {
				queue = append(queue, href)
			}
		})
	}
	if len(seen) < 20 {
		t.Errorf("only %d addresses found", len(seen))
	}
}

// FuzzRequest: no address, method or header makes the server panic or answer 5xx, and what goes
// wrong is a problem of a kind that has a page.
func FuzzRequest(f *testing.F) {
	for _, target := range []string{"/collections/towns/items?bbox=1,2,3,4&datetime=2014/..&limit=3", "/tiles/WebMercatorQuad/3/2/1?collections=towns&certainty=certain", "/downloads/towns.csv?datetime=2014", "/?f=json&lang=ar", "/collections/areas/changes?from=2014&to=2016/..&bbox=1,2,3,4", "/downloads/areas.changes.csv?from=../2014&to=2016", "/collections/towns/timeline?f=csv", "/search?q=a&f=html", "/collections/towns/items/c%2Fx?f=html", "/styles/atlas?datetime=2015"} {
		f.Add("GET", target, "", "")
		f.Add("HEAD", target, "text/html;q=0.9,*/*;q=0.8", "ar-IQ,ar;q=0.9,en;q=0.5")
		f.Add("PUT", target, `application/json;version="3.1"`, "*;q=0")
	}
	snapshot, _ := layers.Load(folder())
	s, err := server.New(server.Config{Snapshot: snapshot, Log: slog.New(slog.DiscardHandler), Assets: fstest.MapFS{"index.html": {Data: []byte("x")}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target, accept, language string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" {
			t.Skip()
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL, r.RequestURI = method, u, target
		r.Header.Set("Accept", accept)
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s, Accept %q, Accept-Language %q: %d %s", method, target, accept, language, w.Code, w.Body)
		}
		if kind := w.Header().Get("Content-Type"); w.Code >= 400 && kind != "application/problem+json" && kind != "text/html; charset=utf-8" {
			t.Errorf("%s %s: %d as %s", method, target, w.Code, kind)
		}
	})
}

func TestSearch(t *testing.T) {
	s := newServer(t)
	for target, want := range map[string]string{
		"/search?q=a":               "towns/a",
		"/search?q=ألف":             "towns/a",
		"/search?q=أَلِف&lang=ar":   "towns/a",
		"/search?q=b&datetime=2014": "",
		"/search?q=b&datetime=2016": "towns/b",
		"/search?q=l":               "areas/l",
	} {
		if got := decode[page](t, get(t, s, target)); got.ids() != want {
			t.Errorf("%s: got %q, want %q", target, got.ids(), want)
		}
	}
	got := decode[page](t, get(t, s, "/search?q=l")).Features[0].Properties
	if d := cmp.Diff(map[string]any{"collection": "areas", "id": "l", "title": "areas", "name": "L", "names": map[string]any{"": "L"}, "bbox": []any{40.0, 30.0, 44.0, 34.0}}, got); d != "" {
		t.Error(d)
	}
	for _, target := range []string{"/search", "/search?q=", "/search?q=a&limit=0", "/search?q=" + strings.Repeat("a", 300)} {
		if r := get(t, s, target); r.StatusCode != 400 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}

func TestProperties(t *testing.T) {
	s := newServer(t)
	for target, want := range map[string]string{
		"/collections/towns/items?name_en=A":                       "a",
		"/collections/towns/items?name_ar=%D8%A3%D9%84%D9%81":      "a",
		"/collections/towns/items?name_en=A&datetime=2017":         "",
		"/collections/towns/items?name_en=A&filter=start%3D'2016'": "",
		"/collections/towns/items?start=2016":                      "b",
	} {
		if got := decode[page](t, get(t, s, target)); got.ids() != want || got.NumberMatched != len(strings.Fields(want)) {
			t.Errorf("%s: got %q of %d, want %q", target, got.ids(), got.NumberMatched, want)
		}
	}
	if r := get(t, s, "/collections/towns/items?name=A"); r.StatusCode != 400 || !strings.Contains(string(body(t, r)), "and the layer's properties") {
		t.Errorf("an unknown property: %d", r.StatusCode)
	}
	type schema struct {
		ID         string `json:"$id"`
		Properties map[string]struct{ Type, Format string }
	}
	got := decode[schema](t, get(t, s, "/collections/towns/queryables"))
	if got.Properties["name_en"].Type != "string" || got.Properties["geometry"].Format != "geometry-point-or-multipoint" {
		t.Errorf("queryables: %+v", got)
	}
	type functions struct{ Functions []struct{ Name string } }
	if got := decode[functions](t, get(t, s, "/functions")); len(got.Functions) == 0 {
		t.Error("no functions")
	}
}
