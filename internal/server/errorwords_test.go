package server

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kharita/geo/period"
)

// TestErrorWords: what this package says of requests is in the catalogue, and it says nothing
// of them in other ways.
func TestErrorWords(t *testing.T) {
	said := map[string]bool{}
	for _, file := range sourceFiles(t, "*.go") {
		source, set, tree := file.text, file.set, file.tree
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			var name string
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			place := map[string]int{"invalid": 0, "notFound": 0, "tell": 1, "Errorf": -1}
			i, ok := place[name]
			switch {
			case !ok:
			case i < 0:
				for _, arg := range call.Args[1:] {
					from := string(source[set.Position(arg.Pos()).Offset:set.Position(arg.End()).Offset])
					if from != "errSpool" && (strings.HasPrefix(from, "err") && len(from) > 3 || strings.HasPrefix(from, "layers.Err")) {
						t.Errorf("%s: say it by tell", set.Position(call.Pos()))
					}
				}
			default:
				lit, ok := call.Args[i].(*ast.BasicLit)
				if !ok {
					if name == "tell" { // in invalid and notFound
						return true
					}
					t.Errorf("%s: the words are no literal", set.Position(call.Pos()))
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				if name == "notFound" {
					text += " %q not found"
				}
				said[text] = true
			}
			return true
		})
	}
	checkCatalogue(t, said, errorWords)
}

// TestSentinels: errors that other packages export for those who ask, and dates that can't be
// read, are known in Arabic.
func TestSentinels(t *testing.T) {
	var known []string
	for _, s := range sentinels {
		known = append(known, s.ar)
		if got := inArabic(ofLayer{"x", s.err}); got != "الطبقة x: "+s.ar {
			t.Errorf("%v: %s", s.err, got)
		}
	}
	if slices.Sort(known); len(slices.Compact(known)) != len(sentinels) {
		t.Error("two errors say the same")
	}
	_, err := period.ParseDatetime("2014-13")
	if got := inArabic(invalid("%s: %v", "from", err)); !strings.HasPrefix(got, "المعامل from: تاريخ لا يُقرأ (2014-13)؛ اكتب") {
		t.Error(got)
	}
}
