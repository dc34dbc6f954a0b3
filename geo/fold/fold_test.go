package fold_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kharita/geo/fold"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Deir ez-Zor", "deir ez zor"},
		{"Al-Mayādīn", "al mayadin"},
		{"el-Bab", "al bab"},
		{"Baʿqūbah", "baqubah"},
		{"Sha'ar", "shaar"},
		{"STRASSE", "strasse"},
		{"Straße", "strasse"},
		{"İstanbul ISTANBUL", "istanbul istanbul"},
		{"Łódź", "lodz"},
		{"المَوْصِل", "al موصل"},
		{"الموصــل", "al موصل"},
		{"أربيل إربيل آربيل ٱربيل اربيل", "اربيل اربيل اربيل اربيل اربيل"},
		{"الرقة", "al رقه"},
		{"الرقه", "al رقه"},
		{"مؤتة", "موته"},
		{"بئر", "بير"},
		{"مصطفى", "مصطفي"},
		{"کوردستان", "كوردستان"},
		{"حزيران ٢٠١٤", "حزيران 2014"},
		{"۲۰۱۴", "2014"},
		{"ال", "al"},
		{"", ""},
		{" - ", ""},
	} {
		if got := strings.Join(fold.Words(c.in), " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// TestAccents: what folds to what, and what must stay.
func TestAccents(t *testing.T) {
	for _, c := range [][2]string{
		{"Ýñ Çġ Ởộ e\u0301", "Yn Cg Oo e"},
		{"Łódź Đakovo Ħal Tŧ Ø", "Lodz Dakovo Hal Tt O"},
		{"ά ϊ й שָׁלוֹם", "α ι и שלום"},
		{"مُحَمَّد هٰذا لؤلؤ رئيس آمرلي سماء", "محمد هذا لولو رييس امرلي سماء"},
		{"ﻻ ﷲ", "لا الله"},
		{"が か\u3099 한 कु", "が が 한 कु"},
	} {
		if got := fold.Accents(c[0]); got != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], got, c[1])
		}
	}
}

func TestAccentsKeepsCase(t *testing.T) {
	if got := fold.Accents("Café MOSUL ÉTÉ"); got != "Cafe MOSUL ETE" {
		t.Errorf("got %q", got)
	}
	if got := fold.Case("Café MOSUL"); got != "café mosul" {
		t.Errorf("got %q", got)
	}
}

// FuzzFold: never panics, gives UTF-8, and folding what is folded changes nothing.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"Café", "المَوْصِل", "٢٠١٤", "ﷺ", "ß", "ΐ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := fold.Accents(fold.Case(s))
		if !utf8.ValidString(once) && utf8.ValidString(s) {
			t.Errorf("%q became %q, which is not UTF-8", s, once)
		}
		if twice := fold.Accents(fold.Accents(s)); utf8.ValidString(s) && twice != fold.Accents(s) {
			t.Errorf("%q: %q, then %q", s, fold.Accents(s), twice)
		}
		fold.Words(s)
	})
}
