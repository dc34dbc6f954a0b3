package server

import (
	"math"
	"strconv"

	"kharita/geo/tile"
)

// A matrixSet is a tile matrix set of OGC 17-083r4 §D.
type matrixSet struct {
	grid           tile.Grid
	id, title, crs string
	axes           [2]string
	scales         string     // its well-known scale set
	origin         [2]float64 // of its tiles, in units of crs
	side           float64    // of a tile of zoom 0, likewise
	metres         float64    // of a unit at the equator
}

// matrixSets is the table of them, that of the page first.
//
//nolint:gochecknoglobals // a table
var matrixSets = []matrixSet{
	{
		tile.WebMercatorQuad, webMercator, "Google Maps compatible for the world", crs3857,
		[2]string{"E", "N"},
		"GoogleMapsCompatible",
		[2]float64{-math.Pi * earthRadius, math.Pi * earthRadius},
		2 * math.Pi * earthRadius, 1,
	},
	{
		tile.WorldCRS84Quad, worldCRS84, "CRS84 for the world", crs84,
		[2]string{"Lon", "Lat"},
		"GoogleCRS84Quad",
		[2]float64{-180, 90},
		180, math.Pi * earthRadius / 180,
	},
}

func (m *matrixSet) uri() string { return "http://www.opengis.net/def/tilematrixset/OGC/1.0/" + m.id }

// matrixSet returns the tile matrix set that the path names.
func (q *request) matrixSet() (*matrixSet, error) {
	name := q.Param("tms")
	for i := range matrixSets {
		if matrixSets[i].id == name {
			return &matrixSets[i], nil
		}
	}
	return nil, notFound("tile matrix set", name)
}

// mercatorAlone refuses TileJSON of other tile matrix sets, which has no way to tell them.
func (m *matrixSet) mercatorAlone() error {
	if m.grid != tile.WebMercatorQuad {
		return invalid("TileJSON is of %s alone, not of %s: ask for that, or for f=json", webMercator, m.id)
	}
	return nil
}

// A tileMatrix is one zoom of a tile matrix set (OGC 17-083r4 §6.1.1).
type tileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"` // in units of the crs
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

const (
	earthRadius = 6_378_137.0 // metres, WGS 84
	pixelSize   = 0.00028     // metres, the standardised rendering pixel of OGC 17-083r4 §6.1.1.1
)

func (q *request) tileMatrixSets() error {
	list := make([]map[string]any, len(matrixSets))
	for i, m := range matrixSets {
		list[i] = map[string]any{
			"id": m.id, "title": m.title, "uri": m.uri(), "crs": m.crs,
			"links": []link{{Href: q.base() + "/tileMatrixSets/" + m.id, Rel: "self", Type: "application/json"}},
		}
	}
	return q.json(map[string]any{"tileMatrixSets": list})
}

func (q *request) tileMatrixSet() error {
	m, err := q.matrixSet()
	if err != nil {
		return err
	}
	matrices := make([]tileMatrix, tile.MaxZoom-m.grid.Above()+1)
	for z := range matrices {
		cell := m.side / 256 / float64(int(1)<<z)
		columns, rows := m.grid.Size(uint8(z))
		matrices[z] = tileMatrix{
			ID: strconv.Itoa(z), ScaleDenominator: cell * m.metres / pixelSize, CellSize: cell, CornerOfOrigin: "topLeft",
			PointOfOrigin: m.origin, TileWidth: 256, TileHeight: 256, MatrixWidth: int(columns), MatrixHeight: int(rows),
		}
	}
	return q.json(map[string]any{
		"id": m.id, "title": m.title, "uri": m.uri(), "crs": m.crs,
		"orderedAxes": m.axes, "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/" + m.scales,
		"tileMatrices": matrices,
	})
}

func itoa(i int) string { return strconv.Itoa(i) }
