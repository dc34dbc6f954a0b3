/** The canvas over the map: symbols of points, and labels. Symbols and texts are not cut at tile borders here. */

import { DomUtil, type LatLng, Layer, type Map as LeafletMap, type Point, point, Util } from "leaflet";
import type { Layer as AtlasLayer } from "./atlas.ts";
import { nameOf } from "./atlas.ts";
import type { Period } from "./instant.ts";
import { type Box, isRtl, LINE_HEIGHT, type Measure, type Placed, place, type Wish } from "./labels.ts";
import { paintRadius, paintSymbol } from "./paint.ts";
import { Sheet } from "./sheet.ts";
import { symbolSize } from "./size.ts";
import { spread } from "./spread.ts";
import type { LayerStyle } from "./style.ts";
import { type DecodedFeature, Epochs, standing } from "./tile.ts";
import type { Found, TimeTileLayer } from "./tilelayer.ts";

/** A layer whose points and labels the overlay draws, and the tiles that hold them. */
export interface OverlayLayer {
  readonly layer: AtlasLayer;
  readonly styles: LayerStyle;
  readonly tiles: TimeTileLayer;
  /** Whether its features come and go with the time; the base map's don't. */
  readonly timed: boolean;
}

export interface OverlayLook {
  /** In painting order: bottom first. */
  readonly layers: readonly OverlayLayer[];
  readonly lang: string;
  readonly rtl: boolean;
  readonly ink: string;
  readonly halo: string;
  readonly accent: string;
  readonly feature: string | null;
}

interface Candidate {
  readonly layer: OverlayLayer;
  readonly feature: DecodedFeature;
  /** In CSS pixels of the canvas. */
  readonly x: number;
  readonly y: number;
  /** A point to draw, or the place of an area's name. */
  readonly symbol: boolean;
}

/** A symbol as it is drawn: where symbols would cover each other, beside its place. */
interface Drawn extends Candidate {
  readonly size: number;
  readonly uncertain: boolean;
  readonly dx: number;
  readonly dy: number;
}

const PAD = 64;
const maxRatio = 2;
/** How long tiles may come in before labels and symbols are drawn anew for them, in ms. */
const gatherAfter = 80;
const latinFont = '"IBM Plex Sans", "IBM Plex Sans Arabic", sans-serif';
const arabicFont = '"IBM Plex Sans Arabic", "IBM Plex Sans", sans-serif';

export class Overlay extends Layer {
  readonly stats = { draws: 0, skips: 0, labelDraws: 0 };
  /** Holds both canvases; it is what moves with the map. */
  private readonly sheet = document.createElement("div");
  private readonly symbolSheet = new Sheet(true);
  private readonly labelSheet = new Sheet(true);
  private width = 0;
  private height = 0;
  private ratio = 1;
  private look: OverlayLook = {
    layers: [],
    lang: "",
    rtl: false,
    ink: "#000",
    halo: "#fff",
    accent: "#00f",
    feature: null,
  };
  private time: Period = { start: null, end: null };
  private frame = 0;
  /** The timer after which what tiles have brought is drawn. */
  private gathering = 0;
  /** Everything in sight at all times; null when it must be gathered again. */
  private candidates: Candidate[] | null = null;
  private epochs = new Epochs([]);
  private drawnKey = -1;
  private drawnLook: OverlayLook | null = null;
  private symbols: Drawn[] = [];
  private placed: Placed[] = [];
  private reserved: readonly Box[] = [];
  /** What is written on the canvas of labels, to know whether it is still right. */
  private written = "";
  private readonly widths = new Map<string, number>();
  private readonly sprites = new Map<string, HTMLCanvasElement>();
  private readonly pen = contextOf(document.createElement("canvas"));
  /** The map's zoom and the world's place of the canvas's corner when it was last laid out. */
  private zoom = 0;
  private origin: Point = point(0, 0);

  constructor(pane: string) {
    super();
    Util.setOptions(this, { pane });
    this.sheet.className = "overlay leaflet-zoom-animated";
    this.sheet.append(this.symbolSheet.canvas, this.labelSheet.canvas);
  }

  override onAdd(map: LeafletMap): this {
    this.getPane()?.append(this.sheet);
    map.on("viewreset moveend zoomend resize", this.moved, this);
    map.on("zoomanim", this.animate, this);
    this.moved();
    return this;
  }

  override onRemove(map: LeafletMap): this {
    this.sheet.remove();
    map.off("viewreset moveend zoomend resize", this.moved, this);
    map.off("zoomanim", this.animate, this);
    cancelAnimationFrame(this.frame);
    window.clearTimeout(this.gathering);
    this.frame = this.gathering = 0;
    return this;
  }

  /** show sets what is drawn; the next frame draws it. A look that is the same object costs nothing. */
  show(look: OverlayLook, time: Period): void {
    if (look.layers !== this.look.layers) this.candidates = null;
    this.look = look;
    this.time = time;
    this.schedule();
  }

  /** tilesChanged makes what the tiles now hold be gathered, once for the many that come after a move of the map. */
  tilesChanged(): void {
    this.candidates = null;
    this.gathering ||= window.setTimeout(() => this.schedule(), gatherAfter);
  }

  /** settled reports whether what the tiles hold is drawn. */
  settled(): boolean {
    return this.gathering === 0 && this.frame === 0;
  }

  /** reserve keeps labels away from what lies over the map: boxes in CSS pixels of its container. */
  reserve(boxes: readonly Box[]): void {
    this.reserved = boxes;
  }

  /** pointsAt finds drawn points near a place of the map's container, the topmost first. */
  pointsAt(container: Point, reach: number): Found[] {
    const at = this._map.containerPointToLayerPoint(container).subtract(DomUtil.getPosition(this.sheet));
    const found: { symbol: Drawn; distance: number }[] = [];
    for (const symbol of [...this.symbols].reverse()) {
      if (!symbol.layer.timed) continue;
      const distance = Math.hypot(symbol.x + symbol.dx - at.x, symbol.y + symbol.dy - at.y);
      // What the pointer really touches comes in the order in which it lies; the merely near after it, by distance.
      const touch = symbol.size / 2 + 2;
      if (distance <= touch) found.push({ symbol, distance: 0 });
      else if (distance <= reach) found.push({ symbol, distance });
    }
    found.sort((a, b) => a.distance - b.distance);
    return found.map(({ symbol: { layer, feature } }) => ({ layer: layer.layer.id, feature }));
  }

  /** labels returns what is written and where, in CSS pixels of the map's container. */
  labels(): { text: string; x: number; y: number }[] {
    const shift = this._map.layerPointToContainerPoint(DomUtil.getPosition(this.sheet));
    return this.placed.map(({ wish }) => ({ text: wish.text, x: wish.x + shift.x, y: wish.y + shift.y }));
  }

  /** picture draws symbols and labels at a ratio of device pixels; the context's origin is the map's corner. */
  picture(ctx: CanvasRenderingContext2D, ratio: number): void {
    const shift = this._map.layerPointToContainerPoint(DomUtil.getPosition(this.sheet));
    const shown = this.ratio;
    this.ratio = ratio; // of the sprites
    ctx.save();
    ctx.translate(shift.x, shift.y);
    this.drawRadii(ctx);
    this.drawSymbols(ctx);
    for (const label of this.placed) this.drawLabel(ctx, label);
    ctx.restore();
    this.ratio = shown;
  }

  private schedule(): void {
    if (this.frame || !this._map) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this._map) this.draw();
    });
  }

  /** moved lays the canvas over the map as it now is. */
  private moved(): void {
    const map = this._map;
    const size = map.getSize();
    const corner = map.containerPointToLayerPoint([-PAD, -PAD]);
    this.zoom = map.getZoom();
    this.origin = map.getPixelOrigin().add(corner);
    this.width = size.x + 2 * PAD;
    this.height = size.y + 2 * PAD;
    this.ratio = Math.min(window.devicePixelRatio || 1, maxRatio);
    for (const { canvas } of [this.symbolSheet, this.labelSheet]) {
      canvas.style.width = `${this.width}px`;
      canvas.style.height = `${this.height}px`;
    }
    this.written = "";
    DomUtil.setTransform(this.sheet, corner, 1);
    DomUtil.setPosition(this.sheet, corner);
    this.candidates = null;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.draw(); // at once: a canvas in its new place with its old content would jump
  }

  /** animate scales the canvas along with the map while it zooms. */
  private animate(event: unknown): void {
    const map = this._map;
    const { center, zoom } = event as { center: LatLng; zoom: number };
    const scale = map.getZoomScale(zoom, this.zoom);
    const mapPane = map.getPane("mapPane");
    const shift = mapPane ? DomUtil.getPosition(mapPane) : point(0, 0);
    const corner = map.project(center, zoom).subtract(map.getSize().divideBy(2)).add(shift).round();
    DomUtil.setTransform(this.sheet, this.origin.multiplyBy(scale).subtract(corner), scale);
  }

  private gather(): Candidate[] {
    const { look } = this;
    const { width, height } = this;
    const found: Candidate[] = [];
    for (const layer of look.layers) {
      for (const [name, symbol] of [
        [layer.layer.id, true],
        [`${layer.layer.id}:label`, false],
      ] as const) {
        if (!symbol && !layer.layer.style?.label) continue; // names that nobody writes
        const seen = new Set<string>();
        for (const { feature, x, y } of layer.tiles.points(name)) {
          const cx = x - this.origin.x;
          const cy = y - this.origin.y;
          if (cx < 0 || cy < 0 || cx > width || cy > height) continue;
          // A point near a border is in both tiles; the parts of a multipoint share an id.
          const key = `${feature.id}|${Math.round(cx)}|${Math.round(cy)}`;
          if (seen.has(key)) continue;
          seen.add(key);
          found.push({ layer, feature, x: cx, y: cy, symbol });
        }
      }
    }
    return found;
  }

  private draw(): void {
    window.clearTimeout(this.gathering);
    this.gathering = 0;
    if (!this.candidates) {
      this.candidates = this.gather();
      this.epochs = new Epochs(this.candidates.filter((c) => c.layer.timed).map((c) => c.feature));
      this.drawnKey = -1;
    }
    const key = this.epochs.key(this.time);
    if (key === this.drawnKey && this.look === this.drawnLook) {
      this.stats.skips++;
      return;
    }
    this.drawnKey = key;
    this.drawnLook = this.look;
    this.stats.draws++;
    const shown = this.candidates.filter((c) => !c.layer.timed || standing(c.feature, this.time) !== "absent");
    this.symbols = this.arrange(shown.filter((c) => c.symbol && this.drawsSymbol(c)));
    this.paint(this.symbolSheet, (ctx) => {
      this.drawRadii(ctx);
      this.drawSymbols(ctx);
    });
    this.placeLabels(shown.filter((c) => !c.symbol));
    this.drawLabels();
  }

  private paint(sheet: Sheet, draw: (ctx: CanvasRenderingContext2D) => void): void {
    const { ratio } = this;
    sheet.paint(Math.round(this.width * ratio), Math.round(this.height * ratio), false, (ctx) => {
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(ctx);
    });
  }

  private drawsSymbol({ layer, feature }: Candidate): boolean {
    if (layer.timed) return true;
    const label = layer.styles.label(feature.props);
    return !label || this._map.getZoom() >= label.minzoom; // a town of the base map comes with its name
  }

  /**
   * arrange decides how large symbols are and in which order they lie: by layer, small ones first. Large ones that
   * would cover each other stand side by side, the topmost at its place.
   */
  private arrange(candidates: readonly Candidate[]): Drawn[] {
    const { rtl } = this.look;
    const symbols = candidates.map((c): Drawn => {
      const uncertain = c.layer.timed && standing(c.feature, this.time) === "possible";
      return {
        ...c,
        uncertain,
        size: symbolSize(c.layer.styles.brush(c.feature.props, uncertain).size, this.zoom),
        dx: 0,
        dy: 0,
      };
    });
    const layerOrder = new Map(this.look.layers.map((layer, i) => [layer, i]));
    symbols.sort((a, b) => (layerOrder.get(a.layer) ?? 0) - (layerOrder.get(b.layer) ?? 0) || a.size - b.size);
    const large = symbols.flatMap((s, i) => (isLarge(s.size) ? [i] : [])).reverse();
    const moves = spread(
      large.map((i) => symbols[i]),
      rtl,
    );
    large.forEach((i, k) => {
      symbols[i] = { ...symbols[i], ...moves[k] };
    });
    return symbols;
  }

  private drawRadii(ctx: CanvasRenderingContext2D): void {
    for (const c of this.symbols) {
      const property = c.layer.styles.radius;
      const metres = property ? c.feature.props[property] : null;
      if (typeof metres !== "number" || metres <= 0) continue;
      const lat = this._map.unproject(this.origin.add([c.x, c.y]), this.zoom).lat;
      const r = metres / ((40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** this.zoom));
      const brush = c.layer.styles.brush(c.feature.props, false);
      if (r > c.size / 2 + 2) paintRadius(ctx, c.x, c.y, r, brush, c.uncertain);
    }
  }

  private drawSymbols(ctx: CanvasRenderingContext2D): void {
    const { look } = this;
    for (const c of this.symbols) {
      const x = c.x + c.dx;
      const y = c.y + c.dy;
      paintSymbol(ctx, x, y, c.layer.styles.brush(c.feature.props, c.uncertain), c.uncertain, look.halo, c.size);
      if (look.feature !== null && look.feature === `${c.layer.layer.id}/${c.feature.id}`) {
        ctx.beginPath();
        ctx.arc(x, y, c.size / 2 + 5, 0, 2 * Math.PI);
        ctx.setLineDash([]);
        ctx.lineWidth = 3;
        ctx.strokeStyle = look.accent;
        ctx.stroke();
      }
    }
  }

  private placeLabels(areas: readonly Candidate[]): void {
    const wishes: Wish[] = [];
    const obstacles: Box[] = this.reserved.map(({ minX, minY, maxX, maxY }) => ({
      ...{ minX: minX + PAD, minY: minY + PAD },
      ...{ maxX: maxX + PAD, maxY: maxY + PAD },
    }));
    for (const c of this.symbols) {
      const r = c.size / 2;
      const x = c.x + c.dx;
      const y = c.y + c.dy;
      if (isLarge(c.size)) obstacles.push({ minX: x - r, minY: y - r, maxX: x + r, maxY: y + r });
      this.wish(wishes, c, x, y, r + 4);
    }
    for (const c of areas) this.wish(wishes, c, c.x, c.y, null);
    const measure: Measure = (text, wish) => this.widthOf(text, wish);
    const { x, y } = this._map.getSize();
    const margin = 2;
    const window = { minX: PAD + margin, minY: PAD + margin, maxX: PAD + x - margin, maxY: PAD + y - margin };
    this.placed = place(wishes, obstacles, measure, window);
  }

  /** drawLabels writes the labels anew if they are not the ones that stand there: most changes of date leave them. */
  private drawLabels(): void {
    const { halo } = this.look;
    const all = this.placed.map(({ wish, minX, minY }) => `${wish.text}|${minX}|${minY}|${wish.color}`);
    const written = `${halo}\n${all.join("\n")}`;
    if (written === this.written) return;
    this.written = written;
    this.stats.labelDraws++;
    this.paint(this.labelSheet, (ctx) => {
      for (const label of this.placed) this.drawLabel(ctx, label);
    });
  }

  private wish(wishes: Wish[], c: Candidate, x: number, y: number, beside: number | null): void {
    const { look } = this;
    const label = c.layer.styles.label(c.feature.props);
    if (!label || this.zoom < label.minzoom) return;
    const text = this.text(c, label.field);
    if (!text) return;
    wishes.push({
      key: `${c.layer.layer.id}/${c.feature.id}`,
      text: label.spaced && !isRtl(text) ? text.toLocaleUpperCase(look.lang) : text,
      x,
      y,
      size: label.size,
      weight: label.weight,
      spaced: label.spaced,
      color: label.color || look.ink,
      beside,
      order: c.layer.styles.order,
      rank: label.rank ? Number(c.feature.props[label.rank]) || 0 : 0,
    });
  }

  private text(c: Candidate, field: string): string {
    if (field === "name") return nameOf(c.layer.layer, c.feature.props, this.look.lang).text;
    const value = c.feature.props[field];
    return value === undefined ? "" : String(value);
  }

  private widthOf(text: string, wish: Wish): number {
    const key = `${wish.size}|${wish.weight}|${wish.spaced}|${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      setFont(this.pen, wish, isRtl(text));
      width = this.pen.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  private drawLabel(ctx: CanvasRenderingContext2D, { wish, lines, rtl, minX, minY, maxX }: Placed): void {
    const height = wish.size * LINE_HEIGHT;
    // Several lines beside a symbol lean on it; everything else is centred in its box.
    const beside = wish.beside === null || lines.length === 1 ? 0 : minX >= wish.x ? -1 : maxX <= wish.x ? 1 : 0;
    lines.forEach((line, i) => {
      const width = this.widthOf(line, wish);
      const x = beside < 0 ? minX : beside > 0 ? maxX - width : (minX + maxX - width) / 2;
      const sprite = this.sprite(line, wish, rtl, width, height);
      // On whole device pixels, or the letters would blur.
      const snap = (v: number): number => Math.round(v * this.ratio) / this.ratio;
      ctx.drawImage(
        sprite,
        snap(x - MARGIN),
        snap(minY + i * height - MARGIN),
        sprite.width / this.ratio,
        sprite.height / this.ratio,
      );
    });
  }

  /** sprite returns a line with its halo, drawn once: to stroke text is dear, to copy it cheap. */
  private sprite(line: string, wish: Wish, rtl: boolean, width: number, height: number): HTMLCanvasElement {
    const { ratio } = this;
    const { halo } = this.look;
    const key = `${line}|${wish.size}|${wish.weight}|${wish.spaced}|${wish.color}|${halo}|${ratio}`;
    let canvas = this.sprites.get(key);
    if (canvas) return canvas;
    if (this.sprites.size > mostSprites) this.sprites.clear();
    canvas = document.createElement("canvas");
    canvas.width = Math.ceil((width + 2 * MARGIN) * ratio);
    canvas.height = Math.ceil((height + 2 * MARGIN) * ratio);
    const ctx = contextOf(canvas);
    ctx.scale(ratio, ratio);
    setFont(ctx, wish, rtl);
    ctx.textBaseline = "middle";
    ctx.textAlign = rtl ? "right" : "left";
    const x = MARGIN + (rtl ? width : 0);
    const y = MARGIN + height / 2;
    ctx.lineJoin = "round";
    ctx.lineWidth = 4; // a halo of 2 px on each side of the letter's edge
    ctx.strokeStyle = halo;
    ctx.globalAlpha = 0.85;
    ctx.strokeText(line, x, y);
    ctx.globalAlpha = 1;
    ctx.fillStyle = wish.color;
    ctx.fillText(line, x, y);
    this.sprites.set(key, canvas);
    return canvas;
  }
}

/** Room around a sprite for the halo and for letters that reach beyond their line. */
const MARGIN = 4;
const mostSprites = 1000;

function setFont(ctx: CanvasRenderingContext2D, wish: Wish, rtl: boolean): void {
  ctx.font = `${wish.weight} ${wish.size}px ${rtl ? arabicFont : latinFont}`;
  // Letters of Arabic join: spacing would tear them apart.
  ctx.letterSpacing = wish.spaced && !rtl ? `${(wish.size * 0.16).toFixed(1)}px` : "0px";
  ctx.direction = rtl ? "rtl" : "ltr";
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("this browser has no canvas");
  return ctx;
}

const isLarge = (size: number): boolean => size >= 6;
