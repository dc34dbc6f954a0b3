package territory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/internal/territory"
)

func TestReadTable(t *testing.T) {
	const file = "\xef\xbb\xbfid,lon,lat,holder,start,end,name,houses,code\r\n" +
		"a,41,34,red,2014-06,2015,Ashford,12.50,007\r\n" +
		"a,41,34,blue,2015-02-01,..,Ashford,,x\r\n" +
		"b, 42 ,35,,,,\"Bay, the\",3,\r\n"
	got, faults := territory.ReadTable("t.csv", strings.NewReader(file), period.Ends{Uncertain: true})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if diff := cmp.Diff([]string{"name", "houses", "code"}, got.Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{false, true, false}, got.Numbers); diff != "" { // 007 is no number
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	type row struct {
		ID, Holder, Start, End string
		Place                  int
		Values                 []string
	}
	var rows []row
	for _, r := range got.Rows {
		rows = append(rows, row{r.ID, r.Holder, r.Start, r.End, r.Place, r.Values})
	}
	want := []row{
		{"a", "red", "2014-06", "2015", 0, []string{"Ashford", "12.50", "007"}},
		{"a-2", "blue", "2015-02-01", "..", 0, []string{"Ashford", "", "x"}},
		{"b", "", "", "", 1, []string{"Bay, the", "3", ""}},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if got.Places[1].At != (orb.Point{42, 35}) || len(got.Places[0].Held) != 2 {
		t.Errorf("places %v", got.Places)
	}
	// The first place as it would be named if it lay in the sea.
	fault := got.Fault(&territory.PlaceError{Place: 1, ID: "b", Reason: "at sea"})
	if want := `t.csv:4:3: "b": at sea`; fault.Error() != want {
		t.Errorf("got %s, want %s", fault, want)
	}
}

func TestReadFigures(t *testing.T) {
	const file = "date,holder,value,publisher\n2015,red,100,x\n2016-06-01,blue,2.5,\n"
	got, faults := territory.ReadFigures("f.csv", strings.NewReader(file), []string{"blue", "red"})
	want := []territory.Figure{
		{Holder: "red", At: period.Date(2015, 1, 1), Area: 100e6},
		{Holder: "blue", At: period.Date(2016, 6, 1), Area: 2.5e6},
	}
	if diff := cmp.Diff(want, got); diff != "" || faults != nil {
		t.Errorf("faults %v, figures (-want +got):\n%s", faults, diff)
	}
	_, faults = territory.ReadFigures("f.csv", strings.NewReader("date,value\nsoon,-1\n,1\n"), []string{"red"})
	if len(faults) != 3 || !strings.HasPrefix(faults[0].Error(), "f.csv:2:1: date can't be read") {
		t.Errorf("faults %v", faults)
	}
	_, faults = territory.ReadFigures("f.csv", strings.NewReader("date,value\n2015,1\n"), []string{"red", "blue"})
	if len(faults) != 1 || !strings.Contains(faults[0].Message, `no column "holder"`) {
		t.Errorf("faults %v", faults)
	}
}

// FuzzReadTable expects no panic, and of a table without faults places that differ
// and spells that can be told apart.
func FuzzReadTable(f *testing.F) {
	f.Add("id,lon,lat,holder,start,end\na,41,34,x,2014,2015\na,41,34,y,2016,..\nb,42,34,,,\n")
	f.Add("id,lon,lat,holder,start,end\na,41,34,x,soon,\na,41,34,,,\n")
	f.Add("\"\n")
	f.Fuzz(func(t *testing.T, file string) {
		table, faults := territory.ReadTable("t.csv", strings.NewReader(file), period.Ends{})
		if len(faults) > 0 {
			return
		}
		points := map[orb.Point]bool{}
		spells := 0
		for _, p := range table.Places {
			if points[p.At] {
				t.Fatalf("two places at %v", p.At)
			}
			points[p.At] = true
			spells += len(p.Held)
		}
		held := 0
		for _, r := range table.Rows {
			if r.Holder != "" {
				held++
			}
		}
		if held != spells {
			t.Fatalf("%d rows with a holder, %d spells", held, spells)
		}
	})
}
