package server

import (
	"slices"

	"github.com/paulmach/orb"

	"kharita/geo/period"
	"kharita/internal/layers"
)

// maxCollections is how many layers a page of the list has at most. It is also how many
// it has unless limit says less, so that clients which follow no links see all there are.
const maxCollections = 1000

// collections answers with the layers whose extent shares something with bbox and
// datetime, in the order of the atlas, a page at a time (OGC API Common Part 2,
// simple-query).
func (q *request) collections() error {
	bounds, _, err := q.bbox()
	if err != nil {
		return err
	}
	valid, _, err := q.when()
	if err != nil {
		return err
	}
	limit, err := q.limit(maxCollections, maxCollections)
	if err != nil {
		return err
	}
	answer := struct {
		Links          []link       `json:"links"`
		TimeStamp      string       `json:"timeStamp"`
		NumberMatched  int          `json:"numberMatched"`
		NumberReturned int          `json:"numberReturned"`
		Collections    []collection `json:"collections"`
	}{Links: q.here(), TimeStamp: q.since.UTC().Format(timeStamp), Collections: []collection{}}
	after := q.query.Get("after")
	begun := !q.query.Has("after")
	for _, l := range slices.Concat(q.Layers, q.Base) {
		if overlaps(l, bounds, valid) {
			if answer.NumberMatched++; begun && len(answer.Collections) <= limit {
				answer.Collections = append(answer.Collections, q.describe(l))
			}
		}
		begun = begun || l.ID == after
	}
	if !begun {
		return invalid("after=%s: there is no such layer, or no longer: begin again with the first page", after)
	}
	if len(answer.Collections) > limit { // one more tells that there is a next page
		answer.Collections = answer.Collections[:limit]
		on := link{Href: q.itself().with("after", answer.Collections[limit-1].ID, ""), Rel: "next", Type: asJSON.mediaType}
		answer.Links = append(answer.Links, on)
		q.sayLink(on)
	}
	answer.NumberReturned = len(answer.Collections)
	return q.json(answer)
}

// overlaps tells whether the extent of l shares a point with one of bounds, if there are
// any, and an instant with valid. A layer without a place is everywhere, one without time
// always (rc-bbox-collections-response, rc-time-collections-response).
func overlaps(l *layers.Layer, bounds []orb.Bound, valid period.Period) bool {
	here := bounds == nil || l.Bound.IsEmpty() || slices.ContainsFunc(bounds, l.Bound.Intersects)
	return here && (l.Span.IsNever() || l.Span.Intersects(valid))
}
