package tile

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// MaxZoom is the deepest zoom: a unit of its tiles is 2.3 mm at the equator.
const MaxZoom = 22

// ErrAddress means that an address is malformed or outside the matrix of its zoom.
var ErrAddress = errors.New("no such tile")

// An Address names a tile of the WebMercatorQuad matrix (OGC 17-083r4 §D.1): zoom,
// column from the west, row from the north. It is valid by construction; the zero
// Address is the one tile of zoom 0. Addresses compare with ==.
type Address struct {
	z    uint8
	x, y uint32
}

// NewAddress returns the address of column x and row y at zoom z. The error is
// ErrAddress if z is beyond MaxZoom or x or y is not below 2^z.
func NewAddress(z uint8, x, y uint32) (Address, error) {
	if z > MaxZoom || x >= 1<<z || y >= 1<<z {
		return Address{}, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, ErrAddress)
	}
	return Address{z, x, y}, nil
}

// ParseAddress reads the numbers of a tile URL: decimal digits without sign. The
// error is ErrAddress.
func ParseAddress(z, x, y string) (Address, error) {
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
	return NewAddress(uint8(n[0]), n[1], n[2])
}

// Z returns the zoom.
func (a Address) Z() uint8 { return a.z }

// X returns the column, counted from the antimeridian eastwards.
func (a Address) X() uint32 { return a.x }

// Y returns the row, counted from the north southwards.
func (a Address) Y() uint32 { return a.y }

// String returns "z/x/y".
func (a Address) String() string { return fmt.Sprintf("%d/%d/%d", a.z, a.x, a.y) }

// Parent returns the tile of the zoom above that covers a; zoom 0 is its own parent.
func (a Address) Parent() Address {
	if a.z == 0 {
		return a
	}
	return Address{a.z - 1, a.x / 2, a.y / 2}
}

// Bound returns the tile without its buffer, in degrees of longitude and latitude.
func (a Address) Bound() orb.Bound {
	west, north := a.corner(a.x, a.y)
	east, south := a.corner(a.x+1, a.y+1)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

// corner returns the north-western corner of column x, row y at the zoom of a.
func (a Address) corner(x, y uint32) (lon, lat float64) {
	n := float64(uint32(1) << a.z)
	lon = float64(x)/n*360 - 180
	lat = math.Atan(math.Sinh(math.Pi*(1-2*float64(y)/n))) * 180 / math.Pi
	return lon, lat
}
