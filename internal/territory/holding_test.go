package territory_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo/period"
	"kharita/internal/territory"
)

func spell(t *testing.T, start, end string) period.Valid {
	t.Helper()
	v, err := period.Ends{Uncertain: true}.ParsePair(start, end)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// war gives places one or two spells of one of two holders, some of them uncertain.
func war(n int) []territory.Place {
	rng := rand.New(rand.NewPCG(7, 7))
	places := scatter(n)
	for i := range places {
		day := 0
		for range rng.IntN(3) {
			day += rng.IntN(300)
			first := period.Date(2014, 1, 1+day)
			day += 20 + rng.IntN(300)
			last := period.Date(2014, 1, 1+day)
			v := period.Valid{Possible: period.New(first, last), Certain: period.New(first, last)}
			if rng.IntN(2) == 0 { // a start or an end in some month
				const month = 30 * 24 * 60 * 60 * 1000
				v.Possible = period.New(first-month, last)
				v.Certain = period.New(first, last-month)
			}
			places[i].Held = append(places[i].Held, territory.Holding{Holder: []string{"red", "blue"}[rng.IntN(2)], Valid: v})
		}
	}
	return places
}

type edge [2]orb.Point

// TestBordersAreTheOutline asks at every change, in both readings, for the edges
// that occur once among the cells held then, and expects those of the borders.
func TestBordersAreTheOutline(t *testing.T) {
	places := war(80)
	got := cells(t, places)
	for _, holder := range []string{"red", "blue"} {
		borders := territory.Borders(places, got, radius, holder)
		for _, r := range []period.Reading{period.Possible, period.Certain} {
			for _, at := range territory.Changes(places, holder) {
				want := map[edge]bool{}
				for i, p := range places {
					if p.HeldBy(holder, at, r) {
						eachEdge(got[i].Geometry, func(e edge) {
							if back := (edge{e[1], e[0]}); want[back] {
								delete(want, back)
							} else {
								want[e] = true
							}
						})
					}
				}
				seen := map[edge]bool{}
				for _, b := range borders {
					if !b.Valid.Contains(at) || r == period.Possible && !b.Possible || r == period.Certain && !b.Certain {
						continue
					}
					for _, l := range b.Line {
						for k := 1; k < len(l); k++ {
							e := edge{l[k-1], l[k]}
							if seen[e] {
								t.Fatalf("%s at %v: the edge %v is there twice", holder, at, e)
							}
							seen[e] = true
						}
					}
				}
				if diff := cmp.Diff(want, seen); diff != "" {
					t.Fatalf("%s at %v, reading %v: outline (-want +got):\n%s", holder, at, r, diff)
				}
			}
		}
	}
}

func eachEdge(m orb.MultiPolygon, f func(edge)) {
	for _, poly := range m {
		for _, r := range poly {
			for k := 1; k < len(r); k++ {
				f(edge{r[k-1], r[k]})
			}
		}
	}
}

// TestBordersAgainstAnOverlay unites cells with a library and compares the length of
// the outline: cells touch without overlapping, up to the rounding of the lattice.
func TestBordersAgainstAnOverlay(t *testing.T) {
	places := war(60)
	got := cells(t, places)
	borders := territory.Borders(places, got, radius, "red")
	at := period.Date(2014, 12, 1)
	var union geom.Geometry
	held := 0
	for i, p := range places {
		if !p.HeldBy("red", at, period.Certain) {
			continue
		}
		held++
		for _, poly := range got[i].Geometry {
			var rings []geom.LineString
			for _, r := range poly {
				var xy []float64
				for _, q := range r {
					xy = append(xy, q[0], q[1])
				}
				rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
			}
			var err error
			if union, err = geom.Union(union, geom.NewPolygon(rings).AsGeometry()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if held < 8 {
		t.Fatalf("only %d places are held", held)
	}
	length := 0.0
	for _, b := range borders {
		if b.Certain && b.Valid.Contains(at) {
			for _, l := range b.Line {
				for k := 1; k < len(l); k++ {
					length += math.Hypot(l[k][0]-l[k-1][0], l[k][1]-l[k-1][1])
				}
			}
		}
	}
	want := 0.0
	if boundary := union.Boundary(); boundary.IsLineString() || boundary.IsMultiLineString() {
		want = boundary.Length()
	}
	if math.Abs(length-want) > 1e-3*want {
		t.Errorf("outline of %d cells: %.5f degrees long, by the library %.5f", held, length, want)
	}
}

// TestBorderKinds has two neighbours, one held, at a coast.
func TestBorderKinds(t *testing.T) {
	v := spell(t, "2014-06-10", "2014-07")
	places := []territory.Place{
		{ID: "held", At: orb.Point{41, 35.9}, Held: []territory.Holding{{Holder: "x", Valid: v}}},
		{ID: "free", At: orb.Point{41.1, 35.9}},
	}
	type line struct {
		beyond            int
		edge              territory.Edge
		valid             string
		possible, certain bool
	}
	var got []line
	for _, b := range territory.Borders(places, cells(t, places), radius, "x") {
		got = append(got, line{b.Beyond, b.Edge, b.Valid.String(), b.Possible, b.Certain})
	}
	want := []line{
		{1, territory.Front, "2014-06-10/2014-07-31", true, false},
		{1, territory.Front, "2014-06-10/2014-06-30", false, true},
		{-1, territory.Limit, "2014-06-10/2014-07-31", true, false},
		{-1, territory.Limit, "2014-06-10/2014-06-30", false, true},
		{-1, territory.Coast, "2014-06-10/2014-07-31", true, false},
		{-1, territory.Coast, "2014-06-10/2014-06-30", false, true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("borders (-want +got):\n%s", diff)
	}
}

func TestConflict(t *testing.T) {
	hold := func(holder, start, end string) territory.Holding {
		return territory.Holding{Holder: holder, Valid: spell(t, start, end)}
	}
	tests := []struct {
		name string
		held []territory.Holding
		want string // the time they share
	}{
		{"one after the other", []territory.Holding{hold("a", "2014-01-01", "2014-06-10"), hold("b", "2014-06-11", "..")}, ""},
		{"the same day", []territory.Holding{hold("a", "2014-01-01", "2014-06-10"), hold("b", "2014-06-10", "..")}, "2014-06-10"},
		{"some day of the same month", []territory.Holding{hold("a", "2014-01-01", "2014-06"), hold("b", "2014-06", "..")}, ""},
		{"twice the same", []territory.Holding{hold("a", "2014-01-01", ".."), hold("a", "2015-01-01", "2015-02-01")}, "2015-01-01/2015-02-01"},
	}
	for _, tt := range tests {
		_, _, both, ok := territory.Place{Held: tt.held}.Conflict()
		if got := both.String(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: %v %s, want %q", tt.name, ok, got, tt.want)
		}
	}
}

// TestLeaveOneOut has three places in a row: the outer ones share a state, the
// middle one does not.
func TestLeaveOneOut(t *testing.T) {
	at := func(id string, lon float64, held ...territory.Holding) territory.Place {
		return territory.Place{ID: id, At: orb.Point{lon, 34}, Held: held}
	}
	span := period.New(period.Date(2014, 1, 1), period.Date(2014, 1, 11)) // ten days
	four := territory.Holding{Holder: "x", Valid: spell(t, "2014-01-01", "2014-01-04")}
	got := territory.LeaveOneOut([]territory.Place{at("a", 41, four), at("b", 41.1), at("c", 41.3, four), at("d", 41.35)}, "x", span)
	// Each looks at its nearest: a at b, b at a, c at d, d at c. None knows the four days.
	want := territory.Score{Held: 8, HeldRight: 0, Free: 32, FreeRight: 24, Right: []float64{0.6, 0.6, 0.6, 0.6}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(territory.Score{}, "Nearest"), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("score (-want +got):\n%s", diff)
	}
	if d := got.Nearest; math.Abs(d[0]-9218) > 10 || math.Abs(d[3]-4609) > 10 { // Δλ · R cos φ
		t.Errorf("distances %v", d)
	}
	if lone := territory.LeaveOneOut([]territory.Place{at("a", 41)}, "x", span); !math.IsInf(lone.Nearest[0], 1) {
		t.Errorf("a lone place has a neighbour: %v", lone)
	}
}

func TestHolders(t *testing.T) {
	if got := territory.Holders(war(50)); !slices.Equal(got, []string{"blue", "red"}) {
		t.Errorf("holders %v", got)
	}
}

// TestFit takes the areas at one radius for published figures and finds that radius.
func TestFit(t *testing.T) {
	places := war(80)
	got := cells(t, places)
	var figures []territory.Figure
	for _, holder := range []string{"red", "blue"} {
		for year := 2014; year <= 2015; year++ {
			at := period.Date(year, 9, 1)
			figures = append(figures, territory.Figure{Holder: holder, At: at, Area: territory.Area(places, got, holder, at, period.Possible)})
		}
	}
	done := make(chan struct{}, 1000)
	fit, err := territory.Fit(t.Context(), places, bay, figures, []float64{14000, radius, 18000}, func() { done <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	if fit.Radius != radius || fit.Mean != 0 || fit.Missed != 0 || len(fit.Without) != len(figures) {
		t.Errorf("got %+v", fit)
	}
	if len(done) != 3*len(places) {
		t.Errorf("%d cells were reported, want %d", len(done), 3*len(places))
	}
}

// TestAllFaultsAtOnce: a table is corrected in one go, not fault by fault.
func TestAllFaultsAtOnce(t *testing.T) {
	a := territory.Place{ID: "a", At: orb.Point{41, 34}}
	_, err := territory.Cells(t.Context(), []territory.Place{a, {ID: "sea", At: orb.Point{42.1, 35.9}}, {ID: "b", At: orb.Point{42.12, 35.9}}}, bay, radius, nil)
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 2 {
		t.Fatalf("got %v, want two faults", err)
	}
	var first *territory.PlaceError
	if !errors.As(err, &first) || first.Place != 1 {
		t.Errorf("got %v", err)
	}
}
