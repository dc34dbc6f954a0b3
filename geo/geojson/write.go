package geojson

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// AppendFeature appends f as a GeoJSON feature on one line: type, id, JSON-FG
// time where the feature has valid time (OGC 21-045r1 §7.8; its possible
// reading), geometry, properties. f is only read.
func AppendFeature(dst []byte, f geo.Feature) []byte {
	dst = append(dst, `{"type":"Feature"`...)
	if f.ID != (geo.ID{}) {
		dst = append(dst, `,"id":`...)
		dst = f.ID.AppendJSON(dst)
	}
	dst = appendTime(dst, f.Valid.Possible)
	dst = append(dst, `,"geometry":`...)
	dst = AppendGeometry(dst, f.Geometry)
	dst = append(dst, `,"properties":`...)
	dst = f.Properties.AppendJSON(dst)
	return append(dst, '}')
}

// Years of four digits.
//
//nolint:gochecknoglobals // constants in all but syntax
var year0, year10000 = period.Date(0, 1, 1), period.Date(10_000, 1, 1)

// appendTime appends the member "time". JSON-FG knows years of four digits only:
// what lies before or after has no such member.
func appendTime(dst []byte, p period.Period) []byte {
	if p.IsAlways() || p.IsNever() {
		return dst
	}
	if start, ok := p.Start(); ok && (start < year0 || start >= year10000) {
		return dst
	}
	if end, ok := p.End(); ok && (end <= year0 || end > year10000) {
		return dst
	}
	dst = append(dst, `,"time":{"interval":["`...)
	dst = p.AppendText(dst, `","`)
	return append(dst, `"]}`...)
}

// AppendGeometry appends g, in lon, lat, as GeoJSON with at most seven decimals
// (a centimetre); null for nil. Exterior rings come counter-clockwise, interior
// rings clockwise (RFC 7946 §3.1.6). g is only read.
func AppendGeometry(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return append(appendPoint(head(dst, "Point"), g), '}')
	case orb.MultiPoint:
		return append(appendLine(head(dst, "MultiPoint"), g), '}')
	case orb.LineString:
		return append(appendLine(head(dst, "LineString"), g), '}')
	case orb.MultiLineString:
		dst = append(head(dst, "MultiLineString"), '[')
		for i, line := range g {
			dst = appendLine(comma(dst, i), line)
		}
		return append(dst, "]}"...)
	case orb.Ring:
		return append(appendPolygon(head(dst, "Polygon"), orb.Polygon{g}), '}')
	case orb.Bound:
		return append(appendPolygon(head(dst, "Polygon"), g.ToPolygon()), '}')
	case orb.Polygon:
		return append(appendPolygon(head(dst, "Polygon"), g), '}')
	case orb.MultiPolygon:
		dst = append(head(dst, "MultiPolygon"), '[')
		for i, p := range g {
			dst = appendPolygon(comma(dst, i), p)
		}
		return append(dst, "]}"...)
	case orb.Collection:
		dst = append(dst, `{"type":"GeometryCollection","geometries":[`...)
		for i, m := range g {
			dst = AppendGeometry(comma(dst, i), m)
		}
		return append(dst, "]}"...)
	}
	return append(dst, "null"...)
}

func head(dst []byte, kind string) []byte {
	dst = append(dst, `{"type":"`...)
	dst = append(dst, kind...)
	return append(dst, `","coordinates":`...)
}

func comma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

func appendPolygon(dst []byte, p orb.Polygon) []byte {
	dst = append(dst, '[')
	for i, ring := range p {
		dst = comma(dst, i)
		if o := orientation(ring); o != 0 && (o == orb.CCW) != (i == 0) {
			dst = append(dst, '[')
			for j := range ring {
				dst = appendPoint(comma(dst, j), ring[len(ring)-1-j])
			}
			dst = append(dst, ']')
			continue
		}
		dst = appendLine(dst, ring)
	}
	return append(dst, ']')
}

// orientation is 0 for a ring without area, also for an empty one.
func orientation(ring orb.Ring) orb.Orientation {
	if len(ring) == 0 {
		return 0
	}
	return ring.Orientation()
}

func appendLine[L ~[]orb.Point](dst []byte, line L) []byte {
	dst = append(dst, '[')
	for i, p := range line {
		dst = appendPoint(comma(dst, i), p)
	}
	return append(dst, ']')
}

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = appendDegrees(append(dst, '['), p[0])
	dst = appendDegrees(append(dst, ','), p[1])
	return append(dst, ']')
}

// appendDegrees appends f, at most 180 either way, with at most seven decimals
// and no trailing zeros. Whole numbers of 1e-7 are exact in a float64, so a
// coordinate of seven decimals comes out as it went in.
func appendDegrees(dst []byte, f float64) []byte {
	signed := int64(math.RoundToEven(f * 1e7))
	if signed < 0 {
		dst = append(dst, '-')
		signed = -signed
	}
	n := uint64(signed)
	dst = strconv.AppendUint(dst, n/1e7, 10)
	frac := n % 1e7
	if frac == 0 {
		return dst
	}
	digits := [8]byte{'.'}
	for i := 7; i > 0; i-- {
		digits[i] = byte('0' + frac%10)
		frac /= 10
	}
	last := 7
	for digits[last] == '0' {
		last--
	}
	return append(dst, digits[:last+1]...)
}
