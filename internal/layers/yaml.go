package layers

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A settings reads one YAML file into Go values, key by key, and notes every
// fault with its place rather than stop at the first. A fault leaves the
// setting at its default.
type settings struct {
	file     string
	problems *[]Problem
	anchors  map[string]ast.Node
	texts    []spoken
}

// A spoken is a text of a settings file, with its place.
type spoken struct {
	Text
	what      string
	line, col int
}

// readSettings parses data; nil if it is not YAML or empty, the fault noted.
func readSettings(file string, data []byte, problems *[]Problem) (*settings, ast.Node) {
	s := &settings{file: file, problems: problems, anchors: map[string]ast.Node{}}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		p := Problem{File: file, Rule: BadYAML, Grade: Fatal, Message: string(BadYAML) + ": " + err.Error(), effect: "defaults are served"}
		var e yaml.Error
		if errors.As(err, &e) {
			p.Message = string(BadYAML) + ": " + e.GetMessage()
			if t := e.GetToken(); t != nil {
				p.Line, p.Col = t.Position.Line, t.Position.Column
			}
		}
		*problems = append(*problems, p)
		return s, nil
	}
	for _, doc := range f.Docs {
		if doc.Body != nil {
			return s, doc.Body
		}
	}
	return s, nil
}

func (s *settings) problem(n ast.Node, rule Rule, format string, args ...any) {
	p := Problem{File: s.file, Rule: rule, Message: string(rule) + ": " + fmt.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil {
		p.Line, p.Col = t.Position.Line, t.Position.Column
	}
	*s.problems = append(*s.problems, p)
}

// plain returns n without anchors, tags and aliases.
func (s *settings) plain(n ast.Node) ast.Node {
	for range 16 {
		switch m := n.(type) {
		case *ast.AnchorNode:
			s.anchors[m.Name.GetToken().Value] = m.Value
			n = m.Value
		case *ast.AliasNode:
			to, ok := s.anchors[m.Value.GetToken().Value]
			if !ok {
				return n
			}
			n = to
		case *ast.TagNode:
			n = m.Value
		default:
			return n
		}
	}
	return n
}

type entry struct {
	key   string
	at    ast.Node
	value ast.Node
}

// entries returns the keys and values of a mapping; ok is false, and a fault
// noted, if n is none. A key twice is a fault.
func (s *settings) entries(n ast.Node, what string) (list []entry, ok bool) {
	var values []*ast.MappingValueNode
	switch m := s.plain(n).(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	case *ast.NullNode:
		return nil, true
	default:
		s.problem(n, BadSetting, "%s must have keys and values", what)
		return nil, false
	}
	for _, v := range values {
		key := v.Key.GetToken().Value
		if slices.ContainsFunc(list, func(e entry) bool { return e.key == key }) {
			s.problem(v.Key, BadSetting, "%s: %q stands twice", what, key)
			continue
		}
		list = append(list, entry{key, v.Key, v.Value})
	}
	return list, true
}

// object hands each key of a mapping to its function. Unknown keys are faults
// that name the nearest known key.
func (s *settings) object(n ast.Node, what string, known map[string]func(ast.Node)) {
	list, _ := s.entries(n, what)
	for _, e := range list {
		if f, ok := known[e.key]; ok {
			f(e.value)
			continue
		}
		var names []string
		for k := range known {
			names = append(names, k)
		}
		s.problem(e.at, UnknownKey, "%s has no %q%s", what, e.key, nearest(e.key, names))
	}
}

// nearest returns "; did you mean …?" if one of names is close, else what there is.
func nearest(word string, names []string) string {
	names = slices.Sorted(slices.Values(names)) // they are the caller's
	best, least := "", 3
	for _, n := range names {
		if d := distance(strings.ToLower(word), n); d < least {
			best, least = n, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; known: " + strings.Join(names, ", ")
}

// distance is how many letters must change, come, go or swap with the next
// (optimal string alignment).
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// list returns the elements of a sequence.
func (s *settings) list(n ast.Node, what string) []ast.Node {
	if seq, ok := s.plain(n).(*ast.SequenceNode); ok {
		return seq.Values
	}
	s.problem(n, BadSetting, "%s must be a list", what)
	return nil
}

// string takes a scalar of any type as it is written.
func (s *settings) string(n ast.Node, what string) string {
	switch m := s.plain(n).(type) {
	case *ast.StringNode:
		return m.Value
	case *ast.LiteralNode:
		return strings.TrimRight(m.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return m.GetToken().Value
	case *ast.NullNode:
		return ""
	}
	s.problem(n, BadSetting, "%s must be a text", what)
	return ""
}

func (s *settings) strings(n ast.Node, what string) []string {
	var out []string
	for _, m := range s.list(n, what) {
		out = append(out, s.string(m, what))
	}
	return out
}

// oneOf takes a text that must be one of choices.
func (s *settings) oneOf(n ast.Node, what string, choices ...string) string {
	v := s.string(n, what)
	if slices.Contains(choices, v) {
		return v
	}
	s.problem(n, BadSetting, "%s must be one of %s, not %q", what, strings.Join(choices, ", "), v)
	return ""
}

func (s *settings) bool(n ast.Node, what string) bool {
	if b, ok := s.plain(n).(*ast.BoolNode); ok {
		return b.Value
	}
	s.problem(n, BadSetting, "%s must be true or false", what)
	return false
}

// number takes a number from lo to hi; ok is false, and a fault noted, otherwise.
func (s *settings) number(n ast.Node, what string, lo, hi float64) (f float64, ok bool) {
	switch m := s.plain(n).(type) {
	case *ast.IntegerNode:
		switch v := m.Value.(type) {
		case uint64:
			f, ok = float64(v), true
		case int64:
			f, ok = float64(v), true
		}
	case *ast.FloatNode:
		f, ok = m.Value, true
	}
	if ok = ok && lo <= f && f <= hi; !ok {
		bounds := fmt.Sprintf(" from %g to %g", lo, hi)
		if math.IsInf(hi, 1) {
			bounds = fmt.Sprintf(", at least %g", lo)
		}
		s.problem(n, BadSetting, "%s must be a number%s", what, bounds)
	}
	return f, ok
}

// int takes a whole number from lo to hi; fallback and a fault noted otherwise.
func (s *settings) int(n ast.Node, what string, lo, hi, fallback int) int {
	f, ok := s.number(n, what, float64(lo), float64(hi))
	if ok && f != math.Trunc(f) {
		s.problem(n, BadSetting, "%s must be a whole number", what)
		ok = false
	}
	if !ok {
		return fallback
	}
	return int(f)
}

// text takes one text, or one for each language.
func (s *settings) text(n ast.Node, what string) (t Text) {
	defer func() {
		p := spoken{Text: t, what: what}
		if at := n.GetToken(); at != nil {
			p.line, p.col = at.Position.Line, at.Position.Column
		}
		s.texts = append(s.texts, p)
	}()
	switch s.plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return Text{"": s.string(n, what)}
	}
	t = Text{}
	list, _ := s.entries(n, what)
	for _, e := range list {
		if !language.MatchString(e.key) {
			s.problem(e.at, UnknownKey, "%s: %q is no language; write ar, en, fr, …", what, e.key)
			continue
		}
		t[e.key] = s.string(e.value, what)
	}
	return t
}

var (
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	colour   = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)
)
