package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime"

	"kharita/geo/tile"
	"kharita/internal/layers"
	"kharita/internal/server"
)

// allocations counts what cannot be seen from outside: the allocations of a tile, in
// this process, on one goroutine.
func (b *bench) allocations(_ context.Context, mades []*made) error {
	m := pick(mades, "cities")
	t := &table{Title: "Allocations a tile of " + m.id, Head: []string{"what", "allocations", "bytes"}}
	t.note("Means over the list of 500, in one process, without a network. A request is the same for all: a URL and one header.")
	snapshot, _ := layers.Load(os.DirFS(m.dir)) // the data is ours: nothing is wrong with it
	s, err := server.New(server.Config{Snapshot: snapshot, CacheBytes: 1 << 30, Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	layer := snapshot.Layers[0]
	set, err := tile.NewSet(layer.Features(context.Background(), layers.Query{}), tile.Options{Layer: m.id, Properties: layer.Tile.Properties})
	if err != nil {
		return err
	}
	orb, err := newOrbTiles(m.file())
	if err != nil {
		return err
	}
	tiles := m.tiles()
	addresses := make([]tile.Address, len(tiles))
	requests := make([]*http.Request, len(tiles))
	bodies := map[string][]byte{}
	for i, at := range tiles {
		if addresses[i], err = tile.NewAddress(uint8(at.Z), at.X, at.Y); err != nil {
			return err
		}
		u, err := url.Parse(kharitaPath(m, at))
		if err != nil {
			return err
		}
		requests[i] = &http.Request{Method: http.MethodGet, URL: u, RequestURI: u.Path, Host: "localhost", Header: http.Header{"Accept-Encoding": {"gzip"}}}
		bodies[u.Path] = []byte{0}
	}
	var dst []byte
	draw := func(i int) { dst = set.Append(dst[:0], addresses[i], tile.Slice{}, nil) }
	ask := func(h http.Handler) func(int) {
		w := &discard{header: http.Header{}}
		return func(i int) {
			clear(w.header)
			h.ServeHTTP(w, requests[i])
		}
	}
	perTile(len(tiles), draw) // the zooms are made when first asked for
	for _, line := range []struct {
		name string
		do   func(int)
		n    int
	}{
		{"encoder, raw tile", draw, len(tiles)},
		{"request, cold", ask(s), len(tiles)},
		{"request, cached", ask(s), len(tiles)},
		{"bare gin", ask(bareGin(bodies)), len(tiles)},
		{"orb, raw tile", func(i int) { _, err = orb.tile(tiles[i], false) }, len(tiles) / 10},
	} {
		mallocs, bytes := perTile(line.n, line.do)
		t.row(line.name, figure(mallocs), kb(int64(bytes)))
	}
	if err != nil {
		return fmt.Errorf("orb: %w", err)
	}
	return b.report.add(t)
}

// perTile returns the mean of n calls.
func perTile(n int, do func(int)) (mallocs, bytes float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		do(i)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
