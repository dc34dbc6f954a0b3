package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const profileURI = "http://www.opengis.net/def/profile/OGC/0/"

// TestProfiles: each address that answers with GeoJSON takes profile, and answers with
// what its link to a profile says (OGC 21-045r1 /req/profiles, /req/api).
func TestProfiles(t *testing.T) {
	s := serve(t, sized(), 0)
	versions := newServer(t) // of a layer that has some
	for _, target := range []string{
		"/collections/wards/items?", "/collections/wards/items/w?", "/collections/areas/items/l/versions?", "/search?q=w&", "/downloads/wards.geojson?",
		"/downloads/atlas.geojson?", "/collections/wards/changes?from=2014&to=2016&", "/collections/wards/changes/tiles/WebMercatorQuad/0/0/0?from=2014&to=2016&f=geojson&",
		"/collections/wards/tiles/WebMercatorQuad/0/0/0?f=geojson&", "/tiles/WorldCRS84Quad/0/0/1?f=geojson&",
	} {
		from := http.Handler(s)
		if strings.Contains(target, "/versions") {
			from = versions
		}
		for query, want := range map[string]string{
			"": "rfc7946", "profile=rfc7946": "rfc7946", "profile=jsonfg": "jsonfg", "profile=jsonfg-plus": "jsonfg-plus", "profile=" + url.QueryEscape(profileURI+"jsonfg"): "jsonfg",
			"profile=rel-as-link,jsonfg,rfc7946": "jsonfg", "profile=unheard-of": "rfc7946", "profile=http://example.org/ours": "rfc7946",
		} {
			r := get(t, from, target+query)
			if links := strings.Join(r.Header["Link"], "\n"); !strings.Contains(links, "<"+profileURI+want+`>; rel="profile"`) || strings.Count(links, `rel="profile"`) != 1 {
				t.Errorf("%s%s: Link: %s", target, query, links)
			}
			if r.Header.Get("Content-Type") != "application/geo+json" {
				t.Errorf("%s%s: %s", target, query, r.Header.Get("Content-Type"))
			}
			whole := decode[map[string]any](t, r)
			classes, _ := whole["conformsTo"].([]any)
			list, isCollection := whole["features"].([]any)
			if !isCollection {
				list = []any{whole}
			}
			if len(list) == 0 {
				t.Errorf("%s%s: no features", target, query)
			}
			if core := slices.Contains(classes, any("http://www.opengis.net/spec/json-fg-1/1.0/conf/core")); core != (want != "rfc7946") {
				t.Errorf("%s%s: conformsTo %v", target, query, classes)
			}
			for _, f := range list {
				f, _ := f.(map[string]any)
				if _, ok := f["place"]; ok != (want != "rfc7946") {
					t.Errorf("%s%s: place: %v", target, query, f)
				}
				if isCollection && f["conformsTo"] != nil {
					t.Errorf("%s%s: a feature in a collection says what it conforms to", target, query)
				}
			}
		}
	}
	// With a place in another system the geometry is there if asked for.
	for _, target := range []string{"/collections/wards/items/w?", "/downloads/wards.geojson?"} {
		for profile, both := range map[string]bool{"jsonfg": false, "jsonfg-plus": true} {
			text := string(body(t, get(t, s, target+"crs="+epsg+"3857&profile="+profile)))
			if !strings.Contains(text, `"place":{"type":"Polygon","coordinates":[[[4341460.141,`) || strings.Contains(text, `"geometry":null`) == both {
				t.Errorf("%s%s: %s", target, profile, text)
			}
		}
	}
	for target, want := range map[string]string{ // what a format can't be is passed over
		"/collections/wards/items?f=jsonfg&profile=rfc7946": "jsonfg", "/collections/wards/items?f=jsonfg&profile=rfc7946,jsonfg-plus": "jsonfg-plus", "/downloads/wards.jsonfg?profile=rfc7946": "jsonfg",
		"/collections/wards/items?f=html&profile=jsonfg": "", "/downloads/wards.csv?profile=jsonfg": "", "/tiles/WebMercatorQuad/0/0/0?profile=jsonfg": "",
	} {
		r := get(t, s, target)
		links := strings.Join(r.Header["Link"], "\n")
		if _, got, _ := strings.Cut(links, "<"+profileURI); r.StatusCode != 200 || want == "" && got != "" || want != "" && !strings.HasPrefix(got, want+">") {
			t.Errorf("%s: %d, Link: %s", target, r.StatusCode, links)
		}
	}
	for path, item := range openAPI(t, s, "/api").Paths.Map() {
		if item.Get.Responses.Value("200").Value.Content["application/geo+json"] == nil {
			continue
		}
		if item.Get.Parameters.GetByInAndName("query", "profile") == nil {
			t.Errorf("%s: GeoJSON without profile", path)
		}
	}
}

// TestTilesInOpenAPI: the description has each tileset, list of tilesets and tile, by the
// names that OGC API Tiles gives to operations, and leads where links lead (OGC 20-057
// /req/oas30).
func TestTilesInOpenAPI(t *testing.T) {
	s := newServer(t)
	doc := openAPI(t, s, "/api")
	suffixes := map[string][]string{} // suffix -> parameters that it needs
	for _, origin := range []string{".collection", ".dataset"} {
		own := []string(nil)
		if origin == ".collection" {
			own = []string{"layer"}
		}
		suffixes[origin+".vector.getTileSetsList"] = own
		suffixes[origin+".vector.getTileSet"] = append(slices.Clone(own), "tms", "datetime")
		suffixes[origin+".vector.getTile"] = append(slices.Clone(own), "tms", "z", "row", "col", "datetime")
	}
	suffixes[".dataset.vector.getTile"] = append(suffixes[".dataset.vector.getTile"], "collections")
	seen, ids := map[string]bool{}, map[string]bool{}
	for path, item := range doc.Paths.Map() {
		id := item.Get.OperationID
		if ids[id] {
			t.Errorf("%s: operation %s stands twice", path, id)
		}
		ids[id] = true
		_, suffix, tiled := strings.Cut(id, ".")
		needs, known := suffixes["."+suffix]
		if isTiles := strings.Contains(path, "/tiles"); isTiles != tiled {
			t.Errorf("%s: operation %s", path, id)
		}
		if !known {
			continue
		}
		seen["."+suffix] = true
		for _, name := range needs {
			if !slices.ContainsFunc(item.Get.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == name }) {
				t.Errorf("%s: no parameter %s", path, name)
			}
		}
	}
	if len(seen) != len(suffixes) {
		t.Errorf("operations: %v of %v", seen, suffixes)
	}
	templates := map[string]bool{} // paths of the description, with their parameters emptied
	for path := range doc.Paths.Map() {
		templates[withoutNames(path)] = true
	}
	for _, target := range []string{"/tiles", "/collections/towns/tiles", "/tiles/WebMercatorQuad", "/collections/towns/tiles/WebMercatorQuad"} {
		eachObject(decode[any](t, get(t, s, target)), func(v map[string]any) {
			href, _ := v["href"].(string)
			path, _, _ := strings.Cut(strings.TrimPrefix(href, "http://example.com"), "?")
			path = strings.NewReplacer("towns", "{layer}", "WebMercatorQuad", "{tms}", "WorldCRS84Quad", "{tms}").Replace(path)
			if href != "" && !templates[withoutNames(path)] {
				t.Errorf("%s: the description lacks %s", target, href)
			}
		})
	}
}

// withoutNames empties the braces of a path.
func withoutNames(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}
