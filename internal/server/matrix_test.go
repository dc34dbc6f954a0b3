package server_test

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"kharita/geo/tile/tiletest"
)

// The tile matrix sets are those of OGC 17-083r4 §D.1 and §D.2, and each tileset names one.
func TestTileMatrixSets(t *testing.T) {
	s := newServer(t)
	for id, want := range map[string]struct {
		crs          string
		scale, cell  float64 // at zoom 0, as the standard's tables have them
		origin       [2]float64
		columns, max int
	}{
		"WebMercatorQuad": {"http://www.opengis.net/def/crs/EPSG/0/3857", 559082264.028717, 156543.033928041, [2]float64{-20037508.3427892, 20037508.3427892}, 1, 22},
		"WorldCRS84Quad":  {"http://www.opengis.net/def/crs/OGC/1.3/CRS84", 279541132.014358, .703125, [2]float64{-180, 90}, 2, 21},
	} {
		set := decode[struct {
			ID, URI, CRS string
			TileMatrices []struct {
				ID                                               string
				ScaleDenominator, CellSize                       float64
				PointOfOrigin                                    [2]float64
				TileWidth, TileHeight, MatrixWidth, MatrixHeight int
			}
		}](t, get(t, s, "/tileMatrixSets/"+id))
		if set.ID != id || set.URI != "http://www.opengis.net/def/tilematrixset/OGC/1.0/"+id || set.CRS != want.crs || len(set.TileMatrices) != want.max+1 {
			t.Fatalf("%s: %s %s %s, %d zooms", id, set.ID, set.URI, set.CRS, len(set.TileMatrices))
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(b) }
		for z, m := range set.TileMatrices {
			n := math.Exp2(float64(z))
			if m.ID != strconv.Itoa(z) || !near(m.ScaleDenominator, want.scale/n) || !near(m.CellSize, want.cell/n) ||
				!near(m.PointOfOrigin[0], want.origin[0]) || !near(m.PointOfOrigin[1], want.origin[1]) ||
				m.TileWidth != 256 || m.TileHeight != 256 || m.MatrixWidth != want.columns<<z || m.MatrixHeight != 1<<z {
				t.Errorf("%s: %+v", id, m)
			}
		}
		for _, at := range []string{"/tiles", "/collections/towns/tiles"} {
			if text := string(body(t, get(t, s, at))); !strings.Contains(text, set.URI) || !strings.Contains(text, at+"/"+id+"/{tileMatrix}/{tileRow}/{tileCol}") {
				t.Errorf("%s does not list %s: %s", at, id, text)
			}
			if text := string(body(t, get(t, s, at+"/"+id))); strings.Contains(text, "tilejson") != (id == "WebMercatorQuad") {
				t.Errorf("%s/%s: is TileJSON there? %s", at, id, text)
			}
		}
		if text := string(body(t, get(t, s, "/tileMatrixSets"))); !strings.Contains(text, set.URI) {
			t.Errorf("%s is not listed", id)
		}
	}
}

// A tile in longitude and latitude shows at each time, and by each filter, what the tile of
// that place in Web Mercator does, where it is in that grid.
func TestWorldCRS84Tiles(t *testing.T) {
	s := newServer(t)
	tileset := decode[struct {
		TileMatrixSetLimits []struct {
			TileMatrix                                     string
			MinTileRow, MaxTileRow, MinTileCol, MaxTileCol int
		}
	}](t, get(t, s, "/collections/areas/tiles/WorldCRS84Quad"))
	// of areas, which reach from 40 to 44 and from 30 to 34
	for z, want := range map[int]string{0: "{0 0 0 1 1}", 4: "{4 4 5 19 19}", 6: "{6 19 21 78 79}"} {
		if got := fmt.Sprint(tileset.TileMatrixSetLimits[z]); got != want {
			t.Errorf("zoom %d: limits %s, want %s", z, got, want)
		}
	}
	filter := filterQuery("filter", "name_en = 'B'")
	for _, query := range []string{"", "?datetime=2014", "?datetime=2016", "?datetime=2014/2016&certainty=certain", "?datetime=2013", filter} {
		for _, at := range []string{"/collections/towns/tiles", "/collections/areas/tiles", "/tiles"} {
			if query == filter && at != "/collections/towns/tiles" {
				continue // the others don't know the property
			}
			degrees, mercator := get(t, s, at+"/WorldCRS84Quad/3/2/9"+query), get(t, s, at+"/WebMercatorQuad/4/6/9"+query)
			if degrees.StatusCode != mercator.StatusCode || degrees.Header.Get("Valid-Time") != mercator.Header.Get("Valid-Time") {
				t.Errorf("%s%s: %d %q, want %d %q", at, query, degrees.StatusCode, degrees.Header["Valid-Time"], mercator.StatusCode, mercator.Header["Valid-Time"])
			}
			got, want := body(t, degrees), body(t, mercator)
			if bytes.Equal(got, want) && len(want) > 0 {
				t.Errorf("%s%s: the same tile in both grids", at, query)
			}
			if got, want := fmt.Sprint(drawnIn(t, got)), fmt.Sprint(drawnIn(t, want)); got != want {
				t.Errorf("%s%s: %s, want %s", at, query, got, want)
			}
		}
	}
	tile, _ := tiletest.Decode(body(t, get(t, s, "/collections/towns/tiles/WorldCRS84Quad/3/2/9?datetime=2014-07-01")))
	for _, f := range tile.Layers[0].Features { // the tile is from 22.5 to 45 both ways
		want := tiletest.Point{X: int64(math.Round((43.0 - 22.5) / 22.5 * 4096)), Y: int64(math.Round((45.0 - 36) / 22.5 * 4096))}
		if got := f.Paths[0][0]; got != want {
			t.Errorf("%v is at %v, want %v", f.Properties["id"], got, want)
		}
	}
	const changes = "/collections/areas/changes/tiles/%s?from=2014&to=2016"
	if got, want := drawnIn(t, body(t, get(t, s, fmt.Sprintf(changes, "WorldCRS84Quad/3/2/9")))), drawnIn(t, body(t, get(t, s, fmt.Sprintf(changes, "WebMercatorQuad/4/6/9")))); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("changes: %v, want %v", got, want)
	}
}

// drawnIn returns the ids that each layer of a tile has; the tile must break no rule.
func drawnIn(t *testing.T, b []byte) (names []string) {
	t.Helper()
	tile, violations := tiletest.Decode(b)
	for _, v := range violations {
		t.Error(v)
	}
	for _, l := range tile.Layers {
		for _, f := range l.Features {
			names = append(names, fmt.Sprint(l.Name, " ", f.Properties["id"]))
		}
	}
	return names
}
