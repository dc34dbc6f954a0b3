/** From a sidecar's style and a feature's properties to plain values that a painter can use. */

import type { By, Color, Dash, LabelStyle, Layer, Pattern, Properties, Style, Styled, SymbolShape } from "./atlas.ts";

/** Everything that paints one feature. Brushes with the same key paint alike, so they share one path and one fill. */
export interface Brush {
  readonly key: string;
  readonly color: string;
  readonly opacity: number;
  readonly pattern: Pattern;
  readonly outline: { readonly color: string; readonly width: number; readonly dash: Dash };
  readonly merge: boolean;
  readonly shape: SymbolShape;
  /** Diameter in CSS pixels. */
  readonly size: number;
  /** Line width in CSS pixels. */
  readonly width: number;
}

export interface LabelBrush {
  readonly field: string;
  readonly minzoom: number;
  readonly size: number;
  readonly weight: number;
  readonly rank: string | null;
  readonly spaced: boolean;
  readonly color: string;
}

export type Scheme = "light" | "dark";

/** Colours for layers that name none: told apart by people who see colours differently (after Okabe and Ito). */
const fallback: readonly { light: string; dark: string }[] = [
  { light: "#0072b2", dark: "#56b4e9" },
  { light: "#b45309", dark: "#e69f00" },
  { light: "#00735c", dark: "#2fb99a" },
  { light: "#8f3a75", dark: "#cc79a7" },
  { light: "#4d4d4d", dark: "#c9c9c9" },
];

/** resolve reads a value that may follow a property. */
export function resolve<T>(value: Styled<T> | undefined, props: Properties, other: T): T {
  if (value === undefined || value === null) return other;
  if (typeof value !== "object" || !("by" in (value as object))) return value as T;
  const { by, values, other: rest } = value as { by: string; values?: Record<string, T>; other?: T };
  const own = props[by];
  return (own !== undefined && own !== null ? values?.[String(own)] : undefined) ?? rest ?? other;
}

export function colorIn(color: Color, scheme: Scheme): string {
  return typeof color === "string" ? color : color[scheme];
}

/** LayerStyle resolves the style of one layer in one colour scheme, and remembers what it has resolved. */
export class LayerStyle {
  readonly order: number;
  readonly radius: string | null;
  private readonly style: Style;
  private readonly properties: readonly string[];
  private readonly brushes = new Map<string, readonly [certain: Brush, uncertain: Brush]>();
  private readonly labels = new Map<string, LabelBrush | null>();
  private readonly keys = new WeakMap<Properties, string>();

  /** nth is the layer's place in the atlas, which chooses a colour where the style names none. */
  constructor(
    private readonly layer: Layer,
    private readonly scheme: Scheme,
    private readonly nth = 0,
  ) {
    this.style = layer.style ?? {};
    this.order = this.style.order ?? 0;
    this.radius = this.style.radius ?? null;
    this.properties = drivingProperties(this.style);
  }

  /** brush returns what paints a feature, for when it certainly holds or only possibly. */
  brush(props: Properties, uncertain: boolean): Brush {
    const key = this.keyOf(props);
    let pair = this.brushes.get(key);
    if (!pair) {
      const certain = this.certain(props, key);
      pair = [certain, this.doubtful(certain)];
      this.brushes.set(key, pair);
    }
    return pair[uncertain ? 1 : 0];
  }

  /**
   * border returns what draws the outline of merged areas as a line, where it is certain and where only possible; null
   * where areas are not merged, or where the outline follows a property, which a line between two areas does not have.
   */
  border(): readonly [certain: Brush, possible: Brush] | null {
    const { merge, color, outline } = this.style;
    if (!merge || drivingProperties({ color: outline?.color ?? color, outline }).length > 0) return null;
    const line = (brush: Brush): Brush => ({
      ...brush,
      key: `${brush.key}\u001fborder`,
      color: brush.outline.color,
      width: brush.outline.width,
      opacity: 1,
    });
    return [line(this.brush({}, false)), line(this.brush({}, true))];
  }

  /** label returns how to write a feature's name, or null where the layer has no labels. */
  label(props: Properties): LabelBrush | null {
    const key = this.keyOf(props);
    let label = this.labels.get(key);
    if (label === undefined) {
      label = this.style.label ? this.labelOf(this.style.label, props) : null;
      this.labels.set(key, label);
    }
    return label;
  }

  /** keyOf tells features apart that may look different. A tile's features are asked about again and again. */
  private keyOf(props: Properties): string {
    let key = this.keys.get(props);
    if (key === undefined) {
      key = this.properties.map((name) => String(props[name] ?? "")).join("\u001f");
      this.keys.set(props, key);
    }
    return key;
  }

  private certain(props: Properties, key: string): Brush {
    const s = this.style;
    const color = this.color(s.color, props, fallback[this.nth % fallback.length]);
    const symbol = s.kind === "symbol" || s.kind === "circle" || (!s.kind && this.layer.geometry === "point");
    return {
      key: `${this.layer.id}\u001f${key}`,
      color,
      opacity: resolve(s.opacity, props, symbol || s.kind === "line" || this.layer.geometry === "line" ? 1 : 0.2),
      pattern: resolve(s.pattern, props, "none"),
      outline: {
        color: s.outline?.color ? this.color(s.outline.color, props, color) : symbol ? "" : color,
        width: resolve(s.outline?.width, props, s.kind === "line" ? 0 : symbol ? 1.5 : 1),
        dash: resolve(s.outline?.dash, props, "solid"),
      },
      merge: s.merge ?? false,
      shape: resolve(s.shape, props, "circle"),
      size: resolve(s.size, props, 8),
      width: resolve(s.width, props, resolve(s.outline?.width, props, 1)),
    };
  }

  private doubtful(certain: Brush): Brush {
    const u = this.style.uncertain;
    return {
      ...certain,
      key: `${certain.key}\u001f?`,
      opacity: u?.opacity ?? certain.opacity * 0.5,
      pattern: u?.pattern ?? "none",
      outline: { ...certain.outline, dash: u?.outline ?? "dashed" },
    };
  }

  private labelOf(l: LabelStyle, props: Properties): LabelBrush {
    return {
      field: l.field,
      minzoom: resolve(l.minzoom, props, 0),
      size: resolve(l.size, props, 12),
      weight: resolve(l.weight, props, 400),
      rank: l.rank ?? null,
      spaced: resolve(l.spaced, props, false),
      color: l.color ? this.color(l.color, props, "") : "",
    };
  }

  private color(value: Styled<Color> | undefined, props: Properties, other: Color): string {
    return colorIn(resolve<Color>(value, props, other), this.scheme);
  }
}

/** drivingProperties lists the properties that some value of the style follows, each once. */
export function drivingProperties(style: Style): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("by" in value && typeof value.by === "string") {
      found.add(value.by);
      return;
    }
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(style);
  return [...found];
}

/** One line of the legend: the properties that call for this brush, null for the layer as a whole. */
export interface LegendEntry {
  readonly property: string | null;
  readonly value: string | null;
  readonly brush: Brush;
}

/**
 * legendEntries lists the different ways in which a layer's features look: one entry for each value of a property
 * that its colour, shape or pattern follows (those that the style names, and those that the sidecar has words for),
 * or a single one. Where several properties drive the style, nth says which: 0 the foremost.
 */
export function legendEntries(layer: Layer, styles: LayerStyle, nth = 0): LegendEntry[] {
  const s = layer.style ?? {};
  const all: unknown[] = [s.color, s.shape, s.pattern, s.outline?.color, s.outline?.dash, s.opacity, s.width];
  const leaves = all.filter(isBy);
  const property = [...new Set(leaves.map(({ by }) => by))][nth];
  if (property === undefined) return nth > 0 ? [] : [{ property: null, value: null, brush: styles.brush({}, false) }];
  const values = new Set(leaves.flatMap((leaf) => (leaf.by === property ? Object.keys(leaf.values ?? {}) : [])));
  for (const value of Object.keys(layer.fields?.[property]?.values ?? {})) values.add(value);
  return [...values].map((value) => ({ property, value, brush: styles.brush({ [property]: value }, false) }));
}

function isBy(value: unknown): value is By<unknown> {
  return typeof value === "object" && value !== null && "by" in value;
}
