package layers_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// TestTogether asks the same of windows of all sizes with and without keeping what was found,
// page by page.
func TestTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	features := make([]geo.Feature, 12_000)
	for i := range features {
		f := geo.Feature{ID: geo.NumberID(strconv.Itoa(i)), Geometry: orb.Point{r.NormFloat64() * 10, r.NormFloat64() * 10}}
		if r.IntN(10) > 0 {
			start := period.Instant(r.IntN(1000))
			f.Valid = period.Exactly(period.Between(start, start+1+period.Instant(r.IntN(300))))
		}
		features[i] = f
	}
	s := layers.NewMemory(features)
	ctx := context.Background()
	page := func(q layers.Query) (list []string, next layers.Cursor) {
		for f, err := range s.Features(ctx, q) {
			if err != nil {
				t.Fatal(err)
			}
			if list = append(list, f.ID.String()); len(list) == q.Limit-1 {
				next = s.Cursor(f, q)
			}
		}
		return list, next
	}
	for range 200 {
		x, y, side := r.NormFloat64()*10, r.NormFloat64()*10, r.Float64()*r.Float64()*40
		q := layers.Query{Limit: 1 + r.IntN(40), Bounds: []orb.Bound{{Min: orb.Point{x - side, y - side}, Max: orb.Point{x + side, y + side}}}}
		if r.IntN(3) > 0 {
			start := period.Instant(r.IntN(1000))
			q.Valid = period.Between(start, start+1+period.Instant(r.IntN(2)*r.IntN(200)))
		}
		if r.IntN(4) == 0 {
			q.Reading = period.Certain
		}
		for range 3 {
			together, done := q.Together()
			if got, want := mustStable(t, s, together), mustStable(t, s, q); got != want {
				t.Fatalf("Stable(%v) = %v together, %v alone", q, got, want)
			}
			got, known, err := s.Count(ctx, together, 0)
			if want, _, _ := s.Count(ctx, q, 0); got != want || !known || err != nil {
				t.Fatalf("Count(%v) = %d together, %d alone", q, got, want)
			}
			gotPage, gotNext := page(together)
			done()
			wantPage, wantNext := page(q)
			if !slices.Equal(gotPage, wantPage) || gotNext != wantNext {
				t.Fatalf("%v: %v, then %q together; %v, then %q alone", q, gotPage, gotNext, wantPage, wantNext)
			}
			if q.After = wantNext; q.After == "" {
				break
			}
		}
	}
}

func mustStable(t *testing.T, s layers.Source, q layers.Query) period.Period {
	t.Helper()
	p, err := s.Stable(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
