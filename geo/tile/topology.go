package tile

// A topology is the lines of a layer, each stored once: the borders that features, or
// versions of a feature, have in common are the same arc. What is done to an arc (it
// is simplified, rounded, mended) is done to all that share it, so that no gap opens
// between them at any zoom.
//
// Arcs end at nodes: ends of lines and points where borders part. Nodes stay where
// they are at every zoom.
type topology struct {
	points  []point  // of arcs
	arcEnd  []uint32 // in points
	refs    []int32  // of paths: arc, or ^arc where it is run through backwards
	pathEnd []uint32 // in refs
	sides   []uint8  // of arcs: rings run through it forwards (1), backwards (2) or both ways (3)
}

func (t *topology) arc(i int) []point {
	var start uint32
	if i > 0 {
		start = t.arcEnd[i-1]
	}
	return t.points[start:t.arcEnd[i]]
}

func (t *topology) path(i uint32) []int32 {
	var start uint32
	if i > 0 {
		start = t.pathEnd[i-1]
	}
	return t.refs[start:t.pathEnd[i]]
}

// rawPaths are lines and rings as they come, the first point of a ring not repeated.
type rawPaths struct {
	points []point
	end    []uint32 // of paths in points
	closed []bool
	south  int32 // the edge of the world; see Grid
}

func (r *rawPaths) add(pts []point, closed bool) {
	r.points = append(r.points, pts...)
	r.end = append(r.end, uint32(len(r.points)))
	r.closed = append(r.closed, closed)
}

// vertices numbers the places of paths and knows which are nodes.
type vertices struct {
	of   []uint32 // number of each point
	node []bool   // by number
}

// number gives equal points one number.
func number(points []point) (of []uint32, count int) {
	size := 16
	for size < 2*len(points) {
		size *= 2
	}
	slots := make([]uint32, size) // index of a first point + 1
	of = make([]uint32, len(points))
	for i, p := range points {
		h := mix(uint64(uint32(p.x))<<32|uint64(uint32(p.y))) & uint64(size-1)
		for ; ; h = (h + 1) & uint64(size-1) {
			if slots[h] == 0 {
				slots[h], of[i] = uint32(i)+1, uint32(count)
				count++
				break
			}
			if first := slots[h] - 1; points[first] == p {
				of[i] = of[first]
				break
			}
		}
	}
	return of, count
}

func (r *rawPaths) vertices() vertices {
	const none = ^uint32(0)
	of, count := number(r.points)
	v := vertices{of, make([]bool, count)}
	type visit struct{ a, b, path uint32 } // neighbours at the first visit, last path
	visits := make([]visit, count)
	for i := range visits {
		visits[i] = visit{none, none, none}
	}
	var start uint32
	for path, end := range r.end {
		n := of[start:end]
		for i, id := range n {
			p := r.points[int(start)+i]
			if (i == 0 || i == len(n)-1) && !r.closed[path] || r.atLimit(p) {
				v.node[id] = true
				continue
			}
			a, b := n[(i+len(n)-1)%len(n)], n[(i+1)%len(n)]
			if a > b {
				a, b = b, a
			}
			switch s := &visits[id]; {
			case s.path == none:
				*s = visit{a, b, uint32(path)}
			case s.path == uint32(path), s.a != a, s.b != b:
				v.node[id] = true
			default:
				s.path = uint32(path)
			}
		}
		start = end
	}
	return v
}

// atLimit tells whether p lies on or beyond the edge of the world, where points must
// not move: see beyondLimit.
func (r *rawPaths) atLimit(p point) bool {
	return p.x <= -halfWorld || p.x >= halfWorld || p.y <= -halfWorld || p.y >= r.south
}

// newTopology finds the arcs of paths.
func newTopology(r *rawPaths) *topology {
	v := r.vertices()
	t := &topology{}
	// An arc is known by its first two vertices, from either end: the second is no node
	// and has no other neighbours, or is the arc's other end.
	known := map[[2]uint32]int32{}
	var ids []uint32
	var pts []point
	add := func(ring bool) {
		n := len(ids)
		ref, ok := known[[2]uint32{ids[0], ids[1]}]
		if !ok {
			ref = int32(len(t.arcEnd))
			t.points = append(t.points, pts...)
			t.arcEnd = append(t.arcEnd, uint32(len(t.points)))
			t.sides = append(t.sides, 0)
			known[[2]uint32{ids[0], ids[1]}] = ref
			if back := [2]uint32{ids[n-1], ids[n-2]}; back != [2]uint32{ids[0], ids[1]} {
				known[back] = ^ref
			}
		}
		switch {
		case !ring:
		case ref >= 0:
			t.sides[ref] |= 1
		default:
			t.sides[^ref] |= 2
		}
		t.refs = append(t.refs, ref)
		ids, pts = append(ids[:0], ids[n-1]), append(pts[:0], pts[n-1])
	}
	var start uint32
	for path, end := range r.end {
		n, p := v.of[start:end], r.points[start:end]
		first := 0
		if r.closed[path] {
			// a ring starts at a node, or where every other ring of the same points starts
			for i, id := range n {
				if v.node[id] != v.node[n[first]] {
					if v.node[id] {
						first = i
					}
				} else if id < n[first] {
					first = i
				}
			}
		}
		ids, pts = append(ids[:0], n[first]), append(pts[:0], p[first])
		steps := len(n) - 1
		if r.closed[path] {
			steps++
		}
		for i := 1; i <= steps; i++ {
			k := (first + i) % len(n)
			ids, pts = append(ids, n[k]), append(pts, p[k])
			if v.node[n[k]] || i == steps {
				add(r.closed[path])
			}
		}
		t.pathEnd = append(t.pathEnd, uint32(len(t.refs)))
		start = end
	}
	return t
}
