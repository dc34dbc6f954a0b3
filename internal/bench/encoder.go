package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// rawEncoder returns a router with the route of items whose handler has the features of each
// URL in hand once it has been asked for, and only writes them, by the encoder that mapserver
// has, into a buffer that it sends.
func rawEncoder(dir string) (http.Handler, error) {
	snapshot, problems := layers.Load(os.DirFS(dir))
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %s", dir, problems[0])
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	found := map[string][]geo.Feature{}   // one request at a time is made
	encoder := geojson.Writer{Ends: true} // as mapserver's
	var buf []byte
	e.GET("/collections/:layer/items", func(c *gin.Context) {
		features, ok := found[c.Request.RequestURI]
		if !ok {
			var err error
			if features, err = find(c.Request.Context(), snapshot.Layers[0], c.Request.URL.Query()); err != nil {
				c.String(http.StatusBadRequest, err.Error())
				return
			}
			found[c.Request.RequestURI] = features
		}
		buf = append(buf[:0], `{"type":"FeatureCollection","features":[`...)
		for i, f := range features {
			if i > 0 {
				buf = append(buf, ",\n"...)
			}
			buf = encoder.AppendFeature(buf, f)
		}
		buf = append(buf, "]}"...)
		c.Header("Content-Length", strconv.Itoa(len(buf)))
		c.Data(http.StatusOK, "application/octet-stream", buf)
	})
	e.GET("/", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	return e, nil
}

// find returns the features that a URL of items asks for.
func find(ctx context.Context, l *layers.Layer, query url.Values) (list []geo.Feature, err error) {
	q := layers.Query{After: layers.Cursor(query.Get("after"))}
	if q.Limit, err = strconv.Atoi(query.Get("limit")); err != nil {
		return nil, err
	}
	if box := query.Get("bbox"); box != "" {
		var b orb.Bound
		if _, err := fmt.Sscanf(box, "%g,%g,%g,%g", &b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1]); err != nil {
			return nil, err
		}
		q.Bounds = []orb.Bound{b}
	}
	if date := query.Get("datetime"); date != "" {
		if q.Valid, err = period.ParseDatetime(date); err != nil {
			return nil, err
		}
	}
	for f, err := range l.Features(ctx, q) {
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}
