package geojson

import (
	"io"

	"kharita/geo"
)

// NewParallelOf returns a Parallel of two readers that cuts src, however short, into blocks of about
// the given size, and gives up where no feature ends within longest bytes.
func NewParallelOf(src io.Reader, names *geo.Names, block, longest int) *Parallel {
	return newParallel(src, names, sizes{2, 0, block, longest})
}

// Taken returns how many rows p has taken from blocks.
func (p *Parallel) Taken() int { return p.taken }
