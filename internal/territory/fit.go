package territory

import (
	"context"
	"errors"
	"math"

	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A Figure is a published total that derived areas can be held against.
type Figure struct {
	Holder string
	At     period.Instant
	Area   float64 // square metres
}

// A Fitting is what comes of looking for the radius whose areas differ least from
// published figures.
type Fitting struct {
	Radius  float64   // metres
	Mean    float64   // of the relative errors at Radius, without sign
	Errors  []float64 // by figure: relative error at Radius
	Without []Left    // by figure: what comes of the fit without it
	Missed  float64   // mean of Without's errors, without sign: what a figure that is not yet published may be off by
}

// A Left is a fit that left one figure out.
type Left struct {
	Radius float64 // metres, fitted on the others
	Error  float64 // relative error of the one left out
}

// Fit tries radii (metres, ascending) and takes the one with the least mean of
// relative errors (possible reading), the smaller of two equals. done is called
// after each cell, len(radii)*len(places) times; it may be nil. It needs at least
// one figure; leaving one out needs two.
func Fit(ctx context.Context, places []Place, land orb.MultiPolygon, figures []Figure, radii []float64, done func()) (Fitting, error) {
	if len(figures) == 0 || len(radii) == 0 {
		return Fitting{}, errors.New("fit: no figures, or no radii to try")
	}
	relative := make([][]float64, len(radii)) // by radius, by figure
	for i, radius := range radii {
		cells, err := Cells(ctx, places, land, radius, done)
		if err != nil {
			return Fitting{}, err
		}
		relative[i] = make([]float64, len(figures))
		for k, f := range figures {
			relative[i][k] = Area(places, cells, f.Holder, f.At, period.Possible)/f.Area - 1
		}
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
	f := Fitting{Radius: radii[at], Mean: mean, Errors: relative[at]}
	if len(figures) < 2 {
		return f, nil
	}
	for k := range figures {
		i, _ := best(k)
		f.Without = append(f.Without, Left{radii[i], relative[i][k]})
		f.Missed += math.Abs(relative[i][k]) / float64(len(figures))
	}
	return f, nil
}
