package layers_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// boxes returns sites all over the world, each with versions that follow upon
// each other, of which version v holds around the instant 1000*v + 500.
func boxes(sites, versions int) []geo.Feature {
	r := rand.New(rand.NewPCG(5, 6))
	names := geo.NewNames("n")
	features := make([]geo.Feature, 0, sites*versions)
	for site := range sites {
		x, y := 358*r.Float64()-179, 178*r.Float64()-89
		start := period.Instant(r.IntN(400))
		for v := range versions {
			end := period.Instant(1000*(v+1) + r.IntN(400))
			features = append(features, geo.Feature{
				ID:         geo.TextID(strconv.Itoa(site) + "." + strconv.Itoa(v)),
				Geometry:   orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + 0.1*r.Float64(), y + 0.1*r.Float64()}}.ToPolygon(),
				Valid:      period.Exactly(period.New(start, end)),
				Properties: geo.NewProperties(names, []geo.Value{geo.IntValue(int64(site))}),
			})
			start = end
		}
	}
	return features
}

// windows returns n questions for windows of a share of the world at a time.
func windows(n int, share float64, valid period.Period) []layers.Query {
	r := rand.New(rand.NewPCG(7, 8))
	side := math.Sqrt(share)
	queries := make([]layers.Query, n)
	for i := range queries {
		x, y := (1-side)*358*r.Float64()-179, (1-side)*178*r.Float64()-89
		queries[i] = layers.Query{
			Bounds: []orb.Bound{{Min: orb.Point{x, y}, Max: orb.Point{x + side*358, y + side*178}}},
			Valid:  valid,
		}
	}
	return queries
}

func ask(b *testing.B, s layers.Source, q layers.Query) (n int) {
	b.Helper()
	for _, err := range s.Features(context.Background(), q) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

// compare runs the same questions on two sources in turn, so that whatever else
// the machine does is shared, and reports what b costs for each of a.
func compare(b *testing.B, first, second layers.Source, ofFirst, ofSecond []layers.Query, name string) {
	b.Helper()
	var ratios, firsts, seconds []float64
	hits := [2]int{}
	i := 0
	for b.Loop() {
		var took [2]float64
		for side, s := range []layers.Source{first, second} {
			queries := ofFirst
			if side == 1 {
				queries = ofSecond
			}
			best := math.Inf(1)
			for range 3 {
				start := time.Now()
				n := 0
				for k := range 16 {
					n += ask(b, s, queries[(i+k)%len(queries)])
				}
				best = min(best, float64(time.Since(start).Nanoseconds()))
				hits[side] += n
			}
			took[side] = best / 16
		}
		i += 16
		firsts, seconds, ratios = append(firsts, took[0]), append(seconds, took[1]), append(ratios, took[1]/took[0])
	}
	for _, list := range [][]float64{firsts, seconds, ratios} {
		slices.Sort(list)
	}
	b.ReportMetric(firsts[len(firsts)/2], "ns/first")
	b.ReportMetric(seconds[len(seconds)/2], "ns/second")
	b.ReportMetric(ratios[len(ratios)/2], name)
	b.ReportMetric(float64(hits[0])/float64(len(firsts)*48), "hits/first")
	b.ReportMetric(float64(hits[1])/float64(len(firsts)*48), "hits/second")
}

// BenchmarkVersions: what ten versions of each of 200,000 boxes cost a question
// for a window and an instant, against one version alone; at most 1.3.
func BenchmarkVersions(b *testing.B) {
	const sites, versions = 200_000, 10
	all := boxes(sites, versions)
	var one []geo.Feature
	for i, f := range all {
		if i%versions == 5 {
			one = append(one, f)
		}
	}
	alone, together := layers.NewMemory(one), layers.NewMemory(all)
	for _, share := range []float64{0.0001, 0.01, 0.1} {
		queries := windows(256, share, period.At(5700)) // in version 5 of every site, and in it alone
		for _, q := range queries[:4] {
			want := 0
			for _, f := range all {
				if f.Valid.Possible.Intersects(q.Valid) && geo.Intersects(f.Geometry, q.Bounds[0]) {
					want++
				}
			}
			if got := ask(b, together, q); got != want || ask(b, alone, q) != want {
				b.Fatalf("%v: got %d, want %d", q, got, want)
			}
		}
		b.Run("window="+strconv.FormatFloat(share, 'g', -1, 64), func(b *testing.B) {
			compare(b, alone, together, queries, queries, "×alone")
		})
	}
}

// BenchmarkSizes: what a million features cost a question, against ten thousand
// and an answer of the same size; at most 1.5.
func BenchmarkSizes(b *testing.B) {
	const small, large = 10_000, 1_000_000
	few, many := layers.NewMemory(boxes(small, 1)), layers.NewMemory(boxes(large, 1))
	for _, hits := range []float64{10, 100, 1000} {
		b.Run("hits="+strconv.Itoa(int(hits)), func(b *testing.B) {
			compare(b, few, many, windows(256, hits/small, period.At(700)), windows(256, hits/large, period.At(700)), "×10k")
		})
	}
}
