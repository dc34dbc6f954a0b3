package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// The ellipsoid of WGS 84 (NIMA TR8350.2, table 3.1).
const (
	equatorialRadius = 6_378_137.0                   // metres
	flattening       = 1 / 298.257223563             //
	eccentricity2    = flattening * (2 - flattening) // squared
)

// Area returns the area of g, in lon, lat, on the ellipsoid of WGS 84, in square
// kilometres. Points and lines have none. Parts of a multi-geometry or a
// collection count each by itself, also where they overlap.
//
// An edge is straight in longitude and latitude, as RFC 7946 §3.1.1 has it and as
// maps draw it; a border along a parallel is one edge. A ring may not go across
// the antimeridian (RFC 7946 §3.1.9).
func Area(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.Ring:
		return math.Abs(ringArea(g))
	case orb.Polygon:
		area := 0.0
		for i, ring := range g {
			if a := math.Abs(ringArea(ring)); i == 0 {
				area = a
			} else {
				area -= a
			}
		}
		return max(area, 0)
	case orb.MultiPolygon:
		area := 0.0
		for _, p := range g {
			area += Area(p)
		}
		return area
	case orb.Collection:
		area := 0.0
		for _, m := range g {
			area += Area(m)
		}
		return area
	case orb.Bound:
		if g.IsEmpty() {
			return 0
		}
		return Area(g.ToRing())
	}
	return 0
}

// ringArea is the area inside ring, positive if it runs clockwise, in km².
//
// Under each edge lies the strip down to the equator, whose width is the edge's
// way in longitude and whose height, measured in area, is the mean of belt along
// the edge. As belt is smooth, Gauss and Legendre's five places give that mean to
// nine digits even for an edge from the equator to a pole.
func ringArea(ring orb.Ring) float64 {
	places := [...]float64{0, 0.538469310105683, 0.906179845938664}
	weights := [...]float64{0.568888888888889 / 2, 0.478628670499366 / 2, 0.236926885056189 / 2}
	const degree = math.Pi / 180
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		width := (ring[i][0] - ring[i-1][0]) * degree
		if width == 0 {
			continue
		}
		middle := (ring[i][1] + ring[i-1][1]) / 2 * degree
		half := (ring[i][1] - ring[i-1][1]) / 2 * degree
		if half == 0 {
			sum += width * belt(middle)
			continue
		}
		mean := weights[0] * belt(middle)
		for k := 1; k < len(places); k++ {
			mean += weights[k] * (belt(middle-half*places[k]) + belt(middle+half*places[k]))
		}
		sum += width * mean
	}
	return sum
}

// belt returns the area between the equator and the parallel at latitude lat, in
// radians, for each radian of longitude, in km²; negative in the south (Snyder,
// Map Projections, USGS PP 1395, eq. 3-12).
func belt(lat float64) float64 {
	e := math.Sqrt(eccentricity2)
	s := math.Sin(lat)
	q := s/(1-eccentricity2*s*s) + math.Atanh(e*s)/e
	return equatorialRadius * equatorialRadius / 1e6 * (1 - eccentricity2) / 2 * q
}
