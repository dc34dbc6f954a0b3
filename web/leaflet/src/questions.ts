/** Questions to the server that only the parts ask which come later. */

import { get, type Item, itemsUrl } from "./api.ts";
import type { TimelineAnswer } from "./figures.ts";
import { type Period, toDatetime } from "./instant.ts";

/** fetchTimeline asks how much of a layer holds when. */
export async function fetchTimeline(layer: string, signal?: AbortSignal): Promise<TimelineAnswer> {
  return (await get(`/collections/${layer}/timeline`, "application/json", signal)).json();
}

/** What became of a layer between two times, in numbers. */
export interface ChangesSummary {
  readonly things: Readonly<Record<"appeared" | "disappeared" | "grown" | "shrunk" | "moved" | "kept", number>>;
  readonly km2?: Readonly<Record<"before" | "after" | "gained" | "lost" | "kept", number>>;
}

/** changesQuery names two times, the earlier first. */
export function changesQuery(from: Period, to: Period): string {
  return `from=${encodeURIComponent(toDatetime(from))}&to=${encodeURIComponent(toDatetime(to))}`;
}

export async function fetchChanges(layer: string, query: string, signal?: AbortSignal): Promise<ChangesSummary> {
  const url = `/collections/${layer}/changes?${query}&limit=1`;
  return (await (await get(url, "application/geo+json", signal)).json()).changes;
}

/** changesTiles is where the pieces gained, lost and kept lie as tiles: a template with {z}, {y} and {x}. */
export function changesTiles(layer: string, query: string): string {
  return `/collections/${layer}/changes/tiles/WebMercatorQuad/{z}/{y}/{x}?${query}`;
}

/** fetchAllItems brings all features of a layer that hold in a period (null: whenever) and lie in a box, page by page. */
export async function fetchAllItems(layer: string, time: Period | null, bbox: readonly number[]): Promise<Item[]> {
  const items: Item[] = [];
  let url: string | null = itemsUrl(layer, time, 10_000, bbox);
  while (url) {
    const page: { features: Item[]; links?: { rel: string; href: string }[] } = await (
      await get(url, "application/geo+json")
    ).json();
    items.push(...page.features);
    const next = page.links?.find(({ rel }) => rel === "next");
    url = next ? new URL(next.href).pathname + new URL(next.href).search : null;
  }
  return items;
}
