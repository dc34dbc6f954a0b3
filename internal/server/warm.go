package server

import (
	"context"
	"slices"
	"time"
)

// warmZoom is the deepest zoom that is made ready before anybody asks: below, a tile
// shows little, and there are as many.
const warmZoom = 10

// Warm makes ready what the first tile of each zoom would wait for, of the base map
// first, and again after each Update. It takes half of one processor's time at most,
// and returns when ctx ends.
func (s *Server) Warm(ctx context.Context) {
	for ctx.Err() == nil {
		st := s.state.Load()
		st.warm(ctx)
		select {
		case <-ctx.Done():
		case <-st.replaced:
		}
	}
}

// warm makes ready the tiles of st, until it is replaced.
func (st *state) warm(ctx context.Context) {
	for _, list := range [][]string{idsOf(st.Base), idsOf(st.Layers)} {
		for z := range uint8(warmZoom + 1) {
			for _, id := range slices.Sorted(slices.Values(list)) {
				start := time.Now()
				if st.sets[id].Warm(ctx, z) != nil {
					return
				}
				select {
				case <-ctx.Done():
					return
				case <-st.replaced:
					return
				case <-time.After(time.Since(start)):
				}
			}
		}
	}
}
