// Package geo holds what is true of a feature in space and time, whatever serves it.
//
// Coordinates are longitude, latitude in degrees WGS 84 (OGC CRS84) everywhere;
// Web Mercator exists only inside geo/tile.
package geo

import (
	"github.com/paulmach/orb"

	"kharita/geo/period"
)

// A Feature is one thing with a place, properties and valid time. Once handed
// out it is shared and read-only: nobody writes into its geometry.
type Feature struct {
	ID         ID
	Geometry   orb.Geometry // lon, lat; nil where the feature has no place
	Properties Properties
	Valid      period.Valid
}
