package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"
)

// rivalServers are the other makers of tiles that are measured where they are
// installed, and what is to be said of those that are not.
func (b *bench) rivalServers() (list []contestant, missing []string) {
	if node, err := exec.LookPath("node"); err == nil {
		list = append(list, b.geojsonVT(node))
	} else {
		missing = append(missing, "geojson-vt is missing here: it needs node.")
	}
	if programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(programs) > 0 {
		list = append(list, b.postGIS(filepath.Dir(slices.Max(programs))))
	} else {
		missing = append(missing, "PostGIS is missing here: scripts/install postgresql-15-postgis-3")
	}
	return list, missing
}

func (b *bench) geojsonVT(node string) contestant {
	return contestant{
		name: "geojson-vt", path: xyzPath, limit: rivalLimit, fresh: true,
		start: func(ctx context.Context, m *made) (*process, error) {
			address, err := b.freeAddress()
			if err != nil {
				return nil, err
			}
			return start(ctx, "geojson-vt", address, "/", node, "--max-old-space-size=8192", filepath.Join(b.sources, "geojsonvt.mjs"), b.packages, m.file(), address)
		},
	}
}

// postGIS is ST_AsMVT in a database of its own, asked by psql: what tile servers on
// PostGIS have to pay at least. The geometry is in Web Mercator already and indexed.
func (b *bench) postGIS(programs string) contestant {
	return contestant{
		name: "PostGIS", path: xyzPath, limit: rivalLimit,
		start: func(ctx context.Context, m *made) (*process, error) {
			dir, err := os.MkdirTemp("", "kharita-postgis-")
			if err != nil {
				return nil, err
			}
			d := database{programs: programs, dir: dir}
			if err := d.create(ctx, m); err != nil {
				return nil, errors.Join(err, d.remove())
			}
			address, err := b.freeAddress()
			if err != nil {
				return nil, errors.Join(err, d.remove())
			}
			p, err := start(ctx, "PostGIS", address, "/0/0/0/0.pbf", b.self, "as-postgis", dir, address)
			if err != nil {
				return nil, errors.Join(err, d.remove())
			}
			p.pids = family(d.pid()) // the database alone: neither psql nor what speaks HTTP
			p.after = d.remove
			return p, nil
		},
	}
}

// A database is a cluster of its own in a folder, reached by a socket in it.
type database struct{ programs, dir string }

// as runs a program as a user that the database accepts: it refuses root.
func (d *database) as(ctx context.Context, argv ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the programs are the system's
	c.Dir = d.dir
	if u, err := user.Lookup("postgres"); err == nil && os.Geteuid() == 0 {
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		_ = os.Chown(d.dir, int(uid), int(gid)) // if it fails, initdb says so
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return c
}

// run runs a program to its end, with its output in the error.
func (d *database) run(ctx context.Context, stdin io.Reader, argv ...string) error {
	c := d.as(ctx, argv...)
	c.Stdin = stdin
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", argv[0], err, bytes.TrimSpace(out))
	}
	return nil
}

// create makes the cluster, starts it and fills a table with the set.
func (d *database) create(ctx context.Context, m *made) error {
	data := filepath.Join(d.dir, "data")
	if err := d.run(ctx, nil, filepath.Join(d.programs, "initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		return err
	}
	options := "-c listen_addresses='' -c unix_socket_directories=" + d.dir + " -c shared_buffers=1GB -c work_mem=64MB -c fsync=off -c jit=off"
	if err := d.run(ctx, nil, filepath.Join(d.programs, "pg_ctl"), "-D", data, "-w", "-l", filepath.Join(d.dir, "log"), "-o", options, "start"); err != nil {
		return err
	}
	text, err := os.ReadFile(m.file())
	if err != nil {
		return err
	}
	all, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		return err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeTable(w, all)) }()
	return d.run(ctx, r, psql(d.dir, "-v", "ON_ERROR_STOP=1")...)
}

// writeTable writes the statements that make the table layer of the features.
func writeTable(to io.Writer, all *geojson.FeatureCollection) error {
	w := bufio.NewWriterSize(to, 1<<20)
	columns := []string{"name", "country", "kind", "rank", "start_date", "end_date"}
	fmt.Fprintln(w, `CREATE EXTENSION postgis;
CREATE TABLE layer (name text, country text, kind text, rank integer, start_date text, end_date text, geom geometry);
COPY layer FROM stdin;`)
	escape := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`)
	for _, f := range all.Features {
		for _, name := range columns {
			if v, ok := f.Properties[name]; ok {
				fmt.Fprint(w, escape.Replace(fmt.Sprint(v)))
			} else {
				fmt.Fprint(w, `\N`)
			}
			fmt.Fprint(w, "\t")
		}
		geometry, err := wkb.Marshal(f.Geometry)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, hex.EncodeToString(geometry))
	}
	fmt.Fprintln(w, `\.
UPDATE layer SET geom = ST_Transform(ST_SetSRID(geom, 4326), 3857);
CREATE INDEX ON layer USING gist (geom);
VACUUM FULL layer;
ANALYZE layer;`)
	return w.Flush()
}

func psql(socket string, flags ...string) []string {
	return append([]string{"psql", "-XAtq", "-h", socket, "-U", "bench", "-d", "postgres"}, flags...)
}

// pid is that of the server.
func (d *database) pid() int {
	text, _ := os.ReadFile(filepath.Join(d.dir, "data/postmaster.pid"))
	line, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(line)
	return pid
}

// remove stops the database and removes all of it.
func (d *database) remove() error {
	stop := d.run(context.Background(), nil, filepath.Join(d.programs, "pg_ctl"), "-D", filepath.Join(d.dir, "data"), "-m", "immediate", "-w", "stop")
	return errors.Join(stop, os.RemoveAll(d.dir))
}

// A postGISTiles answers tiles by way of psql processes, one for each request at a time.
type postGISTiles struct {
	idle chan *session
}

// A session is a psql that waits for statements.
type session struct {
	in  io.Writer
	out *bufio.Reader
}

// newPostGISTiles connects to the database whose socket is in dir.
func newPostGISTiles(ctx context.Context, dir string) (*postGISTiles, error) {
	const sessions = 8
	p := &postGISTiles{idle: make(chan *session, sessions)}
	for range sessions {
		argv := psql(dir)
		c := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // as above
		in, err := c.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := c.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := c.Start(); err != nil {
			return nil, err
		}
		s := &session{in, bufio.NewReaderSize(out, 1<<20)}
		if _, err := s.tile("0", "0", "0"); err != nil { // so that it is connected
			return nil, err
		}
		p.idle <- s
	}
	return p, nil
}

// tile asks for one tile.
func (s *session) tile(z, x, y string) ([]byte, error) {
	const statement = `SELECT encode(ST_AsMVT(t, 'layer', 4096, 'geom'), 'hex') FROM (
SELECT ST_AsMVTGeom(geom, ST_TileEnvelope(%[1]s, %[2]s, %[3]s), 4096, 64, true) AS geom, name, country, kind, rank, start_date, end_date
FROM layer WHERE geom && ST_TileEnvelope(%[1]s, %[2]s, %[3]s, margin => 64.0 / 4096)) t;
`
	if _, err := fmt.Fprintf(s.in, statement, z, x, y); err != nil {
		return nil, err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(strings.TrimSpace(line))
}

func (p *postGISTiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(strings.TrimSuffix(r.URL.Path, ".pbf"), "/") // "", layer, z, x, y
	if len(part) != 5 {
		http.NotFound(w, r)
		return
	}
	s := <-p.idle
	defer func() { p.idle <- s }()
	body, err := s.tile(part[2], part[3], part[4])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.Header.Get("Accept-Encoding") == "gzip" {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // a Buffer takes all
		_ = z.Close()
		body = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
