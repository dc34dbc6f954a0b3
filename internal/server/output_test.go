package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sequence follows the next links and returns the ids in the order in which they come.
func sequence(t *testing.T, s http.Handler, target string) (got []string) {
	t.Helper()
	for range 100 {
		p := decode[page](t, get(t, s, target))
		for _, f := range p.Features {
			got = append(got, f.ID.(string)) //nolint:forcetypeassert // the layer's are
		}
		target = ""
		for _, l := range p.Links {
			if l.Rel == "next" {
				u, err := url.Parse(l.Href)
				if err != nil {
					t.Fatal(err)
				}
				target = u.RequestURI()
			}
		}
		if target == "" {
			return got
		}
	}
	t.Fatal("no end")
	return nil
}

// TestSort: OGC API Features Part 8 (draft). Page by page the order is the same.
func TestSort(t *testing.T) {
	s := serve(t, sized(), 0)
	for _, c := range []struct{ requirement, sortby, want string }{
		{"/req/sorting/sortby-parameter: ascending", "size", "a b c d"},
		{"/req/sorting/sortby-parameter: a plus sign", "%2Bsize", "a b c d"},
		{"/req/sorting/sortby-parameter: a plus sign that became a space", "+size", "a b c d"},
		{"/req/sorting/sortby-response: descending", "-size", "d c b a"},
		{"/req/sorting/sortby-response: texts", "-name", "c d b a"},
		{"/req/sorting/sortby-response: null last", "name_ar,-size", "a d c b"},
		{"/req/sorting/sortby-response: null last, descending", "-name_ar,size", "a b c d"},
		{"/req/sorting/sortby-response: by id where equal", "-name_ar", "a b c d"},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			for _, limit := range []string{"1", "2", "3", "100"} {
				if got := sequence(t, s, "/collections/towns/items?sortby="+c.sortby+"&limit="+limit); !slices.Equal(got, strings.Fields(c.want)) {
					t.Errorf("limit %s: got %v, want %s", limit, got, c.want)
				}
			}
		})
	}
	for _, sortby := range []string{"", "nobody", "size,", "--size", "geometry", "id"} {
		if r := get(t, s, "/collections/towns/items?sortby="+sortby); r.StatusCode != http.StatusBadRequest {
			t.Errorf("/req/sorting/sortby-parameter: %q: %d", sortby, r.StatusCode)
		}
	}
	if r := get(t, s, "/collections/towns/items?sortby=size&after=%5B1%5D"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a made-up cursor: %d", r.StatusCode)
	}
	type schema struct {
		Type                 string
		Properties           map[string]struct{ Type string }
		AdditionalProperties bool
	}
	got := decode[schema](t, get(t, s, "/collections/towns/sortables"))
	if got.Type != "object" || got.Properties["size"].Type != "integer" || got.Properties["name"].Type != "string" || len(got.Properties) != 5 {
		t.Errorf("/req/sortables/sortables-response: %+v", got)
	}
	if text := string(body(t, get(t, s, "/collections/towns?f=json"))); !strings.Contains(text, "/collections/towns/sortables") {
		t.Error("/req/sortables/sortables-link: no link")
	}
}

// TestPropertiesWanted: a feature keeps its id and geometry, and of its properties what is asked for.
func TestPropertiesWanted(t *testing.T) {
	s := serve(t, sized(), 0)
	type feature struct {
		ID         any
		Geometry   any
		Properties map[string]any
	}
	want := map[string]any{"name": "Alpha", "size": 3.0}
	for _, f := range []feature{
		decode[feature](t, get(t, s, "/collections/towns/items/a?properties=name,size")),
		decode[struct{ Features []feature }](t, get(t, s, "/collections/towns/items?properties=size,name&limit=1")).Features[0],
		decode[struct{ Features []feature }](t, get(t, s, "/downloads/towns.geojson?properties=size,name")).Features[0],
	} {
		if d := cmp.Diff(want, f.Properties); d != "" || f.ID != "a" || f.Geometry == nil {
			t.Errorf("%s %+v", d, f)
		}
	}
	if text := string(body(t, get(t, s, "/downloads/towns.csv?properties=size"))); !strings.HasPrefix(text, "id,size,valid_from,valid_until,geometry\r\na,3,2014-01-01,2016-12-31,") {
		t.Errorf("as a table: %s", text)
	}
	for _, target := range []string{"/collections/towns/items?properties=", "/collections/towns/items/a?properties=name,nobody", "/downloads/towns.csv?properties=nobody", "/downloads/atlas.csv?properties=name"} {
		if r := get(t, s, target); r.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	if got := sequence(t, s, "/collections/towns/items?properties=name&sortby=-size&limit=1"); !slices.Equal(got, []string{"d", "c", "b", "a"}) {
		t.Errorf("sorted by what is not shown: %v", got)
	}
}

// jsonFG is what the tests decode of JSON-FG.
type jsonFG struct {
	Type, FeatureType, FeatureSchema, CoordRefSys string
	ConformsTo                                    []string
	GeometryDimension                             *int
	Features                                      []json.RawMessage
	Time, Place, Geometry                         *struct {
		Type        string
		Coordinates []any
		Interval    []string
	}
	Links []struct{ Rel, Type, Href string }
}

// TestJSONFG: OGC 21-045r1.
func TestJSONFG(t *testing.T) {
	s := serve(t, sized(), 0)
	const core, types = "http://www.opengis.net/spec/json-fg-1/1.0/conf/core", "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas"
	whole := []jsonFG{}
	for _, target := range []string{"/collections/wards/items?f=jsonfg", "/collections/wards/items/w?f=jsonfg"} {
		r := get(t, s, target)
		if got := r.Header.Get("Content-Type"); got != "application/vnd.ogc.fg+json" {
			t.Errorf("/req/core/media-type: %s: %s", target, got)
		}
		if got := strings.Join(r.Header.Values("Link"), ", "); !strings.Contains(got, `/jsonfg>; rel="profile"`) {
			t.Errorf("%s: Link: %s", target, got)
		}
		f := decode[jsonFG](t, r)
		if !slices.Contains(f.ConformsTo, core) || !slices.Contains(f.ConformsTo, types) {
			t.Errorf("/req/core/metadata: %s: conformsTo %v", target, f.ConformsTo)
		}
		if f.FeatureType != "wards" || *f.GeometryDimension != 2 {
			t.Errorf("/req/types-schemas/feature-type: %s: %s", target, f.FeatureType)
		}
		if schema, err := url.Parse(f.FeatureSchema); err != nil || get(t, s, schema.Path).StatusCode != http.StatusOK {
			t.Errorf("/req/types-schemas/feature-schema: %s: %s", target, f.FeatureSchema)
		}
		if f.CoordRefSys != crs84 {
			t.Errorf("/req/core/coordrefsys: %s: %s", target, f.CoordRefSys)
		}
		whole = append(whole, f)
	}
	if a := get(t, s, "/collections/wards/items", "Accept", "application/vnd.ogc.fg+json"); a.Header.Get("Content-Type") != "application/vnd.ogc.fg+json" {
		t.Errorf("by Accept: %s", a.Header.Get("Content-Type"))
	}
	var inPage jsonFG
	if err := json.Unmarshal(whole[0].Features[0], &inPage); err != nil {
		t.Fatal(err)
	}
	for _, f := range []jsonFG{inPage, whole[1]} {
		if f.Place != nil || f.Geometry == nil || f.Geometry.Type != "Polygon" {
			t.Errorf("/req/core/place: in CRS84 %+v", f)
		}
		if f.Time == nil || !slices.Equal(f.Time.Interval, []string{"2014-01-01", "2015-12-31"}) {
			t.Errorf("/req/core/interval: %+v", f.Time)
		}
	}
	for _, c := range []struct {
		profile string
		both    bool
	}{{"", false}, {"&profile=jsonfg", false}, {"&profile=jsonfg-plus", true}, {"&profile=http://www.opengis.net/def/profile/OGC/0/jsonfg-plus", true}} {
		f := decode[jsonFG](t, get(t, s, "/collections/wards/items/w?f=jsonfg&crs="+epsg+"32637"+c.profile))
		if f.CoordRefSys != epsg+"32637" || f.Place == nil || f.Place.Type != "Polygon" || (f.Geometry != nil) != c.both {
			t.Errorf("/req/core/place: in UTM %s %+v", c.profile, f)
		}
	}
	if text := string(body(t, get(t, s, "/collections/towns/items/b?f=jsonfg"))); !strings.Contains(text, `"place":null,"geometry":null`) {
		t.Errorf("/req/core/place: without a place: %s", text)
	}
	for _, target := range []string{"/collections/wards/items/w?profile=", "/collections/wards/items?profile=jsonfg,", "/collections/wards/items?profile=JSON%20FG", "/downloads/wards.geojson?profile=."} {
		if r := get(t, s, target); r.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	r := get(t, s, "/downloads/wards.jsonfg?crs="+epsg+"3857")
	if f := decode[jsonFG](t, r); r.Header.Get("Content-Type") != "application/vnd.ogc.fg+json" || f.CoordRefSys != epsg+"3857" || f.FeatureType != "wards" || !strings.Contains(string(f.Features[0]), `"place":{"type":"Polygon","coordinates":[[[4341460.141,`) {
		t.Errorf("as a file: %+v %s", f, f.Features)
	}
	// Each form links to the others (OGC 17-069r4 /req/core/fc-links).
	for target, want := range map[string][]string{
		"/collections/wards/items?f=json":     {"application/vnd.ogc.fg+json", "text/html"},
		"/collections/wards/items/w?f=jsonfg": {"application/geo+json", "text/html"},
	} {
		var got []string
		for _, l := range decode[jsonFG](t, get(t, s, target)).Links {
			if l.Rel != "alternate" {
				continue
			}
			u, err := url.Parse(l.Href)
			if err != nil {
				t.Fatal(err)
			}
			if r := get(t, s, u.RequestURI()); !strings.HasPrefix(r.Header.Get("Content-Type"), l.Type) {
				t.Errorf("%s: %s", l.Href, r.Header.Get("Content-Type"))
			}
			got = append(got, l.Type)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", target, got)
		}
	}
}

// TestTimelineFilter: the epochs of what a filter selects, or a property.
func TestTimelineFilter(t *testing.T) {
	s := serve(t, sized(), 0)
	type timeline struct {
		Epochs []struct {
			Interval string
			Possible struct{ Count int }
		}
	}
	for query, want := range map[string][]string{
		filterQuery("filter", "size > 8"): {"../2009-12-31 0", "2010-01-01/2012-12-31 1", "2013-01-01/.. 0"},
		"?size=5":                         {"../2014-12-31 0", "2015-01-01/.. 1"},
		filterQuery("filter", "S_INTERSECTS(geometry, POINT(35 40))", "filter-crs", epsg+"4326"): {"../2013-12-31 0", "2014-01-01/2016-12-31 1", "2017-01-01/.. 0"},
		filterQuery("filter", "size > 100"): {"../.. 0"},
	} {
		var got []string
		for _, e := range decode[timeline](t, get(t, s, "/collections/towns/timeline"+query)).Epochs {
			got = append(got, e.Interval+" "+string(rune('0'+e.Possible.Count)))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", query, d)
		}
		if lines := strings.Count(string(body(t, get(t, s, "/collections/towns/timeline"+query+"&f=csv"))), "\r\n"); lines != len(want)+1 {
			t.Errorf("%s as a table: %d lines", query, lines)
		}
	}
	if r := get(t, s, "/collections/towns/timeline?filter=nobody%3D1"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a property that there is none of: %d", r.StatusCode)
	}
}

// TestDownloadSystem: files that can be in any coordinate system are, with the east first
// but in JSON-FG; their headers and names say so. Others say why they are not.
func TestDownloadSystem(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct{ ext, crs, content, part, has string }{
		{"csv", epsg + "32638", epsg + "32638", "-epsg32638", "POINT (319733.342 3985798.208)"},
		{"csv", epsg + "4326", crs84, "", "POINT (43 36)"},
		{"fgb", epsg + "3857", epsg + "3857", "-epsg3857", "fgb"},
		{"fgb", epsg + "4326", crs84, "", "fgb"},
		{"jsonfg", epsg + "4326", epsg + "4326", "-epsg4326", `"coordinates":[36,43]`},
		{"geojson", crs84, crs84, "", `"coordinates":[43,36]`},
		{"kml", "", crs84, "", "43,36"},
	} {
		r := get(t, s, "/downloads/towns."+c.ext+"?crs="+c.crs)
		if c.crs == "" {
			r = get(t, s, "/downloads/towns."+c.ext)
		}
		text, name := string(body(t, r)), "filename=towns"+c.part+"."+c.ext
		if !strings.Contains(text, c.has) || r.Header.Get("Content-Crs") != "<"+c.content+">" || !strings.HasSuffix(r.Header.Get("Content-Disposition"), name) {
			t.Errorf("%s in %s: %s %v %s", c.ext, c.crs, r.Status, r.Header, text)
		}
	}
	for _, ext := range []string{"geojson", "geojsonl", "kml"} {
		r := get(t, s, "/downloads/towns."+ext+"?crs="+epsg+"4326&lang=en")
		if text := string(body(t, r)); r.StatusCode != http.StatusBadRequest || !strings.Contains(text, "ask for towns.jsonfg, towns.csv, towns.fgb") {
			t.Errorf("%s: %s %s", ext, r.Status, text)
		}
	}
}
