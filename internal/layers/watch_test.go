package layers_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kharita/internal/layers"
)

// A watched is a folder on disk that is followed as the server does.
type watched struct {
	*testing.T
	dir      string
	folder   *layers.Folder
	changes  <-chan struct{}
	snapshot *layers.Snapshot
	problems []layers.Problem
	loads    int // that brought something new
}

func watch(t *testing.T, dir string) *watched {
	t.Helper()
	w := &watched{T: t, dir: dir, folder: layers.NewFolder(os.DirFS(dir)), changes: layers.Watch(t.Context(), dir)}
	w.snapshot, w.problems = w.folder.Load()
	return w
}

// until follows the folder until ok, and prints how long that took.
func (w *watched) until(what string, ok func() bool) {
	w.Helper()
	start := time.Now()
	for deadline := time.After(10 * time.Second); !ok(); {
		select {
		case <-w.changes:
			before := w.snapshot
			if w.snapshot, w.problems = w.folder.Load(); w.snapshot != before {
				w.loads++
			}
		case <-deadline:
			w.Fatalf("%s: not seen; layers %v, problems %v", what, w.names(), texts(w.problems))
		}
	}
	w.Logf("%s: live after %v", what, time.Since(start).Round(time.Millisecond))
}

// names are the layers with the name of their first feature's id.
func (w *watched) names() (names []string) {
	for _, l := range w.snapshot.Layers {
		for f, err := range l.Features(w.Context(), layers.Query{Limit: 1}) {
			if err != nil {
				w.Fatal(err)
			}
			names = append(names, l.ID+":"+f.ID.String())
		}
	}
	return names
}

func (w *watched) shows(want ...string) func() bool {
	return func() bool {
		return strings.Join(w.names(), " ") == strings.Join(want, " ") && len(w.problems) == 0
	}
}

func (w *watched) write(name, data string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(data), 0o600); err != nil {
		w.Fatal(err)
	}
}

func one(id string) string { return collection(town(id, "")) }

func TestWatchWaysToWrite(t *testing.T) {
	w := watch(t, t.TempDir())
	w.write("a.geojson", one("1"))
	w.until("a new file", w.shows("a:1"))
	w.write("a.geojson", one("2")) // the same size
	w.until("written in place", w.shows("a:2"))

	rename := func(from string) {
		t.Helper()
		if err := os.Rename(filepath.Join(w.dir, from), filepath.Join(w.dir, "a.geojson")); err != nil {
			t.Fatal(err)
		}
	}
	w.write(".a.geojson.Xy12", one("3"))
	rename(".a.geojson.Xy12")
	w.until("renamed over, as rsync does", w.shows("a:3"))

	if err := os.Rename(filepath.Join(w.dir, "a.geojson"), filepath.Join(w.dir, "a.geojson~")); err != nil {
		t.Fatal(err)
	}
	w.write("a.geojson", one("4"))
	w.until("old one renamed away, as editors do", w.shows("a:4"))

	f, err := os.OpenFile(filepath.Join(w.dir, "a.geojson"), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	fmt.Fprint(f, one("5"))
	f.Close()
	w.until("truncated, then written", w.shows("a:5"))

	w.loads = 0
	for i := range 50 {
		w.write("a.geojson", one(strconv.Itoa(100+i)))
		time.Sleep(5 * time.Millisecond)
	}
	w.until("burst of 50", w.shows("a:149"))
	if w.loads > 25 {
		t.Errorf("a burst of 50 was loaded %d times", w.loads)
	}

	w.write("b.geojson", one("x"))
	w.until("a second layer", w.shows("a:149", "b:x"))
	before, _ := w.snapshot.Layer("a")
	w.write("b.yaml", "title: B\n")
	w.until("its sidecar", func() bool { l, _ := w.snapshot.Layer("b"); return l.Title[""] == "B" })
	if after, _ := w.snapshot.Layer("a"); after != before {
		t.Error("a layer was read again though only another one changed")
	}
	if err := os.Remove(filepath.Join(w.dir, "a.geojson")); err != nil {
		t.Fatal(err)
	}
	w.until("removed", w.shows("b:x"))
}

// TestWatchSymlinks: a volume of Kubernetes swaps all its files by one link.
func TestWatchSymlinks(t *testing.T) {
	dir := t.TempDir()
	version := func(name, id string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "a.geojson"), []byte(one(id)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	version("..2024_01", "old")
	link("..2024_01", "..data")
	link("..data/a.geojson", "a.geojson")
	w := watch(t, dir)
	w.until("before", w.shows("a:old"))
	version("..2024_02", "new")
	link("..2024_02", "..data_tmp")
	if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	w.until("link swapped", w.shows("a:new"))

	// The folder itself may be such a link.
	parent := t.TempDir()
	dir = filepath.Join(parent, "now")
	for _, id := range []string{"v1", "v2"} {
		if err := os.MkdirAll(filepath.Join(parent, id), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(parent, id, "a.geojson"), []byte(one(id)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(id, dir+".tmp"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(dir+".tmp", dir); err != nil {
			t.Fatal(err)
		}
		if id == "v1" {
			w = watch(t, dir)
		}
		w.until("folder swapped to "+id, w.shows("a:"+id))
	}
	w.write("a.geojson", one("v3"))
	w.until("written in the new folder", w.shows("a:v3"))
}

// TestWatchWithoutEvents: what no event tells, here of a file that lies
// elsewhere, is found all the same.
func TestWatchWithoutEvents(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "a.geojson")
	dir := t.TempDir()
	w := watch(t, dir)
	w.dir = filepath.Dir(elsewhere)
	w.write("a.geojson", one("1"))
	if err := os.Symlink(elsewhere, filepath.Join(dir, "a.geojson")); err != nil {
		t.Fatal(err)
	}
	w.until("link", w.shows("a:1"))
	w.write("a.geojson", one("2"))
	w.until("without an event", w.shows("a:2"))
}

// TestWatchFolderGone: all stays as it was until the folder is back.
func TestWatchFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "atlas")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w := watch(t, dir)
	w.write("a.geojson", one("1"))
	w.write("atlas.yaml", "title: Kept\n")
	w.until("start", w.shows("a:1"))
	revision := w.snapshot.Revision
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w.until("gone", func() bool { return len(w.problems) == 1 })
	if p := w.problems[0].String(); !strings.Contains(p, "(the last good version is served)") || w.snapshot.Revision != revision || w.snapshot.Atlas.Title[""] != "Kept" {
		t.Errorf("problem %q, layers %v", p, w.names())
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("a.geojson", one("2"))
	w.until("back", w.shows("a:2"))
	w.write("a.geojson", one("3"))
	w.until("written after it came back", w.shows("a:3"))
}

// TestWatchLargeFile prints how soon a change of a file of 5 MB is live.
func TestWatchLargeFile(t *testing.T) {
	w := watch(t, t.TempDir())
	writePoints(t, filepath.Join(w.dir, "b.geojson"), 25_000)
	data, err := os.ReadFile(filepath.Join(w.dir, "b.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	w.until("start", w.shows("b:place-0"))
	data = bytes.Replace(data, []byte("place-0"), []byte("place-x"), 1)
	w.write("b.geojson", string(data))
	w.until(fmt.Sprintf("%.1f MB", float64(len(data))/1e6), w.shows("b:place-x"))
}

// TestFolderKeepsTheLastGoodVersion: what is worse than before is not taken
// over, what is not worse is.
func TestFolderKeepsTheLastGoodVersion(t *testing.T) {
	dir := t.TempDir()
	folder := layers.NewFolder(os.DirFS(dir))
	type step struct {
		name, data string // empty data: remove
		want       string // layers
		problems   []string
	}
	kept := " (the last good version is served)"
	bad := collection(town("2", `"start":"2014-02-30"`))
	for i, s := range []step{
		{"a.geojson", one("1"), "a:1", nil},
		{"b.geojson", one("1"), "a:1 b:1", nil},
		{"a.geojson", one("2")[:60], "a:1 b:1", []string{`a.geojson:2:20: feature 0: not JSON: the file ends where '"' should follow: is it cut off?` + kept}},
		{"b.geojson", one("3"), "a:1 b:3", []string{`a.geojson:2:20: feature 0: not JSON: the file ends where '"' should follow: is it cut off?` + kept}},
		{"a.geojson", bad, "a:1 b:3", []string{`a.geojson:2:100: feature 0: time can't be read: date "2014-02-30": February 2014 has 28 days (at character 9)` + kept}},
		{"a.geojson", one("4"), "a:4 b:3", nil},
		{"a.yaml", "title: [\n", "a:4 b:3", []string{`a.yaml:1:8: not YAML: sequence end token ']' not found` + kept}},
		{"a.yaml", "title: A\ntitel: B\n", "a:4 b:3", []string{`a.yaml:2:1: unknown key: a layer has no "titel"; did you mean "title"?`}},
		{"a.yaml", "", "a:4 b:3", nil},
		{"atlas.yaml", "layers: [b]\n", "b:3 a:4", nil},
		{"atlas.yaml", "layers: [\n", "b:3 a:4", []string{`atlas.yaml:1:9: not YAML: sequence end token ']' not found` + kept}},
		{"atlas.yaml", "", "a:4 b:3", nil},
		{"a.geojson", "", "b:3", nil},
		{"a.geojson", bad, "a:2 b:3", []string{`a.geojson:2:100: feature 0: time can't be read: date "2014-02-30": February 2014 has 28 days (at character 9) (the feature is served, but holds on no date)`}},
	} {
		file := filepath.Join(dir, s.name)
		var err error
		if s.data == "" {
			err = os.Remove(file)
		} else {
			err = os.WriteFile(file, []byte(s.data), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		w := &watched{T: t}
		w.snapshot, w.problems = folder.Load()
		if got := strings.Join(w.names(), " "); got != s.want {
			t.Errorf("step %d: layers %s, want %s", i, got, s.want)
		}
		if got := strings.Join(texts(w.problems), "\n"); got != strings.Join(s.problems, "\n") {
			t.Errorf("step %d: problems\n%s\nwant\n%s", i, got, strings.Join(s.problems, "\n"))
		}
		if again, _ := folder.Load(); again != w.snapshot {
			t.Errorf("step %d: a second look made a new snapshot", i)
		}
		if s.problems == nil {
			if fresh, _ := layers.Load(os.DirFS(dir)); fresh.Revision != w.snapshot.Revision {
				t.Errorf("step %d: revision %s, read afresh %s", i, w.snapshot.Revision, fresh.Revision)
			}
		}
	}
}

// TestFolderPalette: layers without a colour get the same as when read afresh,
// whatever was there before.
func TestFolderPalette(t *testing.T) {
	dir := t.TempDir()
	folder := layers.NewFolder(os.DirFS(dir))
	for _, name := range []string{"m", "z", "a", "n"} {
		if err := os.WriteFile(filepath.Join(dir, name+".geojson"), []byte(one("1")), 0o600); err != nil {
			t.Fatal(err)
		}
		got, _ := folder.Load()
		want, _ := layers.Load(os.DirFS(dir))
		for i, l := range want.Layers {
			if g := got.Layers[i]; g.ID != l.ID || string(g.Style.Color.Value) != string(l.Style.Color.Value) || string(g.Style.Outline.Color.Value) != string(l.Style.Outline.Color.Value) {
				t.Errorf("after %s: %s is %s, want %s", name, g.ID, g.Style.Color.Value, l.Style.Color.Value)
			}
		}
	}
}
