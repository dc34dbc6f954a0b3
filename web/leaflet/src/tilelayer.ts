/** The Leaflet layer of tiles that know time: decoded once, repainted only where the date changes something. */

import { type Coords, type DoneCallback, GridLayer, type GridLayerOptions, type Point } from "leaflet";
import type { Period } from "./instant.ts";
import {
  type Box,
  bordered,
  dirty,
  type Job,
  type Painted,
  paintHighlight,
  paintTile,
  pathOf,
  plan,
  whole,
} from "./paint.ts";
import { Sheet } from "./sheet.ts";
import type { TileSource } from "./source.ts";
import type { LayerStyle } from "./style.ts";
import { type DecodedFeature, type DecodedLayer, Epochs, standing, TILE } from "./tile.ts";

/** What a tile layer is to show. Replaced as a whole; `look` is a new object when anything but the time changes. */
export interface Look {
  /** The layers that are on, in painting order: bottom first. */
  readonly layers: readonly { readonly id: string; readonly styles: LayerStyle }[];
  readonly halo: string;
  readonly accent: string;
  /** The selected feature, "layer/id". */
  readonly feature: string | null;
  /** How strongly everything is painted, 0 to 1: all times at once are shown faintly. */
  readonly strength: number;
}

/** A feature in a tile, with the layer it belongs to. */
export interface Found {
  readonly layer: string;
  readonly feature: DecodedFeature;
}

/** A point feature with its place in the world, in CSS pixels at the map's zoom. */
export interface PointFound extends Found {
  readonly x: number;
  readonly y: number;
}

interface Tile {
  readonly sheet: Sheet;
  readonly abort: AbortController;
  coords: Coords;
  layers: ReadonlyMap<string, DecodedLayer> | null;
  /** Of what is painted into the tile: lines and polygons of the layers that are on. */
  epochs: Epochs | null;
  /** What was painted last. */
  look: Look | null;
  time: Period | null;
  key: number;
}

const outline = [2, 3];
const maxRatio = 2;

export class TimeTileLayer extends GridLayer {
  /** Counts paints and skips, for measuring. */
  readonly stats = { paints: 0, skips: 0, tiles: 0 };
  private readonly tiles = new Map<HTMLElement, Tile>();
  private look: Look = { layers: [], halo: "#fff", accent: "#00f", feature: null, strength: 1 };
  private time: Period = { start: null, end: null };
  private frame = 0;
  private readonly scratchContext = newContext();
  private readonly hitContext = newContext();

  constructor(
    private readonly source: TileSource,
    private readonly onTiles: () => void,
    private readonly onRefused: (error: unknown) => void,
    options: GridLayerOptions = {},
    /** Whether what it shows does not follow the time. */
    private readonly still = false,
  ) {
    super({ tileSize: TILE, keepBuffer: 1, updateWhenZooming: false, minZoom: 1, ...options });
    // Leaflet wraps the coords that createTile gets into one world; what overlays the map needs the true ones.
    this.on("tileloadstart", (event) => {
      const { tile, coords } = event as unknown as { tile: HTMLElement; coords: Coords };
      const entry = this.tiles.get(tile);
      if (entry) entry.coords = coords;
    });
    this.on("tileunload", (event) => {
      const { tile } = event as unknown as { tile: HTMLElement };
      this.tiles.get(tile)?.abort.abort();
      this.tiles.delete(tile);
      this.onTiles();
    });
    this.on("add", () => this._map.on("zoomend moveend", this.schedule, this));
    this.on("remove", () => {
      cancelAnimationFrame(this.frame);
      this.frame = 0;
    });
  }

  override createTile(coords: Coords, done: DoneCallback): HTMLElement {
    const sheet = new Sheet(this.still);
    const { canvas } = sheet;
    const tile: Tile = {
      sheet,
      abort: new AbortController(),
      coords,
      layers: null,
      epochs: null,
      look: null,
      time: null,
      key: -1,
    };
    this.tiles.set(canvas, tile);
    // A tile of 512 pixels holds what four of 256 do: its address is one zoom up.
    this.source.load(coords.z - 1, coords.x, coords.y, tile.abort.signal).then(
      (decoded) => {
        arrive(() => {
          if (tile.abort.signal.aborted) return;
          tile.layers = new Map(decoded.layers.map((layer) => [layer.name, layer]));
          this.stats.tiles++;
          this.refresh(tile);
          done(undefined, canvas);
          this.onTiles();
        });
      },
      (error) => {
        if (tile.abort.signal.aborted) return;
        tile.layers = new Map();
        this.onRefused(error);
        done(error, canvas);
      },
    );
    return canvas;
  }

  /** show sets what is painted; the next frame paints it. A look that is the same object costs nothing. */
  show(look: Look, time: Period): void {
    if (look.strength !== this.look.strength) this.setOpacity(look.strength);
    this.look = look;
    this.time = time;
    this.schedule();
  }

  /** settled reports whether every tile in sight has arrived. */
  settled(): boolean {
    for (const tile of this.current()) if (!tile.layers) return false;
    return true;
  }

  /** shapesAt finds lines and polygons at a point of the world (CSS pixels at the map's zoom), top layer first. */
  shapesAt(world: Point, tolerance: number): Found[] {
    const found: Found[] = [];
    for (const tile of this.current()) {
      const x = world.x - tile.coords.x * TILE;
      const y = world.y - tile.coords.y * TILE;
      if (!tile.layers || x < 0 || y < 0 || x >= TILE || y >= TILE) continue;
      const ctx = this.hitContext;
      for (const { id, styles } of [...this.look.layers].reverse()) {
        const layer = tile.layers.get(id);
        if (!layer) continue;
        for (const feature of layer.features) {
          const [minX, minY, maxX, maxY] = feature.bbox;
          const t = feature.type === 2 ? tolerance : 0;
          if (feature.type === 1 || x < minX - t || y < minY - t || x > maxX + t || y > maxY + t) continue;
          if (standing(feature, this.time) === "absent") continue;
          const path = pathIn(layer, feature);
          ctx.lineWidth = 2 * tolerance + styles.brush(feature.props, false).width;
          if (feature.type === 3 ? ctx.isPointInPath(path, x, y) : ctx.isPointInStroke(path, x, y)) {
            found.push({ layer: id, feature });
          }
        }
      }
    }
    return found;
  }

  /**
   * points yields the points of a layer by its name in the tiles, at all times. Until a tile of the map's zoom
   * has come, the points of the tiles that still stand in for it are given, so a feature may come twice.
   */
  *points(name: string): Generator<PointFound> {
    const zoom = this._map.getZoom();
    for (const here of [true, false]) {
      for (const tile of this.tiles.values()) {
        if (!tile.layers || (tile.coords.z === zoom) !== here) continue;
        const layer = tile.layers.get(name);
        if (!layer) continue;
        const scale = 2 ** (zoom - tile.coords.z);
        for (const feature of layer.features) {
          if (feature.type !== 1) continue;
          for (let part = feature.first; part < feature.last; part++) {
            const i = layer.parts[part] * 2;
            const x = (tile.coords.x * TILE + layer.coords[i]) * scale;
            const y = (tile.coords.y * TILE + layer.coords[i + 1]) * scale;
            yield { layer: name, feature, x, y };
          }
        }
      }
    }
  }

  /** holding yields the features of a layer that hold in the period shown; one that spans tiles comes from each. */
  *holding(name: string, time: Period = this.time): Generator<{ feature: DecodedFeature; coords: Coords }> {
    for (const tile of this.current()) {
      for (const feature of tile.layers?.get(name)?.features ?? []) {
        if (standing(feature, time) !== "absent") yield { feature, coords: tile.coords };
      }
    }
  }

  /** picture paints the layer at a ratio of device pixels; corner is the world's place of the context's origin. */
  picture(ctx: CanvasRenderingContext2D, corner: Point, ratio: number): void {
    const side = TILE * ratio;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const own = canvas.getContext("2d");
    if (!own) return;
    ctx.save();
    ctx.globalAlpha = this.look.strength;
    for (const tile of this.current()) {
      if (!tile.layers) continue;
      this.paintBox(own, tile, ratio, whole);
      ctx.drawImage(canvas, tile.coords.x * TILE - corner.x, tile.coords.y * TILE - corner.y, TILE, TILE);
    }
    ctx.restore();
  }

  private *current(): Generator<Tile> {
    const zoom = this._map?.getZoom();
    for (const tile of this.tiles.values()) if (tile.coords.z === zoom) yield tile;
  }

  private schedule(): void {
    if (this.frame || !this._map) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this._map) for (const tile of this.current()) this.refresh(tile);
    });
  }

  /** refresh paints a tile if what it shows is not what it should. */
  private refresh(tile: Tile): void {
    if (!tile.layers) return;
    const { look } = this;
    if (tile.look?.layers !== look.layers || !tile.epochs) {
      tile.epochs = new Epochs(this.painted(tile));
    }
    const key = tile.epochs.key(this.time);
    if (tile.look === look && tile.key === key) {
      this.stats.skips++;
      return;
    }
    tile.key = key;
    this.paint(tile);
  }

  private *painted(tile: Tile): Generator<DecodedFeature> {
    for (const { id } of this.look.layers) {
      for (const feature of tile.layers?.get(id)?.features ?? []) if (feature.type !== 1) yield feature;
    }
  }

  /** paint brings a tile's canvas to the time shown: where only that has changed, no more of it than has changed. */
  private paint(tile: Tile): void {
    const { look, time } = this;
    const { sheet } = tile;
    const ratio = Math.min(window.devicePixelRatio || 1, maxRatio);
    const side = Math.round(TILE * ratio);
    const before = tile.look === look && sheet.fits(side, side) ? tile.time : null;
    const boxes = (before && dirty(this.painted(tile), before, time)) ?? [whole];
    tile.look = look;
    tile.time = time;
    this.stats.paints++;
    if (boxes.length === 0) return;
    sheet.paint(side, side, boxes[0] !== whole, (ctx) => {
      for (const box of boxes) this.paintBox(ctx, tile, side / TILE, box);
    });
  }

  private paintBox(ctx: CanvasRenderingContext2D, tile: Tile, ratio: number, clip: Box): void {
    const { look, time } = this;
    ctx.save();
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [left, top, right, bottom] = clip;
    ctx.clearRect(left, top, right - left, bottom - top);
    if (clip !== whole) {
      ctx.beginPath();
      ctx.rect(left, top, right - left, bottom - top);
      ctx.clip();
    }
    const scratch = (box: Box): CanvasRenderingContext2D => this.scratch(ratio, box);
    const layers = look.layers.flatMap(({ id, styles }): Painted[] => {
      const layer = tile.layers?.get(id);
      const border = tile.layers?.get(`${id}:border`);
      const brushes = border && tile.epochs?.still(time) ? styles.border() : null;
      const painted = (from: DecodedLayer, jobs: readonly Job[]): Painted[] =>
        jobs.length > 0 ? [{ jobs, easel: { scratch, path: (feature) => pathIn(from, feature) }, clip }] : [];
      if (!layer) return [];
      const jobs = plan(layer.features, time, styles, outline, clip);
      if (!border || !brushes) return painted(layer, jobs);
      const { areas, lines } = bordered(jobs, border.features, time, brushes, clip);
      return [...painted(layer, areas), ...painted(border, lines)];
    });
    paintTile(ctx, layers);
    if (look.feature) this.highlight(ctx, tile, look.feature);
    ctx.restore();
  }

  private highlight(ctx: CanvasRenderingContext2D, tile: Tile, selected: string): void {
    const at = selected.indexOf("/");
    const layer = tile.layers?.get(selected.slice(0, at));
    const id = selected.slice(at + 1);
    if (!layer) return;
    for (const feature of layer.features) {
      if (feature.id !== id || feature.type === 1 || standing(feature, this.time) === "absent") continue;
      paintHighlight(ctx, pathIn(layer, feature), this.look.accent, this.look.halo);
    }
  }

  private scratch(ratio: number, [left, top, right, bottom]: Box): CanvasRenderingContext2D {
    const side = Math.round(TILE * ratio);
    const ctx = this.scratchContext;
    if (ctx.canvas.width !== side) ctx.canvas.width = ctx.canvas.height = side;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.globalCompositeOperation = "source-over";
    ctx.globalAlpha = 1;
    ctx.clearRect(left - 1, top - 1, right - left + 2, bottom - top + 2);
    return ctx;
  }
}

/** How long tiles that have come may hold up a frame, in ms. */
const arrivalTime = 6;
const arrivals: (() => void)[] = [];

/** arrive takes in a tile that has come, of whichever layer: to paint all of a screen at once would hold the page up. */
function arrive(take: () => void): void {
  arrivals.push(take);
  if (arrivals.length > 1) return;
  const some = (): void => {
    const until = performance.now() + arrivalTime;
    let n = 0;
    do arrivals[n++]();
    while (n < arrivals.length && performance.now() < until);
    arrivals.splice(0, n);
    if (arrivals.length > 0) requestAnimationFrame(some);
  };
  requestAnimationFrame(some);
}

const paths = new WeakMap<DecodedFeature, Path2D>();

/** pathIn returns the path of a feature, made when it is first needed; two maps of one tile share it. */
function pathIn(layer: DecodedLayer, feature: DecodedFeature): Path2D {
  let path = paths.get(feature);
  if (!path) {
    path = pathOf(layer, feature);
    paths.set(feature, path);
  }
  return path;
}

function newContext(): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("this browser has no canvas");
  return ctx;
}
