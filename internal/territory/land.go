package territory

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
)

// A cutter cuts rings to the land.
type cutter struct {
	plane   Plane
	nowhere bool // no land: nothing is cut
	land    orb.MultiPolygon
	grid    map[[2]int][]orb.Bound // edges of the land, by the square degrees that they touch
}

// newCutter prepares the land, widened by the ground around places that lie just
// outside it.
func newCutter(plane Plane, places []Place, land orb.MultiPolygon) (*cutter, error) {
	if land == nil {
		return &cutter{plane: plane, nowhere: true}, nil
	}
	c := &cutter{plane: plane, land: land, grid: map[[2]int][]orb.Bound{}}
	var errs []error
	for i, p := range places {
		if planar.MultiPolygonContains(land, p.At) {
			continue
		}
		disc := newVoronoi([]orb.Point{plane.Forward(p.At)}, Grace).cell(0)
		ring := make(orb.Ring, 0, len(disc)+1)
		for _, m := range disc {
			ring = append(ring, snap(plane.Inverse(m)))
		}
		ring = append(ring, ring[0])
		parts := len(c.land)
		g, err := geom.Union(toGeom(c.land), toGeom(orb.MultiPolygon{{ring}}))
		if err != nil {
			return nil, &PlaceError{i, p.ID, "land around it: " + err.Error()}
		}
		wider := fromGeom(g)
		if len(wider) > parts {
			errs = append(errs, &PlaceError{i, p.ID, fmt.Sprintf("farther than %.0f m from the land", Grace)})
			continue
		}
		c.land = wider
	}
	for _, poly := range c.land {
		for _, r := range poly {
			for k := 1; k < len(r); k++ {
				edge := orb.Bound{Min: r[k-1], Max: r[k-1]}.Extend(r[k])
				for _, square := range squares(edge) {
					c.grid[square] = append(c.grid[square], edge)
				}
			}
		}
	}
	return c, errors.Join(errs...)
}

// squares returns the square degrees that b touches.
func squares(b orb.Bound) (out [][2]int) {
	for x := math.Floor(b.Min[0]); x <= b.Max[0]; x++ {
		for y := math.Floor(b.Min[1]); y <= b.Max[1]; y++ {
			out = append(out, [2]int{int(x), int(y)})
		}
	}
	return out
}

// toLand returns the part of ring that lies on land, on the lattice.
func (c *cutter) toLand(ring orb.Ring) (orb.MultiPolygon, error) {
	whole := orb.MultiPolygon{{ring}}
	bound := ring.Bound()
	if c.nowhere {
		return whole, nil
	}
	if !c.crosses(bound) {
		if planar.MultiPolygonContains(c.land, ring[0]) {
			return whole, nil
		}
		return nil, nil
	}
	// Islands elsewhere would only cost time.
	var near orb.MultiPolygon
	for _, poly := range c.land {
		if poly[0].Bound().Intersects(bound) {
			near = append(near, poly)
		}
	}
	land := toGeom(near)
	in, err := geom.Intersection(toGeom(whole), land)
	if err != nil {
		return nil, fmt.Errorf("cutting its cell to the land: %w", err)
	}
	out, err := geom.Difference(toGeom(whole), land)
	if err != nil {
		return nil, fmt.Errorf("cutting its cell to the land: %w", err)
	}
	g := fromGeom(in)
	// The overlay is not trusted blindly: what is on land and what is not must add
	// up, in the plane of the overlay, which is that of the coordinates.
	if parts, all := planar.Area(g)+planar.Area(fromGeom(out)), planar.Area(whole); math.Abs(parts-all) > 1e-9*all {
		return nil, fmt.Errorf("cutting its cell to the land: the parts have %g square degrees, the whole %g", parts, all)
	}
	return tidy(straighten(g, ring)), nil
}

// straighten takes out the vertices that the overlay put into straight edges for
// its own purposes: they would part a border that the neighbour has in one piece.
// The vertices of ring stay, whatever their angle: other cells may end there.
func straighten(g orb.MultiPolygon, ring orb.Ring) orb.MultiPolygon {
	own := make(map[orb.Point]bool, len(ring))
	for _, p := range ring {
		own[p] = true
	}
	const least = 1e-10 // degrees; an overlay's rounding is far below, the lattice far above
	for _, poly := range g {
		for i, r := range poly {
			r = r[:len(r)-1] // open
			var out orb.Ring
			for k, p := range r {
				before, after := r[(k+len(r)-1)%len(r)], r[(k+1)%len(r)]
				if own[p] || planar.DistanceFromSegment(before, after, p) > least {
					out = append(out, p)
				}
			}
			if len(out) > 0 {
				out = append(out, out[0])
			}
			poly[i] = out
		}
	}
	return g
}

// crosses reports whether the outline of the land may enter b.
func (c *cutter) crosses(b orb.Bound) bool {
	for _, square := range squares(b) {
		if slices.ContainsFunc(c.grid[square], b.Intersects) {
			return true
		}
	}
	return false
}

// tidy puts g on the lattice, drops what vanishes there, and winds rings as RFC
// 7946 §3.1.6 asks.
func tidy(g orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, poly := range g {
		var p orb.Polygon
		for i, r := range poly {
			var ring orb.Ring
			for _, q := range r {
				if q = snap(q); len(ring) == 0 || ring[len(ring)-1] != q {
					ring = append(ring, q)
				}
			}
			if len(ring) < 4 || planar.Area(ring) == 0 {
				if i == 0 {
					break
				}
				continue
			}
			want := orb.CCW
			if i > 0 {
				want = orb.CW
			}
			if ring.Orientation() != want {
				ring.Reverse()
			}
			p = append(p, ring)
		}
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// Unwrap cuts a polygon whose longitudes run on beyond the antimeridian into parts
// between -180 and 180.
func Unwrap(p orb.Polygon) (orb.MultiPolygon, error) {
	whole := toGeom(orb.MultiPolygon{p})
	var out orb.MultiPolygon
	b := p.Bound()
	for turn := math.Floor((b.Min[0] + 180) / 360); -180+360*turn < b.Max[0]; turn++ {
		w, e := -180+360*turn, 180+360*turn
		strip := toGeom(orb.MultiPolygon{{{{w, -90}, {e, -90}, {e, 90}, {w, 90}, {w, -90}}}})
		g, err := geom.Intersection(whole, strip)
		if err != nil {
			return nil, fmt.Errorf("cutting at the antimeridian: %w", err)
		}
		part := fromGeom(g)
		for _, poly := range part {
			for _, r := range poly {
				for k := range r {
					r[k][0] -= 360 * turn
				}
			}
		}
		out = append(out, part...)
	}
	return tidy(out), nil
}

// Near reports whether p lies on land, or so near to it that Cells takes it for a
// place there.
func Near(land orb.MultiPolygon, p orb.Point) bool {
	if planar.MultiPolygonContains(land, p) {
		return true
	}
	plane := NewPlane(p)
	const around = 0.1 // degrees
	for _, poly := range land {
		for _, r := range poly {
			for k := 1; k < len(r); k++ {
				if !(orb.Bound{Min: r[k-1], Max: r[k-1]}).Extend(r[k]).Pad(around).Contains(p) {
					continue
				}
				if planar.DistanceFromSegment(plane.Forward(r[k-1]), plane.Forward(r[k]), orb.Point{}) <= Grace {
					return true
				}
			}
		}
	}
	return false
}

// Unite returns the union of parts, which are not modified: never nil, so that no
// parts are no land and not land without end.
func Unite(parts []orb.MultiPolygon) (orb.MultiPolygon, error) {
	var all geom.Geometry
	for i, p := range parts {
		g := toGeom(p)
		if err := g.Validate(); err != nil {
			return nil, fmt.Errorf("part %d: %w", i+1, err)
		}
		var err error
		if all, err = geom.Union(all, g); err != nil {
			return nil, fmt.Errorf("part %d: %w", i+1, err)
		}
	}
	if m := fromGeom(all); m != nil {
		return m, nil
	}
	return orb.MultiPolygon{}, nil
}

func toGeom(m orb.MultiPolygon) geom.Geometry {
	polys := make([]geom.Polygon, len(m))
	for i, p := range m {
		rings := make([]geom.LineString, len(p))
		for j, r := range p {
			xy := make([]float64, 0, 2*len(r))
			for _, q := range r {
				xy = append(xy, q[0], q[1])
			}
			rings[j] = geom.NewLineString(geom.NewSequence(xy, geom.DimXY))
		}
		polys[i] = geom.NewPolygon(rings)
	}
	return geom.NewMultiPolygon(polys).AsGeometry()
}

// fromGeom returns the polygons of g; points and lines, where an overlay only
// touches, have no area and are left out.
func fromGeom(g geom.Geometry) orb.MultiPolygon {
	var out orb.MultiPolygon
	switch {
	case g.IsPolygon():
		p := g.MustAsPolygon()
		if p.IsEmpty() {
			return nil
		}
		var poly orb.Polygon
		for _, line := range p.DumpRings() {
			seq := line.Coordinates()
			ring := make(orb.Ring, seq.Length())
			for i := range ring {
				xy := seq.GetXY(i)
				ring[i] = orb.Point{xy.X, xy.Y}
			}
			poly = append(poly, ring)
		}
		out = append(out, poly)
	case g.IsMultiPolygon(), g.IsGeometryCollection():
		for _, part := range g.Dump() {
			out = append(out, fromGeom(part)...)
		}
	}
	return out
}
