package geojson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
