package tile

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// MaxZoom is the deepest zoom of the square: a unit of its tiles is 2.3 mm at the equator.
const MaxZoom = 22

// ErrAddress means that an address is malformed or outside the matrix of its zoom.
var ErrAddress = errors.New("no such tile")

// An Address names a tile of a grid: zoom, column from the west, row from the north. It
// is valid by construction; the zero Address is the one tile of zoom 0 of
// WebMercatorQuad. Addresses compare with ==.
type Address struct {
	z    uint8 // of the square
	grid Grid
	x, y uint32
}

// NewAddress is that of WebMercatorQuad.
func NewAddress(z uint8, x, y uint32) (Address, error) { return WebMercatorQuad.NewAddress(z, x, y) }

// ParseAddress is that of WebMercatorQuad.
func ParseAddress(z, x, y string) (Address, error) { return WebMercatorQuad.ParseAddress(z, x, y) }

// Grid returns the grid of the tile.
func (a Address) Grid() Grid { return a.grid }

// Z returns the zoom.
func (a Address) Z() uint8 { return a.z - a.grid.Above() }

// X returns the column, counted from the antimeridian eastwards.
func (a Address) X() uint32 { return a.x }

// Y returns the row, counted from the north southwards.
func (a Address) Y() uint32 { return a.y }

// String returns "z/x/y".
func (a Address) String() string { return fmt.Sprintf("%d/%d/%d", a.Z(), a.x, a.y) }

// Parent returns the tile of the zoom above that covers a; a tile of zoom 0 is its own
// parent.
func (a Address) Parent() Address {
	if a.Z() == 0 {
		return a
	}
	return Address{a.z - 1, a.grid, a.x / 2, a.y / 2}
}

// Bound returns the tile without its buffer, in degrees of longitude and latitude.
func (a Address) Bound() orb.Bound {
	side := math.Ldexp(1, -int(a.z))
	northWest := a.grid.from(float64(a.x)*side, float64(a.y)*side)
	southEast := a.grid.from(float64(a.x+1)*side, float64(a.y+1)*side)
	return orb.Bound{Min: orb.Point{northWest[0], southEast[1]}, Max: orb.Point{southEast[0], northWest[1]}}
}
