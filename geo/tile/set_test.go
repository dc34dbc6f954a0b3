package tile_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/geo/tile/tiletest"
)

func square() orb.Polygon { return orb.Polygon{{{40, 30}, {50, 30}, {50, 40}, {40, 40}, {40, 30}}} }

// world returns the features that the one tile of zoom 0 holds.
func world(tb testing.TB, s *tile.Set) []tiletest.Feature {
	tb.Helper()
	layers := decode(tb, s, tile.Address{}, tile.Slice{})
	if len(layers) == 0 {
		return nil
	}
	return layers[0].Features
}

func TestProperties(t *testing.T) {
	names := geo.NewNames("name", "n", "f", "ok", "list", "valid_from", "unused")
	s := newSet(t, tile.Options{Properties: []string{"name", "n", "f", "ok", "list", "valid_from", "id", "name", "missing"}},
		geo.Feature{
			ID: geo.TextID("a"), Geometry: orb.Point{44, 33},
			Properties: geo.NewProperties(names, []geo.Value{
				geo.StringValue("بغداد"), geo.IntValue(-7), geo.FloatValue(1.5), geo.BoolValue(true),
				geo.JSONValue("[1]"), geo.IntValue(1), geo.IntValue(2),
			}),
		},
		geo.Feature{
			ID: geo.NumberID("12"), Geometry: orb.Point{44, 33},
			Properties: geo.NewProperties(names, []geo.Value{
				{}, geo.IntValue(math.MaxInt64), geo.FloatValue(math.Copysign(0, -1)), geo.BoolValue(false),
			}),
		},
		geo.Feature{
			Geometry: orb.Point{44, 33},
			Properties: geo.NewProperties(names, []geo.Value{
				geo.StringValue("a\xffb"), geo.IntValue(math.MinInt64), geo.FloatValue(0), {}, {}, {},
			}),
		},
	)
	var got []map[string]any
	for _, f := range world(t, s) {
		got = append(got, f.Properties)
	}
	want := []map[string]any{
		{"id": "a", "name": "بغداد", "n": int64(-7), "f": 1.5, "ok": true},
		{"n": uint64(math.MaxInt64), "f": 0.0, "ok": false},
		{"name": "a\uFFFDb", "n": int64(math.MinInt64), "f": 0.0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
}

func TestTimeProperties(t *testing.T) {
	valid := func(possible, certain period.Period) geo.Feature {
		return geo.Feature{Geometry: orb.Point{}, Valid: period.Valid{Possible: possible, Certain: certain}}
	}
	s := newSet(t, tile.Options{},
		valid(period.Period{}, period.Period{}),
		valid(period.New(10, 20), period.New(10, 20)),
		valid(period.From(-5), period.From(-5)),
		valid(period.New(10, 20), period.New(12, 20)),
		valid(period.Until(20), period.Until(18)),
		valid(period.New(10, 20), period.Never),
		valid(period.Until(20), period.Never),
		valid(period.Period{}, period.Never),
		valid(period.Never, period.Never),
	)
	var got []map[string]any
	for _, f := range world(t, s) {
		got = append(got, f.Properties)
	}
	n := func(v uint64) any { return v }
	want := []map[string]any{
		{},
		{"valid_from": n(10), "valid_until": n(20)},
		{"valid_from": int64(-5)},
		{"valid_from": n(10), "valid_until": n(20), "certain_from": n(12), "certain_until": n(20)},
		{"valid_until": n(20), "certain_until": n(18)},
		{"valid_from": n(10), "valid_until": n(20), "certain_from": n(10), "certain_until": n(10)},
		{"valid_until": n(20), "certain_from": n(20), "certain_until": n(20)},
		{"certain_from": n(0), "certain_until": n(0)},
		// the last holds never and is in no tile
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
}

func TestSlicesAndEpochs(t *testing.T) {
	at := func(lon, lat float64, possible, certain period.Period) geo.Feature {
		return geo.Feature{
			ID: geo.TextID(fmt.Sprint(lon, possible)), Geometry: orb.Point{lon, lat},
			Valid: period.Valid{Possible: possible, Certain: certain},
		}
	}
	s := newSet(t, tile.Options{},
		at(1, 10, period.Period{}, period.Period{}),
		at(2, 10, period.New(10, 20), period.New(12, 18)),
		at(3, 10, period.New(20, 30), period.New(20, 30)),
		at(4, 10, period.From(40), period.Never),
		at(-100, 10, period.New(15, 16), period.New(15, 16)), // far away
	)
	a := address(t, 3, 4, 3)
	for _, c := range []struct {
		valid period.Period
		r     period.Reading
		want  []float64
		epoch period.Period
	}{
		{period.Period{}, period.Possible, []float64{1, 2, 3, 4}, period.Until(10)},
		{period.Period{}, period.Certain, []float64{1, 2, 3}, period.Until(12)},
		{period.At(5), period.Possible, []float64{1}, period.Until(10)},
		{period.At(10), period.Possible, []float64{1, 2}, period.New(10, 20)},
		{period.At(10), period.Certain, []float64{1}, period.Until(12)},
		{period.At(15), period.Possible, []float64{1, 2}, period.New(10, 20)},
		{period.At(19), period.Certain, []float64{1}, period.New(18, 20)},
		{period.At(19), period.Possible, []float64{1, 2}, period.New(10, 20)},
		{period.At(20), period.Possible, []float64{1, 3}, period.New(20, 30)},
		{period.At(30), period.Possible, []float64{1}, period.New(30, 40)},
		{period.New(19, 21), period.Possible, []float64{1, 2, 3}, period.New(10, 20)},
		{period.At(50), period.Possible, []float64{1, 4}, period.From(40)},
		{period.At(50), period.Certain, []float64{1}, period.From(30)},
		{period.Never, period.Possible, nil, period.Never},
	} {
		slice := tile.Slice{Valid: c.valid, Reading: c.r}
		var got []float64
		for _, l := range decode(t, s, a, slice) {
			for _, f := range l.Features {
				got = append(got, math.Round(float64(f.Paths[0][0].X)/4096*45))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v, reading %d: features %v, want %v", c.valid, c.r, got, c.want)
		}
		if got := s.Stable(a, slice); got != c.epoch {
			lo, hi := got.Limits()
			t.Errorf("%v, reading %d: epoch %v..%v", c.valid, c.r, lo, hi)
		}
	}
}

// Of what lies near a tile only that which it shows divides its epochs.
func TestEpochsAreOfShapesNotBoxes(t *testing.T) {
	s := newSet(t, tile.Options{},
		geo.Feature{Geometry: orb.LineString{{0, 80}, {0, 0}, {80, 0}}, Valid: period.Exactly(period.New(5, 6))},
		geo.Feature{Geometry: orb.Point{60, 50}, Valid: period.Exactly(period.New(1, 9))},
	)
	a := address(t, 3, 5, 2)
	if got, want := s.Stable(a, tile.Slice{Valid: period.At(5)}), period.New(1, 9); got != want {
		t.Errorf("epoch %v, want %v", got, want)
	}
	if got, want := s.Stable(address(t, 3, 5, 3), tile.Slice{Valid: period.At(5)}), period.New(5, 6); got != want {
		t.Errorf("epoch %v, want %v", got, want)
	}
}

func TestZoomsAndKeep(t *testing.T) {
	s := newSet(t, tile.Options{MinZoom: 2, MaxZoom: 3},
		geo.Feature{Geometry: orb.Point{1, 1}}, geo.Feature{}, geo.Feature{Geometry: orb.Point{1, 1}})
	if got, want := s.Len(), 3; got != want {
		t.Errorf("Len = %d, want %d", got, want)
	}
	for z := range uint8(6) {
		half := uint32(1) << z / 2
		a := address(t, z, half, max(half, 1)-1)
		got := len(s.Append(nil, a, tile.Slice{}, nil)) > 0
		if want := z == 2 || z == 3; got != want {
			t.Errorf("zoom %d drawn: %t, want %t", z, got, want)
		}
	}
	var asked []int
	b := s.Append([]byte("before"), address(t, 2, 2, 1), tile.Slice{}, func(row int) bool {
		asked = append(asked, row)
		return row == 2
	})
	if want := []int{0, 2}; !slices.Equal(asked, want) {
		t.Errorf("asked about rows %v, want %v", asked, want)
	}
	tl, violations := tiletest.Decode(bytes.TrimPrefix(b, []byte("before")))
	if len(violations) > 0 || len(tl.Layers) != 1 || len(tl.Layers[0].Features) != 1 {
		t.Errorf("%v, %v", tl, violations)
	}
	if got := s.Append(nil, address(t, 2, 2, 1), tile.Slice{}, func(int) bool { return false }); got != nil {
		t.Errorf("nothing kept, but %d bytes", len(got))
	}
}

func TestIDs(t *testing.T) {
	var fs []geo.Feature
	for i := range 2000 {
		fs = append(fs, geo.Feature{ID: geo.TextID(fmt.Sprint("f", i%1500)), Geometry: orb.Point{float64(i%360) - 180, 5}})
	}
	fs = append(fs, geo.Feature{ID: geo.TextID("c"), Geometry: orb.Collection{
		orb.Point{1, 1}, orb.LineString{{1, 1}, {20, 20}}, square(), orb.Collection{orb.Point{2, 2}, orb.MultiPoint{{3, 3}}},
	}})
	s := newSet(t, tile.Options{}, fs...)
	seen := map[uint64]bool{}
	got := world(t, s)
	if len(got) != 2003 {
		t.Fatalf("%d features, want 2003", len(got))
	}
	for _, f := range got {
		if seen[f.ID] || f.ID == 0 || f.ID >= 1<<35 {
			t.Errorf("id %d is used twice, or not one", f.ID)
		}
		seen[f.ID] = true
	}
	var types []uint64
	for _, f := range got[2000:] {
		types = append(types, f.Type)
		if f.Properties["id"] != "c" {
			t.Errorf("a member of the collection has id %v", f.Properties["id"])
		}
	}
	if want := []uint64{1, 2, 3}; !slices.Equal(types, want) {
		t.Errorf("the collection became types %v, want %v", types, want)
	}
	if n := len(got[2000].Paths[0]); n != 3 {
		t.Errorf("the collection's points became %d, want 3", n)
	}
	again := world(t, newSet(t, tile.Options{}, fs[1999]))
	if world(t, newSet(t, tile.Options{}, fs[1999]))[0].ID != again[0].ID {
		t.Error("ids differ from set to set")
	}
}

// A whole number is the id of a tile's feature as it stands, and is not said twice.
func TestNumberIDs(t *testing.T) {
	own := []string{"1", "7", "9007199254740991"}
	other := []string{"0", "07", "+7", "-7", "7.0", "7", "9007199254740992", "18446744073709551617", "seven"}
	var fs []geo.Feature
	for _, id := range slices.Concat(own, other) {
		fs = append(fs, geo.Feature{ID: geo.TextID(id), Geometry: orb.Collection{orb.Point{}, orb.LineString{{}, {9, 9}}}})
	}
	seen := map[uint64]bool{}
	for i, f := range world(t, newSet(t, tile.Options{}, fs...)) {
		id := fs[i/2].ID.String()
		if numbered := i%2 == 0 && i/2 < len(own); numbered != (strconv.FormatUint(f.ID, 10) == id) || numbered != (f.Properties["id"] == nil) {
			t.Errorf("the %d. item of %s is number %d with the properties %v", i%2, id, f.ID, f.Properties)
		} else if !numbered && f.Properties["id"] != id {
			t.Errorf("the %d. item of %s has the id %v", i%2, id, f.Properties["id"])
		}
		if seen[f.ID] {
			t.Errorf("number %d is used twice", f.ID)
		}
		seen[f.ID] = true
	}
}

func TestErrors(t *testing.T) {
	_, err := tile.NewSet(seq(nil), tile.Options{})
	if err == nil {
		t.Error("a set without a name is no error")
	}
	bad := errors.New("bad")
	_, err = tile.NewSet(func(yield func(geo.Feature, error) bool) {
		_ = yield(geo.Feature{}, nil) && yield(geo.Feature{}, bad)
	}, tile.Options{Layer: "l"})
	if !errors.Is(err, bad) {
		t.Errorf("the source's error became %v", err)
	}
}

// Append changes no feature, gives the same bytes each time and allocates nothing.
func TestAppendIsPure(t *testing.T) {
	build := func() []geo.Feature {
		fs := newCoverage(21, middleEast(), 4, 7, .2).features()
		fs = append(fs,
			geo.Feature{ID: geo.TextID("line"), Geometry: orb.LineString{{20, 20}, {45, 35}, {60, 20}}, Valid: period.Exactly(year(2014))},
			geo.Feature{ID: geo.TextID("points"), Geometry: orb.MultiPoint{{44, 33}, {45, 36}}},
			geo.Feature{ID: geo.TextID("bow-tie"), Geometry: orb.Polygon{{{30, 30}, {50, 40}, {50, 30}, {30, 40}, {30, 30}}}},
		)
		return fs
	}
	fs := build()
	s := newSet(t, tile.Options{Labels: true}, fs...)
	addresses := []tile.Address{{}, address(t, 3, 4, 3), address(t, 5, 19, 12), address(t, 6, 39, 25)}
	first := make([][]byte, len(addresses))
	for i, a := range addresses {
		first[i] = s.Append(nil, a, tile.Slice{}, nil)
		if len(first[i]) == 0 {
			t.Fatalf("tile %v is empty", a)
		}
	}
	if d := cmp.Diff(build(), fs, cmp.AllowUnexported(geo.ID{}, geo.Properties{}, period.Period{}, period.Valid{})); d != "" {
		t.Errorf("features changed:\n%s", d)
	}
	var wg sync.WaitGroup
	other := newSet(t, tile.Options{Labels: true}, build()...)
	for range 8 {
		wg.Go(func() {
			for range 5 {
				for i, a := range addresses {
					if !bytes.Equal(other.Append(nil, a, tile.Slice{}, nil), first[i]) {
						t.Errorf("tile %v differs", a)
					}
					other.Stable(a, tile.Slice{Valid: year(2014)})
				}
			}
		})
	}
	wg.Wait()
	if raceEnabled {
		return // the race detector makes pools forget
	}
	buf := make([]byte, 0, 1<<20)
	for _, a := range addresses {
		if n := testing.AllocsPerRun(20, func() { buf = s.Append(buf[:0], a, tile.Slice{Valid: year(2014)}, nil) }); n > 0 {
			t.Errorf("tile %v: %v allocations", a, n)
		}
	}
}

func TestLabels(t *testing.T) {
	// a horseshoe, whose middle is not in it
	shoe := orb.Polygon{{{30, 30}, {50, 30}, {50, 50}, {44, 50}, {44, 34}, {33, 34}, {33, 50}, {30, 50}, {30, 30}}}
	fs := []geo.Feature{
		{ID: geo.TextID("shoe"), Geometry: orb.MultiPolygon{square(), shoe}},
		{ID: geo.TextID("line"), Geometry: orb.LineString{{0, 0}, {1, 1}}},
		{ID: geo.TextID("fiji"), Geometry: orb.MultiPolygon{{{{178, -17}, {180, -17}, {180, -16}, {178, -16}, {178, -17}}}}},
		{ID: geo.TextID("south"), Geometry: orb.Polygon{{{-180, -90}, {180, -90}, {180, -70}, {-180, -70}, {-180, -90}}}},
	}
	s := newSet(t, tile.Options{Labels: true, Layer: "areas"}, fs...)
	places := map[string]orb.Point{}
	for z := uint8(0); z <= 5; z++ {
		count := map[string]int{}
		tilesAt(t, s, z, func(a tile.Address, layers []tiletest.Layer) {
			ids := map[uint64]bool{}
			for _, f := range layers[0].Features {
				ids[f.ID] = true
			}
			for _, l := range layers[1:] {
				if l.Name != "areas:label" {
					t.Errorf("layer %q", l.Name)
				}
				for _, f := range l.Features {
					id := f.Properties["id"].(string)
					count[id]++
					p := f.Paths[0][0]
					if !ids[f.ID] || f.Type != 1 || p.X < 0 || p.X > 4096 || p.Y < 0 || p.Y > 4096 {
						t.Errorf("tile %v: label %v", a, f)
					}
					scale := math.Ldexp(4096, int(z))
					at := orb.Point{
						(float64(a.X())*4096 + float64(p.X)) / scale,
						(float64(a.Y())*4096 + float64(p.Y)) / scale,
					}
					if z == 0 {
						places[id] = at
					} else if o := places[id]; math.Hypot(o[0]-at[0], o[1]-at[1]) > 1./4096 {
						t.Errorf("%s: label at %v at zoom 0, at %v at zoom %d", id, o, at, z)
					}
				}
			}
		})
		if d := cmp.Diff(map[string]int{"shoe": 1, "fiji": 1, "south": 1}, count); d != "" {
			t.Errorf("zoom %d: labels (-want +got):\n%s", z, d)
		}
	}
	if p := places["shoe"]; p[0] < (44.+180)/360 || p[0] > (50.+180)/360 {
		t.Errorf("the horseshoe's label is at %v", p)
	}
	if p := places["south"]; p[1] > 1 || p[1] < .7 {
		t.Errorf("the south's label is at %v", p)
	}
}

// A point near the antimeridian is in the buffer of the tile beyond, from either side.
func TestPointsAcrossAntimeridian(t *testing.T) {
	s := newSet(t, tile.Options{}, geo.Feature{Geometry: orb.Point{179.9, 10}}, geo.Feature{Geometry: orb.Point{-179.95, 10}}, geo.Feature{Geometry: orb.Point{170, 10}})
	xs := func(z uint8, x, y uint32) (xs []int64) {
		for _, l := range decode(t, s, address(t, z, x, y), tile.Slice{}) {
			for _, f := range l.Features {
				for _, p := range f.Paths[0] {
					xs = append(xs, p.X)
				}
			}
		}
		return xs
	}
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want []int64
	}{
		{z: 3, x: 7, y: 3, want: []int64{4087, 4101, 3186}},
		{z: 3, x: 0, y: 3, want: []int64{-9, 5}},
		{z: 0, x: 0, y: 0, want: []int64{4095, -1, 1, 4097, 3982}},
		{z: 3, x: 1, y: 3},
	} {
		if got := xs(c.z, c.x, c.y); !slices.Equal(got, c.want) {
			t.Errorf("%d/%d/%d: points at %v, want %v", c.z, c.x, c.y, got, c.want)
		}
	}
}

// From epoch to epoch all through time: within one the tile is the same, from one to the
// next it is not.
func TestEpochsAreLongest(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 1))
	fs := newCoverage(22, middleEast(), 6, 4, .2).features()
	for i := range fs {
		start := r.Int64N(50)
		possible := period.New(period.Instant(start), period.Instant(start+1+r.Int64N(30)))
		certain := period.New(period.Instant(start+r.Int64N(4)), period.Instant(start+r.Int64N(30)))
		fs[i].Valid = period.Valid{Possible: possible, Certain: certain.Intersect(possible)}
		if i%3 == 0 {
			fs[i].Geometry = orb.LineString(fs[i].Geometry.(orb.Polygon)[0])
		}
	}
	s := newSet(t, tile.Options{Labels: true, Borders: true}, fs...)
	for z := uint8(0); z <= 12; z++ {
		a := pointTile(t, z, orb.Point{45, 33})
		for _, reading := range []period.Reading{period.Possible, period.Certain} {
			at := func(i period.Instant) []byte {
				return s.Append(nil, a, tile.Slice{Valid: period.At(i), Reading: reading}, nil)
			}
			epochs := 0
			for e := s.Stable(a, tile.Slice{Reading: reading}); ; epochs++ {
				lo, hi := e.Limits()
				for i := max(lo, -1); i < min(hi, 100); i++ {
					if !bytes.Equal(at(i), at(max(lo, -1))) {
						t.Errorf("tile %v: changes at %d within %d..%d", a, i, lo, hi)
					}
				}
				if hi == math.MaxInt64 {
					break
				}
				if bytes.Equal(at(hi-1), at(hi)) {
					t.Errorf("tile %v: does not change at %d", a, hi)
				}
				if e = s.Stable(a, tile.Slice{Valid: period.At(hi), Reading: reading}); !e.Contains(hi) {
					t.Fatalf("tile %v: epoch at %d is %v", a, hi, e)
				}
			}
			if z == 0 && epochs < 20 {
				t.Errorf("only %d epochs", epochs)
			}
		}
	}
}

// TestGuess compares guesses with what is appended, where that is much.
func TestGuess(t *testing.T) {
	set, err := tile.NewSet(seq(towns(20_000)), tile.Options{Layer: "towns", Properties: []string{"name", "country", "population"}, MinZoom: 1})
	if err != nil {
		t.Fatal(err)
	}
	for z := range uint8(4) {
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				a := address(t, z, x, y)
				got, want := set.Guess(a, tile.Slice{}), len(set.Append(nil, a, tile.Slice{}, nil))
				if z == 0 && got != 0 || want == 0 && got > 1000 || want > 20_000 && (got < want/2 || got > want*2) {
					t.Errorf("%s: guessed %d, appended %d bytes", a, got, want)
				}
			}
		}
	}
}
