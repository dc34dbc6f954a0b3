package layers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"kharita/geo/period"
	"kharita/internal/store"
)

// Load reads a folder: each GeoJSON file is a layer, each YAML file of the same
// name its sidecar, atlas.yaml the whole. It returns every problem, ordered by
// file and place, and a Snapshot of what can be served in spite of them, which
// is never nil.
func Load(fsys fs.FS) (*Snapshot, []Problem) { return NewFolder(fsys).Load() }

// A Folder is a folder that is read again whenever it may have changed. It is
// for one goroutine; the snapshots are for all.
type Folder struct {
	fsys     fs.FS
	base     *Snapshot // nil: not known
	store    *store.Store
	name     string           // in store
	parts    map[string]*part // layers by id; the atlas by atlasFile, which is no id
	last     *Snapshot        // nil: not read yet
	problems []Problem        // of last
}

// NewFolder returns the folder fsys, of which nothing is read yet.
func NewFolder(fsys fs.FS) *Folder { return &Folder{fsys: fsys, parts: map[string]*part{}} }

// Over tells f which base map its layers lie on, so that they may name layers of that. It
// returns f.
func (f *Folder) Over(base *Snapshot) *Folder {
	f.base = base
	return f
}

// KeptIn makes f keep in s what the files give, and take from there, when it first reads
// a file, what that gave to an earlier process. The name tells the folder from others in
// s. It returns f.
func (f *Folder) KeptIn(s *store.Store, name string) *Folder {
	f.store, f.name = s, name
	return f
}

// A part is a layer, or atlas.yaml: as its files are now, and as it is served.
type part struct {
	now, served *version
	painted     *Layer // of served
}

// A version is what some files held when they were read.
type version struct {
	names    [2]string // of the main files; "" where there is none
	files    map[string]file
	problems []Problem
	layer    *Layer // nil: can't be served; always of the atlas
	atlas    Atlas
}

// Load reads what has changed since the last time, and returns a Snapshot of
// all: the one of the last time if nothing has.
//
// What is worse than before stays as it was: a layer or atlas.yaml that can't be
// read any more, or of which a feature or its dates are now left out where none
// were; and all, if the folder is gone or has become empty. The problems say so.
func (f *Folder) Load() (*Snapshot, []Problem) {
	found, problems := f.scan()
	if found == nil && f.last != nil {
		f.problems = []Problem{problems[0].settle(true)}
		return f.last, f.problems
	}
	f.read(found)
	snapshot := &Snapshot{Atlas: Atlas{Basemap: Basemap{Builtin: true}, Span: period.Never}}
	var atlas *settings
	sum := sha256.New()
	for number, main := range found {
		p := f.parts[main.id]
		for _, problem := range p.now.problems {
			problems = append(problems, problem.settle(p.served != nil && p.served != p.now))
		}
		if p.served == nil {
			continue
		}
		if main.id == atlasFile {
			snapshot.Atlas, atlas = p.served.atlas, &settings{file: atlasFile, problems: &problems}
			if p.served != p.now {
				atlas.problems = new([]Problem) // they would name places in a file that has changed
			}
			p.served.sum(sum)
			continue
		}
		if l := p.served.layer.painted(number); p.painted == nil || p.painted.Source != l.Source || !sameColor(p.painted, l) {
			p.painted = l
		}
		snapshot.Layers = append(snapshot.Layers, p.painted)
		_, _ = io.WriteString(sum, main.id) // a hash takes all
		p.served.sum(sum)
	}
	snapshot.arrange(atlas)
	for _, main := range found {
		if p := f.parts[main.id]; p.served != nil && p.served == p.now && p.served.layer != nil {
			f.checkShares(p.served.layer, snapshot, &problems)
		}
	}
	snapshot.Revision = hex.EncodeToString(sum.Sum(nil)[:6])
	slices.SortStableFunc(problems, comparePlaces)
	if f.last == nil || f.last.Revision != snapshot.Revision || !slices.Equal(f.problems, problems) {
		f.last, f.problems = snapshot, problems
	}
	return f.last, f.problems
}

func sameColor(a, b *Layer) bool { return slices.Equal(a.Style.Color.Value, b.Style.Color.Value) }

// checkShares notes names in tile.shares that no layer has.
func (f *Folder) checkShares(l *Layer, s *Snapshot, problems *[]Problem) {
	ids := s.ids()
	if s.Atlas.Basemap.Builtin {
		if f.base == nil {
			return // it may be a layer of that
		}
		ids = append(ids, f.base.ids()...)
	}
	from := len(*problems)
	for _, r := range l.shares {
		if !slices.Contains(ids, r.name) {
			c := settings{file: l.sidecarFile, problems: problems}
			c.problem(r.at, NoSuchLayer, "tile.shares: %q%s", r.name, nearest(r.name, ids))
		}
	}
	for i := from; i < len(*problems); i++ {
		(*problems)[i].Layer = l.ID
	}
}

// A found is a part that the folder has: its id and main files.
type found struct {
	id    string
	names [2]string // GeoJSON and sidecar; or atlas.yaml
}

// scan returns the parts that there are, in the order of their ids, with atlas.yaml
// first. They are nil, with one problem, if the folder is gone or is empty.
func (f *Folder) scan() (parts []found, problems []Problem) {
	entries, err := fs.ReadDir(f.fsys, ".")
	if err != nil {
		return nil, []Problem{{File: ".", Rule: Unreadable, Message: reason(err), Grade: Fatal}}
	}
	files := map[string]string{} // layer -> file
	sidecars := map[string]string{}
	var ids []string
	empty := true
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		empty = false
		if name == atlasFile {
			parts = append(parts, found{atlasFile, [2]string{atlasFile}})
			continue
		}
		if id, ok := strings.CutSuffix(name, ".yaml"); ok {
			sidecars[id] = name
			continue
		}
		id, ok := layerID(name)
		if !ok {
			continue
		}
		switch other, taken := files[id]; {
		case taken:
			problems = append(problems, Problem{
				File: name, Rule: NameTaken, Grade: Fatal,
				Message: fmt.Sprintf("%s: %s makes the layer %q already; rename one", NameTaken, other, id),
			})
		case !goodID.MatchString(id):
			problems = append(problems, Problem{
				File: name, Rule: BadName, Grade: Fatal,
				Message: fmt.Sprintf("%s: use letters, digits, - and _ only", BadName),
			})
		default:
			files[id] = name
			ids = append(ids, id)
		}
	}
	for id, name := range sidecars {
		if _, ok := files[id]; !ok {
			problems = append(problems, Problem{
				File: name, Rule: NoGeoJSON,
				Message: fmt.Sprintf("%s: there is no %s.geojson; rename or remove it", NoGeoJSON, id),
			})
		}
	}
	if len(ids) == 0 {
		problems = append(problems, Problem{
			File: ".", Rule: NoLayers, Grade: Fatal,
			Message: string(NoLayers) + ": put a GeoJSON file (.geojson, .geojsonl, each also .gz) into the folder",
		})
	}
	if empty {
		return nil, problems
	}
	if parts == nil {
		parts = []found{}
	}
	slices.Sort(ids)
	for _, id := range ids {
		parts = append(parts, found{id, [2]string{files[id], sidecars[id]}})
	}
	return parts, problems
}

// read brings f.parts up to date with what was found.
func (f *Folder) read(parts []found) {
	old := f.parts
	f.parts = make(map[string]*part, len(parts))
	var wait sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, main := range parts {
		p := old[main.id]
		if p == nil {
			p = &part{}
		}
		f.parts[main.id] = p
		wait.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if p.now != nil && p.now.names == main.names && p.now.isCurrent(f.fsys) {
				return
			}
			p.now = f.readVersion(main, p.now == nil)
			before, now := Fatal, worst(p.now.problems)
			if p.served != nil {
				before = worst(p.served.problems)
			}
			usable := p.now.layer != nil || main.id == atlasFile
			if usable && (now < Loss || now <= before || p.served == nil) {
				p.served = p.now
			}
		})
	}
	wait.Wait()
}

// readVersion reads a part, for the first time or again.
func (f *Folder) readVersion(main found, first bool) *version {
	r := &recorder{fsys: f.fsys, files: map[string]file{}}
	v := &version{names: main.names, files: r.files}
	if main.id != atlasFile {
		v.layer, v.problems = loadLayer(r, f.store.Shelf(f.name, main.id), first, main.id, main.names[0], main.names[1])
		if v.layer != nil {
			sum := sha256.New()
			v.sum(sum)
			v.layer.Revision = hex.EncodeToString(sum.Sum(nil)[:6])
		}
		return v
	}
	data, err := fs.ReadFile(r, atlasFile)
	if err != nil {
		v.problems = []Problem{{File: atlasFile, Rule: Unreadable, Message: reason(err), Grade: Fatal, effect: "defaults are served"}}
	}
	v.atlas, _ = readAtlas(atlasFile, data, &v.problems)
	return v
}

// sum adds the content of the files to h.
func (v *version) sum(h hash.Hash) {
	for _, name := range slices.Sorted(mapKeys(v.files)) {
		file := v.files[name]
		h.Write(file.sum[:])
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A file is what is remembered of one that was read, to see whether it has changed.
type file struct {
	info   fs.FileInfo // nil: there was none
	sum    [sha256.Size]byte
	seen   time.Time // when info was first seen
	summed time.Time // when the content was last looked at
}

// granularity is the coarsest clock of a file system (FAT): content may change
// within it without the file's time telling.
const granularity = 2 * time.Second

// isCurrent reports whether the files of v are still as they were read. It looks
// at the content only where size and time leave it open.
func (v *version) isCurrent(fsys fs.FS) bool {
	for name, was := range v.files {
		info, err := fs.Stat(fsys, name)
		if err != nil {
			if was.info != nil {
				return false
			}
			continue
		}
		if was.info == nil || info.Size() != was.info.Size() {
			return false
		}
		now := file{info: info, sum: was.sum, seen: was.seen, summed: time.Now()}
		if same := os.SameFile(info, was.info) && info.ModTime().Equal(was.info.ModTime()); same {
			if was.summed.Sub(info.ModTime()) > granularity || was.summed.Sub(was.seen) > granularity {
				continue
			}
		} else {
			now.seen = now.summed
		}
		if sum, err := sumFile(fsys, name); err != nil || sum != was.sum {
			return false
		}
		v.files[name] = now
	}
	return true
}

func sumFile(fsys fs.FS, name string) (sum [sha256.Size]byte, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// A recorder notes which files are read, and what they hold.
type recorder struct {
	fsys  fs.FS
	files map[string]file
}

// Open implements fs.FS.
func (r *recorder) Open(name string) (fs.File, error) {
	f, err := r.fsys.Open(name)
	if _, again := r.files[name]; again {
		return f, err
	}
	now := time.Now()
	r.files[name] = file{seen: now, summed: now}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &recorded{f, r, name, info, sha256.New(), now}, nil
}

// A recorded is a file whose content is hashed as it is read.
type recorded struct {
	fs.File
	to   *recorder
	name string
	info fs.FileInfo
	hash hash.Hash
	at   time.Time
}

// Read implements io.Reader.
func (f *recorded) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.hash.Write(p[:n])
	return n, err
}

// Close implements io.Closer. It hashes what was not read.
func (f *recorded) Close() error {
	_, err := io.Copy(f.hash, f.File)
	f.to.files[f.name] = file{f.info, [sha256.Size]byte(f.hash.Sum(nil)), f.at, f.at}
	return errors.Join(err, f.File.Close())
}
