package main

import (
	"math"

	"kharita/geo/period"
	"kharita/internal/territory"
)

// A figure is a published total that the derived areas can be held against.
type figure struct {
	date string
	at   period.Instant
	km2  float64
}

// comparable returns the published figures that count what we count: all ground
// held in Iraq and Syria at one date.
func figures(src *sources) []figure {
	var out []figure
	for _, r := range src.figures {
		if r.oneOf("comparable", "yes", "no") == "no" {
			continue
		}
		v, err := period.Parse(r.need("date"))
		if err != nil {
			r.fail("%v", err)
			continue
		}
		i, _ := v.Possible.Start()
		out = append(out, figure{r.text("date"), i, r.number("km2")})
	}
	return out
}

// fit looks for the radius whose areas differ least from the published figures, in
// the mean of the relative errors, and says how well a radius fitted without one
// figure foretells that figure. It is asked for by a flag: the radius is a constant
// of the atlas and changes by decision, not by itself.
func fit(a *atlas, src *sources, held map[string][]holding, places []territory.Place, b *base) error {
	land, err := b.iraqAndSyria()
	if err != nil {
		return err
	}
	var all []figure
	for _, f := range figures(src) {
		if f.km2 >= 1000 { // the last pocket says nothing about a radius
			all = append(all, f)
		}
	}
	const from, to, step = 12e3, 24e3, 250.0
	var radii []float64
	var relative [][]float64 // by radius, by figure
	for r := from; r <= to; r += step {
		cells, err := territory.Cells(places, land, r)
		if err != nil {
			return err
		}
		row := make([]float64, len(all))
		for k, f := range all {
			row[k] = areaAt(f.at, period.Possible, src, held, cells)/f.km2 - 1
		}
		radii = append(radii, r)
		relative = append(relative, row)
	}
	best := func(without int) (at int, mean float64) {
		mean = math.Inf(1)
		for i, row := range relative {
			sum, n := 0.0, 0
			for k, e := range row {
				if k != without {
					sum += math.Abs(e)
					n++
				}
			}
			if m := sum / float64(n); m < mean {
				at, mean = i, m
			}
		}
		return at, mean
	}
	at, mean := best(-1)
	a.say("fit: radius %.2f km, mean error %.1f %%", radii[at]/1e3, 100*mean)
	sum := 0.0
	for k, f := range all {
		i, _ := best(k)
		sum += math.Abs(relative[i][k])
		a.say("  without %s: radius %.2f km, which misses it by %+.1f %%", f.date, radii[i]/1e3, 100*relative[i][k])
	}
	a.say("  leave-one-out: mean error %.1f %%", 100*sum/float64(len(all)))
	return nil
}
