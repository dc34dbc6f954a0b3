package tile

import "strconv"

// ids gives each item a number that no other item of the set has.
type ids map[uint64]struct{}

// next returns the number of the n-th item of the feature with this id: a hash of
// both in 53 bits, as many as a JavaScript number holds exactly. It depends on
// nothing else but where two hashes are equal; there the later item takes the next
// hash that is free, so that the same features in the same order always get the same
// numbers. No item has number 0, which clients take for "none".
func (s ids) next(id string, n int) uint64 {
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
		v := mix(h) >> 11
		if _, taken := s[v]; !taken && v != 0 {
			s[v] = struct{}{}
			return v
		}
		h++
	}
}

// mix spreads the bits of h, of which FNV leaves the upper ones too much alike.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}
