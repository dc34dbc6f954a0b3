package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestSpoolsAreClosed: of many small downloads few files stay open, and none that is being
// sent is closed.
func TestSpoolsAreClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		s := &Server{spools: newSpools(1 << 20), disk: disk{most: 1 << 20}}
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

// TestDisk: files that are being made, kept and sent take no more than there is for all of
// them, and give it back when they are closed, or forgotten.
func TestDisk(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := disk{most: 1000}
	text := func(n int) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := w.Write(make([]byte, n))
			return err
		}
	}
	held, err := d.newSpool(text(600))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.newSpool(text(401)); !errors.Is(err, errSpool) {
		t.Errorf("too much: %v", err)
	}
	if _, err := d.newSpool(func(w io.Writer) error { return errors.Join(text(100)(w), io.ErrUnexpectedEOF) }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken off: %v", err)
	}
	if _, err := d.newSpool(text(400)); err != nil { // nobody releases it
		t.Error(err)
	}
	for range 100 {
		if runtime.GC(); d.used.Load() == 600 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	held.release()
	if used := d.used.Load(); used != 0 {
		t.Errorf("%d bytes are taken by nothing", used)
	}
}
