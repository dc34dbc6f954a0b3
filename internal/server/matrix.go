package server

import (
	"math"
	"strconv"

	"kharita/geo/tile"
)

// A tileMatrix is one zoom of WebMercatorQuad (OGC 17-083r4 §D.1).
type tileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"` // metres
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
	return q.json(map[string]any{"tileMatrixSets": []map[string]any{{
		"id": webMercator, "title": "Google Maps compatible for the world", "uri": tmsURI, "crs": crs3857,
		"links": []link{{Href: q.base() + "/tileMatrixSets/" + webMercator, Rel: "self", Type: "application/json"}},
	}}})
}

func (q *request) tileMatrixSet() error {
	if err := q.matrixSet(); err != nil {
		return err
	}
	half := math.Pi * earthRadius
	matrices := make([]tileMatrix, tile.MaxZoom+1)
	for z := range matrices {
		cell := 2 * half / 256 / float64(int(1)<<z)
		matrices[z] = tileMatrix{
			ID: strconv.Itoa(z), ScaleDenominator: cell / pixelSize, CellSize: cell, CornerOfOrigin: "topLeft",
			PointOfOrigin: [2]float64{-half, half}, TileWidth: 256, TileHeight: 256, MatrixWidth: 1 << z, MatrixHeight: 1 << z,
		}
	}
	return q.json(map[string]any{
		"id": webMercator, "title": "Google Maps compatible for the world", "uri": tmsURI, "crs": crs3857,
		"orderedAxes": []string{"E", "N"}, "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
		"tileMatrices": matrices,
	})
}

func itoa(i int) string { return strconv.Itoa(i) }
