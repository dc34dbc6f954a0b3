package tile

import (
	"math/bits"
	"strconv"
)

// ids gives each item a number that no other item of the set has. The zero ids is empty.
type ids struct {
	last     uint64   // number given, while each is above the one before, as in most files
	slots    []uint64 // then an open hash table of the numbers given; 0 is free
	expected int      // numbers, as far as is known
}

const (
	maxID    = 1<<53 - 1 // the largest whole number that a JavaScript number holds exactly
	hashBits = 35        // so many take five bytes, which no compression makes fewer
)

// next returns the number of what comes after items: the n-th item of the feature with this id.
// That is the id itself if it is a whole number and n is 0: then own is true. Else it is a hash of both.
// It depends on nothing else but where two numbers are equal; there the later item takes
// the next hash that is free, so that the same features in the same order always get the
// same numbers. No item has number 0, which clients take for "none".
func (s *ids) next(items []item, id string, n int) (number uint64, own bool) {
	if number, own = wholeNumber(id); own && n == 0 {
		if s.add(items, number) {
			return number, true
		}
	}
	h := uint64(14695981039346656037) // FNV-1a
	write := func(t string) {
		for i := range len(t) {
			h = (h ^ uint64(t[i])) * 1099511628211
		}
	}
	write(id)
	if n > 0 {
		write("\x00" + strconv.Itoa(n))
	}
	for {
		v := mix(h) >> (64 - hashBits)
		if v != 0 && s.add(items, v) {
			return v, false
		}
		h++
	}
}

// add adds a number that is not 0; false if one of items has it.
func (s *ids) add(items []item, number uint64) bool {
	if s.slots == nil && number > s.last {
		s.last = number
		return true
	}
	if 2*len(items) >= len(s.slots) {
		s.slots = make([]uint64, 1<<bits.Len(uint(2*max(len(items)+1, s.expected))))
		for i := range items {
			s.put(items[i].id)
		}
	}
	return s.put(number)
}

func (s *ids) put(number uint64) bool {
	mask := uint64(len(s.slots) - 1)
	for i := mix(number) & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case 0:
			s.slots[i] = number
			return true
		case number:
			return false
		}
	}
}

// wholeNumber returns the number that id writes; ok is false if it is written in another
// way than clients would write it, or can't be the number of an item.
func wholeNumber(id string) (n uint64, ok bool) {
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil && 0 < n && n <= maxID && id[0] != '0'
}

// mix spreads the bits of h, of which FNV leaves the upper ones too much alike.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}
