package server

import (
	"fmt"

	columns "kharita/geo/section" // a section is one of a page here
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// keptTiles is what is kept on the shelf of a layer: its set, with what that was made of.
const keptTiles = "tiles"

// keptSets returns the tiles of layers that share borders, from their shelves as far as
// they are there, and puts there what it makes.
func keptSets(group []*layers.Layer) ([]*tile.Set, error) {
	sets := make([]*tile.Set, len(group))
	var missing []*layers.Layer
	for i, l := range group {
		if sets[i] = takeSet(l); sets[i] == nil {
			missing = append(missing, l)
		}
	}
	made, err := newSets(missing)
	if err != nil {
		return nil, err
	}
	for i, l := range group {
		if sets[i] == nil {
			sets[i], made = made[0], made[1:]
			keepSet(l, sets[i])
		}
	}
	return sets, nil
}

// madeOf tells what the set of l follows from.
func madeOf(l *layers.Layer) string { return fmt.Sprintf("%s %+v", l.Revision, tileOptions(l)) }

func takeSet(l *layers.Layer) (set *tile.Set) {
	if l.Geometry != layers.Points {
		return nil
	}
	l.Shelf.Get(keptTiles, func(f *columns.File) bool {
		if string(columns.Read[byte](f, "made of")) != madeOf(l) {
			return false
		}
		set = tile.ReadSet(f, tileOptions(l))
		if f.Err() != nil {
			set = nil
		}
		return set != nil
	})
	return set
}

func keepSet(l *layers.Layer, set *tile.Set) {
	if l.Geometry != layers.Points || !set.Writable() {
		return
	}
	l.Shelf.Put(keptTiles, func(w *columns.Writer) {
		columns.Write(w, "made of", []byte(madeOf(l)))
		set.Write(w)
	})
}
