package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A conn is one kept connection to a contestant. It speaks just enough HTTP/1.1 to
// cost little beside the server: a request is one write, an answer is read to its end
// and, unless it is wanted, thrown away.
type conn struct {
	net.Conn
	r        *bufio.Reader
	request  []byte
	encoding string // Accept-Encoding
	fresh    bool   // each request names another host, which stands in the links of the answer
	asked    int
	first    time.Duration // of the last request, until the first byte came
}

func dial(address string) (*conn, error) {
	c, err := net.Dial("tcp", address) //nolint:noctx // loopback
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, r: bufio.NewReaderSize(c, 64<<10), encoding: "gzip"}, nil
}

// get asks for path and returns the status and the length of the body as it came over
// the wire. The body is written to into, if that is not nil.
func (c *conn) get(path string, into *bytes.Buffer) (status, length int, err error) {
	c.request = append(append(append(append(c.request[:0], "GET "...), path...), " HTTP/1.1\r\nAccept-Encoding: "...), c.encoding...)
	if c.request = append(c.request, "\r\nHost: localhost"...); c.fresh {
		c.asked++
		c.request = strconv.AppendInt(append(c.request, '-'), int64(c.asked), 10)
	}
	c.request = append(c.request, "\r\n\r\n"...)
	began := time.Now()
	if _, err := c.Write(c.request); err != nil {
		return 0, 0, err
	}
	if _, err := c.r.Peek(1); err != nil {
		return 0, 0, err
	}
	c.first = time.Since(began)
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, 0, fmt.Errorf("GET %s: not HTTP: %q", path, line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, fmt.Errorf("GET %s: not HTTP: %q", path, line)
	}
	length, chunked := -1, false
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(": "))
		switch {
		case len(name) == 0:
			switch {
			case chunked:
				length, err = c.chunks(into)
			case status == 204 || status == 304:
				length = 0
			case length < 0:
				err = fmt.Errorf("GET %s: an answer without length", path)
			default:
				err = c.take(length, into)
			}
			return status, length, err
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

func (c *conn) take(n int, into *bytes.Buffer) (err error) {
	if into == nil {
		_, err = c.r.Discard(n)
	} else {
		_, err = io.CopyN(into, c.r, int64(n))
	}
	return err
}

// chunks reads a chunked body (RFC 9112 §7.1) and returns its length.
func (c *conn) chunks(into *bytes.Buffer) (length int, err error) {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, err
		}
		if err := c.take(int(n), into); err != nil {
			return 0, err
		}
		if _, err := c.r.Discard(len("\r\n")); err != nil || n == 0 {
			return length, err
		}
		length += int(n)
	}
}

// A pass is what it took to ask a contestant a list of paths once.
type pass struct {
	took  []time.Duration // of each request
	cpu   []time.Duration // of the contestant, from the start of the pass to the end of each request; with one connection only
	bytes int64
}

// ask asks p for each path once, over so many connections at a time. An answer that is
// neither 200 nor 204 is an error. With limit above 0, it begins no request after that
// time.
func (p *process) ask(paths []string, connections int, limit time.Duration) (pass, error) {
	var (
		mu   sync.Mutex
		out  pass
		errs error
		next atomic.Int64
		wait sync.WaitGroup
	)
	before, began := p.cpu(), time.Now()
	for range connections {
		wait.Go(func() {
			err := func() error {
				c, err := dial(p.address)
				if err != nil {
					return err
				}
				defer c.Close()
				for i := int(next.Add(1)) - 1; i < len(paths); i = int(next.Add(1)) - 1 {
					since := time.Now()
					if limit > 0 && since.Sub(began) > limit {
						return nil
					}
					status, n, err := c.get(paths[i], nil)
					if err == nil && status != 200 && status != 204 {
						err = fmt.Errorf("%s: GET %s: status %d", p.name, paths[i], status)
					}
					if err != nil {
						return err
					}
					took := time.Since(since)
					mu.Lock()
					out.took = append(out.took, took)
					out.bytes += int64(n)
					if connections == 1 {
						out.cpu = append(out.cpu, p.cpu()-before)
					}
					mu.Unlock()
				}
				return nil
			}()
			mu.Lock()
			errs = errors.Join(errs, err)
			mu.Unlock()
		})
	}
	wait.Wait()
	return out, errs
}

// A flood is what a contestant did while it was kept busy.
type flood struct {
	requests int
	bytes    int64
	took     time.Duration
	cpu      time.Duration // of the contestant
	first    time.Duration // until the first byte of each answer, together
}

func (f flood) rate() float64 { return float64(f.requests) / f.took.Seconds() }

func (f flood) firstEach() time.Duration { return f.first / time.Duration(max(f.requests, 1)) }

func (f flood) cpuEach() time.Duration { return f.cpu / time.Duration(max(f.requests, 1)) }

// A load is how a contestant is kept busy: so many connections for the time span, each going
// round the paths from a place of its own.
type load struct {
	paths       []string
	connections int
	span        time.Duration
	encoding    string // Accept-Encoding
	fresh       bool   // no answer may be a copy of one before
}

// flood puts the load on p.
func (p *process) flood(l load) (flood, error) {
	var (
		requests, length, first atomic.Int64
		wait                    sync.WaitGroup
		failed                  = make(chan error, l.connections)
	)
	cs := make([]*conn, l.connections)
	for i := range cs {
		c, err := dial(p.address)
		if err != nil {
			return flood{}, err
		}
		defer c.Close()
		c.encoding, c.fresh, c.asked = l.encoding, l.fresh, int(time.Now().UnixNano())
		cs[i] = c
	}
	before, began := p.cpu(), time.Now()
	for i, c := range cs {
		wait.Go(func() {
			for k := i * len(l.paths) / l.connections; time.Since(began) < l.span; k++ {
				path := l.paths[k%len(l.paths)]
				status, n, err := c.get(path, nil)
				if err == nil && status >= 300 {
					err = fmt.Errorf("%s: GET %s: status %d", p.name, path, status)
				}
				if err != nil {
					failed <- err
					return
				}
				requests.Add(1)
				length.Add(int64(n))
				first.Add(int64(c.first))
			}
		})
	}
	wait.Wait()
	out := flood{int(requests.Load()), length.Load(), time.Since(began), p.cpu() - before, time.Duration(first.Load())}
	select {
	case err := <-failed:
		return out, err
	default:
		return out, nil
	}
}
