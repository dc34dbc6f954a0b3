package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
	"github.com/gin-gonic/gin"
)

// An answer is a complete body with what its headers need, shared by requests. It keeps
// the codings of its body that were asked for and no others: each is made when it is first
// asked for, quickly, and replaced in idle time by a better one if it is asked for again.
type answer struct {
	mediaType []string
	language  string // Content-Language; empty: none
	name      string // a hash of the content, so that replicas agree
	size      int    // of the body; of a tile, 0: 204
	lasting   bool   // it is there as long as the server, so that compressing it well pays

	mu    sync.Mutex // held to make a coding
	coded [codings]atomic.Pointer[encoded]
}

// An encoded is the body of an answer in a coding: the identity, where that is no longer.
type encoded struct {
	coding coding
	effort effort
	bytes  []byte
	etag   []string // headers, as net/http keeps them
	length []string
	asked  atomic.Uint32 // how often, saturating at a few
}

// newAnswer keeps body, which the caller gives away.
func newAnswer(mediaType string, body []byte) *answer {
	a := &answer{mediaType: []string{mediaType}, name: nameOf(body), size: len(body)}
	a.coded[identity].Store(a.encoded(identity, quick, body))
	return a
}

// newTile returns the answer of a tile, ready in the coding that wanted has for it. It
// does not keep body. Last, unless it is nil, is the answer of the tile before a reload,
// which stays if body has stayed the same.
func newTile(body []byte, wanted codingSet, last *answer) *answer {
	a := &answer{mediaType: tileType, name: nameOf(body), size: len(body)}
	if last != nil && last.name == a.name && last.size == a.size {
		return last
	}
	a.make(wanted, body)
	if e := a.coded[identity].Load(); e != nil {
		e.bytes = bytes.Clone(body)
	}
	return a
}

// nameOf is a short name for a body, quick to make: it tells the bodies that one URL has
// from each other, so 64 bits are enough.
func nameOf(body []byte) string { return strconv.FormatUint(xxhash.Sum64(body), 36) }

// hash is a short name for what nobody may be able to make up.
func hash(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
		h.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// encoded returns the body in coding c as b. An ETag differs where bytes do (RFC 9110
// §8.8.3): it names the content, the coding and the effort.
func (a *answer) encoded(c coding, e effort, b []byte) *encoded {
	tag := `"` + a.name + codingNames[c].mark
	if c != identity && e != quick {
		tag += strconv.Itoa(int(e))
	}
	return &encoded{coding: c, effort: e, bytes: b, etag: []string{tag + `"`}, length: []string{strconv.Itoa(len(b))}}
}

// weight is what the answer costs in a cache, in bytes.
func (a *answer) weight() int {
	n := 1024
	for c := range a.coded {
		if e := a.coded[c].Load(); e != nil && e.coding == coding(c) {
			n += len(e.bytes) + 192
		}
	}
	return n
}

// minZip is the size below which compressing costs more than it saves.
const minZip = 1 << 10

// in returns the answer in the smallest of the wanted codings that is there, or else makes
// the quickest.
func (a *answer) in(wanted codingSet) (e *encoded, made bool) {
	if e = a.smallest(wanted); e != nil {
		return e, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if e = a.smallest(wanted); e != nil {
		return e, false
	}
	return a.make(wanted, a.body()), true
}

// make makes the quickest of the wanted codings of body, which it may keep.
func (a *answer) make(wanted codingSet, body []byte) *encoded {
	c, e := wanted.quickest(), quick
	if a.lasting {
		e = utmost
	}
	if c != identity && a.size >= minZip {
		if b := compress(body, c, e, nil); len(b) < a.size {
			made := a.encoded(c, e, b)
			a.coded[c].Store(made)
			return made
		}
	}
	plain := a.coded[identity].Load()
	if plain == nil {
		plain = a.encoded(identity, quick, body)
		a.coded[identity].Store(plain)
	}
	for c := range codings {
		if wanted.has(c) {
			a.coded[c].Store(plain)
		}
	}
	return plain
}

func (a *answer) smallest(wanted codingSet) (least *encoded) {
	for c := range codings {
		if !wanted.has(c) {
			continue
		}
		if e := a.coded[c].Load(); e != nil && (least == nil || len(e.bytes) < len(least.bytes)) {
			least = e
		}
	}
	return least
}

// body returns the body as it is, from whatever coding is there.
func (a *answer) body() []byte {
	for c := range a.coded {
		if e := a.coded[c].Load(); e != nil {
			return decompress(e.bytes, e.coding, a.size)
		}
	}
	return nil
}

// improve replaces what clients who want these codings get by something smaller, calling
// pause now and then.
func (a *answer) improve(wanted codingSet, pause func()) {
	c := wanted.quickest()
	if wanted.has(brotliCoding) {
		c = brotliCoding
	}
	last := a.smallest(wanted)
	if last == nil || last.coding == identity {
		return
	}
	b := compress(a.body(), c, better, pause)
	if len(b) >= len(last.bytes) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.coded[c].Store(a.encoded(c, better, b))
	for other := range codings {
		if other != c && wanted.has(other) {
			a.coded[other].Store(nil) // nobody who wants both needs it
		}
	}
}

// Headers as net/http keeps them, so that setting them allocates nothing.
//
//nolint:gochecknoglobals // constants in all but syntax
var (
	varyEncoding = []string{"Accept-Encoding"}
	tileType     = []string{tileMediaType}
	revalidate   = []string{"no-cache"}
	immutable    = []string{"public, max-age=31536000, immutable"}
)

// send answers with a, or with 304 if the client has it (RFC 9110 §13.1.2).
// Forever says that the URL names this very content.
func send(c *gin.Context, a *answer, forever bool) {
	e, _ := a.in(accepted(c.Request.Header["Accept-Encoding"]))
	if a.language != "" {
		c.Writer.Header().Set("Content-Language", a.language)
	}
	sayLasting(c, forever)
	sendEncoded(c, a, e)
}

// sayLasting says how long the answer may be used without asking.
func sayLasting(c *gin.Context, forever bool) {
	if forever {
		c.Writer.Header()["Cache-Control"] = immutable
	} else {
		c.Writer.Header()["Cache-Control"] = revalidate
	}
}

// sendEncoded is send with e, which is of a, once the header says all but what e says.
func sendEncoded(c *gin.Context, a *answer, e *encoded) {
	h := c.Writer.Header()
	h["Etag"] = e.etag
	if tag, ok := matches(c.Request.Header.Get("If-None-Match"), a.name); ok {
		if tag != "" && tag != e.etag[0] {
			h["Etag"] = []string{tag} // the one that the client has is as good (RFC 9111 §4.3.4)
		}
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	if a.size == 0 && a.mediaType[0] == tileMediaType {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return
	}
	if e.coding != identity {
		h["Content-Encoding"] = codingNames[e.coding].header
	}
	h["Content-Type"] = a.mediaType
	h["Content-Length"] = e.length
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(e.bytes) // the client may be gone
}

// matches reads If-None-Match: ok if it has the ETag of name in any coding, strong or
// weak, which it returns as a strong one, or is *.
func matches(ifNoneMatch, name string) (tag string, ok bool) {
	for ifNoneMatch != "" {
		tag, ifNoneMatch, _ = strings.Cut(ifNoneMatch, ",")
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" {
			return "", true
		}
		if base, _, _ := strings.Cut(strings.Trim(tag, `"`), "."); base != "" && base == name {
			return tag, true
		}
	}
	return "", false
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
