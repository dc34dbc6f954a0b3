package server_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/encoding/mvt"

	atlas "kharita/data/geojson"
	"kharita/internal/layers"
	"kharita/internal/layers/layerstest"
	"kharita/internal/server"
)

// serve returns a server of a folder, whose problems may be as many as said.
func serve(t *testing.T, files fs.FS, problems int) *server.Server {
	t.Helper()
	snapshot, found := layers.Load(files)
	if len(found) != problems {
		t.Fatalf("problems: %v", found)
	}
	s, err := server.New(server.Config{Snapshot: snapshot, Version: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tileIDs returns the ids of the features in a tile, sorted.
func tileIDs(t *testing.T, r *http.Response) (ids []string) {
	t.Helper()
	if r.StatusCode == http.StatusNoContent {
		return nil
	}
	decoded, err := mvt.Unmarshal(body(t, r))
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%d: %v", r.StatusCode, err)
	}
	for _, l := range decoded {
		for _, f := range l.Features {
			ids = append(ids, f.Properties.MustString("id"))
		}
	}
	slices.Sort(ids)
	return ids
}

func itemIDs(t *testing.T, r *http.Response) (ids []string) {
	t.Helper()
	for _, f := range decode[page](t, r).Features {
		ids = append(ids, fmt.Sprint(f.ID))
	}
	slices.Sort(ids)
	return ids
}

// TestValidTime asks the cases that every source passes of items, tiles and downloads.
func TestValidTime(t *testing.T) {
	s := serve(t, layerstest.Files(), layerstest.Broken)
	for _, c := range layerstest.Cases(t) {
		query := "?datetime=" + url.QueryEscape(c.Datetime) + "&certainty=" + c.Certainty()
		for _, way := range []struct {
			target string
			ids    func(*testing.T, *http.Response) []string
		}{
			{"/collections/" + c.Layer + "/items" + query, itemIDs},
			{"/collections/" + c.Layer + "/tiles/WebMercatorQuad/0/0/0" + query, tileIDs},
			{"/tiles/WebMercatorQuad/0/0/0" + query + "&collections=" + c.Layer, tileIDs},
			{"/downloads/" + c.Layer + ".geojson" + query, itemIDs},
		} {
			r := get(t, s, way.target)
			if c.Refused {
				if r.StatusCode != http.StatusBadRequest {
					t.Errorf("cases.csv:%d: %s: %d, want 400", c.Line, way.target, r.StatusCode)
				}
				continue
			}
			want := c.Want
			if len(want) == 0 {
				want = nil
			}
			if d := cmp.Diff(want, way.ids(t, r)); d != "" {
				t.Errorf("cases.csv:%d: %s: %s", c.Line, way.target, d)
			}
		}
	}
}

// TestValidTimeHeader: asked for the interval that Valid-Time names, or for an
// instant in the epoch that it names, the answer is the same; outside it is not.
func TestValidTimeHeader(t *testing.T) {
	s := serve(t, layerstest.Files(), layerstest.Broken)
	r := rand.New(rand.NewPCG(3, 4))
	day := func(n int) string { return time.Date(2004, 1, 1+n, 0, 0, 0, 0, time.UTC).Format("2006-01-02") }
	ids := func(target string) (string, []string) {
		t.Helper()
		a := get(t, s, target)
		if strings.Contains(target, "/tiles/") {
			return a.Header.Get("Valid-Time"), tileIDs(t, a)
		}
		return a.Header.Get("Valid-Time"), itemIDs(t, a)
	}
	for _, layer := range []string{"days", "precision", "doubt", "coarse", "excluded", "members"} {
		for range 60 {
			from := r.IntN(5200)
			asked := day(from) + "T12:00:00Z"
			instant := r.IntN(2) == 0
			if !instant {
				asked = day(from) + "/" + day(from+r.IntN(900))
			}
			for _, way := range []string{"/collections/" + layer + "/items?datetime=", "/collections/" + layer + "/tiles/WebMercatorQuad/0/0/0?datetime=", "/downloads/" + layer + ".geojson?datetime="} {
				holds, want := ids(way + asked)
				if holds == "../.." {
					continue
				}
				start, end, ok := strings.Cut(holds, "/")
				if !ok {
					t.Fatalf("%s%s: Valid-Time %q", way, asked, holds)
				}
				same := []string{holds}
				for _, edge := range []string{start, end} {
					if instant && edge != ".." {
						same = append(same, edge)
					}
				}
				for _, again := range same {
					if _, got := ids(way + again); !cmp.Equal(want, got) {
						t.Fatalf("%s%s holds for %s, but %s gives %v, not %v", way, asked, holds, again, got, want)
					}
				}
				before, after := outside(t, start, end)
				if instant && before != "" {
					if _, got := ids(way + before); cmp.Equal(want, got) {
						t.Fatalf("%s%s holds since before %s", way, asked, holds)
					}
				}
				if instant && after != "" {
					if _, got := ids(way + after); cmp.Equal(want, got) {
						t.Fatalf("%s%s holds for longer than %s", way, asked, holds)
					}
				}
			}
		}
	}
	for _, target := range []string{"/collections/days/items", "/collections/days/tiles/WebMercatorQuad/0/0/0", "/downloads/days.geojson"} {
		if h := get(t, s, target).Header; h.Get("Valid-Time") != "" || h.Get("Content-Location") != "" {
			t.Errorf("%s: not dated, but holds for %s at %s", target, h.Get("Valid-Time"), h.Get("Content-Location"))
		}
	}
	if got := get(t, s, "/downloads/atlas.csv?datetime=2015-04-01").Header.Get("Valid-Time"); got != "2015-04-01/2015-05-20" {
		t.Errorf("all layers together: Valid-Time %s", got)
	}
}

// outside returns the instants before and after an interval of days or date-times.
func outside(t *testing.T, start, end string) (before, after string) {
	t.Helper()
	parse := func(text string, last bool) time.Time {
		if at, err := time.Parse("2006-01-02", text); err == nil {
			if last {
				at = at.AddDate(0, 0, 1).Add(-time.Millisecond)
			}
			return at
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	const ms = "2006-01-02T15:04:05.000Z"
	if start != ".." && start[0] != '-' && start[0] != 'Y' {
		before = parse(start, false).Add(-time.Millisecond).Format(ms)
	}
	if end != ".." && end[0] != 'Y' {
		after = parse(end, true).Add(time.Millisecond).Format(ms)
	}
	return before, after
}

// TestTimeOfTheAtlas tests what is about time on the shipped atlas.
func TestTimeOfTheAtlas(t *testing.T) {
	s := serve(t, atlas.Files, 0)
	t.Run("Epochs", func(t *testing.T) { testEpochs(t, s) })
	t.Run("Timeline", func(t *testing.T) { testTimeline(t, s) })
	t.Run("Changes", func(t *testing.T) { testChanges(t, s) })
}

// testEpochs walks over each day of 2013 to 2019, twice: a tile is encoded once
// for each of its epochs, however many dates are asked, and the second time not at all.
func testEpochs(t *testing.T, s *server.Server) {
	t.Helper()
	for _, way := range []string{
		"/collections/isis-held/tiles/WebMercatorQuad/6/25/39?",
		"/collections/isis-held/tiles/WebMercatorQuad/9/200/317?certainty=certain&",
		"/tiles/WebMercatorQuad/5/12/19?collections=settlements,isis-held&",
		"/tiles/WebMercatorQuad/3/0/0?", // nothing there
	} {
		runs, days, locations := 0, 0, map[string]string{}
		last := "none"
		before := s.Encoded()
		for pass := range 2 {
			for day := time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2020; day = day.AddDate(0, 0, 1) {
				r := get(t, s, way+"datetime="+day.Format("2006-01-02"))
				etag, at := r.Header.Get("ETag"), r.Header.Get("Content-Location")
				if etag == "" || at == "" || r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Valid-Time") == "" {
					t.Fatalf("%s: %d %v", day, r.StatusCode, r.Header)
				}
				if was, ok := locations[at]; ok && was != etag {
					t.Fatalf("%s: %s names %s and %s", day, at, was, etag)
				}
				if locations[at] = etag; pass == 1 {
					continue
				}
				days++
				if etag != last {
					runs++
				}
				last = etag
			}
			if got := int(s.Encoded() - before); got != runs {
				t.Errorf("%s after walk %d: %d tiles encoded for %d epochs in %d days", way, pass+1, got, runs, days)
			}
		}
		if len(locations) != runs {
			t.Errorf("%s: %d canonical addresses for %d epochs", way, len(locations), runs)
		}
		for at, etag := range locations {
			r := get(t, s, at)
			if r.Header.Get("ETag") != etag || r.Header.Get("Content-Location") != at {
				t.Errorf("%s leads to %s at %s, not to %s", at, r.Header.Get("ETag"), r.Header.Get("Content-Location"), etag)
			}
		}
		if got := int(s.Encoded() - before); got != runs {
			t.Errorf("%s: the canonical addresses were encoded anew: %d for %d epochs", way, got, runs)
		}
		t.Logf("%s: %d epochs in %d days", way, runs, days)
	}

	// A period is named by the pair of epochs in which it starts and ends.
	const way = "/collections/isis-held/tiles/WebMercatorQuad/6/25/39?datetime="
	before := s.Encoded()
	first := get(t, s, way+"2014-06-15T01:00:00Z/2016-07-04T10:00:00Z")
	for _, period := range []string{"2014-06-15T02:00:00Z/2016-07-04T11:00:00Z", first.Header.Get("Valid-Time")} {
		if r := get(t, s, way+period); r.Header.Get("ETag") != first.Header.Get("ETag") || r.Header.Get("Content-Location") != first.Header.Get("Content-Location") {
			t.Errorf("%s: another tile than %s", period, first.Header.Get("Content-Location"))
		}
	}
	if got := s.Encoded() - before; got != 1 {
		t.Errorf("periods within one pair of epochs: %d encodings", got)
	}
	start, _, _ := strings.Cut(first.Header.Get("Valid-Time"), "/")
	if r := get(t, s, way+start); r.Header.Get("ETag") == first.Header.Get("ETag") {
		t.Error("a period and an instant have the same tile")
	}
}

type timelineDoc struct {
	Layer, Lang, Title, Metric, Description string
	Changes                                 []int64
	Epochs                                  []struct {
		From, Until       *int64
		Interval          string
		Possible, Certain struct {
			Count int
			Km2   *float64
		}
	}
	Rivals []struct {
		Date      string
		From      *int64
		Value     float64
		Publisher string
		Ours      struct{ Possible, Certain float64 }
	}
}

func testTimeline(t *testing.T, s *server.Server) {
	t.Helper()
	d := decode[timelineDoc](t, get(t, s, "/collections/isis-held/timeline", "Accept-Language", "ar"))
	if d.Lang != "ar" || d.Layer != "isis-held" || d.Metric != "area" || !strings.Contains(d.Description, "بالكيلومتر المربع") || d.Title == "" {
		t.Errorf("got %+v", d)
	}
	if len(d.Epochs) < 100 || len(d.Changes) != len(d.Epochs)-1 || d.Epochs[0].From != nil || d.Epochs[len(d.Epochs)-1].Until != nil {
		t.Errorf("%d epochs, %d changes", len(d.Epochs), len(d.Changes))
	}
	// What an epoch counts is what items and their areas give there.
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		e := d.Epochs[1+r.IntN(len(d.Epochs)-2)]
		for _, c := range []struct {
			certainty string
			count     int
			km2       float64
		}{{"possible", e.Possible.Count, *e.Possible.Km2}, {"certain", e.Certain.Count, *e.Certain.Km2}} {
			p := decode[page](t, get(t, s, "/collections/isis-held/items?limit=10000&certainty="+c.certainty+"&datetime="+e.Interval))
			km2 := 0.0
			for _, f := range p.Features {
				km2 += f.Properties["area_km2"].(float64)
			}
			if p.NumberMatched != c.count || math.Abs(km2-c.km2) > 0.02*c.km2+float64(c.count) {
				t.Errorf("%s %s: %d and %v km², items give %d and %v", e.Interval, c.certainty, c.count, c.km2, p.NumberMatched, km2)
			}
		}
	}
	if len(d.Rivals) < 5 || d.Rivals[0].Value != 90800 || d.Rivals[0].Publisher == "" || math.Abs(d.Rivals[0].Ours.Possible/90800-1) > 0.25 {
		t.Errorf("rivals: %+v", d.Rivals)
	}
	rows, err := csv.NewReader(get(t, s, "/collections/isis-held/timeline?f=csv").Body).ReadAll()
	if err != nil || len(rows) != len(d.Epochs)+1 || !cmp.Equal(rows[0], []string{"from", "until", "possible_count", "certain_count", "possible_km2", "certain_km2"}) || rows[1][0] != "" {
		t.Errorf("csv: %d rows, %v", len(rows), err)
	}
	points := decode[timelineDoc](t, get(t, s, "/collections/events/timeline?lang=en"))
	if points.Lang != "en" || points.Epochs[1].Possible.Km2 != nil || points.Metric != "count" {
		t.Errorf("points: %+v", points.Epochs[1])
	}
	for target, status := range map[string]int{"/collections/nope/timeline": 404, "/collections/events/timeline?datetime=2014": 400, "/collections/events/timeline?f=xml": 400} {
		if r := get(t, s, target); r.StatusCode != status {
			t.Errorf("%s: %d, want %d", target, r.StatusCode, status)
		}
	}
}

func testChanges(t *testing.T, s *server.Server) {
	t.Helper()
	type doc struct {
		page
		Changes struct {
			Lang, Title, Certainty string
			From, To               struct{ Datetime, Holds string }
			Things                 map[string]int
			Km2                    struct{ Before, After, Gained, Lost, Kept float64 }
		}
	}
	const asked = "from=2014-06-01&to=2015-06-01"
	d := decode[doc](t, get(t, s, "/collections/isis-held/changes?limit=10000&lang=en&"+asked))
	c := d.Changes
	if c.Title != "Areas held by ISIS (estimate): changes from 1 June 2014 to 1 June 2015" || c.From.Datetime != "2014-06-01" || c.To.Datetime != "2015-06-01" || c.Certainty != "possible" || c.Lang != "en" {
		t.Errorf("got %+v", c)
	}
	// The timeline tells how much there was before and after.
	line := decode[timelineDoc](t, get(t, s, "/collections/isis-held/timeline"))
	at := func(day time.Time) float64 {
		for _, e := range line.Epochs {
			if (e.From == nil || *e.From <= day.UnixMilli()) && (e.Until == nil || day.UnixMilli() < *e.Until) {
				return *e.Possible.Km2
			}
		}
		return 0
	}
	before, after := at(time.Date(2014, 6, 1, 0, 0, 0, 0, time.UTC)), at(time.Date(2015, 6, 1, 0, 0, 0, 0, time.UTC))
	if math.Abs(c.Km2.Before-before) > 0.1 || math.Abs(c.Km2.After-after) > 0.1 || math.Abs(c.Km2.Before-c.Km2.Lost+c.Km2.Gained-c.Km2.After) > 0.1 || c.Km2.Gained < 10000 {
		t.Errorf("%+v, the timeline says %v and %v km²", c.Km2, before, after)
	}
	parts := map[string]float64{}
	things := map[string]map[string]bool{}
	for _, f := range d.Features {
		parts[f.Properties["part"].(string)] += f.Properties["part_km2"].(float64)
		word := f.Properties["change"].(string)
		if things[word] == nil {
			things[word] = map[string]bool{}
		}
		things[word][f.Properties["place"].(string)] = true
	}
	if math.Abs(parts["gained"]-c.Km2.Gained) > 0.1 || math.Abs(parts["lost"]-c.Km2.Lost) > 0.1 || math.Abs(parts["kept"]-c.Km2.Kept) > 0.1 || d.NumberMatched != len(d.Features) {
		t.Errorf("pieces %v of %d, the summary says %+v", parts, d.NumberMatched, c.Km2)
	}
	for word, n := range c.Things {
		if len(things[word]) != n {
			t.Errorf("%s: %d things in pieces, %d in the summary", word, len(things[word]), n)
		}
	}
	if ar := decode[doc](t, get(t, s, "/collections/isis-held/changes?lang=ar&"+asked)); !strings.Contains(ar.Changes.Title, "ما تغيّر من 1 حزيران 2014 إلى 1 حزيران 2015") {
		t.Errorf("in Arabic: %s", ar.Changes.Title)
	}

	// Pages, a box, tiles and downloads hold the same pieces.
	want := itemIDs(t, get(t, s, "/collections/isis-held/changes?limit=10000&"+asked))
	var paged []string
	for target := "/collections/isis-held/changes?limit=50&" + asked; target != ""; {
		p := decode[page](t, get(t, s, target))
		target = ""
		for _, f := range p.Features {
			paged = append(paged, fmt.Sprint(f.ID))
		}
		for _, l := range p.Links {
			if l.Rel == "next" {
				target = l.Href
			}
		}
	}
	slices.Sort(paged)
	if d := cmp.Diff(want, paged); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, itemIDs(t, get(t, s, "/downloads/isis-held.changes.geojson?"+asked))); d != "" {
		t.Error(d)
	}
	download := get(t, s, "/downloads/isis-held.changes.csv?"+asked)
	if got := download.Header.Get("Content-Disposition"); got != "attachment; filename=isis-held.changes-2014-06-01-2015-06-01.csv" {
		t.Errorf("file name: %s", got)
	}
	if part := decode[doc](t, get(t, s, "/collections/isis-held/changes?bbox=42,36,43,37&"+asked)); part.NumberMatched == 0 || part.NumberMatched >= len(want) {
		t.Errorf("in a box: %d of %d", part.NumberMatched, len(want))
	}
	const tiles = "/collections/isis-held/changes/tiles/WebMercatorQuad"
	tile := get(t, s, tiles+"/0/0/0?"+asked)
	if at, want := tile.Header.Get("Content-Location"), tiles+"/0/0/0?from="+url.QueryEscape(c.From.Holds)+"&to="+url.QueryEscape(c.To.Holds); at != want {
		t.Errorf("canonical: got %s, want %s", at, want)
	}
	labelled := tileIDs(t, get(t, s, tiles+"/5/12/19?"+asked))
	for _, id := range labelled {
		if !slices.Contains(want, id) {
			t.Errorf("tile: %s is no piece", id)
		}
	}
	if len(labelled) < len(want)/2 {
		t.Errorf("tile: %d of %d pieces", len(labelled), len(want))
	}
	// Of the same pair of epochs it is made once.
	encoded := s.Encoded()
	etag := tile.Header.Get("ETag")
	for _, same := range []string{"from=2014-06-01T05:00:00Z&to=2015-06-01T06:00:00Z", "from=" + c.From.Holds + "&to=" + c.To.Holds} {
		if r := get(t, s, tiles+"/0/0/0?"+same); r.Header.Get("ETag") != etag {
			t.Errorf("%s: another tile", same)
		}
	}
	if s.Encoded() != encoded {
		t.Error("a tile of the same epochs was encoded again")
	}
	type tilejson struct {
		Tiles        []string
		VectorLayers []struct{ ID string } `json:"vector_layers"`
	}
	doc2 := decode[tilejson](t, get(t, s, tiles+"?"+asked))
	if doc2.VectorLayers[0].ID != "isis-held.changes" {
		t.Errorf("TileJSON: %+v", doc2)
	}
	r := get(t, s, strings.NewReplacer("{z}", "0", "{y}", "0", "{x}", "0").Replace(doc2.Tiles[0]))
	if r.StatusCode != 200 || r.Header.Get("ETag") != etag || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %s", doc2.Tiles[0], r.StatusCode, r.Header.Get("Cache-Control"))
	}
	for target, detail := range map[string]string{
		"/collections/isis-held/changes":                                       "from is missing",
		"/collections/isis-held/changes?from=2014":                             "to is missing",
		"/collections/isis-held/changes?from=2015&to=2014":                     "from=2015 is after to=2014",
		"/collections/isis-held/changes?from=soon&to=2014":                     "from: ",
		"/collections/isis-held/changes?from=2014&to=":                         "to: ",
		"/collections/isis-held/changes?from=2014&to=2015&datetime=2014":       "unknown parameter",
		"/collections/isis-held/changes?from=2014&to=2015&certainty=so":        "certainty=so",
		"/collections/isis-held/changes/tiles/WebMercatorQuad/0/0/0?from=2014": "to is missing",
		"/collections/isis-held/changes/tiles/WebMercatorQuad?to=2014":         "from is missing",
		"/downloads/isis-held.changes.geojson":                                 "from is missing",
		"/downloads/isis-held.changes.geojson?from=2014&to=2015&datetime=2014": "from and to",
		"/downloads/isis-held.geojson?from=2014&to=2015":                       "datetime",
	} {
		r := get(t, s, target, "Accept-Language", "en")
		if b := body(t, r); r.StatusCode != 400 || !bytes.Contains(b, []byte(detail)) {
			t.Errorf("%s: %d %s, want %s", target, r.StatusCode, b, detail)
		}
	}
	for _, target := range []string{"/collections/nope/changes?" + asked, "/downloads/nope.changes.geojson?" + asked, "/collections/isis-held/changes/tiles/x/0/0/0?" + asked, "/collections/isis-held/changes/tiles/WebMercatorQuad/0/0/1?" + asked} {
		if r := get(t, s, target); r.StatusCode != 404 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}

func TestVersions(t *testing.T) {
	file := func(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }
	feature := func(id, more string) string {
		return `{"type":"Feature","id":"` + id + `","geometry":{"type":"Point","coordinates":[1,2]},"properties":{` + more + `}}`
	}
	s := serve(t, fstest.MapFS{
		"towns.geojson": file(`{"type":"FeatureCollection","features":[` + strings.Join([]string{
			feature("a/3", `"place":"a","start":"2016"`), feature("a/1", `"place":"a","start":null,"end":"2014"`), feature("a/2", `"place":"a","start":"2015","end":"2015"`),
			feature("b", `"place":"b","start":"2015"`),
		}, ",") + `]}`),
		"towns.yaml":     file("identity: place\n"),
		"rivers.geojson": file(`{"type":"FeatureCollection","features":[` + feature("r", "") + `]}`),
	}, 0)
	type doc struct {
		Features []struct {
			ID    string
			Links []struct{ Href, Rel string }
		}
		Links []struct{ Href, Rel string }
	}
	links := func(list []struct{ Href, Rel string }) string {
		var b []string
		for _, l := range list {
			if strings.Contains(l.Rel, "version") {
				b = append(b, l.Rel+" "+l.Href[strings.LastIndex(l.Href, "/items/")+7:])
			}
		}
		return strings.Join(b, ", ")
	}
	d := decode[doc](t, get(t, s, "/collections/towns/items/a%2F2/versions"))
	var got []string
	for _, f := range d.Features {
		got = append(got, f.ID+": "+links(f.Links))
	}
	want := []string{
		"a/1: version-history a%2F1/versions, successor-version a%2F2",
		"a/2: version-history a%2F2/versions, predecessor-version a%2F1, successor-version a%2F3",
		"a/3: version-history a%2F3/versions, predecessor-version a%2F2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	type item struct{ Links []struct{ Href, Rel string } }
	if got, want := links(decode[item](t, get(t, s, "/collections/towns/items/a%2F2")).Links), strings.TrimPrefix(want[1], "a/2: "); got != want {
		t.Errorf("item: got %s, want %s", got, want)
	}
	if got := links(decode[item](t, get(t, s, "/collections/rivers/items/r")).Links); got != "" {
		t.Errorf("without identity: %s", got)
	}
	for target, status := range map[string]int{
		"/collections/rivers/items/r/versions": 404, "/collections/towns/items/nope/versions": 404,
		"/collections/towns/items/b/versions?x=1": 400, "/collections/towns/items/b/versions": 200,
	} {
		if r := get(t, s, target); r.StatusCode != status {
			t.Errorf("%s: %d, want %d", target, r.StatusCode, status)
		}
	}
}
