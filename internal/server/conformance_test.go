package server_test

import (
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A requirement is one of a conformance class; after a colon stands which part of a
// class that is taken as a whole. It is covered by a test of that name,
// with the folder of its package unless it is in this one, or is asked here: of an
// address, whose status, headers and body hold all of some texts.
type requirement struct {
	name  string
	by    string
	wants []string
}

// conformance has the requirements of each class that the server claims.
//
//nolint:gochecknoglobals // a table
var conformance = map[string][]requirement{
	"ogcapi-common-1/1.0/conf/core": {
		{"/req/core/http", "TestEveryRoute", nil},
		{"/req/core/query-param-unknown", "/?nonsense=1", []string{"400 Bad Request", "/problems/unknown-parameter"}},
		{"/req/core/query-param-invalid", "/?f=nonsense", []string{"400 Bad Request", "/problems/invalid-parameter"}},
	},
	"ogcapi-common-1/1.0/conf/landing-page": {
		{"/req/landing-page/root-success", "/?f=json", []string{"200 OK", `"rel":"service-desc"`, `"rel":"service-doc"`, `"rel":"self"`, `def/rel/ogc/1.0/conformance"`}},
		{"/req/landing-page/api-definition-success", "/api", []string{"200 OK", `"openapi":"3.0`}},
		{"/req/landing-page/conformance-success", "/conformance", []string{"200 OK", `"conformsTo":["http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core"`}},
	},
	"ogcapi-common-1/1.0/conf/json": {
		{"/req/json/definition", "TestEveryRoute", nil},
		{"/req/json/content", "TestAnswersAreAsDescribed", nil},
	},
	"ogcapi-common-1/1.0/conf/html": {
		{"/req/html/definition", "TestEveryPage", nil},
		{"/req/html/content", "TestPageLinks", nil},
	},
	"ogcapi-common-1/1.0/conf/oas30": {
		{"/req/oas30/oas-definition-1", "TestOpenAPIVersions", nil},
		{"/req/oas30/oas-definition-2", "/api", []string{"Content-Type: application/vnd.oai.openapi+json;version=3.0"}},
		{"/req/oas30/oas-impl", "TestAnswersAreAsDescribed", nil},
		{"/req/oas30/completeness", "TestAnswersAreAsDescribed", nil},
	},
	"ogcapi-common-2/1.0/conf/collections": {
		{"/req/collections/rc-md-links", "/collections", []string{"200 OK", `"links":[`, `"collections":[`}},
		{"/req/collections/rc-md-items-links", "/collections", []string{`"rel":"items"`}},
		{"/req/collections/rc-extent", "/collections/towns", []string{`"extent":{`, `"bbox":[[`, `"interval":[["2014-06-10T00:00:00Z",null]]`}},
		{"/req/collections/src-md-success", "/collections/towns", []string{"200 OK", `"id":"towns"`}},
	},
	"ogcapi-common-2/1.0/conf/json": {
		{"/req/json/definition", "/collections/towns", []string{"200 OK", "Content-Type: application/json"}},
		{"/req/json/content", "TestAnswersAreAsDescribed", nil},
	},
	"ogcapi-common-2/1.0/conf/simple-query": {
		{"/req/collections/rc-bbox-collections-response", "TestCollectionsQuery", nil},
		{"/req/collections/rc-time-collections-response", "TestCollectionsQuery", nil},
		{"/req/collections/rc-limit-collections-response", "TestCollectionsQuery", nil},
		{"/req/collections/rc-numberMatched", "/collections?limit=1", []string{"200 OK", `"timeStamp":"20`, `"numberMatched":2`, `"numberReturned":1`}},
		{"/req/collections/rc-paged-response", "/collections?limit=1", []string{`after=towns`, `"rel":"next"`}},
		{"/req/collections/rc-op-limit: the description", "TestOpenAPIVersions", nil},
	},
	"ogcapi-features-1/1.0/conf/core": {
		{"/req/core/fc-bbox-response: A", "TestBboxIsExact", nil},
		{"/req/core/fc-bbox-response: C", "/collections/towns/items?bbox=10,10,11,11", []string{"200 OK", `"numberMatched":1`, `"id":"e"`, `"geometry":null`}},
		{"/req/core/fc-time-response", "TestItems", nil},
		{"/req/core/fc-limit-response-1", "TestPaging", nil},
		{"/req/core/fc-timeStamp", "/collections/towns/items", []string{`"timeStamp":"20`}},
		{"/req/core/fc-numberMatched", "/collections/towns/items?limit=2", []string{`"numberMatched":5`}},
		{"/req/core/fc-numberReturned", "/collections/towns/items?limit=2", []string{`"numberReturned":2`}},
		{"/req/core/fc-links", "/collections/towns/items?limit=2", []string{`"rel":"self"`, `"rel":"alternate"`, `"rel":"next"`}},
		{"/req/core/fc-rel-type", "TestLinkTypes", nil},
		{"/req/core/f-success", "TestItem", nil},
		{"/req/core/f-links", "/collections/towns/items/a", []string{`"rel":"self"`, `"rel":"alternate"`, `"rel":"collection"`}},
	},
	"ogcapi-features-1/1.0/conf/geojson": {
		{"/req/geojson/definition", "/collections/towns/items", []string{"Content-Type: application/geo+json"}},
		{"/req/geojson/content", "/collections/towns/items/a", []string{`{"type":"Feature"`, `"geometry":{"type":"Point","coordinates":[43,36]}`}},
	},
	"ogcapi-features-1/1.0/conf/html": {
		{"/req/html/definition", "/collections/towns/items?f=html", []string{"200 OK", "Content-Type: text/html"}},
		{"/req/html/content", "TestPageLinks", nil},
	},
	"ogcapi-features-1/1.0/conf/oas30": {
		{"/req/oas30/oas-definition-2", "TestOpenAPIVersions", nil},
		{"/req/oas30/exceptions-1", "/api", []string{`"400":{"$ref":"#/components/responses/problem"}`}},
	},
	"ogcapi-features-2/1.0/conf/crs": {
		{"/req/crs/crs-uri", "/collections/towns", []string{`"crs":["http://www.opengis.net/def/crs/OGC/1.3/CRS84"`, `http://www.opengis.net/def/crs/EPSG/0/4326`}},
		{"/req/crs/fc-md-storageCrs-valid-value", "/collections/towns", []string{`"storageCrs":"http://www.opengis.net/def/crs/OGC/1.3/CRS84"`}},
		{"/req/crs/fc-bbox-crs-action", "TestCRS", nil},
		{"/req/crs/geojson", "TestCRS", nil},
		{"/req/crs/ogc-crs-header", "/collections/towns/items/a?crs=http://www.opengis.net/def/crs/EPSG/0/4326", []string{"Content-Crs: <http://www.opengis.net/def/crs/EPSG/0/4326>", `"coordinates":[36,43]`}},
		{"/req/crs/fc-crs-valid-value", "/collections/towns/items?crs=nonsense", []string{"400 Bad Request"}},
	},
	"ogcapi-features-3/1.0/conf/queryables": {
		{"/req/queryables/queryables-link", "/collections/towns", []string{`"rel":"http://www.opengis.net/def/rel/ogc/1.0/queryables"`}},
		{"/req/queryables/get-queryables-response-200", "/collections/towns/queryables", []string{"200 OK", "Content-Type: application/schema+json", `"$id":"http://example.com/collections/towns/queryables"`, `"type":"object"`}},
	},
	"ogcapi-features-3/1.0/conf/queryables-query-parameters": {
		{"/req/queryables-query-parameters/parameters", "TestProperties", nil},
	},
	"ogcapi-features-3/1.0/conf/filter": {
		{"/req/filter/filter-param", "TestFilter", nil},
		{"/req/filter/filter-lang-param", "/collections/towns/items?filter-lang=sql&filter=a", []string{"400 Bad Request"}},
		{"/req/filter/filter-crs-param", "TestFilter", nil},
		{"/req/filter/mixing-expressions", "TestFilterErrors", nil},
	},
	"ogcapi-features-3/1.0/conf/features-filter": {
		{"/req/features-filter/filter-param", "/collections/towns/items?filter=name_en%3D'B'", []string{"200 OK", `"numberMatched":1`, `"id":"b"`}},
	},
	"ogcapi-common-3/1.0/conf/schemas": {
		{"/req/schemas: a JSON Schema", "/collections/towns/schema", []string{"200 OK", `"$schema":"https://json-schema.org/draft/2020-12/schema"`, `"$id":"http://example.com/collections/towns/schema"`, `"type":"object"`}},
		{"/req/schemas: types and roles", "TestReturnables", nil},
	},
	"ogcapi-common-3/1.0/conf/returnables-and-receivables": {
		{"/req/returnables-and-receivables: a link", "/collections/towns", []string{`"href":"http://example.com/collections/towns/schema","rel":"http://www.opengis.net/def/rel/ogc/1.0/schema","type":"application/schema+json"`}},
		{"/req/returnables-and-receivables: each property", "TestReturnables", nil},
		{"/req/returnables-and-receivables: features lead to it", "/collections/towns/items/a", []string{`Link: <http://example.com/collections/towns/schema>; rel="describedby"; type="application/schema+json"`, `"href":"http://example.com/collections/towns/schema","rel":"describedby"`}},
	},
	"ogcapi-common-3/1.0/conf/queryables": {
		{"/req/queryables: types and roles", "/collections/towns/queryables", []string{"200 OK", `"name_en":{"type":"string"}`, `"x-ogc-role":"primary-geometry"`}},
	},
	"ogcapi-common-3/1.0/conf/sortables": {
		{"/req/sortables: a link", "/collections/towns", []string{`"rel":"http://www.opengis.net/def/rel/ogc/1.0/sortables"`}},
		{"/req/sortables: each property", "/collections/towns/sortables", []string{"200 OK", `"$id":"http://example.com/collections/towns/sortables"`, `"name_en":{"type":"string"}`}},
	},
	"ogcapi-common-3/1.0/conf/advanced-property-roles": {
		{"/req/advanced-property-roles: ends of the valid time", "TestReturnables", nil},
	},
	"ogcapi-features-8/0.0/conf/sorting": {
		{"/req/sorting/sortby-parameter", "TestSort", nil},
	},
	"ogcapi-features-8/0.0/conf/features-sorting": {
		{"/req/features-sorting/sortby-response", "/collections/towns/items?sortby=-name_en&limit=1", []string{"200 OK", `"id":"e"`}},
	},
	"json-fg-1/1.0/conf/core":          {{"/req/core", "TestJSONFG", nil}},
	"json-fg-1/1.0/conf/types-schemas": {{"/req/types-schemas", "TestJSONFG", nil}},
	"json-fg-1/1.0/conf/profiles": {
		{"/req/profiles/rfc7946", "TestProfiles", nil},
		{"/req/profiles/jsonfg", "TestProfiles", nil},
		{"/req/profiles/jsonfg-plus", "TestProfiles", nil},
	},
	"json-fg-1/1.0/conf/api": {
		{"/req/api/profile-parameter", "TestProfiles", nil},
		{"/req/profile-parameter/profile-param", "/api", []string{`"name":"profile","required":false,"schema":{"items":{"type":"string"},"type":"array"},"style":"form"`}},
		{"/req/profile-parameter/profile-param-response", "/collections/towns/items?profile=jsonfg", []string{"200 OK", "Content-Type: application/geo+json", `Link: <http://www.opengis.net/def/profile/OGC/0/jsonfg>; rel="profile"`, `{"href":"http://www.opengis.net/def/profile/OGC/0/jsonfg","rel":"profile","type":"text/html"}`}},
	},
	"cql2/1.0/conf/cql2-text":  {{"/req/cql2-text", "geo/cql2.TestText", nil}},
	"cql2/1.0/conf/cql2-json":  {{"/req/cql2-json", "geo/cql2.TestJSON", nil}},
	"cql2/1.0/conf/basic-cql2": {{"/req/basic-cql2", "geo/cql2.TestMatch", nil}},
	"cql2/1.0/conf/advanced-comparison-operators": {
		{"/req/advanced-comparison-operators/like-predicate", "geo/cql2.TestLike", nil},
		{"/req/advanced-comparison-operators/between-predicate", "geo/cql2.TestMatch", nil},
	},
	"cql2/1.0/conf/case-insensitive-comparison": {
		{"/req/case-insensitive-comparison/casei", "/collections/towns/items?filter=CASEI(name_en)%3DCASEI('b')", []string{`"numberMatched":1`}},
	},
	"cql2/1.0/conf/accent-insensitive-comparison": {{"/req/accent-insensitive-comparison/accenti", "geo/cql2.TestFold", nil}},
	"cql2/1.0/conf/basic-spatial-functions": {
		{"/req/basic-spatial-functions/spatial-predicate", "/collections/towns/items?filter=S_INTERSECTS(geometry,BBOX(42,35.5,44,37))", []string{`"numberMatched":1`, `"id":"a"`}},
	},
	"cql2/1.0/conf/basic-spatial-functions-plus": {{"/req/basic-spatial-functions-plus/spatial-literals", "geo/cql2.TestPlaces", nil}},
	"cql2/1.0/conf/spatial-functions":            {{"/req/spatial-functions/spatial-functions", "geo/cql2.TestOracle", nil}},
	"cql2/1.0/conf/temporal-functions": {
		{"/req/temporal-functions/temporal-functions", "/collections/towns/items?filter=T_AFTER(valid,DATE('2016-12-31'))", []string{"200 OK", `"id":"d"`}},
		{"/req/temporal-functions/temporal-functions", "geo/cql2.TestTwoReadings", nil},
	},
	"cql2/1.0/conf/array-functions": {{"/req/array-functions/array-predicates", "geo/cql2.TestMatch", nil}},
	"cql2/1.0/conf/property-property": {
		{"/req/property-property/property-property", "/collections/towns/items?filter=start%3Dend%20AND%20name_en%3C%3Estart", []string{`"numberMatched":2`}},
	},
	"cql2/1.0/conf/arithmetic": {{"/req/arithmetic/arithmetic", "geo/cql2.TestMatch", nil}},
	"cql2/1.0/conf/functions": {
		{"/req/functions: calls", "/collections/towns/items?filter=lower(name_en)%3D'a'", []string{`"numberMatched":1`}},
		{"/req/functions: their list", "/functions", []string{`{"name":"lower","arguments":[{"title":"a text","type":["string"]}],"returns":["string"]}`}},
	},
	"ogcapi-tiles-1/1.0/conf/core": {
		{"/req/core/tc-success", "TestTiles", nil},
		{"/req/core/tc-error", "TestBadRequests", nil},
		{"/req/core/tc-success: an empty tile", "/collections/towns/tiles/WebMercatorQuad/9/0/0", []string{"204 No Content"}},
	},
	"ogcapi-tiles-1/1.0/conf/tileset": {
		{"/req/tileset/description", "/collections/towns/tiles/WebMercatorQuad", []string{"200 OK", `"dataType":"vector"`, `"tileMatrixSetURI":"http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"`, `"rel":"http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"`}},
		{"/req/tileset/tileset-link", "/collections/towns/tiles/WebMercatorQuad", []string{`/{tileMatrix}/{tileRow}/{tileCol}","rel":"item","type":"application/vnd.mapbox-vector-tile"`, `"templated":true`}},
	},
	"ogcapi-tiles-1/1.0/conf/tilesets-list": {
		{"/req/tilesets-list/tilesets", "/collections/towns/tiles", []string{"200 OK", `"tilesets":[{`, `"rel":"self"`}},
	},
	"ogcapi-tiles-1/1.0/conf/geodata-tilesets": {
		{"/req/geodata-tilesets: a link", "/collections/towns", []string{`"rel":"http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"`}},
		{"/req/geodata-tilesets: a tile", "TestTiles", nil},
	},
	"ogcapi-tiles-1/1.0/conf/dataset-tilesets": {
		{"/req/dataset-tilesets: a link", "/?f=json", []string{`"rel":"http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"`}},
		{"/req/dataset-tilesets: a tile", "/tiles/WebMercatorQuad/0/0/0", []string{"200 OK", "Content-Type: application/vnd.mapbox-vector-tile"}},
	},
	"ogcapi-tiles-1/1.0/conf/collections-selection": {
		{"/req/collections-selection/collections-response", "TestTiles", nil},
		{"/req/collections-selection/collections-response", "/tiles/WebMercatorQuad/0/0/0?collections=nowhere", []string{"400 Bad Request"}},
	},
	"ogcapi-tiles-1/1.0/conf/datetime": {{"/req/datetime/datetime-response", "TestTiles", nil}},
	"ogcapi-tiles-1/1.0/conf/mvt":      {{"/req/mvt/content", "geo/tile.TestGolden", nil}},
	"ogcapi-tiles-1/1.0/conf/geojson":  {{"/req/geojson/content", "TestTilesAsGeoJSON", nil}},
	"ogcapi-tiles-1/1.0/conf/oas30": {
		{"/req/oas30/completeness", "TestTilesInOpenAPI", nil},
		{"/req/oas30/operation-id", "TestTilesInOpenAPI", nil},
	},
	"tms/2.0/conf/tilematrixset": {
		{"/req/tilematrixset", "/tileMatrixSets", []string{`"uri":"http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"`}},
	},
	"tms/2.0/conf/json-tilematrixset": {
		{"/req/json-tilematrixset", "/tileMatrixSets/WebMercatorQuad", []string{"200 OK", `"scaleDenominator":559082264.0287`, `"cellSize":156543.0339`, `"pointOfOrigin":[-20037508.3427`, `"matrixWidth":1,`}},
	},
	"tms/2.0/conf/tilematrixsetlimits":      {{"/req/tilematrixsetlimits", "TestTilesetLimits", nil}},
	"tms/2.0/conf/json-tilematrixsetlimits": {{"/req/json-tilematrixsetlimits", "TestTilesetLimits", nil}},
	"tms/2.0/conf/tilesetmetadata":          {{"/req/tilesetmetadata", "TestTilesetLimits", nil}},
	"tms/2.0/conf/json-tilesetmetadata":     {{"/req/json-tilesetmetadata", "TestAnswersAreAsDescribed", nil}},
	"ogcapi-styles-1/0.0/conf/core": {
		{"/req/core: the styles", "TestStyles", nil},
		{"/req/core: a style", "TestStyleTime", nil},
		{"/req/core: its metadata", "/styles/towns/metadata", []string{"200 OK", `"id":"towns"`, `"stylesheets":[{`, `"native":true`}},
	},
	"ogcapi-styles-1/0.0/conf/json": {
		{"/req/json: the styles", "/styles", []string{"Content-Type: application/json", `"default":"atlas"`, `"styles":[{"id":"atlas"`, `"rel":"stylesheet"`, `"rel":"describedby"`}},
	},
	"ogcapi-styles-1/0.0/conf/html": {
		{"/req/html: the styles", "/styles?f=html", []string{"200 OK", "Content-Type: text/html", `href="/styles/atlas`}},
		{"/req/html: the metadata", "/styles/towns/metadata?f=html", []string{"200 OK", "Content-Type: text/html"}},
	},
	"ogcapi-styles-1/0.0/conf/mapbox-styles": {
		{"/req/mapbox-styles: a style", "/styles/atlas", []string{"Content-Type: application/vnd.mapbox.style+json", `"version":8`}},
	},
}

// TestConformance: each class that is claimed has requirements in the table, and each
// of them holds or has the test that is said to cover it.
func TestConformance(t *testing.T) {
	s := newServer(t)
	const spec = "http://www.opengis.net/spec/"
	tests := map[string]string{} // the text of a package's, by its folder
	for _, class := range decode[struct{ ConformsTo []string }](t, get(t, s, "/conformance")).ConformsTo {
		name, ours := strings.CutPrefix(class, spec)
		if !ours || len(conformance[name]) == 0 {
			t.Errorf("%s is claimed: write what covers it into the table", class)
		}
		for _, r := range conformance[name] {
			if !strings.HasPrefix(r.by, "/") {
				folder, test, elsewhere := strings.Cut(r.by, ".")
				if !elsewhere {
					folder, test = "internal/server", r.by
				}
				if tests[folder] == "" {
					tests[folder] = testsIn(t, folder)
				}
				if !strings.Contains(tests[folder], "\nfunc "+test+"(t *testing.T)") {
					t.Errorf("%s %s: there is no test %s", name, r.name, r.by)
				}
				continue
			}
			answer, err := httputil.DumpResponse(get(t, s, r.by), true)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range r.wants {
				if !strings.Contains(string(answer), want) {
					t.Errorf("%s %s: %s: %s", name, r.name, r.by, cmp.Diff(want, string(answer)))
				}
			}
			if len(r.wants) == 0 {
				t.Errorf("%s %s: nothing is wanted of %s", name, r.name, r.by)
			}
		}
	}
}

// testsIn returns the text of all tests in a folder of the module.
func testsIn(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob("../../" + folder + "/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no tests: %v", folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
