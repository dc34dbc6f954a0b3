package geojson_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kharita/geo"
	"kharita/geo/geojson"
)

// A source of rows, as a Reader and a Parallel are.
type source interface {
	Next() (*geojson.Row, error)
}

// told returns all that r tells, a line for each row and fault, the names and the error that ended it.
func told(r source, names *geo.Names) (lines []string) {
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return append(lines, fmt.Sprint(names.List()))
		}
		if err != nil {
			return append(lines, fmt.Sprint(names.List()), err.Error())
		}
		lines = append(lines, fmt.Sprintf("%v %d %v %v %v %v %q %q %v %t",
			row.Pos, row.Feature, row.ID, row.Geometry, row.Values, row.Places, row.Time, row.When, row.TimePos, row.Unusable))
		for _, f := range row.Faults {
			lines = append(lines, f.Error())
		}
	}
}

// compare reads data alone and in parallel. It returns the rows that came from blocks.
func compare(t *testing.T, data []byte, block, longest int) int {
	t.Helper()
	names := geo.NewNames()
	want := told(geojson.NewReader(bytes.NewReader(data), names), names)
	names = geo.NewNames()
	p := geojson.NewParallelOf(bytes.NewReader(data), names, block, longest)
	defer p.Close()
	if d := cmp.Diff(want, told(p, names)); d != "" {
		t.Errorf("blocks of %d: %s", block, d)
	}
	return p.Taken()
}

// many is a document of n features like those that an atlas has, joined by seam.
func many(n int, start, seam, end string) []byte {
	var b bytes.Buffer
	b.WriteString(start)
	for i := range n {
		if i > 0 {
			b.WriteString(seam)
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d,%d.5]},"properties":{"name":"الموصل %d","of":[{"type":"Feature"}]`, i, i%360-180, i%80, i)
		if i%7 > 0 {
			fmt.Fprintf(&b, `,"name %d":"},{\"type\":\"Feature\""`, i*i%11)
		}
		b.WriteString("}}")
	}
	b.WriteString(end)
	return b.Bytes()
}

func TestParallel(t *testing.T) {
	collection, line := `{"type":"FeatureCollection","features":[`, "\n"
	for _, c := range []struct {
		name  string
		data  []byte
		least int // rows from blocks
	}{
		{"collection", many(300, collection, ",", "]}"), 250},
		{"a feature a line", many(300, collection+line, ","+line, line+"]}"+line), 250},
		{"spread", many(300, collection+line+line, line+" ,  "+line+" ", `], "name": "x"}`), 250},
		{"lines", many(300, "", line, line), 250},
		{"sequence", many(300, "\x1e", line+"\x1e", line), 250},
		{"no end", many(300, collection, ",", ""), 250},
		{"something follows", many(300, collection, ",", "]} x"), 250},
		{"lines, something follows", many(300, "", line, line+"x"), 250},
		{"lines, a comma", many(300, "", line, ","), 250},
		{"an error amid", bytes.Replace(many(300, collection, ","+line, "]}"), []byte(`"id":200,`), []byte(`"id":200 `), 1), 150},
		{"an error in a line", bytes.Replace(many(300, "", line, line), []byte(`"id":200,`), []byte(`"id":}0,`), 1), 150},
		{"an end amid", bytes.Replace(many(300, collection, ",", "]}"), []byte(`}},{"type":"Feature","id":200,`), []byte(`}}]},{"type":"Feature","id":200,`), 1), 150},
		{"a collection among lines", bytes.Replace(many(300, "", line, line), []byte(`"id":200,`), []byte(`"features":[],`), 1), 150},
		{"faults", bytes.ReplaceAll(many(300, collection, line+",", "]}"), []byte("-100,"), []byte("-200,")), 250},
		{"a long feature amid", bytes.Replace(many(300, collection, line+",", "]}"), []byte(`"id":200,`), []byte(`"id":200,"note":"`+strings.Repeat("long ", 10_000)+`",`), 1), 250},
		{"what looks like an end in each", many(300, collection, `,{"type":"Feature","properties":{"a":[{},{"type":"Feature"}]}},`, "]}"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, block := range []int{1, 100, 1000, 3000} {
				if taken := compare(t, c.data, block, 20_000); block == 1000 && taken < c.least {
					t.Errorf("%d rows came from blocks, want %d or more", taken, c.least)
				}
			}
		})
	}
}

// A source that fails is told as it is by a Reader, after the same rows.
// TestParallelBlocks: of any part of a file, what came of its blocks tells how long the whole is.
func TestParallelBlocks(t *testing.T) {
	const n = 20_000
	data := many(n, `{"type":"FeatureCollection","features":[`, ",\n", "]}")
	p := geojson.NewParallelOf(bytes.NewReader(data), geo.NewNames(), 10_000, 100_000)
	defer p.Close()
	rows := 0
	for {
		if _, err := p.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		var size int
		if rows, size = p.Blocks(); size > 0 {
			if got := float64(rows) * float64(len(data)) / float64(size); got < 0.8*n || got > 1.25*n {
				t.Fatalf("%d rows of %d bytes: %.0f in all, want about %d", rows, size, got, n)
			}
		}
	}
	if rows < n*9/10 {
		t.Errorf("%d rows came of blocks, want nearly %d", rows, n)
	}
}

func TestParallelSourceFails(t *testing.T) {
	data := many(300, `{"features":[`, ",", "]}")
	names := geo.NewNames()
	p := geojson.NewParallelOf(io.MultiReader(bytes.NewReader(data[:len(data)/2]), failing{}), names, 1000, 20_000)
	defer p.Close()
	if lines := told(p, names); len(lines) < 100 || lines[len(lines)-1] != errFailing.Error() {
		t.Errorf("%d lines, the last: %s", len(lines), lines[len(lines)-1])
	}
}

var errFailing = errors.New("disk is gone")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errFailing }

// A Parallel may be left in the middle.
func TestParallelClose(t *testing.T) {
	p := geojson.NewParallelOf(bytes.NewReader(many(3000, `{"features":[`, ",", "]}")), geo.NewNames(), 1000, 20_000)
	for range 500 {
		if _, err := p.Next(); err != nil {
			t.Fatal(err)
		}
	}
	p.Close()
}

// FuzzParallel: whatever the file is and wherever it is cut, a Parallel tells what a Reader does.
func FuzzParallel(f *testing.F) {
	f.Add(many(5, `{"type":"FeatureCollection","features":[`, ",\n", "]}"), uint16(100))
	f.Add(many(5, "", "\n", "\n"), uint16(100))
	f.Add([]byte(`{"features":[{"a":1},{"a":2},{"b":{},{"a":3}},{"a":4}],"crs":null}`), uint16(9))
	f.Fuzz(func(t *testing.T, data []byte, block uint16) {
		compare(t, data, int(block)+1, 4*int(block)+1)
	})
}
