package layers

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
	"kharita/internal/store"
)

const (
	atlasFile = "atlas.yaml"
	maxSeen   = 1 << 14 // dates that are kept as read, since they come again
)

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

// loadLayer reads one layer and its sidecar; nil if nothing of it can be served. What its
// rows make is put on the shelf; if they have not been read yet, it is taken from there, as
// far as it still holds.
func loadLayer(r *recorder, shelf store.Shelf, first bool, id, file, sidecarFile string) (*Layer, []Problem) {
	var (
		problems []Problem
		data     []byte
	)
	if sidecarFile != "" {
		var err error
		if data, err = fs.ReadFile(r, sidecarFile); err != nil {
			problems = append(problems, Problem{File: sidecarFile, Rule: Unreadable, Message: reason(err), Grade: Fatal, effect: "defaults are served"})
		}
	}
	c := readSidecar(sidecarFile, data, &problems)
	l := &c.layer
	l.ID, l.File, l.Shelf, l.sidecarFile = id, file, shelf, sidecarFile
	l.Rivals = c.readRivals(r)
	b := &builder{sidecar: c, problems: &problems}
	sidecar := r.files[sidecarFile].sum
	var source *memory
	if first {
		source = b.restore(r, sidecar)
	}
	kept := source != nil
	var err error
	if !kept {
		source, err = b.read(r, file)
	}
	problems = append(problems, b.Faults...)
	if err != nil {
		p := Problem{File: file, Grade: Fatal, effect: "the layer is not served"}
		if e := (*geojson.Error)(nil); errors.As(err, &e) {
			p.Line, p.Col, p.Rule, p.Message = e.Line, e.Col, Rule(e.Rule), e.Message()
		} else {
			p.Rule, p.Message = Unreadable, reason(err)
		}
		problems = append(problems, p)
	} else {
		b.finish(source)
		problems = append(problems, b.Notes...)
		if !kept {
			b.keep(source, r.files[file], sidecar)
		}
	}
	for i := range problems {
		problems[i].Layer = id
	}
	if err != nil {
		return nil, problems
	}
	return l, problems
}

// open opens a GeoJSON file, unpacked.
func open(fsys fs.FS, file string) (io.ReadCloser, error) {
	f, err := fsys.Open(file)
	if err != nil || path.Ext(file) != ".gz" {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// A builder makes a layer of the rows of its file.
type builder struct {
	*sidecar
	facts
	names    *geo.Names
	table    *geo.Table
	dated    []bool // rows whose time stands in a member of its own; may be shorter than the table
	byID     *index
	whens    int // number of the property of Linked Places; -1: none
	start    int // numbers of the properties of time; -1: none
	end      int
	seen     map[[2]string]period.Valid // what dates were read as
	notes    []note
	problems *[]Problem
}

// facts are what the rows of a layer tell, for which nobody need look at them again.
type facts struct {
	Types    []string        // of each property, by number
	Members  map[string]bool // in which the time of features stands, if not in properties
	Hashes   bool            // of content are the ids of some
	Total    int
	Geometry Geometry
	Bound    orb.Bound
	Span     period.Period
	Changes  []period.Instant `json:"-"` // they may be many
	Faults   []Problem        // found where they stand
	Notes    []Problem        // found later
}

// A note is a problem of one feature, whose place is not known yet: only where
// there is one is the file read again to find it.
type note struct {
	row      int // among the features that are served
	property int // number of the one that is meant, or none of them:
	problem  Problem
}

// What a note means if it is not a property.
const (
	wholeFeature = -1
	timeOfItsOwn = -2
)

// note adds a problem of a feature.
func (b *builder) note(row, property int, grade Grade, rule Rule, effect, format string, args ...any) {
	b.notes = append(b.notes, note{row, property, Problem{
		Grade: grade, Rule: rule, Message: string(rule) + ": " + fmt.Sprintf(format, args...), effect: effect,
	}})
}

// located returns the problems of notes, of which the rows ascend, with their places in file.
func located(fsys fs.FS, file string, notes []note) []Problem {
	if len(notes) == 0 {
		return nil
	}
	problems := make([]Problem, len(notes))
	for i, n := range notes {
		problems[i] = n.problem
		problems[i].File = file
	}
	f, err := open(fsys, file)
	if err != nil {
		return problems // without places; the file has gone since it was read
	}
	defer f.Close()
	names := geo.NewNames()
	r := geojson.NewReader(f, names)
	for n, i := 0, 0; i < len(notes); n++ {
		row, err := r.Next()
		if err != nil {
			break
		}
		if row.Unusable {
			n--
			continue
		}
		for ; i < len(notes) && notes[i].row == n; i++ {
			p, at := &problems[i], row.Pos
			switch property := notes[i].property; {
			case property == timeOfItsOwn:
				at = row.TimePos
			case 0 <= property && property < len(row.Places) && row.Places[property].Line > 0:
				at = row.Places[property]
			}
			p.Line, p.Col, p.Message = at.Line, at.Col, fmt.Sprintf("feature %d: %s", row.Feature, p.Message)
		}
	}
	return problems
}

// read reads the rows of file and what they tell.
func (b *builder) read(fsys fs.FS, file string) (*memory, error) {
	b.names = geo.NewNames()
	b.table = geo.NewTable(b.names)
	if err := b.readRows(fsys, file); err != nil {
		return nil, err
	}
	// Which properties carry ids and times shows only now.
	b.findTime()
	b.byID = newIndex(b.table)
	b.seen = map[[2]string]period.Valid{}
	for row := range b.table.Len() {
		b.identify(row)
		b.time(row)
	}
	b.table.Finish()
	geojson.WriteTimes(b.table)
	var m *memory
	var indexing sync.WaitGroup
	indexing.Go(func() { m = newMemory(b.table, b.byID, b.layer.Time) })
	b.survey()
	b.Notes = located(fsys, file, b.notes)
	indexing.Wait()
	return m, nil
}

func (b *builder) readRows(fsys fs.FS, file string) error {
	f, err := open(fsys, file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := geojson.NewParallel(f, b.names)
	defer r.Close()
	size := sizeOf(f)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range row.Faults {
			p := Problem{File: file, Line: e.Line, Col: e.Col, Rule: Rule(e.Rule), Message: e.Message()}
			if row.Unusable {
				p.Grade, p.effect = Loss, "the feature is left out"
			}
			b.Faults = append(b.Faults, p)
		}
		if row.Unusable {
			continue
		}
		b.table.Append(row.ID, row.Geometry, b.timeMember(row), row.Values)
		b.learn(row.Values)
		if rows, bytes := r.Blocks(); bytes > size/expectAfter {
			b.table.Reserve(int(expectMore * float64(rows) * float64(size) / float64(bytes)))
			size = math.MaxInt // once
		}
	}
}

const (
	expectAfter = 16   // of a file, this part tells about how many rows there are in all,
	expectMore  = 1.05 // which may be this factor more
)

// sizeOf returns the size of what open opened; none that is ever reached if it is not known.
func sizeOf(f io.Reader) int {
	if s, ok := f.(fs.File); ok {
		if info, err := s.Stat(); err == nil {
			return int(info.Size())
		}
	}
	return math.MaxInt
}

// learn widens the types of the properties by one row.
func (b *builder) learn(row []geo.Value) {
	for len(b.Types) < len(b.names.List()) {
		b.Types = append(b.Types, "")
	}
	words := [...]string{geo.Bool: "boolean", geo.Int: "integer", geo.Float: "number", geo.String: "string", geo.JSON: "json"}
	for i, v := range row {
		if v.IsNull() {
			continue
		}
		switch was, now := b.Types[i], words[v.Kind()]; {
		case was == "" || was == now:
			b.Types[i] = now
		case was == "integer" && now == "number" || was == "number" && now == "integer":
			b.Types[i] = "number"
		case was == "json" || now == "json":
			b.Types[i] = "json"
		default:
			b.Types[i] = "string"
		}
	}
}

// identify gives a feature its id: the property that the sidecar names, else
// its own, else a hash of what it is.
func (b *builder) identify(row int) {
	id := b.table.ID(row)
	if b.id != "" {
		v := b.table.Properties(row).Get(b.id)
		switch v.Kind() {
		case geo.String:
			id = geo.TextID(v.Text())
		case geo.Int:
			id = geo.NumberID(v.Text())
		default:
			b.note(row, wholeFeature, Fault, Rule(geojson.BadID), "", "property %q has neither text nor a whole number; its content is hashed instead", b.id)
			id = geo.ID{}
		}
	}
	taken := func(id string) bool { _, ok := b.byID.find(id); return ok }
	if id.String() == "" {
		h := sha256.Sum256(geojson.AppendFeature(nil, geo.Feature{Geometry: b.table.Geometry(row), Properties: b.table.Properties(row)}))
		id = geo.TextID(hex.EncodeToString(h[:6]))
		for n := 2; taken(id.String()); n++ { // twice the same feature is odd, but no fault of its id
			id = geo.TextID(fmt.Sprintf("%x-%d", h[:6], n))
		}
		b.Hashes = true
	} else if was := id.String(); taken(was) {
		n := 2
		for taken(fmt.Sprintf("%s-%d", was, n)) {
			n++
		}
		id = geo.TextID(fmt.Sprintf("%s-%d", was, n))
		b.note(row, wholeFeature, Fault, DuplicateID, "", "%q; served as %q. Versions of one thing need ids of their own and a common property named by `identity`", was, id)
	}
	if id != b.table.ID(row) {
		b.table.SetID(row, id)
	}
	b.byID.add(row)
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
// first recognised pair of which both are there, else one.
func (b *builder) findTime() {
	t := &b.layer.Time
	number := func(name string) int {
		if i, ok := b.names.Find(name); ok && name != "" {
			return i
		}
		return -1
	}
	b.whens = -1
	if t.Start == "" && t.End == "" {
		t.Start, t.End = b.guessTime()
		if i := number("when"); i >= 0 && b.Types[i] == "json" {
			b.whens = i
			b.guess("time from the property when (Linked Places) of each feature that has one")
		}
	}
	b.start, b.end = number(t.Start), number(t.End)
	if b.Members["time"] {
		b.guess(`time from the member "time" (JSON-FG) of each feature that has one`)
	}
	if b.Members["when"] {
		b.guess(`time from the member "when" (Linked Places) of each feature that has one`)
	}
}

func (b *builder) guessTime() (start, end string) {
	for _, wanted := range []int{2, 1} {
		for _, s := range timeSpellings {
			there := 0
			for _, name := range s {
				if _, ok := b.names.Find(name); ok {
					there++
				}
			}
			if there < wanted {
				continue
			}
			switch {
			case s[0] == s[1]:
				b.guess("time from the property %s", s[0])
			case wanted == 2:
				b.guess("time from the properties %s and %s", s[0], s[1])
			default:
				b.guess("time from the properties %s and %s, of which there is one", s[0], s[1])
			}
			return s[0], s[1]
		}
	}
	return "", ""
}

func (b *builder) guess(format string, args ...any) {
	b.layer.Guesses = append(b.layer.Guesses, fmt.Sprintf(format, args...))
}

// What becomes of a feature whose dates can't be read: it holds never rather
// than always, so that it shows on no date.
const onNoDate = "the feature is served, but holds on no date"

// timeMember reads the member "time" or "when" of a feature that has one.
func (b *builder) timeMember(r *geojson.Row) period.Valid {
	if r.Time == "" && r.When == "" {
		return period.Valid{}
	}
	row := b.table.Len()
	for len(b.dated) < row {
		b.dated = append(b.dated, false)
	}
	b.dated = append(b.dated, true)
	if b.Members == nil {
		b.Members = map[string]bool{}
	}
	if r.Time == "" {
		b.Members["when"] = true
		return b.when(row, timeOfItsOwn, r.When)
	}
	b.Members["time"] = true
	start, end, err := timeMember(r.Time)
	if err == nil {
		var v period.Valid
		if v, err = b.layer.Time.Ends.ParsePair(start, end); err == nil {
			return v
		}
	}
	b.note(row, timeOfItsOwn, Loss, BadTime, onNoDate, "%v", err)
	return period.Exactly(period.Never)
}

// when reads a text of Linked Places that stands in a property, or in a member of its own.
func (b *builder) when(row, property int, text string) period.Valid {
	v, gap, err := parseWhen(b.layer.Time.Ends, text)
	switch {
	case err != nil:
		b.note(row, property, Loss, BadTime, onNoDate, "%v", err)
		return period.Exactly(period.Never)
	case gap:
		b.note(row, property, Fault, TimeGap, "the feature possibly holds in the gap too", "a feature has one valid time; make each timespan a feature of its own, with a common property named by `identity`")
	}
	return v
}

// time reads the valid time of a feature from its properties.
func (b *builder) time(row int) {
	if row < len(b.dated) && b.dated[row] {
		return
	}
	pair := [2]string{b.text(row, b.start), b.text(row, b.end)}
	if pair == ([2]string{}) {
		if text := b.text(row, b.whens); text != "" {
			b.table.SetValid(row, b.when(row, b.whens, text))
		}
		return
	}
	v, known := b.seen[pair]
	if !known {
		var err error
		if b.start == b.end {
			v, err = b.layer.Time.Ends.Parse(pair[0])
		} else {
			v, err = b.layer.Time.Ends.ParsePair(pair[0], pair[1])
		}
		if err != nil {
			b.badTime(row, pair, err)
			v = period.Exactly(period.Never)
		} else if len(b.seen) < maxSeen {
			b.seen[pair] = v
		}
	}
	b.table.SetValid(row, v)
}

// badTime notes dates that can't be read, at the one that is to blame.
func (b *builder) badTime(row int, pair [2]string, err error) {
	at := b.end
	for i, number := range [2]int{b.start, b.end} {
		if _, bad := b.layer.Time.Ends.Parse(pair[i]); pair[i] != "" && pair[i] != ".." && bad != nil {
			at = number
			break
		}
	}
	b.note(row, at, Loss, BadTime, onNoDate, "%v", err)
}

// text returns the property of the given number as EDTF; empty if there is none.
func (b *builder) text(row, number int) string {
	if number < 0 {
		return ""
	}
	v := b.table.Properties(row).Get(b.names.List()[number])
	if year, ok := v.Float(); ok && year == math.Trunc(year) && math.Abs(year) < 1<<53 {
		return period.YearText(int64(year)) // 476 is no EDTF, 0476 is
	}
	return v.Text()
}

// survey gathers what the rows tell.
func (b *builder) survey() {
	b.Total = b.table.Len()
	b.Bound = orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	b.Span = period.Never
	for row := range b.table.Len() {
		if v := b.table.Valid(row).Possible; !v.IsAlways() {
			b.Span = b.Span.Hull(v)
		}
		bound, ok := b.table.Bound(row)
		if !ok {
			continue
		}
		b.Geometry = b.Geometry.with(b.table.Geometry(row))
		if b.Bound.IsEmpty() {
			b.Bound = bound
		} else {
			b.Bound = b.Bound.Union(bound)
		}
	}
	b.Changes = changes(b.table, period.Possible)
}

// finish fills in what follows from the features, which are in m, and what was left to guess.
func (b *builder) finish(m *memory) {
	l := &b.layer
	l.Total, l.Geometry, l.Bound, l.Span, l.Changes = b.Total, b.Geometry, b.Bound, b.Span, b.Changes
	if l.Total == 0 {
		*b.problems = append(*b.problems, Problem{File: l.File, Rule: EmptyLayer, Message: string(EmptyLayer)})
	}
	for i, name := range b.names.List() {
		f := b.fields[name]
		f.Name, f.Type = name, b.Types[i]
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
	if b.Hashes && b.id == "" {
		b.guess("ids from hashes of the features' content, since they have none; `id:` in the sidecar can name a property")
	}
	b.guessStyle()
	if l.Popup == nil {
		l.Popup = b.guessPopup()
	}
	l.Source = m
	l.derive()
}

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

// guessStyle fills in all but the colour, which depends on the other layers; see painted.
func (b *builder) guessStyle() {
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
	if b.styled {
		return
	}
	st.Outline = &Outline{Width: Leaf{Value: raw(1.2)}}
	st.Opacity.Value = raw(0.35)
	if st.Kind == "circle" {
		st.Opacity.Value = raw(0.9)
	}
	st.Uncertain = &Uncertain{Outline: "dashed", Opacity: Leaf{Value: raw(0.18)}}
	if len(l.Name) > 0 {
		st.Label = &Label{Field: "name"}
	}
}

// painted returns l in a colour of the palette if its sidecar gives none.
func (l *Layer) painted(number int) *Layer {
	if !l.Style.Color.IsZero() {
		return l
	}
	p := *l
	color := palette[number%len(palette)]
	p.Style.Color.Value = raw(color)
	if o := p.Style.Outline; o != nil && o.Color.IsZero() {
		p.Style.Outline = &Outline{Color: p.Style.Color, Width: o.Width, Dash: o.Dash}
	}
	p.Guesses = append(slices.Clip(p.Guesses), fmt.Sprintf("drawn as %s in %s", p.Style.Kind, color))
	return &p
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
	if a.View.Center == nil {
		s.lookAtAll()
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

// lookAtAll makes the first view show all layers: their middle, and the zoom at
// which they fill some 700 pixels.
func (s *Snapshot) lookAtAll() {
	all := orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	for _, l := range s.Layers {
		if all.IsEmpty() {
			all = l.Bound
		} else if !l.Bound.IsEmpty() {
			all = all.Union(l.Bound)
		}
	}
	if all.IsEmpty() {
		all = orb.Bound{Min: orb.Point{-180, -60}, Max: orb.Point{180, 75}}
	}
	center := all.Center()
	s.Atlas.View.Center = &center
	// A degree of latitude is drawn longer the farther it is from the equator.
	tall := (all.Max[1] - all.Min[1]) / math.Max(0.1, math.Cos(center[1]*math.Pi/180))
	degrees := max(all.Max[0]-all.Min[0], tall)
	const pixels, world = 700, 256
	s.Atlas.View.Zoom = min(12, max(2, math.Log2(360/max(degrees, 1e-6)*pixels/world)))
}
