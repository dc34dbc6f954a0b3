package server

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/gzip"
)

// A stream is the body of an answer that goes out while it is made, so that
// memory does not grow with it. What is small goes out in one piece, with its length.
type stream struct {
	q         *request
	mediaType string
	etag      string // without quotes
	buf       []byte // what has not gone out yet
	out       io.Writer
	coding    coding     // that the client likes best
	zip       compressor // in it; nil: the identity
	sent      bool
	copy      *sentPage // of what goes out; nil: none is kept
}

// A sentPage is the whole of an answer as it went out.
type sentPage struct {
	key    string
	header http.Header
	body   []byte
}

const mostSent = 1 << 20 // bytes of a body that is kept

func (p *sentPage) weight() int { return len(p.key) + len(p.body) + 2048 }

// A copier writes to a client and keeps what it writes; of a body that is too large,
// nothing. It has no errors: what is kept is whole though the client may be gone.
type copier struct {
	to   io.Writer
	page *sentPage
}

func (c copier) Write(b []byte) (int, error) {
	_, _ = c.to.Write(b)
	if len(c.page.body)+len(b) > mostSent {
		c.page.key, c.page.body = "", nil
	}
	if c.page.key != "" {
		c.page.body = append(c.page.body, b...)
	}
	return len(b), nil
}

// A sentTable remembers the last questions by a number of each, in a table of fixed size:
// only what is asked again is worth being kept.
type sentTable [1 << 12]atomic.Uint64

// again tells whether key was asked for before, and remembers it.
func (t *sentTable) again(key string) bool {
	h := xxhash.Sum64String(key)
	return t[h%uint64(len(t))].Swap(h) == h
}

const (
	streamBuffer = 64 << 10
	streamWorth  = 48 << 10  // of a call
	streamRun    = 256 << 10 // of what need not be copied into a buffer
	streamMost   = 1 << 20   // of a buffer that is kept
)

//nolint:gochecknoglobals // pools
var (
	streamBuffers = sync.Pool{New: func() any { b := make([]byte, 0, streamBuffer); return &b }}
	quickZippers  [codings]sync.Pool
)

// newZipper returns a compressor for what goes out while it is made.
func newZipper(c coding) compressor {
	if w, ok := quickZippers[c].Get().(compressor); ok {
		return w
	}
	if c != gzipCoding {
		return newCompressor(c, quick)
	}
	w, err := gzip.NewWriterLevel(io.Discard, 1)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}

// timeStamp is how an answer says when it was made (OGC 17-069r4 /req/core/fc-timeStamp).
// That is when the state was of which it tells: made later, it is the same to the byte,
// so that it has one ETag for as long.
const timeStamp = "2006-01-02T15:04:05.000Z"

// stream begins an answer that is made of the given parts, which decide all in it but
// its time stamp. It returns nil if nothing is left to do: the client has that answer, or
// gets a copy of what went out before.
//
// The ETag names the parts, so that a body need not be made to be compared, and
// the time stamp, which is in the body: a strong validator names bytes (RFC 9110
// §8.8.1). An answer made of the same parts at another time, by any replica, is
// as good, so If-None-Match does not look at the time.
func (q *request) stream(mediaType string, parts ...string) *stream {
	tag := hash([]byte(strings.Join(parts, "\x00"))) + "."
	w := &stream{q: q, mediaType: mediaType, etag: tag + strconv.FormatInt(q.since.UnixMilli(), 36)}
	for known := range strings.SplitSeq(q.Request.Header.Get("If-None-Match"), ",") {
		known = strings.Trim(strings.TrimPrefix(strings.TrimSpace(known), "W/"), `"`)
		if known == "*" {
			known = w.etag
		}
		if strings.HasPrefix(known, tag) {
			w.etag = known
			w.head()
			q.Status(http.StatusNotModified)
			q.Writer.WriteHeaderNow()
			return nil
		}
	}
	w.coding = accepted(q.Request.Header["Accept-Encoding"]).quickest()
	key := w.etag + codingNames[w.coding].name
	if p, ok := q.server.pages.GetIfPresent(key); ok {
		h := q.Writer.Header()
		maps.Copy(h, p.header)
		h["Content-Length"] = []string{strconv.Itoa(len(p.body))}
		q.Status(http.StatusOK)
		_, _ = q.Writer.Write(p.body) // the client may be gone
		return nil
	}
	if q.server.asked.again(key) {
		w.copy = &sentPage{key: key}
	}
	if w.coding != identity {
		w.zip = newZipper(w.coding)
	}
	w.buf = (*streamBuffers.Get().(*[]byte))[:0] //nolint:forcetypeassert // the pool holds nothing else
	return w
}

// head sets the headers that every answer has.
func (w *stream) head() {
	h := w.q.Writer.Header()
	if w.q.lang != "" {
		h.Set("Content-Language", w.q.lang)
	}
	h["Cache-Control"] = revalidate
	h["Etag"] = []string{`"` + w.etag + `"`}
}

// begin sends the headers of a body.
func (w *stream) begin(zipped bool, length int) {
	h := w.q.Writer.Header()
	if w.out = w.q.Writer; zipped {
		w.etag += "-" + codingNames[w.coding].mark[1:]
		h["Content-Encoding"] = codingNames[w.coding].header
	}
	w.head()
	h["Content-Type"] = []string{w.mediaType}
	if length >= 0 {
		h["Content-Length"] = []string{strconv.Itoa(length)}
	}
	if w.copy != nil {
		w.copy.header = h.Clone()
		w.out = copier{w.q.Writer, w.copy}
	}
	w.q.Status(http.StatusOK)
	w.sent = true
}

// sendLarge sends what has come together if it is worth a call.
func (w *stream) sendLarge() {
	if len(w.buf) >= streamWorth {
		w.send(w.buf)
		w.buf = w.buf[:0]
	}
}

// send sends b. Nothing may have come together.
func (w *stream) send(b []byte) {
	if !w.sent {
		if w.begin(w.zip != nil, -1); w.zip != nil {
			w.zip.Reset(w.out)
			w.out = w.zip
		}
	}
	_, _ = w.out.Write(b) // the client may be gone; then the walk ends with its context
}

// end sends the rest.
func (w *stream) end() {
	switch {
	case w.sent:
		_, _ = w.out.Write(w.buf)
		if w.out == w.zip {
			_ = w.zip.Close()
		}
	case w.zip != nil && len(w.buf) >= minZip:
		var b bytes.Buffer
		b.Grow(len(w.buf) / 4)
		w.zip.Reset(&b)
		_, _ = w.zip.Write(w.buf) // a Buffer takes all
		_ = w.zip.Close()
		w.begin(true, b.Len())
		_, _ = w.out.Write(b.Bytes())
	default:
		w.begin(false, len(w.buf))
		_, _ = w.out.Write(w.buf)
	}
	if w.copy != nil && w.copy.key != "" {
		w.q.server.pages.Set(w.copy.key, w.copy)
	}
}

// broke returns err, or breaks the answer off where it has begun, so that the
// client sees that it is not whole.
func (w *stream) broke(err error) error {
	if !w.sent {
		return err
	}
	if w.q.Request.Context().Err() == nil {
		w.q.server.log.Error("answer broke off", "url", w.q.Request.URL.String(), "error", err)
	}
	panic(http.ErrAbortHandler)
}

// release gives back what the stream has borrowed.
func (w *stream) release() {
	if w.zip != nil {
		quickZippers[w.coding].Put(w.zip)
	}
	if cap(w.buf) <= streamMost {
		streamBuffers.Put(&w.buf)
	}
}
