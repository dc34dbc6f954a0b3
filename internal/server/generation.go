package server

import (
	"hash/fnv"
	"io"
	"strings"

	"kharita/internal/layers"
)

// A tile in the cache is named by the revisions of the layers in it: when one of
// them changes, the tiles of the others stay, and of its own those that come out
// as before keep their answer.

// revisionOf is a short name for what the tiles of l show, which is in group: with a
// layer change those that share its borders.
func revisionOf(l *layers.Layer, group []*layers.Layer) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, l.ID)
	for _, m := range group {
		_, _ = io.WriteString(h, "\x00"+m.ID+"\x00"+m.Revision)
	}
	return h.Sum64()
}

// together returns the revision of some layers, separated by commas.
func together(drawn map[string]uint64, ids string) uint64 {
	const prime = 1099511628211 // of FNV
	sum := uint64(0)
	for id := range strings.SplitSeq(ids, ",") {
		sum = sum*prime ^ drawn[id]
	}
	return sum
}

// takeLast takes the answer of the state before out of the cache; nil if it is not there.
func (s *Server) takeLast(st *state, key tileKey) *answer {
	revision := key.revision
	if key.revision = together(st.before, key.layers); key.revision == revision {
		return nil
	}
	last, _ := s.cache.Invalidate(key)
	return last
}
