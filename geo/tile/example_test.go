package tile_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func ExampleSet_Append() {
	features := func(yield func(geo.Feature, error) bool) {
		yield(geo.Feature{
			ID:       geo.TextID("room"),
			Geometry: orb.Point{44.38, 33.31},
			Valid:    period.Exactly(period.New(1443571200000, 1512777600000)),
		}, nil)
	}
	s, err := tile.NewSet(features, tile.Options{Layer: "rooms"})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := tile.ParseAddress("6", "39", "25")
	if err != nil {
		fmt.Println(err)
		return
	}
	b := s.Append(nil, a, tile.Slice{Valid: period.At(1450000000000)}, nil)
	decoded, _ := tiletest.Decode(b)
	fmt.Println(decoded.Layers[0].Features[0].Paths)
	b = s.Append(nil, a, tile.Slice{Valid: period.At(0)}, nil)
	fmt.Println(len(b))
	// Output:
	// [[{3645 2922}]]
	// 0
}
