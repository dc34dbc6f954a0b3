/** A made-up atlas for measuring: dated polygons from a seeded generator, in a folder of its own. */

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** mulberry32 is a small generator of numbers from 0 to 1, the same for a seed. */
function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const day = 86_400_000;
const dateOf = (t: number): string => new Date(t).toISOString().slice(0, 10);

/**
 * writeAtlas writes count polygons of vertices corners, spread over 14 by 8 degrees, each valid for some months
 * between 2013 and 2019, a fifth of them with an uncertain beginning. It returns the folder.
 */
export async function writeAtlas(count: number, vertices: number, seed = 7): Promise<string> {
  const random = mulberry32(seed);
  const folder = await mkdtemp(join(tmpdir(), "kharita-bench-"));
  const from = Date.UTC(2013, 0, 1);
  const until = Date.UTC(2020, 0, 1);
  const size = 8 / Math.sqrt(count); // degrees: all of them cover about the same ground whatever their number
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const x = 35 + 14 * random();
    const y = 30 + 8 * random();
    const ring: [number, number][] = [];
    for (let k = 0; k < vertices; k++) {
      const angle = (2 * Math.PI * k) / vertices;
      const r = size * (0.55 + 0.2 * Math.sin(3 * angle + i) + 0.08 * random());
      ring.push([+(x + r * Math.cos(angle)).toFixed(5), +(y + 0.8 * r * Math.sin(angle)).toFixed(5)]);
    }
    ring.push(ring[0]);
    const start = from + random() * (until - from) * 0.8;
    const end = Math.min(until - day, start + (60 + random() * 700) * day);
    const begin = i % 5 === 0 ? `${dateOf(start)}/${dateOf(start + 40 * day)}` : dateOf(start);
    const properties = { name_en: `Field ${i}`, start: begin, end: dateOf(end) };
    lines.push(
      JSON.stringify({ type: "Feature", id: `f${i}`, properties, geometry: { type: "Polygon", coordinates: [ring] } }),
    );
  }
  await writeFile(
    join(folder, "fields.geojson"),
    `{"type":"FeatureCollection","features":[\n${lines.join(",\n")}\n]}\n`,
  );
  await writeFile(
    join(folder, "fields.yaml"),
    `title: {en: Fields}
time: {start: start, end: end, ends: uncertain}
name: {en: name_en}
metric: area
style:
  kind: fill
  color: {light: "#2b2b2f", dark: "#e6e1d6"}
  opacity: 0.42
  pattern: hatch
  outline: {width: 1.2}
  merge: true
  uncertain: {outline: dashed, opacity: 0.18, pattern: none}
`,
  );
  await writeFile(
    join(folder, "atlas.yaml"),
    `title: {en: Fields}
languages: [en]
view: {center: [42, 34], zoom: 6, time: 2015}
span: 2013/2019
years: 2013/2019
basemap: builtin
layers: [fields]
`,
  );
  return folder;
}
