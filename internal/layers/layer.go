// Package layers is the heart of the server: what a folder of GeoJSON files and
// sidecars holds, checked, indexed and ready to be asked.
//
// Load turns a folder into a Snapshot, which never changes afterwards; a Query
// asks a Layer's Source. Nothing here knows of HTTP, of tiles or of formats.
package layers

import (
	"context"
	"iter"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/internal/store"
)

// A Snapshot is one immutable version of an atlas. It is safe for concurrent use.
type Snapshot struct {
	Atlas    Atlas
	Layers   []*Layer // the atlas's own, top first
	Base     []*Layer // the map under them, top first; see WithBase
	Revision string   // hash of all files; equal files give equal revisions
}

// Layer returns the layer with the given id, of the atlas or of the base map.
func (s *Snapshot) Layer(id string) (*Layer, bool) {
	for _, list := range [][]*Layer{s.Layers, s.Base} {
		for _, l := range list {
			if l.ID == id {
				return l, true
			}
		}
	}
	return nil, false
}

// WithBase returns s with the layers of base under it, as far as the atlas
// wants them: all for "builtin", none for "none", else the named layers of the
// atlas itself. A layer of the atlas hides one of base that has the same id.
func (s *Snapshot) WithBase(base *Snapshot) *Snapshot {
	t := *s
	t.Layers, t.Base = nil, nil
	for _, l := range s.Layers {
		if s.Atlas.Basemap.has(l.ID) {
			b := *l
			b.Base = true
			t.Base = append(t.Base, &b)
		} else {
			t.Layers = append(t.Layers, l)
		}
	}
	if s.Atlas.Basemap.Builtin && base != nil {
		for _, l := range base.Layers {
			if _, taken := s.Layer(l.ID); !taken {
				b := *l
				b.Base = true
				t.Base = append(t.Base, &b)
			}
		}
		t.Revision += base.Revision
	}
	return &t
}

// An Atlas is what atlas.yaml says of the folder as a whole.
type Atlas struct {
	Title       Text
	Description Text
	Attribution Text
	Languages   []string // of the content, first is the fallback
	Licence     Licence
	View        View
	Span        period.Period // what the time control covers; Never if no layer has time
	Years       []int         // the chips
	Basemap     Basemap
	Groups      []Group
	Story       []Step
	order       []ref // of layers, top first
	spanStated  bool
	texts       []spoken // of atlas.yaml
}

// A Licence is what others may do with the data.
type Licence struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// A View is where the map starts. A nil Center leaves it to the layers' bound.
type View struct {
	Center *orb.Point // lon, lat
	Zoom   float64
	Time   string   // EDTF; empty: all time
	Layers []string // that are on; nil: all
}

// A Basemap says which layers lie under the atlas.
type Basemap struct {
	Builtin bool
	Layers  []string // of the atlas itself
}

func (b Basemap) has(id string) bool {
	for _, l := range b.Layers {
		if l == id {
			return true
		}
	}
	return false
}

// A Group is a heading over some layers in the legend.
type Group struct {
	Title  Text
	Layers []string
}

// A Step is one step of the story.
type Step struct {
	ID          string
	Title, Text Text
	Time        string // EDTF
	View        View
	Layers      []string
	Feature     string // layer/id
}

// A Layer is a named set of features of one kind, with all that its sidecar
// says or that was guessed in its place.
type Layer struct {
	ID          string
	File        string
	Revision    string // hash of all files that it was read from; equal files give equal revisions
	Title       Text
	Description Text
	Attribution Text
	Licence     Licence
	Geometry    Geometry
	Total       int               // features
	Bound       orb.Bound         // lon, lat; empty if no feature has a place
	Span        period.Period     // covers the valid time of all features, possible reading; Never if none has any
	Changes     []period.Instant  // at which a feature starts or ends, possible reading, ascending
	Fields      []Field           // the properties, in the order of the file
	Name        map[string]string // language -> property; "" where the language is not known
	Popup       []string
	Time        TimeFields
	Tile        TileOptions
	Style       Style
	Legend      Text
	Sources     string   // property
	Identity    string   // property that versions of one thing share
	Metric      string   // count or area
	Rivals      []Figure // published figures to show beside ours, by date
	Unsearched  bool     // its features are not found by name
	Base        bool     // part of the base map
	Guesses     []string
	Shelf       store.Shelf // keeps what is made of the files
	Source

	derived          *derived // nil: made anew at each call
	texts            []spoken // of the sidecar
	shares           []ref    // Tile.Shares with their places
	sidecarFile      string   // empty: none
	gapsExpected     bool     // between versions of one thing
	overlapsExpected bool
}

// Geometry is what a layer's features are: one word for the page and for styles.
type Geometry string

// The kinds of layer.
const (
	NoGeometry Geometry = ""
	Points     Geometry = "point"
	Lines      Geometry = "line"
	Polygons   Geometry = "polygon"
	Mixed      Geometry = "mixed"
)

// A Field is a property and the words for it.
type Field struct {
	Name   string          `json:"name"`
	Type   string          `json:"type"` // string, integer, number, boolean, json; of the values that are not null
	Title  Text            `json:"title,omitempty"`
	Unit   string          `json:"unit,omitempty"`
	Values map[string]Text `json:"values,omitempty"` // words for its values
}

// TimeFields say where a layer's valid time stands and how it is read.
type TimeFields struct {
	Start, End string // properties; equal for a single date; empty: JSON-FG time, or none
	Ends       period.Ends
}

// TileOptions say what a layer's tiles carry.
type TileOptions struct {
	Properties       []string
	MinZoom, MaxZoom uint8
	Small            string // pixel or drop
	Shares           []string
	Borders          bool // a layer of borders comes with it
}

// A Source is where a layer's features live. It is safe for concurrent use.
type Source interface {
	// Features yields what q asks for, in q.Order or, without one, a total order that the
	// source chooses, for a page in bounds another one perhaps than for all in them. An error ends the walk: ErrInvalid for a cursor that is not its
	// own or a property to order by that it has not.
	Features(ctx context.Context, q Query) iter.Seq2[geo.Feature, error]
	// Rows is Features for who writes all of a feature at once: each where it stands.
	Rows(ctx context.Context, q Query) iter.Seq2[geo.Row, error]
	// Count returns how many features q selects, whatever its Limit and After. It
	// looks at no more than effort of them one by one, 0: at as many as it takes;
	// known is false if that did not tell.
	Count(ctx context.Context, q Query, effort int) (n int, known bool, err error)
	// Feature returns one feature, or ErrNotFound.
	Feature(ctx context.Context, id string) (geo.Feature, error)
	// Stable returns the longest period around the start of q.Valid in which the
	// answer to q, asked for one instant, does not change. With a Filter it may be shorter.
	Stable(ctx context.Context, q Query) (period.Period, error)
	// Cursor returns where to go on after f, which q selects, for Query.After of the next
	// question, which is like q otherwise.
	Cursor(f geo.Feature, q Query) Cursor
}

// A Query selects features. The zero Query selects all.
type Query struct {
	Bounds  []orb.Bound   // lon, lat; any of them, touched by the exact geometry
	Valid   period.Period // shares an instant with the feature's valid time; features without time always match
	Reading period.Reading
	Filter  cql2.Expr // nil: any; what does not fit the layer is a *cql2.Error
	Order   []Order   // by the first, then by the next, then by id; none: the source's own
	Limit   int       // 0: no limit
	After   Cursor
	window  *window // see Together
}

// Field returns the property of that name, nil if the layer has none.
func (l *Layer) Field(name string) *Field {
	for i := range l.Fields {
		if l.Fields[i].Name == name {
			return &l.Fields[i]
		}
	}
	return nil
}

// Schema returns what a filter may ask of the layer's features.
func (l *Layer) Schema() cql2.Schema {
	names := geo.NewNames()
	for _, f := range l.Fields {
		names.Add(f.Name)
	}
	return l.Time.schema(names)
}

// schema returns that of features with the given properties.
func (t TimeFields) schema(names *geo.Names) cql2.Schema {
	return cql2.Schema{Names: names, Start: t.Start, End: t.End}
}

// A Cursor is an opaque place in a source's order; empty: the start.
type Cursor string
