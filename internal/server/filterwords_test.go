package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A sourceFile is one of Go, parsed.
type sourceFile struct {
	name string
	text []byte
	set  *token.FileSet
	tree *ast.File
}

// sourceFiles reads those that match pattern and are no tests.
func sourceFiles(t *testing.T, pattern string) (list []sourceFile) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sourceFile{file, text, set, tree})
	}
	if len(list) == 0 {
		t.Fatalf("%s: there are none", pattern)
	}
	return list
}

// TestFilterWords: each thing that geo/cql2 has to say of a filter is in the catalogue,
// with the same things to fill in, and nothing else is.
func TestFilterWords(t *testing.T) {
	said := map[string]bool{}
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			if signs := strings.Trim(text, "()+-*/%^<>=,&|!;{[“‘’"); signs != "" || strings.Contains(text, "%s") {
				said[text] = true
			}
		}
	}
	for _, file := range sourceFiles(t, "../../geo/cql2/*.go") {
		ast.Inspect(file.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr: // at.fail("…"), say("…"), and what gives fail its words
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if slices.Contains([]string{"fail", "say", "unexpected", "numbers"}, name) {
					for _, arg := range n.Args {
						add(arg)
					}
				}
			case *ast.CompositeLit: // words{"…", …}, and the table of wrong signs
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "words" && len(n.Elts) > 0 {
					add(n.Elts[0])
				}
				if list, ok := n.Type.(*ast.ArrayType); ok {
					if _, pairs := list.Elt.(*ast.ArrayType); pairs && strings.HasSuffix(file.name, "lex.go") {
						for _, pair := range n.Elts {
							add(pair.(*ast.CompositeLit).Elts[1]) //nolint:forcetypeassert // as it stands there
						}
					}
				}
			case *ast.ValueSpec:
				if n.Names[0].Name == "kinds" {
					for _, e := range n.Values[0].(*ast.CompositeLit).Elts { //nolint:forcetypeassert // as it stands there
						add(e)
					}
				}
			}
			return true
		})
	}
	if len(said) < 80 {
		t.Fatalf("only %d formats found", len(said))
	}
	checkCatalogue(t, said, filterWords)
}

// checkCatalogue: all that is said is in a catalogue, with the same things to fill in, and
// nothing else is.
func checkCatalogue(t *testing.T, said map[string]bool, catalogue map[string]string) {
	t.Helper()
	if len(said) < 50 {
		t.Fatalf("only %d formats found", len(said))
	}
	bare := func(text string) (list []string) {
		for _, v := range regexp.MustCompile(`%(\[\d\])?(\.0)?[a-z]`).FindAllString(text, -1) {
			list = append(list, strings.Replace(v, ".0", "", 1))
		}
		return list
	}
	for text := range said {
		ar, ok := catalogue[text]
		if !ok {
			t.Errorf("not in Arabic: %q", text)
			continue
		}
		if got, want := bare(ar), bare(text); !slices.Equal(got, want) {
			t.Errorf("%q is filled with %v, %q with %v", ar, got, text, want)
		}
	}
	for text := range catalogue {
		if !said[text] {
			t.Errorf("nobody says %q", text)
		}
	}
}
