package cql2_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/period"
)

// TestOracle compares each spatial function with what simplefeatures says of the
// same shapes read from text, all kinds against all kinds. They lie on a small
// grid, so that they often touch, equal and share sides.
func TestOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	oracles := map[cql2.Op]func(a, b geom.Geometry) (bool, error){
		cql2.SIntersects: func(a, b geom.Geometry) (bool, error) { return geom.Intersects(a, b), nil },
		cql2.SDisjoint:   geom.Disjoint,
		cql2.SEquals:     geom.Equals,
		cql2.STouches:    geom.Touches,
		cql2.SWithin:     geom.Within,
		cql2.SContains:   geom.Contains,
		cql2.SOverlaps:   geom.Overlaps,
		cql2.SCrosses:    geom.Crosses,
	}
	asked, held := 0, map[cql2.Op]int{}
	for i := range 1500 {
		a, b := randomShape(r), randomShape(r)
		if i%20 == 0 {
			b = orb.Clone(a)
		}
		ga, okA := valid(a)
		gb, okB := valid(b)
		if !okA || !okB {
			continue
		}
		for op, oracle := range oracles {
			want, err := oracle(ga, gb)
			if err != nil {
				t.Fatal(err)
			}
			if got := holds(t, cql2.Call{Op: op, Args: []cql2.Expr{cql2.Property{Name: "geometry"}, literal(b)}}, a); got != want {
				t.Errorf("%s(%s, %s): got %v", op, ga.AsText(), gb.AsText(), got)
			}
			if got := holds(t, cql2.Call{Op: op, Args: []cql2.Expr{literal(a), cql2.Property{Name: "geometry"}}}, b); got != want {
				t.Errorf("%s(%s, %s), the second a feature: got %v", op, ga.AsText(), gb.AsText(), got)
			}
			asked += 2
			if want {
				held[op]++
			}
		}
	}
	t.Log(asked, "questions; true:", held)
	for op := range oracles {
		if held[op] == 0 {
			t.Errorf("%s never held", op)
		}
	}
}

func holds(t *testing.T, e cql2.Expr, g orb.Geometry) bool {
	t.Helper()
	match, err := cql2.Compile(e, cql2.Schema{})
	if err != nil {
		t.Fatal(err)
	}
	return match(&geo.Feature{Geometry: g})
}

// literal returns g as it stands in a filter: a bound as a BBOX.
func literal(g orb.Geometry) cql2.Expr {
	if b, ok := g.(orb.Bound); ok {
		return cql2.BBox{West: b.Min[0], South: b.Min[1], East: b.Max[0], North: b.Max[1]}
	}
	return cql2.Geometry{Geometry: g}
}

// valid returns g by way of text; ok is false if it is not valid.
func valid(g orb.Geometry) (geom.Geometry, bool) {
	if b, ok := g.(orb.Bound); ok {
		g = b.ToPolygon()
	}
	read, err := geom.UnmarshalWKT(cql2.Geometry{Geometry: g}.String())
	return read, err == nil
}

func randomShape(r *rand.Rand) orb.Geometry {
	p := func() orb.Point { return orb.Point{float64(r.IntN(5)), float64(r.IntN(5))} }
	box := func() orb.Bound {
		a := p()
		return orb.Bound{Min: a, Max: orb.Point{a[0] + 1 + float64(r.IntN(3)), a[1] + 1 + float64(r.IntN(3))}}
	}
	line := func() orb.LineString {
		l := orb.LineString{p(), p()}
		for range r.IntN(3) {
			l = append(l, p())
		}
		return l
	}
	polygon := func() orb.Polygon {
		switch r.IntN(4) {
		case 0: // a frame
			b := box()
			hole := b.Pad(-0.25).ToRing()
			hole.Reverse()
			return orb.Polygon{b.ToRing(), hole}
		case 1:
			return box().ToPolygon()
		default:
			a, b, c := p(), p(), p()
			return orb.Polygon{{a, b, c, a}}
		}
	}
	switch r.IntN(8) {
	case 0:
		return p()
	case 1:
		return orb.MultiPoint{p(), p(), p()}
	case 2:
		return line()
	case 3:
		return orb.MultiLineString{line(), line()}
	case 4:
		return orb.MultiPolygon{polygon(), polygon()}
	case 5:
		return box()
	case 6:
		return polygon()
	default:
		return orb.Collection{p(), line()}
	}
}

// TestPlaces: points on and beside every corner and side, where fast paths go wrong.
func TestPlaces(t *testing.T) {
	ring := orb.Ring{{0, 0}, {4, 0}, {4, 2}, {2, 2}, {2, 3}, {4, 3}, {4, 4}, {0, 4}, {0, 0}}
	for x := -1.0; x <= 5; x += 0.5 {
		for y := -1.0; y <= 5; y += 0.5 {
			p := orb.Point{x, y}
			for op, oracle := range map[cql2.Op]func(a, b geom.Geometry) (bool, error){cql2.SWithin: geom.Within, cql2.STouches: geom.Touches} {
				a, _ := valid(p)
				b, _ := valid(orb.Polygon{ring})
				want, err := oracle(a, b)
				if err != nil {
					t.Fatal(err)
				}
				if got := holds(t, cql2.Call{Op: op, Args: []cql2.Expr{cql2.Property{Name: "geometry"}, literal(orb.Polygon{ring})}}, p); got != want {
					t.Errorf("%s %v: got %v", op, p, got)
				}
			}
		}
	}
}

// TestOddGeometries: features that are empty, invalid or of rare kinds select
// nothing wrong and never panic.
func TestOddGeometries(t *testing.T) {
	bow := orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}
	geometries := append([]orb.Geometry{
		bow,
		orb.MultiPolygon{bow, bow},
		orb.Polygon{{{0, 0}, {1, 1}, {0, 0}}},
		orb.Polygon{{}},
		orb.LineString{{1, 1}},
		orb.LineString{{1, 1}, {1, 1}},
		orb.Collection{orb.Collection{bow}, nil},
		orb.Ring{{0, 0}, {2, 0}, {2, 2}, {0, 0}},
		orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{2, 2}},
	}, orb.AllGeometries...)
	for op := cql2.SContains; op <= cql2.SWithin; op++ {
		for _, b := range []orb.Geometry{
			orb.Point{1, 0.5},
			orb.Bound{Max: orb.Point{3, 3}},
			orb.Bound{Max: orb.Point{3, 0}},
			orb.Bound{},
			orb.Bound{Min: orb.Point{5}, Max: orb.Point{0, 9}},
			orb.Polygon{{{0, 0}, {3, 0}, {3, 3}, {0, 0}}},
			orb.LineString{{0, 0}, {2, 2}},
			orb.Collection{orb.Point{1, 1}},
		} {
			for _, g := range geometries {
				got := holds(t, cql2.Call{Op: op, Args: []cql2.Expr{cql2.Property{Name: "geometry"}, literal(b)}}, g)
				if got && (g == nil || g.Bound().IsEmpty()) && op != cql2.SDisjoint {
					t.Errorf("%s(%#v, %v) holds", op, g, b)
				}
				_ = holds(t, cql2.Call{Op: op, Args: []cql2.Expr{literal(b), cql2.Property{Name: "geometry"}}}, g)
			}
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	names := geo.NewNames("kind", "name", "population", "start", "end")
	r := rand.New(rand.NewPCG(1, 2))
	table := geo.NewTable(names)
	const n = 10_000
	for i := range n {
		p := orb.Point{r.Float64() * 10, r.Float64() * 10}
		var g orb.Geometry = p
		if i%2 == 1 {
			ring := orb.Ring{}
			for k := range 20 {
				ring = append(ring, orb.Point{p[0] + float64(k%5)*0.01*float64(k), p[1] + float64(k)*0.01})
			}
			ring = append(ring, orb.Point{p[0] - 0.1, p[1]}, ring[0])
			g = orb.Polygon{ring}
		}
		start := fmt.Sprintf("%d-%02d", 1900+r.IntN(100), 1+r.IntN(12))
		table.Append(geo.NumberID(strconv.Itoa(i)), g, validTime(start), []geo.Value{
			geo.StringValue([]string{"city", "town", "قرية"}[i%3]), geo.StringValue("مَدينة الـسلام " + start), geo.IntValue(int64(r.IntN(1_000_000))), geo.StringValue(start), geo.StringValue(".."),
		})
	}
	table.Finish()
	features := make([]geo.Feature, n)
	for i := range features {
		features[i] = table.At(i)
	}
	schema := cql2.Schema{Names: names, Start: "start", End: "end"}
	for _, c := range [][2]string{
		{"equal", "kind = 'city'"},
		{"compare", "population > 500000 AND kind <> 'town'"},
		{"like", "name LIKE '%19_0%'"},
		{"accent", "ACCENTI(name) LIKE ACCENTI('%السلام%')"},
		{"date", "start >= DATE('1950-06-01')"},
		{"valid", "T_INTERSECTS(INTERVAL(start, end), DATE('1950'))"},
		{"interval", "T_INTERSECTS(INTERVAL(start, '..'), DATE('1950'))"},
		{"bbox", "S_INTERSECTS(geometry, BBOX(2, 2, 7, 7))"},
		{"polygon", "S_INTERSECTS(geometry, POLYGON((1 1, 9 2, 8 9, 5 3, 1 1)))"},
		{"within", "S_WITHIN(geometry, POLYGON((1 1, 9 2, 8 9, 5 3, 1 1)))"},
	} {
		b.Run(c[0], func(b *testing.B) {
			e, err := cql2.ParseText(c[1])
			if err != nil {
				b.Fatal(err)
			}
			match, err := cql2.Compile(e, schema)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				hits := 0
				for i := range features {
					if match(&features[i]) {
						hits++
					}
				}
				if hits == 0 {
					b.Fatal("nothing matches")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/feature")
		})
	}
}

func validTime(start string) period.Valid {
	v, _ := period.Ends{}.ParsePair(start, "..")
	return v
}
