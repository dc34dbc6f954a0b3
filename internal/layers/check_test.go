package layers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
)

func polygon(id, rings string) string {
	return `{"type":"Feature","id":"` + id + `","properties":{},"geometry":{"type":"Polygon","coordinates":[` + rings + `]}}`
}

func TestCheck(t *testing.T) {
	const (
		square = "[[0,0],[2,0],[2,2],[0,2],[0,0]]"
		bowTie = "[[0,0],[2,2],[2,0],[0,2],[0,0]]"
		both   = "languages: [en, ar]\ntitle: {en: A, ar: ب}\n"
		titled = "title: {en: A, ar: ب}\n"
	)
	versions := func(spells ...string) string {
		var list []string
		for i, s := range spells {
			start, end, _ := strings.Cut(s, "/")
			list = append(list, town(fmt.Sprint("v", i), `"of":"x","start":"`+start+`","end":"`+end+`"`))
		}
		return collection(list...)
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"nothing", map[string]string{"a.geojson": one("1")}, nil},
		{"versions in order", map[string]string{"a.geojson": versions("2014/2015", "2016/2016", "2017/"), "a.yaml": "identity: of\n"}, nil},
		{"overlap", map[string]string{"a.geojson": versions("2014/2015-06", "2015-04/2016"), "a.yaml": "identity: of\n"}, []string{
			`a.geojson:3:110: feature 1: versions overlap in time: "x" as "v0" and as "v1", 2015-04-01/2015-06-30`,
		}},
		{"overlap only possibly", map[string]string{"a.geojson": versions("2014/2015", "2015/2016"), "a.yaml": "identity: of\ntime: {start: start, end: end, ends: uncertain}\n"}, nil},
		{"overlap with one that is not next", map[string]string{"a.geojson": versions("2010/2020", "2011/2012", "2015/2016"), "a.yaml": "identity: of\n"}, []string{
			`a.geojson:3:110: feature 1: versions overlap in time: "x" as "v0" and as "v1", 2011-01-01/2012-12-31`,
			`a.geojson:4:110: feature 2: versions overlap in time: "x" as "v0" and as "v2", 2015-01-01/2016-12-31`,
		}},
		{"gap, in any order", map[string]string{"a.geojson": versions("2016/2017", "2013/2014"), "a.yaml": "identity: of\n"}, []string{
			`a.geojson:2:110: feature 0: versions leave a gap in time: "x" between "v1" and "v0", 2015-01-01/2015-12-31 (advice)`,
		}},
		{"no gap beside a longer one", map[string]string{"a.geojson": versions("2010/2020", "2011/2012", "2021/2022"), "a.yaml": "identity: {property: of, overlaps: expected}\n"}, nil},
		{"gap that is expected", map[string]string{"a.geojson": versions("2013/2014", "2016/2017"), "a.yaml": "identity: {property: of, gaps: expected}\n"}, nil},
		{"outside the span", map[string]string{"a.geojson": versions("1914/1918", "2014/2015"), "atlas.yaml": "span: 2013/2019\n"}, []string{
			`a.geojson:2:110: feature 0: outside the span of the atlas: it holds 1914-01-01/1918-12-31, but the map shows 2013-01-01/2019-12-31 only (advice)`,
		}},
		{"span that is not stated", map[string]string{"a.geojson": versions("1914/1918", "2014/2015")}, nil},
		{"crossing rings", map[string]string{"a.geojson": collection(
			polygon("good", square),
			polygon("bad", bowTie),
			polygon("hole", "[[-9,-9],[9,-9],[9,9],[-9,9],[-9,-9]],"+bowTie),
			`{"type":"Feature","id":"multi","properties":{},"geometry":{"type":"MultiPolygon","coordinates":[[`+square+`],[`+bowTie+`]]}}`,
		)}, []string{
			`a.geojson:3:1: feature 1: polygon ring crosses itself at 1,1 (polygon 1, ring 1)`,
			`a.geojson:4:1: feature 2: polygon ring crosses itself at 1,1 (polygon 1, ring 2)`,
			`a.geojson:5:1: feature 3: polygon ring crosses itself at 1,1 (polygon 2, ring 1)`,
		}},
		{"places count features that are left out", map[string]string{"a.geojson": collection(
			`{"type":"Feature","id":"far","properties":{},"geometry":{"type":"Point","coordinates":[500,500]}}`, polygon("bad", bowTie),
		)}, []string{`a.geojson:3:1: feature 1: polygon ring crosses itself at 1,1 (polygon 1, ring 1)`}},
		{"mixed types", map[string]string{"a.geojson": collection(town("1", `"n":1`), town("2", `"n":2.5`), town("3", `"n":"3"`), town("4", `"n":null`))}, []string{
			`a.geojson:4:96: feature 2: values of several types: "n" is 2 × number, 1 × text (advice)`,
		}},
		{"texts in all languages", map[string]string{"a.geojson": collection(town("1", `"name_en":"A","name_ar":"ب"`)), "a.yaml": titled, "atlas.yaml": both}, nil},
		{"texts in one language", map[string]string{
			"a.geojson": collection(town("1", `"name_en":"A","name_ar":"ب","text_en":"x"`), town("2", `"name_en":"B","text_ar":"س"`)),
			"a.yaml":    "title: {en: A}\nlegend: L\nfields:\n  text_en:\n    title: {ar: ب}\n", "atlas.yaml": both,
		}, []string{
			`a.geojson:2:131: feature 0: text is missing: it has text_en, but no text_ar (advice)`,
			`a.geojson:3:102: feature 1: text is missing: it has name_en, but no name_ar (advice)`,
			`a.geojson:3:116: feature 1: text is missing: it has text_ar, but no text_en (advice)`,
			`a.yaml:1:8: text is missing: title in ar (advice)`,
			`a.yaml:2:9: text is missing: legend is in no stated language; write {en: …, ar: …} (advice)`,
			`a.yaml:5:12: text is missing: fields.text_en.title in en (advice)`,
		}},
		{"no title at all", map[string]string{"a.geojson": one("1"), "atlas.yaml": both}, []string{
			`a.yaml: text is missing: title in en, ar (advice)`,
		}},
		{"one language needs no other", map[string]string{"a.geojson": collection(town("1", `"name":"A"`)), "a.yaml": "title: A\n"}, nil},
		{"many of a kind", map[string]string{"a.geojson": collection(func() (list []string) {
			for i := range 13 {
				list = append(list, polygon(strconv.Itoa(i), bowTie))
			}
			return list
		}()...)}, func() []string {
			list := []string{"a.geojson: polygon ring crosses itself: 3 more"}
			for i := range 10 {
				list = append(list, fmt.Sprintf("a.geojson:%d:1: feature %d: polygon ring crosses itself at 1,1 (polygon 1, ring 1)", i+2, i))
			}
			return list
		}()},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, problems := layers.Load(folder(c.files))
			if c.name != "places count features that are left out" && problems != nil {
				t.Fatal(texts(problems))
			}
			var got []string
			for _, p := range layers.Check(folder(c.files), s) {
				if p.Grade == layers.Advice {
					p.Message += " (advice)"
				}
				got = append(got, p.String())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
