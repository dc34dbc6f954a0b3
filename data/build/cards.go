package main

import (
	"bytes"
	_ "embed" // the template of the cards
	"fmt"
	"text/template"
)

// A card is what is counted about a layer.
type card struct {
	Features, Verified, Partly, Cited, Read int
}

// An areaRow holds a derived area against a published one, in km².
type areaRow struct {
	Date                         string
	Published, Possible, Certain float64
}

// Percent returns by how much the derived area differs from the published one.
func (r areaRow) Percent() string { return fmt.Sprintf("%+.1f %%", 100*(r.Possible/r.Published-1)) }

func newCard(fs []feature) *card {
	c := &card{Features: len(fs)}
	seen := map[source]bool{}
	for _, f := range fs {
		for _, p := range f.properties {
			switch v := p.value.(type) {
			case bool:
				if p.name == "verified" && v {
					c.Verified++
				}
			case string:
				if p.name == "basis" && v == "partly" {
					c.Partly++
				}
			case []source:
				for _, s := range v {
					seen[s] = true
				}
			}
		}
	}
	for s := range seen {
		c.Cited++
		if s.Verified {
			c.Read++
		}
	}
	return c
}

//go:embed README.md.tmpl
var cardsText string

// cards writes data/geojson/README.md: what each layer is, and how it may be used.
func cards(a *atlas, src *sources, _ *base) error {
	t, err := template.New("README.md.tmpl").Parse(cardsText)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Card":    func(layer string) *card { return a.cards[layer] },
		"Areas":   a.areas,
		"Fitting": a.fitting,
		"Scoring": a.scoring,
		"Places":  len(src.settlements),
		"Radius":  fmt.Sprintf("%.1f", radius/1e3),
	})
	a.files["geojson/README.md"] = b.Bytes()
	return err
}
