package main

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// A heap says how much garbage there may be before the collector looks for it, as a share
// of what is alive. Data is columns, which it need not look through, so that a small share
// costs little; and a share of much is much. It is a percentage of what GOGC says; see
// package runtime.
type heap struct {
	usual   int
	gate    sync.Mutex
	loading bool
	warm    bool // what is served has been made ready; while loading, since that began
	before  bool // warm before that
}

// An allowance is how many bytes of garbage there may be, and within which percentages.
type allowance struct{ garbage, least, most int }

//nolint:gochecknoglobals // constants
var (
	whileLoading = allowance{16 << 20, 5, 20} // the heap grows, and most of it is there to stay
	whileWarming = allowance{16 << 20, 5, 100}
	whenReady    = allowance{128 << 20, 20, 100} // as much as a few large tiles make
)

func newHeap() *heap {
	usual := debug.SetGCPercent(whenReady.most)
	debug.SetGCPercent(usual)
	return &heap{usual: usual}
}

// load is to be called before data is loaded: peaks of memory shall be low.
func (h *heap) load() {
	h.gate.Lock()
	defer h.gate.Unlock()
	h.loading, h.before, h.warm = true, h.warm, false
	h.allow(whileLoading)
}

// loaded is to be called when data has been loaded, or nothing had to be. What has been is
// made ready next.
func (h *heap) loaded(anything bool) {
	h.gate.Lock()
	defer h.gate.Unlock()
	h.loading = false
	if anything {
		debug.FreeOSMemory()
	} else {
		h.warm = h.warm || h.before
	}
	h.serve()
}

// ready is to be called when all has been made ready.
func (h *heap) ready() {
	h.gate.Lock()
	defer h.gate.Unlock()
	if h.warm = true; !h.loading {
		debug.FreeOSMemory()
		h.serve()
	}
}

func (h *heap) serve() {
	if h.warm {
		h.allow(whenReady)
	} else {
		h.allow(whileWarming)
	}
}

func (h *heap) allow(a allowance) {
	if h.usual < 0 {
		return // it is off
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	percent := min(a.most, max(a.least, a.garbage*100/max(1, int(m.HeapAlloc))))
	debug.SetGCPercent(percent * h.usual / 100)
}
