package layers_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	atlas "kharita/data/geojson"
	"kharita/geo"
	"kharita/geo/period"
	"kharita/internal/layers"
)

func year(y int) period.Period { return period.New(period.Date(y, 1, 1), period.Date(y+1, 1, 1)) }

// rect is a feature of id that holds in the given years.
func rect(id, thing string, west, east float64, from, until int) string {
	return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":{"type":"Polygon","coordinates":[[[%g,0],[%g,0],[%g,1],[%g,1],[%g,0]]]},"properties":{"thing":%q,"part":"its own","start":"%d","end":"%d"}}`,
		id, west, east, east, west, west, thing, from, until)
}

func TestCompare(t *testing.T) {
	bow := `{"type":"Feature","id":"bow-2","geometry":{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]},"properties":{"thing":"bow","start":"2016","end":"2016"}}`
	s := load(t, map[string]string{
		"areas.geojson": collection(
			rect("new", "", 0, 1, 2016, 2016),
			rect("gone", "", 0, 1, 2014, 2014),
			rect("here", "", 0, 1, 2013, 2019),
			rect("grown-1", "grown", 0, 2, 2014, 2014), rect("grown-2", "grown", 0, 3, 2015, 2017),
			rect("shrunk-1", "shrunk", 0, 3, 2014, 2014), rect("shrunk-2", "shrunk", 1, 2, 2016, 2016),
			rect("shifted-1", "shifted", 0, 2, 2014, 2014), rect("shifted-2", "shifted", 1, 3, 2016, 2016),
			rect("both-1", "both", 0, 3, 2014, 2014), rect("both-2", "both", 2, 6, 2016, 2016),
			rect("again-1", "again", 0, 1, 2014, 2014), rect("again-2", "again", 0, 1, 2016, 2016),
			rect("joined-1", "joined", 0, 1, 2014, 2014), rect("joined-2", "joined", 1, 2, 2014, 2014), rect("joined-3", "joined", 0, 2, 2016, 2016),
			rect("bow-1", "bow", 0, 1, 2014, 2014), bow,
			rect("never", "", 0, 1, 2018, 2018),
		),
		"areas.yaml": "identity: thing\n",
		"towns.geojson": collection(
			town("stays", `"start":"2013"`), town("falls", `"end":"2014"`), town("rises", `"start":"2016"`), town("always", ""),
			town("moves-1", `"name":"m","end":"2014"`), strings.Replace(town("moves-2", `"name":"m","start":"2016"`), "[43,36]", "[44,36]", 1),
		),
		"towns.yaml": "identity: name\n",
	})
	compare := func(id string) (*layers.Changes, []string) {
		l, _ := s.Layer(id)
		c, err := l.Compare(context.Background(), year(2014), year(2016), period.Possible)
		if err != nil {
			t.Fatal(err)
		}
		var pieces []string
		for f, err := range c.Features(context.Background(), layers.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			p := f.Properties
			note := ""
			if n := p.Get("change_note"); !n.IsNull() {
				note = " note"
			}
			b := f.Geometry.Bound()
			pieces = append(pieces, fmt.Sprintf("%s %s %s %g-%g%s", f.ID, p.Get("change").Text(), p.Get("part").Text(), b.Min[0], b.Max[0], note))
		}
		return c, pieces
	}
	c, got := compare("areas")
	want := []string{
		"gone.lost disappeared lost 0-1",
		"here.kept kept kept 0-1",
		"grown.gained grown gained 2-3",
		"grown.kept grown kept 0-2",
		"shrunk.lost shrunk lost 0-3",
		"shrunk.kept shrunk kept 1-2",
		"shifted.gained moved gained 2-3",
		"shifted.lost moved lost 0-1",
		"shifted.kept moved kept 1-2",
		"both.gained grown gained 3-6",
		"both.lost grown lost 0-2",
		"both.kept grown kept 2-3",
		"again.kept kept kept 0-1",
		"joined.kept kept kept 0-2",
		"bow.lost grown lost 0-1 note",
		"bow.gained grown gained 0-2 note",
		"new.gained appeared gained 0-1",
	}
	// A crossing ring has no area of its own: which word the bow gets is of no account.
	for i, g := range got {
		if strings.HasPrefix(g, "bow.") {
			f := strings.Fields(g)
			got[i] = strings.Replace(g, f[1], "grown", 1)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	one := geo.Area(orb.Bound{Max: orb.Point{1, 1}})
	if got, want := c.Things[layers.Grown], 2; got != want && got != want+1 {
		t.Errorf("grown: %d", got)
	}
	if c.Things[layers.Appeared] != 1 || c.Things[layers.Disappeared] != 1 || c.Things[layers.Unchanged] != 3 || c.ID != "areas.changes" || c.Total != len(want) {
		t.Errorf("got %+v", c.Things)
	}
	if f, err := c.Feature(context.Background(), "both.gained"); err != nil {
		t.Error(err)
	} else {
		part, _ := f.Properties.Get("part_km2").Float()
		before, _ := f.Properties.Get("before_km2").Float()
		after, _ := f.Properties.Get("after_km2").Float()
		if math.Abs(part/one-3) > 1e-6 || math.Abs(before/one-3) > 1e-6 || math.Abs(after/one-4) > 1e-6 || f.Properties.Get("thing").Text() != "both" || f.Properties.Get("start").Text() != "2016" {
			t.Errorf("both.gained: %v %v %v", part, before, after)
		}
	}
	_, got = compare("towns")
	want = []string{
		"stays.kept kept kept 43-43",
		"falls.lost disappeared lost 43-43",
		"always.kept kept kept 43-43",
		"m.lost moved lost 43-43",
		"m.gained moved gained 44-44",
		"rises.gained appeared gained 43-43",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestCompareTheAtlas: what was, without what is lost and with what is gained, is
// what is, and both are the timeline's.
func TestCompareTheAtlas(t *testing.T) {
	s, _ := layers.Load(atlas.Files)
	for _, l := range s.Layers {
		epochs, err := l.Timeline()
		if err != nil {
			t.Fatal(err)
		}
		sum := func(p period.Period, r period.Reading) layers.Sum {
			at, _ := p.Start()
			for _, e := range epochs {
				if e.Valid.Contains(at) {
					return e.Sums[r]
				}
			}
			return layers.Sum{}
		}
		for _, pair := range [][2]period.Period{
			{period.At(period.Date(2014, 6, 1)), period.At(period.Date(2015, 6, 1))},
			{period.At(period.Date(2015, 1, 1)), period.At(period.Date(2017, 1, 1))},
			{period.At(period.Date(2013, 1, 1)), period.At(period.Date(2013, 1, 1))},
		} {
			for _, r := range []period.Reading{period.Possible, period.Certain} {
				c, err := l.Compare(context.Background(), pair[0], pair[1], r)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := c.Before-c.Lost+c.Gained, c.After; math.Abs(got-want) > 1e-3 {
					t.Errorf("%s: %v km² - %v + %v is not %v", l.ID, c.Before, c.Lost, c.Gained, c.After)
				}
				if math.Abs(c.Before-c.Lost-c.Kept) > 1e-3 {
					t.Errorf("%s: %v km² - %v is not %v", l.ID, c.Before, c.Lost, c.Kept)
				}
				if got, want := c.Before, sum(pair[0], r).Area; math.Abs(got-want) > 1e-3 && l.Identity == "" {
					t.Errorf("%s before: got %v km², the timeline says %v", l.ID, got, want)
				}
				if got, want := c.After, sum(pair[1], r).Area; math.Abs(got-want) > 1e-3 && l.Identity == "" {
					t.Errorf("%s after: got %v km², the timeline says %v", l.ID, got, want)
				}
				for f, err := range c.Features(context.Background(), layers.Query{}) {
					if err != nil {
						t.Fatal(err)
					}
					if n := f.Properties.Get("change_note"); !n.IsNull() {
						t.Errorf("%s %s: %s", l.ID, f.ID, n.Text())
					}
				}
			}
		}
	}
}
