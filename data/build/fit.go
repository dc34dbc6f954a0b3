package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

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

// A fitting is what the cards say of the radius.
type fitting struct{ territory.Fitting }

// Error and the like are for the template: percentages and kilometres.
func (f fitting) MeanPercent() string   { return fmt.Sprintf("%.1f %%", 100*f.Mean) }
func (f fitting) MissedPercent() string { return fmt.Sprintf("%.1f %%", 100*f.Missed) }

// fit looks for the radius whose areas differ least from the published figures. The
// radius is a constant of the atlas: the fit is tried anew only if asked by a flag,
// else the fit is that of the constant's neighbours, which is enough to see whether
// it still is the best.
func fit(a *atlas, src *sources, places []territory.Place, land orb.MultiPolygon) error {
	var all []territory.Figure
	var dates []string
	for _, f := range figures(src) {
		if f.km2 >= 1000 { // the last pocket says nothing about a radius
			all = append(all, territory.Figure{Holder: isis, At: f.at, Area: f.km2 * 1e6})
			dates = append(dates, f.date)
		}
	}
	from, to, step := radius-1000.0, radius+1000.0, 250.0
	if a.refit {
		from, to = 12e3, 24e3
	}
	var radii []float64
	for r := from; r <= to; r += step {
		radii = append(radii, r)
	}
	f, err := territory.Fit(context.Background(), places, land, all, radii, nil)
	if err != nil {
		return err
	}
	a.fitting = fitting{f}
	a.say("fit from %.2f to %.2f km: radius %.2f km, mean error %.1f %%", from/1e3, to/1e3, f.Radius/1e3, 100*f.Mean)
	for k, left := range f.Without {
		a.say("  without %s: radius %.2f km, which misses it by %+.1f %%", dates[k], left.Radius/1e3, 100*left.Error)
	}
	a.say("  leave-one-out: mean error %.1f %%", 100*f.Missed)
	if f.Radius != radius {
		return fmt.Errorf("settlements.go: the radius is %.2f km, but %.2f km fits best; decide and change the constant", radius/1e3, f.Radius/1e3)
	}
	return nil
}

// A scoring is what the cards say of the list of places.
type scoring struct {
	Right, HeldRight, FreeRight string // percentages
	Median, Most, Farthest      string // km to the nearest listed place: half of the places, nine of ten, the loneliest
	Lonely                      string // the loneliest place
}

// leaveOneOut says how well the nearest other place foretells a place, in the years
// in which there was something to foretell, and how far away it is.
func leaveOneOut(a *atlas, places []territory.Place) {
	changes := territory.Changes(places, isis)
	s := territory.LeaveOneOut(places, isis, period.New(changes[0], changes[len(changes)-1]))
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(s.Nearest[x], s.Nearest[y]) })
	percent := func(part, whole float64) string { return fmt.Sprintf("%.1f %%", 100*part/whole) }
	km := func(share float64) string {
		return fmt.Sprintf("%.1f", s.Nearest[order[int(share*float64(len(order)-1))]]/1e3)
	}
	last := order[len(order)-1]
	a.scoring = scoring{
		percent(s.HeldRight+s.FreeRight, s.Held+s.Free), percent(s.HeldRight, s.Held), percent(s.FreeRight, s.Free),
		km(0.5), km(0.9), km(1), places[last].ID,
	}
	a.say("leave one settlement out: its nearest neighbour foretells %s of place-days (%s of those held, %s of those not held)",
		a.scoring.Right, a.scoring.HeldRight, a.scoring.FreeRight)
	a.say("nearest listed place: half within %s km, nine of ten within %s km, farthest %s km", a.scoring.Median, a.scoring.Most, a.scoring.Farthest)
	var thin []string
	for _, i := range order[len(order)-10:] {
		thin = append(thin, fmt.Sprintf("%s %.0f", places[i].ID, s.Nearest[i]/1e3))
	}
	a.say("  where the list is thinnest (km): %s", strings.Join(thin, ", "))
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(s.Right[x], s.Right[y]) })
	var odd []string
	for _, i := range order[:10] {
		odd = append(odd, fmt.Sprintf("%s %.0f %%", places[i].ID, 100*s.Right[i]))
	}
	a.say("  least like their neighbours: %s", strings.Join(odd, ", "))
}
