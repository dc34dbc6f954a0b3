package geojson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

// BenchmarkAppendFeature writes a thousand seeded points with four properties and
// valid time out of a table, without and with its ends as properties.
func BenchmarkAppendFeature(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	table := geo.NewTable(geo.NewNames("name", "kind", "height", "population"))
	for i := range 1000 {
		start := period.Date(1900+r.IntN(100), 1+r.IntN(12), 1+r.IntN(28))
		table.Append(geo.TextID(fmt.Sprintf("place-%d", i)), orb.Point{float64(r.IntN(360e6))/1e6 - 180, float64(r.IntN(170e6))/1e6 - 85},
			period.Exactly(period.New(start, start+period.Instant(1+r.IntN(4000))*86_400_000)),
			[]geo.Value{geo.StringValue(fmt.Sprintf("مكان %d", i)), geo.StringValue("town"), geo.FloatValue(float64(r.IntN(9999)) / 10), geo.IntValue(int64(r.IntN(5_000_000)))})
	}
	for _, ends := range []bool{false, true} {
		b.Run(fmt.Sprintf("ends=%t", ends), func(b *testing.B) {
			w := geojson.Writer{Ends: ends}
			var buf []byte
			for b.Loop() {
				buf = buf[:0]
				for i := range table.Len() {
					buf = append(w.AppendFeature(buf, table.At(i)), '\n')
				}
			}
			b.SetBytes(int64(len(buf)))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(table.Len()), "ns/feature")
			if line, _, _ := bytes.Cut(buf, []byte{'\n'}); !json.Valid(line) {
				b.Fatalf("%s", line)
			}
		})
	}
}

// BenchmarkAppendRow writes seeded points of a finished table as a layer of a file has them,
// with the ends of their valid time: an id that is a number, a name of their own, three
// properties of few different values and two years; with all properties and with two.
func BenchmarkAppendRow(b *testing.B) {
	const rows = 100_000
	r := rand.New(rand.NewPCG(1, 2))
	table := geo.NewTable(geo.NewNames("country", "end_date", "kind", "name", "rank", "start_date"))
	for i := range rows {
		start := 1900 + r.IntN(100)
		end := start + r.IntN(20)
		table.Append(geo.NumberID(strconv.Itoa(i)), orb.Point{float64(r.IntN(360e6))/1e6 - 180, float64(r.IntN(170e6))/1e6 - 85},
			period.Exactly(period.New(period.Date(start, 1, 1), period.Date(end+1, 1, 1))),
			[]geo.Value{
				geo.StringValue(string([]byte{'A' + byte(r.IntN(26)), 'A' + byte(r.IntN(9))})), geo.StringValue(strconv.Itoa(end)),
				geo.StringValue([]string{"market", "port", "mine", "capital"}[r.IntN(4)]),
				geo.StringValue(fmt.Sprintf("%s %d", []string{"Samarqand", "Toshkent", "بخارا"}[r.IntN(3)], i)),
				geo.IntValue(int64(r.IntN(1000))), geo.StringValue(strconv.Itoa(start)),
			})
	}
	table.Finish()
	geojson.WriteTimes(table)
	for _, some := range []*geo.Subset{nil, geo.NewSubset("name", "rank")} {
		b.Run(fmt.Sprintf("some=%t", some != nil), func(b *testing.B) {
			w := geojson.Writer{Ends: true}
			buf := make([]byte, 0, 1<<16)
			n := 0
			for b.Loop() {
				for i := range rows {
					if buf = append(w.AppendRow(buf, table.Row(i), some), ",\n"...); len(buf) > 48<<10 {
						n, buf = n+len(buf), buf[:0]
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/feature")
			b.ReportMetric(float64(n)/float64(b.N)/rows, "bytes/feature")
		})
	}
}
