// Package geojson reads and writes GeoJSON (RFC 7946), as one document or as a
// sequence of features (RFC 8142, or one a line).
//
// The reader streams, names the line, column and feature of whatever is wrong,
// and goes on with the next feature wherever that is possible.
package geojson

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"kharita/geo"
)

// A Rule names what a file breaks. Tests and tools compare rules, people read Error.
type Rule string

// The rules of a readable layer.
const (
	Syntax         Rule = "not JSON"
	NotGeoJSON     Rule = "not GeoJSON"
	OtherCRS       Rule = "not longitude and latitude on WGS 84"
	NotUTF8        Rule = "text is not UTF-8"
	BadGeometry    Rule = "geometry is malformed"
	OutOfRange     Rule = "coordinate is out of range"
	TooFewPoints   Rule = "too few positions"
	RingNotClosed  Rule = "polygon ring is not closed"
	BadID          Rule = "id is neither text nor a number"
	BadProperties  Rule = "properties is no object"
	NumberTooLarge Rule = "number is too large"
)

// An Error is a broken rule and its place.
type Error struct {
	Pos
	Feature int // its number in the file from 0; -1: the file as a whole
	Rule    Rule
	Detail  string // what exactly, and what to do; may be empty
}

// Error returns "line:col: feature n: rule: detail".
func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Message())
}

// Message returns the error without its line and column.
func (e *Error) Message() string {
	var b strings.Builder
	if e.Feature >= 0 {
		fmt.Fprintf(&b, "feature %d: ", e.Feature)
	}
	b.WriteString(string(e.Rule))
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// A Row is one feature as it stands in a file.
type Row struct {
	Pos
	Feature  int          // number in the file, from 0
	ID       geo.ID       // zero if the feature has none
	Geometry orb.Geometry // lon, lat; nil for null and for empty coordinates
	Values   []geo.Value  // by number of the reader's Names
	Places   []Pos        // where each of Values stands
	Time     string       // the JSON-FG member "time" (OGC 21-045r1 §7.8) as JSON; empty if there is none
	When     string       // the member "when" of Linked Places as JSON, likewise
	TimePos  Pos          // of Time, else of When
	Faults   []*Error     // all that is wrong with this feature
	Unusable bool         // a fault that leaves nothing to serve
}

// A Reader reads features one after another. It is for one goroutine.
type Reader struct {
	s     *scanner
	names *geo.Names
	row   Row
	state state
	kind  string // "type" of the document
	n     int
	texts strings.Builder // in which short texts lie; full ones are left to those who have their texts

	// A geometry in the making: positions, and where rings, polygons end.
	points  []orb.Point
	ends    [3][]int
	ringPos []Pos
}

type state uint8

const (
	atStart state = iota
	inFeatures
	atEnd
	inSequence
	done
)

// NewReader returns a Reader of src. The names of properties are added to names
// as they come, so that Values of all rows agree on their numbers.
func NewReader(src io.Reader, names *geo.Names) *Reader {
	return &Reader{s: newScanner(src), names: names}
}

// Next returns the next feature, or io.EOF after the last. Any other error ends
// the reading: an *Error if the file is not GeoJSON, else what src said. The Row
// with all in it, but for the geometry and the texts, is the reader's until the next call.
func (r *Reader) Next() (*Row, error) {
	for {
		switch r.state {
		case atStart:
			if err := r.begin(); err != nil {
				return nil, err
			}
		case inFeatures:
			if ok, err := r.inFeatures(); err != nil {
				return nil, err
			} else if ok {
				return &r.row, nil
			}
		case atEnd:
			if ok, err := r.end(); err != nil {
				return nil, err
			} else if ok {
				return &r.row, nil
			}
		case inSequence:
			if err := r.document(); err != nil {
				return nil, err
			}
			if r.state == inFeatures {
				return nil, r.s.fault(NotGeoJSON, "a FeatureCollection in a sequence of features")
			}
		case done:
			return nil, io.EOF
		}
	}
}

// begin reads the document up to its first feature.
func (r *Reader) begin() error {
	if err := r.s.have(4); err != nil {
		return err
	}
	switch head := string(r.s.buf[:min(4, len(r.s.buf))]); {
	case strings.HasPrefix(head, "\xef\xbb\xbf"):
		r.s.pos = 3
	case strings.HasPrefix(head, "\xff\xfe"), strings.HasPrefix(head, "\xfe\xff"):
		return r.s.fault(NotUTF8, "the file is UTF-16: save it as UTF-8")
	case strings.HasPrefix(head, "PK"), strings.HasPrefix(head, "\x1f\x8b"):
		return r.s.fault(Syntax, "the file is compressed: unpack it, or name it .geojson.gz if it is gzip")
	}
	r.skipSeparators()
	c, err := r.s.peek()
	switch {
	case err != nil:
		return err
	case c == 0:
		return r.s.fault(Syntax, "the file is empty")
	case c != '{':
		return r.s.unexpected(c, "'{' of a FeatureCollection")
	}
	return r.document()
}

// skipSeparators takes the record separators of RFC 8142.
func (r *Reader) skipSeparators() {
	for {
		if c, err := r.s.peek(); err != nil || c != 0x1e {
			return
		}
		r.s.pos++
	}
}

// errFeatures leaves an object in the middle: its features are read one at a time.
var errFeatures = errors.New("features follow")

// document reads an object: whole, if it is a Feature or a geometry; up to its
// features, if it is a collection.
func (r *Reader) document() error {
	r.startRow()
	err := r.s.members(r.member)
	if errors.Is(err, errFeatures) {
		if r.kind != "" && r.kind != "FeatureCollection" {
			return &Error{r.row.Pos, -1, NotGeoJSON, fmt.Sprintf(`"features" in a %q`, r.kind)}
		}
		r.state = inFeatures
		r.s.depth++
		r.s.pos++ // the '['
		return nil
	}
	r.state = atEnd
	if r.n > 0 { // in a sequence
		err = r.inFeature(err)
	}
	return err
}

// member takes one member of a document.
func (r *Reader) member(key string, at Pos) error {
	switch key {
	case "features":
		c, err := r.s.peek()
		if err != nil {
			return err
		}
		if c != '[' {
			return r.s.unexpected(c, "the array of features")
		}
		return errFeatures
	case "crs":
		text, err := r.s.raw()
		if err != nil {
			return err
		}
		if text != "null" && !strings.Contains(text, "CRS84") && !strings.Contains(text, "4326") {
			return &Error{at, -1, OtherCRS, "GeoJSON has no other (RFC 7946 §4): convert the file, for example with ogr2ogr -t_srs EPSG:4326"}
		}
		return nil
	}
	return r.featureMember(key, at)
}

// inFeatures reads the next feature of a collection; false at their end.
func (r *Reader) inFeatures() (bool, error) {
	c, err := r.s.peek()
	if err != nil {
		return false, err
	}
	if r.n > 0 && c == ',' {
		r.s.pos++
		if c, err = r.s.peek(); err != nil {
			return false, err
		}
		if c == ']' {
			return false, r.s.unexpected(c, "a feature")
		}
	} else if c != ']' && r.n > 0 {
		return false, r.s.unexpected(c, "',' or ']' after a feature")
	}
	if c == ']' {
		r.s.leave()
		r.state = atEnd
		return false, r.rest()
	}
	r.startRow()
	if c != '{' {
		return false, r.s.unexpected(c, "a feature")
	}
	r.kind = ""
	if err := r.s.members(r.featureMember); err != nil {
		return false, r.inFeature(err)
	}
	if r.kind != "Feature" {
		r.fault(r.row.Pos, NotGeoJSON, true, `the "type" of a feature must be "Feature", not %q`, r.kind)
	}
	r.kind = "FeatureCollection"
	r.n++
	return true, nil
}

// rest reads what follows the features in their collection.
func (r *Reader) rest() error {
	r.kind = "FeatureCollection"
	for {
		c, err := r.s.peek()
		if err != nil {
			return err
		}
		switch c {
		case '}':
			r.s.leave()
			return nil
		case ',':
			r.s.pos++
		default:
			return r.s.unexpected(c, "',' or '}'")
		}
		at := r.s.at()
		key, err := r.s.name()
		if err != nil {
			return err
		}
		if err := r.s.expect(':'); err != nil {
			return err
		}
		if err := r.member(key, at); errors.Is(err, errFeatures) {
			return &Error{at, -1, NotGeoJSON, `a second member "features"`}
		} else if err != nil {
			return err
		}
	}
}

// end reads what follows a document: nothing, or the next of a sequence. It
// reports whether the document was a feature.
func (r *Reader) end() (bool, error) {
	r.state = done
	kind := r.kind
	r.kind = ""
	switch kind {
	case "FeatureCollection":
		r.skipSeparators()
		if c, err := r.s.peek(); err != nil || c == 0 {
			return false, err
		}
		return false, r.s.fault(Syntax, "something follows the end of the FeatureCollection")
	case "Feature":
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection":
		return false, &Error{r.row.Pos, -1, NotGeoJSON, "a bare " + kind + `: wrap it as {"type": "Feature", "properties": {}, "geometry": …}`}
	case "Topology":
		return false, &Error{r.row.Pos, -1, NotGeoJSON, "this is TopoJSON: convert it, for example with npm topojson-client's topo2geo"}
	default:
		return false, &Error{r.row.Pos, -1, NotGeoJSON, fmt.Sprintf(`the "type" of a file must be "FeatureCollection" or "Feature", not %q`, kind)}
	}
	r.n++
	r.skipSeparators()
	switch c, err := r.s.peek(); {
	case err != nil:
		return false, err
	case c == 0:
	case c == '{':
		r.state = inSequence
	default:
		return false, r.s.unexpected(c, "the next feature")
	}
	return true, nil
}

func (r *Reader) startRow() {
	if _, err := r.s.peek(); err != nil {
		return // comes again at the next read
	}
	r.row = Row{Pos: r.s.at(), Feature: r.n, Faults: r.row.Faults[:0], Places: r.row.Places[:0], Values: r.row.Values[:0]}
	r.kind = ""
}

// fault notes what is wrong with the feature at hand.
func (r *Reader) fault(at Pos, rule Rule, unusable bool, format string, args ...any) {
	r.row.Faults = append(r.row.Faults, &Error{at, r.n, rule, fmt.Sprintf(format, args...)})
	r.row.Unusable = r.row.Unusable || unusable
}

// inFeature names the feature in an error of syntax.
func (r *Reader) inFeature(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Feature < 0 {
		e.Feature = r.n
	}
	return err
}

// featureMember takes one member of a feature.
func (r *Reader) featureMember(key string, _ Pos) error {
	switch key {
	case "type":
		c, err := r.s.peek()
		if err != nil {
			return err
		}
		if c != '"' {
			return r.s.unexpected(c, `the name of a type`)
		}
		r.kind, err = r.s.name()
		return err
	case "id":
		return r.id()
	case "geometry":
		return r.geometry()
	case "properties":
		return r.properties()
	case "time", "when":
		if _, err := r.s.peek(); err != nil {
			return err
		}
		at := r.s.at()
		text, err := r.s.raw()
		switch {
		case text == "null":
		case key == "time":
			r.row.Time, r.row.TimePos = text, at
		case r.row.Time == "":
			r.row.When, r.row.TimePos = text, at
		}
		return err
	}
	return r.s.skip()
}

func (r *Reader) id() error {
	c, err := r.s.peek()
	if err != nil {
		return err
	}
	at := r.s.at()
	switch {
	case c == '"':
		text, err := r.text(at)
		if text == "" {
			r.fault(at, BadID, false, "it is empty")
		}
		r.row.ID = geo.TextID(text)
		return err
	case c == '-' || '0' <= c && c <= '9':
		b, err := r.s.number()
		r.row.ID = geo.NumberID(string(b))
		return err
	case c == 'n':
		return r.s.literal("null")
	}
	r.fault(at, BadID, false, "")
	return r.s.skip()
}

// text takes a string and notes bytes that are not UTF-8.
func (r *Reader) text(at Pos) (string, error) {
	b, err := r.s.stringBytes()
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		r.fault(at, NotUTF8, false, "%q: save the file as UTF-8", clip(b))
		return strings.ToValidUTF8(string(b), "\uFFFD"), nil
	}
	return r.keep(b), nil
}

const (
	textsSize = 4 << 10 // bytes of texts that lie in one piece of memory
	ownText   = 1 << 10 // what is longer has a piece of its own
)

// keep returns b as a text.
func (r *Reader) keep(b []byte) string {
	if len(b) > ownText {
		return string(b)
	}
	if r.texts.Cap()-r.texts.Len() < len(b) {
		r.texts = strings.Builder{}
		r.texts.Grow(textsSize)
	}
	start := r.texts.Len()
	r.texts.Write(b)
	return r.texts.String()[start:]
}

func (r *Reader) properties() error {
	c, err := r.s.peek()
	if err != nil {
		return err
	}
	switch c {
	case 'n':
		return r.s.literal("null")
	case '{':
	default:
		r.fault(r.s.at(), BadProperties, false, "")
		return r.s.skip()
	}
	r.row.Values, r.row.Places = r.row.Values[:0], r.row.Places[:0] // of a member that stands twice the last counts
	return r.s.members(func(text string, _ Pos) error {
		name := r.s.last
		if _, err := r.s.peek(); err != nil {
			return err
		}
		at := r.s.at()
		v, err := r.value(at)
		if err != nil {
			return err
		}
		if name.number == 0 {
			name.number = r.names.Add(strings.ToValidUTF8(text, "\uFFFD")) + 1
		}
		i := name.number - 1
		for len(r.row.Values) <= i {
			r.row.Values = append(r.row.Values, geo.Value{})
		}
		for len(r.row.Places) <= i {
			r.row.Places = append(r.row.Places, Pos{})
		}
		r.row.Values[i], r.row.Places[i] = v, at
		return nil
	})
}

// value takes any JSON value as a property.
func (r *Reader) value(at Pos) (geo.Value, error) {
	c, err := r.s.peek()
	if err != nil {
		return geo.Value{}, err
	}
	switch c {
	case '"':
		text, err := r.text(at)
		return geo.StringValue(text), err
	case '{', '[':
		text, err := r.s.raw()
		if err == nil && !utf8.ValidString(text) {
			r.fault(at, NotUTF8, false, "save the file as UTF-8")
			text = strings.ToValidUTF8(text, "\uFFFD")
		}
		return geo.JSONValue(text), err
	case 't':
		return geo.BoolValue(true), r.s.literal("true")
	case 'f':
		return geo.BoolValue(false), r.s.literal("false")
	case 'n':
		return geo.Value{}, r.s.literal("null")
	}
	pos := r.s.pos
	if d, ok := r.s.decimal(); ok {
		if i := d.digits; d.scale == 0 && (!d.negative || i != 0) {
			if d.negative {
				i = -i
			}
			return geo.IntValue(i), nil
		}
		if f, ok := d.float(); ok {
			return geo.FloatValue(f), nil
		}
		r.s.pos = pos
	}
	b, err := r.s.number()
	if err != nil {
		return geo.Value{}, err
	}
	if i, err := strconv.ParseInt(string(b), 10, 64); err == nil && string(b) != "-0" {
		return geo.IntValue(i), nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		r.fault(at, NumberTooLarge, false, "%s: taken as null", clip(b))
		return geo.Value{}, nil
	}
	return geo.FloatValue(f), nil
}

// geometry takes the geometry of a feature.
func (r *Reader) geometry() error {
	g, ok, err := r.oneGeometry(0)
	if ok {
		r.row.Geometry = g
	}
	return err
}

const maxCollections = 8 // GeometryCollections within each other; RFC 7946 §3.1.8 advises against any

// oneGeometry takes a geometry object or null. Where ok is false a fault is noted.
func (r *Reader) oneGeometry(depth int) (g orb.Geometry, ok bool, err error) {
	c, err := r.s.peek()
	if err != nil {
		return nil, false, err
	}
	at := r.s.at()
	switch {
	case c == 'n':
		return nil, true, r.s.literal("null")
	case c != '{':
		r.fault(at, BadGeometry, true, "it is no object")
		return nil, false, r.s.skip()
	case depth > maxCollections:
		r.fault(at, BadGeometry, true, "collections more than %d deep", maxCollections)
		return nil, false, r.s.skip()
	}
	var (
		kind    string
		height  = -1
		members orb.Collection
		good    = true
		has     bool
	)
	err = r.s.members(func(key string, at Pos) error {
		switch key {
		case "type":
			c, err := r.s.peek()
			if err != nil {
				return err
			}
			if c != '"' {
				return r.s.skip() // an empty kind is named below
			}
			kind, err = r.s.name()
			return err
		case "coordinates":
			r.points, r.ringPos = r.points[:0], r.ringPos[:0]
			for i := range r.ends {
				r.ends[i] = r.ends[i][:0]
			}
			before := len(r.row.Faults)
			height, err = r.coordinates(0)
			good = good && len(r.row.Faults) == before
			return err
		case "geometries":
			has = true
			c, err := r.s.peek()
			if err != nil {
				return err
			}
			if c != '[' {
				r.fault(at, BadGeometry, true, `"geometries" is no array`)
				good = false
				return r.s.skip()
			}
			return r.s.elements(func() error {
				m, ok, err := r.oneGeometry(depth + 1)
				good = good && ok
				if m != nil {
					members = append(members, m)
				}
				return err
			})
		}
		return r.s.skip()
	})
	switch {
	case err != nil || !good:
		return nil, false, err
	case kind == "GeometryCollection":
		if !has {
			r.fault(at, BadGeometry, true, `a GeometryCollection without "geometries"`)
			return nil, false, nil
		}
		if len(members) == 0 {
			return nil, true, nil
		}
		return members, true, nil
	}
	g, ok = r.build(at, kind, height)
	return g, ok, nil
}

// coordinates takes nested arrays of positions into r.points and r.ends and
// returns their height: 1 is a position, 0 an empty array, -1 something wrong.
func (r *Reader) coordinates(depth int) (int, error) {
	c, err := r.s.peek()
	if err != nil {
		return 0, err
	}
	at := r.s.at()
	if c != '[' {
		r.fault(at, BadGeometry, true, "coordinates must be arrays of numbers")
		return -1, r.s.skip()
	}
	if depth > 4 {
		r.fault(at, BadGeometry, true, "coordinates are nested too deep")
		return -1, r.s.skip()
	}
	if lon, lat, ok := r.s.position(); ok {
		r.position(at, orb.Point{lon, lat})
		return 1, nil
	}
	var (
		height = 0
		nums   [2]float64
		n      int
	)
	err = r.s.elements(func() error {
		c, err := r.s.peek()
		if err != nil {
			return err
		}
		if c == '-' || '0' <= c && c <= '9' {
			if n < 2 {
				if nums[n], err = r.s.float(); err != nil {
					return err
				}
			} else if _, err = r.s.number(); err != nil { // altitude, or more: kept by nobody
				return err
			}
			n++
			if height == 0 {
				height = 1
			}
			return nil
		}
		h, err := r.coordinates(depth + 1)
		switch {
		case h < 0 || height < 0:
			height = -1
		case h == 0:
			r.fault(at, BadGeometry, true, "an empty array among coordinates")
			height = -1
		case n > 0 || height > 0 && height != h+1:
			r.fault(at, BadGeometry, true, "coordinates are nested unevenly")
			height = -1
		default:
			height = h + 1
		}
		return err
	})
	if err != nil || height < 1 {
		return height, err
	}
	if n > 0 {
		if height > 1 {
			r.fault(at, BadGeometry, true, "coordinates are nested unevenly")
			return -1, nil
		}
		if n < 2 {
			r.fault(at, BadGeometry, true, "a position needs longitude and latitude")
			return -1, nil
		}
		r.position(at, orb.Point(nums))
		return 1, nil
	}
	switch height {
	case 2:
		r.ends[0] = append(r.ends[0], len(r.points))
		r.ringPos = append(r.ringPos, at)
	case 3, 4:
		r.ends[height-2] = append(r.ends[height-2], len(r.ends[height-3]))
	}
	return height, nil
}

// position notes one position; only the first that is out of range is reported.
func (r *Reader) position(at Pos, p orb.Point) {
	r.points = append(r.points, p)
	if math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90 {
		return
	}
	if n := len(r.row.Faults); n > 0 && r.row.Faults[n-1].Rule == OutOfRange {
		return
	}
	hint := "is the file in another coordinate system? Convert it to longitude, latitude on WGS 84"
	if math.Abs(p[0]) <= 90 && math.Abs(p[1]) <= 180 {
		hint = "longitude comes first: are the two swapped?"
	} else if math.Abs(p[0]) <= 360 && math.Abs(p[1]) <= 90 {
		hint = "longitude runs from -180 to 180; cut shapes at the antimeridian (RFC 7946 §3.1.9)"
	}
	r.fault(at, OutOfRange, true, "%s, %s: %s", short(p[0]), short(p[1]), hint)
}

func short(f float64) string { return strconv.FormatFloat(f, 'g', 10, 64) }

// heights of the coordinates of each type (RFC 7946 §3.1).
func heightOf(kind string) int {
	switch kind {
	case "Point":
		return 1
	case "MultiPoint", "LineString":
		return 2
	case "Polygon", "MultiLineString":
		return 3
	case "MultiPolygon":
		return 4
	}
	return 0
}

// build makes a geometry of the coordinates at hand, in memory of its own.
func (r *Reader) build(at Pos, kind string, height int) (orb.Geometry, bool) {
	want := heightOf(kind)
	switch {
	case want == 0 && kind == "":
		r.fault(at, BadGeometry, true, `no "type"`)
		return nil, false
	case want == 0:
		r.fault(at, BadGeometry, true, "%q is no type of geometry", clip([]byte(kind)))
		return nil, false
	case height < 0:
		r.fault(at, BadGeometry, true, `a %s without "coordinates"`, kind)
		return nil, false
	case height == 0:
		return nil, true // empty: no place
	case height != want:
		r.fault(at, BadGeometry, true, "coordinates of a %s are %d arrays deep, here %d", kind, want, height)
		return nil, false
	}
	points := append([]orb.Point(nil), r.points...)
	lines := cut(points, r.ends[0])
	ok := true
	switch kind {
	case "LineString", "MultiLineString":
		for i, line := range lines {
			if len(line) < 2 {
				r.fault(r.ringPos[i], TooFewPoints, true, "a line needs two, here %d", len(line))
				ok = false
			}
		}
	case "Polygon", "MultiPolygon":
		for i, ring := range lines {
			if !r.ring(i, &ring) {
				ok = false
			}
			lines[i] = ring
		}
	}
	if !ok {
		return nil, false
	}
	switch kind {
	case "Point":
		return points[0], true
	case "MultiPoint":
		return orb.MultiPoint(points), true
	case "LineString":
		return orb.LineString(lines[0]), true
	case "MultiLineString":
		m := make(orb.MultiLineString, len(lines))
		for i, line := range lines {
			m[i] = orb.LineString(line)
		}
		return m, true
	case "Polygon":
		return polygon(lines), true
	}
	m := make(orb.MultiPolygon, 0, len(r.ends[1]))
	start := 0
	for _, end := range r.ends[1] {
		m = append(m, polygon(lines[start:end]))
		start = end
	}
	return m, true
}

// ring checks the i-th ring of a polygon and closes it if it is open.
func (r *Reader) ring(i int, ring *[]orb.Point) bool {
	p := *ring
	if len(p) > 2 && p[0] != p[len(p)-1] {
		r.fault(r.ringPos[i], RingNotClosed, false, "from %s, %s to %s, %s; closed by a straight line",
			short(p[0][0]), short(p[0][1]), short(p[len(p)-1][0]), short(p[len(p)-1][1]))
		p = append(p[:len(p):len(p)], p[0])
		*ring = p
	}
	if len(p) < 4 {
		r.fault(r.ringPos[i], TooFewPoints, true, "a polygon ring needs four, the last like the first, here %d", len(p))
		return false
	}
	return true
}

func cut(points []orb.Point, ends []int) [][]orb.Point {
	lines := make([][]orb.Point, len(ends))
	start := 0
	for i, end := range ends {
		lines[i] = points[start:end:end]
		start = end
	}
	return lines
}

func polygon(rings [][]orb.Point) orb.Polygon {
	p := make(orb.Polygon, len(rings))
	for i, ring := range rings {
		p[i] = orb.Ring(ring)
	}
	return p
}
