package server_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"
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

// BenchmarkColdTile makes tiles that are not in the cache, of zooms 0 to 12, each round a
// place where there are points: drawn, named, compressed, without the network.
func BenchmarkColdTile(b *testing.B) {
	r := rand.New(rand.NewPCG(45, 1))
	centres := make([][2]float64, 300)
	for i := range centres {
		centres[i] = [2]float64{r.Float64()*340 - 170, r.Float64()*120 - 55}
	}
	var data bytes.Buffer
	var targets []string
	data.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 171_075 {
		c := centres[int(float64(len(centres))*r.Float64()*r.Float64())]
		lon, lat := min(max(c[0]+r.NormFloat64()*3, -180), 179.9), min(max(c[1]+r.NormFloat64()*2, -84), 84)
		if i > 0 {
			data.WriteByte(',')
		}
		start := 1900 + r.IntN(100)
		fmt.Fprintf(&data, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"Town %x","country":"C%d","start":"%d","end":"%d"}}`,
			i+1, lon, lat, r.Uint32N(1<<19), r.IntN(200), start, start+r.IntN(100))
		if i%400 == 0 {
			z := i / 400 % 13
			n := math.Exp2(float64(z))
			x, y := (lon+180)/360*n, (1-math.Asinh(math.Tan(lat*math.Pi/180))/math.Pi)/2*n
			if target := fmt.Sprintf("/tiles/WebMercatorQuad/%d/%d/%d", z, int(y), int(x)); !slices.Contains(targets, target) {
				targets = append(targets, target)
			}
		}
	}
	data.WriteString("]}")
	snapshot, problems := layers.Load(fstest.MapFS{
		"towns.geojson": {Data: data.Bytes()}, "towns.yaml": {Data: []byte("tile: {properties: [name, country]}\n")},
	})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	s, err := server.New(server.Config{Snapshot: snapshot, CacheBytes: 1, Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, query, coding string }{
		{"plain", "", ""},
		{"gzip", "", "gzip"},
		{"zstd", "", "zstd"},
		{"br", "", "br"},
		{"dated", "?datetime=1950", ""},
		{"dated gzip", "?datetime=1950", "gzip"},
	} {
		b.Run("towns=171075/"+c.name, func(b *testing.B) {
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q := httptest.NewRequest(http.MethodGet, targets[i%len(targets)]+c.query, nil)
				q.Header.Set("Accept-Encoding", c.coding)
				clear(w.header)
				if s.ServeHTTP(w, q); w.status != http.StatusOK && w.status != http.StatusNoContent {
					b.Fatal(w.status)
				}
			}
			b.ReportMetric(float64(w.bytes)/float64(b.N), "tile-B")
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
