package geojson

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A scanner reads JSON (RFC 8259) byte by byte from a window that slides over
// the input, so that a file need not fit in memory, and knows at each byte its
// line and column: a newline can only stand between tokens.
type scanner struct {
	src       io.Reader
	buf       []byte // the window
	pos       int    // next byte in buf
	mark      int    // start of what must stay in buf; -1: nothing
	line      int    // of the next byte, from 1
	lineStart int    // index in buf of the line's first byte; may be negative
	depth     int
	eof       bool
	text      []byte // scratch for strings with escapes
	names     map[string]*name
	last      *name // that was taken
}

// A name is that of a member or type, kept because it is likely to come again.
type name struct {
	text   string
	number int   // of the property of that name, plus one; 0: not known
	next   *name // what came after it the last time, written without escapes
}

const (
	windowSize = 64 << 10
	maxDepth   = 128
	maxToken   = 256 << 20 // one string or one nested value
	maxNames   = 256       // that are kept because they come again
	maxName    = 64
)

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, mark: -1, line: 1, buf: make([]byte, 0, windowSize), names: map[string]*name{}, last: &name{}}
}

// Pos is a place in a file: line and column from 1, the column counted in bytes.
type Pos struct{ Line, Col int }

func (s *scanner) at() Pos { return Pos{s.line, s.pos - s.lineStart + 1} }

// fault returns an error that ends the reading, at the next byte.
func (s *scanner) fault(rule Rule, format string, args ...any) *Error {
	return &Error{Pos: s.at(), Feature: -1, Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// fill makes at least one more byte available; false at the end of the input.
func (s *scanner) fill() (bool, error) {
	if s.eof {
		return false, nil
	}
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
		if s.pos-s.mark > maxToken {
			return false, s.fault(Syntax, "a value of more than %d MiB", maxToken>>20)
		}
	}
	n := copy(s.buf, s.buf[keep:])
	s.buf = s.buf[:n]
	s.pos -= keep
	s.lineStart -= keep
	if s.mark >= 0 {
		s.mark = 0
	}
	if n == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*n), s.buf...)
	}
	for range 100 {
		m, err := s.src.Read(s.buf[n:cap(s.buf)])
		s.buf = s.buf[:n+m]
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return false, err
		case m > 0:
			return true, nil
		case err != nil:
			s.eof = true
			return false, nil
		}
	}
	return false, io.ErrNoProgress
}

// peek returns the next byte that is not white space, without taking it; 0 at
// the end. A NUL of the input comes as 0xff, which no JSON has either.
func (s *scanner) peek() (byte, error) {
	if s.pos < len(s.buf) && s.buf[s.pos] > ' ' {
		return s.buf[s.pos], nil
	}
	return s.pastSpace()
}

func (s *scanner) pastSpace() (byte, error) {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case '\n':
				s.pos++
				s.line++
				s.lineStart = s.pos
			case ' ', '\t', '\r':
				s.pos++
			case 0:
				return 0xff, nil
			default:
				return c, nil
			}
		}
		if more, err := s.fill(); !more {
			return 0, err
		}
	}
}

// next returns the next byte, white space or not; 0 at the end.
func (s *scanner) next() (byte, error) {
	if s.pos == len(s.buf) {
		if more, err := s.fill(); !more {
			return 0, err
		}
	}
	c := s.buf[s.pos]
	s.pos++
	return c, nil
}

// expect takes the byte want.
func (s *scanner) expect(want byte) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != want {
		return s.unexpected(c, fmt.Sprintf("%q", want))
	}
	s.pos++
	return nil
}

func (s *scanner) unexpected(c byte, want string) *Error {
	if c == 0 && s.pos == len(s.buf) {
		return s.fault(Syntax, "the file ends where %s should follow: is it cut off?", want)
	}
	_ = s.have(len("-Infinity")) // a whole word, for the message; what fails here fails again at the next read
	word := s.buf[s.pos:]
	for _, bare := range []string{"NaN", "Infinity", "-Infinity", "nan", "inf", "None", "undefined"} {
		if bytes.HasPrefix(word, []byte(bare)) {
			return s.fault(Syntax, "%s is no JSON value; use null, or leave it out", bare)
		}
	}
	r, _ := utf8.DecodeRune(s.buf[s.pos:])
	return s.fault(Syntax, "%q where %s should stand", r, want)
}

// members calls f for each member of an object, with the key; f takes the value.
func (s *scanner) members(f func(key string, at Pos) error) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == '}' && first {
			break
		}
		at := s.at()
		key, err := s.name()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := f(key, at); err != nil {
			return err
		}
		if c, err = s.peek(); err != nil {
			return err
		}
		if c == '}' {
			break
		}
		if c != ',' {
			return s.unexpected(c, "',' or '}'")
		}
		s.pos++
	}
	s.leave()
	return nil
}

// elements calls f for each element of an array; f takes it.
func (s *scanner) elements(f func() error) error {
	if err := s.enter('['); err != nil {
		return err
	}
	c, err := s.peek()
	if err != nil {
		return err
	}
	for c != ']' {
		if err := f(); err != nil {
			return err
		}
		if c, err = s.peek(); err != nil {
			return err
		}
		if c == ']' {
			break
		}
		if c != ',' {
			return s.unexpected(c, "',' or ']'")
		}
		s.pos++
		if c, err = s.peek(); err != nil {
			return err
		}
		if c == ']' {
			return s.unexpected(c, "a value")
		}
	}
	s.leave()
	return nil
}

func (s *scanner) enter(open byte) error {
	if err := s.expect(open); err != nil {
		return err
	}
	if s.depth++; s.depth > maxDepth {
		return s.fault(Syntax, "arrays and objects more than %d deep", maxDepth)
	}
	return nil
}

func (s *scanner) leave() {
	s.pos++
	s.depth--
}

// name takes a string that is likely to come again, in the same order: the name of a
// member or type. It is s.last then.
func (s *scanner) name() (string, error) {
	if n := s.last.next; n != nil {
		end := s.pos + len(n.text) + 1
		if end < len(s.buf) && s.buf[s.pos] == '"' && s.buf[end] == '"' && string(s.buf[s.pos+1:end]) == n.text {
			s.pos = end + 1
			s.last = n
			return n.text, nil
		}
	}
	b, err := s.stringBytes()
	n := s.names[string(b)]
	if n == nil {
		n = &name{text: string(b)}
		if len(s.names) < maxNames && len(b) <= maxName {
			s.names[n.text] = n
		}
	}
	if len(s.text) == 0 {
		s.last.next = n
	}
	s.last = n
	return n.text, err
}

// stringBytes takes a string. The bytes are the scanner's until the next call.
func (s *scanner) stringBytes() ([]byte, error) {
	c, err := s.peek()
	if err != nil {
		return nil, err
	}
	if c != '"' {
		return nil, s.unexpected(c, "a text in quotes")
	}
	s.pos++
	s.text = s.text[:0]
	for {
		// The stretch up to the next quote, escape or end of the window in one go.
		start := s.pos
		s.pos += plain(s.buf[start:])
		if s.pos < len(s.buf) && s.buf[s.pos] == '"' && len(s.text) == 0 {
			s.pos++
			return s.buf[start : s.pos-1], nil
		}
		s.text = append(s.text, s.buf[start:s.pos]...)
		if len(s.text) > maxToken {
			return nil, s.fault(Syntax, "a text of more than %d MiB", maxToken>>20)
		}
		if s.pos == len(s.buf) {
			more, err := s.fill()
			if err != nil {
				return nil, err
			}
			if !more {
				return nil, s.unexpected(0, "'\"'")
			}
			continue
		}
		switch c := s.buf[s.pos]; c {
		case '"':
			s.pos++
			return s.text, nil
		case '\\':
			s.pos++
			if err := s.escape(); err != nil {
				return nil, err
			}
		default:
			return nil, s.fault(Syntax, "a control character (%#02x) within a text: write it as an escape, \\n for a new line", c)
		}
	}
}

// plain returns how many bytes at the start of b stand for themselves in a text: no quote,
// backslash or control character. It looks at eight at a time.
func plain(b []byte) (n int) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(b); n += 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		quote, slash := w^'"'*ones, w^'\\'*ones
		// The top bit of each byte that is 0, 0, or less than a space; perhaps of one above it, too.
		if found := ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & tops; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(b) && b[n] != '"' && b[n] != '\\' && b[n] >= ' ' {
		n++
	}
	return n
}

// escape takes what follows a backslash and appends the character to s.text.
func (s *scanner) escape() error {
	c, err := s.next()
	if err != nil {
		return err
	}
	switch c {
	case '"', '\\', '/':
		s.text = append(s.text, c)
	case 'b':
		s.text = append(s.text, '\b')
	case 'f':
		s.text = append(s.text, '\f')
	case 'n':
		s.text = append(s.text, '\n')
	case 'r':
		s.text = append(s.text, '\r')
	case 't':
		s.text = append(s.text, '\t')
	case 'u':
		r, err := s.hex4()
		if err != nil {
			return err
		}
		if !utf16.IsSurrogate(r) {
			s.text = utf8.AppendRune(s.text, r)
			return nil
		}
		// A surrogate counts only with its other half; alone it is U+FFFD, as in encoding/json.
		if err := s.have(2); err != nil {
			return err
		}
		if bytes.HasPrefix(s.buf[s.pos:], []byte(`\u`)) {
			s.pos += 2
			low, err := s.hex4()
			if err != nil {
				return err
			}
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				s.text = utf8.AppendRune(s.text, pair)
				return nil
			}
			s.text = utf8.AppendRune(s.text, utf8.RuneError)
			r = low // AppendRune writes U+FFFD for a surrogate
		}
		s.text = utf8.AppendRune(s.text, r)
	default:
		s.pos--
		return s.fault(Syntax, "unknown escape \\%c in a text", c)
	}
	return nil
}

func (s *scanner) hex4() (rune, error) {
	var r rune
	for range 4 {
		c, err := s.next()
		if err != nil {
			return 0, err
		}
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, s.fault(Syntax, "\\u needs four hexadecimal digits")
		}
	}
	return r, nil
}

// number takes a number and returns its text, the scanner's until the next call.
func (s *scanner) number() ([]byte, error) {
	c, err := s.peek()
	if err != nil {
		return nil, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return nil, s.unexpected(c, "a number")
	}
	outer := s.mark // of a value that this number is part of
	if outer < 0 {
		s.mark = s.pos
	}
	start := s.pos - s.mark
	for {
		for s.pos < len(s.buf) && numeric(s.buf[s.pos]) {
			s.pos++
		}
		if s.pos < len(s.buf) {
			break
		}
		more, err := s.fill()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	b := s.buf[s.mark+start : s.pos]
	if outer < 0 {
		s.mark = -1
	}
	if !validNumber(b) {
		s.pos -= len(b)
		return nil, s.fault(Syntax, "%q is no JSON number", clip(b))
	}
	return b, nil
}

func numeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c|0x20 == 'e' || c == '-' || c == '+'
}

// validNumber reports whether b is a number by RFC 8259 §6, which is stricter than strconv.
func validNumber(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	digits := func() (n int) {
		for len(b) > 0 && '0' <= b[0] && b[0] <= '9' {
			b = b[1:]
			n++
		}
		return n
	}
	if len(b) > 1 && b[0] == '0' && '0' <= b[1] && b[1] <= '9' || digits() == 0 {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; digits() == 0 {
			return false
		}
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return len(b) == 0
}

// A decimal is a number without exponent, of at most 18 digits: digits / 10^scale. That is
// what nearly all numbers are.
type decimal struct {
	digits   int64
	scale    int
	negative bool
}

// decimal takes the number at the next byte if it is a decimal and lies in the window
// with the byte that ends it. Else it takes nothing.
func (s *scanner) decimal() (d decimal, ok bool) {
	b, i := s.buf[s.pos:], 0
	if len(b) > 0 && b[0] == '-' {
		d.negative = true
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		d.digits = d.digits*10 + int64(b[i]-'0')
		i++
	}
	count := i - start
	if count == 0 || count > 1 && b[start] == '0' {
		return d, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		start = i
		for i < len(b) && b[i]-'0' < 10 {
			d.digits = d.digits*10 + int64(b[i]-'0')
			i++
		}
		if d.scale = i - start; d.scale == 0 {
			return d, false
		}
		count += d.scale
	}
	if count > 18 || i == len(b) || numeric(b[i]) {
		return d, false
	}
	s.pos += i
	return d, true
}

// float returns d, if digits and power are exact: then their quotient is rounded once.
func (d *decimal) float() (f float64, ok bool) {
	if d.digits > 1<<53 {
		return 0, false
	}
	f = float64(d.digits)
	if d.scale > 0 {
		f /= powers[d.scale]
	}
	if d.negative {
		f = -f
	}
	return f, true
}

// float takes a number.
func (s *scanner) float() (float64, error) {
	pos := s.pos
	if d, ok := s.decimal(); ok {
		if f, ok := d.float(); ok {
			return f, nil
		}
		s.pos = pos
	}
	b, err := s.number()
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, s.fault(Syntax, "%s is beyond all numbers", clip(b))
	}
	return f, nil
}

// position takes an array of two or three decimals that lies in the window, on one line,
// and returns the first two. Else it takes nothing.
func (s *scanner) position() (lon, lat float64, ok bool) {
	pos := s.pos
	var f [3]float64
	for i := range f {
		s.pos++ // '[' or ','
		s.spaces()
		d, ok := s.decimal()
		if ok {
			f[i], ok = d.float()
		}
		if !ok {
			break
		}
		s.spaces()
		if s.pos == len(s.buf) {
			break
		}
		c := s.buf[s.pos]
		if c == ']' && i > 0 {
			s.pos++
			return f[0], f[1], true
		}
		if c != ',' {
			break
		}
	}
	s.pos = pos
	return 0, 0, false
}

// spaces takes spaces in the window.
func (s *scanner) spaces() {
	for s.pos < len(s.buf) && s.buf[s.pos] == ' ' {
		s.pos++
	}
}

//nolint:gochecknoglobals // a table
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// have makes n bytes available, if the input has them.
func (s *scanner) have(n int) error {
	for s.pos+n > len(s.buf) {
		if more, err := s.fill(); !more {
			return err
		}
	}
	return nil
}

// literal takes true, false or null.
func (s *scanner) literal(word string) error {
	if err := s.have(len(word)); err != nil {
		return err
	}
	if !bytes.HasPrefix(s.buf[s.pos:], []byte(word)) {
		return s.unexpected(s.buf[s.pos], "a value")
	}
	s.pos += len(word)
	return nil
}

// skip takes a whole value and checks its syntax.
func (s *scanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return s.members(func(string, Pos) error { return s.skip() })
	case '[':
		return s.elements(s.skip)
	case '"':
		_, err = s.stringBytes()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	default:
		if c != '-' && (c < '0' || c > '9') {
			return s.unexpected(c, "a value")
		}
		_, err = s.number()
	}
	return err
}

// raw takes any value and returns its JSON without white space between tokens.
func (s *scanner) raw() (string, error) {
	if _, err := s.peek(); err != nil {
		return "", err
	}
	s.mark = s.pos
	err := s.skip()
	text := s.buf[s.mark:s.pos]
	s.mark = -1
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return "", s.fault(Syntax, "%v", err)
	}
	return b.String(), nil
}

func clip(b []byte) []byte { return b[:min(len(b), 40)] }
