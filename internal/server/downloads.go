package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/crs"
	"kharita/geo/format"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// wholeAtlas is the file name that stands for all layers.
const wholeAtlas = "atlas"

// downloadForms have no names: the file's name chooses.
func downloadForms() []form {
	var forms []form
	for _, f := range format.All() {
		forms = append(forms, form{"", f.MediaType})
	}
	return forms
}

// downloads lists the files of the atlas and of each layer.
func (q *request) downloads() error {
	type files struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Links []link `json:"links"`
	}
	filesOf := func(id string, title layers.Text) files {
		word, _ := title.In(q.lang, q.fallback())
		f := files{ID: id, Title: word}
		for _, kind := range format.All() {
			f.Links = append(f.Links, link{Href: q.base() + "/downloads/" + url.PathEscape(id) + kind.Ext, Rel: "enclosure", Type: kind.MediaType, Title: kind.Name})
		}
		return f
	}
	list := []files{filesOf(wholeAtlas, q.Atlas.Title)}
	for _, l := range q.Layers {
		list = append(list, filesOf(l.ID, l.Title))
	}
	return q.json(map[string]any{"downloads": list, "links": q.here()})
}

// fileName splits the name of a download into the layer and the format.
func fileName(file string) (name string, f format.Format, ok bool) {
	for _, f := range format.All() {
		if name, ok := strings.CutSuffix(file, f.Ext); ok {
			return name, f, true
		}
	}
	return "", f, false
}

// download answers with a layer, or all, in the format that the file name ends in: whole
// and in parts by way of a temporary file, or, to clients that take it compressed, while it
// is made. Its ETag comes from the revision and the question, whose answer is the same
// on every replica, so that it need not be made to be compared.
func (q *request) download() error {
	file := q.Param("file")
	name, f, ok := fileName(file)
	if !ok {
		return notFound("download", file)
	}
	var err error
	e := format.Export{Layer: name, Query: q.base() + q.Request.URL.RequestURI()}
	in, err := q.crsOf("crs")
	if err != nil {
		return err
	}
	if q.profile, err = q.profileOf(f.MediaType); err != nil {
		return err
	}
	e.CRS, e.Writer = in, q.writer(in)
	e.Temp = func() (format.Temp, error) { return q.server.disk.temp() }
	switch {
	case e.Writer.FG:
	case f.AnyCRS:
		in = in.EastFirst()
	case in != crs.CRS{}:
		return invalid("crs=%s: %s is in longitude and latitude by its standard; leave crs out, or ask for %s", q.query.Get("crs"), f.Name, inAnyCRS(name))
	}
	q.Header("Content-Crs", "<"+in.URI()+">")
	if q.profile != "" {
		q.sayLink(profileLink(q.profile))
	}
	var (
		features iter.Seq2[geo.Feature, error]
		part     string // of the file's name: which slice it holds
	)
	if id, ok := strings.CutSuffix(name, changesSuffix); ok {
		features, part, err = q.exportChanges(&e, id)
	} else {
		features, part, err = q.exportSlice(&e, name)
	}
	if err != nil {
		return err
	}
	if in != (crs.CRS{}) {
		part += fmt.Sprintf("-epsg%d", in.EPSG())
	}

	h := q.Writer.Header()
	h["Cache-Control"] = revalidate
	etag := hash([]byte(q.revision), []byte(file), []byte(q.query.Encode()), []byte(q.base()), []byte(q.lang))
	coding := identity
	if !q.hasRange() {
		coding = accepted(q.Request.Header["Accept-Encoding"]).quickest()
	}
	h["Etag"] = []string{`"` + etag + codingNames[coding].mark + `"`}
	if _, ok := matches(q.Request.Header.Get("If-None-Match"), etag); ok {
		q.Status(http.StatusNotModified)
		q.Writer.WriteHeaderNow()
		return nil
	}
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + part + f.Ext}))
	h.Set("Content-Language", q.lang)
	write := func(w io.Writer) error { return f.Write(w, e, features) }
	if coding != identity {
		h["Content-Encoding"] = codingNames[coding].header
	} else {
		made, err := q.server.spooled(q.Request.Context(), etag, write)
		if !errors.Is(err, errSpool) {
			if err != nil {
				return err
			}
			defer made.release()
			return q.sendParts(made)
		}
		q.server.log.Warn("downloads have no length and no parts: make room, or name a folder in TMPDIR", "error", err)
	}
	return q.sendStream(coding, write)
}

// inAnyCRS lists the files of that name that can be in other systems than CRS84.
func inAnyCRS(name string) string {
	var files []string
	for _, f := range format.All() {
		if f.AnyCRS {
			files = append(files, name+f.Ext)
		}
	}
	return strings.Join(files, ", ")
}

// hasRange reports whether the client asks for parts of an answer, in the unit that there is.
func (q *request) hasRange() bool { return strings.HasPrefix(q.Request.Header.Get("Range"), "bytes=") }

// sendStream answers with what write writes, while it writes, in a coding.
func (q *request) sendStream(c coding, write func(io.Writer) error) error {
	q.Status(http.StatusOK)
	if q.Request.Method == http.MethodHead {
		q.Writer.WriteHeaderNow()
		return nil
	}
	var err error
	if c != identity {
		z := newCompressor(c, quick)
		z.Reset(q.Writer)
		if err = write(z); err == nil {
			err = z.Close()
		}
	} else {
		err = write(q.Writer)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errSpool) && !q.Writer.Written(): // the format can't do without
		return err
	case q.Request.Context().Err() == nil:
		q.server.log.Error("download broke off", "url", q.Request.URL.String(), "error", err)
	}
	panic(http.ErrAbortHandler) // so that the client sees that the file is not whole
}

// exportSlice exports a layer, or all, as far as datetime, certainty, bbox and filter say.
func (q *request) exportSlice(e *format.Export, name string) (iter.Seq2[geo.Feature, error], string, error) {
	for _, p := range []string{"from", "to"} {
		if q.query.Has(p) {
			return nil, "", invalid("%s goes with %s%s.geojson; a layer takes datetime", p, name, changesSuffix)
		}
	}
	of := q.Layers
	if name != wholeAtlas {
		l, ok := q.Layer(name)
		if !ok {
			return nil, "", notFound("layer", name)
		}
		of = []*layers.Layer{l}
	}
	query, err := q.features(of...)
	if err != nil {
		return nil, "", err
	}
	e.Period = query.Valid
	if name == wholeAtlas {
		if q.query.Has("properties") {
			return nil, "", invalid("properties: the layers have each their own; ask for one layer")
		}
		if query.Filter != nil { // before the first byte is sent
			for _, l := range q.Layers {
				if _, err := cql2.Compile(query.Filter, l.Schema()); err != nil {
					return nil, "", ofLayer{l.ID, err}
				}
			}
		}
		return q.exportAtlas(e, query), suffix(query), q.holds(query, q.Layers...)
	}
	l := of[0]
	features, err := q.exportLayer(e, l, query)
	if err != nil {
		return nil, "", err
	}
	switch names, err := q.propertyNames(l); {
	case err != nil:
		return nil, "", err
	case names != nil:
		e.Fields = slices.DeleteFunc(e.Fields, func(name string) bool { return !slices.Contains(names, name) })
		features = only(features, geo.NewSubset(names...))
	}
	return features, suffix(query), q.holds(query, l)
}

// only yields features with a subset of their properties.
func only(features iter.Seq2[geo.Feature, error], subset *geo.Subset) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for f, err := range features {
			if f.Properties = subset.Of(f.Properties); !yield(f, err) {
				return
			}
		}
	}
}

// exportChanges exports what became of a layer from one time to another.
func (q *request) exportChanges(e *format.Export, id string) (iter.Seq2[geo.Feature, error], string, error) {
	l, ok := q.Layer(id)
	if !ok {
		return nil, "", notFound("layer", id)
	}
	for _, p := range []string{"filter", "filter-lang", "filter-crs", "properties"} {
		if q.query.Has(p) {
			return nil, "", invalid("%s: changes take none", p)
		}
	}
	if q.query.Has("datetime") {
		return nil, "", invalid("datetime: changes take from and to")
	}
	bounds, within, err := q.bbox()
	if err != nil {
		return nil, "", err
	}
	asked, err := q.changesAsked(l)
	if err != nil {
		return nil, "", err
	}
	c, err := q.compare(asked)
	if err != nil {
		return nil, "", err
	}
	query := layers.Query{Bounds: bounds, Filter: within}
	features, err := q.exportLayer(e, c.Layer, query)
	e.Title = asked.title(q)
	query.Reading = asked.key.reading
	return features, "-" + fileTime(asked.before) + "-" + fileTime(asked.after) + suffix(query), err
}

// fileTime is p as part of a file name: "2015", "2014-06-10_2017-07-09".
func fileTime(p period.Period) string {
	return strings.NewReplacer("/", "_", "..", "", ":", "").Replace(p.Datetime())
}

// suffix tells in the file name which slice it holds: "-2015", "-2014-06-10_2017-07-09".
func suffix(query layers.Query) string {
	s := ""
	if !query.Valid.IsAlways() {
		s = "-" + fileTime(query.Valid)
	}
	if query.Reading == period.Certain {
		s += "-certain"
	}
	if query.Bounds != nil || query.Filter != nil {
		s += "-part"
	}
	return s
}

// exportLayer fills in what a file of l says about itself.
func (q *request) exportLayer(e *format.Export, l *layers.Layer, query layers.Query) (iter.Seq2[geo.Feature, error], error) {
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	e.Title, e.Description, e.Attribution = word(l.Title), word(l.Description), word(l.Attribution)
	e.Licence = format.Licence(l.Licence)
	e.Name = cmp.Or(l.Name[q.lang], l.Name[q.fallback()], l.Name[""])
	for _, f := range l.Fields {
		e.Fields, e.Types = append(e.Fields, f.Name), append(e.Types, f.Type)
	}
	var err error
	if e.Count, _, err = l.Count(q.Request.Context(), query, 0); err != nil {
		return nil, err
	}
	if e.Count == l.Total && !l.Bound.IsEmpty() {
		e.Bound = l.Bound
	}
	return l.Features(q.Request.Context(), query), nil
}

// exportAtlas yields the features of all layers, each with its layer's id as
// property "layer" and in front of its own id, which is unique only in its layer.
func (q *request) exportAtlas(e *format.Export, query layers.Query) iter.Seq2[geo.Feature, error] {
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	e.Title, e.Description, e.Attribution = word(q.Atlas.Title), word(q.Atlas.Description), word(q.Atlas.Attribution)
	e.Licence = format.Licence(q.Atlas.Licence)
	e.Bound = orb.Bound{}
	e.Fields, e.Types = []string{"layer"}, []string{"string"}
	for _, l := range q.Layers {
		for _, f := range l.Fields {
			switch i := slices.Index(e.Fields, f.Name); {
			case i < 0:
				e.Fields, e.Types = append(e.Fields, f.Name), append(e.Types, f.Type)
			case e.Types[i] != f.Type:
				e.Types[i] = "string" // this and that
			}
		}
	}
	list, ctx := q.Layers, q.Request.Context()
	return func(yield func(geo.Feature, error) bool) {
		for _, l := range list {
			if !withLayer(ctx, l, query, yield) {
				return
			}
		}
	}
}

// withLayer yields the features of l with its id.
func withLayer(ctx context.Context, l *layers.Layer, query layers.Query, yield func(geo.Feature, error) bool) bool {
	names := geo.NewNames("layer")
	for _, f := range l.Fields {
		names.Add(f.Name)
	}
	for f, err := range l.Features(ctx, query) {
		if err == nil {
			row := make([]geo.Value, len(names.List()))
			for name, v := range f.Properties.All() {
				if i, ok := names.Find(name); ok {
					row[i] = v
				}
			}
			row[0] = geo.StringValue(l.ID)
			f.Properties = geo.NewProperties(names, row)
			f.ID = geo.TextID(l.ID + "/" + f.ID.String())
		}
		if !yield(f, err) {
			return false
		}
	}
	return true
}

// downloadURL is the address of a layer in a format.
func downloadURL(l *layers.Layer, f format.Format) string {
	return "/downloads/" + url.PathEscape(l.ID) + f.Ext
}
