package server

import (
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	geo := []form{{"json", "application/geo+json"}, {"html", "text/html"}, {"csv", "text/csv"}}
	api := []form{{"json", "application/vnd.oai.openapi+json;version=3.0"}, {"json31", "application/vnd.oai.openapi+json;version=3.1"}}
	for _, c := range []struct {
		accept string
		forms  []form
		want   string // empty: none
	}{
		{"", geo, "json"},
		{"  ", geo, "json"},
		{"*/*", geo, "json"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", geo, "html"},
		{"text/html, */*", geo, "html"},
		{"text/html, image/gif, *; q=.2, */*; q=.2", geo, "html"},
		{"image/gif, *; q=.2", geo, "json"},
		{"application/geo+json, text/html;q=0.999", geo, "json"},
		{"application/geo+json;q=0.998, text/html;q=0.999", geo, "html"},
		{"application/json", geo, "json"},
		{"APPLICATION/JSON", geo, "json"},
		{"application/json;charset=utf-8", geo, "json"},
		{"text/*", geo, "html"},
		{"text/*;q=0.5, text/csv", geo, "csv"},
		{"text/*, text/html;q=0", geo, "csv"},
		{"*/*, application/geo+json;q=0", geo, "html"},
		{"*/*;q=0.1, application/geo+json;q=0", geo, "html"},
		{"*/*;q=0", geo, ""},
		{"image/png", geo, ""},
		{"nonsense", geo, ""},
		{"son", geo, ""},
		{"json", geo, ""},
		{"application/xjson", geo, ""},
		{",, ,text/csv,", geo, "csv"},
		{`text/html;title="a,b;q=0", text/csv;q=0.5`, geo, "csv"}, // a parameter that ours has not
		{`text/html;level="\",", text/csv`, geo, "csv"},
		{"text/html;q=2", geo, "html"},
		{"text/html;q=0.0005, text/csv;q=0.001", geo, "csv"},
		{"application/vnd.oai.openapi+json", api, "json"},
		{"application/vnd.oai.openapi+json;version=3.1", api, "json31"},
		{`application/vnd.oai.openapi+json; version="3.1"; q=0.2, application/json;q=0.1`, api, "json31"},
		{"application/vnd.oai.openapi+json;version=3.0;q=0.5, application/vnd.oai.openapi+json", api, "json31"},
		{"application/vnd.oai.openapi+json;version=4", api, ""},
	} {
		got, err := choose(c.forms, "", []string{c.accept})
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%q: got %q, %v, want %q", c.accept, got, err, c.want)
		}
	}
	if got, _ := choose(geo, "csv", []string{"text/html"}); got != "csv" {
		t.Errorf("f does not win: %q", got)
	}
	if got, _ := choose(geo, "", []string{"image/png", "text/csv"}); got != "csv" {
		t.Errorf("the second line of Accept is not read: %q", got)
	}
	accept := []string{"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
	if n := testing.AllocsPerRun(100, func() { negotiate(accept, geo) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzNegotiate: whatever Accept says, the form is one of those offered, and a range that
// holds none of them changes nothing.
func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"text/html;q=0.5, */*", `a/b;c="d,e";q=1`, "*;q=.2", "text/*;q=0,application/json;;q"} {
		f.Add(s)
	}
	forms := []form{asJSON, asHTML, {"json31", "application/vnd.oai.openapi+json;version=3.1"}}
	f.Fuzz(func(t *testing.T, accept string) {
		i := negotiate([]string{accept}, forms)
		if i < -1 || i >= len(forms) {
			t.Fatal(i)
		}
		if j := negotiate([]string{"", accept, "image/png;q=0.5"}, forms); i != j && strings.TrimSpace(accept) != "" {
			t.Errorf("%q: %d, with image/png %d", accept, i, j)
		}
	})
}

// FuzzAccepted: something is always chosen, and the identity never beside others.
func FuzzAccepted(f *testing.F) {
	f.Add("gzip;q=0.5, br, *;q=0", "zstd")
	f.Add(",;q=,=", "identity;q=0")
	f.Fuzz(func(t *testing.T, first, second string) {
		set := accepted([]string{first, second})
		if set == 0 || set.has(identity) && set != setOf(identity) || set >= setOf(codings) {
			t.Errorf("%q, %q: %b", first, second, set)
		}
		if !set.has(set.quickest()) {
			t.Errorf("%q, %q: of %b, %d is not preferred", first, second, set, set.quickest())
		}
	})
}
