package geojson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

// all reads everything: rows as GeoJSON lines, faults and the error that ended it as text.
func all(src io.Reader) (rows, faults []string, err error) {
	names := geo.NewNames()
	r := geojson.NewReader(src, names)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, faults, nil
		}
		if err != nil {
			return rows, faults, err
		}
		for _, f := range row.Faults {
			faults = append(faults, f.Error())
		}
		if !row.Unusable {
			f := geo.Feature{ID: row.ID, Geometry: row.Geometry, Properties: geo.NewProperties(names, row.Values)}
			rows = append(rows, string(geojson.AppendFeature(nil, f)))
		}
	}
}

const twoTowns = `{"type":"FeatureCollection","name":"towns","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[43.1,36.3]},"properties":{"name":"الموصل","n":1,"x":null,"f":1.5,"t":true,"l":[1, {"a": "b"}]}},
{"type":"Feature","id":7,"properties":{"name":"\u0041\ud83d\ude00\n"},"geometry":{"coordinates":[39.0,35.95,200],"type":"Point"}}
],"note":{"deep":[[[]]]}}`

func TestReader(t *testing.T) {
	a := `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[43.1,36.3]},"properties":{"name":"الموصل","n":1,"f":1.5,"t":true,"l":[1,{"a":"b"}]}}`
	b := `{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[39,35.95]},"properties":{"name":"A😀\n"}}`
	one := `{"type":"Feature","id":"a","geometry":null,"properties":null}`
	oneOut := `{"type":"Feature","id":"a","geometry":null,"properties":{}}`
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"collection", twoTowns, []string{a, b}},
		{"byte order mark", "\xef\xbb\xbf" + twoTowns, []string{a, b}},
		{"no features", `{"features": [], "type": "FeatureCollection"}`, nil},
		{"type last", `{"features":[` + one + `],"type":"FeatureCollection"}`, []string{oneOut}},
		{"single feature", one, []string{oneOut}},
		{"one a line", one + "\n" + one + "\n", []string{oneOut, oneOut}},
		{"RFC 8142", "\x1e" + one + "\n\x1e" + one + "\n", []string{oneOut, oneOut}},
		{"pretty printed", strings.NewReplacer("{", "{ \n", ",", " ,\r\n\t").Replace(one), []string{oneOut}},
		{"WGS 84 named", `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"type":"FeatureCollection","features":[` + one + `]}`, []string{oneOut}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				got, faults, err := all(src)
				if err != nil || faults != nil {
					t.Fatalf("faults %v, error %v", faults, err)
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestReaderGeometries(t *testing.T) {
	square := `[[0,0],[4,0],[4,4],[0,4],[0,0]]`
	hole := `[[1,1],[1,2],[2,2],[2,1],[1,1]]`
	for _, c := range []struct {
		in   string
		want orb.Geometry
	}{
		{`{"type":"Point","coordinates":[-180,90]}`, orb.Point{-180, 90}},
		{`{"type":"Point","coordinates":[1.23456789012345678901,1e1]}`, orb.Point{1.2345678901234568, 10}},
		{`{"type":"Point","coordinates":[]}`, nil},
		{`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, orb.MultiPoint{{1, 2}, {3, 4}}},
		{`{"type":"LineString","coordinates":[[1,2],[3,4]]}`, orb.LineString{{1, 2}, {3, 4}}},
		{`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]}`, orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}},
		{`{"coordinates":[` + square + `,` + hole + `],"type":"Polygon"}`, orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}}},
		{`{"type":"MultiPolygon","coordinates":[[` + square + `],[` + hole + `]]}`, orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}}, {{{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}}}},
		{`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}`, orb.Collection{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}}},
	} {
		r := geojson.NewReader(strings.NewReader(`{"type":"Feature","properties":{},"geometry":`+c.in+`}`), geo.NewNames())
		row, err := r.Next()
		if err != nil || row.Unusable || len(row.Faults) > 0 {
			t.Fatalf("%s: faults %v, error %v", c.in, row.Faults, err)
		}
		if d := cmp.Diff(c.want, row.Geometry); d != "" {
			t.Errorf("%s: %s", c.in, d)
		}
	}
}

func TestReaderFaults(t *testing.T) {
	feature := func(geometry string) string {
		return `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"bad","properties":{},
  "geometry":` + geometry + `},
{"type":"Feature","id":"good","properties":{},"geometry":null}]}`
	}
	for _, c := range []struct {
		name, in, want string
		rows           int
	}{
		{"swapped", feature(`{"type":"Point","coordinates":[36,143]}`), "3:44: feature 0: coordinate is out of range: 36, 143: longitude comes first: are the two swapped?", 1},
		{"projected", feature(`{"type":"Point","coordinates":[4800000,4000000]}`), "3:44: feature 0: coordinate is out of range: 4800000, 4000000: is the file in another coordinate system? Convert it to longitude, latitude on WGS 84", 1},
		{"no such type", feature(`{"type":"Circle","coordinates":[1,2]}`), `3:14: feature 0: geometry is malformed: "Circle" is no type of geometry`, 1},
		{"no coordinates", feature(`{"type":"Point"}`), `3:14: feature 0: geometry is malformed: a Point without "coordinates"`, 1},
		{"too flat", feature(`{"type":"Polygon","coordinates":[[1,2],[3,4]]}`), "3:14: feature 0: geometry is malformed: coordinates of a Polygon are 3 arrays deep, here 2", 1},
		{"uneven", feature(`{"type":"LineString","coordinates":[[1,2],[[3,4]]]}`), "3:49: feature 0: geometry is malformed: coordinates are nested unevenly", 1},
		{"text coordinate", feature(`{"type":"Point","coordinates":["1",2]}`), "3:45: feature 0: geometry is malformed: coordinates must be arrays of numbers", 1},
		{"one point", feature(`{"type":"LineString","coordinates":[[1,2]]}`), "3:49: feature 0: too few positions: a line needs two, here 1", 1},
		{"two point ring", feature(`{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]]]}`), "3:47: feature 0: too few positions: a polygon ring needs four, the last like the first, here 3", 1},
		{"open ring is closed", feature(`{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,0]]]}`), "3:47: feature 0: polygon ring is not closed: from 1, 2 to 5, 0; closed by a straight line", 2},
		{"bad id", `{"type":"Feature","id":[],"geometry":null}`, "1:24: feature 0: id is neither text nor a number", 1},
		{"bad properties", `{"type":"Feature","properties":3,"geometry":null}`, "1:32: feature 0: properties is no object", 1},
		{"not a feature", `{"type":"FeatureCollection","features":[{"type":"Point","coordinates":[1,2]}]}`, `1:41: feature 0: not GeoJSON: the "type" of a feature must be "Feature", not "Point"`, 0},
		{"Windows-1256", "{\"type\":\"Feature\",\"properties\":{\"n\":\"\xc7\"},\"geometry\":null}", `1:37: feature 0: text is not UTF-8: "\xc7": save the file as UTF-8`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, faults, err := all(strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{c.want}, faults); d != "" {
				t.Error(d)
			}
			if len(rows) != c.rows {
				t.Errorf("rows: got %d, want %d", len(rows), c.rows)
			}
		})
	}
}

func TestReaderErrors(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", " \n", "2:1: not JSON: the file is empty"},
		{"no JSON", "hello", "1:1: not JSON: 'h' where '{' of a FeatureCollection should stand"},
		{"cut off", twoTowns[:len(twoTowns)-115], "3:41: feature 1: not JSON: the file ends where '\"' should follow: is it cut off?"},
		{"NaN", "{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[NaN,2]}}]}", "2:61: feature 0: not JSON: NaN is no JSON value; use null, or leave it out"},
		{"trailing comma", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null},]}`, "1:76: not JSON: ']' where a feature should stand"},
		{"bare geometry", `{"type":"Point","coordinates":[1,2]}`, `1:1: not GeoJSON: a bare Point: wrap it as {"type": "Feature", "properties": {}, "geometry": …}`},
		{"TopoJSON", `{"type":"Topology","arcs":[]}`, "1:1: not GeoJSON: this is TopoJSON: convert it, for example with npm topojson-client's topo2geo"},
		{"other object", `{"a":1}`, `1:1: not GeoJSON: the "type" of a file must be "FeatureCollection" or "Feature", not ""`},
		{"other CRS", `{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:3857"}},"features":[]}`, "1:29: not longitude and latitude on WGS 84: GeoJSON has no other (RFC 7946 §4): convert the file, for example with ogr2ogr -t_srs EPSG:4326"},
		{"more after", `{"type":"FeatureCollection","features":[]} x`, "1:44: not JSON: something follows the end of the FeatureCollection"},
		{"leading zero", `{"type":"Feature","geometry":null,"properties":{"a":01}}`, `1:53: not JSON: "01" is no JSON number`},
		{"control character", "{\"type\":\"Feature\",\"properties\":{\"a\":\"b\nc\"}}", "1:39: not JSON: a control character (0x0a) within a text: write it as an escape, \\n for a new line"},
		{"too deep", strings.Repeat(`{"a":`, 200), "1:642: not JSON: arrays and objects more than 128 deep"},
		{"UTF-16", "\xff\xfe{\x00", "1:1: text is not UTF-8: the file is UTF-16: save it as UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := all(strings.NewReader(c.in))
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAppendFeatureTime(t *testing.T) {
	for edtf, want := range map[string]string{
		"2014-06-10/2017-07-09": `,"time":{"interval":["2014-06-10","2017-07-09"]}`,
		"../2017":               `,"time":{"interval":["..","2017-12-31"]}`,
		"2014-06-10T12:00:00Z":  `,"time":{"interval":["2014-06-10T12:00:00Z","2014-06-10T12:00:00Z"]}`,
		"-0043":                 "", // JSON-FG has no year before 0000
		"Y12000/..":             "",
		"../..":                 "",
	} {
		valid, err := period.Parse(edtf)
		if err != nil {
			t.Fatal(err)
		}
		got := string(geojson.AppendFeature(nil, geo.Feature{ID: geo.TextID("a"), Valid: valid}))
		if want := `{"type":"Feature","id":"a"` + want + `,"geometry":null,"properties":{}}`; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", edtf, got, want)
		}
	}
}

func TestAppendGeometryRoundTrip(t *testing.T) {
	for _, g := range orb.AllGeometries { // nil, empty, typed nil, nested
		b := geojson.AppendGeometry(nil, g)
		if !json.Valid(b) {
			t.Errorf("%T: %s is not JSON", g, b)
		}
	}
	clockwise := orb.Polygon{{{0, 0}, {0, 1}, {1, 1}, {0, 0}}}
	if got, want := string(geojson.AppendGeometry(nil, clockwise)), `{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[0,0]]]}`; got != want {
		t.Errorf("ring order: got %s, want %s", got, want)
	}
	for _, f := range []float64{0, -0.0000001, 179.9999999, -180, 43.78599, 1e-9} {
		b := geojson.AppendGeometry(nil, orb.Point{f, 0})
		var g struct{ Coordinates []float64 }
		if err := json.Unmarshal(b, &g); err != nil {
			t.Fatal(err)
		}
		if d := g.Coordinates[0] - f; d > 5.1e-8 || d < -5.1e-8 {
			t.Errorf("%v came back as %v", f, g.Coordinates[0])
		}
	}
}

// FuzzReader: never panics; what it takes, encoding/json takes; how the input
// is cut into reads makes no difference.
func FuzzReader(f *testing.F) {
	f.Add([]byte(twoTowns))
	f.Add([]byte(`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]},"time":{"date":"2014"}}`))
	f.Add([]byte("{\"type\":\"Feature\",\"geometry\":null}\n{\"type\":\"Feature\",\"properties\":{\"a\":-1.5e3,\"b\":\"\\ud800\\u0041\"}}"))
	f.Add([]byte(`{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1.5,-0.25,7],[ 2 , 3.0 ],[9007199254740993,0.1]]},` +
		`"properties":{"a":-0,"b":0.1,"c":123456789012345678,"d":-9007199254740993.5,"e":"01234567\"9\\"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, faults, err := all(bytes.NewReader(data))
		rows2, faults2, err2 := all(iotest.OneByteReader(bytes.NewReader(data)))
		if d := cmp.Diff(rows, rows2) + cmp.Diff(faults, faults2) + cmp.Diff(fmt.Sprint(err), fmt.Sprint(err2)); d != "" {
			t.Fatal(d)
		}
		for _, row := range rows {
			if !json.Valid([]byte(row)) {
				t.Fatalf("%s is not JSON", row)
			}
		}
		if err == nil && bytes.HasPrefix(data, []byte("{")) && !bytes.ContainsRune(data, 0x1e) {
			d := json.NewDecoder(bytes.NewReader(data))
			for {
				var v json.RawMessage
				if err := d.Decode(&v); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("encoding/json refuses it: %v", err)
				}
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 10_000 {
		if i > 0 {
			doc.WriteString(",\n")
		}
		fmt.Fprintf(&doc, `{"type":"Feature","id":"p%d","properties":{"name":"place %d","population":%d,"kind":"town","start":"2014-06-10"},"geometry":{"type":"Point","coordinates":[%f,%f]}}`, i, i, i*7, float64(i%360)-180, float64(i%180)-90)
	}
	doc.WriteString("]}")
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r := geojson.NewReader(bytes.NewReader(doc.Bytes()), geo.NewNames())
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}
