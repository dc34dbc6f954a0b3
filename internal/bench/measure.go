package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"
)

// datetime is what dated requests ask for.
const datetime = "1975-06-01"

// mapserver starts the program that is measured on a set.
func (b *bench) mapserver(ctx context.Context, m *made, flags ...string) (*process, error) {
	address, err := b.freeAddress()
	if err != nil {
		return nil, err
	}
	argv := append([]string{b.binary, "serve", "--listen", address, "--data", m.dir}, flags...)
	return start(ctx, "mapserver", address, "/readyz", argv...)
}

// mapserverAtRest is mapserver, once it has made ready what it makes by itself.
func (b *bench) mapserverAtRest(ctx context.Context, m *made, flags ...string) (*process, error) {
	p, err := b.mapserver(ctx, m, flags...)
	if err != nil {
		return nil, err
	}
	if err := p.quiet(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// rivalLimit is what other servers get for a pass.
const rivalLimit = 20 * time.Second

// A contestant serves tiles of a set.
type contestant struct {
	name  string
	start func(context.Context, *made) (*process, error)
	path  func(*made, maptile.Tile) string
	limit time.Duration // of a pass over the list
	fresh bool          // it keeps what it made, so each pass has a new process
}

// orb is the contestant of orb's pipeline.
func (b *bench) orb() contestant {
	return contestant{
		name: "orb", path: xyzPath, limit: 5 * time.Second,
		start: func(ctx context.Context, m *made) (*process, error) {
			address, err := b.freeAddress()
			if err != nil {
				return nil, err
			}
			return start(ctx, "orb", address, "/", b.self, "as-orb", m.file(), address)
		},
	}
}

// A result is what a contestant did over the rounds.
type result struct {
	one, eight []pass // over one and eight connections
	contents   []content
}

// coldTiles asks for the list of tiles, of mapserver and of the others by turns.
func (b *bench) coldTiles(ctx context.Context, m *made, ready, cold *table) error {
	others := []contestant{b.orb()}
	if b.rivals {
		others, _ = b.rivalServers()
	} else if m.id == "million" {
		others = nil // orb takes 20 s and 1.4 GB to read it, to the same effect as the cities
	}
	tiles := m.tiles()
	paths, dated := make([]string, len(tiles)), make([]string, len(tiles))
	for i, t := range tiles {
		paths[i] = kharitaPath(m, t)
		dated[i] = paths[i] + "?datetime=" + datetime
	}
	var (
		ours, oursDated result
		started         starts
		results         = make([]result, len(others))
		running         = make([]*process, len(others))
	)
	defer func() {
		for _, p := range running {
			if p != nil {
				_ = p.stop()
			}
		}
	}()
	own := func(round int) error {
		p, err := b.mapserver(ctx, m)
		if err != nil {
			return err
		}
		defer p.stop() //nolint:errcheck // nothing follows
		if err := started.measure(ctx, p); err != nil {
			return err
		}
		// One half of the rounds asks for all times first, the other for the date.
		first, second, firstPaths, secondPaths := &ours, &oursDated, paths, dated
		if round%2 == 1 {
			first, second, firstPaths, secondPaths = second, first, dated, paths
		}
		one, err := p.ask(firstPaths, 1, 0)
		if err != nil {
			return err
		}
		now, _ := p.memory()
		started.after = append(started.after, now)
		first.one = append(first.one, one)
		eight, err := p.ask(secondPaths, 8, 0)
		if err != nil {
			return err
		}
		second.eight = append(second.eight, eight)
		if round == 0 {
			if ours.contents, err = p.contents(paths); err != nil {
				return err
			}
			oursDated.contents, err = p.contents(dated)
		}
		return err
	}
	other := func(i int) error {
		c, theirs := others[i], make([]string, len(tiles))
		for k, t := range tiles {
			theirs[k] = c.path(m, t)
		}
		asked := func(connections int, into *[]pass) (err error) {
			p := running[i]
			if p == nil {
				if p, err = c.start(ctx, m); err != nil {
					return err
				}
				running[i] = p
				if err := p.quiet(ctx); err != nil {
					return err
				}
			}
			one, err := p.ask(theirs, connections, c.limit)
			*into = append(*into, one)
			if err == nil && results[i].contents == nil {
				results[i].contents, err = p.contents(theirs[:len(one.took)])
			}
			if err == nil && c.fresh {
				running[i] = nil
				err = p.stop()
			}
			return err
		}
		if err := asked(1, &results[i].one); err != nil {
			return err
		}
		return asked(8, &results[i].eight)
	}
	rounds := b.rounds
	if m.large {
		rounds /= 2
	}
	for round := range max(rounds, 2) {
		turns := []func() error{func() error { return own(round) }}
		for i := range others {
			turns = append(turns, func() error { return other(i) })
		}
		for k := range turns {
			if err := turns[(k+round)%len(turns)](); err != nil {
				return err
			}
		}
	}
	ready.row(started.cells(m.id)...)
	cold.row(ours.cells(m.id, nil)...)
	cold.row(oursDated.cells(m.id+" at a date", &ours)...)
	for i, c := range others {
		cold.row(results[i].cells(m.id+", "+c.name, &ours)...)
	}
	return nil
}

// starts is what is known of several starts of mapserver.
type starts struct {
	ready, cpu, prepared []time.Duration
	peak, steady, after  []int64 // RSS: until it was quiet, then, and after the list of tiles
}

// measure waits until p, which has just become ready, is quiet, and notes what that took.
func (s *starts) measure(ctx context.Context, p *process) error {
	cpu := p.cpu()
	if err := p.quiet(ctx); err != nil {
		return err
	}
	now, peak := p.memory()
	s.ready = append(s.ready, p.ready)
	s.cpu = append(s.cpu, cpu)
	s.prepared = append(s.prepared, p.cpu()-cpu)
	s.steady, s.peak = append(s.steady, now), append(s.peak, peak)
	return nil
}

func (s *starts) cells(name string) []string {
	cells := []string{name, seconds(median(s.ready)), seconds(median(s.cpu)), seconds(median(s.prepared)), mb(median(s.peak)), mb(median(s.steady))}
	if s.after != nil {
		cells = append(cells, mb(median(s.after)))
	}
	return cells
}

// cells is the row of the result; ours is what to compare with, nil in our own row.
func (r *result) cells(name string, ours *result) []string {
	n := listLength // tiles that were asked for in all rounds
	for _, p := range r.one {
		n = min(n, len(p.cpu))
	}
	each := make([]float64, len(r.one))
	ratios := make([]float64, len(r.one))
	for i, p := range r.one {
		each[i] = float64(p.cpu[n-1]) / float64(n)
		if ours != nil {
			ratios[i] = float64(p.cpu[n-1]) / float64(ours.one[i%len(ours.one)].cpu[n-1])
		}
	}
	at := func(passes []pass, q float64) string {
		var list []time.Duration
		for _, p := range passes {
			list = append(list, quantile(p.took, q))
		}
		if list == nil {
			return ""
		}
		return ms(median(list))
	}
	ratio := ""
	if ours != nil {
		ratio = "× " + figure(median(ratios))
	}
	cells := []string{name, strconv.Itoa(n), ms(time.Duration(median(each))), ratio, at(r.one, .5), at(r.one, .99), at(r.eight, .5), at(r.eight, .99)}
	var sum, base content
	for i := range n {
		sum.add(r.contents[i])
		if ours != nil {
			base.add(ours.contents[i])
		}
	}
	if ours == nil {
		mean := func(v int) string { return figure(float64(v) / float64(n)) }
		return append(cells, mean(sum.features), mean(sum.vertices), mean(sum.values), kb(sum.raw/int64(n)), kb(sum.zipped/int64(n)))
	}
	share := func(a, b int64) string { return figure(float64(a) / float64(max(b, 1))) }
	return append(cells, share(int64(sum.features), int64(base.features)), share(int64(sum.vertices), int64(base.vertices)),
		share(int64(sum.values), int64(base.values)), share(sum.raw, base.raw), share(sum.zipped, base.zipped))
}

// snapshot starts mapserver with a cache folder: first an empty one, then as it left it.
func (b *bench) snapshot(ctx context.Context, mades []*made) error {
	t := &table{Title: "Start from the snapshot file (--cache)", Head: []string{"set", "ready", "CPU until ready", "CPU of preparing afterwards", "peak RSS", "steady RSS"}}
	help, err := exec.CommandContext(ctx, b.binary, "serve", "--help").Output() //nolint:gosec // what we measure
	if err != nil {
		return err
	}
	if !regexp.MustCompile(`--cache[ =]`).Match(help) {
		t.note("This mapserver has no --cache: every start reads the GeoJSON.")
		return b.report.add(t)
	}
	for _, m := range mades {
		cache := filepath.Join(b.dir, "snapshot")
		if err := os.RemoveAll(cache); err != nil {
			return err
		}
		var first, later starts
		for round := range b.rounds + 1 {
			p, err := b.mapserver(ctx, m, "--cache", cache)
			if err != nil {
				return err
			}
			into := &later
			if round == 0 {
				into = &first
			}
			if round > 1 { // nothing new after it is ready
				into.ready, into.cpu = append(into.ready, p.ready), append(into.cpu, p.cpu())
			} else {
				err = into.measure(ctx, p)
			}
			if err := errors.Join(err, p.stop()); err != nil {
				return err
			}
		}
		t.row(first.cells(m.id + ", written")...)
		t.row(later.cells(m.id + ", read")...)
	}
	return b.report.add(t)
}

// pick returns the set id, or the first one if it is not among those measured.
func pick(mades []*made, id string) *made {
	for _, m := range mades {
		if m.id == id {
			return m
		}
	}
	return mades[0]
}

// warm floods mapserver, gin and nginx with requests for the same cached tiles.
func (b *bench) warm(ctx context.Context, mades []*made) error {
	m := pick(mades, "cities")
	t := &table{Title: "Warm tiles of " + m.id + ", 32 connections", Head: []string{"contestant", "requests/s", "of bare gin", "CPU a request", "of bare gin"}}
	const room = 1 << 30
	ours, err := b.mapserver(ctx, m, "--cache-bytes", strconv.Itoa(room))
	if err != nil {
		return err
	}
	defer ours.stop() //nolint:errcheck // nothing follows
	var paths []string
	for _, tile := range m.tiles() {
		paths = append(paths, kharitaPath(m, tile))
	}
	contents, err := ours.contents(paths)
	if err != nil {
		return err
	}
	if err := ours.quiet(ctx); err != nil { // what is asked for again may be made smaller meanwhile
		return err
	}
	var usual []string // compressed, since nginx sends each file with the same headers, and not too large for many to stay cached
	for i, c := range contents {
		if c.zipped < c.raw && c.zipped < 250_000 {
			usual = append(usual, paths[i])
		}
	}
	paths = usual
	dir := filepath.Join(b.dir, "bodies-tiles")
	mean, err := ours.keepBodies(dir, paths, "gzip")
	if err != nil {
		return err
	}
	ginServer, err := b.gin(ctx, dir)
	if err != nil {
		return err
	}
	defer ginServer.stop() //nolint:errcheck // nothing follows
	contestants := []*process{ours, ginServer}
	t.note("%d tiles of at most 250 kB, %s each on average, gzip; the list is asked for once beforehand (two floods of a tenth of a second), then %d rounds of %s each, by turns. mapserver runs with --cache-bytes %d, so that all of them stay cached. The load generator shares the cores with the server; CPU is the server's alone.", len(paths), kb(int64(mean)), b.rounds, b.span, room)
	if nginx, err := exec.LookPath("nginx"); err != nil {
		t.note("nginx is not installed, so it is missing here: make bench-tools installs it.")
	} else {
		p, err := b.nginx(ctx, nginx, dir)
		if err != nil {
			return err
		}
		defer p.stop() //nolint:errcheck // nothing follows
		contestants = append(contestants, p)
	}
	floods, err := b.turns(contestants, load{paths: paths, connections: 32, span: b.span, encoding: "gzip"})
	if err != nil {
		return err
	}
	for i, p := range contestants {
		rate, cpu := against(floods[i], floods[1])
		t.row(p.name, figure(median(rates(floods[i]))), figure(rate), figure(float64(median(cpus(floods[i])))/1e3)+" µs", figure(cpu))
	}
	return b.report.add(t)
}

func (b *bench) gin(ctx context.Context, dir string) (*process, error) {
	address, err := b.freeAddress()
	if err != nil {
		return nil, err
	}
	return start(ctx, "bare gin", address, "/", b.self, "as-gin", dir, address)
}

func (b *bench) encoder(ctx context.Context, m *made) (*process, error) {
	address, err := b.freeAddress()
	if err != nil {
		return nil, err
	}
	return start(ctx, "raw encoder", address, "/", b.self, "as-encoder", m.dir, address)
}

func (b *bench) nginx(ctx context.Context, program, dir string) (*process, error) {
	address, err := b.freeAddress()
	if err != nil {
		return nil, err
	}
	config := nginxConfig(dir, b.dir, address)
	if os.Geteuid() == 0 {
		config = "user root;\n" + config // else its workers may not read the files
	}
	file := filepath.Join(b.dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return nil, err
	}
	return start(ctx, "nginx, static files", address, "/", program, "-c", file)
}

// turns floods each contestant in each round, after a short flood that is not counted.
func (b *bench) turns(contestants []*process, l load) ([][]flood, error) {
	floods := make([][]flood, len(contestants))
	short := l
	short.span /= 10
	for range 2 {
		for _, p := range contestants {
			if _, err := p.flood(short); err != nil {
				return nil, err
			}
		}
	}
	for round := range b.rounds {
		for k := range contestants {
			i := (k + round) % len(contestants)
			f, err := contestants[i].flood(l)
			if err != nil {
				return nil, err
			}
			floods[i] = append(floods[i], f)
		}
	}
	return floods, nil
}

func rates(floods []flood) (list []float64) {
	for _, f := range floods {
		list = append(list, f.rate())
	}
	return list
}

func cpus(floods []flood) (list []time.Duration) {
	for _, f := range floods {
		list = append(list, f.cpuEach())
	}
	return list
}

// against returns the medians of the rounds' ratios of requests/s and of CPU a request.
func against(floods, base []flood) (rate, cpu float64) {
	var r, c []float64
	for i := range floods {
		r = append(r, floods[i].rate()/base[i].rate())
		c = append(c, float64(floods[i].cpuEach())/float64(base[i].cpuEach()))
	}
	return median(r), median(c)
}

// items asks for features over one connection: pages one after the other, and boxes.
func (b *bench) items(ctx context.Context, mades []*made) error {
	m := pick(mades, "million")
	t := &table{Title: "Items of " + m.id + ", one connection", Head: []string{
		"limit, request", "features", "body", "requests/s", "of bare gin", "of raw encoder", "first byte", "× raw encoder", "CPU a request", "× bare gin", "CPU of datetime",
		"without --cache: requests/s", "CPU a request", "× bare gin", "CPU of datetime",
	}}
	t.note("Pages follow the next links from the start of the layer, boxes are %d seeded ones around features, wide enough for the limit; each also with datetime=%s. Without gzip, and from another host each time, so that no answer is a copy of one before.", itemRequests, datetime)
	t.note("mapserver runs with --cache, from its second start on, so that features lie written in the snapshot file. Bare gin sends the same bytes from memory; the raw encoder is a bare gin handler that has the features in hand, writes them one by one into one buffer and sends that. First byte: its mean. CPU of datetime: against the same request without it.")
	t.note("The last four columns are of mapserver without --cache, which writes features from columns in memory.")
	cache := filepath.Join(b.dir, "snapshot-items")
	if err := os.RemoveAll(cache); err != nil {
		return err
	}
	first, err := b.mapserver(ctx, m, "--cache", cache)
	if err != nil {
		return err
	}
	if err := first.stop(); err != nil { // then all is kept
		return err
	}
	ours, err := b.mapserverAtRest(ctx, m, "--cache", cache)
	if err != nil {
		return err
	}
	defer ours.stop() //nolint:errcheck // nothing follows
	uncached, err := b.mapserverAtRest(ctx, m)
	if err != nil {
		return err
	}
	defer uncached.stop() //nolint:errcheck // nothing follows
	encoder, err := b.encoder(ctx, m)
	if err != nil {
		return err
	}
	defer encoder.stop() //nolint:errcheck // nothing follows
	base := "/collections/" + m.id + "/items?limit="
	for _, limit := range []int{10, 100, 1_000, 10_000} {
		wide := map[int]float64{10: 1, 100: 2, 1_000: 8, 10_000: 40}[limit]
		var boxes, datedBoxes []string
		for _, box := range m.boxes(itemRequests, wide) {
			path := fmt.Sprintf("%s%d&bbox=%g,%g,%g,%g", base, limit, box.Min[0], box.Min[1], box.Max[0], box.Max[1])
			boxes, datedBoxes = append(boxes, path), append(datedBoxes, path+"&datetime="+datetime)
		}
		first := fmt.Sprint(base, limit)
		pages, err := ours.pages(first)
		if err != nil {
			return err
		}
		datedPages, err := ours.pages(first + "&datetime=" + datetime)
		if err != nil {
			return err
		}
		for _, kind := range []struct {
			name         string
			plain, dated []string
		}{{"page", pages, datedPages}, {"box", boxes, datedBoxes}} {
			var plain, plainUncached []flood
			for _, paths := range [][]string{kind.plain, kind.dated} {
				dir := filepath.Join(b.dir, "bodies-items")
				mean, err := ours.keepBodies(dir, paths, "identity")
				if err != nil {
					return err
				}
				features, err := meanFeatures(dir)
				if err != nil {
					return err
				}
				if _, err := encoder.ask(paths, 1, 0); err != nil { // it finds the features
					return err
				}
				p, err := b.gin(ctx, dir)
				if err != nil {
					return err
				}
				floods, err := b.turns([]*process{ours, p, encoder, uncached}, load{paths: paths, connections: 1, span: b.span / 3, encoding: "identity", fresh: true})
				if err := errors.Join(err, p.stop()); err != nil {
					return err
				}
				rate, cpu := against(floods[0], floods[1])
				ofEncoder, _ := against(floods[0], floods[2])
				_, uncachedCPU := against(floods[3], floods[1])
				var firsts, firstOfEncoder []float64
				for i, f := range floods[0] {
					firsts = append(firsts, f.firstEach().Seconds()*1e3)
					firstOfEncoder = append(firstOfEncoder, float64(f.firstEach())/float64(floods[2][i].firstEach()))
				}
				name, dated, uncachedDated := fmt.Sprintf("%d, %s", limit, kind.name), "", ""
				if plain == nil {
					plain, plainUncached = floods[0], floods[3]
				} else {
					name += " at a date"
					_, d := against(floods[0], plain)
					_, u := against(floods[3], plainUncached)
					dated, uncachedDated = "× "+figure(d), "× "+figure(u)
				}
				t.row(name, figure(features), kb(int64(mean)), figure(median(rates(floods[0]))), figure(rate), figure(ofEncoder),
					figure(median(firsts))+" ms", figure(median(firstOfEncoder)), ms(median(cpus(floods[0]))), figure(cpu), dated,
					figure(median(rates(floods[3]))), ms(median(cpus(floods[3]))), figure(uncachedCPU), uncachedDated)
			}
		}
	}
	return b.report.add(t)
}

// itemRequests is how many pages and boxes are asked for in turn.
const itemRequests = 50

// nextLink finds the next link in an answer.
var nextLink = regexp.MustCompile(`"href":"[^"]*?(/collections/[^"]*)","rel":"next"`)

// pages follows the next links from first and returns the paths of the pages.
func (p *process) pages(first string) ([]string, error) {
	c, err := dial(p.address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list := []string{first}
	for len(list) < itemRequests {
		body, err := c.fetch(list[len(list)-1], "identity")
		if err != nil {
			return nil, err
		}
		next := nextLink.FindSubmatch(body)
		if next == nil {
			break
		}
		list = append(list, strings.NewReplacer(`\u0026`, "&", "&amp;", "&").Replace(string(next[1])))
	}
	return list, nil
}

// meanFeatures counts the features in the bodies below dir.
func meanFeatures(dir string) (float64, error) {
	bodies, err := readBodies(dir)
	n := 0
	for _, body := range bodies {
		n += bytes.Count(body, []byte(`"type":"Feature"`)) + bytes.Count(body, []byte(`"type": "Feature"`))
	}
	return float64(n) / float64(max(len(bodies), 1)), err
}

// crowd has a thousand clients ask for one cold tile at the same time.
func (b *bench) crowd(ctx context.Context, mades []*made) error {
	const clients = 1000
	m := pick(mades, "heavy")
	t := &table{Title: fmt.Sprintf("%d clients ask for one cold tile of %s at once", clients, m.id), Head: []string{"", "CPU", "until all have it"}}
	path := kharitaPath(m, maptile.At(m.Sample[0], 2))
	var alone, cold, warm, wallCold, wallWarm []time.Duration
	for range b.rounds {
		err := func() error {
			p, err := b.mapserverAtRest(ctx, m)
			if err != nil {
				return err
			}
			defer p.stop() //nolint:errcheck // nothing follows
			one, err := p.ask([]string{path}, 1, 0)
			if err != nil {
				return err
			}
			alone = append(alone, one.cpu[0])
			q, err := b.mapserverAtRest(ctx, m)
			if err != nil {
				return err
			}
			defer q.stop() //nolint:errcheck // nothing follows
			for _, into := range [][2]*[]time.Duration{{&cold, &wallCold}, {&warm, &wallWarm}} {
				cpu, wall, err := q.burst(path, clients)
				if err != nil {
					return err
				}
				*into[0], *into[1] = append(*into[0], cpu), append(*into[1], wall)
			}
			return nil
		}()
		if err != nil {
			return err
		}
	}
	t.row("one client, cold", ms(median(alone)), "")
	t.row(fmt.Sprintf("%d clients, cold", clients), ms(median(cold)), ms(median(wallCold)))
	t.row(fmt.Sprintf("%d clients again, warm", clients), ms(median(warm)), ms(median(wallWarm)))
	t.note("The connections stand before the clock runs. All answers were equal. A tile that is made once costs about the first and the last line together.")
	return b.report.add(t)
}

// sameContent tells whether all bodies, in gzip if they say so, hold the same: a server may
// compress better what is asked for often, so that bytes alone don't tell.
func sameContent(bodies [][]byte) (bool, error) {
	content := map[string]bool{}
	seen := map[string]bool{}
	for _, body := range bodies {
		if seen[string(body)] {
			continue
		}
		seen[string(body)] = true
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if body, err = io.ReadAll(z); err != nil {
				return false, err
			}
		}
		content[string(body)] = true
	}
	return len(content) == 1, nil
}

// burst asks for path over so many connections at the same moment, and wants equal answers.
func (p *process) burst(path string, clients int) (cpu, wall time.Duration, err error) {
	cs := make([]*conn, clients)
	for i := range cs {
		if cs[i], err = dial(p.address); err != nil {
			return 0, 0, err
		}
		defer cs[i].Close()
		if _, _, err := cs[i].get("/healthz", nil); err != nil {
			return 0, 0, err
		}
	}
	bodies, errs := make([][]byte, clients), make([]error, clients)
	var wait sync.WaitGroup
	gate := make(chan struct{})
	for i, c := range cs {
		wait.Go(func() {
			<-gate
			bodies[i], errs[i] = c.fetch(path, "gzip")
		})
	}
	before, began := p.cpu(), time.Now()
	close(gate)
	wait.Wait()
	cpu, wall = p.cpu()-before, time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return 0, 0, err
	}
	if same, err := sameContent(bodies); err != nil {
		return 0, 0, err
	} else if !same {
		return 0, 0, fmt.Errorf("GET %s: the answers to %d clients differ", path, clients)
	}
	return cpu, wall, nil
}

// crawling asks for many distinct addresses, as a robot would, and watches the memory.
func (b *bench) crawling(ctx context.Context, mades []*made) error {
	m := pick(mades, "cities")
	t := &table{Title: fmt.Sprintf("A crawl of %d distinct addresses of %s, 8 connections", b.crawl, m.id), Head: []string{"", "figure"}}
	p, err := b.mapserverAtRest(ctx, m)
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // nothing follows
	r := rand.New(rand.NewPCG(17, 1))
	seen := make(map[string]bool, b.crawl)
	paths := make([]string, 0, b.crawl)
	for len(paths) < b.crawl {
		path := kharitaPath(m, m.tileAt(r, maptile.Zoom(6+r.IntN(9)), 1))
		if r.IntN(3) == 0 {
			path += fmt.Sprintf("?datetime=%d", 1900+r.IntN(120))
		}
		if !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	before, _ := p.memory()
	p.resetPeak()
	cpu, began := p.cpu(), time.Now()
	pass, err := p.ask(paths, 8, 0)
	if err != nil {
		return err
	}
	took, spent := time.Since(began), p.cpu()-cpu
	after, peak := p.memory()
	t.row("requests/s", figure(float64(len(paths))/took.Seconds()))
	t.row("CPU a request", figure(float64(spent)/float64(len(paths))/1e3)+" µs")
	t.row("p50, p99", ms(quantile(pass.took, .5))+", "+ms(quantile(pass.took, .99)))
	t.row("bytes answered", mb(pass.bytes))
	t.row("RSS before", mb(before))
	t.row("RSS at most", mb(peak))
	t.row("RSS after", mb(after))
	t.note("Tiles of z6-z14 near the features, a third of them at a date. The bound of all caches together is the default, 64 MiB.")
	return b.report.add(t)
}
