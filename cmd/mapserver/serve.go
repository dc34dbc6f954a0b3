package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/data/glyphs"
	"kharita/internal/layers"
	"kharita/internal/server"
	"kharita/internal/store"
	"kharita/web/leaflet"
)

type serveCommand struct {
	Data       string `help:"Folder of GeoJSON files and sidecars; the shipped atlas if left out." type:"path" placeholder:"DIR" env:"KHARITA_DATA"`
	Watch      bool   `help:"Follow what changes in the folder (--no-watch: don't)." default:"true" negatable:"" env:"KHARITA_WATCH"`
	Listen     string `help:"Address to listen at." default:"localhost:8080" placeholder:"HOST:PORT" env:"KHARITA_LISTEN"`
	URL        string `help:"Public address, where it differs from the one that clients ask for." placeholder:"URL" env:"KHARITA_URL"`
	CacheBytes int64  `help:"Bound of all cached answers together, in bytes." default:"67108864" placeholder:"N" env:"KHARITA_CACHE_BYTES"`
	Cache      string `help:"Folder in which to keep what is made of the data, so that the next start is quick; none if left out." type:"path" placeholder:"DIR" env:"KHARITA_CACHE"`
	LogFormat  string `help:"How to log: text or json." enum:"text,json" default:"text" env:"KHARITA_LOG_FORMAT"`
}

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	shutdownTimeout   = 10 * time.Second
)

// Run serves until ctx ends, then lets requests under way finish.
func (cmd *serveCommand) Run(ctx context.Context, c console) error {
	log := slog.New(slog.NewTextHandler(c.stderr, nil))
	if cmd.LogFormat == "json" {
		log = slog.New(slog.NewJSONHandler(c.stderr, nil))
	}
	data := fs.FS(atlas.Files)
	if cmd.Data != "" {
		var err error
		if data, err = folder(cmd.Data); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", cmd.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("address %s is in use: stop the other program, or choose one with --listen localhost:8081", cmd.Listen)
	}
	if err != nil {
		return fmt.Errorf("listen at %s: %w", cmd.Listen, err)
	}
	kept := cmd.openCache(log)
	defer kept.Close()
	start := time.Now()
	heap := newHeap()
	heap.load()
	ctx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	var changes <-chan struct{} // nil: never
	if cmd.Data != "" && cmd.Watch {
		changes = layers.Watch(ctx, cmd.Data) // from before the first look, so that nothing falls between
	}
	base, baseProblems := layers.NewFolder(basemap.Files).KeptIn(kept, "base map").Load()
	for _, p := range baseProblems {
		log.Error("problem in the base map", "problem", p.String())
	}
	folder := layers.NewFolder(data).Over(base).KeptIn(kept, cmp.Or(cmd.Data, "atlas"))
	snapshot, problems := folder.Load()
	logProblems(log, nil, problems)
	assets, err := fs.Sub(leaflet.Dist, "dist")
	if err != nil {
		return err
	}
	handler, err := server.New(server.Config{
		Snapshot: snapshot.WithBase(base), Problems: problems, Assets: assets, Glyphs: glyphs.Files,
		URL: cmd.URL, CacheBytes: cmd.CacheBytes, Version: version(), Log: log, Warmed: heap.ready,
	})
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	log.Info("serving", "url", "http://"+listener.Addr().String(), "layers", len(snapshot.Layers), "problems", len(problems), "load", time.Since(start).Round(time.Millisecond))
	background.Go(func() {
		heap.loaded(true)
		handler.Warm(ctx)
	})
	if changes != nil {
		f := follower{folder, base, handler, log, heap, snapshot, problems}
		background.Go(func() { f.run(changes) })
	}
	failed := make(chan error, 1)
	go func() { failed <- handler.Serve(srv, listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: finishing what is under way")
	// The context that ended is what asks for the stop; the requests get their own time.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	log.Info("stopped")
	return nil
}

// openCache returns the store that --cache names; nil if it names none that can be used.
func (cmd *serveCommand) openCache(log *slog.Logger) *store.Store {
	if cmd.Cache == "" {
		return nil
	}
	s, err := store.Open(cmd.Cache, build(), log)
	if err != nil {
		log.Warn("no cache: each start reads all data anew; name a folder that can be written to with --cache", "error", err)
		return nil
	}
	return s
}

// build names this very program: what another one made of the same data may differ.
func build() string {
	name := version()
	if file, err := os.Executable(); err == nil {
		if info, err := os.Stat(file); err == nil {
			name += fmt.Sprintf(" of %d bytes, %s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
		}
	}
	return name
}
