// Package server answers HTTP: the page, OGC API Features and Tiles, downloads.
//
// One table of routes says which URLs there are and which parameters they take;
// routing, the check for unknown parameters and the API description all read it.
// A request reads the current state once, and everything it answers is a
// function of that state and the URL.
package server

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"

	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// A Config is what a Server needs.
type Config struct {
	Snapshot   *layers.Snapshot
	Problems   []layers.Problem // of the snapshot's files, shown by the page
	Assets     fs.FS            // the built page: index.html and what it loads
	Glyphs     fs.FS            // letters of map styles, as kharita/data/glyphs has them
	URL        string           // public address without a slash at the end; empty: as the request says
	CacheBytes int64            // bound of all cached answers together; 0: 64 MiB
	Version    string           // of the program; part of every revision
	Log        *slog.Logger
	Warmed     func() // called each time that Warm has made all ready; nil: nobody wants to know
}

// A Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	engine   *gin.Engine
	state    atomic.Pointer[state]
	cache    *otter.Cache[tileKey, *answer]
	epochs   *otter.Cache[epochsKey, []period.Instant]
	changes  *otter.Cache[changesKey, *comparison]
	kept     *otter.Cache[keptKey, kept]
	sprites  *otter.Cache[spriteKey, *sprite]
	hot      *otter.Cache[string, *hit] // by URL
	pages    *otter.Cache[string, *sentPage]
	spools   *otter.Cache[string, *spool] // downloads, by ETag
	disk     disk                         // on which they lie
	asked    sentTable
	empties  empties
	empty    *answer       // of every tile that has nothing
	encoded  atomic.Uint64 // tiles
	underWay atomic.Int64  // requests
	clock    clock
	wishes   chan wish
	large    chan struct{} // full while large tiles are made
	assets   map[string]*answer
	glyphs   map[string]func() (*answer, error) // by folder and range
	page     *template.Template                 // nil: the page is not built
	url      string
	log      *slog.Logger
	config   Config
}

// Encoded returns how many tiles were encoded so far: what the cache did not have.
func (s *Server) Encoded() uint64 { return s.encoded.Load() }

// A state is one version of everything that is served.
type state struct {
	*layers.Snapshot
	revision string
	sets     map[string]*tile.Set               // by layer, of the page's grid
	degrees  map[string]lazySet                 // by layer, of WorldCRS84Quad
	drawn    map[string]uint64                  // by layer, or its borders, the revision that its set shows
	shapes   map[string]func() ([]shape, error) // by layer, of its fields
	before   map[string]uint64                  // drawn of the state before
	atlas    *answer                            // atlas.json
	problems []layers.Problem
	since    time.Time     // all its answers are of this time
	replaced chan struct{} // closed when it is
}

// A lazySet is made when it is first asked for.
type lazySet func() (*tile.Set, error)

// set returns the tiles of a layer, or of its borders by themselves.
func (st *state) set(layer string, grid tile.Grid) (*tile.Set, error) {
	if of, ok := strings.CutSuffix(layer, borderSuffix); ok {
		set, err := st.set(of, grid)
		if err != nil {
			return nil, err
		}
		return set.Borders(), nil
	}
	if grid == tile.WorldCRS84Quad {
		return st.degrees[layer]()
	}
	return st.sets[layer], nil
}

const defaultCache = 64 << 20

// New builds the tile sets of the snapshot and returns a Server of it.
func New(cfg Config) (*Server, error) {
	s := &Server{
		config: cfg, url: strings.TrimSuffix(cfg.URL, "/"), log: cfg.Log,
		empties: newEmpties(), empty: newAnswer(tileMediaType, nil), wishes: make(chan wish, maxWishes),
		large: make(chan struct{}, 1),
	}
	if s.config.CacheBytes == 0 {
		s.config.CacheBytes = defaultCache
	}
	if s.config.CacheBytes < 0 {
		return nil, fmt.Errorf("cache of %d bytes: there is no such size", s.config.CacheBytes)
	}
	// All caches together keep to the one bound; whole answers get most of it.
	share := func(sixteenths int64) int64 { return max(1, s.config.CacheBytes*sixteenths/16) }
	s.cache = newCache(share(7), func(_ tileKey, a *answer) int { return a.weight() })
	s.pages = newCache(share(2), func(_ string, p *sentPage) int { return p.weight() })
	s.changes = newCache(share(3), func(_ changesKey, c *comparison) int { return int(c.weight) })
	s.epochs = newCache(share(1), func(key epochsKey, at []period.Instant) int { return len(key.layers) + 8*len(at) + 128 })
	s.hot = newCache(share(1), func(url string, h *hit) int { return len(url) + h.weight() })
	s.kept = newCache(share(1), func(key keptKey, rows kept) int { return len(key.filter) + 8*len(rows) + 64 })
	s.sprites = newCache(share(1), func(_ spriteKey, p *sprite) int { return p.index.weight() + p.sheet.weight() })
	s.spools = newSpools(max(1, s.config.CacheBytes>>10*spoolBytes))
	s.disk.most = 2 * s.config.CacheBytes * spoolBytes
	if err := s.loadAssets(cfg.Assets); err != nil {
		return nil, err
	}
	var err error
	if s.glyphs, err = loadGlyphs(cfg.Glyphs); err != nil {
		return nil, err
	}
	if err := s.Update(cfg.Snapshot, cfg.Problems); err != nil {
		return nil, err
	}
	s.config.Snapshot, s.config.Problems = nil, nil // so that what an update replaces can be freed
	s.route()
	return s, nil
}

// Update serves snapshot from now on. Requests under way finish with the last
// one. Only the tiles of layers that have changed are made anew.
func (s *Server) Update(snapshot *layers.Snapshot, problems []layers.Problem) error {
	st := &state{
		Snapshot: snapshot,
		revision: hash([]byte(snapshot.Revision), []byte(s.config.Version)),
		sets:     map[string]*tile.Set{},
		degrees:  map[string]lazySet{},
		drawn:    map[string]uint64{},
		shapes:   map[string]func() ([]shape, error){},
		since:    time.Now(),
		replaced: make(chan struct{}),
		problems: problems,
	}
	last := s.state.Load()
	if last == nil {
		last = &state{}
	}
	st.before = last.drawn
	for _, group := range sharing(slices.Concat(snapshot.Layers, snapshot.Base)) {
		same := true
		for _, l := range group {
			st.drawn[l.ID] = revisionOf(l, group)
			if outlined(l) {
				st.drawn[l.ID+borderSuffix] = st.drawn[l.ID] // which are made anew with it
			}
			st.sets[l.ID], st.degrees[l.ID] = last.sets[l.ID], last.degrees[l.ID]
			if st.shapes[l.ID] = last.shapes[l.ID]; last.drawn[l.ID] != st.drawn[l.ID] {
				st.shapes[l.ID] = sync.OnceValues(func() ([]shape, error) { return shapesOf(l) })
			}
			same = same && last.sets[l.ID] != nil && last.drawn[l.ID] == st.drawn[l.ID]
		}
		if same {
			continue
		}
		sets, err := newSets(group, tile.WebMercatorQuad)
		if err != nil {
			return err
		}
		degrees := sync.OnceValues(func() ([]*tile.Set, error) { return newSets(group, tile.WorldCRS84Quad) })
		for i, l := range group {
			st.sets[l.ID] = sets[i]
			st.degrees[l.ID] = func() (*tile.Set, error) {
				sets, err := degrees()
				if err != nil {
					return nil, err
				}
				return sets[i], nil
			}
		}
	}
	if maps.Equal(st.drawn, last.drawn) { // only words or problems are new
		st.before = last.before
	}
	st.atlas = newAnswer("application/json", encode(st.describe(problems)))
	if last := s.state.Swap(st); last != nil {
		close(last.replaced)
		s.spools.InvalidateAll() // nobody asks for them by their names any more
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// loadAssets reads the built page into memory.
func (s *Server) loadAssets(fsys fs.FS) error {
	s.assets = map[string]*answer{}
	if fsys == nil {
		return nil
	}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if name == "index.html" {
			s.page, err = template.New(name).Parse(string(data))
			return err
		}
		a := newAnswer(mediaType(name, data), data)
		a.lasting = true
		s.assets["/"+name] = a
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// mediaType of an asset by its extension. The few that the page has are listed:
// the system's own table differs from machine to machine.
func mediaType(name string, data []byte) string {
	for ext, t := range map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
		".json": "application/json", ".woff2": "font/woff2", ".png": "image/png", ".webmanifest": "application/manifest+json",
		".txt": "text/plain; charset=utf-8", ".ico": "image/x-icon", ".map": "application/json",
	} {
		if strings.HasSuffix(name, ext) {
			return t
		}
	}
	return http.DetectContentType(data)
}

// securityPolicy lets the page load from its own origin only. Canvas images are
// blobs, and Leaflet sets positions by script, which needs no permission here.
const securityPolicy = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; style-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors *; object-src 'none'"

// html fills in the page for one language; dataset describes the atlas to search engines.
func (s *Server) html(st *state, lang string, dataset map[string]any) (*answer, error) {
	if s.page == nil {
		return nil, tell(errAccept, "the page is not built: run make build, or ask for JSON with ?f=json")
	}
	title, _ := st.Atlas.Title.In(lang, st.fallback())
	description, _ := st.Atlas.Description.In(lang, st.fallback())
	var b bytes.Buffer
	err := s.page.Execute(&b, map[string]any{
		"Lang": lang, "Dir": direction(lang), "Title": title, "Description": description, "Revision": st.revision, "Dataset": dataset,
	})
	if err != nil {
		return nil, err
	}
	a := newAnswer("text/html; charset=utf-8", b.Bytes())
	a.language = lang
	return a, nil
}

func direction(lang string) string {
	primary, _, _ := strings.Cut(lang, "-")
	switch primary {
	case "ar", "fa", "he", "ur", "ckb", "ps", "syr", "sd", "ug", "yi", "dv":
		return "rtl"
	}
	return "ltr"
}

// newCache holds values of at most so many bytes together, as weigh counts them.
func newCache[K comparable, V any](bytes int64, weigh func(K, V) int) *otter.Cache[K, V] {
	return otter.Must(&otter.Options[K, V]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(k K, v V) uint32 { return uint32(min(weigh(k, v), math.MaxUint32)) },
	})
}
