package geo

// A Column is one property of a layer, looked up once and then read from many
// rows. The zero Column is null everywhere.
type Column struct {
	names *Names
	i     int
	name  string
}

// Column returns the column of name; ok is false if there is none.
func (n *Names) Column(name string) (c Column, ok bool) {
	i, ok := n.Find(name)
	if !ok {
		return Column{}, false
	}
	return Column{n, i, name}, true
}

// Names returns the names of the table's columns.
func (t *Table) Names() *Names { return t.names }

// Of returns the value of the column in p, which may also be a row of other Names.
func (c Column) Of(p Properties) Value {
	if p.names == c.names && p.names != nil {
		return p.value(c.i)
	}
	return p.Get(c.name)
}
