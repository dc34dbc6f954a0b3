package territory

import (
	"math"

	"github.com/paulmach/orb"
)

// earthRadius is the radius in metres of the sphere that has the area of the
// WGS 84 ellipsoid (its authalic radius). At the latitudes of Iraq and Syria
// areas on it are right to 0.01 %, distances to 0.3 %.
const earthRadius = 6371007.2

// A Plane is Lambert's azimuthal equal-area projection of the sphere around a
// centre (Snyder, Map Projections: A Working Manual, pp. 182-190, spherical
// form). Coordinates on it are metres, x east and y north; areas are true.
type Plane struct {
	lon0, sin0, cos0 float64
}

// NewPlane returns the plane around center (lon, lat in degrees).
func NewPlane(center orb.Point) Plane {
	sin, cos := math.Sincos(center[1] * math.Pi / 180)
	return Plane{center[0] * math.Pi / 180, sin, cos}
}

// Forward projects p (lon, lat in degrees) to metres. The antipode of the
// centre has no image.
func (p Plane) Forward(q orb.Point) orb.Point {
	sin, cos := math.Sincos(q[1] * math.Pi / 180)
	sinL, cosL := math.Sincos(q[0]*math.Pi/180 - p.lon0)
	k := earthRadius * math.Sqrt(2/(1+p.sin0*sin+p.cos0*cos*cosL))
	return orb.Point{k * cos * sinL, k * (p.cos0*sin - p.sin0*cos*cosL)}
}

// Inverse is the inverse of Forward.
func (p Plane) Inverse(m orb.Point) orb.Point {
	rho := math.Hypot(m[0], m[1])
	if rho == 0 {
		return orb.Point{p.lon0 * 180 / math.Pi, math.Asin(p.sin0) * 180 / math.Pi}
	}
	sinC, cosC := math.Sincos(2 * math.Asin(rho/(2*earthRadius)))
	lat := math.Asin(cosC*p.sin0 + m[1]*sinC*p.cos0/rho)
	lon := p.lon0 + math.Atan2(m[0]*sinC, rho*p.cos0*cosC-m[1]*p.sin0*sinC)
	return orb.Point{lon * 180 / math.Pi, lat * 180 / math.Pi}
}

// Area returns the area of g on the ground in square metres; holes count off.
// Rings may wind either way, the first of a polygon being its outside.
func (p Plane) Area(g orb.MultiPolygon) float64 {
	sum := 0.0
	for _, poly := range g {
		for i, r := range poly {
			a := math.Abs(p.ringArea(r))
			if i > 0 {
				a = -a
			}
			sum += a
		}
	}
	return sum
}

func (p Plane) ringArea(r orb.Ring) float64 {
	if len(r) == 0 {
		return 0
	}
	sum := 0.0
	o := p.Forward(r[0])
	a := orb.Point{}
	for _, v := range r[1:] {
		b := p.Forward(v)
		b[0] -= o[0]
		b[1] -= o[1]
		sum += a[0]*b[1] - a[1]*b[0]
		a = b
	}
	return sum / 2
}
