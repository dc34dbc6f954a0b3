/** Taking home what is seen: the map as a picture that explains itself, and the features in view as GeoJSON. */

import "./kit.ts";
import type { Map as LeafletMap, Point } from "leaflet";
import { countItems } from "./api.ts";
import { type Atlas, fieldValue, say } from "./atlas.ts";
import type { Half } from "./compare.ts";
import { h, icon } from "./dom.ts";
import { type ExportKey, exportWords } from "./i18n/export.ts";
import { type Period, toDatetime } from "./instant.ts";
import { shownText } from "./keys.ts";
import { isRtl } from "./labels.ts";
import { type Dressed, signOf } from "./legend.ts";
import { paintSwatch } from "./paint.ts";
import { fetchAllItems } from "./questions.ts";
import { roundDown } from "./size.ts";
import type { View } from "./state.ts";
import { legendEntries } from "./style.ts";
import type { TimeTileLayer } from "./tilelayer.ts";
import type { Params, Words } from "./words.ts";

/** A map, or the part of one, as it is seen: box is its container, clip what of it is seen, in the window. */
export interface Piece {
  readonly half: Half;
  readonly ground: TimeTileLayer | null;
  readonly box: DOMRect;
  readonly clip: DOMRect;
  readonly time: Period;
}

/** What taking home needs of the page. */
export interface ExportHost {
  readonly atlas: Atlas;
  readonly stage: HTMLElement;
  view(): View;
  words(): Words;
  /** The layers that are on, top first. */
  layers(): readonly Dressed[];
  /** The maps that are seen, in the order in which they are painted. */
  pieces(): readonly Piece[];
  figures(time: Period): readonly string[];
  /** The box of the map in view: west, south, east, north. */
  bounds(): readonly [number, number, number, number];
  credits(): string;
  /** A colour or font of the page's style. */
  token(name: string): string;
}

const RATIO = 2;
const PAD = 16;

/** fill puts the buttons, and how much there is, into a slot of the page. */
export async function fill(slot: HTMLElement, host: ExportHost): Promise<void> {
  const words = host.words();
  const tell = (key: ExportKey, params: Params = {}, count = 0): string => words.late(exportWords, key, params, count);
  const note = h("p", { class: "count", role: "status" }, "…");
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      note.textContent = tell("failed", { reason: error instanceof Error ? error.message : String(error) });
    }
  };
  const data = h(
    "button",
    { type: "button", class: "action second", disabled: true },
    icon("download"),
    tell("geojson"),
  );
  data.addEventListener("click", () => void attempt(() => saveGeojson(host)));
  const picture = h(
    "button",
    { type: "button", class: "action second", title: tell("pictureNote") },
    icon("download"),
    tell("picture"),
  );
  picture.addEventListener("click", () => void attempt(() => savePicture(host)));
  slot.replaceChildren(h("h3", {}, tell("asSeen")), note, h("p", { class: "links" }, picture, data));
  await attempt(async () => {
    const { time } = host.view();
    const counts = await Promise.all(
      host.layers().map(({ layer }) => countItems(layer.id, always(time) ? null : time, undefined, host.bounds())),
    );
    const n = counts.reduce((a, b) => a + b, 0);
    note.textContent = n === 0 ? tell("nothing") : tell("count", {}, n);
    data.disabled = n === 0;
  });
}

const always = (time: Period): boolean => time.start === null && time.end === null;

/** fileName names a file by the time shown. */
function fileName({ time, compare }: View, ext: string): string {
  const text = (t: Period): string => (always(t) ? "all" : toDatetime(t).replaceAll("/", "--").replaceAll(":", ""));
  return `map-${text(time)}${compare ? `-${text(compare.time)}` : ""}.${ext}`;
}

function save(blob: Blob, name: string): void {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** saveGeojson saves the features of the layers that are on, in view, at the time shown; each names its layer. */
async function saveGeojson(host: ExportHost): Promise<void> {
  const view = host.view();
  const lists = await Promise.all(
    host.layers().map(async ({ layer }) => {
      const items = await fetchAllItems(layer.id, always(view.time) ? null : view.time, host.bounds());
      return items.map((item) => ({ ...item, properties: { layer: layer.id, ...item.properties } }));
    }),
  );
  const collection = {
    type: "FeatureCollection",
    title: say(host.atlas.title, view.lang).text,
    attribution: host.credits(),
    datetime: always(view.time) ? ".." : toDatetime(view.time),
    bbox: host.bounds(),
    features: lists.flat(),
  };
  save(new Blob([JSON.stringify(collection)], { type: "application/geo+json" }), fileName(view, "geojson"));
}

async function savePicture(host: ExportHost): Promise<void> {
  const canvas = drawPicture(host);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("PNG");
  save(blob, fileName(host.view(), "png"));
}

/** drawPicture draws the map with its title, time, legend, scale and sources, at two pixels for each of the page's. */
export function drawPicture(host: ExportHost): HTMLCanvasElement {
  const words = host.words();
  const view = host.view();
  const area = host.stage.getBoundingClientRect();
  const width = Math.round(area.width);
  const rtl = words.dir === "rtl";
  const canvas = h("canvas");
  canvas.width = width * RATIO;
  canvas.height = RATIO; // for measuring; its height comes with what is to be written
  let ctx = contextOf(canvas);
  const family = getComputedStyle(document.body).fontFamily;
  const set = (size: number, weight: number, color: string): void => {
    ctx.font = `${weight} ${size}px ${family}`;
    ctx.fillStyle = color;
    ctx.direction = rtl ? "rtl" : "ltr";
    ctx.textAlign = rtl ? "right" : "left";
    ctx.textBaseline = "middle";
  };
  const wrap = (text: string, size: number, weight = 400): string[] => {
    set(size, weight, "#000");
    return wrapped(text, width - 2 * PAD, (t) => ctx.measureText(t).width);
  };
  const [ink, muted, panel] = [host.token("--ink"), host.token("--muted"), host.token("--panel")];

  // What is written, from top to bottom.
  const pieces = host.pieces();
  const times = view.compare
    ? [view.time, view.compare.time].sort((a, b) => (a.start ?? 0) - (b.start ?? 0))
    : [view.time];
  interface Line {
    readonly text: string;
    readonly size: number;
    readonly weight: number;
    readonly color: string;
  }
  const lines = (texts: readonly string[], size: number, weight: number, color: string): Line[] =>
    texts.filter(Boolean).flatMap((t) => wrap(t, size, weight).map((text) => ({ text, size, weight, color })));
  const above = [
    ...lines([say(host.atlas.title, view.lang).text], 22, 600, ink),
    ...lines([times.map((t) => shownText(t, words)).join(" – ")], 16, 600, ink),
    ...lines(times.length === 1 ? host.figures(view.time) : [], 14, 400, muted),
  ];
  const entries = legend(host, words);
  const columns = Math.max(1, Math.floor((width - 2 * PAD) / 260));
  const rows = Math.ceil(entries.length / columns);
  const { name } = host.atlas.licence ?? {};
  const below = [
    ...lines([host.credits(), say(name, view.lang).text], 11, 400, muted),
    ...lines([words.late(exportWords, "link", { url: location.href })], 11, 400, muted),
  ];
  const heightOf = (list: readonly Line[]): number => list.reduce((sum, { size }) => sum + size * 1.55, 0);
  const mapTop = PAD + heightOf(above) + 8;
  const mapHeight = Math.round(area.height);
  const legendTop = mapTop + mapHeight + 12;
  const belowTop = legendTop + rows * 26 + 8;
  canvas.height = Math.ceil(belowTop + heightOf(below) + PAD) * RATIO;
  ctx = contextOf(canvas);
  ctx.scale(RATIO, RATIO);
  ctx.fillStyle = panel;
  ctx.fillRect(0, 0, width, canvas.height);

  const write = (list: readonly Line[], top: number): void => {
    let y = top;
    for (const { text, size, weight, color } of list) {
      set(size, weight, color);
      const start = isRtl(text) !== rtl && size < 12; // a link in an Arabic line, or the other way round
      ctx.direction = start ? (rtl ? "ltr" : "rtl") : rtl ? "rtl" : "ltr";
      ctx.fillText(text, rtl ? width - PAD : PAD, y + size * 0.78);
      y += size * 1.55;
    }
  };
  write(above, PAD);

  // The map, or maps.
  for (const { half, ground, box, clip } of pieces) {
    ctx.save();
    ctx.translate(0, mapTop);
    ctx.beginPath();
    ctx.rect(clip.left - area.left, clip.top - area.top, clip.width, clip.height);
    ctx.clip();
    ctx.fillStyle = host.token("--water");
    ctx.fillRect(0, 0, width, mapHeight);
    ctx.translate(box.left - area.left, box.top - area.top);
    const corner = half.map.containerPointToLayerPoint([0, 0] as unknown as Point).add(half.map.getPixelOrigin());
    ground?.picture(ctx, corner, RATIO);
    half.data.picture(ctx, corner, RATIO);
    half.overlay.picture(ctx, RATIO);
    ctx.restore();
  }
  ctx.strokeStyle = host.token("--accent");
  ctx.lineWidth = 2;
  for (const { clip } of pieces.length > 1 ? pieces.slice(1) : []) {
    ctx.strokeRect(clip.left - area.left, mapTop + clip.top - area.top, clip.width, clip.height);
  }
  ctx.lineWidth = 1;
  ctx.strokeStyle = host.token("--line");
  ctx.strokeRect(0.5, mapTop - 0.5, width - 1, mapHeight + 1);
  scale(ctx, pieces[0].half.map, words, host, rtl, width, mapTop + mapHeight - 12);

  entries.forEach(({ text, paint }, i) => {
    const column = i % columns;
    const step = (width - 2 * PAD) / columns;
    const left = rtl ? width - PAD - column * step - 28 : PAD + column * step;
    const y = legendTop + Math.floor(i / columns) * 26 + 4;
    ctx.drawImage(paint, left, y, 28, 18);
    set(13, 400, ink);
    ctx.fillText(
      short(text, step - 48, (t) => ctx.measureText(t).width),
      rtl ? left - 8 : left + 36,
      y + 9.5,
    );
  });
  write(below, belowTop);
  return canvas;
}

/** legend paints the signs of the layers that are on. */
function legend(host: ExportHost, words: Words): { text: string; paint: HTMLCanvasElement }[] {
  const halo = host.token("--panel");
  return host.layers().flatMap(({ layer, styles }) => {
    const entries = legendEntries(layer, styles);
    const title = say(layer.title, words.lang).text;
    return entries.map(({ property, value, brush }) => {
      const paint = h("canvas");
      paintSwatch(paint, brush, signOf(layer), false, halo, 28, 18, RATIO);
      const own = property && value ? fieldValue(layer, property, value, words.lang).text : "";
      return { text: own || title, paint };
    });
  });
}

function scale(
  ctx: CanvasRenderingContext2D,
  map: LeafletMap,
  words: Words,
  host: ExportHost,
  rtl: boolean,
  width: number,
  y: number,
): void {
  const longest = 110;
  const middle = map.getSize().y / 2;
  const metres = map.distance(map.containerPointToLatLng([0, middle]), map.containerPointToLatLng([longest, middle]));
  const round = roundDown(metres);
  if (!(round > 0)) return;
  const length = (longest * round) / metres;
  const left = rtl ? width - 12 - length : 12;
  ctx.strokeStyle = host.token("--map-ink");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(left, y - 6);
  ctx.lineTo(left, y);
  ctx.lineTo(left + length, y);
  ctx.lineTo(left + length, y - 6);
  ctx.stroke();
  ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = "center";
  ctx.direction = rtl ? "rtl" : "ltr";
  const text = words.quantity(round, "m");
  ctx.strokeStyle = host.token("--land");
  ctx.lineWidth = 3;
  ctx.strokeText(text, left + length / 2, y - 9);
  ctx.fillStyle = host.token("--map-ink");
  ctx.fillText(text, left + length / 2, y - 9);
}

/** wrapped breaks a text at its spaces so that no line is wider than width. */
export function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && measure(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line ? [...lines, line] : lines;
}

/** short cuts a text that is wider than width. */
function short(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  let cut = text;
  while (cut && measure(`${cut}…`) > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("canvas");
  return ctx;
}
