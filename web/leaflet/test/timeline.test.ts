import assert from "node:assert/strict";
import { test } from "node:test";
import { day, year } from "../src/instant.ts";
import { latinKey, shownText, type TimeAction, timeAction } from "../src/keys.ts";
import { roundDown } from "../src/size.ts";
import { Words } from "../src/words.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  ...{ shiftKey: false, ctrlKey: false, altKey: false, metaKey: false },
  ...more,
});

test("keys move time in the direction in which it runs", () => {
  const on = (unit: "day" | "month" | "year", n: 1 | -1): TimeAction => ({ do: "step", unit, n });
  const cases: [string, boolean, boolean, TimeAction | null][] = [
    ["ArrowRight", false, false, on("day", 1)],
    ["ArrowRight", false, true, on("day", -1)],
    ["ArrowLeft", false, false, on("day", -1)],
    ["ArrowLeft", false, true, on("day", 1)],
    ["ArrowLeft", true, true, on("month", 1)],
    ["ArrowUp", false, true, on("day", 1)],
    ["ArrowDown", false, true, on("day", -1)],
    ["PageUp", false, true, on("year", 1)],
    ["PageDown", false, false, on("year", -1)],
    ["Home", false, true, { do: "first" }],
    ["End", false, false, { do: "last" }],
    [" ", false, false, { do: "play" }],
    ["[", false, true, { do: "previous" }],
    ["]", false, false, { do: "next" }],
    ["a", false, false, null],
  ];
  for (const [key, shiftKey, rtl, want] of cases) {
    assert.deepEqual(timeAction(press(key, { shiftKey }), rtl), want, `${key} ${shiftKey} ${rtl}`);
  }
  assert.equal(timeAction(press("ArrowLeft"), false, false), null); // the map pans by it
  assert.deepEqual(timeAction(press("PageUp"), false, false), on("year", 1));
  assert.equal(timeAction(press("ArrowLeft", { ctrlKey: true }), false), null);
});

test("keys are known by their place where the keyboard is not a Latin one", () => {
  const arabic = (key: string, code: string, shiftKey = false) => latinKey({ ...press(key), code, shiftKey });
  assert.deepEqual(
    [arabic("ف", "KeyT"), arabic("ظ", "Slash"), arabic("؟", "Slash", true), arabic("ج", "BracketLeft")],
    ["t", "/", "?", "["],
  );
  assert.deepEqual([arabic("a", "KeyQ"), arabic("é", "Digit2"), arabic("PageUp", "PageUp")], ["a", "é", "PageUp"]);
  assert.deepEqual(timeAction({ ...press("د"), code: "BracketRight" }, true), { do: "next" });
});

test("the line says what is shown", () => {
  const said = (lang: string) =>
    [year(2015), day(Date.UTC(2015, 5, 1)), { start: null, end: null }].map((p) => shownText(p, new Words(lang)));
  assert.deepEqual(said("en"), ["at any time in 2015", "1 June 2015", "All time"]);
  assert.deepEqual(said("ar"), ["في أي وقت خلال 2015", "1 حزيران 2015", "كل الأوقات"]);
});

test("scale bars have round lengths", () => {
  assert.deepEqual([7, 12, 2999, 48_000, 333_333].map(roundDown), [5, 10, 2000, 30_000, 300_000]);
});
