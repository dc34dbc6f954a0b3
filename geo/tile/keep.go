package tile

import (
	"errors"
	"strconv"

	"kharita/geo/rtree"
	"kharita/geo/section"
)

// Writable reports whether Write can write the set: one of points alone, of which there is
// nothing to tell. Lines and polygons are made together with those of other sets; for what
// takes long in that, see Keeper.
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

// keptAs returns under which kind the keeper of s keeps its borders' or its own what.
func (s *Set) keptAs(what string) string {
	if s.border {
		return "borders." + what
	}
	return "tiles." + what
}

func (s *Set) levelName(z uint8) string { return s.keptAs("z" + strconv.Itoa(int(z))) }

// takeLevel takes zoom z from the keeper, unless it has been tried before. It reports
// whether it was there.
func (s *Set) takeLevel(z uint8) bool {
	l := &s.levels[z]
	l.taking.Do(func() {
		l.taken = s.keeper.Get(s.levelName(z), func(f *section.File) bool { return l.read(f, len(s.parts)) })
	})
	return l.taken
}

func (l *level) write(w *section.Writer) {
	section.Write(w, "level.points", l.points)
	section.Write(w, "level.paths", l.paths)
	section.Write(w, "level.shapes", l.shapes)
	section.Write(w, "level.parts", l.parts)
	section.Write(w, "level.chunks", l.chunks)
}

// read reads what write wrote. It reports whether it is a level of so many parts.
func (l *level) read(f *section.File, parts int) bool {
	points, paths := section.Read[point](f, "level.points"), section.Read[levelPath](f, "level.paths")
	shapes, ends := section.Read[levelShape](f, "level.shapes"), section.Read[uint32](f, "level.parts")
	chunks := section.Read[bbox](f, "level.chunks")
	path, shape, end := last(paths), last(shapes), last(ends)
	if f.Err() != nil || len(ends) != parts || int(end) != len(shapes) || int(shape.pathEnd) != len(paths) ||
		int(path.end) != len(points) || int(path.chunkEnd) != len(chunks) {
		return false
	}
	l.points, l.paths, l.shapes, l.parts, l.chunks = points, paths, shapes, ends, chunks
	return true
}

// last returns the last of list; zero if there is none.
func last[T any](list []T) (v T) {
	if n := len(list); n > 0 {
		v = list[n-1]
	}
	return v
}

func (l *labels) write(w *section.Writer) {
	section.Write(w, "label.items", l.items)
	section.Write(w, "label.at", l.at)
	l.tree.Write(w)
}

// read reads what write wrote. It reports whether it is labels of a set of so many items.
func (l *labels) read(f *section.File, items int) bool {
	of, at, tree := section.Read[uint32](f, "label.items"), section.Read[point](f, "label.at"), rtree.Read(f)
	n := len(of)
	if f.Err() != nil || n != len(at) || n < tree.Len() || n > 0 && int(of[n-1]) >= items {
		return false
	}
	l.items, l.at, l.tree = of, at, tree
	return true
}
