package tile

import "context"

// Warm makes ready what the first tile of zoom z would have to wait for: a level of the
// pyramid, labels. It stops between steps, each of which takes half a second at most for
// half a million vertices, and returns the context's error, once ctx has ended. Tiles may
// be asked for meanwhile.
func (s *Set) Warm(ctx context.Context, z uint8) error {
	if z < s.minZoom || z > s.maxZoom || z > MaxZoom || !s.hasPaths {
		return ctx.Err()
	}
	for _, step := range [...]func(){
		func() {
			if !s.takeLevel(z) {
				s.network.simplify()
			}
		},
		func() { s.level(z) },
		func() {
			if s.labelLayer != "" {
				s.labels()
			}
		},
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		step()
	}
	if s.borders != nil {
		return s.borders.Warm(ctx, z)
	}
	return nil
}
