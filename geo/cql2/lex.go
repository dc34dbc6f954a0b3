package cql2

import (
	"strings"
	"unicode/utf8"
)

// A token is a piece of CQL2 text.
type token struct {
	kind tokenKind
	at   int    // in bytes
	end  int    // where the next may start
	text string // a word or quoted name as it is, a string without quotes and escapes, a sign
}

type tokenKind uint8

const (
	end    tokenKind = iota
	word             // name or keyword
	quoted           // name in double quotes
	str
	num
	sign
)

// is reports whether t is the keyword, in any case.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// isSign reports whether t is the sign.
func (t token) isSign(s string) bool { return t.kind == sign && t.text == s }

// next reads the token at or after byte at (cql2.bnf).
func next(input string, at int) (token, error) {
	for at < len(input) {
		r, n := utf8.DecodeRuneInString(input[at:])
		if !isSpace(r) {
			break
		}
		at += n
	}
	fail := func(at int, reason string) (token, error) {
		return token{}, pos{input, at}.fail(reason)
	}
	if at == len(input) {
		return token{kind: end, at: at, end: at}, nil
	}
	r, n := utf8.DecodeRuneInString(input[at:])
	switch {
	case r == utf8.RuneError && n == 1:
		return fail(at, "this is not UTF-8")
	case r == '\'':
		return lexString(input, at)
	case r == '"':
		return lexQuoted(input, at)
	case isNameStart(r):
		i := at + n
		for i < len(input) {
			r, n := utf8.DecodeRuneInString(input[i:])
			if !isNamePart(r) || r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		return token{word, at, i, input[at:i]}, nil
	case isDigit(input[at]) || r == '.' && at+1 < len(input) && isDigit(input[at+1]):
		return lexNumber(input, at)
	}
	rest := input[at:]
	for _, wrong := range [][2]string{
		{"==", "equality is written with a single ="},
		{"!=", "inequality is written <>"},
		{"&&", "write AND"},
		{"||", "write OR"},
		{"!", "write NOT"},
		{"“", "write texts in straight single quotes"},
		{"‘", "write texts in straight single quotes"},
		{"’", "write texts in straight single quotes"},
		{"[", "lists are written with round brackets"},
		{"{", "this looks like JSON; its filter-lang is cql2-json"},
		{";", "a filter is one expression"},
	} {
		if strings.HasPrefix(rest, wrong[0]) {
			return fail(at, wrong[1])
		}
	}
	for _, s := range []string{"<>", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "^", "(", ")", ","} {
		if strings.HasPrefix(rest, s) {
			return token{sign, at, at + len(s), s}, nil
		}
	}
	return fail(at, "this character has no meaning in a filter")
}

// escapes are those of OGC 21-065r2 /req/cql2-text/escaping, beside \' and \\.
const (
	escapeLetters = "abtnvfr"
	escapeBytes   = "\a\b\t\n\v\f\r"
)

// lexString reads a text. A quote in it is doubled or escaped by a backslash, and
// so are control characters and the backslash itself; before anything else a
// backslash stands for itself, so that \% reaches LIKE.
func lexString(input string, at int) (token, error) {
	var b strings.Builder
	for i := at + 1; i < len(input); i++ {
		c := input[i]
		after := byte(0)
		if i+1 < len(input) {
			after = input[i+1]
		}
		switch {
		case c == '\'' && after == '\'':
			i++
		case c == '\'':
			text := b.String()
			if !utf8.ValidString(text) {
				return token{}, pos{input, at}.fail("this text is not UTF-8")
			}
			return token{str, at, i + 1, text}, nil
		case c == '\\' && (after == '\'' || after == '\\'):
			c = after
			i++
		case c == '\\' && after != 0 && strings.IndexByte(escapeLetters, after) >= 0:
			c = escapeBytes[strings.IndexByte(escapeLetters, after)]
			i++
		}
		b.WriteByte(c)
	}
	return token{}, pos{input, at}.fail("this text has no closing quote")
}

// lexQuoted reads a name in double quotes; a quote in it is doubled.
func lexQuoted(input string, at int) (token, error) {
	var b strings.Builder
	for i := at + 1; i < len(input); i++ {
		if input[i] == '"' {
			if i+1 == len(input) || input[i+1] != '"' {
				name := b.String()
				switch {
				case name == "":
					return token{}, pos{input, at}.fail("a name can't be empty")
				case !utf8.ValidString(name):
					return token{}, pos{input, at}.fail("this name is not UTF-8")
				}
				return token{quoted, at, i + 1, name}, nil
			}
			i++
		}
		b.WriteByte(input[i])
	}
	return token{}, pos{input, at}.fail("this name has no closing quote")
}

func lexNumber(input string, at int) (token, error) {
	i := at
	digits := func() {
		for i < len(input) && isDigit(input[i]) {
			i++
		}
	}
	digits()
	if i < len(input) && input[i] == '.' {
		i++
		digits()
	}
	if i < len(input) && (input[i] == 'e' || input[i] == 'E') {
		mantissa := i
		i++
		if i < len(input) && (input[i] == '+' || input[i] == '-') {
			i++
		}
		if i == len(input) || !isDigit(input[i]) {
			return token{}, pos{input, mantissa}.fail("after E comes the exponent")
		}
		digits()
	}
	if r, _ := utf8.DecodeRuneInString(input[i:]); i < len(input) && isNameStart(r) {
		return token{}, pos{input, i}.fail("a name can't follow a number without a space; names that begin with a digit stand in double quotes")
	}
	return token{num, at, i, input[at:i]}, nil
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isSpace(r rune) bool {
	switch r {
	case ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return '\t' <= r && r <= '\r' || 0x2000 <= r && r <= 0x200A
}

// isNameStart reports whether r may begin an identifier (cql2.bnf, identifierStart).
func isNameStart(r rune) bool {
	switch {
	case r < 0x80:
		return r == ':' || r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	case isSpace(r), r == 0xD7, r == 0xF7, r == 0x37E, r == utf8.RuneError:
		return false
	}
	for _, span := range [][2]rune{
		{0xC0, 0x2FF},
		{0x370, 0x1FFE},
		{0x200C, 0x200D},
		{0x2070, 0x218F},
		{0x2C00, 0x2FEF},
		{0x3001, 0xD7FF},
		{0xF900, 0xFDCF},
		{0xFDF0, 0xFFFD},
		{0x10000, 0xEFFFF},
	} {
		if span[0] <= r && r <= span[1] {
			return true
		}
	}
	return false
}

// isNamePart reports whether r may stand in an identifier (cql2.bnf, identifierPart).
func isNamePart(r rune) bool {
	return isNameStart(r) || r == '.' || '0' <= r && r <= '9' || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}
