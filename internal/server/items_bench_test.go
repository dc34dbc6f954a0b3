package server_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/server"
)

// scatteredPoints writes a seeded layer of n points with an id and four properties,
// each of which holds for some years.
func scatteredPoints(n int) []byte {
	var w bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	kinds := []string{"town", "village", "bridge", "crossing", "camp", "hill"}
	fmt.Fprintln(&w, `{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprintln(&w, ",")
		}
		year := 1900 + r.IntN(100)
		fmt.Fprintf(&w, `{"type":"Feature","id":"place-%d","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"Place number %d","kind":%q,"start":"%04d-%02d-%02d","end":"%04d-%02d-%02d"}}`,
			i, r.Float64()*360-180, r.Float64()*170-85, i, kinds[r.IntN(len(kinds))], year, 1+r.IntN(12), 1+r.IntN(28), year+1+r.IntN(20), 1+r.IntN(12), 1+r.IntN(28))
	}
	fmt.Fprintln(&w, "\n]}")
	return w.Bytes()
}

// BenchmarkMillionItems asks for pages of a million points over one loopback
// connection, not compressed, and by turns in the same run a bare gin handler that
// writes the same bytes. Metrics: pages a second and the ratio of the times
// ("x-gin"), of pages that nobody has asked for yet ("fresh") and of the same page
// again; the time of encoding the same features, in hand, into one buffer beside that of a
// fresh page ("of-encoder": 1 is as fast); when the first byte of a fresh page is there, and what
// share that is of the encoder's time ("first-x-encoder"); and the bytes.
func BenchmarkMillionItems(b *testing.B) {
	snapshot, problems := layers.Load(fstest.MapFS{"points.geojson": {Data: scatteredPoints(1_000_000)}})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	s, err := server.New(server.Config{Snapshot: snapshot, Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ours, client := listen(b, s)
	date := period.At(period.Date(1950, 6, 1))
	for _, limit := range []int{10, 100, 1000, 10_000} {
		box := []orb.Bound{{Min: orb.Point{20, 20}, Max: orb.Point{80, 60}}} // a thirtieth of the world
		for _, asked := range []struct {
			text  string
			query layers.Query
		}{
			{"", layers.Query{}},
			{"&datetime=1950-06-01", layers.Query{Valid: date}},
			{"&bbox=20,20,80,60", layers.Query{Bounds: box}},
			{"&bbox=20,20,80,60&datetime=1950-06-01", layers.Query{Bounds: box, Valid: date}},
		} {
			path := "/collections/points/items?limit=" + strconv.Itoa(limit) + asked.text
			asked.query.Limit = limit
			var features []geo.Feature
			for f, err := range snapshot.Layers[0].Features(b.Context(), asked.query) {
				if err != nil {
					b.Fatal(err)
				}
				features = append(features, f)
			}
			b.Run(path, func(b *testing.B) { benchmarkItems(b, features, ours+path, client) })
		}
	}
}

func benchmarkItems(b *testing.B, features []geo.Feature, url string, client *http.Client) {
	b.Helper()
	asked := 0
	var first time.Duration
	get := func(url string, fresh bool) []byte {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		if asked++; fresh {
			request.Host = fmt.Sprintf("host-%d", asked) // stands in the links of the page
		}
		began := time.Now()
		r, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer r.Body.Close()
		if fresh {
			first += time.Since(began)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			b.Fatalf("%d %v", r.StatusCode, err)
		}
		return body
	}
	body := get(url, false)
	if n := bytes.Count(body, []byte(`"Feature"`)); n != len(features) {
		b.Fatalf("%d features, want %d", n, len(features))
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/", func(c *gin.Context) { c.Data(http.StatusOK, "application/geo+json", body) })
	bare, _ := listen(b, e)
	var times [4]float64
	var buf []byte
	encoder := geojson.Writer{Ends: true}
	for b.Loop() {
		for i, f := range []func(){
			func() { get(url, true) },
			func() { get(url, false) },
			func() { get(bare, false) },
			func() {
				buf = buf[:0]
				for _, f := range features {
					buf = append(encoder.AppendFeature(buf, f), ',', '\n')
				}
			},
		} {
			start := time.Now()
			for range 10 {
				f()
			}
			times[i] += time.Since(start).Seconds() / 10
		}
	}
	b.ReportMetric(float64(b.N)/times[0], "fresh-pages/s")
	b.ReportMetric(float64(b.N)/times[1], "pages/s")
	b.ReportMetric(times[0]/times[2], "fresh-x-gin")
	b.ReportMetric(times[1]/times[2], "x-gin")
	b.ReportMetric(times[3]/times[0], "of-encoder")
	b.ReportMetric(first.Seconds()*1e3/float64(10*b.N), "first-byte-ms")
	b.ReportMetric(first.Seconds()/10/times[3], "first-x-encoder")
	b.ReportMetric(float64(len(body)), "bytes")
}
