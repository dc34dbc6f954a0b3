//go:build proof

package server_test

import "testing"

// TestCrawlMillion: the bound holds for a million addresses as it does for thousands.
func TestCrawlMillion(t *testing.T) {
	const bound = 64 << 20
	grown := crawl(t, bound, 1_000_000)
	if t.Logf("the heap grew by %d bytes", grown); grown > bound {
		t.Errorf("the heap grew by %d bytes, the caches' bound is %d", grown, bound)
	}
}
