package main

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// eventually waits for ok and prints how long it took.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("%s: does not come about", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%s: after %v", what, time.Since(start).Round(time.Millisecond))
}

// areas is a layer of n polygons of 40 corners each, of which the first has the given id.
func areas(id string, n int) string {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
			id = fmt.Sprint("area-", i)
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%q,"properties":{"name":"Area %d","start":"2014-06-10","end":"2017"},"geometry":{"type":"Polygon","coordinates":[[`, id, i)
		x, y := 20+float64(i%80)*0.5, -40+float64(i/80%160)*0.5
		for c := range 40 {
			a := float64(c) / 40 * 2 * math.Pi
			fmt.Fprintf(&b, "[%.6f,%.6f],", x+0.2*math.Cos(a), y+0.2*math.Sin(a))
		}
		fmt.Fprintf(&b, "[%.6f,%.6f]]]}}", x+0.2, y)
	}
	b.WriteString("]}")
	return b.String()
}

// TestServeFollowsTheFolder: a change of a file of 5 MB is served, a broken one
// is not, and not one of the requests that go on all the while fails.
func TestServeFollowsTheFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name+".tmp"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, name+".tmp"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	const large = 5000
	write("areas.geojson", areas("first", large))
	write("towns.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","id":"t","geometry":{"type":"Point","coordinates":[21,-39]},"properties":{"year":2014}}]}`)
	url, log, stop := start(t, "--data", dir)
	has := func(id string) func() bool {
		return func() bool { status, _ := fetch(t, url+"/collections/areas/items/"+id); return status == 200 }
	}

	var requests, failures atomic.Int64
	done := make(chan struct{})
	var clients sync.WaitGroup
	finish := sync.OnceFunc(func() { close(done); clients.Wait() })
	defer finish()
	for i := range 4 {
		clients.Go(func() {
			paths := []string{
				"/atlas.json", "/collections/areas/items?limit=20", "/tiles/WebMercatorQuad/2/2/2?datetime=2015", "/tiles/WebMercatorQuad/5/16/18",
				"/collections/towns/tiles/WebMercatorQuad/3/4/4", "/readyz", "/downloads/towns.geojson",
			}
			for n := i; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				requests.Add(1)
				r, err := http.Get(url + paths[n%len(paths)]) //nolint:noctx // the test's own server
				if err != nil || r.StatusCode >= 300 {
					failures.Add(1)
					t.Errorf("%s: %v %v", paths[n%len(paths)], r, err)
					return
				}
				r.Body.Close()
			}
		})
	}

	next := areas("second", large)
	write("areas.geojson", next)
	eventually(t, fmt.Sprintf("%.1f MB of polygons, under load", float64(len(next))/1e6), has("second"))

	half := next[:len(next)/2]
	write("areas.geojson", half)
	place := fmt.Sprintf("areas.geojson:%d:", 1+strings.Count(half, "\n"))
	for what, path := range map[string]string{"readyz": "/readyz", "atlas.json": "/atlas.json"} {
		eventually(t, "problem in "+what, func() bool { _, b := fetch(t, url+path); return strings.Contains(b, place) })
	}
	if !has("second")() {
		t.Error("the last good version is gone")
	}
	write("areas.geojson", areas("third", large))
	eventually(t, "repaired", has("third"))
	eventually(t, "problem gone", func() bool { _, b := fetch(t, url+"/readyz"); return b == "ok\n" })

	write("more.geojson", areas("other", 1))
	eventually(t, "new layer", func() bool { status, _ := fetch(t, url+"/collections/more"); return status == 200 })
	if err := os.Remove(filepath.Join(dir, "more.geojson")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "layer removed", func() bool { status, _ := fetch(t, url+"/collections/more"); return status == 404 })

	finish()
	t.Logf("%d requests, %d failed", requests.Load(), failures.Load())
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{`msg="problem in the data" problem="` + place, `msg="problem is gone" problem="` + place, `msg="data changed" layers=[areas]`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
}

// TestServeWithoutWatching: --watch=false serves what was there at the start.
func TestServeWithoutWatching(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "areas.geojson")
	if err := os.WriteFile(file, []byte(areas("first", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	url, log, stop := start(t, "--data", dir, "--watch=false")
	if err := os.WriteFile(file, []byte(areas("second", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(400 * time.Millisecond)
	if status, _ := fetch(t, url+"/collections/areas/items/first"); status != 200 {
		t.Errorf("status %d:\n%s", status, log)
	}
	stop()
}
