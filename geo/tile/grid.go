package tile

import (
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// A Grid is a tile matrix set: how the world is laid flat, and cut into tiles. The zero
// Grid is WebMercatorQuad.
//
// Tiles of all grids are cut from a square that is halved at each zoom. WebMercatorQuad
// fills it. WorldCRS84Quad, which is twice as wide as high, fills the northern half of it,
// and begins at the zoom at which that is two tiles: its zoom z is zoom z+1 of the square,
// with the same scale at the equator as zoom z+1 of WebMercatorQuad.
type Grid uint8

const (
	// WebMercatorQuad is Web Mercator, one tile at zoom 0 (OGC 17-083r4 §D.1).
	WebMercatorQuad Grid = iota
	// WorldCRS84Quad is longitude and latitude as they are, two tiles at zoom 0, the
	// western first (OGC 17-083r4 §D.2).
	WorldCRS84Quad
)

// Above is how many zooms of the square come before zoom 0: what a zoom of Options or
// Warm, which are those of the square, is more than that of an Address.
func (g Grid) Above() uint8 { return uint8(g) }

// Zoom returns the zoom of g that is zoom z of the square, 0 if that comes before it.
func (g Grid) Zoom(z uint8) uint8 { return z - min(z, g.Above()) }

// Size returns how many columns and rows there are at zoom z, which is at most 22.
func (g Grid) Size(z uint8) (columns, rows uint32) {
	return 1 << (z + g.Above()), 1 << z
}

// NewAddress returns the address of column x and row y at zoom z. The error is ErrAddress
// if there is no such tile, or it is deeper than MaxZoom of the square.
func (g Grid) NewAddress(z uint8, x, y uint32) (Address, error) {
	if z <= MaxZoom-g.Above() {
		if columns, rows := g.Size(z); x < columns && y < rows {
			return Address{z + g.Above(), g, x, y}, nil
		}
	}
	return Address{}, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, ErrAddress)
}

// ParseAddress reads the numbers of a tile URL: decimal digits without sign. The
// error is ErrAddress.
func (g Grid) ParseAddress(z, x, y string) (Address, error) {
	var n [3]uint32
	for i, s := range [3]string{z, x, y} {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil || s[0] == '+' {
			return Address{}, fmt.Errorf("tile %q/%q/%q: %w", z, x, y, ErrAddress)
		}
		n[i] = uint32(v)
	}
	if n[0] > MaxZoom {
		return Address{}, fmt.Errorf("tile %q/%q/%q: %w", z, x, y, ErrAddress)
	}
	return g.NewAddress(uint8(n[0]), n[1], n[2])
}

// At returns where p, in degrees of longitude and latitude, lies in the world of g, as
// parts of the square's side from its north-west. Latitudes beyond the edge are on it.
func (g Grid) At(p orb.Point) (x, y float64) {
	lat := min(max(p[1], -g.maxLat()), g.maxLat())
	if g == WorldCRS84Quad {
		return (p[0] + 180) / 360, (90 - lat) / 360
	}
	return (p[0] + 180) / 360, (1 - math.Atanh(math.Sin(lat*math.Pi/180))/math.Pi) / 2
}

// from is the inverse of At.
func (g Grid) from(x, y float64) orb.Point {
	lon := x*360 - 180
	if g == WorldCRS84Quad {
		return orb.Point{lon, 90 - y*360}
	}
	return orb.Point{lon, math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi}
}

// maxLat is where the world of g ends: beyond, latitudes are drawn on its edge.
func (g Grid) maxLat() float64 {
	if g == WorldCRS84Quad {
		return 90
	}
	return 85.05112877980659
}

// south is the southern edge of the world of g on the world grid; the others are those of
// the square.
func (g Grid) south() int32 {
	if g == WorldCRS84Quad {
		return 0
	}
	return halfWorld
}

// project returns the place of lon, lat degrees on the world grid. Longitudes are
// taken as they are, up to one world beyond the antimeridian.
func (g Grid) project(p orb.Point) point {
	return point{projectLon(p[0]), g.projectLat(p[1])}
}

func projectLon(lon float64) int32 {
	x := math.Round(lon / 180 * halfWorld)
	return int32(min(max(x, -wholeWorld+1), wholeWorld-1))
}

func (g Grid) projectLat(lat float64) int32 {
	switch end := g.maxLat(); {
	case lat >= end:
		return -halfWorld
	case lat <= -end:
		return g.south()
	case g == WorldCRS84Quad:
		return int32(math.Round(-lat/180*halfWorld)) - halfWorld/2
	}
	sin := math.Sin(lat * math.Pi / 180)
	y := math.Round(-math.Atanh(sin) / math.Pi * halfWorld)
	return int32(min(max(y, -halfWorld), halfWorld))
}

// unproject returns the longitude and latitude of a place on the world grid.
func (g Grid) unproject(p point) orb.Point {
	return g.from((float64(p.x)/halfWorld+1)/2, (float64(p.y)/halfWorld+1)/2)
}
