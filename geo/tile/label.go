package tile

import (
	"math"
	"sync"

	"kharita/geo/period"
	"kharita/geo/rtree"
	"kharita/geo/section"
)

// labels are the label points of the polygon items of a set, made when first asked for.
type labels struct {
	once  sync.Once
	tree  *rtree.Tree // of numbers below
	items []uint32
	at    []point // on the world grid
}

func (s *Set) labels() *labels {
	l := &s.labelPoints
	l.once.Do(func() {
		if s.keeper.Get(s.keptAs("labels"), func(f *section.File) bool { return l.read(f, len(s.items)) }) {
			return
		}
		var boxes rtree.Builder
		first := uint32(0)
		for i := range s.items {
			it := &s.items[i]
			if it.itemKind == kindPolygon {
				p := s.labelPoint(first, it.partEnd)
				l.items, l.at = append(l.items, uint32(i)), append(l.at, p)
				box := rtree.Always(float64(p.x), float64(p.y), float64(p.x), float64(p.y))
				t := s.times.in(i, period.Possible)
				box.Start, box.End = t.lo, t.hi
				boxes.Add(&box)
			}
			first = it.partEnd
		}
		l.tree = boxes.Tree()
		s.keeper.Put(s.keptAs("labels"), l.write)
	})
	return l
}

// labelPoint returns the pole of inaccessibility of the largest of parts [from, to): the
// place inside that is farthest from its border.
func (s *Set) labelPoint(from, to uint32) point {
	best := from
	for i := from; i < to; i++ {
		// of two copies of a part across the antimeridian, that whose middle is in the world
		p, b := &s.parts[i], &s.parts[best]
		if p.size > b.size || p.size == b.size && !inWorld(b.at) {
			best = i
		}
	}
	part := &s.parts[best]
	if part.from == part.to {
		return part.at
	}
	var pole poleFinder
	// a thousandth of the part's area more or less does not move its middle much
	pole.rings(s, part, part.size/2*1e-3/16)
	p, ok := pole.find()
	if ok {
		full := poleFinder{}
		full.rings(s, part, 0)
		if full.distance(float64(p.x), float64(p.y)) > 0 {
			return p
		}
		if p, ok := full.find(); ok {
			return p
		}
	}
	return part.at
}

func inWorld(p point) bool {
	return p.x >= -halfWorld && p.x <= halfWorld && p.y >= -halfWorld && p.y <= halfWorld
}

type poleFinder struct {
	edges  [][4]float64 // x, y of both ends
	box    [4]float64   // west, north, east, south
	area   float64
	middle [2]float64
	cells  []poleCell // a heap
}

// A poleCell is a square by its middle and half its side. No place in it is farther
// from the border than most.
type poleCell struct{ x, y, half, distance, most float64 }

// rings sets the rings of a part, simplified to a tolerance of area.
func (f *poleFinder) rings(s *Set, part *part, tolerance float32) {
	s.network.simplify()
	inf := math.Inf(1)
	f.box = [4]float64{inf, inf, -inf, -inf}
	for k := part.from; k < part.to; k++ {
		var ring [][2]float64
		for _, ref := range s.network.topology.path(k) {
			arc := s.network.arc(max(ref, ^ref))
			for i := range arc {
				q := &arc[i]
				if ref < 0 {
					q = &arc[len(arc)-1-i]
				}
				if q.birth <= tolerance && tolerance < q.death {
					// what was drawn beyond the world's edge comes back on it
					ring = append(ring, [2]float64{
						min(max(float64(q.x), -halfWorld), halfWorld),
						min(max(float64(q.y), -halfWorld), float64(s.network.grid.south())),
					})
				}
			}
		}
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			f.edges = append(f.edges, [4]float64{a[0], a[1], b[0], b[1]})
			f.box = [4]float64{min(f.box[0], b[0]), min(f.box[1], b[1]), max(f.box[2], b[0]), max(f.box[3], b[1])}
			cross := a[0]*b[1] - b[0]*a[1]
			if k == part.from {
				f.area += cross
				f.middle[0] += (a[0] + b[0]) * cross
				f.middle[1] += (a[1] + b[1]) * cross
			}
		}
	}
}

// distance returns how far x, y lies from the border, less than 0 outside.
func (f *poleFinder) distance(x, y float64) float64 {
	in := false
	least := math.Inf(1)
	for i := range f.edges {
		e := &f.edges[i]
		ax, ay, bx, by := e[0], e[1], e[2], e[3]
		if (ay > y) != (by > y) && x < (bx-ax)*(y-ay)/(by-ay)+ax {
			in = !in
		}
		dx, dy := bx-ax, by-ay
		px, py := x-ax, y-ay
		if l := dx*dx + dy*dy; l > 0 {
			t := min(max((px*dx+py*dy)/l, 0), 1)
			px, py = px-t*dx, py-t*dy
		}
		least = min(least, px*px+py*py)
	}
	least = math.Sqrt(least)
	if !in {
		return -least
	}
	return least
}

// find divides the box of the rings into squares and these again, the most promising
// first, until no square can hold a place that is farther from the border than the best
// by more than a hundredth.
func (f *poleFinder) find() (point, bool) {
	w, h := f.box[2]-f.box[0], f.box[3]-f.box[1]
	side := min(w, h)
	if !(side > 0) {
		return point{}, false
	}
	side = max(side, max(w, h)/16)
	f.cells = f.cells[:0]
	for x := f.box[0] + side/2; x-side/2 < f.box[2]; x += side {
		for y := f.box[1] + side/2; y-side/2 < f.box[3]; y += side {
			f.push(f.cell(x, y, side/2))
		}
	}
	best := f.cell(f.box[0]+w/2, f.box[1]+h/2, 0)
	if f.area != 0 { // the centre of gravity is a good guess, and the better place if equal
		if c := f.cell(f.middle[0]/(3*f.area), f.middle[1]/(3*f.area), 0); c.distance > best.distance {
			best = c
		}
	}
	for n := 0; len(f.cells) > 0 && n < 2000; n++ {
		c := f.pop()
		if c.distance > best.distance {
			best = c
		}
		if c.most <= best.distance*1.01 || c.half < .5 {
			continue
		}
		q := c.half / 2
		for _, d := range [4][2]float64{{-q, -q}, {q, -q}, {-q, q}, {q, q}} {
			f.push(f.cell(c.x+d[0], c.y+d[1], q))
		}
	}
	return point{int32(math.Round(best.x)), int32(math.Round(best.y))}, best.distance > 0
}

func (f *poleFinder) cell(x, y, half float64) poleCell {
	d := f.distance(x, y)
	return poleCell{x, y, half, d, d + half*math.Sqrt2}
}

func (f *poleFinder) push(c poleCell) {
	q := append(f.cells, c)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[i].most <= q[up].most {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
	f.cells = q
}

func (f *poleFinder) pop() poleCell {
	q := f.cells
	top := q[0]
	n := len(q) - 1
	q[0] = q[n]
	q = q[:n]
	for i := 0; ; {
		k := 2*i + 1
		if k >= n {
			break
		}
		if k+1 < n && q[k+1].most > q[k].most {
			k++
		}
		if q[k].most <= q[i].most {
			break
		}
		q[i], q[k] = q[k], q[i]
		i = k
	}
	f.cells = q
	return top
}
