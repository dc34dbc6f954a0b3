package store_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kharita/geo/section"
	"kharita/internal/store"
)

// open opens a store that logs to log.
func open(t *testing.T, dir, version string, log *bytes.Buffer) *store.Store {
	t.Helper()
	s, err := store.Open(dir, version, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(s *store.Store, from, id, text string) {
	s.Shelf(from, id).Put("text", func(w *section.Writer) { section.Write(w, "text", []byte(text)) })
	s.Close()
}

func get(s *store.Store, from, id string) (text string, ok bool) {
	ok = s.Shelf(from, id).Get("text", func(f *section.File) bool {
		text = string(section.Read[byte](f, "text"))
		return true
	})
	return text, ok
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	var log bytes.Buffer
	s := open(t, dir, "1", &log)
	defer s.Close()
	ids := []string{"areas", "مناطق", strings.Repeat("long", 100)}
	for _, from := range []string{"/a", "/b"} {
		for _, id := range ids {
			if text, ok := get(s, from, id); ok {
				t.Errorf("%s %s: %q before anything was put", from, id, text)
			}
			put(s, from, id, from+id)
		}
	}
	for _, from := range []string{"/a", "/b"} {
		for _, id := range ids {
			for _, s := range []*store.Store{s, open(t, dir, "1", &log)} {
				if text, ok := get(s, from, id); !ok || text != from+id {
					t.Errorf("%s %s: %q, %t", from, id, text, ok)
				}
			}
			if text, ok := get(open(t, dir, "2", &log), from, id); ok {
				t.Errorf("%s %s: %q made by another version", from, id, text)
			}
		}
	}
	if ok := s.Shelf("/a", "areas").Get("text", func(*section.File) bool { return false }); ok {
		t.Error("what its reader refuses is there")
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
}

func TestOrigin(t *testing.T) {
	s := open(t, t.TempDir(), "1", &bytes.Buffer{})
	shelf := s.Shelf("", "a")
	shelf.Of("x").Put("text", func(w *section.Writer) { section.Write(w, "text", []byte("of x")) })
	s.Close()
	for origin, want := range map[store.Shelf]bool{
		shelf.Of("x"): true, shelf.Of("y"): false, shelf: false, shelf.Of("x").Of(""): false,
		open(t, t.TempDir(), "1", &bytes.Buffer{}).Shelf("", "a").Of("x"): false,
	} {
		if got := origin.Get("text", func(*section.File) bool { return true }); got != want {
			t.Errorf("%v: found %t", origin, got)
		}
	}
}

// What was handed out stays as it was when something else is put in its place.
func TestReplaced(t *testing.T) {
	s := open(t, t.TempDir(), "", &bytes.Buffer{})
	put(s, "", "a", "before")
	var held []byte
	s.Shelf("", "a").Get("text", func(f *section.File) bool { held = section.Read[byte](f, "text"); return true })
	put(s, "", "a", "after!")
	if now, _ := get(s, "", "a"); string(held) != "before" || now != "after!" {
		t.Errorf("held %q, now %q", held, now)
	}
}

func TestNone(t *testing.T) {
	var s *store.Store
	put(s, "", "a", "x")
	if _, ok := get(s, "", "a"); ok {
		t.Error("nothing keeps something")
	}
	if ok := (store.Shelf{}).Get("text", func(*section.File) bool { return true }); ok {
		t.Error("the zero Shelf keeps something")
	}
}

func TestNotWritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := store.Open(dir, "", slog.Default()); err == nil {
			t.Errorf("%s: no error", dir)
		}
	}
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	s := open(t, dir, "1", &log)
	put(s, "", "a", "text")
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"empty": {}, "short": data[:10], "cut off": data[:len(data)-1], "longer": append(bytes.Clone(data), 0),
		"changed": bytes.Replace(data, []byte("text"), []byte("next"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			if err := os.Remove(files[0]); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(files[0], damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if text, ok := get(s, "", "a"); ok {
				t.Errorf("got %q", text)
			}
			if !strings.Contains(log.String(), files[0]) {
				t.Errorf("log %q does not name the file", &log)
			}
		})
	}
}

// A folder that has gone is told of once for each file, and nothing else happens.
func TestGone(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	s := open(t, dir, "", &log)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	put(s, "", "a", "text")
	if _, ok := get(s, "", "a"); ok || strings.Count(log.String(), "not kept") != 1 {
		t.Errorf("got it: %t; log: %s", ok, &log)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "", &bytes.Buffer{})
	put(s, "", "used", "")
	put(s, "", "unused", "")
	long := time.Now().Add(-40 * 24 * time.Hour)
	files, _ := filepath.Glob(filepath.Join(dir, "*used-*"))
	files = append(files, filepath.Join(dir, "a-1.partial"), filepath.Join(dir, "not ours"))
	for _, file := range files[2:] {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		if err := os.Chtimes(file, long, long); err != nil {
			t.Fatal(err)
		}
	}
	get(s, "", "used")
	s = open(t, dir, "", &bytes.Buffer{})
	_, used := get(s, "", "used")
	_, unused := get(s, "", "unused")
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if !used || unused || len(left) != 2 || !slices.Contains(left, filepath.Join(dir, "not ours")) {
		t.Errorf("used %t, unused %t, left %q", used, unused, left)
	}
}

// Several processes put and get at once: each gets something whole.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	for i := range 4 {
		s := open(t, dir, "", &bytes.Buffer{})
		wait.Go(func() {
			for n := range 20 {
				text := strings.Repeat(strconv.Itoa(i), 1000*n)
				put(s, "", "a", text)
				if got, ok := get(s, "", "a"); !ok || strings.Trim(got, got[:min(1, len(got))]) != "" {
					t.Errorf("%t: %.10q", ok, got)
				}
			}
		})
	}
	wait.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, "*.partial")); left != nil {
		t.Errorf("left over: %q", left)
	}
}
