package maplibre

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/internal/layers"
)

// nearby is how far apart, in degrees, two points of one name are taken for one place.
const nearby = 0.15

// NameOnce leaves names of points to the layers above, where one of them writes the same
// name nearby at the map's time: else MapLibre, which moves the two apart, writes it twice.
func (m *Map) NameOnce(ctx context.Context) error {
	for i, below := range m.Base.Layers {
		b := compiler{m: *m, layer: below, source: baseSource}
		if below.Style.Label == nil || !b.has(layers.Points) {
			continue
		}
		above := map[float64][]string{}
		for town, err := range below.Features(ctx, layers.Query{}) {
			if err != nil {
				return err
			}
			at, isPoint := town.Geometry.(orb.Point)
			name := b.written(town)
			if !isPoint || name == "" {
				continue
			}
			from, err := m.writtenFrom(ctx, name, at)
			if err != nil {
				return err
			}
			if !math.IsInf(from, 1) && !slices.Contains(above[from], name) {
				above[from] = append(above[from], name)
			}
		}
		m.Base.Layers[i].above = above
	}
	return nil
}

// writtenFrom returns the zoom from which a layer of data writes name near a place;
// infinite if none does.
func (m *Map) writtenFrom(ctx context.Context, name string, at orb.Point) (float64, error) {
	from := math.Inf(1)
	for _, l := range m.Data.Layers {
		c := compiler{m: *m, layer: l, source: dataSource}
		st := l.Style.Label
		if st == nil || l.Off || !c.has(layers.Points) {
			continue
		}
		q := layers.Query{Bounds: []orb.Bound{at.Bound().Pad(nearby)}, Valid: m.Time}
		for f, err := range l.Features(ctx, q) {
			if err != nil {
				return from, err
			}
			if _, isPoint := f.Geometry.(orb.Point); isPoint && c.written(f) == name {
				z := zoom(resolve(st.MinZoom, assignment{st.MinZoom.By: f.Properties.Get(st.MinZoom.By).Text()}, 0.0))
				from = min(from, max(z, float64(l.Tile.MinZoom)))
			}
		}
	}
	return from, nil
}

// written is what the layer's labels say of f.
func (c *compiler) written(f geo.Feature) string {
	for _, p := range c.names(c.layer.Style.Label.Field) {
		if v := f.Properties.Get(p); !v.IsNull() {
			return v.Text()
		}
	}
	return ""
}

// notAbove is the filter of names that no layer above writes at a zoom; nil: of all.
func (c *compiler) notAbove() any {
	var filters []any
	for _, from := range slices.Sorted(maps.Keys(c.layer.above)) {
		own := []any{"match", c.name(c.layer.Style.Label.Field), c.layer.above[from], false, true}
		filters = append(filters, []any{"any", []any{"<", []any{"zoom"}, from}, own})
	}
	return all(filters...)
}
