package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kharita/internal/layers"
)

// A frontTest is a server on loopback that counts what reaches its handler.
type frontTest struct {
	*Server
	http    *http.Server
	address string
	handled atomic.Int64
}

const frontTile = "/collections/towns/tiles/WebMercatorQuad/0/0/0"

// serveFront serves n towns whose names begin with name.
func serveFront(t *testing.T, n int, name string) *frontTest {
	t.Helper()
	s, err := New(Config{Snapshot: townsNamed(n, name), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &frontTest{Server: s, address: l.Addr().String()}
	f.http = &http.Server{ReadHeaderTimeout: time.Minute, IdleTimeout: time.Minute}
	f.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handled.Add(1)
		s.ServeHTTP(w, r)
	})
	l = s.front(f.http, l)
	served := make(chan error)
	go func() { served <- f.http.Serve(l) }()
	t.Cleanup(func() {
		f.http.Close()
		if err := <-served; err != http.ErrServerClosed { //nolint:errorlint // as it is documented
			t.Error(err)
		}
	})
	return f
}

func townsNamed(n int, name string) *layers.Snapshot {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"type":"Feature","geometry":{"type":"Point","coordinates":[%d,%d]},"properties":{"name":"%s %060d","start":"2014"}}`+"\n", i%100, i%80, name, i)
	}
	snapshot, _ := layers.Load(fstest.MapFS{"towns.geojsonl": {Data: []byte(b.String())}})
	return snapshot
}

// A frontClient is a connection to it.
type frontClient struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func (f *frontTest) dial(t *testing.T) *frontClient {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &frontClient{c, t, bufio.NewReader(c)}
}

func (c *frontClient) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

// receive reads one answer.
func (c *frontClient) receive() (*http.Response, []byte) {
	c.t.Helper()
	r, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r, b
}

// TestFrontAnswersAlike asks for each URL twice by each header: the second time the handler
// is not asked, and the answer is the same but for its Date.
func TestFrontAnswersAlike(t *testing.T) {
	f := serveFront(t, 30, "town")
	c := f.dial(t)
	for _, url := range []string{frontTile, frontTile + "?datetime=2014-06-01", frontTile + "?datetime=2013", frontTile + "?rev=" + f.state.Load().revision} {
		etag := etagOf(t, f, url)
		for _, lines := range []string{
			"", "Accept-Encoding: gzip\n", "accept-ENCODING:gzip;q=0.5, br\n", "Accept-Encoding: zstd\nAccept: */*\nUser-Agent: a\n", "Connection: Keep-Alive\n",
			"If-None-Match: " + etag + "\n", "If-None-Match: *\n", "If-None-Match: \"no\"\n",
		} {
			request := "GET " + url + " HTTP/1.1\nHost: localhost\n" + lines + "\n"
			c.send(request)
			c.receive()
			before := f.handled.Load()
			c.send(request)
			got, gotBody := c.receive()
			if empty := strings.Contains(url, "2013"); f.handled.Load() == before == empty { // nothing is remembered of what is empty
				t.Errorf("%s %q: the handler was asked: %v", url, lines, !empty)
			}
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(request, "\n", "\r\n"))))
			if err != nil {
				t.Fatal(err)
			}
			want := httptest.NewRecorder()
			f.ServeHTTP(want, r)
			if got.Header.Get("Date") == "" {
				t.Errorf("%s %q: no Date", url, lines)
			}
			got.Header.Del("Date")
			if diff := cmp.Diff(want.Header(), got.Header); diff != "" {
				t.Errorf("%s %q: headers (-handler +front):\n%s", url, lines, diff)
			}
			if got.StatusCode != want.Code || !bytes.Equal(gotBody, want.Body.Bytes()) {
				t.Errorf("%s %q: status %d and %d bytes, want %d and %d", url, lines, got.StatusCode, len(gotBody), want.Code, want.Body.Len())
			}
		}
	}
}

// etagOf returns the ETag of url.
func etagOf(t *testing.T, h http.Handler, url string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w.Header().Get("Etag")
}

// TestFrontLeaves asks for what the front leaves to net/http, each on a connection of its
// own on which it has answered before.
func TestFrontLeaves(t *testing.T) {
	f := serveFront(t, 3, "town")
	const tile = "GET " + frontTile + " HTTP/1.1\nHost: localhost\n"
	for _, test := range []struct {
		name, first, second string // the second part comes by itself
		statuses            []int
		handled             int64
		again               bool // whether the front answers afterwards
	}{
		{"another method", "HEAD " + frontTile + " HTTP/1.1\nHost: localhost\n\n", "", []int{204}, 1, true},
		{"another URL", "GET /healthz HTTP/1.1\nHost: localhost\n\n", "", []int{200}, 1, true},
		{"two hosts", tile + "Host: localhost\n\n", "", []int{400}, 0, false},
		{"a strange host", "GET " + frontTile + " HTTP/1.1\nHost: a b\n\n", "", []int{400}, 0, false},
		{"Accept twice", tile + "Accept: text/html\nAccept: */*\n\n", "", []int{200}, 1, true},
		{"a choice", tile + "Accept: application/geo+json\n\n", "", []int{200}, 1, true},
		{"close", tile + "Connection: close\n\n", "", []int{200}, 1, false},
		{"two at once", tile + "\n" + tile + "\n", "", []int{200, 200}, 2, false},
		{"a head in two pieces", tile, "Accept: */*\n\n", []int{200}, 1, false},
		{"a request in a body", fmt.Sprintf("POST /healthz HTTP/1.1\nHost: localhost\nContent-Length: %d\n\n", len(tile)+strings.Count(tile, "\n")+2), tile + "\n", []int{405}, 1, false},
		{"a folded header", tile + "Padding: a\n GET / HTTP/1.1\n\n", "", []int{200}, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := f.dial(t)
			c.send(tile + "\n")
			c.receive()
			before := f.handled.Load()
			c.send(tile + "\n")
			if c.receive(); f.handled.Load() != before {
				t.Fatal("the front does not answer")
			}
			c.send(test.first)
			if test.second != "" {
				time.Sleep(20 * time.Millisecond)
				c.send(test.second)
			}
			for _, want := range test.statuses {
				r, err := http.ReadResponse(c.r, &http.Request{Method: strings.Fields(test.first)[0]})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					t.Fatal(err)
				}
				if r.StatusCode != want && (test.name != "another method" || r.StatusCode != 200) {
					t.Errorf("status %d, want %d", r.StatusCode, want)
				}
				if r.Close {
					if _, err := c.r.ReadByte(); err != io.EOF {
						t.Errorf("after an answer that closes: %v", err)
					}
				}
			}
			if got := f.handled.Load() - before; got != test.handled {
				t.Errorf("the handler was asked %d times, want %d", got, test.handled)
			}
			before = f.handled.Load()
			c.send(tile + "\n")
			r, err := http.ReadResponse(c.r, nil)
			if err != nil { // closed
				if test.again {
					t.Error(err)
				}
				return
			}
			r.Body.Close()
			if again := f.handled.Load() == before; again != test.again || r.StatusCode != 200 {
				t.Errorf("afterwards: front %v, want %v; status %d", again, test.again, r.StatusCode)
			}
		})
	}
}

func TestFrontAfterReload(t *testing.T) {
	f := serveFront(t, 3, "town")
	c := f.dial(t)
	var bodies [][]byte
	for i := range 4 {
		if i == 2 {
			if err := f.Update(townsNamed(3, "new"), nil); err != nil {
				t.Fatal(err)
			}
		}
		c.send("GET " + frontTile + " HTTP/1.1\nHost: localhost\n\n")
		_, body := c.receive()
		bodies = append(bodies, body)
	}
	if !bytes.Equal(bodies[0], bodies[1]) || bytes.Equal(bodies[1], bodies[2]) || !bytes.Equal(bodies[2], bodies[3]) {
		t.Error("the tiles before the reload, or after it, differ; or it changes nothing")
	}
	if got := f.handled.Load(); got != 2 {
		t.Errorf("the handler was asked %d times, want 2", got)
	}
}

// TestFrontFinishes shuts down while a client that reads slowly is being answered.
func TestFrontFinishes(t *testing.T) {
	f := serveFront(t, 2_000, strings.Repeat("town", 2_000))
	want := httptest.NewRecorder()
	f.ServeHTTP(want, httptest.NewRequest(http.MethodGet, frontTile, nil))
	if want.Body.Len() < 8<<20 { // more than the system's buffers take
		t.Fatalf("a tile of %d bytes", want.Body.Len())
	}
	c := f.dial(t)
	c.send("GET " + frontTile + " HTTP/1.1\nHost: localhost\n\n")
	if _, err := c.r.Peek(100); err != nil {
		t.Fatal(err)
	}
	down := make(chan error)
	go func() { down <- f.http.Shutdown(context.Background()) }()
	time.Sleep(50 * time.Millisecond)
	if _, got := c.receive(); !bytes.Equal(got, want.Body.Bytes()) {
		t.Errorf("%d bytes, want %d", len(got), want.Body.Len())
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if got := f.handled.Load(); got != 0 {
		t.Errorf("the handler was asked %d times, want none", got)
	}
}

// TestFrontSaysClose shuts down while a client asks again and again: it is told, and loses
// no answer.
func TestFrontSaysClose(t *testing.T) {
	f := serveFront(t, 3, "town")
	f.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, frontTile, nil))
	c := f.dial(t)
	down := make(chan error)
	for closing := false; ; {
		c.send("GET " + frontTile + " HTTP/1.1\nHost: localhost\n\n")
		if r, _ := c.receive(); r.Close {
			break
		}
		if !closing {
			closing = true
			go func() { down <- f.http.Shutdown(context.Background()) }()
		}
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if got := f.handled.Load(); got != 0 {
		t.Errorf("the handler was asked %d times, want none", got)
	}
}

// FuzzRequestHead compares what the front reads with what net/http does.
func FuzzRequestHead(f *testing.F) {
	f.Add("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	f.Add("GET /a?b=c HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\nIf-None-Match: \"a\"\r\nConnection: keep-alive\r\n\r\n")
	f.Add("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
	f.Add("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	f.Add("GET / HTTP/1.1\nHost: a\r\n\r\n")
	f.Add("GET / HTTP/1.1\r\nHost: a\r\nAccept: \r\nAccept: b\r\n folded\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		var h requestHead
		lone, plain := h.read([]byte(text))
		if !lone {
			if plain {
				t.Fatal("plain but not alone")
			}
			return
		}
		in := bufio.NewReader(strings.NewReader(text))
		r, err := http.ReadRequest(in)
		if err == nil {
			if _, err := in.ReadByte(); err != io.EOF || r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
				t.Fatalf("not alone: %d bytes of body, after it %v", r.ContentLength, err)
			}
		}
		if !plain {
			return
		}
		// The URL is one that the server remembers, so one that net/http has read before.
		uri := string(h.uri)
		text = "GET /a HTTP/1.1" + strings.TrimPrefix(text, "GET "+uri+" HTTP/1.1")
		if r, err = http.ReadRequest(bufio.NewReader(strings.NewReader(text))); err != nil {
			t.Fatal(err)
		}
		if r.Close || r.Method != http.MethodGet || r.RequestURI != "/a" || r.Host == "" {
			t.Fatalf("not plain: %+v", r)
		}
		for name, got := range map[string][]byte{"Accept": h.accept, "Accept-Encoding": h.acceptEncoding, "If-None-Match": h.ifNoneMatch} {
			if diff := cmp.Diff(strings.Join(r.Header[name], "|"), string(got)); diff != "" {
				t.Errorf("%s (-net/http +front):\n%s", name, diff)
			}
		}
	})
}
