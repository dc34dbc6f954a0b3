package layers_test

import (
	"context"
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"kharita/internal/layers"
)

// FuzzCursor follows cursors that nobody handed out: each gives features or ErrInvalid.
func FuzzCursor(f *testing.F) {
	features := boxes(20, 2)
	s := layers.NewMemory(features)
	order := []layers.Order{{Property: "n", Descending: true}}
	for _, by := range [][]layers.Order{nil, order} {
		f.Add(string(s.Cursor(features[7], layers.Query{Order: by})))
		f.Add(string(s.Cursor(features[len(features)-1], layers.Query{Order: by})))
	}
	for _, text := range []string{"", "0:", "9:a", "-1:a", "99999999999999999999:a", `[null,"a"]`, `[1e400,"a"]`, `[true,1]`, "[]", "[1", ".", ".2.", ".2.1.", ".2.3.3:0.0", ".64.99999999.", ".1.0.", ".2.-1.", ".x.y.z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, by := range [][]layers.Order{nil, order} {
			for _, bounds := range [][]orb.Bound{nil, {{Min: orb.Point{-90, -45}, Max: orb.Point{90, 45}}, {Min: orb.Point{0, 0}}}} {
				n := 0
				for _, err := range s.Features(context.Background(), layers.Query{Bounds: bounds, After: layers.Cursor(text), Order: by}) {
					if err != nil && !errors.Is(err, layers.ErrInvalid) {
						t.Fatalf("%q: %v", text, err)
					}
					n++
				}
				if n > len(features) {
					t.Fatalf("%q: %d features of %d", text, n, len(features))
				}
			}
		}
	})
}
