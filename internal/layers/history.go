package layers

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"kharita/geo"
)

// derived is what follows from a layer's features and is made when first asked for.
type derived struct {
	timeline func() ([]Epoch, error)
	history  func() (map[string][]geo.Feature, error)
	names    func() (*nameIndex, error)
}

// derive prepares what is made on demand.
func (l *Layer) derive() {
	source, identity, name := l.Source, l.Identity, l.Name
	all := func() iter.Seq2[geo.Feature, error] { return source.Features(context.Background(), Query{}) }
	l.derived = &derived{
		timeline: sync.OnceValues(func() ([]Epoch, error) { return newTimeline(all()) }),
		history:  sync.OnceValues(func() (map[string][]geo.Feature, error) { return newHistory(all(), identity) }),
		names:    sync.OnceValues(func() (*nameIndex, error) { return newNameIndex(all(), name) }),
	}
}

// Versions returns all versions of the thing that f is a version of, f among
// them, by their start, then by their end: those that share f's value of the
// layer's Identity. It is f alone where the layer names none or f has no value.
// The caller must not write to the slice.
func (l *Layer) Versions(f geo.Feature) ([]geo.Feature, error) {
	thing := f.Properties.Get(l.Identity).Text()
	if l.Identity == "" || thing == "" {
		return []geo.Feature{f}, nil
	}
	var (
		history map[string][]geo.Feature
		err     error
	)
	if l.derived != nil {
		history, err = l.derived.history()
	} else {
		history, err = newHistory(l.Features(context.Background(), Query{}), l.Identity)
	}
	return history[thing], err
}

// newHistory gathers features by their value of the property identity.
func newHistory(features iter.Seq2[geo.Feature, error], identity string) (map[string][]geo.Feature, error) {
	history := map[string][]geo.Feature{}
	for f, err := range features {
		if err != nil {
			return nil, err
		}
		if thing := f.Properties.Get(identity).Text(); thing != "" {
			history[thing] = append(history[thing], f)
		}
	}
	for _, versions := range history {
		slices.SortStableFunc(versions, func(a, b geo.Feature) int {
			alo, ahi := a.Valid.Possible.Limits()
			blo, bhi := b.Valid.Possible.Limits()
			return cmp.Or(cmp.Compare(alo, blo), cmp.Compare(ahi, bhi), strings.Compare(a.ID.String(), b.ID.String()))
		})
	}
	return history, nil
}
