// Package glyphs holds the letters of map styles: Noto Sans in Arabic, Latin,
// Greek and Cyrillic as signed distance fields, in the glyph format of MapLibre.
// They are built by data/build; see LICENSE.txt.
package glyphs

import "embed"

// Files has a folder for each font, and in it a gzip file for each 256
// characters: noto-sans-regular/1536-1791.pbf.gz.
//
//go:embed noto-sans-regular noto-sans-semibold
var Files embed.FS
