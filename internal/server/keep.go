package server

import (
	"fmt"
	"strings"

	columns "kharita/geo/section" // a section is one of a page here
	"kharita/geo/tile"
	"kharita/internal/layers"
	"kharita/internal/store"
)

// keptTiles is what is kept on the shelf of a layer: its set, if that is of points alone.
const keptTiles = "tiles"

// keptSets returns the tiles of layers that share borders, from their shelves as far as
// they are there, and puts there what it makes.
func keptSets(group []*layers.Layer) ([]*tile.Set, error) {
	sets := make([]*tile.Set, len(group))
	var sources []tile.Source
	for i, l := range group {
		source := sourceOf(l)
		if shelf := pointShelf(l); !shelf.Get(keptTiles, func(f *columns.File) bool {
			sets[i] = tile.ReadSet(f, source.Options)
			return true
		}) {
			sets[i] = nil
			source.Keeper = groupShelf(l, group)
			sources = append(sources, source)
		}
	}
	made, err := tile.NewSets(sources...)
	if err != nil {
		return nil, fmt.Errorf("tiles of %s: %w", strings.Join(idsOf(group), ", "), err)
	}
	for i, l := range group {
		if sets[i] != nil {
			continue
		}
		set := made[0]
		sets[i], made = set, made[1:]
		if set.Writable() {
			pointShelf(l).Put(keptTiles, set.Write)
		}
	}
	return sets, nil
}

// pointShelf is that of the set of l, if it is of points alone: it follows from l alone.
func pointShelf(l *layers.Layer) store.Shelf {
	if l.Geometry != layers.Points {
		return store.Shelf{}
	}
	return groupShelf(l, []*layers.Layer{l})
}

// groupShelf is that of what the set of l makes with those of all its group.
func groupShelf(l *layers.Layer, group []*layers.Layer) store.Shelf {
	shelf := l.Shelf
	for _, m := range group {
		shelf = shelf.Of(fmt.Sprintf("%s %+v", m.Revision, tileOptions(m)))
	}
	return shelf
}
