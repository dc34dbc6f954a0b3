package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"kharita/internal/territory"
)

// A topology is a TopoJSON file: outlines as arcs that neighbours share. Whatever
// is done to an arc is done to both sides of a border, so borders stay exact.
type topology struct {
	arcs      []arc
	countries []shape
}

// An arc is a line between two junctions, or a closed line that nobody shares.
type arc struct {
	full []orb.Point // as the file has it, on the lattice
	keep []bool      // which vertices of full stay when it is generalised
	kept []orb.Point // those
}

// A shape is a country: for each polygon its rings as numbers of arcs, ^n being
// arc n backwards.
type shape struct {
	id, name string
	polygons [][][]int
}

func readTopology(path string) (*topology, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w (run npm ci in data/build first)", err)
	}
	var file struct {
		Transform struct{ Scale, Translate [2]float64 }
		Arcs      [][][2]float64
		Objects   struct {
			Countries struct {
				Geometries []struct {
					Type       string
					ID         string
					Arcs       json.RawMessage
					Properties struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t := &topology{}
	for _, steps := range file.Arcs {
		var line []orb.Point
		var x, y float64
		for _, d := range steps { // delta-encoded, TopoJSON §2.1.2
			x += d[0]
			y += d[1]
			p := orb.Point{
				x*file.Transform.Scale[0] + file.Transform.Translate[0],
				y*file.Transform.Scale[1] + file.Transform.Translate[1],
			}
			if len(line) > 0 {
				p = beside(p, line[len(line)-1])
			}
			line = append(line, p)
		}
		t.arcs = append(t.arcs, arc{full: untangle(onLattice(line))})
	}
	for _, g := range file.Objects.Countries.Geometries {
		s := shape{id: g.ID, name: g.Properties.Name}
		switch g.Type {
		case "Polygon":
			s.polygons = make([][][]int, 1)
			err = json.Unmarshal(g.Arcs, &s.polygons[0])
		case "MultiPolygon":
			err = json.Unmarshal(g.Arcs, &s.polygons)
		default:
			err = fmt.Errorf("geometry type %q", g.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, s.name, err)
		}
		t.countries = append(t.countries, s)
	}
	return t, nil
}

// beside returns p turned by full circles to the side of the antimeridian on which
// q lies. The file runs lines across it; until they are written we let longitudes
// run on beyond 180, so that no line jumps around the world.
func beside(p, q orb.Point) orb.Point {
	p[0] += 360 * math.Round((q[0]-p[0])/360)
	return p
}

// index returns the arc that a ring's number means, and whether it runs backwards.
func index(n int) (arc int, back bool) {
	if n < 0 {
		return ^n, true
	}
	return n, false
}

// ring joins arcs to a ring, generalised or full.
func (t *topology) ring(numbers []int, full bool) orb.Ring {
	var r orb.Ring
	for _, n := range numbers {
		i, back := index(n)
		line := t.arcs[i].kept
		if full {
			line = t.arcs[i].full
		}
		for k := range line {
			p := line[k]
			if back {
				p = line[len(line)-1-k]
			}
			if len(r) > 0 {
				p = beside(p, r[len(r)-1])
			}
			switch l := len(r); {
			case l > 0 && r[l-1] == p:
			case l > 1 && r[l-2] == p:
				r = r[:l-1] // arcs that rounding laid upon each other: there and back
			default:
				r = append(r, p)
			}
		}
	}
	// A ring around a pole comes back a full circle away: it is closed over the pole.
	if first, last := r[0], r[len(r)-1]; math.Abs(first[0]-last[0]) > 180 {
		pole := math.Copysign(90, first[1])
		r = append(r, orb.Point{last[0], pole}, orb.Point{first[0], pole}, first)
	}
	return blunt(r)
}

// tolerance is how far a generalised line may leave the true one, in degrees, at p:
// nothing that a screen shows where the atlas is about, more with distance.
func tolerance(p orb.Point) float64 {
	return math.Min(0.0012+0.0022*distance(p), 0.15)
}

// island is the smallest area of an island that is kept at p, in square degrees.
func island(p orb.Point) float64 {
	const near, far = 0.00002, 0.06
	return near + (far-near)*math.Min(1, math.Pow(distance(p)/70, 1.5))
}

// distance is how far p lies from the Middle East (lon 25-65, lat 10-45), in degrees.
func distance(p orb.Point) float64 {
	p = beside(p, orb.Point{45})
	dx := math.Max(0, math.Max(25-p[0], p[0]-65)) * math.Cos(p[1]*math.Pi/180)
	dy := math.Max(0, math.Max(10-p[1], p[1]-45))
	return math.Hypot(dx, dy)
}

// onLattice rounds line to the decimals that are written: four where the atlas is
// about, three (100 m) far away, but four for islets, which would collapse. Rounding
// first keeps all layers on the same points.
func onLattice(line []orb.Point) []orb.Point {
	b := orb.LineString(line).Bound()
	islet := line[0] == line[len(line)-1] && b.Max[0]-b.Min[0] < 0.2 && b.Max[1]-b.Min[1] < 0.2
	var out []orb.Point
	for _, p := range line {
		f := 1e4
		if distance(p) > 3 && !islet {
			f = 1e3
		}
		p = orb.Point{math.Round(p[0]*f) / f, math.Round(p[1]*f) / f}
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	return out
}

// untangle takes out of a line what rounding made of narrow bends: spikes that run
// back over themselves, and small loops. Its ends stay.
func untangle(line []orb.Point) []orb.Point {
	const reach = 12 // vertices that a loop may have
	closed := line[0] == line[len(line)-1]
	out := make([]orb.Point, 0, len(line))
	for _, p := range line {
		if n := len(out); n >= 2 && out[n-2] == p {
			out = out[:n-1] // there and back
			continue
		}
		out = append(out, p)
	}
	if closed {
		out = blunt(out)
	}
	for k := 0; k+3 < len(out); k++ {
		for m := min(k+reach, len(out)-2); m >= k+2; m-- {
			if k == 0 && m == len(out)-2 && closed {
				continue // the ends of a ring meet
			}
			if meet(out[k], out[k+1], out[m], out[m+1]) {
				out = slices.Delete(out, k+1, m+1)
				k = max(k-reach, 0) - 1
				break
			}
		}
	}
	if len(out) < 2 || closed && len(out) < 4 {
		return line
	}
	return out
}

// blunt takes a spike off the point where a ring begins and ends.
func blunt[R ~[]orb.Point](ring R) R {
	for n := len(ring); n > 4 && meet(ring[0], ring[1], ring[n-2], ring[n-1]); n = len(ring) {
		ring = append(ring[1:n-1:n-1], ring[1])
	}
	return ring
}

// simplify tells which vertices of line stay when it is generalised by Douglas and
// Peucker's method with the tolerance of each vertex's place, times scale. Ends
// stay. A closed line keeps at least a triangle.
func simplify(line []orb.Point, scale float64) (keep []bool) {
	n := len(line)
	keep = make([]bool, n)
	keep[0], keep[n-1] = true, true
	var cut func(a, b int)
	cut = func(a, b int) {
		best, at := 1.0, -1
		for k := a + 1; k < b; k++ {
			if d := segmentDistance(line[k], line[a], line[b]) / (tolerance(line[k]) * scale); d > best {
				best, at = d, k
			}
		}
		if at >= 0 {
			keep[at] = true
			cut(a, at)
			cut(at, b)
		}
	}
	if line[0] == line[n-1] {
		far := farthest(line, 0, n-1)
		if far < 0 {
			return keep
		}
		keep[far] = true
		third := farthest(line, 0, far)
		if other := farthest(line, far, n-1); third < 0 || other >= 0 &&
			segmentDistance(line[other], line[far], line[0]) > segmentDistance(line[third], line[0], line[far]) {
			third = other
		}
		if third >= 0 {
			keep[third] = true
		}
	}
	last := 0
	for k := 1; k < n; k++ {
		if keep[k] {
			cut(last, k)
			last = k
		}
	}
	return keep
}

// pick returns the vertices of line that stay.
func pick[L ~[]orb.Point](line L, keep []bool) L {
	var out L
	for k, p := range line {
		if keep[k] {
			out = append(out, p)
		}
	}
	return out
}

// farthest returns the vertex between a and b farthest from the line through them,
// or from the point where they are one; -1 if there is none.
func farthest(line []orb.Point, a, b int) int {
	best, at := 0.0, -1
	for k := a + 1; k < b; k++ {
		if d := segmentDistance(line[k], line[a], line[b]); d > best {
			best, at = d, k
		}
	}
	return at
}

// segmentDistance is the distance in degrees of latitude from p to the segment ab.
func segmentDistance(p, a, b orb.Point) float64 {
	c := math.Cos(p[1] * math.Pi / 180)
	q := orb.Point{p[0] * c, p[1]}
	return planar.DistanceFromSegment(orb.Point{a[0] * c, a[1]}, orb.Point{b[0] * c, b[1]}, q)
}

// generalise fills kept of all arcs, so that no ring that is drawn collapses or
// winds the other way, and no line runs into another. Where the first attempt is
// broken, vertices come back one by one, only there.
func (t *topology) generalise() error {
	t.dropIslands()
	for i := range t.arcs {
		t.arcs[i].keep = simplify(t.arcs[i].full, 1)
		t.arcs[i].kept = pick(t.arcs[i].full, t.arcs[i].keep)
	}
	for range 60 {
		changed := false
		for _, s := range t.broken() {
			a := &t.arcs[s.arc]
			if k := farthest(a.full, s.from, s.to); k >= 0 && !a.keep[k] {
				a.keep[k] = true
				changed = true
				a.kept = pick(a.full, a.keep)
			}
		}
		if !changed {
			return nil
		}
	}
	return errors.New("generalising: lines keep running into each other")
}

// broken returns the generalised segments that must be divided.
func (t *topology) broken() []segment {
	used := map[int]bool{}
	var out []segment
	for _, s := range t.countries {
		for _, poly := range s.polygons {
			for _, ring := range poly {
				r := t.ring(ring, false)
				bad := len(r) < 4 || planar.Area(r) == 0 || r.Orientation() != t.ring(ring, true).Orientation()
				for _, n := range ring {
					i, _ := index(n)
					used[i] = true
					if bad {
						out = append(out, t.arcs[i].segments(i)...)
					}
				}
			}
		}
	}
	var all []segment
	for _, i := range sortedKeys(used) {
		all = append(all, t.arcs[i].segments(i)...)
	}
	return append(out, crossings(all)...)
}

// segments returns the generalised segments of arc number i.
func (a *arc) segments(i int) []segment {
	var out []segment
	last := 0
	for k := 1; k < len(a.full); k++ {
		if a.keep[k] {
			out = append(out, segment{i, last, k, a.full[last], a.full[k]})
			last = k
		}
	}
	return out
}

// dropIslands takes small islands far away off each country. Its largest polygon
// always stays, and so does whatever touches a neighbour. Rings that the file itself
// has no room for (the Vatican, a line on its grid) go too.
func (t *topology) dropIslands() {
	flat := func(ring []int) bool { return planar.Area(t.ring(ring, true)) == 0 }
	for c := range t.countries {
		s := &t.countries[c]
		s.polygons = slices.DeleteFunc(s.polygons, func(poly [][]int) bool { return flat(poly[0]) })
		for k := range s.polygons {
			s.polygons[k] = slices.DeleteFunc(s.polygons[k], flat)
		}
		areas := make([]float64, len(s.polygons))
		largest := 0
		for k, poly := range s.polygons {
			areas[k] = math.Abs(planar.Area(t.ring(poly[0], true)))
			if areas[k] > areas[largest] {
				largest = k
			}
		}
		var kept [][][]int
		for k, poly := range s.polygons {
			i, _ := index(poly[0][0])
			if k == largest || len(poly[0]) > 1 || areas[k] >= island(t.arcs[i].full[0]) {
				kept = append(kept, poly)
			}
		}
		s.polygons = kept
	}
}

// multiPolygon returns the generalised outline of s, cut at the antimeridian (RFC
// 7946 §3.1.9).
func (t *topology) multiPolygon(s shape) (orb.MultiPolygon, error) {
	var m orb.MultiPolygon
	for _, poly := range s.polygons {
		var p orb.Polygon
		for i, ring := range poly {
			r := t.ring(ring, false)
			want := orb.CCW // RFC 7946 §3.1.6
			if i > 0 {
				want = orb.CW
			}
			if r.Orientation() != want {
				r.Reverse()
			}
			p = append(p, r)
		}
		if b := p.Bound(); b.Min[0] >= -180 && b.Max[0] <= 180 {
			m = append(m, p)
			continue
		}
		parts, err := territory.Unwrap(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		m = append(m, parts...)
	}
	return m, nil
}
