package tile_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/section"
	"kharita/geo/tile"
)

// written returns s as it is after it was written and read.
func written(tb testing.TB, s *tile.Set, o tile.Options) *tile.Set {
	tb.Helper()
	f, err := section.Open(sectionsOf(tb, s), nil)
	if err != nil {
		tb.Fatal(err)
	}
	got := tile.ReadSet(f, o)
	if err := f.Err(); err != nil {
		tb.Fatal(err)
	}
	return got
}

func sectionsOf(tb testing.TB, s *tile.Set) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := section.NewWriter(&b)
	s.Write(w)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

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

func TestWritten(t *testing.T) {
	for name, fs := range map[string][]geo.Feature{"none": nil, "timeless": somePoints(700, false), "timed": somePoints(700, true)} {
		t.Run(name, func(t *testing.T) {
			o := tile.Options{Layer: "l", Properties: []string{"rank", "name"}, MaxZoom: 9, Labels: true}
			s := newSet(t, o, fs...)
			if !s.Writable() {
				t.Fatal("points can't be written")
			}
			kept := written(t, s, o)
			if kept.Len() != s.Len() || !bytes.Equal(sectionsOf(t, kept), sectionsOf(t, s)) {
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
						if want, d := s.Changes(a, r); !slices.Equal(got, want) || drawn != d {
							t.Fatalf("changes of %s differ", a)
						}
					}
				}
			}
		})
	}
}

func TestNotWritable(t *testing.T) {
	for name, g := range map[string]orb.Geometry{
		"polygon": square(), "line": orb.LineString{{1, 2}, {3, 4}}, "problem": orb.Point{math.NaN(), 1},
		"mixed": orb.Collection{orb.Point{1, 2}, square()},
	} {
		if newSet(t, tile.Options{}, geo.Feature{Geometry: g}).Writable() {
			t.Errorf("%s: can be written", name)
		}
	}
}

// What is no set gives an error, not a set.
func TestReadOtherSections(t *testing.T) {
	for name, write := range map[string]func(*section.Writer){
		"nothing": func(*section.Writer) {},
		"a table": func(w *section.Writer) { geo.NewTable(geo.NewNames()).Write(w) },
	} {
		var b bytes.Buffer
		w := section.NewWriter(&b)
		write(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := section.Open(b.Bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if tile.ReadSet(f, tile.Options{Layer: "l"}); !errors.Is(f.Err(), section.ErrDamaged) {
			t.Errorf("%s: error %v", name, f.Err())
		}
	}
}

// A shelf is a Keeper in memory.
type shelf struct {
	testing.TB
	files map[string][]byte
	put   []string // since it was last looked at
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

// keptSets returns the sets of lines and of areas with labels and borders, of which k keeps what it can.
func keptSets(tb testing.TB, k tile.Keeper) []*tile.Set {
	tb.Helper()
	areas := newCoverage(3, orb.Bound{Min: orb.Point{30, 20}, Max: orb.Point{60, 40}}, 4, 6, .3).features()
	lines := []geo.Feature{{ID: geo.TextID("l"), Geometry: orb.LineString(areas[0].Geometry.(orb.Polygon)[0])}}
	sets, err := tile.NewSets(
		tile.Source{Features: seq(areas), Options: tile.Options{Layer: "areas", Labels: true, Borders: true}, Keeper: k, Size: len(areas)},
		tile.Source{Features: seq(lines), Options: tile.Options{Layer: "lines"}},
	)
	if err != nil {
		tb.Fatal(err)
	}
	return sets
}

// What a set makes at first use is taken from its keeper by the next, and shows the same.
func TestKeeper(t *testing.T) {
	k := &shelf{t, map[string][]byte{}, nil}
	made, kept := keptSets(t, k), []*tile.Set(nil)
	for turn := range 2 {
		if turn == 1 {
			k.put = nil
			kept = keptSets(t, k)
		}
		for z := range uint8(8) {
			for i := range uint32(1) << min(2*z, 10) {
				x, y := i%(1<<z), i/(1<<z)
				if z > 5 {
					x, y = 1<<z*5/8+i%16, 1<<z*3/8+i/64
				}
				a := address(t, z, x, y)
				for n, set := range made {
					want := set.Append(nil, a, tile.Slice{}, nil)
					if turn == 1 && !bytes.Equal(kept[n].Append(nil, a, tile.Slice{}, nil), want) {
						t.Fatalf("tile %s of set %d differs", a, n)
					}
				}
			}
		}
		if turn == 0 && (!slices.Contains(k.put, "tiles.z5") || !slices.Contains(k.put, "tiles.labels") || !slices.Contains(k.put, "borders.z5")) {
			t.Errorf("put %q", k.put)
		}
	}
	if k.put != nil {
		t.Errorf("made again: %q", k.put)
	}
	if err := kept[0].Warm(t.Context(), 5); err != nil || k.put != nil {
		t.Errorf("made again: %q, %v", k.put, err)
	}
}

// BenchmarkReadSet reads a set that was written, beside the making of one.
func BenchmarkReadSet(b *testing.B) {
	o := tile.Options{Layer: "l", Properties: []string{"name", "rank"}}
	fs := somePoints(100_000, true)
	b.Run("made", func(b *testing.B) {
		for b.Loop() {
			newSet(b, o, fs...)
		}
	})
	data := sectionsOf(b, newSet(b, o, fs...))
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			f, err := section.Open(data, nil)
			if err != nil {
				b.Fatal(err)
			}
			if tile.ReadSet(f, o); f.Err() != nil {
				b.Fatal(f.Err())
			}
		}
	})
}
