package tile

import "math"

// draw writes what tile a holds of parts, all of one item, with sc.pen.
func (s *Set) draw(sc *scratch, k kind, parts []uint32, a Address) {
	f := a.frame()
	if k == kindPoint {
		s.drawPoints(sc, parts, a)
		return
	}
	l := s.level(a.z)
	box := f.clipBox(k)
	for _, p := range parts {
		from, to := l.partShapes(p)
		for shape := from; shape < to; shape++ {
			switch b := &l.shapes[shape].box; {
			case !b.meets(&box):
			case b.within(&box):
				first, last := l.shapePaths(shape)
				for i := first; i < last; i++ {
					sc.drawWhole(l.path(i), f, k)
				}
			case k == kindLine:
				first, _ := l.shapePaths(shape)
				sc.drawLine(l, first, f, &box)
			default:
				sc.clip.polygon(&sc.pen, l, shape, f, &box)
			}
		}
	}
}

func (s *Set) drawPoints(sc *scratch, parts []uint32, a Address) {
	f, gz := a.frame(), gridZoom(a.z)
	sc.ring = sc.ring[:0]
	for _, p := range parts {
		at := s.parts[p].at
		if v := f.local(point{snap(at.x, gz), snap(at.y, gz)}); inside(v) {
			sc.ring = append(sc.ring, point{int32(v.x), int32(v.y)})
		}
	}
	if len(sc.ring) > 0 {
		sc.pen.points(sc.ring)
	}
}

// drawWhole writes a path that lies within the clip box.
func (sc *scratch) drawWhole(pts []point, f frame, k kind) {
	pen := &sc.pen
	local := func(p point) point {
		v := f.local(p)
		return point{int32(v.x), int32(v.y)}
	}
	pen.command(cmdMoveTo, 1)
	pen.to(local(pts[0]))
	pen.command(cmdLineTo, len(pts)-1)
	for _, p := range pts[1:] {
		pen.to(local(p))
	}
	if k == kindPolygon {
		pen.command(cmdClosePath, 1)
	}
}

// drawLine writes what the clip box holds of a line.
func (sc *scratch) drawLine(l *level, path uint32, f frame, box *bbox) {
	pts := l.path(path)
	run := sc.ring[:0]
	flush := func() {
		if len(run) > 1 {
			sc.pen.line(run)
		}
		run = run[:0]
	}
	add := func(v vec) {
		q := point{int32(v.x), int32(v.y)}
		if n := len(run); n == 0 || run[n-1] != q {
			run = append(run, q)
		}
	}
	for from, to := range l.near(path, box) { // what lies between ranges is outside, so that the run has ended
		for i := from; i < min(to, len(pts)-1); i++ {
			a, b := f.local(pts[i]), f.local(pts[i+1])
			p, q, ok := clipSegment(a, b)
			if !ok {
				flush()
				continue
			}
			if p != a {
				flush()
			}
			add(p)
			add(q)
			if q != b {
				flush()
			}
		}
	}
	flush()
	sc.ring = run
}

// clipBox returns the box of the points of the grid of the frame's zoom that what is of
// kind k may have in the clip box without being clipped; see edgeMin.
func (f frame) clipBox(k kind) bbox {
	// both sides are multiples of 1<<shift, as long as the buffer is
	side := func(origin, v int64) int32 {
		return int32(min(max((origin+v)>>f.shift, math.MinInt32), math.MaxInt32))
	}
	b := bbox{
		side(f.originX, clipMin), side(f.originY, clipMin),
		side(f.originX, clipMax), side(f.originY, clipMax),
	}
	if k == kindPolygon {
		b = bbox{b.minX + 1, b.minY + 1, b.maxX - 1, b.maxY - 1}
	}
	return b
}
