// Package store keeps what was made of files, ready for the next start, in a folder that
// anybody may empty at any time.
//
// A kept file is written under another name, then renamed, and never written to again; it
// is mapped into memory and stays so for as long as the process lives, since what is
// handed out lies in it. So readers and writers, of this process or others, need not know
// of each other. A file that is damaged, or was written by another version, is as good as
// none.
package store

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"kharita/geo/section"
)

const (
	suffix    = ".kharita"
	partial   = ".partial"          // suffix of what is being written
	unusedFor = 30 * 24 * time.Hour // after which a file is removed
	writerFor = time.Hour           // after which nobody is writing any more
	writeSize = 1 << 20
	nameSize  = 64 // bytes of a layer's id that are in the name of its file
)

// A Store is the folder. A nil Store keeps nothing.
type Store struct {
	dir     string
	version string
	log     *slog.Logger
	writing sync.WaitGroup
	gate    sync.Mutex // one file is written at a time
}

// Open returns the Store in the folder dir, made if it is not there, of what this version of the
// program makes. It removes what nobody has used for a month. The error says that dir
// can't be written to.
func Open(dir, version string, log *slog.Logger) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	probe, err := os.CreateTemp(dir, "*"+partial)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, version: version, log: log}
	s.prune()
	return s, nil
}

func (s *Store) prune() {
	entries, _ := os.ReadDir(s.dir) // what is not read is not removed
	for _, e := range entries {
		age := time.Duration(0)
		if info, err := e.Info(); err == nil {
			age = time.Since(info.ModTime())
		}
		if strings.HasSuffix(e.Name(), suffix) && age > unusedFor || strings.HasSuffix(e.Name(), partial) && age > writerFor {
			_ = os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}

// Close waits until all that was put is written.
func (s *Store) Close() {
	if s != nil {
		s.writing.Wait()
	}
}

// A Shelf is the place of one layer in a Store. The zero Shelf keeps nothing.
type Shelf struct {
	store  *Store
	name   string
	origin string
}

// Shelf returns the place of a layer of the folder that from names. Folders that differ in
// from, layers that differ in id, have different places.
func (s *Store) Shelf(from, id string) Shelf {
	if s == nil {
		return Shelf{}
	}
	sum := sha256.Sum256([]byte(from + "\x00" + id))
	return Shelf{s, fmt.Sprintf("%s-%x", strings.ToValidUTF8(id[:min(len(id), nameSize)], ""), sum[:6]), s.version}
}

// Of returns the same place, where Get finds only what was put by way of a Shelf of the
// same origin: all that what is put follows from.
func (s Shelf) Of(origin string) Shelf {
	s.origin += "\x00" + origin
	return s
}

// Get calls read with what was put under kind, of the same origin and by this version of
// the program. It reports whether there is such a file, whole, and read agrees; if so, all
// that read took from it stays valid for good, else nothing does.
func (s Shelf) Get(kind string, read func(*section.File) bool) bool {
	if s.store == nil {
		return false
	}
	path := s.path(kind)
	data, err := mapFile(path)
	if err == nil {
		if err = s.read(data, read); err != nil {
			unmap(data)
		}
	}
	switch {
	case err == nil:
		now := time.Now()
		_ = os.Chtimes(path, now, now) // it is in use
		return true
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errOutdated):
		s.store.log.Warn("a file of the cache can't be used; it is made anew", "file", path, "error", err)
	}
	return false
}

var errOutdated = errors.New("made by another version, or of something else")

func (s Shelf) read(data []byte, read func(*section.File) bool) error {
	f, err := section.Open(data, func(from, to int) { forget(data, from, to) })
	if err != nil {
		return err
	}
	if origin := section.Read[byte](f, "origin"); f.Err() == nil && (string(origin) != s.origin || !read(f)) {
		err = errOutdated
	}
	return cmp.Or(f.Err(), err)
}

// Put keeps what write writes under kind, in place of what was there. It returns at once;
// write is called later, by another goroutine. That it fails is logged, and no more: there
// is nothing under kind, or what was.
func (s Shelf) Put(kind string, write func(*section.Writer)) {
	if s.store == nil {
		return
	}
	s.store.writing.Go(func() {
		s.store.gate.Lock()
		defer s.store.gate.Unlock()
		if err := s.write(kind, write); err != nil {
			s.store.log.Warn("not kept in the cache: the next start takes as long as this one", "file", s.path(kind), "error", err)
		}
	})
}

func (s Shelf) path(kind string) string { return filepath.Join(s.store.dir, s.name+"."+kind+suffix) }

func (s Shelf) write(kind string, write func(*section.Writer)) (err error) {
	f, err := os.CreateTemp(s.store.dir, s.name+"-*"+partial)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, writeSize)
	w := section.NewWriter(b)
	section.Write(w, "origin", []byte(s.origin))
	write(w)
	if err := errors.Join(w.Close(), b.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path(kind))
}
