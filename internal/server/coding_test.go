package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/internal/layers"
	"kharita/internal/server"
)

// decoders are those of the content codings that the server has.
//
//nolint:gochecknoglobals // a table
var decoders = map[string]func(io.Reader) (io.Reader, error){
	"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
}

// whole serves the shipped atlas with its base map.
func whole(tb testing.TB, cacheBytes int64) *server.Server {
	tb.Helper()
	snapshot, _ := layers.Load(fs.FS(atlas.Files))
	base, _ := layers.Load(basemap.Files)
	s, err := server.New(server.Config{
		Snapshot: snapshot.WithBase(base), CacheBytes: cacheBytes, Version: "test", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestImproves: what is asked for again gets smaller in idle time, under another ETag, and
// who has the first bytes need not fetch them again.
func TestImproves(t *testing.T) {
	const target = "/tiles/WebMercatorQuad/5/12/19"
	s := whole(t, 0)
	want := body(t, get(t, s, target))
	start := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	var warming sync.WaitGroup
	defer warming.Wait()
	defer cancel()
	warming.Go(func() { s.Warm(ctx) })
	for _, c := range []struct{ accept, first, last string }{
		{"gzip", "gzip", "gzip"},
		{"gzip, deflate, br, zstd", "gzip", "br"},
		{"zstd", "zstd", "zstd"},
	} {
		first := get(t, s, target, "Accept-Encoding", c.accept)
		if got := first.Header.Get("Content-Encoding"); got != c.first {
			t.Errorf("%s: coded as %q first, want %q", c.accept, got, c.first)
		}
		size, tag := len(body(t, first)), first.Header.Get("Etag")
		for again := get(t, s, target, "Accept-Encoding", c.accept); ; again = get(t, s, target, "Accept-Encoding", c.accept) {
			if again.Header.Get("Etag") == tag {
				if n := len(body(t, again)); n != size {
					t.Fatalf("%s: %d and %d bytes under one ETag", c.accept, size, n)
				}
				if t.Context().Err() != nil || time.Since(start) > time.Minute {
					t.Fatalf("%s: the tile never got smaller", c.accept)
				}
				time.Sleep(time.Millisecond)
				continue
			}
			coded := body(t, again)
			r, err := decoders[again.Header.Get("Content-Encoding")](bytes.NewReader(coded))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: improved, the tile differs: %v", c.accept, err)
			}
			if coding := again.Header.Get("Content-Encoding"); coding != c.last || len(coded) >= size {
				t.Errorf("%s: %d bytes became %d as %s, want fewer as %s", c.accept, size, len(coded), coding, c.last)
			}
			break
		}
		if r := get(t, s, target, "Accept-Encoding", c.accept, "If-None-Match", tag); r.StatusCode != http.StatusNotModified || r.Header.Get("Etag") != tag {
			t.Errorf("%s: with the first ETag %d, %s", c.accept, r.StatusCode, r.Header.Get("Etag"))
		}
	}
	if got := body(t, get(t, s, target)); !bytes.Equal(got, want) {
		t.Error("the tile by itself differs")
	}
}

// TestOnce: however many clients ask for a cold tile at once, it is encoded once.
func TestOnce(t *testing.T) {
	s := whole(t, 0)
	for _, target := range []string{"/tiles/WebMercatorQuad/6/25/39", "/tiles/WebMercatorQuad/6/25/39?datetime=2015-03-01"} {
		before := s.Encoded()
		start := make(chan struct{})
		var clients sync.WaitGroup
		for range 1000 {
			clients.Go(func() {
				<-start
				w := httptest.NewRecorder()
				r := httptest.NewRequest(http.MethodGet, target, nil)
				r.Header.Set("Accept-Encoding", "gzip")
				if s.ServeHTTP(w, r); w.Code != http.StatusOK {
					t.Error(target, w.Code)
				}
			})
		}
		close(start)
		clients.Wait()
		if n := s.Encoded() - before; n != 1 {
			t.Errorf("%s: encoded %d times", target, n)
		}
	}
}

// TestEmptyTiles: nothing is drawn, and nothing kept, for an empty tile that was asked for
// before, whatever the date.
func TestEmptyTiles(t *testing.T) {
	s := whole(t, 0)
	for _, query := range []string{"", "", "?datetime=2015", "?datetime=2014-07-01", "?datetime=2014-07-01"} {
		before := s.Encoded()
		r := get(t, s, "/tiles/WebMercatorQuad/9/300/20"+query)
		if r.StatusCode != http.StatusNoContent || r.Header.Get("Etag") == "" || (query != "") != (r.Header.Get("Valid-Time") == "../..") {
			t.Errorf("%q: %d, Valid-Time %q", query, r.StatusCode, r.Header.Get("Valid-Time"))
		}
		if n := s.Encoded() - before; n > 0 && query != "" {
			t.Errorf("%q: drawn again", query)
		}
	}
}

// TestAccepted reads Accept-Encoding as RFC 9110 §12.5.3 has it.
func TestAccepted(t *testing.T) {
	s := whole(t, 0)
	for _, c := range []struct{ accept, want string }{
		{"", ""},
		{"gzip", "gzip"},
		{"GZIP", "gzip"},
		{"x-gzip", "gzip"},
		{"deflate", ""},
		{"*", "gzip"},
		{"br", "br"},
		{"zstd", "zstd"},
		{"br, zstd", "zstd"},
		{"gzip, br", "gzip"},
		{"gzip;q=0.5, br;q=0.9", "br"},
		{"gzip; q=0.5 , br ;Q=0.4", "gzip"},
		{"gzip;q=0", ""},
		{"gzip;q=0, *", "zstd"},
		{"gzip;q=0, zstd;q=0, *;q=0.1", "br"},
		{"*;q=0", ""},
		{"identity;q=0, gzip;q=0", ""},
		{"identity, gzip;q=0.5", ""},
		{"identity;q=0.5, gzip;q=1", "gzip"},
		{"identity;q=0, *;q=0.001", "gzip"},
		{",;,gzip,;q", "gzip"},
	} {
		if got := get(t, s, "/collections", "Accept-Encoding", c.accept).Header.Get("Content-Encoding"); got != c.want {
			t.Errorf("Accept-Encoding: %s gives %q, want %q", c.accept, got, c.want)
		}
	}
}
