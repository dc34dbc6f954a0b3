package tile

import (
	"math"
)

// A vertex of a simplified arc is there for tolerances in [birth, death).
type vertex struct {
	point
	birth, death float32
}

// simplify returns the vertices of arc at every tolerance, in order along it. Its
// ends are there always. South is the edge of the world; see Grid.
//
// Step by step, the inner segment B C of four neighbours A B C D that costs least is
// collapsed into one point E, placed so that the area on either side of the line does
// not change (after Kronenfeld, Stanislawski, Buttenfield, Brockmeyer: Simplification
// of polylines by segment collapse, 2020). What it costs is the area between the old
// line and the new one, in square units of the world grid: so a tolerance is an area,
// and areas of polygons are right at every zoom, whatever is left of their outline.
func simplify(arc []point, south int32) []vertex {
	s := simplifier{
		south: south,
		nodes: make([]simplifierNode, len(arc), 2*len(arc)),
		least: 3, // points of an open arc: collapsing keeps one between the ends
	}
	if arc[0] == arc[len(arc)-1] {
		s.least = 4 // a triangle
	}
	for i, p := range arc {
		s.nodes[i] = simplifierNode{
			vertex: vertex{p, 0, float32(math.Inf(1))},
			prev:   int32(i - 1), next: int32(i + 1), after: int32(i + 1),
		}
	}
	s.nodes[len(arc)-1].next, s.nodes[len(arc)-1].after = -1, -1
	s.run(len(arc))
	out := make([]vertex, 0, len(s.nodes))
	for i := int32(0); i >= 0; i = s.nodes[i].after {
		out = append(out, s.nodes[i].vertex)
	}
	return out
}

type simplifierNode struct {
	vertex
	prev, next int32 // among those alive
	after      int32 // among all that ever were: order along the arc
	version    int32 // of the collapse of the segment that starts here
}

type simplifier struct {
	nodes []simplifierNode
	queue []collapse
	least int
	south int32
}

// A collapse replaces node b and the one after it by a point at e.
type collapse struct {
	cost       float64
	b, version int32
	e          point
}

func (s *simplifier) run(count int) {
	for b := 1; b < count-2; b++ {
		s.propose(int32(b))
	}
	var worst float32
	for count > s.least && len(s.queue) > 0 {
		c := s.pop()
		b := &s.nodes[c.b]
		if b.version != c.version || b.death < float32(math.Inf(1)) {
			continue
		}
		// A collapse may cost less than one before it that it builds on. Tolerances must
		// not see it without that, so costs never fall.
		worst = max(worst, float32(c.cost))
		e := int32(len(s.nodes))
		after := &s.nodes[b.next]
		node := simplifierNode{
			vertex: vertex{c.e, worst, float32(math.Inf(1))},
			prev:   b.prev, next: after.next, after: b.after,
		}
		b.death, after.death = worst, worst
		b.after = e
		s.nodes[node.prev].next, s.nodes[node.next].prev = e, e
		s.nodes = append(s.nodes, node)
		count--
		a := node.prev
		for _, n := range [3]int32{s.nodes[a].prev, a, e} {
			if n >= 0 {
				s.propose(n)
			}
		}
	}
}

// propose puts the collapse of the segment that starts at node b in the queue.
func (s *simplifier) propose(b int32) {
	n := s.nodes
	a, c := n[b].prev, n[b].next
	n[b].version++
	if a < 0 || c < 0 || n[c].next < 0 {
		return
	}
	e, cost := collapseAt(n[a].point, n[b].point, n[c].point, n[n[c].next].point)
	if !math.IsInf(cost, 1) && e.y <= s.south {
		s.push(collapse{cost, b, n[b].version, e})
	}
}

// collapseAt returns the point E for which the line A E D has as much area on each
// side as A B C D, and the area between the two lines; infinite if there is no such
// point nearby.
func collapseAt(pa, pb, pc, pd point) (point, float64) {
	// relative to A, which keeps numbers small
	bx, by := float64(pb.x)-float64(pa.x), float64(pb.y)-float64(pa.y)
	cx, cy := float64(pc.x)-float64(pa.x), float64(pc.y)-float64(pa.y)
	dx, dy := float64(pd.x)-float64(pa.x), float64(pd.y)-float64(pa.y)
	area := bx*cy - by*cx + cx*dy - cy*dx // twice that of A B C D
	hb, hc := dx*by-dy*bx, dx*cy-dy*cx    // heights over A D, times its length
	if dx == 0 && dy == 0 {               // A is D: B C is the tip of a loop, which has to stay
		return point{}, math.Inf(1)
	}
	if area == 0 && hb == 0 && hc == 0 {
		return pb, 0 // one straight line
	}
	// E lies on the line parallel to A D at height -area; on the line A B or C D,
	// whichever is on the outer side of what is replaced
	onAB := math.Abs(hb) > math.Abs(hc)
	if hb*hc < 0 {
		onAB = hb*-area > 0
	}
	var ex, ey, cost float64
	if onAB {
		if hb == 0 {
			return point{}, math.Inf(1)
		}
		k := -area / hb
		ex, ey = k*bx, k*by
		cost = crossed(bx, by, cx, cy, dx, dy, ex, ey)
	} else {
		vx, vy := cx-dx, cy-dy
		if hc == 0 {
			return point{}, math.Inf(1)
		}
		k := -area / hc
		ex, ey = dx+k*vx, dy+k*vy
		cost = crossed(cx, cy, bx, by, 0, 0, ex, ey)
	}
	// no far-off points of nearly parallel lines
	loX, hiX := min(0, bx, cx, dx), max(0, bx, cx, dx)
	loY, hiY := min(0, by, cy, dy), max(0, by, cy, dy)
	w := (hiX - loX + hiY - loY) / 2
	if ex < loX-w || ex > hiX+w || ey < loY-w || ey > hiY+w {
		return point{}, math.Inf(1)
	}
	x, y := math.Round(ex)+float64(pa.x), math.Round(ey)+float64(pa.y)
	if x < -halfWorld || x > halfWorld || y < -halfWorld || y > halfWorld {
		return point{}, math.Inf(1)
	}
	return point{int32(x), int32(y)}, cost
}

// crossed returns the area between B C D and E D, where E lies on the line through B
// from before: two triangles of equal size, B E X and X C D, with X where E D crosses
// B C.
func crossed(bx, by, cx, cy, dx, dy, ex, ey float64) float64 {
	ux, uy := cx-bx, cy-by
	vx, vy := dx-ex, dy-ey
	den := ux*vy - uy*vx
	if den == 0 {
		return math.Inf(1)
	}
	t := ((ex-bx)*vy - (ey-by)*vx) / den
	// twice the triangle B E X is what the two of them are
	return math.Abs((ex-bx)*t*uy - (ey-by)*t*ux)
}

// push and pop keep queue a heap with the cheapest collapse on top; equal costs go by
// place, so that the result does not depend on the heap.
func (s *simplifier) push(c collapse) {
	q := append(s.queue, c)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !less(&q[i], &q[up]) {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
	s.queue = q
}

func (s *simplifier) pop() collapse {
	q := s.queue
	top := q[0]
	n := len(q) - 1
	q[0] = q[n]
	q = q[:n]
	for i := 0; ; {
		k := 2*i + 1
		if k >= n {
			break
		}
		if k+1 < n && less(&q[k+1], &q[k]) {
			k++
		}
		if !less(&q[k], &q[i]) {
			break
		}
		q[i], q[k] = q[k], q[i]
		i = k
	}
	s.queue = q
	return top
}

func less(a, b *collapse) bool {
	return a.cost < b.cost || a.cost == b.cost && (a.b < b.b || a.b == b.b && a.version < b.version)
}
