package tile

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A network is the lines of one layer, or of several that share them, and what becomes
// of them at each zoom. An arc is simplified, rounded and mended once, for all layers: so
// their borders agree wherever they are the same in the data.
type network struct {
	grid     Grid
	topology *topology
	polygons []polygonPaths // of all layers
	fine     [MaxZoom + 1]bool
	users    [MaxZoom + 1]int // sets that draw at a zoom

	once     sync.Once
	vertices []vertex // of all arcs, at all tolerances
	ends     []uint32 // of arcs in vertices

	levels [MaxZoom + 1]arcLevel
}

// polygonPaths are the rings of a polygon among the paths of the topology, the exterior
// first.
type polygonPaths struct{ from, to uint32 }

// arc returns the vertices of arc i at all tolerances, in order.
func (n *network) arc(i int32) []vertex {
	var start uint32
	if i > 0 {
		start = n.ends[i-1]
	}
	return n.vertices[start:n.ends[i]]
}

// simplify simplifies all arcs, once.
func (n *network) simplify() {
	n.once.Do(func() {
		count := len(n.topology.arcEnd)
		simplified := make([][]vertex, count)
		inShares(count, func(i int) { simplified[i] = simplify(n.topology.arc(i), n.grid.south()) })
		n.ends = make([]uint32, count)
		n.vertices = slices.Concat(simplified...)
		total := uint32(0)
		for i, v := range simplified {
			total += uint32(len(v))
			n.ends[i] = total
		}
	})
}

// inShares calls do for each of count things, some at once.
func inShares(count int, do func(i int)) {
	const share = 16
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 1+count/64) {
		wg.Go(func() {
			for {
				from := int(next.Add(share)) - share
				if from >= count {
					return
				}
				for i := from; i < min(from+share, count); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}

// An arcLevel is the arcs of a network at one zoom: simplified, on the grid of the zoom,
// and cut where polygons would cross themselves.
type arcLevel struct {
	mutex    sync.Mutex
	made     bool
	taken    int // by how many sets: after the last, nobody needs it any more
	topology *topology
	arcs     ringList
	mended   map[int32][]point // arcs that had to be cut
	verdicts []verdict         // of polygons, by their first paths
}

// take returns the arcs at zoom z, for a set that has not taken them yet. It must not
// change them.
func (n *network) take(z uint8) *arcLevel {
	l := &n.levels[z]
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.made {
		l.made, l.topology = true, n.topology
		b := arcBuilder{arcLevel: l, n: n, z: z}
		b.snap()
		b.mend()
	}
	taken := &arcLevel{topology: l.topology, arcs: l.arcs, mended: l.mended, verdicts: l.verdicts}
	if l.taken++; l.taken >= n.users[z] {
		l.arcs, l.mended, l.verdicts = ringList{}, nil, nil
	}
	return taken
}

func (l *arcLevel) arc(i int32) []point {
	if pts, ok := l.mended[i]; ok {
		return pts
	}
	return l.arcs.ring(int(i))
}

// A verdict says what the rings of a polygon are at a zoom.
type verdict uint8

const (
	simple   verdict = iota // its rings can be taken as they are
	tangled                 // they touch or are not nested
	gone                    // nothing is left of it at this zoom
	hopeless                // they cross times without number; its hull has to do
)

// An arcBuilder makes an arcLevel.
type arcBuilder struct {
	*arcLevel
	n     *network
	z     uint8
	users [][]uint32 // polygons by arc, once needed
}

// snap simplifies all arcs for the zoom and rounds them to its grid.
func (b *arcBuilder) snap() {
	gz := gridZoom(b.z)
	unit := math.Ldexp(1, worldZoom-int(b.z))
	area := tolerance * unit * unit
	if b.n.fine[b.z] {
		area = fineTolerance * unit * unit
	}
	t := float32(area)
	b.n.simplify()
	var kept []point
	var sn snapper
	for i := range b.n.ends {
		kept = kept[:0]
		for _, v := range b.n.arc(int32(i)) {
			if v.birth <= t && t < v.death {
				kept = append(kept, v.point)
			}
		}
		b.arcs.points = sn.snap(b.arcs.points, kept, gz)
		b.arcs.close()
	}
}

// mend cuts arcs where simplifying and rounding made polygons cross themselves, until
// none does. Cutting moves an edge by up to half a unit, for all polygons that have it
// alike, so that neighbours stay neighbours.
func (b *arcBuilder) mend() {
	b.verdicts = make([]verdict, len(b.topology.pathEnd))
	dirty := make([]uint32, len(b.n.polygons))
	for i := range dirty {
		dirty[i] = uint32(i)
	}
	for round := 0; len(dirty) > 0 && round < maxRounds; round++ {
		cuts := b.judge(dirty)
		if round == maxRounds-1 {
			return // levelBuilder.addPolygon resolves each by itself
		}
		if len(cuts) == 0 {
			return
		}
		sortCuts(cuts, func(arc, index int32) point { return b.arc(arc)[index] })
		if b.mended == nil {
			b.mended = map[int32][]point{}
			b.index()
		}
		dirty = dirty[:0]
		for len(cuts) > 0 {
			arc := cuts[0].ring
			n := 0
			for n < len(cuts) && cuts[n].ring == arc {
				n++
			}
			b.mended[arc] = insertCuts(nil, b.arc(arc), cuts[:n])
			dirty = append(dirty, b.users[arc]...)
			cuts = cuts[n:]
		}
		slices.Sort(dirty)
		dirty = slices.Compact(dirty)
	}
}

// index finds the polygons of each arc.
func (b *arcBuilder) index() {
	b.users = make([][]uint32, b.arcs.len())
	for i, p := range b.n.polygons {
		for k := p.from; k < p.to; k++ {
			for _, ref := range b.topology.path(k) {
				a := max(ref, ^ref)
				b.users[a] = append(b.users[a], uint32(i))
			}
		}
	}
}

// judge sets the verdicts on polygons and returns where arcs have to be cut.
func (b *arcBuilder) judge(polygons []uint32) []cut {
	var mutex sync.Mutex
	var found []cut
	workers := sync.Pool{New: func() any { return new(ringWorker) }}
	inShares(len(polygons), func(i int) {
		w := workers.Get().(*ringWorker)
		defer workers.Put(w)
		if w.cuts = b.judgePolygon(w, b.n.polygons[polygons[i]], w.cuts[:0]); len(w.cuts) > 0 {
			mutex.Lock()
			defer mutex.Unlock()
			found = append(found, w.cuts...)
		}
	})
	return found
}

// judgePolygon sets the verdict on p and appends where arcs have to be cut.
func (b *arcBuilder) judgePolygon(w *ringWorker, p polygonPaths, cuts []cut) []cut {
	verdict := &b.verdicts[p.from]
	if !b.assemble(w, p) {
		*verdict = gone
		return cuts
	}
	w.noder.reset()
	for i := range w.rings.len() {
		w.noder.add(w.rings.ring(i))
	}
	w.noder.scan()
	*verdict = simple
	if len(w.noder.cuts) > maxCuts {
		*verdict = hopeless
		return cuts
	}
	if len(w.noder.cuts) > 0 || w.noder.touch || !nested(&w.rings) {
		*verdict = tangled
	}
	for _, c := range w.noder.cuts {
		var start int32
		if c.ring > 0 {
			start = w.rings.ends[c.ring-1]
		}
		o := w.owners[start+c.index]
		index := o.index
		arc := o.ref
		if arc < 0 {
			arc = ^arc
			index = int32(len(b.arc(arc))) - 2 - index
		}
		cuts = append(cuts, cut{arc, index, c.at})
	}
	return cuts
}

// A ringWorker assembles the rings of a polygon.
type ringWorker struct {
	rings    ringList
	noder    noder
	owners   []owner
	resolver resolver
	out      polygonList
	cuts     []cut
}

// An owner tells which arc the edge that starts at a point of a ring is of, and its
// place along the arc as the ring runs through it.
type owner struct{ ref, index int32 }

// assemble puts the rings of polygon p into w.rings. It reports whether the exterior is
// still a ring.
func (l *arcLevel) assemble(w *ringWorker, p polygonPaths) bool {
	w.rings.reset()
	w.owners = w.owners[:0]
	for k := p.from; k < p.to; k++ {
		start := l.assemblePath(w, k)
		n := len(w.rings.points)
		if n-1 > start && w.rings.points[n-1] == w.rings.points[start] {
			n--
			w.rings.points, w.owners = w.rings.points[:n], w.owners[:n]
		}
		if n-start < 3 {
			if k == p.from {
				return false
			}
			w.rings.points, w.owners = w.rings.points[:start], w.owners[:start]
			continue
		}
		w.rings.close()
	}
	return w.rings.len() > 0
}

// assemblePath adds the points of a path to w.rings, as a ring that is still open.
func (l *arcLevel) assemblePath(w *ringWorker, path uint32) (start int) {
	start = len(w.rings.points)
	for _, ref := range l.topology.path(path) {
		arc := l.arc(max(ref, ^ref))
		for i := range arc {
			p := arc[i]
			if ref < 0 {
				p = arc[len(arc)-1-i]
			}
			if n := len(w.rings.points); n > start && w.rings.points[n-1] == p {
				w.owners[n-1] = owner{ref, int32(i)}
				continue
			}
			w.rings.points = append(w.rings.points, p)
			w.owners = append(w.owners, owner{ref, int32(i)})
		}
	}
	return start
}

// nested tells whether all rings but the first, which do not cross any, lie inside the
// first and in no other.
func nested(rings *ringList) bool {
	n := rings.len()
	if n == 1 {
		return true
	}
	box := make([]bbox, n)
	for i := range n {
		box[i] = boxOf(rings.ring(i))
	}
	for i := 1; i < n; i++ {
		p := rings.ring(i)[0]
		for k := range n {
			if k == i {
				continue
			}
			b := &box[k]
			in := p.x >= b.minX && p.x <= b.maxX && p.y >= b.minY && p.y <= b.maxY &&
				odd(rings.ring(k), int64(p.x), int64(p.y), 0)
			if in != (k == 0) {
				return false
			}
		}
	}
	return true
}
