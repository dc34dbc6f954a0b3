package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"kharita/data/basemap"
	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/layers"
	"kharita/internal/territory"
)

type deriveCommand struct {
	Places  string  `arg:"" help:"CSV with the columns id, lon, lat, holder, start, end; a row for each spell. Other columns are kept." type:"path"`
	Out     string  `short:"o" help:"GeoJSON file to write; the sidecar is written beside it." default:"areas.geojson" type:"path"`
	Radius  float64 `help:"How far a place speaks for the ground around it, in km." xor:"radius"`
	Fit     string  `help:"CSV of published areas (date, value in km², holder): take the radius that fits them best." xor:"radius" type:"path"`
	Land    string  `help:"Where ground may be: countries (the built-in outlines of those in which places lie), codes like IRQ,SYR, none (no limit), or a GeoJSON file of polygons." default:"countries"`
	Ends    string  `help:"How a coarse date is read: uncertain (some day in it) or whole (all of it)." enum:"uncertain,whole" default:"uncertain"`
	Until   string  `help:"Whether the day of an end is included or excluded." enum:"included,excluded" default:"included"`
	Title   string  `help:"Title of the layer; default: the name of the file."`
	Borders bool    `help:"Also write the outlines of all dates as lines, to NAME-borders.geojson."`
	Force   bool    `help:"Write sidecars anew even where there are some."`
}

// Run derives areas from a table of places.
func (cmd *deriveCommand) Run(ctx context.Context, c console) error {
	if cmd.Radius == 0 && cmd.Fit == "" {
		return errors.New("derive: how far does a place speak for the ground around it? Give --radius KM, or --fit FILE with published areas")
	}
	if cmd.Radius < 0 || math.IsNaN(cmd.Radius) || cmd.Radius > 500 {
		return fmt.Errorf("derive: --radius %v: from more than 0 to 500 km", cmd.Radius)
	}
	if filepath.Ext(cmd.Out) != ".geojson" {
		return fmt.Errorf("derive: --out %s: the name must end in .geojson", cmd.Out)
	}
	d := &derivation{
		deriveCommand: cmd, console: c,
		ends: period.Ends{Uncertain: cmd.Ends == "uncertain", Excluded: cmd.Until == "excluded"},
	}
	for _, step := range []func(context.Context) error{d.read, d.landFor, d.fit, d.cells, d.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A derivation is one run of derive.
type derivation struct {
	*deriveCommand
	console
	ends    period.Ends
	table   *territory.Table
	holders []string
	land    orb.MultiPolygon
	radius  float64 // metres
	ground  []territory.Cell
}

func (d *derivation) say(format string, args ...any) { fmt.Fprintf(d.stdout, format+"\n", args...) }

// faults prints faults, and is an error if there are any.
func (d *derivation) faults(list []territory.Fault) error {
	for _, f := range list {
		fmt.Fprintln(d.stderr, f)
	}
	if len(list) > 0 {
		return errProblems
	}
	return nil
}

// placed prints the faults of places in err, as faults of their rows.
func (d *derivation) placed(err error) error {
	var list []territory.Fault
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, e := range all {
		p := (*territory.PlaceError)(nil)
		if !errors.As(e, &p) {
			return err
		}
		list = append(list, d.table.Fault(p))
	}
	return d.faults(list)
}

func (d *derivation) read(context.Context) error {
	f, err := os.Open(d.Places)
	if err != nil {
		return fmt.Errorf("derive: %w", err)
	}
	defer f.Close()
	var list []territory.Fault
	d.table, list = territory.ReadTable(shown(d.Places), f, d.ends)
	if err := d.faults(list); err != nil {
		return err
	}
	d.holders = territory.Holders(d.table.Places)
	if len(d.holders) == 0 {
		return fmt.Errorf("derive: %s: nobody holds any place", shown(d.Places))
	}
	spells := 0
	for _, p := range d.table.Places {
		spells += len(p.Held)
	}
	d.say("places: %d, held in %d spells by %s", len(d.table.Places), spells, strings.Join(d.holders, ", "))
	if kept := d.table.Columns; len(kept) > 0 {
		d.say("kept columns: %s", strings.Join(kept, ", "))
	}
	return nil
}

// shown is a path as a person wrote it, or nearly.
func shown(path string) string {
	if wd, err := os.Getwd(); err == nil {
		if r, err := filepath.Rel(wd, path); err == nil && !strings.HasPrefix(r, "..") {
			return r
		}
	}
	return path
}

// landFor sets the land that cells are cut to.
func (d *derivation) landFor(context.Context) error {
	if d.Land == "none" {
		return nil
	}
	var parts []orb.MultiPolygon
	var err error
	if d.Land == "countries" || isoCodes.MatchString(d.Land) {
		parts, err = d.countries()
	} else {
		d.say("land: %s", d.Land)
		parts, err = readLand(d.Land)
	}
	if err != nil {
		return err
	}
	if d.land, err = territory.Unite(parts); err != nil {
		return fmt.Errorf("derive: land: %w", err)
	}
	return nil
}

// isoCodes are codes of ISO 3166-1 alpha-3.
var isoCodes = regexp.MustCompile(`^[A-Z]{3}(,[A-Z]{3})*$`)

// countries returns outlines of the base map: of the countries that --land names, or
// of those in which places lie. A place at a border lies in either country; it adds
// none if one of the two is there for another place.
func (d *derivation) countries() ([]orb.MultiPolygon, error) {
	snapshot, _ := layers.Load(basemap.Files)
	i := slices.IndexFunc(snapshot.Layers, func(l *layers.Layer) bool { return l.ID == "base-countries" })
	if i < 0 {
		return nil, errors.New("derive: the base map has no countries")
	}
	var outlines []orb.MultiPolygon
	var names, codes []string
	for f, err := range snapshot.Layers[i].Features(context.Background(), layers.Query{}) {
		if err != nil {
			return nil, err
		}
		outlines = append(outlines, polygons(f.Geometry))
		names = append(names, f.Properties.Get("name_en").Text())
		codes = append(codes, f.Properties.Get("iso3").Text())
	}
	taken := map[int]bool{}
	if d.Land != "countries" {
		for code := range strings.SplitSeq(d.Land, ",") {
			k := slices.Index(codes, code)
			if k < 0 {
				return nil, fmt.Errorf("derive: --land: the base map has no country %s", code)
			}
			taken[k] = true
		}
	} else {
		var border [][]int
		for _, p := range d.table.Places {
			var near []int
			for k, m := range outlines {
				if territory.Near(m, p.At) {
					near = append(near, k)
				}
			}
			if len(near) == 1 {
				taken[near[0]] = true
			} else if len(near) > 1 {
				border = append(border, near)
			}
		}
		for _, near := range border {
			if !slices.ContainsFunc(near, func(k int) bool { return taken[k] }) {
				taken[near[0]] = true
			}
		}
	}
	var parts []orb.MultiPolygon
	var list []string
	for k := range outlines {
		if taken[k] {
			parts = append(parts, outlines[k])
			list = append(list, names[k])
		}
	}
	slices.Sort(list)
	d.say("land: %s", strings.Join(list, ", "))
	return parts, nil
}

// readLand reads the polygons of a GeoJSON file; anything else in it is an error.
func readLand(path string) ([]orb.MultiPolygon, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("derive: --land: %w", err)
	}
	defer f.Close()
	var out []orb.MultiPolygon
	for r := geojson.NewReader(f, geo.NewNames()); ; {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if e := (*geojson.Error)(nil); errors.As(err, &e) {
			return nil, fmt.Errorf("%s:%d:%d: %s", path, e.Line, e.Col, e.Message())
		} else if err != nil {
			return nil, fmt.Errorf("derive: %w", err)
		}
		for _, e := range row.Faults {
			return nil, fmt.Errorf("%s:%d:%d: %s", path, e.Line, e.Col, e.Message())
		}
		m := polygons(row.Geometry)
		if m == nil {
			return nil, fmt.Errorf("%s:%d:%d: feature %d is no polygon", path, row.Line, row.Col, row.Feature)
		}
		out = append(out, m)
	}
}

func polygons(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// fit sets the radius, from the command line or from published areas.
func (d *derivation) fit(ctx context.Context) error {
	d.radius = d.Radius * 1e3
	if d.Fit == "" {
		return nil
	}
	f, err := os.Open(d.Fit)
	if err != nil {
		return fmt.Errorf("derive: --fit: %w", err)
	}
	defer f.Close()
	figures, list := territory.ReadFigures(shown(d.Fit), f, d.holders)
	if err := d.faults(list); err != nil {
		return err
	}
	const least, most, step = 1000.0, 40000.0, 500.0
	var radii []float64
	for r := least; r <= most; r += step {
		radii = append(radii, r)
	}
	tick, done := d.progress("fit", len(radii)*len(d.table.Places))
	fitted, err := territory.Fit(ctx, d.table.Places, d.land, figures, radii, tick)
	done()
	if err != nil {
		return d.placed(err)
	}
	d.radius = fitted.Radius
	d.say("fit on %d published areas: radius %s km, mean error %s", len(figures), km(fitted.Radius), percent(fitted.Mean))
	for i, e := range fitted.Errors {
		left := ""
		if fitted.Without != nil {
			left = fmt.Sprintf("; without it: radius %s km, off by %+.1f %%", km(fitted.Without[i].Radius), 100*fitted.Without[i].Error)
		}
		d.say("  %s, %s: published %.0f km², off by %+.1f %%%s", day(figures[i].At), figures[i].Holder, figures[i].Area/1e6, 100*e, left)
	}
	if fitted.Without != nil {
		d.say("  leaving one out: mean error %s", percent(fitted.Missed))
	}
	if fitted.Radius == least || fitted.Radius == most {
		d.say("  the radius is at the end of what was tried (%s to %s km): the figures may count something else", km(least), km(most))
	}
	return nil
}

// day is the day of an instant, in UTC.
func day(i period.Instant) string {
	start, _ := period.New(i, i+24*60*60*1000).Text()
	return start
}

func km(metres float64) string { return strconv.FormatFloat(metres/1e3, 'f', -1, 64) }

func percent(f float64) string { return fmt.Sprintf("%.1f %%", 100*f) }

// share is a part of a whole, which may be nothing.
func share(part, whole float64) string {
	if whole == 0 {
		return "–"
	}
	return percent(part / whole)
}

// cells makes the cells, and says what they amount to.
func (d *derivation) cells(ctx context.Context) error {
	tick, done := d.progress("cells", len(d.table.Places))
	var err error
	d.ground, err = territory.Cells(ctx, d.table.Places, d.land, d.radius, tick)
	done()
	if err != nil {
		return d.placed(err)
	}
	d.say("radius: %s km", km(d.radius))
	for _, holder := range d.holders {
		changes := territory.Changes(d.table.Places, holder)
		if len(changes) == 0 {
			d.say("%s: at all times", holder)
			continue
		}
		var largest float64
		var when period.Instant
		for _, at := range changes {
			if a := territory.Area(d.table.Places, d.ground, holder, at, period.Possible); a > largest {
				largest, when = a, at
			}
		}
		d.say("%s: at most %.0f km², from %s", holder, largest/1e6, day(when))
		if first, last := changes[0], changes[len(changes)-1]; first < last && len(d.table.Places) > 1 {
			s := territory.LeaveOneOut(d.table.Places, holder, period.New(first, last))
			d.say("  leaving one place out: its nearest neighbour is right on %s of days (held %s, not held %s)",
				share(s.HeldRight+s.FreeRight, s.Held+s.Free), share(s.HeldRight, s.Held), share(s.FreeRight, s.Free))
		}
	}
	if len(d.table.Places) > 1 {
		s := territory.LeaveOneOut(d.table.Places, "", period.New(0, 1))
		slices.Sort(s.Nearest)
		n := len(s.Nearest) - 1
		d.say("nearest listed place: half within %.1f km, nine of ten within %.1f km, farthest %.1f km",
			s.Nearest[n/2]/1e3, s.Nearest[n*9/10]/1e3, s.Nearest[n]/1e3)
	}
	return nil
}

// progress shows how far a long step is: a bar on a terminal, else a line now and
// then, none for a step of a few seconds. Both functions may be called by several
// goroutines.
func (d *derivation) progress(what string, total int) (tick, done func()) {
	if f, ok := d.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount())
		return func() { _ = bar.Add(1) }, func() { _ = bar.Finish() } // a bar that can't be drawn is no failure
	}
	const every = int64(5 * time.Second)
	var n, last atomic.Int64
	last.Store(time.Now().UnixNano())
	return func() {
		i, now := n.Add(1), time.Now().UnixNano()
		if before := last.Load(); now-before > every && last.CompareAndSwap(before, now) {
			fmt.Fprintf(d.stderr, "%s: %d of %d\n", what, i, total)
		}
	}, func() {}
}
