package server

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Serve answers what comes in at l until srv is shut down, as srv.Serve does with s as its
// handler. It sets the handler and ConnState of srv. On connections of TCP it answers tiles
// and pages of items without net/http's help; see frontConn.
func (s *Server) Serve(srv *http.Server, l net.Listener) error {
	srv.Handler = s
	return srv.Serve(s.front(srv, l))
}

// front returns l with connections that look at requests before srv does.
func (s *Server) front(srv *http.Server, l net.Listener) net.Listener {
	f := &frontListener{Listener: l, server: s, handler: srv.Handler, idle: srv.IdleTimeout, header: srv.ReadHeaderTimeout}
	srv.ConnState = stateOf
	srv.RegisterOnShutdown(func() { f.closing.Store(true) })
	return f
}

// A frontListener makes connections of TCP frontConns.
type frontListener struct {
	net.Listener
	server       *Server
	handler      http.Handler  // of all that the server does not remember
	idle, header time.Duration // how long a client may take to begin a request, and to send its head; 0: for ever
	closing      atomic.Bool   // an answer is the last of its connection
	cutoff       atomic.Int64  // when answers under way are cut off, in nanoseconds of Unix time; 0: not yet known
}

func (l *frontListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &frontConn{TCPConn: tcp, listener: l, next: true}, nil
	}
	return c, err
}

// A frontConn is a connection that looks at requests before net/http does, which takes three
// times as long to read one, keep its headers in maps and write two pieces as it takes to
// send what is in the cache. Where a read that net/http begins for a new request brings
// exactly the head of one, a plain GET of a URL that the server remembers, it answers
// itself and reads on; if it is one that isQuick, it has the handler answer at once. All else
// goes to net/http as it came, and what is not the head of just one request, complete and
// without a body, is the last that the connection looks at: from there on it cannot know
// where a request begins.
type frontConn struct {
	*net.TCPConn
	listener *frontListener
	next     bool // what is read next is the beginning of a request
	lone     bool // all that net/http has is the head of one request
	early    byte // of the next request, if hasEarly
	hasEarly bool
	extended time.Time // when the client was last given time for another request
	codings  codingSet // that accepted has for acceptEncoding
	asked    []byte    // the last Accept-Encoding

	answering sync.Mutex
	head      []byte
	pieces    [4][]byte
	out       net.Buffers
}

// stateOf follows what net/http does with a connection.
func stateOf(c net.Conn, state http.ConnState) {
	if f, ok := c.(*frontConn); ok && state == http.StateIdle {
		f.next, f.extended = f.lone, time.Time{}
	}
}

// Read is for net/http alone. While a handler runs it reads one byte, to see whether the
// client goes away.
func (c *frontConn) Read(p []byte) (int, error) {
	if c.lone && !c.next && len(p) == 1 && !c.hasEarly {
		return c.watch(p)
	}
	for {
		n, err := c.receive(p)
		if n == 0 {
			return n, err
		}
		if !c.next || err != nil {
			c.next, c.lone = false, false
			return n, err
		}
		var h requestHead
		var plain bool
		if c.lone, plain = h.read(p[:n]); plain {
			answered, err := c.answer(&h)
			if !answered && err == nil && isQuick(h.uri) {
				answered, err = c.handle(p[:n])
			}
			if err != nil {
				return 0, err
			}
			if answered {
				continue
			}
		}
		c.next = false
		if !c.lone && c.listener.header > 0 { // the rest of the head may not take as long as an idle client
			if err := c.SetReadDeadline(time.Now().Add(c.listener.header)); err != nil {
				return 0, err
			}
		}
		return n, nil
	}
}

// watch returns when the client is gone or net/http ends the wait by a deadline. The first
// byte of another request, which may be there before that, it keeps: given away, it would
// take the whole request with it.
func (c *frontConn) watch(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if n == 0 {
		return n, err
	}
	c.early, c.hasEarly = p[0], true
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	return 0, raw.Read(func(uintptr) bool { return false })
}

// receive reads what there is.
func (c *frontConn) receive(p []byte) (int, error) {
	if !c.hasEarly {
		return c.TCPConn.Read(p)
	}
	p[0], c.hasEarly = c.early, false
	n, err := c.TCPConn.Read(p[1:])
	return n + 1, err
}

// Close waits for an answer under way, for some seconds at most: net/http takes the
// connection for idle.
func (c *frontConn) Close() error {
	if !c.answering.TryLock() {
		const patience = 5 * time.Second // for all connections together
		c.listener.cutoff.CompareAndSwap(0, time.Now().Add(patience).UnixNano())
		_ = c.SetWriteDeadline(time.Unix(0, c.listener.cutoff.Load())) // else it was closed already
		c.answering.Lock()
	}
	defer c.answering.Unlock()
	return c.TCPConn.Close()
}

// A requestHead is what matters of the head of a GET request.
type requestHead struct {
	uri, accept, acceptEncoding, ifNoneMatch []byte // nil: there is none
}

//nolint:gochecknoglobals // constants in all but syntax
var (
	lineEnd         = []byte("\r\n")
	headEnd         = []byte("\r\n\r\n")
	nameHost        = []byte("Host")
	nameAccept      = []byte("Accept")
	nameConnection  = []byte("Connection")
	nameEncoding    = []byte("Accept-Encoding")
	nameNoneMatch   = []byte("If-None-Match")
	valueKeepAlive  = []byte("keep-alive")
	namesUnusual    = [][]byte{[]byte("Expect"), []byte("Upgrade"), []byte("Trailer")}
	namesOfBodies   = [][]byte{[]byte("Content-Length"), []byte("Transfer-Encoding")}
	statusOK        = "HTTP/1.1 200 OK\r\n"
	statusUnchanged = "HTTP/1.1 304 Not Modified\r\n"
)

// read reads b. Lone tells whether b is the head of one request without a body and nothing
// more; plain, in addition, whether it is a GET of HTTP/1.1 (RFC 9112) that net/http would
// not refuse, and that asks for nothing special.
func (h *requestHead) read(b []byte) (lone, plain bool) {
	if !bytes.HasSuffix(b, headEnd) {
		return false, false
	}
	line, rest, _ := bytes.Cut(b[:len(b)-len(lineEnd)], lineEnd)
	if !isText(line) {
		return false, false
	}
	uri, get := bytes.CutPrefix(line, []byte("GET "))
	uri, version := bytes.CutSuffix(uri, []byte(" HTTP/1.1"))
	h.uri = uri
	plain = get && version
	hosts := 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, lineEnd)
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isToken(name) || !isText(value) {
			return false, false
		}
		value = bytes.Trim(value, " \t")
		var of *[]byte
		switch {
		case bytes.EqualFold(name, nameHost):
			hosts++
			plain = plain && isAuthority(value)
		case bytes.EqualFold(name, nameAccept):
			of = &h.accept
		case bytes.EqualFold(name, nameEncoding):
			of = &h.acceptEncoding
		case bytes.EqualFold(name, nameNoneMatch):
			of = &h.ifNoneMatch
		case bytes.EqualFold(name, nameConnection):
			plain = plain && bytes.EqualFold(value, valueKeepAlive)
		case isOne(name, namesOfBodies):
			return false, false
		case isOne(name, namesUnusual):
			plain = false
		}
		if of != nil {
			plain = plain && *of == nil && len(value) > 0
			*of = value
		}
	}
	return true, plain && hosts == 1
}

func isOne(name []byte, of [][]byte) bool {
	for _, o := range of {
		if bytes.EqualFold(name, o) {
			return true
		}
	}
	return false
}

// isToken tells whether b is a token (RFC 9110 §5.6.2) of letters, digits and hyphens: there
// are others, but hardly in names of headers.
func isToken(b []byte) bool {
	for _, c := range b {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(b) > 0
}

// isText tells whether b has no control characters but tabs.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isAuthority tells whether b is a name or address of a host, perhaps with a port.
func isAuthority(b []byte) bool {
	for _, c := range b {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > ':') && !strings.ContainsRune("-._[]", rune(c)) {
			return false
		}
	}
	return len(b) > 0
}

// answer sends what h asks for if the server remembers it. The error is that of sending, or
// io.EOF after the last answer.
func (c *frontConn) answer(h *requestHead) (answered bool, err error) {
	s := c.listener.server
	known, a := s.again(string(h.uri), string(h.accept))
	if a == nil {
		return false, nil
	}
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	if c.codings == 0 || !bytes.Equal(c.asked, h.acceptEncoding) {
		c.asked = append(c.asked[:0], h.acceptEncoding...)
		c.codings = accepted([]string{string(c.asked)})
	}
	now := time.Now()
	if err := c.extend(now); err != nil {
		return false, err
	}
	e := s.pick(a, known.key, c.codings)
	body := e.bytes
	c.answering.Lock()
	defer c.answering.Unlock()
	if tag, ok := matches(string(h.ifNoneMatch), a.name); ok {
		if tag == "" {
			tag = e.etag[0]
		}
		c.head = append(append(c.head[:0], statusUnchanged...), known.head...)
		c.head = appendHeader(c.head, "Etag", tag)
		body = nil
	} else {
		c.head = append(append(c.head[:0], statusOK...), known.head...)
		if e.coding != identity {
			c.head = appendHeader(c.head, "Content-Encoding", codingNames[e.coding].name)
		}
		c.head = appendHeader(c.head, "Content-Length", e.length[0])
		c.head = appendHeader(c.head, "Content-Type", a.mediaType[0])
		c.head = appendHeader(c.head, "Etag", e.etag[0])
	}
	last := c.listener.closing.Load()
	if last {
		c.head = appendHeader(c.head, "Connection", "close")
	}
	c.head = append(append(append(c.head, "Date: "...), s.clock.date(now)...), headEnd...)
	c.pieces[0], c.pieces[1] = c.head, body
	c.out = c.pieces[:2]
	if _, err = c.out.WriteTo(c.TCPConn); err == nil && last { // which lets go of the pieces
		err = io.EOF
	}
	return err == nil, err
}

// extend gives the client time for another request, as net/http does after each.
func (c *frontConn) extend(now time.Time) error {
	if c.listener.idle <= 0 || now.Sub(c.extended) <= time.Second {
		return nil
	}
	c.extended = now
	return c.SetReadDeadline(now.Add(c.listener.idle))
}

func appendHeader(dst []byte, name, value string) []byte {
	return append(append(append(append(dst, name...), ": "...), value...), lineEnd...)
}

// A clock makes the Date of an answer once a second.
type clock struct{ last atomic.Pointer[clockSecond] }

type clockSecond struct {
	second int64
	date   string
}

func (c *clock) date(now time.Time) string {
	second := now.Unix()
	last := c.last.Load()
	if last == nil || last.second != second {
		last = &clockSecond{second, now.UTC().Format(http.TimeFormat)}
		c.last.Store(last)
	}
	return last.date
}
