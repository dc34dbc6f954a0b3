package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// fourLayers are one in the north in 2001 to 2005, one at the antimeridian from 2010 on,
// one in the south without time and one of 2003 without a place.
func fourLayers(t *testing.T) http.Handler {
	t.Helper()
	layer := func(geometry, properties string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","geometry":` + geometry + `,"properties":` + properties + `}]}`
	}
	return serverOf(t, map[string]string{
		"north.geojson":   layer(`{"type":"Point","coordinates":[10,60]}`, `{"start":"2001","end":"2005"}`),
		"edge.geojson":    layer(`{"type":"LineString","coordinates":[[178,0],[180,5]]}`, `{"start":"2010","end":null}`),
		"south.geojson":   layer(`{"type":"Point","coordinates":[10,-60]}`, `{"name":"S"}`),
		"nowhere.geojson": layer(`null`, `{"start":"2003","end":"2003"}`),
		"atlas.yaml":      "title: {en: Four}\nlanguages: [en]\nlayers: [north, edge, south, nowhere]\n",
	})
}

type listOfLayers struct {
	TimeStamp                     string
	NumberMatched, NumberReturned int
	Collections                   []struct{ ID string }
	Links                         []struct{ Href, Rel string }
}

// TestCollectionsQuery: which layers there are in a place, at a time (OGC API Common
// Part 2, simple-query). Page by page they are the same as in one, each once.
func TestCollectionsQuery(t *testing.T) {
	s := fourLayers(t)
	for _, c := range []struct{ requirement, query, want string }{
		{"no parameters: all", "", "north edge south nowhere"},
		{"rc-bbox-collections-response: A, B, C", "bbox=0,50,20,70", "north nowhere"},
		{"rc-bbox-response: an edge touches", "bbox=10,-60,10,60", "north south nowhere"},
		{"rc-bbox-definition: over the antimeridian", "bbox=179,-10,-170,10", "edge nowhere"},
		{"rc-bbox-definition: heights", "bbox=0,50,0,20,70,100", "north nowhere"},
		{"rc-time-collections-response: A, B, C", "datetime=2003", "north south nowhere"},
		{"rc-time-response: an instant", "datetime=2005-12-31T23:59:59Z", "north south"},
		{"rc-time-response: half open", "datetime=2009/..", "edge south"},
		{"rc-time-response: half open", "datetime=/2002", "north south"},
		{"both", "bbox=0,50,20,70&datetime=2020", ""},
	} {
		for _, limit := range []int{1, 2, 3, 1000, 5000} {
			var ids []string
			for target := "/collections?" + c.query + "&limit=" + strconv.Itoa(limit); target != ""; {
				r := get(t, s, strings.Replace(target, "?&", "?", 1))
				page := decode[listOfLayers](t, r)
				if target = ""; page.NumberReturned != len(page.Collections) || page.NumberReturned > limit {
					t.Errorf("rc-limit-collections-response, rc-numberReturned: %s, limit %d: %+v", c.query, limit, page)
				}
				if want := len(strings.Fields(c.want)); page.NumberMatched != want {
					t.Errorf("rc-numberMatched: %s: %d, want %d", c.query, page.NumberMatched, want)
				}
				if !strings.HasPrefix(page.TimeStamp, "20") || !strings.HasSuffix(page.TimeStamp, "Z") {
					t.Errorf("timeStamp: %s", page.TimeStamp)
				}
				for _, l := range page.Collections {
					ids = append(ids, l.ID)
				}
				for _, l := range page.Links {
					if l.Rel != "next" {
						continue
					}
					target = strings.TrimPrefix(l.Href, "http://example.com")
					if header := strings.Join(r.Header["Link"], "\n"); !strings.Contains(header, "<"+l.Href+`>; rel="next"`) {
						t.Errorf("no next page in the header: %s", header)
					}
				}
				if len(ids) > 4 {
					t.Fatal("no end")
				}
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("%s: %s, limit %d: got %q, want %q", c.requirement, c.query, limit, got, c.want)
			}
		}
	}
	for _, query := range []string{"limit=0", "limit=x", "bbox=1,2,3", "bbox=0,70,20,50", "datetime=../..", "after=", "after=west", "bbox-crs=x", "certainty=certain", "nonsense=1"} {
		if r := get(t, s, "/collections?"+query); r.StatusCode != 400 {
			t.Errorf("%s: %d", query, r.StatusCode)
		}
	}
	page := string(body(t, get(t, s, "/collections?f=html&datetime=2003&limit=2&lang=ar")))
	for _, want := range []string{"2003 · 3 طبقات · في هذه الصفحة 2", `<a href="/collections/north?lang=ar">`, `<a href="/collections/south?lang=ar">`, `rel="next" href="/collections?after=south&amp;`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s: %s", want, page)
		}
	}
	if strings.Contains(page, "/collections/edge") || strings.Contains(page, `href="/collections/nowhere`) {
		t.Error("the page lists layers of other times, or of the next page")
	}
	if none := string(body(t, get(t, s, "/collections?f=html&datetime=2020&bbox=0,50,1,51"))); strings.Contains(none, "<article>") {
		t.Errorf("a page of no layers: %s", none)
	}
}
