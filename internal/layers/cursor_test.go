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
			q.After = s.Cursor(page[len(page)-1], nil)
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

// TestCursorGone: where nothing tells the place any more, the next page is refused.
func TestCursorGone(t *testing.T) {
	before, after := boxes(40, 1), boxes(80, 1)[40:]
	s := layers.NewMemory(before)
	q := layers.Query{Limit: 3, After: s.Cursor(before[20], nil)}
	for _, err := range layers.NewMemory(after).Features(context.Background(), q) {
		if !errors.Is(err, layers.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
		return
	}
	t.Fatal("no error")
}
