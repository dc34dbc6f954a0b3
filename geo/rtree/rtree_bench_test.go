package rtree_test

import (
	"math/rand/v2"
	"testing"

	"kharita/geo/rtree"
)

// BenchmarkVersions asks for a window at an instant among 20,000 sites with ten
// versions each, and asks the same of one version alone. The ratio of the two is
// what time costs.
func BenchmarkVersions(b *testing.B) {
	const sites, n = 20000, 10
	boxes := versions(rand.New(rand.NewPCG(5, 6)), sites, n)
	var one []rtree.Box
	for i, x := range boxes {
		if i%n == 5 {
			one = append(one, x)
		}
	}
	all, alone := rtree.New(boxes), rtree.New(one)
	for _, w := range []struct {
		name string
		side float64 // share of the world's side
	}{{"window=2%", .02}, {"window=25%", .25}} {
		r := rand.New(rand.NewPCG(7, 8))
		queries := make([]rtree.Box, 256)
		for i := range queries {
			x, y := r.Float64()*360*(1-w.side)-180, r.Float64()*170*(1-w.side)-85
			// 5500..6000 lies in version 5 of every site, and in it alone
			queries[i] = rtree.Box{MinX: x, MinY: y, MaxX: x + 360*w.side, MaxY: y + 170*w.side, Start: 5500, End: 5501}
		}
		run := func(b *testing.B, t *rtree.Tree) float64 {
			b.Helper()
			i, hits := 0, 0
			for b.Loop() {
				for range t.Search(queries[i%len(queries)]) {
					hits++
				}
				i++
			}
			b.ReportMetric(float64(hits)/float64(i), "hits/op")
			return float64(b.Elapsed().Nanoseconds()) / float64(i)
		}
		var base float64
		b.Run(w.name+"/alone", func(b *testing.B) { base = run(b, alone) })
		b.Run(w.name+"/versions", func(b *testing.B) {
			if t := run(b, all); base > 0 {
				b.ReportMetric(t/base, "×alone")
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	boxes := versions(rand.New(rand.NewPCG(5, 6)), 20000, 10)
	run := func(b *testing.B) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			rtree.New(boxes)
		}
	}
	b.Run("boxes", run)
	for i := range boxes {
		boxes[i].MaxX, boxes[i].MaxY = boxes[i].MinX, boxes[i].MinY
	}
	b.Run("points", run)
}

// BenchmarkPoints asks for windows among 200,000 points, a fifth of them at any one time.
func BenchmarkPoints(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	points := make([]rtree.Box, 200_000)
	for i := range points {
		x, y, start := r.Float64()*360-180, r.Float64()*170-85, r.Int64N(100)
		points[i] = rtree.Box{MinX: x, MinY: y, MaxX: x, MaxY: y, Start: start, End: start + 1 + r.Int64N(50)}
	}
	tree := rtree.New(points)
	hits := 0
	for b.Loop() {
		x, y := r.Float64()*350-180, r.Float64()*160-85
		for i, b := range tree.Boxes(rtree.Box{MinX: x, MinY: y, MaxX: x + 5, MaxY: y + 5, Start: 50, End: 51}) {
			hits += i + int(b.Start)
		}
	}
}
