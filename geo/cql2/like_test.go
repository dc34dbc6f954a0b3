package cql2_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"kharita/geo"
	"kharita/geo/cql2"
)

// asked reports whether a filter of one property, a, holds for a text.
func asked(t *testing.T, e cql2.Expr, text string) bool {
	t.Helper()
	names := geo.NewNames("a")
	match, err := cql2.Compile(e, cql2.Schema{Names: names})
	if err != nil {
		t.Fatal(err)
	}
	return match(&geo.Feature{Properties: geo.NewProperties(names, []geo.Value{geo.StringValue(text)})})
}

func fold(op cql2.Op, e cql2.Expr) cql2.Expr { return cql2.Call{Op: op, Args: []cql2.Expr{e}} }

func text(s string) cql2.Expr { return cql2.Literal{Value: geo.StringValue(s)} }

// TestFold: texts that CASEI or ACCENTI makes equal, and some that it must not.
func TestFold(t *testing.T) {
	const caseI, accentI = cql2.CaseI, cql2.AccentI
	for _, c := range []struct {
		op   cql2.Op
		a, b string
		same bool
	}{
		{caseI, "Damascus", "dAMASCUS", true},
		{caseI, "GROSSE STRASSE", "große Straße", true},
		{caseI, "ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{caseI, "Ǆ", "ǆ", true},
		{caseI, "é", "É", true},
		{caseI, "é", "e", false},
		{caseI, "بغداد", "بغداد", true},
		{accentI, "é", "e\u0301", true},
		{accentI, "Ýñ Çġ Ởộ", "Yn Cg Oo", true},
		{accentI, "Łódź Đakovo Ħal Tŧ Ø", "Lodz Dakovo Hal Tt O", true},
		{accentI, "ά ϊ й", "α ι и", true},
		{accentI, "e", "E", false},
		{accentI, "ß", "ss", false},
		{accentI, "مُحَمَّد", "محمد", true},
		{accentI, "هٰذا", "هذا", true},
		{accentI, "الرقـــة", "الرقة", true},
		{accentI, "أربيل", "اربيل", true},
		{accentI, "إدلب", "ادلب", true},
		{accentI, "آمرلي", "امرلي", true},
		{accentI, "ٱلموصل", "الموصل", true},
		{accentI, "لؤلؤ", "لولو", true},
		{accentI, "رئيس", "رييس", true},
		{accentI, "موسى", "موسي", true},
		{accentI, "کردی", "كردي", true},
		{accentI, "الفلوجة", "الفلوجه", true},
		{accentI, "ﻻ", "لا", true},
		{accentI, "ء", "", false},
		{accentI, "ب", "ت", false},
		{accentI, "سماء", "سما", false},
		{accentI, "שָׁלוֹם", "שלום", true},
		{accentI, "が", "か", false},
		{accentI, "が", "か\u3099", true},
		{accentI, "한", "하", false},
		{accentI, "कि", "क", false},
	} {
		e := cql2.Call{Op: cql2.Equal, Args: []cql2.Expr{fold(c.op, cql2.Property{Name: "a"}), fold(c.op, text(c.b))}}
		if got := asked(t, e, c.a); got != c.same {
			t.Errorf("%s of %q and %q: got %v", c.op, c.a, c.b, got)
		}
	}
}

// TestLike compares random patterns over few letters with regular expressions.
func TestLike(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	random := func(letters string) string {
		var b strings.Builder
		for range r.IntN(8) {
			runes := []rune(letters)
			b.WriteRune(runes[r.IntN(len(runes))])
		}
		return b.String()
	}
	held := 0
	for range 20_000 {
		pattern, s := random(`aب%%__\`), random(`aaبب%_\`)
		var b strings.Builder
		escaped := false
		for _, c := range pattern {
			switch {
			case c == '\\' && !escaped:
				escaped = true
				continue
			case c == '%' && !escaped:
				b.WriteString("(?s:.*)")
			case c == '_' && !escaped:
				b.WriteString("(?s:.)")
			default:
				b.WriteString(regexp.QuoteMeta(string(c)))
			}
			escaped = false
		}
		if escaped {
			b.WriteString(`\\`)
		}
		want := regexp.MustCompile("^" + b.String() + "$").MatchString(s)
		e := cql2.Call{Op: cql2.Like, Args: []cql2.Expr{cql2.Property{Name: "a"}, text(pattern)}}
		if got := asked(t, e, s); got != want {
			t.Fatalf("%q LIKE %q: got %v", s, pattern, got)
		}
		if want {
			held++
		}
	}
	if held < 1000 {
		t.Errorf("only %d held", held)
	}
}

// TestSlowPattern: what makes backtracking matchers take for ever.
func TestSlowPattern(t *testing.T) {
	s := strings.Repeat("a", 50_000)
	for _, pattern := range []string{
		strings.Repeat("%a", cql2.MaxPattern/2),
		strings.Repeat("%_a", cql2.MaxPattern/3-1) + "%b",
		"%" + strings.Repeat("a_", cql2.MaxPattern/2-2) + "b%",
	} {
		begin := time.Now()
		asked(t, cql2.Call{Op: cql2.Like, Args: []cql2.Expr{cql2.Property{Name: "a"}, text(pattern)}}, s)
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("%.20s… took %v", pattern, d)
		}
	}
}
