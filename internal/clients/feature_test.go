//go:build clients

package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A feature is one of a GeoJSON file, ours or a client's.
type feature struct {
	ID         any            `json:"id"`
	Geometry   any            `json:"geometry"`
	Properties map[string]any `json:"properties"`
	Time       struct {
		Interval [2]string `json:"interval"` // JSON-FG
	} `json:"time"`
}

// id is the feature's id as text.
func (f feature) id() string { return fmt.Sprint(f.ID) }

func readFeatures(t *testing.T, file []byte) []feature {
	t.Helper()
	var c struct{ Features []feature }
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		t.Fatalf("%v in %.300s", err, file)
	}
	return c.Features
}

// withEnds adds to features of a file what they have beside it where they are asked
// for: the ends of their valid time, both included, as date-times.
func withEnds(features []feature) []feature {
	for _, f := range features {
		for i, name := range []string{"valid_from", "valid_until"} {
			switch text := f.Time.Interval[i]; len(text) {
			case 0, len(".."):
			case len(time.DateOnly):
				f.Properties[name] = text + [2]string{"T00:00:00Z", "T23:59:59.999Z"}[i]
			default:
				f.Properties[name] = text
			}
		}
	}
	return features
}

// same reports every difference between what a client read and our own file:
// ids, geometries to 1e-7 degrees, properties. At most ten are told.
func same(t *testing.T, got, want []feature) {
	t.Helper()
	told := 0
	report := func(format string, args ...any) {
		t.Helper()
		if told++; told <= 10 {
			t.Errorf(format, args...)
		}
	}
	if len(got) != len(want) {
		report("got %d features, want %d", len(got), len(want))
	}
	byID := map[string]feature{}
	for _, f := range got {
		if _, twice := byID[f.id()]; twice {
			report("%s: twice", f.id())
		}
		byID[f.id()] = f
	}
	for _, w := range want {
		id := w.id()
		g, ok := byID[id]
		if !ok {
			report("%s: missing", id)
			continue
		}
		if !alike(g.Geometry, w.Geometry) {
			report("%s: got geometry %.200v, want %.200v", id, g.Geometry, w.Geometry)
		}
		names := map[string]bool{}
		for name := range maps.Keys(g.Properties) {
			names[name] = true
		}
		for name := range maps.Keys(w.Properties) {
			names[name] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			g, w := plain(g.Properties[name]), plain(w.Properties[name])
			if g == "" && w == nil { // a column of text
				continue
			}
			if n, ok := w.(json.Number); ok && n.String() == g { // a number where others are text
				continue
			}
			if !alike(g, w) {
				report("%s: %s: got %.200v (%T), want %.200v (%T)", id, name, g, g, w, w)
			}
		}
	}
}

// alike compares JSON; numbers may differ by 1e-7, or by that part of them if they are large.
func alike(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		if !ok {
			return false
		}
		x, _, errX := big.ParseFloat(a.String(), 10, 64, big.ToNearestEven)
		y, _, errY := big.ParseFloat(b.String(), 10, 64, big.ToNearestEven)
		if errX != nil || errY != nil {
			return false
		}
		d, _ := new(big.Float).Sub(x, y).Float64()
		f, _ := x.Float64()
		return math.Abs(d) <= 1e-7 || math.Abs(d) <= 1e-15*math.Abs(f)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, alike)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, alike)
	}
	return a == b
}

// slashed is a date or a date-time as GDAL writes them.
var slashed = regexp.MustCompile(`^(\d{4})/(\d\d)/(\d\d)(?: (\d\d:\d\d:\d\d)(\+\d\d))?$`)

// plain undoes what GDAL makes of values that it has no type for: a list or an
// object is text, and a date is written in its way where others are no dates.
func plain(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if m := slashed.FindStringSubmatch(s); m != nil {
		if s = strings.Join(m[1:4], "-"); m[4] != "" {
			s += "T" + m[4] + m[5] + ":00"
		}
	}
	if i, err := time.Parse(time.RFC3339, s); err == nil {
		return i.UTC()
	}
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{") {
		var w any
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		if d.Decode(&w) == nil && !d.More() {
			return w
		}
	}
	return s
}
