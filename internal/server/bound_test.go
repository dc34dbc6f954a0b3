package server_test

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// A sink is a response that keeps nothing but its status and how many bytes there were.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { s.bytes += len(b); return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// TestCachedTileAllocates nothing beyond what gin allocates for a handler that writes the
// same bytes and headers, whatever the URL says.
func TestCachedTileAllocates(t *testing.T) {
	s := whole(t, 0)
	revision := decode[struct{ Revision string }](t, get(t, s, "/atlas.json")).Revision
	gin.SetMode(gin.ReleaseMode)
	bare := gin.New()
	header, content := http.Header{}, []byte{}
	bare.GET("/*path", func(c *gin.Context) {
		h := c.Writer.Header()
		for name, values := range header {
			h[name] = values
		}
		c.Status(http.StatusOK)
		_, _ = c.Writer.Write(content)
	})
	for _, query := range []string{"", "?rev=" + revision, "?datetime=2015-03-01", "?collections=base-countries&datetime=2014&certainty=certain&rev=" + revision} {
		target := "/tiles/WebMercatorQuad/5/12/19" + query
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
		first := get(t, s, target, "Accept-Encoding", "gzip, deflate, br, zstd")
		header, content = first.Header, body(t, first)
		w := &sink{header: http.Header{}}
		// What one request allocates at least: others allocate meanwhile, and with -race
		// a sync.Pool forgets one in four of what it is given.
		count := func(h http.Handler) float64 {
			least := math.Inf(1)
			for range 200 {
				least = min(least, testing.AllocsPerRun(1, func() {
					clear(w.header)
					h.ServeHTTP(w, r)
				}))
			}
			return least
		}
		if got, want := count(s), count(bare); got > want || w.status != http.StatusOK {
			t.Errorf("%s: %v allocations, a bare gin handler has %v", query, got, want)
		}
	}
}

// crawl asks for n tiles, each at another address and some of them at a date, half of them
// empty, and reports what the heap then holds beyond what it held before.
func crawl(t *testing.T, cacheBytes int64, n int) (grown int64) {
	t.Helper()
	var areas strings.Builder
	areas.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 40 { // the north of the world, again and again
		if i > 0 {
			areas.WriteByte(',')
		}
		fmt.Fprintf(&areas, `{"type":"Feature","id":%d,"geometry":{"type":"Polygon","coordinates":[[[-180,0],[180,0],[180,85],[-180,85],[-180,0]]]},"properties":{"name":"Area %d","start":"%d","end":"%d"}}`,
			i+1, i, 1900+i, 1960+i)
	}
	areas.WriteString("]}")
	snapshot, problems := layers.Load(fstest.MapFS{"areas.geojson": {Data: []byte(areas.String())}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s, err := server.New(server.Config{Snapshot: snapshot, CacheBytes: cacheBytes, Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse)
	}
	w := &sink{header: http.Header{}}
	ask := func(i int) {
		const z = 11 // 2^22 addresses: this walk meets none twice
		at := uint32(i) * 2654435761 >> 10
		target := fmt.Sprintf("/tiles/WebMercatorQuad/%d/%d/%d", z, at>>z, at&(1<<z-1))
		if i%4 == 0 {
			target += fmt.Sprintf("?datetime=%d", 1900+i%120)
		}
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		clear(w.header)
		if s.ServeHTTP(w, r); w.status != http.StatusOK && w.status != http.StatusNoContent {
			t.Fatal(target, w.status)
		}
	}
	for i := range 1000 { // pools and the like
		ask(i)
	}
	before := heap()
	for i := 1000; i < n; i++ {
		ask(i)
	}
	grown = heap() - before
	if made := s.Encoded(); made < uint64(n)/2 {
		t.Errorf("%d tiles were made for %d requests", made, n)
	}
	return grown
}

// TestCrawl: all caches together keep to their bound, however many tiles are asked for.
func TestCrawl(t *testing.T) {
	const bound = 4 << 20
	grown := crawl(t, bound, 15_000)
	if t.Logf("the heap grew by %d bytes", grown); grown > bound {
		t.Errorf("the heap grew by %d bytes, the caches' bound is %d", grown, bound)
	}
}
