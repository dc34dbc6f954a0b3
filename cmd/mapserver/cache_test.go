package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A server answers the same whether it keeps nothing, keeps what it makes, or takes what
// was kept.
func TestServeCache(t *testing.T) {
	paths := []string{
		"/atlas.json", "/tiles/WebMercatorQuad/5/12/19", "/tiles/WebMercatorQuad/5/12/19?datetime=2015-06-01", "/tiles/WebMercatorQuad/4/6/9?collections=base-countries,base-towns",
		"/collections/events/items?bbox=40,30,45,37&datetime=2015&limit=10", "/collections/isis-held/items/mosul", "/downloads/isis-held.geojson?datetime=2015",
		"/collections/isis-held/timeline", "/search?q=mosul",
	}
	stamp := regexp.MustCompile(`"timeStamp":"[^"]+",`) // when the server started
	answers := func(args ...string) (list []string) {
		url, log, stop := start(t, args...)
		for _, path := range paths {
			status, body := fetch(t, url+path)
			if status != 200 {
				t.Errorf("%s: %d", path, status)
			}
			list = append(list, stamp.ReplaceAllString(strings.ReplaceAll(body, url, ""), ""))
		}
		if stop(); strings.Contains(log.String(), "WARN") {
			t.Errorf("%q: %s", args, log)
		}
		return list
	}
	want := answers()
	dir := filepath.Join(t.TempDir(), "cache")
	for _, turn := range []string{"first", "second"} {
		for i, got := range answers("--cache", dir) {
			if got != want[i] {
				t.Errorf("%s start, %s: differs", turn, paths[i])
			}
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) == 0 {
		t.Errorf("kept %v, %v", files, err)
	}
}

func TestServeCacheNotWritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	url, log, stop := start(t, "--cache", file)
	if status, _ := fetch(t, url+"/readyz"); status != 200 {
		t.Errorf("/readyz: %d", status)
	}
	if stop(); strings.Count(log.String(), "no cache") != 1 {
		t.Errorf("the log should tell once: %s", log)
	}
}
