package layers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kharita/geo/geojson"
	"kharita/internal/layers"
	"kharita/internal/layers/layerstest"
	"kharita/internal/store"
)

// kept is a folder of which a store keeps what is made.
type kept struct {
	*testing.T
	data, cache string
	log         bytes.Buffer
	mu          sync.Mutex
	read        []string // files that were opened in the last load
}

func newKept(t *testing.T, files map[string]string) *kept {
	t.Helper()
	k := &kept{T: t, data: t.TempDir(), cache: t.TempDir()}
	for name, text := range files {
		k.write(name, text)
	}
	return k
}

// write writes a file that is old enough for its time to be trusted.
func (k *kept) write(name, text string) {
	k.Helper()
	file := filepath.Join(k.data, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		k.Fatal(err)
	}
	k.touch(name, time.Now().Add(-time.Hour))
}

func (k *kept) touch(name string, at time.Time) {
	k.Helper()
	if err := os.Chtimes(filepath.Join(k.data, name), at, at); err != nil {
		k.Fatal(err)
	}
}

// Open implements fs.FS.
func (k *kept) Open(name string) (fs.File, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.read = append(k.read, name)
	return os.DirFS(k.data).Open(name)
}

// Stat implements fs.StatFS: to look at a file is not to read it.
func (k *kept) Stat(name string) (fs.FileInfo, error) { return fs.Stat(os.DirFS(k.data), name) }

// reads reports whether the last load read a file.
func (k *kept) reads(name string) bool { return slices.Contains(k.read, name) }

// load loads the folder as a new process would, of this version of the program, and what it made is kept.
func (k *kept) load(version string) (*layers.Snapshot, []layers.Problem) {
	k.Helper()
	s, err := store.Open(k.cache, version, slog.New(slog.NewTextHandler(&k.log, nil)))
	if err != nil {
		k.Fatal(err)
	}
	defer s.Close()
	k.read = nil
	return layers.NewFolder(k).KeptIn(s, k.data).Load()
}

// check compares what load gives with what the files give.
func (k *kept) check() {
	k.Helper()
	got, problems := k.load("1")
	want, wantProblems := layers.Load(os.DirFS(k.data))
	if diff := cmp.Diff(wantProblems, problems, cmp.AllowUnexported(layers.Problem{})); diff != "" {
		k.Errorf("problems: %s", diff)
	}
	if g, w := describe(k.T, got), describe(k.T, want); g != w {
		k.Errorf("%s", cmp.Diff(w, g))
	}
}

// describe writes all that a reader may learn of a snapshot.
func describe(t *testing.T, s *layers.Snapshot) string {
	t.Helper()
	var b strings.Builder
	for _, l := range s.Layers {
		plain := *l
		plain.Source, plain.Shelf = nil, store.Shelf{}
		words, err := json.MarshalIndent(plain, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(words)
		b.WriteString(l.Span.String())
		var rows [2][]string // as they are written with and without the ends of their valid time
		for row, err := range l.Rows(context.Background(), layers.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				w := geojson.Writer{Ends: i == 1}
				rows[i] = append(rows[i], string(w.AppendRow(nil, row, nil)))
			}
		}
		for f, err := range l.Features(context.Background(), layers.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				w := geojson.Writer{Ends: i == 1}
				if want := string(w.AppendFeature(nil, f)); rows[i][0] != want {
					t.Errorf("feature %q: kept as %s, want %s", f.ID, rows[i][0], want)
				}
				rows[i] = rows[i][1:]
			}
			if same, err := l.Feature(context.Background(), f.ID.String()); err != nil || same.ID != f.ID {
				t.Errorf("feature %q: found %q, %v", f.ID, same.ID, err)
			}
			b.WriteByte('\n')
			b.Write(geojson.AppendFeature(nil, f))
			b.WriteString(f.Valid.Possible.String() + " " + f.Valid.Certain.String())
		}
	}
	return b.String() + s.Revision
}

// oddFiles have problems of every kind that rows can have, and sidecars.
func oddFiles() map[string]string {
	return map[string]string{
		"points.geojson": `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":"ا","start":"1990-01","n":1}},
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[3,4]},"properties":{"name":"b","start":"no date","n":1.5}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[3,400]},"properties":{"name":"out of range"}},
{"type":"Feature","geometry":null,"properties":{"name":"c","start":"1991~","n":null}}]}`,
		"points.yaml":   "title: Points\nid: missing\nrivals: figures.csv\nfields:\n  n: {title: Number}\n",
		"figures.csv":   "date,value\n1990,3\nnever,4\n",
		"areas.geojson": `{"type":"Feature","id":7,"geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]},"properties":{},"time":{"interval":["2014-01-01","2015-06-30"]}}`,
		"empty.geojson": `{"type":"FeatureCollection","features":[]}`,
		"bad.geojson":   `{"type":"FeatureCollection","features":[{"type":"Feature"`,
	}
}

func TestKept(t *testing.T) {
	k := newKept(t, oddFiles())
	k.check()
	k.check()
	for _, name := range []string{"points.geojson", "areas.geojson", "empty.geojson"} {
		if k.reads(name) {
			t.Errorf("%s was read again", name)
		}
	}
	if !k.reads("points.yaml") || !k.reads("bad.geojson") {
		t.Errorf("read %q", k.read)
	}
	if k.log.Len() > 0 {
		t.Errorf("logged: %s", &k.log)
	}
}

func TestKeptCases(t *testing.T) {
	files := map[string]string{}
	list, err := fs.Glob(layerstest.Files(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range list {
		data, err := fs.ReadFile(layerstest.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	k := newKept(t, files)
	k.check()
	k.check()
}

// What has changed is read anew, what only looks so is not, and nobody is told anything wrong.
func TestKeptChanges(t *testing.T) {
	const file = "points.geojson"
	for name, c := range map[string]struct {
		change func(k *kept)
		parsed bool // by the next load: read for more than its hash
		read   bool // by the one after
	}{
		"nothing":        {func(*kept) {}, false, false},
		"time":           {func(k *kept) { k.touch(file, time.Now().Add(-time.Minute)) }, false, false},
		"time, just now": {func(k *kept) { k.touch(file, time.Now()) }, false, true},
		"content":        {func(k *kept) { k.write(file, strings.Replace(oddFiles()[file], `"n":1}`, `"n":2}`, 1)) }, true, false},
		"length":         {func(k *kept) { k.write(file, strings.Replace(oddFiles()[file], `"n":1}`, `"n":200}`, 1)) }, true, false},
		"sidecar":        {func(k *kept) { k.write("points.yaml", "id: name\ntime: {start: name}") }, true, false},
		"no sidecar":     {func(k *kept) { os.Remove(filepath.Join(k.data, "points.yaml")) }, true, false},
		"figures":        {func(k *kept) { k.write("figures.csv", "date,value\n1991,3\n") }, false, false},
		"cache":          {func(k *kept) { os.RemoveAll(k.cache) }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t, oddFiles())
			k.load("1")
			c.change(k)
			before := rowsFile(t, k.cache)
			k.check()
			if parsed := !os.SameFile(before, rowsFile(t, k.cache)); parsed != c.parsed {
				t.Errorf("parsed: %t", parsed)
			}
			k.check()
			if k.reads(file) != c.read {
				t.Errorf("then read: %t", k.reads(file))
			}
		})
	}
}

// rowsFile returns the file of the rows of points; nil if there is none.
func rowsFile(t *testing.T, cache string) fs.FileInfo {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(cache, "points-*.rows.*"))
	if err != nil {
		t.Fatal(err)
	}
	if list == nil {
		return nil
	}
	info, err := os.Stat(list[0])
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestKeptByAnotherVersion(t *testing.T) {
	k := newKept(t, oddFiles())
	k.load("1")
	if k.load("2"); !k.reads("points.geojson") {
		t.Error("what another version made was taken")
	}
}

// Whatever part of a file is damaged, the data is read again and the damage told.
func TestKeptDamaged(t *testing.T) {
	k := newKept(t, oddFiles())
	k.load("1")
	list, err := filepath.Glob(filepath.Join(k.cache, "points-*"))
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, file := range list {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 64 { // each section starts at such a place
			damaged := bytes.Clone(data)
			damaged[at] ^= 0x40
			put(t, file, damaged)
			k.log.Reset()
			k.check()
			if !strings.Contains(k.log.String(), file) && k.reads("points.geojson") {
				t.Errorf("byte %d: log %q does not name the file", at, &k.log)
			}
			put(t, file, data)
		}
	}
}

// put puts a new file in the place of one that may be mapped.
func put(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file+"~", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		t.Fatal(err)
	}
}

// A folder that is followed reads what changes, and keeps that for the next start.
func TestKeptFollowed(t *testing.T) {
	k := newKept(t, oddFiles())
	k.load("1")
	s, err := store.Open(k.cache, "1", slog.New(slog.NewTextHandler(&k.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	folder := layers.NewFolder(k).KeptIn(s, k.data)
	first, _ := folder.Load()
	if again, _ := folder.Load(); again != first {
		t.Error("nothing has changed, but all is new")
	}
	k.write("points.geojson", strings.Replace(oddFiles()["points.geojson"], "ا", "ب", 1))
	second, _ := folder.Load()
	want, _ := layers.Load(os.DirFS(k.data))
	if describe(t, second) != describe(t, want) {
		t.Error("the change does not show")
	}
	was, _ := first.Layer("areas")
	if is, ok := second.Layer("areas"); !ok || is.Source != was.Source {
		t.Error("what has not changed is new")
	}
	s.Close()
	if k.check(); k.reads("points.geojson") {
		t.Error("the change was not kept")
	}
}

// Two processes that start at once on one folder see the same.
func TestKeptTogether(t *testing.T) {
	k := newKept(t, oddFiles())
	want, _ := layers.Load(os.DirFS(k.data))
	var wait sync.WaitGroup
	for range 4 {
		s, err := store.Open(k.cache, "1", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			defer s.Close()
			got, _ := layers.NewFolder(os.DirFS(k.data)).KeptIn(s, k.data).Load()
			if describe(t, got) != describe(t, want) {
				t.Error("another folder")
			}
		})
	}
	wait.Wait()
	if k.check(); k.reads("points.geojson") {
		t.Error("nothing was kept")
	}
}
