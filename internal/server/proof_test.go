//go:build proof

package server

import (
	"testing"

	"kharita/data/basemap"
	atlas "kharita/data/geojson"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
	"kharita/internal/layers"
)

// TestAllTiles: every tile of the shipped atlas and of its base map down to zoom
// 10, of all times and at the start of each of its epochs in both readings, keeps
// every rule of MVT 2.1; and its epochs are those that its set names.
func TestAllTiles(t *testing.T) {
	snapshot, _ := layers.Load(atlas.Files)
	base, _ := layers.Load(basemap.Files)
	shipped := snapshot.WithBase(base)
	list := append(shipped.Layers[:len(shipped.Layers):len(shipped.Layers)], shipped.Base...)
	sets, err := newSets(list, tile.WebMercatorQuad)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range list {
		t.Run(l.ID, func(t *testing.T) {
			t.Parallel()
			w := walker{t: t, layer: l, set: sets[i]}
			w.walk(0, 0, 0)
			t.Logf("%d tiles, %d checked in their epochs", w.tiles, w.dated)
			if w.tiles == 0 {
				t.Error("no tile")
			}
		})
	}
}

const lastZoom = 10

// A walker goes through the tiles of a layer that hold anything.
type walker struct {
	t            *testing.T
	layer        *layers.Layer
	set          *tile.Set
	buf          []byte
	tiles, dated int
}

func (w *walker) walk(z uint8, x, y uint32) {
	a, err := tile.NewAddress(z, x, y)
	if err != nil {
		w.t.Fatal(err)
	}
	if n := w.check(a, tile.Slice{}); n > 0 {
		w.tiles++
		w.epochs(a)
	} else if z >= w.layer.Tile.MinZoom || !a.Bound().Intersects(w.layer.Bound) {
		return
	}
	if z == lastZoom || w.t.Failed() {
		return
	}
	for i := range uint32(4) {
		w.walk(z+1, 2*x+i&1, 2*y+i>>1)
	}
}

// epochs checks a at the start of each of its epochs.
func (w *walker) epochs(a tile.Address) {
	for _, r := range []period.Reading{period.Possible, period.Certain} {
		changes, _ := w.set.Changes(a, r)
		for i, at := range changes {
			s := tile.Slice{Valid: period.At(at), Reading: r}
			w.check(a, s)
			w.dated++
			lo, hi := w.set.Stable(a, s).Limits()
			if lo != at || i+1 < len(changes) && hi != changes[i+1] {
				w.t.Errorf("%s %v: epoch from %d to %d, change at %d", a, r, lo, hi, at)
			}
		}
	}
}

// check returns the length of a tile, which must be valid.
func (w *walker) check(a tile.Address, s tile.Slice) int {
	w.buf = w.set.Append(w.buf[:0], a, s, nil)
	for _, v := range tiletest.Check(w.buf) {
		w.t.Errorf("%s at %v: %v", a, s.Valid, v)
	}
	return len(w.buf)
}
