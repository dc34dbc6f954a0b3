package format_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/format"
	"kharita/geo/gogeom"
	"kharita/geo/period"
)

var errBroken = errors.New("the table is gone")

// names of the properties of the features below; each value is one that a
// careless writer would spoil.
func features(tb testing.TB) (fields []string, all []geo.Feature) {
	tb.Helper()
	fields = []string{"name_ar", "note", "start", "population", "share", "held", "sources", "id"}
	names := geo.NewNames(fields...)
	valid := func(text string) period.Valid {
		v, err := period.Parse(text)
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
	return fields, []geo.Feature{
		{
			ID: geo.TextID("mosul"), Geometry: orb.Point{43.13, 36.34},
			Properties: geo.NewProperties(names, []geo.Value{
				geo.StringValue("الموصل"), geo.StringValue("said \"big\",\nold"), geo.StringValue("2014-06-10"),
				geo.IntValue(-1_361_819), geo.FloatValue(0.5), geo.BoolValue(true), geo.JSONValue(`[{"title":"a, b"}]`), geo.IntValue(7),
			}),
			Valid: valid("2014-06-10/2017-07-10"),
		},
		{
			ID: geo.NumberID("7"), Geometry: orb.Polygon{{{0, 0}, {0, 10}, {10.123456789, 10}, {10, 0}, {0, 0}}}, // clockwise
			Properties: geo.NewProperties(names, []geo.Value{
				{}, geo.StringValue("=HYPERLINK(\"http://x\")"), geo.StringValue("-0043-03-15"), {}, {}, geo.BoolValue(false), {}, geo.StringValue("'tis"),
			}),
			Valid: valid("-0043-03-15/.."),
		},
		{
			Properties: geo.NewProperties(names, []geo.Value{geo.StringValue(""), geo.StringValue(" x; "), geo.StringValue("@1"), {}, {}, {}, {}, geo.StringValue("+1")}),
		},
	}
}

func export(fields []string) format.Export {
	return format.Export{
		Layer: "settlements", Title: "Towns <held>", Attribution: "Kharita", Licence: format.Licence{Name: "CC BY 4.0", URL: "https://creativecommons.org/licenses/by/4.0/"},
		Fields: fields, Query: "https://example.org/downloads/settlements.geojson?datetime=2015", Count: 3,
		Bound: orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{43.13, 36.34}}, Period: period.New(period.Date(2015, 1, 1), period.Date(2016, 1, 1)),
	}
}

// seq yields the features, and then err if there is one.
func seq(all []geo.Feature, err error) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
		if err != nil {
			yield(geo.Feature{}, err)
		}
	}
}

func write(tb testing.TB, name string, e format.Export, fs iter.Seq2[geo.Feature, error]) (string, error) {
	tb.Helper()
	f, ok := format.Find(name)
	if !ok {
		tb.Fatalf("there is no format %q", name)
	}
	var b bytes.Buffer
	err := f.Write(&b, e, fs)
	return b.String(), err
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range format.All() {
		for _, key := range []string{f.Name, f.MediaType, f.Ext} {
			if key == "" || seen[key] {
				t.Errorf("%q is empty or stands twice", key)
			}
			seen[key] = true
		}
		if !strings.HasPrefix(f.Ext, ".") {
			t.Errorf("extension %q has no dot", f.Ext)
		}
		if got, ok := format.Find(f.Name); !ok || got.Ext != f.Ext {
			t.Errorf("Find(%q): got %q, %v", f.Name, got.Ext, ok)
		}
	}
	if f, ok := format.Find("shp"); ok {
		t.Errorf("Find(shp): got %v", f)
	}
}

func TestGeoJSON(t *testing.T) {
	fields, all := features(t)
	text, err := write(t, "geojson", export(fields), seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"FeatureCollection","name":"settlements","title":"Towns <held>","attribution":"Kharita","license":"CC BY 4.0","datetime":"2015","links":[{"rel":"self","type":"application/geo+json","href":"https://example.org/downloads/settlements.geojson?datetime=2015"},{"rel":"license","href":"https://creativecommons.org/licenses/by/4.0/"}],"bbox":[0,0,43.13,36.34],"features":[
{"type":"Feature","id":"mosul","time":{"interval":["2014-06-10","2017-07-10"]},"geometry":{"type":"Point","coordinates":[43.13,36.34]},"properties":{"name_ar":"الموصل","note":"said \"big\",\nold","start":"2014-06-10","population":-1361819,"share":0.5,"held":true,"sources":[{"title":"a, b"}],"id":7}},
{"type":"Feature","id":7,"geometry":{"type":"Polygon","coordinates":[[[0,0],[10,0],[10.1234568,10],[0,10],[0,0]]]},"properties":{"note":"=HYPERLINK(\"http://x\")","start":"-0043-03-15","held":false,"id":"'tis"}},
{"type":"Feature","geometry":null,"properties":{"name_ar":"","note":" x; ","start":"@1","id":"+1"}}
],"numberReturned":3}
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	bare, err := write(t, "geojson", format.Export{}, seq(nil, nil))
	if want := "{\"type\":\"FeatureCollection\",\"features\":[\n],\"numberReturned\":0}\n"; err != nil || bare != want {
		t.Errorf("got %q, %v, want %q", bare, err, want)
	}
	for _, s := range []string{text, bare} {
		if !json.Valid([]byte(s)) {
			t.Errorf("not JSON: %s", s)
		}
	}
}

func TestGeoJSONSeq(t *testing.T) {
	fields, all := features(t)
	text, err := write(t, "geojsonl", export(fields), seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	records := strings.Split(text, "\x1e")
	if len(records) != 4 || records[0] != "" {
		t.Fatalf("got %d records in %q", len(records)-1, text)
	}
	for _, r := range records[1:] {
		if !json.Valid([]byte(r)) || !strings.HasSuffix(r, "\n") || strings.Count(r, "\n") != 1 {
			t.Errorf("not one line of JSON: %q", r)
		}
	}
}

func TestCSV(t *testing.T) {
	fields, all := features(t)
	text, err := write(t, "csv", export(fields), seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := "id,name_ar,note,start,population,share,held,sources,property_id,valid_from,valid_until,geometry\r\n" +
		"mosul,الموصل,\"said \"\"big\"\",\nold\",2014-06-10,-1361819,0.5,true,\"[{\"\"title\"\":\"\"a, b\"\"}]\",7,2014-06-10,2017-07-10,POINT (43.13 36.34)\r\n" +
		"7,,\"'=HYPERLINK(\"\"http://x\"\")\",'-0043-03-15,,,false,,''tis,'-0043-03-15,,\"POLYGON ((0 0, 0 10, 10.1234568 10, 10 0, 0 0))\"\r\n" +
		",\"\",\" x; \",'@1,,,,,'+1,,,\r\n"
	if diff := cmp.Diff(strings.Split(want, "\r\n"), strings.Split(text, "\r\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// A reader that takes one apostrophe away has every text again.
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range all {
		for j, name := range fields {
			if got, want := strings.TrimPrefix(rows[i+1][j+1], "'"), f.Properties.Get(name).Text(); got != want {
				t.Errorf("row %d, %s: got %q, want %q", i, name, got, want)
			}
		}
		g, err := gogeom.ParseWKT(rows[i+1][len(fields)+3])
		if f.Geometry != nil && (err != nil || g.GeoJSONType() != f.Geometry.GeoJSONType()) {
			t.Errorf("row %d: got geometry %v, %v", i, g, err)
		}
	}
}

func TestKML(t *testing.T) {
	fields, all := features(t)
	e := export(fields)
	e.Name = "name_ar"
	all[2].Valid = period.Valid{Possible: period.Never}
	all[2].Geometry = orb.Collection{orb.LineString{{1, 2}, {3, 4}}, orb.MultiPoint{{5, 6}}, orb.Polygon{}}
	text, err := write(t, "kml", e, seq(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Towns &lt;held&gt;</name><description>Kharita&#xA;&#xA;CC BY 4.0&#xA;&#xA;https://creativecommons.org/licenses/by/4.0/&#xA;&#xA;https://example.org/downloads/settlements.geojson?datetime=2015</description>
<Placemark><name>الموصل</name><TimeSpan><begin>2014-06-10</begin><end>2017-07-10</end></TimeSpan><ExtendedData><Data name="id"><value>mosul</value></Data><Data name="name_ar"><value>الموصل</value></Data><Data name="note"><value>said &#34;big&#34;,&#xA;old</value></Data><Data name="start"><value>2014-06-10</value></Data><Data name="population"><value>-1361819</value></Data><Data name="share"><value>0.5</value></Data><Data name="held"><value>true</value></Data><Data name="sources"><value>[{&#34;title&#34;:&#34;a, b&#34;}]</value></Data><Data name="property_id"><value>7</value></Data></ExtendedData><Point><coordinates>43.13,36.34</coordinates></Point></Placemark>
<Placemark><TimeSpan><begin>-0043-03-15</begin></TimeSpan><ExtendedData><Data name="id"><value>7</value></Data><Data name="note"><value>=HYPERLINK(&#34;http://x&#34;)</value></Data><Data name="start"><value>-0043-03-15</value></Data><Data name="held"><value>false</value></Data><Data name="property_id"><value>&#39;tis</value></Data></ExtendedData><Polygon><tessellate>1</tessellate><outerBoundaryIs><LinearRing><coordinates>0,0 10,0 10.1234568,10 0,10 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name></name><visibility>0</visibility><ExtendedData><Data name="name_ar"><value></value></Data><Data name="note"><value> x; </value></Data><Data name="start"><value>@1</value></Data><Data name="property_id"><value>+1</value></Data></ExtendedData><MultiGeometry><LineString><tessellate>1</tessellate><coordinates>1,2 3,4</coordinates></LineString><MultiGeometry><Point><coordinates>5,6</coordinates></Point></MultiGeometry></MultiGeometry></Placemark>
</Document></kml>
`
	if d := cmp.Diff(text, want); d != "" {
		t.Error(d)
	}
}

func TestCSVColumns(t *testing.T) {
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{nil, "id,valid_from,valid_until,geometry"},
		{[]string{"geometry", "id"}, "id,property_geometry,property_id,valid_from,valid_until,geometry"},
		{[]string{"id", "property_id"}, "id,property_property_id,property_id,valid_from,valid_until,geometry"},
		{[]string{"a,b", "=c", "", "a,b"}, `id,"a,b",'=c,"","property_a,b",valid_from,valid_until,geometry`},
	} {
		text, err := write(t, "csv", format.Export{Fields: c.fields}, seq(nil, nil))
		if err != nil || text != c.want+"\r\n" {
			t.Errorf("%q: got %q, %v, want %q", c.fields, text, err, c.want)
		}
	}
}

// FuzzCSVCell wants that no text is lost, and that none is a formula.
func FuzzCSVCell(f *testing.F) {
	for _, text := range []string{"", "a", "'", "''", "=1", "-1", "\"", "a\r\nb", "\t=1", " =1", "＝1", ";=1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names := geo.NewNames("a")
		feature := geo.Feature{Properties: geo.NewProperties(names, []geo.Value{geo.StringValue(text)})}
		out, err := write(t, "csv", format.Export{Fields: []string{"a"}}, seq([]geo.Feature{feature}, nil))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: got %q, %v", text, rows, err)
		}
		cell := rows[1][1]
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Fatalf("%q: cell %q is a formula", text, cell)
		}
		// The reader of package csv makes \r\n within a cell \n.
		if got, want := strings.TrimPrefix(cell, "'"), strings.ReplaceAll(text, "\r\n", "\n"); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// readers say whether a file of a format is complete.
func readers() map[string]func(text string) error {
	return map[string]func(string) error{
		"geojson": func(text string) error { return json.Unmarshal([]byte(text), new(any)) },
		"jsonfg":  func(text string) error { return json.Unmarshal([]byte(text), new(any)) },
		"geojsonl": func(text string) error {
			for _, r := range strings.Split(text, "\x1e")[1:] {
				if err := json.Unmarshal([]byte(r), new(any)); err != nil {
					return err
				}
			}
			return nil
		},
		"kml": func(text string) error {
			return xml.Unmarshal([]byte(text), new(struct {
				XMLName xml.Name `xml:"kml"`
			}))
		},
		"fgb": func(text string) error { // as many features as the header says, and nothing after them
			b := []byte(text)
			if !strings.HasPrefix(text, "fgb\x03fgb\x00") {
				return io.ErrUnexpectedEOF
			}
			next := func() (part []byte) {
				size := 4 + int(binary.LittleEndian.Uint32(b))
				part, b = b[:size], b[size:]
				return part
			}
			b = b[8:]
			part := next()
			header := flatbuffers.Table{Bytes: part, Pos: 4 + flatbuffers.GetUOffsetT(part[4:])}
			count := header.GetUint64Slot(4+2*8, 0)
			if count > 0 {
				b = b[40*(count+1):] // a single node above the leaves
			}
			for range count {
				next()
			}
			if len(b) > 0 {
				return io.ErrShortBuffer
			}
			return nil
		},
		"gpkg": func(text string) error {
			_, err := readSQLite(text)
			return err
		},
		"csv": func(text string) error {
			_, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			return err
		},
	}
}

func TestBrokenStream(t *testing.T) {
	fields, all := features(t)
	for _, f := range format.All() {
		read, ok := readers()[f.Name]
		if !ok {
			t.Errorf("%s: no reader in this test", f.Name)
			continue
		}
		for n := range len(all) + 1 {
			text, err := write(t, f.Name, export(fields), seq(all[:n], nil))
			if err != nil || read(text) != nil {
				t.Errorf("%s, %d features: got %v, %v", f.Name, n, err, read(text))
			}
			text, err = write(t, f.Name, export(fields), seq(all[:n], errBroken))
			if !errors.Is(err, errBroken) {
				t.Errorf("%s, broken after %d: got %v, want %v", f.Name, n, err, errBroken)
			}
			if read(text) == nil {
				t.Errorf("%s, broken after %d, looks complete: %q", f.Name, n, text)
			}
		}
	}
}

// A pipe of limited length.
type limited struct{ left int }

func (l *limited) Write(b []byte) (int, error) {
	l.left -= len(b)
	if l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

// TestWriter wants that a failing writer stops the stream, and that a long
// stream is not held in memory. FlatGeobuf and GeoPackage can write nothing before the last feature.
func TestWriter(t *testing.T) {
	fields, all := features(t)
	for _, f := range format.All() {
		if f.Name == "fgb" || f.Name == "gpkg" {
			err := f.Write(&limited{1 << 10}, export(fields), seq(append(all, all...), nil))
			if !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s: got %v, want %v", f.Name, err, io.ErrShortWrite)
			}
			continue
		}
		read := 0
		endless := func(yield func(geo.Feature, error) bool) {
			for read < 1e6 && yield(all[read%len(all)], nil) {
				read++
			}
		}
		if err := f.Write(&limited{1 << 20}, export(fields), endless); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: got %v, want %v", f.Name, err, io.ErrShortWrite)
		}
		if read < 1000 || read > 50_000 {
			t.Errorf("%s: read %d features before the writer failed", f.Name, read)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	fields, all := features(b)
	many := make([]geo.Feature, 0, 3000)
	for range 1000 {
		many = append(many, all...)
	}
	for _, f := range format.All() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, export(fields), seq(many, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
