// Package fold makes texts alike that a reader takes for the same word: in any
// case, with or without accents, and in Arabic with or without vowel signs,
// tatweel and hamza. What is folded is for comparing, not for showing.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Case folds case alone (Unicode 15 §3.13, full case folding).
func Case(s string) string { return cases.Fold().String(s) }

// Accents takes the accents off: marks that combine (é is e, and hamza above or
// below its bearer, madda and the vowel signs go), tatweel, and the forms of
// letters that Arabic and its neighbours write for one: alef wasla is alef, alef
// maqsura and Persian yeh are yeh, teh marbuta is heh, Persian kaf is kaf.
// Digits of all scripts become ASCII.
func Accents(s string) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), r == 'ـ', unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Nd, r):
			b.WriteByte(digit(r))
		default:
			if to, ok := letters[r]; ok {
				r = to
			}
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// letters are those that fold to another without being its composition.
//
//nolint:gochecknoglobals // a table
var letters = map[rune]rune{
	'ٱ': 'ا', 'ى': 'ي', 'ی': 'ي', 'ې': 'ي', 'ة': 'ه', 'ہ': 'ه', 'ە': 'ه', 'ک': 'ك', 'گ': 'ك',
	'ı': 'i', 'ø': 'o', 'Ø': 'O', 'đ': 'd', 'Đ': 'D', 'ł': 'l', 'Ł': 'L', 'ħ': 'h', 'Ħ': 'H',
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
