package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/maypok86/otter/v2"
)

// A spool is the whole of a download in a temporary file, so that any part of it can be
// sent. The file has no name: it goes when nobody holds it any more, whatever
// becomes of the program. It is read at offsets only, so that several can at once.
type spool struct {
	file *os.File
	size int64
}

// spoolBytes says how much of the disk all spools take, in bytes of cache.
const spoolBytes = 16

// weight is what s takes, in KiB, and a little for being there.
func (s *spool) weight() int { return 1 + int(s.size>>10) }

// A spoolWriter tells errors of the file from those of what is written.
type spoolWriter struct{ file *os.File }

// errSpool is that of a disk that is full, or that may not be written to.
var errSpool = errors.New("temporary file")

func (w spoolWriter) Write(b []byte) (int, error) {
	n, err := w.file.Write(b)
	if err != nil {
		err = fmt.Errorf("%w: %w", errSpool, err)
	}
	return n, err
}

// newSpool keeps what write writes.
func newSpool(write func(io.Writer) error) (*spool, error) {
	file, err := os.CreateTemp("", "kharita-*")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpool, err)
	}
	_ = os.Remove(file.Name()) // where a file that is open can't be removed, it is left to the system
	if err := write(spoolWriter{file}); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	size, err := file.Seek(0, io.SeekCurrent)
	return &spool{file, size}, err
}

// spooled returns the spool of that name, or makes it of what write writes, once for all
// who wait.
func (s *Server) spooled(ctx context.Context, name string, write func(io.Writer) error) (*spool, error) {
	for {
		made, err := s.spools.Get(ctx, name, otter.LoaderFunc[string, *spool](func(context.Context, string) (*spool, error) {
			return newSpool(write)
		}))
		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			continue // who had begun has gone
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
	http.ServeContent(w, q.Request, "", time.Time{}, io.NewSectionReader(made.file, 0, made.size))
	if w.refused {
		return fmt.Errorf("%w: the file has %d bytes", errRange, made.size)
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
