/** An atlas of another subject for the tests: a few hundred dated features, the same ones each time. */

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** random returns a generator of numbers in [0, 1) that a seed determines (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** year writes a year as EDTF has it, years before our era with a minus. */
const year = (y: number): string => (y < 0 ? `-${String(-y).padStart(4, "0")}` : String(y).padStart(4, "0"));

/**
 * otherAtlas writes an atlas of harbours, fields and roads between 300 BCE and 1450 into a new folder: titles in
 * French and English, uncertain dates, one layer without any sidecar.
 */
export async function otherAtlas(): Promise<string> {
  const next = random(1066);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const between = (lo: number, hi: number): number => lo + Math.floor(next() * (hi - lo));
  const folder = await mkdtemp(join(tmpdir(), "kharita-other-"));
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const collection = (features: object[]): string => JSON.stringify({ type: "FeatureCollection", features });
  const feature = (id: string, geometry: object, properties: object): object => ({
    type: "Feature",
    id,
    geometry,
    properties,
  });
  const lon = (): number => 8 + next() * 10;
  const lat = (): number => 38 + next() * 7;
  const heads = ["Porto", "Castel", "Monte", "Villa", "San", "Torre", "Borgo", "Rocca"];
  const tails = ["Alto", "Vecchio", "Mare", "Felice", "Rosso", "Leone", "Chiaro", "Antico", "Bello"];

  const harbours = Array.from({ length: 180 }, (_, i) => {
    const start = between(-300, 1200);
    const name = `${pick(heads)} ${pick(tails)} ${i}`;
    const properties = {
      nom: name,
      name_en: `Harbour of ${name}`,
      sort: pick(["comptoir", "port", "abri"]),
      start: `${year(start)}${pick(["", "", "~", "?"])}`,
      end: next() < 0.2 ? ".." : year(start + between(20, 250)),
      text_en: "Mentioned in a list that was drawn up for this test.",
      sources: [{ title: `Register, fol. ${i}`, publisher: "Test archive", verified: i % 3 === 0 }],
    };
    return feature(`h${i}`, { type: "Point", coordinates: [lon(), lat()] }, properties);
  });
  const fields = Array.from({ length: 120 }, (_, i) => {
    const [x, y, r] = [lon(), lat(), 0.1 + next() * 0.3];
    const ring = Array.from({ length: 13 }, (_, k) => {
      const turn = ((k % 12) / 12) * 2 * Math.PI;
      return [x + r * Math.cos(turn), y + r * 0.75 * Math.sin(turn)];
    });
    const start = between(-250, 1300);
    const properties = { nom: `Terre ${i}`, start: year(start), end: year(start + between(30, 200)) };
    return feature(`f${i}`, { type: "Polygon", coordinates: [ring] }, properties);
  });
  const roads = Array.from({ length: 60 }, (_, i) => {
    const [x, y] = [lon(), lat()];
    const coordinates = Array.from({ length: 6 }, (_, k) => [x + k * 0.25, y + (next() - 0.5) * 0.4]);
    const start = between(-200, 1000);
    return feature(`r${i}`, { type: "LineString", coordinates }, { name: `Road ${i}`, start: year(start) });
  });
  await write("harbours.geojson", collection(harbours));
  await write("fields.geojson", collection(fields));
  await write("roads.geojson", collection(roads));
  await write(
    "harbours.yaml",
    [
      "title: {fr: Ports et comptoirs, en: Harbours}",
      "name: {fr: nom, en: name_en}",
      "time: {start: start, end: end, ends: uncertain}",
      "popup: [name, dates, sort, text, sources]",
      "fields:",
      "  sort: {title: {fr: genre, en: kind}, values: {port: {fr: Port, en: Port}, comptoir: {fr: Comptoir, en: Trading post}, abri: {fr: Abri, en: Shelter}}}",
      "style:",
      "  kind: symbol",
      '  color: {by: sort, values: {port: "#0b5c8a", comptoir: "#7a4f9a", abri: "#566070"}, other: "#566070"}',
      "  shape: {by: sort, values: {port: square, comptoir: diamond}, other: circle}",
      "  size: 9",
      "  label: {field: name, minzoom: 8}",
      "",
    ].join("\n"),
  );
  await write(
    "fields.yaml",
    'title: {fr: Terres, en: Fields}\nname: {fr: nom, en: nom}\nstyle: {kind: fill, color: "#2c6e49", opacity: 0.25, pattern: dots}\n',
  );
  await write(
    "atlas.yaml",
    [
      "title: {fr: La mer intérieure, en: The inner sea}",
      "languages: [fr, en]",
      'view: {center: [13, 41.5], zoom: 6, time: "0350/0370"}',
      "span: -0300/1450",
      "layers: [harbours, fields, roads]",
      "story:",
      '  - {id: rome, title: {fr: Avant notre ère, en: Before our era}, text: {fr: "Les premiers ports.", en: "The first harbours."}, time: -0100, view: {center: [12, 42], zoom: 7}}',
      '  - {id: late, title: {fr: Plus tard, en: Later}, text: {fr: "Les derniers.", en: "The last ones."}, time: "1300", layers: [harbours]}',
      "",
    ].join("\n"),
  );
  return folder;
}
