package layers_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// BenchmarkRows: what it costs to find the first rows of a million points, per row: of all, of
// those at a date, of a fifteenth of the world, and of both.
func BenchmarkRows(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	features := make([]geo.Feature, 1_000_000)
	for i := range features {
		start := period.Date(1900+r.IntN(100), 1, 1)
		features[i] = geo.Feature{
			ID:       geo.NumberID(strconv.Itoa(i)),
			Geometry: orb.Point{r.Float64()*360 - 180, r.Float64()*170 - 85},
			Valid:    period.Exactly(period.New(start, start+period.Instant(r.IntN(20*365)+1)*86_400_000)),
		}
	}
	s := layers.NewMemory(features)
	box := []orb.Bound{{Min: orb.Point{10, -10}, Max: orb.Point{82, 50}}}
	for _, limit := range []int{1000, 10_000} {
		for _, asked := range []struct {
			name string
			q    layers.Query
		}{
			{"all", layers.Query{}},
			{"date", layers.Query{Valid: period.At(period.Date(1975, 6, 1))}},
			{"box", layers.Query{Bounds: box}},
			{"box+date", layers.Query{Bounds: box, Valid: period.At(period.Date(1975, 6, 1))}},
		} {
			b.Run(strconv.Itoa(limit)+"/"+asked.name, func(b *testing.B) {
				asked.q.Limit = limit
				n := 0
				for b.Loop() {
					n = 0
					for _, err := range s.Rows(b.Context(), asked.q) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
				b.ReportMetric(float64(n), "rows")
			})
		}
	}
}
