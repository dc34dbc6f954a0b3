package section

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type pair struct {
	A uint8
	B int64
}

type columns struct {
	Small []uint8
	Pairs []pair
	Spots [][2]float64
	Empty []uint32
	Texts []string
}

var example = columns{ //nolint:gochecknoglobals // a constant
	[]uint8{1, 2, 3},
	[]pair{{1, -1}, {2, 1 << 40}},
	[][2]float64{{1.5, -2.5}, {3, 4}},
	nil,
	[]string{"", "سورية", "a"},
}

func write(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	Write(w, "small", example.Small)
	Write(w, "pairs", example.Pairs)
	WritePieces(w, "spots", slices.Chunk(example.Spots, 1))
	Write(w, "empty", example.Empty)
	WriteTexts(w.In("with ").In("others "), "texts", example.Texts)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func read(data []byte) (columns, error) {
	f, err := Open(data, nil)
	if err != nil {
		return columns{}, err
	}
	c := columns{Read[uint8](f, "small"), Read[pair](f, "pairs"), Read[[2]float64](f, "spots"), Read[uint32](f, "empty"), Texts(f.In("with ").In("others "), "texts")}
	return c, f.Err()
}

func TestRoundTrip(t *testing.T) {
	data := write(t)
	for _, shift := range []int{0, 1} { // the second is not aligned
		shifted := append(make([]byte, shift, shift+len(data)), data...)[shift:]
		got, err := read(shifted)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(example, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestChecked(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	Write(w, "large", make([]uint64, 3*checkedAt/8+1))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var pieces [][2]int
	if _, err := Open(b.Bytes(), func(from, to int) { pieces = append(pieces, [2]int{from, to}) }); err != nil {
		t.Fatal(err)
	}
	want := [][2]int{{0, checkedAt}, {checkedAt, 2 * checkedAt}, {2 * checkedAt, 3 * checkedAt}, {3 * checkedAt, 3*checkedAt + 8}}
	if !slices.Equal(pieces, want) {
		t.Errorf("checked %v, want %v", pieces, want)
	}
}

// What has changed anywhere is noticed, or is no part of what is handed out.
func TestDamaged(t *testing.T) {
	data := write(t)
	for i := range data {
		for _, bit := range []byte{0x01, 0x10, 0x80} {
			damaged := bytes.Clone(data)
			damaged[i] ^= bit
			got, err := read(damaged)
			if err == nil && !cmp.Equal(got, example) || err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d changed: %+v, %v", i, got, err)
			}
		}
	}
	for n := range data {
		if _, err := read(data[:n]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut off after %d bytes: %v", n, err)
		}
	}
}

// resealed returns data with its directory changed and summed again.
func resealed(t *testing.T, data []byte, change func(*directory)) []byte {
	t.Helper()
	d, err := readDirectory(data)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data, []byte(`{"Order"`))
	change(&d)
	list, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(data[:at], list, trailer(int64(at), list))
}

func TestOtherMachine(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*directory)
		want   string
	}{
		"order":  {func(d *directory) { d.Order = "middle" }, "written with middle bytes first"},
		"layout": {func(d *directory) { d.Sections[1].Layout = "{0 A uint8;4 B int64;}12" }, "not {0 A uint8;8 B int64;}16"},
		"length": {func(d *directory) {
			small, empty := d.Sections[0], &d.Sections[3]
			empty.Offset, empty.Size, empty.Sum = small.Offset, small.Size, small.Sum
		}, "ends within a value"},
		"outside": {func(d *directory) { d.Sections[0].Offset = 1 << 40 }, "lies outside"},
		"around":  {func(d *directory) { d.Sections[0].Size = 1<<63 - 1 }, "lies outside"},
		"missing": {func(d *directory) { d.Sections = d.Sections[1:] }, "no section small"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(resealed(t, write(t), c.change))
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want …%s…", err, c.want)
			}
		})
	}
}

func TestNoPointers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a column of texts was written as it lies in memory")
		}
	}()
	Write(NewWriter(&bytes.Buffer{}), "texts", []string{"a"})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk is full") }

func TestWriteFails(t *testing.T) {
	w := NewWriter(broken{})
	Write(w, "small", example.Small)
	if err := w.Close(); err == nil {
		t.Error("nobody is told that nothing was written")
	}
}

func FuzzOpen(f *testing.F) {
	data := write(f)
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := read(data)
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
		_ = cmp.Equal(got, example) // all that is handed out can be looked at
	})
}

// Bytes are changed, the directory is summed again: whatever it then says, nothing outside
// of the file is handed out.
func FuzzDirectory(f *testing.F) {
	data := write(f)
	at := bytes.LastIndex(data, []byte(`{"Order"`))
	f.Add(data[at : len(data)-trailerSize])
	f.Fuzz(func(t *testing.T, list []byte) {
		got, err := read(slices.Concat(data[:at], list, trailer(int64(at), list)))
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
		_ = cmp.Equal(got, example)
	})
}

func BenchmarkOpen(b *testing.B) {
	var file bytes.Buffer
	w := NewWriter(&file)
	for _, name := range []string{"a", "b", "c", "d"} {
		Write(w, name, make([]uint64, 4<<20))
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := Open(file.Bytes(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
