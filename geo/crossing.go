package geo

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"

	"kharita/geo/rtree"
)

// SelfCrossing returns a point where the ring, in lon, lat taken as a plane,
// crosses itself or runs back over itself; ok is false if it does neither. A ring
// that only touches itself is let pass, though it is not simple either (OGC
// 06-103r4 §6.1.11.1): many good maps have such rings. The signs of all turns are
// exact. The time is that of sorting the ring.
func SelfCrossing(ring orb.Ring) (at orb.Point, ok bool) {
	r := make(crossing, 0, len(ring))
	for _, p := range ring {
		if len(r) == 0 || r[len(r)-1] != p {
			r = append(r, p)
		}
	}
	for len(r) > 1 && r[0] == r[len(r)-1] {
		r = r[:len(r)-1]
	}
	if len(r) < 3 {
		return orb.Point{}, false // nothing to enclose; other rules tell
	}
	if len(r) <= fewSegments {
		for i := range r {
			for j := range i {
				if at, ok := r.meet(j, i); ok {
					return at, true
				}
			}
		}
		return orb.Point{}, false
	}
	boxes := make([]rtree.Box, len(r))
	for i, a := range r {
		b := r.vertex(i + 1)
		boxes[i] = rtree.Always(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
	}
	tree := rtree.New(boxes)
	for i := range r {
		for j := range tree.Search(boxes[i]) {
			if j < i {
				if at, ok := r.meet(j, i); ok {
					return at, true
				}
			}
		}
	}
	return orb.Point{}, false
}

const fewSegments = 24 // of which each is compared with each sooner than a tree is built

// A crossing is a ring whose last vertex does not repeat the first. Segment i runs
// from vertex i to the next.
type crossing []orb.Point

func (r crossing) vertex(i int) orb.Point { return r[(i+len(r))%len(r)] }

// meet reports whether the segments i < j cross or overlap, and where.
func (r crossing) meet(i, j int) (orb.Point, bool) {
	a, b, c, d := r[i], r.vertex(i+1), r[j], r.vertex(j+1)
	abc, abd, cda, cdb := turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
	if abc == 0 && abd == 0 { // on one line
		k := 0
		if math.Abs(b[0]-a[0]) < math.Abs(b[1]-a[1]) {
			k = 1
		}
		lo := max(min(a[k], b[k]), min(c[k], d[k]))
		hi := min(max(a[k], b[k]), max(c[k], d[k]))
		if lo >= hi {
			return orb.Point{}, false
		}
		for _, p := range []orb.Point{a, b, c, d} {
			if p[k] == lo {
				return p, true
			}
		}
	}
	if abc*abd > 0 || cda*cdb > 0 || j == i+1 || i == 0 && j == len(r)-1 {
		return orb.Point{}, false // apart, or neighbours, which meet where they should
	}
	if abc*abd < 0 && cda*cdb < 0 {
		t := ((c[0]-a[0])*(d[1]-c[1]) - (c[1]-a[1])*(d[0]-c[0])) / ((b[0]-a[0])*(d[1]-c[1]) - (b[1]-a[1])*(d[0]-c[0]))
		return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, true
	}
	// A vertex of one lies on the other: they cross if the way goes from one side
	// to the other there.
	at, from, to := c, r.vertex(j-1), d
	switch {
	case abc == 0:
	case abd == 0:
		at, from, to = d, c, r.vertex(j+2)
	case cda == 0:
		at, from, to = a, r.vertex(i-1), b
	default:
		at, from, to = b, a, r.vertex(i+2)
	}
	first, last := c, d // of the other way through at
	if abc == 0 || abd == 0 {
		first, last = a, b
		switch at {
		case a:
			first = r.vertex(i - 1)
		case b:
			last = r.vertex(i + 2)
		}
	}
	one, ok1 := left(first, at, last, from)
	other, ok2 := left(first, at, last, to)
	return at, ok1 && ok2 && one != other
}

// left reports whether p is on the left of the way from first over at to last; ok
// is false if it is on the way.
func left(first, at, last, p orb.Point) (is, ok bool) {
	before, after := turn(first, at, p), turn(at, last, p)
	if before == 0 && ahead(at, first, p) || after == 0 && ahead(at, last, p) {
		return false, false
	}
	if turn(first, at, last) > 0 {
		return before > 0 && after > 0, true
	}
	return before > 0 || after > 0, true
}

// ahead reports whether p and q, in line with at, are on the same side of it.
func ahead(at, p, q orb.Point) bool {
	return (p[0]-at[0])*(q[0]-at[0])+(p[1]-at[1])*(q[1]-at[1]) > 0
}

// turn is 1 where the way from a over b to c turns left, -1 where it turns right,
// 0 where it goes on straight or back.
func turn(a, b, c orb.Point) int {
	l, r := (a[0]-c[0])*(b[1]-c[1]), (a[1]-c[1])*(b[0]-c[0])
	// The bound of the error of l-r (Shewchuk 1997, Adaptive Precision Floating-Point
	// Arithmetic and Fast Robust Geometric Predicates, §4.3).
	if det := l - r; math.Abs(det) > 4e-16*(math.Abs(l)+math.Abs(r)) {
		if det > 0 {
			return 1
		}
		return -1
	}
	if a == b || b == c || a == c {
		return 0
	}
	minus := func(p, at float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(p), new(big.Rat).SetFloat64(at))
	}
	left := new(big.Rat).Mul(minus(a[0], c[0]), minus(b[1], c[1]))
	right := new(big.Rat).Mul(minus(a[1], c[1]), minus(b[0], c[0]))
	return left.Cmp(right)
}
