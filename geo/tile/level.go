package tile

import (
	"iter"
	"math"
	"slices"
	"sync"
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
	// chunk is how many edges of a long path have a box of their own, and how many of these
	// boxes of a very long one have one again.
	chunk = 32
)

// A bbox is a rectangle on a grid, edges included.
type bbox struct{ minX, minY, maxX, maxY int32 }

func emptyBox() bbox { return bbox{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32} }

func (b *bbox) add(p point) {
	b.minX, b.maxX = min(b.minX, p.x), max(b.maxX, p.x)
	b.minY, b.maxY = min(b.minY, p.y), max(b.maxY, p.y)
}

func (b *bbox) join(c bbox) {
	b.minX, b.maxX = min(b.minX, c.minX), max(b.maxX, c.maxX)
	b.minY, b.maxY = min(b.minY, c.minY), max(b.maxY, c.maxY)
}

func (b *bbox) holds(p point) bool {
	return p.x >= b.minX && p.x <= b.maxX && p.y >= b.minY && p.y <= b.maxY
}

// beside tells whether p and q both lie beyond one side of b.
func (b *bbox) beside(p, q point) bool {
	return max(p.x, q.x) < b.minX || min(p.x, q.x) > b.maxX || max(p.y, q.y) < b.minY || min(p.y, q.y) > b.maxY
}

func (b *bbox) meets(c *bbox) bool {
	return b.minX <= c.maxX && b.maxX >= c.minX && b.minY <= c.maxY && b.maxY >= c.minY
}

func (b *bbox) within(c *bbox) bool {
	return b.minX >= c.minX && b.maxX <= c.maxX && b.minY >= c.minY && b.maxY <= c.maxY
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
	taking sync.Once
	taken  bool // from the keeper; see takeLevel
	once   sync.Once
	points []point
	paths  []levelPath
	shapes []levelShape
	parts  []uint32 // end of the shapes of each part
	boxes  []bbox   // of stretches of long paths; see near
}

type levelPath struct {
	end, boxEnd uint32 // in points and boxes
	box         bbox
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

// near yields, in order, ranges of the edges of path i, edge k being that from point k to the
// one after it: no other edge has anything in box.
func (l *level) near(i uint32, box *bbox) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		n := len(l.path(i))
		var start uint32
		if i > 0 {
			start = l.paths[i-1].boxEnd
		}
		boxes := l.boxes[start:l.paths[i].boxEnd]
		if len(boxes) == 0 {
			yield(0, n)
			return
		}
		chunks := (n + chunk - 1) / chunk
		groups := boxes[chunks:]
		for k := 0; k < chunks; k++ {
			if k%chunk == 0 && len(groups) > 0 && !groups[k/chunk].meets(box) {
				k += chunk - 1
				continue
			}
			if boxes[k].meets(box) && !yield(k*chunk, min(k*chunk+chunk, n)) {
				return
			}
		}
	}
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

// addPath adds a path of the shape that is being added. The boxes of a long one are those of
// its chunks, then those of chunks of these.
func (l *level) addPath(pts []point, closed bool) {
	l.points = append(l.points, pts...)
	first := len(l.boxes)
	if len(pts) > 2*chunk {
		for i := 0; i < len(pts); i += chunk {
			b := boxOf(pts[i:min(i+chunk+1, len(pts))])
			if closed && i+chunk >= len(pts) {
				b.add(pts[0])
			}
			l.boxes = append(l.boxes, b)
		}
	}
	if chunks := l.boxes[first:]; len(chunks) > 2*chunk {
		for i := 0; i < len(chunks); i += chunk {
			b := emptyBox()
			for _, c := range chunks[i:min(i+chunk, len(chunks))] {
				b.join(c)
			}
			l.boxes = append(l.boxes, b)
		}
	}
	l.paths = append(l.paths, levelPath{uint32(len(l.points)), uint32(len(l.boxes)), boxOf(pts)})
}

// A levelMark is a length of a level.
type levelMark struct{ points, paths, shapes, boxes int }

func (l *level) mark() levelMark {
	return levelMark{len(l.points), len(l.paths), len(l.shapes), len(l.boxes)}
}

// reset takes away what was added after m.
func (l *level) reset(m levelMark) {
	l.points, l.paths = l.points[:m.points], l.paths[:m.paths]
	l.shapes, l.boxes = l.shapes[:m.shapes], l.boxes[:m.boxes]
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
		if s.takeLevel(z) {
			return
		}
		b := levelBuilder{arcLevel: s.network.take(z), s: s, l: l, z: z}
		b.build()
		s.keeper.Put(s.levelName(z), l.write)
	})
	return l
}

// A levelBuilder makes a level.
type levelBuilder struct {
	*arcLevel
	s *Set
	l *level
	z uint8
}

func (b *levelBuilder) build() {
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

// addLine adds part p. It reports whether that is no longer than a unit.
func (b *levelBuilder) addLine(w *ringWorker, p int) (small bool) {
	w.rings.reset()
	w.owners = w.owners[:0]
	small = true
	part := &b.s.parts[p]
	for k := part.from; k < part.to; k++ {
		start := b.assemblePath(w, k)
		if pts := w.rings.points[start:]; len(pts) > 1 && (!b.s.border || !isIsland(pts)) {
			b.l.addPath(pts, false)
			b.l.endShape(false)
			box := boxOf(pts)
			small = small && box.maxX-box.minX <= 1 && box.maxY-box.minY <= 1
		}
	}
	return small
}

// isIsland tells whether a border goes round so little that nothing of it may be drawn; see
// islandArea.
func isIsland(pts []point) bool {
	if pts[0] != pts[len(pts)-1] {
		return false
	}
	area := area2(pts[1:])
	return max(area, -area) <= 2*islandArea
}

// addPolygon adds part p, unless nothing is left of it, or so little that nobody misses
// it where its feature has more. It returns twice its area, and whether another polygon
// has a border with it.
func (b *levelBuilder) addPolygon(w *ringWorker, p int) (area int64, shared bool) {
	paths := polygonPaths{b.s.parts[p].from, b.s.parts[p].to}
	if paths.from == paths.to || b.verdicts[paths.from] == gone || !b.assemble(w, paths) {
		return 0, false
	}
	verdict := b.verdicts[paths.from]
	l := b.l
	before := l.mark()
	if verdict == simple {
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
		if verdict == hopeless || !w.resolver.resolve(&w.out, &w.rings) {
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
	shared = area > 0 && b.shared(paths)
	if area <= 2*islandArea && !shared {
		l.reset(before)
	}
	return min(area, math.MaxInt32), shared
}

// shared tells whether polygon p has a border that is another polygon's from the other
// side, be it of another layer. Rings run all one way (see builder.part), so such a border
// is run through both ways.
func (l *arcLevel) shared(p polygonPaths) bool {
	for k := p.from; k < p.to; k++ {
		for _, ref := range l.topology.path(k) {
			if l.topology.sides[max(ref, ^ref)] == 3 {
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
