package cql2

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normal returns s in the normal form in which texts are compared (NFC).
func normal(s string) string {
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// A like is a pattern of LIKE, taken apart at its % (OGC 21-065r2
// /req/advanced-comparison-operators/like-predicate): the parts must follow each
// other in the text. It never looks back further than into one part, so that no
// pattern takes longer than its length times that of the text.
type like []part

// A part is what stands between two %.
type part struct {
	text string // as it stands, if nothing in it is _
	any  []rune // else: its characters, anyOne for _
}

// anyOne is no character.
const anyOne = -1

// newLike compiles a pattern: % is any text, _ one character, and a backslash
// takes the meaning from what follows it.
func newLike(pattern string) (l like) {
	var runes []rune
	wild, escaped := false, false
	flush := func() {
		if wild {
			l = append(l, part{any: runes})
		} else {
			l = append(l, part{text: string(runes)})
		}
		runes, wild = nil, false
	}
	for _, r := range pattern {
		switch {
		case escaped:
			runes = append(runes, r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			flush()
		case r == '_':
			runes = append(runes, anyOne)
			wild = true
		default:
			runes = append(runes, r)
		}
	}
	if escaped {
		runes = append(runes, '\\')
	}
	flush()
	return l
}

// matches reports whether the whole of s fits.
func (l like) matches(s string) bool {
	s, ok := l[0].cut(s)
	if !ok {
		return false
	}
	if len(l) == 1 {
		return s == ""
	}
	for _, p := range l[1 : len(l)-1] {
		if s, ok = p.find(s); !ok {
			return false
		}
	}
	return l[len(l)-1].ends(s)
}

// cut returns what follows p at the start of s; ok is false if s does not begin with it.
func (p part) cut(s string) (rest string, ok bool) {
	if p.any == nil {
		return strings.CutPrefix(s, p.text)
	}
	for _, want := range p.any {
		r, n := utf8.DecodeRuneInString(s)
		if n == 0 || want != anyOne && r != want {
			return s, false
		}
		s = s[n:]
	}
	return s, true
}

// find returns what follows the first p in s.
func (p part) find(s string) (rest string, ok bool) {
	if p.any == nil {
		_, rest, ok = strings.Cut(s, p.text)
		return rest, ok
	}
	for {
		if rest, ok = p.cut(s); ok || s == "" {
			return rest, ok
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

// ends reports whether s ends with p.
func (p part) ends(s string) bool {
	if p.any == nil {
		return strings.HasSuffix(s, p.text)
	}
	at := len(s)
	for range p.any {
		_, n := utf8.DecodeLastRuneInString(s[:at])
		if n == 0 {
			return false
		}
		at -= n
	}
	rest, ok := p.cut(s[at:])
	return ok && rest == ""
}
