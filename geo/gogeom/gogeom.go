// Package gogeom is the only meeting of orb, the geometry inside, and go-geom,
// the geometry at the edges: well-known text and binary (OGC 06-103r4 §7, §8)
// and PostGIS's extension of the latter.
//
// Coordinates are longitude, latitude in degrees WGS 84. Heights and measures
// are dropped on the way in.
package gogeom

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/wkb"
	"github.com/twpayne/go-geom/encoding/wkbcommon"
	"github.com/twpayne/go-geom/encoding/wkt"
)

// SRID is PostGIS's number of WGS 84, which EWKB carries.
const SRID = 4326

// maxDepth bounds the collections within collections that are read.
const maxDepth = 32

// To returns g as a go-geom geometry with its own memory. A ring or bound
// becomes a polygon, nil becomes nil; rings without points are left out.
func To(g orb.Geometry) geom.T {
	switch g := g.(type) {
	case orb.Point:
		return geom.NewPointFlat(geom.XY, []float64{g[0], g[1]})
	case orb.MultiPoint:
		return geom.NewMultiPointFlat(geom.XY, flat(nil, g))
	case orb.LineString:
		return geom.NewLineStringFlat(geom.XY, flat(nil, g))
	case orb.MultiLineString:
		coords, ends := flats(nil, g)
		return geom.NewMultiLineStringFlat(geom.XY, coords, ends)
	case orb.Ring:
		return To(orb.Polygon{g})
	case orb.Bound:
		return To(g.ToPolygon())
	case orb.Polygon:
		coords, ends := flats(nil, rings(g))
		return geom.NewPolygonFlat(geom.XY, coords, ends)
	case orb.MultiPolygon:
		var coords []float64
		endss := make([][]int, len(g))
		for i, p := range g {
			coords, endss[i] = flats(coords, rings(p))
		}
		return geom.NewMultiPolygonFlat(geom.XY, coords, endss)
	case orb.Collection:
		c := geom.NewGeometryCollection()
		for _, m := range g {
			if t := To(m); t != nil {
				c.MustPush(t) // fails only where layouts differ
			}
		}
		if c.NumGeoms() == 0 {
			c.MustSetLayout(geom.XY)
		}
		return c
	}
	return nil
}

// rings returns the rings of p that have points. It does not write to p.
func rings(p orb.Polygon) orb.Polygon {
	isEmpty := func(r orb.Ring) bool { return len(r) == 0 }
	if slices.ContainsFunc(p, isEmpty) {
		return slices.DeleteFunc(slices.Clone(p), isEmpty)
	}
	return p
}

// flat appends a line to flat coordinates.
func flat[L ~[]orb.Point](coords []float64, line L) []float64 {
	for _, p := range line {
		coords = append(coords, p[0], p[1])
	}
	return coords
}

// flats appends lines, and returns where each of them ends.
func flats[L ~[]orb.Point](coords []float64, lines []L) ([]float64, []int) {
	ends := make([]int, len(lines))
	for i, line := range lines {
		coords = flat(coords, line)
		ends[i] = len(coords)
	}
	return coords, ends
}

// From returns t as an orb geometry with its own memory. A point without
// coordinates is nil, as is nil; within a collection or multipoint it is left out. The
// error is of a kind of geometry that orb does not know.
func From(t geom.T) (orb.Geometry, error) {
	switch t := t.(type) {
	case nil:
		return nil, nil //nolint:nilnil // nil is a geometry: none
	case *geom.Point:
		if t.Empty() {
			return nil, nil //nolint:nilnil // no place
		}
		return orb.Point{t.X(), t.Y()}, nil
	case *geom.MultiPoint:
		points := make(orb.MultiPoint, 0, t.NumPoints())
		for i := range t.NumPoints() {
			if p := t.Point(i); !p.Empty() {
				points = append(points, orb.Point{p.X(), p.Y()})
			}
		}
		return points, nil
	case *geom.LineString:
		return line[orb.LineString](t), nil
	case *geom.LinearRing:
		return line[orb.Ring](t), nil
	case *geom.MultiLineString:
		lines := make(orb.MultiLineString, t.NumLineStrings())
		for i := range lines {
			lines[i] = line[orb.LineString](t.LineString(i))
		}
		return lines, nil
	case *geom.Polygon:
		return polygon(t), nil
	case *geom.MultiPolygon:
		polygons := make(orb.MultiPolygon, t.NumPolygons())
		for i := range polygons {
			polygons[i] = polygon(t.Polygon(i))
		}
		return polygons, nil
	case *geom.GeometryCollection:
		members := make(orb.Collection, 0, t.NumGeoms())
		for _, m := range t.Geoms() {
			g, err := From(m)
			if err != nil {
				return nil, err
			}
			if g != nil {
				members = append(members, g)
			}
		}
		return members, nil
	}
	return nil, fmt.Errorf("geometry: kind %T is not known", t)
}

func polygon(t *geom.Polygon) orb.Polygon {
	rings := make(orb.Polygon, t.NumLinearRings())
	for i := range rings {
		rings[i] = line[orb.Ring](t.LinearRing(i))
	}
	return rings
}

func line[L ~[]orb.Point](t interface {
	FlatCoords() []float64
	Stride() int
},
) L {
	coords, stride := t.FlatCoords(), t.Stride()
	points := make(L, len(coords)/stride)
	for i := range points {
		points[i] = orb.Point{coords[i*stride], coords[i*stride+1]}
	}
	return points
}

// AppendWKT appends g as well-known text, with at most so many decimals and no
// trailing zeros; a negative number keeps all that a float64 has. A nil g
// appends nothing. g is only read.
func AppendWKT(dst []byte, g orb.Geometry, decimals int) []byte {
	t := To(g)
	if t == nil {
		return dst
	}
	text, err := wkt.Marshal(t, wkt.EncodeOptionWithMaxDecimalDigits(decimals))
	if err != nil {
		panic(err) // To makes no geometry that WKT lacks
	}
	return append(dst, text...)
}

// ParseWKT returns the geometry of a well-known text.
func ParseWKT(text string) (orb.Geometry, error) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth > maxDepth {
			return nil, fmt.Errorf("wkt: more than %d parentheses within each other", maxDepth)
		}
	}
	t, err := wkt.Unmarshal(text)
	if err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\n") // the rest is a drawing of the text
		return nil, fmt.Errorf("wkt: %s", reason)
	}
	return From(t)
}

// AppendWKB appends g as well-known binary, little-endian. A nil g appends
// nothing. g is only read.
func AppendWKB(dst []byte, g orb.Geometry) []byte {
	return appendBinary(dst, To(g), func(t geom.T) ([]byte, error) { return wkb.Marshal(t, wkb.NDR) })
}

// AppendEWKB is like AppendWKB in PostGIS's form, which says the SRID.
func AppendEWKB(dst []byte, g orb.Geometry) []byte {
	return appendBinary(dst, To(g), func(t geom.T) ([]byte, error) {
		t, err := geom.SetSRID(t, SRID)
		if err != nil {
			return nil, err
		}
		return ewkb.Marshal(t, ewkb.NDR)
	})
}

func appendBinary(dst []byte, t geom.T, marshal func(geom.T) ([]byte, error)) []byte {
	if t == nil {
		return dst
	}
	b, err := marshal(t)
	if err != nil {
		panic(err) // To makes no geometry that WKB lacks
	}
	return append(dst, b...)
}

// ParseWKB returns the geometry of well-known binary, in its ISO form or in
// PostGIS's; one that names another SRID than 4326 (or 0, none) is an error.
// The geometry does not share memory with b.
func ParseWKB(b []byte) (orb.Geometry, error) {
	s := scanner{rest: b}
	if err := s.geometry(0); err != nil {
		return nil, fmt.Errorf("wkb: %w (at byte %d)", err, len(b)-len(s.rest))
	}
	if len(s.rest) > 0 {
		return nil, fmt.Errorf("wkb: %d bytes after the geometry", len(s.rest))
	}
	var t geom.T
	var err error
	if s.extended {
		t, err = ewkb.Unmarshal(b)
	} else {
		t, err = wkb.Unmarshal(b, wkbcommon.WKBOptionEmptyPointHandling(wkbcommon.EmptyPointHandlingNaN))
	}
	if err != nil {
		return nil, fmt.Errorf("wkb: %s", strings.TrimPrefix(err.Error(), "wkb: "))
	}
	return From(t)
}

// A scanner walks through WKB before go-geom reads it, because go-geom believes
// the counts in it: nine bytes can ask for 64 GB.
type scanner struct {
	rest     []byte
	extended bool // some geometry has a flag of EWKB
}

// geometry steps over one geometry.
func (s *scanner) geometry(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d collections within each other", maxDepth)
	}
	if len(s.rest) < 5 {
		return io.ErrUnexpectedEOF
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch s.rest[0] {
	case 0:
		order = binary.BigEndian
	case 1:
	default:
		return fmt.Errorf("byte order %d", s.rest[0])
	}
	kind := order.Uint32(s.rest[1:])
	s.rest = s.rest[5:]
	stride := 16
	const flagZ, flagM, flagSRID = 0x8000_0000, 0x4000_0000, 0x2000_0000
	if kind&(flagZ|flagM|flagSRID) != 0 {
		s.extended = true
		if kind&flagZ != 0 {
			stride += 8
		}
		if kind&flagM != 0 {
			stride += 8
		}
		if kind&flagSRID != 0 {
			if len(s.rest) < 4 {
				return io.ErrUnexpectedEOF
			}
			if srid := order.Uint32(s.rest); srid != SRID && srid != 0 {
				return fmt.Errorf("SRID %d, want %d", srid, SRID)
			}
			s.rest = s.rest[4:]
		}
		kind &^= flagZ | flagM | flagSRID
	}
	switch kind / 1000 {
	case 1, 2:
		stride += 8
	case 3:
		stride += 16
	}
	switch kind % 1000 {
	case wkbcommon.PointID:
		return s.skip(1, stride)
	case wkbcommon.LineStringID:
		return s.line(order, stride)
	case wkbcommon.PolygonID:
		n, err := s.count(order, 4)
		for ; n > 0 && err == nil; n-- {
			err = s.line(order, stride)
		}
		return err
	case wkbcommon.MultiPointID, wkbcommon.MultiLineStringID, wkbcommon.MultiPolygonID, wkbcommon.GeometryCollectionID:
		n, err := s.count(order, 5)
		for ; n > 0 && err == nil; n-- {
			err = s.geometry(depth + 1)
		}
		return err
	}
	return fmt.Errorf("kind %d is not known", kind)
}

func (s *scanner) line(order binary.ByteOrder, stride int) error {
	n, err := s.count(order, stride)
	if err != nil {
		return err
	}
	return s.skip(n, stride)
}

// count reads a number of things that take at least size bytes each.
func (s *scanner) count(order binary.ByteOrder, size int) (int, error) {
	if len(s.rest) < 4 {
		return 0, io.ErrUnexpectedEOF
	}
	n := int64(order.Uint32(s.rest))
	s.rest = s.rest[4:]
	if n > int64(len(s.rest)/size) {
		return 0, io.ErrUnexpectedEOF
	}
	return int(n), nil
}

func (s *scanner) skip(n, size int) error {
	if len(s.rest) < n*size {
		return io.ErrUnexpectedEOF
	}
	s.rest = s.rest[n*size:]
	return nil
}
