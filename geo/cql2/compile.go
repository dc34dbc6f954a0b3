package cql2

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"kharita/geo"
	"kharita/geo/fold"
	"kharita/geo/period"
)

// A Schema says what a filter may ask of a layer's features. Beside its
// properties these are, unless a property bears the name, id, which is that of the
// feature, geometry, and two intervals: valid, its valid time in the possible
// reading, and certain, in the certain one.
type Schema struct {
	Names      *geo.Names // the properties; nil: none
	Geometry   string     // another name for geometry
	Start, End string     // the properties in which valid time stands, if it does: INTERVAL(Start, End) then is valid
}

func (s Schema) geometry() string {
	if s.Geometry != "" {
		return s.Geometry
	}
	return "geometry"
}

// A Predicate reports whether a filter is true of a feature, neither false nor
// unknown. It only reads the feature, and is safe for concurrent use.
type Predicate func(f *geo.Feature) bool

// Compile makes e fast to ask of features of the schema. An *Error tells of a
// property that there is none of and of kinds that don't fit, where the tree
// shows it. Where only a feature shows it the predicate is unknown, as it is for
// null (three-valued logic, OGC 21-065r2 §6.2): NOT leaves that unknown.
//
// A property's text stands for a date wherever it meets one, read as EDTF or
// RFC 3339 by geo/period, in the widest reading. Texts are compared by their
// code points after normalisation (NFC). Nil is true of all features.
func Compile(e Expr, s Schema) (Predicate, error) {
	if e == nil {
		return func(*geo.Feature) bool { return true }, nil
	}
	if err := sound(e); err != nil {
		return nil, err
	}
	c := compiler{s}
	t, err := c.test(e)
	if err != nil {
		return nil, err
	}
	return func(f *geo.Feature) bool { return t(f) == yes }, nil
}

// sound reports an error if e, made by hand, is no tree that could have been read.
func sound(e Expr) error {
	if call, ok := e.(Call); ok && call.Op != Function {
		if call.Op >= opCount {
			return call.fail("there is no operator %d", call.Op)
		}
		for _, arg := range call.Args {
			if arg == nil {
				return call.fail("an argument of %s is missing", call.Op)
			}
		}
		if _, err := newCall(call.pos, call.Op, call.Args...); err != nil {
			return err
		}
	}
	for _, child := range children(e) {
		if _, open := e.(Interval); child == nil && !open {
			return e.where().fail("a value is missing")
		}
		if child != nil {
			if err := sound(child); err != nil {
				return err
			}
		}
	}
	return nil
}

// A truth is one of three, ordered so that AND is the least and OR the greatest.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func not(t truth) truth { return yes - t }

type (
	test      func(f *geo.Feature) truth
	valueFunc func(f *geo.Feature) geo.Value
)

type compiler struct{ schema Schema }

// what a property's name stands for.
type what uint8

const (
	isColumn what = iota
	isID
	isGeometry
	isValid
	isCertain
)

// property finds what p names. The error suggests the nearest name.
func (c *compiler) property(p Property) (geo.Column, what, error) {
	var names []string
	if c.schema.Names != nil {
		if col, ok := c.schema.Names.Column(p.Name); ok {
			return col, isColumn, nil
		}
		names = c.schema.Names.List()
	}
	own := map[string]what{"id": isID, "geometry": isGeometry, c.schema.geometry(): isGeometry, "valid": isValid, "certain": isCertain}
	if w, ok := own[p.Name]; ok {
		return geo.Column{}, w, nil
	}
	near := nearest(p.Name, append([]string{"id", c.schema.geometry(), "valid", "certain"}, names...))
	if near == "" {
		return geo.Column{}, 0, p.fail("there is no property %s", p)
	}
	return geo.Column{}, 0, p.fail("there is no property %s; did you mean %s?", p, Property{Name: near})
}

// nearest returns the name that takes the fewest changes to become name, empty if
// it takes more than a third of its letters.
func nearest(name string, names []string) (best string) {
	least := max(1, len([]rune(name))/3) + 1
	for _, other := range names {
		if strings.EqualFold(name, other) {
			return other
		}
		if d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(other))); d < least {
			best, least = other, d
		}
	}
	return best
}

// distance is that of Damerau and Levenshtein: letters changed, added, left out
// or swapped with the next.
func distance(a, b []rune) int {
	const enough = 64
	if len(a) > enough || len(b) > enough {
		return enough
	}
	var d [enough + 1][enough + 1]int
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					d[i][j] = min(d[i][j], d[i-2][j-2]+1)
				}
			}
		}
	}
	return d[len(a)][len(b)]
}

// test compiles what is true, false or unknown.
func (c *compiler) test(e Expr) (test, error) {
	call, ok := e.(Call)
	if !ok {
		value, err := c.value(e)
		if err != nil {
			return nil, err
		}
		return truthOfValue(value), nil
	}
	switch op := call.Op; {
	case op == Function:
		fn, err := c.function(call, boolean)
		if err != nil {
			return nil, err
		}
		return truthOfValue(fn), nil
	case op == And, op == Or:
		return c.logic(call)
	case op == Not:
		arg, err := c.test(call.Args[0])
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) truth { return not(arg(f)) }, nil
	case op >= Equal && op <= GreaterEqual:
		return c.comparison(call.Op, call.Args[0], call.Args[1])
	case op == Between:
		low, err := c.comparison(GreaterEqual, call.Args[0], call.Args[1])
		if err != nil {
			return nil, err
		}
		high, err := c.comparison(LessEqual, call.Args[0], call.Args[2])
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) truth { return min(low(f), high(f)) }, nil
	case op == In:
		return c.in(call)
	case op == Like:
		return c.like(call)
	case op == IsNull:
		return c.isNull(call.Args[0])
	case op >= SContains && op <= SWithin:
		return c.spatial(call)
	case op >= TAfter && op <= TStarts:
		return c.temporal(call)
	case op >= AContainedBy && op <= AOverlaps:
		return c.arrays(call)
	}
	return nil, call.fail("%s is neither true nor false", call.Op)
}

func truthOfValue(value valueFunc) test {
	return func(f *geo.Feature) truth {
		v := value(f)
		if v.Kind() != geo.Bool {
			return unknown
		}
		return truthOf(v.Bool())
	}
}

func (c *compiler) tests(list []Expr) (tests []test, err error) {
	for _, e := range list {
		t, err := c.test(e)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return tests, nil
}

func (c *compiler) logic(e Call) (test, error) {
	tests, err := c.tests(e.Args)
	if err != nil {
		return nil, err
	}
	if e.Op == And {
		return func(f *geo.Feature) truth {
			all := yes
			for _, t := range tests {
				if all = min(all, t(f)); all == no {
					break
				}
			}
			return all
		}, nil
	}
	return func(f *geo.Feature) truth {
		some := no
		for _, t := range tests {
			if some = max(some, t(f)); some == yes {
				break
			}
		}
		return some
	}, nil
}

// value compiles a scalar. What is not of the right kind in a feature is null.
func (c *compiler) value(e Expr) (valueFunc, error) {
	switch e := e.(type) {
	case Literal:
		v := e.Value
		if v.Kind() == geo.String {
			v = geo.StringValue(normal(v.Text()))
		}
		return func(*geo.Feature) geo.Value { return v }, nil
	case Property:
		col, what, err := c.property(e)
		if err != nil {
			return nil, err
		}
		switch what {
		case isColumn:
			return func(f *geo.Feature) geo.Value { return col.Of(f.Properties) }, nil
		case isID:
			return func(f *geo.Feature) geo.Value { return idValue(f.ID) }, nil
		default:
			return nil, e.fail("%s can't be compared; the functions S_… and T_… ask for places and times", e)
		}
	case Call:
		switch {
		case e.Op == Function:
			return c.function(e, scalar)
		case e.Op == CaseI, e.Op == AccentI:
			return c.fold(e)
		case e.Op >= Add && e.Op <= Power:
			return c.arithmetic(e)
		}
		t, err := c.test(e)
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) geo.Value {
			switch t(f) {
			case yes:
				return geo.BoolValue(true)
			case no:
				return geo.BoolValue(false)
			}
			return geo.Value{}
		}, nil
	}
	return nil, e.where().fail("%s can't stand here", kindOf(e))
}

// idValue returns an id as text, or as the whole number that it is in GeoJSON.
func idValue(id geo.ID) geo.Value {
	s := id.String()
	if id.IsNumber() {
		if i, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(i, 10) == s {
			return geo.IntValue(i)
		}
	}
	if s == "" {
		return geo.Value{}
	}
	return geo.StringValue(s)
}

// fold compiles CASEI and ACCENTI as geo/fold has them, which search uses too
// (OGC 21-065r2 §7.3, §7.4).
func (c *compiler) fold(e Call) (valueFunc, error) {
	arg, err := c.value(e.Args[0])
	if err != nil {
		return nil, err
	}
	plain := fold.Case
	if e.Op == AccentI {
		plain = fold.Accents
	}
	folded := func(f *geo.Feature) geo.Value {
		v := arg(f)
		if v.Kind() != geo.String {
			return geo.Value{}
		}
		return geo.StringValue(normal(plain(v.Text())))
	}
	if _, ok := pattern(e); ok { // a literal
		v := folded(nil)
		return func(*geo.Feature) geo.Value { return v }, nil
	}
	return folded, nil
}

// arithmetic compiles a sum, product or power (OGC 21-065r2 §7.12). What can't
// be told, such as a division by zero, is null.
func (c *compiler) arithmetic(e Call) (valueFunc, error) {
	a, err := c.value(e.Args[0])
	if err != nil {
		return nil, err
	}
	b, err := c.value(e.Args[1])
	if err != nil {
		return nil, err
	}
	return func(f *geo.Feature) geo.Value {
		x, ok := a(f).Float()
		if !ok {
			return geo.Value{}
		}
		y, ok := b(f).Float()
		if !ok {
			return geo.Value{}
		}
		return numberValue(calculate(e.Op, x, y))
	}, nil
}

func calculate(op Op, x, y float64) float64 {
	switch op {
	case Add:
		return x + y
	case Subtract:
		return x - y
	case Multiply:
		return x * y
	case Divide:
		return x / y
	case IntDivide:
		return math.Trunc(x / y)
	case Modulo:
		return math.Mod(x, y)
	default: // Power
		return math.Pow(x, y)
	}
}

// numberValue returns f, null if it is no number.
func numberValue(f float64) geo.Value {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return geo.Value{}
	}
	return geo.FloatValue(f)
}

// isTime reports whether e meets its like as a time.
func isTime(e Expr) bool { return kindOf(e) == instant }

// comparison compiles a binary comparison (OGC 21-065r2 §6.6). A date on either
// side makes it one of times; see span.compare.
func (c *compiler) comparison(op Op, left, right Expr) (test, error) {
	if isTime(left) || isTime(right) {
		a, err := c.time(left)
		if err != nil {
			return nil, err
		}
		b, err := c.time(right)
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) truth {
			s, ok := a(f)
			if !ok {
				return unknown
			}
			t, ok := b(f)
			if !ok {
				return unknown
			}
			return truthOf(s.compare(op, t))
		}, nil
	}
	if op != Equal && op != NotEqual {
		for _, e := range []Expr{left, right} {
			if kindOf(e) == boolean {
				return nil, e.where().fail("a truth value has no order: %s can't compare it", op)
			}
		}
	}
	a, err := c.value(left)
	if err != nil {
		return nil, err
	}
	b, err := c.value(right)
	if err != nil {
		return nil, err
	}
	if l, ok := right.(Literal); ok && l.Value.Kind() == geo.String && (op == Equal || op == NotEqual) {
		want := b(nil).Text()
		return func(f *geo.Feature) truth {
			v := a(f)
			if v.Kind() != geo.String {
				return unknown
			}
			return truthOf((normal(v.Text()) == want) == (op == Equal))
		}, nil
	}
	return func(f *geo.Feature) truth { return compareValues(op, a(f), b(f)) }, nil
}

// compareValues compares what is of one kind; other things are unknown.
func compareValues(op Op, a, b geo.Value) truth {
	var order int
	x, ok := a.Float()
	y, ok2 := b.Float()
	switch i, whole := a.Int(); {
	case ok && ok2:
		order = cmp.Compare(x, y)
		if j, whole2 := b.Int(); whole && whole2 {
			order = cmp.Compare(i, j)
		}
	case a.Kind() == geo.String && b.Kind() == geo.String:
		order = strings.Compare(normal(a.Text()), normal(b.Text()))
	case a.Kind() == geo.Bool && b.Kind() == geo.Bool && (op == Equal || op == NotEqual):
		if a != b {
			order = 1
		}
	default:
		return unknown
	}
	switch op {
	case Equal:
		return truthOf(order == 0)
	case NotEqual:
		return truthOf(order != 0)
	case Less:
		return truthOf(order < 0)
	case Greater:
		return truthOf(order > 0)
	case LessEqual:
		return truthOf(order <= 0)
	default: // GreaterEqual
		return truthOf(order >= 0)
	}
}

// in compiles IN, which is any of many equalities.
func (c *compiler) in(e Call) (test, error) {
	items := e.Args[1].(Array).Items
	texts := map[string]bool{}
	for _, item := range items {
		if l, ok := item.(Literal); ok && l.Value.Kind() == geo.String {
			texts[normal(l.Value.Text())] = true
		}
	}
	if len(texts) > 0 && len(items) > 8 && allTexts(items) {
		value, err := c.value(e.Args[0])
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) truth {
			v := value(f)
			if v.Kind() != geo.String {
				return unknown
			}
			return truthOf(texts[normal(v.Text())])
		}, nil
	}
	var tests []test
	for _, item := range items {
		t, err := c.comparison(Equal, e.Args[0], item)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return func(f *geo.Feature) truth {
		some := no
		for _, t := range tests {
			if some = max(some, t(f)); some == yes {
				break
			}
		}
		return some
	}, nil
}

func allTexts(items []Expr) bool {
	for _, item := range items {
		if _, ok := item.(Literal); !ok || kindOf(item) != text {
			return false
		}
	}
	return true
}

func (c *compiler) like(e Call) (test, error) {
	l, _ := pattern(e.Args[1])
	if len(l.Value.Text()) > MaxPattern {
		return nil, l.fail("a pattern is at most %d bytes long", MaxPattern)
	}
	value, err := c.value(e.Args[0])
	if err != nil {
		return nil, err
	}
	folded, err := c.value(e.Args[1])
	if err != nil {
		return nil, err
	}
	like := newLike(folded(nil).Text())
	return func(f *geo.Feature) truth {
		v := value(f)
		if v.Kind() != geo.String {
			return unknown
		}
		return truthOf(like.matches(normal(v.Text())))
	}, nil
}

// isNull compiles IS NULL, which is never unknown.
func (c *compiler) isNull(e Expr) (test, error) {
	if p, ok := e.(Property); ok {
		switch col, what, err := c.property(p); {
		case err != nil:
			return nil, err
		case what == isColumn:
			return func(f *geo.Feature) truth { return truthOf(col.Of(f.Properties).IsNull()) }, nil
		case what == isGeometry:
			return func(f *geo.Feature) truth { return truthOf(f.Geometry == nil) }, nil
		}
	}
	switch k := kindOf(e); {
	case k == geometry:
		_, err := literal(e)
		return func(*geo.Feature) truth { return no }, err
	case k&temporal != 0 && k&scalar == 0, k == instant, isTimeProperty(e):
		get, err := c.time(e)
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) truth {
			_, ok := get(f)
			return truthOf(!ok)
		}, nil
	}
	value, err := c.value(e)
	if err != nil {
		return nil, err
	}
	return func(f *geo.Feature) truth { return truthOf(value(f).IsNull()) }, nil
}

func isTimeProperty(e Expr) bool {
	p, ok := e.(Property)
	return ok && (p.Name == "valid" || p.Name == "certain")
}

// An element is an item of a list as lists are compared.
type element struct {
	value geo.Value
	time  *span // not nil: the element is that
	list  []element
}

// is reports whether two elements are the same. Lists are sets (OGC 21-065r2
// /req/array-functions/array-predicates).
func (a element) is(b element) bool {
	switch {
	case a.time != nil && b.time != nil:
		return *a.time == *b.time
	case a.time != nil:
		s, ok := readSpan(b.value)
		return ok && b.list == nil && s == *a.time
	case b.time != nil:
		return b.is(a)
	case a.list != nil || b.list != nil:
		return a.list != nil && b.list != nil && contains(a.list, b.list) && contains(b.list, a.list)
	}
	return compareValues(Equal, a.value, b.value) == yes || a.value.IsNull() && b.value.IsNull()
}

// contains reports whether each of b is in a.
func contains(a, b []element) bool {
	for _, x := range b {
		if !has(a, x) {
			return false
		}
	}
	return true
}

func has(a []element, x element) bool {
	for _, y := range a {
		if y.is(x) {
			return true
		}
	}
	return false
}

type listFunc func(f *geo.Feature) (list []element, ok bool)

// arrays compiles an array function.
func (c *compiler) arrays(e Call) (test, error) {
	var lists [2]listFunc
	for i, arg := range e.Args {
		var err error
		if lists[i], err = c.list(arg); err != nil {
			return nil, err
		}
	}
	return func(f *geo.Feature) truth {
		a, ok := lists[0](f)
		if !ok {
			return unknown
		}
		b, ok := lists[1](f)
		if !ok {
			return unknown
		}
		switch e.Op {
		case AContains:
			return truthOf(contains(a, b))
		case AContainedBy:
			return truthOf(contains(b, a))
		case AEquals:
			return truthOf(contains(a, b) && contains(b, a))
		default: // AOverlaps
			for _, x := range b {
				if has(a, x) {
					return yes
				}
			}
			return no
		}
	}, nil
}

func (c *compiler) list(e Expr) (listFunc, error) {
	switch e := e.(type) {
	case Property:
		col, what, err := c.property(e)
		if err == nil && what != isColumn {
			err = e.fail("%s is no list", e)
		}
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) ([]element, bool) {
			v := col.Of(f.Properties)
			if v.Kind() != geo.JSON {
				return nil, false
			}
			return readList(v.Text())
		}, nil
	case Array:
		items := make([]func(f *geo.Feature) element, len(e.Items))
		for i, item := range e.Items {
			var err error
			if items[i], err = c.element(item); err != nil {
				return nil, err
			}
		}
		return func(f *geo.Feature) ([]element, bool) {
			list := make([]element, len(items))
			for i, item := range items {
				list[i] = item(f)
			}
			return list, true
		}, nil
	}
	return nil, e.where().fail("%s is no list", e)
}

func (c *compiler) element(e Expr) (func(f *geo.Feature) element, error) {
	switch kindOf(e) {
	case array:
		list, err := c.list(e)
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) element {
			items, _ := list(f)
			return element{list: items}
		}, nil
	case instant, interval:
		get, err := c.time(e)
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) element {
			if s, ok := get(f); ok {
				return element{time: &s}
			}
			return element{}
		}, nil
	case geometry:
		return nil, e.where().fail("a geometry can't be compared in a list")
	}
	value, err := c.value(e)
	if err != nil {
		return nil, err
	}
	return func(f *geo.Feature) element { return element{value: value(f)} }, nil
}

// readList returns the elements of a JSON array; ok is false if it is none.
func readList(text string) (list []element, ok bool) {
	var raw []json.RawMessage
	if !strings.HasPrefix(text, "[") || json.Unmarshal([]byte(text), &raw) != nil {
		return nil, false
	}
	list = make([]element, len(raw))
	for i, r := range raw {
		list[i] = readElement(r)
	}
	return list, true
}

func readElement(r json.RawMessage) element {
	switch r[0] {
	case '[':
		list, _ := readList(string(r))
		return element{list: list}
	case '"':
		var s string
		if json.Unmarshal(r, &s) == nil {
			return element{value: geo.StringValue(s)}
		}
	case 't', 'f':
		return element{value: geo.BoolValue(r[0] == 't')}
	case '{':
		return element{value: geo.JSONValue(string(r))}
	case 'n':
	default:
		if v, err := parseNumber(pos{}, string(r)); err == nil {
			return element{value: v}
		}
	}
	return element{}
}

// yearOf returns the year in which s begins, null if it begins nowhere.
func yearOf(s span) geo.Value {
	if s.lo == past || s.isNever() {
		return geo.Value{}
	}
	text := period.At(s.lo).Datetime()
	sign := int64(1)
	if strings.HasPrefix(text, "-") {
		sign, text = -1, text[1:]
	}
	digits, _, _ := strings.Cut(text, "-")
	v, err := parseNumber(pos{}, strings.TrimPrefix(digits, "Y"))
	if err != nil {
		return geo.Value{}
	}
	i, _ := v.Int()
	return geo.IntValue(sign * i)
}
