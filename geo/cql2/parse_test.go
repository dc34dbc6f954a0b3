package cql2_test

import (
	"errors"
	"strings"
	"testing"

	"kharita/geo"
	"kharita/geo/cql2"
)

// TestText: what is read, and how it is written again.
func TestText(t *testing.T) {
	for _, c := range [][2]string{ // "": as it stands
		{"a = 1", ""},
		{"a=1.50", "a = 1.5"},
		{"a = 1E3 or b <> -.5", "a = 1000 OR b <> -0.5"},
		{"NOT a = 1 and b=2 or c = 3", "NOT a = 1 AND b = 2 OR c = 3"},
		{"a = 1 AND (b = 2 OR c = 3)", ""},
		{"(a = 1 AND b = 2) AND c = 3", ""},
		{"((a = 1)) AND b = 2 AND c = 3", "a = 1 AND b = 2 AND c = 3"},
		{"not(not (a))", "NOT (NOT a)"},
		{"NOT (a OR b)", ""},
		{"a NOT IN (1,2)", "NOT a IN (1, 2)"},
		{"a NOT LIKE 'x' OR a NOT BETWEEN 1 AND 2", "NOT a LIKE 'x' OR NOT a BETWEEN 1 AND 2"},
		{"a BETWEEN 1 + 1 AND 3 AND b IS NOT NULL", "a BETWEEN 1 + 1 AND 3 AND NOT b IS NULL"},
		{"1 + 2 * 3 - 4 = a", ""},
		{"(1 + 2) * (3 - (4 - 5)) = a", ""},
		{"8 / (4 / 2) DIV 1 % 3 = a", "8 / (4 / 2) div 1 % 3 = a"},
		{"-a ^ 2 = (-2) ^ b", "(-1 * a) ^ 2 = -2 ^ b"},
		{"(a ^ 2) ^ 3 = +4", "(a ^ 2) ^ 3 = 4"},
		{"a - -1 = b", ""},
		{"-9223372036854775808 < a", "-9.223372036854776e+18 < a"},
		{"9007199254740993 = a", ""},
		{`"a b" = "c""d"`, ""},
		{`"date" = 'x' AND "Like" = date`, `"date" = 'x' AND "Like" = "date"`},
		{`"plain" = eo:cloud.cover_1`, "plain = eo:cloud.cover_1"},
		{"اسم = 'بغداد'", ""},
		{`a = 'it''s \'\\ \n \%'`, `a = 'it''s ''\\ \n \\%'`},
		{"CaseI(Accenti(a)) like casei('X%')", "CASEI(ACCENTI(a)) LIKE CASEI('X%')"},
		{"f() AND Gee(1, 'a', (1, 2), ((3)), b + 1)", "f() AND Gee(1, 'a', (1, 2), ((3)), b + 1)"},
		{"a_equals((1), ()) OR A_OVERLAPS(((1)), ((a + 1) * 2, (a AND b) OR c))", "A_EQUALS((1), ()) OR A_OVERLAPS(((1)), ((a + 1) * 2, a AND b OR c))"},
		{"s_within(g, bbox(1,2,3,4))", "S_WITHIN(g, BBOX(1, 2, 3, 4))"},
		{"S_WITHIN(g, ENVELOPE(170, -1, 0, -170, 1, 9))", "S_WITHIN(g, BBOX(170, -1, -170, 1))"},
		{"S_EQUALS(g, point z (1 -2.50 3))", "S_EQUALS(g, POINT(1 -2.5))"},
		{"S_EQUALS(g, MultiPoint(1 2, (3 4)))", "S_EQUALS(g, MULTIPOINT((1 2), (3 4)))"},
		{"S_EQUALS(point, LINESTRING(1e-7 0, -0.0 1))", `S_EQUALS("point", LINESTRING(1e-07 0, 0 1))`},
		{"S_EQUALS(g, POLYGON((0 0,1 0,1 1,0 0),(0.1 0.1,0.2 0.1,0.2 0.2,0.1 0.1)))", "S_EQUALS(g, POLYGON((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1)))"},
		{"S_EQUALS(g, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5))))", ""},
		{"S_EQUALS(g, GEOMETRYCOLLECTION(POINT(1 2), MULTILINESTRING((0 0, 1 1), (2 2, 3 3))))", ""},
		{"a > DATE('2015-06-29') AND a < timestamp('2015-06-29t12:00:00+03:00')", "a > DATE('2015-06-29') AND a < TIMESTAMP('2015-06-29T09:00:00Z')"},
		{"a = TIMESTAMP('2015-06-29T00:00:00.1239Z')", "a = TIMESTAMP('2015-06-29T00:00:00.123Z')"},
		{"a = DATE('-0043') OR a = DATE('2015-06')", ""},
		{"T_DURING(INTERVAL(a, '..'), INTERVAL('2014-01-01', '2015-01-01T00:00:00Z'))", ""},
		{"T_DURING(INTERVAL(DATE('2014'), f(a)), interval('..','..'))", "T_DURING(INTERVAL('2014', f(a)), INTERVAL('..', '..'))"},
		{"(a = 1) IS NULL AND a + 1 IS NULL", ""},
		{"(a = 1) = (b = 2)", ""},
		{"\u00a0a\u2003=\u30001\u0085", "a = 1"},
	} {
		e, err := cql2.ParseText(c[0])
		if err != nil {
			t.Error(err)
			continue
		}
		want := c[1]
		if want == "" {
			want = c[0]
		}
		if got := e.String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, want)
		}
		roundTrip(t, e)
	}
}

// roundTrip writes e as text and JSON, and reads both back.
func roundTrip(tb testing.TB, e cql2.Expr) {
	tb.Helper()
	text, json := e.String(), string(cql2.AppendJSON(nil, e))
	for name, read := range map[string]func() (cql2.Expr, error){
		"text": func() (cql2.Expr, error) { return cql2.ParseText(text) },
		"json": func() (cql2.Expr, error) { return cql2.ParseJSON([]byte(json)) },
	} {
		again, err := read()
		if err != nil {
			tb.Fatalf("%s of %s: %v", name, text, err)
		}
		if got := again.String(); got != text {
			tb.Fatalf("by %s\n got %s\nwant %s", name, got, text)
		}
		if got := string(cql2.AppendJSON(nil, again)); got != json {
			tb.Fatalf("by %s\n got %s\nwant %s", name, got, json)
		}
	}
}

// TestJSON: the two encodings of one tree.
func TestJSON(t *testing.T) {
	for text, json := range map[string]string{
		"a = 1 AND b AND NOT c IS NULL":         `{"op":"and","args":[{"op":"=","args":[{"property":"a"},1]},{"property":"b"},{"op":"not","args":[{"op":"isNull","args":[{"property":"c"}]}]}]}`,
		"f('x', TRUE) <> -1 * a div 2":          `{"op":"<>","args":[{"op":"f","args":["x",true]},{"op":"div","args":[{"op":"*","args":[-1,{"property":"a"}]},2]}]}`,
		"a IN ('x', CASEI('y'))":                `{"op":"in","args":[{"property":"a"},["x",{"op":"casei","args":["y"]}]]}`,
		"T_METBY(INTERVAL(a, '..'), valid)":     `{"op":"t_metBy","args":[{"interval":[{"property":"a"},".."]},{"property":"valid"}]}`,
		"t = DATE('2015-06-29')":                `{"op":"=","args":[{"property":"t"},{"date":"2015-06-29"}]}`,
		"t = TIMESTAMP('2015-06-29T10:00:00Z')": `{"op":"=","args":[{"property":"t"},{"timestamp":"2015-06-29T10:00:00Z"}]}`,
		"S_TOUCHES(g, BBOX(1, 2, 3, 4))":        `{"op":"s_touches","args":[{"property":"g"},{"bbox":[1,2,3,4]}]}`,
		"S_TOUCHES(g, GEOMETRYCOLLECTION(POINT(1 2), MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))))": `{"op":"s_touches","args":[{"property":"g"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}]}]}`,
		"A_CONTAINS(a, (1, ('b')))": `{"op":"a_contains","args":[{"property":"a"},[1,["b"]]]}`,
	} {
		e, err := cql2.ParseText(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := string(cql2.AppendJSON(nil, e)); got != json {
			t.Errorf("%s\n got %s\nwant %s", text, got, json)
		}
		e, err = cql2.ParseJSON([]byte(json))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := e.String(); got != text {
			t.Errorf("%s\n got %s\nwant %s", json, got, text)
		}
	}
}

// TestErrors: where an error points, marked by ‸ in front of the character, and
// what it says.
func TestErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"‸", "a property, a value or a function is missing here"},
		{"a = ‸", "is missing here"},
		{"a = 1 ‸b = 2", "AND, OR or the end is missing here"},
		{"a ‸== 1", "single ="},
		{"a ‸!= 1", "<>"},
		{"a = 1 ‸&& b", "write AND"},
		{"a = ‸'x", "no closing quote"},
		{"a = ‸\"x", "no closing quote"},
		{"a = ‸“x”", "straight single quotes"},
		{"‸{\"op\":\"=\"}", "cql2-json"},
		{"a ‸# 1", "no meaning"},
		{"a = ‸\xff", "not UTF-8"},
		{"a = ‸'\xff'", "not UTF-8"},
		{"اسم = ‸«", "no meaning"},
		{"‸a + 1", "a filter is true or false, this is a number"},
		{"‸'a'", "this is a text"},
		{"a = 1‸e", "exponent"},
		{"a = 1‸x", "without a space"},
		{"a = ‸1e999", "too large"},
		{"a = 1 ‸= b", "needs brackets"},
		{"2 ^ a ‸^ 3 = 1", "needs brackets"},
		{"a = b ‸IS NULL", "needs brackets"},
		{"1 = ‸'a'", "a text can't be compared with a number"},
		{"'a' = ‸DATE('2015-06-29')", "a date can't be compared with a text"},
		{"DATE('2015-06-29') > ‸'2015-06-29'", "write DATE('2015-06-29')"},
		{"1 IN (1, ‸'b')", "can't be compared"},
		{"a IN ‸1", "( is missing"},
		{"a IN (‸)", "is missing"},
		{"a BETWEEN 1 ‸OR 2", "AND, as in BETWEEN"},
		{"a IS ‸5", "NULL is missing"},
		{"a LIKE ‸b", "a pattern of LIKE"},
		{"‸5 LIKE 'a'", "LIKE needs a text here, not a number"},
		{"a + ‸'b' = 1", "+ needs a number"},
		{"‸1 AND a", "AND needs a truth value"},
		{"a = ‸like", "can't stand here"},
		{"a = ‸(1, 2)", "a list can stand only in IN"},
		{"‸CASEI(a, b) = 'a'", "CASEI takes 1 arguments, not 2"},
		{"S_INTERSECTS(g, ‸5)", "S_INTERSECTS needs a geometry"},
		{"S_INTERSECTS(g, POINT(1‸))", "a number is missing"},
		{"S_INTERSECTS(g, POINT(1 2 3 4 ‸5))", ") is missing"},
		{"S_INTERSECTS(g, POINT‸(1 2, 3 4))", "one position"},
		{"S_INTERSECTS(g, POINT (‸a b))", "a number is missing"},
		{"S_INTERSECTS(g, LINESTRING‸(1 2))", "two positions"},
		{"S_INTERSECTS(g, POLYGON(‸(0 0, 1 1, 0 0)))", "four positions"},
		{"S_INTERSECTS(g, POLYGON(‸(0 0, 1 0, 1 1, 0 1)))", "not closed"},
		{"S_INTERSECTS(g, POLYGON ‸EMPTY)", "nowhere"},
		{"S_INTERSECTS(g, MULTIPOINT Z ‸EMPTY)", "nowhere"},
		{"S_INTERSECTS(g, GEOMETRYCOLLECTION(‸CIRCLE(1 2)))", "a geometry is missing"},
		{"S_INTERSECTS(g, POINT(‸1e10 0))", "a billion"},
		{"S_INTERSECTS(g, ‸BBOX(1, 2, 3))", "four numbers"},
		{"S_INTERSECTS(g, ‸BBOX(1, 5, 3, 2))", "west, south, east, north"},
		{"a = DATE('2015-‸13-01')", "month"},
		{"a = DATE('‸2015/2016')", "INTERVAL"},
		{"a = DATE(‸5)", "single quotes"},
		{"a = DATE('‸..')", "two ends"},
		{"a = DATE('‸2015~')", "exact"},
		{"a = DATE(‸'2015-06-29T10:00:00Z')", "TIMESTAMP"},
		{"a = TIMESTAMP(‸'2015-06-29')", "time of day"},
		{"a = TIMESTAMP('2015-06-29T10:00:00‸')", "Z or an offset"},
		{"T_DURING(INTERVAL('2015-01-01', '‸2014-01-01'), a)", "ends before it starts"},
		{"T_DURING(INTERVAL('2015-01-01', '‸2014/2015'), a)", "INTERVAL"},
		{"T_DURING(INTERVAL('2015-01-01'‸), a)", ", is missing"},
		{"T_DURING(INTERVAL(‸5, '..'), a)", "an end of an INTERVAL"},
		{"T_DURING(a, ‸DATE('2015-01-01'))", "write INTERVAL"},
		{"T_AFTER(a, ‸'2015-01-01')", "write DATE('2015-01-01')"},
		{"A_EQUALS(a, ‸'b')", "A_EQUALS needs a list"},
	} {
		marks := strings.Split(c[0], "‸")
		input := strings.Join(marks, "")
		_, err := cql2.ParseText(input)
		check(t, input, err, len(marks[0]), c[1])
	}
	for _, c := range [][2]string{
		{`‸`, "ends too early"},
		{`{"op":"=","args":[1,‸`, "ends too early"},
		{`{"op" ‸"="}`, "not JSON"},
		{`true ‸true`, "one expression"},
		{`‸null`, "isNull"},
		{`‸{}`, "an object is"},
		{`{"property":‸5}`, "is a name"},
		{`{"property":"a","x":‸5}`, `"x" means nothing`},
		{`{"op":‸5,"args":[]}`, "op is the name"},
		{`‸{"op":"and"}`, "needs args"},
		{`{"op":‸"a b","args":[]}`, "can't be the name"},
		{`{"op":‸"point","args":[]}`, "can't be the name"},
		{`‸{"op":"and","args":[true]}`, "AND takes 2 arguments, not 1"},
		{`{"op":"=","args":[1,‸"a"]}`, "can't be compared"},
		{`{"op":"=",‸"op":1}`, "twice"},
		{`{"op":"in","args":[{"property":"a"},‸{"property":"b"}]}`, "IN needs a list"},
		{`{"op":"in","args":[{"property":"a"},‸[]]}`, "at least one"},
		{`{"op":"=","args":[{"property":"a"},{"date":‸"2015-06-29T10:00:00Z"}]}`, "TIMESTAMP"},
		{`{"op":"=","args":[{"property":"a"},{"date":‸5}]}`, "a date is a text"},
		{`{"op":"t_after","args":[{"property":"a"},{"interval":‸["2014"]}]}`, "its start and its end"},
		{`{"op":"s_within","args":[{"property":"a"},{"bbox":‸5}]}`, "list of numbers"},
		{`{"op":"s_within","args":[{"property":"a"},‸{"type":"Circle"}]}`, "no type of geometry"},
		{`{"op":"s_within","args":[{"property":"a"},‸{"type":"Point"}]}`, "list of numbers"},
		{`{"op":"s_within","args":[{"property":"a"},{"type":"LineString","coordinates":[[1,2],‸[3]]}]}`, "two numbers"},
		{`{"op":"s_within","args":[{"property":"a"},‸{"type":"MultiPoint","coordinates":[]}]}`, "nowhere"},
		{`‸[1,2]`, "this is a list"},
	} {
		marks := strings.Split(c[0], "‸")
		input := strings.Join(marks, "")
		_, err := cql2.ParseJSON([]byte(input))
		check(t, input, err, len(marks[0]), c[1])
	}
}

func check(t *testing.T, input string, err error, offset int, reason string) {
	t.Helper()
	var e *cql2.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want an error", input, err)
		return
	}
	if e.Offset != offset || !strings.Contains(e.Reason, reason) || e.Input != input {
		t.Errorf("%s: got %q at %d, want %q at %d", input, e.Reason, e.Offset, reason, offset)
	}
}

// TestCompileErrors: what only the schema shows.
func TestCompileErrors(t *testing.T) {
	schema := cql2.Schema{Names: geo.NewNames("name", "الاسم", "start"), Geometry: "geom"}
	for _, c := range [][2]string{
		{"‸nam = 'a'", "there is no property nam; did you mean name?"},
		{"‸NAME = 'a'", "did you mean name?"},
		{"‸tsart IS NULL", "did you mean start?"},
		{"name = 'a' AND ‸الأسم = 'a'", "did you mean الاسم?"},
		{"name = ‸\"Aleppo\"", "there is no property Aleppo"},
		{"‸geometry < 5", "can't be compared"},
		{"S_WITHIN(‸name, POINT(1 2))", "that of a feature is called geom"},
		{"S_WITHIN(geom, ‸POLYGON((0 0, 2 0, 0 2, 2 2, 0 0)))", "not valid"},
		{"S_WITHIN(geom, ‸f(1))", "gives no geometry"},
		{"‸lenth(name) = 5", "there is no function lenth; did you mean length?"},
		{"‸buffer(name) = 5", "there is no function buffer, only lower"},
		{"‸length(name, name) = 5", "length takes 1 argument, not 2"},
		{"length(‸5) = 5", "length needs a text"},
		{"‸length(name)", "length gives a number, not a truth value"},
		{"name < ‸TRUE", "no order"},
		{"T_AFTER(‸geom, DATE('2015'))", "is no time"},
		{"T_AFTER(INTERVAL(‸id, '..'), DATE('2015'))", "can't be the end"},
		{"A_CONTAINS(‸id, ('a'))", "is no list"},
		{"A_CONTAINS(name, (‸POINT(1 2)))", "can't be compared in a list"},
		{"name LIKE ‸'" + strings.Repeat("_", cql2.MaxPattern+1) + "'", "at most 1024 bytes"},
	} {
		marks := strings.Split(c[0], "‸")
		input := strings.Join(marks, "")
		e, err := cql2.ParseText(input)
		if err != nil {
			t.Error(err)
			continue
		}
		_, err = cql2.Compile(e, schema)
		check(t, input, err, len(marks[0]), c[1])
	}
	_, err := cql2.ParseText("name = 'بغداد' AND (وصف")
	if want := "filter: ) is missing here (at character 24: the end)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestMadeByHand: trees that no parser would make.
func TestMadeByHand(t *testing.T) {
	if match, err := cql2.Compile(nil, cql2.Schema{}); err != nil || !match(&geo.Feature{}) {
		t.Errorf("nil is not true: %v", err)
	}
	for _, e := range []cql2.Expr{
		cql2.Call{Op: cql2.And},
		cql2.Call{Op: 200},
		cql2.Call{Op: cql2.Not, Args: []cql2.Expr{nil}},
		cql2.Call{Name: "length", Args: []cql2.Expr{nil}},
		cql2.Call{Op: cql2.In, Args: []cql2.Expr{cql2.Property{Name: "id"}, cql2.Property{Name: "id"}}},
		cql2.Array{Items: []cql2.Expr{nil}},
		cql2.Literal{},
		cql2.Geometry{},
		cql2.Call{Op: cql2.SWithin, Args: []cql2.Expr{cql2.Property{Name: "geometry"}, cql2.Geometry{}}},
		cql2.Interval{},
	} {
		var wrong *cql2.Error
		if _, err := cql2.Compile(e, cql2.Schema{}); err != nil && !errors.As(err, &wrong) {
			t.Errorf("%#v: %v", e, err)
		}
	}
}

// TestBounds: what is too long, too deep or meant to take long.
func TestBounds(t *testing.T) {
	for name, input := range map[string]string{
		"length":    "a = '" + strings.Repeat("x", cql2.MaxLength) + "'",
		"brackets":  strings.Repeat("(", 100_000) + "a = 1" + strings.Repeat(")", 100_000),
		"not":       strings.Repeat("NOT ", 60_000) + "a = 1",
		"minus":     strings.Repeat("-", 200_000) + "a = 1",
		"sum":       "a = 1" + strings.Repeat("+1", 100_000),
		"lists":     "A_EQUALS(a, " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000) + ")",
		"doubling":  "f(" + strings.Repeat("(", 180) + "a" + strings.Repeat("+1)", 180) + ") = 1",
		"functions": strings.Repeat("f(", 100_000) + "1" + strings.Repeat(")", 100_000),
		"geometry":  "S_WITHIN(g, " + strings.Repeat("GEOMETRYCOLLECTION(", 10_000) + "POINT(1 2)" + strings.Repeat(")", 10_001),
	} {
		var e *cql2.Error
		if _, err := cql2.ParseText(input); !errors.As(err, &e) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, input := range map[string]string{
		"length": `"` + strings.Repeat("x", cql2.MaxLength) + `"`,
		"lists":  strings.Repeat("[", 100_000),
		"not":    strings.Repeat(`{"op":"not","args":[`, 10_000) + "true" + strings.Repeat("]}", 10_000),
		"deep":   strings.Repeat(`{"op":"not","args":[`, cql2.MaxDepth) + "true" + strings.Repeat("]}", cql2.MaxDepth),
	} {
		var e *cql2.Error
		if _, err := cql2.ParseJSON([]byte(input)); !errors.As(err, &e) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	deepest := strings.Repeat(`{"op":"not","args":[`, cql2.MaxDepth-1) + "true" + strings.Repeat("]}", cql2.MaxDepth-1)
	e, err := cql2.ParseJSON([]byte(deepest))
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, e)
}
