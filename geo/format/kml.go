package format

import (
	"bytes"
	"encoding/xml"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
)

// writeKML writes a KML 2.2 document (OGC 07-147r2), one placemark a feature and
// line. Valid time is a TimeSpan (the possible reading; days or instants, both
// included; none where a feature always holds), so that programs that know time
// show it: one that never holds is hidden. Properties are ExtendedData in the
// order of e.Fields, the feature's id before them; null is left out, arrays and
// objects are JSON. A property named id is called property_id. What XML can't
// hold, control characters, becomes U+FFFD. One that broke off has no end.
func writeKML(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) error {
	head := []byte(xml.Header + `<kml xmlns="http://www.opengis.net/kml/2.2"><Document>`)
	head = appendElement(head, "name", e.Title)
	about := slices.DeleteFunc([]string{e.Description, e.Attribution, e.Licence.Name, e.Licence.URL, e.Query}, func(s string) bool { return s == "" })
	head = appendElement(head, "description", strings.Join(about, "\n\n"))

	names := append([]string{"id"}, e.Fields...)
	for i, name := range e.Fields {
		for slices.Index(names, name) != i+1 { // taken
			name = "property_" + name
			names[i+1] = name
		}
	}
	datum := func(dst []byte, name, text string) []byte {
		dst = append(appendText(append(dst, `<Data name="`...), name), `">`...)
		return append(appendElement(dst, "value", text), "</Data>"...)
	}
	add := func(dst []byte, f geo.Feature) []byte {
		dst = append(dst, "\n<Placemark>"...)
		if name := f.Properties.Get(e.Name); !name.IsNull() {
			dst = appendElement(dst, "name", name.Text())
		}
		if f.Valid.Possible.IsNever() {
			dst = append(dst, "<visibility>0</visibility>"...)
		} else if start, end := f.Valid.Possible.Text(); start != end || start != ".." {
			dst = append(dst, "<TimeSpan>"...)
			for i, bound := range [2]string{start, end} {
				if bound != ".." {
					dst = appendElement(dst, [2]string{"begin", "end"}[i], strings.TrimPrefix(bound, "Y")) // xs:date has no mark for large years
				}
			}
			dst = append(dst, "</TimeSpan>"...)
		}
		dst = append(dst, "<ExtendedData>"...)
		if f.ID != (geo.ID{}) {
			dst = datum(dst, names[0], f.ID.String())
		}
		for i, name := range e.Fields {
			if v := f.Properties.Get(name); !v.IsNull() {
				dst = datum(dst, names[i+1], v.Text())
			}
		}
		dst = appendKML(append(dst, "</ExtendedData>"...), f.Geometry)
		return append(dst, "</Placemark>"...)
	}
	tail := func(dst []byte) []byte { return append(dst, "\n</Document></kml>\n"...) }
	return stream{head: head, add: add, tail: tail}.write(w, fs)
}

// appendElement appends an element that holds a text.
func appendElement(dst []byte, name, text string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = appendText(dst, text)
	return append(append(append(dst, "</"...), name...), '>')
}

func appendText(dst []byte, text string) []byte {
	b := bytes.NewBuffer(dst)
	_ = xml.EscapeText(b, []byte(text)) // a Buffer takes all
	return b.Bytes()
}

// appendKML appends a geometry, lon lat, with at most seven decimals; outer rings
// run counter-clockwise (OGC 07-147r2 §10.8). Nil and empty ones are nothing.
func appendKML(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return append(appendCoordinates(append(dst, "<Point>"...), orb.LineString{g}), "</Point>"...)
	case orb.LineString:
		if len(g) == 0 {
			return dst
		}
		return append(appendCoordinates(append(dst, "<LineString><tessellate>1</tessellate>"...), g), "</LineString>"...)
	case orb.Ring:
		return appendKML(dst, orb.Polygon{g})
	case orb.Bound:
		return appendKML(dst, g.ToPolygon())
	case orb.Polygon:
		if len(g) == 0 || len(g[0]) == 0 {
			return dst
		}
		dst = append(dst, "<Polygon><tessellate>1</tessellate>"...)
		for i, r := range g {
			side := "outer"
			if i > 0 {
				side = "inner"
			}
			dst = append(append(append(dst, '<'), side...), "BoundaryIs><LinearRing>"...)
			dst = appendCoordinates(dst, orb.LineString(turned(r, i > 0)))
			dst = append(append(append(dst, "</LinearRing></"...), side...), "BoundaryIs>"...)
		}
		return append(dst, "</Polygon>"...)
	case orb.MultiPoint:
		return appendMany(dst, g)
	case orb.MultiLineString:
		return appendMany(dst, g)
	case orb.MultiPolygon:
		return appendMany(dst, g)
	case orb.Collection:
		return appendMany(dst, g)
	}
	return dst
}

// turned returns r counter-clockwise, or clockwise if it is an inner ring.
func turned(r orb.Ring, inner bool) orb.Ring {
	wrong := orb.CW
	if inner {
		wrong = orb.CCW
	}
	if r.Orientation() == wrong {
		r = r.Clone()
		r.Reverse()
	}
	return r
}

func appendMany[T orb.Geometry](dst []byte, list []T) []byte {
	dst = append(dst, "<MultiGeometry>"...)
	for _, g := range list {
		dst = appendKML(dst, g)
	}
	return append(dst, "</MultiGeometry>"...)
}

func appendCoordinates(dst []byte, list orb.LineString) []byte {
	dst = append(dst, "<coordinates>"...)
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendFloat(dst, math.Round(p[0]*1e7)/1e7, 'f', -1, 64)
		dst = append(dst, ',')
		dst = strconv.AppendFloat(dst, math.Round(p[1]*1e7)/1e7, 'f', -1, 64)
	}
	return append(dst, "</coordinates>"...)
}
