package server

import (
	"context"
	"slices"
	"sync"
	"time"
)

// warmZoom is the deepest zoom that is made ready before anybody asks. Deeper ones hold
// nearly all that the files hold, each anew, and few are asked for at first.
const warmZoom = 12

// Warm makes ready what the first tile of each zoom would wait for, of the base map
// first, and again after each Update; it takes half of one processor's time at most.
// Meanwhile, while no request is under way, it makes smaller what clients ask for again
// and again. It returns when ctx ends.
func (s *Server) Warm(ctx context.Context) {
	var improving sync.WaitGroup
	defer improving.Wait()
	improving.Go(func() { s.improve(ctx) })
	for ctx.Err() == nil {
		st := s.state.Load()
		if st.warm(ctx) && s.config.Warmed != nil {
			s.config.Warmed()
		}
		select {
		case <-ctx.Done():
		case <-st.replaced:
		}
	}
}

// A wish is that an answer of the cache be smaller in the codings that somebody wants.
type wish struct {
	key    tileKey
	answer *answer
	wanted codingSet
}

const (
	maxWishes = 1024             // that wait; what is asked for once more is wished for again
	wishAfter = 2                // so many requests for the same coding
	breath    = time.Millisecond // between two looks whether requests are under way
)

// improve fulfils wishes, one after the other.
func (s *Server) improve(ctx context.Context) {
	idle := func() {
		for s.underWay.Load() > 0 && ctx.Err() == nil {
			time.Sleep(breath)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-s.wishes:
			w.answer.improve(w.wanted, idle)
			s.reweigh(w.key, w.answer)
		}
	}
}

// warm makes ready the tiles of st, until it is replaced. It reports whether all are ready.
func (st *state) warm(ctx context.Context) bool {
	for _, list := range [][]string{idsOf(st.Base), idsOf(st.Layers)} {
		for z := range uint8(warmZoom + 1) {
			for _, id := range slices.Sorted(slices.Values(list)) {
				start := time.Now()
				if st.sets[id].Warm(ctx, z) != nil {
					return false
				}
				select {
				case <-ctx.Done():
					return false
				case <-st.replaced:
					return false
				case <-time.After(time.Since(start)):
				}
			}
		}
	}
	return true
}
