package main

import (
	"runtime"
	"runtime/debug"
)

// A heap says how much garbage there may be before the collector looks for it, as a share
// of what is alive. Data is columns, which it need not look through, so that a small share
// costs little; and a share of much is much. It is a percentage of what GOGC says; see
// package runtime.
type heap struct{ usual int }

const (
	loadPercent  = 5
	leastPercent = 20
	mostPercent  = 100
	muchGarbage  = 128 << 20 // bytes, as much as a few large tiles make
)

func newHeap() heap {
	usual := debug.SetGCPercent(mostPercent)
	debug.SetGCPercent(usual)
	return heap{usual}
}

// load is to be called before data is loaded: peaks of memory shall be low.
func (h heap) load() { h.set(loadPercent) }

// serve is to be called when data has been loaded, or nothing had to be. It gives back to
// the system what only loading needed.
func (h heap) serve(loaded bool) {
	if loaded {
		debug.FreeOSMemory()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.set(min(mostPercent, max(leastPercent, int(muchGarbage*100/max(1, m.HeapAlloc)))))
}

func (h heap) set(percent int) {
	if h.usual >= 0 { // else it is off
		debug.SetGCPercent(percent * h.usual / 100)
	}
}
