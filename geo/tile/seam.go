package tile

import (
	"math"

	"github.com/paulmach/orb"
)

// GeoJSON is to be cut at the antimeridian (RFC 7946 §3.1.9). Much of it is not: its
// lines jump from 180° E to 180° W and back. An edge that spans this many degrees of
// longitude is taken for such a jump. One that was meant to go all the way round the
// world the other way is beyond hope, unless it lies beyond the edge of the map, as the
// edges of properly cut Antarctica at the pole do.
const jump = 350

func (g Grid) jumps(a, b orb.Point) bool {
	return math.Abs(a[0]-b[0]) >= jump && (math.Abs(a[1]) < g.maxLat() || math.Abs(b[1]) < g.maxLat())
}

// unwrapLine returns l going on beyond ±180° where it jumps; l itself if it does not.
func (g Grid) unwrapLine(l orb.LineString) orb.LineString {
	var out orb.LineString
	turn := 0.0
	for i, p := range l {
		if i > 0 && g.jumps(l[i-1], p) {
			if out == nil {
				out = append(out, l[:i]...)
			}
			turn += math.Copysign(360, l[i-1][0]-p[0])
		}
		if out != nil {
			out = append(out, orb.Point{p[0] + turn, p[1]})
		}
	}
	if out == nil {
		return l
	}
	return out
}

// unwrapRing returns r going on beyond ±180° where it jumps; r itself if it does not. A
// ring that comes back a turn away from where it began goes round a pole: it is cut along
// the antimeridian as far as the pole.
func (g Grid) unwrapRing(r orb.Ring) orb.Ring {
	n := len(r)
	if n > 1 && r[0] == r[n-1] {
		n--
	}
	first := -1
	for i := range n {
		if g.jumps(r[i], r[(i+1)%n]) {
			first = (i + 1) % n
			break
		}
	}
	if first < 0 {
		return r
	}
	// from the first point after a jump all the way round to it
	around := make(orb.LineString, 0, n+1)
	for i := range n + 1 {
		around = append(around, r[(first+i)%n])
	}
	out := g.unwrapLine(around)
	begin, last, end := out[0], out[n-1], out[n]
	if turn := end[0] - begin[0]; turn == 0 {
		if flat(out) {
			return r // it went all the way round after all, and back
		}
		return orb.Ring(out)
	} else if math.Abs(turn) != 360 {
		return r
	}
	// end is on the far side of the antimeridian, begin the same place a turn before
	seam := math.Copysign(180, begin[0])
	lat := begin[1]
	if d := end[0] - last[0]; d != 0 {
		lat = last[1] + (-seam-last[0])/d*(end[1]-last[1])
	}
	var sum float64
	for _, p := range out {
		sum += p[1]
	}
	pole := math.Copysign(90, sum)
	out[n] = orb.Point{-seam, lat}
	out = append(out, orb.Point{-seam, pole}, orb.Point{seam, pole}, orb.Point{seam, lat}, begin)
	return orb.Ring(out)
}

func flat(ring orb.LineString) bool {
	var sum float64
	for i, p := range ring[1:] {
		sum += (ring[i][0]-ring[0][0])*(p[1]-ring[0][1]) - (p[0]-ring[0][0])*(ring[i][1]-ring[0][1])
	}
	return math.Abs(sum) < 1e-9
}

// unwrapPolygon unwraps each ring, interiors on the side of the exterior.
func (g Grid) unwrapPolygon(p orb.Polygon) orb.Polygon {
	var out orb.Polygon
	for i, r := range p {
		u := g.unwrapRing(r)
		if out == nil && len(r) > 0 && &u[0] != &r[0] {
			out = append(make(orb.Polygon, 0, len(p)), p[:i]...)
		}
		if out != nil {
			out = append(out, u)
		}
	}
	if out == nil {
		return p
	}
	outer := out[0].Bound()
	for i := 1; i < len(out); i++ {
		if len(out[i]) == 0 {
			continue
		}
		turn := 0.0
		switch b := out[i].Bound(); {
		case b.Min[0] >= outer.Max[0]:
			turn = -360
		case b.Max[0] <= outer.Min[0]:
			turn = 360
		default:
			continue
		}
		moved := make(orb.Ring, len(out[i]))
		for k, q := range out[i] {
			moved[k] = orb.Point{q[0] + turn, q[1]}
		}
		out[i] = moved
	}
	return out
}

// shifts returns the turns of the earth, in degrees, by which pts have to be shifted so
// that each place that they cover is somewhere in the world from -180 to 180: least,
// least + 360 up to most.
func shifts(pts orb.LineString) (least, most float64) {
	west, east := math.Inf(1), math.Inf(-1)
	for _, p := range pts {
		west, east = min(west, p[0]), max(east, p[0])
	}
	if len(pts) == 0 || west >= -180 && east <= 180 {
		return 0, 0
	}
	if east-west > 360 || west < -farthest || east > farthest {
		return 0, 0 // no such place on earth: drawn on the world's edge
	}
	least, most = -360*math.Floor((east+180)/360), -360*math.Ceil((west-180)/360)
	return least, max(least, most)
}
