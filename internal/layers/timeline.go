package layers

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"kharita/geo"
	"kharita/geo/period"
)

// An Epoch is a longest period in which a layer does not change, and what the
// layer holds in it.
type Epoch struct {
	Valid period.Period
	Sums  [2]Sum // by period.Reading
}

// A Sum counts features.
type Sum struct {
	Count int
	Area  float64 // km² on the ellipsoid of WGS 84; of features that overlap each counts
}

// Timeline returns the epochs of the layer in both readings, without a gap from
// the open past to the open future: a layer without time has one. It is made
// when first asked for. The caller must not write to it.
func (l *Layer) Timeline() ([]Epoch, error) {
	if l.derived == nil {
		return newTimeline(l.Features(context.Background(), Query{}))
	}
	return l.derived.timeline()
}

// TimelineOf is like Timeline, of the features that q selects alone, and made anew
// at each call.
func (l *Layer) TimelineOf(ctx context.Context, q Query) ([]Epoch, error) {
	return newTimeline(l.Features(ctx, q))
}

// newTimeline sweeps over the starts and ends of features: what it costs grows
// with their number, not with that of epochs times features.
func newTimeline(features iter.Seq2[geo.Feature, error]) ([]Epoch, error) {
	// Areas are added in whole square metres: what comes and goes leaves no rest.
	type step struct {
		at      period.Instant
		reading period.Reading
		count   int
		area    int64
	}
	var (
		steps []step
		count [2]int
		area  [2]int64
	)
	for f, err := range features {
		if err != nil {
			return nil, err
		}
		a := int64(math.Round(geo.Area(f.Geometry) * 1e6))
		for _, r := range []period.Reading{period.Possible, period.Certain} {
			v := f.Valid.In(r)
			if v.IsNever() {
				continue
			}
			if i, ok := v.Start(); ok {
				steps = append(steps, step{i, r, 1, a})
			} else {
				count[r]++
				area[r] += a
			}
			if i, ok := v.End(); ok {
				steps = append(steps, step{i, r, -1, -a})
			}
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	var (
		epochs []Epoch
		lo, hi = period.Period{}.Limits()
	)
	add := func(until period.Instant) {
		e := Epoch{Valid: period.Between(lo, until)}
		for r := range e.Sums {
			e.Sums[r] = Sum{count[r], float64(area[r]) / 1e6}
		}
		epochs = append(epochs, e)
		lo = until
	}
	for i, s := range steps {
		if i == 0 || s.at != steps[i-1].at {
			add(s.at)
		}
		count[s.reading] += s.count
		area[s.reading] += s.area
	}
	add(hi)
	return epochs, nil
}

// epochAt returns the epoch that holds i.
func epochAt(epochs []Epoch, i period.Instant) Epoch {
	at, found := slices.BinarySearchFunc(epochs, i, func(e Epoch, i period.Instant) int {
		lo, hi := e.Valid.Limits()
		switch {
		case i < lo:
			return 1
		case i >= hi:
			return -1
		}
		return 0
	})
	if !found {
		return Epoch{Valid: period.Never}
	}
	return epochs[at]
}

// changes returns the instants at which a feature starts or ends in a reading, ascending.
func changes(table *geo.Table, r period.Reading) []period.Instant {
	var all []period.Instant
	add := func(i period.Instant, ok bool) {
		if !ok {
			return
		}
		if len(all) == cap(all) { // most come again and again
			slices.Sort(all)
			all = slices.Compact(all)
			all = slices.Grow(all, max(len(all), 1<<10))
		}
		all = append(all, i)
	}
	for row := range table.Len() {
		p := table.Valid(row).In(r)
		add(p.Start())
		add(p.End())
	}
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}
