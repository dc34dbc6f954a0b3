package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"testing"
)

// TestSQLiteLock: the page at 1 GiB stays empty, and what fills several pages goes on after it.
func TestSQLiteLock(t *testing.T) {
	var b bytes.Buffer
	f := sqliteFile{bufio.NewWriter(&b), sqliteLock - 2}
	cell := f.cell(nil, bytes.Repeat([]byte{'x'}, sqliteLeast+2*(sqlitePage-4)), sqliteRow)
	last := f.write(make([]byte, sqlitePage))
	if err := f.out.Flush(); err != nil {
		t.Fatal(err)
	}
	if first := binary.BigEndian.Uint32(cell[len(cell)-4:]); first != sqliteLock-1 || last != sqliteLock+2 || f.pages != last {
		t.Errorf("from page %d to %d", first, last)
	}
	pages := b.Bytes()
	if next := binary.BigEndian.Uint32(pages); next != sqliteLock+1 {
		t.Errorf("page %d follows", next)
	}
	if len(pages) != 4*sqlitePage || !bytes.Equal(pages[sqlitePage:2*sqlitePage], make([]byte, sqlitePage)) || pages[2*sqlitePage+4] != 'x' {
		t.Errorf("%d bytes", len(pages))
	}
}

func TestSQLiteVarint(t *testing.T) {
	for v, want := range map[uint64]string{
		0: "\x00", 127: "\x7f", 128: "\x81\x00", 1<<14 - 1: "\xff\x7f", 1 << 55: "\xc0\x80\x80\x80\x80\x80\x80\x00",
		1 << 56: "\x80\xc0\x80\x80\x80\x80\x80\x80\x00", 1<<64 - 1: "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if got := string(appendSQLiteVarint(nil, v)); got != want {
			t.Errorf("%d: %x, want %x", v, got, want)
		}
	}
}
