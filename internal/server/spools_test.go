package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
)

// TestSpoolsAreClosed: of many small downloads few files stay open, and none that is being
// sent is closed.
func TestSpoolsAreClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		s := &Server{spools: newSpools(1 << 20)}
		isOpen := func(p *spool) bool {
			_, err := p.file.Stat()
			return !errors.Is(err, os.ErrClosed)
		}
		var made []*spool
		for i := range 4 * mostSpools {
			text := fmt.Sprint("text ", i)
			for range 2 { // made and taken from the cache
				p, err := s.spooled(t.Context(), text, func(w io.Writer) error {
					_, err := io.WriteString(w, text)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				made = append(made, p)
			}
		}
		s.spools.InvalidateAll()
		synctest.Wait()
		for i, p := range made {
			got := make([]byte, p.size)
			if _, err := p.file.ReadAt(got, 0); err != nil || string(got) != fmt.Sprint("text ", i/2) {
				t.Fatalf("%d is held, but has %q, %v", i, got, err)
			}
		}
		for i, p := range made {
			if p.release(); i%2 == 1 && isOpen(p) && isOpen(made[i-1]) {
				t.Fatalf("%d is open", i)
			}
		}
		for i := range 4 * mostSpools {
			p, err := s.spooled(t.Context(), strconv.Itoa(i), func(io.Writer) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			p.release()
			made[i] = p
		}
		synctest.Wait()
		open := 0
		for _, p := range made[:4*mostSpools] {
			if isOpen(p) {
				open++
			}
		}
		if open == 0 || open > mostSpools {
			t.Errorf("%d files are open, want at most %d", open, mostSpools)
		}
	})
}
