package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/internal/territory"
)

// radius is how far in metres a settlement speaks for the ground around it. It was
// fitted on the published totals of area_figures.csv; fit it again when the list of
// settlements changes.
const radius = 16500

// A holding is a spell in which ISIS held a settlement.
type holding struct {
	id         string // of the feature: the settlement's, from the second spell on with its number
	row        row
	start, end string
	valid      period.Valid
	basis      string
}

// spells reads the table of spells, by settlement.
func spells(src *sources) (map[string][]holding, error) {
	held := map[string][]holding{}
	known := map[string]bool{}
	for _, r := range src.settlements {
		known[r.text("id")] = true
	}
	for _, r := range src.holdings {
		place := r.need("settlement")
		if !known[place] {
			r.fail("settlements.csv has no %q", place)
			continue
		}
		h := holding{id: place, row: r}
		h.start, h.end, h.valid = r.when()
		if n := len(held[place]); n > 0 {
			h.id = fmt.Sprintf("%s-%d", place, n+1)
			// Spells of one place follow each other and do not overlap for certain.
			if h.valid.Certain.Intersects(held[place][n-1].valid.Certain) {
				r.fail("overlaps the spell of line %d", held[place][n-1].row.line)
			}
		}
		h.basis = basisOf(r.oneOf("start_read", "yes", "no", "estimate", "between"), r.oneOf("end_read", "yes", "no"))
		held[place] = append(held[place], h)
	}
	return held, src.problems()
}

// settlementLayers makes the settlements by spell, and the areas they stand for.
func settlementLayers(a *atlas, src *sources, b *base) error {
	held, err := spells(src)
	if err != nil {
		return err
	}
	places := placesOf(src, held)
	land, err := b.iraqAndSyria()
	if err != nil {
		return err
	}
	cells, err := territory.Cells(context.Background(), places, land, radius, nil)
	if err != nil {
		return err
	}

	var points, areas []feature
	for i, r := range src.settlements {
		id := r.text("id")
		gov, ok := src.governorates[r.need("country")+"/"+r.need("governorate")]
		if !ok {
			r.fail("governorates.csv has no %s of %s", r.text("governorate"), r.text("country"))
			continue
		}
		p := placeText{r, gov, src.notes[id]}
		common := func(kind string) []property {
			return []property{
				{"name_en", r.need("name_en")},
				{"name_ar", r.need("name_ar")},
				{"place", id},
				{"status", kind},
				{"kind", r.need("kind")},
				{"governorate_en", gov.need("name_en")},
				{"governorate_ar", gov.need("name_ar")},
				{"country", r.oneOf("country", "IRQ", "SYR")},
			}
		}
		cited := src.sourcesOf("settlements", id)
		precision := int(r.number("precision_m"))
		if len(held[id]) == 0 {
			basis := "background"
			if r.oneOf("not_held", "read", "unread") == "read" {
				basis = "looked_up"
			}
			en, ar := p.never()
			points = append(points, feature{id, places[i].At, append(common("never-held"),
				property{"text_en", en}, property{"text_ar", ar},
				property{"verified", basis == "looked_up"}, property{"basis", basis},
				property{"precision_m", precision}, property{"sources", cited})})
		}
		if len(held[id]) > 0 {
			r.oneOf("not_held", "")
		}
		for _, h := range held[id] {
			en, ar := p.held(h)
			points = append(points, feature{h.id, places[i].At, append(common("held"),
				property{"start", h.start}, property{"end", h.end},
				property{"text_en", en}, property{"text_ar", ar},
				property{"verified", h.basis == "looked_up"}, property{"basis", h.basis},
				property{"precision_m", precision}, property{"sources", cited})})
			en, ar = p.area()
			areas = append(areas, feature{h.id, cells[i].Geometry, []property{
				{"name_en", r.text("name_en")},
				{"name_ar", r.text("name_ar")},
				{"place", id},
				{"start", h.start},
				{"end", h.end},
				{"area_km2", int(math.Round(cells[i].Area / 1e6))},
				{"text_en", en},
				{"text_ar", ar},
				{"verified", h.basis == "looked_up"},
				{"basis", h.basis},
				{"precision_m", radius},
				{"sources", cited},
			}})
		}
	}
	if err := src.problems(); err != nil {
		return err
	}
	if err := a.add("settlements", points); err != nil {
		return err
	}
	if err := a.add("isis-held", areas); err != nil {
		return err
	}
	if err := a.add("isis-held-borders", borderLines(src, places, cells)); err != nil {
		return err
	}
	if err := fit(a, src, places, land); err != nil {
		return err
	}
	leaveOneOut(a, places)
	return reportAreas(a, src, places, cells)
}

// isis is the one holder whose spells the table has.
const isis = "isis"

// placesOf returns the settlements with their spells.
func placesOf(src *sources, held map[string][]holding) []territory.Place {
	places := make([]territory.Place, len(src.settlements))
	for i, r := range src.settlements {
		places[i] = territory.Place{ID: r.text("id"), At: r.point()}
		for _, h := range held[r.text("id")] {
			places[i].Held = append(places[i].Held, territory.Holding{Holder: isis, Valid: h.valid})
		}
	}
	return places
}

// borderLines makes the outline of what was held, at all times, out of the borders
// of cells. It has no names and texts of its own: what there is to say is said by
// the places on both sides.
func borderLines(src *sources, places []territory.Place, cells []territory.Cell) []feature {
	edges := map[territory.Edge]string{territory.Front: "front", territory.Limit: "limit", territory.Coast: "land"}
	count := map[string]int{}
	var out []feature
	for _, b := range territory.Borders(places, cells, radius, isis) {
		id := places[b.Held].ID + "--" + edges[b.Edge]
		beyond := ""
		if b.Beyond >= 0 {
			beyond = places[b.Beyond].ID
			id = places[b.Held].ID + "--" + beyond
		}
		if count[id]++; count[id] > 1 {
			id = fmt.Sprintf("%s-%d", id, count[id])
		}
		var g orb.Geometry = b.Line
		if len(b.Line) == 1 {
			g = b.Line[0]
		}
		start, end := b.Valid.Text()
		out = append(out, feature{id, g, []property{
			{"held", places[b.Held].ID},
			{"beyond", beyond},
			{"edge", edges[b.Edge]},
			{"reading", b.Reading()},
			{"name_en", src.settlements[b.Held].text("name_en")},
			{"name_ar", src.settlements[b.Held].text("name_ar")},
			{"start", start},
			{"end", end},
		}})
	}
	return out
}

// basisOf says how well a spell is known from how well its ends are.
func basisOf(start, end string) string {
	switch {
	case start == "yes" && end == "yes":
		return "looked_up"
	case start == "yes" || end == "yes":
		return "partly"
	}
	return "background"
}

// areaAt returns the area in km² that was held at an instant.
func areaAt(i period.Instant, reading period.Reading, places []territory.Place, cells []territory.Cell) float64 {
	return territory.Area(places, cells, isis, i, reading) / 1e6
}

// reportAreas sets the derived areas beside the published ones, and puts those into
// the atlas for the page to show.
func reportAreas(a *atlas, src *sources, places []territory.Place, cells []territory.Cell) error {
	at := func(i period.Instant) (possible, certain float64) {
		return areaAt(i, period.Possible, places, cells), areaAt(i, period.Certain, places, cells)
	}
	a.say("%-12s %12s %12s %12s  km²", "date", "published", "possible", "certain")
	for _, f := range figures(src) {
		possible, certain := at(f.at)
		a.say("%-12s %12.0f %12.0f %12.0f", f.date, f.km2, possible, certain)
		a.areas = append(a.areas, areaRow{f.date, f.km2, possible, certain})
	}
	for year := 2013; year <= 2019; year++ {
		for _, month := range []int{1, 7} {
			possible, certain := at(period.Date(year, month, 1))
			a.say("%04d-%02d-01   %12s %12.0f %12.0f", year, month, "", possible, certain)
		}
	}
	var csv strings.Builder
	csv.WriteString("date,value,publisher,url\n")
	for _, r := range src.figures {
		if r.text("comparable") == "yes" {
			fmt.Fprintf(&csv, "%s,%s,%s,\n", r.text("date"), r.text("km2"), r.text("publisher"))
		}
	}
	a.files["geojson/area-figures.csv"] = []byte(csv.String())
	return src.problems()
}
