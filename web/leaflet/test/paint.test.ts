import assert from "node:assert/strict";
import { test } from "node:test";
import type { Layer } from "../src/atlas.ts";
import { day, type Period, year } from "../src/instant.ts";
import { isRtl, place, type Wish, wrap } from "../src/labels.ts";
import { bordered, dashes, plan } from "../src/paint.ts";
import { symbolSize } from "../src/size.ts";
import { spread } from "../src/spread.ts";
import { LayerStyle } from "../src/style.ts";
import { type DecodedFeature, Epochs, type GeometryType, timesOf } from "../src/tile.ts";

const at = (y: number, m = 1, d = 1): number => Date.UTC(y, m - 1, d);
const layer: Layer = {
  id: "held",
  title: { en: "Held" },
  geometry: "polygon",
  count: 3,
  style: { color: { by: "kind", values: { a: "#aa0000", b: "#00bb00" } }, uncertain: { outline: "dashed" } },
};
const feature = (id: string, kind: string, times: Record<string, number>, type: GeometryType = 3): DecodedFeature => ({
  id,
  type,
  props: { kind },
  first: 0,
  last: 0,
  bbox: [0, 0, 1, 1],
  ...timesOf(times),
});

const features = [
  feature("one", "a", { valid_from: at(2014), valid_until: at(2016) }),
  feature("two", "a", { valid_from: at(2014, 6), valid_until: at(2017), certain_from: at(2014, 7) }),
  feature("three", "b", { valid_from: at(2015), valid_until: at(2018) }),
  feature("spot", "b", {}, 1),
];

const painted = (time: Period): string[] =>
  plan(features, time, new LayerStyle(layer, "light"), [2, 3]).map(
    (job) => `${job.brush.color}${job.uncertain ? "?" : ""} ${job.features.map((f) => f.id).join("+")}`,
  );

test("what is painted: what holds in the period, by brush, the uncertain below the certain", () => {
  assert.deepEqual(painted(day(at(2014, 3))), ["#aa0000 one"]);
  assert.deepEqual(painted(day(at(2014, 6, 15))), ["#aa0000? two", "#aa0000 one"]);
  assert.deepEqual(painted(day(at(2014, 7, 1))), ["#aa0000 one+two"]);
  assert.deepEqual(painted(year(2015)), ["#aa0000 one+two", "#00bb00 three"]);
  assert.deepEqual(painted(year(2017)), ["#00bb00 three"]);
  assert.deepEqual(painted(day(at(2018))), []);
  assert.deepEqual(painted({ start: null, end: null }), ["#aa0000 one+two", "#00bb00 three"]);
});

test("merged areas take their outline from the lines of the date, dashed where it is only possible", () => {
  const styles = new LayerStyle(
    { ...layer, style: { merge: true, color: "#aa0000", outline: { color: "#111111", width: 2 } } },
    "light",
  );
  const line = (id: string, reading: string, times: Record<string, number>): DecodedFeature => ({
    ...feature(id, "", times, 2),
    props: { reading },
  });
  const lines = [
    line("outer", "both", { valid_from: at(2014) }),
    line("doubtful", "possible", { valid_from: at(2014, 6), valid_until: at(2014, 7) }),
    line("later", "both", { valid_from: at(2015) }),
  ];
  const brushes = styles.border();
  assert.ok(brushes);
  const on = (time: Period): string[] => {
    const painted = bordered(plan(features, time, styles, [2, 3]), lines, time, brushes);
    return [...painted.areas, ...painted.lines].map(
      ({ brush, features }) =>
        `${brush.color} ${brush.width}/${brush.outline.width} ${brush.outline.dash} ${features.map((f) => f.id).join("+")}`,
    );
  };
  assert.deepEqual(on(day(at(2014, 3))), ["#aa0000 2/0 solid one", "#111111 2/2 solid outer"]);
  assert.deepEqual(on(day(at(2014, 6, 15))), [
    "#aa0000 2/0 dashed two",
    "#aa0000 2/0 solid one",
    "#111111 2/2 dashed doubtful",
    "#111111 2/2 solid outer",
  ]);
  // An outline whose colour follows a property can't be taken from lines, nor one of areas that are not merged.
  const by = { by: "kind", values: { a: "#aa0000" } };
  for (const style of [
    { merge: true, outline: { color: by } },
    { merge: true, color: by },
    { outline: { color: "#111111" } },
  ]) {
    assert.equal(new LayerStyle({ ...layer, style }, "light").border(), null);
  }
  const epochs = new Epochs(lines);
  assert.deepEqual(
    [day(at(2014, 6, 15)), day(at(2014, 6, 1)), year(2014)].map((t) => epochs.still(t)),
    [true, true, false],
  );
});

test("dashes grow with the line; a solid one has none", () => {
  assert.deepEqual(dashes("solid", 2), []);
  assert.ok(dashes("dashed", 3)[0] > dashes("dashed", 1)[0]);
  assert.equal(dashes("dotted", 1)[0], 0.01);
});

test("symbols shrink far out, but not to nothing", () => {
  assert.equal(symbolSize(8, 9), 8);
  assert.ok(symbolSize(8, 5) < 8);
  assert.equal(symbolSize(4, 3), 2);
  assert.equal(symbolSize(2, 3), 2);
});

const wish = (text: string, x: number, y: number, more: Partial<Wish> = {}): Wish => ({
  ...{ key: `${text}@${x},${y}`, text, x, y, size: 12, weight: 400, spaced: false, color: "", beside: 6 },
  ...{ order: 0, rank: 0 },
  ...more,
});
const nowhere = { minX: -1e6, minY: -1e6, maxX: 1e6, maxY: 1e6 };
const measure = (text: string): number => text.length * 6;

test("labels do not overlap, and the more important one wins", () => {
  const placed = place(
    Array.from({ length: 40 }, (_, i) => wish(`Place ${i}`, (i % 8) * 30, Math.floor(i / 8) * 20, { rank: i })),
    [{ minX: 0, minY: 0, maxX: 20, maxY: 20 }],
    measure,
    nowhere,
  );
  assert.ok(placed.length > 3 && placed.length < 40);
  assert.ok(placed.some((p) => p.wish.text === "Place 39"));
  for (const a of placed) {
    assert.ok(!(a.minX < 20 && a.maxX > 0 && a.minY < 20 && a.maxY > 0), "on the obstacle");
    for (const b of placed) {
      if (a === b) continue;
      assert.ok(a.maxX <= b.minX || b.maxX <= a.minX || a.maxY <= b.minY || b.maxY <= a.minY, "overlap");
    }
  }
});

test("a label stands where reading goes on from its symbol, and steps aside if that is taken", () => {
  const [latin] = place([wish("Mosul", 100, 100)], [], measure, nowhere);
  assert.ok(latin.minX > 100);
  const [arabic] = place([wish("الموصل", 100, 100)], [], measure, nowhere);
  assert.ok(arabic.maxX < 100);
  assert.ok(arabic.rtl && !latin.rtl);
  const [aside] = place([wish("Mosul", 100, 100)], [{ minX: 104, minY: 90, maxX: 300, maxY: 110 }], measure, nowhere);
  assert.ok(aside.maxX < 100);
});

test("one name is not written twice close together; far apart it is", () => {
  assert.equal(place([wish("Mosul", 100, 100), wish("Mosul", 104, 160)], [], measure, nowhere).length, 1);
  assert.equal(place([wish("Mosul", 100, 100), wish("Mosul", 104, 400)], [], measure, nowhere).length, 2);
});

test("no label is cut by the window: it stands inside, or wholly outside", () => {
  const window = { minX: 0, minY: 0, maxX: 200, maxY: 200 };
  const one = (x: number, y: number, more: Partial<Wish> = {}) =>
    place([wish("Mosul", x, y, more)], [], measure, window);
  assert.ok(one(190, 100)[0].maxX <= 190); // no room at its right
  assert.equal(one(198, 100, { beside: null }).length, 0);
  assert.equal(one(300, 100).length, 1);
});

test("a long name breaks once, where its halves are most alike", () => {
  assert.deepEqual(wrap(wish("Baghdad joint information centre", 0, 0), measure), [
    "Baghdad joint",
    "information centre",
  ]);
  assert.deepEqual(wrap(wish("Mosul", 0, 0), measure), ["Mosul"]);
  assert.deepEqual(wrap(wish("Llanfairpwllgwyngyllgogerych", 0, 0), measure), ["Llanfairpwllgwyngyllgogerych"]);
});

test("Arabic letters are told from others", () => {
  assert.ok(isRtl("دير الزور") && isRtl("F-16 طائرة") && !isRtl("Deir ez-Zor") && !isRtl("12 "));
});

test("symbols at one place stand side by side; the first stays", () => {
  const discs = Array.from({ length: 9 }, () => ({ x: 100, y: 100, size: 10 }));
  for (const rtl of [false, true]) {
    const moves = spread(discs, rtl);
    assert.deepEqual(moves[0], { dx: 0, dy: 0 });
    assert.ok(moves.every(({ dx }) => (rtl ? dx <= 0 : dx >= 0)));
    for (const [i, a] of moves.entries()) {
      for (const b of moves.slice(i + 1)) assert.ok(Math.hypot(a.dx - b.dx, a.dy - b.dy) >= 10);
    }
  }
  const apart = [0, 20, 40].map((x) => ({ x, y: 0, size: 10 }));
  assert.deepEqual(
    spread(apart, false),
    apart.map(() => ({ dx: 0, dy: 0 })),
  );
  const crowd = Array.from({ length: 40 }, () => ({ x: 0, y: 0, size: 10 }));
  assert.deepEqual(spread(crowd, false)[39], { dx: 0, dy: 0 });
});
