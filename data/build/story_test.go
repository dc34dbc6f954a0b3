package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"kharita/geo/period"
)

// A step is one of the story in atlas.yaml.
type step struct {
	ID          string
	Title, Text map[string]string
	Time        string
	View        struct {
		Center []float64
		Zoom   float64
	}
	Layers  []string
	Feature string
}

func story(t *testing.T) []step {
	t.Helper()
	data, err := os.ReadFile("../geojson/atlas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var atlas struct{ Story []step }
	if err := yaml.Unmarshal(data, &atlas); err != nil {
		t.Fatal(err)
	}
	return atlas.Story
}

// named returns the time of each feature of the atlas by layer/id; where a feature
// has no date the zero Valid, which is always.
func named(t *testing.T) map[string]period.Valid {
	t.Helper()
	out := map[string]period.Valid{}
	for _, layer := range atlasLayers {
		for _, f := range shipped(t, layer) {
			v := period.Valid{}
			if text(f, "start") != "" {
				v = valid(t, f)
			}
			out[layer+"/"+f.ID.String()] = v
		}
	}
	return out
}

// TestStory: each step has its words in both languages, and what it points at exists
// and is there at the time it shows.
func TestStory(t *testing.T) {
	features := named(t)
	steps := story(t)
	if len(steps) < 10 {
		t.Fatalf("only %d steps", len(steps))
	}
	seen := map[string]bool{}
	for _, s := range steps {
		if s.ID == "" || seen[s.ID] {
			t.Errorf("step %q: its id is missing or not unique", s.ID)
		}
		seen[s.ID] = true
		for _, lang := range []string{"en", "ar"} {
			if s.Title[lang] == "" || len(s.Text[lang]) < 80 {
				t.Errorf("step %s: no title or no text in %s", s.ID, lang)
			}
		}
		if len(s.View.Center) != 2 || s.View.Zoom < 2 {
			t.Errorf("step %s: view %v", s.ID, s.View)
		}
		if len(s.Layers) == 0 {
			t.Errorf("step %s: no layers", s.ID)
		}
		for _, l := range s.Layers {
			if _, err := os.Stat("../geojson/" + l + ".geojson"); err != nil {
				t.Errorf("step %s: there is no layer %q", s.ID, l)
			}
		}
		at, err := period.Parse(s.Time)
		if err != nil {
			t.Errorf("step %s: %v", s.ID, err)
			continue
		}
		v, ok := features[s.Feature]
		if !ok {
			t.Errorf("step %s: there is no %q", s.ID, s.Feature)
		} else if !v.Possible.Intersects(at.Possible) {
			t.Errorf("step %s: %s is not there at %s", s.ID, s.Feature, s.Time)
		}
		if layer, _, _ := strings.Cut(s.Feature, "/"); !strings.Contains(strings.Join(s.Layers, " "), layer) {
			t.Errorf("step %s: shows %s without its layer", s.ID, s.Feature)
		}
	}
}

// TestCoverage: what docs/coverage.md names exists, each event is listed under its
// own paragraph, if under others as well, and no step is left out.
func TestCoverage(t *testing.T) {
	data, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	features := named(t)
	paragraph := map[string]string{}
	for _, r := range tables(t).events {
		paragraph["events/"+r.text("id")] = r.text("article_paragraph")
	}
	told := map[string]bool{}
	rows := regexp.MustCompile(`(?m)^\| (\d+)\.(\d+) \|[^|]*\|([^|]*)\|$`).FindAllStringSubmatch(string(data), -1)
	filed := map[string]bool{} // events that stand under their own paragraph
	var elsewhere []string
	last := 0
	for _, row := range rows {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		if n != last && n != last+1 {
			t.Errorf("paragraph %d follows %d", n, last)
		}
		last = n
		for _, name := range regexp.MustCompile(`\b[a-z-]+/[a-z0-9-]+`).FindAllString(row[3], -1) {
			if _, ok := features[name]; !ok {
				t.Errorf("%s.%s: there is no %s", row[1], row[2], name)
			}
			if p, ok := paragraph[name]; ok && p == row[1] {
				filed[name] = true
			} else if ok {
				elsewhere = append(elsewhere, name)
			}
		}
		for _, m := range regexp.MustCompile(`steps? ([a-z-]+)(?: and ([a-z-]+))?`).FindAllStringSubmatch(row[3], -1) {
			told[m[1]], told[m[2]] = true, true
		}
	}
	for _, name := range elsewhere {
		if !filed[name] {
			t.Errorf("%s is not listed under its paragraph %q", name, paragraph[name])
		}
	}
	if len(rows) != 23 || last != 10 || len(filed) < 25 {
		t.Errorf("%d sentences of %d paragraphs with %d events", len(rows), last, len(filed))
	}
	for _, s := range story(t) {
		if !told[s.ID] {
			t.Errorf("the step %s is not in the table", s.ID)
		}
		delete(told, s.ID)
	}
	delete(told, "")
	for id := range told {
		t.Errorf("there is no step %s", id)
	}
}
