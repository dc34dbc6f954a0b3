// Package crs turns longitude and latitude into the coordinates of a few other
// coordinate reference systems and back: EPSG:4326, which is the same with the
// latitude first, Web Mercator, and the zones of UTM, all on WGS 84.
package crs

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

// A CRS is a coordinate reference system on WGS 84. The zero CRS is CRS84:
// longitude, latitude in degrees. CRSs compare with ==.
type CRS struct {
	kind kind
	zone uint8 // of UTM, 1 to 60
}

type kind uint8

const (
	lonLat   kind = iota // CRS84
	latLon               // EPSG:4326
	mercator             // EPSG:3857, metres to the east, to the north
	north                // UTM, likewise
	south
)

const (
	epsg  = "http://www.opengis.net/def/crs/EPSG/0/"
	crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
)

// Find returns the CRS that a URI names (OGC 18-058r1 §6.2).
func Find(uri string) (CRS, bool) {
	if uri == crs84 {
		return CRS{}, true
	}
	code, ok := strings.CutPrefix(uri, epsg)
	switch n, _ := strconv.Atoi(code); {
	case !ok || strconv.Itoa(n) != code:
	case n == 4326:
		return CRS{kind: latLon}, true
	case n == 3857:
		return CRS{kind: mercator}, true
	case n > 32600 && n <= 32660:
		return CRS{north, uint8(n - 32600)}, true
	case n > 32700 && n <= 32760:
		return CRS{south, uint8(n - 32700)}, true
	}
	return CRS{}, false
}

// URI returns the name of c.
func (c CRS) URI() string {
	if c == (CRS{}) {
		return crs84
	}
	return epsg + strconv.Itoa(c.EPSG())
}

// EPSG returns the number of c among EPSG's. For CRS84, which has none, it is that of
// EPSG:4326, the same with the axes turned round.
func (c CRS) EPSG() int {
	switch c.kind {
	case mercator:
		return 3857
	case north:
		return 32600 + int(c.zone)
	case south:
		return 32700 + int(c.zone)
	}
	return 4326
}

// Name returns what EPSG calls c.
func (c CRS) Name() string {
	switch c.kind {
	case mercator:
		return "WGS 84 / Pseudo-Mercator"
	case north:
		return "WGS 84 / UTM zone " + strconv.Itoa(int(c.zone)) + "N"
	case south:
		return "WGS 84 / UTM zone " + strconv.Itoa(int(c.zone)) + "S"
	}
	return "WGS 84"
}

// WKT returns c, the east first, as well-known text (OGC 01-009).
func (c CRS) WKT() string {
	authority := `,AUTHORITY["EPSG","` + strconv.Itoa(c.EPSG()) + `"]]`
	const degrees = `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],` +
		`PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]`
	const metres = `UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH]`
	switch c.kind {
	case mercator:
		return `PROJCS["` + c.Name() + `",` + degrees + `,PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],` +
			`PARAMETER["false_easting",0],PARAMETER["false_northing",0],` + metres +
			`,EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"]` + authority
	case north, south:
		return `PROJCS["` + c.Name() + `",` + degrees + `,PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],` +
			`PARAMETER["central_meridian",` + strconv.Itoa(int(c.zone)*6-183) + `],PARAMETER["scale_factor",0.9996],` +
			`PARAMETER["false_easting",500000],PARAMETER["false_northing",` + strconv.Itoa(int(c.origin())) + `],` + metres + authority
	}
	return degrees
}

// EastFirst returns c with the east before the north, as programs read files whatever the
// order of the axes: CRS84 for EPSG:4326, all others as they are.
func (c CRS) EastFirst() CRS {
	if c.kind == latLon {
		return CRS{}
	}
	return c
}

// Of returns the CRSs that suit what lies in a bound of lon, lat: the three of
// the whole world, and the zones of UTM that it touches.
func Of(bound orb.Bound) []CRS {
	list := []CRS{{}, {kind: latLon}, {kind: mercator}}
	for zone := 1; zone <= 60; zone++ {
		west := float64(zone*6 - 186)
		if bound.Min[0] > west+6 || bound.Max[0] < west {
			continue
		}
		if bound.Max[1] >= 0 {
			list = append(list, CRS{north, uint8(zone)})
		}
		if bound.Min[1] < 0 {
			list = append(list, CRS{south, uint8(zone)})
		}
	}
	return list
}

// Decimals returns how many decimals a coordinate is worth: a centimetre in
// degrees, a millimetre in metres.
func (c CRS) Decimals() int {
	if c.kind < mercator {
		return 7
	}
	return 3
}

// The sphere of Web Mercator, and its last latitude, where the map is a square:
// what lies beyond is put on its edge.
const (
	radius      = 6_378_137
	lastDegrees = 85.051128779806604
)

// Forward returns where lon, lat lies in c, in the order of c's axes.
func (c CRS) Forward(p orb.Point) orb.Point {
	switch c.kind {
	case latLon:
		return orb.Point{p[1], p[0]}
	case mercator:
		lat := max(-lastDegrees, min(p[1], lastDegrees)) * math.Pi / 180
		return orb.Point{radius * p[0] * math.Pi / 180, radius * math.Asinh(math.Tan(lat))}
	case north, south:
		return c.transverse(p)
	}
	return p
}

// Project returns g, in lon, lat, in c: in its own memory, unless c is CRS84.
func (c CRS) Project(g orb.Geometry) orb.Geometry {
	if c == (CRS{}) || g == nil {
		return g
	}
	return project.Geometry(orb.Clone(g), c.Forward)
}

// Inverse returns the lon, lat of a place in c: the inverse of Forward, with a
// longitude that may lie beyond 180 degrees.
func (c CRS) Inverse(p orb.Point) orb.Point {
	switch c.kind {
	case latLon:
		return orb.Point{p[1], p[0]}
	case mercator:
		return orb.Point{p[0] / radius * 180 / math.Pi, math.Atan(math.Sinh(p[1]/radius)) * 180 / math.Pi}
	case north, south:
		return c.geographic(p)
	}
	return p
}
