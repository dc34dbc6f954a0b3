// Package cql2 is filters: the Common Query Language of OGC 21-065r2.
//
// ParseText and ParseJSON read the two encodings (§8) into one tree of values,
// Expr, whose String is the text again and AppendJSON the JSON. Compile turns a
// tree into a Predicate over the features of a layer; Necessary says what a tree
// implies for an index.
//
// All of the standard is here: its basic comparisons, LIKE, BETWEEN and IN, CASEI
// and ACCENTI, arithmetic, the spatial, temporal and array functions, properties
// and literals on either side, and a few functions of our own (see Functions).
// Coordinates are longitude, latitude in degrees WGS 84; heights are read and
// dropped. Everything is bounded: the length of a filter by MaxLength, its
// nesting by MaxDepth, a pattern of LIKE by MaxPattern.
package cql2

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
)

// Limits of what is read.
const (
	MaxLength  = 1 << 18 // bytes of a filter
	MaxDepth   = 100     // levels of its tree
	MaxPattern = 1 << 10 // bytes of a pattern of LIKE
)

// An Expr is a node of a filter's tree: a Call, Property, Literal, Instant,
// Interval, Geometry, BBox or Array, and nothing else. Trees are immutable.
type Expr interface {
	String() string // CQL2 text, which ParseText reads back
	where() pos
}

// A Call applies an operator, or the function Name where Op is Function.
type Call struct {
	Op   Op
	Name string
	Args []Expr
	pos
}

// A Property is the value of a feature's property.
type Property struct {
	Name string
	pos
}

// A Literal is a text, number or truth value.
type Literal struct {
	Value geo.Value
	pos
}

// An Instant is a date or, if it has a time of day, a timestamp (§6.3.1). It is
// read as the datetime parameter is: a year or month stands for the whole of it.
type Instant struct {
	Period    period.Period
	Timestamp bool
	pos
}

// An Interval lasts from Start to End, both included (§7.8.1). Each is an
// Instant, a Property, a function, or nil where the interval is open.
type Interval struct {
	Start, End Expr
	pos
}

// A Geometry is one in lon, lat, with at least one point.
type Geometry struct {
	Geometry orb.Geometry
	pos
}

// A BBox is a box in lon, lat. It spans the antimeridian if West > East.
type BBox struct {
	West, South, East, North float64
	pos
}

// An Array is a list of values.
type Array struct {
	Items []Expr
	pos
}

// A pos is where a node stands in what it was read from. Nodes that were not
// read have none.
type pos struct {
	input string
	at    int
}

func (p pos) where() pos { return p }

func (p pos) fail(format string, args ...any) error {
	reason := words{format, args}
	return &Error{p.input, p.at, reason.String(), reason}
}

// words are a format, as package fmt has it, and what it is filled with: texts, numbers,
// kinds, and again words. So they can be said in other languages.
type words struct {
	format string
	args   []any
}

func (w words) String() string { return w.in(func(format string) string { return format }) }

// in fills what say returns for the format.
func (w words) in(say func(format string) string) string {
	format := say(w.format)
	if len(w.args) == 0 {
		return format
	}
	args := make([]any, len(w.args))
	for i, arg := range w.args {
		switch a := arg.(type) {
		case words:
			arg = a.in(say)
		case kind:
			arg = a.in(say)
		}
		args[i] = arg
	}
	return fmt.Sprintf(format, args...)
}

// Replace returns e with what f returns in the place of each Geometry and BBox in
// it, such as the same in another coordinate reference system. It does not change e.
func Replace(e Expr, f func(Expr) Expr) Expr {
	switch e := e.(type) {
	case Geometry, BBox:
		switch g := f(e).(type) {
		case Geometry:
			g.pos = e.where()
			return g
		case BBox:
			g.pos = e.where()
			return g
		default:
			return g
		}
	case Call:
		args := make([]Expr, len(e.Args))
		for i, arg := range e.Args {
			args[i] = Replace(arg, f)
		}
		e.Args = args
		return e
	}
	return e
}

// An Error says what is wrong with a filter, and where.
type Error struct {
	Input  string // as it was given; empty if the tree was not read from text
	Offset int    // in bytes from the start of Input
	Reason string // in English
	words  words
}

func (e *Error) Error() string { return e.In(func(format string) string { return format }) }

// In is Error in another language. Say returns its words for those of this package, which
// are formats of package fmt, or these if it has none.
func (e *Error) In(say func(format string) string) string {
	reason := e.words.in(say)
	if e.Input == "" {
		return fmt.Sprintf(say("filter: %s"), reason)
	}
	at := min(e.Offset, len(e.Input))
	near := e.Input[at:]
	const enough = 24
	cut := 0
	for i := range near {
		if cut++; cut > enough {
			near = near[:i] + "…"
			break
		}
	}
	if near == "" {
		near = say("the end")
	} else {
		near = strings.ToValidUTF8(near, "\uFFFD")
	}
	return fmt.Sprintf(say("filter: %s (at character %d: %s)"), reason, utf8.RuneCountInString(e.Input[:at])+1, near)
}

// An Op is an operator of the standard.
type Op uint8

// The operators. Function is that of a Call by name.
const (
	Function Op = iota
	And
	Or
	Not
	Equal
	NotEqual
	Less
	Greater
	LessEqual
	GreaterEqual
	Like
	Between
	In // the second argument is an Array
	IsNull
	CaseI
	AccentI
	Add
	Subtract
	Multiply
	Divide
	Modulo
	IntDivide
	Power
	SContains
	SCrosses
	SDisjoint
	SEquals
	SIntersects
	SOverlaps
	STouches
	SWithin
	TAfter
	TBefore
	TContains
	TDisjoint
	TDuring
	TEquals
	TFinishedBy
	TFinishes
	TIntersects
	TMeets
	TMetBy
	TOverlappedBy
	TOverlaps
	TStartedBy
	TStarts
	AContainedBy
	AContains
	AEquals
	AOverlaps
	opCount
)

// A kind is a set of the types that a value may have.
type kind uint8

const (
	boolean kind = 1 << iota
	number
	text
	instant
	interval
	geometry
	array

	scalar   = boolean | number | text | instant
	temporal = instant | interval
	anything = scalar | interval | geometry | array
)

// An operation is what there is to know of an Op.
type operation struct {
	json   string // its name in JSON
	text   string // its name in text
	power  power  // how strongly it binds in text; atom for what is written f(a, b)
	args   []kind
	more   bool // further arguments like the last may follow
	result kind
}

// A power is how strongly an operator binds; see cql2.bnf of the standard.
type power uint8

const (
	none power = iota
	either
	both
	negation
	comparison
	sum
	product
	raising
	minus
	atom
)

func operations() [opCount]operation {
	t := [opCount]operation{
		And:           {"and", "AND", both, []kind{boolean, boolean}, true, boolean},
		Or:            {"or", "OR", either, []kind{boolean, boolean}, true, boolean},
		Not:           {"not", "NOT", negation, []kind{boolean}, false, boolean},
		Like:          {"like", "LIKE", comparison, []kind{text, text}, false, boolean},
		Between:       {"between", "BETWEEN", comparison, []kind{scalar, scalar, scalar}, false, boolean},
		In:            {"in", "IN", comparison, []kind{scalar, array}, false, boolean},
		IsNull:        {"isNull", "IS NULL", comparison, []kind{anything &^ array}, false, boolean},
		CaseI:         {"casei", "CASEI", atom, []kind{text}, false, text},
		AccentI:       {"accenti", "ACCENTI", atom, []kind{text}, false, text},
		SContains:     {json: "s_contains"},
		SCrosses:      {json: "s_crosses"},
		SDisjoint:     {json: "s_disjoint"},
		SEquals:       {json: "s_equals"},
		SIntersects:   {json: "s_intersects"},
		SOverlaps:     {json: "s_overlaps"},
		STouches:      {json: "s_touches"},
		SWithin:       {json: "s_within"},
		TAfter:        {json: "t_after"},
		TBefore:       {json: "t_before"},
		TContains:     {json: "t_contains"},
		TDisjoint:     {json: "t_disjoint"},
		TDuring:       {json: "t_during"},
		TEquals:       {json: "t_equals"},
		TFinishedBy:   {json: "t_finishedBy"},
		TFinishes:     {json: "t_finishes"},
		TIntersects:   {json: "t_intersects"},
		TMeets:        {json: "t_meets"},
		TMetBy:        {json: "t_metBy"},
		TOverlappedBy: {json: "t_overlappedBy"},
		TOverlaps:     {json: "t_overlaps"},
		TStartedBy:    {json: "t_startedBy"},
		TStarts:       {json: "t_starts"},
		AContainedBy:  {json: "a_containedBy"},
		AContains:     {json: "a_contains"},
		AEquals:       {json: "a_equals"},
		AOverlaps:     {json: "a_overlaps"},
	}
	for op, sign := range map[Op]string{Equal: "=", NotEqual: "<>", Less: "<", Greater: ">", LessEqual: "<=", GreaterEqual: ">="} {
		t[op] = operation{sign, sign, comparison, []kind{scalar, scalar}, false, boolean}
	}
	for op, sign := range map[Op]string{Add: "+", Subtract: "-", Multiply: "*", Divide: "/", Modulo: "%", IntDivide: "div", Power: "^"} {
		p := product
		switch op {
		case Add, Subtract:
			p = sum
		case Power:
			p = raising
		}
		t[op] = operation{sign, sign, p, []kind{number, number}, false, number}
	}
	for op := SContains; op < opCount; op++ {
		arg := geometry
		switch {
		case op >= AContainedBy:
			arg = array
		case op >= TContains && op != TDisjoint && op != TEquals && op != TIntersects:
			arg = interval
		case op >= TAfter:
			arg = temporal
		}
		t[op] = operation{t[op].json, strings.ToUpper(t[op].json), atom, []kind{arg, arg}, false, boolean}
	}
	return t
}

var (
	table  = operations()           //nolint:gochecknoglobals // a constant in all but syntax
	byName = func() map[string]Op { //nolint:gochecknoglobals // likewise: lower-case JSON name -> Op
		m := map[string]Op{}
		for op := And; op < opCount; op++ {
			m[strings.ToLower(table[op].json)] = op
		}
		return m
	}()
)

// String returns the operator as it is written in text.
func (o Op) String() string {
	if o < opCount && o != Function {
		return table[o].text
	}
	return "function"
}

// kindOf returns what e may be, as far as it tells by itself.
func kindOf(e Expr) kind {
	switch e := e.(type) {
	case Call:
		if e.Op != Function {
			return table[e.Op].result
		}
	case Literal:
		switch e.Value.Kind() {
		case geo.Bool:
			return boolean
		case geo.String:
			return text
		default:
			return number
		}
	case Instant:
		return instant
	case Interval:
		return interval
	case Geometry, BBox:
		return geometry
	case Array:
		return array
	}
	return anything
}

func (k kind) in(say func(string) string) string {
	if k == anything {
		return say("anything")
	}
	var list []string
	for i, word := range kinds {
		if k&(1<<i) != 0 {
			list = append(list, say(word))
		}
	}
	return strings.Join(list, say(" or "))
}

//nolint:gochecknoglobals // a constant in all but syntax
var kinds = []string{"a truth value", "a number", "a text", "a date", "an interval", "a geometry", "a list"}

func (k kind) String() string { return k.in(func(word string) string { return word }) }

// newCall returns the call of an operator after checking number and kinds of its
// arguments, and that they fit each other.
func newCall(at pos, op Op, args ...Expr) (Expr, error) {
	o := table[op]
	if len(args) < len(o.args) || len(args) > len(o.args) && !o.more {
		return nil, at.fail("%s takes %d arguments, not %d", o.text, len(o.args), len(args))
	}
	for i, arg := range args {
		want := o.args[min(i, len(o.args)-1)]
		if kindOf(arg)&want == 0 {
			return nil, arg.where().fail("%s needs %s here, not %s%s", o.text, want, kindOf(arg), hint(want, arg))
		}
	}
	switch op {
	case Like:
		if _, ok := pattern(args[1]); !ok {
			return nil, args[1].where().fail("a pattern of LIKE is a text in single quotes")
		}
	case Equal, NotEqual, Less, Greater, LessEqual, GreaterEqual, Between:
		if err := alike(args...); err != nil {
			return nil, err
		}
	case In:
		list, ok := args[1].(Array)
		if !ok {
			return nil, args[1].where().fail("IN needs a list: (1, 2, 3)")
		}
		if len(list.Items) == 0 {
			return nil, list.fail("IN needs at least one value")
		}
		for _, item := range list.Items {
			if kindOf(item)&scalar == 0 {
				return nil, item.where().fail("IN can't compare %s", kindOf(item))
			}
			if err := alike(args[0], item); err != nil {
				return nil, err
			}
		}
	}
	return Call{op, "", args, at}, nil
}

// alike reports an error unless all args can be of one kind. What stands alone in
// an operation, a truth value, has no order; that shows only when it is compiled.
func alike(args ...Expr) error {
	common := anything
	for _, arg := range args {
		k := kindOf(arg)
		if common&k == 0 {
			return arg.where().fail("%s can't be compared with %s%s", k, common, hint(common, arg))
		}
		common &= k
	}
	return nil
}

// hint says how to write arg so that it is of the wanted kind, if that is easy.
func hint(want kind, arg Expr) words {
	l, ok := arg.(Literal)
	switch {
	case ok && l.Value.Kind() == geo.String && want&temporal != 0 && want&text == 0:
		if p, err := period.ParseDatetime(l.Value.Text()); err == nil && !p.IsNever() {
			return words{": write DATE(%s)", []any{arg.String()}}
		}
	case want == interval && kindOf(arg) == instant:
		return words{": write INTERVAL('a', 'b'), or use T_INTERSECTS", nil}
	}
	return words{}
}

// pattern returns the literal inside a pattern of LIKE.
func pattern(e Expr) (l Literal, ok bool) {
	for {
		switch x := e.(type) {
		case Literal:
			return x, x.Value.Kind() == geo.String
		case Call:
			if x.Op == CaseI || x.Op == AccentI {
				e = x.Args[0]
				continue
			}
		}
		return l, false
	}
}

// finish checks the root of a tree.
func finish(e Expr) (Expr, error) {
	if kindOf(e)&boolean == 0 {
		return nil, e.where().fail("a filter is true or false, this is %s", kindOf(e))
	}
	return e, limit(e, MaxDepth)
}

// limit reports an error if e has more levels than depth.
func limit(e Expr, depth int) error {
	if depth == 0 {
		return e.where().fail("nested more than %d levels deep", MaxDepth)
	}
	for _, child := range children(e) {
		if child != nil {
			if err := limit(child, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

func children(e Expr) []Expr {
	switch e := e.(type) {
	case Call:
		return e.Args
	case Array:
		return e.Items
	case Interval:
		return []Expr{e.Start, e.End}
	}
	return nil
}
