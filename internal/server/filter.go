package server

import (
	"strings"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/internal/layers"
)

// filter reads filter, filter-lang and filter-crs (OGC 19-079r2 §8), and the
// parameters that are properties; nil: no filter.
func (q *request) filter() (cql2.Expr, error) {
	lang := q.query.Get("filter-lang")
	if q.query.Has("filter-lang") && lang != "cql2-text" && lang != "cql2-json" {
		return nil, invalid("filter-lang=%s: write cql2-text or cql2-json", lang)
	}
	in, err := q.crsOf("filter-crs")
	if err != nil {
		return nil, err
	}
	equal, err := q.equals()
	if err != nil || !q.query.Has("filter") {
		return equal, err
	}
	text := q.query.Get("filter")
	var filter cql2.Expr
	if lang == "cql2-json" {
		filter, err = cql2.ParseJSON([]byte(text))
	} else {
		filter, err = cql2.ParseText(text)
	}
	if err == nil {
		filter, err = inLonLat(filter, in)
	}
	if err != nil {
		return nil, err
	}
	return and(equal, filter), nil
}

// A keptKey names the features of a layer's revision that a filter selects.
type keptKey struct {
	revision uint64
	filter   string
}

// kept is a set of a layer's rows.
type kept []uint64

func (k kept) has(row int) bool { return row/64 < len(k) && k[row/64]>>(row%64)&1 == 1 }

// keep returns which rows of a layer's tiles a filter selects, nil for all.
func (q *request) keep(l *layers.Layer, filter cql2.Expr) (func(row int) bool, error) {
	if filter == nil {
		return nil, nil //nolint:nilnil // all
	}
	match, err := cql2.Compile(filter, l.Schema())
	if err != nil {
		return nil, err
	}
	key := keptKey{q.drawn[l.ID], filter.String()}
	rows, ok := q.server.kept.GetIfPresent(key)
	if !ok {
		rows = make(kept, (l.Total+63)/64)
		row := 0
		var f geo.Feature
		for next, err := range l.Features(q.Request.Context(), layers.Query{}) { // in the order in which the set was built
			if err != nil {
				return nil, err
			}
			if f = next; match(&f) {
				rows[row/64] |= 1 << (row % 64)
			}
			row++
		}
		q.server.kept.Set(key, rows)
	}
	return rows.has, nil
}

// keeps reads the filter and returns its text, empty if there is none, and which
// rows of each layer it selects.
func (q *request) keeps(ids string) (text string, keep map[string]func(row int) bool, err error) {
	filter, err := q.filter()
	if filter == nil || err != nil {
		return "", nil, err
	}
	keep = map[string]func(row int) bool{}
	for id := range strings.SplitSeq(ids, ",") {
		if strings.HasSuffix(id, borderSuffix) { // those of some areas only are not known
			keep[id] = func(int) bool { return false }
			continue
		}
		l, ok := q.Layer(id)
		if !ok {
			return "", nil, notFound("layer", id)
		}
		if keep[id], err = q.keep(l, filter); err != nil {
			return "", nil, ofLayer{id, err}
		}
	}
	return filter.String(), keep, nil
}
