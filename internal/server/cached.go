package server

import (
	"bytes"
	"hash/maphash"
	"maps"
	"math/bits"
	"net/http"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"
)

// pick returns a, which is in the cache under key, in the best coding of those wanted that
// is there. What it makes is weighed; what is asked for again is made better in idle time.
func (s *Server) pick(a *answer, key tileKey, wanted codingSet) *encoded {
	e, made := a.in(wanted)
	if made {
		s.reweigh(key, a)
	}
	if canImprove(e, wanted) && e.asked.Load() < wishAfter && e.asked.Add(1) == wishAfter {
		select {
		case s.wishes <- wish{key, a, wanted}:
		default:
			e.asked.Store(0)
		}
	}
	return e
}

// canImprove tells whether answer.improve may find something smaller than e.
func canImprove(e *encoded, wanted codingSet) bool {
	return e.coding != identity && (e.effort == quick || wanted.has(brotliCoding) && e.coding != brotliCoding)
}

// reweigh tells the cache that a, if it is there still, has another weight.
func (s *Server) reweigh(key tileKey, a *answer) {
	s.cache.ComputeIfPresent(key, func(old *answer) (*answer, otter.ComputeOp) {
		if old != a {
			return old, otter.CancelOp
		}
		return a, otter.WriteOp
	})
}

// A hit is what the URL of a tile comes to in a state: clients ask for tiles by the same
// few URLs, and to read one takes longer than to answer it.
type hit struct {
	state  *state
	key    tileKey
	choice bool        // what comes depends on Accept
	header http.Header // all of the answer but what its coding says
	head   []byte      // the same as it is sent
}

// weight is what h costs beside the URL, in bytes.
func (h *hit) weight() int { return 1024 + 2*len(h.head) }

// remember keeps what the URL of q came to. Empty tiles have no entries.
func (s *Server) remember(q *request, key tileKey) {
	h := &hit{state: q.state, key: key, choice: len(q.route.forms) > 1, header: q.Writer.Header().Clone()}
	var head bytes.Buffer
	_ = h.header.Write(&head) // a Buffer takes all
	h.head = head.Bytes()
	s.hot.Set(q.Request.RequestURI, h)
}

// again returns the tile that was asked for by this very URL before, if it is in the cache
// still. Where Accept has a choice, that is left to others.
func (s *Server) again(uri, accept string) (*hit, *answer) {
	known, ok := s.hot.GetIfPresent(uri)
	if !ok || known.state != s.state.Load() || known.choice && accept != "" && accept != "*/*" {
		return nil, nil
	}
	a, ok := s.cache.GetIfPresent(known.key)
	if !ok {
		return nil, nil
	}
	return known, a
}

// sendAgain answers with the tile that was asked for by the same URL before, if that is
// still known.
func (s *Server) sendAgain(c *gin.Context) bool {
	known, a := s.again(c.Request.RequestURI, c.Request.Header.Get("Accept"))
	if a == nil {
		return false
	}
	maps.Copy(c.Writer.Header(), known.header)
	sendEncoded(c, a, s.pick(a, known.key, accepted(c.Request.Header["Accept-Encoding"])))
	return true
}

// empties remembers tiles that were drawn and had nothing in them, each by one number, in
// a table of fixed size in which a later one takes the place of an earlier.
type empties struct {
	seed  maphash.Seed
	marks []atomic.Uint64
}

func newEmpties() empties {
	return empties{maphash.MakeSeed(), make([]atomic.Uint64, 1<<16)}
}

// mark returns the number of a tile. That another tile has the same is as likely as that
// two of 64 coin tosses each come out alike.
func (e *empties) mark(key *tileKey) uint64 { return max(1, maphash.Comparable(e.seed, *key)) }

func (e *empties) at(mark uint64) *atomic.Uint64 {
	return &e.marks[mark>>(64-bits.TrailingZeros(uint(len(e.marks))))]
}

func (e *empties) has(mark uint64) bool { return e.at(mark).Load() == mark }
func (e *empties) add(mark uint64)      { e.at(mark).Store(mark) }
