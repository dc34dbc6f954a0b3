package cql2

import (
	"math"
	"strings"
	"unicode/utf8"

	"kharita/geo"
)

// A FunctionInfo describes a function of our own (OGC 21-065r2 §7.11).
type FunctionInfo struct {
	Name    string
	Args    []string // what each argument is
	Returns string
	More    bool // further arguments like the last may follow
}

// function is a row of the table of functions.
type function struct {
	name    string
	args    []kind
	more    bool
	returns kind
	make    func(c *compiler, args []Expr) (valueFunc, error)
}

// functions are all that there are. Of null they all make null.
func functions() []function {
	return []function{
		{"lower", []kind{text}, false, text, ofText(func(s string) geo.Value { return geo.StringValue(strings.ToLower(s)) })},
		{"upper", []kind{text}, false, text, ofText(func(s string) geo.Value { return geo.StringValue(strings.ToUpper(s)) })},
		{"length", []kind{text}, false, number, ofText(func(s string) geo.Value { return geo.IntValue(int64(utf8.RuneCountInString(s))) })},
		{"abs", []kind{number}, false, number, ofNumber(math.Abs)},
		{"floor", []kind{number}, false, number, ofNumber(math.Floor)},
		{"ceil", []kind{number}, false, number, ofNumber(math.Ceil)},
		{"round", []kind{number}, false, number, ofNumber(math.Round)},
		{"min", []kind{number}, true, number, ofNumbers(math.Min)},
		{"max", []kind{number}, true, number, ofNumbers(math.Max)},
		{"year", []kind{temporal}, false, number, ofTime(yearOf)},
		{"days", []kind{temporal}, false, number, ofTime(daysOf)},
		{"area", []kind{geometry}, false, number, area},
	}
}

// Functions lists the functions of our own: year is that in which a time begins,
// days how many it lasts, area that of a geometry in km².
func Functions() (list []FunctionInfo) {
	for _, f := range functions() {
		info := FunctionInfo{f.name, nil, f.returns.String(), f.more}
		for _, arg := range f.args {
			info.Args = append(info.Args, arg.String())
		}
		list = append(list, info)
	}
	return list
}

// function compiles a call of one of the functions, which must return what is wanted.
func (c *compiler) function(e Call, want kind) (valueFunc, error) {
	var names []string
	for _, f := range functions() {
		names = append(names, f.name)
		if !strings.EqualFold(f.name, e.Name) {
			continue
		}
		if len(e.Args) != len(f.args) && (!f.more || len(e.Args) == 0) {
			return nil, e.fail("%s takes %d argument, not %d", f.name, len(f.args), len(e.Args))
		}
		for _, arg := range e.Args {
			if kindOf(arg)&f.args[0] == 0 {
				return nil, arg.where().fail("%s needs %s here, not %s", f.name, f.args[0], kindOf(arg))
			}
		}
		if f.returns&want == 0 {
			return nil, e.fail("%s gives %s, not %s", f.name, f.returns, want)
		}
		return f.make(c, e.Args)
	}
	near := nearest(e.Name, names)
	if near == "" {
		return nil, e.fail("there is no function %s, only %s", e.Name, strings.Join(names, ", "))
	}
	return nil, e.fail("there is no function %s; did you mean %s?", e.Name, near)
}

func ofText(do func(string) geo.Value) func(*compiler, []Expr) (valueFunc, error) {
	return func(c *compiler, args []Expr) (valueFunc, error) {
		arg, err := c.value(args[0])
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) geo.Value {
			v := arg(f)
			if v.Kind() != geo.String {
				return geo.Value{}
			}
			return do(v.Text())
		}, nil
	}
}

func ofNumber(do func(float64) float64) func(*compiler, []Expr) (valueFunc, error) {
	return ofNumbers(func(_, x float64) float64 { return do(x) })
}

// ofNumbers applies do from left to right; a single number is both of its arguments.
func ofNumbers(do func(a, b float64) float64) func(*compiler, []Expr) (valueFunc, error) {
	return func(c *compiler, args []Expr) (valueFunc, error) {
		var values []valueFunc
		for _, arg := range args {
			v, err := c.value(arg)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		return func(f *geo.Feature) geo.Value {
			var result float64
			for i, value := range values {
				x, ok := value(f).Float()
				if !ok {
					return geo.Value{}
				}
				if i == 0 {
					result = x
				}
				if i > 0 || len(values) == 1 {
					result = do(result, x)
				}
			}
			return numberValue(result)
		}, nil
	}
}

func ofTime(do func(span) geo.Value) func(*compiler, []Expr) (valueFunc, error) {
	return func(c *compiler, args []Expr) (valueFunc, error) {
		get, err := c.time(args[0])
		if err != nil {
			return nil, err
		}
		return func(f *geo.Feature) geo.Value {
			s, ok := get(f)
			if !ok {
				return geo.Value{}
			}
			return do(s)
		}, nil
	}
}

// daysOf returns how many days s lasts, null if it is open.
func daysOf(s span) geo.Value {
	switch {
	case s.isNever():
		return geo.IntValue(0)
	case s.lo == past || s.hi == future:
		return geo.Value{}
	}
	return numberValue(float64(s.hi-s.lo) / float64(day))
}

func area(c *compiler, args []Expr) (valueFunc, error) {
	s, err := literal(args[0])
	if err != nil {
		return nil, err
	}
	if s != nil {
		v := numberValue(geo.Area(s.g))
		return func(*geo.Feature) geo.Value { return v }, nil
	}
	if err := c.place(args[0]); err != nil {
		return nil, err
	}
	return func(f *geo.Feature) geo.Value {
		if f.Geometry == nil {
			return geo.Value{}
		}
		return numberValue(geo.Area(f.Geometry))
	}, nil
}
