import assert from "node:assert/strict";
import { test } from "node:test";
import { PbfWriter } from "pbf";
import { decode, transferables } from "../src/decode.ts";
import type { Period } from "../src/instant.ts";
import { Epochs, standing, type Times, timesOf } from "../src/tile.ts";

/** A tile of one layer, written by hand (MVT 2.1 §4): a square with a hole, and two points. */
function sample(): ArrayBuffer {
  const zigzag = (n: number): number => (n << 1) ^ (n >> 31);
  const geometry = {
    polygon: [9, 0, 0, 26, 8, 0, 0, 8, -8, 0, 15, 9, 2, -6, 26, 0, 4, 4, 0, 0, -4, 15],
    points: [17, 1, 2, 3, 4],
  };
  const commands = new Set([9, 15, 17, 26]);
  const write = (list: number[]): number[] => list.map((n, i) => (isCommand(list, i) ? n : zigzag(n)));
  const isCommand = (list: number[], i: number): boolean => {
    let at = 0;
    while (at < list.length) {
      if (at === i) return true;
      const command = list[at];
      assert.ok(commands.has(command));
      at += 1 + ((command & 7) === 7 ? 0 : 2 * (command >> 3));
    }
    return false;
  };
  const pbf = new PbfWriter();
  pbf.writeMessage(
    3,
    (_: null, layer: PbfWriter) => {
      layer.writeVarintField(15, 2);
      layer.writeStringField(1, "held");
      layer.writeStringField(3, "id");
      layer.writeStringField(3, "valid_from");
      layer.writeMessage(4, (_v: null, value: PbfWriter) => value.writeStringField(1, "mosul"), null);
      layer.writeMessage(4, (_v: null, value: PbfWriter) => value.writeVarintField(4, 1402358400000), null);
      layer.writeVarintField(5, 16);
      for (const [type, list, tags] of [
        [3, geometry.polygon, [0, 0, 1, 1]],
        [1, geometry.points, []],
      ] as const) {
        layer.writeMessage(
          2,
          (_f: null, feature: PbfWriter) => {
            feature.writePackedVarint(2, [...tags]);
            feature.writeVarintField(3, type);
            feature.writePackedVarint(4, write([...list]));
          },
          null,
        );
      }
    },
    null,
  );
  return pbf.finish().slice().buffer as ArrayBuffer;
}

test("a tile is decoded into flat arrays in CSS pixels", () => {
  const tile = decode(sample());
  const [layer] = tile.layers;
  assert.equal(layer.name, "held");
  const [polygon, points] = layer.features;
  assert.equal(polygon.id, "mosul");
  assert.deepEqual([polygon.from, polygon.until], [1402358400000, Number.POSITIVE_INFINITY]);
  assert.equal(polygon.last - polygon.first, 2); // a ring and its hole
  assert.deepEqual(polygon.bbox, [0, 0, 256, 256]); // 8 of 16 units of 512 pixels
  assert.deepEqual([...layer.coords.slice(0, 4)], [0, 0, 256, 0]);
  assert.equal(points.type, 1);
  assert.deepEqual([points.from, points.until], [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  assert.equal(layer.parts.length, points.last + 1);
  assert.equal(layer.parts[points.last] * 2, layer.coords.length);
  assert.equal(transferables(tile).length, 2);
});

test("empty bytes are an empty tile, others an error", () => {
  assert.deepEqual(decode(new ArrayBuffer(0)), { layers: [] });
  assert.throws(() => decode(new Uint8Array([26, 200, 1, 2]).buffer));
});

test("missing ends are open; missing certain ends are the possible ones", () => {
  const inf = Number.POSITIVE_INFINITY;
  assert.deepEqual(timesOf({}), { from: -inf, until: inf, certainFrom: -inf, certainUntil: inf });
  assert.deepEqual(timesOf({ valid_from: 1, valid_until: 9, certain_from: 3 }), {
    from: 1,
    until: 9,
    certainFrom: 3,
    certainUntil: 9,
  });
});

test("half-open ends meet without overlap, and what is never certain is only possible", () => {
  const times: Times = { from: 10, until: 20, certainFrom: 12, certainUntil: 18 };
  const cases: [number | null, number | null, string][] = [
    [0, 10, "absent"],
    [20, 30, "absent"],
    [10, 12, "possible"],
    [18, 20, "possible"],
    [11, 13, "certain"],
    [17, 18, "certain"],
    [null, null, "certain"],
    [null, 11, "possible"],
    [19, null, "possible"],
    [20, null, "absent"],
  ];
  for (const [start, end, want] of cases) assert.equal(standing(times, { start, end }), want, `${start}–${end}`);
  assert.equal(standing({ ...times, certainFrom: 15, certainUntil: 15 }, { start: null, end: null }), "possible");
});

test("the same epoch means the same standing of every feature (against trying it out)", () => {
  let seed = 7;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  const features: Times[] = Array.from({ length: 12 }, () => {
    const from = random(30);
    const until = from + 1 + random(20);
    const certainFrom = Math.min(until, from + random(4));
    return {
      from: random(8) === 0 ? Number.NEGATIVE_INFINITY : from,
      until: random(8) === 0 ? Number.POSITIVE_INFINITY : until,
      certainFrom,
      certainUntil: Math.max(certainFrom, until - random(4)),
    };
  });
  const epochs = new Epochs(features);
  const seen = new Map<number, string>();
  const ends = [null, ...Array.from({ length: 60 }, (_, i) => i)];
  let shared = 0;
  for (const start of ends) {
    for (const end of ends) {
      if (start !== null && end !== null && end <= start) continue;
      const period: Period = { start, end };
      const picture = features.map((f) => standing(f, period)).join();
      const key = epochs.key(period);
      const before = seen.get(key);
      if (before !== undefined) {
        shared++;
        assert.equal(picture, before, `${start}–${end}`);
      }
      seen.set(key, picture);
    }
  }
  assert.ok(shared > 0 && new Epochs([]).key({ start: 1, end: 2 }) === new Epochs([]).key({ start: null, end: null }));
});
