package main

import (
	"testing"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/google/go-cmp/cmp"
)

// TestGlyph draws a ring of two squares of 8 and 4 px, the inner one the other way round.
func TestGlyph(t *testing.T) {
	square := func(xs, ys [4]float32) (out []opentype.Segment) {
		for i := range xs {
			s := opentype.Segment{Op: opentype.SegmentOpLineTo}
			if i == 0 {
				s.Op = opentype.SegmentOpMoveTo
			}
			s.Args[0] = opentype.SegmentPoint{X: xs[i], Y: ys[i]}
			out = append(out, s)
		}
		return out
	}
	ring := append(square([4]float32{0, 800, 800, 0}, [4]float32{0, 0, 800, 800}), square([4]float32{200, 200, 600, 600}, [4]float32{200, 600, 600, 200})...)
	g := newGlyph(font.GlyphOutline{Segments: ring}, 0.01, 900)
	if got, want := [5]int{g.width, g.height, g.left, g.top, g.advance}, [5]int{8, 8, 0, 8 - glyphAscent, 9}; got != want {
		t.Fatalf("width, height, left, top, advance %v, want %v", got, want)
	}
	// From the border of the field to the middle of the ring: 191 is the edge, 32 a pixel.
	row := g.field[7*14:][:14]
	want := []byte{112, 143, 175, 207, 207, 175, 143, 143, 175, 207, 207, 175, 143, 112}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("row through the hole (-want +got):\n%s", diff)
	}
	if space := newGlyph(font.GlyphOutline{}, 0.01, 300); space.field != nil || space.advance != 3 {
		t.Errorf("space: %+v", space)
	}
	// id 65, a field of 196 bytes, then width, height, left, top (zigzag) and advance.
	b := g.encode('A')
	if head, tail := b[:5], b[len(b)-10:]; !cmp.Equal(head, []byte{0x08, 65, 0x12, 0xc4, 0x01}) || !cmp.Equal(tail, []byte{0x18, 8, 0x20, 8, 0x28, 0, 0x30, 2*(glyphAscent-8) - 1, 0x38, 9}) {
		t.Errorf("message %x … %x", head, tail)
	}
}
