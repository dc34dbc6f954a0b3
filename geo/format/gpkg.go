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
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/crs"
	"kharita/geo/gogeom"
)

// Columns of the table of features before the properties, and after them.
const (
	gpkgFID      = "fid"
	gpkgGeometry = "geom"
	gpkgID       = "id"
)

// writeGPKG writes a GeoPackage (OGC 12-128r17, version 1.3) with one table of features:
// fid, which counts them, geom, the id, the properties with the types of e.Types, and
// valid_from and valid_until as in FlatGeobuf. Coordinates are in e.CRS, the east first.
// SQLite knows no case, so that a property that is called as another column but for it gets
// "property_" before its name. The file has no spatial index: programs make one if they want it.
// That it was last changed in 1970 is not so; but the same features give the same file.
//
// The first page tells of all others, so these wait in a temporary file; where the
// features break off, nothing is written.
func writeGPKG(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) (err error) {
	temp, err := e.temp()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temp.Close()) }()

	file := newSQLiteFile(temp)
	g := gpkg{file: file, in: e.CRS.EastFirst(), fields: e.Fields, types: slices.Clone(e.Types), all: emptyBound}
	for len(g.types) < len(g.fields) {
		g.types = append(g.types, "string")
	}
	table := file.table()
	for f, err := range fs {
		if err != nil {
			return err
		}
		g.rows++
		table.add(g.rows, g.row(f))
	}
	first := g.finish(e, table.root())
	if err := file.out.Flush(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	_, _ = out.Write(first)
	if _, err := io.Copy(out, io.NewSectionReader(temp, 0, int64(file.pages-1)*sqlitePage)); err != nil {
		return err
	}
	return out.Flush()
}

// A gpkg is what is known of the features while they are written.
type gpkg struct {
	file   *sqliteFile
	in     crs.CRS
	fields []string
	types  []string
	rows   int64
	kind   string // of all geometries: GEOMETRY if they differ; empty: there are none
	all    orb.Bound

	record         sqliteRecord
	payload, shape []byte
}

// row returns the row of a feature, which is good until the next.
func (g *gpkg) row(f geo.Feature) []byte {
	r := &g.record
	r.reset()
	r.null() // the number of the row
	if f.Geometry == nil {
		r.null()
	} else {
		r.blob(g.geometry(g.in.Project(f.Geometry)))
	}
	text := func(s string) {
		if s == "" {
			r.null()
		} else {
			r.text(s)
		}
	}
	text(f.ID.String())
	for i, name := range g.fields {
		v := f.Properties.Get(name)
		if v.IsNull() {
			r.null()
			continue
		}
		switch g.types[i] {
		case "boolean":
			n := int64(0)
			if v.Bool() {
				n = 1
			}
			r.integer(n)
		case "integer":
			n, _ := v.Int()
			r.integer(n)
		case "number":
			n, _ := v.Float()
			r.real(n)
		case "string":
			r.text(v.Text())
		default:
			r.text(string(v.AppendJSON(nil)))
		}
	}
	for _, end := range endTexts(f.Valid.Possible) {
		text(end)
	}
	g.payload = r.bytes(g.payload[:0])
	return g.payload
}

// geometry returns a shape as the standard has it (§2.1.3): a head with the system and, but
// for points, the box, and well-known binary.
func (g *gpkg) geometry(shape orb.Geometry) []byte {
	const little, box, empty = 1, 1 << 1, 1 << 4
	if kind := gpkgKind(shape); g.kind == "" {
		g.kind = kind
	} else if g.kind != kind {
		g.kind = "GEOMETRY"
	}
	bound, flags := shape.Bound(), byte(little|box)
	_, isPoint := shape.(orb.Point)
	switch {
	case gpkgEmpty(shape):
		flags = little | empty
	case isPoint:
		flags = little
		g.all = g.all.Union(bound)
	default:
		g.all = g.all.Union(bound)
	}
	b := append(g.shape[:0], 'G', 'P', 0, flags)
	b = binary.LittleEndian.AppendUint32(b, uint32(g.in.EPSG()))
	if flags&box != 0 {
		for _, v := range [4]float64{bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1]} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	g.shape = gogeom.AppendWKB(b, shape)
	return g.shape
}

func gpkgKind(g orb.Geometry) string {
	return [...]string{"", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}[fgbKind(g)]
}

// gpkgEmpty reports whether a shape has no point.
func gpkgEmpty(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.MultiPoint:
		return len(g) == 0
	case orb.LineString:
		return len(g) == 0
	case orb.MultiLineString:
		return len(g) == 0
	case orb.Polygon:
		return len(g) == 0 || len(g[0]) == 0
	case orb.MultiPolygon:
		return len(g) == 0
	case orb.Collection:
		return len(g) == 0
	}
	return false
}

// finish writes the tables that tell of the one of features (§1.1.2, §1.1.3, §2.1.5), and
// returns the first page.
func (g *gpkg) finish(e Export, root uint32) []byte {
	quoted := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	name := e.Layer
	if owner, _, isOwned := strings.Cut(strings.ToLower(name), "_"); name == "" || isOwned && slices.Contains([]string{"gpkg", "sqlite", "rtree"}, owner) {
		name = "layer_" + name // the others are not for us
	}
	schema, tables := g.file.table(), int64(0)
	// values are null, integers, reals and texts
	record := func(values ...any) []byte {
		g.record.reset()
		for _, v := range values {
			switch v := v.(type) {
			case nil:
				g.record.null()
			case int:
				g.record.integer(int64(v))
			case float64:
				g.record.real(v)
			case string:
				g.record.text(v)
			}
		}
		return g.record.bytes(nil)
	}
	add := func(kind, name, table string, root uint32, sql any) {
		tables++
		schema.add(tables, record(kind, name, table, int(root), sql))
	}
	// row makes a table of one row, with an index for each of its unique constraints
	row := func(table, columns string, values []byte, unique ...[]byte) {
		t := g.file.table()
		t.add(1, values)
		add("table", table, table, t.root(), "CREATE TABLE "+table+" ("+columns+")")
		for i, entry := range unique {
			add("index", "sqlite_autoindex_"+table+"_"+string(rune('1'+i)), table, g.file.index(entry), nil)
		}
	}

	type system struct {
		id                             int
		name, organization, definition string
	}
	systems := []system{{-1, "Undefined Cartesian", "NONE", "undefined"}, {0, "Undefined geographic", "NONE", "undefined"}}
	for _, c := range []crs.CRS{{}, g.in} {
		systems = append(systems, system{c.EPSG(), c.Name(), "EPSG", c.WKT()})
	}
	slices.SortFunc(systems, func(a, b system) int { return cmp.Compare(a.id, b.id) })
	table := g.file.table()
	for _, s := range slices.Compact(systems) {
		table.add(int64(s.id), record(s.name, nil, s.organization, s.id, s.definition, nil))
	}
	add("table", "gpkg_spatial_ref_sys", "gpkg_spatial_ref_sys", table.root(), "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, "+
		"organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)")

	box := [4]any{}
	if g.all != emptyBound {
		box = [4]any{g.all.Min[0], g.all.Min[1], g.all.Max[0], g.all.Max[1]}
	}
	row("gpkg_contents", "table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '', "+
		"last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, "+
		"CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)",
		record(name, "features", name, e.Title, "1970-01-01T00:00:00.000Z", box[0], box[1], box[2], box[3], g.in.EPSG()), record(name, 1), record(name, 1))
	kind := g.kind
	if kind == "" {
		kind = "GEOMETRY"
	}
	row("gpkg_geometry_columns", "table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, "+
		"CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name), "+
		"CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)",
		record(name, gpkgGeometry, kind, g.in.EPSG(), 0, 0), record(name, gpkgGeometry, 1), record(name, 1))

	columns := []string{gpkgFID + " INTEGER NOT NULL PRIMARY KEY", gpkgGeometry + " " + kind, gpkgID + " TEXT"}
	for i, field := range columnNames(g.fields, gpkgFID, gpkgGeometry, gpkgID, "valid_from", "valid_until") {
		kind := map[string]string{"boolean": "BOOLEAN", "integer": "INTEGER", "number": "DOUBLE"}[g.types[i]]
		if kind == "" {
			kind = "TEXT"
		}
		columns = append(columns, quoted(field)+" "+kind)
	}
	columns = append(columns, "valid_from DATETIME", "valid_until DATETIME")
	add("table", name, name, root, "CREATE TABLE "+quoted(name)+" ("+strings.Join(columns, ", ")+")")
	return g.file.first(schema, 0x47504b47, 10300) // GPKG
}
