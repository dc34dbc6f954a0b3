package geo

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/paulmach/orb"

	"kharita/geo/section"
)

// Write writes the table as sections that ReadTable reads. Nothing may be appended
// meanwhile.
func (t *Table) Write(w *section.Writer) {
	section.WriteTexts(w, "table.names", t.names.list)
	section.WriteTexts(w, "table.texts", t.texts.pieces)
	t.ids.write(w, "table.ids")
	for n := range t.columns {
		t.columns[n].write(w, columnName(n))
	}
	t.possible.write(w, "table.possible")
	if t.Uncertain() {
		t.certain.write(w, "table.certain")
	}
	if t.shapes == nil {
		section.Write(w, "table.points", t.points)
		return
	}
	section.WritePieces(w, "table.shapes", flattened(t.shapes, func(f *flat) []uint32 { return f.shapes }))
	section.WritePieces(w, "table.points", flattened(t.shapes, func(f *flat) []orb.Point { return f.points }))
}

// flattened yields one column of each of shapes made flat, so that there is never more than
// one of them beside the shapes.
func flattened[T any](shapes []orb.Geometry, column func(*flat) []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		var f flat
		for _, g := range shapes {
			f.shapes, f.points = f.shapes[:0], f.points[:0]
			if f.add(g); !yield(column(&f)) {
				return
			}
		}
	}
}

// ReadTable returns the table that Write wrote, which lies in the memory of f: what it
// hands out, too, must not outlive that. Nothing can be appended. If f has an error
// afterwards, the table is of no use.
func ReadTable(f *section.File) *Table {
	t := NewTable(NewNames(section.Texts(f, "table.names")...))
	t.texts.pieces = section.Texts(f, "table.texts")
	t.possible = readSpans(f, "table.possible")
	if f.Has("table.certain") {
		t.certain = readSpans(f, "table.certain")
	}
	t.ids = readColumn(f, "table.ids")
	for n := 0; f.Has(columnName(n) + ".kinds"); n++ {
		t.columns = append(t.columns, readColumn(f, columnName(n)))
	}
	points := section.Read[orb.Point](f, "table.points")
	rows := t.Len()
	if f.Has("table.shapes") {
		flat := flat{section.Read[uint32](f, "table.shapes"), points}
		t.shapes = make([]orb.Geometry, rows)
		for i := range t.shapes {
			if f.Err() != nil {
				break
			}
			t.shapes[i] = flat.take(f)
		}
	} else if t.points = points; len(points) != rows {
		f.Fail(errors.New("points are missing"))
	}
	if len(t.ids.kinds) != rows || t.Uncertain() && t.certain.len() != rows || len(t.columns) > len(t.names.list) {
		f.Fail(errors.New("rows are missing"))
	}
	if f.Err() == nil {
		t.prewrite()
	}
	return t
}

func columnName(n int) string { return fmt.Sprintf("table.column.%d", n) }

func (c *column) write(w *section.Writer, name string) {
	section.Write(w, name+".kinds", c.kinds)
	section.Write(w, name+".words", c.words)
	if c.bytes != nil {
		section.Write(w, name+".bytes", c.bytes)
	}
	if c.pairs != nil {
		section.Write(w, name+".pairs", c.pairs)
	}
}

func readColumn(f *section.File, name string) (c column) {
	c.kinds, c.words = section.Read[Kind](f, name+".kinds"), section.Read[uint64](f, name+".words")
	if len(c.kinds) != len(c.words) {
		f.Fail(errors.New("values are missing"))
	}
	if f.Has(name + ".bytes") {
		c.bytes = section.Read[uint8](f, name+".bytes")
	}
	if f.Has(name + ".pairs") {
		c.pairs = section.Read[uint16](f, name+".pairs")
	}
	return c
}

// flat is geometries one after the other: the coordinates of all, and of each geometry
// its kind and, outside in, of how many members or positions each list is.
type flat struct {
	shapes []uint32
	points []orb.Point
}

const (
	flatNil uint32 = iota
	flatPoint
	flatMultiPoint
	flatLineString
	flatMultiLineString
	flatRing
	flatPolygon
	flatMultiPolygon
	flatCollection
	flatBound
)

func (f *flat) add(g orb.Geometry) {
	switch g := g.(type) {
	case nil:
		f.shapes = append(f.shapes, flatNil)
	case orb.Point:
		f.shapes = append(f.shapes, flatPoint)
		f.points = append(f.points, g)
	case orb.MultiPoint:
		f.shapes = append(f.shapes, flatMultiPoint)
		addList(f, g)
	case orb.LineString:
		f.shapes = append(f.shapes, flatLineString)
		addList(f, g)
	case orb.MultiLineString:
		f.shapes = append(f.shapes, flatMultiLineString)
		addLists(f, g)
	case orb.Ring:
		f.shapes = append(f.shapes, flatRing)
		addList(f, g)
	case orb.Polygon:
		f.shapes = append(f.shapes, flatPolygon)
		addLists(f, g)
	case orb.MultiPolygon:
		f.shapes = append(f.shapes, flatMultiPolygon, uint32(len(g)))
		for _, p := range g {
			addLists(f, p)
		}
	case orb.Collection:
		f.shapes = append(f.shapes, flatCollection, uint32(len(g)))
		for _, m := range g {
			f.add(m)
		}
	case orb.Bound:
		f.shapes = append(f.shapes, flatBound)
		f.points = append(f.points, g.Min, g.Max)
	default:
		panic(fmt.Sprintf("geo: %T is no geometry of orb's", g))
	}
}

func addList[L ~[]orb.Point](f *flat, list L) {
	f.shapes = append(f.shapes, uint32(len(list)))
	f.points = append(f.points, list...)
}

func addLists[L ~[]orb.Point, LL ~[]L](f *flat, lists LL) {
	f.shapes = append(f.shapes, uint32(len(lists)))
	for _, l := range lists {
		addList(f, l)
	}
}

// take takes the first geometry from f. What is not there fails file.
func (f *flat) take(file *section.File) orb.Geometry {
	switch kind := f.number(file, math.MaxUint32); kind {
	case flatNil:
		return nil
	case flatPoint:
		if p := f.positions(file, 1); p != nil {
			return p[0]
		}
		return nil
	case flatMultiPoint:
		return orb.MultiPoint(f.list(file))
	case flatLineString:
		return orb.LineString(f.list(file))
	case flatMultiLineString:
		return takeLists[orb.MultiLineString](f, file)
	case flatRing:
		return orb.Ring(f.list(file))
	case flatPolygon:
		return takeLists[orb.Polygon](f, file)
	case flatMultiPolygon:
		g := make(orb.MultiPolygon, f.number(file, len(f.shapes)))
		for i := range g {
			g[i] = takeLists[orb.Polygon](f, file)
		}
		return g
	case flatCollection:
		g := make(orb.Collection, f.number(file, len(f.shapes)))
		for i := range g {
			g[i] = f.take(file)
		}
		return g
	case flatBound:
		if p := f.positions(file, 2); p != nil {
			return orb.Bound{Min: p[0], Max: p[1]}
		}
		return nil
	default:
		file.Fail(fmt.Errorf("geometry of kind %d", kind))
		return nil
	}
}

// number takes the first number, which is most at most.
func (f *flat) number(file *section.File, most int) uint32 {
	if len(f.shapes) == 0 || int(f.shapes[0]) > most {
		file.Fail(errors.New("geometries are missing"))
		return 0
	}
	n := f.shapes[0]
	f.shapes = f.shapes[1:]
	return n
}

// positions takes the first n positions; nil if there are fewer.
func (f *flat) positions(file *section.File, n uint32) []orb.Point {
	if int(n) > len(f.points) {
		file.Fail(errors.New("positions are missing"))
		return nil
	}
	p := f.points[:n:n]
	f.points = f.points[n:]
	return p
}

func (f *flat) list(file *section.File) []orb.Point {
	return f.positions(file, f.number(file, math.MaxUint32))
}

func takeLists[LL ~[]L, L ~[]orb.Point](f *flat, file *section.File) LL {
	g := make(LL, f.number(file, len(f.shapes)))
	for i := range g {
		g[i] = f.list(file)
	}
	return g
}
