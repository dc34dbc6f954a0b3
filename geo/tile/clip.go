package tile

import "math"

// The clip box is the tile with its buffer, in units of the tile.
const (
	clipMin = -buffer
	clipMax = extent + buffer
)

// A vec is a place in a tile's units, or far outside it.
type vec struct{ x, y int64 }

func inside(v vec) bool {
	return v.x >= clipMin && v.x <= clipMax && v.y >= clipMin && v.y <= clipMax
}

// clipSegment returns what the clip box holds of the segment from a to b; ok is
// false if that is nothing.
func clipSegment(a, b vec) (p, q vec, ok bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	for _, side := range [4][2]float64{
		{-dx, float64(a.x - clipMin)},
		{dx, float64(clipMax - a.x)},
		{-dy, float64(a.y - clipMin)},
		{dy, float64(clipMax - a.y)},
	} {
		switch t := side[1] / side[0]; {
		case side[0] < 0:
			t0 = max(t0, t)
		case side[0] > 0:
			t1 = min(t1, t)
		case side[1] < 0:
			return p, q, false // beside the box, parallel to its side
		}
	}
	if t0 > t1 {
		return p, q, false
	}
	at := func(t float64, end vec) vec {
		if t == 0 || t == 1 {
			return end
		}
		return vec{clamp(float64(a.x) + t*dx), clamp(float64(a.y) + t*dy)}
	}
	return at(t0, a), at(t1, b), true
}

// clamp rounds v to a whole unit, halves up, inside the clip box.
func clamp(v float64) int64 {
	return int64(min(max(math.Floor(v+.5), clipMin), clipMax))
}

// clipRing appends to dst what remains of ring after cutting off one side after the
// other (Sutherland and Hodgman). The result winds round each place in the box as
// often as ring does, but runs to and fro on the box's sides where ring leaves the
// box and comes back: it is for those who sort that out afterwards.
func clipRing(dst, ring, spare []vec) []vec {
	in, out := append(spare[:0], ring...), dst[:0]
	for side := range 4 {
		out = out[:0]
		for i, b := range in {
			a := in[(i+len(in)-1)%len(in)]
			da, db := depth(a, side), depth(b, side)
			if da < 0 != (db < 0) {
				out = append(out, cross(a, b, da, db, side))
			}
			if db >= 0 {
				out = append(out, b)
			}
		}
		in, out = out, in
	}
	return append(out[:0], in...)
}

// depth tells how far v lies inside of a side of the clip box; less than 0: outside.
func depth(v vec, side int) int64 {
	switch side {
	case 0:
		return v.x - clipMin
	case 1:
		return clipMax - v.x
	case 2:
		return v.y - clipMin
	}
	return clipMax - v.y
}

// cross returns where the segment from a to b crosses a side, rounded; it is the same
// for the segment from b to a.
func cross(a, b vec, da, db int64, side int) vec {
	if a.x > b.x || a.x == b.x && a.y > b.y {
		a, b, da, db = b, a, db, da
	}
	t := float64(da) / float64(da-db)
	switch side {
	case 0:
		return vec{clipMin, a.y + round(t*float64(b.y-a.y))}
	case 1:
		return vec{clipMax, a.y + round(t*float64(b.y-a.y))}
	case 2:
		return vec{a.x + round(t*float64(b.x-a.x)), clipMin}
	}
	return vec{a.x + round(t*float64(b.x-a.x)), clipMax}
}

func round(f float64) int64 { return int64(math.Floor(f + .5)) }

// area2 returns twice the area of a ring, positive if it runs clockwise as seen with y
// southwards, as exteriors do (MVT 2.1 §4.3.4.4). Beyond 2^62, which is half the world on
// its finest grid, it returns that.
func area2(ring []point) int64 {
	var sum int64
	var rough float64
	o := ring[0]
	var ax, ay int64
	for _, b := range ring[1:] {
		bx, by := int64(b.x)-int64(o.x), int64(b.y)-int64(o.y)
		sum += ax*by - bx*ay
		rough += float64(ax)*float64(by) - float64(bx)*float64(ay)
		ax, ay = bx, by
	}
	const most = 1 << 62
	if rough > most {
		return most
	} else if rough < -most {
		return -most
	}
	return sum
}
