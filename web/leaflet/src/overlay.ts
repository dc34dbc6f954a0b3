/** The canvas over the map: symbols of points, and labels. Symbols and texts are not cut at tile borders here. */

import { DomUtil, type LatLng, Layer, type Map as LeafletMap, type Point, point, Util } from "leaflet";
import type { Layer as AtlasLayer } from "./atlas.ts";
import { nameOf } from "./atlas.ts";
import type { Period } from "./instant.ts";
import { type Box, isRtl, LINE_HEIGHT, type Measure, type Placed, place, type Wish } from "./labels.ts";
import { paintRadius, paintSymbol } from "./paint.ts";
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

const PAD = 96;
const maxRatio = 2;
const latinFont = '"IBM Plex Sans", "IBM Plex Sans Arabic", sans-serif';
const arabicFont = '"IBM Plex Sans Arabic", "IBM Plex Sans", sans-serif';

export class Overlay extends Layer {
  readonly stats = { draws: 0, skips: 0 };
  private readonly canvas = document.createElement("canvas");
  private look: OverlayLook = { layers: [], lang: "", ink: "#000", halo: "#fff", accent: "#00f", feature: null };
  private time: Period = { start: null, end: null };
  private frame = 0;
  /** Everything in sight at all times; null when it must be gathered again. */
  private candidates: Candidate[] | null = null;
  private epochs = new Epochs([]);
  private drawnKey = -1;
  private drawnLook: OverlayLook | null = null;
  private symbols: Candidate[] = [];
  private placed: Placed[] = [];
  private readonly widths = new Map<string, number>();
  /** The map's zoom and the world's place of the canvas's corner when it was last laid out. */
  private zoom = 0;
  private origin: Point = point(0, 0);

  constructor(pane: string) {
    super();
    Util.setOptions(this, { pane });
    this.canvas.className = "overlay leaflet-zoom-animated";
  }

  override onAdd(map: LeafletMap): this {
    this.getPane()?.append(this.canvas);
    map.on("viewreset moveend zoomend resize", this.moved, this);
    map.on("zoomanim", this.animate, this);
    this.moved();
    return this;
  }

  override onRemove(map: LeafletMap): this {
    this.canvas.remove();
    map.off("viewreset moveend zoomend resize", this.moved, this);
    map.off("zoomanim", this.animate, this);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    return this;
  }

  /** show sets what is drawn; the next frame draws it. A look that is the same object costs nothing. */
  show(look: OverlayLook, time: Period): void {
    if (look.layers !== this.look.layers) this.candidates = null;
    this.look = look;
    this.time = time;
    this.schedule();
  }

  /** tilesChanged makes the next frame gather what the tiles now hold. */
  tilesChanged(): void {
    this.candidates = null;
    this.schedule();
  }

  /** pointsAt finds drawn points near a place of the map's container, the topmost first. */
  pointsAt(container: Point, reach: number): Found[] {
    const at = this._map.containerPointToLayerPoint(container).subtract(DomUtil.getPosition(this.canvas));
    const found: { candidate: Candidate; distance: number }[] = [];
    for (const candidate of [...this.symbols].reverse()) {
      if (!candidate.layer.timed) continue;
      const { size } = candidate.layer.styles.brush(candidate.feature.props, false);
      const distance = Math.hypot(candidate.x - at.x, candidate.y - at.y);
      if (distance <= Math.max(size / 2 + 2, reach)) found.push({ candidate, distance });
    }
    // Those that the pointer really touches come in the order in which they lie; the merely near ones after.
    const touched = ({ candidate, distance }: { candidate: Candidate; distance: number }): number => {
      const { size } = candidate.layer.styles.brush(candidate.feature.props, false);
      return distance <= size / 2 + 2 ? 0 : distance;
    };
    found.sort((a, b) => touched(a) - touched(b));
    return found.map(({ candidate: { layer, feature } }) => ({ layer: layer.layer.id, feature }));
  }

  /** labels returns what is written and where, in CSS pixels of the map's container. */
  labels(): { text: string; x: number; y: number }[] {
    const shift = this._map.layerPointToContainerPoint(DomUtil.getPosition(this.canvas));
    return this.placed.map(({ wish }) => ({ text: wish.text, x: wish.x + shift.x, y: wish.y + shift.y }));
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
    const ratio = Math.min(window.devicePixelRatio || 1, maxRatio);
    const width = size.x + 2 * PAD;
    const height = size.y + 2 * PAD;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    DomUtil.setTransform(this.canvas, corner, 1);
    DomUtil.setPosition(this.canvas, corner);
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
    DomUtil.setTransform(this.canvas, this.origin.multiplyBy(scale).subtract(corner), scale);
  }

  private gather(): Candidate[] {
    const { look } = this;
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const found: Candidate[] = [];
    for (const layer of look.layers) {
      for (const [name, symbol] of [
        [layer.layer.id, true],
        [`${layer.layer.id}:label`, false],
      ] as const) {
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
    const ctx = this.canvas.getContext("2d");
    if (!ctx) return;
    const ratio = this.canvas.width / Number.parseFloat(this.canvas.style.width);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const shown = this.candidates.filter((c) => !c.layer.timed || standing(c.feature, this.time) !== "absent");
    this.symbols = shown.filter((c) => c.symbol && this.drawsSymbol(c));
    this.drawRadii(ctx);
    this.drawSymbols(ctx, false);
    this.drawLabels(ctx, shown);
    this.drawSymbols(ctx, true);
  }

  private drawsSymbol({ layer, feature }: Candidate): boolean {
    if (layer.timed) return true;
    const label = layer.styles.label(feature.props);
    return !label || this._map.getZoom() >= label.minzoom; // a town of the base map comes with its name
  }

  private uncertain(c: Candidate): boolean {
    return c.layer.timed && standing(c.feature, this.time) === "possible";
  }

  private drawRadii(ctx: CanvasRenderingContext2D): void {
    for (const c of this.symbols) {
      const property = c.layer.styles.radius;
      const metres = property ? c.feature.props[property] : null;
      if (typeof metres !== "number" || metres <= 0) continue;
      const lat = this._map.unproject(this.origin.add([c.x, c.y]), this.zoom).lat;
      const r = metres / ((40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** this.zoom));
      const brush = c.layer.styles.brush(c.feature.props, false);
      if (r > brush.size / 2 + 2) paintRadius(ctx, c.x, c.y, r, brush, this.uncertain(c));
    }
  }

  /** drawSymbols draws small symbols under the labels and large ones over them. */
  private drawSymbols(ctx: CanvasRenderingContext2D, large: boolean): void {
    const { look } = this;
    for (const c of this.symbols) {
      const uncertain = this.uncertain(c);
      const brush = c.layer.styles.brush(c.feature.props, uncertain);
      if (isLarge(brush.size) !== large) continue;
      paintSymbol(ctx, c.x, c.y, brush, uncertain, look.halo);
      if (look.feature !== null && look.feature === `${c.layer.layer.id}/${c.feature.id}`) {
        ctx.beginPath();
        ctx.arc(c.x, c.y, brush.size / 2 + 5, 0, 2 * Math.PI);
        ctx.setLineDash([]);
        ctx.lineWidth = 3;
        ctx.strokeStyle = look.accent;
        ctx.stroke();
      }
    }
  }

  private drawLabels(ctx: CanvasRenderingContext2D, shown: readonly Candidate[]): void {
    const { look } = this;
    const zoom = this._map.getZoom();
    const wishes: Wish[] = [];
    const obstacles: Box[] = [];
    for (const c of shown) {
      const brush = c.symbol ? c.layer.styles.brush(c.feature.props, false) : null;
      if (brush && isLarge(brush.size)) {
        const r = brush.size / 2;
        obstacles.push({ minX: c.x - r, minY: c.y - r, maxX: c.x + r, maxY: c.y + r });
      }
      const label = c.layer.styles.label(c.feature.props);
      if (!label || zoom < label.minzoom) continue;
      const text = this.text(c, label.field);
      if (!text) continue;
      const rank = label.rank ? Number(c.feature.props[label.rank]) || 0 : 0;
      wishes.push({
        key: `${c.layer.layer.id}/${c.feature.id}`,
        text: label.spaced && !isRtl(text) ? text.toLocaleUpperCase(look.lang) : text,
        x: c.x,
        y: c.y,
        size: label.size,
        weight: label.weight,
        spaced: label.spaced,
        color: label.color || look.ink,
        beside: brush ? brush.size / 2 + 4 : null,
        order: c.layer.styles.order,
        rank,
      });
    }
    const measure: Measure = (text, wish) => this.width(ctx, text, wish);
    this.placed = place(wishes, obstacles, measure);
    for (const label of this.placed) this.drawLabel(ctx, label);
  }

  private text(c: Candidate, field: string): string {
    if (field === "name") return nameOf(c.layer.layer, c.feature.props, this.look.lang).text;
    const value = c.feature.props[field];
    return value === undefined ? "" : String(value);
  }

  private width(ctx: CanvasRenderingContext2D, text: string, wish: Wish): number {
    const key = `${wish.size}|${wish.weight}|${wish.spaced}|${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      this.setFont(ctx, wish, isRtl(text));
      width = ctx.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  private setFont(ctx: CanvasRenderingContext2D, wish: Wish, rtl: boolean): void {
    ctx.font = `${wish.weight} ${wish.size}px ${rtl ? arabicFont : latinFont}`;
    // Letters of Arabic join: spacing would tear them apart.
    ctx.letterSpacing = wish.spaced && !rtl ? `${(wish.size * 0.16).toFixed(1)}px` : "0px";
    ctx.direction = rtl ? "rtl" : "ltr";
  }

  private drawLabel(ctx: CanvasRenderingContext2D, { wish, lines, rtl, minX, minY, maxX }: Placed): void {
    this.setFont(ctx, wish, rtl);
    ctx.textBaseline = "middle";
    const height = wish.size * LINE_HEIGHT;
    // Several lines beside a symbol lean on it; everything else is centred in its box.
    const side = wish.beside === null || lines.length === 1 ? 0 : minX >= wish.x ? -1 : maxX <= wish.x ? 1 : 0;
    ctx.textAlign = side === 0 ? "center" : side < 0 ? "left" : "right";
    const x = side === 0 ? (minX + maxX) / 2 : side < 0 ? minX : maxX;
    ctx.lineJoin = "round";
    ctx.setLineDash([]);
    ctx.lineWidth = 4; // a halo of 2 px on each side of the letter's edge
    ctx.strokeStyle = this.look.halo;
    ctx.globalAlpha = 0.85;
    lines.forEach((line, i) => {
      ctx.strokeText(line, x, minY + (i + 0.5) * height);
    });
    ctx.globalAlpha = 1;
    ctx.fillStyle = wish.color;
    lines.forEach((line, i) => {
      ctx.fillText(line, x, minY + (i + 0.5) * height);
    });
  }
}

const isLarge = (size: number): boolean => size >= 8;
