//go:build clients

package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Addresses of the two servers that all tests ask.
var atlas, awkward string //nolint:gochecknoglobals // set once, by TestMain

// many is how many features the layer of that name has: more than a page of any client.
const many = 12_345

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run builds mapserver, serves the atlas and the awkward folder, and runs the tests.
func run(m *testing.M) (int, error) {
	if err := exec.Command("ogrinfo", "--version").Run(); err != nil {
		return 1, fmt.Errorf("these tests need GDAL (ogrinfo: %w): run scripts/install gdal-bin", err)
	}
	dir, err := os.MkdirTemp("", "clients")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "mapserver")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, "kharita/cmd/mapserver").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build mapserver: %w\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	if err := os.CopyFS(data, os.DirFS("testdata/awkward")); err != nil {
		return 1, err
	}
	if err := os.WriteFile(filepath.Join(data, "many.geojson"), manyFeatures(), 0o600); err != nil {
		return 1, err
	}
	for _, s := range []struct {
		url  *string
		args []string
	}{{&atlas, nil}, {&awkward, []string{"--data", data, "--no-watch"}}} {
		stop, err := serve(s.url, program, s.args...)
		if err != nil {
			return 1, err
		}
		defer stop()
	}
	return m.Run(), nil
}

// manyFeatures is a layer of points on a grid whose ids are whole numbers and
// whose dates are all days; each holds for the most of a month.
func manyFeatures() []byte {
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range many {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n"+`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%g,%g]},"properties":{"row":%d,"kind":"k%d","start":"%[6]d-%02[7]d-01","end":"%[6]d-%02[7]d-28"}}`,
			i, float64(i%360)-179.5, float64(i/360)*2-80, i/360, i%7, 1990+i/12%30, 1+i%12)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// serve starts the program on a free port and sets url to its address.
func serve(url *string, program string, args ...string) (stop func(), err error) {
	c := exec.Command(program, append([]string{"serve", "--listen", "localhost:0"}, args...)...)
	stderr, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = c.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, stderr)
		_ = c.Wait()
	}
	var log strings.Builder
	address := regexp.MustCompile(`msg=serving url=(\S+)`)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			*url = m[1]
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return stop, nil
		}
	}
	stop()
	return nil, fmt.Errorf("the server does not come up:\n%s", log.String())
}

// A recorder stands before a server and writes down what is asked.
type recorder struct {
	url  string
	mu   sync.Mutex
	seen []*url.URL
	sent atomic.Int64 // bytes of bodies
}

func (r *recorder) bytes() int64 { return r.sent.Load() }

func record(t *testing.T, server string) *recorder {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		r.mu.Lock()
		r.seen = append(r.seen, p.In.URL)
		r.mu.Unlock()
		p.SetURL(to)
		p.SetXForwarded() // so that links lead here again
	}, ModifyResponse: func(a *http.Response) error {
		if a.Request.Method != http.MethodHead {
			r.sent.Add(max(0, a.ContentLength))
		}
		return nil
	}})
	t.Cleanup(front.Close)
	r.url = front.URL
	return r
}

// asked returns the queries that were sent to a path, and forgets all.
func (r *recorder) asked(path string) (queries []url.Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range r.seen {
		if u.Path == path {
			queries = append(queries, u.Query())
		}
	}
	r.seen = nil
	return queries
}

// get returns the body of an address that answers 200.
func get(t *testing.T, address string) []byte {
	t.Helper()
	r, err := http.Get(address) //nolint:noctx // the test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%.500s", address, r.Status, err, body)
	}
	return body
}

// getJSON reads what an address answers.
func getJSON[T any](t *testing.T, address string) (v T) {
	t.Helper()
	if err := json.Unmarshal(get(t, address), &v); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return v
}

// layerIDs are the ids of all layers of a server.
func layerIDs(t *testing.T, server string) (ids []string) {
	t.Helper()
	for _, c := range getJSON[struct{ Collections []struct{ ID string } }](t, server+"/collections").Collections {
		ids = append(ids, c.ID)
	}
	if len(ids) == 0 {
		t.Fatalf("%s has no layer", server)
	}
	return ids
}

// download reads our own file of a layer.
func download(t *testing.T, server, layer, query string) []feature {
	t.Helper()
	return readFeatures(t, get(t, server+"/downloads/"+url.PathEscape(layer)+".geojson"+query))
}

// gdal runs a program of GDAL and returns what it printed. Whatever it complains
// of, but for the words that are allowed, fails the test.
func gdal(t *testing.T, allowed []string, program string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	for line := range strings.Lines(stderr.String()) {
		ok := strings.TrimSpace(line) == ""
		for _, a := range allowed {
			ok = ok || strings.Contains(line, a)
		}
		if !ok { // the first is enough
			t.Errorf("%s %q: %.300s", program, args, line)
			break
		}
	}
	if err != nil {
		t.Fatalf("%s %q: %v", program, args, err)
	}
	return stdout.String()
}
