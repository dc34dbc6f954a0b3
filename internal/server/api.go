package server

// classes are the conformance classes whose requirements all hold.
//
//nolint:gochecknoglobals // a table
var classes = []string{
	"ogcapi-common-1/1.0/conf/core",
	"ogcapi-common-1/1.0/conf/landing-page",
	"ogcapi-common-1/1.0/conf/json",
	"ogcapi-common-1/1.0/conf/html",
	"ogcapi-common-1/1.0/conf/oas30",
	"ogcapi-common-2/1.0/conf/collections",
	"ogcapi-common-2/1.0/conf/json",
	"ogcapi-common-2/1.0/conf/simple-query", // of its drafts; STAC's search for collections builds on it
	"ogcapi-features-1/1.0/conf/core",
	"ogcapi-features-1/1.0/conf/geojson",
	"ogcapi-features-1/1.0/conf/html",
	"ogcapi-features-1/1.0/conf/oas30",
	"ogcapi-features-2/1.0/conf/crs",
	"ogcapi-features-3/1.0/conf/queryables",
	"ogcapi-features-3/1.0/conf/queryables-query-parameters",
	"ogcapi-features-3/1.0/conf/filter",
	"ogcapi-features-3/1.0/conf/features-filter",
	"ogcapi-common-3/1.0/conf/schemas",
	"ogcapi-common-3/1.0/conf/returnables-and-receivables",
	"ogcapi-common-3/1.0/conf/queryables",
	"ogcapi-common-3/1.0/conf/sortables",
	"ogcapi-common-3/1.0/conf/advanced-property-roles",
	"ogcapi-features-8/0.0/conf/sorting", // a draft
	"ogcapi-features-8/0.0/conf/features-sorting",
	"json-fg-1/1.0/conf/core",
	"json-fg-1/1.0/conf/types-schemas",
	"json-fg-1/1.0/conf/profiles",
	"json-fg-1/1.0/conf/api",
	"cql2/1.0/conf/cql2-text",
	"cql2/1.0/conf/cql2-json",
	"cql2/1.0/conf/basic-cql2",
	"cql2/1.0/conf/advanced-comparison-operators",
	"cql2/1.0/conf/case-insensitive-comparison",
	"cql2/1.0/conf/accent-insensitive-comparison",
	"cql2/1.0/conf/basic-spatial-functions",
	"cql2/1.0/conf/basic-spatial-functions-plus",
	"cql2/1.0/conf/spatial-functions",
	"cql2/1.0/conf/temporal-functions",
	"cql2/1.0/conf/array-functions",
	"cql2/1.0/conf/property-property",
	"cql2/1.0/conf/arithmetic",
	"cql2/1.0/conf/functions",
	"ogcapi-tiles-1/1.0/conf/core",
	"ogcapi-tiles-1/1.0/conf/tileset",
	"ogcapi-tiles-1/1.0/conf/tilesets-list",
	"ogcapi-tiles-1/1.0/conf/geodata-tilesets",
	"ogcapi-tiles-1/1.0/conf/dataset-tilesets",
	"ogcapi-tiles-1/1.0/conf/collections-selection",
	"ogcapi-tiles-1/1.0/conf/datetime",
	"ogcapi-tiles-1/1.0/conf/mvt",
	"ogcapi-tiles-1/1.0/conf/geojson",
	"ogcapi-tiles-1/1.0/conf/oas30",
	"tms/2.0/conf/tilematrixset",
	"tms/2.0/conf/json-tilematrixset",
	"tms/2.0/conf/tilematrixsetlimits",
	"tms/2.0/conf/json-tilematrixsetlimits",
	"tms/2.0/conf/tilesetmetadata",
	"tms/2.0/conf/json-tilesetmetadata",
	"ogcapi-styles-1/0.0/conf/core", // a draft
	"ogcapi-styles-1/0.0/conf/json",
	"ogcapi-styles-1/0.0/conf/html",
	"ogcapi-styles-1/0.0/conf/mapbox-styles",
}

func (q *request) conformance() error {
	list := make([]string, len(classes))
	for i, c := range classes {
		list[i] = "http://www.opengis.net/spec/" + c
	}
	return q.json(map[string]any{"conformsTo": list})
}

// landing answers with the map for people and the landing page for programs.
func (q *request) landing() error {
	if q.format == "html" {
		about := q.dataset(q.base()+"/", q.Atlas.Title, q.Atlas.Description, q.Atlas.Attribution, q.Atlas.Licence, q.Layers, wholeAtlas)
		a, err := q.server.html(q.state, q.lang, about)
		if err != nil {
			return err
		}
		q.Header("Content-Security-Policy", securityPolicy)
		send(q.Context, a, false)
		return nil
	}
	title, _ := q.Atlas.Title.In(q.lang, q.fallback())
	description, _ := q.Atlas.Description.In(q.lang, q.fallback())
	at := q.base()
	const rel = "http://www.opengis.net/def/rel/ogc/1.0/"
	return q.json(map[string]any{
		"title": title, "description": description,
		"links": []link{
			{Href: at + "/?f=json", Rel: "self", Type: "application/json", Title: q.say("This page")},
			{Href: at + "/?f=html", Rel: "alternate", Type: "text/html", Title: q.say("The map")},
			{Href: at + "/api", Rel: "service-desc", Type: openAPIType, Title: q.say("The API")},
			{Href: at + "/api?f=html", Rel: "service-doc", Type: "text/html", Title: q.say("The API, to read")},
			{Href: at + "/conformance", Rel: "conformance", Type: "application/json", Title: q.say("Conformance")},
			{Href: at + "/conformance", Rel: rel + "conformance", Type: "application/json", Title: q.say("Conformance")},
			{Href: at + "/collections", Rel: "data", Type: "application/json", Title: q.say("The layers")},
			{Href: at + "/collections", Rel: rel + "data", Type: "application/json", Title: q.say("The layers")},
			{Href: at + "/tiles", Rel: rel + "tilesets-vector", Type: "application/json", Title: q.say("Tilesets of all layers")},
			{Href: at + "/tileMatrixSets", Rel: rel + "tiling-schemes", Type: "application/json", Title: q.say("Tile matrix sets")},
			{Href: at + "/styles", Rel: rel + "styles", Type: "application/json", Title: q.say("Map styles")},
			{Href: at + "/functions", Rel: rel + "functions", Type: "application/json", Title: q.say("What a filter can call")},
		},
	})
}
