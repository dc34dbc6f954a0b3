package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Glyphs as MapLibre wants them: files of 256 characters each, every glyph a
// signed distance field of 24 pixels an em with a border of 3, in the protocol
// buffers of the renderers' glyph format.
const (
	glyphEm     = 24  // px
	glyphBorder = 3   // px around the glyph's box
	glyphRadius = 8.0 // px over which the distance runs through the whole scale
	glyphCutoff = 0.25
	// glyphAscent is how far above the baseline the renderers' line begins. Both
	// scripts take the same, so that they share a baseline.
	glyphAscent = 25
)

// stacks are the fonts by weight, and the subsets that they are pieced together
// from; the first that has a character gives its glyph.
//
//nolint:gochecknoglobals // a table
var stacks = []struct{ name, folder, weight string }{
	{"Noto Sans Regular", "noto-sans-regular", "400"},
	{"Noto Sans SemiBold", "noto-sans-semibold", "600"},
}

//nolint:gochecknoglobals // a table
var subsets = []string{"noto-sans:latin", "noto-sans:latin-ext", "noto-sans:vietnamese", "noto-sans:greek", "noto-sans:cyrillic", "noto-sans-arabic:arabic"}

// glyphs writes the glyphs of all stacks below glyphs/, a file for each 256
// characters of which there are any, and the fonts' licence.
func glyphs(a *atlas, packages string) error {
	licence, err := os.ReadFile(packages + "/@fontsource/noto-sans/LICENSE")
	if err != nil {
		return err
	}
	a.files["glyphs/LICENSE.txt"] = licence
	for _, stack := range stacks {
		chars := map[rune][]byte{}
		for _, subset := range subsets {
			family, script, _ := strings.Cut(subset, ":")
			path := fmt.Sprintf("%s/@fontsource/%s/files/%s-%s-%s-normal.woff", packages, family, family, script, stack.weight)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			face, err := font.ParseTTF(bytes.NewReader(data))
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for chr := rune(' '); chr <= 0xffff; chr++ {
				if chars[chr] != nil {
					continue
				}
				if id, ok := face.NominalGlyph(chr); ok {
					outline, _ := face.GlyphDataOutline(id)
					chars[chr] = newGlyph(outline, glyphEm/float64(face.Upem()), float64(face.HorizontalAdvance(id))).encode(chr)
				}
			}
		}
		ranges := map[rune][]byte{}
		for _, chr := range sortedKeys(chars) {
			ranges[chr>>8] = appendBytes(ranges[chr>>8], 3, chars[chr])
		}
		total := 0
		for _, r := range sortedKeys(ranges) {
			span := fmt.Sprintf("%d-%d", r<<8, r<<8+255)
			list := appendBytes(appendBytes(nil, 1, []byte(stack.name)), 2, []byte(span))
			packed, err := compress(appendBytes(nil, 1, append(list, ranges[r]...)))
			if err != nil {
				return err
			}
			a.files["glyphs/"+stack.folder+"/"+span+".pbf.gz"] = packed
			total += len(packed)
		}
		a.say("%-24s %5d characters %6d bytes compressed", stack.name, len(chars), total)
	}
	return nil
}

// A glyph is a signed distance field. left and top are those of its box, without
// the border: from the pen, and from the top of the line downwards.
type glyph struct {
	field         []byte
	width, height int
	left, top     int
	advance       int
}

type point struct{ x, y float64 } // px, y upwards

// newGlyph draws an outline in font units at the given scale.
func newGlyph(o font.GlyphOutline, scale, advance float64) glyph {
	g := glyph{advance: int(math.Round(advance * scale))}
	edges := flatten(o, scale)
	if len(edges) == 0 {
		return g // a space
	}
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, e := range edges {
		for _, p := range e {
			box = [4]float64{min(box[0], p.x), min(box[1], p.y), max(box[2], p.x), max(box[3], p.y)}
		}
	}
	left, bottom, right, top := int(math.Floor(box[0])), int(math.Floor(box[1])), int(math.Ceil(box[2])), int(math.Ceil(box[3]))
	g.width, g.height, g.left, g.top = right-left, top-bottom, left, top-glyphAscent
	for row := range g.height + 2*glyphBorder {
		for col := range g.width + 2*glyphBorder {
			at := point{float64(left-glyphBorder+col) + 0.5, float64(top+glyphBorder-row) - 0.5}
			v := math.Round(255 - 255*(signedDistance(edges, at)/glyphRadius+glyphCutoff))
			g.field = append(g.field, byte(max(0, min(255, v))))
		}
	}
	return g
}

// flatten cuts an outline into straight edges, in pixels.
func flatten(o font.GlyphOutline, scale float64) (edges [][2]point) {
	const steps = 8 // of a curve; at 24 px an em they are off by less than a hundredth of a pixel
	var start, pen point
	at := func(p opentype.SegmentPoint) point { return point{float64(p.X) * scale, float64(p.Y) * scale} }
	to := func(p point) {
		if p != pen {
			edges = append(edges, [2]point{pen, p})
			pen = p
		}
	}
	for _, s := range o.Segments {
		p, from := s.Args, pen
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			to(start) // the contour before ends where it began
			start, pen = at(p[0]), at(p[0])
		case opentype.SegmentOpLineTo:
			to(at(p[0]))
		case opentype.SegmentOpQuadTo:
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				to(mix(mix(from, at(p[0]), t), mix(at(p[0]), at(p[1]), t), t))
			}
		case opentype.SegmentOpCubeTo:
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				b := mix(at(p[0]), at(p[1]), t)
				to(mix(mix(mix(from, at(p[0]), t), b, t), mix(b, mix(at(p[1]), at(p[2]), t), t), t))
			}
		}
	}
	to(start)
	return edges
}

func mix(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }

// signedDistance is from p to the nearest edge, negative inside (nonzero winding).
func signedDistance(edges [][2]point, p point) float64 {
	nearest, winding := math.Inf(1), 0
	for _, e := range edges {
		a, b := e[0], e[1]
		dx, dy := b.x-a.x, b.y-a.y
		t := max(0, min(1, ((p.x-a.x)*dx+(p.y-a.y)*dy)/(dx*dx+dy*dy)))
		nearest = min(nearest, math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy))
		left := dx*(p.y-a.y) - dy*(p.x-a.x)
		switch {
		case a.y <= p.y && b.y > p.y && left > 0:
			winding++
		case a.y > p.y && b.y <= p.y && left < 0:
			winding--
		}
	}
	if winding != 0 {
		return -nearest
	}
	return nearest
}

// encode writes the message of one glyph.
func (g glyph) encode(chr rune) []byte {
	b := appendNumber(nil, 1, uint64(chr))
	if g.field != nil {
		b = appendBytes(b, 2, g.field)
	}
	b = appendNumber(appendNumber(b, 3, uint64(g.width)), 4, uint64(g.height))
	zigzag := func(n int) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }
	return appendNumber(appendNumber(appendNumber(b, 5, zigzag(g.left)), 6, zigzag(g.top)), 7, uint64(g.advance))
}

// appendNumber and appendBytes write a field of protocol buffers.
func appendNumber(b []byte, field int, n uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(field)<<3), n)
}

func appendBytes(b []byte, field int, v []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(field)<<3|2), uint64(len(v)))
	return append(b, v...)
}
