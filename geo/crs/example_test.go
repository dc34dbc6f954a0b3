package crs_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"kharita/geo/crs"
)

func ExampleCRS_Forward() {
	utm, _ := crs.Find("http://www.opengis.net/def/crs/EPSG/0/32638")
	baghdad := utm.Forward(orb.Point{44.3661, 33.3152})
	fmt.Printf("%.3f m east, %.3f m north\n", baghdad[0], baghdad[1])
	// Output: 440994.674 m east, 3686410.213 m north
}
