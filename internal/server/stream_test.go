package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// loaded returns the snapshot of one file.
func loaded(t *testing.T, file []byte) *layers.Snapshot {
	t.Helper()
	snapshot, problems := layers.Load(fstest.MapFS{"points.geojson": {Data: file}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return snapshot
}

// TestPagesReload follows next links while the layer is replaced after each page
// (OGC 17-069r4 /req/core/fc-links, paging): what is there all the time comes
// once, in the order of the file and in another.
func TestPagesReload(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	version := func() *layers.Snapshot { // two of three features stay, the others come and go
		var file bytes.Buffer
		file.WriteString(`{"type":"FeatureCollection","features":[`)
		for i := range 120 {
			if i%3 == 2 && r.IntN(2) == 0 {
				continue
			}
			if i > 0 {
				file.WriteByte(',')
			}
			fmt.Fprintf(&file, `{"type":"Feature","id":"f%d","geometry":{"type":"Point","coordinates":[%d,%d]},"properties":{"size":%d}}`, i, i, i%80, i*7%10)
		}
		file.WriteString("]}")
		return loaded(t, file.Bytes())
	}
	s, err := server.New(server.Config{Snapshot: version(), Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"?limit=7", "?limit=1", "?limit=7&bbox=0,0,180,80", "?limit=7&sortby=-size", "?limit=5&sortby=size&filter=size%3C%3E3"} {
		seen := map[string]int{}
		pages := 0
		for target := "/collections/points/items" + query; target != ""; pages++ {
			p := decode[page](t, get(t, s, target))
			for _, f := range p.Features {
				seen[f.ID.(string)]++ //nolint:forcetypeassert // the layer's are
			}
			target = ""
			for _, l := range p.Links {
				if u, err := url.Parse(l.Href); err == nil && l.Rel == "next" {
					target = u.RequestURI()
				}
			}
			if err := s.Update(version(), nil); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 120 {
			id := fmt.Sprintf("f%d", i)
			want := 1
			if query == "?limit=5&sortby=size&filter=size%3C%3E3" && i*7%10 == 3 {
				want = 0
			}
			if got := seen[id]; i%3 != 2 && got != want || got > 1 {
				t.Errorf("%s: %s came %d times in %d pages", query, id, got, pages)
			}
		}
	}
}

// pieces counts what is written at a time.
type pieces struct {
	*httptest.ResponseRecorder
	n, largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.n++
	p.largest = max(p.largest, len(b))
	return p.ResponseRecorder.Write(b)
}

// TestStreamed: a large answer goes out in pieces, compressed too; a small one
// whole, with its length.
func TestStreamed(t *testing.T) {
	s, err := server.New(server.Config{Snapshot: loaded(t, scatteredPoints(10_000)), Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, coding := range []string{"identity", "gzip"} {
		for limit, large := range map[string]bool{"10000": true, "100": false} {
			r := httptest.NewRequest(http.MethodGet, "/collections/points/items?limit="+limit, nil)
			r.Header.Set("Accept-Encoding", coding)
			w := &pieces{ResponseRecorder: httptest.NewRecorder()}
			s.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Length") == ""; got != large || (w.n > 5) != large || w.largest > 128<<10 {
				t.Errorf("%s, %s features: %d pieces, the largest of %d bytes; Content-Length %s", coding, limit, w.n, w.largest, w.Header().Get("Content-Length"))
			}
			var body any
			d := json.NewDecoder(w.Body)
			if w.Header().Get("Content-Encoding") == "gzip" {
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				d = json.NewDecoder(z)
			} else if coding == "gzip" {
				t.Errorf("%s features: not compressed", limit)
			}
			if err := d.Decode(&body); err != nil {
				t.Errorf("%s, %s features: %v", coding, limit, err)
			}
		}
	}
}

// TestPageAgain asks for pages, small and large, until they come from what was kept, and
// once more after a reload.
func TestPageAgain(t *testing.T) {
	s, err := server.New(server.Config{Snapshot: loaded(t, scatteredPoints(2000)), Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	type seen struct {
		header http.Header
		body   []byte
	}
	ask := func(target, coding string) seen {
		r := get(t, s, target, "Accept-Encoding", coding)
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", target, r.StatusCode)
		}
		r.Header.Del("Content-Length") // only what was kept tells it beforehand
		return seen{r.Header, body(t, r)}
	}
	for _, target := range []string{"/collections/points/items?limit=3", "/collections/points/items?limit=1000", "/collections/points/items?limit=1000&datetime=1950"} {
		for _, coding := range []string{"identity", "gzip"} {
			first := ask(target, coding)
			for range 3 {
				if diff := cmp.Diff(first, ask(target, coding), cmp.AllowUnexported(seen{})); diff != "" {
					t.Errorf("%s in %s: %s", target, coding, diff)
				}
			}
		}
	}
	before := ask("/collections/points/items?limit=3", "identity")
	if err := s.Update(loaded(t, scatteredPoints(2)), nil); err != nil {
		t.Fatal(err)
	}
	if after := ask("/collections/points/items?limit=3", "identity"); bytes.Equal(after.body, before.body) {
		t.Error("what was kept is given after a reload")
	}
}
