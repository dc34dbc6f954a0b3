package server

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// isQuick tells whether what uri asks for is answered so soon that nobody need watch whether
// the client is still there: a page of items or a tile that no filter selects and nothing
// sorts. A tile that takes longer is kept for whoever asks next, so that it is made to its end.
func isQuick(uri []byte) bool {
	path, query, _ := bytes.Cut(uri, []byte("?"))
	rest, ofLayer := bytes.CutPrefix(path, []byte("/collections/"))
	items := ofLayer && bytes.HasSuffix(rest, []byte("/items"))
	tile := ofLayer && bytes.Contains(rest, []byte("/tiles/")) || bytes.HasPrefix(path, []byte("/tiles/"))
	if !items && !tile {
		return false
	}
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		name, _, _ := bytes.Cut(pair, []byte("="))
		if !slices.Contains(quickParams, string(name)) {
			return false
		}
	}
	return true
}

//nolint:gochecknoglobals // a constant in all but syntax
var quickParams = []string{"bbox", "datetime", "limit", "after", "certainty", "f", "crs", "bbox-crs", "properties", "profile", "lang", "collections", "style", "rev"}

//nolint:gochecknoglobals // a pool
var headReaders = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// handle has the handler answer the request of which head is all, here and now: net/http would
// have another goroutine watch the client meanwhile, which takes longer than a small page. It
// does nothing if the head can't be read.
func (c *frontConn) handle(head []byte) (answered bool, err error) {
	in := headReaders.Get().(*bufio.Reader) //nolint:forcetypeassert // the pool holds nothing else
	defer headReaders.Put(in)
	in.Reset(bytes.NewReader(head))
	r, err := http.ReadRequest(in)
	if err != nil {
		return false, nil //nolint:nilerr // net/http says what is wrong
	}
	r.RemoteAddr = c.RemoteAddr().String()
	if err := c.extend(time.Now()); err != nil {
		return false, err
	}
	c.answering.Lock()
	defer c.answering.Unlock()
	w := frontWriter{conn: c, header: http.Header{}}
	c.listener.handler.ServeHTTP(&w, r) // if it panics, net/http closes the connection
	return true, w.finish()
}

// A frontWriter writes the answer to a GET request of HTTP/1.1 as net/http does, in as few
// pieces as it comes in.
type frontWriter struct {
	conn    *frontConn
	header  http.Header
	status  int
	held    []byte // of the body, which is sent once its length is told or it is long
	sent    bool   // the head
	chunked bool
	done    bool
	err     error
}

// Header implements http.ResponseWriter.
func (w *frontWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *frontWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *frontWriter) Write(b []byte) (int, error) {
	const longHeld = 2048
	w.WriteHeader(http.StatusOK)
	switch {
	case !w.hasBody():
		return 0, http.ErrBodyNotAllowed
	case w.sent || w.header["Content-Length"] != nil || len(w.held)+len(b) > longHeld:
		w.send(b)
	default:
		w.held = append(w.held, b...)
	}
	return len(b), w.err
}

// hasBody tells whether there is a body after the head (RFC 9110 §6.4.1).
func (w *frontWriter) hasBody() bool {
	return w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// finish sends what is left. The error is that of sending, or io.EOF after the last answer of
// the connection.
func (w *frontWriter) finish() error {
	w.WriteHeader(http.StatusOK)
	if w.done = true; !w.sent || w.chunked {
		w.send(nil)
	}
	if w.err == nil && w.conn.listener.closing.Load() {
		return io.EOF
	}
	return w.err
}

// send sends the head, if that is not sent yet, what was held, and b.
func (w *frontWriter) send(b []byte) {
	if w.err != nil {
		return
	}
	c := w.conn
	var tail []byte
	c.head = c.head[:0]
	if !w.sent {
		w.sent = true
		c.head = w.appendHead(c.head)
	}
	if w.chunked {
		if n := len(w.held) + len(b); n > 0 {
			c.head = append(strconv.AppendInt(c.head, int64(n), 16), lineEnd...)
			tail = lineEnd
		}
		if w.done {
			tail = append(tail[:len(tail):len(tail)], "0\r\n\r\n"...)
		}
	}
	c.pieces = [...][]byte{c.head, w.held, b, tail}
	c.out = c.pieces[:]
	_, w.err = c.out.WriteTo(c.TCPConn) // which lets go of the pieces
	w.held = nil
}

func (w *frontWriter) appendHead(dst []byte) []byte {
	c := w.conn
	dst = append(strconv.AppendInt(append(dst, "HTTP/1.1 "...), int64(w.status), 10), ' ')
	dst = append(append(dst, http.StatusText(w.status)...), lineEnd...)
	b := bytes.NewBuffer(dst)
	_ = w.header.Write(b) // a Buffer takes all
	dst = appendHeader(b.Bytes(), "Date", c.listener.server.clock.date(time.Now()))
	if w.hasBody() && w.header["Content-Length"] == nil {
		if w.done {
			dst = appendHeader(dst, "Content-Length", strconv.Itoa(len(w.held)))
		} else {
			w.chunked = true
		}
	}
	if c.listener.closing.Load() {
		dst = appendHeader(dst, "Connection", "close")
	}
	if w.chunked {
		dst = appendHeader(dst, "Transfer-Encoding", "chunked")
	}
	return append(dst, lineEnd...)
}
