package server_test

import (
	"context"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/internal/layers"
	"kharita/internal/server"
)

// TestWarmStops: it returns soon after its context ends, in the midst of work, after an
// update and when there is nothing to do any more.
func TestWarmStops(t *testing.T) {
	snapshot, _ := layers.Load(fs.FS(atlas.Files))
	base, _ := layers.Load(basemap.Files)
	for _, c := range []struct {
		name   string
		wait   time.Duration
		update bool
	}{
		{"at once", 0, false},
		{"in the midst", 50 * time.Millisecond, false},
		{"after an update", 50 * time.Millisecond, true},
		{"later", 2 * time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := server.New(server.Config{Snapshot: snapshot.WithBase(base), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); s.Warm(ctx) }()
			time.Sleep(c.wait)
			if c.update {
				if err := s.Update(snapshot, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.wait)
			}
			cancel()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on")
			}
		})
	}
}
