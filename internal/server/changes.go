package server

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"

	"kharita/geo/format"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// changesSuffix stands after a layer's id where its changes are meant.
const changesSuffix = ".changes"

// A changesKey names the changes of one layer of one revision between two times,
// each as the interval of its epochs; see holding.
type changesKey struct {
	revision, layer string
	before, after   period.Period
	reading         period.Reading
}

// A comparison is the changes of a layer with their tiles, which are made when first asked for.
type comparison struct {
	*layers.Changes
	sets   []func() (*tile.Set, error) // by grid
	weight uint32                      // about what it takes, in bytes
}

// A question of changes is what the request asks.
type changesQuestion struct {
	layer         *layers.Layer
	before, after period.Period
	key           changesKey
}

// changesAsked reads from, to and certainty.
func (q *request) changesAsked(l *layers.Layer) (c changesQuestion, err error) {
	read := func(name string) (period.Period, error) {
		if !q.query.Has(name) {
			return period.Never, invalid("%s is missing: changes are between two times, such as from=2014-06-01&to=2015-06-01", name)
		}
		p, err := period.ParseDatetime(q.query.Get(name))
		if err != nil {
			return p, invalid("%s: %v", name, err)
		}
		return p, nil
	}
	c.layer = l
	if c.before, err = read("from"); err != nil {
		return c, err
	}
	if c.after, err = read("to"); err != nil {
		return c, err
	}
	before, _ := c.before.Limits()
	if after, _ := c.after.Limits(); after < before {
		return c, invalid("from=%s is after to=%s", q.query.Get("from"), q.query.Get("to"))
	}
	_, reading, err := q.when()
	if err != nil {
		return c, err
	}
	stable := func(at period.Instant) (period.Period, error) {
		return l.Stable(q.Request.Context(), layers.Query{Valid: period.At(at), Reading: reading})
	}
	c.key = changesKey{revision: q.revision, layer: l.ID, reading: reading}
	if c.key.before, err = holding(c.before, stable); err != nil {
		return c, err
	}
	c.key.after, err = holding(c.after, stable)
	return c, err
}

// compare returns the changes, from the cache if they were asked for before.
func (q *request) compare(c changesQuestion) (*comparison, error) {
	return q.server.changes.Get(q.Request.Context(), c.key, otter.LoaderFunc[changesKey, *comparison](func(ctx context.Context, key changesKey) (*comparison, error) {
		changes, err := c.layer.Compare(context.WithoutCancel(ctx), key.before, key.after, key.reading)
		if err != nil {
			return nil, err
		}
		made := &comparison{Changes: changes, weight: uint32(min(changes.Total, 1<<20)) << 11}
		for _, m := range matrixSets {
			made.sets = append(made.sets, sync.OnceValues(func() (*tile.Set, error) { return newSet(changes.Layer, m.grid) }))
		}
		return made, nil
	}))
}

// title is the layer's title with the two times, in the reader's language.
func (c changesQuestion) title(q *request) string {
	title, _ := c.layer.Title.In(q.lang, q.fallback())
	if q.lang == "ar" || strings.HasPrefix(q.lang, "ar-") {
		return title + ": ما تغيّر من " + c.before.Describe(q.lang) + " إلى " + c.after.Describe(q.lang)
	}
	return title + ": changes from " + c.before.Describe(q.lang) + " to " + c.after.Describe(q.lang)
}

// A changesSummary says what the pieces add up to.
type changesSummary struct {
	Lang      string                `json:"lang"`
	Title     string                `json:"title"`
	From      changesTime           `json:"from"`
	To        changesTime           `json:"to"`
	Certainty string                `json:"certainty"`
	Things    map[layers.Change]int `json:"things"`
	Km2       *changesKm2           `json:"km2,omitempty"` // of layers that have areas
}

type changesTime struct {
	Datetime string `json:"datetime"`
	Holds    string `json:"holds"` // the interval of its epochs, which gives the same
}

type changesKm2 struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Gained float64 `json:"gained"`
	Lost   float64 `json:"lost"`
	Kept   float64 `json:"kept"`
}

// changes answers with what became of a layer between two times, piece by piece.
func (q *request) changes() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	bounds, within, err := q.bbox()
	if err != nil {
		return err
	}
	asked, err := q.changesAsked(l)
	if err != nil {
		return err
	}
	c, err := q.compare(asked)
	if err != nil {
		return err
	}
	summary := changesSummary{
		Lang: q.lang, Title: asked.title(q), Certainty: "possible", Things: map[layers.Change]int{},
		From: changesTime{asked.before.Datetime(), closedText(asked.key.before)},
		To:   changesTime{asked.after.Datetime(), closedText(asked.key.after)},
	}
	if asked.key.reading == period.Certain {
		summary.Certainty = "certain"
	}
	for _, word := range layers.AllChanges() {
		summary.Things[word] = c.Things[word]
	}
	if l.Geometry == layers.Polygons || l.Geometry == layers.Mixed {
		summary.Km2 = &changesKm2{rounded(c.Before), rounded(c.After), rounded(c.Gained), rounded(c.Lost), rounded(c.Kept)}
	}
	times := timesOf(q.query)
	at := q.base() + "/collections/" + url.PathEscape(l.ID)
	links := []link{
		{Href: at, Rel: "collection", Type: "application/json"},
		{Href: at + "/changes/tiles/" + webMercator + "?" + times.Encode(), Rel: "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", Type: "application/json", Title: "TileJSON"},
	}
	for _, f := range format.All() {
		links = append(links, link{Href: q.base() + downloadURL(c.Layer, f) + "?" + times.Encode(), Rel: "enclosure", Type: f.MediaType, Title: fmt.Sprintf(q.say("All pieces as %s"), f.Name)})
	}
	return q.page(c.Layer, layers.Query{Bounds: bounds, Filter: within}, links, "changes", summary)
}

// timesOf returns the parameters that say of which times the changes are.
func timesOf(query url.Values) url.Values {
	times := url.Values{}
	for _, name := range []string{"from", "to", "certainty"} {
		if query.Has(name) {
			times.Set(name, query.Get(name))
		}
	}
	return times
}

// changesTile answers with a tile of the pieces.
func (q *request) changesTile() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	address, err := q.address()
	if err != nil {
		return err
	}
	asked, err := q.changesAsked(l)
	if err != nil {
		return err
	}
	c, err := q.compare(asked)
	if err != nil {
		return err
	}
	if q.format == asTileFeatures.name {
		return q.featuresIn(address, layers.Query{}, c.Layer)
	}
	set, err := c.sets[address.Grid()]()
	if err != nil {
		return err
	}
	q.canonical("from", datetimeOf(asked.key.before), "to", datetimeOf(asked.key.after))
	key := tileKey{
		revision: together(q.drawn, l.ID), layers: c.ID, address: address, reading: asked.key.reading,
		dated: true, since: asked.key.before, holds: asked.key.after,
	}
	guess := func() int { return set.Guess(address, tile.Slice{}) }
	return q.sendTile(key, guess, func(dst []byte) ([]byte, error) { return set.Append(dst, address, tile.Slice{}, nil), nil })
}

// changesTileset answers with the TileJSON of the pieces.
func (q *request) changesTileset() error {
	l, err := q.oneLayer()
	if err != nil {
		return err
	}
	m, err := q.matrixSet()
	if err != nil {
		return err
	}
	if err := m.mercatorAlone(); err != nil {
		return err
	}
	asked, err := q.changesAsked(l)
	if err != nil {
		return err
	}
	c, err := q.compare(asked)
	if err != nil {
		return err
	}
	at := q.base() + "/collections/" + url.PathEscape(l.ID) + "/changes/tiles/" + webMercator
	return q.json(q.tileJSON(asked.title(q), at, nil, []*layers.Layer{c.Layer}))
}
