package tile

import (
	"cmp"
	"math"
	"slices"
)

// Polygons are clipped half a unit inside of the clip box, where no point of the grid
// lies: so every edge is either inside, outside or crosses, and no border case exists.
// What crosses is brought out onto the clip box by rounding. No other point of a ring is on
// it, so that the lines drawn along it touch none. So that rounding turns the rest of the
// edge by next to nothing, the edge gets a bend in the buffer where it must: at the point
// of the grid that it passes most closely.
const (
	edgeMin  = clipMin + .5
	edgeMax  = clipMax - .5
	edgeSide = edgeMax - edgeMin
)

// within tells whether v is inside of the lines at which polygons are clipped.
func within(v vec) bool {
	return v.x > clipMin && v.x < clipMax && v.y > clipMin && v.y < clipMax
}

// A clipper cuts polygons to the clip box.
type clipper struct {
	points  []point // of chains
	chains  []chain
	entries []int32   // chains in order of their entries
	holes   []ringRef // interiors inside of the box, untouched

	out      polygonList
	fresh    []edge   // edges of out that the level does not have
	near     []edge   // those of them that may meet what is looked at
	same     int      // edges that are one of them
	hole     []point  // one of holes in the tile's units
	places   []uint64 // see touches
	raw      ringList
	ring     [3][]vec
	resolver resolver
}

// A chain is a stretch of a ring inside the box, from where it comes in to where it
// leaves. Both are places along the border of the box: see borderAt.
type chain struct {
	from, to    int32 // in points
	entry, exit float64
	used        bool
	bent        [2]bool // the edge that comes in, that which leaves
}

type ringRef struct {
	path  uint32
	owner int32 // exterior in out
}

type edge struct{ a, b point }

// polygon writes what the clip box holds of a polygon whose box reaches beyond box, which
// is what frame.clipBox says.
func (c *clipper) polygon(pen *pen, l *level, shape uint32, f frame, box *bbox) {
	c.points, c.chains, c.holes = c.points[:0], c.chains[:0], c.holes[:0]
	first, last := l.shapePaths(shape)
	cuts := 0
	for i := first; i < last; i++ {
		switch b := &l.paths[i].box; {
		case !b.meets(box):
		case b.within(box):
			c.holes = append(c.holes, ringRef{i, 0}) // the exterior is not within
		default:
			cuts++
			c.cut(l, i, f, box)
		}
	}
	c.out.reset()
	c.fresh = c.fresh[:0]
	if len(c.chains) == 0 {
		if !l.covers(first, last, f, box) {
			return
		}
		c.out.begin()
		c.out.rings.points = append(c.out.rings.points,
			point{clipMin, clipMin}, point{clipMax, clipMin}, point{clipMax, clipMax}, point{clipMin, clipMax})
		c.out.rings.close()
	} else if !c.link() {
		c.cutAgain(l, first, last, f)
		c.repair(pen)
		return
	} else if cuts > 1 && l.shapes[shape].touching && c.touches() || !c.sound(l, f) || !c.assign(l, f) {
		c.collect(l, f)
		c.repair(pen)
		return
	}
	for i := range c.out.rings.len() {
		if r := c.out.rings.ring(i); len(r) > 0 {
			pen.ring(r)
			for _, h := range c.holes {
				if int(h.owner) == i {
					pen.hole(l.path(h.path), f)
				}
			}
		}
	}
}

func (p *pen) hole(pts []point, f frame) {
	p.command(cmdMoveTo, 1)
	for i, q := range pts {
		if i == 1 {
			p.command(cmdLineTo, len(pts)-1)
		}
		v := f.local(q)
		p.to(point{int32(v.x), int32(v.y)})
	}
	p.command(cmdClosePath, 1)
}

// cut adds the chains of path i.
func (c *clipper) cut(l *level, i uint32, f frame, box *bbox) {
	pts := l.path(i)
	firstChain, firstPoint := len(c.chains), len(c.points)
	headless := box.holds(pts[0]) // it begins with the end of the chain that it ends with
	if headless {
		c.chains = append(c.chains, chain{from: int32(firstPoint)})
		c.add(f.local(pts[0]))
	}
	open := headless // the last chain is still inside, and so before the next range
	for from, to := range l.near(i, box) {
		a := pts[from]
		for k := from + 1; k <= to; k++ {
			b := pts[0]
			if k < len(pts) {
				b = pts[k]
			}
			switch in := box.holds(b); {
			case open && in:
				if k < len(pts) {
					c.add(f.local(b))
				}
			case open:
				c.leave(f.local(a), f.local(b))
				open = false
			case in:
				c.enter(f.local(a), f.local(b))
				open = true
				if k < len(pts) {
					c.add(f.local(b))
				}
			case !box.beside(a, b):
				c.pass(f.local(a), f.local(b))
			}
			a = b
		}
	}
	if !headless {
		return
	}
	if len(c.chains) == firstChain+1 && open {
		// never left: then the box of the path would be within
		c.chains[firstChain].used = true
		return
	}
	// the last chain goes on with the first
	head := c.chains[firstChain]
	last := &c.chains[len(c.chains)-1]
	for _, p := range c.points[head.from:head.to] {
		c.push(p)
	}
	last.to, last.exit, last.bent[1] = int32(len(c.points)), head.exit, head.bent[1]
	c.chains[firstChain] = *last
	c.chains = c.chains[:len(c.chains)-1]
}

func (c *clipper) add(v vec) { c.push(point{int32(v.x), int32(v.y)}) }

// push adds p to the open chain, which is the last.
func (c *clipper) push(p point) {
	if n := len(c.points); n == int(c.chains[len(c.chains)-1].from) || c.points[n-1] != p {
		c.points = append(c.points, p)
	}
}

func (c *clipper) enter(a, b vec) {
	t, side := enterAt(a, b)
	x, y := a.along(b, t)
	p := onBorder(x, y, side)
	ch := chain{from: int32(len(c.points)), entry: borderAt(x, y, side)}
	var bend point
	bend, ch.bent[0] = bendOf(a, b, x, y, p)
	c.chains = append(c.chains, ch)
	c.push(p)
	if ch.bent[0] {
		c.push(bend)
	}
}

func (c *clipper) leave(a, b vec) {
	t, side := enterAt(b, a)
	x, y := b.along(a, t)
	p := onBorder(x, y, side)
	last := &c.chains[len(c.chains)-1]
	var bend point
	if bend, last.bent[1] = bendOf(b, a, x, y, p); last.bent[1] {
		c.push(bend)
	}
	c.push(p)
	last.to, last.exit = int32(len(c.points)), borderAt(x, y, side)
}

// pass adds the chain of an edge that begins and ends outside and may cross the box.
func (c *clipper) pass(a, b vec) {
	t, sideIn, u, sideOut, ok := passAt(a, b)
	if !ok {
		return
	}
	x, y := a.along(b, t)
	v, w := b.along(a, u)
	p, q := onBorder(x, y, sideIn), onBorder(v, w, sideOut)
	ch := chain{from: int32(len(c.points)), entry: borderAt(x, y, sideIn), exit: borderAt(v, w, sideOut)}
	var bends [2]point
	if max(math.Abs(v-x), math.Abs(w-y)) > 3*buffer { // the bends are far apart
		bends[0], ch.bent[0] = bendOf(a, b, x, y, p)
		bends[1], ch.bent[1] = bendOf(b, a, v, w, q)
	}
	c.chains = append(c.chains, ch)
	c.push(p)
	for i, bend := range bends {
		if ch.bent[i] {
			c.push(bend)
		}
	}
	c.push(q)
	c.chains[len(c.chains)-1].to = int32(len(c.points))
}

// bendArea is what, in square units, rounding a crossing may add to a polygon or take
// away before its edge gets a bend.
const bendArea = 2

// bendOf returns the point of the grid in the buffer that comes closest to the edge from
// a, outside of the box, to b, where it crosses the side of the box at x, y, which was
// brought to p. It reports false if the edge is as well without a bend. It is the same for
// all polygons that have the edge, whichever way they run through it.
func bendOf(a, b vec, x, y float64, p point) (bend point, ok bool) {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	length := math.Hypot(dx, dy)
	off := math.Abs((float64(p.x)-x)*dy-(float64(p.y)-y)*dx) / length
	// how far it goes on inside, at most across the box
	rest := min(math.Hypot(float64(b.x)-x, float64(b.y)-y), math.Sqrt2*edgeSide)
	if off*rest/2 <= bendArea {
		return point{}, false
	}
	least := off / 2
	steep := math.Abs(dy) > math.Abs(dx)
	for k := range int64(buffer) {
		q := p
		var miss float64
		if steep {
			q.y += int32(k * int64(math.Copysign(1, dy)))
			at := x + (float64(q.y)-y)*dx/dy
			q.x = int32(round(at))
			miss = math.Abs(float64(q.x) - at)
		} else {
			q.x += int32(k * int64(math.Copysign(1, dx)))
			at := y + (float64(q.x)-x)*dy/dx
			q.y = int32(round(at))
			miss = math.Abs(float64(q.y) - at)
		}
		switch v := (vec{int64(q.x), int64(q.y)}); {
		case !within(v):
			continue
		case v.x >= 0 && v.x <= extent && v.y >= 0 && v.y <= extent,
			float64(v.x-b.x)*dx+float64(v.y-b.y)*dy >= 0: // in the tile, or at b
			return bend, ok
		}
		if miss < least {
			bend, least, ok = q, miss, true
		}
	}
	return bend, ok
}

// The sides of the box, in the order of its border.
const (
	top = iota
	right
	bottom
	left
)

// enterAt returns how far on the way from a, outside of the box, to b it comes in, as a
// share, and through which side, if it does.
func enterAt(a, b vec) (t float64, side int) {
	ax, ay := float64(a.x), float64(a.y)
	dx, dy := float64(b.x)-ax, float64(b.y)-ay
	switch {
	case ax < edgeMin && dx > 0:
		t, side = (edgeMin-ax)/dx, left
	case ax > edgeMax && dx < 0:
		t, side = (edgeMax-ax)/dx, right
	}
	switch {
	case ay < edgeMin && dy > 0:
		if u := (edgeMin - ay) / dy; u > t {
			t, side = u, top
		}
	case ay > edgeMax && dy < 0:
		if u := (edgeMax - ay) / dy; u > t {
			t, side = u, bottom
		}
	}
	return t, side
}

func (v vec) along(b vec, t float64) (x, y float64) {
	return float64(v.x) + t*float64(b.x-v.x), float64(v.y) + t*float64(b.y-v.y)
}

// passAt is enterAt from both ends of an edge that begins and ends outside of the box, but
// not both beyond one side; ok tells whether it runs through it.
func passAt(a, b vec) (t float64, sideIn int, u float64, sideOut int, ok bool) {
	t, sideIn = enterAt(a, b)
	u, sideOut = enterAt(b, a)
	return t, sideIn, u, sideOut, t+u < 1
}

// reaches tells whether the box holds anything of a polygon.
func (l *level) reaches(shape uint32, f frame, box *bbox) bool {
	first, last := l.shapePaths(shape)
	for i := first; i < last; i++ {
		if l.paths[i].box.meets(box) && l.enters(i, f, box) {
			return true
		}
	}
	return l.covers(first, last, f, box)
}

// enters tells whether the box holds anything of path i.
func (l *level) enters(i uint32, f frame, box *bbox) bool {
	pts := l.path(i)
	for from, to := range l.near(i, box) {
		a := pts[from]
		for k := from + 1; k <= to; k++ {
			b := pts[k%len(pts)]
			if box.holds(a) || box.holds(b) {
				return true
			}
			if !box.beside(a, b) {
				if _, _, _, _, ok := passAt(f.local(a), f.local(b)); ok {
					return true
				}
			}
			a = b
		}
	}
	return false
}

// borderAt returns the place of x, y along the border of the box from its north-western
// corner, in the direction that has the inside on its left (see orient).
func borderAt(x, y float64, side int) float64 {
	switch side {
	case top:
		return x - edgeMin
	case right:
		return edgeSide + y - edgeMin
	case bottom:
		return 2*edgeSide + edgeMax - x
	}
	return 3*edgeSide + edgeMax - y
}

// onBorder returns the point of the clip box to which x, y on a side of the box is brought.
func onBorder(x, y float64, side int) point {
	p := point{int32(clamp(x)), int32(clamp(y))}
	switch side {
	case top:
		p.y = clipMin
	case left:
		p.x = clipMin
	}
	return p
}

// covers tells whether the box, whose border no ring crosses, lies inside the polygon of the
// paths [first, last).
func (l *level) covers(first, last uint32, f frame, box *bbox) bool {
	in := false
	for i := first; i < last; i++ {
		if l.oddAt(i, f, box) {
			in = !in
		}
	}
	return in
}

// oddAt tells whether a ray to the right from the north-western corner of the box, which no
// edge runs through, crosses path i an odd number of times.
func (l *level) oddAt(i uint32, f frame, box *bbox) bool {
	const corner = 2*clipMin + 1 // in half units
	pts, in := l.path(i), false
	ray := bbox{box.minX, box.minY, math.MaxInt32, box.minY - 1} // what meets it is on either side of it
	if !l.paths[i].box.meets(&ray) {
		return false
	}
	for from, to := range l.near(i, &ray) {
		p := pts[from]
		for k := from + 1; k <= to; k++ {
			q := pts[k%len(pts)]
			if (p.y < box.minY) != (q.y < box.minY) {
				a, b := f.local(p), f.local(q)
				if a.y > b.y {
					a, b = b, a
				}
				if less128(corner-2*a.x, 2*(b.y-a.y), 2*(b.x-a.x), corner-2*a.y) {
					in = !in
				}
			}
			p = q
		}
	}
	return in
}

// link joins chains along the border to rings. It reports false if they do not fit,
// which happens when places on the border are too close to tell their order.
func (c *clipper) link() bool {
	c.entries = c.entries[:0]
	for i := range c.chains {
		c.entries = append(c.entries, int32(i))
	}
	slices.SortFunc(c.entries, func(a, b int32) int {
		return cmp.Compare(c.chains[a].entry, c.chains[b].entry)
	})
	out := &c.out.rings
	for i := range c.chains {
		if c.chains[i].used {
			continue
		}
		start, fresh := len(out.points), len(c.fresh)
		for k := i; ; {
			ch := &c.chains[k]
			ch.used = true
			last := int(ch.to-ch.from) - 1
			for n, p := range c.points[ch.from:ch.to] {
				fresh := n == 1 || n == last || n == 2 && ch.bent[0] || n == last-1 && ch.bent[1]
				c.extend(start, p, fresh)
			}
			at, _ := slices.BinarySearchFunc(c.entries, ch.exit, func(e int32, exit float64) int {
				return cmp.Compare(c.chains[e].entry, exit)
			})
			next := c.entries[at%len(c.entries)]
			to := c.chains[next].entry
			if at == len(c.entries) {
				to += 4 * edgeSide
			}
			for corner := math.Floor(ch.exit/edgeSide) + 1; corner*edgeSide < to; corner++ {
				c.extend(start, [4]point{
					{clipMin, clipMin}, {clipMax, clipMin}, {clipMax, clipMax}, {clipMin, clipMax},
				}[int(corner)%4], true)
			}
			if int(next) == i {
				break
			}
			if c.chains[next].used {
				return false
			}
			c.extend(start, c.points[c.chains[next].from], true)
			k = int(next)
		}
		for n := len(out.points); n-1 > start && out.points[n-1] == out.points[start]; n-- {
			out.points = out.points[:n-1]
		}
		if n := len(out.points); n-start < 3 { // rounding left no area
			out.points, c.fresh = out.points[:start], c.fresh[:fresh]
		} else {
			c.fresh = append(c.fresh, edge{out.points[n-1], out.points[start]})
		}
		out.close()
		c.out.begin()
	}
	return true
}

// extend adds p to the ring that is being linked; fresh tells that the edge to it is not
// one of the level.
func (c *clipper) extend(start int, p point, fresh bool) {
	out := &c.out.rings
	n := len(out.points)
	if n > start {
		if out.points[n-1] == p {
			return
		}
		if fresh {
			c.fresh = append(c.fresh, edge{out.points[n-1], p})
		}
	}
	out.points = append(out.points, p)
}

// touches tells whether two points of c.out are the same, as they may be where rings that
// touched each other, which is in points of both, were joined to one.
func (c *clipper) touches() bool {
	c.places = c.places[:0]
	for _, p := range c.out.rings.points {
		c.places = append(c.places, p.order())
	}
	slices.Sort(c.places)
	for i := 1; i < len(c.places); i++ {
		if c.places[i] == c.places[i-1] {
			return true
		}
	}
	return false
}

// sound tells whether the rings of c.out with c.holes are simple and apart. The polygon
// was, so only edges that are fresh can spoil it.
func (c *clipper) sound(l *level, f frame) bool {
	c.same = 0
	for i := range c.out.rings.len() {
		if !c.apart(c.out.rings.ring(i)) {
			return false
		}
	}
	for _, h := range c.holes {
		c.hole = c.hole[:0]
		for _, p := range l.path(h.path) {
			v := f.local(p)
			c.hole = append(c.hole, point{int32(v.x), int32(v.y)})
		}
		if !c.apart(c.hole) {
			return false
		}
	}
	return c.same == len(c.fresh) // each fresh edge is met once, by itself
}

// apart tells whether the edges of a ring meet fresh edges in common ends only, and in each
// at most once.
func (c *clipper) apart(ring []point) bool {
	const run = 16 // edges that are looked at together: few fresh ones are near
	for from := 0; from < len(ring); from += run {
		to := min(from+run, len(ring))
		box := boxOf(ring[from:to])
		box.add(ring[to%len(ring)])
		c.near = c.near[:0]
		for _, e := range c.fresh {
			if !box.beside(e.a, e.b) {
				c.near = append(c.near, e)
			}
		}
		for k := from; len(c.near) > 0 && k < to; k++ {
			if !c.apartEdge(ring[k], ring[(k+1)%len(ring)]) {
				return false
			}
		}
	}
	return true
}

// apartEdge is apart for an edge and those of c.near.
func (c *clipper) apartEdge(a, b point) bool {
	box := bbox{min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)}
	for _, e := range c.near {
		if box.beside(e.a, e.b) {
			continue
		}
		switch {
		case e.a == a && e.b == b:
			c.same++
		case e.b == a && e.a != b: // follows
			if orient(e.a, a, b) == 0 && dot(a, e.a, b) > 0 {
				return false
			}
		case e.a == b && e.b != a:
			if orient(a, b, e.b) == 0 && dot(b, a, e.b) > 0 {
				return false
			}
		default:
			o1, o2 := sign(orient(a, b, e.a)), sign(orient(a, b, e.b))
			o3, o4 := sign(orient(e.a, e.b, a)), sign(orient(e.a, e.b, b))
			if o1*o2 <= 0 && o3*o4 <= 0 {
				return false
			}
		}
	}
	return true
}

func dot(o, a, b point) int64 {
	return (int64(a.x)-int64(o.x))*(int64(b.x)-int64(o.x)) + (int64(a.y)-int64(o.y))*(int64(b.y)-int64(o.y))
}

func sign(v int64) int { return cmp.Compare(v, 0) }

// assign finds the exterior of each untouched interior.
func (c *clipper) assign(l *level, f frame) bool {
	exteriors, only := 0, -1
	for i := range c.out.rings.len() {
		if r := c.out.rings.ring(i); len(r) > 0 {
			if area2(r) <= 0 {
				return false
			}
			exteriors, only = exteriors+1, i
		}
	}
	for k := range c.holes {
		c.holes[k].owner = int32(only)
		if exteriors == 1 {
			continue
		}
		c.holes[k].owner = -1
		for _, p := range l.path(c.holes[k].path) { // one is enough, unless the exterior touches it there
			v := f.local(p)
			for i := range c.out.rings.len() {
				if r := c.out.rings.ring(i); len(r) > 0 && odd(r, v.x, v.y, 0) {
					c.holes[k].owner = int32(i)
				}
			}
			if c.holes[k].owner >= 0 {
				break
			}
		}
		if c.holes[k].owner < 0 {
			return false
		}
	}
	return true
}

// collect puts the rings of c.out and c.holes, which are what is wanted but for crossings
// that rounding brought, into c.raw.
func (c *clipper) collect(l *level, f frame) {
	c.raw.reset()
	for i := range c.out.rings.len() {
		c.raw.add(c.out.rings.ring(i))
	}
	for _, h := range c.holes {
		for _, p := range l.path(h.path) {
			v := f.local(p)
			c.raw.points = append(c.raw.points, point{int32(v.x), int32(v.y)})
		}
		c.raw.close()
	}
}

// cutAgain puts the polygon into c.raw, cut in a way that can't fail but leaves rings
// that are not simple.
func (c *clipper) cutAgain(l *level, first, last uint32, f frame) {
	c.raw.reset()
	for i := first; i < last; i++ {
		c.ring[0] = c.ring[0][:0]
		for _, p := range l.path(i) {
			c.ring[0] = append(c.ring[0], f.local(p))
		}
		c.ring[1] = clipRing(c.ring[1], c.ring[0], c.ring[2])
		start := len(c.raw.points)
		for _, v := range c.ring[1] {
			p := point{int32(v.x), int32(v.y)}
			if n := len(c.raw.points); n == start || c.raw.points[n-1] != p {
				c.raw.points = append(c.raw.points, p)
			}
		}
		for n := len(c.raw.points); n-1 > start && c.raw.points[n-1] == c.raw.points[start]; n-- {
			c.raw.points = c.raw.points[:n-1]
		}
		c.raw.close()
	}
}

// repair writes the polygon that the rings of c.raw make, whatever they are.
func (c *clipper) repair(pen *pen) {
	c.out.reset()
	c.resolver.resolve(&c.out, &c.raw)
	for i := range c.out.rings.len() {
		pen.ring(c.out.rings.ring(i))
	}
}
