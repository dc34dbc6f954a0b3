package layers_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// TestCursorReload goes through a source that is replaced between one page and the
// next: features come and go, the order of those that stay does not change. Each
// that is there all the time comes once.
func TestCursorReload(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	source := func(ids []int) layers.Source {
		features := make([]geo.Feature, len(ids))
		for i, id := range ids {
			features[i] = geo.Feature{ID: geo.TextID("f:" + strconv.Itoa(id)), Geometry: orb.Point{float64(id%360) - 180, 0}}
		}
		return layers.NewMemory(features)
	}
	for range 200 {
		limit := 1 + r.IntN(7)
		var ids []int // each tenth is there for good
		for i := range 300 {
			ids = append(ids, i*10)
		}
		stays := func(id int) bool { return id%10 == 0 && id/10%3 != 0 }
		var got []string
		q := layers.Query{Limit: limit}
		if r.IntN(2) == 0 {
			q.Bounds = []orb.Bound{{Min: orb.Point{-180, -1}, Max: orb.Point{180, 1}}}
		}
		for {
			s := source(ids)
			var page []geo.Feature
			for f, err := range s.Features(context.Background(), q) {
				if err != nil {
					t.Fatal(err)
				}
				page = append(page, f)
			}
			for _, f := range page {
				if n, _ := strconv.Atoi(f.ID.String()[2:]); stays(n) {
					got = append(got, f.ID.String())
				}
			}
			if len(page) < limit {
				break
			}
			q.After = s.Cursor(page[len(page)-1], q)
			for range r.IntN(3) { // new ones
				at := r.IntN(len(ids))
				if id := ids[at] + 1 + r.IntN(8); ids[at]%10 == 0 && !slices.Contains(ids, id) {
					ids = slices.Insert(ids, at+1, id)
				}
			}
			ids = slices.DeleteFunc(ids, func(id int) bool { return !stays(id) && r.IntN(4) == 0 })
		}
		var want []string
		for i := range 300 {
			if stays(i * 10) {
				want = append(want, "f:"+strconv.Itoa(i*10))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pages of %d: got %d, want %d: %v", limit, len(got), len(want), got)
		}
	}
}

// TestCells goes page by page through what lies in bounds of a source that is replaced between
// one page and the next: points and boxes, at all times and at one. Each that is there all
// the time comes once, and nothing comes that is not asked for.
func TestCells(t *testing.T) {
	const sites = 6000
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(21, seed))
		all := boxes(sites, 1)
		for i := range all {
			b := all[i].Geometry.Bound()
			if seed%2 == 0 {
				all[i].Geometry = b.Min
			} else if i%7 == 0 { // long ones, over many cells
				all[i].Geometry = orb.LineString{b.Min, {b.Min[0] / 2, b.Min[1] / 3}}
			}
		}
		x, y := 100*r.Float64()-90, 60*r.Float64()-50
		q := layers.Query{Limit: 1 + r.IntN(6), Bounds: []orb.Bound{{Min: orb.Point{x, y}, Max: orb.Point{x + 60, y + 35}}}}
		switch r.IntN(3) {
		case 0:
			q.Bounds = append(q.Bounds, orb.Bound{Min: orb.Point{x + 15, y - 10}, Max: orb.Point{x + 25, y + 40}})
		case 1:
			q.Valid = period.At(700)
		}
		there := make([]bool, sites)
		stays := func(i int) bool { return i%3 != 0 }
		want := map[string]bool{}
		for i, f := range all {
			there[i] = stays(i) || r.IntN(2) == 0
			if stays(i) && f.Valid.Possible.Intersects(q.Valid) && slices.ContainsFunc(q.Bounds, func(b orb.Bound) bool { return geo.Intersects(f.Geometry, b) }) {
				want[f.ID.String()] = true
			}
		}
		got, pages, byCell := map[string]bool{}, 0, false
		for more := true; more; pages++ {
			var now []geo.Feature
			for i, f := range all {
				if !stays(i) && r.IntN(4) == 0 {
					there[i] = !there[i]
				}
				if there[i] {
					now = append(now, f)
				}
			}
			s := layers.NewMemory(now)
			var last geo.Feature
			n := 0
			for f, err := range s.Features(context.Background(), q) {
				if err != nil {
					t.Fatal(err)
				}
				id := f.ID.String()
				if i, _ := strconv.Atoi(id[:len(id)-2]); stays(i) && (got[id] || !want[id]) {
					t.Fatalf("%+v: %s comes again: %t", q, id, got[id])
				}
				got[id], last = true, f
				n++
			}
			if more = n == q.Limit; more {
				q.After = s.Cursor(last, q)
			}
			byCell = byCell || q.After != "" && q.After[0] == '.'
		}
		for id := range want {
			if !got[id] {
				t.Errorf("%+v: %s is lost", q, id)
			}
		}
		if !byCell {
			t.Errorf("%+v: %d pages, none by cell", q, pages)
		}
	}
}

// TestCursorGone: where nothing tells the place any more, the next page is refused.
func TestCursorGone(t *testing.T) {
	before, after := boxes(40, 1), boxes(80, 1)[40:]
	s := layers.NewMemory(before)
	q := layers.Query{Limit: 3, After: s.Cursor(before[20], layers.Query{})}
	for _, err := range layers.NewMemory(after).Features(context.Background(), q) {
		if !errors.Is(err, layers.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
		return
	}
	t.Fatal("no error")
}
