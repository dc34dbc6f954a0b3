package server

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/crs"
	"kharita/internal/layers"
)

// asTileFeatures is the form of a tile that anybody can read.
//
//nolint:gochecknoglobals // a row of the table
var asTileFeatures = form{"geojson", "application/geo+json"}

// featureTile answers with the features that lie in a tile, or reach into it, as GeoJSON
// in longitude and latitude whatever the grid (OGC 20-057 /req/geojson/content). They are
// whole and as the data has them, neither cut nor simplified. Of the tile of several
// layers, each feature names its layer as in the download of the atlas.
func (q *request) featureTile(ids string) error {
	address, err := q.address()
	if err != nil {
		return err
	}
	query := layers.Query{Bounds: []orb.Bound{address.Bound()}}
	if query.Valid, query.Reading, err = q.when(); err != nil {
		return err
	}
	if query.Filter, err = q.filter(); err != nil {
		return err
	}
	zoom := address.Z() + address.Grid().Above()
	var drawn []*layers.Layer
	for id := range strings.SplitSeq(ids, ",") {
		l, ok := q.Layer(id)
		if !ok {
			return notFound("layer", id)
		}
		if query.Filter != nil {
			if _, err := cql2.Compile(query.Filter, l.Schema()); err != nil {
				return fmt.Errorf("layer %s: %w", l.ID, err)
			}
		}
		if l.Tile.MinZoom <= zoom && zoom <= l.Tile.MaxZoom {
			drawn = append(drawn, l)
		}
	}
	if err := q.holds(query, drawn...); err != nil {
		return err
	}
	w := q.stream(asTileFeatures.mediaType, q.revision, q.base(), q.Request.URL.RequestURI(), asTileFeatures.mediaType)
	if w == nil {
		return nil
	}
	defer w.release()
	out := writerIn(crs.CRS{})
	w.buf = append(w.buf, `{"type":"FeatureCollection","features":[`...)
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
	for _, l := range drawn {
		if q.Param("layer") != "" {
			l.Features(q.Request.Context(), query)(add)
		} else if !withLayer(q.Request.Context(), l, query, add) {
			break
		}
	}
	if err != nil {
		return w.broke(err)
	}
	w.buf = append(w.buf, "]}"...)
	w.end()
	return nil
}
