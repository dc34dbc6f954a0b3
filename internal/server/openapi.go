package server

import (
	_ "embed"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	openAPIType   = "application/vnd.oai.openapi+json;version=3.0"
	openAPI31Type = "application/vnd.oai.openapi+json;version=3.1"
)

// openAPISchemas are those of the answers in JSON, in the dialect of OpenAPI 3.0.
//
//go:embed openapi.json
var openAPISchemas []byte

// answers names the schema of each operation that answers with JSON.
//
//nolint:gochecknoglobals // a table
var answers = map[string]string{
	"landing": "landing", "conformance": "conformance", "api": "openapi", "atlas": "atlas", "collections": "collections", "collection": "collection",
	"items": "features", "item": "feature", "versions": "features", "changes": "features", "search": "features", "timeline": "timeline",
	"queryables": "jsonSchema", "sortables": "jsonSchema", "schema": "jsonSchema", "featureSchema": "jsonSchema", "functions": "functions",
	"layerTilesets": "tilesets", "tilesets": "tilesets", "layerTileset": "tileset", "tileset": "tileset", "changesTileset": "tileJSON",
	"tileMatrixSets": "tileMatrixSets", "tileMatrixSet": "tileMatrixSet", "styles": "styles", "style": "mapStyle", "styleMetadata": "styleMetadata",
	"sprite": "spriteIndex", "downloads": "downloads", "problems": "problems", "problem": "problemKind", "layerTile": "features", "tile": "features", "changesTile": "features",
}

// operations are what OGC API Tiles calls its operations; the name comes behind the id of
// ours (OGC 20-057 /req/oas30/operation-id).
//
//nolint:gochecknoglobals // a table
var operations = map[string]string{
	"tilesets": ".dataset.vector.getTileSetsList", "tileset": ".dataset.vector.getTileSet", "tile": ".dataset.vector.getTile",
	"layerTilesets": ".collection.vector.getTileSetsList", "layerTileset": ".collection.vector.getTileSet", "layerTile": ".collection.vector.getTile",
	"changesTileset": ".changes.vector.getTileSet", "changesTile": ".changes.vector.getTile",
}

// pathWords say what the names in paths are.
//
//nolint:gochecknoglobals // a table
var pathWords = map[string]string{
	"layer": "Id of a layer.", "id": "Id of a feature.", "tms": "Tile matrix set.", "z": "Zoom.", "row": "Row from the north.", "col": "Column from the west.",
	"file": "A file's name: layer and format, such as events.geojson, or a style and its sprite, such as atlas@2x.png.", "problem": "Kind of error, the last part of its type.",
	"style": "Id of a style.", "fonts": "Names of fonts, separated by commas; the first that there is counts.", "range": "256 characters, as 0-255.pbf.",
}

var pathParam = regexp.MustCompile(`:([a-zA-Z]+)`)

// api writes the table of routes as OpenAPI 3.0.3 or 3.1.0.
func (q *request) api() error {
	ref := func(kind, name string) map[string]any {
		return map[string]any{"$ref": "#/components/" + kind + "/" + name}
	}
	paths := map[string]any{}
	for _, r := range q.server.table() {
		var params []map[string]any
		for _, m := range pathParam.FindAllStringSubmatch(r.path, -1) {
			params = append(params, map[string]any{
				"name": m[1], "in": "path", "required": true, "description": q.say(pathWords[m[1]]), "schema": q.pathSchema(m[1]),
			})
		}
		for _, p := range r.query {
			entry := map[string]any{"name": p.name, "in": "query", "required": false, "description": q.say(p.description), "schema": p.schema}
			if p.schema["type"] == "array" {
				entry["style"], entry["explode"] = "form", false
			}
			params = append(params, entry)
		}
		if list := names(r.forms); len(list) > 1 {
			params = append(params, map[string]any{
				"name": "f", "in": "query", "required": false, "description": q.say("Format of the answer; otherwise Accept decides."),
				"schema": map[string]any{"type": "string", "enum": list},
			})
		}
		content := map[string]any{}
		for _, f := range r.forms {
			schema := map[string]any{"type": "string"}
			if strings.Contains(f.mediaType, "json") && answers[r.id] != "" {
				schema = ref("schemas", answers[r.id])
				if f == asTileJSON {
					schema = ref("schemas", "tileJSON")
				}
			}
			if other, ok := content[f.mediaType]; ok { // two forms of one media type
				if was := other.(map[string]any)["schema"].(map[string]any); was["$ref"] != schema["$ref"] { //nolint:forcetypeassert // as written below
					schema = map[string]any{"anyOf": []any{was, schema}}
				}
			}
			content[f.mediaType] = map[string]any{"schema": schema}
		}
		responses := map[string]any{
			"200": map[string]any{"description": q.say(r.summary), "content": content},
			"304": ref("responses", "unchanged"), "400": ref("responses", "problem"), "500": ref("responses", "problem"),
		}
		if strings.Contains(r.path, ":") {
			responses["404"] = ref("responses", "problem")
		}
		if len(names(r.forms)) > 0 {
			responses["406"] = ref("responses", "problem")
		}
		if r.id == "download" {
			responses["206"] = map[string]any{"description": q.say("Those of its bytes that Range names"), "content": content}
			responses["416"] = ref("responses", "problem")
		}
		if slices.Contains(r.forms, asTile) {
			responses["204"] = map[string]any{"description": q.say("Nothing lies in this tile")}
		}
		operation := map[string]any{"operationId": r.id + operations[r.id], "summary": q.say(r.summary), "responses": responses}
		if params != nil {
			operation["parameters"] = params
		}
		paths[pathParam.ReplaceAllString(r.path, "{$1}")] = map[string]any{"get": operation}
		if r.id == "items" {
			q.apiOfLayers(paths, r, params[1:], responses)
		}
	}
	var schemas map[string]any
	if err := json.Unmarshal(openAPISchemas, &schemas); err != nil {
		return err
	}
	title, _ := q.Atlas.Title.In(q.lang, q.fallback())
	info := map[string]any{"title": title, "version": q.revision}
	if words, _ := q.Atlas.Description.In(q.lang, q.fallback()); words != "" {
		info["description"] = words
	}
	if licence := q.Atlas.Licence; licence.Name != "" {
		about := map[string]any{"name": licence.Name}
		if licence.URL != "" {
			about["url"] = licence.URL
		}
		info["license"] = about
	}
	doc := map[string]any{
		"openapi": "3.0.3", "info": info, "servers": []map[string]any{{"url": q.base()}}, "paths": paths,
		"components": map[string]any{"schemas": schemas, "responses": map[string]any{
			"unchanged": map[string]any{"description": q.say("What If-None-Match names is still right")},
			"problem": map[string]any{
				"description": q.say("What is wrong, and what to do"),
				"content":     map[string]any{"application/problem+json": map[string]any{"schema": ref("schemas", "problem")}},
			},
		}},
	}
	mediaType := openAPIType
	if q.format == "openapi31" {
		mediaType, doc["openapi"], doc["jsonSchemaDialect"] = openAPI31Type, "3.1.0", "https://json-schema.org/draft/2020-12/schema"
		nullable(schemas)
	}
	a := newAnswer(mediaType, encode(doc))
	a.language = q.lang
	send(q.Context, a, false)
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
				own = append(own, map[string]any{"name": f.Name, "in": "query", "required": false, "description": q.say("Features whose property is this."), "schema": map[string]any{"type": t}})
			}
		}
		title, _ := l.Title.In(q.lang, q.fallback())
		paths["/collections/"+l.ID+"/items"] = map[string]any{"get": map[string]any{
			"operationId": r.id + "-" + l.ID, "summary": q.say(r.summary) + ": " + title, "parameters": own, "responses": responses,
		}}
	}
}

// pathSchema is that of a name in a path.
func (q *request) pathSchema(name string) map[string]any {
	switch name {
	case "layer":
		return map[string]any{"type": "string", "enum": q.layerIDs()}
	case "style":
		var ids []string
		for _, s := range q.styles() {
			ids = append(ids, s.id)
		}
		return map[string]any{"type": "string", "enum": ids}
	case "z":
		return map[string]any{"type": "integer", "minimum": 0, "maximum": 22}
	case "row", "col":
		return map[string]any{"type": "integer", "minimum": 0}
	}
	return map[string]any{"type": "string"}
}

// nullable turns that word of OpenAPI 3.0 into a type of JSON Schema 2020-12, in place.
func nullable(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if s["nullable"] == true {
			delete(s, "nullable")
			s["type"] = []any{s["type"], "null"}
		}
		for _, v := range s {
			nullable(v)
		}
	case []any:
		for _, v := range s {
			nullable(v)
		}
	}
}

func (q *request) layerIDs() []string {
	ids := map[string]bool{}
	for _, l := range append(slices.Clone(q.Layers), q.Base...) {
		ids[l.ID] = true
	}
	return slices.Sorted(maps.Keys(ids))
}
