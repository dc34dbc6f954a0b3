package server_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// openAPI returns the description that the server gives of itself, once it has
// been found valid.
func openAPI(t *testing.T, s http.Handler, target string, headers ...string) *openapi3.T {
	t.Helper()
	r := get(t, s, target, headers...)
	doc, err := openapi3.NewLoader().LoadFromData(body(t, r))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIVersions(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ target, accept, version, mediaType string }{
		{"/api", "", "3.0.3", "application/vnd.oai.openapi+json;version=3.0"},
		{"/api", "application/vnd.oai.openapi+json", "3.0.3", "application/vnd.oai.openapi+json;version=3.0"},
		{"/api", "application/vnd.oai.openapi+json;version=3.0", "3.0.3", "application/vnd.oai.openapi+json;version=3.0"},
		{"/api", "application/vnd.oai.openapi+json;version=3.1", "3.1.0", "application/vnd.oai.openapi+json;version=3.1"},
		{"/api?f=openapi31", "", "3.1.0", "application/vnd.oai.openapi+json;version=3.1"},
	} {
		if got := openAPI(t, s, c.target, "Accept", c.accept).OpenAPI; got != c.version {
			t.Errorf("%s %s: %s, want %s", c.target, c.accept, got, c.version)
		}
		if got := get(t, s, c.target, "Accept", c.accept).Header.Get("Content-Type"); got != c.mediaType {
			t.Errorf("%s %s: %s, want %s", c.target, c.accept, got, c.mediaType)
		}
	}
	for path, most := range map[string]float64{"/collections/{layer}/items": 10_000, "/collections": 1000} { // GDAL takes its page size from the first
		limit := openAPI(t, s, "/api").Paths.Value(path).Get.Parameters.GetByInAndName("query", "limit")
		if limit == nil || limit.Schema.Value.Max == nil || *limit.Schema.Value.Max != most {
			t.Errorf("%s: limit: %+v", path, limit)
		}
	}
}

// TestLinksInArabic: links say what they lead to in the reader's language.
func TestLinksInArabic(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/?f=json", "/collections", "/collections/towns", "/collections/towns/changes?from=2014&to=2016", "/collections/towns/tiles/WebMercatorQuad"} {
		titles := 0
		eachObject(decode[any](t, get(t, s, path, "Accept-Language", "ar")), func(v map[string]any) {
			title, ok := v["title"].(string)
			if !ok || v["rel"] == nil || title == "TileJSON" || v["rel"] == "license" {
				return
			}
			if titles++; !strings.ContainsAny(title, "ابتسن") {
				t.Errorf("%s: %s", path, title)
			}
		})
		if titles == 0 && !strings.Contains(path, "tiles") {
			t.Errorf("%s: no titles", path)
		}
	}
}

// TestOpenAPIInArabic: all that the description says, but for names of layers, it says in
// the language that is asked for.
func TestOpenAPIInArabic(t *testing.T) {
	s := newServer(t)
	if got := get(t, s, "/api", "Accept-Language", "ar").Header.Get("Content-Language"); got != "ar" {
		t.Errorf("Content-Language: %s", got)
	}
	said := map[string]map[string]bool{}
	for _, lang := range []string{"en", "ar"} {
		doc := decode[map[string]any](t, get(t, s, "/api?lang="+lang))
		said[lang] = map[string]bool{}
		texts := func(object map[string]any) {
			for _, name := range []string{"summary", "description"} {
				text, ok := object[name].(string)
				if !ok {
					continue
				}
				if said[lang][text] = true; strings.ContainsAny(text, "ابتسن") != (lang == "ar") {
					t.Errorf("%s: %s", lang, text)
				}
			}
		}
		eachObject(doc["paths"], texts)
		eachObject(doc["components"].(map[string]any)["responses"], texts) //nolint:forcetypeassert // OpenAPI's
	}
	if len(said["ar"]) < 70 {
		t.Errorf("only %d texts", len(said["ar"]))
	}
	page := string(body(t, get(t, s, "/api?f=html&lang=ar")))
	if !strings.Contains(page, "عناصر طبقة") || strings.Contains(page, `lang="en">Features`) {
		t.Errorf("the page: %s", page)
	}
}

// asked are addresses of each operation, by its id.
//
//nolint:gochecknoglobals // a table
var asked = map[string][]string{
	"landing": {"/?f=json", "/?f=html"}, "conformance": {"/conformance"}, "api": {"/api", "/api?f=openapi31"}, "atlas": {"/atlas.json"},
	"collections": {"/collections"}, "collection": {"/collections/towns", "/collections/nowhere"},
	"items": {"/collections/towns/items", "/collections/towns/items?datetime=2015&limit=1", "/collections/towns/items?limit=0"},
	"item":  {"/collections/towns/items/a", "/collections/towns/items/nowhere"}, "versions": {"/collections/towns/items/a/versions"},
	"timeline": {"/collections/towns/timeline", "/collections/towns/timeline?f=csv"},
	"changes":  {"/collections/areas/changes?from=2014&to=2015"}, "changesTileset": {"/collections/areas/changes/tiles/WebMercatorQuad?from=2014&to=2015"},
	"changesTile": {"/collections/areas/changes/tiles/WebMercatorQuad/0/0/0?from=2014&to=2015", "/collections/areas/changes/tiles/WebMercatorQuad/0/0/0?from=2014&to=2015&f=geojson"},
	"queryables":  {"/collections/towns/queryables"}, "sortables": {"/collections/towns/sortables"}, "schema": {"/collections/towns/schema"}, "featureSchema": {"/collections/towns/feature-schema"},
	"functions": {"/functions"}, "layerTilesets": {"/collections/towns/tiles"}, "tilesets": {"/tiles"},
	"layerTileset": {"/collections/towns/tiles/WebMercatorQuad", "/collections/towns/tiles/WebMercatorQuad?f=tilejson", "/collections/towns/tiles/Square"},
	"tileset":      {"/tiles/WebMercatorQuad", "/tiles/WorldCRS84Quad", "/tiles/WebMercatorQuad?f=tilejson"},
	"layerTile":    {"/collections/towns/tiles/WebMercatorQuad/0/0/0", "/collections/towns/tiles/WebMercatorQuad/9/0/0", "/collections/towns/tiles/WebMercatorQuad/99/0/0"},
	"tile":         {"/tiles/WebMercatorQuad/0/0/0", "/tiles/WorldCRS84Quad/0/0/1"}, "tileMatrixSets": {"/tileMatrixSets"}, "tileMatrixSet": {"/tileMatrixSets/WebMercatorQuad", "/tileMatrixSets/WorldCRS84Quad"},
	"styles": {"/styles"}, "style": {"/styles/atlas", "/styles/towns.dark?f=json"}, "styleMetadata": {"/styles/towns/metadata"},
	"sprite": {"/sprites/atlas.json", "/sprites/atlas@2x.png"}, "glyphs": {"/glyphs/Noto%20Sans%20Regular/0-255.pbf"},
	"search": {"/search?q=a"}, "downloads": {"/downloads"}, "download": {"/downloads/towns.geojson", "/downloads/towns.csv"}, "problems": {"/problems"}, "problem": {"/problems/not-found"},
	"healthz": {"/healthz"}, "readyz": {"/readyz"},
}

// TestAnswersAreAsDescribed asks each operation and holds its answer against the
// schema that the description declares for its status and media type.
func TestAnswersAreAsDescribed(t *testing.T) {
	s := newServer(t)
	t.Run("3.0", func(t *testing.T) { described(t, s, openAPI(t, s, "/api"), openapi3.MultiErrors()) })
	t.Run("3.1", func(t *testing.T) {
		described(t, s, openAPI(t, s, "/api?f=openapi31"), openapi3.MultiErrors(), openapi3.EnableJSONSchema2020())
	})
}

func described(t *testing.T, s http.Handler, doc *openapi3.T, options ...openapi3.SchemaValidationOption) {
	t.Helper()
	for path, item := range doc.Paths.Map() {
		id := item.Get.OperationID[:strings.IndexAny(item.Get.OperationID+".", ".-")] // items-towns are items too
		targets := asked[id]
		if len(targets) == 0 {
			t.Errorf("%s: no address to ask", item.Get.OperationID)
		}
		for _, target := range targets {
			r := get(t, s, target)
			declared := item.Get.Responses.Value(strconv.Itoa(r.StatusCode))
			if declared == nil || r.StatusCode >= 500 {
				t.Errorf("%s (%s): status %d is not declared", target, path, r.StatusCode)
				continue
			}
			text := body(t, r)
			if r.StatusCode == http.StatusNoContent {
				continue
			}
			mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
			content := declared.Value.Content[r.Header.Get("Content-Type")]
			if content == nil {
				content = declared.Value.Content[mediaType]
			}
			if content == nil {
				t.Errorf("%s: %s is not among %s", target, mediaType, slices.Sorted(maps.Keys(declared.Value.Content)))
				continue
			}
			if !strings.Contains(mediaType, "json") || item.Get.OperationID == "download" {
				continue
			}
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				t.Errorf("%s: %v", target, err)
				continue
			}
			if content.Schema.Ref == "" && content.Schema.Value.AnyOf == nil {
				t.Errorf("%s: no schema is declared", target)
			}
			if err := content.Schema.Value.VisitJSON(v, options...); err != nil {
				t.Errorf("%s: %v", target, err)
			}
		}
	}
}
