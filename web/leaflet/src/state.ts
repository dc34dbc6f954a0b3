/** The one View that the whole page shows, and who is told when it changes. */

import type { Period } from "./instant.ts";

/** What is shown. Frozen: a change is a new View. */
export interface View {
  /** One day, a year, an interval, or (both ends open) all time. */
  readonly time: Period;
  /** Ids of the layers that are on, in the atlas's order. */
  readonly layers: readonly string[];
  readonly lang: string;
  /** Longitude, latitude. */
  readonly center: readonly [number, number];
  /** Leaflet's zoom: the world is 256·2^zoom CSS pixels wide. */
  readonly zoom: number;
  /** The selected feature as "layer/id". */
  readonly feature: string | null;
  /** The step of the story that is told, the first is 1. */
  readonly step?: number | null;
  /** What else is open: "sources", "table" or "table/layer". */
  readonly panel?: string | null;
  /** The second time and how it is compared with the first. */
  readonly compare?: { readonly mode: CompareMode; readonly time: Period } | null;
  /** Inside another page: the map and the time alone. */
  readonly embed?: boolean;
}

/** How two times are compared. */
export type CompareMode = "swipe" | "side" | "difference";

export type Listener = (view: View, before: View) => void;

/** State holds the View. Controls set it, layers subscribe; nothing flows back. */
export class State {
  private view: View;
  private readonly listeners = new Set<Listener>();

  constructor(view: View) {
    this.view = freeze(view);
  }

  get(): View {
    return this.view;
  }

  /** set merges patch into the View; listeners hear of it only if something is different. */
  set(patch: Partial<View>): void {
    const before = this.view;
    const after = freeze({ ...before, ...patch });
    if (sameView(before, after)) return;
    this.view = after;
    for (const listener of this.listeners) listener(after, before);
  }

  /** subscribe returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function freeze(view: View): View {
  return Object.freeze({
    ...view,
    time: Object.freeze({ ...view.time }),
    layers: Object.freeze([...view.layers]),
    center: Object.freeze([view.center[0], view.center[1]] as const),
  });
}

export function sameTime(a: Period, b: Period): boolean {
  return a.start === b.start && a.end === b.end;
}

export function sameLayers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

export function samePlace(a: View, b: View): boolean {
  return a.zoom === b.zoom && a.center[0] === b.center[0] && a.center[1] === b.center[1];
}

/** sameRoom tells whether two views have the same panels open. */
export function sameRoom(a: View, b: View): boolean {
  return (a.step ?? 0) === (b.step ?? 0) && (a.panel ?? "") === (b.panel ?? "") && !a.embed === !b.embed;
}

/** sameComparison tells whether two views compare the same in the same way, or both don't. */
export function sameComparison(a: View, b: View): boolean {
  if (!a.compare || !b.compare) return !a.compare === !b.compare;
  return a.compare.mode === b.compare.mode && sameTime(a.compare.time, b.compare.time);
}

export function sameView(a: View, b: View): boolean {
  return (
    sameTime(a.time, b.time) &&
    sameLayers(a.layers, b.layers) &&
    samePlace(a, b) &&
    a.lang === b.lang &&
    a.feature === b.feature &&
    sameRoom(a, b) &&
    sameComparison(a, b)
  );
}
