package layers

import (
	"bytes"
	"testing"

	"kharita/geo/section"
)

// Written returns the Source s of features in memory as it is after it was written and read.
func Written(tb testing.TB, s Source) Source {
	tb.Helper()
	var b bytes.Buffer
	w := section.NewWriter(&b)
	m := s.(*memory)
	m.write(w)
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	f, err := section.Open(b.Bytes(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	read := readMemory(f)
	if err := f.Err(); err != nil {
		tb.Fatal(err)
	}
	read.schema = m.schema
	return read
}
