package server

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// instead says what is drawn in place of a geometry that breaks a rule. Rules that
// reading a file tells of already are not there.
//
//nolint:gochecknoglobals // a table
var instead = map[tile.Rule]string{
	tile.NoLength:   "it is drawn as a point would be",
	tile.NoArea:     "it is drawn as a point would be",
	tile.RingsCross: "drawn is what an odd number of rings goes round",
	tile.Misplaced:  "drawn is what an odd number of rings goes round",
	tile.Tangle:     "drawn is its convex hull",
}

// Undrawn returns the features that tiles can't show as they are; fsys is what s was
// loaded from.
func Undrawn(fsys fs.FS, s *layers.Snapshot) (problems []layers.Problem, err error) {
	for _, l := range s.Layers {
		if l.Geometry == layers.Points || l.Geometry == layers.NoGeometry {
			continue
		}
		set, err := newSet(l, tile.WebMercatorQuad)
		if err != nil {
			return nil, err
		}
		found := set.Problems()
		if len(found) == 0 {
			continue
		}
		known, err := crossThemselves(l, found)
		if err != nil {
			return nil, err
		}
		var rows []int
		var list []layers.Problem
		for _, p := range found {
			if text, ok := instead[p.Rule]; ok && (p.Rule != tile.RingsCross || !known[p.Row]) {
				rows = append(rows, p.Row)
				list = append(list, layers.Problem{
					Grade: layers.Fault, Rule: layers.Rule(p.Rule),
					Message: fmt.Sprintf("%s, at %.6g,%.6g; %s", p.Rule, p.At[0], p.At[1], text),
				})
			}
		}
		problems = append(problems, l.Located(fsys, rows, list)...)
	}
	return problems, nil
}

// crossThemselves returns the rows among those of found in which a ring crosses itself:
// layers.Check tells of them.
func crossThemselves(l *layers.Layer, found []tile.Problem) (map[int]bool, error) {
	out := map[int]bool{}
	for _, p := range found {
		if p.Rule == tile.RingsCross {
			out[p.Row] = false
		}
	}
	row := 0
	for f, err := range l.Features(context.Background(), layers.Query{}) {
		if err != nil {
			return nil, err
		}
		if _, ok := out[row]; ok {
			out[row] = anyCrossing(f.Geometry)
		}
		row++
	}
	return out, nil
}

func anyCrossing(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.Polygon:
		for _, r := range g {
			if _, ok := geo.SelfCrossing(r); ok {
				return true
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			if anyCrossing(p) {
				return true
			}
		}
	case orb.Collection:
		for _, m := range g {
			if anyCrossing(m) {
				return true
			}
		}
	}
	return false
}
