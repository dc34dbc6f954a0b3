package main

import (
	"math"

	"github.com/paulmach/orb"
)

// A segment is a piece of a generalised arc: from vertex from to vertex to of the
// full one, which lie at a and b.
type segment struct {
	arc, from, to int
	a, b          orb.Point
}

// crossings returns the segments that run into each other away from common ends.
func crossings(all []segment) []segment {
	const cell = 0.5 // degrees
	grid := map[[2]int][]int{}
	hit := make([]bool, len(all))
	for n, s := range all {
		b := orb.Bound{Min: s.a, Max: s.a}.Extend(s.b)
		for x := int(math.Floor(b.Min[0] / cell)); x <= int(math.Floor(b.Max[0]/cell)); x++ {
			for y := int(math.Floor(b.Min[1] / cell)); y <= int(math.Floor(b.Max[1]/cell)); y++ {
				key := [2]int{x, y}
				for _, m := range grid[key] {
					if o := all[m]; (!hit[m] || !hit[n]) && meet(o.a, o.b, s.a, s.b) {
						hit[m], hit[n] = true, true
					}
				}
				grid[key] = append(grid[key], n)
			}
		}
	}
	var out []segment
	for n, s := range all {
		if hit[n] {
			out = append(out, s)
		}
	}
	return out
}

// meet reports whether two segments share a point that is not an end of both.
func meet(a, b, c, d orb.Point) bool {
	if math.Max(a[0], b[0]) < math.Min(c[0], d[0]) || math.Max(c[0], d[0]) < math.Min(a[0], b[0]) ||
		math.Max(a[1], b[1]) < math.Min(c[1], d[1]) || math.Max(c[1], d[1]) < math.Min(a[1], b[1]) {
		return false
	}
	d1, d2 := side(a, b, c), side(a, b, d)
	d3, d4 := side(c, d, a), side(c, d, b)
	if d1*d2 < 0 && d3*d4 < 0 {
		return true
	}
	inside := func(o float64, p, from, to orb.Point) bool {
		return o == 0 && p != from && p != to && orb.Bound{Min: from, Max: from}.Extend(to).Contains(p)
	}
	return inside(d1, c, a, b) || inside(d2, d, a, b) || inside(d3, a, c, d) || inside(d4, b, c, d) ||
		a == c && b == d || a == d && b == c
}

// side tells on which side of the line ab the point p lies: its sign. Coordinates
// are multiples of 1e-4, so whole numbers make it exact.
func side(a, b, p orb.Point) float64 {
	w := func(v float64) float64 { return math.Round(v * 1e4) }
	return (w(b[0])-w(a[0]))*(w(p[1])-w(a[1])) - (w(b[1])-w(a[1]))*(w(p[0])-w(a[0]))
}
