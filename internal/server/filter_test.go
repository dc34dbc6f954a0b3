package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// sized is a folder of two layers that only share some properties.
func sized() fstest.MapFS {
	return fstest.MapFS{
		"towns.geojson": {Data: []byte(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[40,35]},"properties":{"name":"Alpha","name_ar":"أَلفا","size":3,"start":"2014","end":"2016"}},
{"type":"Feature","id":"b","geometry":null,"properties":{"name":"Beta","size":5,"start":"2015","end":".."}},
{"type":"Feature","id":"c","geometry":{"type":"Point","coordinates":[41,36]},"properties":{"name":"Gamma","size":7,"start":"2016-02","end":"2016-08"}},
{"type":"Feature","id":"d","geometry":{"type":"Point","coordinates":[-20,10]},"properties":{"name":"Delta","size":9,"start":"2010","end":"2012"}}
]}`)},
		"wards.geojson": {Data: []byte(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":"w","geometry":{"type":"Polygon","coordinates":[[[39,34],[42,34],[42,37],[39,37],[39,34]]]},"properties":{"name":"Ward","start":"2014","end":"2015"}}
]}`)},
	}
}

func filterQuery(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

// TestFilter asks items, a tile and a download of the same (OGC 19-079r2
// /req/filter, /req/features-filter).
func TestFilter(t *testing.T) {
	s := serve(t, sized(), 0)
	for _, c := range []struct {
		filter, lang, more, want string
	}{
		{"size > 3", "", "", "b c d"},
		{"size > 3 AND size < 9", "cql2-text", "", "b c"},
		{`{"op":"<","args":[{"property":"size"},7]}`, "cql2-json", "", "a b"},
		{"S_WITHIN(geometry, BBOX(39, 34, 42, 37))", "", "", "a c"},
		{"T_INTERSECTS(INTERVAL(start, end), DATE('2015'))", "", "", "a b"},
		{"T_INTERSECTS(valid, INTERVAL('2016-07-01', '..'))", "", "", "a b c"},
		{"id IN ('a', 'd', 'nobody')", "", "", "a d"},
		{"id IN ('a', 'd') AND S_INTERSECTS(geometry, POINT(40 35))", "", "", "a"},
		{"ACCENTI(name_ar) = ACCENTI('الفا')", "", "", "a"},
		{"size > 3", "", "datetime=2015", "b"},
		{"size > 3", "", "bbox=40,30,50,40", "b c"},
		{"name = 'nobody'", "", "", ""},
	} {
		query := filterQuery("filter", c.filter)
		if c.lang != "" {
			query += "&filter-lang=" + c.lang
		}
		if c.more != "" {
			query += "&" + c.more
		}
		want := strings.Fields(c.want)
		items := get(t, s, "/collections/towns/items"+query)
		if d := cmp.Diff(want, itemIDs(t, items), emptyIsNil); d != "" {
			t.Errorf("items %s: %s", c.filter, d)
		}
		file := get(t, s, "/downloads/towns.geojson"+query)
		if d := cmp.Diff(want, itemIDs(t, file), emptyIsNil); d != "" {
			t.Errorf("download %s: %s", c.filter, d)
		}
		if strings.HasPrefix(c.more, "bbox") {
			continue
		}
		placed := slices.DeleteFunc(slices.Clone(want), func(id string) bool { return id == "b" }) // it has no place
		for _, path := range []string{"/collections/towns/tiles/WebMercatorQuad/0/0/0" + query, "/tiles/WebMercatorQuad/0/0/0" + query + "&collections=towns"} {
			for range 2 { // made, and from the cache
				if d := cmp.Diff(placed, tileIDs(t, get(t, s, path)), emptyIsNil); d != "" {
					t.Errorf("%s %s: %s", path, c.filter, d)
				}
			}
		}
	}
	if got := tileIDs(t, get(t, s, "/tiles/WebMercatorQuad/0/0/0"+filterQuery("filter", "name LIKE '%a%'"))); !slices.Equal(slices.Compact(got), []string{"a", "c", "d", "w"}) {
		t.Errorf("all layers in one tile: %v", got)
	}
	if got := itemIDs(t, get(t, s, "/downloads/atlas.geojson"+filterQuery("filter", "T_BEFORE(valid, DATE('2016'))"))); !slices.Equal(got, []string{"towns/d", "wards/w"}) {
		t.Errorf("all layers in one file: %v", got)
	}
}

var emptyIsNil = cmp.Transformer("nil", func(s []string) string { return strings.Join(s, " ") }) //nolint:gochecknoglobals // an option

// TestFilterPages: next links keep the filter, and nothing is lost between them.
func TestFilterPages(t *testing.T) {
	s := serve(t, sized(), 0)
	got := sequence(t, s, "/collections/towns/items"+filterQuery("filter", "size <> 5", "limit", "1"))
	if !slices.Equal(got, []string{"a", "c", "d"}) {
		t.Errorf("got %v", got)
	}
}

// TestFilterErrors: each way to ask answers 400 and says what is wrong, and where.
func TestFilterErrors(t *testing.T) {
	s := serve(t, sized(), 0)
	for _, c := range []struct{ query, detail string }{
		{filterQuery("filter", ""), "is missing here"},
		{filterQuery("filter", "size = "), "at character 8: the end"},
		{filterQuery("filter", "siez = 5"), "did you mean size?"},
		{filterQuery("filter", "size = 5", "filter-lang", "sql"), "cql2-text or cql2-json"},
		{filterQuery("filter", "size = 5", "filter-lang", "cql2-json"), "not JSON"},
		{filterQuery("filter", "size = 5", "filter-crs", "http://www.opengis.net/def/crs/EPSG/0/4979"), "CRS84"},
		{filterQuery("filter", strings.Repeat("(", 300)+"size"), "levels deep"},
	} {
		for _, path := range []string{
			"/collections/towns/items", "/downloads/towns.geojson", "/downloads/atlas.geojson",
			"/collections/towns/tiles/WebMercatorQuad/0/0/0", "/tiles/WebMercatorQuad/0/0/0", "/tiles/WebMercatorQuad",
		} {
			r := get(t, s, path+c.query, "Accept-Language", "en")
			if text := string(body(t, r)); r.StatusCode != http.StatusBadRequest || !strings.Contains(text, c.detail) {
				t.Errorf("%s%s: %d %s", path, c.query, r.StatusCode, text)
			}
		}
	}
	r := get(t, s, "/tiles/WebMercatorQuad/0/0/0"+filterQuery("filter", "size = 5"), "Accept-Language", "en")
	if text := string(body(t, r)); r.StatusCode != http.StatusBadRequest || !strings.Contains(text, "layer wards: filter: there is no property size") {
		t.Errorf("a property that one of the layers lacks: %d %s", r.StatusCode, text)
	}
}
