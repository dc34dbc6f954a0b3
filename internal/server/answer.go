package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

// An answer is a complete body with what its headers need. It is immutable once
// made and may be shared by requests; its gzip form is made once, when first asked for.
type answer struct {
	mediaType string
	language  string // Content-Language; empty: none
	body      []byte // of a tile, empty: 204
	etag      string // without quotes; a hash of the content, so that replicas agree

	once   sync.Once
	zipped []byte // nil: not worth it
}

// newAnswer keeps body, which the caller gives away.
func newAnswer(mediaType string, body []byte) *answer {
	return &answer{mediaType: mediaType, body: body, etag: hash(body)}
}

// hash is a short name for content.
func hash(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
		h.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// weight is what the answer costs in a cache, in bytes.
func (a *answer) weight() int { return 2*len(a.body) + 512 }

// minZip is the size below which compressing costs more than it saves.
const minZip = 1 << 10

// gzip returns the body compressed, or nil if that gains nothing.
func (a *answer) gzip() []byte {
	a.once.Do(func() {
		if len(a.body) < minZip {
			return
		}
		var b bytes.Buffer
		b.Grow(len(a.body) / 2)
		w := zippers.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool holds nothing else
		w.Reset(&b)
		_, _ = w.Write(a.body) // a Buffer takes all
		_ = w.Close()
		zippers.Put(w)
		if b.Len() < len(a.body) {
			a.zipped = b.Bytes()
		}
	})
	return a.zipped
}

// zippers are writers at a level that is quick for its size (speed.md's table).
//
//nolint:gochecknoglobals // a pool
var zippers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, 5)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// Headers as net/http keeps them, so that setting them allocates nothing.
//
//nolint:gochecknoglobals // constants in all but syntax
var (
	varyEncoding = []string{"Accept-Encoding"}
	gzipEncoding = []string{"gzip"}
	revalidate   = []string{"no-cache"}
	immutable    = []string{"public, max-age=31536000, immutable"}
)

// send answers with a, or with 304 if the client has it (RFC 9110 §13.1.2).
// Forever says that the URL names this very content.
func send(c *gin.Context, a *answer, forever bool) {
	h := c.Writer.Header()
	if a.language != "" {
		h.Set("Content-Language", a.language)
	}
	if forever {
		h["Cache-Control"] = immutable
	} else {
		h["Cache-Control"] = revalidate
	}
	body, etag := a.body, a.etag
	if acceptsGzip(c.Request.Header.Get("Accept-Encoding")) {
		if z := a.gzip(); z != nil {
			body, etag = z, a.etag+"-gz"
			h["Content-Encoding"] = gzipEncoding
		}
	}
	h["Etag"] = []string{`"` + etag + `"`}
	if matches(c.Request.Header.Get("If-None-Match"), a.etag) {
		delete(h, "Content-Encoding")
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	if len(body) == 0 && a.mediaType == tileMediaType {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return
	}
	h["Content-Type"] = []string{a.mediaType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(body) // the client may be gone
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip is named, or *, and not with q=0.
func acceptsGzip(accept string) bool {
	star := false
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.TrimSpace(coding)
		refused := false
		if q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			f, err := strconv.ParseFloat(q, 64)
			refused = err != nil || f == 0
		}
		switch {
		case strings.EqualFold(coding, "gzip"):
			return !refused
		case coding == "*":
			star = !refused
		}
	}
	return star
}

// matches reads If-None-Match: it names etag, in either encoding, strong or weak, or is *.
func matches(ifNoneMatch, etag string) bool {
	for part := range strings.SplitSeq(ifNoneMatch, ",") {
		tag := strings.TrimSpace(part)
		if tag == "*" {
			return true
		}
		tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
		if tag != "" && strings.TrimSuffix(tag, "-gz") == etag {
			return true
		}
	}
	return false
}

// encode is v, which marshals without fail, as JSON that keeps <, > and & readable.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
}
