/**
 * A vector tile, decoded once: flat arrays that can cross from a Worker without being copied, and the epochs
 * that tell whether a change of date changes anything in it. No canvas, no Leaflet, no DOM.
 */

import type { Instant, Period } from "./instant.ts";
import { lowerBound } from "./scale.ts";

/** Tiles are laid out on squares of this many CSS pixels. */
export const TILE = 512;

/** What kind of geometry a feature has, as MVT 2.1 §4.3.4 numbers it. */
export type GeometryType = 1 | 2 | 3;

/** When a feature holds, half-open; open ends are infinite. never: certainFrom = certainUntil. */
export interface Times {
  readonly from: number;
  readonly until: number;
  readonly certainFrom: number;
  readonly certainUntil: number;
}

export interface DecodedFeature extends Times {
  /** The public id, unique in its layer. */
  readonly id: string;
  readonly type: GeometryType;
  readonly props: Readonly<Record<string, string | number | boolean>>;
  /** Its parts (points, lines or rings) are parts[first] … parts[last-1]. */
  readonly first: number;
  readonly last: number;
  /** In CSS pixels of the tile, y down; it may reach beyond the tile. */
  readonly bbox: readonly [number, number, number, number];
}

export interface DecodedLayer {
  readonly name: string;
  readonly features: readonly DecodedFeature[];
  /** x, y, x, y … in CSS pixels of the tile. */
  readonly coords: Float32Array<ArrayBuffer>;
  /** parts[i] is where part i begins in coords, counted in points; one more at the end. */
  readonly parts: Uint32Array<ArrayBuffer>;
}

export interface DecodedTile {
  readonly layers: readonly DecodedLayer[];
}

/**
 * timesOf reads valid_from, valid_until, certain_from and certain_until: milliseconds, a missing one open. Where
 * both certain ends are missing the certain period is the possible one.
 */
export function timesOf(props: Readonly<Record<string, unknown>>): Times {
  const from = number(props.valid_from) ?? Number.NEGATIVE_INFINITY;
  const until = number(props.valid_until) ?? Number.POSITIVE_INFINITY;
  const certainFrom = number(props.certain_from) ?? from;
  const certainUntil = number(props.certain_until) ?? until;
  return { from, until, certainFrom, certainUntil };
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** How a feature stands in a period. */
export type Standing = "absent" | "possible" | "certain";

/** standing tells whether something holds at some time in the period: certainly, only possibly, or not. */
export function standing(times: Times, period: Period): Standing {
  const start = period.start ?? Number.NEGATIVE_INFINITY;
  const end = period.end ?? Number.POSITIVE_INFINITY;
  if (!(times.from < end && times.until > start)) return "absent";
  const { certainFrom: from, certainUntil: until } = times;
  return from < until && from < end && until > start ? "certain" : "possible";
}

/**
 * Epochs are the instants at which some of a set of features change. Two periods with the same key show the
 * same: what holds depends only on how many changes are at or before the start and how many before the end.
 */
export class Epochs {
  readonly changes: Float64Array;

  constructor(features: Iterable<Times>) {
    const all = new Set<Instant>();
    for (const f of features) {
      for (const t of [f.from, f.until, f.certainFrom, f.certainUntil]) if (Number.isFinite(t)) all.add(t);
    }
    this.changes = Float64Array.from(all).sort();
  }

  key(period: Period): number {
    const [atStart, beforeEnd] = this.counts(period);
    return atStart * (this.changes.length + 1) + beforeEnd;
  }

  /** still tells whether nothing changes within a period. */
  still(period: Period): boolean {
    const [atStart, beforeEnd] = this.counts(period);
    return atStart === beforeEnd;
  }

  /** counts tells how many changes there are at or before a period's start, and how many before its end. */
  private counts({ start, end }: Period): [number, number] {
    return [
      start === null ? 0 : lowerBound(this.changes, start + 1),
      end === null ? this.changes.length : lowerBound(this.changes, end),
    ];
  }
}
