package layers

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

const atlasFile = "atlas.yaml"

// Load reads a folder: each GeoJSON file is a layer, each YAML file of the same
// name its sidecar, atlas.yaml the whole. It returns every problem, ordered by
// file and place, and a Snapshot of what can be served in spite of them, which
// is never nil.
func Load(fsys fs.FS) (*Snapshot, []Problem) {
	var (
		snapshot = &Snapshot{Atlas: Atlas{Basemap: Basemap{Builtin: true}, Span: period.Never}}
		problems []Problem
		sum      = sha256.New()
		settings *settings
	)
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return snapshot, []Problem{{File: ".", Rule: Unreadable, Message: reason(err), Fatal: true}}
	}
	files := map[string]string{} // layer -> file
	sidecars := map[string]string{}
	var ids []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		if name == atlasFile {
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				problems = append(problems, Problem{File: name, Rule: Unreadable, Message: reason(err), Fatal: true})
				continue
			}
			sum.Write(data)
			snapshot.Atlas, settings = readAtlas(name, data, &problems)
			continue
		}
		if id, ok := strings.CutSuffix(name, ".yaml"); ok {
			sidecars[id] = name
			continue
		}
		id, ok := layerID(name)
		if !ok {
			continue
		}
		switch other, taken := files[id]; {
		case taken:
			problems = append(problems, Problem{
				File: name, Rule: NameTaken, Fatal: true,
				Message: fmt.Sprintf("%s: %s makes the layer %q already; rename one", NameTaken, other, id),
			})
		case !goodID.MatchString(id):
			problems = append(problems, Problem{
				File: name, Rule: BadName, Fatal: true,
				Message: fmt.Sprintf("%s: use letters, digits, - and _ only", BadName),
			})
		default:
			files[id] = name
			ids = append(ids, id)
		}
	}
	for id, name := range sidecars {
		if _, ok := files[id]; !ok {
			problems = append(problems, Problem{
				File: name, Rule: NoGeoJSON,
				Message: fmt.Sprintf("%s: there is no %s.geojson; rename or remove it", NoGeoJSON, id),
			})
		}
	}
	if len(ids) == 0 {
		problems = append(problems, Problem{
			File: ".", Rule: NoLayers,
			Message: string(NoLayers) + ": put a GeoJSON file (.geojson, .geojsonl, each also .gz) into the folder",
		})
	}

	type result struct {
		layer    *Layer
		sum      []byte
		problems []Problem
	}
	results := make([]result, len(ids))
	var wait sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, id := range ids {
		wait.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			r := &results[i]
			r.layer, r.sum = loadLayer(fsys, id, files[id], sidecars[id], i, &r.problems)
		})
	}
	wait.Wait()
	for i, r := range results {
		problems = append(problems, r.problems...)
		if r.layer != nil {
			snapshot.Layers = append(snapshot.Layers, r.layer)
			sum.Write([]byte(ids[i]))
			sum.Write(r.sum)
		}
	}
	snapshot.arrange(settings)
	snapshot.Revision = hex.EncodeToString(sum.Sum(nil)[:6])
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return snapshot, problems
}

//nolint:gochecknoglobals // compiled once
var goodID = regexp.MustCompile(`^[\pL\pN_-]+$`)

// layerID returns the id of the layer that a file makes.
func layerID(file string) (id string, ok bool) {
	plain := strings.TrimSuffix(file, ".gz")
	for _, ext := range []string{".geojson", ".geojsonl", ".geojsons", ".geojsonseq", ".ndgeojson"} {
		if id, ok := strings.CutSuffix(plain, ext); ok {
			return id, true
		}
	}
	return "", false
}

// reason is err in words of its own, without the operation and the path.
func reason(err error) string {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return string(Unreadable) + ": " + err.Error()
}

// loadLayer reads one layer and its sidecar; nil if nothing of it can be served.
// The sum is over the bytes of both files.
func loadLayer(fsys fs.FS, id, file, sidecarFile string, number int, problems *[]Problem) (*Layer, []byte) {
	sum := sha256.New()
	var data []byte
	if sidecarFile != "" {
		var err error
		if data, err = fs.ReadFile(fsys, sidecarFile); err != nil {
			*problems = append(*problems, Problem{File: sidecarFile, Rule: Unreadable, Message: reason(err), Layer: id})
		}
		sum.Write(data)
	}
	c := readSidecar(sidecarFile, data, problems)
	l := &c.layer
	l.ID, l.File = id, file
	l.Rivals = c.readRivals(fsys, sum)
	b := &builder{sidecar: c, names: geo.NewNames(), taken: map[string]bool{}, problems: problems}
	err := b.read(fsys, file, sum)
	if err != nil {
		p := Problem{File: file, Fatal: true}
		if e := (*geojson.Error)(nil); errors.As(err, &e) {
			p.Line, p.Col, p.Rule, p.Message = e.Line, e.Col, Rule(e.Rule), e.Message()
		} else {
			p.Rule, p.Message = Unreadable, reason(err)
		}
		p.Message += " (the layer is not served)"
		*problems = append(*problems, p)
	} else {
		b.finish(number)
	}
	for i := range *problems {
		(*problems)[i].Layer = id
	}
	if err != nil {
		return nil, nil
	}
	return l, sum.Sum(nil)
}

// A builder makes a layer of the rows of its file.
type builder struct {
	*sidecar
	file     string
	names    *geo.Names
	features []geo.Feature
	taken    map[string]bool
	types    []string // of each property, by number
	start    int      // numbers of the properties of time; -1: none
	end      int
	noPlace  int
	problems *[]Problem
}

// note adds a problem of the GeoJSON file.
func (b *builder) note(at geojson.Pos, feature int, rule Rule, format string, args ...any) {
	*b.problems = append(*b.problems, Problem{
		File: b.layer.File, Line: at.Line, Col: at.Col, Rule: rule,
		Message: fmt.Sprintf("feature %d: %s: ", feature, rule) + fmt.Sprintf(format, args...),
	})
}

func (b *builder) read(fsys fs.FS, file string, sum hash.Hash) error {
	f, err := fsys.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var src io.Reader = io.TeeReader(f, sum)
	if path.Ext(file) == ".gz" {
		if src, err = gzip.NewReader(src); err != nil {
			return err
		}
	}
	r := geojson.NewReader(src, b.names)
	// Times are read after all rows: which properties carry them shows only then.
	var rows []pending
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for _, e := range row.Faults {
			left := ""
			if row.Unusable {
				left = " (the feature is left out)"
			}
			*b.problems = append(*b.problems, Problem{File: file, Line: e.Line, Col: e.Col, Rule: Rule(e.Rule), Message: e.Message() + left})
		}
		if row.Unusable {
			continue
		}
		rows = append(rows, pending{row.Pos, row.Feature, row.Time, row.TimePos, slices.Clone(row.Places)})
		b.features = append(b.features, geo.Feature{ID: row.ID, Geometry: row.Geometry, Properties: geo.NewProperties(b.names, slices.Clone(row.Values))})
		b.learn(row.Values)
	}
	b.findTime()
	for i, row := range rows {
		b.identify(i, row)
		b.time(i, row)
	}
	return nil
}

// pending is what a row leaves for the second pass.
type pending struct {
	at      geojson.Pos
	feature int
	time    string
	timeAt  geojson.Pos
	places  []geojson.Pos
}

// place returns where the property of the given number stands.
func (p pending) place(i int) geojson.Pos {
	if i >= 0 && i < len(p.places) && p.places[i].Line > 0 {
		return p.places[i]
	}
	return p.at
}

// learn widens the types of the properties by one row.
func (b *builder) learn(row []geo.Value) {
	for len(b.types) < len(b.names.List()) {
		b.types = append(b.types, "")
	}
	words := [...]string{geo.Bool: "boolean", geo.Int: "integer", geo.Float: "number", geo.String: "string", geo.JSON: "json"}
	for i, v := range row {
		if v.IsNull() {
			continue
		}
		switch was, now := b.types[i], words[v.Kind()]; {
		case was == "" || was == now:
			b.types[i] = now
		case was == "integer" && now == "number" || was == "number" && now == "integer":
			b.types[i] = "number"
		case was == "json" || now == "json":
			b.types[i] = "json"
		default:
			b.types[i] = "string"
		}
	}
}

// identify gives feature i its id: the property that the sidecar names, else
// its own, else a hash of what it is.
func (b *builder) identify(i int, row pending) {
	f := &b.features[i]
	if b.id != "" {
		v := f.Properties.Get(b.id)
		switch v.Kind() {
		case geo.String:
			f.ID = geo.TextID(v.Text())
		case geo.Int:
			f.ID = geo.NumberID(v.Text())
		default:
			b.note(row.at, row.feature, Rule(geojson.BadID), "property %q has neither text nor a whole number; its content is hashed instead", b.id)
			f.ID = geo.ID{}
		}
	}
	if f.ID.String() == "" {
		h := sha256.Sum256(geojson.AppendFeature(nil, geo.Feature{Geometry: f.Geometry, Properties: f.Properties}))
		f.ID = geo.TextID(hex.EncodeToString(h[:6]))
		for n := 2; b.taken[f.ID.String()]; n++ { // twice the same feature is odd, but no fault of its id
			f.ID = geo.TextID(fmt.Sprintf("%x-%d", h[:6], n))
		}
	} else if id := f.ID.String(); b.taken[id] {
		n := 2
		for b.taken[fmt.Sprintf("%s-%d", id, n)] {
			n++
		}
		f.ID = geo.TextID(fmt.Sprintf("%s-%d", id, n))
		b.note(row.at, row.feature, DuplicateID, "%q; served as %q. Versions of one thing need ids of their own and a common property named by `identity`", id, f.ID)
	}
	b.taken[f.ID.String()] = true
}

// The spellings of valid time that are recognised, in the order in which they are tried.
//
//nolint:gochecknoglobals // a table
var timeSpellings = [][2]string{
	{"start_date", "end_date"},
	{"start", "end"},
	{"from", "to"},
	{"valid_from", "valid_to"},
	{"begin", "end"},
	{"date", "date"},
	{"year", "year"},
}

// findTime finds the properties of valid time: those of the sidecar, else the
// first recognised pair of which one is there.
func (b *builder) findTime() {
	t := &b.layer.Time
	if t.Start == "" && t.End == "" {
		for _, s := range timeSpellings {
			_, hasStart := b.names.Find(s[0])
			_, hasEnd := b.names.Find(s[1])
			if hasStart || hasEnd {
				t.Start, t.End = s[0], s[1]
				b.guess("time from the properties %s and %s", t.Start, t.End)
				break
			}
		}
	}
	number := func(name string) int {
		if i, ok := b.names.Find(name); ok && name != "" {
			return i
		}
		return -1
	}
	b.start, b.end = number(t.Start), number(t.End)
}

func (b *builder) guess(format string, args ...any) {
	b.layer.Guesses = append(b.layer.Guesses, fmt.Sprintf(format, args...))
}

// time reads the valid time of feature i. What can't be read is a problem, and
// the feature holds never rather than always, so that it shows on no date.
func (b *builder) time(i int, row pending) {
	f := &b.features[i]
	if row.time != "" {
		start, end, err := timeMember(row.time)
		if err == nil {
			f.Valid, err = b.layer.Time.Ends.ParsePair(start, end)
		}
		if err != nil {
			f.Valid = period.Exactly(period.Never)
			b.note(row.timeAt, row.feature, BadTime, "%v", err)
		}
		return
	}
	start, end := b.text(f, b.start), b.text(f, b.end)
	if start == "" && end == "" {
		return
	}
	var err error
	if b.start == b.end {
		f.Valid, err = b.layer.Time.Ends.Parse(start)
	} else {
		f.Valid, err = b.layer.Time.Ends.ParsePair(start, end)
	}
	if err == nil {
		return
	}
	f.Valid = period.Exactly(period.Never)
	at := b.end
	for n, text := range map[int]string{b.start: start, b.end: end} {
		if _, bad := b.layer.Time.Ends.Parse(text); text != "" && text != ".." && bad != nil {
			at = n
		}
	}
	b.note(row.place(at), row.feature, BadTime, "%v (the feature is served, but holds on no date)", err)
}

// text returns the property of the given number as EDTF; empty if there is none.
func (b *builder) text(f *geo.Feature, number int) string {
	if number < 0 {
		return ""
	}
	v := f.Properties.Get(b.names.List()[number])
	if year, ok := v.Int(); ok {
		return period.YearText(year) // 476 is no EDTF, 0476 is
	}
	return v.Text()
}

// timeMember reads the JSON-FG member "time" (OGC 21-045r1 §7.8).
func timeMember(text string) (start, end string, err error) {
	var t struct {
		Date, Timestamp string
		Interval        []string
	}
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return "", "", errors.New(`"time" must be {"date": …}, {"timestamp": …} or {"interval": [start, end]}`)
	}
	switch {
	case len(t.Interval) == 2:
		return t.Interval[0], t.Interval[1], nil
	case t.Interval != nil:
		return "", "", fmt.Errorf(`"interval" must have two ends, here %d`, len(t.Interval))
	case t.Timestamp != "":
		return t.Timestamp, t.Timestamp, nil
	}
	return t.Date, t.Date, nil
}

// finish fills in what follows from the features, and what was left to guess.
func (b *builder) finish(number int) {
	l := &b.layer
	l.Total = len(b.features)
	l.Bound = orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	l.Span = period.Never
	for _, f := range b.features {
		if v := f.Valid.Possible; !v.IsAlways() {
			l.Span = l.Span.Hull(v)
		}
		l.Geometry = l.Geometry.with(f.Geometry)
		if f.Geometry == nil {
			b.noPlace++
			continue
		}
		if bound := f.Geometry.Bound(); l.Bound.IsEmpty() {
			l.Bound = bound
		} else {
			l.Bound = l.Bound.Union(bound)
		}
	}
	l.Changes = changes(b.features)
	if l.Total == 0 {
		*b.problems = append(*b.problems, Problem{File: l.File, Rule: EmptyLayer, Message: string(EmptyLayer)})
	}
	for i, name := range b.names.List() {
		f := b.fields[name]
		f.Name, f.Type = name, b.types[i]
		l.Fields = append(l.Fields, f)
	}
	for _, p := range b.properties {
		if _, ok := b.names.Find(p.name); !ok && l.Total > 0 {
			b.problem(p.at, NoSuchField, "%q in %s%s", p.name, l.File, nearest(p.name, b.names.List()))
		}
	}
	if l.Title == nil {
		l.Title = Text{"": strings.ReplaceAll(l.ID, "-", " ")}
	}
	if l.Name == nil {
		b.guessName()
	}
	if b.id == "" && l.Total > 0 && len(b.taken) > 0 {
		b.guessedIDs()
	}
	b.guessStyle(number)
	if l.Popup == nil {
		l.Popup = b.guessPopup()
	}
	l.Source = NewMemory(b.features)
	l.derive()
}

func (b *builder) guessedIDs() {
	for _, f := range b.features {
		if id := f.ID.String(); len(id) >= 12 && !f.ID.IsNumber() && hashed.MatchString(id) {
			b.guess("ids from hashes of the features' content, since they have none; `id:` in the sidecar can name a property")
			return
		}
	}
}

//nolint:gochecknoglobals // compiled once
var hashed = regexp.MustCompile(`^[0-9a-f]{12}(-\d+)?$`)

// guessName recognises name, name:ar, name_ar.
func (b *builder) guessName() {
	l := &b.layer
	l.Name = map[string]string{}
	for _, name := range b.names.List() {
		if name == "name" || name == "title" && l.Name[""] == "" {
			l.Name[""] = name
		}
		for _, separator := range []string{":", "_"} {
			if lang, ok := strings.CutPrefix(name, "name"+separator); ok && language.MatchString(lang) && len(lang) < 4 {
				l.Name[lang] = name
			}
		}
	}
	if len(l.Name) > 0 {
		b.guess("names from %s", strings.Join(slices.Sorted(mapValues(l.Name)), ", "))
	}
}

func mapValues(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// palette colours layers without a style: told apart by the colour-blind (Okabe and Ito).
//
//nolint:gochecknoglobals // a table
var palette = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7a4f9a"}

func (b *builder) guessStyle(number int) {
	l := &b.layer
	st := &l.Style
	if st.Kind == "" {
		switch l.Geometry {
		case Lines:
			st.Kind = "line"
		case Points:
			st.Kind = "circle"
		default:
			st.Kind = "fill"
		}
	}
	if st.Color.IsZero() {
		st.Color.Value = raw(palette[number%len(palette)])
	}
	if b.styled {
		return
	}
	color := st.Color
	st.Outline = &Outline{Color: color, Width: Leaf{Value: raw(1.2)}}
	st.Opacity.Value = raw(0.35)
	if st.Kind == "circle" {
		st.Opacity.Value = raw(0.9)
	}
	st.Uncertain = &Uncertain{Outline: "dashed", Opacity: Leaf{Value: raw(0.18)}}
	if len(l.Name) > 0 {
		st.Label = &Label{Field: "name"}
	}
	b.guess("drawn as %s in %s", st.Kind, palette[number%len(palette)])
}

// guessPopup shows the name, the dates and every other property.
func (b *builder) guessPopup() []string {
	popup := []string{"name", "dates"}
	for _, name := range b.names.List() {
		taken := name == b.layer.Time.Start || name == b.layer.Time.End || name == b.layer.Sources
		for _, n := range b.layer.Name {
			taken = taken || n == name
		}
		if !taken {
			popup = append(popup, name)
		}
	}
	if b.layer.Sources != "" {
		popup = append(popup, "sources")
	}
	return popup
}

// with returns the geometry of a layer to which g is added.
func (k Geometry) with(g orb.Geometry) Geometry {
	var now Geometry
	switch g := g.(type) {
	case nil:
		return k
	case orb.Point, orb.MultiPoint:
		now = Points
	case orb.LineString, orb.MultiLineString:
		now = Lines
	case orb.Collection:
		for _, m := range g {
			k = k.with(m)
		}
		return k
	default:
		now = Polygons
	}
	if k == NoGeometry || k == now {
		return now
	}
	return Mixed
}

// arrange orders the layers as atlas.yaml says, checks the names in it, and
// fills in what it leaves out.
func (s *Snapshot) arrange(c *settings) {
	a := &s.Atlas
	rank := map[string]int{}
	for i, r := range a.order {
		if _, ok := s.Layer(r.name); !ok {
			c.problem(r.at, NoSuchLayer, "%q%s", r.name, nearest(r.name, s.ids()))
		}
		if _, twice := rank[r.name]; !twice {
			rank[r.name] = i
		}
	}
	slices.SortStableFunc(s.Layers, func(a, b *Layer) int {
		i, named := rank[a.ID]
		j, alsoNamed := rank[b.ID]
		switch {
		case named && alsoNamed:
			return i - j
		case named:
			return -1
		case alsoNamed:
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	if a.Title == nil {
		a.Title = Text{"": "Atlas"}
		if len(s.Layers) == 1 {
			a.Title = s.Layers[0].Title
		}
	}
	if a.Languages == nil {
		a.Languages = s.languages()
	}
	if a.Span.IsNever() {
		for _, l := range s.Layers {
			if !l.Base {
				a.Span = a.Span.Hull(l.closedSpan())
			}
		}
	}
	if a.Years == nil {
		a.Years = years(a.Span)
	}
}

func (s *Snapshot) ids() []string {
	var ids []string
	for _, l := range s.Layers {
		ids = append(ids, l.ID)
	}
	return ids
}

// languages returns those that titles and names are written in.
func (s *Snapshot) languages() []string {
	seen := map[string]bool{}
	for l := range s.Atlas.Title {
		seen[l] = true
	}
	for _, layer := range s.Layers {
		for l := range layer.Title {
			seen[l] = true
		}
		for l := range layer.Name {
			seen[l] = true
		}
	}
	delete(seen, "")
	var list []string
	for l := range seen {
		list = append(list, l)
	}
	slices.Sort(list)
	return list
}

// closedSpan is the span between the first and the last change: an open end has
// no place on a time control.
func (l *Layer) closedSpan() period.Period {
	if len(l.Changes) == 0 {
		return period.Never
	}
	return period.New(l.Changes[0], l.Changes[len(l.Changes)-1]+1)
}

// years picks at most a dozen round years of a span for the chips.
func years(span period.Period) (list []int) {
	from, ok1 := span.Start()
	until, ok2 := span.End()
	if !ok1 || !ok2 {
		return nil
	}
	first, last := yearOf(from), yearOf(until-1)
	for _, step := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000} {
		if (last-first)/step >= 12 {
			continue
		}
		for y := first - ((first%step)+step)%step; y <= last; y += step {
			if y >= first {
				list = append(list, y)
			}
		}
		return list
	}
	return nil
}

func yearOf(i period.Instant) int { return time.UnixMilli(int64(i)).UTC().Year() }
