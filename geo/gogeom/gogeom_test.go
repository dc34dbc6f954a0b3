package gogeom_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo/gogeom"
)

func samples() []orb.Geometry {
	ring := orb.Ring{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}
	hole := orb.Ring{{1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}}
	return append(
		[]orb.Geometry{
			orb.Point{44.3661, 33.3152},
			orb.Point{-0.1, math.SmallestNonzeroFloat64},
			orb.MultiPoint{{1, 2}, {3, 4}},
			orb.LineString{{1, 2}, {3, 4}, {5, 6.25}},
			orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}},
			orb.MultiLineString{{}, {{5, 6}, {7, 8}}},
			orb.Polygon{ring, hole},
			orb.MultiPolygon{{ring, hole}, {{{20, 20}, {21, 20}, {21, 21}, {20, 20}}}},
			orb.MultiPolygon{{}, {ring}},
			orb.Collection{orb.Point{1, 2}, orb.Polygon{ring, hole}, orb.Collection{orb.LineString{{1, 2}, {3, 4}}}},
			orb.Collection{orb.LineString{}, orb.Point{1, 2}},
			orb.Collection{orb.Collection{}, orb.Point{1, 2}},
			orb.Collection{nil, orb.Point{1, 2}},
		},
		orb.AllGeometries...)
}

// plain returns g as text can say it: rings and bounds as polygons, no nil within.
func plain(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Ring:
		if len(g) == 0 {
			return orb.Polygon{}
		}
		return orb.Polygon{g}
	case orb.Bound:
		return g.ToPolygon()
	case orb.Collection:
		c := orb.Collection{}
		for _, m := range g {
			if m != nil {
				c = append(c, plain(m))
			}
		}
		return c
	}
	return g
}

func equal(a, b orb.Geometry) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.GeoJSONType() == b.GeoJSONType() && orb.Equal(a, b)
}

func TestRoundTrip(t *testing.T) {
	for _, g := range samples() {
		t.Run(fmt.Sprintf("%T %v", g, g), func(t *testing.T) {
			before := orb.Clone(g)
			back, err := gogeom.From(gogeom.To(g))
			if err != nil || !equal(back, plain(g)) {
				t.Errorf("go-geom: got %#v, %v, want %#v", back, err, plain(g))
			}
			if g != nil {
				text := string(gogeom.AppendWKT(nil, g, -1))
				if back, err := gogeom.ParseWKT(text); err != nil || !equal(back, plain(g)) {
					t.Errorf("%s: got %#v, %v, want %#v", text, back, err, plain(g))
				}
				for name, b := range map[string][]byte{"WKB": gogeom.AppendWKB(nil, g), "EWKB": gogeom.AppendEWKB(nil, g)} {
					if back, err := gogeom.ParseWKB(b); err != nil || !equal(back, plain(g)) {
						t.Errorf("%s %x: got %#v, %v, want %#v", name, b, back, err, plain(g))
					}
				}
			}
			if before != nil && !equal(before, g) {
				t.Errorf("the geometry was written to: got %v, want %v", g, before)
			}
		})
	}
}

// TestOracle lets simplefeatures, which knows nothing of go-geom, read what we write.
func TestOracle(t *testing.T) {
	for _, g := range samples() {
		if g == nil {
			continue
		}
		text := string(gogeom.AppendWKT(nil, g, -1))
		fromText, err := geom.UnmarshalWKT(text, geom.NoValidate{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		b := gogeom.AppendWKB(nil, g)
		fromBinary, err := geom.UnmarshalWKB(b, geom.NoValidate{})
		if err != nil {
			t.Errorf("%s as %x: %v", text, b, err)
			continue
		}
		if got, want := fromBinary.AsText(), fromText.AsText(); got != want {
			t.Errorf("WKB of %s: got %s", want, got)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		g        orb.Geometry
		decimals int
		wkt      string
	}{
		{nil, 7, ""},
		{orb.Point{44.12345678, -33}, 7, "POINT (44.1234568 -33)"},
		{orb.Point{44.12345678, 1e-9}, -1, "POINT (44.12345678 0.000000001)"},
		{orb.Point{100, 20}, 7, "POINT (100 20)"},
		{orb.LineString{}, 7, "LINESTRING EMPTY"},
		{orb.Polygon{{}}, 7, "POLYGON EMPTY"},
		{orb.MultiPolygon{{{}, {{0, 0}, {1, 0}, {1, 2}, {0, 0}}}}, 7, "MULTIPOLYGON (((0 0, 1 0, 1 2, 0 0)))"},
		{orb.Collection{}, 7, "GEOMETRYCOLLECTION EMPTY"},
		{orb.Bound{Max: orb.Point{1, 2}}, 7, "POLYGON ((0 0, 1 0, 1 2, 0 2, 0 0))"},
	} {
		if got, want := string(gogeom.AppendWKT([]byte(">"), c.g, c.decimals)), ">"+c.wkt; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	// The example of OGC 06-103r4 §8.2.5 in little-endian, and PostGIS's form of it.
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{gogeom.AppendWKB([]byte{0xff}, orb.Point{1, 2}), "ff0101000000000000000000f03f0000000000000040"},
		{gogeom.AppendEWKB(nil, orb.Point{1, 2}), "0101000020e6100000000000000000f03f0000000000000040"},
		{gogeom.AppendWKB(nil, nil), ""},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]orb.Geometry{
		"POINT(1 2)":                               orb.Point{1, 2},
		"point z (1 2 3)":                          orb.Point{1, 2},
		"POINT EMPTY":                              nil,
		"MULTIPOINT (1 2, 3 4)":                    orb.MultiPoint{{1, 2}, {3, 4}},
		"LINESTRING ZM (1 2 3 4, 5 6 7 8)":         orb.LineString{{1, 2}, {5, 6}},
		"GEOMETRYCOLLECTION(POINT EMPTY)":          orb.Collection{},
		"POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))": orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}},
	} {
		if got, err := gogeom.ParseWKT(text); err != nil || !equal(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
	for _, c := range []struct {
		hex  string
		want orb.Geometry
	}{
		{"0000000001 3ff0000000000000 4000000000000000", orb.Point{1, 2}},                            // big-endian
		{"01 e9030000 000000000000f03f 0000000000000040 0000000000000840", orb.Point{1, 2}},          // ISO Z
		{"01 01000080 000000000000f03f 0000000000000040 0000000000000840", orb.Point{1, 2}},          // PostGIS Z
		{"01 01000000 000000000000f87f 000000000000f87f", nil},                                       // POINT EMPTY
		{"01 010000a0 e6100000 000000000000f03f 0000000000000040 0000000000000840", orb.Point{1, 2}}, // SRID and Z
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := gogeom.ParseWKB(b); err != nil || !equal(got, c.want) {
			t.Errorf("%s: got %#v, %v, want %#v", c.hex, got, err, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"", "POINT", "POINT(1)", "POINT(1 2", "POLYGON((0 0, 1 1))", "CIRCLE(1 2)", strings.Repeat("GEOMETRYCOLLECTION(", 1e5)} {
		if g, err := gogeom.ParseWKT(text); err == nil {
			t.Errorf("%.40q: got %v, want an error", text, g)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: error of several lines: %v", text, err)
		}
	}
	many := make([]byte, 0, 9e5)
	for range 100_000 {
		many = append(many, 1, 7, 0, 0, 0, 1, 0, 0, 0)
	}
	for _, c := range []struct {
		hex, want string
	}{
		{"", "wkb: unexpected EOF (at byte 0)"},
		{"02 01000000", "wkb: byte order 2 (at byte 0)"},
		{"01 01000000 00", "wkb: unexpected EOF (at byte 5)"},
		{"01 02000000 ffffffff", "wkb: unexpected EOF (at byte 9)"}, // 64 GB of points
		{"01 03000000 ffffffff", "wkb: unexpected EOF (at byte 9)"},
		{"01 07000000 ffffffff", "wkb: unexpected EOF (at byte 9)"},
		{"01 08000000 00000000", "wkb: kind 8 is not known (at byte 5)"},
		{"01 01000020 110f0000 000000000000f03f 0000000000000040", "wkb: SRID 3857, want 4326 (at byte 5)"},
		{"01 01000000 000000000000f03f 0000000000000040 00", "wkb: 1 bytes after the geometry"},
		{hex.EncodeToString(many), "wkb: more than 32 collections within each other (at byte 297)"},
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(c.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		g, err := gogeom.ParseWKB(b)
		if err == nil {
			t.Errorf("%.40s: got %v, want %s", c.hex, g, c.want)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%.40s (-want +got):\n%s", c.hex, diff)
		}
	}
}

func FuzzParseWKT(f *testing.F) {
	for _, g := range samples() {
		f.Add(string(gogeom.AppendWKT(nil, g, -1)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := gogeom.ParseWKT(text)
		if err != nil || g == nil {
			return
		}
		again := string(gogeom.AppendWKT(nil, g, -1))
		back, err := gogeom.ParseWKT(again)
		if err != nil || !equal(back, g) {
			t.Fatalf("%q: %q reads back as %v, %v", text, again, back, err)
		}
	})
}

func FuzzParseWKB(f *testing.F) {
	for _, g := range samples() {
		f.Add(gogeom.AppendWKB(nil, g))
		f.Add(gogeom.AppendEWKB(nil, g))
	}
	f.Add(binary.BigEndian.AppendUint32([]byte{0}, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := gogeom.ParseWKB(b)
		if err != nil || g == nil {
			return
		}
		again := gogeom.AppendWKB(nil, g)
		back, err := gogeom.ParseWKB(again)
		if err != nil {
			t.Fatalf("%x: %x reads back as %v, %v", b, again, back, err)
		}
		if third := gogeom.AppendWKB(nil, back); string(third) != string(again) { // bytes, as NaN is not equal to itself
			t.Fatalf("%x: got %x, want %x", b, third, again)
		}
	})
}

func ExampleAppendWKT() {
	fmt.Printf("%s\n", gogeom.AppendWKT(nil, orb.Point{44.3661, 33.3152}, 7))
	// Output: POINT (44.3661 33.3152)
}

func BenchmarkAppendWKT(b *testing.B) {
	line := make(orb.LineString, 1000)
	for i := range line {
		line[i] = orb.Point{40 + float64(i)/1000, 33.1234567}
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = gogeom.AppendWKT(buf[:0], line, 7)
	}
	b.SetBytes(int64(len(buf)))
}
