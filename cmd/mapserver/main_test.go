package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mapserver": main})
}

// TestScripts runs the command lines of testdata/script as a user would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// lockedBuffer is a log that the test reads while the server writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs `mapserver serve` with args on a free port. It returns the address,
// the log, and a function that stops the server and returns its exit code.
func start(t *testing.T, args ...string) (url string, log *lockedBuffer, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	log = &lockedBuffer{}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve", "--listen", "localhost:0"}, args...), io.Discard, log)
	}()
	address := regexp.MustCompile(`msg=serving url=(\S+)`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if m := address.FindStringSubmatch(log.String()); m != nil {
			return m[1], log, func() int { cancel(); return <-code }
		}
	}
	t.Fatalf("the server does not come up:\n%s", log)
	return "", nil, nil
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url) //nolint:noctx // the test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestServeShippedAtlas(t *testing.T) {
	url, log, stop := start(t)
	if strings.Contains(log.String(), "problem=") {
		t.Errorf("the shipped atlas has problems:\n%s", log)
	}
	for path, want := range map[string]string{
		"/collections":                       `"isis-held"`,
		"/collections/base-countries":        "Natural Earth",
		"/collections/isis-held/items":       `"numberMatched"`,
		"/tiles/WebMercatorQuad/5/12/19":     "isis-held",
		"/downloads/events.geojson":          "FeatureCollection",
		"/downloads/operations-rooms.csv":    "POINT",
		"/collections/isis-held/items/mosul": `"الموصل"`,
	} {
		if status, b := fetch(t, url+path); status != 200 || !strings.Contains(b, want) {
			t.Errorf("%s: %d, %q is not in it", path, status, want)
		}
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := log.String(); !strings.Contains(got, "msg=stopped") {
		t.Errorf("no orderly stop:\n%s", got)
	}
}

// TestServeBadFolder: good layers are served, bad ones named, the base map stays.
func TestServeBadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"good.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[43,36]},"properties":{"year":2014}}]}`,
		"bad.geojson":  `{"type":"FeatureCollection","features":[{"type":"Feat`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url, log, stop := start(t, "--data", dir)
	if want := "bad.geojson:1:54: feature 0: not JSON"; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not name %q:\n%s", want, log)
	}
	if status, b := fetch(t, url+"/collections/good/items?datetime=2014"); status != 200 || !strings.Contains(b, `"numberMatched":1`) {
		t.Errorf("good layer: %d %s", status, b)
	}
	if status, _ := fetch(t, url+"/collections/bad"); status != 404 {
		t.Errorf("bad layer: %d", status)
	}
	if status, _ := fetch(t, url+"/collections/base-countries"); status != 200 {
		t.Errorf("base map: %d", status)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestServePortInUse: the message says what to do.
func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0") //nolint:noctx // the test's own
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"serve", "--listen", l.Addr().String()}, io.Discard, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "is in use: stop the other program, or choose one with --listen") {
		t.Errorf("code %d: %s", code, stderr.String())
	}
}

// TestRequestsOutliveTheStop: a download under way when the server is stopped arrives whole.
func TestRequestsOutliveTheStop(t *testing.T) {
	// More than what the sockets between the two can hold.
	var layer bytes.Buffer
	layer.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 30_000 {
		if i > 0 {
			layer.WriteString(",\n")
		}
		fmt.Fprintf(&layer, `{"type":"Feature","id":%d,"geometry":null,"properties":{"text":%q}}`, i, strings.Repeat("x", 1000))
	}
	layer.WriteString("]}")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "many.geojson"), layer.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	url, _, stop := start(t, "--data", dir)
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")) //nolint:noctx // the test's own
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /downloads/atlas.geojson HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 1)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	done := make(chan int, 1)
	go func() { done <- stop() }()
	time.Sleep(100 * time.Millisecond)
	select {
	case <-done:
		t.Fatal("stopped with a download under way")
	default:
	}
	r, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(head), c)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(b) {
		t.Errorf("%d bytes, whole %v, error %v", len(b), json.Valid(b), err)
	}
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
}
