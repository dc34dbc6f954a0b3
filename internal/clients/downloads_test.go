//go:build clients

package clients

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A fileFormat is how GDAL reads one of our downloads.
type fileFormat struct {
	ext  string
	open []string             // options of its driver
	got  func(map[string]any) // undoes what the format makes of properties; nil: nothing
	want func(map[string]any) // does what the format can't help doing to properties; nil: nothing
}

func fileFormats() []fileFormat {
	return []fileFormat{
		{ext: ".geojson"},
		{ext: ".geojsonl"},
		{
			ext: ".csv", open: []string{"-oo", "GEOM_POSSIBLE_NAMES=geometry", "-oo", "KEEP_GEOM_COLUMNS=NO"},
			got: func(p map[string]any) {
				delete(p, "valid_from")
				delete(p, "valid_until")
				for name, v := range p {
					if text, ok := v.(string); ok {
						p[name] = strings.TrimPrefix(text, "'") // where a spreadsheet would see a formula
					}
				}
			},
			want: allText,
		},
		{ext: ".jsonfg"},
		{ext: ".fgb", got: func(p map[string]any) {
			delete(p, "valid_from")
			delete(p, "valid_until")
		}},
		{ext: ".gpkg", got: func(p map[string]any) {
			delete(p, "valid_from")
			delete(p, "valid_until")
		}},
		{
			ext: ".kml", open: []string{"--config", "LIBKML_NAME_FIELD", "kml_name", "--config", "LIBKML_BEGIN_FIELD", "kml_begin", "--config", "LIBKML_END_FIELD", "kml_end"},
			got: func(p map[string]any) {
				for _, of := range []string{"kml_name", "description", "timestamp", "kml_begin", "kml_end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"} {
					delete(p, of) // KML's own
				}
				maps.DeleteFunc(p, func(name string, _ any) bool { return strings.Trim(name, "_") == "" })
			},
			want: func(p map[string]any) {
				allText(p)
				maps.DeleteFunc(p, func(name string, _ any) bool { return name[0] >= utf8.RuneSelf }) // GDAL reads such names as ____
			},
		},
	}
}

// allText is what a format without types does: null is empty.
func allText(p map[string]any) {
	for name := range p {
		if _, isText := p[name].(string); !isText {
			text, _ := json.Marshal(p[name])
			p[name] = string(text)
		}
	}
}

// holds checks that GDAL reads want in file.
func (f fileFormat) holds(t *testing.T, file string, want []feature) {
	t.Helper()
	args := append([]string{"-f", "GeoJSON", "/vsistdout/", "-preserve_fid", "-lco", "COORDINATE_PRECISION=15", file}, f.open...)
	got := withIDs(readFeatures(t, []byte(gdal(t, nil, "ogr2ogr", args...))))
	for i := range got {
		if f.got != nil {
			f.got(got[i].Properties)
		}
	}
	for i := range want {
		if f.want != nil {
			f.want(want[i].Properties)
		}
	}
	same(t, got, want)
}

// TestDownloads: GDAL reads each of our files of each layer, and finds the same
// in all of them.
func TestDownloads(t *testing.T) {
	for name, server := range servers() {
		for _, layer := range layerIDs(t, server) {
			for _, f := range fileFormats() {
				t.Run(name+"/"+layer+f.ext, func(t *testing.T) {
					t.Parallel()
					file := filepath.Join(t.TempDir(), "layer"+f.ext)
					if err := os.WriteFile(file, get(t, server+"/downloads/"+url.PathEscape(layer)+f.ext), 0o600); err != nil {
						t.Fatal(err)
					}
					f.holds(t, file, download(t, server, layer, ""))
				})
			}
		}
	}
}

// TestDownloadByAddress: GDAL reads a download of a date where it lies.
func TestDownloadByAddress(t *testing.T) {
	const query = "?datetime=2015"
	out := gdal(t, nil, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", "-lco", "COORDINATE_PRECISION=15", atlas+"/downloads/isis-held.geojson"+query)
	same(t, withIDs(readFeatures(t, []byte(out))), download(t, atlas, "isis-held", query))
}

// TestDownloadParts: GDAL opens each of our files where it lies, and reads of it what it
// needs: the box of a FlatGeobuf file is found without reading all of it.
func TestDownloadParts(t *testing.T) {
	for _, f := range fileFormats() {
		t.Run(f.ext, func(t *testing.T) {
			t.Parallel()
			f.holds(t, "/vsicurl/"+atlas+"/downloads/settlements"+f.ext, download(t, atlas, "settlements", ""))
		})
	}
	const file, box = "/downloads/many.fgb", "10,-20,33,41"
	front := record(t, awkward)
	out := gdal(t, nil, "ogrinfo", append([]string{"-ro", "-al", "-so", "/vsicurl/" + front.url + file, "-spat"}, strings.Split(box, ",")...)...)
	if count := fmt.Sprintf("Feature Count: %d\n", len(download(t, awkward, "many", "?bbox="+box))); !strings.Contains(out, count) {
		t.Errorf("GDAL finds others than our %s%s", count, out)
	}
	if all := len(get(t, awkward+file)); front.bytes() == 0 || front.bytes() > int64(all)*2/3 {
		t.Errorf("GDAL read %d bytes for a part of %d", front.bytes(), all)
	}
}

// TestDownloadSystems: GDAL finds what our files in another coordinate system hold, and
// where it is: FlatGeobuf and GeoPackage say the system themselves, of CSV the reader does.
func TestDownloadSystems(t *testing.T) {
	want := download(t, atlas, "settlements", "?datetime=2015-06-01")
	for _, code := range []string{"4326", "3857", "32638"} {
		for ext, more := range map[string][]string{
			".fgb": nil, ".gpkg": nil,
			".csv": {"-s_srs", "EPSG:" + code, "-oo", "GEOM_POSSIBLE_NAMES=geometry"},
		} {
			file := filepath.Join(t.TempDir(), "towns"+ext)
			address := atlas + "/downloads/settlements" + ext + "?datetime=2015-06-01&crs=http://www.opengis.net/def/crs/EPSG/0/" + code
			if err := os.WriteFile(file, get(t, address), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"-f", "GeoJSON", "/vsistdout/", "-t_srs", "OGC:CRS84", "-lco", "COORDINATE_PRECISION=9", file}, more...)
			got := map[string]feature{}
			for _, f := range withIDs(readFeatures(t, []byte(gdal(t, nil, "ogr2ogr", args...)))) {
				got[f.id()] = f
			}
			for _, f := range want {
				g, ok := got[f.id()]
				if !ok || apart(g.Geometry, f.Geometry) > 2e-8 { // half a millimetre is 1e-8 degrees
					t.Fatalf("EPSG:%s%s: %s is at %.200v, want %.200v", code, ext, f.id(), g.Geometry, f.Geometry)
				}
			}
			if len(got) != len(want) || len(want) == 0 {
				t.Errorf("EPSG:%s%s: %d features, want %d", code, ext, len(got), len(want))
			}
		}
	}
}

// TestIndex: GDAL finds by the spatial index of a FlatGeobuf file what lies in a box.
func TestIndex(t *testing.T) {
	for _, c := range []struct{ server, layer, box string }{
		{atlas, "settlements", "43,36,44,37"},
		{atlas, "isis-held", "43,36,43.2,36.4"},
		{awkward, "many", "10,-20,33,41"},
		{awkward, "shapes", "9,9,14.5,16"},
	} {
		file := filepath.Join(t.TempDir(), c.layer+".fgb")
		if err := os.WriteFile(file, get(t, c.server+"/downloads/"+c.layer+".fgb"), 0o600); err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(download(t, c.server, c.layer, "?bbox="+c.box), func(f feature) bool { return f.Geometry == nil }) // to GDAL, what has no place is nowhere
		args := append([]string{"-ro", "-al", "-so", file, "-spat"}, strings.Split(c.box, ",")...)
		if count := fmt.Sprintf("Feature Count: %d\n", len(want)); len(want) == 0 || !strings.Contains(gdal(t, nil, "ogrinfo", args...), count) {
			t.Errorf("%s in %s: GDAL finds others than our %d", c.layer, c.box, len(want))
		}
	}
}

// TestValidTime: GDAL reads valid time as date-times from the files that have them.
func TestValidTime(t *testing.T) {
	for ext, names := range map[string][2]string{".kml": {"begin", "end"}, ".fgb": {"valid_from", "valid_until"}, ".gpkg": {"valid_from", "valid_until"}} {
		file := filepath.Join(t.TempDir(), "dates"+ext)
		if err := os.WriteFile(file, get(t, awkward+"/downloads/dates"+ext), 0o600); err != nil {
			t.Fatal(err)
		}
		out := gdal(t, nil, "ogrinfo", "-ro", "-al", "-where", "id = 'days'", file)
		for name, want := range map[string]string{names[0]: "2014/06/10", names[1]: "2017/07/09"} {
			if !strings.Contains(out, "  "+name+" (DateTime) = "+want) {
				t.Errorf("%s: %s is not %s:\n%s", ext, name, want, out)
			}
		}
	}
}

// withIDs moves ids to their place; GDAL keeps those that are no numbers as properties.
func withIDs(list []feature) []feature {
	for i, f := range list {
		if id, ok := f.Properties["id"]; ok {
			list[i].ID = id
			delete(f.Properties, "id")
		}
	}
	return list
}

// TestFormats: no download is left out here.
func TestFormats(t *testing.T) {
	known := map[string]bool{}
	for _, f := range fileFormats() {
		known[f.ext] = true
	}
	type described struct {
		Links []struct{ Href, Rel string }
	}
	for _, l := range getJSON[described](t, atlas+"/collections/events").Links {
		if ext := filepath.Ext(l.Href); l.Rel == "enclosure" && !known[ext] {
			t.Errorf("GDAL reads no %s here", ext)
		}
	}
}
