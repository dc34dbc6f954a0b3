// Package fold makes texts alike that a reader takes for the same word: in any
// case, with or without accents, and in Arabic with or without vowel signs,
// tatweel and hamza. What is folded is for comparing, not for showing.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Case folds case alone (Unicode 15 §3.13, full case folding).
func Case(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	return cases.Fold().String(s)
}

// Accents takes the accents off: marks that combine (é is e, and hamza above or
// below its bearer, madda and the vowel signs go), tatweel, and the forms of
// letters that Arabic and its neighbours write for one: alef wasla is alef, alef
// maqsura and Persian yeh are yeh, ta marbuta is heh, Persian kaf is kaf. A
// stroke through a Latin letter is an accent too. A hamza that stands alone stays,
// and so do marks that are letters in all but name, in kana and the scripts of
// India. Ligatures and other ways to show a letter become it (NFKD), and digits
// of all scripts ASCII.
func Accents(s string) string {
	if ascii(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	var parts [32]byte // of one letter; few have more
	for _, r := range s {
		if r < utf8.RuneSelf || 0x0627 <= r && r <= 0x065F { // of the latter none has parts
			b = appendPlain(b, r)
			continue
		}
		for rest := norm.NFKD.AppendString(parts[:0], string(r)); len(rest) > 0; {
			r, n := utf8.DecodeRune(rest)
			rest = rest[n:]
			b = appendPlain(b, r)
		}
	}
	return string(norm.NFC.Bytes(b))
}

// appendPlain appends the letter or digit that r, which has no parts, is written for.
func appendPlain(b []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		return append(b, byte(r))
	case r == 'ـ', isAccent(r), unicode.Is(unicode.Cf, r):
		return b
	case unicode.Is(unicode.Nd, r):
		return append(b, digit(r))
	}
	if to, ok := letters[r]; ok {
		r = to
	}
	return utf8.AppendRune(b, r)
}

// isAccent reports whether r is a mark that a reader may leave out.
func isAccent(r rune) bool {
	if r < 0x300 || !unicode.Is(unicode.Mn, r) || r == 0x3099 || r == 0x309A { // the voicing of kana
		return false
	}
	return unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Greek, unicode.Cyrillic, unicode.Latin)
}

// letters are those that fold to another without being its composition.
//
//nolint:gochecknoglobals // a table
var letters = map[rune]rune{
	'ٱ': 'ا', 'ى': 'ي', 'ی': 'ي', 'ې': 'ي', 'ة': 'ه', 'ہ': 'ه', 'ە': 'ه', 'ک': 'ك', 'گ': 'ك',
	'ı': 'i', 'ø': 'o', 'Ø': 'O', 'đ': 'd', 'Đ': 'D', 'ł': 'l', 'Ł': 'L', 'ħ': 'h', 'Ħ': 'H', 'ŧ': 't', 'Ŧ': 'T',
}

// digit is r, a decimal digit of any script, in ASCII. Each script has its ten
// digits in a row (Unicode 15 §4.6), so ranges of digits are whole tens.
func digit(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte('0' + (r-rune(t.Lo))%10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte('0' + (r-rune(t.Lo))%10)
		}
	}
	return '0'
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Words folds case and accents and splits at all that is neither letter nor
// digit, but for the signs that stand for a letter inside a word (the ʿ of
// Baʿqubah, an apostrophe), which go. An article that is written apart or joined
// (al-, el-, ال) counts as a word of its own, "al".
func Words(s string) []string {
	s = Accents(Case(s))
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', '‘', 'ʿ', 'ʾ', 'ʻ', 'ʼ', '`', '´':
			return -1
		}
		return r
	}, s)
	var words []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if rest, ok := strings.CutPrefix(w, "ال"); ok && len(rest) >= len("سن") {
			words = append(words, Article, rest)
			continue
		}
		switch w {
		case "el", "ال":
			w = Article
		}
		words = append(words, w)
	}
	return words
}

// Article is the word that Words makes of an article.
const Article = "al"
