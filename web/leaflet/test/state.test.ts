import assert from "node:assert/strict";
import { test } from "node:test";
import { year } from "../src/instant.ts";
import { State, type View } from "../src/state.ts";

const view: View = { time: year(2015), layers: ["a", "b"], lang: "en", center: [1, 2], zoom: 6, feature: null };

test("listeners hear of a change, with what was before", () => {
  const state = new State(view);
  const heard: [View, View][] = [];
  const stop = state.subscribe((after, before) => heard.push([after, before]));
  state.set({ time: year(2016) });
  assert.equal(heard.length, 1);
  assert.deepEqual(heard[0][0].time, year(2016));
  assert.deepEqual(heard[0][1].time, year(2015));
  stop();
  state.set({ zoom: 7 });
  assert.equal(heard.length, 1);
});

test("an equal view is no change", () => {
  const state = new State(view);
  state.subscribe(() => assert.fail("told of nothing"));
  const before = state.get();
  state.set({ time: year(2015), layers: ["a", "b"], center: [1, 2], zoom: 6 });
  assert.equal(state.get(), before);
});

test("a view is frozen and does not share what it was made from", () => {
  const layers = ["a"];
  const state = new State({ ...view, layers });
  layers.push("b");
  assert.deepEqual(state.get().layers, ["a"]);
  assert.throws(() => {
    (state.get() as { zoom: number }).zoom = 9;
  });
  assert.throws(() => {
    (state.get().layers as string[]).push("c");
  });
});
