package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// Transverse Mercator by Krüger's series to the sixth order in the third
// flattening (C. F. F. Karney, Transverse Mercator with an accuracy of a few
// nanometers, 2011, equations 7 to 36).

const (
	flattening   = 1 / 298.257223563
	third        = flattening / (2 - flattening)
	n2           = third * third
	n3           = n2 * third
	n4           = n3 * third
	n5           = n4 * third
	n6           = n5 * third
	eccentricity = flattening * (2 - flattening)                               // squared
	rectifying   = 0.9996 * radius / (1 + third) * (1 + n2/4 + n4/64 + n6/256) // of UTM, whose scale is 0.9996 in the middle of a zone
	falseEast    = 500_000
	falseNorth   = 10_000_000 // south of the equator
)

//nolint:gochecknoglobals // constants in all but syntax
var (
	forward = [6]float64{
		third/2 - n2*2/3 + n3*5/16 + n4*41/180 - n5*127/288 + n6*7891/37800,
		n2*13/48 - n3*3/5 + n4*557/1440 + n5*281/630 - n6*1983433/1935360,
		n3*61/240 - n4*103/140 + n5*15061/26880 + n6*167603/181440,
		n4*49561/161280 - n5*179/168 + n6*6601661/7257600,
		n5*34729/80640 - n6*3418889/1995840,
		n6 * 212378941 / 319334400,
	}
	inverse = [6]float64{
		third/2 - n2*2/3 + n3*37/96 - n4/360 - n5*81/512 + n6*96199/604800,
		n2/48 + n3/15 - n4*437/1440 + n5*46/105 - n6*1118711/3870720,
		n3*17/480 - n4*37/840 - n5*209/4480 + n6*5569/90720,
		n4*4397/161280 - n5*11/504 - n6*830251/7257600,
		n5*4583/161280 - n6*108847/3991680,
		n6 * 20648693 / 638668800,
	}
	firstEccentricity = math.Sqrt(eccentricity)
)

// middle returns the longitude in the middle of c's zone, in degrees.
func (c CRS) middle() float64 { return float64(c.zone)*6 - 183 }

// origin returns the northing of the equator.
func (c CRS) origin() float64 {
	if c.kind == south {
		return falseNorth
	}
	return 0
}

// conformal returns the tangent of the conformal latitude of one of tangent t.
func conformal(t float64) float64 {
	secant := math.Hypot(1, t)
	s := math.Sinh(firstEccentricity * math.Atanh(firstEccentricity*t/secant))
	return t*math.Hypot(1, s) - s*secant
}

func (c CRS) transverse(p orb.Point) orb.Point {
	lambda := math.Remainder(p[0]-c.middle(), 360) * math.Pi / 180
	t := conformal(math.Tan(p[1] * math.Pi / 180))
	sin, cos := math.Sincos(lambda)
	xi0, eta0 := math.Atan2(t, cos), math.Asinh(sin/max(math.Hypot(t, cos), 1e-9)) // far from all land the map goes on for ever
	xi, eta := xi0, eta0
	for i, a := range forward {
		k := float64(2 * (i + 1))
		sin, cos := math.Sincos(k * xi0)
		xi += a * sin * math.Cosh(k*eta0)
		eta += a * cos * math.Sinh(k*eta0)
	}
	return orb.Point{falseEast + rectifying*eta, c.origin() + rectifying*xi}
}

func (c CRS) geographic(p orb.Point) orb.Point {
	xi0, eta0 := (p[1]-c.origin())/rectifying, (p[0]-falseEast)/rectifying
	xi, eta := xi0, eta0
	for i, b := range inverse {
		k := float64(2 * (i + 1))
		sin, cos := math.Sincos(k * xi0)
		xi -= b * sin * math.Cosh(k*eta0)
		eta -= b * cos * math.Sinh(k*eta0)
	}
	sin, cos := math.Sincos(xi)
	want := sin / math.Hypot(math.Sinh(eta), cos)
	t := want
	for range 4 { // Newton's method; two steps are enough
		got := conformal(t)
		t += (want - got) / math.Hypot(1, got) * (1 + (1-eccentricity)*t*t) / ((1 - eccentricity) * math.Hypot(1, t))
	}
	return orb.Point{c.middle() + math.Atan2(math.Sinh(eta), cos)*180/math.Pi, math.Atan(t) * 180 / math.Pi}
}
