package crs_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo/crs"
)

const epsg = "http://www.opengis.net/def/crs/EPSG/0/"

func find(tb testing.TB, code string) crs.CRS {
	tb.Helper()
	c, ok := crs.Find(epsg + code)
	if !ok || c.URI() != epsg+code {
		tb.Fatalf("EPSG:%s: %v, %t", code, c, ok)
	}
	return c
}

// TestForward compares with PROJ 9.1.1, to the millimetre:
//
//	cs2cs -f %.6f +proj=longlat +datum=WGS84 +to EPSG:32638
func TestForward(t *testing.T) {
	for _, c := range []struct {
		code           string
		lon, lat, x, y float64
	}{
		{"4326", 44.3661, 33.3152, 33.3152, 44.3661},
		{"3857", 44.3661, 33.3152, 4938811.660483, 3937216.615779},
		{"3857", -3.5, 40.4, -389618.217776, 4924240.587205},
		{"3857", 9, 84, 1001875.417139, 18807214.096748},
		{"3857", -179.9, 10, -20026376.393710, 1118889.974858},
		{"3857", 0, 0, 0, 0},
		{"32638", 44.3661, 33.3152, 440994.674228, 3686410.212555},
		{"32638", 38.9981, 35.9594, -41523.171359, 3996136.043949},
		{"32638", 11.99, 63.4, -1091483.943690, 7456517.841678},
		{"32638", 45.123456789, 0, 513737.660330, 0},
		{"32637", 38.9981, 35.9594, 499828.669787, 3979445.336820},
		{"32637", 44.3661, 33.3152, 999780.342890, 3699108.090614},
		{"32738", 44.3661, 33.3152, 440994.674228, 13686410.212555},
		{"32738", 9, -80, -155146.543515, 908373.435552},
		{"32632", 9, 84, 500000, 9328093.830561},
		{"32632", 9, -80, 500000, -8881585.815988},
		{"32632", 3, 0.000001, -168881.688527, 0.111143},
		{"32632", 11.99, 63.4, 649334.551997, 7033642.525979},
		{"32632", -3.5, 40.4, -562056.506355, 4547895.035980},
		{"32760", 174.7633, -36.8485, 300578.737904, 5919598.794268},
		{"32760", -179.9, 10, 839902.993863, 11107010.395177},
		{"32601", 179.9, 10, 160097.006137, 1107010.395177},
	} {
		p := find(t, c.code).Forward(orb.Point{c.lon, c.lat})
		if math.Hypot(p[0]-c.x, p[1]-c.y) > 0.001 {
			t.Errorf("EPSG:%s of %v %v: got %.6f %.6f, want %.6f %.6f", c.code, c.lon, c.lat, p[0], p[1], c.x, c.y)
		}
	}
}

// TestInverse goes there and back, up to 30 degrees from the middle of a zone.
func TestInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, code := range []string{"4326", "3857", "32601", "32638", "32660", "32738"} {
		c := find(t, code)
		for range 2000 {
			p := orb.Point{360*r.Float64() - 180, 170*r.Float64() - 85}
			if strings.HasPrefix(code, "32") {
				zone := float64(10*(code[3]-'0') + code[4] - '0')
				p[0] = math.Remainder(6*zone-183+60*r.Float64()-30, 360)
			}
			back := c.Inverse(c.Forward(p))
			if d := math.Remainder(back[0]-p[0], 360); math.Abs(d) > 1e-9 || math.Abs(back[1]-p[1]) > 1e-9 {
				t.Fatalf("EPSG:%s: %v comes back as %v", code, p, back)
			}
		}
	}
}

// TestEverywhere: what is far outside a zone, or at a pole, is somewhere.
func TestEverywhere(t *testing.T) {
	for _, c := range append(crs.Of(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}), crs.CRS{}) {
		for lon := -180.0; lon <= 180; lon += 7.5 {
			for lat := -90.0; lat <= 90; lat += 7.5 {
				if p := c.Forward(orb.Point{lon, lat}); math.IsInf(p[0]+p[1], 0) || math.IsNaN(p[0]+p[1]) {
					t.Fatalf("%s: %v %v is at %v", c.URI(), lon, lat, p)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, uri := range []string{"", "EPSG:4326", epsg, epsg + "04326", epsg + "32600", epsg + "32661", epsg + "4327", epsg + "-1", "http://www.opengis.net/def/crs/OGC/1.3/CRS83"} {
		if c, ok := crs.Find(uri); ok {
			t.Errorf("%q is %v", uri, c)
		}
	}
	all := crs.Of(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})
	if len(all) != 123 {
		t.Errorf("%d in all", len(all))
	}
	for _, c := range all {
		if back, ok := crs.Find(c.URI()); !ok || back != c {
			t.Errorf("%s is %v", c.URI(), back)
		}
	}
	if got := crs.Of(orb.Bound{Min: orb.Point{37, 31}, Max: orb.Point{47, 38}}); len(got) != 5 || got[3].URI() != epsg+"32637" || got[4].URI() != epsg+"32638" {
		t.Errorf("of Iraq: %v", got)
	}
}

// TestProject: files have the east first, and the geometry that is read stays as it was.
func TestProject(t *testing.T) {
	area := orb.MultiPolygon{{{{43, 36}, {44, 36}, {44, 37}, {43, 36}}}}
	for code, want := range map[string]string{"4326": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "3857": "", "32638": "", "32738": ""} {
		c := find(t, code)
		if want == "" {
			want = c.URI()
		}
		if got := c.EastFirst().URI(); got != want || strconv.Itoa(c.EPSG()) != code {
			t.Errorf("%s: number %d, with the east first %s", code, c.EPSG(), got)
		}
		p := c.Project(area).(orb.MultiPolygon)
		if got, want := p[0][0][2], c.Forward(orb.Point{44, 37}); got != want || area[0][0][2] != (orb.Point{44, 37}) {
			t.Errorf("%s: %v, want %v; was %v", code, got, want, area[0][0][2])
		}
		if g := c.Project(nil); g != nil {
			t.Errorf("nowhere is %v", g)
		}
		if text := c.WKT(); !strings.Contains(text, `["`+c.Name()+`"`) || !strings.HasSuffix(text, `AUTHORITY["EPSG","`+code+`"]]`) || strings.Count(text, "[") != strings.Count(text, "]") {
			t.Errorf("%s: %s", code, text)
		}
	}
}

// TestBox: a place lies in the box of a CRS if it does in lon, lat, and in shape where there is one.
func TestBox(t *testing.T) {
	for _, c := range []struct {
		code   string
		lo, hi orb.Point
		boxes  int
	}{
		{"4326", orb.Point{33, 42}, orb.Point{37, 46}, 1},
		{"4326", orb.Point{-10, 170}, orb.Point{10, -170}, 2},
		{"3857", orb.Point{4e6, 3e6}, orb.Point{5e6, 4e6}, 1},
		{"3857", orb.Point{19e6, -1e6}, orb.Point{-19e6, 1e6}, 2},
		{"3857", orb.Point{-3e7, -3e7}, orb.Point{3e7, 3e7}, 1},
		{"32638", orb.Point{3e5, 36e5}, orb.Point{7e5, 40e5}, 1},
		{"32601", orb.Point{1e5, 10e5}, orb.Point{5e5, 14e5}, 2},
		{"32760", orb.Point{4e5, 59e5}, orb.Point{9e5, 62e5}, 2},
		{"32632", orb.Point{-1e9, -1e9}, orb.Point{1e9, 1e9}, 1},
	} {
		in := find(t, c.code)
		bounds, shape, err := in.Box(c.lo, c.hi)
		if err != nil || len(bounds) != c.boxes {
			t.Errorf("EPSG:%s %v %v: %v, %v", c.code, c.lo, c.hi, bounds, err)
			continue
		}
		for _, b := range bounds {
			if b.Min[0] < -180 || b.Max[0] > 180 || b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1] {
				t.Errorf("EPSG:%s %v %v: %v", c.code, c.lo, c.hi, b)
			}
		}
		for fx := 0.01; fx < 1; fx += 0.07 {
			for fy := 0.01; fy < 1; fy += 0.07 {
				hi := c.hi
				if c.lo[0] > hi[0] || c.lo[1] > hi[1] || hi[0] > 1e7 {
					continue // over the antimeridian, or wider than the world
				}
				p := in.Inverse(orb.Point{c.lo[0] + fx*(hi[0]-c.lo[0]), c.lo[1] + fy*(hi[1]-c.lo[1])})
				inside := false
				for _, b := range bounds {
					inside = inside || b.Contains(p) || b.Contains(orb.Point{p[0] - 360, p[1]}) || b.Contains(orb.Point{p[0] + 360, p[1]})
				}
				if !inside || shape != nil && !shape.Bound().Contains(p) {
					t.Fatalf("EPSG:%s %v %v: %v is not in %v", c.code, c.lo, c.hi, p, bounds)
				}
			}
		}
	}
	for _, wrong := range [][2]orb.Point{{{5e5, 4e6}, {4e5, 5e6}}, {{5e5, 4e6}, {6e5, 3e6}}} {
		if _, _, err := find(t, "32638").Box(wrong[0], wrong[1]); !errors.Is(err, crs.ErrBox) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if _, _, err := find(t, "4326").Box(orb.Point{0, 0}, orb.Point{100, 10}); !errors.Is(err, crs.ErrBox) {
		t.Errorf("a latitude of 100: %v", err)
	}
}

// TestBend: a parallel in a zone is no straight line, so an edge gets places
// between its ends, of which the middle one is where the zone has it.
func TestBend(t *testing.T) {
	c := find(t, "32638")
	line := c.Unproject(orb.LineString{{2e5, 38e5}, {8e5, 38e5}}).(orb.LineString) //nolint:forcetypeassert // it is one
	p := c.Forward(line[len(line)/2])
	if len(line) < 100 || math.Abs(p[1]-38e5) > 0.001 {
		t.Errorf("%d places, the middle at %v", len(line), p)
	}
	chord := c.Forward(orb.Point{(line[0][0] + line[len(line)-1][0]) / 2, (line[0][1] + line[len(line)-1][1]) / 2})
	if math.Abs(chord[1]-38e5) < 1000 {
		t.Errorf("the chord is as good: %v", chord)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, code := range []string{"3857", "32638"} {
		c := find(b, code)
		b.Run(code, func(b *testing.B) {
			for b.Loop() {
				c.Forward(orb.Point{44.3661, 33.3152})
			}
		})
	}
}
