package server_test

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An address is a row of the table of routes, filled in.
type address struct {
	path  string   // with what it needs as parameters
	forms []string // values of f
	takes []string // its parameters
}

// everyAddress reads the table from the description of the API, so that a new route is
// covered by itself.
func everyAddress(t *testing.T, s http.Handler) []address {
	t.Helper()
	type parameter struct {
		Name, In string
		Schema   struct{ Enum []string }
	}
	doc := decode[struct {
		Paths map[string]struct {
			Get struct{ Parameters []parameter }
		}
	}](t, get(t, s, "/api?f=json"))
	example := map[string]string{
		"layer": "towns", "id": "a", "tms": "WebMercatorQuad", "z": "4", "row": "6", "col": "9", "file": "towns.geojson", "problem": "not-found",
		"style": "atlas", "fonts": "Noto%20Sans%20Regular", "range": "0-255.pbf",
	}
	needed := map[string]string{"/search": "q=a", "/collections/{layer}/changes": "from=2014&to=2016"}
	fill := regexp.MustCompile(`\{(\w+)\}`)
	var list []address
	for path, item := range doc.Paths {
		a := address{path: fill.ReplaceAllStringFunc(path, func(name string) string {
			value, ok := example[strings.Trim(name, "{}")]
			if !ok {
				t.Errorf("%s: write an example for %s into this test", path, name)
			}
			return value
		})}
		switch {
		case strings.HasPrefix(path, "/sprites/"):
			a.path = "/sprites/atlas.json"
		case strings.HasSuffix(path, "/versions"): // of a layer that names an identity
			a.path = "/collections/areas/items/l/versions"
		}
		for prefix, query := range needed {
			if strings.HasPrefix(path, prefix) {
				a.path += "?" + query
			}
		}
		for _, p := range item.Get.Parameters {
			if p.In == "query" {
				a.takes = append(a.takes, p.Name)
			}
			if p.Name == "f" {
				a.forms = p.Schema.Enum
			}
		}
		list = append(list, a)
	}
	if len(list) < 30 {
		t.Fatalf("only %d addresses", len(list))
	}
	slices.SortFunc(list, func(a, b address) int { return strings.Compare(a.path, b.path) })
	return list
}

// with adds a parameter to an address.
func (a address) with(query string) string {
	if strings.Contains(a.path, "?") {
		return a.path + "&" + query
	}
	return a.path + "?" + query
}

// request sends any request through a real connection, so that HEAD is what clients see.
func request(t *testing.T, url, method string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// TestEveryRoute: what HTTP asks of all addresses.
func TestEveryRoute(t *testing.T) {
	s := newServer(t)
	web := httptest.NewServer(s)
	defer web.Close()
	for _, a := range everyAddress(t, s) {
		t.Run(a.path, func(t *testing.T) {
			at := web.URL + a.path
			got := request(t, at, http.MethodGet)
			content, err := io.ReadAll(got.Body)
			if err != nil || got.StatusCode != 200 {
				t.Fatalf("GET: %d, %v, %s", got.StatusCode, err, content)
			}
			head := request(t, at, http.MethodHead)
			ignore := []string{"Date", "Content-Length", "Transfer-Encoding"}
			for _, name := range ignore {
				got.Header.Del(name)
				head.Header.Del(name)
			}
			if d := cmp.Diff(got.Header, head.Header); d != "" || head.StatusCode != 200 {
				t.Errorf("HEAD differs from GET: %d\n%s", head.StatusCode, d)
			}
			if o := request(t, at, http.MethodOptions); o.StatusCode != 204 || !strings.Contains(o.Header.Get("Allow"), "GET") || o.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("OPTIONS: %d %v", o.StatusCode, o.Header)
			}
			if cacheable := got.Header.Get("Cache-Control") != "no-store"; cacheable {
				if again := request(t, at, http.MethodGet, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 || again.Header.Get("ETag") != got.Header.Get("ETag") {
					t.Errorf("If-None-Match: %d", again.StatusCode)
				}
			}
			for method, want := range map[string]string{http.MethodPost: "method-not-allowed", http.MethodDelete: "method-not-allowed"} {
				r := request(t, at, method)
				checkProblem(t, s, r, 405, want)
				if !strings.Contains(r.Header.Get("Allow"), "GET") {
					t.Errorf("%s: Allow: %q", method, r.Header.Get("Allow"))
				}
			}
			checkProblem(t, s, request(t, web.URL+a.with("nonsense=1"), http.MethodGet), 400, "unknown-parameter")
			if len(a.forms) == 0 {
				return
			}
			checkProblem(t, s, request(t, web.URL+a.with("f=nonsense"), http.MethodGet), 400, "invalid-parameter")
			checkProblem(t, s, request(t, at, http.MethodGet, "Accept", "application/x-nonsense"), 406, "not-acceptable")
			if vary := got.Header.Get("Vary"); !strings.Contains(vary, "Accept,") {
				t.Errorf("Vary: %s", vary)
			}
			links := strings.Join(got.Header["Link"], "\n")
			for _, f := range a.forms {
				r := request(t, web.URL+a.with("f="+f), http.MethodGet, "Accept", "application/x-nonsense") // f wins
				if r.StatusCode != 200 {
					t.Errorf("f=%s: %d", f, r.StatusCode)
				}
				if f == "html" && !strings.Contains(links, "f=html") {
					t.Errorf("no link to the page: %s", links)
				}
			}
			if slices.Contains(a.forms, "mvt") { // all tiles of a set have the same links
				if !strings.Contains(links, `rel="describedby"`) {
					t.Errorf("no link to the tileset: %s", links)
				}
			} else if !strings.Contains(links, `rel="self"`) {
				t.Errorf("no link to itself: %s", links)
			}
		})
	}
}

// checkProblem: the answer is an RFC 9457 problem whose type leads to a page of ours in both forms.
func checkProblem(t *testing.T, s http.Handler, r *http.Response, status int, kind string) {
	t.Helper()
	var p struct {
		Type, Title, Detail, Instance string
		Status                        int
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		t.Errorf("%s %s: %v", r.Request.Method, r.Request.URL, err)
		return
	}
	if r.StatusCode != status || p.Status != status || !strings.HasSuffix(p.Type, "/problems/"+kind) || p.Title == "" || p.Detail == "" || p.Instance != r.Request.URL.RequestURI() || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s: got %d %+v, want %d %s", r.Request.Method, r.Request.URL, r.StatusCode, p, status, kind)
	}
	u, err := url.Parse(p.Type)
	if err != nil {
		t.Fatal(err)
	}
	if explained := get(t, s, u.Path); explained.StatusCode != 200 {
		t.Errorf("%s leads to %d", p.Type, explained.StatusCode)
	}
}

// TestEveryErrorInArabic: whatever is wrong with a request, an Arab reads it in Arabic.
func TestEveryErrorInArabic(t *testing.T) {
	s := newServer(t)
	letters := regexp.MustCompile(`\p{Arabic}{2}`)
	seen := 0
	check := func(method, target string, headers ...string) {
		r := httptest.NewRequest(method, target, nil)
		r.Header.Set("Accept-Language", "ar")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code < 400 {
			return
		}
		var p struct{ Title, Detail string }
		if err := json.NewDecoder(w.Body).Decode(&p); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if seen++; w.Code >= 500 || !letters.MatchString(p.Detail) || !letters.MatchString(p.Title) || strings.Contains(p.Detail, "%!") || w.Header().Get("Content-Language") != "ar" {
			t.Errorf("%s: %d %s: %s", target, w.Code, p.Title, p.Detail)
		}
	}
	for _, a := range everyAddress(t, s) {
		check(http.MethodPost, a.path)
		check(http.MethodGet, a.path, "Accept", "application/x-nonsense")
		check(http.MethodGet, a.path, "Range", "bytes=99999999-")
		for _, name := range append(a.takes, "nonsense", "name_en", "from", "crs") {
			for _, value := range []string{"", "x", "0", "-1", "1,2,3", "1,2,3,4,5,0", "5,60,7,10", "999,0,999,1", "x,1,2,3", "2015/2014", "2014-13", "../..", "2014-06-29T12:00:00", "cql2-json", "atlas", "towns,x", epsg + "32601", epsg + "3857", "(", "size =", strings.Repeat("a", 500)} {
				asked, _, _ := strings.Cut(a.path, "?")
				check(http.MethodGet, asked+"?"+name+"="+url.QueryEscape(value))
				check(http.MethodGet, a.with(name+"="+url.QueryEscape(value)))
			}
			check(http.MethodGet, a.with(name+"=a&"+name+"=b"))
		}
	}
	for _, path := range []string{
		"/collections/nowhere", "/collections/towns/items/nowhere", "/collections/towns/items/a/versions", "/downloads/nowhere.csv", "/downloads/towns.exe", "/nowhere",
		"/assets/nowhere.js", "/styles/nowhere", "/sprites/nowhere.png", "/glyphs/x/0-255.pbf", "/glyphs/Noto%20Sans%20Regular/1-2.pbf", "/problems/nowhere",
		"/tileMatrixSets/nowhere", "/tiles/WebMercatorQuad/1/2/3", "/tiles/WebMercatorQuad/x/2/3", "/tiles/WebMercatorQuad/1/0/0?f=geojson&collections=nowhere", "/tiles/WorldCRS84Quad?f=tilejson",
		"/collections/towns/items?bbox-crs=" + epsg + "4326", "/collections/towns/items?bbox=2,1,1,2&bbox-crs=" + epsg + "3857", "/collections/towns/items?sortby=x&after=x", "/downloads/towns.changes.geojson?filter=true",
		"/downloads/towns.geojson?crs=" + epsg + "3857", "/downloads/atlas.csv?properties=a", "/downloads/towns.changes.csv?datetime=2014", "/downloads/areas.changes.csv?from=2016&to=2014", "/search",
		"/tiles/WebMercatorQuad/0/0/0?style=atlas&collections=areas", "/collections/towns/items?filter=S_INTERSECTS(geometry,BBOX(2,1,1,2))&filter-crs=" + epsg + "3857",
	} {
		check(http.MethodGet, path)
	}
	if seen < 3000 {
		t.Errorf("only %d errors", seen)
	}
}

// TestEveryPage: each address that answers with JSON has a page in both languages, which runs
// nothing, is labelled, and has the links of the JSON.
func TestEveryPage(t *testing.T) {
	s := newServer(t)
	browser := []string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
	pages := 0
	for _, a := range everyAddress(t, s) {
		if !slices.Contains(a.forms, "html") {
			continue
		}
		pages++
		for _, lang := range []string{"en", "ar"} {
			r := get(t, s, a.path, append(browser, "Accept-Language", lang)...)
			text := string(body(t, r))
			if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.Header.Get("Content-Language") != lang {
				t.Errorf("%s: %d %s %s", a.path, r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Content-Language"))
			}
			if !strings.Contains(text, `<html lang="`+lang+`" dir="`+map[string]string{"en": "ltr", "ar": "rtl"}[lang]+`">`) {
				t.Errorf("%s: not in %s", a.path, lang)
			}
			if a.path == "/" {
				continue // the map
			}
			if policy := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: Content-Security-Policy: %s", a.path, policy)
			}
			for _, want := range []string{"<h1>", `href="/?f=html"`, `rel="canonical"`, `rel="alternate"`, "lang=ar", "lang=en"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: no %s", a.path, want)
				}
			}
			if strings.Contains(text, "<h1><bdi></bdi>") || strings.Contains(text, "<nil>") || strings.Contains(text, "ZgotmplZ") || strings.Contains(text, " style=") {
				t.Errorf("%s: something is empty or unsafe", a.path)
			}
		}
	}
	if pages < 15 {
		t.Errorf("only %d pages", pages)
	}
}

// TestPageLinks: a page has the links of its JSON (OGC 17-069r4 /req/html/content).
func TestPageLinks(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/collections", "/collections/towns", "/collections/towns/items?limit=2", "/collections/towns/items/a", "/tiles", "/collections/towns/tiles/WebMercatorQuad", "/collections/areas/timeline"} {
		asked := address{path: path}
		text := string(body(t, get(t, s, asked.with("f=html"))))
		eachObject(decode[any](t, get(t, s, path)), func(v map[string]any) {
			href, ok := v["href"].(string)
			if rel, _ := v["rel"].(string); ok && rel != "self" && rel != "alternate" && rel != "profile" && v["templated"] == nil {
				want := strings.ReplaceAll(strings.TrimPrefix(href, "http://example.com"), "&", "&amp;")
				if !strings.Contains(text, `href="`+want) {
					t.Errorf("%s: %s is not on the page", path, href)
				}
			}
		})
	}
}

// eachObject calls do with each object in v, a decoded JSON value.
func eachObject(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, m := range v {
			eachObject(m, do)
		}
	case map[string]any:
		do(v)
		for _, m := range v {
			eachObject(m, do)
		}
	}
}

func TestPages(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		path  string
		wants []string
	}{
		{"/collections/towns/items?lang=ar", []string{"ألف", "من 10 حزيران 2014 إلى 31 آذار 2015", "5 عناصر", `href="/collections/towns/items/a?lang=ar"`}},
		{"/collections/towns/items?limit=2", []string{`rel="next"`, "5 features · On this page 2"}},
		{"/collections/towns/items/d", []string{"c. 2018", "at no time for certain", "<svg"}},
		{"/collections/areas", []string{`"@type":"Dataset"`, `"box":"30 40 34 44"`, `"contentUrl":"http://example.com/downloads/areas.geojson"`, "1 feature<"}},
		{"/collections/towns", []string{`"license":"https://example.org"`, `"temporalCoverage":"2014-06-10/.."`, "since 10 June 2014"}},
		{"/collections/areas/timeline?lang=ar", []string{"مدد بلا تغيّر", "كل الأوقات"}},
		{"/", []string{`<html lang="en"`}},
		{"/downloads", []string{`<a href="/downloads/atlas.geojson"`, `<a href="/downloads/areas.csv"`}},
		{"/search", []string{`<input id="q"`}},
		{"/search?q=zzzz&lang=ar", []string{"لا شيء بهذا الاسم", `value="zzzz"`}},
		{"/search?q=a", []string{`<a href="/collections/towns/items/a"`, "1 result<"}},
		{"/nowhere?lang=ar", []string{"غير موجود", `href="/problems/not-found?lang=ar"`}},
		{"/collections/towns/items?name_en=%3Cscript%3E", []string{"Nothing fits"}},
		{"/collections/towns/items?%3Cscript%3E=1", []string{"Unknown parameter", "&lt;script&gt;"}},
	} {
		r := get(t, s, c.path, "Accept", "text/html")
		text := string(body(t, r))
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", c.path, want, text)
			}
		}
		if strings.Contains(text, "<script>") {
			t.Errorf("%s: a script", c.path)
		}
	}
}

// TestLinkTypes: each link of a page of features, and of one, says what it leads to by
// relation and type (OGC 17-069r4 /req/core/fc-rel-type, /req/core/fc-md-links).
func TestLinkTypes(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/collections", "/collections?limit=1", "/collections/towns/items", "/collections/towns/items?limit=1&f=jsonfg", "/collections/towns/items/a", "/collections/areas/items/l"} {
		for _, l := range decode[struct {
			Links []struct{ Href, Rel, Type string }
		}](t, get(t, s, path)).Links {
			if l.Href == "" || l.Rel == "" || l.Type == "" {
				t.Errorf("%s: %+v", path, l)
			}
		}
	}
}

// TestPageMap: there is a map where there is a geometry in longitude and latitude.
func TestPageMap(t *testing.T) {
	s := newServer(t)
	for path, want := range map[string]bool{
		"/collections/areas/items": true, "/collections/areas/items/l": true, "/collections/towns/items?name_en=E": false, "/collections/towns/items/e": false,
		"/search?q=l": true, "/collections/areas/changes?from=2014&to=2015": true,
		"/collections/areas/items?crs=" + epsg + "3857": false, "/collections/areas/items/l?crs=" + epsg + "4326": false, "/collections/areas/items?crs=" + crs84: true,
	} {
		if got := strings.Contains(string(body(t, get(t, s, path, "Accept", "text/html"))), "<svg"); got != want {
			t.Errorf("%s: a map: %t, want %t", path, got, want)
		}
	}
}

func TestLinkHeader(t *testing.T) {
	s := newServer(t)
	for path, wants := range map[string][]string{
		"/collections/towns/items?limit=2": {
			`<http://example.com/collections/towns/items?limit=2>; rel="self"; type="application/geo+json"`,
			`<http://example.com/collections/towns/items?f=html&limit=2>; rel="alternate"; type="text/html"`,
			`<http://example.com/collections/towns>; rel="collection"; type="application/json"`,
			`<http://example.com/collections/towns/schema>; rel="describedby"; type="application/schema+json"`,
			`rel="next"; type="application/geo+json"`,
		},
		"/collections/towns/tiles/WebMercatorQuad/4/6/9":          {`<../../../WebMercatorQuad>; rel="describedby"; type="application/json"`},
		"/collections/towns/tiles/WebMercatorQuad?f=json&lang=ar": {`?f=tilejson&lang=ar>; rel="alternate"`},
	} {
		links := strings.Join(get(t, s, path).Header["Link"], "\n")
		for _, want := range wants {
			if !strings.Contains(links, want) {
				t.Errorf("%s: no %s in\n%s", path, want, links)
			}
		}
	}
	for path, want := range map[string]string{"/collections/towns/": "/collections/towns?lang=ar", "//example.org/": "/example.org?lang=ar"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: "lang=ar"}
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 308 || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
}

// TestDetails: errors say what is wrong in the reader's language, on its page too.
func TestDetails(t *testing.T) {
	s := newServer(t)
	for path, want := range map[string]string{
		"/collections/nope":                         "لا توجد طبقة بالمعرّف",
		"/collections/towns/items/nope":             "لا يوجد عنصر بالمعرّف",
		"/nowhere":                                  "لا توجد صفحة",
		"/collections/towns/items?nope=1":           "غير معروف: يقبل هذا العنوان",
		"/collections/towns/items?f=xml":            "f=xml: صيغ هذا العنوان هي json, geojson, jsonfg, html",
		"/collections/towns/items?limit=0":          "limit=0: اكتب عددًا صحيحًا من 1 إلى 10000",
		"/collections/towns/items?datetime=now":     "المعامل datetime: تاريخ لا يُقرأ (now)؛ اكتب سنة",
		"/collections/towns/items?bbox=1":           "bbox=1: اكتب الغرب",
		"/collections/towns/items?bbox=1,9,3,4":     "الجنوب 9 أعلى من الشمال 4",
		"/collections/towns/items?bbox=1,2,3,x":     `ليس "x" عددًا`,
		"/collections/towns/items?bbox=1,2,300,4":   "خطوط الطول",
		"/collections/towns/items?limit=1&limit=2":  "مكرر",
		"/collections/towns/items?certainty=surely": "المعامل certainty=surely: اكتب possible أو certain",

		"/collections/towns/items" + filterQuery("filter", "name_e = 'B'"):              "المرشِّح: لا توجد خاصية name_e؛ هل المقصود name_en؟ (عند الحرف 1: name_e = 'B')",
		"/collections/towns/items" + filterQuery("filter", "name_en = "):                "المرشِّح: ينقص هنا: خاصية أو قيمة أو دالة (عند الحرف 11: النهاية)",
		"/collections/towns/items" + filterQuery("filter", "T_AFTER(valid, '2016')"):    "يلزم T_AFTER هنا تاريخ أو مدة، لا نص: اكتب DATE('2016')",
		"/collections/towns/items" + filterQuery("filter", "T_AFTER(valid, DATE('x'))"): "تاريخ لا يُقرأ؛ اكتب",
		"/tiles/WebMercatorQuad" + filterQuery("filter", "name_en = 'B'"):               "الطبقة areas: المرشِّح: لا توجد خاصية name_en",
	} {
		r := get(t, s, path, "Accept-Language", "ar")
		var p struct{ Detail string }
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil || !strings.Contains(p.Detail, want) || strings.Contains(p.Detail, "%!") {
			t.Errorf("%s: %v %s", path, err, p.Detail)
		}
		if page := string(body(t, get(t, s, path, "Accept-Language", "ar", "Accept", "text/html"))); !strings.Contains(path, "f=") && !strings.Contains(page, html.EscapeString(p.Detail)) {
			t.Errorf("%s: not on the page: %s", path, page)
		}
	}
}
