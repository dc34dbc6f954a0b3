package tile

import (
	"math/rand/v2"
	"testing"

	"kharita/geo/tile/tiletest"
)

// Rings along the grid cross only in its points, so nothing is rounded: what they cover
// comes out exactly, cell by cell.
func TestResolveCoversTheSame(t *testing.T) {
	const side = 9
	r := rand.New(rand.NewPCG(61, 1))
	var res resolver
	for n := range 3000 {
		var in ringList
		for range 1 + r.IntN(3) {
			var ring []point
			x, y := r.Int32N(side), r.Int32N(side)
			x0, y0 := x, y
			for range 1 + r.IntN(8) { // by turns along x and y, and back
				if next := r.Int32N(side); next != x {
					ring, x = append(ring, point{x, y}), next
				}
				if next := r.Int32N(side); next != y {
					ring, y = append(ring, point{x, y}), next
				}
			}
			if x != x0 {
				ring = append(ring, point{x, y})
			}
			if y != y0 {
				ring = append(ring, point{x0, y})
			}
			if len(ring) > 0 && ring[0] == ring[len(ring)-1] {
				ring = ring[:len(ring)-1]
			}
			in.add(ring)
		}
		var out polygonList
		if !res.resolve(&out, &in) {
			t.Fatal("not resolved")
		}
		covers := func(l *ringList, x, y int64) (in bool) {
			for i := range l.len() {
				if r := l.ring(i); len(r) > 0 && odd(r, 2*x+1, 2*y+1, 1) {
					in = !in
				}
			}
			return in
		}
		for x := range int64(side) {
			for y := range int64(side) {
				if got, want := covers(&out.rings, x, y), covers(&in, x, y); got != want {
					t.Fatalf("case %d: cell %d %d covered: %t, want %t\nrings %v\nout %v", n, x, y, got, want, in, out)
				}
			}
		}
		var p pen
		for i := range out.rings.len() {
			p.ring(out.rings.ring(i))
		}
		if len(p.out) == 0 {
			continue
		}
		// the rings as a feature of a tile, for the checker
		feature := appendBytes([]byte{tagFeatureType, byte(kindPolygon)}, tagFeatureGeometry, p.out)
		layer := append(appendString(nil, tagLayerName, "l"), tagLayerVersion, 2)
		layer = append(appendBytes(layer, tagLayerFeatures, feature), tagLayerExtent, side)
		for _, v := range tiletest.Check(appendBytes(nil, tagTileLayer, layer)) {
			t.Fatalf("case %d: %v\nrings %v\nout %v", n, v, in, out)
		}
	}
}
