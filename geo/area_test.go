package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
)

func box(west, south, east, north float64) orb.Polygon {
	return orb.Polygon{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}
}

// TestArea compares with areas that others published.
func TestArea(t *testing.T) {
	// The polygon of GeographicLib's Planimeter documentation, as lat, lon.
	antarctica := orb.Ring{
		{-63.1, -58},
		{-72.9, -74},
		{-71.9, -102},
		{-74.9, -102},
		{-74.3, -131},
		{-77.5, -163},
		{-77.4, 163},
		{-71.7, 172},
		{-65.9, 140},
		{-65.7, 113},
		{-66.6, 88},
		{-66.9, 59},
		{-69.8, 25},
		{-70.0, -4},
		{-71.0, -14},
		{-77.3, -33},
		{-77.9, -46},
		{-74.7, -61},
	}
	const earth = 510_065_621.724 // km², the ellipsoid of WGS 84 (NIMA TR8350.2)
	for _, c := range []struct {
		name string
		g    orb.Geometry
		want float64 // km²
		off  float64 // share by which it may differ
	}{
		{"the earth", box(-180, -90, 180, 90), earth, 1e-9},
		{"a hemisphere by its bound", orb.Bound{Min: orb.Point{-180, 0}, Max: orb.Point{180, 90}}, earth / 2, 1e-9},
		{"the sine of longitude, on a sphere 2/π of an octant", orb.Ring{{0, 0}, {90, 0}, {90, 90}, {0, 0}}, earth / 8 * 2 / math.Pi, 2e-3},
		// GeographicLib's edges are geodesics, which bulge by 4 m here.
		{"one degree at the equator", box(0, 0, 1, 1), 12_308.778361469, 1e-4},
		{"antarctica", densified(antarctica), 13_662_703.680020, 1e-3},
		{"clockwise", orb.Ring{{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}}, 12_308.778361469, 1e-4},
		{"a hole", orb.Polygon{box(0, 0, 2, 2)[0], box(0, 0, 2, 1)[0]}, geo.Area(box(0, 1, 2, 2)), 1e-12},
		{"two parts", orb.MultiPolygon{box(0, 0, 1, 1), box(5, -1, 6, 0)}, 2 * 12_308.778361469, 1e-4},
		{"a collection", orb.Collection{orb.Point{1, 1}, box(0, 0, 1, 1)}, 12_308.778361469, 1e-4},
	} {
		if got := geo.Area(c.g); math.Abs(got/c.want-1) > c.off {
			t.Errorf("%s: got %.6f km², want %.6f: off by %.2g", c.name, got, c.want, got/c.want-1)
		}
	}
	for _, g := range orb.AllGeometries {
		if got := geo.Area(g); math.IsNaN(got) || got < 0 {
			t.Errorf("%v: got %v", g, got)
		}
	}
	if got := geo.Area(orb.LineString{{0, 0}, {1, 1}}); got != 0 {
		t.Errorf("a line has %v km²", got)
	}
}

// densified turns lat, lon along great circles, whole turns about the pole, into
// a ring of short edges that goes down to the pole at the antimeridian.
func densified(latLon orb.Ring) orb.Ring {
	vector := func(p orb.Point) [3]float64 {
		lat, lon := p[0]*math.Pi/180, p[1]*math.Pi/180
		return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
	}
	var east, west orb.Ring // of the antimeridian's crossing: the ring runs westward
	line := &east
	last := math.Inf(-1)
	for i, p := range latLon {
		a, b := vector(p), vector(latLon[(i+1)%len(latLon)])
		const steps = 200
		for s := range steps {
			f := float64(s) / steps
			x, y, z := a[0]*(1-f)+b[0]*f, a[1]*(1-f)+b[1]*f, a[2]*(1-f)+b[2]*f
			lon := math.Atan2(y, x) * 180 / math.Pi
			if lon-last > 180 && !math.IsInf(last, 0) {
				line = &west
			}
			last = lon
			*line = append(*line, orb.Point{lon, math.Atan2(z, math.Hypot(x, y)) * 180 / math.Pi})
		}
	}
	ring := append(west, east...)
	at := (west[0][1] + east[len(east)-1][1]) / 2
	ring = append(orb.Ring{{180, -90}, {180, at}}, ring...)
	return append(ring, orb.Point{-180, at}, orb.Point{-180, -90}, orb.Point{180, -90})
}
