package server

import (
	"net/url"
	"strings"
	"time"

	"kharita/geo/format"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// The page's own description of the atlas: /atlas.json. Instants are
// milliseconds since 1970, null is open; texts are by language.

type pageAtlas struct {
	Title       layers.Text    `json:"title"`
	Description layers.Text    `json:"description,omitempty"`
	Attribution layers.Text    `json:"attribution,omitempty"`
	Languages   []string       `json:"languages"`
	Licence     layers.Licence `json:"licence,omitzero"`
	View        pageView       `json:"view"`
	Span        *pageSpan      `json:"span"`
	Years       []int          `json:"years"`
	Revision    string         `json:"revision"`
	Tiles       string         `json:"tiles,omitempty"`
	Basemap     pageBasemap    `json:"basemap"`
	Layers      []pageLayer    `json:"layers"`
	Groups      []pageGroup    `json:"groups,omitempty"`
	Story       []pageStep     `json:"story,omitempty"`
	Problems    []pageProblem  `json:"problems,omitempty"`
}

type pageView struct {
	Center *[2]float64 `json:"center,omitempty"` // lon, lat
	Zoom   float64     `json:"zoom,omitempty"`
	Time   string      `json:"time,omitempty"`
	Layers []string    `json:"layers,omitempty"`
}

type pageSpan struct {
	Text  string          `json:"text"`
	From  *period.Instant `json:"from"`
	Until *period.Instant `json:"until"`
}

type pageBasemap struct {
	Tiles  string      `json:"tiles,omitempty"`
	Layers []pageLayer `json:"layers"`
}

type pageGroup struct {
	Title  layers.Text `json:"title"`
	Layers []string    `json:"layers"`
}

type pageStep struct {
	ID      string      `json:"id"`
	Title   layers.Text `json:"title"`
	Text    layers.Text `json:"text,omitempty"`
	Time    string      `json:"time,omitempty"`
	View    pageView    `json:"view"`
	Layers  []string    `json:"layers,omitempty"`
	Feature string      `json:"feature,omitempty"`
}

type pageProblem struct {
	Layer   string `json:"layer,omitempty"`
	Message string `json:"message"`
}

type pageLayer struct {
	ID          string                  `json:"id"`
	Title       layers.Text             `json:"title"`
	Description layers.Text             `json:"description,omitempty"`
	Attribution layers.Text             `json:"attribution,omitempty"`
	Licence     layers.Licence          `json:"licence,omitzero"`
	Geometry    layers.Geometry         `json:"geometry"`
	Count       int                     `json:"count"`
	Bbox        *[4]float64             `json:"bbox,omitempty"`
	Span        *pageSpan               `json:"span"`
	Changes     []period.Instant        `json:"changes"`
	Ends        string                  `json:"ends"`
	Name        map[string]string       `json:"name"`
	Time        map[string]string       `json:"time"`
	Popup       []string                `json:"popup"`
	Fields      map[string]layers.Field `json:"fields"`
	Style       layers.Style            `json:"style"`
	Legend      layers.Text             `json:"legend,omitempty"`
	Sources     string                  `json:"sources,omitempty"`
	Metric      string                  `json:"metric"` // what the timeline counts: count or area
	MinZoom     uint8                   `json:"minzoom"`
	MaxZoom     uint8                   `json:"maxzoom"`
	Downloads   []pageDownload          `json:"downloads"`
}

type pageDownload struct {
	Format string `json:"format"`
	Href   string `json:"href"`
}

// describe returns atlas.json. Problems tell the reader which layer is not, or
// not wholly, there; a base map's are not the reader's business.
func (st *state) describe(problems []layers.Problem) pageAtlas {
	a := pageAtlas{
		Title: st.Atlas.Title, Description: st.Atlas.Description, Attribution: st.Atlas.Attribution,
		Languages: st.Atlas.Languages, Licence: st.Atlas.Licence, View: viewOf(st.Atlas.View), Span: spanOf(st.Atlas.Span),
		Years: st.Atlas.Years, Revision: st.revision, Tiles: st.tilesURL(st.Layers),
		Basemap: pageBasemap{Tiles: st.tilesURL(st.Base), Layers: pageLayers(st.Base)}, Layers: pageLayers(st.Layers),
	}
	if a.Languages == nil {
		a.Languages = []string{} // no text names one
	}
	if a.Years == nil {
		a.Years = []int{}
	}
	for _, g := range st.Atlas.Groups {
		a.Groups = append(a.Groups, pageGroup(g))
	}
	for _, s := range st.Atlas.Story {
		a.Story = append(a.Story, pageStep{s.ID, s.Title, s.Text, s.Time, viewOf(s.View), s.Layers, s.Feature})
	}
	for _, p := range problems {
		a.Problems = append(a.Problems, pageProblem{p.Layer, p.String()})
	}
	return a
}

func viewOf(v layers.View) pageView {
	p := pageView{Zoom: v.Zoom, Time: v.Time, Layers: v.Layers}
	if v.Center != nil {
		p.Center = &[2]float64{v.Center[0], v.Center[1]}
	}
	return p
}

func spanOf(p period.Period) *pageSpan {
	if p.IsNever() {
		return nil
	}
	s := &pageSpan{Text: p.String()}
	if i, ok := p.Start(); ok {
		s.From = &i
	}
	if i, ok := p.End(); ok {
		s.Until = &i
	}
	return s
}

// tilesURL is the address of the tiles of all given layers, of this revision.
func (st *state) tilesURL(list []*layers.Layer) string {
	if len(list) == 0 {
		return ""
	}
	ids := make([]string, len(list))
	for i, l := range list {
		ids[i] = url.QueryEscape(l.ID)
	}
	return "/tiles/" + webMercator + "/{z}/{y}/{x}?collections=" + strings.Join(ids, ",") + "&rev=" + st.revision
}

func pageLayers(list []*layers.Layer) []pageLayer {
	out := []pageLayer{}
	for _, l := range list {
		p := pageLayer{
			ID: l.ID, Title: l.Title, Description: l.Description, Attribution: l.Attribution, Licence: l.Licence,
			Geometry: l.Geometry, Count: l.Total, Span: spanOf(l.Span), Changes: l.Changes, Ends: "whole",
			Name: l.Name, Time: map[string]string{"start": l.Time.Start, "end": l.Time.End}, Popup: l.Popup,
			Fields: map[string]layers.Field{}, Style: l.Style, Legend: l.Legend, Sources: l.Sources, Metric: l.Metric,
			MinZoom: l.Tile.MinZoom, MaxZoom: l.Tile.MaxZoom,
		}
		if l.Changes == nil {
			p.Changes = []period.Instant{}
		}
		if l.Time.Ends.Uncertain {
			p.Ends = "uncertain"
		}
		if l.Time.Ends.Excluded {
			p.Time["until"] = "excluded"
		}
		if !l.Bound.IsEmpty() {
			b := bbox(l)
			p.Bbox = &b
		}
		for _, f := range l.Fields {
			p.Fields[f.Name] = f
		}
		for _, f := range format.All() {
			p.Downloads = append(p.Downloads, pageDownload{f.Name, downloadURL(l, f)})
		}
		out = append(out, p)
	}
	return out
}

func (q *request) atlasJSON() error {
	send(q.Context, q.atlas, false)
	return nil
}

// dateTime writes i by RFC 3339, with milliseconds only where there are any.
func dateTime(i period.Instant) string {
	return time.UnixMilli(int64(i)).UTC().Format("2006-01-02T15:04:05.999Z")
}
