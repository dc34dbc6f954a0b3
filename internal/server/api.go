package server

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

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
	"ogcapi-features-1/1.0/conf/core",
	"ogcapi-features-1/1.0/conf/geojson",
	"ogcapi-features-1/1.0/conf/html",
	"ogcapi-features-1/1.0/conf/oas30",
	"ogcapi-features-2/1.0/conf/crs",
	"ogcapi-features-3/1.0/conf/queryables",
	"ogcapi-features-3/1.0/conf/queryables-query-parameters",
	"ogcapi-features-3/1.0/conf/filter",
	"ogcapi-features-3/1.0/conf/features-filter",
	"ogcapi-features-8/0.0/conf/sorting", // a draft
	"ogcapi-features-8/0.0/conf/features-sorting",
	"json-fg-1/1.0/conf/core",
	"json-fg-1/1.0/conf/types-schemas",
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
	"tms/2.0/conf/tilematrixset",
	"tms/2.0/conf/json-tilematrixset",
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
		a, err := q.server.html(q.state, q.lang)
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
			{Href: at + "/?f=json", Rel: "self", Type: "application/json", Title: "This page"},
			{Href: at + "/?f=html", Rel: "alternate", Type: "text/html", Title: "The map"},
			{Href: at + "/api", Rel: "service-desc", Type: openAPIType, Title: "The API"},
			{Href: at + "/conformance", Rel: "conformance", Type: "application/json", Title: "Conformance"},
			{Href: at + "/conformance", Rel: rel + "conformance", Type: "application/json", Title: "Conformance"},
			{Href: at + "/collections", Rel: "data", Type: "application/json", Title: "The layers"},
			{Href: at + "/collections", Rel: rel + "data", Type: "application/json", Title: "The layers"},
			{Href: at + "/tiles", Rel: rel + "tilesets-vector", Type: "application/json", Title: "Tilesets of all layers"},
			{Href: at + "/tileMatrixSets", Rel: rel + "tiling-schemes", Type: "application/json", Title: "Tile matrix sets"},
			{Href: at + "/styles", Rel: rel + "styles", Type: "application/json", Title: "Map styles"},
			{Href: at + "/functions", Rel: rel + "functions", Type: "application/json", Title: "What a filter can call"},
		},
	})
}

const openAPIType = "application/vnd.oai.openapi+json;version=3.0"

var pathParam = regexp.MustCompile(`:([a-zA-Z]+)`)

// api writes the table of routes as OpenAPI 3.0.3.
func (q *request) api() error {
	paths := map[string]any{}
	words := map[string]string{
		"layer": "Id of a layer.", "id": "Id of a feature.", "tms": "Tile matrix set: WebMercatorQuad.",
		"z": "Zoom, 0 to 22.", "row": "Row from the north.", "col": "Column from the west.", "file": "Layer and format, such as events.geojson.", "problem": "Kind of error, the last part of its type.",
	}
	problems := map[string]any{"description": "What is wrong, and what to do", "content": map[string]any{"application/problem+json": map[string]any{
		"schema": map[string]any{"type": "object", "required": []string{"type", "title", "status"}, "properties": map[string]any{
			"type": map[string]any{"type": "string"}, "title": map[string]any{"type": "string"},
			"status": map[string]any{"type": "integer"}, "detail": map[string]any{"type": "string"},
		}},
	}}}
	for _, r := range q.server.table() {
		var params []map[string]any
		for _, m := range pathParam.FindAllStringSubmatch(r.path, -1) {
			schema := map[string]any{"type": "string"}
			if m[1] == "layer" {
				schema["enum"] = q.layerIDs()
			}
			params = append(params, map[string]any{"name": m[1], "in": "path", "required": true, "description": words[m[1]], "schema": schema})
		}
		for _, p := range r.query {
			entry := map[string]any{"name": p.name, "in": "query", "required": false, "description": p.description, "schema": p.schema}
			if p.schema["type"] == "array" {
				entry["style"], entry["explode"] = "form", false
			}
			params = append(params, entry)
		}
		if list := names(r.forms); len(list) > 1 {
			params = append(params, map[string]any{
				"name": "f", "in": "query", "required": false, "description": "Format of the answer.",
				"schema": map[string]any{"type": "string", "enum": list},
			})
		}
		content := map[string]any{}
		for _, f := range r.forms {
			t := f.mediaType
			content[t] = map[string]any{"schema": map[string]any{"type": "object"}}
			if !strings.Contains(t, "json") {
				content[t] = map[string]any{"schema": map[string]any{"type": "string"}}
			}
		}
		responses := map[string]any{"200": map[string]any{"description": r.summary, "content": content}, "default": problems}
		operation := map[string]any{"operationId": r.id, "summary": r.summary, "responses": responses}
		if params != nil {
			operation["parameters"] = params
		}
		paths[pathParam.ReplaceAllString(r.path, "{$1}")] = map[string]any{"get": operation}
		if r.id == "items" {
			q.apiOfLayers(paths, r, params[1:], responses)
		}
	}
	title, _ := q.Atlas.Title.In("en", q.fallback())
	send(q.Context, newAnswer(openAPIType, encode(map[string]any{
		"openapi": "3.0.3",
		"info":    map[string]any{"title": title, "version": q.revision},
		"servers": []map[string]any{{"url": q.base()}},
		"paths":   paths,
	})), false)
	return nil
}

// apiOfLayers adds for each layer the address of its features, which alone takes
// the layer's properties as parameters (OGC 19-079r2 §6.3). GDAL looks for them there.
func (q *request) apiOfLayers(paths map[string]any, r route, params []map[string]any, responses map[string]any) {
	for _, l := range slices.Concat(q.Layers, q.Base) {
		own := slices.Clone(params)
		for _, f := range l.Fields {
			known := slices.ContainsFunc(params, func(p map[string]any) bool { return p["name"] == f.Name })
			if t := jsonSchemaType(f.Type); t != "" && !known {
				own = append(own, map[string]any{"name": f.Name, "in": "query", "required": false, "description": "Features whose property is this.", "schema": map[string]any{"type": t}})
			}
		}
		title, _ := l.Title.In("en", q.fallback())
		paths["/collections/"+l.ID+"/items"] = map[string]any{"get": map[string]any{
			"operationId": r.id + "-" + l.ID, "summary": r.summary + ": " + title, "parameters": own, "responses": responses,
		}}
	}
}

func (q *request) layerIDs() []string {
	ids := map[string]bool{}
	for _, l := range append(slices.Clone(q.Layers), q.Base...) {
		ids[l.ID] = true
	}
	return slices.Sorted(maps.Keys(ids))
}
