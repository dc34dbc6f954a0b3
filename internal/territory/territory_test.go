package territory_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"kharita/internal/territory"
)

// bay is a land with a bay and an island, lon 40-44, lat 33-36.
var bay = orb.MultiPolygon{ //nolint:gochecknoglobals // a fixture
	{{{40, 33}, {44, 33}, {44, 36}, {42.6, 36}, {42.1, 34.4}, {41.7, 36}, {40, 36}, {40, 33}}},
	{{{42, 35.4}, {42.2, 35.4}, {42.2, 35.6}, {42, 35.6}, {42, 35.4}}},
}

const radius = 16500.0

// scatter returns n places on land, clustered as settlements are.
func scatter(n int) []territory.Place {
	rng := rand.New(rand.NewPCG(4, 1))
	var out []territory.Place
	var around orb.Point
	for len(out) < n {
		if len(out)%8 == 0 {
			around = orb.Point{40 + 4*rng.Float64(), 33 + 3*rng.Float64()}
		}
		p := orb.Point{around[0] + 0.2*rng.NormFloat64(), around[1] + 0.2*rng.NormFloat64()}
		if planar.MultiPolygonContains(bay, p) {
			out = append(out, territory.Place{ID: string(rune('A' + len(out))), At: p})
		}
	}
	return out
}

func cells(t *testing.T, places []territory.Place) []territory.Cell {
	t.Helper()
	out, err := territory.Cells(t.Context(), places, bay, radius, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCellsAreTheNearestGround asks brute force, point by point on a 2 km grid,
// whose ground it is.
func TestCellsAreTheNearestGround(t *testing.T) {
	places := scatter(200)
	got := cells(t, places)
	plane := territory.NewPlane(orb.Point{42, 34.5})
	at := make([]orb.Point, len(places))
	for i, p := range places {
		at[i] = plane.Forward(p.At)
	}
	const step, margin = 2000.0, 60.0
	counted := make([]float64, len(places))
	bounds := make([]orb.Bound, len(places))
	for i := range got {
		bounds[i] = got[i].Geometry.Bound()
	}
	checked := 0
	for x := -250e3; x < 250e3; x += step {
		for y := -200e3; y < 200e3; y += step {
			m := orb.Point{x, y}
			p := plane.Inverse(m)
			if !planar.MultiPolygonContains(bay, p) {
				continue
			}
			first, second, nearest := math.Inf(1), math.Inf(1), -1
			for i := range at {
				if d := planar.Distance(m, at[i]); d < first {
					first, second, nearest = d, first, i
				} else if d < second {
					second = d
				}
			}
			if first <= radius {
				counted[nearest] += step * step
			}
			if math.Abs(first-radius) < margin || second-first < margin {
				continue // too near a border for a polygon with chords for arcs
			}
			checked++
			for i := range got {
				want := i == nearest && first < radius
				if !want && !bounds[i].Contains(p) {
					continue
				}
				if in := planar.MultiPolygonContains(got[i].Geometry, p); in != want {
					t.Fatalf("cell %d contains %v: %v, want %v (nearest %d at %.0f m)", i, p, in, want, nearest, first)
				}
			}
		}
	}
	var sum, brute float64
	for i := range got {
		sum += got[i].Area
		brute += counted[i]
	}
	if math.Abs(sum-brute) > 0.005*brute {
		t.Errorf("area of all cells %.0f km², by the grid %.0f km²", sum/1e6, brute/1e6)
	}
	if checked < 10000 {
		t.Errorf("only %d points were checked", checked)
	}
}

// TestBordersAreTheSamePoints checks that a border between two cells is the same
// edges in both, in opposite directions, and that no edge occurs twice in one.
func TestBordersAreTheSamePoints(t *testing.T) {
	places := scatter(200)
	got := cells(t, places)
	plane := territory.NewPlane(orb.Point{42, 34.5})
	type edge [2]orb.Point
	owner := map[edge]int{}
	for i, c := range got {
		for _, poly := range c.Geometry {
			for _, r := range poly {
				for k := 1; k < len(r); k++ {
					e := edge{r[k-1], r[k]}
					if other, ok := owner[e]; ok {
						t.Fatalf("cells %d and %d both have the edge %v", other, i, e)
					}
					owner[e] = i
				}
			}
		}
	}
	shared := 0
	for e, i := range owner {
		mid := orb.Point{(e[0][0] + e[1][0]) / 2, (e[0][1] + e[1][1]) / 2}
		m := plane.Forward(mid)
		near := 0
		for _, p := range places {
			if planar.Distance(m, plane.Forward(p.At)) < radius-100 {
				near++
			}
		}
		if near < 2 || onOutline(mid) {
			continue // an arc, or the coast
		}
		if _, ok := owner[edge{e[1], e[0]}]; !ok {
			t.Errorf("edge %v of cell %d has no other side", e, i)
		}
		shared++
	}
	if shared < 300 {
		t.Errorf("only %d shared edges", shared)
	}
}

// onOutline reports whether p lies within some metres of the outline of bay.
func onOutline(p orb.Point) bool {
	for _, poly := range bay {
		for _, r := range poly {
			if planar.DistanceFrom(orb.LineString(r), p) < 1e-4 {
				return true
			}
		}
	}
	return false
}

// TestPlaceJustOutsideTheLand has a town half a kilometre off a generalised border.
func TestPlaceJustOutsideTheLand(t *testing.T) {
	places := []territory.Place{
		{ID: "inside", At: orb.Point{41, 35.8}},
		{ID: "border", At: orb.Point{40.7, 36.005}},
	}
	got := cells(t, places)
	if !planar.MultiPolygonContains(got[1].Geometry, places[1].At) {
		t.Error("the place lies outside its own cell")
	}
	if len(got[1].Geometry) != 1 {
		t.Errorf("its cell has %d parts, want 1", len(got[1].Geometry))
	}
}

func TestCellsRefuse(t *testing.T) {
	a := territory.Place{ID: "a", At: orb.Point{41, 34}}
	tests := []struct {
		name   string
		places []territory.Place
		radius float64
		want   string
	}{
		{"same point", []territory.Place{a, {ID: "b", At: a.At}}, radius, `place "b": at the same point as "a"`},
		{"at sea", []territory.Place{a, {ID: "far", At: orb.Point{42.1, 35.9}}}, radius, `place "far": farther than 1500 m from the land`},
		{"no distance", []territory.Place{a}, math.NaN(), "radius: NaN is not a distance"},
		{"too far", []territory.Place{a, {ID: "australia", At: orb.Point{135, -25}}}, radius, `place "australia": 58`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := territory.Cells(t.Context(), tt.places, bay, tt.radius, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestNobody has nothing to divide.
func TestNobody(t *testing.T) {
	if got, err := territory.Cells(t.Context(), nil, bay, radius, nil); err != nil || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestOneDisc has the area of its circle, as far as chords go.
func TestOneDisc(t *testing.T) {
	got := cells(t, []territory.Place{{ID: "a", At: orb.Point{41, 34}}})
	want := math.Pi * radius * radius
	if math.Abs(got[0].Area-want) > 0.002*want {
		t.Errorf("got %.0f m², want about %.0f", got[0].Area, want)
	}
}

func TestPlane(t *testing.T) {
	plane := territory.NewPlane(orb.Point{41.5, 34.5})
	for lon := 35.0; lon <= 48; lon += 1.7 {
		for lat := 29.0; lat <= 38; lat += 1.3 {
			p := orb.Point{lon, lat}
			if q := plane.Inverse(plane.Forward(p)); planar.Distance(p, q) > 1e-11 {
				t.Errorf("%v comes back as %v", p, q)
			}
		}
	}
	// A square degree on a sphere: R² Δλ (sin φ₂ - sin φ₁).
	var ring orb.Ring
	corners := orb.Ring{{41, 34}, {42, 34}, {42, 35}, {41, 35}, {41, 34}}
	for i, a := range corners[:4] {
		b := corners[i+1]
		for k := range 100 {
			f := float64(k) / 100
			ring = append(ring, orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])})
		}
	}
	ring = append(ring, ring[0])
	want := 6371007.2 * 6371007.2 * math.Pi / 180 * (math.Sin(35*math.Pi/180) - math.Sin(34*math.Pi/180))
	if got := plane.Area(orb.MultiPolygon{{ring}}); math.Abs(got-want) > 1e-6*want {
		t.Errorf("got %.0f m², want %.0f", got, want)
	}
}

func TestUnwrap(t *testing.T) {
	got, err := territory.Unwrap(orb.Polygon{{{170, 60}, {190, 60}, {190, 70}, {170, 70}, {170, 60}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || math.Abs(planar.Area(got)-200) > 1e-9 {
		t.Errorf("got %v", got)
	}
	if b := got.Bound(); b.Min[0] != -180 || b.Max[0] != 180 {
		t.Errorf("bound %v", b)
	}
}

func BenchmarkCells(b *testing.B) {
	places := scatter(500)
	for b.Loop() {
		if _, err := territory.Cells(b.Context(), places, bay, radius, nil); err != nil {
			b.Fatal(err)
		}
	}
}
