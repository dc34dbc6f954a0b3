package server

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"kharita/geo/tile"
	"kharita/internal/layers"
)

const (
	heavyTile  = 500_000 // bytes, uncompressed, above which a tile is slow to come and to draw
	heavyDepth = 14      // zoom up to which tiles are looked at
)

// HeavyTiles returns advice on tiles of all times that hold more than 500 kB: of
// single layers, or else of all together, which is what the page asks for. Only
// tiles that hold enough vertices are made.
func HeavyTiles(s *layers.Snapshot) (problems []layers.Problem, err error) {
	sets := make([]*tile.Set, len(s.Layers))
	for i, l := range s.Layers {
		if sets[i], err = newSet(l, tile.WebMercatorQuad); err != nil {
			return nil, fmt.Errorf("tiles of %s: %w", l.ID, err)
		}
		list, err := heavyTiles(s.Layers[i:i+1], sets[i:i+1])
		if err != nil {
			return nil, err
		}
		if list != nil {
			problems = append(problems, layers.Problem{
				File: l.File, Layer: l.ID, Grade: layers.Advice, Rule: layers.HeavyTile,
				Message: list.String() + "; leave properties out of tile.properties, or raise tile.minzoom",
			})
		}
	}
	if problems != nil {
		return problems, nil
	}
	list, err := heavyTiles(s.Layers, sets)
	if list != nil {
		problems = append(problems, layers.Problem{File: ".", Grade: layers.Advice, Rule: layers.HeavyTile, Message: list.String() + ", all layers together"})
	}
	return problems, err
}

// A heavyList is the tiles that are too large, the largest first.
type heavyList []heavyEntry

type heavyEntry struct {
	tile.Address
	size int
}

func (h heavyList) String() string {
	s := fmt.Sprintf("%s: %s (zoom/column/row) holds %d kB, more than %d", layers.HeavyTile, h[0].Address, h[0].size/1000, heavyTile/1000)
	if len(h) > 1 {
		s += fmt.Sprintf(", as do %d others", len(h)-1)
	}
	return s
}

// heavyTiles returns the tiles of some layers together that are too large. From one
// zoom to the next it follows only those that hold enough.
func heavyTiles(list []*layers.Layer, sets []*tile.Set) (heavy heavyList, err error) {
	var above, weights map[tile.Address]int // about how many bytes tiles would hold if nothing were simplified
	var buf []byte
	for z := uint8(0); z <= heavyDepth && (z == 0 || len(above) > 0); z++ {
		weights = map[tile.Address]int{}
		for _, l := range list {
			if err := weigh(weights, above, l, z); err != nil {
				return nil, err
			}
		}
		for a, weight := range weights {
			if weight <= heavyTile {
				delete(weights, a)
				continue
			}
			buf = buf[:0]
			for _, s := range sets {
				buf = s.Append(buf, a, tile.Slice{}, nil)
			}
			if len(buf) > heavyTile {
				heavy = append(heavy, heavyEntry{a, len(buf)})
			}
		}
		above = weights
	}
	slices.SortFunc(heavy, func(a, b heavyEntry) int {
		return cmp.Or(b.size-a.size, cmp.Compare(a.String(), b.String()))
	})
	return heavy, nil
}

// weigh adds the features of l to the tiles of zoom z that their vertices lie in and
// whose parents are in above.
func weigh(weights, above map[tile.Address]int, l *layers.Layer, z uint8) error {
	if z > l.Tile.MaxZoom {
		return nil
	}
	properties := tileProperties(l)
	for f, err := range l.Features(context.Background(), layers.Query{}) {
		if err != nil {
			return err
		}
		row := 40 + len(f.ID.String())
		for _, name := range properties {
			row += 4 + len(f.Properties.Get(name).Text())
		}
		var last tile.Address
		first, counts := true, true
		eachVertex(f.Geometry, func(p orb.Point) {
			if a := addressOf(z, p); first || a != last {
				if counts = z == 0; !counts {
					_, counts = above[a.Parent()]
				}
				if counts {
					weights[a] += row
				}
				first, last = false, a
			}
			if counts {
				weights[last] += 4
			}
		})
	}
	return nil
}

// addressOf returns the tile in which p lies.
func addressOf(z uint8, p orb.Point) tile.Address {
	n := math.Exp2(float64(z))
	lat := math.Max(-85.05, math.Min(85.05, p[1])) * math.Pi / 180
	x := (p[0] + 180) / 360 * n
	y := (1 - math.Asinh(math.Tan(lat))/math.Pi) / 2 * n
	a, err := tile.NewAddress(z, uint32(max(0, min(x, n-1))), uint32(max(0, min(y, n-1))))
	if err != nil {
		panic(err) // it is within the matrix
	}
	return a
}

// eachVertex calls f for each vertex of g.
func eachVertex(g orb.Geometry, f func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		f(g)
	case orb.MultiPoint:
		for _, p := range g {
			f(p)
		}
	case orb.LineString:
		for _, p := range g {
			f(p)
		}
	case orb.Ring:
		for _, p := range g {
			f(p)
		}
	case orb.MultiLineString:
		for _, m := range g {
			eachVertex(m, f)
		}
	case orb.Polygon:
		for _, m := range g {
			eachVertex(m, f)
		}
	case orb.MultiPolygon:
		for _, m := range g {
			eachVertex(m, f)
		}
	case orb.Collection:
		for _, m := range g {
			eachVertex(m, f)
		}
	}
}
