package tile

import (
	"errors"

	"kharita/geo/rtree"
	"kharita/geo/section"
)

// Writable reports whether Write can write the set: one of points alone, of which there is
// nothing to tell. Lines and polygons are made together with those of other sets.
func (s *Set) Writable() bool { return !s.hasPaths && s.borders == nil && len(s.problems) == 0 }

// Write writes the set as sections that ReadSet reads. It must be Writable.
func (s *Set) Write(w *section.Writer) {
	section.Write(w, "set.rows", []int64{int64(s.rows)})
	section.Write(w, "set.items", s.items)
	if s.times != nil {
		section.Write(w, "set.times", s.times)
	}
	section.Write(w, "set.parts", s.parts)
	section.Write(w, "set.props", s.props)
	section.Write(w, "set.values", s.values.bytes)
	section.Write(w, "set.values.ends", s.values.ends)
	s.tree.Write(w)
}

// ReadSet returns the set that Write wrote, made with the same options, which lies in the
// memory of f. If f has an error afterwards, the set is of no use.
func ReadSet(f *section.File, o Options) *Set {
	s := newBuilder(o, &network{}, nil).set
	if rows := section.Read[int64](f, "set.rows"); len(rows) == 1 {
		s.rows = int(rows[0])
	}
	s.items = section.Read[item](f, "set.items")
	if f.Has("set.times") {
		s.times = section.Read[times](f, "set.times")
	}
	s.parts = section.Read[part](f, "set.parts")
	s.props = section.Read[prop](f, "set.props")
	s.values.bytes = section.Read[byte](f, "set.values")
	s.values.ends = section.Read[uint64](f, "set.values.ends")
	s.tree = rtree.Read(f)
	items := len(s.items)
	switch {
	case s.times != nil && len(s.times) != items, s.tree.Len() > len(s.parts),
		items > 0 && (int(s.items[items-1].partEnd) != len(s.parts) || int(s.items[items-1].propEnd) != len(s.props)):
		f.Fail(errors.New("the columns of the set don't fit together"))
	}
	s.ready()
	return s
}
