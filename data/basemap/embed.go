// Package basemap holds the map's ground: countries, provinces of Syria and Iraq,
// rivers and towns. Its layers are built by data/build.
package basemap

import "embed"

// Files is the folder of the base map, in the same format as an atlas.
//
//go:embed *.geojson.gz *.yaml
var Files embed.FS
