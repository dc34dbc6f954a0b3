package geo

import (
	"errors"

	"kharita/geo/period"
	"kharita/geo/section"
)

// A span is a period as its limits.
type span struct{ lo, hi period.Instant }

func spanOf(p period.Period) span {
	lo, hi := p.Limits()
	return span{lo, hi}
}

func (s span) period() period.Period { return period.Between(s.lo, s.hi) }

// spans is a span for each row.
type spans struct {
	list  []span
	which []uint16 // of list, for each row; nil: list has one for each
}

// fewSpans is for how many rows there is a span if it is worth saying which of few each has.
const fewSpans = 8

func (s *spans) len() int {
	if s.which != nil {
		return len(s.which)
	}
	return len(s.list)
}

func (s *spans) at(row int) span {
	if s.which != nil {
		row = int(s.which[row])
	}
	return s.list[row]
}

// narrow stores s in two bytes a row instead of sixteen where there are few different spans, as of
// features that are dated by the year.
func (s *spans) narrow() {
	most := min(1<<16, len(s.list)/fewSpans)
	known := make(map[span]uint16)
	var few []span
	which := make([]uint16, len(s.list))
	for row, of := range s.list {
		n, ok := known[of]
		if !ok {
			if len(few) == most {
				return
			}
			n = uint16(len(few))
			known[of], few = n, append(few, of)
		}
		which[row] = n
	}
	if few != nil {
		s.list, s.which = few, which
	}
}

func (s *spans) write(w *section.Writer, name string) {
	section.Write(w, name, s.list)
	if s.which != nil {
		section.Write(w, name+".which", s.which)
	}
}

func readSpans(f *section.File, name string) (s spans) {
	s.list = section.Read[span](f, name)
	if f.Has(name + ".which") {
		s.which = section.Read[uint16](f, name+".which")
		for _, n := range s.which {
			if int(n) >= len(s.list) {
				f.Fail(errors.New("spans are missing"))
				return spans{}
			}
		}
	}
	return s
}
