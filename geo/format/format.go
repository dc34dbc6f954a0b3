// Package format is the table of download formats.
//
// Every format is a function from a stream of features to bytes. The same
// features give the same bytes: nothing written depends on the time of day. When the stream
// breaks off, Write returns its error, and leaves what it has written so far
// recognisably broken.
package format

import (
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"kharita/geo"
	"kharita/geo/crs"
	"kharita/geo/geojson"
	"kharita/geo/period"
)

// A Format is one way to write features to a file.
type Format struct {
	Name      string // as in ?f= and on the command line
	MediaType string // without parameters; all text is UTF-8
	Ext       string // with its dot
	AnyCRS    bool   // a file can be in other systems than CRS84; see Export.CRS

	// Write writes the features and returns the first error of fs or w. It reads
	// fs once, to its end or to its first error. Features are only read.
	Write func(w io.Writer, e Export, fs iter.Seq2[geo.Feature, error]) error
}

// Export is what a file says about itself. Of the texts, those that are empty are left out.
type Export struct {
	Layer       string   // id of the layer
	Title       string   // these three in the language of who asked
	Description string   //
	Attribution string   //
	Licence     Licence  //
	Fields      []string // names of the properties, in the order of the columns
	Types       []string // of Fields: string, integer, number, boolean, json
	Name        string   // of the property that names a feature in the language of who asked
	Query       string   // URL that gives the same file again

	Count  int           // how many features are expected; for formats that must know before
	Bound  orb.Bound     // of all features, lon, lat; zero: not known
	Period period.Period // what was asked for; zero: all times

	// Temp makes the temporary file that a format needs which must know all before it writes
	// the first byte. Nil: in the system's folder for such.
	Temp func() (Temp, error)

	CRS    crs.CRS        // of the coordinates in the file, where the format can be in any
	Writer geojson.Writer // in CRS: of JSON-FG, and of GeoJSON where FG asks for that profile
}

// A Temp is a file that is gone when it is closed.
type Temp interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// temp makes a Temp.
func (e Export) temp() (Temp, error) {
	if e.Temp != nil {
		return e.Temp()
	}
	f, err := os.CreateTemp("", "kharita-*")
	return namedTemp{f}, err
}

// A namedTemp is removed with its name.
type namedTemp struct{ *os.File }

func (t namedTemp) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

// columnNames are the names of the columns for fields, each as it is unless one of ours or
// one before it has the name, whatever the case: then with "property_" before it.
func columnNames(fields []string, ours ...string) []string {
	taken := slices.Clone(ours)
	for _, name := range fields {
		for slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }) {
			name = "property_" + name
		}
		taken = append(taken, name)
	}
	return taken[len(ours):]
}

// endTexts are the first and the last millisecond of a period as date-times, empty where it
// is open, or outside the years 1 to 9999.
func endTexts(p period.Period) (texts [2]string) {
	if p.IsNever() {
		return texts
	}
	start, hasStart := p.Start()
	end, hasEnd := p.End()
	for i, bound := range [2]struct {
		at period.Instant
		ok bool
	}{{start, hasStart}, {end - 1, hasEnd}} {
		if t := time.UnixMilli(int64(bound.at)).UTC(); bound.ok && t.Year() >= 1 && t.Year() <= 9999 {
			texts[i] = t.Format("2006-01-02T15:04:05.000Z")
		}
	}
	return texts
}

// A Licence says what may be done with the features.
type Licence struct{ Name, URL string }

// All returns the formats, the one to offer first in front. The slice is the caller's.
func All() []Format {
	return []Format{
		{"geojson", "application/geo+json", ".geojson", false, writeGeoJSON},
		{"geojsonl", "application/geo+json-seq", ".geojsonl", false, writeGeoJSONSeq},
		{"jsonfg", "application/vnd.ogc.fg+json", ".jsonfg", true, writeJSONFG},
		{"csv", "text/csv", ".csv", true, writeCSV},
		{"kml", "application/vnd.google-earth.kml+xml", ".kml", false, writeKML},
		{"fgb", "application/vnd.flatgeobuf", ".fgb", true, writeFGB},
		{"gpkg", "application/geopackage+sqlite3", ".gpkg", true, writeGPKG},
	}
}

// Find returns the format of that name.
func Find(name string) (Format, bool) {
	for _, f := range All() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// A stream is a file that consists of a head, one text for each feature, and a tail.
type stream struct {
	head   []byte
	add    func(dst []byte, f geo.Feature) []byte
	tail   func(dst []byte) []byte // nil: none
	broken string                  // instead of the tail where the features break off
}

// write collects texts, and sends them to w when they are worth a call.
func (s stream) write(w io.Writer, fs iter.Seq2[geo.Feature, error]) error {
	const worth = 64 << 10
	buf := s.head
	for f, err := range fs {
		if err != nil {
			_, _ = w.Write(append(buf, s.broken...)) // err is the one that matters
			return err
		}
		buf = s.add(buf, f)
		if len(buf) >= worth {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	if s.tail != nil {
		buf = s.tail(buf)
	}
	_, err := w.Write(buf)
	return err
}
