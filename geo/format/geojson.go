package format

import (
	"io"
	"iter"
	"strconv"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
)

// writeGeoJSON writes a feature collection (RFC 7946), one feature a line, which
// says as foreign members (§6.1) what it is, whose, and where it came from. The
// number of features comes last, when it is known. One that broke off has no end.
func writeGeoJSON(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) error {
	const mediaType = "application/geo+json"
	if e.Writer.FG {
		return writeFG(w, e, fs, mediaType)
	}
	return writeCollection(w, e, fs, new(geojson.Writer), mediaType, nil)
}

func writeJSONFG(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) error {
	e.Writer.FG = true
	return writeFG(w, e, fs, "application/vnd.ogc.fg+json")
}

// writeFG writes a feature collection as JSON-FG (OGC 21-045r1), in the coordinate
// reference system of e.
func writeFG(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error], mediaType string) error {
	about := []byte(`,"conformsTo":["http://www.opengis.net/spec/json-fg-1/1.0/conf/core"],"coordRefSys":`)
	about = geo.AppendJSONString(about, e.CRS.URI())
	if e.Layer != "" {
		about = geo.AppendJSONString(append(about, `,"featureType":`...), e.Layer)
	}
	return writeCollection(w, e, fs, &e.Writer, mediaType, about)
}

func writeCollection(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error], write *geojson.Writer, mediaType string, about []byte) error {
	head := append([]byte(`{"type":"FeatureCollection"`), about...)
	for _, m := range [][2]string{{"name", e.Layer}, {"title", e.Title}, {"description", e.Description}, {"attribution", e.Attribution}, {"license", e.Licence.Name}} {
		if m[1] != "" {
			head = append(head, `,"`+m[0]+`":`...)
			head = geo.AppendJSONString(head, m[1])
		}
	}
	if !e.Period.IsAlways() {
		head = append(head, `,"datetime":`...)
		head = geo.AppendJSONString(head, e.Period.Datetime())
	}
	head = appendLinks(head, e, mediaType)
	if e.Bound != (orb.Bound{}) {
		head = append(head, `,"bbox":[`...)
		for i, f := range [4]float64{e.Bound.Min[0], e.Bound.Min[1], e.Bound.Max[0], e.Bound.Max[1]} {
			if i > 0 {
				head = append(head, ',')
			}
			head = strconv.AppendFloat(head, f, 'f', -1, 64)
		}
		head = append(head, ']')
	}
	head = append(head, `,"features":[`...)

	n := 0
	add := func(dst []byte, f geo.Feature) []byte {
		if n > 0 {
			dst = append(dst, ',')
		}
		n++
		return write.AppendFeature(append(dst, '\n'), f)
	}
	tail := func(dst []byte) []byte {
		dst = append(dst, "\n],\"numberReturned\":"...)
		dst = strconv.AppendInt(dst, int64(n), 10)
		return append(dst, "}\n"...)
	}
	return stream{head: head, add: add, tail: tail}.write(w, fs)
}

// appendLinks appends links to the query and to the licence, if there are any.
func appendLinks(dst []byte, e Export, mediaType string) []byte {
	before := ",\"links\":["
	for _, link := range [][2]string{{`{"rel":"self","type":"` + mediaType + `","href":`, e.Query}, {`{"rel":"license","href":`, e.Licence.URL}} {
		if link[1] != "" {
			dst = append(append(dst, before...), link[0]...)
			dst = append(geo.AppendJSONString(dst, link[1]), '}')
			before = ","
		}
	}
	if before == "," {
		dst = append(dst, ']')
	}
	return dst
}

// writeGeoJSONSeq writes a sequence of features (RFC 8142), each between a record
// separator and a line feed. One that broke off ends in a text that is no JSON.
func writeGeoJSONSeq(w io.Writer, _ Export, fs iter.Seq2[geo.Feature, error]) error {
	add := func(dst []byte, f geo.Feature) []byte {
		return append(geojson.AppendFeature(append(dst, '\x1e'), f), '\n')
	}
	return stream{add: add, broken: "\x1e{\"incomplete\":"}.write(w, fs)
}
