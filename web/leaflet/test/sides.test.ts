import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layer } from "../src/atlas.ts";
import { dayPeriod, utc } from "../src/scale.ts";
import { changesLayer, earlierFirst, moveDivider, secondTime } from "../src/sides.ts";
import { LayerStyle } from "../src/style.ts";

const day = (y: number, m = 1, d = 1) => dayPeriod(utc(y, m - 1, d));
const year = (y: number) => ({ start: utc(y, 0, 1), end: utc(y + 1, 0, 1) });

test("the earlier of two times stands first; of two that begin together the shorter", () => {
  assert.ok(earlierFirst(day(2015), day(2017)));
  assert.ok(!earlierFirst(day(2017), day(2015)));
  assert.ok(earlierFirst(day(2015), day(2015)));
  assert.ok(earlierFirst(day(2015), year(2015)));
  assert.ok(!earlierFirst(year(2015), day(2015)));
  assert.ok(earlierFirst({ start: null, end: null }, day(1900)));
});

test("a time is first compared with two years on, or two years back at the end of the span", () => {
  const [from, until] = [utc(2003, 0, 1), utc(2020, 0, 1)];
  assert.deepEqual(secondTime(day(2015, 6, 1), from, until), day(2017, 6, 1));
  assert.deepEqual(secondTime(year(2015), from, until), year(2017));
  assert.deepEqual(secondTime(day(2019, 12, 31), from, until), day(2017, 12, 31));
  assert.ok(secondTime({ start: null, end: null }, from, until).start !== null);
});

test("arrows move the divider to where they point, in both directions of reading", () => {
  const near = (a: number | null, b: number) => assert.ok(a !== null && Math.abs(a - b) < 1e-9, `${a} ${b}`);
  near(moveDivider("ArrowRight", 0.5, false), 0.52);
  near(moveDivider("ArrowLeft", 0.5, false), 0.48);
  near(moveDivider("ArrowRight", 0.5, true), 0.48);
  near(moveDivider("ArrowLeft", 0.5, true), 0.52);
  near(moveDivider("ArrowLeft", 0.5, false, true), 0.4);
  near(moveDivider("ArrowLeft", 0.01, false), 0);
  near(moveDivider("PageUp", 0.95, true), 1);
  assert.equal(moveDivider("Home", 0.3, true), 0);
  assert.equal(moveDivider("End", 0.3, false), 1);
  assert.equal(moveDivider("a", 0.3, false), null);
});

test("pieces gained, lost and kept differ by colour and by pattern or shape", () => {
  const base = { title: { en: "x" }, count: 1 };
  for (const geometry of ["polygon", "point"] as const) {
    const layer: Layer = { id: "a", geometry, ...base };
    const styles = new LayerStyle(changesLayer(layer, "#222222", "light"), "light");
    const brushes = ["gained", "lost", "kept"].map((part) => styles.brush({ part }, false));
    assert.equal(new Set(brushes.map((b) => b.color)).size, 3);
    assert.equal(new Set(brushes.map((b) => (geometry === "point" ? b.shape : b.pattern))).size, 3);
  }
});
