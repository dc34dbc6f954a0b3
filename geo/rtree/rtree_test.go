package rtree_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"kharita/geo/rtree"
	"kharita/geo/section"
)

func overlap(a, b rtree.Box) bool {
	for _, x := range []rtree.Box{a, b} {
		if !(x.MinX <= x.MaxX && x.MinY <= x.MaxY && x.Start < x.End) {
			return false
		}
	}
	return a.MinX <= b.MaxX && b.MinX <= a.MaxX && a.MinY <= b.MaxY && b.MinY <= a.MaxY &&
		a.Start < b.End && b.Start < a.End
}

func bruteForce(boxes []rtree.Box, q rtree.Box) []int {
	var found []int
	for i, b := range boxes {
		if overlap(b, q) {
			found = append(found, i)
		}
	}
	return found
}

func search(t *rtree.Tree, q rtree.Box) []int {
	found := slices.Collect(t.Search(q))
	slices.Sort(found)
	return found
}

// written returns t as it is after it was written and read.
func written(tb testing.TB, t *rtree.Tree) *rtree.Tree {
	tb.Helper()
	var b bytes.Buffer
	w := section.NewWriter(&b)
	t.Write(w)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	f, err := section.Open(b.Bytes(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	got := rtree.Read(f)
	if err := f.Err(); err != nil {
		tb.Fatal(err)
	}
	return got
}

// versions returns sites places with n versions each, one after the other in time.
func versions(r *rand.Rand, sites, n int) []rtree.Box {
	boxes := make([]rtree.Box, 0, sites*n)
	for range sites {
		x, y := r.Float64()*360-180, r.Float64()*170-85
		w, h := r.Float64()*.4, r.Float64()*.4
		for v := range n {
			boxes = append(boxes, rtree.Box{
				MinX: x, MinY: y, MaxX: x + w, MaxY: y + h,
				Start: int64(v*1000 + r.IntN(300)), End: int64(v*1000 + 1000 + r.IntN(300)),
			})
		}
	}
	return boxes
}

func TestSearchEqualsBruteForce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 15, 16, 17, 255, 256, 257, 700, 5000} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		boxes := mixed(r, n)
		points := slices.Clone(boxes)
		for i := range points {
			if b := &points[i]; b.MinX <= b.MaxX {
				b.MaxX, b.MaxY = b.MinX, b.MinY
			}
		}
		last := append(slices.Clone(points), rtree.Always(3, 3, 4, 4))
		t.Run(fmt.Sprintf("%d boxes", n), func(t *testing.T) { testSearch(t, r, boxes, 200) })
		t.Run(fmt.Sprintf("%d points", n), func(t *testing.T) { testSearch(t, r, points, 200) })
		t.Run(fmt.Sprintf("%d points, then a box", n), func(t *testing.T) { testSearch(t, r, last, 20) })
	}
}

// Points have more different times than can be shared.
func TestManyTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	points := make([]rtree.Box, 70_000)
	for i := range points {
		x, y := r.Float64()*20, r.Float64()*20
		points[i] = rtree.Box{x, y, x, y, int64(i), int64(i) + r.Int64N(1000)}
	}
	testSearch(t, r, points, 10)
}

// mixed returns n boxes of all kinds.
func mixed(r *rand.Rand, n int) []rtree.Box {
	boxes := make([]rtree.Box, n)
	for i := range boxes {
		b := rtree.Always(r.Float64()*20, r.Float64()*20, 0, 0)
		b.MaxX, b.MaxY = b.MinX+r.Float64(), b.MinY+r.Float64()
		switch r.IntN(8) {
		case 0: // always
		case 1:
			b.Start = r.Int64N(1000)
		case 2:
			b.End = r.Int64N(1000)
		case 3:
			b.MaxX = b.MinX - 1 // empty
		case 4:
			b.Start, b.End = 5, 5 // empty
		case 5:
			b.MaxX, b.MaxY = b.MinX, b.MinY // a point
		default:
			b.Start = r.Int64N(1000)
			b.End = b.Start + r.Int64N(40)
		}
		boxes[i] = b
	}
	return boxes
}

func testSearch(t *testing.T, r *rand.Rand, boxes []rtree.Box, queries int) {
	t.Helper()
	tree := rtree.New(boxes)
	kept := written(t, tree)
	for range queries {
		q := rtree.Always(r.Float64()*20, r.Float64()*20, 0, 0)
		q.MaxX, q.MaxY = q.MinX+r.Float64()*r.Float64()*20, q.MinY+r.Float64()*r.Float64()*20
		if r.IntN(3) > 0 {
			q.Start = r.Int64N(1000)
			q.End = q.Start + 1 + r.Int64N(1+r.Int64N(300))
		}
		if got, want := search(tree, q), bruteForce(boxes, q); !slices.Equal(got, want) {
			t.Fatalf("Search(%v) = %v, want %v", q, got, want)
		}
		if got, want := slices.Collect(kept.Search(q)), slices.Collect(tree.Search(q)); !slices.Equal(got, want) {
			t.Fatalf("Search(%v) = %v once written, want %v", q, got, want)
		}
		looked := 0
		counted := tree.Count(q, func(i int, covered bool) bool {
			if b := boxes[i]; covered != (q.MinX <= b.MinX && b.MaxX <= q.MaxX && q.MinY <= b.MinY && b.MaxY <= q.MaxY) {
				t.Fatalf("Count(%v): %v is covered: %t", q, b, covered)
			}
			looked++
			return true
		})
		n := 0
		for i, b := range tree.Boxes(q) {
			if n++; b != boxes[i] {
				t.Fatalf("Boxes(%v): %d is %v, want %v", q, i, b, boxes[i])
			}
		}
		if counted+looked != n {
			t.Fatalf("Count(%v) = %d, and %d to look at, of %d", q, counted, looked, n)
		}
		if got := tree.Guess(q); n > 2*got+1 {
			t.Fatalf("Guess(%v) = %d of %d", q, got, n)
		}
		q.Start, q.End = math.MinInt64, math.MaxInt64
		places, guess, ok := tree.Gather(nil, q, n/2)
		if want := tree.Guess(q); ok != (guess <= n/2) || ok && guess != want || !ok && want <= n/2 {
			t.Fatalf("Gather(%v) guesses %d, want %d", q, guess, want)
		}
		if !ok {
			places, _, _ = tree.Gather(nil, q, math.MaxInt)
		}
		var got []int
		times := tree.Times(nil, places)
		for k, place := range places {
			i, x, y := tree.Corner(place)
			if b := boxes[i]; x != b.MinX || y != b.MinY || times[k] != [2]int64{b.Start, b.End} {
				t.Fatalf("%d is at %g %g in %v, want %v", place, x, y, times[k], b)
			}
			got = append(got, i)
		}
		if want := slices.Collect(tree.Search(q)); !slices.Equal(got, want) {
			t.Fatalf("Gather(%v) = %v, want %v", q, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	boxes := versions(r, 500, 10)
	tree := rtree.New(boxes)
	for range 300 {
		x, y, at := r.Float64()*360-180, r.Float64()*170-85, r.Int64N(11000)
		q := rtree.Box{MinX: x, MinY: y, MaxX: x + r.Float64()*90, MaxY: y + r.Float64()*90, Start: at, End: at + 1}
		if got, want := search(tree, q), bruteForce(boxes, q); !slices.Equal(got, want) {
			t.Fatalf("Search(%v) = %v, want %v", q, got, want)
		}
	}
}

func TestEmptyQueries(t *testing.T) {
	nan := math.NaN()
	tree := rtree.New([]rtree.Box{rtree.Always(0, 0, 1, 1), rtree.Always(nan, 0, nan, 1)})
	if got, want := tree.Len(), 1; got != want {
		t.Errorf("Len = %d, want %d", got, want)
	}
	for _, q := range []rtree.Box{
		{MaxX: 1, MaxY: 1},
		rtree.Always(1, 1, 0, 0),
		rtree.Always(nan, nan, nan, nan),
		{0, 0, 1, 1, 7, 7},
		{0, 0, 1, 1, math.MaxInt64, math.MinInt64},
	} {
		if got := search(tree, q); len(got) != 0 {
			t.Errorf("Search(%v) = %v, want nothing", q, got)
		}
	}
	var zero rtree.Tree
	if got := search(&zero, rtree.Always(0, 0, 1, 1)); len(got) != 0 {
		t.Errorf("the zero tree found %v", got)
	}
}

func TestSearchStopsAndAllocatesNothing(t *testing.T) {
	boxes := versions(rand.New(rand.NewPCG(4, 4)), 200, 10)
	testAllocatesNothing(t, boxes)
	for i := range boxes {
		boxes[i].MaxX, boxes[i].MaxY = boxes[i].MinX, boxes[i].MinY
	}
	testAllocatesNothing(t, boxes)
}

func testAllocatesNothing(t *testing.T, boxes []rtree.Box) {
	t.Helper()
	tree := rtree.New(boxes)
	all := rtree.Always(-180, -90, 180, 90)
	n := 0
	for range tree.Search(all) {
		if n++; n == 7 {
			break
		}
	}
	if n != 7 {
		t.Errorf("stopped after %d, want 7", n)
	}
	q := rtree.Box{MinX: -50, MinY: -50, MaxX: 50, MaxY: 50, Start: 4000, End: 4001}
	sum := 0
	if got := testing.AllocsPerRun(100, func() {
		for i := range tree.Search(q) {
			sum += i
		}
		for i, b := range tree.Boxes(q) {
			sum += i + int(b.MinX)
		}
	}); got != 0 {
		t.Errorf("two searches allocate %v times", got)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add([]byte("kharita rtree: boxes, then a query, each of six numbers"), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, repeat uint8) {
		next := func() float64 {
			if len(data) < 2 {
				return 1
			}
			v := int16(binary.LittleEndian.Uint16(data))
			data = data[2:]
			if v == math.MaxInt16 {
				return math.NaN()
			}
			return float64(v) / 64
		}
		box := func() rtree.Box {
			return rtree.Box{next(), next(), next(), next(), int64(next()), int64(next())}
		}
		var boxes []rtree.Box
		q := box()
		for len(data) >= 12 && len(boxes) < 200 {
			boxes = append(boxes, box())
		}
		boxes = slices.Repeat(boxes, 1+int(repeat)/16)
		if got, want := search(rtree.New(boxes), q), bruteForce(boxes, q); !slices.Equal(got, want) {
			t.Errorf("Search(%v) in %v = %v, want %v", q, boxes, got, want)
		}
	})
}

func ExampleTree_Search() {
	tree := rtree.New([]rtree.Box{
		rtree.Always(43.0, 36.2, 43.3, 36.5),
		{MinX: 38.9, MinY: 35.9, MaxX: 39.1, MaxY: 36.0, Start: 1389571200000, End: 1508198400000},
	})
	year := rtree.Box{MinX: 38, MinY: 35, MaxX: 44, MaxY: 37, Start: 1293840000000, End: 1325376000000}
	for i := range tree.Search(year) {
		fmt.Println(i)
	}
	// Output: 0
}
