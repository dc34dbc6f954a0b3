package layerstest

import (
	compare "cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// queries compares a Source of seeded features with a walk over them.
func queries(t *testing.T, newSource New) {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 12))
	features := seeded(r, 400)
	s := newSource(t, features)
	whole := ids(collect(t, s, layers.Query{}))
	if got, want := slices.Sorted(slices.Values(whole)), slices.Sorted(slices.Values(ids(features))); !slices.Equal(got, want) {
		t.Fatalf("the zero query gives %d features, not all %d", len(got), len(want))
	}
	place := map[string]int{} // in the source's order
	for i, id := range whole {
		place[id] = i
	}
	orders := rand.New(rand.NewPCG(15, 16))
	for i := range 600 {
		q := question(r)
		stable(t, s, q, features)
		if i%2 == 0 {
			q.Filter = someFilter(t, r)
		}
		want := walk(features, q)
		slices.SortFunc(want, func(a, b string) int { return place[a] - place[b] })
		if d := cmp.Diff(want, ids(collect(t, s, q))); d != "" {
			t.Fatalf("%+v: %s", q, d)
		}
		if n, known, err := s.Count(context.Background(), q, 0); err != nil || !known || n != len(want) {
			t.Fatalf("%+v: count %d, %v, want %d", q, n, err, len(want))
		}
		if n, known, err := s.Count(context.Background(), q, 1+r.IntN(50)); err != nil || known && n != len(want) {
			t.Fatalf("%+v: with little effort %d, %v, want %d", q, n, err, len(want))
		}
		paging(t, s, q, want, 1+r.IntN(20))
		if i%5 == 0 {
			q.Order = someOrder(orders)
			want = inOrder(features, want, q.Order)
			if d := cmp.Diff(want, ids(collect(t, s, q))); d != "" {
				t.Fatalf("%+v: %s", q, d)
			}
			paging(t, s, q, want, 1+orders.IntN(20))
		}
	}
	for _, f := range features {
		got, err := s.Feature(context.Background(), f.ID.String())
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != f.ID || got.Valid != f.Valid || !sameShape(got.Geometry, f.Geometry) || got.Properties.Get("n") != f.Properties.Get("n") || got.Properties.Get("text") != f.Properties.Get("text") {
			t.Errorf("%s: got %+v, want %+v", f.ID, got, f)
		}
	}
	if _, err := s.Feature(context.Background(), "no such"); !errors.Is(err, layers.ErrNotFound) {
		t.Errorf("a feature that is not there: %v", err)
	}
	for _, err := range s.Features(context.Background(), layers.Query{After: "not a cursor of it"}) {
		if !errors.Is(err, layers.ErrInvalid) {
			t.Errorf("a made-up cursor: %v", err)
		}
	}
	for _, q := range []layers.Query{{Order: []layers.Order{{Property: "no such"}}}, {Order: []layers.Order{{Property: "n"}}, After: "[1]"}, {Order: []layers.Order{{Property: "n"}}, After: `[[],"a"]`}} {
		for _, err := range s.Features(context.Background(), q) {
			if !errors.Is(err, layers.ErrInvalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
	}
	unknown := layers.Query{Filter: cql2.Call{Op: cql2.IsNull, Args: []cql2.Expr{cql2.Property{Name: "no such"}}}}
	var wrong *cql2.Error
	if _, _, err := s.Count(context.Background(), unknown, 0); !errors.As(err, &wrong) {
		t.Errorf("a filter of a property that there is none of: %v", err)
	}
	for _, err := range s.Features(context.Background(), unknown) {
		if !errors.As(err, &wrong) {
			t.Errorf("a filter of a property that there is none of: %v", err)
		}
	}
	if p, err := s.Stable(context.Background(), layers.Query{Valid: period.Never}); err != nil || !p.IsNever() {
		t.Errorf("stable of never: %v, %v", p, err)
	}
	empty := newSource(t, nil)
	if n := len(collect(t, empty, layers.Query{})); n != 0 {
		t.Errorf("an empty source has %d features", n)
	}
	if p, err := empty.Stable(context.Background(), layers.Query{Valid: period.At(0)}); err != nil || !p.IsAlways() {
		t.Errorf("an empty source is stable for %v, %v", p, err)
	}
}

func sameShape(a, b orb.Geometry) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return orb.Equal(a, b)
}

// seeded returns n features of all shapes and kinds of time, some at the
// antimeridian and some that only their bound touches what they don't.
func seeded(r *rand.Rand, n int) []geo.Feature {
	names := geo.NewNames("n", "text", "mixed")
	features := make([]geo.Feature, n)
	values := rand.New(rand.NewPCG(13, 14))
	for i := range features {
		x, y := 360*r.Float64()-180, 160*r.Float64()-80
		if i%5 == 0 { // many where the queries are
			x, y = 20*r.Float64(), 20*r.Float64()
		}
		d := 5 * r.Float64()
		hook := orb.Ring{{x, y}, {x + d, y}, {x + d, y + d/5}, {x + d/5, y + d/5}, {x + d/5, y + d}, {x, y + d}, {x, y}}
		if x+d > 180 {
			hook = orb.Ring{{180, y}, {175, y}, {180, y + 1}, {180, y}}
		}
		var g orb.Geometry
		switch i % 6 {
		case 0:
			g = orb.Point{x, y}
		case 1:
			g = orb.Polygon{hook}
		case 2:
			g = orb.MultiPolygon{{hook}, {{{-180, y}, {-179, y}, {-180, y + 1}, {-180, y}}}}
		case 3:
			g = orb.LineString{hook[0], hook[2], hook[4]}
		case 4:
			g = orb.MultiPoint{hook[0], hook[2]}
		case 5:
			if i%30 == 5 {
				break // no place
			}
			g = orb.Polygon{hook, {hook[0], hook[0], hook[0], hook[0]}}
		}
		features[i] = geo.Feature{
			ID: geo.TextID(fmt.Sprintf("f/%03d", n-i)), Geometry: g, Valid: someValid(r),
			Properties: geo.NewProperties(names, []geo.Value{geo.IntValue(int64(i)), geo.StringValue("نص " + strconv.Itoa(i)), someValue(values)}),
		}
	}
	return features
}

// someValid returns one of the kinds of valid time, its ends among few instants,
// so that many are shared.
func someValid(r *rand.Rand) period.Valid {
	some := func() period.Period {
		from := period.Instant(r.IntN(100))
		switch r.IntN(6) {
		case 0:
			return period.From(from)
		case 1:
			return period.Until(from)
		default:
			return period.New(from, from+1+period.Instant(r.IntN(30)))
		}
	}
	switch r.IntN(10) {
	case 0:
		return period.Valid{}
	case 1:
		return period.Exactly(period.Never)
	case 2:
		return period.Valid{Possible: some(), Certain: period.Never}
	case 3, 4:
		p := some()
		return period.Valid{Possible: p, Certain: p.Intersect(some())}
	}
	return period.Exactly(some())
}

// someValue returns one of few, so that many are equal, or null.
func someValue(r *rand.Rand) geo.Value {
	switch n := r.IntN(10); n {
	case 0, 1:
		return geo.Value{}
	case 2:
		return geo.BoolValue(r.IntN(2) == 0)
	case 3:
		return geo.FloatValue(float64(r.IntN(8)) / 2)
	case 4, 5:
		return geo.StringValue([]string{"", "a", "B", "ب", "\"\n"}[r.IntN(5)])
	default:
		return geo.IntValue(int64(n - 6))
	}
}

// someOrder returns an order in which many features are equal, or few.
func someOrder(r *rand.Rand) []layers.Order {
	list := []layers.Order{{Property: "mixed", Descending: r.IntN(2) == 0}}
	if r.IntN(2) == 0 {
		list = append(list, layers.Order{Property: []string{"n", "text"}[r.IntN(2)], Descending: r.IntN(2) == 0})
	}
	return list
}

// inOrder sorts ids of features.
func inOrder(features []geo.Feature, list []string, order []layers.Order) []string {
	byID := map[string]geo.Properties{}
	for _, f := range features {
		byID[f.ID.String()] = f.Properties
	}
	kind := map[geo.Kind]int{geo.Bool: 1, geo.Int: 2, geo.Float: 2, geo.String: 3, geo.Null: 4}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b string) int {
		for _, by := range order {
			x, y := byID[a].Get(by.Property), byID[b].Get(by.Property)
			c := compare.Compare(kind[x.Kind()], kind[y.Kind()])
			if f, ok := x.Float(); ok && c == 0 {
				g, _ := y.Float()
				c = compare.Compare(f, g)
			} else if c == 0 {
				c = compare.Compare(x.Text(), y.Text())
			}
			if by.Descending && !x.IsNull() && !y.IsNull() {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return compare.Compare(a, b)
	})
	return list
}

// question returns a query without Limit and After.
func question(r *rand.Rand) (q layers.Query) {
	box := func() orb.Bound {
		x, y := 40*r.Float64()-15, 40*r.Float64()-15
		if r.IntN(3) == 0 {
			x, y = 300*r.Float64()-180, 100*r.Float64()-80
		}
		d := math.Pow(60, r.Float64())
		return orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + d, y + d}}
	}
	switch r.IntN(5) {
	case 0:
	case 1: // over the antimeridian
		q.Bounds = []orb.Bound{{Min: orb.Point{178, -90}, Max: orb.Point{180, 90}}, {Min: orb.Point{-180, -90}, Max: orb.Point{-179.5, 90}}}
	case 2:
		q.Bounds = []orb.Bound{box(), box()} // which may overlap
	default:
		q.Bounds = []orb.Bound{box()}
	}
	at := period.Instant(r.IntN(140) - 5)
	switch r.IntN(6) {
	case 0:
	case 1:
		q.Valid = period.From(at)
	case 2:
		q.Valid = period.Until(at)
	case 3:
		q.Valid = period.New(at, at+1+period.Instant(r.IntN(20)))
	default:
		q.Valid = period.At(at)
	}
	if r.IntN(3) == 0 {
		q.Reading = period.Certain
	}
	return q
}

// someFilter returns one of a few filters, of which an index can tell much or nothing.
func someFilter(t *testing.T, r *rand.Rand) cql2.Expr {
	t.Helper()
	filters := []string{
		"n %% 3 = %d", "n > %d OR text LIKE '%%%[1]d'", "id = 'f/%03d'", "id IN ('f/%03d', 'f/007', 'no such')",
		"S_INTERSECTS(geometry, BBOX(%d, -10, 30, 20))", "S_WITHIN(geometry, POLYGON((0 0, %d 0, 20 20, 0 20, 0 0)))",
		"T_INTERSECTS(valid, TIMESTAMP('1970-01-01T00:00:00.%03dZ')) AND n < 300", "NOT T_AFTER(certain, TIMESTAMP('1970-01-01T00:00:00.%03dZ'))",
	}
	e, err := cql2.ParseText(fmt.Sprintf(filters[r.IntN(len(filters))], 1+r.IntN(20)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// walk answers q by looking at each feature.
func walk(features []geo.Feature, q layers.Query) (list []string) {
	var match cql2.Predicate
	if q.Filter != nil {
		var err error
		if match, err = cql2.Compile(q.Filter, cql2.Schema{Names: geo.NewNames("n", "text", "mixed")}); err != nil {
			panic(err) // someFilter's are right
		}
	}
	for _, f := range features {
		inTime := q.Valid.IsAlways() && q.Reading == period.Possible || f.Valid.In(q.Reading).Intersects(q.Valid)
		inSpace := len(q.Bounds) == 0
		for _, b := range q.Bounds {
			inSpace = inSpace || f.Geometry != nil && geo.Intersects(f.Geometry, b)
		}
		if inTime && inSpace && (match == nil || match(&f)) {
			list = append(list, f.ID.String())
		}
	}
	return list
}

// paging goes through the answer page by page: nothing is lost and nothing comes twice.
func paging(t *testing.T, s layers.Source, q layers.Query, want []string, limit int) {
	t.Helper()
	q.Limit = limit
	var got []string
	for {
		page := collect(t, s, q)
		if len(page) > limit {
			t.Fatalf("%+v: a page of %d", q, len(page))
		}
		got = append(got, ids(page)...)
		if len(page) < limit {
			break
		}
		if len(got) > len(want)+limit {
			t.Fatalf("%+v: no end", q)
		}
		q.After = s.Cursor(page[len(page)-1], q)
	}
	if len(q.Bounds) > 0 && len(q.Order) == 0 { // pages may come in an order of their own
		want = slices.Sorted(slices.Values(want))
		slices.Sort(got)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%+v in pages of %d: %s", q, limit, d)
	}
	if n, known, err := s.Count(context.Background(), q, 0); err != nil || !known || n != len(want) {
		t.Fatalf("%+v: limit and cursor change the count to %d, %v", q, n, err)
	}
}

// stable tests that an instant's answer stays the same in what Stable says, and
// changes at each of its ends.
func stable(t *testing.T, s layers.Source, q layers.Query, features []geo.Feature) {
	t.Helper()
	at, _ := q.Valid.Limits()
	if at == math.MinInt64 {
		at = 50
	}
	q.Valid = period.At(at)
	p, err := s.Stable(context.Background(), q)
	if err != nil || !p.Contains(at) {
		t.Fatalf("%+v: stable for %v, %v", q, p, err)
	}
	var window []geo.Feature
	for _, f := range features {
		if len(walk([]geo.Feature{f}, layers.Query{Bounds: q.Bounds})) > 0 {
			window = append(window, f)
		}
	}
	answer := func(i period.Instant) []string {
		return walk(window, layers.Query{Valid: period.At(i), Reading: q.Reading})
	}
	want := answer(at)
	lo, hi := p.Limits()
	for i := max(lo, -10); i < min(hi, 200); i++ {
		if d := cmp.Diff(want, answer(i)); d != "" {
			t.Fatalf("%+v: stable for %v, but not at %d: %s", q, p, i, d)
		}
	}
	if lo != math.MinInt64 && cmp.Equal(want, answer(lo-1)) || hi != math.MaxInt64 && cmp.Equal(want, answer(hi)) {
		t.Fatalf("%+v: stable for longer than %v", q, p)
	}
}
