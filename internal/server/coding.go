package server

import (
	"bytes"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A coding is a content coding (RFC 9110 §8.4.1). Of those that a client likes equally
// well, the first of these after identity is made: they are in the order of their cost.
type coding uint8

const (
	identity coding = iota
	gzipCoding
	zstdCoding
	brotliCoding
	codings // so many there are
)

// codingNames are the values of Content-Encoding; the parts after the point mark ETags.
//
//nolint:gochecknoglobals // a table
var codingNames = [codings]struct {
	name, mark string
	header     []string // as net/http keeps it
}{
	{"identity", "", nil},
	{"gzip", ".gz", []string{"gzip"}},
	{"zstd", ".zst", []string{"zstd"}},
	{"br", ".br", []string{"br"}},
}

// A codingSet is a set of codings.
type codingSet uint8

func setOf(c coding) codingSet        { return 1 << c }
func (s codingSet) has(c coding) bool { return s&setOf(c) != 0 }
func (s codingSet) quickest() (c coding) { // the identity, if there is no other
	for c = identity + 1; c < codings; c++ {
		if s.has(c) {
			return c
		}
	}
	return identity
}

// weightsOf returns what the lines of Accept-Encoding give each coding, in thousandths;
// one that is neither named nor among all others has less than 0. It allocates nothing.
func weightsOf(lines []string) [codings]int {
	weights := [codings]int{-1, -1, -1, -1}
	others := -1 // the weight of *
	for _, line := range lines {
		for line != "" {
			var entry string
			entry, line, _ = strings.Cut(line, ",")
			name, params, _ := strings.Cut(entry, ";")
			name = strings.TrimSpace(name)
			weight := 1000
			if p, value, _ := strings.Cut(params, "="); strings.EqualFold(strings.TrimSpace(p), "q") {
				weight = thousandths(value)
			}
			if name == "*" {
				others = weight
			}
			for c := range weights {
				if strings.EqualFold(name, codingNames[c].name) || coding(c) == gzipCoding && strings.EqualFold(name, "x-gzip") {
					weights[c] = weight
				}
			}
		}
	}
	for c := range weights {
		if weights[c] < 0 {
			weights[c] = others
		}
	}
	return weights
}

// accepted returns the codings that the lines of Accept-Encoding prefer to all others,
// equally among each other (RFC 9110 §12.5.3). The identity is among them only by itself:
// if the client likes nothing better, or nothing at all.
func accepted(lines []string) codingSet {
	set, most := setOf(identity), 0
	for c, weight := range weightsOf(lines) {
		switch {
		case weight > most:
			set, most = setOf(coding(c)), weight
		case weight == most && weight > 0:
			set |= setOf(coding(c))
		}
	}
	if coded := set &^ setOf(identity); coded != 0 {
		return coded
	}
	return set
}

// An effort is how much time compressing may take.
type effort uint8

const (
	quick  effort = iota // for one answer
	better               // for one that is sent again and again, in idle time
	utmost               // for what the program brings along
	efforts
)

// A compressor writes what it is given in one coding.
type compressor interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// compressors are kept for the next answer: making one costs more than compressing a
// small tile.
//
//nolint:gochecknoglobals // pools
var compressors [codings][efforts]sync.Pool

// newCompressor returns a compressor at a level that is quick for its size (for the
// quick effort), or small for its time.
func newCompressor(c coding, e effort) compressor {
	switch c {
	case gzipCoding:
		w, err := gzip.NewWriterLevel(nil, [efforts]int{2, 6, 9}[e])
		if err != nil {
			panic(err) // the levels are constants
		}
		return w
	case zstdCoding:
		level := [efforts]zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedBetterCompression, zstd.SpeedBestCompression}[e]
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // so are these
		}
		return w
	case brotliCoding:
		return brotli.NewWriterLevel(nil, [efforts]int{3, 5, 9}[e])
	}
	panic("no such coding")
}

// buffers are what is being made, before its size is known.
//
//nolint:gochecknoglobals // a pool
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largeBuffer is the size from which on buffers are not kept for others: few need so much.
const largeBuffer = 4 << 20

// chunk is how much is compressed between two calls of pause.
const chunk = 64 << 10

// compress returns body in a coding other than the identity, which the caller keeps.
// Pause, if not nil, is called now and then, to give way to others.
func compress(body []byte, c coding, e effort, pause func()) []byte {
	pool := &compressors[c][e]
	w, ok := pool.Get().(compressor)
	if !ok {
		w = newCompressor(c, e)
	}
	b := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	b.Reset()
	large := len(body) > largeBuffer
	if large {
		b = bytes.NewBuffer(make([]byte, 0, len(body)*5/8)) // all that tiles take
	}
	w.Reset(b)
	for rest := body; len(rest) > 0; {
		n := len(rest)
		if pause != nil {
			pause()
			n = min(n, chunk)
		}
		_, _ = w.Write(rest[:n]) // a Buffer takes all
		rest = rest[n:]
	}
	_ = w.Close()
	out := b.Bytes()
	if !large {
		out = bytes.Clone(out)
		buffers.Put(b)
	}
	w.Reset(nil)
	pool.Put(w)
	return out
}

// decompress returns the size bytes that b holds in a coding.
func decompress(b []byte, c coding, size int) []byte {
	var (
		r   io.Reader
		err error
	)
	switch c {
	case gzipCoding:
		r, err = gzip.NewReader(bytes.NewReader(b))
	case zstdCoding:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1)); err == nil {
			defer d.Close()
		}
		r = d
	case brotliCoding:
		r = brotli.NewReader(bytes.NewReader(b))
	default:
		return b
	}
	out := make([]byte, size)
	if err == nil {
		_, err = io.ReadFull(r, out)
	}
	if err != nil {
		panic(err) // compress wrote it
	}
	return out
}
