package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// OGC 20-057 /req/geojson/content: a FeatureCollection of one tile, in longitude and
// latitude whatever the grid, of what the vector tile shows.
func TestTilesAsGeoJSON(t *testing.T) {
	s := newServer(t)
	const town, tile = "/collections/towns/tiles/WebMercatorQuad/4/6/9", "/tiles/WebMercatorQuad/4/6/9"
	for target, want := range map[string]string{
		town:                    "a b",
		town + "?datetime=2016": "b",
		town + "?datetime=2016&certainty=certain":        "",
		town + "?datetime=2015/2016":                     "a b",
		town + filterQuery("filter", "name_en = 'B'"):    "b",
		"/collections/towns/tiles/WebMercatorQuad/4/7/0": "c/ج",
		"/collections/towns/tiles/WorldCRS84Quad/3/2/9":  "a b",
		"/collections/towns/tiles/WorldCRS84Quad/0/0/0":  "c/ج",
		tile:                        "towns/a towns/b areas/l",
		tile + "?collections=areas": "areas/l",
		tile + "?datetime=2014":     "towns/a areas/l",
		"/tiles/WorldCRS84Quad/3/2/9?datetime=2016": "towns/b areas/l",
	} {
		byAccept := get(t, s, target, "Accept", "application/geo+json")
		join := "?"
		if strings.Contains(target, "?") {
			join = "&"
		}
		for _, r := range []*http.Response{get(t, s, target+join+"f=geojson"), byAccept} {
			if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/geo+json" || !strings.Contains(r.Header.Get("Vary"), "Accept,") {
				t.Fatalf("%s: %d %v", target, r.StatusCode, r.Header)
			}
			got := decode[struct {
				Type     string
				Features []struct {
					ID         string
					Geometry   struct{ Coordinates any }
					Properties map[string]any
				}
			}](t, r)
			var ids []string
			for _, f := range got.Features {
				ids = append(ids, f.ID)
				if place := fmt.Sprint(f.Geometry.Coordinates); strings.HasSuffix(f.ID, "a") && place != "[43 36]" {
					t.Errorf("%s: %s lies at %s", target, f.ID, place)
				}
				if layer, _, several := strings.Cut(f.ID, "/"); several && strings.HasPrefix(target, "/tiles") && f.Properties["layer"] != layer {
					t.Errorf("%s: %s is of layer %v", target, f.ID, f.Properties["layer"])
				}
			}
			wanted := strings.Fields(want)
			slices.Sort(wanted)
			if slices.Sort(ids); got.Type != "FeatureCollection" || !slices.Equal(ids, wanted) {
				t.Errorf("%s: %s of %v, want %v", target, got.Type, ids, wanted)
			}
		}
		if again := get(t, s, target); again.Header.Get("Content-Type") == "application/geo+json" {
			t.Errorf("%s: GeoJSON for who asks for nothing", target)
		}
	}
	// As GeoJSON it says where it is, and where the vector tile is.
	r := get(t, s, town+"?datetime=2016&f=geojson")
	for _, want := range []string{`</collections/towns/tiles/WebMercatorQuad>; rel="describedby"`, `f=geojson>; rel="self"; type="application/geo+json"`, `f=mvt>; rel="alternate"; type="application/vnd.mapbox-vector-tile"`} {
		links := strings.ReplaceAll(strings.Join(r.Header["Link"], "\n"), "../../..", "/collections/towns/tiles")
		if !strings.Contains(links, want) {
			t.Errorf("Link: %s, want %s", links, want)
		}
	}
	const changes = "/collections/areas/changes/tiles/WebMercatorQuad"
	if got := decode[page](t, get(t, s, changes+"/4/6/9?from=2014&to=2015&f=geojson")); len(got.Features) != 1 || got.Features[0].Properties["part"] == nil {
		t.Errorf("changes: %+v", got)
	}
	if links := get(t, s, changes+"/4/6/9?to=2015&from=2014&rev=x").Header["Link"]; len(links) != 1 || !strings.HasPrefix(links[0], "<../../../WebMercatorQuad?from=2014&to=2015>") {
		t.Errorf("changes: Link: %s", links)
	}
	for target, want := range map[string]int{
		town + "?f=geojson&datetime=never": 400, "/tiles/WebMercatorQuad/0/1/0?f=geojson": 404,
		"/tiles/WebMercatorQuad/0/0/0" + filterQuery("f", "geojson", "filter", "name_en = 'B'"): 400, // areas have no such property
	} {
		if got := get(t, s, target).StatusCode; got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}
