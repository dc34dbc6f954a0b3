package tile

import (
	"errors"
	"strconv"

	"github.com/paulmach/orb"

	"kharita/geo/rtree"
	"kharita/geo/section"
)

// A Keeper keeps what sets are made of, and what they make only when it is first asked
// for, for sets that are made of the same features and options in another process. Get
// calls read with what was put under kind; it reports whether there was such and read
// agrees. Put calls write some time.
type Keeper interface {
	Get(kind string, read func(*section.File) bool) bool
	Put(kind string, write func(*section.Writer))
}

// nothing keeps nothing.
type nothing struct{}

func (nothing) Get(string, func(*section.File) bool) bool { return false }
func (nothing) Put(string, func(*section.Writer))         {}

const keptSets = "tiles" // all sets of NewSets, by the keeper of the first

// takeSets returns the sets of layers from the keeper of the first; nil if it has none.
func takeSets(layers []Source) (sets []*Set) {
	if len(layers) == 0 || layers[0].Keeper == nil {
		return nil
	}
	layers[0].Keeper.Get(keptSets, func(f *section.File) bool {
		n := &network{grid: layers[0].Options.Grid, topology: readTopology(f), polygons: section.Read[polygonPaths](f, "polygons")}
		read := make([]*Set, len(layers))
		for i, l := range layers {
			in := f.In("set." + strconv.Itoa(i) + ".")
			read[i] = readSet(in, newBuilder(l.Options, n, nil, l.Keeper).set)
			if l.Options.Borders {
				borders := newBuilder(read[i].borderOptions(), n, nil, l.Keeper).set
				borders.border = true
				read[i].borders = readSet(in.In("borders."), borders)
			}
		}
		if f.Err() != nil {
			return false
		}
		sets = read
		return true
	})
	return sets
}

// keepSets gives the sets of layers to the keeper of the first.
func keepSets(layers []Source, n *network, sets []*Set) {
	if len(layers) == 0 || layers[0].Keeper == nil {
		return
	}
	layers[0].Keeper.Put(keptSets, func(w *section.Writer) {
		n.topology.write(w)
		section.Write(w, "polygons", n.polygons)
		for i, s := range sets {
			in := w.In("set." + strconv.Itoa(i) + ".")
			s.write(in)
			if s.borders != nil {
				s.borders.write(in.In("borders."))
			}
		}
	})
}

func (t *topology) write(w *section.Writer) {
	section.Write(w, "points", t.points)
	section.Write(w, "arcs", t.arcEnd)
	section.Write(w, "refs", t.refs)
	section.Write(w, "paths", t.pathEnd)
	section.Write(w, "sides", t.sides)
}

func readTopology(f *section.File) *topology {
	t := &topology{
		points: section.Read[point](f, "points"), arcEnd: section.Read[uint32](f, "arcs"), refs: section.Read[int32](f, "refs"),
		pathEnd: section.Read[uint32](f, "paths"), sides: section.Read[uint8](f, "sides"),
	}
	if int(last(t.arcEnd)) != len(t.points) || int(last(t.pathEnd)) != len(t.refs) || len(t.sides) != len(t.arcEnd) {
		f.Fail(errors.New("the columns of the topology don't fit together"))
	}
	return t
}

// write writes all of s but the network and what options tell.
func (s *Set) write(w *section.Writer) {
	section.Write(w, "rows", []int64{int64(s.rows)})
	section.Write(w, "items", s.items)
	if s.times.of != nil {
		section.Write(w, "times", s.times.of)
		section.Write(w, "times.possible", s.times.possible)
	}
	if s.times.certain != nil {
		section.Write(w, "times.certain", s.times.certain)
	}
	section.Write(w, "parts", s.parts)
	section.Write(w, "shapes", s.shapes.of)
	section.Write(w, "shapes.keys", s.shapes.keys)
	section.Write(w, "shapes.ends", s.shapes.ends)
	section.Write(w, "props", s.props)
	section.Write(w, "values", s.values.bytes)
	section.Write(w, "values.ends", s.values.ends)
	s.tree.Write(w)
	rows, rules, at := make([]int64, len(s.problems)), make([]string, len(s.problems)), make([]orb.Point, len(s.problems))
	for i, p := range s.problems {
		rows[i], rules[i], at[i] = int64(p.Row), string(p.Rule), p.At
	}
	section.Write(w, "problems.rows", rows)
	section.WriteTexts(w, "problems.rules", rules)
	section.Write(w, "problems.at", at)
}

// readSet completes s, of which there is what options tell and the network, by what write
// wrote. If f has an error afterwards, the set is of no use.
func readSet(f *section.File, s *Set) *Set {
	s.rows = int(last(section.Read[int64](f, "rows")))
	s.items = section.Read[item](f, "items")
	if f.Has("times") {
		s.times.of, s.times.possible = section.Read[uint32](f, "times"), section.Read[span](f, "times.possible")
	}
	if f.Has("times.certain") {
		s.times.certain = section.Read[span](f, "times.certain")
	}
	s.parts = section.Read[part](f, "parts")
	s.shapes.of, s.shapes.keys = section.Read[uint32](f, "shapes"), section.Read[uint32](f, "shapes.keys")
	s.shapes.ends = section.Read[uint32](f, "shapes.ends")
	s.props = section.Read[uint32](f, "props")
	s.values.bytes = section.Read[byte](f, "values")
	s.values.ends = section.Read[uint64](f, "values.ends")
	s.tree = rtree.Read(f)
	rows, rules, at := section.Read[int64](f, "problems.rows"), section.Texts(f, "problems.rules"), section.Read[orb.Point](f, "problems.at")
	end := last(s.items)
	if s.times.of != nil && len(s.times.of) != len(s.items) || len(s.shapes.of) != len(s.items) || int(last(s.shapes.ends)) != len(s.shapes.keys) ||
		s.times.certain != nil && len(s.times.certain) != len(s.times.possible) || int(end.partEnd) != len(s.parts) || int(end.propEnd) != len(s.props) ||
		s.tree.Len() > len(s.parts) || int(last(s.values.ends)) != len(s.values.bytes) || len(rules) != len(rows) || len(at) != len(rows) {
		f.Fail(errors.New("the columns of the set don't fit together"))
		return s
	}
	for i, row := range rows {
		s.problems = append(s.problems, Problem{int(row), Rule(rules[i]), at[i]})
	}
	s.hasPaths = s.network.topology != nil && len(s.network.topology.pathEnd) > 0
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
	section.Write(w, "level.boxes", l.boxes)
}

// read reads what write wrote. It reports whether it is a level of so many parts.
func (l *level) read(f *section.File, parts int) bool {
	points, paths := section.Read[point](f, "level.points"), section.Read[levelPath](f, "level.paths")
	shapes, ends := section.Read[levelShape](f, "level.shapes"), section.Read[uint32](f, "level.parts")
	boxes := section.Read[bbox](f, "level.boxes")
	path, shape, end := last(paths), last(shapes), last(ends)
	if f.Err() != nil || len(ends) != parts || int(end) != len(shapes) || int(shape.pathEnd) != len(paths) ||
		int(path.end) != len(points) || int(path.boxEnd) != len(boxes) {
		return false
	}
	l.points, l.paths, l.shapes, l.parts, l.boxes = points, paths, shapes, ends, boxes
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
