package cql2

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// ParseText reads CQL2 text (OGC 21-065r2 §8.2, cql2.bnf). Keywords and names of
// functions may be written in either case. The error is an *Error.
//
// Beyond the standard, BETWEEN takes texts and dates, a property may stand where
// a truth value does, DATE('2014-06') is the whole of that month, TIMESTAMP takes
// offsets, and ENVELOPE is another word for BBOX.
func ParseText(s string) (Expr, error) {
	if len(s) > MaxLength {
		return nil, pos{s, MaxLength}.fail("the filter is longer than %d bytes", MaxLength)
	}
	p := parser{input: s}
	p.advance()
	e, err := p.expression(none)
	if err == nil && p.tok.kind != end && p.err == nil {
		err = p.unexpected("AND, OR or the end")
	}
	if p.err != nil { // the lexer's, which comes first in the text
		return nil, p.err
	}
	if err != nil {
		return nil, err
	}
	return finish(e)
}

// A parser is a Pratt parser: expression(p) reads all that binds more strongly than p.
type parser struct {
	input string
	tok   token // not yet taken
	depth int
	err   error // of the lexer; tok is then the end
}

func (p *parser) advance() {
	t, err := next(p.input, p.tok.end)
	if err != nil && p.err == nil {
		p.err = err
		t = token{kind: end, at: len(p.input), end: len(p.input)}
	}
	p.tok = t
}

// take returns the next token and goes on.
func (p *parser) take() token {
	t := p.tok
	p.advance()
	return t
}

func (p *parser) pos(at int) pos { return pos{p.input, at} }

func (p *parser) unexpected(want string) error {
	return p.pos(p.tok.at).fail("%s is missing here", words{want, nil})
}

// accept takes the sign if it comes next.
func (p *parser) accept(s string) bool {
	if p.tok.isSign(s) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if !p.accept(s) {
		return p.unexpected(s)
	}
	return nil
}

// acceptWord takes the keyword if it comes next.
func (p *parser) acceptWord(keyword string) bool {
	if p.tok.is(keyword) {
		p.advance()
		return true
	}
	return false
}

// infix returns the operator that the token is, if it is one.
func (t token) infix() (Op, bool) {
	if t.kind != sign && t.kind != word {
		return 0, false
	}
	if t.is("IS") {
		return IsNull, true
	}
	op, ok := byName[strings.ToLower(t.text)]
	return op, ok && table[op].power != atom && op != Not && op != IsNull
}

func (p *parser) expression(than power) (Expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 2*MaxDepth { // brackets may double the levels of the tree
		return nil, p.pos(p.tok.at).fail("nested more than %d levels deep", MaxDepth)
	}
	left, err := p.prefix()
	if err != nil {
		return nil, err
	}
	return p.infixes(left, than)
}

// infixes reads the operators that follow left and bind more strongly than the given power.
func (p *parser) infixes(left Expr, than power) (_ Expr, err error) {
	for {
		t, negated := p.tok, false
		if t.is("NOT") { // NOT LIKE, NOT BETWEEN, NOT IN
			after, err := next(p.input, t.end)
			if err != nil || !after.is("LIKE") && !after.is("BETWEEN") && !after.is("IN") {
				return left, nil
			}
			if comparison <= than {
				return left, nil
			}
			p.advance()
			t, negated = p.tok, true
		}
		op, ok := t.infix()
		if !ok || table[op].power <= than {
			return left, nil
		}
		at := left.where()
		p.advance()
		switch op {
		case And, Or:
			left, err = p.chain(op, left)
		case IsNull:
			negated = p.acceptWord("NOT")
			if !p.acceptWord("NULL") {
				return nil, p.unexpected("NULL")
			}
			left, err = newCall(at, IsNull, left)
		case In:
			left, err = p.in(at, left)
		case Between:
			left, err = p.between(at, left)
		default:
			var right Expr
			if right, err = p.expression(table[op].power); err == nil {
				left, err = newCall(at, op, left, right)
			}
		}
		if err == nil && negated {
			left, err = newCall(at, Not, left)
		}
		if err != nil {
			return nil, err
		}
		if power := table[op].power; power == comparison || power == raising {
			if again, ok := p.tok.infix(); ok && table[again].power == power {
				return nil, p.pos(p.tok.at).fail("%s after %s needs brackets: (a %s b) %s c", again, op, op, again)
			}
		}
	}
}

// chain reads what AND or OR joins to left, into one node.
func (p *parser) chain(op Op, left Expr) (Expr, error) {
	args := []Expr{left}
	for {
		arg, err := p.expression(table[op].power)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if !p.acceptWord(table[op].text) {
			return newCall(left.where(), op, args...)
		}
	}
}

func (p *parser) between(at pos, left Expr) (Expr, error) {
	low, err := p.expression(comparison)
	if err != nil {
		return nil, err
	}
	if !p.acceptWord("AND") {
		return nil, p.unexpected("AND, as in BETWEEN 1 AND 3,")
	}
	high, err := p.expression(comparison)
	if err != nil {
		return nil, err
	}
	return newCall(at, Between, left, low, high)
}

func (p *parser) in(at pos, left Expr) (Expr, error) {
	list := Array{pos: p.pos(p.tok.at)}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for {
		item, err := p.expression(none)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, item)
		if !p.accept(",") {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return newCall(at, In, left, list)
}

// prefix reads an expression that no infix operator begins.
func (p *parser) prefix() (Expr, error) {
	t := p.tok
	at := p.pos(t.at)
	switch {
	case t.is("NOT"):
		p.advance()
		arg, err := p.expression(negation)
		if err != nil {
			return nil, err
		}
		return newCall(at, Not, arg)
	case t.isSign("-"):
		p.advance()
		arg, err := p.expression(minus)
		if err != nil {
			return nil, err
		}
		if l, ok := arg.(Literal); ok && kindOf(l) == number {
			return Literal{negative(l.Value), at}, nil
		}
		return newCall(at, Multiply, Literal{geo.IntValue(-1), at}, arg)
	case t.isSign("+"):
		p.advance()
		if p.tok.kind != num {
			return nil, p.unexpected("a number")
		}
		return p.expression(minus)
	case t.isSign("("):
		p.advance()
		e, err := p.expression(none)
		if err != nil {
			return nil, err
		}
		if p.tok.isSign(",") {
			return nil, at.fail("a list can stand only in IN and in functions")
		}
		return e, p.expect(")")
	case t.kind == str:
		p.advance()
		return Literal{geo.StringValue(t.text), at}, nil
	case t.kind == num:
		p.advance()
		v, err := parseNumber(at, t.text)
		return Literal{v, at}, err
	case t.kind == quoted:
		p.advance()
		return Property{t.text, at}, nil
	case t.kind == word:
		return p.name()
	}
	return nil, p.unexpected("a property, a value or a function")
}

// name reads what begins with a word: a property, TRUE and FALSE, a function, a geometry.
func (p *parser) name() (Expr, error) {
	t := p.take()
	at := p.pos(t.at)
	upper := strings.ToUpper(t.text)
	if isGeometryWord(upper) && (p.tok.isSign("(") || p.tok.is("Z") || p.tok.is("M") || p.tok.is("ZM") || p.tok.is("EMPTY")) {
		g, err := p.geometry(upper)
		if err != nil {
			return nil, err
		}
		return Geometry{g, at}, nil
	}
	switch upper {
	case "TRUE", "FALSE":
		return Literal{geo.BoolValue(upper == "TRUE"), at}, nil
	case "AND", "OR", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV":
		return nil, at.fail("%s can't stand here; a property of that name is written \"%s\"", upper, t.text)
	}
	if !p.tok.isSign("(") {
		return Property{t.text, at}, nil
	}
	switch upper {
	case "BBOX", "ENVELOPE":
		return p.bbox(at)
	case "DATE", "TIMESTAMP":
		return p.instant(at, upper == "TIMESTAMP")
	case "INTERVAL":
		return p.interval(at)
	}
	op, ok := byName[strings.ToLower(t.text)]
	if ok && table[op].power != atom {
		return nil, at.fail("%s is no function", t.text)
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if ok {
		return newCall(at, op, args...)
	}
	return Call{Function, t.text, args, at}, nil
}

// arguments reads what a function is applied to, in brackets.
func (p *parser) arguments() ([]Expr, error) {
	p.advance()
	var args []Expr
	if p.accept(")") {
		return nil, nil
	}
	for {
		arg, err := p.argument()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if !p.accept(",") {
			return args, p.expect(")")
		}
	}
}

// argument reads an argument of a function or an item of a list, which may be a
// list itself. Brackets that nothing follows make a list, also of one item.
func (p *parser) argument() (Expr, error) {
	if !p.tok.isSign("(") {
		return p.expression(none)
	}
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 2*MaxDepth {
		return nil, p.pos(p.tok.at).fail("nested more than %d levels deep", MaxDepth)
	}
	list := Array{pos: p.pos(p.tok.at)}
	p.advance()
	if p.accept(")") {
		return list, nil
	}
	for {
		item, err := p.argument()
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, item)
		if !p.accept(",") {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if _, infix := p.tok.infix(); infix || p.tok.is("NOT") { // brackets of arithmetic or logic
		var inner Expr = list
		for {
			list, ok := inner.(Array)
			if !ok || len(list.Items) != 1 {
				return p.infixes(inner, none)
			}
			inner = list.Items[0]
		}
	}
	return list, nil
}

func isGeometryWord(upper string) bool {
	switch upper {
	case "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION":
		return true
	}
	return false
}

// geometry reads well-known text (OGC 06-103r4 §7) after its first word. Heights
// and measures are dropped. The points of a MULTIPOINT may do without brackets.
func (p *parser) geometry(kind string) (orb.Geometry, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 2*MaxDepth {
		return nil, p.pos(p.tok.at).fail("nested more than %d levels deep", MaxDepth)
	}
	if p.tok.is("Z") || p.tok.is("M") || p.tok.is("ZM") {
		p.advance()
	}
	at := p.pos(p.tok.at)
	switch kind {
	case "POINT":
		points, err := p.points()
		if err == nil && len(points) != 1 {
			err = at.fail("a POINT has one position")
		}
		if err != nil {
			return nil, err
		}
		return points[0], nil
	case "LINESTRING":
		points, err := p.points()
		if err != nil {
			return nil, err
		}
		return line(at, points)
	case "POLYGON":
		return p.polygon()
	case "MULTIPOINT":
		var all orb.MultiPoint
		err := p.list(func() error {
			if p.tok.isSign("(") {
				points, err := p.points()
				if err == nil && len(points) != 1 {
					err = at.fail("each point of a MULTIPOINT has one position")
				}
				all = append(all, points...)
				return err
			}
			point, err := p.point()
			all = append(all, point)
			return err
		})
		return all, err
	case "MULTILINESTRING":
		var all orb.MultiLineString
		err := p.list(func() error {
			at := p.pos(p.tok.at)
			points, err := p.points()
			if err != nil {
				return err
			}
			one, err := line(at, points)
			all = append(all, one)
			return err
		})
		return all, err
	case "MULTIPOLYGON":
		var all orb.MultiPolygon
		err := p.list(func() error {
			one, err := p.polygon()
			all = append(all, one)
			return err
		})
		return all, err
	default:
		var all orb.Collection
		err := p.list(func() error {
			t := p.take()
			kind := strings.ToUpper(t.text)
			if t.kind != word || !isGeometryWord(kind) {
				return p.pos(t.at).fail("a geometry is missing here: POINT(…), POLYGON(…)")
			}
			one, err := p.geometry(kind)
			all = append(all, one)
			return err
		})
		return all, err
	}
}

// list reads items in brackets.
func (p *parser) list(item func() error) error {
	if p.tok.is("EMPTY") {
		return p.pos(p.tok.at).fail("an empty geometry is nowhere")
	}
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if !p.accept(",") {
			return p.expect(")")
		}
	}
}

func (p *parser) points() (points []orb.Point, err error) {
	err = p.list(func() error {
		point, err := p.point()
		points = append(points, point)
		return err
	})
	return points, err
}

func (p *parser) polygon() (polygon orb.Polygon, err error) {
	err = p.list(func() error {
		at := p.pos(p.tok.at)
		points, err := p.points()
		if err != nil {
			return err
		}
		one, err := ring(at, points)
		polygon = append(polygon, one)
		return err
	})
	return polygon, err
}

// line and ring check what is read in text and JSON alike.
func line(at pos, points []orb.Point) (orb.LineString, error) {
	if len(points) < 2 {
		return nil, at.fail("a line has two positions or more")
	}
	return points, nil
}

func ring(at pos, points []orb.Point) (orb.Ring, error) {
	if len(points) < 4 {
		return nil, at.fail("a ring has four positions or more, the last like the first")
	}
	if points[0] != points[len(points)-1] {
		return nil, at.fail("the ring is not closed: its last position must be its first")
	}
	return points, nil
}

// point reads two numbers and drops up to two more.
func (p *parser) point() (point orb.Point, err error) {
	for i := 0; ; i++ {
		if i >= 2 && (i == 4 || p.tok.isSign(",") || p.tok.isSign(")")) {
			return point, nil
		}
		f, err := p.coordinate()
		if err != nil {
			return point, err
		}
		if i < 2 {
			point[i] = f
		}
	}
}

func (p *parser) coordinate() (float64, error) {
	negate := false
	if p.tok.isSign("-") || p.tok.isSign("+") {
		negate = p.take().text == "-"
	}
	if p.tok.kind != num {
		return 0, p.unexpected("a number")
	}
	t := p.take()
	v, err := parseNumber(p.pos(t.at), t.text)
	if err != nil {
		return 0, err
	}
	if negate {
		v = negative(v)
	}
	f, _ := v.Float()
	return f, checkCoordinate(p.pos(t.at), f)
}

// checkCoordinate keeps out what overflows when it is multiplied.
func checkCoordinate(at pos, f float64) error {
	if math.Abs(f) > 1e9 {
		return at.fail("a coordinate is at most a billion")
	}
	return nil
}

func (p *parser) bbox(at pos) (Expr, error) {
	var all []float64
	err := p.list(func() error {
		f, err := p.coordinate()
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newBBox(at, all)
}

// newBBox returns the box of four numbers, or of six with heights, which are dropped.
func newBBox(at pos, n []float64) (Expr, error) {
	switch len(n) {
	case 4:
	case 6:
		n = []float64{n[0], n[1], n[3], n[4]}
	default:
		return nil, at.fail("a BBOX has four numbers, west, south, east, north, or six with heights")
	}
	if n[1] > n[3] {
		return nil, at.fail("the BBOX's south %v lies north of its north %v: the order is west, south, east, north", n[1], n[3])
	}
	return BBox{n[0], n[1], n[2], n[3], at}, nil
}

func (p *parser) instant(at pos, timestamp bool) (Expr, error) {
	p.advance()
	if p.tok.kind != str {
		return nil, p.unexpected("a date in single quotes")
	}
	t := p.take()
	e, err := newInstant(p.pos(t.at+1), t.text)
	if err != nil {
		return nil, err
	}
	if e.Timestamp != timestamp {
		return nil, wrongInstant(p.pos(t.at), timestamp)
	}
	e.pos = at
	return e, p.expect(")")
}

func wrongInstant(at pos, timestamp bool) error {
	if timestamp {
		return at.fail("a TIMESTAMP has a time of day: '2015-06-29T12:00:00Z'")
	}
	return at.fail("a DATE has no time of day: '2015-06-29'; with one it is a TIMESTAMP")
}

// newInstant reads an instant whose text begins at at.
func newInstant(at pos, text string) (Instant, error) {
	if strings.Contains(text, "/") {
		return Instant{}, at.fail("a date has no slash; two dates make an INTERVAL('2014-01-01', '2015-12-31')")
	}
	p, err := period.ParseDatetime(text)
	if err == nil && (p.IsAlways() || p.IsNever()) {
		return Instant{}, at.fail("this is no date")
	}
	if err != nil {
		reason := err.Error()
		if e := new(period.ParseError); errors.As(err, &e) {
			reason = e.Reason
			if at.at += e.Offset; at.at > len(at.input) {
				at.at = len(at.input)
			}
		}
		return Instant{}, at.fail("%s", reason)
	}
	return Instant{p, strings.ContainsAny(text, "Tt"), at}, nil
}

func (p *parser) interval(at pos) (Expr, error) {
	p.advance()
	var ends [2]Expr
	for i := range ends {
		t := p.tok
		e, err := p.expression(none)
		if err != nil {
			return nil, err
		}
		if l, ok := e.(Literal); ok && t.kind == str {
			e, err = newEnd(p.pos(t.at+1), l.Value.Text())
			if err != nil {
				return nil, err
			}
		}
		ends[i] = e
		if i == 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return newInterval(at, ends[0], ends[1])
}

// newEnd reads the text of one end of an interval, nil for "..".
func newEnd(at pos, text string) (Expr, error) {
	if text == ".." {
		return nil, nil //nolint:nilnil // open
	}
	return newInstant(at, text)
}

func newInterval(at pos, start, end Expr) (Expr, error) {
	for _, e := range []Expr{start, end} {
		if e == nil {
			continue
		}
		if c, ok := e.(Call); kindOf(e)&instant == 0 || ok && c.Op != Function {
			return nil, e.where().fail("an end of an INTERVAL is a date in single quotes, '..', or a property")
		}
	}
	a, ok := start.(Instant)
	b, ok2 := end.(Instant)
	if ok && ok2 {
		if lo, _ := a.Period.Limits(); b.Period.Intersect(period.From(lo)).IsNever() {
			return nil, b.fail("the interval ends before it starts")
		}
	}
	return Interval{start, end, at}, nil
}

// parseNumber returns s as a whole number if it is one, of any size but that of
// math.MinInt64, which has no opposite.
func parseNumber(at pos, s string) (geo.Value, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil && i != math.MinInt64 {
		return geo.IntValue(i), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return geo.Value{}, at.fail("this number is too large")
	}
	return floatValue(f), nil
}

// floatValue returns f as a whole number where that is the same.
func floatValue(f float64) geo.Value {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return geo.IntValue(int64(f))
	}
	return geo.FloatValue(f)
}

func negative(v geo.Value) geo.Value {
	if i, ok := v.Int(); ok {
		return geo.IntValue(-i)
	}
	f, _ := v.Float()
	return floatValue(-f)
}
