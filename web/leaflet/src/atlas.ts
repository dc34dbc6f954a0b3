/** What /atlas.json says: the whole of what this page knows about its subject. */

/** One text by language tag. A text that has no language stands under "". */
export type Text = Readonly<Record<string, string>>;

export type Color = string | { readonly light: string; readonly dark: string };

/** A style value that follows a property of the feature. */
export interface By<T> {
  readonly by: string;
  readonly values?: Readonly<Record<string, T>>;
  readonly other?: T;
}
export type Styled<T> = T | By<T>;

export type Dash = "solid" | "dashed" | "dotted";
export type Pattern = "none" | "hatch" | "dots" | "cross";
export type SymbolShape = "circle" | "square" | "diamond" | "triangle" | "ring" | "double-ring";

export interface OutlineStyle {
  readonly color?: Styled<Color>;
  readonly width?: Styled<number>;
  readonly dash?: Styled<Dash>;
}

export interface LabelStyle {
  /** A property, or `name` for the layer's name in the reader's language. */
  readonly field: string;
  /** The map zoom from which labels are drawn. */
  readonly minzoom?: Styled<number>;
  readonly size?: Styled<number>;
  readonly weight?: Styled<number>;
  /** A property: where room is short the higher number wins. */
  readonly rank?: string;
  readonly spaced?: Styled<boolean>;
  readonly color?: Styled<Color>;
}

export interface Style {
  readonly kind?: "fill" | "line" | "circle" | "symbol";
  readonly color?: Styled<Color>;
  readonly opacity?: Styled<number>;
  readonly pattern?: Styled<Pattern>;
  readonly outline?: OutlineStyle;
  readonly merge?: boolean;
  readonly shape?: Styled<SymbolShape>;
  readonly size?: Styled<number>;
  readonly width?: Styled<number>;
  /** A property: radius of uncertainty in metres. */
  readonly radius?: string;
  readonly uncertain?: { readonly outline?: Dash; readonly opacity?: number; readonly pattern?: Pattern };
  readonly label?: LabelStyle;
  /** Painting order: higher lies on top. */
  readonly order?: number;
}

export interface Field {
  readonly title?: Text;
  readonly values?: Readonly<Record<string, Text>>;
  readonly unit?: string;
}

export interface Span {
  readonly text: string;
  readonly from: number | null;
  readonly until: number | null;
}

export interface Licence {
  readonly name?: Text | string;
  readonly url?: string;
}

export interface Layer {
  readonly id: string;
  readonly title: Text;
  readonly description?: Text;
  readonly attribution?: Text;
  readonly licence?: Licence;
  readonly geometry: "polygon" | "line" | "point" | "mixed";
  readonly count: number;
  readonly bbox?: readonly [number, number, number, number];
  readonly span?: Span;
  /** Instants at which the layer changes, ascending. */
  readonly changes?: readonly number[];
  readonly ends?: "whole" | "uncertain";
  readonly name?: Text;
  readonly time?: { readonly start?: string; readonly end?: string };
  readonly popup?: readonly string[];
  readonly fields?: Readonly<Record<string, Field>>;
  readonly style?: Style;
  readonly legend?: Text;
  readonly sources?: string;
  /** What its timeline counts: features, or the area of what holds. */
  readonly metric?: "count" | "area";
  readonly minzoom?: number;
  readonly maxzoom?: number;
  readonly downloads?: readonly { readonly format: string; readonly href: string }[];
}

/** A step of the story: a text, and the View that goes with it. What is left out stays as it is. */
export interface Step {
  readonly id?: string;
  readonly title: Text;
  readonly text?: Text;
  /** EDTF, as in a link. */
  readonly time?: string;
  readonly view?: { readonly center?: readonly [number, number]; readonly zoom?: number };
  readonly layers?: readonly string[];
  /** "layer/id". */
  readonly feature?: string;
}

export interface Problem {
  readonly layer?: string;
  readonly message: string;
}

export interface Atlas {
  readonly title: Text;
  readonly description?: Text;
  readonly languages: readonly string[];
  readonly licence?: Licence;
  readonly attribution?: Text;
  readonly view: {
    readonly center: readonly [number, number];
    readonly zoom: number;
    readonly time?: string;
    /** The layers that are on at first; all if it is left out. */
    readonly layers?: readonly string[];
  };
  readonly span: Span;
  readonly years: readonly number[];
  readonly revision: string;
  /** A URL template with {z}, {y} and {x}: every layer, at all times. */
  readonly tiles: string;
  readonly basemap?: { readonly tiles: string; readonly layers: readonly Layer[] } | null;
  /** Top first. */
  readonly layers: readonly Layer[];
  readonly groups?: readonly { readonly title?: Text; readonly layers: readonly string[] }[];
  readonly story?: readonly Step[];
  readonly problems?: readonly Problem[];
}

/** A text as it will be shown, and the language it turned out to be in ("" unknown). */
export interface Said {
  readonly text: string;
  readonly lang: string;
}

/**
 * say picks the reader's language, else a variant of it (fr for fr-CA, pt-BR for pt), else the first there is: no text
 * is lost for want of a translation.
 */
export function say(text: Text | string | undefined | null, lang: string): Said {
  if (text == null) return { text: "", lang };
  if (typeof text === "string") return { text, lang: "" };
  if (text[lang]) return { text: text[lang], lang };
  const there = Object.entries(text).filter(([, value]) => value);
  const base = (tag: string): string => tag.split("-")[0];
  const [tag, value] = there.find(([other]) => base(other) === base(lang)) ?? there[0] ?? [lang, ""];
  return { text: value, lang: tag };
}

/** wholeOf is the layer whose pieces, gained, lost and kept, a layer of differences holds. */
export const wholeOf = (layer: string): string => layer.replace(/\.changes$/, "");

/** Properties as they come in a tile or a GeoJSON feature. */
export type Properties = Readonly<Record<string, unknown>>;

/** nameOf reads a feature's name, falling back to another language and then to its id. */
export function nameOf(layer: Layer, props: Properties, lang: string): Said {
  const names: Record<string, string> = {};
  for (const [tag, property] of Object.entries(layer.name ?? {})) {
    const value = props[property];
    if (value != null && value !== "") names[tag] = String(value);
  }
  const said = say(names, lang);
  return said.text ? said : { text: "", lang: "" };
}

/** fieldTitle names a property in words, or by itself where the sidecar has none. */
export function fieldTitle(layer: Layer, property: string, lang: string): Said {
  const title = layer.fields?.[property]?.title;
  return title ? say(title, lang) : { text: property.replaceAll("_", " "), lang: "" };
}

/** fieldValue says a property's value in words where the sidecar has them. */
export function fieldValue(layer: Layer, property: string, value: unknown, lang: string): Said {
  const words = layer.fields?.[property]?.values?.[String(value)];
  return words ? say(words, lang) : { text: String(value), lang: "" };
}
