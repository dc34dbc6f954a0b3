//go:build proof

package main

import (
	"os"
	"testing"
)

// TestRebuild makes the atlas twice and expects the same bytes, those that are
// committed. It needs the packages: npm ci in data/build.
func TestRebuild(t *testing.T) {
	first, err := build("..", false)
	if err != nil {
		t.Fatal(err)
	}
	second, err := build("..", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sortedKeys(first.files) {
		if string(first.files[name]) != string(second.files[name]) {
			t.Errorf("%s: differs from one run to the next", name)
		}
		old, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if string(old) != string(first.files[name]) {
			t.Errorf("%s: differs from what is committed", name)
		}
	}
}
