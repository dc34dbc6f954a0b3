/** The arithmetic of comparing: which time stands where, and where the divider lies. Pure. */

import type { Layer, Style } from "./atlas.ts";
import type { Period } from "./instant.ts";
import { clamp, DAY, step, TimeScale } from "./scale.ts";
import type { Scheme } from "./style.ts";

/** earlierFirst tells whether the first of two times stands at the reading start; of equals the first does. */
export function earlierFirst(a: Period, b: Period): boolean {
  const start = (p: Period): number => p.start ?? Number.NEGATIVE_INFINITY;
  const end = (p: Period): number => p.end ?? Number.POSITIVE_INFINITY;
  return start(a) !== start(b) ? start(a) < start(b) : end(a) <= end(b);
}

/** secondTime is what a time is first compared with: two years on, or back where the span ends before. */
export function secondTime(time: Period, from: number, until: number): Period {
  const scale = new TimeScale(from, until);
  const now = time.start === null ? { start: from, end: from + DAY } : time;
  const later = step(now, "year", 2, scale);
  const years = ((later.start ?? 0) - (now.start ?? 0)) / DAY / 365;
  return years >= 1 ? later : step(now, "year", -2, scale);
}

/** What a key does to the divider: its share of the reading start, 0 to 1; null if the key means nothing here. */
export function moveDivider(key: string, share: number, rtl: boolean, large = false): number | null {
  const by = large ? 0.1 : 0.02;
  const towardsEnd = rtl ? "ArrowLeft" : "ArrowRight";
  const towardsStart = rtl ? "ArrowRight" : "ArrowLeft";
  switch (key) {
    case towardsEnd:
    case "ArrowUp":
      return clamp(share + by, 0, 1);
    case towardsStart:
    case "ArrowDown":
      return clamp(share - by, 0, 1);
    case "PageUp":
      return clamp(share + 0.1, 0, 1);
    case "PageDown":
      return clamp(share - 0.1, 0, 1);
    case "Home":
      return 0;
    case "End":
      return 1;
  }
  return null;
}

export type Part = "gained" | "lost" | "kept";
export const parts: readonly Part[] = ["gained", "lost", "kept"];

/** Told apart by people who see colours differently (after Okabe and Ito), and by pattern. */
const colors = {
  gained: { light: "#0072b2", dark: "#56b4e9" },
  lost: { light: "#d55e00", dark: "#ff9650" },
} as const;

/** changesLayer is a layer of pieces gained, lost and kept: the pieces are painted by what became of them. */
export function changesLayer(layer: Layer, kept: string, scheme: Scheme): Layer {
  const color = {
    by: "part",
    values: { gained: colors.gained[scheme], lost: colors.lost[scheme], kept },
    other: kept,
  };
  const style: Style = {
    kind: layer.geometry === "point" ? "symbol" : layer.geometry === "line" ? "line" : "fill",
    color,
    opacity:
      layer.geometry === "polygon" || layer.geometry === "mixed"
        ? { by: "part", values: { gained: 0.5, lost: 0.42, kept: 0.3 }, other: 0.3 }
        : { by: "part", values: { gained: 1, lost: 1, kept: 0.5 }, other: 0.5 },
    pattern: { by: "part", values: { gained: "dots", lost: "hatch", kept: "none" }, other: "none" },
    outline: layer.geometry === "point" ? {} : { color, width: 1.2 },
    merge: true,
    shape: { by: "part", values: { gained: "triangle", lost: "diamond", kept: "circle" }, other: "circle" },
    size: { by: "part", values: { gained: 9, lost: 9, kept: 5 }, other: 5 },
    width: 1.5,
    order: layer.style?.order ?? 0,
  };
  const { geometry, title, name, minzoom, maxzoom } = layer;
  return { id: `${layer.id}.changes`, geometry, title, name, minzoom, maxzoom, count: 0, style };
}
