// Package atlas holds the atlas that ships with Kharita: the 4+1 coalition and the
// regions that ISIS held, by date. Its layers are built by data/build; see README.md.
package atlas

import "embed"

// Files is the atlas folder: layers, their sidecars and atlas.yaml at the root.
//
//go:embed *.geojson *.yaml *.csv
var Files embed.FS
