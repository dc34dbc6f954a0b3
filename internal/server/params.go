package server

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// when reads datetime and certainty. What a style shows is without datetime of the time at
// which the page starts.
func (q *request) when() (valid period.Period, reading period.Reading, err error) {
	switch q.query.Get("certainty") {
	case "":
		if q.query.Has("certainty") {
			return valid, reading, invalid("certainty is empty: write possible or certain")
		}
	case "possible":
	case "certain":
		reading = period.Certain
	default:
		return valid, reading, invalid("certainty=%s: write possible or certain", q.query.Get("certainty"))
	}
	if q.query.Has("datetime") {
		text := q.query.Get("datetime")
		// GDAL (to 3.6 at least) writes a day as 2016-01-01T.
		text = strings.TrimSuffix(strings.ReplaceAll(text, "T/", "/"), "T")
		if valid, err = period.ParseDatetime(text); err != nil {
			return valid, reading, invalid("%s: %v", "datetime", err)
		}
	} else if q.query.Has("style") || q.Param("style") != "" {
		if at, err := period.Parse(q.Atlas.View.Time); err == nil {
			valid = at.Possible
		}
	}
	return valid, reading, nil
}

// between joins a/.. and ../b, in either order, to a/b. GDAL asks so for what holds
// between two instants, and what holds at one from a on and at one until b does.
func between(values []string) (string, bool) {
	if len(values) != 2 {
		return "", false
	}
	for i := range values {
		start, fromStart := strings.CutSuffix(values[i], "/..")
		end, untilEnd := strings.CutPrefix(values[1-i], "../")
		if fromStart && untilEnd {
			return start + "/" + end, true
		}
	}
	return "", false
}

// limit reads limit. More than the maximum means the maximum (OGC 17-069r4 /req/core/fc-limit-response-1).
func (q *request) limit(fallback, most int) (int, error) {
	if !q.query.Has("limit") {
		return fallback, nil
	}
	text := q.query.Get("limit")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, invalid("limit=%s: write a whole number from 1 to %d", text, most)
	}
	return min(n, most), nil
}

// bbox reads bbox: west, south, east, north, or with heights between. West above
// east crosses the antimeridian and becomes two boxes (RFC 7946 §5.2). In the
// system that bbox-crs names, the order is that of its axes; see boxIn.
func (q *request) bbox() (bounds []orb.Bound, within cql2.Expr, err error) {
	if !q.query.Has("bbox") {
		if q.query.Has("bbox-crs") {
			return nil, nil, invalid("bbox-crs is of no use without bbox")
		}
		return nil, nil, nil
	}
	text := q.query.Get("bbox")
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, nil, invalid("bbox=%s: write west,south,east,north in degrees", text)
	}
	n := make([]float64, len(parts))
	for i, p := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, nil, invalid("bbox=%s: %q is no number", text, p)
		}
		n[i] = f
	}
	west, south, east, north := n[0], n[1], n[len(n)/2], n[len(n)/2+1]
	if len(n) == 6 && n[2] > n[5] {
		return nil, nil, invalid("bbox=%s: the lower height %g is above the upper %g", text, n[2], n[5])
	}
	if uri := q.query.Get("bbox-crs"); q.query.Has("bbox-crs") && uri != crs84 {
		return q.boxIn([4]float64{west, south, east, north})
	}
	switch {
	case south > north:
		return nil, nil, invalid("bbox=%s: south %g is above north %g", text, south, north)
	case math.Abs(south) > 90 || math.Abs(north) > 90 || math.Abs(west) > 180 || math.Abs(east) > 180:
		return nil, nil, invalid("bbox=%s: longitudes run from -180 to 180, latitudes from -90 to 90", text)
	case west > east:
		return []orb.Bound{
			{Min: orb.Point{west, south}, Max: orb.Point{180, north}},
			{Min: orb.Point{-180, south}, Max: orb.Point{east, north}},
		}, nil, nil
	}
	return []orb.Bound{{Min: orb.Point{west, south}, Max: orb.Point{east, north}}}, nil, nil
}

// features reads all that selects features of some layers. Those without a place are in
// every box (OGC 17-069r4 /req/core/fc-bbox-response C).
func (q *request) features(of ...*layers.Layer) (query layers.Query, err error) {
	var within cql2.Expr
	if query.Bounds, within, err = q.bbox(); err != nil {
		return query, err
	}
	for _, l := range of {
		if query.Bounds == nil {
			break
		}
		placed, _, err := l.Count(q.Request.Context(), layers.Query{Bounds: wholeWorld}, 0)
		if err != nil {
			return query, err
		}
		if placed < l.Total {
			query.Bounds, within = nil, orNowhere(query.Bounds, within)
		}
	}
	if query.Filter, err = q.filter(); err != nil {
		return query, err
	}
	query.Filter = and(query.Filter, within)
	query.Valid, query.Reading, err = q.when()
	return query, err
}

//nolint:gochecknoglobals // a constant in all but syntax
var wholeWorld = []orb.Bound{{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}}

// orNowhere is the filter of what has no place, or touches one of bounds; what lies within
// them, where within says more.
func orNowhere(bounds []orb.Bound, within cql2.Expr) cql2.Expr {
	place := cql2.Property{Name: "geometry"}
	either := []cql2.Expr{cql2.Call{Op: cql2.IsNull, Args: []cql2.Expr{place}}}
	if within != nil {
		return cql2.Call{Op: cql2.Or, Args: append(either, within)}
	}
	for _, b := range bounds {
		box := cql2.BBox{West: b.Min[0], South: b.Min[1], East: b.Max[0], North: b.Max[1]}
		either = append(either, cql2.Call{Op: cql2.SIntersects, Args: []cql2.Expr{place, box}})
	}
	return cql2.Call{Op: cql2.Or, Args: either}
}

// oneLayer returns the layer that the path names.
func (q *request) oneLayer() (*layers.Layer, error) {
	id := q.Param("layer")
	if l, ok := q.Layer(id); ok {
		return l, nil
	}
	return nil, notFound("layer", id)
}
