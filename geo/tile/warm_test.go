package tile

import (
	"context"
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
)

// After Warm the level of its zoom is there, and no other; an ended context makes nothing.
func TestWarm(t *testing.T) {
	s, err := NewSet(func(yield func(geo.Feature, error) bool) {
		yield(geo.Feature{Geometry: orb.Polygon{{{40, 30}, {50, 30}, {50, 40}, {40, 30}}}}, nil)
	}, Options{Layer: "l", Labels: true, MaxZoom: 9})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for _, z := range []uint8{4, 10, MaxZoom + 1} { // the layer has no zooms below 9
		if err := s.Warm(ctx, z); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := s.Warm(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	for z := range s.levels {
		if got, want := len(s.levels[z].paths) > 0, z == 4; got != want {
			t.Errorf("zoom %d: made %t, want %t", z, got, want)
		}
	}
	if s.labelPoints.tree == nil {
		t.Error("no labels")
	}
}
