package layers

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	quiet   = 150 * time.Millisecond // without an event, before a change is told of
	longest = 2 * time.Second        // that events may put it off
	poll    = 2 * time.Second        // for folders whose events don't come, as on a network
)

// Watch tells when the folder dir may have changed, until ctx ends and the
// channel is closed: soon after the last of a burst of events, and every two
// seconds in any case, since Folder.Load costs next to nothing when nothing has.
// Changes that come while the receiver is busy are told of once.
//
// It watches the folder, not the files, of which most programs write a new one
// and rename it, and the folder's parent, so that a folder that is replaced, or
// goes and comes back, stays watched. Where the system's events fail, looking
// every two seconds remains.
func Watch(ctx context.Context, dir string) <-chan struct{} {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	w := &watcher{dir: filepath.Clean(dir)}
	w.events, _ = fsnotify.NewWatcher() // nil: the system has no more to give
	w.follow()
	changed := make(chan struct{}, 1)
	go w.run(ctx, changed)
	return changed
}

// A watcher follows one folder.
type watcher struct {
	dir    string
	events *fsnotify.Watcher
	info   fs.FileInfo // of the folder that is watched; nil: none
}

func (w *watcher) run(ctx context.Context, changed chan<- struct{}) {
	defer close(changed)
	var (
		events <-chan fsnotify.Event
		errs   <-chan error
		settle = time.NewTimer(quiet)
		every  = time.NewTicker(poll)
		since  time.Time // of the first event that was not told of; zero: none is
	)
	settle.Stop()
	defer settle.Stop()
	defer every.Stop()
	if w.events != nil {
		defer w.events.Close()
		events, errs = w.events.Events, w.events.Errors
	}
	wait := func() {
		now := time.Now()
		if since.IsZero() {
			since = now
		}
		settle.Reset(min(quiet, max(0, since.Add(longest).Sub(now))))
	}
	tell := func() {
		since = time.Time{}
		w.follow()
		select {
		case changed <- struct{}{}:
		default: // it will look anyway
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-events:
			if !ok {
				events = nil
			} else if w.concerns(e.Name) {
				wait()
			}
		case _, ok := <-errs: // more events than the system could keep
			if !ok {
				errs = nil
			} else {
				wait()
			}
		case <-settle.C:
			tell()
		case <-every.C:
			if since.IsZero() {
				tell()
			}
		}
	}
}

// concerns reports whether a change of the file may be one of the data. Hidden
// files are what programs write before they rename; but ..data is the link by
// which Kubernetes swaps all files of a volume at once.
func (w *watcher) concerns(name string) bool {
	if name == w.dir {
		return true
	}
	base := filepath.Base(name)
	return filepath.Dir(name) == w.dir && (!strings.HasPrefix(base, ".") || base == "..data")
}

// follow watches the folder that dir now is.
func (w *watcher) follow() {
	if w.events == nil {
		return
	}
	info, err := os.Stat(w.dir)
	if err == nil && w.info != nil && os.SameFile(info, w.info) {
		return
	}
	_ = w.events.Remove(w.dir) // if it is watched, it is another one now
	w.info = nil
	if parent := filepath.Dir(w.dir); parent != w.dir {
		_ = w.events.Add(parent) // without it, a new folder is found when next looked for
	}
	if err == nil && w.events.Add(w.dir) == nil {
		w.info = info
	}
}
