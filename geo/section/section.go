// Package section lays columns of plain values out in a file, one after the other, and
// hands them out again where they lie, without copying.
//
// A file is as the machine that writes it holds the values, and is good for machines that
// hold them alike only; see Open for what is checked. It is a cache, not an exchange
// format.
//
// Layout: the sections, each at a multiple of 64 bytes; the directory, which is JSON; and
// a trailer of fixed size that tells where the directory is. All are covered by CRC-32C.
package section

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync"
)

// ErrDamaged is a file that is not as it was written, or was written on another kind of machine.
var ErrDamaged = errors.New("damaged")

const (
	alignment   = 64 // a line of the processor's cache
	magic       = "Kharita\x01"
	trailerSize = 8 + 8 + 4 + len(magic) // where the directory is, its length, the sum of all this, magic
	checkedAt   = 1 << 20                // bytes that are summed at once
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli) //nolint:gochecknoglobals // a table

// An entry of the directory tells of a section.
type entry struct {
	Name   string
	Layout string // of a value, in words; see layout
	Offset int64
	Size   int64 // in bytes
	Sum    uint32
}

// A directory tells of all sections of a file.
type directory struct {
	Order    string // of bytes in a value
	Sections []entry
}

// A Writer writes a file from its start to its end.
type Writer struct {
	*output
	prefix string
}

type output struct {
	w         io.Writer
	at        int64
	directory directory
	err       error
}

// NewWriter returns a Writer to w, which is written in large pieces.
func NewWriter(w io.Writer) *Writer {
	return &Writer{&output{w: w, directory: directory{Order: byteOrder()}}, ""}
}

// In returns a Writer to the same file, of sections whose names begin with prefix.
func (w *Writer) In(prefix string) *Writer { return &Writer{w.output, w.prefix + prefix} }

// Write writes column as the section of that name, which must be a new one. T must hold
// no pointers. The error is kept for Close.
func Write[T any](w *Writer, name string, column []T) {
	w.section(name, layoutOf[T](), slices.Values([][]byte{bytesOf(column)}))
}

// WriteTexts writes many texts as two sections: them, and where each ends.
func WriteTexts(w *Writer, name string, texts []string) {
	WriteAll(w, name, func(yield func([]byte) bool) {
		for _, t := range texts {
			if !yield(bytesOfText(t)) {
				return
			}
		}
	})
}

// WriteAll is WriteTexts of texts that are made one by one, each of which may lie where the last
// one did.
func WriteAll(w *Writer, name string, texts iter.Seq[[]byte]) {
	var ends []uint64
	w.section(name, layoutOf[byte](), func(yield func([]byte) bool) {
		end := 0
		for t := range texts {
			end += len(t)
			ends = append(ends, uint64(end))
			if !yield(t) {
				return
			}
		}
	})
	Write(w, name+".ends", ends)
}

// WritePieces is Write of a column that comes in pieces, each of which may lie where the last
// one did.
func WritePieces[T any](w *Writer, name string, pieces iter.Seq[[]T]) {
	w.section(name, layoutOf[T](), func(yield func([]byte) bool) {
		for p := range pieces {
			if !yield(bytesOf(p)) {
				return
			}
		}
	})
}

// section writes a section in pieces.
func (w *Writer) section(name, layout string, pieces iter.Seq[[]byte]) {
	w.write(make([]byte, -w.at&(alignment-1)))
	e := entry{Name: w.prefix + name, Layout: layout, Offset: w.at}
	for p := range pieces {
		e.Sum = crc32.Update(e.Sum, castagnoli, p)
		w.write(p)
	}
	e.Size = w.at - e.Offset
	w.directory.Sections = append(w.directory.Sections, e)
}

func (w *output) write(p []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(p)
	}
	w.at += int64(len(p))
}

// Close writes what follows the sections. It returns the first error of all writing; the
// file is of no use then.
func (w *Writer) Close() error {
	list, err := json.Marshal(w.directory)
	if err != nil {
		return err
	}
	at := w.at
	w.write(list)
	w.write(trailer(at, list))
	return w.err
}

// trailer returns that of a file whose directory is list and starts at.
func trailer(at int64, list []byte) []byte {
	t := binary.LittleEndian.AppendUint64(make([]byte, 0, trailerSize), uint64(at))
	t = binary.LittleEndian.AppendUint64(t, uint64(len(list)))
	t = binary.LittleEndian.AppendUint32(t, crc32.Update(crc32.Checksum(list, castagnoli), castagnoli, t))
	return append(t, magic...)
}

// A File is the sections of a file in memory.
type File struct {
	*input
	prefix string
}

type input struct {
	data     []byte
	sections map[string]entry
	err      error
}

// In returns the sections of f whose names begin with prefix, without it. Both have the
// same Err.
func (f *File) In(prefix string) *File { return &File{f.input, f.prefix + prefix} }

// Open reads the file that data holds, which must stay as it is for as long as anything
// handed out is in use. It checks every byte that may be handed out; checked, if not nil,
// is told of each piece data[from:to] that has been, by several goroutines, so that who
// mapped it may give its memory back. Data that is not whole, or was written where values lie otherwise,
// gives an ErrDamaged.
func Open(data []byte, checked func(from, to int)) (*File, error) {
	d, err := readDirectory(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !aligned(data) {
		data = append(alignedBytes(len(data))[:0], data...)
	}
	f := &File{&input{data: data, sections: map[string]entry{}}, ""}
	var wait sync.WaitGroup
	var once sync.Once
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, e := range d.Sections {
		f.sections[e.Name] = e
		wait.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			sum := uint32(0)
			for from, end := int(e.Offset), int(e.Offset+e.Size); from < end; from += checkedAt {
				to := min(from+checkedAt, end)
				sum = crc32.Update(sum, castagnoli, data[from:to])
				if checked != nil {
					checked(from, to)
				}
			}
			if sum != e.Sum {
				once.Do(func() { err = fmt.Errorf("%w: section %s", ErrDamaged, e.Name) })
			}
		})
	}
	wait.Wait()
	return f, err
}

// readDirectory reads that of data and checks that the sections lie in it.
func readDirectory(data []byte) (d directory, err error) {
	end := int64(len(data)) - int64(trailerSize)
	if end < 0 || !bytes.HasSuffix(data, []byte(magic)) {
		return d, errors.New("it is cut off, or something else")
	}
	at := binary.LittleEndian.Uint64(data[end:])
	length := binary.LittleEndian.Uint64(data[end+8:])
	if at > uint64(end) || length != uint64(end)-at {
		return d, errors.New("the directory is not where it should be")
	}
	list := data[at:end]
	if !bytes.Equal(data[end:], trailer(int64(at), list)) {
		return d, errors.New("the directory has changed")
	}
	if err := json.Unmarshal(list, &d); err != nil {
		return d, err
	}
	if d.Order != byteOrder() {
		return d, fmt.Errorf("written with %s bytes first", d.Order)
	}
	for _, e := range d.Sections {
		if e.Offset < 0 || e.Offset%alignment != 0 || e.Size < 0 || e.Offset > int64(at) || e.Size > int64(at)-e.Offset {
			return d, fmt.Errorf("section %s lies outside", e.Name)
		}
	}
	return d, nil
}

// Has reports whether f has a section of that name.
func (f *File) Has(name string) bool { _, ok := f.sections[f.prefix+name]; return ok }

// Err returns the first error of Read, Text and Texts.
func (f *File) Err() error { return f.err }

// Fail makes err, of what was read, that of f, unless it has one.
func (f *File) Fail(err error) {
	if f.err == nil {
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}

// Read returns the section of that name, which nobody may write to: where it lies in the
// memory of f. It is nil, and Err tells why, if there is none of such values.
func Read[T any](f *File, name string) []T {
	e, ok := f.sections[f.prefix+name]
	if !ok {
		f.Fail(fmt.Errorf("no section %s", f.prefix+name))
		return nil
	}
	if l := layoutOf[T](); e.Layout != l {
		f.Fail(fmt.Errorf("section %s holds %s, not %s", name, e.Layout, l))
		return nil
	}
	column, ok := valuesOf[T](f.data[e.Offset : e.Offset+e.Size : e.Offset+e.Size])
	if !ok {
		f.Fail(fmt.Errorf("section %s ends within a value", name))
	}
	return column
}

// Texts returns what WriteTexts wrote, where it lies.
func Texts(f *File, name string) []string {
	all, ends := textOf(Read[byte](f, name)), Read[uint64](f, name+".ends")
	texts := make([]string, len(ends))
	start := uint64(0)
	for i, end := range ends {
		if end < start || end > uint64(len(all)) {
			f.Fail(fmt.Errorf("section %s: text %d lies outside", name, i))
			return nil
		}
		texts[i], start = all[start:end], end
	}
	return texts
}
