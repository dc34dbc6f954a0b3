package cql2_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/cql2"
)

func Example() {
	e, err := cql2.ParseText("kind = 'town' and S_WITHIN(geometry, BBOX(40, 33, 45, 37))")
	if err != nil {
		panic(err)
	}
	names := geo.NewNames("kind")
	match, err := cql2.Compile(e, cql2.Schema{Names: names})
	if err != nil {
		panic(err)
	}
	town := geo.NewProperties(names, []geo.Value{geo.StringValue("town")})
	fmt.Println(match(&geo.Feature{Geometry: orb.Point{43, 36}, Properties: town}), match(&geo.Feature{Geometry: orb.Point{36, 33}, Properties: town}))
	fmt.Println(e)
	fmt.Println(string(cql2.AppendJSON(nil, e)))
	fmt.Println(cql2.Necessary(e, cql2.Schema{Names: names}).Bounds)
	// Output:
	// true false
	// kind = 'town' AND S_WITHIN(geometry, BBOX(40, 33, 45, 37))
	// {"op":"and","args":[{"op":"=","args":[{"property":"kind"},"town"]},{"op":"s_within","args":[{"property":"geometry"},{"bbox":[40,33,45,37]}]}]}
	// [{[40 33] [45 37]}]
}

func ExampleCompile_error() {
	e, err := cql2.ParseText("population > 1e6 AND nam_en = 'دمشق'")
	if err != nil {
		panic(err)
	}
	_, err = cql2.Compile(e, cql2.Schema{Names: geo.NewNames("name_en", "population")})
	fmt.Println(err)
	// Output:
	// filter: there is no property nam_en; did you mean name_en? (at character 22: nam_en = 'دمشق')
}
