package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"google.golang.org/protobuf/encoding/protowire"
)

// Tiles of the fixed list.
const (
	listLength = 500
	listZoom   = 12 // the deepest
)

// tiles returns the list of the set: tiles of z0 to z12 that hold vertices, as evenly
// over the zooms as there are enough, each once, in a seeded order. So the beginning of
// the list is as good a sample as the whole.
func (m *made) tiles() []maptile.Tile {
	r := rand.New(rand.NewPCG(11, 1))
	seen := map[maptile.Tile]bool{}
	var list []maptile.Tile
	for z := range maptile.Zoom(listZoom + 1) {
		quota := (listLength - len(list)) / int(listZoom+1-z)
		for try := 0; quota > 0 && try < 100*listLength; try++ {
			t := m.tileAt(r, z, 0)
			if !seen[t] {
				seen[t] = true
				list = append(list, t)
				quota--
			}
		}
	}
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return list
}

// tileAt returns the tile at z of a seeded vertex, or of a place some degrees from it.
func (m *made) tileAt(r *rand.Rand, z maptile.Zoom, degrees float64) maptile.Tile {
	p := m.Sample[r.IntN(len(m.Sample))]
	p[0] = min(max(p[0]+degrees*r.NormFloat64(), -179.99), 179.99)
	p[1] = min(max(p[1]+degrees*r.NormFloat64(), -84.9), 84.9)
	return maptile.At(p, z)
}

// kharitaPath is the address of a tile at mapserver: row before column.
func kharitaPath(m *made, t maptile.Tile) string {
	return fmt.Sprintf("/collections/%s/tiles/WebMercatorQuad/%d/%d/%d", m.id, t.Z, t.Y, t.X)
}

// xyzPath is the address of a tile at most others.
func xyzPath(m *made, t maptile.Tile) string {
	return fmt.Sprintf("/%s/%d/%d/%d.pbf", m.id, t.Z, t.X, t.Y)
}

// Content is what is in tiles, so that nobody wins by leaving something out.
type content struct {
	features, vertices, values int   // values: of properties, counted in each feature that has them
	raw, zipped                int64 // bytes, as sent without and with gzip
}

func (c *content) add(o content) {
	c.features += o.features
	c.vertices += o.vertices
	c.values += o.values
	c.raw += o.raw
	c.zipped += o.zipped
}

// fetch asks for a path as gzip or as it is, and returns the bytes that came.
func (c *conn) fetch(path, encoding string) ([]byte, error) {
	var body bytes.Buffer
	c.encoding = encoding
	status, _, err := c.get(path, &body)
	if err == nil && status != 200 && status != 204 {
		err = fmt.Errorf("GET %s: status %d", path, status)
	}
	return body.Bytes(), err
}

// contents returns what is in the tiles at the paths, one by one.
func (p *process) contents(paths []string) ([]content, error) {
	c, err := dial(p.address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	all := make([]content, len(paths))
	for i, path := range paths {
		zipped, err := c.fetch(path, "gzip")
		if err != nil {
			return nil, err
		}
		raw, err := c.fetch(path, "identity")
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // a server that knows gzip only
			r, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				return nil, err
			}
			if raw, err = io.ReadAll(r); err != nil {
				return nil, err
			}
		}
		if all[i], err = count(raw); err != nil {
			return nil, fmt.Errorf("%s: GET %s: %w", p.name, path, err)
		}
		all[i].raw, all[i].zipped = int64(len(raw)), int64(len(zipped))
	}
	return all, nil
}

// count reads a vector tile (MVT 2.1 §4) as far as counting needs.
func count(tile []byte) (c content, err error) {
	err = fields(tile, func(n protowire.Number, layer []byte) error {
		if n != 3 { // layers
			return nil
		}
		return fields(layer, func(n protowire.Number, feature []byte) error {
			if n != 2 { // features
				return nil
			}
			c.features++
			return fields(feature, func(n protowire.Number, packed []byte) error {
				switch n {
				case 2: // tags
					for ; len(packed) > 0; c.values++ {
						for range 2 {
							_, l := binary.Uvarint(packed)
							packed = packed[max(l, 1):]
						}
					}
				case 4: // geometry
					for len(packed) > 0 {
						command, l := binary.Uvarint(packed)
						packed = packed[max(l, 1):]
						if command&7 == 7 { // ClosePath
							continue
						}
						c.vertices += int(command >> 3)
						for k := 2 * (command >> 3); k > 0 && len(packed) > 0; k-- {
							_, l := binary.Uvarint(packed)
							packed = packed[max(l, 1):]
						}
					}
				}
				return nil
			})
		})
	})
	return c, err
}

// fields calls f for each field of a message that has a length.
func fields(message []byte, f func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		n, kind, l := protowire.ConsumeTag(message)
		if l < 0 {
			return protowire.ParseError(l)
		}
		message = message[l:]
		if l = protowire.ConsumeFieldValue(n, kind, message); l < 0 {
			return protowire.ParseError(l)
		}
		if kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			if err := f(n, value); err != nil {
				return err
			}
		}
		message = message[l:]
	}
	return nil
}

// boxes returns n seeded boxes of so many degrees around vertices: west, south, east, north.
func (m *made) boxes(n int, degrees float64) []orb.Bound {
	r := rand.New(rand.NewPCG(13, 1))
	list := make([]orb.Bound, n)
	for i := range list {
		p := m.Sample[r.IntN(len(m.Sample))]
		list[i] = orb.Bound{
			Min: orb.Point{max(p[0]-degrees/2, -180), max(p[1]-degrees/2, -90)},
			Max: orb.Point{min(p[0]+degrees/2, 180), min(p[1]+degrees/2, 90)},
		}
	}
	return list
}
