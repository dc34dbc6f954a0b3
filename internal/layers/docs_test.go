package layers_test

import (
	"os"
	"regexp"
	"testing"

	"kharita/internal/layers"
)

// TestDocumentedKeys: what docs/atlas.md shows is read without a problem.
func TestDocumentedKeys(t *testing.T) {
	doc, err := os.ReadFile("../../docs/atlas.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(doc, -1)
	if len(blocks) != 2 {
		t.Fatalf("found %d examples, want a layer and an atlas", len(blocks))
	}
	s, problems := layers.Load(folder(map[string]string{
		"towns.geojson": collection(town("a", `"code":"a1","town":"a","name_en":"A","name_ar":"ألف","held_from":"2014","held_until":"2015","kind":"city","population":1,"radius_m":9,"sources":[]`)),
		"towns.yaml":    string(blocks[0][1]),
		"atlas.yaml":    string(blocks[1][1]),
	}))
	for _, p := range problems {
		t.Error(p)
	}
	if len(s.Atlas.Story) != 1 || s.Layers[0].Style.Label == nil {
		t.Error("settings were not taken over")
	}
}
