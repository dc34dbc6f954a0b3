package period_test

import (
	"fmt"

	"kharita/geo/period"
)

func ExampleParse() {
	v, err := period.Parse("2014-06~/2017-11-26")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Possible)
	fmt.Println(v.Certain)

	_, err = period.Parse("2015-02-30")
	fmt.Println(err)
	// Output:
	// 2014-06-01/2017-11-26
	// 2014-07-01/2017-11-26
	// date "2015-02-30": February 2015 has 28 days (at character 9)
}

func ExampleEnds_ParsePair() {
	held, err := period.Ends{Uncertain: true}.ParsePair("2014-06", "2017-11")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(held.Possible)
	fmt.Println(held.Certain)
	// Output:
	// 2014-06-01/2017-11-30
	// 2014-07-01/2017-10-31
}

func ExampleParseDatetime() {
	asked, err := period.ParseDatetime("2015-06/..")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(asked.Contains(period.Date(2015, 5, 31)), asked.Contains(period.Date(2015, 6, 1)))
	// Output: false true
}

func ExampleDescribe() {
	fmt.Println(period.Describe("2014-06~", "2017-11-26", "en"))
	fmt.Println(period.Describe("2014-06~", "2017-11-26", "ar"))
	fmt.Println(period.Describe("2014-09/2014-12", "", "en"))
	// Output:
	// c. June 2014 – 26 November 2017
	// من حزيران 2014 تقريبًا إلى 26 تشرين الثاني 2017
	// since some time between September and December 2014
}
