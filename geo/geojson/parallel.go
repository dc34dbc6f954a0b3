package geojson

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"sync"

	"kharita/geo"
)

// A Parallel reads as a Reader does, row for row and error for error, on several cores.
// It is for one goroutine.
//
// The file is cut into blocks where a feature seems to end and the next to begin, which
// are read by themselves, and whose rows are handed out in order. That a cut was right
// shows when the block before it ends just there; where it does not, or anything is wrong
// with the JSON, what follows is read again by one Reader, from the end of the last good
// feature on. So no rule of JSON stands here, and all errors are the Reader's.
type Parallel struct {
	alone *Reader // reads the start and the end of the file, and what can't be cut
	tape  *tape
	sizes sizes
	bad   int // blocks that did not end where they should
	taken int // rows from blocks
	read  int // bytes of blocks that were taken as a whole

	// While blocks are read:
	blocks  chan *block // in order
	free    chan *block
	stop    chan struct{}
	running sync.WaitGroup
	block   *block // nil: alone reads
	at      int    // next row of block
	row     Row    // of which the values are in the order of the names of all
}

// sizes say how a file is cut.
type sizes struct {
	workers int
	least   int // bytes of a file; a shorter one is not worth it
	block   int // bytes
	longest int // bytes of a block, if no feature ends sooner
}

const (
	leastParallel = 256 << 10
	blockSize     = 256 << 10
	longestBlock  = 4 << 20
	maxBad        = 8 // bad cuts after which no more are tried
)

// NewParallel returns a Parallel that reads src on as many cores as there are; see
// NewReader. It must be closed.
func NewParallel(src io.Reader, names *geo.Names) *Parallel {
	return newParallel(src, names, sizes{runtime.GOMAXPROCS(0), leastParallel, blockSize, longestBlock})
}

func newParallel(src io.Reader, names *geo.Names, s sizes) *Parallel {
	t := &tape{src: src}
	return &Parallel{alone: NewReader(t, names), tape: t, sizes: s}
}

// Next returns the next feature as Reader.Next does.
func (p *Parallel) Next() (*Row, error) {
	for {
		if p.block == nil {
			if !p.start() {
				return p.alone.Next()
			}
		}
		if p.block != nil && p.at < len(p.block.rows) {
			p.at++
			return p.take(&p.block.rows[p.at-1]), nil
		}
		p.next()
	}
}

// Blocks returns how many rows came of how many bytes of the source that were read by blocks: enough
// to tell about how many there will be of all.
func (p *Parallel) Blocks() (rows, bytes int) { return p.taken - p.at, p.read }

// Close ends what reads ahead.
func (p *Parallel) Close() {
	if p.blocks != nil {
		p.halt()
	}
}

// take returns row as it is in the file as a whole.
func (p *Parallel) take(row *Row) *Row {
	row.Feature = p.alone.n
	p.alone.n++
	p.taken++
	for _, e := range row.Faults {
		e.Feature = row.Feature
	}
	numbers := p.block.reader.numbers
	if numbers == nil {
		return row
	}
	values, places := p.row.Values[:0], p.row.Places[:0]
	for i, v := range row.Values {
		if row.Places[i].Line == 0 {
			continue // not there
		}
		for len(values) <= numbers[i] {
			values, places = append(values, geo.Value{}), append(places, Pos{})
		}
		values[numbers[i]], places[numbers[i]] = v, row.Places[i]
	}
	p.row = *row
	p.row.Values, p.row.Places = values, places
	return &p.row
}

// next goes on to the next block, or back to reading alone if there is none, or if the one
// at hand is bad.
func (p *Parallel) next() {
	if b := p.block; b != nil {
		if !b.whole {
			p.bad++
			p.resume()
			return
		}
	}
	b, ok := <-p.blocks
	if !ok {
		p.resume()
		return
	}
	if p.block != nil {
		p.read += len(p.block.text)
		p.free <- p.block
	}
	<-b.read
	p.block, p.at = b, 0
	b.reader.know(p.alone.names, b.added)
}

// A blockReader reads blocks, one after the other.
type blockReader struct {
	r       *Reader
	known   int   // names of r that the consumer of rows knows
	numbers []int // of names of r, in the order of all; nil: the same
}

// know numbers names that r has met for the first time in a block, all blocks before which
// are known: so names get the numbers that reading alone would give.
func (w *blockReader) know(all *geo.Names, added []string) {
	for _, name := range added {
		i := all.Add(name)
		if i != w.known && w.numbers == nil {
			w.numbers = make([]int, w.known)
			for k := range w.numbers {
				w.numbers[k] = k
			}
		}
		if w.known++; w.numbers != nil {
			w.numbers = append(w.numbers, i)
		}
	}
}

// A block is a piece of the file, from the end of a feature to the end of another.
type block struct {
	text   []byte
	reader *blockReader
	read   chan struct{} // told when what follows is there

	rows   []Row
	values []geo.Value
	places []Pos
	added  []string // names that its reader had not met before
	whole  bool     // it was read to its end

	// Where the block starts, then where its last row ends.
	pos, line, lineStart int
}

// parse reads b, of which the rows lie in s, inFeatures or inSequence.
func (w *blockReader) parse(b *block, s state) {
	r := w.r
	before := len(r.names.List())
	b.reader, b.whole = w, false
	b.rows, b.values, b.places = b.rows[:0], b.values[:0], b.places[:0]
	r.s.buf, r.s.eof = b.text, true
	r.resume(b.line, b.lineStart, s)
	for r.s.pos < len(b.text) {
		row, err := r.Next()
		if err != nil || r.state != s && r.s.pos < len(b.text) {
			break
		}
		b.rows = append(b.rows, *row)
		b.values, b.places = append(b.values, row.Values...), append(b.places, row.Places...)
		last := &b.rows[len(b.rows)-1]
		last.Faults = append([]*Error(nil), row.Faults...)
		b.pos, b.line, b.lineStart = r.s.pos, r.s.line, r.s.lineStart
	}
	b.whole = b.pos == len(b.text)
	b.added = r.names.List()[before:]
	at := 0
	for i := range b.rows {
		row := &b.rows[i]
		end := at + len(row.Values)
		row.Values, row.Places = b.values[at:end], b.places[at:end]
		at = end
	}
	b.read <- struct{}{}
}

// resume makes r go on at the start of its window, after a feature.
func (r *Reader) resume(line, lineStart int, s state) {
	r.s.pos, r.s.mark = 0, -1
	r.s.line, r.s.lineStart, r.s.depth = line, lineStart, 0
	r.n = max(r.n, 1)
	r.state, r.kind = s, ""
	if s == inFeatures {
		r.kind, r.s.depth = "FeatureCollection", 2
	} else {
		r.skipSeparators()
	}
}

// start begins to read blocks, if that may pay. It reports whether blocks are being read.
func (p *Parallel) start() bool {
	r := p.alone
	s := r.s
	if p.blocks != nil {
		return true
	}
	if p.sizes.workers < 2 || p.bad >= maxBad || p.tape.passed < p.sizes.least || len(p.tape.ahead) > 0 || p.tape.err != nil ||
		r.n == 0 || r.state != inFeatures && r.state != inSequence {
		return false
	}
	seam := s.seam()
	if seam == nil {
		return false
	}
	count := 2*p.sizes.workers + 1
	p.blocks, p.free, p.stop = make(chan *block, count), make(chan *block, count), make(chan struct{})
	for range count {
		p.free <- &block{read: make(chan struct{}, 1)}
	}
	work := make(chan *block, count)
	for range p.sizes.workers {
		w := &blockReader{r: NewReader(nothing{}, geo.NewNames())}
		state := r.state
		p.running.Go(func() {
			for b := range work {
				w.parse(b, state)
			}
		})
	}
	front, line, lineStart := bytes.Clone(s.buf[s.pos:]), s.line, s.lineStart-s.pos
	p.running.Go(func() { p.cut(work, seam, front, line, lineStart) })
	return true
}

// nothing is an empty source.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// seam returns what stands between two features, from the brace that ends the one to the
// first name in the next, or the name's value if that is a type: so that members of
// features seldom look like it. It is nil if that is not in the window, or something else.
func (s *scanner) seam() []byte {
	from := s.pos
	space := func(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0x1e }
	for from > 0 && space(s.buf[from-1]) {
		from--
	}
	if from == 0 || s.buf[from-1] != '}' {
		return nil
	}
	seam := s.buf[from-1:]
	open := bytes.IndexByte(seam, '{')
	if open < 0 || open+1 == len(seam) || seam[open+1] != '"' {
		return nil
	}
	quotes := 2
	if bytes.HasPrefix(seam[open+1:], []byte(`"type"`)) {
		quotes = 4
	}
	for i := open; i < min(len(seam), maxSeam); i++ {
		if seam[i] != '"' {
			continue
		}
		if quotes--; quotes == 0 {
			return bytes.Clone(seam[:i+1])
		}
	}
	return nil
}

const maxSeam = 256

// cut cuts what follows in the file, which begins with front, at seams, and hands the
// blocks to work and, in order, to p. It ends where the file does, where no seam is found
// for long, and when p is stopped; what is left then goes back to the tape.
func (p *Parallel) cut(work chan<- *block, seam, front []byte, line, lineStart int) {
	rest := front
	defer func() {
		p.tape.ahead = [][]byte{bytes.Clone(rest)}
		close(work)
		close(p.blocks)
	}()
	for {
		var b *block
		select {
		case b = <-p.free:
		case <-p.stop:
			return
		}
		text := append(b.text[:0], rest...)
		rest = text
		end, looked := -1, 0
		for size := p.sizes.block; end < 0; size *= 2 {
			n := len(text)
			if n < size {
				text = slices.Grow(text, size-n)[:size]
				m, err := io.ReadFull(p.tape, text[n:])
				text = text[:n+m]
				rest = text
				if err != nil {
					return
				}
			}
			end = lastSeam(text, looked, seam)
			if looked = max(0, len(text)-len(seam)); end < 0 && len(text) >= p.sizes.longest {
				return
			}
		}
		rest = text[end:]
		b.text = text[:end]
		b.pos, b.line, b.lineStart = 0, line, lineStart
		if n := bytes.Count(b.text, []byte{'\n'}); n > 0 {
			line, lineStart = line+n, bytes.LastIndexByte(b.text, '\n')+1
		}
		lineStart -= end
		work <- b
		p.blocks <- b
	}
}

// lastSeam returns where the last feature of text ends that is followed by seam and does
// not end before from; -1 if there is none.
func lastSeam(text []byte, from int, seam []byte) int {
	for end := len(text); ; {
		i := bytes.LastIndexByte(text[from:end], '}')
		if i < 0 {
			return -1
		}
		if end = from + i; bytes.HasPrefix(text[end:], seam) {
			return end + 1
		}
	}
}

// resume goes back to reading alone, from the end of the last row that was taken.
func (p *Parallel) resume() {
	r := p.alone
	line, lineStart := r.s.line, r.s.lineStart-r.s.pos // if there was no block
	if b := p.block; b != nil {
		line, lineStart = b.line, b.lineStart-b.pos
	}
	p.halt()
	r.s.buf, r.s.eof = r.s.buf[:0], false
	r.resume(line, lineStart, r.state)
}

// halt ends the reading of blocks and puts what was read ahead back on the tape.
func (p *Parallel) halt() {
	close(p.stop)
	var ahead [][]byte
	if b := p.block; b != nil && b.pos < len(b.text) {
		ahead = append(ahead, b.text[b.pos:])
	}
	for b := range p.blocks {
		<-b.read
		ahead = append(ahead, b.text)
	}
	p.running.Wait()
	p.tape.ahead = append(ahead, p.tape.ahead...)
	p.blocks, p.free, p.stop, p.block = nil, nil, nil, nil
}

// A tape is a source to which can be given back what was read too much.
type tape struct {
	src    io.Reader
	err    error // of src
	ahead  [][]byte
	passed int // bytes of src
}

// Read implements io.Reader.
func (t *tape) Read(b []byte) (n int, err error) {
	for len(t.ahead) > 0 {
		n = copy(b, t.ahead[0])
		if t.ahead[0] = t.ahead[0][n:]; len(t.ahead[0]) == 0 {
			t.ahead = t.ahead[1:]
		}
		if n > 0 {
			return n, nil
		}
	}
	if t.err != nil {
		return 0, t.err
	}
	n, t.err = t.src.Read(b)
	t.passed += n
	return n, t.err
}
