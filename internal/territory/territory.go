// Package territory derives areas of control from dated settlements.
//
// Nobody surveyed the front lines of most wars; what is known is which places
// were held, and when. A place stands for the ground that is nearer to it than
// to any other listed place, no farther away than a radius, and on land: its
// cell (a Voronoi cell cut by a disc and by the outline of the country). Who
// holds the place holds the cell, so the area held at a date is the union of the
// cells of the places held then. It is an estimate of extent, not a front line,
// and it claims nothing beyond the radius of any listed place.
//
// Cells share their borders exactly: a vertex that several cells have is computed
// once, from the places that define it, in an order that does not depend on the
// cell, and rounded to a common lattice. So a border between two cells is the
// same points in both, and the outline of a union is the edges that occur once.
package territory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// A Place is a settlement or site that somebody may hold.
type Place struct {
	ID   string
	At   orb.Point // lon, lat in degrees WGS 84
	Held []Holding // nil: not known to have been held; it still bounds the ground of others
}

// A PlaceError is a fault of one place.
type PlaceError struct {
	Place  int // in the order given
	ID     string
	Reason string
}

func (e *PlaceError) Error() string { return fmt.Sprintf("place %q: %s", e.ID, e.Reason) }

// A Cell is the ground that a place stands for.
type Cell struct {
	Geometry orb.MultiPolygon // lon, lat on the lattice; outsides wind counter-clockwise (RFC 7946)
	Area     float64          // square metres
}

// Lattice is the number of lattice steps in a degree: the coordinates of cells
// are multiples of 1/Lattice, about one metre.
const Lattice = 1e5

// Grace is how far in metres a place may lie outside the land before it is taken
// for an error. Outlines of countries are generalised: towns at a border may fall
// outside by some hundred metres. Such a place gets the ground around it up to
// this distance, so that it never lies outside its own cell.
const Grace = 1500.0

// arcStep is the angle between the vertices of a circle. A chord leaves its arc
// by at most radius * (1 - cos(arcStep/2)): 16 m at 16.5 km.
const arcStep = 5 * math.Pi / 180

// Reach is how far in metres a place may lie from the middle of all: beyond, the
// plane on which distances are compared is off by more than 2 %.
const Reach = 2500e3

// Cells returns the cell of each place, in the order of places. radius is in
// metres. Ground is cut to land, which is not modified; nil land cuts nothing.
// After each cell done is called, from several goroutines; it may be nil.
//
// The error joins a PlaceError for each place that shares its point with one
// before, lies farther than Grace outside the land or farther than Reach from the
// middle, or whose overlay fails its check of areas; nothing is dropped or
// guessed. It is ctx's when that ends first.
func Cells(ctx context.Context, places []Place, land orb.MultiPolygon, radius float64, done func()) ([]Cell, error) {
	if len(places) == 0 {
		return nil, nil
	}
	if !(radius > 0) {
		return nil, fmt.Errorf("radius: %v is not a distance", radius)
	}
	plane, v, err := project(places, radius)
	if err != nil {
		return nil, err
	}
	cut, err := newCutter(plane, places, land)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, len(places))
	errs := make([]error, len(places))
	var wait sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				cells[i], errs[i] = cut.cell(v, places[i], i)
				if done != nil {
					done()
				}
			}
		})
	}
	for i := range places {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return cells, errors.Join(errs...)
}

// project puts places on a plane of their own.
func project(places []Place, radius float64) (Plane, *voronoi, error) {
	bound := orb.MultiPoint{places[0].At}.Bound()
	seen := make(map[orb.Point]string, len(places))
	var errs []error
	for i, p := range places {
		if other, ok := seen[p.At]; ok {
			errs = append(errs, &PlaceError{i, p.ID, fmt.Sprintf("at the same point as %q", other)})
			continue
		}
		seen[p.At] = p.ID
		bound = bound.Extend(p.At)
	}
	plane := NewPlane(bound.Center())
	sites := make([]orb.Point, len(places))
	for i, p := range places {
		sites[i] = plane.Forward(p.At)
		if d := math.Hypot(sites[i][0], sites[i][1]); !(d <= Reach) {
			errs = append(errs, &PlaceError{i, p.ID, fmt.Sprintf("%.0f km from the middle of all places, at most %.0f; divide the table", d/1e3, Reach/1e3)})
		}
	}
	return plane, newVoronoi(sites, radius), errors.Join(errs...)
}

// cell makes the cell of place number i.
func (c *cutter) cell(v *voronoi, p Place, i int) (Cell, error) {
	ring := make(orb.Ring, 0, 80)
	for _, m := range v.cell(i) {
		q := snap(c.plane.Inverse(m))
		if len(ring) == 0 || ring[len(ring)-1] != q {
			ring = append(ring, q)
		}
	}
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	if len(ring) < 4 {
		return Cell{}, &PlaceError{i, p.ID, "its cell is empty: another place is too near"}
	}
	g, err := c.toLand(ring)
	if err != nil {
		return Cell{}, &PlaceError{i, p.ID, err.Error()}
	}
	if !planar.MultiPolygonContains(g, p.At) {
		return Cell{}, &PlaceError{i, p.ID, "lies outside its own cell"}
	}
	return Cell{g, c.plane.Area(g)}, nil
}

func snap(p orb.Point) orb.Point {
	return orb.Point{math.Round(p[0]*Lattice) / Lattice, math.Round(p[1]*Lattice) / Lattice}
}

// voronoi computes cells of sites on a plane, each cut by a disc of radius.
type voronoi struct {
	sites  []orb.Point
	radius float64
	byX    []int // numbers of sites from west to east
}

func newVoronoi(sites []orb.Point, radius float64) *voronoi {
	v := &voronoi{sites, radius, make([]int, len(sites))}
	for i := range sites {
		v.byX[i] = i
	}
	slices.SortFunc(v.byX, func(a, b int) int { return cmp.Or(cmp.Compare(sites[a][0], sites[b][0]), a-b) })
	return v
}

// A neighbour is a site and its distance.
type neighbour struct {
	site int
	d    float64
}

// near returns the sites nearer than d to site i, the nearest first.
func (v *voronoi) near(i int, d float64) []neighbour {
	c := v.sites[i]
	var out []neighbour
	from := sort.Search(len(v.byX), func(k int) bool { return v.sites[v.byX[k]][0] > c[0]-d })
	for _, j := range v.byX[from:] {
		if v.sites[j][0] >= c[0]+d {
			break
		}
		if e := planar.Distance(c, v.sites[j]); j != i && e < d {
			out = append(out, neighbour{j, e})
		}
	}
	slices.SortFunc(out, func(a, b neighbour) int { return cmp.Or(cmp.Compare(a.d, b.d), a.site-b.site) })
	return out
}

// A corner is a vertex of a growing cell and the edge that starts there: edge is
// the site on its other side, or negative for the frame around the disc.
type corner struct {
	at   orb.Point
	edge int
}

// cell returns the vertices of cell i, counter-clockwise, not closed.
func (v *voronoi) cell(i int) []orb.Point {
	c, r := v.sites[i], v.radius
	// The frame lies outside the disc, so none of its edges survives.
	f := 1.5 * r
	poly := []corner{
		{orb.Point{c[0] - f, c[1] - f}, -1},
		{orb.Point{c[0] + f, c[1] - f}, -2},
		{orb.Point{c[0] + f, c[1] + f}, -3},
		{orb.Point{c[0] - f, c[1] + f}, -4},
	}
	for _, o := range v.near(i, 2*r) {
		poly = v.clip(poly, i, o.site)
	}
	return v.round(poly, i)
}

// clip cuts poly by the bisector of sites i and j and keeps the side of i.
func (v *voronoi) clip(poly []corner, i, j int) []corner {
	a, b := v.sites[i], v.sites[j]
	d := orb.Point{b[0] - a[0], b[1] - a[1]}
	m := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	side := func(p orb.Point) float64 { return (p[0]-m[0])*d[0] + (p[1]-m[1])*d[1] }
	var out []corner
	for k, p := range poly {
		q := poly[(k+1)%len(poly)]
		sp, sq := side(p.at), side(q.at)
		if sp <= 0 {
			out = append(out, p)
		}
		if (sp <= 0) == (sq <= 0) {
			continue
		}
		x := corner{edge: p.edge}
		if p.edge >= 0 {
			x.at = v.meet(i, p.edge, j)
		} else {
			t := sp / (sp - sq)
			x.at = orb.Point{p.at[0] + t*(q.at[0]-p.at[0]), p.at[1] + t*(q.at[1]-p.at[1])}
		}
		if sp <= 0 { // leaving: the bisector is the next edge
			x.edge = j
		}
		out = append(out, x)
	}
	return out
}

// meet returns the point equally far from three sites. The sites are put in order
// first, so that all three cells get the same bits.
func (v *voronoi) meet(i, j, k int) orb.Point {
	s := [3]int{i, j, k}
	slices.Sort(s[:])
	o := v.sites[s[0]]
	bx, by := v.sites[s[1]][0]-o[0], v.sites[s[1]][1]-o[1]
	cx, cy := v.sites[s[2]][0]-o[0], v.sites[s[2]][1]-o[1]
	d := 2 * (bx*cy - by*cx)
	b2, c2 := bx*bx+by*by, cx*cx+cy*cy
	return orb.Point{o[0] + (cy*b2-by*c2)/d, o[1] + (bx*c2-cx*b2)/d}
}

// crossing returns the two points at distance radius from both sites, the one to
// the left of the way from the lower to the higher number first; ok is false if
// the sites are too far apart.
func (v *voronoi) crossing(i, j int) (left, right orb.Point, ok bool) {
	if i > j {
		i, j = j, i
	}
	a, b := v.sites[i], v.sites[j]
	dx, dy := b[0]-a[0], b[1]-a[1]
	d := math.Hypot(dx, dy)
	h2 := v.radius*v.radius - d*d/4
	if h2 <= 0 {
		return left, right, false
	}
	h := math.Sqrt(h2) / d
	mx, my := (a[0]+b[0])/2, (a[1]+b[1])/2
	return orb.Point{mx - h*dy, my + h*dx}, orb.Point{mx + h*dy, my - h*dx}, true
}

// round intersects poly, which is convex, with the disc around site i.
func (v *voronoi) round(poly []corner, i int) []orb.Point {
	c := v.sites[i]
	inside := func(p orb.Point) bool { return planar.Distance(c, p) <= v.radius }
	// The pieces of poly's edges inside the disc, in order.
	var pieces [][2]orb.Point
	for k, p := range poly {
		if p.edge < 0 {
			continue
		}
		q := poly[(k+1)%len(poly)]
		left, right, ok := v.crossing(i, p.edge)
		if !ok {
			continue
		}
		// Walking counter-clockwise around c the neighbour is on the right hand.
		first, last := right, left
		if i > p.edge {
			first, last = left, right
		}
		from, to := p.at, q.at
		along := func(x orb.Point) float64 {
			return (x[0]-first[0])*(last[0]-first[0]) + (x[1]-first[1])*(last[1]-first[1])
		}
		if along(to) <= 0 || along(from) >= along(last) {
			continue // the edge lies wholly outside, before or after the chord
		}
		if !inside(from) {
			from = first
		}
		if !inside(to) {
			to = last
		}
		pieces = append(pieces, [2]orb.Point{from, to})
	}
	if len(pieces) == 0 {
		return v.arc(nil, c, 0, 2*math.Pi)
	}
	var out []orb.Point
	for k, e := range pieces {
		out = append(out, e[0], e[1])
		next := pieces[(k+1)%len(pieces)][0]
		if next == e[1] {
			continue
		}
		a := math.Atan2(e[1][1]-c[1], e[1][0]-c[0])
		b := math.Atan2(next[1]-c[1], next[0]-c[0])
		if b <= a {
			b += 2 * math.Pi
		}
		out = v.arc(out, c, a, b)
	}
	return out
}

// arc appends the vertices of the circle around c strictly between two angles.
// They lie at multiples of arcStep, so that nearby discs are drawn alike.
func (v *voronoi) arc(out []orb.Point, c orb.Point, from, to float64) []orb.Point {
	const least = arcStep / 8 // keeps slivers of arc out
	for k := math.Ceil((from + least) / arcStep); k*arcStep < to-least; k++ {
		sin, cos := math.Sincos(k * arcStep)
		out = append(out, orb.Point{c[0] + v.radius*cos, c[1] + v.radius*sin})
	}
	return out
}
