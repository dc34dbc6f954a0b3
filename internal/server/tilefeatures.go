package server

import (
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/crs"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// asTileFeatures is the form of a tile that anybody can read.
//
//nolint:gochecknoglobals // a row of the table
var asTileFeatures = form{"geojson", "application/geo+json"}

// featureTile answers with the features of the given layers that lie in a tile, or reach
// into it, as GeoJSON (OGC 20-057 /req/geojson/content).
func (q *request) featureTile(ids string) error {
	address, err := q.address()
	if err != nil {
		return err
	}
	var query layers.Query
	if query.Valid, query.Reading, err = q.when(); err != nil {
		return err
	}
	if query.Filter, err = q.filter(); err != nil {
		return err
	}
	var list []*layers.Layer
	for id := range strings.SplitSeq(ids, ",") {
		if strings.HasSuffix(id, borderSuffix) {
			continue // lines of a tile, no features
		}
		l, ok := q.Layer(id)
		if !ok {
			return notFound("layer", id)
		}
		if query.Filter != nil {
			if _, err := cql2.Compile(query.Filter, l.Schema()); err != nil {
				return ofLayer{l.ID, err}
			}
		}
		list = append(list, l)
	}
	if err := q.holds(query, list...); err != nil {
		return err
	}
	return q.featuresIn(address, query, list...)
}

// featuresIn answers with the features of a query that are in a tile, in longitude and
// latitude whatever the grid. They are whole and as the data has them, neither cut nor
// simplified. Where the path names no layer, each feature names its own as in the download
// of the atlas.
func (q *request) featuresIn(address tile.Address, query layers.Query, list ...*layers.Layer) error {
	query.Bounds = []orb.Bound{address.Bound()}
	w := q.stream(asTileFeatures.mediaType, q.revision, q.base(), q.Request.URL.RequestURI(), asTileFeatures.mediaType)
	if w == nil {
		return nil
	}
	defer w.release()
	out := q.writer(crs.CRS{})
	w.buf = append(w.buf, `{"type":"FeatureCollection",`...)
	if out.FG {
		w.buf = append(w.buf, q.aboutFG(nil, crs.CRS{})...)
	}
	w.buf = append(w.buf, `"features":[`...)
	var err error
	between := ""
	add := func(f geo.Feature, found error) bool {
		if err = found; err != nil {
			return false
		}
		w.buf = out.AppendFeature(append(w.buf, between...), f)
		w.sendLarge()
		between = ",\n"
		return true
	}
	zoom := address.Z() + address.Grid().Above()
	for _, l := range list {
		switch {
		case err != nil || zoom < l.Tile.MinZoom || zoom > l.Tile.MaxZoom:
		case q.Param("layer") != "":
			l.Features(q.Request.Context(), query)(add)
		default:
			withLayer(q.Request.Context(), l, query, add)
		}
	}
	if err != nil {
		return w.broke(err)
	}
	w.buf = append(w.buf, "]}"...)
	w.end()
	return nil
}
