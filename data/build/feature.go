package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
)

// A property of a feature. Order is kept, for the reader of a diff.
type property struct {
	name  string
	value any
}

// A feature as it is written: one line of GeoJSON.
type feature struct {
	id         string
	geometry   orb.Geometry
	properties []property
}

// collection writes features as a GeoJSON FeatureCollection, one feature a line,
// with as many decimals as digits. Ids must be unique. Empty texts are left out.
func collection(layer string, fs []feature, digits int) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\"type\":\"FeatureCollection\",\"features\":[\n")
	seen := map[string]bool{}
	for i, f := range fs {
		if seen[f.id] || f.id == "" {
			return nil, fmt.Errorf("layer %s: the id %q is not unique", layer, f.id)
		}
		seen[f.id] = true
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%s,"geometry":`, jsonText(f.id))
		g, err := appendGeometry(nil, f.geometry, digits)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %s: %w", layer, f.id, err)
		}
		b.Write(g)
		b.WriteString(`,"properties":{`)
		first := true
		for _, p := range f.properties {
			if p.value == "" || p.value == nil {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			fmt.Fprintf(&b, "%s:%s", jsonText(p.name), jsonText(p.value))
		}
		b.WriteString("}}")
	}
	b.WriteString("\n]}\n")
	return b.Bytes(), nil
}

// jsonText returns v as JSON without escaping what HTML would not like.
func jsonText(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // only texts, numbers and sources are ever encoded
	}
	return bytes.TrimSpace(b.Bytes())
}

func appendGeometry(dst []byte, g orb.Geometry, digits int) ([]byte, error) {
	member := func(kind string, coordinates func([]byte) []byte) []byte {
		dst = append(dst, `{"type":"`+kind+`","coordinates":`...)
		return append(coordinates(dst), '}')
	}
	switch g := g.(type) {
	case orb.Point:
		return member("Point", func(b []byte) []byte { return appendPoint(b, g, digits) }), nil
	case orb.LineString:
		return member("LineString", func(b []byte) []byte { return appendPoints(b, g, digits) }), nil
	case orb.MultiLineString:
		return member("MultiLineString", func(b []byte) []byte {
			return list(b, len(g), func(b []byte, i int) []byte { return appendPoints(b, g[i], digits) })
		}), nil
	case orb.Polygon:
		return member("Polygon", func(b []byte) []byte { return appendPolygon(b, g, digits) }), nil
	case orb.MultiPolygon:
		if len(g) == 1 {
			return appendGeometry(dst, g[0], digits)
		}
		return member("MultiPolygon", func(b []byte) []byte {
			return list(b, len(g), func(b []byte, i int) []byte { return appendPolygon(b, g[i], digits) })
		}), nil
	}
	return nil, fmt.Errorf("no writer for %T", g)
}

func appendPolygon(dst []byte, p orb.Polygon, digits int) []byte {
	return list(dst, len(p), func(b []byte, i int) []byte { return appendPoints(b, p[i], digits) })
}

func appendPoints[P ~[]orb.Point](dst []byte, ps P, digits int) []byte {
	return list(dst, len(ps), func(b []byte, i int) []byte { return appendPoint(b, ps[i], digits) })
}

func appendPoint(dst []byte, p orb.Point, digits int) []byte {
	return list(dst, 2, func(b []byte, i int) []byte {
		b = strconv.AppendFloat(b, p[i]+0, 'f', digits, 64)
		for b[len(b)-1] == '0' { // digits > 0, so there is a point
			b = b[:len(b)-1]
		}
		if b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
		if string(b[len(b)-2:]) == "-0" && (b[len(b)-3] == '[' || b[len(b)-3] == ',') {
			b = append(b[:len(b)-2], '0')
		}
		return b
	})
}

func list(dst []byte, n int, item func([]byte, int) []byte) []byte {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, i)
	}
	return append(dst, ']')
}

// add puts a layer into the atlas folder.
func (a *atlas) add(layer string, fs []feature) error {
	data, err := collection(layer, fs, 5)
	if err != nil {
		return err
	}
	a.files["geojson/"+layer+".geojson"] = data
	a.cards[layer] = newCard(fs)
	a.say("%-24s %5d features %8d bytes", layer, len(fs), len(data))
	return nil
}

// addBase puts a layer into the folder of the base map, compressed: nobody reviews
// it line by line, and it is part of the program.
func (a *atlas) addBase(layer string, fs []feature) error {
	data, err := collection(layer, fs, 4)
	if err != nil {
		return err
	}
	packed, err := compress(data)
	if err != nil {
		return err
	}
	a.files["basemap/"+layer+".geojson.gz"] = packed
	a.cards[layer] = newCard(fs)
	a.say("%-24s %5d features %8d bytes, %d compressed", layer, len(fs), len(data), len(packed))
	return nil
}

// compress returns data as gzip does.
func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
