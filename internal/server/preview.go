package server

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/internal/layers"
)

// A preview is a still map of some geometries over the base map, as SVG that needs
// no script. It is in Web Mercator, like the map, in tenths of a pixel.
type preview struct {
	left, top, scale float64 // of the unit square of Web Mercator
	frame            orb.Bound
	dst              []byte
}

const (
	previewWidth  = 7200
	previewHeight = 4000
	previewSeen   = 2900    // of the height, where the picture is cut to a wide page
	previewTrim   = 9       // a step shorter than this is not seen
	previewSpan   = 4.0     // degrees at least, so that a place is seen among others
	previewBytes  = 400_000 // what is beyond is not drawn
)

// preview draws what is shown, in its bound; nothing if that is empty.
func (q *request) preview(bound orb.Bound, shown iter.Seq[orb.Geometry]) (template.HTML, error) {
	if bound.IsEmpty() {
		return "", nil
	}
	p := newPreview(bound)
	p.dst = append(p.dst, `<svg viewBox="0 0 7200 4000" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">`...)
	for _, l := range slices.Backward(q.Base) {
		if l.Geometry == layers.Points || string(l.Style.Opacity.Value) == "0" || float64(l.Tile.MinZoom) > p.zoom() {
			continue
		}
		p.dst = append(p.dst, `<path class="base `+baseClass(l)+`" d="`...)
		for f, err := range l.Features(q.Request.Context(), layers.Query{Bounds: p.bounds()}) {
			if err != nil {
				return "", err
			}
			p.append(f.Geometry)
		}
		p.dst = append(p.dst, `"/>`...)
	}
	var paths [3][]byte // areas, lines, points
	base := p.dst
	for g := range shown {
		if len(paths[0])+len(paths[1])+len(paths[2]) > previewBytes {
			break
		}
		for kind, part := range parts(g) {
			p.dst = paths[kind]
			p.append(part)
			paths[kind] = p.dst
		}
	}
	p.dst = base
	for kind, class := range []string{"areas", "lines", "points"} {
		if len(paths[kind]) > 0 {
			p.dst = append(append(append(p.dst, `<path class="own `+class+`" d="`...), paths[kind]...), `"/>`...)
		}
	}
	if err := p.towns(q); err != nil {
		return "", err
	}
	p.dst = append(p.dst, `</svg>`...)
	return template.HTML(p.dst), nil //nolint:gosec // numbers, and names that are escaped
}

// towns names the first few places of the base map that have room, so that one sees where it is.
func (p *preview) towns(q *request) error {
	const most, apartX, apartY, edge = 7, 1500, 400, 500
	seen := orb.Bound{
		Min: orb.Point{edge, (previewHeight-previewSeen)/2 + 100},
		Max: orb.Point{previewWidth - edge, (previewHeight+previewSeen)/2 - 100},
	}
	var named []orb.Point
	for _, l := range q.Base {
		if l.Geometry != layers.Points {
			continue
		}
		for f, err := range l.Features(q.Request.Context(), layers.Query{Bounds: p.bounds()}) {
			if err != nil {
				return err
			}
			point, ok := f.Geometry.(orb.Point)
			if !ok || len(named) == most {
				continue
			}
			at := p.at(point)
			names := layers.Text{}
			for lang, property := range l.Name {
				names[lang] = f.Properties.Get(property).Text()
			}
			name, lang := names.In(q.lang, q.fallback())
			crowded := slices.ContainsFunc(named, func(n orb.Point) bool {
				return math.Abs(n[0]-at[0]) < apartX && math.Abs(n[1]-at[1]) < apartY
			})
			if name == "" || crowded || !seen.Contains(at) {
				continue
			}
			named = append(named, at)
			p.dst = append(p.dst, `<path class="town" d="`...)
			p.append(point)
			p.dst = fmt.Appendf(p.dst, `"/><text x="%.0f" y="%.0f" lang="%s">%s</text>`, at[0], at[1]-60, html.EscapeString(lang), html.EscapeString(name))
		}
	}
	return nil
}

func newPreview(bound orb.Bound) *preview {
	x0, y1 := mercator(bound.Min)
	x1, y0 := mercator(bound.Max)
	width := max((x1-x0)*1.16, previewSpan/360)
	height := max((y1-y0)*1.16, previewSpan/360*previewSeen/previewWidth)
	p := &preview{scale: min(previewWidth/width, previewSeen/height)}
	p.left = (x0+x1)/2 - previewWidth/2/p.scale
	p.top = (y0+y1)/2 - previewHeight/2/p.scale
	const margin = 100
	p.frame = orb.Bound{Min: orb.Point{-margin, -margin}, Max: orb.Point{previewWidth + margin, previewHeight + margin}}
	return p
}

// zoom is that of a map of this scale in tiles of 256 pixels.
func (p *preview) zoom() float64 { return math.Log2(p.scale / 10 / 256) }

// bounds is what is seen, in degrees.
func (p *preview) bounds() []orb.Bound {
	degrees := func(x, y float64) orb.Point {
		lat := math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi
		return orb.Point{max(-180, min(180, x*360-180)), lat}
	}
	return []orb.Bound{{
		Min: degrees(p.left, p.top+previewHeight/p.scale),
		Max: degrees(p.left+previewWidth/p.scale, p.top),
	}}
}

// mercator projects into the unit square, y downwards.
func mercator(at orb.Point) (x, y float64) {
	const most = 85.05112878
	sin := math.Sin(max(-most, min(most, at[1])) * math.Pi / 180)
	return (at[0] + 180) / 360, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
}

// baseClass names a layer of the base map for the stylesheet: land, border, or by its id.
func baseClass(l *layers.Layer) string {
	kind := "land"
	if l.Geometry == layers.Lines {
		kind = "border"
	}
	if strings.Trim(l.ID, "abcdefghijklmnopqrstuvwxyz-") == "" {
		kind += " " + l.ID
	}
	return kind
}

// parts yields the areas (0), lines (1) and points (2) of g.
func parts(g orb.Geometry) iter.Seq2[int, orb.Geometry] {
	return func(yield func(int, orb.Geometry) bool) {
		switch g := g.(type) {
		case orb.Collection:
			for _, m := range g {
				for kind, part := range parts(m) {
					if !yield(kind, part) {
						return
					}
				}
			}
		case orb.Polygon, orb.MultiPolygon:
			yield(0, g)
		case orb.LineString, orb.MultiLineString:
			yield(1, g)
		case orb.Point, orb.MultiPoint:
			yield(2, g)
		}
	}
}

// append appends g as path data, as far as it is seen.
func (p *preview) append(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		if at := p.at(g); p.frame.Contains(at) {
			p.move(at)
			p.dst = append(p.dst, "h0"...) // a round cap is drawn there
		}
	case orb.MultiPoint:
		for _, at := range g {
			p.append(at)
		}
	case orb.LineString:
		for _, line := range clip.LineString(p.frame, p.trim(g)) {
			p.line(line)
		}
	case orb.MultiLineString:
		for _, line := range g {
			p.append(line)
		}
	case orb.Polygon:
		for _, ring := range g {
			if r := clip.Ring(p.frame, orb.Ring(p.trim(orb.LineString(ring)))); len(r) > 3 {
				p.line(orb.LineString(r))
				p.dst = append(p.dst, 'z')
			}
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			p.append(polygon)
		}
	case orb.Collection:
		for _, m := range g {
			p.append(m)
		}
	}
}

// at projects into the picture.
func (p *preview) at(from orb.Point) orb.Point {
	x, y := mercator(from)
	return orb.Point{math.Round((x - p.left) * p.scale), math.Round((y - p.top) * p.scale)}
}

// trim projects a line and leaves out steps that are not seen. The line is not written to.
func (p *preview) trim(line orb.LineString) orb.LineString {
	out := make(orb.LineString, 0, min(len(line), 256))
	for i, from := range line {
		at := p.at(from)
		if n := len(out); n > 0 && i < len(line)-1 && math.Abs(at[0]-out[n-1][0]) < previewTrim && math.Abs(at[1]-out[n-1][1]) < previewTrim {
			continue
		}
		out = append(out, at)
	}
	return out
}

func (p *preview) move(at orb.Point) {
	p.dst = append(p.dst, 'M')
	p.pair(at)
}

func (p *preview) pair(at orb.Point) {
	p.dst = strconv.AppendInt(p.dst, int64(at[0]), 10)
	if at[1] >= 0 {
		p.dst = append(p.dst, ' ')
	}
	p.dst = strconv.AppendInt(p.dst, int64(at[1]), 10)
}

// line appends a line as relative steps, which are shorter to write.
func (p *preview) line(line orb.LineString) {
	if len(line) == 0 {
		return
	}
	last := orb.Point{math.Round(line[0][0]), math.Round(line[0][1])}
	p.move(last)
	p.dst = append(p.dst, 'l')
	for i, at := range line[1:] {
		at = orb.Point{math.Round(at[0]), math.Round(at[1])}
		step := orb.Point{at[0] - last[0], at[1] - last[1]}
		if i > 0 && step[0] >= 0 {
			p.dst = append(p.dst, ' ')
		}
		p.pair(step)
		last = at
	}
	if len(line) == 1 {
		p.dst = append(p.dst, "0 0"...)
	}
}

// geometriesOf reads the geometries of an answer in GeoJSON, as far as there are any, and
// what bounds them all.
func geometriesOf(body []byte) (list []orb.Geometry, bound orb.Bound, err error) {
	bound = orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}} // empty
	for r := geojson.NewReader(bytes.NewReader(body), geo.NewNames()); ; {
		row, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return list, bound, nil
		case err != nil:
			return nil, bound, err
		case row.Geometry != nil:
			if list = append(list, row.Geometry); len(list) == 1 {
				bound = row.Geometry.Bound()
			}
			bound = bound.Union(row.Geometry.Bound())
		}
	}
}
