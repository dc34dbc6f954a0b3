package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestDownloadParts: a file has a length, and any part of it can be had (RFC 9110 §14).
func TestDownloadParts(t *testing.T) {
	s := newServer(t)
	web := httptest.NewServer(s)
	defer web.Close()
	for _, file := range []string{"towns.geojson", "towns.geojsonl", "towns.jsonfg", "towns.csv", "towns.kml", "towns.fgb", "towns.gpkg", "atlas.geojson?datetime=2015", "areas.changes.csv?from=2014&to=2016"} {
		at := web.URL + "/downloads/" + file
		head := request(t, at, http.MethodHead)
		whole := body(t, request(t, at, http.MethodGet))
		if head.ContentLength != int64(len(whole)) || head.Header.Get("Accept-Ranges") != "bytes" || len(whole) < 200 {
			t.Errorf("HEAD %s: %d, %v; it has %d bytes", file, head.ContentLength, head.Header, len(whole))
		}
		etag := head.Header.Get("ETag")
		n := len(whole)
		last := fmt.Sprintf("bytes=%d-", n)
		for _, c := range []struct {
			headers []string
			status  int
			from    int
			to      int // after the last byte
		}{
			{[]string{"Range", "bytes=10-19"}, 206, 10, 20},
			{[]string{"Range", "bytes=100-"}, 206, 100, n},
			{[]string{"Range", "bytes=-7"}, 206, n - 7, n},
			{[]string{"Range", "bytes=0-99999999"}, 206, 0, n},
			{[]string{"Range", "bytes=10-19", "If-Range", etag}, 206, 10, 20},
			{[]string{"Range", "bytes=10-19", "If-Range", `"another"`}, 200, 0, n},
			{[]string{"Range", "bytes=10-19", "If-Match", etag}, 206, 10, 20},
			{[]string{"Range", "bytes=10-19", "If-Match", `"another"`}, 412, 0, 0},
			{[]string{"Range", "bytes=10-19", "If-None-Match", etag}, 304, 0, 0},
			{[]string{"Range", "bytes=10-19", "Accept-Encoding", "gzip"}, 206, 10, 20}, // parts are of the file itself
			{[]string{"Range", "bytes=x"}, 416, 0, 0},
			{[]string{"Range", last}, 416, 0, 0},
			{[]string{"Range", "lines=1-2"}, 200, 0, n},
		} {
			r := request(t, at, http.MethodGet, c.headers...)
			if r.StatusCode != c.status {
				t.Errorf("%s %v: %s, want %d", file, c.headers, r.Status, c.status)
				continue
			}
			if c.status == 416 {
				if got := r.Header.Get("Content-Range"); c.headers[1] == last && got != fmt.Sprintf("bytes */%d", n) || r.Header.Get("Content-Disposition") != "" {
					t.Errorf("%s %v: %v", file, c.headers, r.Header)
				}
				checkProblem(t, s, r, 416, "range-not-satisfiable")
				continue
			}
			if got := body(t, r); !bytes.Equal(got, whole[c.from:c.to]) {
				t.Errorf("%s %v: %q", file, c.headers, got)
			}
		}
	}
	if r := request(t, web.URL+"/downloads/towns.geojson", http.MethodGet, "Range", "bytes=0-0,-1"); r.StatusCode != 206 || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/byteranges") {
		t.Errorf("two parts: %s %v", r.Status, r.Header)
	}
}

// TestDownloadOnce: many who ask for parts of one file get it from one, and one of them who
// goes away takes nothing from the others.
func TestDownloadOnce(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := newServer(t)
	whole := body(t, get(t, s, "/downloads/towns.csv", "Accept-Encoding", "gzip;q=0"))
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%4 == 0 {
				cancel()
			}
			r := httptest.NewRequest(http.MethodGet, "/downloads/towns.csv?lang=ar", nil).WithContext(ctx)
			r.Header.Set("Range", fmt.Sprintf("bytes=%d-", i))
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if i%4 != 0 && (w.Code != 206 || !bytes.Equal(w.Body.Bytes(), whole[i:])) {
				t.Errorf("from %d: %d %s", i, w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestDownloadWithoutDisk: where no file can be written the download goes out all the same,
// but for a format that can't do without one, which asks for patience.
func TestDownloadWithoutDisk(t *testing.T) {
	s := newServer(t)
	web := httptest.NewServer(s)
	defer web.Close()
	want := body(t, get(t, s, "/downloads/towns.csv"))
	t.Setenv("TMPDIR", t.TempDir()+"/gone")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/downloads/towns.csv?lang=ar", nil)
		r.Header.Set("Range", "bytes=1-2")
		s.ServeHTTP(w, r)
		if got, _ := io.ReadAll(w.Body); w.Code != 200 || method == http.MethodGet && !bytes.Equal(got, want) {
			t.Errorf("%s: %d %s", method, w.Code, got)
		}
	}
	for _, coding := range []string{"identity", "gzip"} {
		r := request(t, web.URL+"/downloads/towns.fgb", http.MethodGet, "Accept-Encoding", coding)
		if r.Header.Get("Retry-After") == "" || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", coding, r.Header)
		}
		checkProblem(t, s, r, http.StatusServiceUnavailable, "unavailable")
	}
}
