import assert from "node:assert/strict";
import { test } from "node:test";
import { day, month, type Period, year } from "../src/instant.ts";
import { DAY, dayPeriod, isDay, mergeChanges, nextChange, previousChange, step, TimeScale } from "../src/scale.ts";

const at = (y: number, m = 1, d = 1): number => Date.UTC(y, m - 1, d);
const span = new TimeScale(at(2003), at(2020), { from: at(2013), until: at(2020) });

test("every day of the focus has a unit of its own, and leads back to itself", () => {
  let before = -1;
  for (let t = at(2013); t < at(2020); t += DAY) {
    const unit = Math.floor(span.unit(t) + 1e-6);
    assert.ok(unit > before, new Date(t).toISOString());
    assert.equal(span.day(unit), t);
    before = unit;
  }
  assert.ok(before <= span.max);
});

test("the rest of the span takes a fifth of the line at most, and keeps its order", () => {
  assert.ok(span.unit(at(2013)) / span.max < 0.21);
  let before = -1;
  for (let t = at(2003); t < at(2020); t += 7 * DAY) {
    assert.ok(span.unit(t) > before);
    before = span.unit(t);
  }
  assert.equal(span.day(0), at(2003));
  assert.equal(span.day(span.max), at(2019, 12, 31));
});

test("a span without a focus has a unit a day; what lies outside falls on its ends", () => {
  const plain = new TimeScale(at(2015), at(2016));
  assert.equal(plain.max, 364);
  assert.equal(plain.day(31), at(2015, 2, 1));
  assert.equal(plain.unit(at(1900)), 0);
  assert.equal(plain.clampDay(at(2100)), at(2015, 12, 31));
  assert.equal(plain.day(plain.max + 50), at(2015, 12, 31));
});

test("a step keeps whole years and months whole, and makes a day of the rest", () => {
  const cases: [Period, "day" | "month" | "year", number, Period][] = [
    [day(at(2015, 6, 1)), "day", 1, day(at(2015, 6, 2))],
    [day(at(2015, 6, 1)), "day", -1, day(at(2015, 5, 31))],
    [day(at(2015, 1, 31)), "month", 1, day(at(2015, 2, 28))],
    [day(at(2016, 2, 29)), "year", 1, day(at(2017, 2, 28))],
    [day(at(2019, 12, 31)), "day", 1, day(at(2019, 12, 31))],
    [day(at(2003, 1, 1)), "year", -1, day(at(2003, 1, 1))],
    [year(2015), "year", 1, year(2016)],
    [year(2019), "year", 1, year(2019)],
    [year(2015), "day", 1, day(at(2015, 1, 2))],
    [year(2015), "month", 1, day(at(2015, 2, 1))],
    [month(2015, 12), "month", 1, month(2016, 1)],
    [month(2019, 12), "month", 1, month(2019, 12)],
    [month(2015, 6), "year", 1, day(at(2016, 6, 1))],
    [{ start: null, end: null }, "day", 1, day(at(2003, 1, 2))],
    [{ start: null, end: at(2010) }, "day", -1, day(at(2009, 12, 30))],
  ];
  for (const [from, unit, n, want] of cases) {
    assert.deepEqual(step(from, unit, n, span), want, `${JSON.stringify(from)} ${n} ${unit}`);
  }
});

test("changes are merged, and gone to one by one in both directions", () => {
  const a = [at(2002), at(2014, 6, 10), at(2015, 1, 1)];
  const b = [at(2014, 6, 10), at(2014, 6, 11), at(2020)];
  const changes = mergeChanges([a, b], at(2003), at(2020));
  assert.deepEqual(changes, [at(2014, 6, 10), at(2014, 6, 11), at(2015, 1, 1)]);
  const walk: number[] = [];
  for (let t = nextChange(changes, day(at(2013))); t !== null; t = nextChange(changes, dayPeriod(t))) walk.push(t);
  assert.deepEqual(walk, changes);
  assert.equal(previousChange(changes, day(at(2014, 6, 11))), at(2014, 6, 10));
  assert.equal(previousChange(changes, day(at(2014, 6, 10))), null);
  assert.equal(nextChange(changes, year(2015)), at(2015, 1, 1)); // the year's own first change
  assert.equal(nextChange(changes, day(at(2015))), null);
  assert.equal(nextChange(changes, { start: null, end: null }), at(2014, 6, 10));
  assert.equal(nextChange([], year(2015)), null);
});

test("a day is a day of UTC", () => {
  assert.ok(isDay(day(at(2015, 6, 29))));
  assert.ok(!isDay({ start: at(2015) + 1, end: at(2015) + 1 + DAY }));
  assert.ok(!isDay(year(2015)));
  assert.deepEqual(dayPeriod(at(1969, 12, 31) + 5), day(at(1969, 12, 31)));
});
