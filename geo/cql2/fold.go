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
// the marks above, below and through letters that Latin, Greek, Cyrillic, Arabic,
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
	var scratch []byte
	for i := 0; i < len(s); {
		n := norm.NFC.NextBoundaryInString(s[i:], true)
		part := s[i : i+max(n, 1)]
		i += len(part)
		form := norm.NFD
		if r, _ := utf8.DecodeRuneInString(part); 0xFB50 <= r && r <= 0xFDFF || 0xFE70 <= r && r <= 0xFEFC {
			form = norm.NFKD
		}
		scratch = form.AppendString(scratch[:0], part)
		for j := 0; j < len(scratch); {
			r, n := utf8.DecodeRune(scratch[j:])
			j += n
			if r = withoutAccent(r); r >= 0 {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return norm.NFC.String(string(b))
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
	if unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Greek, unicode.Cyrillic, unicode.Latin) {
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
type like struct {
	parts [][]rune // of what stands for one character each
}

// anyOne stands for _ in a part; it is no character.
const anyOne = -1

// newLike compiles a pattern: % is any text, _ one character, and a backslash
// takes the meaning from what follows it.
func newLike(pattern string) like {
	var parts [][]rune
	part := []rune{}
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			part = append(part, r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			parts = append(parts, part)
			part = []rune{}
		case r == '_':
			part = append(part, anyOne)
		default:
			part = append(part, r)
		}
	}
	if escaped {
		part = append(part, '\\')
	}
	return like{parts: append(parts, part)}
}

// matches reports whether the whole of s fits.
func (l like) matches(s string) bool {
	first, last := l.parts[0], l.parts[len(l.parts)-1]
	s, ok := cutPart(s, first)
	if !ok {
		return false
	}
	if len(l.parts) == 1 {
		return s == ""
	}
	for _, part := range l.parts[1 : len(l.parts)-1] {
		for {
			rest, ok := cutPart(s, part)
			if ok {
				s = rest
				break
			}
			if s == "" {
				return false
			}
			_, n := utf8.DecodeRuneInString(s)
			s = s[n:]
		}
	}
	tail := len(s)
	for range last {
		_, n := utf8.DecodeLastRuneInString(s[:tail])
		if n == 0 {
			return false
		}
		tail -= n
	}
	rest, ok := cutPart(s[tail:], last)
	return ok && rest == ""
}

// cutPart returns what follows part at the start of s; ok is false if s does not begin with it.
func cutPart(s string, part []rune) (rest string, ok bool) {
	for _, want := range part {
		r, n := utf8.DecodeRuneInString(s)
		if n == 0 || want != anyOne && r != want {
			return s, false
		}
		s = s[n:]
	}
	return s, true
}
