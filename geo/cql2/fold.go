package cql2

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// normal returns s in the normal form in which texts are compared (NFC).
func normal(s string) string {
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

// foldCase returns s with full Unicode case folding, for CASEI: ß is ss, and all
// three sigmas are one (OGC 21-065r2 /req/case-insensitive-comparison).
func foldCase(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(cases.Fold().String(s))
}

// foldAccents returns s without accents, for ACCENTI (OGC 21-065r2
// /req/accent-insensitive-comparison). It decomposes s (NFD) and leaves out
// the marks above and below letters that Latin, Greek, Cyrillic, Arabic,
// Hebrew and Syriac share or have; those of other scripts, which are letters in
// all but name, stay (the Japanese ones by the standard's recommendation).
//
// Strokes are accents too: ø is o, ł is l, đ is d. In Arabic the vowel signs,
// shadda, sukun, dagger alef and the tatweel go, and what is often written one
// for another becomes one: أ إ آ ٱ are ا, ؤ is و, ئ and ى and Persian ی are ي,
// Persian ک is ك, ة is ه. A hamza that stands alone stays. Presentation forms
// are the letters that they show.
func foldAccents(s string) string {
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	var parts [32]byte // of one letter; most have no more
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
			continue
		case 0x0627 <= r && r <= 0x06BF: // Arabic that has no parts
			if r = withoutAccent(r); r >= 0 {
				b = utf8.AppendRune(b, r)
			}
			continue
		}
		form := norm.NFD
		if 0xFB50 <= r && r <= 0xFDFF || 0xFE70 <= r && r <= 0xFEFC {
			form = norm.NFKD
		}
		for rest := form.AppendString(parts[:0], string(r)); len(rest) > 0; {
			r, n := utf8.DecodeRune(rest)
			rest = rest[n:]
			if r = withoutAccent(r); r >= 0 {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return string(norm.NFC.Bytes(b))
}

// withoutAccent returns the letter that r is written for, -1 if r is only a mark.
func withoutAccent(r rune) rune {
	switch r {
	case 0x3099, 0x309A: // the voicing marks of kana
		return r
	case 'ـ': // tatweel
		return -1
	case 'ٱ':
		return 'ا'
	case 'ى', 'ی':
		return 'ي'
	case 'ک':
		return 'ك'
	case 'ة':
		return 'ه'
	case 'ø':
		return 'o'
	case 'Ø':
		return 'O'
	case 'ł':
		return 'l'
	case 'Ł':
		return 'L'
	case 'đ', 'ð':
		return 'd'
	case 'Đ', 'Ð':
		return 'D'
	case 'ħ':
		return 'h'
	case 'Ħ':
		return 'H'
	case 'ŧ':
		return 't'
	case 'Ŧ':
		return 'T'
	case 'ı':
		return 'i'
	}
	if r >= 0x300 && unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Greek, unicode.Cyrillic, unicode.Latin) {
		return -1
	}
	return r
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
