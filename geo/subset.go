package geo

// A Subset is some of the properties of a layer's features. It is not safe for
// concurrent use.
type Subset struct {
	list  []string
	names *Names // of keep
	keep  []bool
}

// NewSubset returns the Subset of the given names.
func NewSubset(names ...string) *Subset { return &Subset{list: names} }

// Of returns the view of p in which all else is null. A nil Subset is all.
func (s *Subset) Of(p Properties) Properties {
	if s == nil || p.names == nil {
		return p
	}
	if s.names != p.names {
		keep := make([]bool, len(p.names.list)) // what was handed out keeps its own
		for _, name := range s.list {
			if i, ok := p.names.Find(name); ok {
				keep[i] = true
			}
		}
		s.names, s.keep = p.names, keep
	}
	p.keep = s.keep
	return p
}
