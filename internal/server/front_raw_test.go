package server

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFrontAsWithout sends the same bytes, cut at the same random places, to a server with
// the front and to one without: both say the same.
func TestFrontAsWithout(t *testing.T) {
	f := serveFront(t, 30, "town")
	without := httptest.NewServer(f.Server)
	t.Cleanup(without.Close)
	etag := etagOf(t, f, frontTile)
	for _, coding := range []string{"gzip", "br"} { // so that what is there does not change between the two
		conversation(t, f.address, []string{"GET " + frontTile + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: " + coding + "\r\n\r\n"})
	}
	const host = " HTTP/1.1\r\nHost: localhost\r\n"
	tile := "GET " + frontTile + host
	requests := []string{
		tile + "\r\n", tile + "\r\n", tile + "\r\n", tile + "Accept-Encoding: gzip\r\n\r\n",
		tile + "Accept-Encoding: identity;q=0, gzip;q=0, *;q=0\r\n\r\n",
		tile + "Accept-Encoding: gzip;q=0, br;q=0.1\r\nRange: bytes=0-3\r\n\r\n",
		tile + "Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n",
		tile + "Accept-Encoding:\r\n\r\n", tile + "Accept: \r\nIf-None-Match: \r\n\r\n",
		tile + "If-None-Match: \"a\", W/" + etag + "\r\n\r\n", tile + "If-None-Match: *\r\n\r\n",
		tile + "If-None-Match: \"a\"\r\nIf-None-Match: *\r\n\r\n", tile + "If-Match: \"a\"\r\n\r\n",
		tile + "Origin: http://example.org\r\nTE: trailers\r\nCookie: a=b; c=d\r\nPriority: u=3\r\n\r\n",
		tile + "Accept-Language: ar\r\nX-Forwarded-Host: example.org\r\nX-Forwarded-Proto: https\r\n\r\n",
		tile + "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", tile + "Connection: keep-alive, TE\r\n\r\n",
		tile + "Expect: 100-continue\r\n\r\n", tile + "Padding: " + strings.Repeat("a", 5000) + "\r\n\r\n",
		tile + "Content-Length: 0\r\n\r\n", tile + "Content-Length: 5\r\n\r\nGET /", tile + "Transfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n",
		tile + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n\r\n\r\n",
		"OPTIONS " + frontTile + host + "\r\n", "OPTIONS *" + host + "\r\n",
		"POST " + frontTile + host + "\r\n", "GET http://example.org" + frontTile + host + "\r\n", "GET " + frontTile + "?datetime=2014" + host + "\r\n",
		"GET " + frontTile + "?datetime=2013" + host + "\r\n", "GET " + frontTile + "?f=json" + host + "\r\n", "GET /healthz" + host + "\r\n",
		"GET " + frontTile + " HTTP/1.1\r\nHost: example.org:80\r\n\r\n", "GET /collections/towns" + host + "\r\n",
	}
	last := []string{ // what ends a connection
		tile + "Connection: close\r\n\r\n", "GET " + frontTile + " HTTP/1.0\r\n\r\n", "GET " + frontTile + " HTTP/1.1\r\n\r\n",
		tile + "Host: localhost\r\n\r\n", tile + "a b: c\r\n\r\n", tile + "Content-Length : 3\r\n\r\n", tile + "Content-Length: a\r\n\r\n",
		tile + "Transfer-Encoding: gzip\r\n\r\n", tile + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "GET  " + frontTile + host + "\r\n", tile + "a: \x00\r\n\r\n",
		"GET " + frontTile + " HTTP/2.0\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\n\r\n", tile + ": a\r\n\r\n",
		strings.ReplaceAll(tile, "\r\n", "\n") + "Connection: close\n\n", tile + "Padding: a\r\n folded\r\nConnection: close\r\n\r\n",
		tile + "Connection: keep-alive\r\nConnection: close\r\n\r\n", "GET " + frontTile + " HTTP/1.1\r\nHost: a b\r\n\r\n", "GET " + frontTile + " HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", tile,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var pieces []string
		for range random.IntN(6) {
			pieces = append(pieces, requests[random.IntN(len(requests))])
		}
		pieces = append(pieces, last[random.IntN(len(last))])
		if random.IntN(2) == 0 {
			text := strings.Join(pieces, "")
			pieces = pieces[:0]
			for text != "" {
				n := 1 + random.IntN(min(len(text), 200))
				pieces, text = append(pieces, text[:n]), text[n:]
			}
		}
		if diff := cmp.Diff(conversation(t, without.Listener.Addr().String(), pieces), conversation(t, f.address, pieces)); diff != "" {
			t.Errorf("%q: (-without +with the front):\n%s", pieces, diff)
		}
	}
	if f.handled.Load() == 0 {
		t.Error("nothing was left to the handler")
	}
}

// conversation sends pieces, and returns what comes until the server closes.
func conversation(t *testing.T, address string, pieces []string) (answers []string) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		for _, p := range pieces {
			if _, err := io.WriteString(c, p); err != nil {
				return // closed after what is no request
			}
			time.Sleep(time.Millisecond)
		}
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	for in := bufio.NewReader(c); ; {
		if _, err := in.Peek(1); err != nil {
			return answers
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return append(answers, "no answer: "+err.Error())
		}
		if r.Close && r.StatusCode >= 400 { // what the client goes on sending may cut off its text
			return append(answers, r.Status)
		}
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return append(answers, "broken: "+err.Error())
		}
		r.Header.Del("Date")
		answers = append(answers, fmt.Sprintf("%s %v %v %d %q", r.Status, r.Header, r.Close, r.ContentLength, b))
	}
}

// TestFrontHandles asks a server with the front and one without for pages of items and for tiles,
// with what is wrong and what is sent while it is made too: both say the same.
func TestFrontHandles(t *testing.T) {
	f := serveFront(t, 3000, "town")
	without := httptest.NewServer(f.Server)
	t.Cleanup(without.Close)
	front, plain := f.dial(t), (&frontTest{address: without.Listener.Addr().String()}).dial(t)
	var heads []string
	for _, target := range []string{
		"", "?limit=2", "?limit=2&bbox=0,0,9,9&datetime=2014-06", "?limit=3000", "?limit=3000", "?limit=0", "?bbox=1", "?limit=2&f=html", "?f=html&limit=x", "?lang=xx", "?after=",
		"?limit=2&limit=3", "?filter=name%20LIKE%20'town%25'", "?sortby=name", "?name=a", "?limit=%zz", "?datetime=2014;2015", "?&&limit=1&", "?limi%74=1", "?limit=2&crs=http://www.opengis.net/def/crs/EPSG/0/3857",
		"/1", "//items", "/a/items?limit=2",
	} {
		for _, lines := range []string{
			"", "Accept-Encoding: gzip\n", "If-None-Match: *\nAccept-Language: ar\n", "X-Forwarded-Host: example.org\nX-Forwarded-Proto: https\nAccept: text/html, a/b;q=0.5\n",
		} {
			heads = append(heads, "GET /collections/towns/items"+target+" HTTP/1.1\nHost: localhost\n"+lines+"\n")
		}
	}
	for _, target := range []string{
		"/tiles/WebMercatorQuad/0/0/0", "/collections/towns/tiles/WebMercatorQuad/0/0/0?datetime=2014", "/tiles/WebMercatorQuad/0/0/0?collections=towns&f=json",
		"/tiles/WebMercatorQuad/9/9/9", "/tiles/WebMercatorQuad/0/0/1", "/tiles/WebMercatorQuad/0/0/0?collections=none", "/tiles/WebMercatorQuad?f=tilejson", "/tiles/WebMercatorQuad?f=html",
		"/collections/towns/changes/tiles/WebMercatorQuad/0/0/0?from=2014&to=2015", "/collections/towns/tiles/WebMercatorQuad/0/0/0?filter=name%20LIKE%20'town%25'",
	} {
		for _, lines := range []string{"", "If-None-Match: *\nAccept-Language: ar\n", "Accept: text/html, a/b;q=0.5\n"} {
			heads = append(heads, "GET "+target+" HTTP/1.1\nHost: localhost\n"+lines+"\n")
		}
	}
	for _, head := range heads {
		var said [2]string
		for i, c := range []*frontClient{plain, front} {
			c.send(head)
			r, b := c.receive()
			r.Header.Del("Date")
			said[i] = fmt.Sprintf("%s %v %v %d %v %q", r.Status, r.Header, r.TransferEncoding, r.ContentLength, r.Close, b)
		}
		if diff := cmp.Diff(said[0], said[1]); diff != "" {
			t.Errorf("%q (-without +with the front):\n%s", head, diff)
		}
	}
}
