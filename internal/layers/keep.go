package layers

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/geo/rtree"
	"kharita/geo/section"
	"kharita/internal/store"
)

// What the rows of a layer make is kept on its shelf in two files: "rows" holds it, of
// the origin that the hashes of the files are; "stamp" tells of which size and time the file
// was that had this hash, so that it need not be read to know. Words and styles are read
// from the sidecar at each start.
const (
	keptRows  = "rows"
	keptStamp = "stamp"
)

// A stamp is how a file looked when its content had a certain hash.
type stamp struct {
	File    string
	Size    int64
	ModTime time.Time
	Summed  time.Time // when the content was looked at
	Sum     [sha256.Size]byte
}

// fits reports whether info can only be that of the file as it was stamped.
func (s *stamp) fits(info fs.FileInfo) bool {
	return s.Size == info.Size() && s.ModTime.Equal(info.ModTime()) && !s.ModTime.IsZero() && s.Summed.Sub(s.ModTime) > granularity
}

func (s *stamp) keep(shelf store.Shelf) {
	kept := *s
	shelf.Put(keptStamp, func(w *section.Writer) { writeJSON(w, keptStamp, kept) })
}

// originOf tells what the rows of a file follow from, whose name their problems tell.
func originOf(file string, sum, sidecar [sha256.Size]byte) string {
	return fmt.Sprintf("%s %x %x", file, sum, sidecar)
}

// A keptProblem is a Problem with what JSON leaves out of it.
type keptProblem struct {
	Problem
	Effect string
}

func keepProblems(list []Problem) []keptProblem {
	kept := make([]keptProblem, len(list))
	for i, p := range list {
		kept[i] = keptProblem{p, p.effect}
	}
	return kept
}

func takeProblems(kept []keptProblem) []Problem {
	list := make([]Problem, len(kept))
	for i, k := range kept {
		list[i] = k.Problem
		list[i].effect = k.Effect
	}
	return list
}

// keptFacts are facts as JSON holds them.
type keptFacts struct {
	facts
	Span          [2]period.Instant // limits
	Faults, Notes []keptProblem
}

// keep puts what the layer's file gave, which was as read tells, on its shelf.
func (b *builder) keep(m *memory, read file, sidecar [sha256.Size]byte) {
	l, facts := &b.layer, b.facts
	l.Shelf.Of(originOf(l.File, read.sum, sidecar)).Put(keptRows, func(w *section.Writer) {
		lo, hi := facts.Span.Limits()
		writeJSON(w, "facts", keptFacts{facts, [2]period.Instant{lo, hi}, keepProblems(facts.Faults), keepProblems(facts.Notes)})
		section.Write(w, "changes", facts.Changes)
		m.write(w)
	})
	s := stamp{l.File, read.info.Size(), read.info.ModTime(), read.summed, read.sum}
	s.keep(l.Shelf)
}

// restore returns what keep put on the shelf, if it was read from the files as they are
// now, and notes in r that they were; else nil.
// The times of the layer are settled then.
func (b *builder) restore(r *recorder, sidecar [sha256.Size]byte) *memory {
	file, shelf := b.layer.File, b.layer.Shelf
	var s stamp
	if !shelf.Get(keptStamp, func(f *section.File) bool { readJSON(f, keptStamp, &s); return s.File == file }) {
		return nil
	}
	now, err := r.look(file, s)
	if err != nil || now.sum != s.Sum {
		return nil
	}
	var m *memory
	ok := shelf.Of(originOf(file, now.sum, sidecar)).Get(keptRows, func(f *section.File) bool {
		var k keptFacts
		readJSON(f, "facts", &k)
		b.facts = k.facts
		b.Span = period.Between(k.Span[0], k.Span[1])
		b.Faults, b.Notes = takeProblems(k.Faults), takeProblems(k.Notes)
		b.Changes = section.Read[period.Instant](f, "changes")
		m = readMemory(f)
		return f.Err() == nil && m.table.Len() == b.Total
	})
	if !ok {
		b.facts = facts{}
		return nil
	}
	r.files[file] = now
	if !s.fits(now.info) && !now.info.ModTime().IsZero() { // what is embedded has no time
		s = stamp{file, now.info.Size(), now.info.ModTime(), now.summed, now.sum}
		s.keep(shelf)
	}
	b.names = m.table.Names()
	b.findTime()
	m.schema = b.layer.Time.schema(b.names)
	return m
}

// look returns what a file holds, which it reads only if the stamp leaves it open.
func (r *recorder) look(name string, s stamp) (now file, err error) {
	now = file{sum: s.Sum, seen: time.Now(), summed: s.Summed}
	if now.info, err = fs.Stat(r.fsys, name); err != nil || s.fits(now.info) {
		return now, err
	}
	now.summed = time.Now()
	now.sum, err = sumFile(r.fsys, name)
	return now, err
}

// write writes m as sections that readMemory reads.
func (m *memory) write(w *section.Writer) {
	m.table.Write(w)
	section.Write(w, "ids", m.byID.slots)
	m.tree.Write(w)
	section.WriteAll(w, "written", m.written())
	newTurns(m.table, period.Possible).write(w, "turns") // not those of m, which then need not be in memory
	if m.table.Uncertain() {
		newTurns(m.table, period.Certain).write(w, "turns.certain")
	}
}

// written yields each feature as GeoJSON, after geo.Between: from a file that is mapped it is copied in a tenth of
// the time that it takes to write it.
func (m *memory) written() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		w := geojson.Writer{Ends: m.tellsEnds()}
		var buf []byte
		for row := range m.table.Len() {
			if buf = w.AppendRow(append(buf[:0], geo.Between...), m.table.Row(row), nil); !yield(buf) {
				return
			}
		}
	}
}

// tellsEnds reports whether features are mostly written with valid_from and valid_until beside
// their properties: where these have other names.
func (m *memory) tellsEnds() bool {
	_, from := m.table.Names().Find("valid_from")
	_, until := m.table.Names().Find("valid_until")
	return !from && !until
}

func (t turns) write(w *section.Writer, name string) {
	section.Write(w, name+".at", t.at)
	section.Write(w, name+".row", t.row)
	section.Write(w, name+".starts", t.starts)
	section.Write(w, name+".never", []uint64{uint64(t.never)})
}

func readTurns(f *section.File, name string) turns {
	t := turns{at: section.Read[period.Instant](f, name+".at"), row: section.Read[uint32](f, name+".row"), starts: section.Read[uint32](f, name+".starts")}
	never := section.Read[uint64](f, name+".never")
	if len(t.at) != len(t.row) || len(t.starts) != len(t.at)+1 || len(never) != 1 {
		f.Fail(fmt.Errorf("%d turns of %d rows, %d counts", len(t.at), len(t.row), len(t.starts)))
		return turns{starts: []uint32{0}}
	}
	t.never = int(never[0])
	return t
}

// readMemory returns the Source that write wrote, which lies in the memory of f; it is of
// no use if f has an error. Its schema is not in it.
func readMemory(f *section.File) *memory {
	m := &memory{table: geo.ReadTable(f), tree: rtree.Read(f)}
	if err := m.table.SetWritten(section.Read[byte](f, "written"), section.Read[uint64](f, "written.ends"), m.tellsEnds()); err != nil {
		f.Fail(err)
	}
	m.byID = &index{m.table, section.Read[uint32](f, "ids")}
	if n := len(m.byID.slots); n <= m.table.Len() || n&(n-1) != 0 {
		f.Fail(fmt.Errorf("%d places for %d ids", n, m.table.Len()))
	}
	possible := readTurns(f, "turns")
	certain := possible
	if f.Has("turns.certain.at") {
		certain = readTurns(f, "turns.certain")
	}
	for r, t := range [2]turns{possible, certain} {
		m.turns[r] = func() turns { return t }
	}
	return m
}

// writeJSON writes the little that is no column. V is made of what JSON can hold.
func writeJSON(w *section.Writer, name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	section.Write(w, name, data)
}

func readJSON(f *section.File, name string, v any) {
	if err := json.Unmarshal(section.Read[byte](f, name), v); err != nil {
		f.Fail(err)
	}
}
