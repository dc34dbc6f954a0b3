//go:build race

package tile_test

const raceEnabled = true
