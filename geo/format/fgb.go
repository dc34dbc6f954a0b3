package format

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"math"
	"slices"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/rtree"
)

// What follows is FlatGeobuf 3: magic, header, packed R-tree, features, the
// latter two in the order of a Hilbert curve. Numbers of slots are those of the
// fields in its schema (header.fbs, feature.fbs).

const fgbMagic = "fgb\x03fgb\x00"

// fgbNode is how many children a node of the tree has.
const fgbNode = 16

// Types of columns.
const (
	fgbBool     = 2
	fgbLong     = 7
	fgbDouble   = 10
	fgbString   = 11
	fgbJSON     = 12
	fgbDateTime = 13
)

// writeFGB writes a FlatGeobuf file with a spatial index. Columns are the id, the
// properties with the types of e.Types, and valid_from and valid_until, the first
// and the last millisecond of the possible reading, empty where it is open or
// outside the years 1 to 9999. A property of such a name gets "property_" before it.
// Coordinates are in e.CRS, the east first.
//
// Since the index stands before the features, they wait in a temporary file;
// where they break off, nothing is written.
func writeFGB(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) (err error) {
	temp, err := e.temp()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temp.Close()) }()

	columns, in := fgbColumns(e), e.CRS.EastFirst()
	var (
		builder = flatbuffers.NewBuilder(1 << 12)
		buf     = bufio.NewWriterSize(temp, 1<<16)
		items   []fgbItem
		all     = emptyBound
		kind    = -1 // of all geometries; 0: mixed
		at      int64
		row     []byte
	)
	for f, err := range fs {
		if err != nil {
			return err
		}
		row = columns.append(row[:0], f)
		builder.Reset()
		var geometry flatbuffers.UOffsetT
		bound := emptyBound
		if f.Geometry != nil {
			switch k := fgbKind(f.Geometry); {
			case kind < 0:
				kind = k
			case kind != k:
				kind = 0
			}
			g := in.Project(f.Geometry)
			geometry = fgbGeometry(builder, g)
			bound = g.Bound()
			all = all.Union(bound)
		}
		properties := builder.CreateByteVector(row)
		builder.StartObject(3)
		builder.PrependUOffsetTSlot(0, geometry, 0)
		builder.PrependUOffsetTSlot(1, properties, 0)
		builder.FinishSizePrefixed(builder.EndObject())
		n, err := buf.Write(builder.FinishedBytes())
		if err != nil {
			return err
		}
		items = append(items, fgbItem{bound: bound, at: at, size: n})
		at += int64(n)
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	sortItems(items, all)

	out := bufio.NewWriterSize(w, 1<<16)
	_, _ = out.WriteString(fgbMagic)
	_, _ = out.Write(fgbHeader(builder, e, columns, max(kind, 0), len(items), all))
	writeTree(out, items)
	for _, item := range items {
		if _, err := io.Copy(out, io.NewSectionReader(temp, item.at, int64(item.size))); err != nil {
			return err
		}
	}
	return out.Flush() // a Writer keeps its first error
}

//nolint:gochecknoglobals // a constant: what nothing lies in
var emptyBound = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}

// An fgbItem is a feature in the temporary file.
type fgbItem struct {
	bound orb.Bound
	at    int64
	size  int
	place uint32 // along the Hilbert curve
}

// sortItems puts neighbours beside each other; what has no place comes last.
func sortItems(items []fgbItem, all orb.Bound) {
	cell := func(x, low, high float64) uint32 {
		if high <= low {
			return 0
		}
		return uint32((x - low) / (high - low) * math.MaxUint16)
	}
	for i, item := range items {
		items[i].place = math.MaxUint32
		if item.bound != emptyBound {
			c := item.bound.Center()
			items[i].place = rtree.Hilbert(cell(c[0], all.Min[0], all.Max[0]), cell(c[1], all.Min[1], all.Max[1]))
		}
	}
	slices.SortStableFunc(items, func(a, b fgbItem) int { return cmp.Compare(a.place, b.place) })
}

// writeTree writes the packed R-tree, its root first: boxes, and for a leaf where
// its feature begins after the tree, else the number of its first child.
func writeTree(w io.Writer, items []fgbItem) {
	if len(items) == 0 {
		return
	}
	type node struct {
		bound orb.Bound
		to    uint64
	}
	leaves := make([]node, len(items))
	at := uint64(0)
	for i, item := range items {
		leaves[i] = node{item.bound, at}
		at += uint64(item.size)
	}
	levels := [][]node{leaves}
	for below := leaves; len(levels) == 1 || len(below) > 1; below = levels[len(levels)-1] {
		var level []node
		for i := 0; i < len(below); i += fgbNode {
			parent := node{emptyBound, uint64(i)}
			for _, child := range below[i:min(i+fgbNode, len(below))] {
				parent.bound = parent.bound.Union(child.bound)
			}
			level = append(level, parent)
		}
		levels = append(levels, level)
	}
	first := uint64(0) // node of the level below
	var dst []byte
	for i := len(levels) - 1; i >= 0; i-- {
		first += uint64(len(levels[i]))
		for _, n := range levels[i] {
			dst = dst[:0]
			for _, f := range [4]float64{n.bound.Min[0], n.bound.Min[1], n.bound.Max[0], n.bound.Max[1]} {
				dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
			}
			to := n.to
			if i > 0 {
				to += first
			}
			_, _ = w.Write(binary.LittleEndian.AppendUint64(dst, to)) // a bufio.Writer keeps its first error
		}
	}
}

// fgbTable is the columns of a file.
type fgbTable struct {
	names []string
	types []byte
	from  []string // property; of the first and the last two, none
}

func fgbColumns(e Export) fgbTable {
	t := fgbTable{names: []string{"id"}, types: []byte{fgbString}, from: []string{""}}
	names := columnNames(e.Fields, "id", "valid_from", "valid_until")
	for i, name := range e.Fields {
		kind := byte(fgbString)
		if i < len(e.Types) {
			kind = map[string]byte{"boolean": fgbBool, "integer": fgbLong, "number": fgbDouble, "string": fgbString}[e.Types[i]]
			if kind == 0 {
				kind = fgbJSON
			}
		}
		t.names, t.from, t.types = append(t.names, names[i]), append(t.from, name), append(t.types, kind)
	}
	t.names, t.from, t.types = append(t.names, "valid_from", "valid_until"), append(t.from, "", ""), append(t.types, fgbDateTime, fgbDateTime)
	return t
}

// append appends what f has of the columns: number of the column, value.
func (t fgbTable) append(dst []byte, f geo.Feature) []byte {
	text := func(i int, s string) {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(i))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
		dst = append(dst, s...)
	}
	if f.ID != (geo.ID{}) {
		text(0, f.ID.String())
	}
	last := len(t.names) - 2
	for i := 1; i < last; i++ {
		v := f.Properties.Get(t.from[i])
		if v.IsNull() {
			continue
		}
		switch t.types[i] {
		case fgbBool:
			held := byte(0)
			if v.Bool() {
				held = 1
			}
			dst = append(binary.LittleEndian.AppendUint16(dst, uint16(i)), held)
		case fgbLong:
			n, _ := v.Int()
			dst = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(dst, uint16(i)), uint64(n))
		case fgbDouble:
			n, _ := v.Float()
			dst = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(dst, uint16(i)), math.Float64bits(n))
		case fgbJSON:
			text(i, string(v.AppendJSON(nil)))
		default:
			text(i, v.Text())
		}
	}
	for i, end := range endTexts(f.Valid.Possible) {
		if end != "" {
			text(last+i, end)
		}
	}
	return dst
}

func fgbHeader(b *flatbuffers.Builder, e Export, columns fgbTable, kind, count int, all orb.Bound) []byte {
	b.Reset()
	list := make([]flatbuffers.UOffsetT, len(columns.names))
	for i, name := range columns.names {
		offset := b.CreateString(name)
		b.StartObject(11)
		b.PrependUOffsetTSlot(0, offset, 0)
		b.PrependByteSlot(1, columns.types[i], 0)
		list[i] = b.EndObject()
	}
	vector := b.CreateVectorOfTables(list)
	org := b.CreateString("EPSG")
	b.StartObject(6)
	b.PrependUOffsetTSlot(0, org, 0)
	b.PrependInt32Slot(1, int32(e.CRS.EPSG()), 0)
	crs := b.EndObject()
	name, title, description := b.CreateString(e.Layer), b.CreateString(e.Title), b.CreateString(e.Description)
	var envelope flatbuffers.UOffsetT
	if all != emptyBound {
		envelope = fgbFloats(b, []float64{all.Min[0], all.Min[1], all.Max[0], all.Max[1]})
	}
	node := uint16(fgbNode)
	if count == 0 {
		node = 0 // no index
	}
	b.StartObject(14)
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependUOffsetTSlot(1, envelope, 0)
	b.PrependByteSlot(2, byte(kind), 0)
	b.PrependUOffsetTSlot(7, vector, 0)
	b.PrependUint64Slot(8, uint64(count), 0)
	b.PrependUint16Slot(9, node, fgbNode)
	b.PrependUOffsetTSlot(10, crs, 0)
	b.PrependUOffsetTSlot(11, title, 0)
	b.PrependUOffsetTSlot(12, description, 0)
	b.FinishSizePrefixed(b.EndObject())
	return b.FinishedBytes()
}

// fgbKind is the type of a geometry.
func fgbKind(g orb.Geometry) int {
	switch g.(type) {
	case orb.Point:
		return 1
	case orb.LineString:
		return 2
	case orb.Polygon, orb.Ring, orb.Bound:
		return 3
	case orb.MultiPoint:
		return 4
	case orb.MultiLineString:
		return 5
	case orb.MultiPolygon:
		return 6
	}
	return 7
}

// fgbGeometry writes a geometry and returns where.
func fgbGeometry(b *flatbuffers.Builder, g orb.Geometry) flatbuffers.UOffsetT {
	var (
		xy    []float64
		ends  []uint32
		parts []flatbuffers.UOffsetT
	)
	add := func(list []orb.Point) {
		for _, p := range list {
			xy = append(xy, p[0], p[1])
		}
		ends = append(ends, uint32(len(xy)/2))
	}
	switch g := g.(type) {
	case orb.Point:
		add([]orb.Point{g})
	case orb.LineString:
		add(g)
	case orb.MultiPoint:
		add(g)
	case orb.MultiLineString:
		for _, l := range g {
			add(l)
		}
	case orb.Ring:
		return fgbGeometry(b, orb.Polygon{g})
	case orb.Bound:
		return fgbGeometry(b, g.ToPolygon())
	case orb.Polygon:
		for i, r := range g {
			add(turned(r, i > 0))
		}
	case orb.MultiPolygon:
		for _, p := range g {
			parts = append(parts, fgbGeometry(b, p))
		}
	case orb.Collection:
		for _, p := range g {
			parts = append(parts, fgbGeometry(b, p))
		}
	}
	var endsAt, xyAt, partsAt flatbuffers.UOffsetT
	if _, isMulti := g.(orb.MultiLineString); len(ends) > 1 || isMulti { // GDAL wants those even of one line
		b.StartVector(4, len(ends), 4)
		for _, n := range slices.Backward(ends) {
			b.PrependUint32(n)
		}
		endsAt = b.EndVector(len(ends))
	}
	if len(xy) > 0 {
		xyAt = fgbFloats(b, xy)
	}
	if len(parts) > 0 {
		partsAt = b.CreateVectorOfTables(parts)
	}
	b.StartObject(8)
	b.PrependUOffsetTSlot(0, endsAt, 0)
	b.PrependUOffsetTSlot(1, xyAt, 0)
	b.PrependByteSlot(6, byte(fgbKind(g)), 0)
	b.PrependUOffsetTSlot(7, partsAt, 0)
	return b.EndObject()
}

func fgbFloats(b *flatbuffers.Builder, list []float64) flatbuffers.UOffsetT {
	b.StartVector(8, len(list), 8)
	for _, f := range slices.Backward(list) {
		b.PrependFloat64(f)
	}
	return b.EndVector(len(list))
}
