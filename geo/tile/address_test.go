package tile_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"kharita/geo/tile"
)

func TestParseAddress(t *testing.T) {
	for _, c := range []struct {
		z, x, y string
		want    string // empty: ErrAddress
	}{
		{"0", "0", "0", "0/0/0"},
		{"6", "39", "25", "6/39/25"},
		{"22", "4194303", "4194303", "22/4194303/4194303"},
		{"007", "1", "1", "7/1/1"},
		{"0", "1", "0", ""},
		{"0", "0", "1", ""},
		{"6", "64", "0", ""},
		{"23", "0", "0", ""},
		{"300", "0", "0", ""},
		{"256", "0", "0", ""},
		{"-1", "0", "0", ""},
		{"1", "-1", "0", ""},
		{"1", "+1", "0", ""},
		{"1", "0x1", "0", ""},
		{"1", "1.0", "0", ""},
		{"1", " 1", "0", ""},
		{"", "", "", ""},
		{"1", "99999999999999999999", "0", ""},
	} {
		a, err := tile.ParseAddress(c.z, c.x, c.y)
		switch {
		case c.want == "":
			if !errors.Is(err, tile.ErrAddress) {
				t.Errorf("ParseAddress(%q, %q, %q) = %v, %v, want ErrAddress", c.z, c.x, c.y, a, err)
			}
		case err != nil || a.String() != c.want:
			t.Errorf("ParseAddress(%q, %q, %q) = %v, %v, want %s", c.z, c.x, c.y, a, err, c.want)
		}
	}
}

func TestAddressBound(t *testing.T) {
	a := address(t, 0, 0, 0)
	b := a.Bound()
	for _, c := range []struct{ got, want float64 }{
		{b.Min[0], -180},
		{b.Max[0], 180},
		{b.Min[1], -85.0511287798066},
		{b.Max[1], 85.0511287798066},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("bound of %v is %v", a, b)
		}
	}
	if got, want := address(t, 3, 5, 6).Parent(), address(t, 2, 2, 3); got != want {
		t.Errorf("parent %v, want %v", got, want)
	}
	if got := a.Parent(); got != a {
		t.Errorf("parent of the world is %v", got)
	}
	for z := uint8(1); z <= tile.MaxZoom; z++ {
		child := address(t, z, 1<<z-1, 1<<(z-1))
		if got := child.Bound().Union(child.Parent().Bound()); got != child.Parent().Bound() {
			t.Errorf("%v lies outside of its parent", child)
		}
	}
}

func address(tb testing.TB, z uint8, x, y uint32) tile.Address {
	tb.Helper()
	a, err := tile.NewAddress(z, x, y)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func ExampleParseAddress() {
	a, err := tile.ParseAddress("6", "39", "25")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v: %.2f\n", a, a.Bound().Min)
	// Output: 6/39/25: [39.38 31.95]
}
