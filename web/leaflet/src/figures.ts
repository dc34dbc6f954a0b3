/** How much of a layer holds when: the arithmetic under the chart and the figures on the map. Pure. */

import type { Instant, Period } from "./instant.ts";

/** A time in which a layer does not change, half-open (null: open), and how much certainly and possibly holds in it. */
export interface Epoch {
  readonly from: Instant | null;
  readonly until: Instant | null;
  readonly low: number;
  readonly high: number;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The answer of GET /collections/{layer}/timeline, as far as it is read here. */
export interface TimelineAnswer {
  readonly metric: "area" | "count";
  readonly epochs?: readonly {
    readonly from: number | null;
    readonly until: number | null;
    readonly possible: { readonly count: number; readonly km2?: number };
    readonly certain: { readonly count: number; readonly km2?: number };
  }[];
  readonly rivals?: readonly {
    readonly date: string;
    readonly from: number | null;
    readonly until: number | null;
    readonly value: number;
    readonly publisher?: string;
    readonly url?: string;
    readonly ours: { readonly possible: number; readonly certain: number };
  }[];
}

/** epochsOf reads km² or counts. */
export function epochsOf({ epochs }: TimelineAnswer, metric: "area" | "count"): Epoch[] {
  return (epochs ?? []).map(({ from, until, possible, certain }) => {
    const [a, b] = metric === "area" ? [certain.km2, possible.km2] : [certain.count, possible.count];
    return { from, until, low: a ?? 0, high: b ?? 0 };
  });
}

/**
 * within returns the least that certainly and the most that possibly holds at a time in a period; for a day on which
 * nothing changes that is how much holds then. Null if no epoch is in the period.
 */
export function within(epochs: readonly Epoch[], period: Period): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const e of epochs) {
    if (period.end !== null && (e.from ?? Number.NEGATIVE_INFINITY) >= period.end) continue;
    if (period.start !== null && (e.until ?? Number.POSITIVE_INFINITY) <= period.start) continue;
    low = Math.min(low, e.low);
    high = Math.max(high, e.high);
  }
  return high < low || high === Number.NEGATIVE_INFINITY ? null : { low, high };
}

/** together adds up the epochs of several layers: where one of them changes, a new one begins. */
export function together(lists: readonly (readonly Epoch[])[]): Epoch[] {
  const starts = new Set<number>();
  for (const list of lists) for (const { from } of list) starts.add(from ?? Number.NEGATIVE_INFINITY);
  const cuts = [...starts].sort((a, b) => a - b);
  return cuts.map((from, i) => {
    const at = Number.isFinite(from) ? from : null;
    const until = cuts[i + 1] ?? null;
    const sum = { low: 0, high: 0 };
    for (const list of lists) {
      const here = list.find(
        (e) => (e.from ?? Number.NEGATIVE_INFINITY) <= from && (e.until ?? Number.POSITIVE_INFINITY) > from,
      );
      sum.low += here?.low ?? 0;
      sum.high += here?.high ?? 0;
    }
    return { from: at, until, ...sum };
  });
}

/** peak returns the epoch in which most possibly holds. */
export function peak(epochs: readonly Epoch[]): Epoch | null {
  return epochs.reduce<Epoch | null>((best, e) => (best === null || e.high > best.high ? e : best), null);
}

/** roughly rounds to three digits: more would claim what nobody knows. */
export function roughly(value: number): number {
  if (value < 1000) return Math.round(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return Math.round(value / unit) * unit;
}

/** Corners of the steps that a series of values makes between two instants: t, value, t, value … */
export function steps(epochs: readonly Epoch[], pick: (e: Epoch) => number, from: Instant, until: Instant): number[] {
  const corners: number[] = [];
  for (const e of epochs) {
    const a = Math.max(e.from ?? from, from);
    const b = Math.min(e.until ?? until, until);
    if (a < b) corners.push(a, pick(e), b, pick(e));
  }
  return corners;
}
