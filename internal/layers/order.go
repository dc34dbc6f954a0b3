package layers

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"kharita/geo"
)

// An Order is a property by which features are sorted. Truth values come before
// numbers, numbers before texts, which are compared byte by byte; what is null
// comes last either way.
type Order struct {
	Property   string
	Descending bool
}

// An ordering compares rows of a table by some columns, and by id where they are
// equal, so that no two rows are.
type ordering struct {
	table   *geo.Table
	columns []geo.Column
	down    []bool
}

// newOrdering returns ErrInvalid for a property that there is none of.
func newOrdering(table *geo.Table, list []Order) (*ordering, error) {
	o := &ordering{table: table}
	for _, by := range list {
		c, ok := table.Names().Column(by.Property)
		if !ok {
			return nil, fmt.Errorf("order by %q, a property that there is none of: %w", by.Property, ErrInvalid)
		}
		o.columns, o.down = append(o.columns, c), append(o.down, by.Descending)
	}
	return o, nil
}

// A place is where a feature stands in an order: its values, and its id.
type place struct {
	values []geo.Value
	id     string
}

// place returns that of a row, in the memory of p.
func (o *ordering) place(row int, p place) place {
	properties := o.table.Properties(row)
	p.values = p.values[:0]
	for _, c := range o.columns {
		p.values = append(p.values, c.Of(properties))
	}
	p.id = o.table.ID(row).String()
	return p
}

func (o *ordering) compare(a, b place) int {
	for i := range a.values {
		x, y := a.values[i], b.values[i]
		switch {
		case x.IsNull() && y.IsNull():
			continue
		case x.IsNull():
			return 1
		case y.IsNull():
			return -1
		}
		if c := compareValues(x, y); c != 0 {
			if o.down[i] {
				return -c
			}
			return c
		}
	}
	return strings.Compare(a.id, b.id)
}

// compareValues compares values that are not null.
func compareValues(a, b geo.Value) int {
	if i, ok := a.Int(); ok {
		if j, ok := b.Int(); ok {
			return cmp.Compare(i, j)
		}
	}
	f, isNumber := a.Float()
	g, both := b.Float()
	if isNumber && both {
		return cmp.Compare(f, g)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Text(), b.Text()))
}

// rank is the place of a value's kind among the others.
func rank(v geo.Value) int {
	switch v.Kind() {
	case geo.Bool:
		return 0
	case geo.Int, geo.Float:
		return 1
	}
	return 2
}

// cursor writes p as a JSON array, the id last.
func (p place) cursor() Cursor {
	c := []byte{'['}
	for _, v := range p.values {
		if v.Kind() == geo.JSON {
			v = geo.StringValue(v.Text()) // which compares the same
		}
		c = append(v.AppendJSON(c), ',')
	}
	return Cursor(append(geo.AppendJSONString(c, p.id), ']'))
}

// after reads a cursor of the order.
func (o *ordering) after(c Cursor) (p place, err error) {
	wrong := fmt.Errorf("cursor %q: %w", c, ErrCursor)
	var list []any
	d := json.NewDecoder(strings.NewReader(string(c)))
	d.UseNumber()
	if d.Decode(&list) != nil || len(list) != len(o.columns)+1 {
		return p, wrong
	}
	for _, v := range list[:len(o.columns)] {
		switch v := v.(type) {
		case nil:
			p.values = append(p.values, geo.Value{})
		case bool:
			p.values = append(p.values, geo.BoolValue(v))
		case string:
			p.values = append(p.values, geo.StringValue(v))
		case json.Number:
			if i, err := v.Int64(); err == nil {
				p.values = append(p.values, geo.IntValue(i))
				continue
			}
			f, err := v.Float64()
			if err != nil {
				return p, wrong
			}
			p.values = append(p.values, geo.FloatValue(f))
		default:
			return p, wrong
		}
	}
	id, ok := list[len(o.columns)].(string)
	if !ok {
		return p, wrong
	}
	p.id = id
	return p, nil
}

// sorted is walk in the order of q. It looks at all that q selects and keeps
// no more than twice the limit. The cursor names values, not features, so that the
// next page goes on at the right place whatever a reload has taken.
func (m *memory) sorted(ctx context.Context, q Query) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		rows, err := m.first(ctx, q)
		if err != nil {
			yield(0, err)
			return
		}
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// first returns the rows of the page that q asks for, in its order.
func (m *memory) first(ctx context.Context, q Query) (page []int, err error) {
	o, err := newOrdering(m.table, q.Order)
	if err != nil {
		return nil, err
	}
	var after, here, last, other place
	resumed := q.After != ""
	if resumed {
		if after, err = o.after(q.After); err != nil {
			return nil, err
		}
	}
	limit := q.Limit
	q.Limit, q.After = 0, ""
	rows, selects, err := m.candidates(q)
	if err != nil {
		return nil, err
	}
	shorten := func() {
		slices.SortFunc(page, func(a, b int) int {
			here, other = o.place(a, here), o.place(b, other)
			return o.compare(here, other)
		})
		if limit > 0 && len(page) > limit {
			page = page[:limit]
		}
	}
	full, seen := false, 0
	for row := range rows {
		if seen++; seen%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !selects(row) {
			continue
		}
		here = o.place(row, here)
		if resumed && o.compare(here, after) <= 0 || full && o.compare(here, last) >= 0 {
			continue
		}
		if page = append(page, row); limit > 0 && len(page) >= 2*limit {
			shorten()
			full, last = true, o.place(page[limit-1], last)
		}
	}
	shorten()
	return page, nil
}
