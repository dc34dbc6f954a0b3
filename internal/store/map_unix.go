//go:build linux || darwin || freebsd || netbsd || openbsd

package store

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile returns the content of a file, which is read from disk where and when it is
// looked at, and of which the system may take the memory back at any time.
func mapFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > math.MaxInt {
		return nil, errors.New("it is empty, or too large to map")
	}
	return unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
}

// unmap gives data back, which nobody has seen.
func unmap(data []byte) { _ = unix.Munmap(data) }

// forget takes the pages that lie wholly in data[from:to], of what mapFile returned, out of
// the process's memory. They come back when they are looked at.
func forget(data []byte, from, to int) {
	page := os.Getpagesize()
	if from, to = (from+page-1)/page*page, to/page*page; from < to {
		_ = unix.Madvise(data[from:to], unix.MADV_DONTNEED)
	}
}
