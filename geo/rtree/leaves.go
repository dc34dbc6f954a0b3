package rtree

import (
	"slices"

	"kharita/geo/section"
)

// leaves are boxes in the order in which they were added, or in tree order. Points, as long as
// there is nothing else, are kept by column: where each is, and which of the few spans of
// time that many points have. That takes 18 bytes a point instead of 48.
type leaves struct {
	boxes  []Box // nil while all are points
	points [][2]float64
	which  []uint16 // of spans, for each point; nil: spans has one for each
	spans  []span

	// Only while boxes are added:
	expected int
	known    map[span]uint16 // where in spans
}

type span struct{ start, end int64 }

const maxSpans = 1 << 16 // that points may share

func (l *leaves) len() int { return max(len(l.boxes), len(l.points)) }

// box returns box i.
func (l *leaves) box(i int) Box {
	if l.boxes != nil {
		return l.boxes[i]
	}
	p, t := &l.points[i], l.span(i)
	return Box{p[0], p[1], p[0], p[1], t.start, t.end}
}

// span returns that of point i.
func (l *leaves) span(i int) *span {
	if l.which != nil {
		i = int(l.which[i])
	}
	return &l.spans[i]
}

// walk calls yield with each of the boxes [from, to) that intersects q, until it returns false.
func (l *leaves) walk(q *Box, from, to int, yield func(at int) bool) bool {
	if l.boxes != nil {
		boxes := l.boxes[from:to]
		for i := range boxes {
			if boxes[i].intersects(q) && !yield(from+i) {
				return false
			}
		}
		return true
	}
	points := l.points[from:to]
	for i := range points {
		p := &points[i]
		if !(p[0] >= q.MinX && p[0] <= q.MaxX && p[1] >= q.MinY && p[1] <= q.MaxY) {
			continue
		}
		if t := l.span(from + i); t.start < q.End && q.Start < t.end && !yield(from+i) {
			return false
		}
	}
	return true
}

func (l *leaves) swap(i, j int) {
	switch {
	case l.boxes != nil:
		l.boxes[i], l.boxes[j] = l.boxes[j], l.boxes[i]
		return
	case l.which != nil:
		l.which[i], l.which[j] = l.which[j], l.which[i]
	default:
		l.spans[i], l.spans[j] = l.spans[j], l.spans[i]
	}
	l.points[i], l.points[j] = l.points[j], l.points[i]
}

func (l *leaves) add(b *Box) {
	if l.boxes == nil && (b.MinX != b.MaxX || b.MinY != b.MaxY) {
		boxes := make([]Box, len(l.points), max(len(l.points)+1, l.expected))
		for i := range boxes {
			boxes[i] = l.box(i)
		}
		*l = leaves{boxes: boxes}
	}
	if l.boxes != nil {
		l.boxes = append(l.boxes, *b)
		return
	}
	if l.points == nil {
		l.points, l.which = make([][2]float64, 0, l.expected), make([]uint16, 0, l.expected)
		l.known = map[span]uint16{}
	}
	l.points = append(l.points, [2]float64{b.MinX, b.MinY})
	t := span{b.Start, b.End}
	k, ok := l.known[t]
	switch {
	case l.known == nil: // they have been found too many to be shared
		l.spans = append(l.spans, t)
		return
	case !ok && len(l.spans) == maxSpans:
		spans := make([]span, len(l.which), max(len(l.points), l.expected))
		for i := range spans {
			spans[i] = *l.span(i)
		}
		l.spans, l.which, l.known = append(spans, t), nil, nil
		return
	case !ok:
		k = uint16(len(l.spans))
		l.known[t], l.spans = k, append(l.spans, t)
	}
	l.which = append(l.which, k)
}

// done lets go of what adding needs.
func (l *leaves) done() {
	l.boxes, l.points = slices.Clip(l.boxes), slices.Clip(l.points)
	l.which, l.spans, l.known = slices.Clip(l.which), slices.Clip(l.spans), nil
}

func (l *leaves) write(w *section.Writer) {
	if l.boxes != nil {
		section.Write(w, "tree.boxes", l.boxes)
		return
	}
	section.Write(w, "tree.points", l.points)
	section.Write(w, "tree.spans", l.spans)
	if l.which != nil {
		section.Write(w, "tree.which", l.which)
	}
}

// readLeaves reads what write wrote. What does not fit together has no length.
func readLeaves(f *section.File) (l leaves) {
	if f.Has("tree.boxes") {
		return leaves{boxes: section.Read[Box](f, "tree.boxes")}
	}
	l.points, l.spans = section.Read[[2]float64](f, "tree.points"), section.Read[span](f, "tree.spans")
	if f.Has("tree.which") {
		l.which = section.Read[uint16](f, "tree.which")
	}
	if shared := l.which != nil; shared && len(l.which) != len(l.points) || !shared && len(l.spans) != len(l.points) {
		return leaves{}
	}
	return l
}
