import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Period } from "../src/instant.ts";
import * as instant from "../src/instant.ts";

/** One case of the file that the Go package tests itself on. A missing `certain` is never. */
interface Vector {
  readonly input?: string;
  readonly start?: string;
  readonly end?: string;
  readonly datetime?: string;
  readonly ends?: "uncertain";
  readonly until?: "excluded";
  readonly possible?: Bounds;
  readonly certain?: Bounds;
  readonly en?: string;
  readonly ar?: string;
  readonly error?: { readonly offset: number; readonly reason: string };
}
type Bounds = readonly [string | null, string | null];

const file = new URL("../../../geo/period/testdata/vectors.json", import.meta.url);
const vectors: Vector[] = JSON.parse(readFileSync(file, "utf8"));

/** A bound of a vector, read by the ISO 8601 that Date knows: years beyond four digits have six and a sign. */
function bound(text: string | null): number | null {
  if (text === null) return null;
  const [, sign, year, rest] = /^(-?)(\d+)(-.*)$/.exec(text) as RegExpExecArray;
  const long = sign || year.length > 4;
  const date = (long ? `${sign || "+"}${year.padStart(6, "0")}` : year) + rest;
  const ms = Date.parse(rest.includes("T") ? `${date}Z` : `${date}T00:00:00Z`);
  assert.ok(Number.isFinite(ms), text);
  return ms;
}

const period = (bounds: Bounds | undefined): Period | null =>
  bounds ? { start: bound(bounds[0]), end: bound(bounds[1]) } : null;

test("there are vectors", () => assert.ok(vectors.length >= 300));

for (const v of vectors.filter((v) => v.input !== undefined)) {
  const text = v.input as string;
  test(`${v.error ? "refuses" : "reads"} “${text}” ${v.ends ?? ""}`, () => {
    if (v.error) {
      assert.throws(
        () => instant.parseEdtf(text, v.ends),
        (err: unknown) => {
          assert.ok(err instanceof instant.ParseError);
          assert.equal(err.input, text);
          assert.ok(err.reason);
          // The page points at the date that is wrong, the server at the character in it.
          assert.ok(err.offset >= 0 && err.offset <= (v.error?.offset ?? 0), `${err.offset} ${v.error?.offset}`);
          return true;
        },
      );
      return;
    }
    assert.deepEqual(instant.parseEdtf(text, v.ends), { possible: period(v.possible), certain: period(v.certain) });
    assert.equal(instant.describeText(text, "en"), v.en);
    assert.equal(instant.describeText(text, "ar"), v.ar);
  });
}

for (const v of vectors.filter((v) => v.start !== undefined && !v.error)) {
  const ends = { uncertain: v.ends === "uncertain", excluded: v.until === "excluded" };
  test(`describes “${v.start}” to “${v.end}” ${v.ends ?? ""} ${v.until ?? ""}`, () => {
    assert.equal(instant.describe(v.start as string, v.end as string, "en", ends), v.en ?? "");
    assert.equal(instant.describe(v.start as string, v.end as string, "ar-IQ", ends), v.ar ?? "");
  });
}

for (const v of vectors.filter((v) => v.datetime !== undefined && !v.error)) {
  test(`describes the period of “${v.datetime}”, and asks for it`, () => {
    const p = period(v.possible) as Period;
    assert.equal(instant.describePeriod(p, "en"), v.en);
    assert.equal(instant.describePeriod(p, "ar"), v.ar);
    assert.deepEqual(instant.parseEdtf(instant.toDatetime(p)).possible, p);
  });
}

test("datetime is as short as it can be", () => {
  const { year, month, day, toDatetime } = instant;
  for (const [p, want] of [
    [year(2015), "2015"],
    [year(50), "0050"],
    [year(-43), "-0043"],
    [year(12000), "Y12000"],
    [month(2015, 12), "2015-12"],
    [day(Date.UTC(2015, 5, 29, 23, 59)), "2015-06-29"],
    [day(-1), "1969-12-31"],
    [{ start: year(2013).start, end: year(2019).end }, "2013/2019"],
    [{ start: month(2014, 6).start, end: year(2019).end }, "2014-06/2019-12"],
    [{ start: 0, end: null }, "1970/.."],
    [{ start: null, end: 864e5 }, "../1970-01-01"],
    [{ start: null, end: null }, "../.."],
    [{ start: 0, end: 1 }, "1970-01-01T00:00:00Z"],
    [{ start: 500, end: 36e5 + 1 }, "1970-01-01T00:00:00.500Z/1970-01-01T01:00:00Z"],
  ] as [Period, string][]) {
    assert.equal(toDatetime(p), want);
    assert.deepEqual(instant.parseEdtf(want).possible, p);
  }
});

test("periods are half-open", () => {
  const { year, day, intersects } = instant;
  assert.equal(intersects(year(2014), year(2015)), false);
  assert.equal(intersects(year(2014), day(Date.UTC(2014, 11, 31))), true);
  assert.equal(intersects(year(2014), day(Date.UTC(2015, 0, 1))), false);
  assert.equal(intersects({ start: null, end: null }, day(0)), true);
  assert.equal(intersects({ start: null, end: 0 }, { start: 0, end: null }), false);
  assert.equal(intersects({ start: null, end: 1 }, { start: 0, end: null }), true);
});

test("what can't be read stands as it came", () => {
  assert.equal(instant.describe("spring", "", "en"), "spring");
  assert.equal(instant.describe("June 2014", "2016", "ar"), "June 2014 – 2016");
  assert.equal(instant.describeText("spring", "en"), "spring");
  assert.equal(instant.describe("", "", "en"), "");
  assert.equal(instant.describe("2014/2016", "2014/2016", "en"), "2014–2016");
  assert.equal(instant.describe("..", "..", "en"), "at all times");
});
