package geojson

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// AppendFeature appends f as a GeoJSON feature on one line: type, id, JSON-FG
// time where the feature has valid time (OGC 21-045r1 §7.8; its possible
// reading), geometry, properties. f is only read.
func AppendFeature(dst []byte, f geo.Feature) []byte { return new(Writer).AppendFeature(dst, f) }

// AppendGeometry appends g, in lon, lat, as GeoJSON with at most seven decimals
// (a centimetre); null for nil. Exterior rings come counter-clockwise, interior
// rings clockwise (RFC 7946 §3.1.6). g is only read.
func AppendGeometry(dst []byte, g orb.Geometry) []byte { return new(Writer).AppendGeometry(dst, g) }

// A Writer says how features are written. The zero Writer writes RFC 7946.
type Writer struct {
	// Project returns where lon, lat lies in another coordinate reference system, in
	// the order of its axes; nil: coordinates are lon, lat.
	Project func(orb.Point) orb.Point
	// Decimals is how many decimals what Project returns is worth, at most 9.
	Decimals int
	// FG writes JSON-FG (OGC 21-045r1 §7): time and place are always there, if only
	// as null, and geometries that are not lon, lat are the place.
	FG bool
	// Ends adds to the properties valid_from and valid_until, the first and the last
	// millisecond of the possible reading as RFC 3339 date-times, for who knows dates but
	// no EDTF. What is open, or outside the years 1 to 9999, is left out.
	Ends bool
	// Both writes beside the place the geometry in lon, lat, for who does not know
	// JSON-FG.
	Both bool
}

// AppendFeature appends f on one line; see the function AppendFeature.
func (w *Writer) AppendFeature(dst []byte, f geo.Feature) []byte {
	dst = append(dst, `{"type":"Feature"`...)
	if f.ID != (geo.ID{}) {
		dst = append(dst, `,"id":`...)
		dst = f.ID.AppendJSON(dst)
	}
	start := len(dst)
	dst = appendTime(dst, f.Valid.Possible)
	time := dst[start:]
	if w.FG && len(time) == 0 {
		dst = append(dst, `,"time":null`...)
	}
	switch {
	case w.FG && w.Project != nil:
		dst = w.AppendGeometry(append(dst, `,"place":`...), f.Geometry)
		if dst = append(dst, `,"geometry":`...); w.Both {
			dst = AppendGeometry(dst, f.Geometry)
		} else {
			dst = append(dst, "null"...)
		}
	case w.FG:
		dst = append(dst, `,"place":null`...)
		fallthrough
	default:
		dst = w.AppendGeometry(append(dst, `,"geometry":`...), f.Geometry)
	}
	dst = append(dst, `,"properties":`...)
	dst = f.Properties.AppendJSON(dst)
	if w.Ends {
		dst = appendEnds(dst, f.Valid.Possible, time)
	}
	return append(dst, '}')
}

// AppendRow appends what AppendFeature does of the same feature with the properties in only;
// nil: with all. Where Copies is true it copies.
func (w *Writer) AppendRow(dst []byte, r geo.Row, only *geo.Subset) []byte {
	if text, ok := w.written(r, only); ok {
		return append(dst, text...)
	}
	p, isPoint := r.Point()
	if w.FG || w.Project != nil || !isPoint {
		f := r.Feature()
		f.Properties = only.Of(f.Properties)
		return w.AppendFeature(dst, f)
	}
	dst = append(dst, `{"type":"Feature"`...)
	if id := r.ID(); id != (geo.ID{}) {
		dst = id.AppendJSON(append(dst, `,"id":`...))
	}
	written, ok := r.Time()
	time, ends := cutTimes(written)
	start := len(dst)
	if dst = append(dst, time...); !ok {
		dst = appendTime(dst, r.Possible())
		time = dst[start:]
	}
	dst = w.appendPoint(append(dst, `,"geometry":{"type":"Point","coordinates":`...), p)
	dst = only.Of(r.Properties()).AppendJSON(append(dst, `},"properties":`...))
	switch {
	case !w.Ends:
	case !ok:
		dst = appendEnds(dst, r.Possible(), time)
	case len(ends) > len("}"):
		dst = append(separate(dst[:len(dst)-1]), ends...)
	}
	return append(dst, '}')
}

// Copies reports whether AppendRow appends what r.Written tells: that must be what a Writer wrote
// that is zero but for Ends.
func (w *Writer) Copies(r geo.Row, only *geo.Subset) bool {
	_, ok := w.written(r, only)
	return ok
}

func (w *Writer) written(r geo.Row, only *geo.Subset) ([]byte, bool) {
	if w.FG || w.Project != nil || only != nil {
		return nil, false
	}
	text, dated, ok := r.Written()
	return text, ok && (dated == w.Ends || r.Possible().IsAlways())
}

// appendEnds appends valid_from and valid_until to the object that dst ends with. Time is what
// appendTime made of p: its days need not be found again.
func appendEnds(dst []byte, p period.Period, time []byte) []byte {
	start, hasStart := p.Start()
	end, hasEnd := p.End()
	if len(time) == len(days) && start >= year1 { // mostly
		const from, until = len(`"valid_from":"`), len(`"valid_from":"0000-00-00T00:00:00Z","valid_until":"`)
		dst = separate(dst[:len(dst)-1])
		at := len(dst)
		dst = append(dst, `"valid_from":"0000-00-00T00:00:00Z","valid_until":"0000-00-00T23:59:59.999Z"}`...)
		copy(dst[at+from:], time[startDay:startDay+len("0000-00-00")])
		copy(dst[at+until:], time[endDay:endDay+len("0000-00-00")])
		return dst
	}
	for _, e := range [2]struct {
		name string
		at   period.Instant
		ok   bool
	}{{`"valid_from":"`, start, hasStart}, {`"valid_until":"`, end - 1, hasEnd}} {
		if e.ok && e.at >= year1 && e.at < year10000 {
			dst = separate(dst[:len(dst)-1])
			dst = append(e.at.AppendDateTime(append(dst, e.name...)), `"}`...)
		}
	}
	return dst
}

// WriteTimes has a table that is finished keep how the valid times that many of its features share are
// written, so that AppendRow need not write them again.
func WriteTimes(t *geo.Table) {
	t.WriteTimes(func(dst []byte, p period.Period) []byte {
		at := len(dst)
		dst = appendTime(append(dst, 0), p)
		time := dst[at+1:]
		dst[at] = byte(len(time)) // two date-times at most
		return append(dst, appendEnds([]byte("{}"), p, time)[1:]...)
	})
}

// cutTimes returns of what WriteTimes wrote the member "time" and what follows upon the other
// properties: their end, if need be after that of valid time.
func cutTimes(text []byte) (time, ends []byte) {
	if len(text) == 0 {
		return nil, nil
	}
	n := 1 + int(text[0])
	return text[1:n], text[n:]
}

// separate appends a comma to an object that is not empty and not closed.
func separate(dst []byte) []byte {
	if dst[len(dst)-1] == '{' {
		return dst
	}
	return append(dst, ',')
}

// What appendTime appends of a period of whole days that has both ends, and where these stand.
const (
	days     = `,"time":{"interval":["0000-00-00","0000-00-00"]}`
	startDay = len(`,"time":{"interval":["`)
	endDay   = len(`,"time":{"interval":["0000-00-00","`)
)

// Years of four digits.
//
//nolint:gochecknoglobals // constants in all but syntax
var year0, year1, year10000 = period.Date(0, 1, 1), period.Date(1, 1, 1), period.Date(10_000, 1, 1)

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

// AppendGeometry appends g; see the function AppendGeometry. Rings turn the way
// they do on the ground, whatever the order of the axes.
func (w *Writer) AppendGeometry(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return append(w.appendPoint(head(dst, "Point"), g), '}')
	case orb.MultiPoint:
		return append(w.appendLine(head(dst, "MultiPoint"), g), '}')
	case orb.LineString:
		return append(w.appendLine(head(dst, "LineString"), g), '}')
	case orb.MultiLineString:
		dst = append(head(dst, "MultiLineString"), '[')
		for i, line := range g {
			dst = w.appendLine(comma(dst, i), line)
		}
		return append(dst, "]}"...)
	case orb.Ring:
		return append(w.appendPolygon(head(dst, "Polygon"), orb.Polygon{g}), '}')
	case orb.Bound:
		return append(w.appendPolygon(head(dst, "Polygon"), g.ToPolygon()), '}')
	case orb.Polygon:
		return append(w.appendPolygon(head(dst, "Polygon"), g), '}')
	case orb.MultiPolygon:
		dst = append(head(dst, "MultiPolygon"), '[')
		for i, p := range g {
			dst = w.appendPolygon(comma(dst, i), p)
		}
		return append(dst, "]}"...)
	case orb.Collection:
		dst = append(dst, `{"type":"GeometryCollection","geometries":[`...)
		for i, m := range g {
			dst = w.AppendGeometry(comma(dst, i), m)
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

func (w *Writer) appendPolygon(dst []byte, p orb.Polygon) []byte {
	dst = append(dst, '[')
	for i, ring := range p {
		dst = comma(dst, i)
		if o := orientation(ring); o != 0 && (o == orb.CCW) != (i == 0) {
			dst = append(dst, '[')
			for j := range ring {
				dst = w.appendPoint(comma(dst, j), ring[len(ring)-1-j])
			}
			dst = append(dst, ']')
			continue
		}
		dst = w.appendLine(dst, ring)
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

func (w *Writer) appendLine(dst []byte, line []orb.Point) []byte {
	dst = append(dst, '[')
	for i, p := range line {
		dst = w.appendPoint(comma(dst, i), p)
	}
	return append(dst, ']')
}

func (w *Writer) appendPoint(dst []byte, p orb.Point) []byte {
	if w.Project != nil {
		p = w.Project(p)
		dst = appendFixed(append(dst, '['), p[0], w.Decimals)
		dst = appendFixed(append(dst, ','), p[1], w.Decimals)
		return append(dst, ']')
	}
	if !(math.Abs(p[0]) < maxDegrees && math.Abs(p[1]) < maxDegrees) {
		dst = appendFixed(append(dst, '['), p[0], 7)
		dst = appendFixed(append(dst, ','), p[1], 7)
		return append(dst, ']')
	}
	const most = 40 // two of at most 13 bytes, brackets and comma, and what putDegrees writes beyond
	at := len(dst)
	dst = slices.Grow(dst, most)[:at+most]
	text := (*[most]byte)(dst[at:])
	text[0] = '['
	end := putDegrees(text[1:], p[0])
	text[end+1] = ','
	end += 2 + putDegrees(text[end+2:], p[1])
	text[end] = ']'
	return dst[:at+end+1]
}

const maxDegrees = 400 // of which 1e-7 are a number of 32 bits

// putDegrees writes f, less than maxDegrees either way, to text, which has 16 bytes, and returns
// how many of them it takes. It writes what appendFixed does with seven decimals, by looking at
// all digits at once, and so without a branch.
func putDegrees(text []byte, f float64) (length int) {
	const scale, zeros, ones = 10_000_000, 0x3030303030303030, 0x0001000100010001
	signed := int64(math.RoundToEven(f * scale))
	negative := uint64(signed) >> 63
	n := uint32(max(signed, -signed))
	whole, frac := uint64(n/scale), uint64(n%scale)
	text[0] = '-'
	text = text[negative:]

	// Three digits from the least significant byte on, the first as it comes in the text.
	tens := whole / 10 % 10
	digits := whole/100 | tens<<8 | whole%10<<16
	blank := bits.TrailingZeros64(digits|1<<16) / 8
	binary.LittleEndian.PutUint32(text, uint32((digits|zeros)>>(8*blank)))
	text = text[3-blank:]

	// Eight digits, of which the first is nought: two of four, four of two, eight of one.
	fours := frac/10_000 | frac%10_000<<32
	hundreds := fours * 5243 >> 19 & (0x7f * (1 | 1<<32))
	twos := hundreds | (fours-100*hundreds)<<16
	tenths := twos * 103 >> 10 & (0xf * ones)
	decimals := tenths | (twos-10*tenths)<<8
	binary.LittleEndian.PutUint64(text, decimals+zeros-'0'+'.')
	return int(negative) + 3 - blank + 8 - bits.LeadingZeros64(decimals)/8
}

// appendFixed appends f, at most 4e7 either way, with at most the given number of
// decimals and no trailing zeros. Whole numbers of 1e-7 degrees are exact in a
// float64, so a coordinate of seven decimals comes out as it went in.
func appendFixed(dst []byte, f float64, decimals int) []byte {
	scale := [10]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}[decimals]
	signed := int64(math.RoundToEven(f * float64(scale)))
	if signed < 0 {
		dst = append(dst, '-')
		signed = -signed
	}
	n := uint64(signed)
	dst = strconv.AppendUint(dst, n/scale, 10)
	frac := n % scale
	if frac == 0 {
		return dst
	}
	digits := [10]byte{'.'}
	for i := decimals; i > 0; i-- {
		digits[i] = byte('0' + frac%10)
		frac /= 10
	}
	for digits[decimals] == '0' {
		decimals--
	}
	return append(dst, digits[:decimals+1]...)
}
