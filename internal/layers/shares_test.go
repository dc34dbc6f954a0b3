package layers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
)

// TestShares: layers that share borders are named as they are, in the folder or in the
// base map.
func TestShares(t *testing.T) {
	base, _ := layers.Load(folder(map[string]string{"base-countries.geojson": one("1")}))
	for _, c := range []struct {
		name    string
		sidecar string
		atlas   string
		base    *layers.Snapshot
		want    []string
	}{
		{"in the folder", "tile: {shares: [b]}", "", base, nil},
		{"in the base map", "tile: {shares: [b, base-countries]}", "", base, nil},
		{"misspelt", "tile:\n  shares: [base-contries]", "", base, []string{
			`a.yaml:2:12: no such layer: tile.shares: "base-contries"; did you mean "base-countries"?`,
		}},
		{"without a base map", "tile: {shares: [base-countries]}", "basemap: none", base, []string{
			`a.yaml:1:17: no such layer: tile.shares: "base-countries"; known: a, b`,
		}},
		{"base map not known", "tile: {shares: [base-countries]}", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"a.geojson": one("1"), "b.geojson": one("1"), "a.yaml": c.sidecar}
			if c.atlas != "" {
				files["atlas.yaml"] = c.atlas
			}
			_, problems := layers.NewFolder(folder(files)).Over(c.base).Load()
			if d := cmp.Diff(c.want, texts(problems)); d != "" {
				t.Error(d)
			}
		})
	}
}
