package main

import (
	"math"

	"github.com/paulmach/orb"
)

// crossings returns pairs of arcs whose generalised lines run into each other
// away from their common ends. An arc may meet itself.
func crossings(arcs []arc, used map[int]bool) [][2]int {
	type segment struct {
		arc  int
		a, b orb.Point
	}
	const cell = 0.5 // degrees
	grid := map[[2]int][]segment{}
	seen := map[[2]int]bool{}
	var out [][2]int
	for _, i := range sortedKeys(used) {
		line := arcs[i].kept
		for k := 1; k < len(line); k++ {
			s := segment{i, line[k-1], line[k]}
			b := orb.Bound{Min: s.a, Max: s.a}.Extend(s.b)
			for x := int(math.Floor(b.Min[0] / cell)); x <= int(math.Floor(b.Max[0]/cell)); x++ {
				for y := int(math.Floor(b.Min[1] / cell)); y <= int(math.Floor(b.Max[1]/cell)); y++ {
					for _, o := range grid[[2]int{x, y}] {
						pair := [2]int{o.arc, i}
						if !seen[pair] && meet(o.a, o.b, s.a, s.b) {
							seen[pair] = true
							out = append(out, pair)
						}
					}
					grid[[2]int{x, y}] = append(grid[[2]int{x, y}], s)
				}
			}
		}
	}
	return out
}

// meet reports whether two segments share a point that is not an end of both.
func meet(a, b, c, d orb.Point) bool {
	shared := a == c || a == d || b == c || b == d
	d1, d2 := side(a, b, c), side(a, b, d)
	d3, d4 := side(c, d, a), side(c, d, b)
	if d1*d2 < 0 && d3*d4 < 0 {
		return true
	}
	on := func(o float64, p, from, to orb.Point) bool {
		return o == 0 && p != from && p != to && orb.Bound{Min: from, Max: from}.Extend(to).Contains(p)
	}
	if on(d1, c, a, b) || on(d2, d, a, b) || on(d3, a, c, d) || on(d4, b, c, d) {
		return true
	}
	return !shared && (a == c && b == d)
}

// side tells on which side of the line ab the point p lies: its sign. The
// coordinates are multiples of 1e-4, so whole numbers make it exact.
func side(a, b, p orb.Point) float64 {
	w := func(v float64) float64 { return math.Round(v * 1e4) }
	return (w(b[0])-w(a[0]))*(w(p[1])-w(a[1])) - (w(b[1])-w(a[1]))*(w(p[0])-w(a[0]))
}
