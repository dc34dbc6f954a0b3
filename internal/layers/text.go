package layers

import "slices"

// Text is words by language (BCP 47 tag). The key "" holds words of no stated
// language. A nil Text is no text.
type Text map[string]string

// In returns the words in the first of langs that t has, else those of no
// stated language, else those of the first language by name; lang says which.
func (t Text) In(langs ...string) (words, lang string) {
	for _, l := range append(langs, "") {
		if w, ok := t[l]; ok {
			return w, l
		}
	}
	for _, l := range t.Languages() {
		return t[l], l
	}
	return "", ""
}

// Languages returns the languages of t in order of their names.
func (t Text) Languages() []string {
	var ls []string
	for l := range t {
		ls = append(ls, l)
	}
	slices.Sort(ls)
	return ls
}
