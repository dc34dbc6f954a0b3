package main

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/quadtree"
	"github.com/paulmach/orb/simplify"
)

// The limits run as processes of their own, so that they are measured as mapserver is:
// this program, called as `bench as-orb FILE ADDRESS` or `bench as-gin FOLDER ADDRESS`.

// serve answers at address until ctx ends.
func serve(ctx context.Context, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address) //nolint:noctx // loopback
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h} //nolint:gosec // asked by this program alone
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// An orbTiles cuts tiles with orb's packages, each from the features as they were read,
// the way their documentation has it: clip, project, clip, simplify, leave out what is
// empty, marshal.
type orbTiles struct {
	features []*geojson.Feature
	bounds   []orb.Bound
	points   *quadtree.Quadtree // nil unless all are points
}

// An orbPoint is a feature in the quadtree.
type orbPoint struct{ *geojson.Feature }

func (p orbPoint) Point() orb.Point { return p.Geometry.(orb.Point) } //nolint:forcetypeassert // see newOrbTiles

func newOrbTiles(file string) (*orbTiles, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		return nil, err
	}
	o := &orbTiles{features: all.Features, points: quadtree.New(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})}
	for _, f := range o.features {
		o.bounds = append(o.bounds, f.Geometry.Bound())
		if _, ok := f.Geometry.(orb.Point); !ok {
			o.points = nil
		}
		if o.points != nil {
			if err := o.points.Add(orbPoint{f}); err != nil {
				return nil, err
			}
		}
	}
	return o, nil
}

// append returns the tile, empty if nothing is in it.
func (o *orbTiles) tile(t maptile.Tile, zip bool) ([]byte, error) {
	const buffer = 64. / 4096
	around := t.Bound(buffer)
	fc := geojson.NewFeatureCollection()
	if o.points != nil {
		for _, p := range o.points.InBound(nil, around) {
			f := *p.(orbPoint).Feature //nolint:forcetypeassert // the tree holds nothing else
			fc.Append(&f)
		}
	} else {
		for i, f := range o.features {
			if !o.bounds[i].Intersects(around) {
				continue
			}
			if g := clip.Geometry(around, orb.Clone(f.Geometry)); g != nil {
				fc.Append(&geojson.Feature{ID: f.ID, Geometry: g, Properties: f.Properties})
			}
		}
	}
	if len(fc.Features) == 0 {
		return nil, nil
	}
	ls := mvt.Layers{mvt.NewLayer("layer", fc)}
	ls.ProjectToTile(t)
	ls.Clip(orb.Bound{Min: orb.Point{-64, -64}, Max: orb.Point{4096 + 64, 4096 + 64}})
	if o.points == nil {
		ls.Simplify(simplify.DouglasPeucker(1))
		ls.RemoveEmpty(1, 1)
	}
	if zip {
		return mvt.MarshalGzipped(ls)
	}
	return mvt.Marshal(ls)
}

func (o *orbTiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(strings.TrimSuffix(r.URL.Path, ".pbf"), "/") // "", layer, z, x, y
	if len(part) != 5 {
		return // the question whether it is ready
	}
	var n [3]uint64
	for i := range n {
		var err error
		if n[i], err = strconv.ParseUint(part[i+2], 10, 32); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	zip := r.Header.Get("Accept-Encoding") == "gzip"
	body, err := o.tile(maptile.New(uint32(n[1]), uint32(n[2]), maptile.Zoom(n[0])), zip)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	case zip:
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// bareGin returns a router with the routes of tiles and items whose handlers write
// bodies by the URL's path and query, and set no header that they could leave out.
func bareGin(bodies map[string][]byte) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	answer := func(c *gin.Context) {
		body, ok := bodies[c.Request.RequestURI]
		if !ok {
			c.Status(http.StatusNotFound)
			return
		}
		c.Header("Content-Length", strconv.Itoa(len(body)))
		if len(body) > 1 && body[0] == 0x1f && body[1] == 0x8b {
			c.Header("Content-Encoding", "gzip")
		}
		c.Data(http.StatusOK, "application/octet-stream", body)
	}
	e.GET("/collections/:layer/items", answer)
	e.GET("/collections/:layer/tiles/:tms/:z/:row/:col", answer)
	e.GET("/", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	return e
}

// readBodies reads what keepBodies wrote.
func readBodies(dir string) (map[string][]byte, error) {
	bodies := map[string][]byte{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err == nil {
			bodies["/"+name], err = os.ReadFile(file)
		}
		return err
	})
	return bodies, err
}

// keepBodies asks p for the paths and writes the bodies below dir, each at its path and
// query, for others to serve. It returns their mean length.
func (p *process) keepBodies(dir string, paths []string, encoding string) (mean int, err error) {
	c, err := dial(p.address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	for _, path := range paths {
		body, err := c.fetch(path, encoding)
		if err != nil {
			return 0, err
		}
		file := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(file, body, 0o644); err != nil {
			return 0, err
		}
		mean += len(body)
	}
	return mean / max(len(paths), 1), nil
}

// nginxConfig serves the bodies in dir as static files, as nginx does it best: two
// workers, sendfile, open files kept, no log.
func nginxConfig(dir, run, address string) string {
	return fmt.Sprintf(`daemon off;
worker_processes auto;
pid %[2]s/nginx.pid;
error_log stderr error;
events { worker_connections 2048; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=10000;
  open_file_cache_valid 1h;
  types { }
  default_type application/vnd.mapbox-vector-tile;
  client_body_temp_path %[2]s/body;
  proxy_temp_path %[2]s/proxy;
  fastcgi_temp_path %[2]s/fastcgi;
  uwsgi_temp_path %[2]s/uwsgi;
  scgi_temp_path %[2]s/scgi;
  server {
    listen %[3]s;
    root %[1]s;
    location = / { return 204; }
    location / { add_header Content-Encoding gzip; }
  }
}
`, dir, run, address)
}
