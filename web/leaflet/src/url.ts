/**
 * The link that carries the View: `#d=2015&m=6/34.31/40.80&l=isis-held,events&f=events/ev01&lang=ar`.
 *
 * d is an EDTF date or interval, or `all`; m is zoom/latitude/longitude as OpenStreetMap writes it;
 * l the layers that are on, left out when they are those of the atlas's own view; f the selected feature; lang the language; s the step of the story,
 * from 1; d2 the second time where two are compared, and c how (side, difference; swipe is
 * left out); p the panel that is open (sources, table or table/layer); embed=1 the map and the time alone.
 */

import type { Period } from "./instant.ts";
import { parseEdtf, toDatetime } from "./instant.ts";
import { type CompareMode, sameLayers, type View } from "./state.ts";

/** What a hash said, and the parameters that could not be read. */
export interface Parsed {
  readonly view: Partial<View>;
  readonly bad: readonly string[];
}

const always: Period = { start: null, end: null };
const modes: readonly CompareMode[] = ["swipe", "side", "difference"];

/**
 * parseHash reads a hash, with or without its #. It never throws: what can't be read is named in
 * `bad` and the rest holds. steps is how many the story has. Parameters that are missing are missing in `view`; unknown ones are passed over.
 */
export function parseHash(
  hash: string,
  layers: readonly string[],
  languages: readonly string[],
  steps = Number.POSITIVE_INFINITY,
): Parsed {
  const view: { -readonly [K in keyof View]?: View[K] } = {};
  const bad: string[] = [];
  let second: Period | null = null;
  let mode: CompareMode = "swipe";
  for (const pair of hash.replace(/^#/, "").split("&")) {
    const at = pair.indexOf("=");
    if (at < 0) continue;
    const key = pair.slice(0, at);
    let value: string;
    try {
      value = decodeURIComponent(pair.slice(at + 1));
    } catch {
      bad.push(key);
      continue;
    }
    switch (key) {
      case "d": {
        const time = parseTime(value);
        if (time) view.time = time;
        else bad.push(key);
        break;
      }
      case "d2":
        second = parseTime(value);
        if (!second) bad.push(key);
        break;
      case "c": {
        const known = modes.find((m) => m === value);
        if (known) mode = known;
        else bad.push(key);
        break;
      }
      case "m": {
        const place = parsePlace(value);
        if (place) Object.assign(view, place);
        else bad.push(key);
        break;
      }
      case "l": {
        const ids = value === "" ? [] : value.split(",");
        if (ids.some((id) => !layers.includes(id))) bad.push(key);
        const known = layers.filter((id) => ids.includes(id));
        if (known.length > 0 || ids.length === 0) view.layers = known; // of none that is known the link says nothing
        break;
      }
      case "f": {
        const layer = value.slice(0, Math.max(value.indexOf("/"), 0));
        if (layers.includes(layer) && value.length > layer.length + 1) view.feature = value;
        else bad.push(key);
        break;
      }
      case "s": {
        const step = Number(value);
        if (Number.isInteger(step) && step >= 1 && step <= steps) view.step = step;
        else bad.push(key);
        break;
      }
      case "p": {
        const layer = /^table\/(.+)$/.exec(value)?.[1];
        if (value === "sources" || value === "table" || (layer && layers.includes(layer))) view.panel = value;
        else bad.push(key);
        break;
      }
      case "embed":
        view.embed = value === "1";
        break;
      case "lang":
        if (languages.includes(value)) view.lang = value;
        else bad.push(key);
        break;
    }
  }
  if (second) view.compare = { mode, time: second };
  return { view, bad };
}

/** parseTime reads `all` or EDTF; null if it is neither, or a period that never holds. */
export function parseTime(text: string): Period | null {
  const trimmed = text.trim();
  if (trimmed === "all") return always;
  try {
    const { possible } = parseEdtf(trimmed);
    return possible.start !== null && possible.end !== null && possible.end <= possible.start ? null : possible;
  } catch {
    return null;
  }
}

function parsePlace(text: string): Pick<View, "zoom" | "center"> | null {
  const parts = text.split("/").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [zoom, lat, lon] = parts;
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return null;
  if (zoom < 0 || zoom > 22 || Math.abs(lat) > 85.06 || Math.abs(lon) > 360) return null;
  return { zoom, center: [lon, lat] };
}

/** formatHash writes the View as a hash with its #. usual are the layers that are on where a link names none. */
export function formatHash(view: View, usual: readonly string[]): string {
  const date = (t: Period): string => (t.start === null && t.end === null ? "all" : toDatetime(t));
  const digits = view.zoom < 8 ? 2 : view.zoom < 12 ? 3 : 4; // about a pixel
  const zoom = Math.round(view.zoom * 100) / 100;
  const parts = [
    `d=${date(view.time)}`,
    `m=${zoom}/${view.center[1].toFixed(digits)}/${view.center[0].toFixed(digits)}`,
  ];
  if (!sameLayers(view.layers, usual)) parts.push(`l=${view.layers.map(encode).join(",")}`);
  if (view.compare) {
    parts.splice(1, 0, `d2=${date(view.compare.time)}`);
    if (view.compare.mode !== "swipe") parts.push(`c=${view.compare.mode}`);
  }
  if (view.feature) parts.push(`f=${encode(view.feature)}`);
  if (view.step) parts.push(`s=${view.step}`);
  if (view.panel) parts.push(`p=${encode(view.panel)}`);
  parts.push(`lang=${encode(view.lang)}`);
  if (view.embed) parts.push("embed=1");
  return `#${parts.join("&")}`;
}

/** encode escapes what would end a parameter, and leaves the slash and colon readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":");
}
