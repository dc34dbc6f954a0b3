package layers

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/fold"
)

// A Found is a feature whose name a search found.
type Found struct {
	Layer   *Layer
	Feature geo.Feature
	match   match
	name    string // folded
}

// A match is how well a name fits; less is better.
type match int

const (
	whole match = iota // the name is what was asked for
	start              // it begins with it
	inside
	near // and above: by how many letters are changed
	none = match(1 << 20)
)

// Search returns the features of the given layers whose name has words that
// begin with those of text, in any script and whatever the accents, the best
// first: whole names before beginnings, the layers' order, then shorter names.
// Where nothing does, words with a letter or two changed count. Of the versions of one
// thing only the first that q selects is found, nothing of a layer whose sidecar
// says so, and nothing of the base map that a layer of the atlas has by the same name. q narrows time and place; its Limit
// counts, its After does not.
func (s *Snapshot) Search(ctx context.Context, text string, list []*Layer, q Query) ([]Found, error) {
	asked := words(text)
	if len(asked) == 0 {
		return nil, nil
	}
	var found []Found
	for _, fuzzy := range []bool{false, true} {
		for _, l := range list {
			if l.Unsearched {
				continue
			}
			names, err := l.names()
			if err != nil {
				return nil, err
			}
			hits, err := l.search(ctx, names, asked, fuzzy, q)
			if err != nil {
				return nil, err
			}
			found = append(found, hits...)
		}
		if len(found) > 0 {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.match, b.match), cmp.Compare(base(a.Layer), base(b.Layer)), cmp.Compare(len(a.name), len(b.name)))
	})
	taken := map[string]bool{}
	kept := found[:0]
	for _, f := range found {
		if f.Layer.Base && taken[f.name] {
			continue
		}
		taken[f.name] = true
		if kept = append(kept, f); len(kept) == q.Limit {
			break
		}
	}
	return kept, nil
}

func base(l *Layer) int {
	if l.Base {
		return 1
	}
	return 0
}

// words are the folded words of a name; the article says nothing.
func words(s string) []string {
	return slices.DeleteFunc(fold.Words(s), func(w string) bool { return w == fold.Article })
}

// nameIndex finds the features of a layer by the words of their names.
type nameIndex struct {
	names []named
	words []indexed // by word
}

type named struct {
	id    string
	words []string
}

type indexed struct {
	word string
	name int
}

func newNameIndex(features iter.Seq2[geo.Feature, error], properties map[string]string) (*nameIndex, error) {
	var n nameIndex
	languages := Text(properties).Languages()
	for f, err := range features {
		if err != nil {
			return nil, err
		}
		for _, lang := range languages {
			ws := words(f.Properties.Get(properties[lang]).Text())
			if len(ws) == 0 {
				continue
			}
			for _, w := range ws {
				n.words = append(n.words, indexed{w, len(n.names)})
			}
			n.names = append(n.names, named{f.ID.String(), ws})
		}
	}
	slices.SortFunc(n.words, func(a, b indexed) int {
		return cmp.Or(strings.Compare(a.word, b.word), cmp.Compare(a.name, b.name))
	})
	return &n, nil
}

// find returns the names that may match, ascending, by the longest word asked for.
func (n *nameIndex) find(asked []string, fuzzy bool) []int {
	key := slices.MaxFunc(asked, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	var hits []int
	if fuzzy {
		for i, w := range n.words {
			if i > 0 && n.words[i-1].word == w.word {
				continue
			}
			if _, ok := changed(key, w.word); ok {
				for j := i; j < len(n.words) && n.words[j].word == w.word; j++ {
					hits = append(hits, n.words[j].name)
				}
			}
		}
	} else {
		i, _ := slices.BinarySearchFunc(n.words, key, func(w indexed, key string) int { return strings.Compare(w.word, key) })
		for ; i < len(n.words) && strings.HasPrefix(n.words[i].word, key); i++ {
			hits = append(hits, n.words[i].name)
		}
	}
	slices.Sort(hits)
	return slices.Compact(hits)
}

// changed returns by how many letters two words differ; ok is false if that is
// too many for one to be a spelling of the other: more than two, or half the word.
func changed(a, b string) (letters int, ok bool) {
	n, m := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	most := min((n-1)/2, 2)
	if n-m > most || m-n > most {
		return 0, false
	}
	letters = distance(a, b)
	return letters, letters <= most
}

// compare returns how well name fits what is asked for.
func compare(asked, name []string, fuzzy bool) match {
	if fuzzy {
		total := near
		for _, a := range asked {
			least := int(none)
			for _, w := range name {
				if strings.HasPrefix(w, a) {
					least = 0
				} else if letters, ok := changed(a, w); ok {
					least = min(least, letters)
				}
			}
			if total += match(least); total >= none {
				return none
			}
		}
		return total
	}
	if slices.Equal(asked, name) {
		return whole
	}
	begins := len(asked) <= len(name)
	for i, a := range asked {
		begins = begins && strings.HasPrefix(name[i], a)
		if !slices.ContainsFunc(name, func(w string) bool { return strings.HasPrefix(w, a) }) {
			return none
		}
	}
	if begins {
		return start
	}
	return inside
}

// search returns what of the layer matches and q selects, each thing once.
func (l *Layer) search(ctx context.Context, index *nameIndex, asked []string, fuzzy bool, q Query) ([]Found, error) {
	var found []Found
	things := map[string]int{} // place in found, by identity
	for _, i := range index.find(asked, fuzzy) {
		name := index.names[i]
		m := compare(asked, name.words, fuzzy)
		if m == none {
			continue
		}
		f, err := l.Feature(ctx, name.id)
		if err != nil {
			return nil, err
		}
		if !q.selects(f) {
			continue
		}
		hit := Found{l, f, m, strings.Join(name.words, " ")}
		thing := "id " + name.id
		if l.Identity != "" {
			if of := f.Properties.Get(l.Identity).Text(); of != "" {
				thing = "of " + of
			}
		}
		if at, ok := things[thing]; !ok {
			things[thing] = len(found)
			found = append(found, hit)
		} else if m < found[at].match {
			found[at].match, found[at].name = m, hit.name
		}
	}
	return found, nil
}

// selects reports whether q selects f by time and place.
func (q Query) selects(f geo.Feature) bool {
	if !q.Valid.IsAlways() && !f.Valid.In(q.Reading).Intersects(q.Valid) {
		return false
	}
	return len(q.Bounds) == 0 || slices.ContainsFunc(q.Bounds, func(b orb.Bound) bool { return geo.Intersects(f.Geometry, b) })
}

// names returns the index of the layer's names, made when first asked for.
func (l *Layer) names() (*nameIndex, error) {
	if l.derived == nil {
		return newNameIndex(l.Features(context.Background(), Query{}), l.Name)
	}
	return l.derived.names()
}
