/** The arithmetic of the time control: where a day lies on the slider, and what a step leads to. Pure. */

import type { Instant, Period } from "./instant.ts";

export const DAY = 86_400_000;

export const startOfYear = (year: number): Instant => utc(year, 0, 1);

/** utc is Date.UTC without its reading of the years 0 to 99 as 1900 to 1999. */
export function utc(year: number, month: number, date: number): Instant {
  const d = new Date(0);
  d.setUTCFullYear(year, month, date);
  return d.getTime();
}

export const yearOf = (instant: Instant): number => new Date(instant).getUTCFullYear();
export const floorDay = (instant: Instant): Instant => Math.floor(instant / DAY) * DAY;

/**
 * A TimeScale lays the days of a span along a line of whole units. The days of the focus (the years that
 * matter) take one unit each; before and after it several days share a unit, so that they take at most
 * a fifth of the line. Without a focus every day is a unit.
 */
export class TimeScale {
  /** The last unit; the first is 0. */
  readonly max: number;
  private readonly pieces: readonly { readonly from: Instant; readonly unit: number; readonly days: number }[];

  constructor(
    readonly from: Instant,
    readonly until: Instant,
    readonly focus: { readonly from: Instant; readonly until: Instant } = { from, until },
  ) {
    const lo = clamp(focus.from, from, until);
    const hi = clamp(focus.until, lo, until);
    const inside = (hi - lo) / DAY;
    const outside = (until - from) / DAY - inside;
    const days = inside > 0 ? Math.max(1, outside / (inside * 0.25)) : 1;
    const unit1 = (lo - from) / DAY / days;
    const unit2 = unit1 + inside;
    this.pieces = [
      { from, unit: 0, days },
      { from: lo, unit: unit1, days: 1 },
      { from: hi, unit: unit2, days },
    ];
    this.max = Math.max(1, Math.ceil(unit2 + (until - hi) / DAY / days) - 1);
  }

  /** unit returns the place of an instant, not rounded. Instants outside the span fall on its ends. */
  unit(instant: Instant): number {
    const t = clamp(instant, this.from, this.until);
    let piece = this.pieces[0];
    for (const p of this.pieces) if (t >= p.from) piece = p;
    return Math.min(this.max + 1, piece.unit + (t - piece.from) / DAY / piece.days);
  }

  /** day returns the start of the day at a unit, within the span. */
  day(unit: number): Instant {
    let piece = this.pieces[0];
    for (const p of this.pieces) if (unit >= p.unit) piece = p;
    // A hair is added because a day's own unit, computed in floating point, must lead back to it.
    const t = piece.from + Math.floor((unit - piece.unit) * piece.days + 1e-6) * DAY;
    return clamp(floorDay(t), this.from, floorDay(this.until - 1));
  }

  /** clampDay returns the day of the span that is nearest to an instant. */
  clampDay(instant: Instant): Instant {
    return clamp(floorDay(instant), this.from, floorDay(this.until - 1));
  }
}

export type Unit = "day" | "month" | "year";

/**
 * step moves a period by n units. A whole year stepped by years stays a whole year, a whole month by months a
 * month; all else becomes the day that lies n units from the period's start. Dates that a month lacks become
 * its last day.
 */
export function step(period: Period, unit: Unit, n: number, scale: TimeScale): Period {
  const start = period.start ?? (period.end === null ? scale.from : scale.clampDay(period.end - DAY));
  const d = new Date(start);
  const y = d.getUTCFullYear();
  const m = d.getUTCMonth();
  if (unit === "year" && isWholeYear(period)) {
    const next = clamp(y + n, yearOf(scale.from), yearOf(scale.until - 1));
    return { start: utc(next, 0, 1), end: utc(next + 1, 0, 1) };
  }
  if (unit === "month" && isWholeMonth(period)) {
    const next = clamp(utc(y, m + n, 1), scale.from, scale.clampDay(scale.until));
    const first = new Date(next);
    return {
      start: utc(first.getUTCFullYear(), first.getUTCMonth(), 1),
      end: utc(first.getUTCFullYear(), first.getUTCMonth() + 1, 1),
    };
  }
  if (unit === "day") return dayPeriod(scale.clampDay(start + n * DAY));
  const months = unit === "year" ? 12 * n : n;
  const last = new Date(utc(y, m + months + 1, 0)).getUTCDate();
  return dayPeriod(scale.clampDay(utc(y, m + months, Math.min(d.getUTCDate(), last))));
}

export const dayPeriod = (start: Instant): Period => ({ start: floorDay(start), end: floorDay(start) + DAY });

export function isDay(p: Period): boolean {
  return p.start !== null && p.end === p.start + DAY && p.start % DAY === 0;
}

export function isWholeYear(p: Period): boolean {
  if (p.start === null || p.end === null) return false;
  const y = yearOf(p.start);
  return p.start === utc(y, 0, 1) && p.end === utc(y + 1, 0, 1);
}

export function isWholeMonth(p: Period): boolean {
  if (p.start === null || p.end === null) return false;
  const d = new Date(p.start);
  const y = d.getUTCFullYear();
  const m = d.getUTCMonth();
  return p.start === utc(y, m, 1) && p.end === utc(y, m + 1, 1);
}

/** mergeChanges returns the instants of several ascending lists that lie in [from, until), each once, ascending. */
export function mergeChanges(lists: readonly (readonly Instant[])[], from: Instant, until: Instant): Instant[] {
  const all = new Set<Instant>();
  for (const list of lists) for (const t of list) if (t >= from && t < until) all.add(t);
  return [...all].sort((a, b) => a - b);
}

/** nextChange returns the first change after a period's start (or at it, if the period is longer than a day). */
export function nextChange(changes: readonly Instant[], period: Period): Instant | null {
  if (period.start === null) return changes[0] ?? null;
  const after = isDay(period) ? (period.end ?? period.start) : period.start;
  return changes[lowerBound(changes, after)] ?? null;
}

/** previousChange returns the last change before a period's start. */
export function previousChange(changes: readonly Instant[], period: Period): Instant | null {
  const before = period.start ?? period.end ?? Number.POSITIVE_INFINITY;
  return changes[lowerBound(changes, before) - 1] ?? null;
}

/** lowerBound returns how many of the ascending values are less than x. */
export function lowerBound(values: ArrayLike<number>, x: number): number {
  let lo = 0;
  let hi = values.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (values[mid] < x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

export function clamp(x: number, lo: number, hi: number): number {
  return Math.min(Math.max(x, lo), hi);
}
