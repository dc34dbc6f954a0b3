package tile_test

import (
	"bytes"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/section"
	"kharita/geo/tile"
)

// somePoints returns n features of points, of which some have several and some none.
func somePoints(n int, timed bool) []geo.Feature {
	r := rand.New(rand.NewPCG(7, 8))
	names := geo.NewNames("name", "rank")
	at := func() orb.Point { return orb.Point{r.Float64()*360 - 180, r.Float64()*170 - 85} }
	fs := make([]geo.Feature, n)
	for i := range fs {
		f := &fs[i]
		f.ID = geo.TextID("p" + strconv.Itoa(i))
		f.Properties = geo.NewProperties(names, []geo.Value{geo.StringValue("name " + strconv.Itoa(i%50)), geo.IntValue(r.Int64N(20))})
		switch f.Geometry = at(); r.IntN(10) {
		case 0:
			f.Geometry = orb.MultiPoint{at(), at(), at()}
		case 1:
			f.Geometry = nil
		case 2:
			f.Geometry = orb.Collection{at(), orb.MultiPoint{at()}}
		}
		if timed {
			f.Valid = period.Exactly(period.From(period.Instant(r.IntN(20))))
			if i%4 == 0 {
				f.Valid.Certain = period.New(10, 20)
			}
		}
	}
	return fs
}

// TestKeptPoints: a set of points that was kept shows what the one made of features does.
func TestKeptPoints(t *testing.T) {
	for name, fs := range map[string][]geo.Feature{"none": nil, "timeless": somePoints(700, false), "timed": somePoints(700, true)} {
		t.Run(name, func(t *testing.T) {
			k := newShelf(t)
			source := tile.Source{Features: seq(fs), Options: tile.Options{Layer: "l", Properties: []string{"rank", "name"}, MaxZoom: 9, Labels: true}, Keeper: k}
			s := newSets(t, source)[0]
			source.Features = unread(t)
			kept := newSets(t, source)[0]
			if kept.Len() != s.Len() || !slices.Equal(kept.Problems(), s.Problems()) {
				t.Error("it is another set")
			}
			keep := func(row int) bool { return row%3 == 0 }
			for z := range uint8(12) {
				for i := range uint32(1) << min(2*z, 6) {
					n := uint32(1) << z
					a := address(t, z, i*7%n, i*5%n)
					for _, slice := range []tile.Slice{{}, {Valid: period.At(7)}, {Valid: period.At(15), Reading: period.Certain}} {
						for _, keep := range []func(int) bool{nil, keep} {
							if !bytes.Equal(kept.Append(nil, a, slice, keep), s.Append(nil, a, slice, keep)) {
								t.Fatalf("tile %s of %v differs", a, slice)
							}
						}
					}
					for _, r := range []period.Reading{period.Possible, period.Certain} {
						got, drawn := kept.Changes(a, r)
						if want, wanted := s.Changes(a, r); !slices.Equal(got, want) || drawn != wanted {
							t.Fatalf("changes of %s differ", a)
						}
					}
				}
			}
		})
	}
}

// unread are features that nobody may ask for.
func unread(tb testing.TB) iter.Seq2[geo.Feature, error] {
	tb.Helper()
	return func(func(geo.Feature, error) bool) { tb.Error("the features were read") }
}

// A shelf is a Keeper in memory.
type shelf struct {
	testing.TB
	files map[string][]byte
	put   []string // since it was last looked at
}

func newShelf(tb testing.TB) *shelf {
	tb.Helper()
	return &shelf{TB: tb, files: map[string][]byte{}}
}

func (k *shelf) Get(kind string, read func(*section.File) bool) bool {
	data, ok := k.files[kind]
	if !ok {
		return false
	}
	f, err := section.Open(data, nil)
	return err == nil && read(f)
}

func (k *shelf) Put(kind string, write func(*section.Writer)) {
	var b bytes.Buffer
	w := section.NewWriter(&b)
	write(w)
	if err := w.Close(); err != nil {
		k.Error(err)
	}
	k.files[kind] = b.Bytes()
	k.put = append(k.put, kind)
}

// areasAndLines are sources of areas with labels and borders, and of lines along them.
func areasAndLines(areasOn, linesOn tile.Keeper) []tile.Source {
	areas := newCoverage(3, orb.Bound{Min: orb.Point{30, 20}, Max: orb.Point{60, 40}}, 4, 6, .3).features()
	areas = append(areas, geo.Feature{Geometry: orb.Polygon{{{0, 0}, {1, 1}, {0, 0}}}}, geo.Feature{Geometry: orb.Point{1, 95}})
	lines := []geo.Feature{{ID: geo.TextID("l"), Geometry: orb.LineString(areas[0].Geometry.(orb.Polygon)[0])}}
	return []tile.Source{
		{Features: seq(areas), Options: tile.Options{Layer: "areas", Labels: true, Borders: true}, Keeper: areasOn, Size: len(areas)},
		{Features: seq(lines), Options: tile.Options{Layer: "lines"}, Keeper: linesOn},
	}
}

// What sets are made of, and what they make at first use, is taken from the keeper by the
// next, and shows the same; so does what is made of it only then.
func TestKeptShapes(t *testing.T) {
	k, other := newShelf(t), newShelf(t)
	made := newSets(t, areasAndLines(k, other)...)
	look := func(sets []*tile.Set, from, to uint8, visit func(set int, a tile.Address, body []byte)) {
		for z := from; z < to; z++ {
			for i := range uint32(1) << min(2*z, 10) {
				x, y := i%(1<<z), i/(1<<z)
				if z > 5 {
					x, y = 1<<z*5/8+i%16, 1<<z*3/8+i/64
				}
				for n, set := range sets {
					visit(n, address(t, z, x, y), set.Append(nil, address(t, z, x, y), tile.Slice{}, nil))
				}
			}
		}
	}
	look(made, 0, 6, func(int, tile.Address, []byte) {})
	for _, kind := range []string{"tiles", "tiles.z5", "tiles.labels", "borders.z5"} {
		if !slices.Contains(k.put, kind) {
			t.Errorf("put %q, but not %s", k.put, kind)
		}
	}
	k.put, other.put = nil, nil
	sources := areasAndLines(k, other)
	for i := range sources {
		sources[i].Features = unread(t)
	}
	kept := newSets(t, sources...)
	same := func(n int, a tile.Address, body []byte) {
		if !bytes.Equal(made[n].Append(nil, a, tile.Slice{}, nil), body) {
			t.Fatalf("tile %s of set %d differs", a, n)
		}
	}
	look(kept, 0, 6, same)
	if err := kept[0].Warm(t.Context(), 5); err != nil || k.put != nil || other.put != nil {
		t.Errorf("made again: %q %q, %v", k.put, other.put, err)
	}
	look(kept, 6, 8, same)
	if !slices.Contains(k.put, "tiles.z7") {
		t.Errorf("put %q", k.put)
	}
	for n := range made {
		if diff := cmp.Diff(made[n].Problems(), kept[n].Problems()); diff != "" || n == 0 && made[n].Problems() == nil {
			t.Errorf("problems of %d: %s", n, diff)
		}
	}
}

// What does not agree with itself is not taken: the sets are made of the features again.
func TestKeptWrong(t *testing.T) {
	want := newSets(t, areasAndLines(nil, nil)...)
	other := newShelf(t)
	newSets(t, tile.Source{Features: seq(somePoints(9, true)), Options: tile.Options{Layer: "l"}, Keeper: other})
	var none bytes.Buffer
	if err := section.NewWriter(&none).Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"fewer sets": other.files["tiles"], "nothing": none.Bytes()} {
		t.Run(name, func(t *testing.T) {
			k := newShelf(t)
			k.files = map[string][]byte{"tiles": data, "tiles.z0": data, "tiles.labels": data}
			for n, set := range newSets(t, areasAndLines(k, newShelf(t))...) {
				if !bytes.Equal(set.Append(nil, tile.Address{}, tile.Slice{}, nil), want[n].Append(nil, tile.Address{}, tile.Slice{}, nil)) {
					t.Errorf("set %d differs", n)
				}
			}
			if !slices.Contains(k.put, "tiles") || !slices.Contains(k.put, "tiles.z0") {
				t.Errorf("put %q", k.put)
			}
		})
	}
}

// BenchmarkKept makes a set of features, and takes it from where it was kept.
func BenchmarkKept(b *testing.B) {
	fs := somePoints(100_000, true)
	source := tile.Source{Features: seq(fs), Options: tile.Options{Layer: "l", Properties: []string{"name", "rank"}}}
	b.Run("made", func(b *testing.B) {
		for b.Loop() {
			newSets(b, source)
		}
	})
	k := newShelf(b)
	source.Keeper = k
	newSets(b, source)
	b.Run("kept", func(b *testing.B) {
		b.SetBytes(int64(len(k.files["tiles"])))
		for b.Loop() {
			newSets(b, source)
		}
	})
}
