package tile

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// tolerance is how much area, in square units of a tile, simplifying may move from one
	// side of a line to the other at a step. Pages show a tile at 512 px, so 8 units are a
	// pixel, and 32 half a square one: a bump a pixel long and half a pixel high. Drawn over
	// each other, the lines with and without it can't be told apart.
	tolerance = 32
	// fineTolerance is that of the deepest zoom of a set, which clients may enlarge.
	fineTolerance = 1
	// pixelSide is the side of the square that stands for a polygon too small to draw:
	// one that has less area and has no border with another, or has no area left.
	pixelSide = 4
	// islandArea is the area up to which a polygon that shares no border is left out, if
	// its feature has something else to show: 1/64 of a pixel.
	islandArea = 1
	// chunk is how many edges of a long path have a box of their own.
	chunk = 32
)

// A bbox is a rectangle on a grid, edges included.
type bbox struct{ minX, minY, maxX, maxY int32 }

func emptyBox() bbox { return bbox{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32} }

func (b *bbox) add(p point) {
	b.minX, b.maxX = min(b.minX, p.x), max(b.maxX, p.x)
	b.minY, b.maxY = min(b.minY, p.y), max(b.maxY, p.y)
}

func boxOf(pts []point) bbox {
	b := emptyBox()
	for _, p := range pts {
		b.add(p)
	}
	return b
}

// A level is the geometry of a set at one zoom: simplified, on the grid of the zoom,
// polygons valid. Shapes are lines, each of one path, or polygons, each of an exterior
// ring and its interiors.
type level struct {
	once   sync.Once
	points []point
	paths  []levelPath
	shapes []levelShape
	parts  []uint32 // end of the shapes of each part
	chunks []bbox
}

type levelPath struct {
	end, chunkEnd uint32 // in points and chunks
	box           bbox
}

type levelShape struct {
	pathEnd  uint32
	touching bool // its rings may touch each other
	box      bbox
}

func (l *level) path(i uint32) []point {
	var start uint32
	if i > 0 {
		start = l.paths[i-1].end
	}
	return l.points[start:l.paths[i].end]
}

// chunksOf returns the boxes of each chunk edges of path i, nothing if it is short.
func (l *level) chunksOf(i uint32) []bbox {
	var start uint32
	if i > 0 {
		start = l.paths[i-1].chunkEnd
	}
	return l.chunks[start:l.paths[i].chunkEnd]
}

func (l *level) shapePaths(i uint32) (from, to uint32) {
	if i > 0 {
		from = l.shapes[i-1].pathEnd
	}
	return from, l.shapes[i].pathEnd
}

func (l *level) partShapes(i uint32) (from, to uint32) {
	if i > 0 {
		from = l.parts[i-1]
	}
	return from, l.parts[i]
}

// addPath adds a path of the shape that is being added.
func (l *level) addPath(pts []point, closed bool) {
	l.points = append(l.points, pts...)
	if len(pts) > 2*chunk {
		for i := 0; i < len(pts); i += chunk {
			b := boxOf(pts[i:min(i+chunk+1, len(pts))])
			if closed && i+chunk >= len(pts) {
				b.add(pts[0])
			}
			l.chunks = append(l.chunks, b)
		}
	}
	l.paths = append(l.paths, levelPath{uint32(len(l.points)), uint32(len(l.chunks)), boxOf(pts)})
}

// A levelMark is a length of a level.
type levelMark struct{ points, paths, shapes, chunks int }

func (l *level) mark() levelMark {
	return levelMark{len(l.points), len(l.paths), len(l.shapes), len(l.chunks)}
}

// reset takes away what was added after m.
func (l *level) reset(m levelMark) {
	l.points, l.paths = l.points[:m.points], l.paths[:m.paths]
	l.shapes, l.chunks = l.shapes[:m.shapes], l.chunks[:m.chunks]
}

// endShape ends the shape, whose box is that of its first path.
func (l *level) endShape(touching bool) {
	var first uint32
	if n := len(l.shapes); n > 0 {
		first = l.shapes[n-1].pathEnd
	}
	l.shapes = append(l.shapes, levelShape{uint32(len(l.paths)), touching, l.paths[first].box})
}

// level returns the geometry of lines and polygons at zoom z. It is made when it is
// first asked for, so that a set is ready before its pyramid is.
func (s *Set) level(z uint8) *level {
	l := &s.levels[z]
	l.once.Do(func() {
		b := levelBuilder{s: s, l: l, z: z}
		b.build()
	})
	return l
}

// A levelBuilder makes a level.
type levelBuilder struct {
	s *Set
	l *level
	z uint8

	arcs   ringList          // at this zoom
	mended map[int32][]point // arcs that had to be cut
	users  [][]uint32        // parts by arc, once needed

	verdicts []verdict // of parts
}

type verdict uint8

const (
	simple   verdict = iota // its rings can be taken as they are
	tangled                 // they touch or are not nested
	gone                    // nothing is left of it at this zoom
	hopeless                // they cross times without number; its hull has to do
)

func (b *levelBuilder) build() {
	b.snapArcs()
	b.mend()
	var w ringWorker
	l, first := b.l, 0
	for i := range b.s.items {
		it := &b.s.items[i]
		last := int(it.partEnd)
		before, ends := l.mark(), len(l.parts)
		small := it.itemKind != kindPoint
		var area int64
		for p := first; p < last; p++ {
			switch it.itemKind {
			case kindLine:
				small = b.addLine(&w, p) && small
			case kindPolygon:
				a, shared := b.addPolygon(&w, p)
				area += a
				small = small && !shared && area < 2*pixelSide*pixelSide
			}
			l.parts = append(l.parts, uint32(len(l.shapes)))
		}
		if small {
			l.reset(before)
			for p := range l.parts[ends:] {
				l.parts[ends+p] = uint32(len(l.shapes))
			}
			if b.s.small == Pixel {
				b.addPixel(it.itemKind, first, last)
			}
		}
		first = last
	}
	b.l.points = slices.Clip(b.l.points)
}

// snapArcs simplifies all arcs for the zoom and rounds them to its grid.
func (b *levelBuilder) snapArcs() {
	gz := gridZoom(b.z)
	unit := math.Ldexp(1, worldZoom-int(b.z))
	area := tolerance * unit * unit
	if b.z == b.s.maxZoom {
		area = fineTolerance * unit * unit
	}
	t := float32(area)
	v := b.s.vertices()
	var start uint32
	var kept []point
	var sn snapper
	for _, end := range v.end {
		kept = kept[:0]
		for i := start; i < end; i++ {
			if v := &v.list[i]; v.birth <= t && t < v.death {
				kept = append(kept, v.point)
			}
		}
		b.arcs.points = sn.snap(b.arcs.points, kept, gz)
		b.arcs.close()
		start = end
	}
}

func (b *levelBuilder) arc(i int32) []point {
	if pts, ok := b.mended[i]; ok {
		return pts
	}
	return b.arcs.ring(int(i))
}

// mend cuts arcs where simplifying and rounding made polygons cross themselves, until
// none does. Cutting moves an edge by up to half a unit, for all polygons that have it
// alike, so that neighbours stay neighbours.
func (b *levelBuilder) mend() {
	b.verdicts = make([]verdict, len(b.s.parts))
	var dirty []uint32
	for i := range b.s.parts {
		if b.s.items[b.s.parts[i].item].itemKind == kindPolygon {
			dirty = append(dirty, uint32(i))
		}
	}
	for round := 0; len(dirty) > 0 && round < maxRounds; round++ {
		cuts := b.judge(dirty)
		if round == maxRounds-1 {
			return // addPolygon resolves each by itself
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
func (b *levelBuilder) index() {
	b.users = make([][]uint32, b.arcs.len())
	for i := range b.s.parts {
		p := &b.s.parts[i]
		if b.s.items[p.item].itemKind != kindPolygon {
			continue
		}
		for k := p.from; k < p.to; k++ {
			for _, ref := range b.s.topology.path(k) {
				a := max(ref, ^ref)
				b.users[a] = append(b.users[a], uint32(i))
			}
		}
	}
}

// judge sets the verdicts on parts and returns where arcs have to be cut.
func (b *levelBuilder) judge(parts []uint32) []cut {
	workers := min(runtime.GOMAXPROCS(0), 1+len(parts)/64)
	found := make([][]cut, workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var rw ringWorker
			for {
				const share = 16
				from := int(next.Add(share)) - share
				if from >= len(parts) {
					return
				}
				for _, p := range parts[from:min(from+share, len(parts))] {
					found[w] = b.judgePart(&rw, p, found[w])
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(found...)
}

// A ringWorker assembles the rings of a part.
type ringWorker struct {
	rings    ringList
	noder    noder
	owners   []owner
	resolver resolver
	out      polygonList
}

// An owner tells which arc the edge that starts at a point of a ring is of, and its
// place along the arc as the ring runs through it.
type owner struct{ ref, index int32 }

// assemble puts the rings of part p into w.rings. It reports whether the exterior is
// still a ring.
func (b *levelBuilder) assemble(w *ringWorker, p uint32) bool {
	w.rings.reset()
	w.owners = w.owners[:0]
	part := &b.s.parts[p]
	for k := part.from; k < part.to; k++ {
		start := b.assemblePath(w, k)
		n := len(w.rings.points)
		if n-1 > start && w.rings.points[n-1] == w.rings.points[start] {
			n--
			w.rings.points, w.owners = w.rings.points[:n], w.owners[:n]
		}
		if n-start < 3 {
			if k == part.from {
				return false
			}
			w.rings.points, w.owners = w.rings.points[:start], w.owners[:start]
			continue
		}
		w.rings.close()
	}
	return w.rings.len() > 0
}

func (b *levelBuilder) assemblePath(w *ringWorker, path uint32) (start int) {
	start = len(w.rings.points)
	for _, ref := range b.s.topology.path(path) {
		arc := b.arc(max(ref, ^ref))
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

func (b *levelBuilder) judgePart(w *ringWorker, p uint32, cuts []cut) []cut {
	if !b.assemble(w, p) {
		b.verdicts[p] = gone
		return cuts
	}
	w.noder.reset()
	for i := range w.rings.len() {
		w.noder.add(w.rings.ring(i))
	}
	w.noder.scan()
	b.verdicts[p] = simple
	if len(w.noder.cuts) > maxCuts {
		b.verdicts[p] = hopeless
		return cuts
	}
	if len(w.noder.cuts) > 0 || w.noder.touch || !nested(&w.rings) {
		b.verdicts[p] = tangled
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

// addLine adds part p. It reports whether that is no longer than a unit.
func (b *levelBuilder) addLine(w *ringWorker, p int) (small bool) {
	w.rings.reset()
	w.owners = w.owners[:0]
	small = true
	part := &b.s.parts[p]
	for k := part.from; k < part.to; k++ {
		start := b.assemblePath(w, k)
		if pts := w.rings.points[start:]; len(pts) > 1 {
			b.l.addPath(pts, false)
			b.l.endShape(false)
			box := boxOf(pts)
			small = small && box.maxX-box.minX <= 1 && box.maxY-box.minY <= 1
		}
	}
	return small
}

// addPolygon adds part p, unless nothing is left of it, or so little that nobody misses
// it where its feature has more. It returns twice its area, and whether another polygon
// has a border with it.
func (b *levelBuilder) addPolygon(w *ringWorker, p int) (area int64, shared bool) {
	if b.verdicts[p] == gone || !b.assemble(w, uint32(p)) {
		return 0, false
	}
	l := b.l
	before := l.mark()
	if b.verdicts[p] == simple {
		for i := range w.rings.len() {
			ring := w.rings.ring(i)
			a := area2(ring)
			if (a > 0) != (i == 0) {
				slices.Reverse(ring)
			}
			if i == 0 {
				area = max(a, -a)
			}
			l.addPath(ring, true)
		}
		l.endShape(false)
	} else {
		w.out.reset()
		if b.verdicts[p] == hopeless || !w.resolver.resolve(&w.out, &w.rings) {
			if h := hull(w.rings.ring(0)); len(h) > 2 {
				w.out.begin()
				w.out.ring(h)
			}
		}
		for i := range w.out.len() {
			from, to := w.out.polygon(i)
			area += area2(w.out.rings.ring(from))
			for k := from; k < to; k++ {
				l.addPath(w.out.rings.ring(k), true)
			}
			l.endShape(to-from > 1)
		}
	}
	shared = area > 0 && b.shared(uint32(p))
	if area <= 2*islandArea && !shared {
		l.reset(before)
	}
	return min(area, math.MaxInt32), shared
}

// shared tells whether part p has a border that is another polygon's from the other side.
// Rings run all one way (see builder.part), so such a border is run through both ways.
func (b *levelBuilder) shared(p uint32) bool {
	part := &b.s.parts[p]
	for k := part.from; k < part.to; k++ {
		for _, ref := range b.s.topology.path(k) {
			if b.s.topology.sides[max(ref, ^ref)] == 3 {
				return true
			}
		}
	}
	return false
}

// addPixel adds the smallest shape for an item too small to draw, in the place of the
// largest of its parts [first, last).
func (b *levelBuilder) addPixel(k kind, first, last int) {
	largest := first
	for p := first; p < last; p++ {
		if b.s.parts[p].size > b.s.parts[largest].size {
			largest = p
		}
	}
	gz := gridZoom(b.z)
	at := b.s.parts[largest].at
	x, y := snap(at.x, gz), snap(at.y, gz)
	if k == kindLine {
		b.l.addPath([]point{{x, y}, {x + 1, y}}, false)
	} else {
		const r = pixelSide / 2
		b.l.addPath([]point{{x - r, y - r}, {x + r, y - r}, {x + r, y + r}, {x - r, y + r}}, true)
	}
	b.l.endShape(false)
	for p := largest; p < last; p++ {
		b.l.parts[p]++
	}
}

// hierarchy is the vertices of all arcs of a set at all tolerances.
type hierarchy struct {
	once sync.Once
	list []vertex
	end  []uint32 // of arcs
}

func (s *Set) vertices() *hierarchy {
	h := &s.hierarchy
	h.once.Do(func() {
		n := len(s.topology.arcEnd)
		simplified := make([][]vertex, n)
		var next atomic.Int64
		var wg sync.WaitGroup
		for range min(runtime.GOMAXPROCS(0), 1+n/64) {
			wg.Go(func() {
				for {
					const share = 16
					from := int(next.Add(share)) - share
					if from >= n {
						return
					}
					for i := from; i < min(from+share, n); i++ {
						simplified[i] = simplify(s.topology.arc(i))
					}
				}
			})
		}
		wg.Wait()
		h.end = make([]uint32, n)
		h.list = slices.Concat(simplified...)
		total := uint32(0)
		for i, v := range simplified {
			total += uint32(len(v))
			h.end[i] = total
		}
	})
	return h
}
