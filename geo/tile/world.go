package tile

// The world grid is the square of a Grid in whole numbers: x eastwards, y southwards from
// its middle, half its side in each direction. Its cell is a unit of a tile of zoom 19,
// 1.9 cm at the equator.
const (
	extent     = 4096 // units of a tile's side (MVT 2.1 §4.1)
	buffer     = 64   // units that a tile holds beyond each of its sides; strokes of a page need them
	worldZoom  = 19
	halfWorld  = 1 << (worldZoom + 12 - 1) // 2^30
	wholeWorld = 2 * halfWorld
)

// A point is a place on the world grid, or on a coarser one.
type point struct{ x, y int32 }

// beyond is how far polygons that end at the edge of the world are drawn beyond it: 128
// units at zoom 0, more at all others.
const beyond = 1 << (worldZoom + 7)

// beyondLimit returns ring with edges that run along the edge of the world, where the
// data was cut, moved so far outwards that no tile holds them: so nobody draws a line
// along the antimeridian through Chukotka and Fiji, or round Antarctica.
func (g Grid) beyondLimit(ring []point) []point {
	const west, east, north, south = 1, 2, 4, 8
	limit := func(p point) (l int) {
		switch p.x {
		case -halfWorld:
			l = west
		case halfWorld:
			l = east
		}
		switch p.y {
		case -halfWorld:
			l |= north
		case g.south():
			l |= south
		}
		return l
	}
	n := len(ring)
	along := func(i int) bool { return limit(ring[i%n])&limit(ring[(i+1)%n]) != 0 }
	var out []point
	for i, p := range ring {
		before, after := along(i+n-1), along(i)
		if out == nil {
			if !before && !after {
				continue
			}
			out = append(make([]point, 0, n+8), ring[:i]...)
		}
		q := p
		switch l := limit(p); {
		case l&west != 0:
			q.x -= beyond
		case l&east != 0:
			q.x += beyond
		}
		switch l := limit(p); {
		case l&north != 0:
			q.y -= beyond
		case l&south != 0:
			q.y += beyond
		}
		switch {
		case before && after:
			out = append(out, q)
		case before:
			out = append(out, q, p)
		case after:
			out = append(out, p, q)
		default:
			out = append(out, p)
		}
	}
	if out == nil {
		return ring
	}
	return out
}

// snap returns v rounded to the grid of zoom z, halves up. Zooms below the world
// grid's have no grid of their own: there v is returned as it is.
func snap(v int32, z uint8) int32 {
	if z >= worldZoom {
		return v
	}
	s := worldZoom - z
	return int32((int64(v) + 1<<(s-1)) >> s)
}

// A frame carries places of a grid into a tile: (v << shift) - origin.
type frame struct {
	originX, originY int64
	shift            uint8
}

// gridZoom returns the zoom of the grid that geometry for tiles of zoom z is on.
func gridZoom(z uint8) uint8 { return min(z, worldZoom) }

func (a Address) frame() frame {
	half := int64(extent/2) << a.z
	return frame{
		originX: int64(a.x)*extent - half,
		originY: int64(a.y)*extent - half,
		shift:   a.z - gridZoom(a.z),
	}
}

func (f frame) local(p point) vec {
	return vec{int64(p.x)<<f.shift - f.originX, int64(p.y)<<f.shift - f.originY}
}
