package main

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// roomLayer makes the operations rooms and headquarters: points with a radius of
// uncertainty, and the Green Zone as an area.
func roomLayer(a *atlas, src *sources, _ *base) error {
	var out []feature
	for _, r := range src.rooms {
		id := r.text("id")
		start, end, _ := r.when()
		var g orb.Geometry = r.point()
		if p := r.text("polygon"); p != "" {
			g = ring(r, p)
		}
		props := []property{
			{"name_en", r.need("name_en")},
			{"name_ar", r.need("name_ar")},
			{"kind", r.oneOf("kind", "joint-room", "zone", "headquarters", "air-base", "naval-base", "garrison")},
			{"side", r.oneOf("side", "4+1", "coalition", "iraq")},
			{"start", start},
			{"end", end},
			{"text_en", sentences(r.need("role_en"), r.text("note_en"))},
			{"text_ar", sentences(r.need("role_ar"), r.text("note_ar"))},
			{"verified", r.text("basis") == "looked_up"},
			{"basis", r.oneOf("basis", "looked_up", "background")},
			{"precision_m", int(r.number("precision_m"))},
		}
		if r.text("radius_m") != "" {
			props = append(props, property{"radius_m", int(r.number("radius_m"))})
		}
		out = append(out, feature{id, g, append(props, property{"sources", src.sourcesOf("operations-rooms", id)})})
	}
	if err := src.problems(); err != nil {
		return err
	}
	return a.add("operations-rooms", out)
}

// sentences joins texts, each with its full stop.
func sentences(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t == "" {
			continue
		}
		if !strings.HasSuffix(t, ".") {
			t += "."
		}
		out = append(out, t)
	}
	return strings.Join(out, " ")
}

// ring reads a polygon written as "lon lat;lon lat;…".
func ring(r row, text string) orb.Polygon {
	var out orb.Ring
	for _, pair := range strings.Split(text, ";") {
		f := strings.Fields(pair)
		if len(f) != 2 {
			r.fail("polygon: %q is not a pair of numbers", pair)
			return nil
		}
		lon, err1 := strconv.ParseFloat(f[0], 64)
		lat, err2 := strconv.ParseFloat(f[1], 64)
		if err1 != nil || err2 != nil {
			r.fail("polygon: %q is not a pair of numbers", pair)
			return nil
		}
		out = append(out, orb.Point{lon, lat})
	}
	if len(out) < 4 || out[0] != out[len(out)-1] {
		r.fail("polygon: is not closed")
		return nil
	}
	if out.Orientation() != orb.CCW {
		out.Reverse()
	}
	return orb.Polygon{out}
}

// eventLayer makes the dated events of the story.
func eventLayer(a *atlas, src *sources, _ *base) error {
	var out []feature
	for _, r := range src.events {
		id := r.text("id")
		start, end, _ := r.when()
		props := []property{
			{"name_en", r.need("title_en")},
			{"name_ar", r.need("title_ar")},
			{"kind", r.oneOf("kind", "diplomacy", "military", "political", "intelligence", "territory")},
			{"place_en", r.need("place_en")},
			{"place_ar", r.need("place_ar")},
			{"start", start},
			{"end", end},
			{"text_en", r.need("summary_en")},
			{"text_ar", r.need("summary_ar")},
			{"verified", r.text("basis") == "looked_up"},
			{"basis", r.oneOf("basis", "looked_up", "background")},
			{"precision_m", 5000},
		}
		if r.text("article_paragraph") != "" {
			props = append(props, property{"article_paragraph", int(r.number("article_paragraph"))})
		}
		out = append(out, feature{id, r.point(), append(props, property{"sources", src.sourcesOf("events", id)})})
	}
	if err := src.problems(); err != nil {
		return err
	}
	return a.add("events", out)
}
