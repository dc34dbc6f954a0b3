package server_test

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const (
	crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsg  = "http://www.opengis.net/def/crs/EPSG/0/"
)

// placed is what the tests of coordinates decode of a feature.
type placed struct {
	ID       any
	Geometry struct {
		Type        string
		Coordinates any
	}
}

// firstPoint returns the first coordinates of a geometry.
func (p placed) firstPoint(t *testing.T) (x, y float64) {
	t.Helper()
	list, ok := p.Geometry.Coordinates.([]any)
	for ok && len(list) > 0 {
		if x, isNumber := list[0].(float64); isNumber {
			return x, list[1].(float64) //nolint:forcetypeassert // as the one before
		}
		list, ok = list[0].([]any)
	}
	t.Fatalf("%v has no coordinates", p)
	return 0, 0
}

// TestCRS asks for features in other systems (OGC 18-058r1). The places in them are
// PROJ's; see geo/crs.
func TestCRS(t *testing.T) {
	s := serve(t, sized(), 0)
	type described struct {
		CRS        []string
		StorageCRS string
	}
	t.Run("/req/crs/fc-md-crs-list, fc-md-storageCrs", func(t *testing.T) {
		got := decode[described](t, get(t, s, "/collections/wards"))
		want := []string{crs84, epsg + "4326", epsg + "3857", epsg + "32637", epsg + "32638"}
		if d := cmp.Diff(want, got.CRS); d != "" || got.StorageCRS != crs84 {
			t.Errorf("%s; storageCrs %s", d, got.StorageCRS)
		}
		all := decode[struct{ Collections []described }](t, get(t, s, "/collections"))
		if len(all.Collections) != 2 || len(all.Collections[1].CRS) != 5 {
			t.Errorf("the list of layers: %+v", all)
		}
	})
	for _, c := range []struct {
		requirement, crs string
		x, y, within     float64
	}{
		{"/req/crs/ogc-crs-header: default", "", 39, 34, 0},
		{"/req/crs/fc-crs-default-value", crs84, 39, 34, 0},
		{"/req/crs/fc-crs-valid-value: latitude first", epsg + "4326", 34, 39, 0},
		{"/req/crs/fc-crs-action: metres", epsg + "3857", 4341460.142, 4028802.026, 0.002},
		{"/req/crs/fc-crs-action: UTM", epsg + "32637", 500000, 3762155.978, 0.002},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			query := ""
			want := "<" + crs84 + ">"
			if c.crs != "" {
				query, want = "?crs="+url.QueryEscape(c.crs), "<"+c.crs+">"
			}
			for _, path := range []string{"/collections/wards/items", "/collections/wards/items/w"} {
				r := get(t, s, path+query)
				if got := r.Header.Get("Content-Crs"); got != want {
					t.Errorf("%s: Content-Crs %s, want %s", path, got, want)
				}
				var f placed
				if strings.HasSuffix(path, "/w") {
					f = decode[placed](t, r)
				} else {
					f = decode[struct{ Features []placed }](t, r).Features[0]
				}
				if x, y := f.firstPoint(t); math.Abs(x-c.x) > c.within || math.Abs(y-c.y) > c.within {
					t.Errorf("%s: at %v %v, want %v %v", path, x, y, c.x, c.y)
				}
			}
		})
	}
	for _, c := range []struct{ requirement, query, want string }{ // b has no place and so is in every box
		{"/req/crs/fc-bbox-crs-default-value", "bbox=39.5,34.5,40.5,35.5", "a b"},
		{"/req/crs/fc-bbox-crs-definition: CRS84", "bbox=39.5,34.5,40.5,35.5&bbox-crs=" + crs84, "a b"},
		{"/req/crs/fc-bbox-crs-action: latitude first", "bbox=34.5,39.5,35.5,40.5&bbox-crs=" + epsg + "4326", "a b"},
		{"/req/crs/fc-bbox-crs-action: over the antimeridian", "bbox=5,179,15,-10&bbox-crs=" + epsg + "4326", "b d"},
		{"/req/crs/fc-bbox-crs-action: metres", "bbox=4400000,4100000,4600000,4400000&bbox-crs=" + epsg + "3857", "a b c"},
		{"/req/crs/fc-bbox-crs-action: with heights", "bbox=4400000,4100000,0,4460000,4200000,9&bbox-crs=" + epsg + "3857", "a b"},
		{"/req/crs/fc-bbox-crs-action: UTM", "bbox=590000,3870000,592000,3875000&bbox-crs=" + epsg + "32637", "a b"},
		{"/req/crs/fc-bbox-crs-action: the box, not what covers it", "bbox=600000,3900000,679000,4400000&bbox-crs=" + epsg + "32637", "b"},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			if d := cmp.Diff(strings.Fields(c.want), itemIDs(t, get(t, s, "/collections/towns/items?"+c.query)), emptyIsNil); d != "" {
				t.Errorf("%s: %s", c.query, d)
			}
		})
	}
	for _, c := range []struct{ requirement, filter, crs, want string }{
		{"/req/filter/filter-crs-wgs84", "S_INTERSECTS(geometry, BBOX(39.5, 34.5, 40.5, 35.5))", crs84, "a"},
		{"/req/filter/filter-crs-param: latitude first", "S_INTERSECTS(geometry, BBOX(34.5, 39.5, 35.5, 40.5))", epsg + "4326", "a"},
		{"/req/filter/filter-crs-param: a point", "S_INTERSECTS(geometry, POINT(35 40)) OR size = 9", epsg + "4326", "a d"},
		{"/req/filter/filter-crs-param: metres", "S_WITHIN(geometry, BBOX(4400000, 4100000, 4600000, 4400000))", epsg + "3857", "a c"},
		{"/req/filter/filter-crs-param: an area in UTM", "S_WITHIN(geometry, POLYGON((590000 3870000, 592000 3870000, 592000 3875000, 590000 3875000, 590000 3870000)))", epsg + "32637", "a"},
		{"/req/filter/filter-crs-param: a box in UTM", "NOT S_INTERSECTS(geometry, BBOX(590000, 3870000, 592000, 3875000))", epsg + "32637", "c d"},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			if d := cmp.Diff(strings.Fields(c.want), itemIDs(t, get(t, s, "/collections/towns/items"+filterQuery("filter", c.filter, "filter-crs", c.crs))), emptyIsNil); d != "" {
				t.Errorf("%s: %s", c.filter, d)
			}
		})
	}
	for _, c := range []struct{ requirement, query string }{
		{"/req/crs/fc-crs-valid-value", "crs=" + epsg + "4979"},
		{"/req/crs/fc-crs-valid-value: a zone far away", "crs=" + epsg + "32601"},
		{"/req/crs/fc-crs-valid-value: empty", "crs="},
		{"/req/crs/fc-bbox-crs-valid-value", "bbox=1,2,3,4&bbox-crs=EPSG:4326"},
		{"/req/crs/fc-bbox-crs-valid-value: no box", "bbox-crs=" + epsg + "4326"},
		{"/req/crs/fc-bbox-crs-valid-value: a latitude of 100", "bbox=1,2,100,4&bbox-crs=" + epsg + "4326"},
		{"/req/crs/fc-bbox-crs-valid-value: upside down", "bbox=590000,3870000,592000,3860000&bbox-crs=" + epsg + "32637"},
		{"/req/filter/filter-crs-param", "filter=size%3D5&filter-crs=" + epsg + "32601"},
	} {
		t.Run(c.requirement, func(t *testing.T) {
			if r := get(t, s, "/collections/towns/items?"+c.query); r.StatusCode != http.StatusBadRequest || r.Header.Get("Content-Crs") != "" {
				t.Errorf("%s: %d, %s", c.query, r.StatusCode, body(t, r))
			}
		})
	}
}

// TestCRSAntimeridian: a box of the zone beside the antimeridian reaches over it.
func TestCRSAntimeridian(t *testing.T) {
	s := serve(t, fstest.MapFS{"isles.geojson": {Data: []byte(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":"west","geometry":{"type":"Point","coordinates":[179.9,-17]},"properties":{}},
{"type":"Feature","id":"east","geometry":{"type":"Point","coordinates":[-179.9,-17]},"properties":{}},
{"type":"Feature","id":"far","geometry":{"type":"Point","coordinates":[0,-17]},"properties":{}}
]}`)}}, 0)
	for _, zone := range []string{"32701", "32760"} {
		box := "100000,8000000,250000,8200000"
		if zone == "32760" {
			box = "750000,8000000,900000,8200000"
		}
		if got := itemIDs(t, get(t, s, "/collections/isles/items?bbox="+box+"&bbox-crs="+epsg+zone)); !slices.Equal(got, []string{"east", "west"}) {
			t.Errorf("EPSG:%s: %v", zone, got)
		}
	}
}
