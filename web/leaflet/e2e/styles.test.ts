/** The map styles in MapLibre itself: valid by its specification, and a picture that is not blank. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type StyleSpecification, validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { PbfReader } from "pbf";
import assert from "./assert.ts";
import { launch, type Server, serve } from "./page.ts";

let server: Server;
before(async () => {
  server = await serve();
});
after(() => server.stop());

async function fetched<T>(path: string): Promise<T> {
  const response = await fetch(path.startsWith("http") ? path : server.url + path);
  assert.equal(response.status, 200, path);
  return response.json() as Promise<T>;
}

const listed = async (): Promise<string[]> =>
  (await fetched<{ styles: { id: string }[] }>("/styles")).styles.map(({ id }) => id);

test("every style is valid, in both languages and at any time", async () => {
  for (const id of await listed()) {
    for (const query of ["?lang=en", "?lang=ar&datetime=2014-06-29", "?certainty=certain&datetime=2016/.."]) {
      const style = await fetched<StyleSpecification>(`/styles/${id}${query}`);
      assert.deepEqual(
        validateStyleMin(style).map(({ message }) => message),
        [],
        id + query,
      );
    }
  }
});

test("a style names only what its tiles have", async () => {
  const style = await fetched<StyleSpecification>("/styles/atlas");
  const known = new Set<string>();
  for (const source of Object.values(style.sources)) {
    assert.equal(source.type, "vector");
    const tiles = new URL((source.type === "vector" && source.tiles?.[0]) || "");
    tiles.searchParams.delete("rev");
    const tilejson = `${server.url}/tiles/WebMercatorQuad?f=tilejson&${tiles.searchParams}`;
    const { vector_layers } = await fetched<{ vector_layers: { id: string }[] }>(tilejson);
    for (const { id } of vector_layers) known.add(id);
  }
  for (const layer of style.layers) {
    if ("source-layer" in layer)
      assert.ok(known.has(layer["source-layer"] ?? ""), `${layer.id}: ${layer["source-layer"]}`);
  }
});

test("the ground has the colours of the page", async () => {
  const css = readFileSync(fileURLToPath(new URL("../src/tokens.css", import.meta.url)), "utf8");
  const waters = [...css.matchAll(/--water: (#\w+)/g)].map(([, color]) => color);
  for (const [i, id] of ["atlas", "atlas.dark"].entries()) {
    const { layers } = await fetched<StyleSpecification>(`/styles/${id}`);
    assert.deepEqual(layers[0].paint, { "background-color": waters[i] });
  }
});

test("letters of both scripts stand on one baseline", async () => {
  const { glyphs } = await fetched<StyleSpecification>("/styles/atlas");
  const read = async (range: string): Promise<Map<number, { width: number; bottom: number; bitmap: number }>> => {
    const url = (glyphs ?? "")
      .replace("{fontstack}", encodeURIComponent("Noto Sans Regular"))
      .replace("{range}", range);
    const found = new Map<number, { width: number; bottom: number; bitmap: number }>();
    const pbf = new PbfReader(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    pbf.readFields((tag) => {
      assert.equal(tag, 1);
      pbf.readMessage((field) => {
        if (field !== 3) return;
        const glyph = { id: 0, bitmap: 0, width: 0, height: 0, top: 0 };
        pbf.readMessage((part) => {
          if (part === 1) glyph.id = pbf.readVarint();
          if (part === 2) glyph.bitmap = pbf.readBytes().length;
          if (part === 3) glyph.width = pbf.readVarint();
          if (part === 4) glyph.height = pbf.readVarint();
          if (part === 6) glyph.top = pbf.readSVarint();
        }, null);
        if (glyph.bitmap)
          assert.equal(glyph.bitmap, (glyph.width + 6) * (glyph.height + 6), `U+${glyph.id.toString(16)}`);
        found.set(glyph.id, { width: glyph.width, bottom: glyph.top - glyph.height, bitmap: glyph.bitmap });
      }, null);
    }, null);
    return found;
  };
  const latin = await read("0-255");
  const joined = await read("65024-65279"); // Arabic letters in the forms in which they join
  assert.equal(latin.get("H".charCodeAt(0))?.bottom, joined.get(0xfe8d)?.bottom); // an alif stands as an H does
  for (let code = 0xfe80; code <= 0xfef4; code++) assert.ok(joined.get(code)?.bitmap, `U+${code.toString(16)}`);
});

test("MapLibre draws the atlas", async () => {
  const root = new URL("../node_modules/maplibre-gl/dist/", import.meta.url);
  const host = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
    response.setHeader("Content-Type", name.endsWith(".mjs") ? "text/javascript" : "text/html");
    response.end(
      name
        ? readFileSync(new URL(name, root))
        : '<link rel="icon" href="data:,"><div id="map" style="height:600px"></div>',
    );
  }).listen(0, "127.0.0.1");
  const browser = await launch({ webgl: true });
  try {
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
    for (const [id, lang, name] of [
      ["atlas", "en&datetime=2015-06-01", "Mosul"],
      ["atlas.dark", "ar", "الموصل"],
    ]) {
      const style = `${server.url}/styles/${id}?lang=${lang}`;
      const drawn = await page.evaluate(async (style) => {
        const module = "/maplibre-gl.mjs";
        const { Map: GLMap } = await import(module);
        const errors: string[] = [];
        const map = new GLMap({ container: "map", style, zoom: 8, center: [43.1, 36.3], fadeDuration: 0 });
        map.on("error", (event: { error: Error }) => errors.push(event.error.message));
        await new Promise((done) => {
          map.once("idle", done);
          map.once("error", done);
        });
        const seen = map.queryRenderedFeatures() as { layer: { id: string; layout?: { "text-field"?: unknown } } }[];
        const layers = [...new Set(seen.map(({ layer }) => layer.id))];
        const texts = seen.map(({ layer }) => String(layer.layout?.["text-field"] ?? ""));
        const gl = map.painter.context.gl as WebGL2RenderingContext;
        map.triggerRepaint();
        await new Promise((done) => map.once("render", done));
        const pixels = new Uint8Array(4 * gl.drawingBufferWidth * gl.drawingBufferHeight);
        gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        const colors = new Set(new Uint32Array(pixels.buffer)).size;
        map.remove();
        return { errors, layers, texts, colors };
      }, style);
      assert.deepEqual(drawn.errors, [], id);
      for (const layer of ["isis-held", "isis-held:pattern", "isis-held:outline", "settlements", "base-countries"]) {
        assert.ok(drawn.layers.includes(layer), `${id} shows ${drawn.layers}`);
      }
      assert.ok(drawn.texts.includes(name), `${id} writes ${drawn.texts.filter(Boolean)}`);
      assert.ok(drawn.colors > 200, `${id} has ${drawn.colors} colours`);
    }
  } finally {
    await browser.close();
    host.close();
    host.closeAllConnections();
  }
});
