package layers_test

import (
	"context"
	"strings"
	"testing"

	"kharita/geo/period"
	"kharita/internal/layers"
)

func TestSearch(t *testing.T) {
	base, _ := layers.Load(folder(map[string]string{"base-towns.geojson": collection(
		town("m", `"name_en":"Mosul","name_ar":"الموصل"`),
		town("b", `"name_en":"Basra","name_ar":"البصرة"`),
	)}))
	s, problems := layers.Load(folder(map[string]string{
		"towns.geojson": collection(
			town("mosul", `"name_en":"Mosul","name_ar":"الموصل","place":"mosul","start":"2014-06-10","end":"2017-07-09"`),
			town("dam", `"name_en":"Mosul Dam","name_ar":"سد الموصل","place":"dam","start":"2014-08-07","end":"2014-08-18"`),
			town("dez", `"name_en":"Deir ez-Zor (ISIS-held districts)","name_ar":"دير الزور","place":"dez"`),
			town("dez-2", `"name_en":"Deir ez-Zor (ISIS-held districts)","name_ar":"دير الزور","place":"dez"`),
			town("raqqa", `"name_en":"Raqqa","name_ar":"الرقّة","place":"raqqa"`),
			town("baq", `"name_en":"Baʿqubah","name_ar":"بعقوبة","place":"baq"`),
		),
		"towns.yaml":    "identity: place\n",
		"walls.geojson": collection(town("wall", `"name_en":"Mosul","name_ar":"الموصل"`)),
		"walls.yaml":    "search: false\n",
	}))
	if len(problems) > 0 {
		t.Fatal(texts(problems))
	}
	s = s.WithBase(base)
	list := append(s.Layers[:1:1], s.Base...)
	year := func(y int) period.Period { return period.New(period.Date(y, 1, 1), period.Date(y+1, 1, 1)) }
	for _, c := range []struct {
		text string
		q    layers.Query
		want string
	}{
		{"mosul", layers.Query{}, "mosul dam"}, // the base map's Mosul is ours already
		{"MOS", layers.Query{}, "mosul dam"},
		{"الموصل", layers.Query{}, "mosul dam"},
		{"موصل", layers.Query{}, "mosul dam"},
		{"المَوْصـِل", layers.Query{}, "mosul dam"},
		{"dam mosul", layers.Query{}, "dam"},
		{"mosul dam", layers.Query{}, "dam"},
		{"deir ez zor", layers.Query{}, "dez"}, // two versions of one thing
		{"zor", layers.Query{}, "dez"},
		{"الرقه", layers.Query{}, "raqqa"},
		{"baquba", layers.Query{}, "baq"},
		{"Rakka", layers.Query{}, "raqqa"},       // two letters changed
		{"Moussul", layers.Query{}, "mosul dam"}, // two letters more
		{"basra", layers.Query{}, "b"},
		{"mosul", layers.Query{Valid: year(2016)}, "mosul"},
		{"mosul", layers.Query{Valid: year(2019)}, "m"}, // no town of ours then: the base map's
		{"mosul", layers.Query{Limit: 1}, "mosul"},
		{"xyzzy", layers.Query{}, ""},
		{"ال", layers.Query{}, ""},
		{" ", layers.Query{}, ""},
	} {
		found, err := s.Search(context.Background(), c.text, list, c.q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range found {
			ids = append(ids, f.Feature.ID.String())
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%q %v: got %q, want %q", c.text, c.q.Valid, got, c.want)
		}
	}
}
