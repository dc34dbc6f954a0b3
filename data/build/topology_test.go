package main

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// TestReadTopology reads two squares that share a border, one of them over the
// antimeridian.
func TestReadTopology(t *testing.T) {
	const file = `{"type":"Topology","transform":{"scale":[1,1],"translate":[-180,0]},
	"arcs":[[[355,10],[0,10]],[[355,20],[-5,0],[0,-10],[5,0]],[[355,20],[-350,0],[0,-10],[350,0]]],
	"objects":{"countries":{"type":"GeometryCollection","geometries":[
	{"type":"Polygon","arcs":[[0,1]],"id":"001","properties":{"name":"West"}},
	{"type":"MultiPolygon","arcs":[[[2,0]]],"id":"002","properties":{"name":"East"}}]}}}`
	path := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	top, err := readTopology(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := top.generalise(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{50, 100} { // 170-175 and 175 to -175, lat 10-20
		m, err := top.multiPolygon(top.countries[i])
		if err != nil {
			t.Fatal(err)
		}
		if got := planar.Area(m); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: area %v, want %v: %v", top.countries[i].name, got, want, m)
		}
		if b := m.Bound(); b.Min[0] < -180 || b.Max[0] > 180 {
			t.Errorf("%s: reaches over the antimeridian: %v", top.countries[i].name, b)
		}
		for _, p := range m {
			if p[0].Orientation() != orb.CCW {
				t.Errorf("%s: winds the wrong way", top.countries[i].name)
			}
		}
	}
	if got := borders(top); len(got) != 1 || got[0].id != "east--west" {
		t.Errorf("borders: %v", got)
	}
}

// TestGeneraliseKeepsLinesApart draws two wild parallel lines far from the middle of
// the map, where the tolerance is large, and expects them not to touch.
func TestGeneraliseKeepsLinesApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var a, b []orb.Point
	y := 0.0
	for k := range 400 {
		y += (rng.Float64() - 0.5) * 0.1
		x := -120 + float64(k)*0.02
		a = append(a, orb.Point{x, -30 + y})
		b = append(b, orb.Point{x, -29.99 + y})
	}
	top := &topology{arcs: []arc{
		{full: onLattice(a)},
		{full: onLattice([]orb.Point{a[len(a)-1], {-111, -40}, {-121, -40}, a[0]})},
		{full: onLattice(b)},
		{full: onLattice([]orb.Point{b[len(b)-1], {-111, -20}, {-121, -20}, b[0]})},
	}, countries: []shape{
		{name: "south", polygons: [][][]int{{{0, 1}}}},
		{name: "north", polygons: [][][]int{{{2, 3}}}},
	}}
	if err := top.generalise(); err != nil {
		t.Fatal(err)
	}
	if s := top.broken(); len(s) != 0 {
		t.Errorf("%d segments still run into each other", len(s))
	}
	if n := len(top.arcs[0].kept); n > 300 {
		t.Errorf("%d of 400 vertices stay", n)
	}
	for i := range top.arcs {
		for _, p := range top.arcs[i].full {
			if d := planar.DistanceFrom(orb.LineString(top.arcs[i].kept), p); d > 2*tolerance(p) {
				t.Fatalf("arc %d leaves %v by %v degrees", i, p, d)
			}
		}
	}
}

func TestMeet(t *testing.T) {
	p := func(x, y float64) orb.Point { return orb.Point{x, y} }
	tests := []struct {
		name       string
		a, b, c, d orb.Point
		want       bool
	}{
		{"cross", p(0, 0), p(2, 2), p(0, 2), p(2, 0), true},
		{"apart", p(0, 0), p(1, 0), p(0, 1), p(1, 1), false},
		{"common end", p(0, 0), p(1, 0), p(1, 0), p(2, 1), false},
		{"an end on the other", p(0, 0), p(2, 0), p(1, 0), p(1, 1), true},
		{"the same", p(0, 0), p(1, 1), p(1, 1), p(0, 0), true},
		{"one in the other", p(0, 0), p(3, 0), p(1, 0), p(2, 0), true},
		{"back over itself", p(0, 0), p(2, 0), p(2, 0), p(1, 0), true},
	}
	for _, tt := range tests {
		if got := meet(tt.a, tt.b, tt.c, tt.d); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestSmooth passes through all points and stays near them.
func TestSmooth(t *testing.T) {
	line := orb.LineString{{40, 35}, {40.1, 35.2}, {40.5, 35.2}, {40.52, 35.1}}
	got := smooth(line, 6)
	for k, p := range line {
		if planar.Distance(got[6*k], p) > 1e-12 {
			t.Errorf("point %d: %v, want %v", k, got[6*k], p)
		}
	}
	for _, p := range got {
		if planar.DistanceFrom(line, p) > 0.05 {
			t.Errorf("%v lies far from the line", p)
		}
	}
}

func TestUntangle(t *testing.T) {
	p := func(x, y float64) orb.Point { return orb.Point{x, y} }
	tests := []struct {
		name       string
		line, want []orb.Point
	}{
		{"straight", []orb.Point{p(0, 0), p(1, 0), p(2, 0)}, []orb.Point{p(0, 0), p(1, 0), p(2, 0)}},
		{"spike", []orb.Point{p(0, 0), p(1, 0), p(1, 1), p(1, 0), p(2, 0)}, []orb.Point{p(0, 0), p(1, 0), p(2, 0)}},
		{"spike of two", []orb.Point{p(0, 0), p(1, 0), p(1, 1), p(2, 2), p(1, 1), p(1, 0), p(3, 0)}, []orb.Point{p(0, 0), p(1, 0), p(3, 0)}},
		{"there, back and there", []orb.Point{p(0, 0), p(1, 0), p(1, 1), p(1, 0), p(1, 1), p(2, 2)}, []orb.Point{p(0, 0), p(1, 0), p(1, 1), p(2, 2)}},
		{"loop", []orb.Point{p(0, 0), p(4, 0), p(3, 1), p(2, -1), p(6, -2)}, []orb.Point{p(0, 0), p(2, -1), p(6, -2)}},
		{"spike at the start of a ring", []orb.Point{p(0, 5), p(0, 3), p(-4, 3), p(-4, 0), p(0, 0), p(0, 5)}, []orb.Point{p(0, 3), p(-4, 3), p(-4, 0), p(0, 0), p(0, 3)}},
		{"ring", []orb.Point{p(0, 0), p(4, 0), p(4, 4), p(0, 0)}, []orb.Point{p(0, 0), p(4, 0), p(4, 4), p(0, 0)}},
	}
	for _, tt := range tests {
		if got := untangle(tt.line); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
