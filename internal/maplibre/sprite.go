package maplibre

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"slices"
	"strconv"
)

// Icons are the images that a style names: symbols of points and patterns of areas.
type Icons map[string]Icon

// An Icon is how one symbol looks. One with a Pattern is a cell of it instead.
type Icon struct {
	Shape     string  // circle, square, diamond, triangle, ring or double-ring
	Size      float64 // diameter, px
	Color     string
	Opacity   float64
	Outline   string // colour; empty: none
	Width     float64
	Halo      string // of the ground's colour, so that neighbours stay apart
	Dash      string // of the outline: solid, dashed or dotted
	Uncertain bool
	Pattern   string // hatch, dots or cross
}

// icon takes in an icon and returns its name.
func (s Icons) icon(i Icon) string {
	name := fmt.Sprintf("%s-%g-%s-%g", i.Shape, i.Size, i.Color[1:], i.Opacity)
	if i.Outline != "" {
		name += fmt.Sprintf("-%s-%g", i.Outline[1:], i.Width)
	}
	if i.Uncertain {
		name += "-" + i.Dash
	}
	s[name] = i
	return name
}

// pattern takes in a pattern and returns its name.
func (s Icons) pattern(kind, color string) string {
	name := kind + "-" + color[1:]
	s[name] = Icon{Pattern: kind, Color: color, Opacity: 1}
	return name
}

// A Place is where an image lies in a sprite, in pixels of the sprite.
type Place struct {
	X          int `json:"x"`
	Y          int `json:"y"`
	Width      int `json:"width"`
	Height     int `json:"height"`
	PixelRatio int `json:"pixelRatio"`
}

// Sprite draws all icons at a ratio of device pixels into one PNG, and says where
// each lies.
func (s Icons) Sprite(ratio int) (index map[string]Place, sheet []byte, err error) {
	const width = 512 // of the sheet, and more where a single icon is larger
	index = map[string]Place{}
	images := map[string]*image.NRGBA{}
	names := slices.Sorted(maps.Keys(s))
	x, y, row, right := 0, 0, 0, 1
	for _, name := range names {
		images[name] = s[name].draw(ratio)
		side := images[name].Rect.Dx()
		if x > 0 && x+side > width {
			x, y, row = 0, y+row, 0
		}
		index[name] = Place{x, y, side, side, ratio}
		x, row, right = x+side, max(row, side), max(right, x+side)
	}
	whole := image.NewNRGBA(image.Rect(0, 0, right, max(1, y+row)))
	for _, name := range names {
		at := index[name]
		for line := range at.Height {
			copy(whole.Pix[whole.PixOffset(at.X, at.Y+line):], images[name].Pix[images[name].PixOffset(0, line):][:4*at.Width])
		}
	}
	var b bytes.Buffer
	err = png.Encode(&b, whole)
	return index, b.Bytes(), err
}

// A coat is paint of one colour where a point of the plane is inside; px from the
// middle of the icon, y downwards.
type coat struct {
	rgb    [3]float64 // 0 to 255
	alpha  float64
	inside func(x, y float64) bool
}

func newCoat(hex string, alpha float64, inside func(x, y float64) bool) coat {
	rgb, _ := strconv.ParseUint(hex[1:], 16, 32) // a sidecar's colours are #rrggbb
	return coat{[3]float64{float64(rgb >> 16), float64(rgb >> 8 & 255), float64(rgb & 255)}, alpha, inside}
}

const (
	patternCell = 8 // px
	samples     = 4 // a side, of each pixel
)

// draw paints the icon at a ratio of device pixels.
func (i Icon) draw(ratio int) *image.NRGBA {
	side := 2 * int(math.Ceil(i.Size*0.5*1.3+2))
	coats := i.coats
	if i.Pattern != "" {
		side, coats = patternCell, i.weave
	}
	paint := coats()
	img := image.NewNRGBA(image.Rect(0, 0, side*ratio, side*ratio))
	for py := range side * ratio {
		for px := range side * ratio {
			var sum [4]float64 // of the samples, alpha last
			for n := range samples * samples {
				x := (float64(px)+(float64(n%samples)+0.5)/samples)/float64(ratio) - float64(side)/2
				y := (float64(py)+(float64(n/samples)+0.5)/samples)/float64(ratio) - float64(side)/2
				var at [4]float64 // premultiplied
				for _, c := range paint {
					if c.inside(x, y) {
						at = over(at, c)
					}
				}
				for k := range sum {
					sum[k] += at[k]
				}
			}
			if sum[3] == 0 {
				continue
			}
			part := func(v float64) uint8 { return uint8(math.Round(v / sum[3])) }
			img.SetNRGBA(px, py, color.NRGBA{part(sum[0]), part(sum[1]), part(sum[2]), uint8(math.Round(255 * sum[3] / (samples * samples)))})
		}
	}
	return img
}

// over lays a coat over what is there; colours run to 255 times alpha, alpha to 1.
func over(at [4]float64, c coat) [4]float64 {
	for k, v := range c.rgb {
		at[k] = at[k]*(1-c.alpha) + c.alpha*v
	}
	at[3] = at[3]*(1-c.alpha) + c.alpha
	return at
}

// coats are those of a symbol, from the ground up.
func (i Icon) coats() []coat {
	r := i.Size / 2
	rim := min(1.5, i.Size*0.16)
	if i.Size < 4 {
		rim = 0.4
	}
	if i.Shape == "ring" || i.Shape == "double-ring" {
		width, alpha := min(2, i.Size*0.22), i.Opacity
		if i.Uncertain {
			alpha = 1
		}
		coats := []coat{newCoat(i.Halo, 1, solid(i.Shape, r+rim/2)), newCoat(i.Color, alpha, i.stroke(r-width/2, width))}
		if i.Shape == "double-ring" {
			coats = append(coats, newCoat(i.Color, 1, solid(i.Shape, r*0.45)))
		}
		return coats
	}
	coats := []coat{newCoat(i.Halo, 1, solid(i.Shape, r+rim)), newCoat(i.Color, i.Opacity, solid(i.Shape, r))}
	switch {
	case i.Outline != "":
		coats = append(coats, newCoat(i.Outline, 1, i.stroke(r, min(i.Width, i.Size*0.2))))
	case i.Uncertain:
		coats = append(coats, newCoat(i.Color, 1, i.stroke(r, min(1.2, i.Size*0.2))))
	}
	return coats
}

// reach is how far a point lies from the middle of a shape of radius 1, measured
// so that the shape is where it is at most 1.
func reach(shape string, x, y float64) float64 {
	corners := func(n, radius, x, y float64) float64 {
		sector := 2 * math.Pi / n
		angle := math.Mod(math.Atan2(x, -y)+4*math.Pi, sector) // from a corner, the first of which is at the top
		return math.Hypot(x, y) * math.Cos(angle-sector/2) / (radius * math.Cos(sector/2))
	}
	switch shape {
	case "square":
		return max(math.Abs(x), math.Abs(y)) / 0.89
	case "diamond":
		return corners(4, 1.18, x, y)
	case "triangle":
		return corners(3, 1.25, x, y-0.18)
	}
	return math.Hypot(x, y)
}

func solid(shape string, r float64) func(x, y float64) bool {
	return func(x, y float64) bool { return r > 0 && reach(shape, x/r, y/r) <= 1 }
}

// stroke is a line of a width along a shape's edge, broken as the icon says.
func (i Icon) stroke(r, width float64) func(x, y float64) bool {
	on, period := 1.0, 1.0
	switch i.Dash {
	case "dashed":
		on, period = 3.4, 5.7
	case "dotted":
		on, period = width, 2.3
	}
	pieces := max(1, math.Round(2*math.Pi*r/period))
	return func(x, y float64) bool {
		turn := math.Atan2(y, x)/(2*math.Pi) + 1
		_, along := math.Modf(turn * pieces)
		return math.Abs(reach(i.Shape, x/r, y/r)-1)*r <= width/2 && (period == 1 || along*period <= on)
	}
}

// weave is the one coat of a pattern's cell, which runs on into the next.
func (i Icon) weave() []coat {
	line := func(d float64) bool { // within half a pixel of a diagonal
		_, part := math.Modf(d/patternCell + 4.5)
		return math.Abs(part-0.5)*patternCell <= math.Sqrt2/2
	}
	return []coat{newCoat(i.Color, i.Opacity, func(x, y float64) bool {
		if i.Pattern == "dots" {
			return math.Hypot(x+2, y+2) <= 0.9 || math.Hypot(x-2, y-2) <= 0.9
		}
		return line(x+y) || i.Pattern == "cross" && line(x-y)
	})}
}
