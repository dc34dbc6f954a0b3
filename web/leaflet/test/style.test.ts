import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layer } from "../src/atlas.ts";
import { drivingProperties, LayerStyle, legendEntries, resolve } from "../src/style.ts";

const layer = (style: Layer["style"], more: Partial<Layer> = {}): Layer => ({
  id: "x",
  title: { en: "X" },
  geometry: "polygon",
  count: 1,
  style,
  ...more,
});

test("a value is fixed, or follows a property, or falls back", () => {
  const by = { by: "kind", values: { a: 1, true: 2 }, other: 3 };
  assert.equal(resolve(7, {}, 0), 7);
  assert.equal(resolve(undefined, {}, 5), 5);
  assert.equal(resolve(by, { kind: "a" }, 0), 1);
  assert.equal(resolve(by, { kind: true }, 0), 2);
  assert.equal(resolve(by, { kind: "z" }, 0), 3);
  assert.equal(resolve(by, {}, 0), 3);
  assert.equal(resolve({ by: "kind", values: { a: 1 } }, { kind: "z" }, 9), 9);
});

test("colours follow the scheme and the property", () => {
  const style = { color: { by: "k", values: { a: { light: "#111111", dark: "#eeeeee" } }, other: "#777777" } };
  const light = new LayerStyle(layer(style), "light");
  const dark = new LayerStyle(layer(style), "dark");
  assert.equal(light.brush({ k: "a" }, false).color, "#111111");
  assert.equal(dark.brush({ k: "a" }, false).color, "#eeeeee");
  assert.equal(dark.brush({ k: "b" }, false).color, "#777777");
});

test("features that look alike share a brush; what is uncertain has its own", () => {
  const styles = new LayerStyle(
    layer({
      color: { by: "k", values: { a: "#000000" }, other: "#ffffff" },
      opacity: 0.4,
      pattern: "hatch",
      outline: { width: 1.2 },
      uncertain: { outline: "dotted", opacity: 0.1 },
    }),
    "light",
  );
  const certain = styles.brush({ k: "a", name: "one" }, false);
  assert.equal(certain, styles.brush({ k: "a", name: "two" }, false));
  assert.notEqual(certain.key, styles.brush({ k: "b" }, false).key);
  const uncertain = styles.brush({ k: "a" }, true);
  assert.notEqual(certain.key, uncertain.key);
  assert.deepEqual(
    [certain.opacity, certain.pattern, certain.outline.dash, certain.outline.color],
    [0.4, "hatch", "solid", "#000000"],
  );
  assert.deepEqual([uncertain.opacity, uncertain.pattern, uncertain.outline.dash], [0.1, "none", "dotted"]);
});

test("a layer without a style still has a look, and its uncertain features another", () => {
  const styles = new LayerStyle(layer(undefined), "light");
  assert.match(styles.brush({}, false).color, /^#/);
  assert.equal(styles.brush({}, true).outline.dash, "dashed");
  assert.equal(styles.label({}), null);
  assert.notEqual(styles.brush({}, false).color, new LayerStyle(layer(undefined), "light", 1).brush({}, false).color);
  assert.equal(new LayerStyle(layer({ kind: "line" }, { geometry: "line" }), "light").brush({}, false).opacity, 1);
});

test("labels follow properties too", () => {
  const styles = new LayerStyle(
    layer({ label: { field: "name", minzoom: { by: "k", values: { city: 5 }, other: 9 }, size: 13, rank: "people" } }),
    "light",
  );
  assert.equal(styles.label({ k: "city" })?.minzoom, 5);
  assert.equal(styles.label({ k: "hut" })?.minzoom, 9);
  assert.equal(styles.label({})?.rank, "people");
});

test("the properties that a style follows are found wherever they stand", () => {
  const found = drivingProperties({
    color: { by: "a", values: { x: { light: "#1", dark: "#2" } } },
    outline: { width: { by: "b", values: {} }, color: { by: "a", values: {} } },
    label: { field: "name", size: { by: "c", values: {} } },
  });
  assert.deepEqual(found.sort(), ["a", "b", "c"]);
});

test("the legend has one entry for each look that has a word", () => {
  const style = {
    color: { by: "kind", values: { room: "#ff0000" }, other: "#888888" },
    shape: { by: "kind", values: { base: "triangle" }, other: "circle" },
    size: { by: "people", values: { many: 9 }, other: 4 },
  } as const;
  const events = layer(style, { fields: { kind: { values: { room: { en: "Room" }, port: { en: "Port" } } } } });
  const entries = legendEntries(events, new LayerStyle(events, "light"));
  assert.deepEqual(
    entries.map((e) => [e.property, e.value, e.brush.color, e.brush.shape]),
    [
      ["kind", "room", "#ff0000", "circle"],
      ["kind", "base", "#888888", "triangle"],
      ["kind", "port", "#888888", "circle"],
    ],
  );
  const plain = layer({ color: "#123456" });
  assert.equal(legendEntries(plain, new LayerStyle(plain, "light")).length, 1);
});
