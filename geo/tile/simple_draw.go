package tile

import "slices"

func (s *Set) drawLine(sc *scratch, pts []point, f frame, gz uint8) {
	sc.ring = sc.ring[:0]
	flush := func() {
		if len(sc.ring) > 1 {
			sc.pen.line(sc.ring)
		}
		sc.ring = sc.ring[:0]
	}
	add := func(v vec) {
		q := point{int32(v.x), int32(v.y)}
		if n := len(sc.ring); n == 0 || sc.ring[n-1] != q {
			sc.ring = append(sc.ring, q)
		}
	}
	for i := 1; i < len(pts); i++ {
		var a, b vec
		a.x, a.y = f.local(point{snap(pts[i-1].x, gz), snap(pts[i-1].y, gz)})
		b.x, b.y = f.local(point{snap(pts[i].x, gz), snap(pts[i].y, gz)})
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
	flush()
}

func (s *Set) drawPolygon(sc *scratch, rings [][]point, f frame, gz uint8) {
	for i, r := range rings {
		var vs []vec
		for _, p := range r {
			var v vec
			v.x, v.y = f.local(point{snap(p.x, gz), snap(p.y, gz)})
			vs = append(vs, v)
		}
		vs = clipRing(nil, vs, nil)
		var out []point
		for _, v := range vs {
			if q := (point{int32(v.x), int32(v.y)}); len(out) == 0 || out[len(out)-1] != q {
				out = append(out, q)
			}
		}
		for len(out) > 1 && out[0] == out[len(out)-1] {
			out = out[:len(out)-1]
		}
		a := int64(0)
		if len(out) > 2 {
			a = area2(out)
		}
		if a == 0 {
			if i == 0 {
				return
			}
			continue
		}
		if (a > 0) != (i == 0) {
			slices.Reverse(out)
		}
		sc.pen.ring(out)
	}
}
