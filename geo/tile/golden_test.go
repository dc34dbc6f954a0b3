package tile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
)

var update = flag.Bool("update", false, "write testdata/golden anew") //nolint:gochecknoglobals // as flags are

// Tiles are what they were, byte for byte; their JSON twins, decoded by orb, say to
// human eyes what that is.
func TestGolden(t *testing.T) {
	names := geo.NewNames("name_en", "name_ar", "population", "capital")
	row := func(values ...geo.Value) geo.Properties { return geo.NewProperties(names, values) }
	fs := append(newCoverage(31, orb.Bound{Min: orb.Point{38, 33}, Max: orb.Point{44, 38}}, 3, 5, .2).features(),
		geo.Feature{
			ID: geo.TextID("mosul"), Geometry: orb.Point{43.13, 36.34},
			Properties: row(geo.StringValue("Mosul"), geo.StringValue("الموصل"), geo.IntValue(1739800), geo.BoolValue(false)),
			Valid: period.Valid{
				Possible: period.New(1402358400000, 1499644800000),
				Certain:  period.New(1402444800000, 1499558400000),
			},
		},
		geo.Feature{
			ID: geo.NumberID("7"), Geometry: orb.LineString{{38, 36}, {40, 35}, {43, 36.5}, {45, 33}},
			Properties: row(geo.StringValue("River"), geo.StringValue("نهر"), geo.FloatValue(.5)),
		},
		geo.Feature{ID: geo.TextID("hole"), Geometry: orb.Polygon{
			{{39, 34}, {43, 34}, {43, 37}, {39, 37}, {39, 34}},
			{{40, 35}, {40, 36}, {42, 36}, {42, 35}, {40, 35}},
		}},
		geo.Feature{ID: geo.TextID("bow-tie"), Geometry: orb.Polygon{{{39, 34}, {43, 37}, {43, 34}, {39, 37}, {39, 34}}}},
		geo.Feature{ID: geo.TextID("tiny"), Geometry: orb.Polygon{{{41, 35}, {41.0001, 35}, {41.0001, 35.0001}, {41, 35}}}},
		geo.Feature{ID: geo.TextID("both"), Geometry: orb.Collection{
			orb.MultiPoint{{41, 34}, {42, 34}}, orb.MultiLineString{{{41, 34}, {42, 34}}, {{41, 35}, {42, 35}}},
		}},
	)
	s := newSet(t, tile.Options{Layer: "golden", Properties: names.List(), Labels: true}, fs...)
	for _, c := range []struct {
		name string
		z    uint8
		x, y uint32
		of   tile.Slice
	}{
		{name: "0-0-0-all", z: 0},
		{name: "4-9-6-all", z: 4, x: 9, y: 6},
		{name: "6-39-25-all", z: 6, x: 39, y: 25},
		{name: "6-39-25-2013", z: 6, x: 39, y: 25, of: tile.Slice{Valid: year(2013)}},
		{name: "9-316-204-all", z: 9, x: 316, y: 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.Append(nil, address(t, c.z, c.x, c.y), c.of, nil)
			layers, err := mvt.Unmarshal(b)
			if err != nil {
				t.Fatal(err)
			}
			twin := []byte("[") // JSON with a line for each feature
			for i, l := range layers {
				if i > 0 {
					twin = append(twin, ",\n"...)
				}
				twin = fmt.Appendf(twin, `{"name": %q, "version": %d, "extent": %d, "features": [`, l.Name, l.Version, l.Extent)
				for k, f := range l.Features {
					if k > 0 {
						twin = append(twin, ',')
					}
					line, err := json.Marshal(f)
					if err != nil {
						t.Fatal(err)
					}
					twin = append(append(twin, '\n'), line...)
				}
				twin = append(twin, "\n]}"...)
			}
			twin = append(twin, "]\n"...)
			file := filepath.Join("testdata", "golden", c.name)
			if *update {
				for ext, data := range map[string][]byte{".mvt": b, ".json": twin} {
					if err := os.WriteFile(file+ext, data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			want, err := os.ReadFile(file + ".mvt")
			if err != nil {
				t.Fatal(err)
			}
			wantTwin, err := os.ReadFile(file + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(wantTwin), string(twin)); d != "" {
				t.Errorf("decoded tile (-want +got):\n%s", d)
			}
			if !bytes.Equal(b, want) {
				t.Errorf("the tile's %d bytes differ from the golden %d; -update writes them anew", len(b), len(want))
			}
		})
	}
}
