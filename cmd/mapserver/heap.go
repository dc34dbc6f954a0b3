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

const (
	mostPercent   = 100
	leastPercent  = 20
	muchGarbage   = 128 << 20 // bytes, as much as a few large tiles make
	loadPercent   = 5
	littleGarbage = 8 << 20
)

func newHeap() *heap {
	usual := debug.SetGCPercent(mostPercent)
	debug.SetGCPercent(usual)
	return &heap{usual: usual}
}

// load is to be called before data is loaded: peaks of memory shall be low.
func (h *heap) load() {
	h.gate.Lock()
	defer h.gate.Unlock()
	h.loading, h.before, h.warm = true, h.warm, false
	h.set(loadPercent)
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
	garbage, least := littleGarbage, loadPercent
	if h.warm {
		garbage, least = muchGarbage, leastPercent
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.set(min(mostPercent, max(least, garbage*100/max(1, int(m.HeapAlloc)))))
}

func (h *heap) set(percent int) {
	if h.usual >= 0 { // else it is off
		debug.SetGCPercent(percent * h.usual / 100)
	}
}
