package layers_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/store"
)

// writePoints writes a seeded layer of n points with an id and four properties,
// 190 bytes each.
func writePoints(tb testing.TB, file string, n int) {
	tb.Helper()
	f, err := os.Create(file)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	kinds := []string{"town", "village", "bridge", "crossing", "camp", "hill"}
	fmt.Fprintln(w, `{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprintln(w, ",")
		}
		year := 1900 + r.IntN(100)
		fmt.Fprintf(w, `{"type":"Feature","id":"place-%d","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"Place number %d","kind":%q,"start":"%04d-%02d-%02d","population":%d}}`,
			i, r.Float64()*360-180, r.Float64()*170-85, i, kinds[r.IntN(len(kinds))], year, 1+r.IntN(12), 1+r.IntN(28), r.IntN(5_000_000))
	}
	fmt.Fprintln(w, "\n]}")
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

// memory returns the most memory that the process has held since resetMemory, in
// bytes; 0 where the system does not tell.
func memory() (most uint64) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		if f := bytes.Fields(line); len(f) > 1 && string(f[0]) == "VmHWM:" {
			kb, _ := strconv.ParseUint(string(f[1]), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// cpu returns the time that the process has computed.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func resetMemory() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// BenchmarkLoad reads a layer from disk. peak-MB is the most memory that the
// process held while it did (RSS), live-MB what the layer holds afterwards, cpu-s
// what it computed, on all cores: the figure to compare on a machine that is busy.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("points=%d", n), func(b *testing.B) {
			dir := b.TempDir()
			file := filepath.Join(dir, "points.geojson")
			writePoints(b, file, n)
			info, err := os.Stat(file)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(info.Size())
			var s *layers.Snapshot
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			resetMemory()
			start := cpu()
			for b.Loop() {
				var problems []layers.Problem
				s, problems = layers.Load(os.DirFS(dir))
				if len(problems) > 0 || s.Layers[0].Total != n {
					b.Fatal(problems)
				}
			}
			b.ReportMetric((cpu()-start).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(memory())/1e6, "peak-MB")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "live-MB")
			runtime.KeepAlive(s)
		})
	}
}

// BenchmarkKept reads a layer from disk, and as a store has kept it: x is how many times
// as much the process computes for the first, file-MB what is kept. That the kept one is
// asked for a feature and for a window at a date belongs to it.
func BenchmarkKept(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("points=%d", n), func(b *testing.B) {
			dir, cache := b.TempDir(), b.TempDir()
			writePoints(b, filepath.Join(dir, "points.geojson"), n)
			hour := time.Now().Add(-time.Hour)
			if err := os.Chtimes(filepath.Join(dir, "points.geojson"), hour, hour); err != nil {
				b.Fatal(err)
			}
			load := func() time.Duration {
				start := cpu()
				s, err := store.Open(cache, "", slog.Default())
				if err != nil {
					b.Fatal(err)
				}
				snapshot, problems := layers.NewFolder(os.DirFS(dir)).KeptIn(s, dir).Load()
				if len(problems) > 0 || snapshot.Layers[0].Total != n {
					b.Fatal(problems)
				}
				l := snapshot.Layers[0]
				if _, err := l.Feature(context.Background(), "place-7"); err != nil {
					b.Fatal(err)
				}
				q := layers.Query{Bounds: []orb.Bound{{Min: orb.Point{10, 10}, Max: orb.Point{12, 12}}}, Valid: period.At(-1e12)}
				if _, _, err := l.Count(context.Background(), q, 0); err != nil {
					b.Fatal(err)
				}
				if _, err := l.Stable(context.Background(), q); err != nil {
					b.Fatal(err)
				}
				took := cpu() - start
				s.Close()
				return took
			}
			parsed := load()
			start := cpu()
			for b.Loop() {
				load()
			}
			kept := (cpu() - start) / time.Duration(b.N)
			size := int64(0)
			files, err := os.ReadDir(cache)
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range files {
				if info, err := f.Info(); err == nil {
					size += info.Size()
				}
			}
			b.ReportMetric(parsed.Seconds()/kept.Seconds(), "x")
			b.ReportMetric(float64(size)/1e6, "file-MB")
			b.ReportMetric(kept.Seconds()*1e3, "cpu-ms/op")
		})
	}
}
