package server_test

import (
	"fmt"
	"net/http"
	"testing"
)

// TestTilesetLimits: each zoom has limits, the corners of the bound lie in their
// corners, and at the deepest zoom asked no tile outside of them holds anything.
func TestTilesetLimits(t *testing.T) {
	s := newServer(t)
	type limits struct {
		TileMatrix                                     string
		MinTileRow, MaxTileRow, MinTileCol, MaxTileCol int
	}
	set := decode[struct {
		DataType, CRS, TileMatrixSetURI string
		TileMatrixSetLimits             []limits
		BoundingBox                     struct{ LowerLeft, UpperRight [2]float64 }
		Layers                          []struct{ ID, DataType, MinTileMatrix, MaxTileMatrix string }
		Links                           []struct{ Rel, Href string }
	}](t, get(t, s, "/collections/areas/tiles/WebMercatorQuad"))
	if got, want := fmt.Sprint(set.BoundingBox), "{[40 30] [44 34]}"; got != want {
		t.Errorf("bound %s, want %s", got, want)
	}
	if len(set.Layers) != 1 || len(set.TileMatrixSetLimits) == 0 || set.Layers[0].MaxTileMatrix != set.TileMatrixSetLimits[len(set.TileMatrixSetLimits)-1].TileMatrix {
		t.Fatalf("layers %+v, limits %+v", set.Layers, set.TileMatrixSetLimits)
	}
	for z, want := range map[int]limits{ // by hand from the formula of Web Mercator
		0: {"0", 0, 0, 0, 0},
		5: {"5", 12, 13, 19, 19},
		8: {"8", 102, 105, 156, 159},
	} {
		if got := set.TileMatrixSetLimits[z]; got != want {
			t.Errorf("zoom %d: %+v, want %+v", z, got, want)
		}
	}
	l := set.TileMatrixSetLimits[8]
	for row := l.MinTileRow - 3; row <= l.MaxTileRow+3; row++ {
		for col := l.MinTileCol - 3; col <= l.MaxTileCol+3; col++ {
			target := fmt.Sprintf("/collections/areas/tiles/WebMercatorQuad/8/%d/%d", row, col)
			near := row >= l.MinTileRow-1 && row <= l.MaxTileRow+1 && col >= l.MinTileCol-1 && col <= l.MaxTileCol+1 // within a tile's buffer
			if got := get(t, s, target).StatusCode; got != http.StatusNoContent && !near {
				t.Errorf("%s: %d outside of the limits", target, got)
			}
		}
	}
}
