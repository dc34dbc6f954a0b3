//go:build clients

package clients

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An address is one tile: zoom, column, row.
type address struct{ z, x, y int }

// at is the tile that a place lies in.
func at(lon, lat float64, z int) address {
	n := math.Exp2(float64(z))
	y := (1 - math.Asinh(math.Tan(lat*math.Pi/180))/math.Pi) / 2 * n
	return address{z, int((lon + 180) / 360 * n), int(y)}
}

// box is the tile's bbox in degrees, with a margin on each side as a part of the tile.
func (a address) box(margin float64) string {
	n := math.Exp2(float64(a.z))
	lon := func(x float64) float64 { return x/n*360 - 180 }
	lat := func(y float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*y/n))) * 180 / math.Pi }
	x, y := float64(a.x), float64(a.y)
	return fmt.Sprintf("%.9f,%.9f,%.9f,%.9f", lon(x-margin), lat(y+1+margin), lon(x+1+margin), lat(y-margin))
}

// open returns what GDAL's MVT driver needs to read a tile from its address: our
// rows stand before the columns, so it has to be told which is which.
func (a address) open(tile string) []string {
	return []string{"MVT:" + tile, "-oo", "CLIP=NO", "-oo", fmt.Sprintf("X=%d", a.x), "-oo", fmt.Sprintf("Y=%d", a.y), "-oo", fmt.Sprintf("Z=%d", a.z)}
}

// fill puts the tile into a template.
func (a address) fill(template string) string {
	return strings.NewReplacer("{z}", strconv.Itoa(a.z), "{x}", strconv.Itoa(a.x), "{y}", strconv.Itoa(a.y)).Replace(template)
}

var layerName = regexp.MustCompile(`(?m)^Layer name: (\S+)$`)

// dates are some of the atlas.
func dates() []string {
	return []string{"2013-08-01", "2014-06-10", "2015-06-01", "2017-01-01", "2019-01-01"}
}

// A tileJSON is what clients read of ours (TileJSON 3.0.0).
type tileJSON struct {
	TileJSON         string    `json:"tilejson"`
	Tiles            []string  `json:"tiles"`
	Bounds           []float64 `json:"bounds"`
	MinZoom, MaxZoom int
	VectorLayers     []struct {
		ID     string            `json:"id"`
		Fields map[string]string `json:"fields"`
	} `json:"vector_layers"`
}

// TestTiles: from the TileJSON of each date GDAL gets to tiles with the layers
// that it names, and every polygon in them is valid. (MVT allows the polygons of
// one feature to overlap, so each is looked at by itself.)
func TestTiles(t *testing.T) {
	for _, c := range []struct {
		name, server string
		dates        []string
		lon, lat     float64
		zooms        []int
	}{
		{"atlas", atlas, append([]string{""}, dates()...), 43.13, 36.34, []int{0, 4, 6, 9}},
		{"shapes", awkward, []string{""}, 15, 25, []int{0, 2, 5}},
		{"antimeridian", awkward, []string{""}, 179.5, -17, []int{0, 3, 6}},
	} {
		for _, date := range c.dates {
			query := "?f=tilejson"
			if date != "" {
				query += "&datetime=" + date
			}
			described := getJSON[tileJSON](t, c.server+"/tiles/WebMercatorQuad"+query)
			known := check(t, described)
			for _, z := range c.zooms {
				a := at(c.lon, c.lat, z)
				t.Run(fmt.Sprintf("%s/%s/%d", c.name, date, z), func(t *testing.T) {
					t.Parallel()
					file := filepath.Join(t.TempDir(), "tile.gpkg")
					gdal(t, nil, "ogr2ogr", append([]string{"-f", "GPKG", file, "-explodecollections"}, a.open(withForm(a.fill(described.Tiles[0])))...)...)
					var parts []string
					for _, m := range layerName.FindAllStringSubmatch(gdal(t, nil, "ogrinfo", "-ro", "-al", "-so", file), -1) {
						if !known[m[1]] {
							t.Errorf("layer %q is not in the TileJSON", m[1])
						}
						parts = append(parts, fmt.Sprintf("SELECT geom FROM \"%s\"", m[1]))
					}
					if len(parts) == 0 {
						t.Fatal("GDAL finds no layer")
					}
					invalid := "SELECT count(*) AS n FROM (" + strings.Join(parts, " UNION ALL ") + ") WHERE NOT ST_IsValid(geom)"
					out := gdal(t, nil, "ogrinfo", "-ro", "-q", "-dialect", "SQLite", "-sql", invalid, file)
					if !strings.Contains(out, "n (Integer) = 0\n") {
						t.Errorf("invalid geometries: %s", out)
					}
				})
			}
		}
	}
}

// withForm names the format in a tile's address: GDAL takes one that ends in a
// number for a folder of tiles.
func withForm(tile string) string {
	u, err := url.Parse(tile)
	if err != nil {
		return tile
	}
	q := u.Query()
	q.Set("f", "mvt")
	u.RawQuery = q.Encode()
	return u.String()
}

// check holds d against TileJSON 3.0.0 and returns its layers.
func check(t *testing.T, d tileJSON) map[string]bool {
	t.Helper()
	if d.TileJSON != "3.0.0" || len(d.Tiles) != 1 || d.MinZoom < 0 || d.MaxZoom < d.MinZoom || d.MaxZoom > 30 {
		t.Errorf("not TileJSON 3.0.0: %+v", d)
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(d.Tiles[0], part) != 1 {
			t.Errorf("%s lacks %s", d.Tiles[0], part)
		}
	}
	if b := d.Bounds; len(b) != 4 || b[0] >= b[2] || b[1] >= b[3] || b[0] < -180 || b[2] > 180 || b[1] < -90 || b[3] > 90 {
		t.Errorf("bounds %v", b)
	}
	known := map[string]bool{}
	for _, l := range d.VectorLayers {
		if l.ID == "" || known[l.ID] || l.Fields == nil {
			t.Errorf("layer %q stands twice or has no fields", l.ID)
		}
		known[l.ID] = true
	}
	return known
}

// TestTileFeatures: at every date a tile holds the features that our own file
// has of the tile's box, each where it should be, to a unit of the tile.
func TestTileFeatures(t *testing.T) {
	for _, layer := range []string{"settlements", "events", "isis-held"} {
		for _, date := range dates() {
			for _, z := range []int{5, 7} {
				t.Run(fmt.Sprintf("%s/%s/%d", layer, date, z), func(t *testing.T) {
					t.Parallel()
					a := at(43.13, 36.34, z)
					tile := fmt.Sprintf("%s/collections/%s/tiles/WebMercatorQuad/%d/%d/%d?f=mvt&datetime=%s", atlas, layer, a.z, a.y, a.x, date)
					want := download(t, atlas, layer, "?datetime="+date+"&bbox="+a.box(0))
					if len(want) == 0 {
						if r, err := http.Get(tile); err != nil || r.StatusCode != http.StatusNoContent { //nolint:noctx,bodyclose // empty
							t.Errorf("got %v, %v, want 204", r.Status, err)
						}
						return
					}
					args := append([]string{"-f", "GeoJSON", "/vsistdout/", "-t_srs", "EPSG:4326"}, a.open(tile)...)
					got := readFeatures(t, []byte(gdal(t, nil, "ogr2ogr", append(args, layer)...)))
					unit := 360 / math.Exp2(float64(z)) / 4096
					places := map[string]any{}
					for _, f := range got {
						places[fmt.Sprint(f.Properties["id"])] = f.Geometry
					}
					var missing []string
					for _, w := range want {
						g, ok := places[w.id()]
						if !ok {
							missing = append(missing, w.id())
						} else if d := apart(g, w.Geometry); d > unit {
							t.Errorf("%s: %g degrees off, a unit is %g", w.id(), d, unit)
						}
						delete(places, w.id())
					}
					if len(missing) > 0 {
						t.Errorf("missing %v", missing)
					}
					for _, w := range download(t, atlas, layer, "?datetime="+date+"&bbox="+a.box(1./32)) { // the tile's buffer
						delete(places, w.id())
					}
					if len(places) > 0 {
						t.Errorf("too many: %v", places)
					}
				})
			}
		}
	}
}

// apart is how far two points are from each other, in degrees of the larger
// axis; 0 if they are no points.
func apart(a, b any) float64 {
	p, isPoint := point(a)
	q, areBoth := point(b)
	if !isPoint || !areBoth {
		return 0
	}
	return max(math.Abs(p[0]-q[0]), math.Abs(p[1]-q[1]))
}

func point(v any) (p [2]float64, ok bool) {
	g, ok := v.(map[string]any)
	if !ok || g["type"] != "Point" {
		return p, false
	}
	for i, c := range g["coordinates"].([]any)[:2] {
		p[i], _ = strconv.ParseFloat(fmt.Sprint(c), 64)
	}
	return p, true
}
