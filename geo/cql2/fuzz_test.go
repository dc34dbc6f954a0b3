package cql2_test

import (
	"testing"
	"time"

	"kharita/geo"
	"kharita/geo/cql2"
)

// FuzzText: nothing makes the parser panic, and what it reads is written so that
// it reads the same again, also by way of JSON.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"a = 1 AND NOT (b LIKE 'x%' OR c IS NULL)",
		"-a ^ 2 + 3.5e-7 * (b - 1) div 4 <> -1",
		`"a ""b" IN ('it''s', casei('\n\\'), TRUE)`,
		"T_METBY(INTERVAL(start, '..'), INTERVAL('2014-06', TIMESTAMP('2015-06-29T12:00:00.5+03:00')))",
		"S_WITHIN(g, GEOMETRYCOLLECTION(POINT Z(1 2 3), MULTIPOINT(1 2, (3 4)), POLYGON((0 0, 1 0, 1 1, 0 0))))",
		"A_EQUALS((1, ('a'), ((2))), f(g, (x + 1) * 2, ()))",
		"a BETWEEN DATE('-0043') AND DATE('2014') AND S_INTERSECTS(BBOX(170, -1, -170, 1), geometry)",
		"ACCENTI(الاسم) LIKE ACCENTI('%بَغداد_')",
	} {
		f.Add(s)
	}
	features, schema := shore(f)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := cql2.ParseText(s)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		roundTrip(t, e)
		exercise(t, e, features[:4], schema)
	})
}

// FuzzJSON is the same from the other side.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"op":"and","args":[{"op":"isNull","args":[{"property":"a b"}]},{"op":"in","args":[-1.50e2,[1,{"op":"+","args":[1,2]}]]}]}`,
		`{"op":"t_finishedBy","args":[{"interval":["..",{"property":"b"}]},{"interval":["2014-01-01","2015-06-29T12:00:00Z"]}]}`,
		`{"op":"s_overlaps","args":[{"bbox":[1,2,0,3,4,5]},{"type":"MultiLineString","coordinates":[[[0,0,1],[1,1]]]}]}`,
		`{"op":"a_containedBy","args":[[["a"],[],{"date":"2014-06"}],{"property":"tags"}]}`,
		`{"op":"like","args":[{"op":"casei","args":["\\\u0007'"]},{"op":"accenti","args":["\u0301%\\"]}]}`,
		`{"op":"f","args":[[1],[[true]],{"op":"g","args":[]}]}`,
	} {
		f.Add([]byte(s))
	}
	features, schema := shore(f)
	f.Fuzz(func(t *testing.T, s []byte) {
		e, err := cql2.ParseJSON(s)
		if err != nil {
			return
		}
		roundTrip(t, e)
		exercise(t, e, features[:4], schema)
	})
}

// exercise compiles e and asks it of some features, of which the hints must allow
// what it selects.
func exercise(t *testing.T, e cql2.Expr, features []geo.Feature, s cql2.Schema) {
	t.Helper()
	begin := time.Now()
	defer func() {
		if d := time.Since(begin); d > 3*time.Second {
			t.Errorf("%s took %v", e, d)
		}
	}()
	match, err := cql2.Compile(e, s)
	h := cql2.Necessary(e, s)
	if err != nil {
		return
	}
	for i := range features {
		if match(&features[i]) && !allows(h, &features[i]) {
			t.Errorf("%s selects %s, which its hints leave out", e, features[i].ID)
		}
	}
}
