/**
 * From features and brushes to canvas calls. What is painted depends on the arguments alone; the legend's
 * swatches and the map's tiles go through the same functions.
 */

import type { Dash, Pattern, SymbolShape } from "./atlas.ts";
import type { Period } from "./instant.ts";
import { clamp } from "./scale.ts";
import type { Brush, LayerStyle } from "./style.ts";
import type { DecodedFeature, DecodedLayer } from "./tile.ts";
import { standing, TILE } from "./tile.ts";

/** A part of a tile in CSS pixels: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

/** All of a tile. */
export const whole: Box = [0, 0, TILE, TILE];

/** How far the paint of a feature may reach beyond its bbox, in CSS pixels, apart from the width of its outline. */
const REACH = 4;

/** touches tells whether what has this bbox may be seen in a part of a tile. */
function touches(bbox: Box, [left, top, right, bottom]: Box): boolean {
  const reach = REACH + widest;
  return bbox[0] - reach < right && bbox[2] + reach > left && bbox[1] - reach < bottom && bbox[3] + reach > top;
}

/** The widest outline that is reckoned with. */
const widest = 6;

/**
 * dirty returns the parts of a tile that another time changes, if they are few and small: only these need to be
 * painted anew. Their sides are multiples of 4 CSS pixels, so that they end on device pixels at every usual ratio.
 * Null: paint it all.
 */
export function dirty(features: Iterable<DecodedFeature>, before: Period, after: Period): Box[] | null {
  const boxes: Box[] = [];
  for (const feature of features) {
    if (standing(feature, before) === standing(feature, after)) continue;
    const reach = REACH + widest;
    const [x0, y0, x1, y1] = feature.bbox;
    let box: Box = [
      clamp(Math.floor((x0 - reach) / 4) * 4, 0, TILE),
      clamp(Math.floor((y0 - reach) / 4) * 4, 0, TILE),
      clamp(Math.ceil((x1 + reach) / 4) * 4, 0, TILE),
      clamp(Math.ceil((y1 + reach) / 4) * 4, 0, TILE),
    ];
    if (box[0] >= box[2] || box[1] >= box[3]) continue;
    // Parts that overlap become one.
    for (let i = boxes.length - 1; i >= 0; i--) {
      const [l, t, r, b] = boxes[i];
      if (l >= box[2] || r <= box[0] || t >= box[3] || b <= box[1]) continue;
      box = [Math.min(l, box[0]), Math.min(t, box[1]), Math.max(r, box[2]), Math.max(b, box[3])];
      boxes.splice(i, 1);
      i = boxes.length; // the larger one may overlap those that did not before
    }
    boxes.push(box);
    if (boxes.length > 24) return null;
  }
  const area = boxes.reduce((sum, [l, t, r, b]) => sum + (r - l) * (b - t), 0);
  return area > TILE * TILE * 0.6 ? null : boxes;
}

/** The features of one brush that are painted together. */
export interface Job {
  readonly brush: Brush;
  readonly uncertain: boolean;
  readonly features: readonly DecodedFeature[];
}

/**
 * plan sorts what holds in a period by brush, what only possibly holds first, so that what is certain lies on
 * top; with clip, what can be seen in that part of the tile. types keeps only features of those geometries (MVT numbers: 1 points, 2 lines, 3 polygons).
 */
export function plan(
  features: Iterable<DecodedFeature>,
  time: Period,
  styles: LayerStyle,
  types: readonly number[],
  clip: Box = whole,
): Job[] {
  const jobs = new Map<string, { brush: Brush; uncertain: boolean; features: DecodedFeature[] }>();
  for (const feature of features) {
    if (!types.includes(feature.type)) continue;
    if (clip !== whole && !touches(feature.bbox, clip)) continue;
    const stands = standing(feature, time);
    if (stands === "absent") continue;
    const uncertain = stands === "possible";
    const brush = styles.brush(feature.props, uncertain);
    const key = `${brush.key}\u001f${feature.type}`;
    const job = jobs.get(key);
    if (job) job.features.push(feature);
    else jobs.set(key, { brush, uncertain, features: [feature] });
  }
  return [...jobs.values()].sort((a, b) => Number(b.uncertain) - Number(a.uncertain));
}

/**
 * bordered takes the outline of merged areas from lines that a tile has for it (its layer "<id>:border"): they tell
 * when they are one, in which reading, and none runs between two areas that hold together. That is the outline of a
 * time in which nothing changes; within a longer one they are lines of different dates. It returns the areas without
 * an outline, and the lines that belong over them.
 */
export function bordered(
  areas: readonly Job[],
  lines: Iterable<DecodedFeature>,
  time: Period,
  [certain, possible]: readonly [Brush, Brush],
  clip: Box = whole,
): { areas: Job[]; lines: Job[] } {
  const [surely, perhaps]: DecodedFeature[][] = [[], []];
  for (const line of lines) {
    if (standing(line, time) === "absent" || (clip !== whole && !touches(line.bbox, clip))) continue;
    (line.props.reading === "possible" ? perhaps : surely).push(line);
  }
  const jobs: Job[] = [
    { brush: possible, uncertain: true, features: perhaps },
    { brush: certain, uncertain: false, features: surely },
  ];
  return {
    areas: areas.map((job) => ({ ...job, brush: { ...job.brush, outline: { ...job.brush.outline, width: 0 } } })),
    lines: jobs.filter(({ features }) => features.length > 0),
  };
}

/** What the painter needs from its surroundings. */
export interface Easel {
  /** A canvas of the tile's size, scaled to CSS pixels and clear within box, free until the next call. */
  scratch(box: Box): CanvasRenderingContext2D;
  path(feature: DecodedFeature): Path2D;
}

/** pathOf makes the path of a line or polygon in CSS pixels of its tile. */
export function pathOf(layer: DecodedLayer, feature: DecodedFeature): Path2D {
  const path = new Path2D();
  const { coords, parts } = layer;
  for (let part = feature.first; part < feature.last; part++) {
    const end = parts[part + 1] * 2;
    let i = parts[part] * 2;
    if (i >= end) continue;
    path.moveTo(coords[i], coords[i + 1]);
    for (i += 2; i < end; i += 2) path.lineTo(coords[i], coords[i + 1]);
    if (feature.type === 3) path.closePath();
  }
  return path;
}

function union(job: Job, easel: Easel): Path2D {
  if (job.features.length === 1) return easel.path(job.features[0]);
  const path = new Path2D();
  for (const feature of job.features) path.addPath(easel.path(feature));
  return path;
}

/** One layer's jobs, bottom first, and what it takes to paint them. */
export interface Painted {
  readonly jobs: readonly Job[];
  readonly easel: Easel;
  /** The part of the tile that is painted. */
  readonly clip?: Box;
}

/**
 * paintTile paints the lines and polygons of layers, bottom first, on an empty canvas that is scaled to CSS pixels.
 *
 * The topmost merged layer goes first: cutting its outline free needs a canvas of its own, and as long as nothing
 * else is there, the tile's is one. What lies below is then painted from the top down beneath it.
 */
export function paintTile(ctx: CanvasRenderingContext2D, layers: readonly Painted[]): void {
  let first = layers.length - 1;
  while (first >= 0 && !layers[first].jobs.some(merges)) first--;
  if (first >= 0) paintLayer(ctx, layers[first], "alone");
  ctx.globalCompositeOperation = "destination-over";
  for (let i = first - 1; i >= 0; i--) paintLayer(ctx, layers[i], "under");
  ctx.globalCompositeOperation = "source-over";
  for (let i = first + 1; i < layers.length; i++) paintLayer(ctx, layers[i], "over");
}

/** over: on what is there; under: beneath it, so from the top down; alone: there is nothing yet. */
type Way = "over" | "under" | "alone";

const merges = (job: Job): boolean => job.brush.merge && job.features[0].type === 3;

function paintLayer(ctx: CanvasRenderingContext2D, { jobs, easel, clip = whole }: Painted, way: Way): void {
  const paths = jobs.map((job) => union(job, easel));
  const order = jobs.map((_, i) => (way === "under" ? jobs.length - 1 - i : i));
  for (const i of order) {
    const { brush, features } = jobs[i];
    if (features[0].type === 2) paintLine(ctx, paths[i], brush);
    else if (!brush.merge) paintArea(ctx, paths[i], brush, way === "under");
    else if (way === "alone") mergeAlone(ctx, jobs, paths, i);
    else mergeAside(ctx, jobs, paths, i, easel, clip, way === "under");
  }
}

export function paintLine(ctx: CanvasRenderingContext2D, path: Path2D, brush: Brush): void {
  ctx.globalAlpha = brush.opacity;
  pen(ctx, brush.color, brush.width, brush.outline.dash);
  ctx.stroke(path);
  ctx.globalAlpha = 1;
}

/** paintArea fills and outlines; under paints beneath what is there, and so in the opposite order. */
export function paintArea(ctx: CanvasRenderingContext2D, path: Path2D, brush: Brush, under = false): void {
  const line = (): void => {
    if (!outlined(brush)) return;
    pen(ctx, brush.outline.color, brush.outline.width, brush.outline.dash);
    ctx.stroke(path);
  };
  if (under) line();
  fill(ctx, path, brush, under);
  if (!under) line();
}

const outlined = ({ outline }: Brush): boolean => outline.width > 0 && outline.color !== "";

function fill(ctx: CanvasRenderingContext2D, path: Path2D, brush: Brush, under = false): void {
  const pattern = patternOf(ctx, brush.pattern, brush.color);
  const coats: [style: string | CanvasPattern, alpha: number][] = [[brush.color, brush.opacity]];
  if (pattern) coats.push([pattern, 0.55]);
  if (under) coats.reverse();
  for (const [style, alpha] of coats) {
    ctx.globalAlpha = alpha;
    ctx.fillStyle = style;
    ctx.fill(path);
  }
  ctx.globalAlpha = 1;
}

/**
 * Many polygons are painted as one shape by stroking their outlines twice as wide and then cutting out the inside of
 * them all: what two neighbours share is inside, so only the outer border is left. Where a place possibly holds by one
 * record and certainly by another, it certainly holds: the certain ones are cut out of the uncertain.
 */
function mergeAlone(ctx: CanvasRenderingContext2D, jobs: readonly Job[], paths: readonly Path2D[], i: number): void {
  const { brush } = jobs[i];
  const certain = certainOver(jobs, paths, i);
  if (outlined(brush)) strokeOutside(ctx, [paths[i], ...certain], brush);
  fill(ctx, paths[i], brush);
  cut(ctx, certain);
}

/** mergeAside does the same on a canvas of its own, for a tile on which something is painted already. */
function mergeAside(
  ctx: CanvasRenderingContext2D,
  jobs: readonly Job[],
  paths: readonly Path2D[],
  i: number,
  easel: Easel,
  clip: Box,
  under: boolean,
): void {
  const { brush } = jobs[i];
  const certain = certainOver(jobs, paths, i);
  const box = boxOf(jobs[i], brush.outline.width + 2, clip);
  if (!box) return;
  const aside = easel.scratch(box);
  if (outlined(brush)) strokeOutside(aside, [paths[i], ...certain], brush);
  fill(aside, paths[i], brush);
  cut(aside, certain);
  const ratio = ctx.getTransform().a;
  const [x, y, right, bottom] = box.map((v) => Math.round(v * ratio));
  ctx.save();
  ctx.globalCompositeOperation = under ? "destination-over" : "source-over";
  ctx.setTransform(1, 0, 0, 1, 0, 0); // pixel by pixel
  ctx.drawImage(aside.canvas, x, y, right - x, bottom - y, x, y, right - x, bottom - y);
  ctx.restore();
}

/** certainOver returns the certain areas that lie over an uncertain job; none over a certain one. */
function certainOver(jobs: readonly Job[], paths: readonly Path2D[], i: number): Path2D[] {
  return jobs[i].uncertain ? paths.filter((_, k) => !jobs[k].uncertain && jobs[k].features[0].type === 3) : [];
}

/** strokeOutside strokes the first of some areas where it borders on none of them. */
function strokeOutside(ctx: CanvasRenderingContext2D, areas: readonly Path2D[], brush: Brush): void {
  pen(ctx, brush.outline.color, 2 * brush.outline.width, brush.outline.dash, brush.outline.width);
  ctx.stroke(areas[0]);
  cut(ctx, areas);
}

/** cut erases areas. */
function cut(ctx: CanvasRenderingContext2D, areas: readonly Path2D[]): void {
  ctx.globalCompositeOperation = "destination-out";
  ctx.globalAlpha = 1;
  ctx.fillStyle = "#000";
  for (const area of areas) ctx.fill(area);
  ctx.globalCompositeOperation = "source-over";
}

/** boxOf returns the part of a box in which features and their outline lie; null if they lie outside. */
function boxOf(job: Job, margin: number, [minX, minY, maxX, maxY]: Box): Box | null {
  let [left, top, right, bottom] = [TILE, TILE, 0, 0];
  for (const { bbox } of job.features) {
    left = Math.min(left, bbox[0]);
    top = Math.min(top, bbox[1]);
    right = Math.max(right, bbox[2]);
    bottom = Math.max(bottom, bbox[3]);
  }
  const box: Box = [
    clamp(Math.floor(left - margin), minX, maxX),
    clamp(Math.floor(top - margin), minY, maxY),
    clamp(Math.ceil(right + margin), minX, maxX),
    clamp(Math.ceil(bottom + margin), minY, maxY),
  ];
  return box[0] < box[2] && box[1] < box[3] ? box : null;
}

function pen(ctx: CanvasRenderingContext2D, color: string, width: number, dash: Dash, unit = width): void {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.lineCap = dash === "dotted" ? "round" : "butt";
  ctx.setLineDash(dashes(dash, unit));
}

/** dashes are the lengths of a dash pattern for a line of a width. */
export function dashes(dash: Dash, width: number): number[] {
  if (dash === "dashed") return [3 + 2 * width, 2 + 1.5 * width];
  if (dash === "dotted") return [0.01, 2 + 1.6 * width];
  return [];
}

/** paintHighlight draws a feature's outline as selected: accent on a rim of the ground's colour. */
export function paintHighlight(ctx: CanvasRenderingContext2D, path: Path2D, accent: string, halo: string): void {
  pen(ctx, halo, 6, "solid");
  ctx.globalAlpha = 0.85;
  ctx.stroke(path);
  ctx.globalAlpha = 1;
  pen(ctx, accent, 3, "solid");
  ctx.stroke(path);
}

/** The side of a pattern in CSS pixels. It divides a tile, so patterns run on from tile to tile. */
const CELL = 8;
const patterns = new Map<string, CanvasPattern>();

function patternOf(ctx: CanvasRenderingContext2D, pattern: Pattern, color: string): CanvasPattern | null {
  if (pattern === "none") return null;
  const ratio = ctx.getTransform().a;
  const key = `${pattern}|${color}|${ratio}`;
  let made = patterns.get(key);
  if (!made) {
    const canvas = document.createElement("canvas");
    const side = Math.max(1, Math.round(CELL * ratio));
    canvas.width = canvas.height = side;
    const c = canvas.getContext("2d");
    const result = c && ctx.createPattern(canvasOf(c, side, pattern, color), "repeat");
    if (!result) return null;
    result.setTransform(new DOMMatrix().scale(CELL / side));
    made = result;
    patterns.set(key, made);
  }
  return made;
}

function canvasOf(c: CanvasRenderingContext2D, side: number, pattern: Pattern, color: string): HTMLCanvasElement {
  c.scale(side / CELL, side / CELL);
  c.strokeStyle = c.fillStyle = color;
  c.lineWidth = 1;
  c.beginPath();
  if (pattern === "dots") {
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ]) {
      c.moveTo(x + 0.9, y);
      c.arc(x, y, 0.9, 0, 2 * Math.PI);
    }
    c.fill();
    return c.canvas;
  }
  // Each diagonal is drawn with its neighbours in the next cells, so that no corner is missing.
  for (const shift of [-CELL, 0, CELL]) {
    c.moveTo(shift - 1, CELL + 1);
    c.lineTo(shift + CELL + 1, -1);
    if (pattern === "cross") {
      c.moveTo(shift - 1, -1);
      c.lineTo(shift + CELL + 1, CELL + 1);
    }
  }
  c.stroke();
  return c.canvas;
}

/** paintSymbol paints a point. ctx is scaled to CSS pixels; size is the diameter, which the map shrinks when far out. */
export function paintSymbol(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  brush: Brush,
  uncertain: boolean,
  halo: string,
  size = brush.size,
): void {
  const r = size / 2;
  const rim = size < 4 ? 0.4 : Math.min(1.5, size * 0.16); // of the ground's colour, so that neighbours stay apart
  const dash = uncertain ? brush.outline.dash : "solid";
  ctx.globalAlpha = 1;
  ctx.fillStyle = halo;
  if (brush.shape === "ring" || brush.shape === "double-ring") {
    const width = Math.min(2, size * 0.22);
    outlineOf(ctx, brush.shape, x, y, r + rim / 2);
    ctx.fill();
    outlineOf(ctx, brush.shape, x, y, r - width / 2);
    ctx.globalAlpha = uncertain ? 1 : brush.opacity;
    pen(ctx, brush.color, width, dash, 0.2);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (brush.shape === "double-ring") {
      outlineOf(ctx, brush.shape, x, y, r * 0.45);
      ctx.fillStyle = brush.color;
      ctx.fill();
    }
    return;
  }
  const width = brush.outline.color
    ? Math.min(brush.outline.width, size * 0.2)
    : uncertain
      ? Math.min(1.2, size * 0.2)
      : 0;
  outlineOf(ctx, brush.shape, x, y, r + rim);
  ctx.fill();
  outlineOf(ctx, brush.shape, x, y, r);
  ctx.globalAlpha = brush.opacity;
  ctx.fillStyle = brush.color;
  ctx.fill();
  ctx.globalAlpha = 1;
  if (width > 0) {
    pen(ctx, brush.outline.color || brush.color, width, dash, 0.2);
    ctx.stroke();
  }
}

function outlineOf(ctx: CanvasRenderingContext2D, shape: SymbolShape, x: number, y: number, r: number): void {
  ctx.beginPath();
  switch (shape) {
    case "square":
      ctx.rect(x - r * 0.89, y - r * 0.89, r * 1.78, r * 1.78);
      return;
    case "diamond":
      polygon(ctx, x, y, r * 1.18, 4);
      return;
    case "triangle":
      polygon(ctx, x, y + r * 0.18, r * 1.25, 3);
      return;
  }
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

/** polygon is a regular one with a corner at the top. */
function polygon(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, corners: number): void {
  for (let i = 0; i < corners; i++) {
    const a = (2 * Math.PI * i) / corners - Math.PI / 2;
    ctx.lineTo(x + r * Math.cos(a), y + r * Math.sin(a));
  }
  ctx.closePath();
}

/** paintRadius draws the circle within which a point lies. */
export function paintRadius(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  brush: Brush,
  uncertain: boolean,
): void {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.globalAlpha = 0.08;
  ctx.fillStyle = brush.color;
  ctx.fill();
  ctx.globalAlpha = 0.9;
  pen(ctx, brush.color, 1, uncertain ? "dashed" : "solid");
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** paintSwatch fills a legend's canvas (CSS size width × height) with what brush paints. */
export function paintSwatch(
  canvas: HTMLCanvasElement,
  brush: Brush,
  geometry: "polygon" | "line" | "point",
  uncertain: boolean,
  halo: string,
  width = 28,
  height = 18,
  ratio = window.devicePixelRatio || 1,
): void {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  ctx.scale(ratio, ratio);
  if (geometry === "point") {
    paintSymbol(ctx, width / 2, height / 2, { ...brush, size: Math.min(brush.size, height - 4) }, uncertain, halo);
    return;
  }
  const path = new Path2D();
  if (geometry === "line") {
    path.moveTo(2, height / 2);
    path.lineTo(width - 2, height / 2);
    paintLine(ctx, path, brush);
    return;
  }
  path.roundRect(2, 2, width - 4, height - 4, 2);
  paintArea(ctx, path, brush);
}
