//go:build clients

package clients

import (
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// servers are asked alike.
func servers() map[string]string { return map[string]string{"atlas": atlas, "awkward": awkward} }

// TestLayers: `ogrinfo` lists every layer with as many features as we say there are.
func TestLayers(t *testing.T) {
	for name, server := range servers() {
		out := gdal(t, nil, "ogrinfo", "-ro", "-al", "-so", "OAPIF:"+server)
		got := map[string]int{}
		for _, m := range regexp.MustCompile(`(?s)\nLayer name: (\S+)\n.*?\nFeature Count: (\d+)\n`).FindAllStringSubmatch(out, -1) {
			got[m[1]], _ = strconv.Atoi(m[2])
		}
		ids := layerIDs(t, server)
		for _, id := range ids {
			want := len(download(t, server, id, ""))
			if got[id] != want {
				t.Errorf("%s: %s: GDAL counts %d features, we have %d", name, id, got[id], want)
			}
		}
		if len(got) != len(ids) {
			t.Errorf("%s: GDAL lists %d layers, we have %d", name, len(got), len(ids))
		}
	}
}

// oapif reads a layer through GDAL's driver for OGC API Features.
func oapif(t *testing.T, server, layer string, args ...string) []feature {
	t.Helper()
	args = append([]string{"-f", "GeoJSON", "/vsistdout/", "OAPIF:" + server, layer, "-preserve_fid", "-lco", "COORDINATE_PRECISION=15"}, args...)
	return withIDs(readFeatures(t, []byte(gdal(t, nil, "ogr2ogr", args...))))
}

// TestFeatures: page after page, GDAL reads what our own files hold.
func TestFeatures(t *testing.T) {
	for name, server := range servers() {
		for _, id := range layerIDs(t, server) {
			t.Run(name+"/"+id, func(t *testing.T) {
				t.Parallel()
				want := withEnds(download(t, server, id, ""))
				page := 1 + len(want)/7
				same(t, oapif(t, server, id, "-oo", "PAGE_SIZE="+strconv.Itoa(page)), want)
			})
		}
	}
}

// filter is a filter as a query to our downloads.
func filter(text string) string { return "?filter=" + url.QueryEscape(text) }

// TestFilters: what GDAL can send us to filter by, it sends, and the answer is right.
func TestFilters(t *testing.T) {
	for _, c := range []struct {
		name, server, layer string
		args                []string
		sent                url.Values // beside limit
		query               string     // the same to our downloads
	}{
		{"box", atlas, "settlements", []string{"-spat", "43", "36", "44", "37"}, url.Values{"bbox": {"43,36,44,37"}}, "?bbox=43,36,44,37"},
		{"box at the antimeridian", awkward, "antimeridian", []string{"-spat", "-180", "-20", "-179", "70"}, url.Values{"bbox": {"-180,-20,-179,70"}}, "?bbox=-180,-20,-179,70"},
		{"a text", atlas, "settlements", []string{"-where", "kind = 'city'"}, url.Values{"kind": {"city"}}, filter("kind = 'city'")},
		{"a text in Arabic", atlas, "settlements", []string{"-where", "name_ar = 'الموصل'"}, url.Values{"name_ar": {"الموصل"}}, filter("name_ar = 'الموصل'")},
		{"a number, a property named in Arabic", awkward, "أماكن", []string{"-where", `"السكان" = 300000`}, url.Values{"السكان": {"300000"}}, filter(`"السكان" = 300000`)},
		{"two", atlas, "settlements", []string{"-where", "kind = 'city' AND verified = 1"}, url.Values{"kind": {"city"}, "verified": {"1"}}, filter("kind = 'city' AND verified = true")},
		{"as much as can be sent", atlas, "settlements", []string{"-where", "kind = 'city' AND name_en LIKE 'M%'"}, url.Values{"kind": {"city"}}, filter("kind = 'city' AND name_en LIKE 'M%'")},
		{"by box and text", atlas, "settlements", []string{"-spat", "43", "36", "44", "37", "-where", "kind = 'city'"}, url.Values{"bbox": {"43,36,44,37"}, "kind": {"city"}}, "?bbox=43,36,44,37&" + filter("kind = 'city'")[1:]},
		{"from a day", awkward, "many", []string{"-where", `"start" >= '2016/01/01'`}, url.Values{"datetime": {"2016-01-01T/.."}}, "?datetime=2016-01-01/.."},
		{"to an instant", awkward, "many", []string{"-where", `"end" <= '1995/06/10 12:00:00'`}, url.Values{"datetime": {"../1995-06-10T12:00:00Z"}}, "?datetime=../1995-06-10T12:00:00Z"},
		{"interval", awkward, "many", []string{"-where", `"start" >= '2014/06/01' AND "start" <= '2014/12/31'`}, url.Values{"datetime": {"2014-06-01T/2014-12-31T"}}, "?datetime=2014-06-01/2014-12-31"},
		{"holding in an interval, in any layer", atlas, "isis-held", []string{"-where", `valid_from <= '2014/12/31 23:59:59' AND valid_until >= '2014/06/01 00:00:00'`}, url.Values{"datetime": {"../2014-12-31T23:59:59Z", "2014-06-01T00:00:00Z/.."}}, "?datetime=2014-06-01/2014-12-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			front := record(t, c.server)
			got := oapif(t, front.url, c.layer, append(c.args, "-oo", "PAGE_SIZE=10000")...)
			want := withEnds(download(t, c.server, c.layer, c.query))
			if len(want) == 0 {
				t.Fatal("nothing to find")
			}
			same(t, got, want)
			asked := front.asked("/collections/" + c.layer + "/items")
			if len(asked) == 0 {
				t.Fatal("GDAL asked for no items")
			}
			last := asked[len(asked)-1]
			last.Del("limit")
			if d := cmp.Diff(last, c.sent); d != "" {
				t.Errorf("sent (-), want (+):\n%s", d)
			}
		})
	}
}
