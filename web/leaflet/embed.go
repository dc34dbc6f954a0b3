// Package leaflet holds the built page. `npm run build` in this folder writes it
// to dist; without a build only a placeholder is there, so that Go compiles.
package leaflet

import "embed"

// Dist is the built page: dist/index.html, an html/template, and its assets with
// content-hashed names. Paths start with "dist/".
//
//go:embed all:dist
var Dist embed.FS
