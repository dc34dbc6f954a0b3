package server

import (
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/cql2"
	"kharita/geo/crs"
	"kharita/geo/geojson"
	"kharita/internal/layers"
)

// crsOf reads a parameter that names a coordinate reference system; without it,
// it is CRS84. It must be one that the layer lists (OGC 18-058r1
// /req/crs/fc-crs-valid-value, /req/crs/fc-bbox-crs-valid-value), any that there
// is where the answer is not of one layer.
func (q *request) crsOf(name string) (crs.CRS, error) {
	if !q.query.Has(name) {
		return crs.CRS{}, nil
	}
	uri := q.query.Get(name)
	c, ok := crs.Find(uri)
	if !ok {
		return c, invalid("%s=%s: there are %s, http://www.opengis.net/def/crs/EPSG/0/4326, …/3857, …/326xx and …/327xx", name, uri, crs84)
	}
	if l, ok := q.Layer(q.Param("layer")); ok {
		list := crsList(l)
		for _, known := range list {
			if known == uri {
				return c, nil
			}
		}
		return c, invalid("%s=%s: the layer has %s", name, uri, strings.Join(list, ", "))
	}
	return c, nil
}

// crsList returns the URIs of the systems in which a layer can be had.
func crsList(l *layers.Layer) []string {
	var list []string
	for _, c := range crs.Of(l.Bound) {
		list = append(list, c.URI())
	}
	return list
}

// writerIn returns what writes features in c.
func writerIn(c crs.CRS) geojson.Writer {
	w := geojson.Writer{Decimals: c.Decimals()}
	if c != (crs.CRS{}) {
		w.Project = c.Forward
	}
	return w
}

// boxIn reads bbox in the system that bbox-crs names: minima, then maxima, in the
// order of its axes. Where the bounds hold more than the box, within is what a
// feature must touch; else it is nil.
func (q *request) boxIn(numbers [4]float64) (bounds []orb.Bound, within cql2.Expr, err error) {
	c, err := q.crsOf("bbox-crs")
	if err != nil {
		return nil, nil, err
	}
	bounds, shape, err := c.Box(orb.Point{numbers[0], numbers[1]}, orb.Point{numbers[2], numbers[3]})
	if err != nil {
		return nil, nil, invalid("bbox=%s: %v", q.query.Get("bbox"), err)
	}
	if shape == nil {
		return bounds, nil, nil
	}
	return bounds, touching(shape), nil
}

// touching is the filter of what touches shape, of which longitudes may lie
// beyond 180 degrees.
func touching(shape orb.Polygon) cql2.Expr {
	touches := func(p orb.Polygon) cql2.Expr {
		return cql2.Call{Op: cql2.SIntersects, Args: []cql2.Expr{cql2.Property{Name: "geometry"}, cql2.Geometry{Geometry: p}}}
	}
	bound := shape.Bound()
	turn := 0.0
	switch {
	case bound.Min[0] < -180:
		turn = 360
	case bound.Max[0] > 180:
		turn = -360
	default:
		return touches(shape)
	}
	other := shape.Clone()
	for _, ring := range other {
		for i := range ring {
			ring[i][0] += turn
		}
	}
	return cql2.Call{Op: cql2.Or, Args: []cql2.Expr{touches(shape), touches(other)}}
}

// inLonLat returns a filter whose geometries are in c in lon, lat. A box of a zone
// of UTM becomes the area that it is.
func inLonLat(e cql2.Expr, c crs.CRS) (_ cql2.Expr, err error) {
	if c == (crs.CRS{}) {
		return e, nil
	}
	e = cql2.Replace(e, func(e cql2.Expr) cql2.Expr {
		switch e := e.(type) {
		case cql2.Geometry:
			return cql2.Geometry{Geometry: c.Unproject(e.Geometry)}
		case cql2.BBox:
			bounds, shape, boxErr := c.Box(orb.Point{e.West, e.South}, orb.Point{e.East, e.North})
			switch {
			case boxErr != nil:
				err = invalid("filter: %s: %v", e, boxErr)
			case shape != nil:
				return cql2.Geometry{Geometry: shape}
			default:
				first, last := bounds[0], bounds[len(bounds)-1] // of two the first lies in the west of the antimeridian
				return cql2.BBox{West: first.Min[0], South: first.Min[1], East: last.Max[0], North: last.Max[1]}
			}
		}
		return e
	})
	return e, err
}
