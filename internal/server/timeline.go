package server

import (
	"encoding/csv"
	"math"
	"net/url"
	"strconv"
	"strings"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// A timeline says how a layer changes (ours). Instants are milliseconds since
// 1970, null is open; an interval is the same as closed text, as datetime takes it.
type timeline struct {
	Layer       string           `json:"layer"`
	Lang        string           `json:"lang"`
	Title       string           `json:"title"`
	Metric      string           `json:"metric"` // count or area: what rivals are figures of
	Description string           `json:"description"`
	Changes     []period.Instant `json:"changes"`
	Epochs      []timelineEpoch  `json:"epochs"`
	Rivals      []timelineRival  `json:"rivals,omitempty"`
	Links       []link           `json:"links"`
}

type timelineEpoch struct {
	From     *period.Instant `json:"from"`
	Until    *period.Instant `json:"until"`
	Interval string          `json:"interval"`
	Possible timelineSum     `json:"possible"`
	Certain  timelineSum     `json:"certain"`
}

type timelineSum struct {
	Count int      `json:"count"`
	Km2   *float64 `json:"km2,omitempty"` // of layers that have areas
}

// A timelineRival is a figure published by others, and ours for the start of its date.
type timelineRival struct {
	Date      string          `json:"date"` // EDTF
	From      *period.Instant `json:"from"`
	Until     *period.Instant `json:"until"`
	Value     float64         `json:"value"`
	Publisher string          `json:"publisher,omitempty"`
	URL       string          `json:"url,omitempty"`
	Ours      struct {
		Possible float64 `json:"possible"`
		Certain  float64 `json:"certain"`
	} `json:"ours"`
}

// timelineWords tell how the numbers are to be read.
func timelineWords(lang string, areas bool) string {
	arabic := lang == "ar" || strings.HasPrefix(lang, "ar-")
	switch {
	case arabic && areas:
		return "لكل فترة لا تتغير فيها الطبقة: عدد المعالم السارية ومجموع مساحاتها بالكيلومتر المربع على مجسم WGS 84، وحيث تتداخل المعالم تُحسب كل منها. «possible» كل ما قد تشمله التواريخ، و«certain» من دون مدى أي طرف غير مؤكد."
	case arabic:
		return "لكل فترة لا تتغير فيها الطبقة: عدد المعالم السارية. «possible» كل ما قد تشمله التواريخ، و«certain» من دون مدى أي طرف غير مؤكد."
	case areas:
		return "For each period in which the layer does not change: how many features hold, and the sum of their areas in km² on the ellipsoid of WGS 84; where features overlap, each counts. Possible is all that the dates may cover, certain leaves out the span of every uncertain end."
	}
	return "For each period in which the layer does not change: how many features hold. Possible is all that the dates may cover, certain leaves out the span of every uncertain end."
}

// timeline answers with the epochs of a layer, as JSON or CSV.
func (q *request) timeline() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	filter, err := q.filter()
	if err != nil {
		return err
	}
	var epochs []layers.Epoch
	if filter == nil {
		epochs, err = l.Timeline()
	} else {
		epochs, err = l.TimelineOf(q.Request.Context(), layers.Query{Filter: filter})
	}
	if err != nil {
		return err
	}
	areas := l.Geometry == layers.Polygons || l.Geometry == layers.Mixed
	if q.format == "csv" {
		return q.timelineCSV(epochs, areas)
	}
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	t := timeline{
		Layer: l.ID, Lang: q.lang, Metric: l.Metric, Description: timelineWords(q.lang, areas), Changes: []period.Instant{},
		Links: append(q.here(), link{Href: at, Rel: "collection", Type: "application/json"}),
	}
	t.Title, _ = l.Title.In(q.lang, q.fallback())
	for _, e := range epochs {
		from, until := ends(e.Valid)
		if from != nil {
			t.Changes = append(t.Changes, *from)
		}
		t.Epochs = append(t.Epochs, timelineEpoch{from, until, closedText(e.Valid), sumOf(e.Sums[period.Possible], areas), sumOf(e.Sums[period.Certain], areas)})
	}
	rivals := l.Rivals
	if filter != nil {
		rivals = nil // they are figures of the whole
	}
	for _, f := range rivals {
		r := timelineRival{Date: f.Date, Value: f.Value, Publisher: f.Publisher, URL: f.URL}
		r.From, r.Until = ends(f.Valid)
		ours, err := l.Ours(f)
		if err != nil {
			return err
		}
		r.Ours.Possible, r.Ours.Certain = rounded(ours[period.Possible]), rounded(ours[period.Certain])
		t.Rivals = append(t.Rivals, r)
	}
	return q.json(t)
}

// timelineCSV writes a row for each epoch (RFC 4180), from and until included, empty where open.
func (q *request) timelineCSV(epochs []layers.Epoch, areas bool) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	header := []string{"from", "until", "possible_count", "certain_count"}
	if areas {
		header = append(header, "possible_km2", "certain_km2")
	}
	_ = w.Write(header) // a Builder takes all
	for _, e := range epochs {
		start, end := e.Valid.Text()
		row := []string{strings.Trim(start, "."), strings.Trim(end, "."), itoa(e.Sums[0].Count), itoa(e.Sums[1].Count)}
		if areas {
			for _, s := range e.Sums {
				row = append(row, strconv.FormatFloat(rounded(s.Area), 'f', -1, 64))
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	a := newAnswer("text/csv; charset=utf-8; header=present", []byte(b.String()))
	send(q.Context, a, false)
	return nil
}

// ends returns the limits of p, nil where it is open.
func ends(p period.Period) (from, until *period.Instant) {
	if i, ok := p.Start(); ok {
		from = &i
	}
	if i, ok := p.End(); ok {
		until = &i
	}
	return from, until
}

func sumOf(s layers.Sum, areas bool) timelineSum {
	t := timelineSum{Count: s.Count}
	if areas {
		t.Km2 = ptr(rounded(s.Area))
	}
	return t
}

// rounded keeps a hectare of a figure in km²: more digits would claim what nobody knows.
func rounded(km2 float64) float64 { return math.Round(km2*100) / 100 }
