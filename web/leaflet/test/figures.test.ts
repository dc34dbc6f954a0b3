import assert from "node:assert/strict";
import { test } from "node:test";
import { epochsOf, peak, roughly, steps, together, within } from "../src/figures.ts";

const epochs = [
  { from: null, until: 10, low: 0, high: 0 },
  { from: 10, until: 20, low: 3, high: 5 },
  { from: 20, until: 30, low: 4, high: 4 },
  { from: 30, until: null, low: 0, high: 1 },
];

test("within a period: the least that certainly and the most that possibly holds", () => {
  assert.deepEqual(within(epochs, { start: 12, end: 13 }), { low: 3, high: 5 });
  assert.deepEqual(within(epochs, { start: 20, end: 21 }), { low: 4, high: 4 });
  assert.deepEqual(within(epochs, { start: 19, end: 31 }), { low: 0, high: 5 });
  assert.deepEqual(within(epochs, { start: null, end: null }), { low: 0, high: 5 });
  assert.deepEqual(within(epochs, { start: 30, end: 40 }), { low: 0, high: 1 });
  assert.equal(within([], { start: 0, end: 1 }), null);
  assert.equal(within([{ from: 5, until: 6, low: 1, high: 1 }], { start: 6, end: 7 }), null);
});

test("epochs of several layers add up, and a new one begins where one of them changes", () => {
  const other = [
    { from: null, until: 15, low: 1, high: 1 },
    { from: 15, until: null, low: 0, high: 2 },
  ];
  assert.deepEqual(together([epochs, other]), [
    { from: null, until: 10, low: 1, high: 1 },
    { from: 10, until: 15, low: 4, high: 6 },
    { from: 15, until: 20, low: 3, high: 7 },
    { from: 20, until: 30, low: 4, high: 6 },
    { from: 30, until: null, low: 0, high: 3 },
  ]);
  assert.deepEqual(together([epochs]), epochs);
  assert.deepEqual(together([]), []);
});

test("steps have a corner at each change and stay within the span", () => {
  assert.deepEqual(
    steps(epochs, (e) => e.high, 5, 25),
    [5, 0, 10, 0, 10, 5, 20, 5, 20, 4, 25, 4],
  );
});

test("figures are rounded to what can be known", () => {
  assert.deepEqual(
    [0, 0.4, 58.46, 999.5, 1234, 84_477.41, 107_449, 1_234_567].map(roughly),
    [0, 0, 58, 1000, 1230, 84_500, 107_000, 1_230_000],
  );
});

test("the peak is the first of the greatest", () => {
  assert.equal(peak(epochs)?.from, 10);
  assert.equal(peak([]), null);
});

test("an answer is read as km² or as counts; what is missing is 0", () => {
  const answer = {
    metric: "area" as const,
    epochs: [{ from: null, until: 7, possible: { count: 2, km2: 8.5 }, certain: { count: 1, km2: 4 } }],
  };
  assert.deepEqual(epochsOf(answer, "area"), [{ from: null, until: 7, low: 4, high: 8.5 }]);
  assert.deepEqual(epochsOf(answer, "count"), [{ from: null, until: 7, low: 1, high: 2 }]);
  assert.deepEqual(epochsOf({ metric: "count" }, "count"), []);
});
