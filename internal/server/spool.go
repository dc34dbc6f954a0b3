package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// A spool is the whole of a download in a temporary file, so that any part of it can be
// sent. The file has no name: it goes when nobody holds it any more, whatever
// becomes of the program. It is read at offsets only, so that several can at once.
type spool struct {
	*tempFile
	holders atomic.Int32 // the cache, and requests that send it
}

const (
	spoolBytes = 16  // how much of the disk all spools in the cache take, in bytes of cache
	mostSpools = 256 // so many at most are in the cache: each is an open file
)

// newSpools returns the cache of spools, which may take so many KiB.
func newSpools(kib int64) *otter.Cache[string, *spool] {
	return otter.Must(&otter.Options[string, *spool]{
		MaximumWeight: uint64(kib),
		Weigher: func(_ string, s *spool) uint32 {
			return uint32(min(max(s.size>>10, kib/mostSpools, 1), math.MaxUint32))
		},
		OnDeletion: func(e otter.DeletionEvent[string, *spool]) { e.Value.release() },
	})
}

// hold keeps s open until release. It reports false if nobody held it any more.
func (s *spool) hold() bool {
	for n := s.holders.Load(); n > 0; n = s.holders.Load() {
		if s.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
	return false
}

func (s *spool) release() {
	if s.holders.Add(-1) == 0 {
		_ = s.Close() // all that is lost was to be
	}
}

// A disk is the room for temporary files, of which those that are being made or sent get
// as much as those in the cache.
type disk struct {
	most int64 // bytes of all of them together
	used atomic.Int64
}

// A tempFile is a file without a name.
type tempFile struct {
	file *os.File
	size int64
	room *room
}

// A room is what a file takes of a disk: what has been written to it, until it is closed or,
// as the file itself, forgotten.
type room struct {
	disk  *disk
	taken atomic.Int64
}

func (r *room) free() { r.disk.used.Add(-r.taken.Swap(0)) }

// errSpool is that of a disk that is full, or that may not be written to.
var errSpool = errors.New("temporary file")

// temp makes a file.
func (d *disk) temp() (*tempFile, error) {
	file, err := os.CreateTemp("", "kharita-*")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpool, err)
	}
	_ = os.Remove(file.Name()) // where a file that is open can't be removed, it is left to the system
	t := &tempFile{file: file, room: &room{disk: d}}
	runtime.AddCleanup(t, (*room).free, t.room)
	return t, nil
}

func (t *tempFile) Write(b []byte) (int, error) {
	n := int64(len(b))
	t.room.taken.Add(n)
	if used := t.room.disk.used.Add(n); used > t.room.disk.most {
		return 0, fmt.Errorf("%w: all together would take more than %d bytes", errSpool, t.room.disk.most)
	}
	if _, err := t.file.Write(b); err != nil {
		return 0, fmt.Errorf("%w: %w", errSpool, err)
	}
	t.size += n
	return len(b), nil
}

func (t *tempFile) ReadAt(b []byte, at int64) (int, error) { return t.file.ReadAt(b, at) }

func (t *tempFile) Close() error {
	t.room.free()
	return t.file.Close()
}

// newSpool keeps what write writes. The caller holds it.
func (d *disk) newSpool(write func(io.Writer) error) (*spool, error) {
	file, err := d.temp()
	if err != nil {
		return nil, err
	}
	if err := write(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &spool{tempFile: file}
	s.holders.Store(1)
	return s, nil
}

// spooled returns the spool of that name, or makes it of what write writes, once for all
// who wait. The caller releases it.
func (s *Server) spooled(ctx context.Context, name string, write func(io.Writer) error) (*spool, error) {
	for {
		var own *spool
		made, err := s.spools.Get(ctx, name, otter.LoaderFunc[string, *spool](func(context.Context, string) (_ *spool, err error) {
			if own == nil { // else a reload came between, and the cache asks anew
				if own, err = s.disk.newSpool(write); err == nil {
					own.hold() // for the cache; if it does not take it, the file goes with the garbage
				}
			}
			return own, err
		}))
		switch {
		case own != nil:
			return own, nil
		case errors.Is(err, context.Canceled) && ctx.Err() == nil: // who had begun has gone
			continue
		case err == nil && !made.hold(): // the cache had no room for it
			return s.disk.newSpool(write)
		}
		return made, err
	}
}

// sendParts answers with what Range names of a spool, with all of it if it names nothing
// (RFC 9110 §14). ETag and Content-Type have been set.
func (q *request) sendParts(made *spool) error {
	if !q.hasRange() {
		q.Request.Header.Del("Range") // in another unit, which is to be ignored
	}
	w := &partsWriter{ResponseWriter: q.Writer}
	http.ServeContent(w, q.Request, "", time.Time{}, io.NewSectionReader(made, 0, made.size))
	if w.refused {
		return tell(errRange, "the file has %d bytes", made.size)
	}
	return nil
}

// A partsWriter keeps back the answer to a range that there is not, which is to be a problem.
type partsWriter struct {
	http.ResponseWriter
	refused bool
}

func (w *partsWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *partsWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}
