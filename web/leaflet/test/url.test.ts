import assert from "node:assert/strict";
import { test } from "node:test";
import { day, month, type Period, year } from "../src/instant.ts";
import type { View } from "../src/state.ts";
import { formatHash, parseHash, parseTime } from "../src/url.ts";

const layers = ["rooms", "events", "held"];
const languages = ["ar", "en"];
const view: View = {
  time: year(2015),
  layers,
  lang: "en",
  center: [40.8, 34.31],
  zoom: 6,
  feature: null,
};

test("a view becomes a hash that a person can read", () => {
  assert.equal(formatHash(view, layers), "#d=2015&m=6/34.31/40.80&lang=en");
  assert.equal(
    formatHash({ ...view, layers: ["rooms", "held"], feature: "events/ev 01&x", lang: "ar" }, layers),
    "#d=2015&m=6/34.31/40.80&l=rooms,held&f=events/ev%2001%26x&lang=ar",
  );
  assert.equal(formatHash({ ...view, layers: [] }, layers), "#d=2015&m=6/34.31/40.80&l=&lang=en");
});

test("a hash leads back to its view", () => {
  const times: Period[] = [
    year(2015),
    month(2015, 6),
    day(Date.UTC(2015, 5, 29)),
    { start: Date.UTC(2014, 0, 1), end: Date.UTC(2016, 0, 1) },
    { start: null, end: Date.UTC(2016, 0, 1) },
    { start: Date.UTC(2014, 5, 10), end: null },
    { start: null, end: null },
  ];
  for (const time of times) {
    for (const on of [layers, ["events"], []]) {
      for (const feature of [null, "events/ev01", "held/تل أبيض", "rooms/a/b&c=d,e"]) {
        const before: View = { ...view, time, layers: on, feature };
        const { view: after, bad } = parseHash(formatHash(before, layers), layers, languages);
        assert.deepEqual(bad, []);
        assert.deepEqual({ ...view, feature: null, ...after }, before);
      }
    }
  }
});

test("what can't be read is named, and the rest holds", () => {
  const cases: [hash: string, view: Partial<View>, bad: string[]][] = [
    ["", {}, []],
    ["#", {}, []],
    ["#nothing", {}, []],
    ["#d=2015-13&lang=en", { lang: "en" }, ["d"]],
    ["#d=yesterday", {}, ["d"]],
    ["#m=6/34.31", {}, ["m"]],
    ["#m=6//40", {}, ["m"]],
    ["#m=6/95/40", {}, ["m"]],
    ["#m=NaN/1/2", {}, ["m"]],
    ["#m=6/34.31/40.8&unknown=1", { zoom: 6, center: [40.8, 34.31] }, []],
    ["#l=rooms,gone", { layers: ["rooms"] }, ["l"]],
    ["#l=gone", {}, ["l"]],
    ["#l=held,rooms", { layers: ["rooms", "held"] }, []],
    ["#l=", { layers: [] }, []],
    ["#f=gone/1", {}, ["f"]],
    ["#f=events/", {}, ["f"]],
    ["#f=/x", {}, ["f"]],
    ["#lang=fr", {}, ["lang"]],
    ["#d=%E0%A4%A", {}, ["d"]],
  ];
  for (const [hash, want, bad] of cases) {
    const got = parseHash(hash, layers, languages);
    assert.deepEqual(got.view, want, hash);
    assert.deepEqual(got.bad, bad, hash);
  }
});

test("a typed time is a date, an interval or all", () => {
  assert.deepEqual(parseTime("2015"), year(2015));
  assert.deepEqual(parseTime(" 2015-06 "), month(2015, 6));
  assert.deepEqual(parseTime("2014/2016"), { start: Date.UTC(2014, 0, 1), end: Date.UTC(2017, 0, 1) });
  assert.deepEqual(parseTime("all"), { start: null, end: null });
  for (const text of ["", "x", "2015-02-30", "2016/2014"]) assert.equal(parseTime(text), null, text);
});

test("a step of the story, an open panel and an embedded map are in the link", () => {
  const before: View = { ...view, step: 3, panel: "table/events", embed: true };
  const hash = formatHash(before, layers);
  assert.equal(hash, "#d=2015&m=6/34.31/40.80&s=3&p=table/events&lang=en&embed=1");
  const { view: after, bad } = parseHash(hash, layers, languages, 5);
  assert.deepEqual([after.step, after.panel, after.embed, bad], [3, "table/events", true, []]);
  assert.deepEqual(parseHash("#s=6&p=table/gone", layers, languages, 5), { view: {}, bad: ["s", "p"] });
  assert.deepEqual(parseHash("#s=1.5&p=cellar", layers, languages, 5), { view: {}, bad: ["s", "p"] });
});

test("two times that are compared go through the link, in each mode", () => {
  for (const [hash, mode] of [
    ["d2=2017-10-01", "swipe"],
    ["d2=2017-10-01&c=side", "side"],
    ["d2=2017&c=difference", "difference"],
    ["d2=all", "swipe"],
  ] as const) {
    const { view, bad } = parseHash(`#d=2015-06-01&${hash}&m=6/34.00/41.00&lang=en`, ["a"], ["en"]);
    assert.deepEqual(bad, []);
    assert.equal(view.compare?.mode, mode);
    const full = { layers: ["a"], feature: null, ...view } as View;
    const again = parseHash(formatHash(full, ["a"]), ["a"], ["en"]);
    assert.deepEqual(again.view.compare, view.compare);
  }
  assert.deepEqual(parseHash("#d2=x&c=y", ["a"], ["en"]), { view: {}, bad: ["d2", "c"] });
  assert.equal(parseHash("#c=side", ["a"], ["en"]).view.compare, undefined);
});
