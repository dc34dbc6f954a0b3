package cql2_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

// shore reads the features of testdata/shore.geojson: a coast that is nowhere,
// with each kind of geometry, date and null.
func shore(tb testing.TB) ([]geo.Feature, cql2.Schema) {
	tb.Helper()
	file, err := os.Open("testdata/shore.geojson")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	names := geo.NewNames()
	r := geojson.NewReader(file, names)
	var features []geo.Feature
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		f := geo.Feature{ID: row.ID, Geometry: row.Geometry, Properties: geo.NewProperties(names, append([]geo.Value(nil), row.Values...))}
		start, end := f.Properties.Get("start").Text(), f.Properties.Get("end").Text()
		if start+end != "" {
			if f.Valid, err = (period.Ends{}).ParsePair(start, end); err != nil {
				f.Valid = period.Exactly(period.Never)
			}
		}
		features = append(features, f)
	}
	return features, cql2.Schema{Names: names, Start: "start", End: "end"}
}

// selected returns the ids of the features that a filter selects, after having
// it go through JSON and text, and having checked what it implies.
func selected(tb testing.TB, filter string, features []geo.Feature, s cql2.Schema) string {
	tb.Helper()
	e, err := cql2.ParseText(filter)
	if err != nil {
		tb.Fatal(err)
	}
	if e, err = cql2.ParseJSON(cql2.AppendJSON(nil, e)); err != nil {
		tb.Fatalf("%s as JSON: %v", filter, err)
	}
	if e, err = cql2.ParseText(e.String()); err != nil {
		tb.Fatalf("%s as text: %v", filter, err)
	}
	match, err := cql2.Compile(e, s)
	if err != nil {
		tb.Fatalf("%s: %v", filter, err)
	}
	h := cql2.Necessary(e, s)
	var ids []string
	for i := range features {
		f := &features[i]
		if match(f) {
			ids = append(ids, f.ID.String())
			if !allows(h, f) {
				tb.Errorf("%s selects %s, which its hints %+v leave out", filter, f.ID, h)
			}
		}
	}
	return strings.Join(ids, " ")
}

func allows(h cql2.Hints, f *geo.Feature) bool {
	near := h.Bounds == nil
	for _, b := range h.Bounds {
		near = near || geo.Intersects(f.Geometry, b)
	}
	named := h.IDs == nil
	for _, id := range h.IDs {
		named = named || id == f.ID.String()
	}
	return near && named && (h.Valid.IsAlways() || f.Valid.Possible.Intersects(h.Valid))
}

const everything = "port quay mole cape north south park isles canal wall survey 7"

func TestMatch(t *testing.T) {
	features, schema := shore(t)
	for group, cases := range map[string][][2]string{
		"basic": { // OGC 21-065r2 §6
			{"name = 'Old Quay'", "quay"},
			{"name <> 'Old Quay' AND kind = 'harbour'", "port mole"},
			{"name < 'Old' AND kind = 'ward'", "north isles"},
			{"name_ar > 'م'", "port survey"},
			{"berths = 7", "mole"},
			{"berths <> 7", "port quay north south 7"},
			{"berths > 3 OR berths < 1", "port mole north south"},
			{"berths >= 3 AND berths <= 7.0", "quay mole"},
			{"depth < -.5", "wall"},
			{"open = TRUE", "port mole north south"},
			{"open <> true", "quay"},
			{"open", "port mole north south"},
			{"NOT open", "quay"},
			{"open IS NULL", "cape park isles canal wall survey 7"},
			{"geometry IS NULL", "survey"},
			{"geometry IS NOT NULL AND kind = 'paper'", ""},
			{"(berths > 3) IS NULL", "cape park isles canal wall survey"},
			{"id = 'quay' OR id = 7", "quay 7"},
			{"id = 'nobody'", ""},
			{"TRUE", everything},
			{"FALSE OR NOT TRUE", ""},
			{"name = 'o''Hara\\\\survey'", "survey"},
			{`name = 'o\'Hara\\survey'`, "survey"},
			{"kind = 5", ""},
			{"NOT kind = 5", ""},
		},
		"logic": { // §6.2, truth table: u is unknown where berths is null
			{"berths > 3 AND kind = 'light'", ""},
			{"NOT (berths > 3 AND kind = 'light')", "port quay mole north south park isles canal wall survey 7"},
			{"berths > 3 OR kind = 'light'", "port mole cape 7"},
			{"NOT (berths > 3 OR kind = 'light')", "quay north south"},
			{"kind = 'ward' AND open OR kind = 'light'", "cape north south 7"},
			{"kind = 'ward' AND (open OR kind = 'light')", "north south"},
		},
		"advanced comparison": { // §7.2
			{"name LIKE 'P%'", "port park"},
			{"name LIKE '%Ward'", "north south"},
			{"name LIKE '_a%'", "park canal wall"},
			{"name NOT LIKE '%a%' AND kind <> 'line'", "mole isles 7"},
			{`name LIKE '%50\%'`, "mole"},
			{`name LIKE '%e\_e%'`, "cape"},
			{"name LIKE '%%%'", everything},
			{"name LIKE ''", ""},
			{"kind LIKE 'li_e'", "canal wall"},
			{"berths LIKE '1%'", ""},
			{"berths BETWEEN 3 AND 7", "quay mole"},
			{"berths NOT BETWEEN 1 AND 7", "port north south"},
			{"name BETWEEN 'N' AND 'P'", "quay north"},
			{"kind IN ('light', 'paper')", "cape survey 7"},
			{"kind NOT IN ('light', 'paper', 'ward', 'line')", "port quay mole"},
			{"kind IN ('a','b','c','d','e','f','g','h','light')", "cape 7"},
			{"berths IN (3, 10 + 2)", "port quay"},
			{"open IN (FALSE)", "quay"},
			{"id IN ('port', 'mole', 7)", "port mole 7"},
		},
		"case": { // §7.3
			{"CASEI(name) = CASEI('PORT ÉLAN')", "port"},
			{"CASEI(name) LIKE CASEI('STRASSE%')", "cape"},
			{"casei(kind) IN (casei('LIGHT'), casei('Paper'))", "cape survey 7"},
			{"CASEI(berths) = CASEI('3')", ""},
		},
		"accent": { // §7.4
			{"ACCENTI(name) = ACCENTI('Pòrt Elán')", "port"},
			{"ACCENTI(name) = 'Port Elan'", "port"},
			{"ACCENTI(name) LIKE ACCENTI('mole%')", "mole"},
			{"ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('%ÉLÀN'))", "port"},
			{"ACCENTI(name_ar) = ACCENTI('مرفأ الأمل')", "port"},
			{"ACCENTI(name_ar) = ACCENTI('مرفا الامل')", "port"},
			{"ACCENTI(name_ar) = ACCENTI('المولة')", "mole"},
			{"ACCENTI(name_ar) LIKE ACCENTI('الموله')", "mole"},
			{"name_ar = 'المولة'", ""},
			{"ACCENTI(name_ar) LIKE ACCENTI('%راس%')", "cape"},
		},
		"arithmetic": { // §7.12
			{"berths = 3 + 2 * 2", "mole"},
			{"berths = (3 + 1) * 3", "port"},
			{"berths * 2 = 14", "mole"},
			{"berths = -(-3)", "quay"},
			{"berths % 5 = 2 AND berths div 5 = 1", "mole"},
			{"berths % 5 = 2 AND berths div 5 = 2", "port"},
			{"depth = 2 ^ 3 + 1.5", "port"},
			{"-depth ^ 2 = 9", "canal"},
			{"8 - 3 - 2 = berths", "quay"},
			{"16 / 4 / 4 = berths", "7"},
			{"population / households = 4", "north"},
			{"population / households IS NULL AND kind = 'ward'", "park"},
			{"berths + name > 1", ""},
		},
		"functions": { // §7.11
			{"length(name_ar) = 3", "cape survey"},
			{"upper(kind) = 'LIGHT' AND lower(name) = 'seven'", "7"},
			{"max(population, households * 4) = 1200", "north"},
			{"min(berths, 5, depth) = 5", "port mole"},
			{"abs(depth) = 1 OR round(depth) = 10", "port wall"},
			{"floor(depth) = 9 AND ceil(depth) = 10", "port"},
			{"year(start) = 1890", "north south"},
			{"year(start) = -43", "wall"},
			{"days(INTERVAL(start, end)) = 31", "park"},
			{"area(geometry) > 190000", "north"},
			{"area(POLYGON((0 0, 1 0, 1 1, 0 0))) > 6000 AND kind = 'paper'", "survey"},
		},
		"properties and literals": { // §7.10
			{"'Park' = name", "park"},
			{"3 > berths AND 0 < berths", "7"},
			{"population = households", "park"},
			{"depth < berths", "port quay"},
			{"name <> name", ""},
			{"1 = 1 AND 'a' < 'b' AND id = 'cape'", "cape"},
			{"'Park' LIKE 'P%' AND id = 'cape'", "cape"},
		},
		"dates": { // §6.3.1, and how EDTF meets them
			{"start = DATE('1901-01-01')", "mole"},
			{"start = DATE('1850')", "port"},
			{"start = DATE('1850-03-01')", "quay"},
			{"start < DATE('1850-03-01')", "wall"},
			{"start <= DATE('1850-12-31')", "port quay wall"},
			{"start >= DATE('1850-03-01') AND kind = 'harbour'", "quay mole"},
			{"start > DATE('1850-03-01') AND kind = 'harbour'", "mole"},
			{"start BETWEEN DATE('1890-01-01') AND DATE('1890-12-31')", "north south"},
			{"start IN (DATE('1890'), DATE('1901-01-01'))", "mole north south"},
			{"DATE('1900-05-01') = start", "park"},
			{"start <> DATE('1890') AND kind = 'ward'", "park isles"},
			{"NOT start <> DATE('1890')", "north south"},
			{"start > TIMESTAMP('1914-08-04T09:29:59Z')", "isles survey"},
			{"start = TIMESTAMP('1914-08-04T12:30:00+03:00')", "survey"},
			{"end = DATE('1914-07')", ""},
			{"end >= DATE('1914-07') AND end <= DATE('1914-09')", "south survey"},
			{"start > '1900' AND start < '2'", "mole park survey"},
		},
		"time": { // §7.8
			{"T_AFTER(INTERVAL(start, end), DATE('1901-01-01'))", "isles survey"},
			{"T_BEFORE(INTERVAL(start, end), DATE('1900-12-31'))", "park wall"},
			{"T_DISJOINT(INTERVAL(start, end), INTERVAL('1901-01-01', '1949-12-31'))", "quay park isles wall"},
			{"T_INTERSECTS(INTERVAL(start, end), DATE('1900-12-31'))", "port quay north south canal"},
			{"T_INTERSECTS(INTERVAL(start, end), INTERVAL('2010-01-01', '..'))", "mole isles"},
			{"T_INTERSECTS(start, INTERVAL('1850-02-01', '1850-02-28'))", "port"},
			{"T_EQUALS(INTERVAL(start, end), INTERVAL('1900-05-01', '1900-05-31'))", "park"},
			{"T_EQUALS(start, DATE('1901-01-01'))", "mole"},
			{"T_CONTAINS(INTERVAL(start, end), INTERVAL('1900-05-01', '1900-05-31'))", "port quay north south canal"},
			{"T_DURING(INTERVAL(start, end), INTERVAL('1900-01-01', '1914-12-31'))", "park survey"},
			{"T_DURING(INTERVAL('1900-05-02', '1900-05-30'), INTERVAL(start, end)) AND kind = 'ward'", "north south park"},
			{"T_STARTS(INTERVAL(start, end), INTERVAL('1900-05-01', '1900-12-31'))", "park"},
			{"T_STARTEDBY(INTERVAL(start, end), INTERVAL('1890-01-01', '1890-12-31'))", "north south"},
			{"T_FINISHES(INTERVAL(start, end), INTERVAL('1900-01-01', '1900-05-31'))", "park"},
			{"T_FINISHEDBY(INTERVAL(start, end), INTERVAL('1914-09-30', '1914-09-30'))", "south"},
			{"T_MEETS(INTERVAL(start, end), INTERVAL('1900-12-31', '..'))", "quay"},
			{"T_MEETS(INTERVAL(start, end), INTERVAL('1901-01-01', '..'))", ""},
			{"T_METBY(INTERVAL(start, end), INTERVAL('..', '1901-01-01'))", "mole"},
			{"T_OVERLAPS(INTERVAL(start, end), INTERVAL('1900-12-30', '1901-12-31'))", "quay"},
			{"T_OVERLAPS(INTERVAL(start, end), INTERVAL('1900-12-31', '1901-12-31'))", ""},
			{"T_OVERLAPPEDBY(INTERVAL(start, end), INTERVAL('..', '1901-01-02'))", "port mole north south canal"},
			{"T_INTERSECTS(INTERVAL(start, '..'), DATE('2000-01-01')) AND kind = 'harbour'", "port quay mole"},
			{"T_AFTER(INTERVAL('2016-01-01', '2017-12-31'), DATE('2015-12-31')) AND id = 'cape'", "cape"},
			{"INTERVAL(start, end) IS NULL", "cape 7"},
			// undated features hold always, as they do for datetime
			{"T_INTERSECTS(valid, DATE('1800-01-01'))", "cape"},
			{"T_AFTER(valid, DATE('1900-12-31'))", "mole isles survey"},
			{"T_INTERSECTS(certain, DATE('1880'))", "port quay cape"},
			{"T_INTERSECTS(valid, DATE('1880'))", "port quay cape canal"},
			{"T_DISJOINT(certain, DATE('1880')) AND kind = 'line'", "canal wall"},
		},
		"basic space": { // §7.5
			{"S_INTERSECTS(geometry, BBOX(9, 9, 13, 11))", "port quay north south wall"},
			{"S_INTERSECTS(geometry, BBOX(179, -1, -179.5, 1))", "isles"},
			{"S_INTERSECTS(geometry, BBOX(10, 10, 0, 20, 20, 5))", "port quay mole cape north 7"},
			{"S_INTERSECTS(geometry, ENVELOPE(10.5, 6.5, 11.5, 7.5))", "park canal"},
			{"S_INTERSECTS(geometry, POINT(11 7))", "park canal"},
			{"S_INTERSECTS(geometry, POINT Z(10 10 99))", "port north"},
			{"NOT S_INTERSECTS(geometry, BBOX(9, 5, 14, 13))", "cape isles"},
		},
		"space": { // §7.6 and §7.7
			{"S_INTERSECTS(geometry, POLYGON((10 9.5, 15 9.5, 15 10.5, 10 10.5, 10 9.5)))", "port quay mole north"},
			{"S_INTERSECTS(LINESTRING(8 4, 9.5 5.5), geometry)", "south"},
			{"S_INTERSECTS(geometry, MULTIPOINT(14 10, (12 7)))", "mole south park canal"},
			{"S_INTERSECTS(geometry, MULTILINESTRING((0 0, 1 1), (19 10, 21 10)))", "cape"},
			{"S_INTERSECTS(geometry, MULTIPOLYGON(((19 9, 21 9, 21 11, 19 9)), ((0 0, 1 0, 1 1, 0 0))))", "cape"},
			{"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(14 10), LINESTRING(0 0, 9 5)))", "mole south"},
			{"S_DISJOINT(geometry, BBOX(0, 0, 100, 100))", "isles"},
			{"S_DISJOINT(POINT(10 12), geometry) AND kind = 'light'", "cape"},
			{"S_EQUALS(geometry, POINT(20 10))", "cape"},
			{"S_EQUALS(geometry, POLYGON((12 6, 12 8, 10 8, 10 6, 12 6)))", "park"},
			{"S_EQUALS(LINESTRING(14 7, 8 7), geometry)", "canal"},
			{"S_TOUCHES(geometry, POLYGON((10 6, 12 6, 12 8, 10 8, 10 6)))", "south"},
			{"S_TOUCHES(geometry, POINT(9 9))", "north south wall"},
			{"S_WITHIN(geometry, BBOX(9, 9, 13, 13))", "port quay north 7"},
			{"S_WITHIN(geometry, POLYGON((9.5 5.5, 12.5 5.5, 12.5 8.5, 9.5 8.5, 9.5 5.5)))", "park"},
			{"S_CONTAINS(geometry, POINT(9.5 5.5))", "south"},
			{"S_CONTAINS(BBOX(9.5, 5.5, 12.5, 8.5), geometry)", "park"},
			{"S_CONTAINS(geometry, LINESTRING(9 7, 9.5 7))", "south canal"},
			{"S_OVERLAPS(geometry, BBOX(11, 7, 20, 20))", "north south park"},
			{"S_OVERLAPS(geometry, LINESTRING(10 7, 20 7))", "canal"},
			{"S_CROSSES(geometry, BBOX(10, 6, 12, 8))", "canal"},
			{"S_CROSSES(geometry, LINESTRING(11 5, 11 8.5))", "south park canal"},
			{"S_EQUALS(geometry, geometry) AND kind <> 'harbour'", "cape north south park isles canal wall 7"},
			{"S_WITHIN(POINT(1 1), BBOX(0, 0, 2, 2)) AND id = 'cape'", "cape"},
		},
		"lists": { // §7.9
			{"A_CONTAINS(tags, ('tide'))", "port quay"},
			{"A_CONTAINS(tags, ('rail', 'tide'))", "port"},
			{"A_CONTAINEDBY(tags, ('tide', 'ferry'))", "quay mole"},
			{"A_EQUALS(('rail', 'tide', 'rail'), tags)", "port"},
			{"A_OVERLAPS(tags, ('rail', 1, TRUE))", "port"},
			{"A_EQUALS(tags, ())", "mole"},
			{"A_EQUALS((1, (2, 'a')), (('a', 2), 1.0)) AND id = 'cape'", "cape"},
			{"A_CONTAINS((DATE('1890'), 5), (start)) AND kind = 'ward'", "north south"},
		},
	} {
		t.Run(group, func(t *testing.T) {
			for _, c := range cases {
				if got := selected(t, c[0], features, schema); got != c[1] {
					t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
				}
			}
		})
	}
}

// TestTwoReadings: INTERVAL of the layer's own columns is read from valid time,
// that of any others from their text; both say the same.
func TestTwoReadings(t *testing.T) {
	features, schema := shore(t)
	plain := cql2.Schema{Names: schema.Names}
	for op := cql2.TAfter; op <= cql2.TStarts; op++ {
		for _, period := range []string{"'1900-12-31', '1914-09-30'", "'..', '1900-05-31'", "'1901-01-01', '..'"} {
			filter := op.String() + "(INTERVAL(start, end), INTERVAL(" + period + "))"
			if got, want := selected(t, filter, features, schema), selected(t, filter, features, plain); got != want {
				t.Errorf("%s: %q by valid time, %q by text", filter, got, want)
			}
		}
	}
}

func TestNecessary(t *testing.T) {
	_, schema := shore(t)
	for filter, want := range map[string]string{
		"kind = 'light'": "[] ../.. []",
		"S_INTERSECTS(geometry, BBOX(1, 2, 3, 4)) AND open":     "[{[1 2] [3 4]}] ../.. []",
		"S_WITHIN(POINT(1 2), geometry) OR kind = 'light'":      "[] ../.. []",
		"S_WITHIN(POINT(1 2), geometry) OR id = 'a'":            "[] ../.. []",
		"S_TOUCHES(geometry, BBOX(170, 2, -170, 4))":            "[{[170 2] [180 4]} {[-180 2] [-170 4]}] ../.. []",
		"NOT S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))":          "[] ../.. []",
		"S_DISJOINT(geometry, POINT(1 2))":                      "[] ../.. []",
		"T_INTERSECTS(INTERVAL(start, end), DATE('1914'))":      "[] 1914-01-01/1914-12-31 []",
		"T_BEFORE(valid, DATE('1914'))":                         "[] ../1913-12-31 []",
		"T_BEFORE(DATE('1914'), valid)":                         "[] 1915-01-01/.. []",
		"T_DURING(INTERVAL('1914-01-01', '..'), certain)":       "[] 1914-01-01/.. []",
		"T_DISJOINT(valid, DATE('1914'))":                       "[] ../.. []",
		"start >= DATE('1914-02-02') AND open":                  "[] 1914-02-01/.. []",
		"id = 'a' OR id IN ('b', 'a')":                          "[] ../.. [a b]",
		"id = 'a' AND id IN ('b', 'c')":                         "[] ../.. []",
		"'a' = id AND T_AFTER(valid, DATE('1914'))":             "[] 1915-01-01/.. [a]",
		"T_EQUALS(valid, DATE('1914')) OR start = DATE('1920')": "[] 1914-01-01/1921-01-01 []",
	} {
		e, err := cql2.ParseText(filter)
		if err != nil {
			t.Fatal(err)
		}
		h := cql2.Necessary(e, schema)
		got := fmt.Sprint(h.Bounds, " ", h.Valid, " ", h.IDs)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", filter, diff)
		}
	}
}
