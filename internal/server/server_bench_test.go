package server_test

import (
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/internal/layers"
	"kharita/internal/server"
)

func shipped(b *testing.B) *server.Server {
	b.Helper()
	snapshot, _ := layers.Load(fs.FS(atlas.Files))
	base, _ := layers.Load(basemap.Files)
	s, err := server.New(server.Config{Snapshot: snapshot.WithBase(base), Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// listen serves h on loopback and returns its address and a client that keeps one connection.
func listen(b *testing.B, h http.Handler) (string, *http.Client) {
	b.Helper()
	l, err := net.Listen("tcp", "localhost:0") //nolint:noctx // the benchmark's own
	if err != nil {
		b.Fatal(err)
	}
	srv := &http.Server{Handler: h} //nolint:gosec // the benchmark's own
	go srv.Serve(l)                 //nolint:errcheck // closed below
	b.Cleanup(func() { srv.Close() })
	return "http://" + l.Addr().String(), &http.Client{Transport: &http.Transport{DisableCompression: true}}
}

func ask(b *testing.B, c *http.Client, url string) (body []byte, h http.Header) {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil) //nolint:noctx // the benchmark's own
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	a, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Body.Close()
	body, err = io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d %v", url, a.StatusCode, err)
	}
	return body, a.Header
}

// BenchmarkWarmTile compares a cached tile over one loopback connection with a
// bare gin handler that writes the same bytes, by turns in the same run; the
// metric "x-gin" is the ratio of their times.
func BenchmarkWarmTile(b *testing.B) {
	const path = "/tiles/WebMercatorQuad/5/12/19"
	ours, client := listen(b, shipped(b))
	body, header := ask(b, client, ours+path)
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/tiles/:tms/:z/:y/:x", func(c *gin.Context) {
		c.Header("Content-Encoding", header.Get("Content-Encoding"))
		c.Data(http.StatusOK, header.Get("Content-Type"), body)
	})
	bare, _ := listen(b, e)
	var times [2]float64
	for b.Loop() {
		for i, url := range []string{ours, bare} {
			start := time.Now()
			for range 50 {
				ask(b, client, url+path)
			}
			times[i] += time.Since(start).Seconds()
		}
	}
	b.ReportMetric(times[0]/times[1], "x-gin")
	b.ReportMetric(times[0]/float64(b.N)/50*1e6, "µs/tile")
	b.ReportMetric(float64(len(body)), "bytes")
}

// BenchmarkWarmDatedTile asks one cached tile for another day each time, and for
// all times, by turns; the metric "x-undated" is the ratio of their times.
func BenchmarkWarmDatedTile(b *testing.B) {
	const path = "/tiles/WebMercatorQuad/5/12/19"
	ours, client := listen(b, shipped(b))
	var times [2]float64
	day := 0
	dated := func() string {
		day = (day + 1) % 2000
		return ours + path + time.Date(2014, 1, day, 0, 0, 0, 0, time.UTC).Format("?datetime=2006-01-02")
	}
	for range 2000 { // each epoch once
		ask(b, client, dated())
	}
	for b.Loop() {
		for i, url := range []func() string{dated, func() string { return ours + path }} {
			start := time.Now()
			for range 50 {
				ask(b, client, url())
			}
			times[i] += time.Since(start).Seconds()
		}
	}
	b.ReportMetric(times[0]/times[1], "x-undated")
	b.ReportMetric(times[0]/float64(b.N)/50*1e6, "µs/tile")
}

// BenchmarkColdTile is a tile that is not in the cache: encoded, hashed, compressed.
func BenchmarkColdTile(b *testing.B) {
	snapshot, _ := layers.Load(fs.FS(atlas.Files))
	base, _ := layers.Load(basemap.Files)
	s, err := server.New(server.Config{Snapshot: snapshot.WithBase(base), CacheBytes: 1, Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ours, client := listen(b, s)
	for _, path := range []string{"/tiles/WebMercatorQuad/5/12/19", "/tiles/WebMercatorQuad/5/12/19?datetime=2015", "/tiles/WebMercatorQuad/5/12/19?collections=base-countries"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				ask(b, client, ours+path)
			}
		})
	}
}

// BenchmarkItems is a page of features over one loopback connection.
func BenchmarkItems(b *testing.B) {
	ours, client := listen(b, shipped(b))
	for _, path := range []string{"/collections/settlements/items?limit=100", "/collections/isis-held/items?datetime=2015-06-01&bbox=40,34,44,37&limit=100", "/collections/events/items/ev01"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				ask(b, client, ours+path)
			}
		})
	}
}
