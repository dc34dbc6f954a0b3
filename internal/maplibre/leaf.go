package maplibre

import (
	"encoding/json"
	"fmt"
	"slices"

	"kharita/internal/layers"
)

// An assignment is the value, as text, of each property that a style follows.
type assignment map[string]string

// resolve returns the value that l has for a feature with the given properties,
// or other where it has none.
func resolve[T any](l layers.Leaf, props assignment, other T) T {
	raw := l.Value
	if l.By != "" {
		raw = l.Other
		for _, c := range l.Cases {
			if v, ok := props[l.By]; ok && v == c.When {
				raw = c.Value
			}
		}
	}
	v := other
	if raw != nil && json.Unmarshal(raw, &v) != nil {
		return other // a sidecar is checked when it is read, so that this is no value of T's kind
	}
	return v
}

// A colour is one, or one for light and one for dark.
type colour struct{ light, dark string }

func (c *colour) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*c = colour{one, one}
		return nil
	}
	var pair struct{ Light, Dark string }
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	*c = colour{pair.Light, pair.Dark}
	return nil
}

// by returns f's value as a MapLibre expression of the properties that leaves
// follow: a nested match, or the bare value where it is always the same.
func (c *compiler) by(f func(assignment) any, leaves ...layers.Leaf) any {
	cases := map[string][]string{}
	var order []string
	for _, l := range leaves {
		if l.By == "" {
			continue
		}
		if !slices.Contains(order, l.By) {
			order = append(order, l.By)
		}
		for _, one := range l.Cases {
			if !slices.Contains(cases[l.By], one.When) {
				cases[l.By] = append(cases[l.By], one.When)
			}
		}
	}
	return c.match(f, assignment{}, order, cases)
}

func (c *compiler) match(f func(assignment) any, props assignment, order []string, cases map[string][]string) any {
	if len(order) == 0 {
		return f(props)
	}
	name, rest := order[0], order[1:]
	other := c.match(f, props, rest, cases)
	labels := map[string][]string{} // by value, as text: those with one value stand together
	values := map[string]any{}
	var keys []string
	for _, when := range cases[name] {
		props[name] = when
		v := c.match(f, props, rest, cases)
		key := fmt.Sprint(v)
		if key == fmt.Sprint(other) {
			continue
		}
		if labels[key] == nil {
			keys = append(keys, key)
			values[key] = v
		}
		labels[key] = append(labels[key], when)
	}
	delete(props, name)
	if len(keys) == 0 {
		return other
	}
	e := []any{"match", c.get(name)}
	for _, key := range keys {
		e = append(e, labels[key], values[key])
	}
	return append(e, other)
}

// get reads a property as text, which is how a style names its values.
func (c *compiler) get(property string) any {
	get := []any{"get", property}
	if f := c.layer.Field(property); f != nil && f.Type == "string" {
		return get
	}
	return []any{"to-string", get}
}

// split returns the different values that a leaf may have, and for each the
// filter of the features that have it; nil: all.
func split[T comparable](c *compiler, l layers.Leaf, other T) (values []T, filters []any) {
	add := func(v T) {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	add(resolve(l, nil, other))
	for _, one := range l.Cases {
		add(resolve(l, assignment{l.By: one.When}, other))
	}
	if len(values) == 1 {
		return values, []any{nil}
	}
	for _, v := range values {
		filters = append(filters, c.by(func(props assignment) any { return resolve(l, props, other) == v }, l))
	}
	return values, filters
}

// all joins filters; nil ones want everything.
func all(filters ...any) any {
	e := []any{"all"}
	for _, f := range filters {
		if f != nil {
			e = append(e, f)
		}
	}
	switch len(e) {
	case 1:
		return nil
	case 2:
		return e[1]
	}
	return e
}
