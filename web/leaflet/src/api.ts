/** The server's answers, typed. Every call takes an AbortSignal and throws a Trouble that tells what went wrong. */

import type { Atlas, Properties } from "./atlas.ts";
import type { TimelineAnswer } from "./figures.ts";
import type { Period } from "./instant.ts";
import { toDatetime } from "./instant.ts";

/** Why an answer did not come: `gone` (no connection, or a server in trouble: worth another try) or `refused`. */
export class Trouble extends Error {
  constructor(
    readonly kind: "gone" | "refused",
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "Trouble";
  }
}

/** A feature with all its properties, as GET …/items/{id} gives it. */
export interface Item {
  readonly id: string | number;
  readonly properties: Properties;
  readonly geometry: unknown;
}

async function get(url: string, accept: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { Accept: accept } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble("gone", 0, String(error));
  }
  if (response.ok) return response;
  const detail = await response
    .json()
    .then((problem: { detail?: string; title?: string }) => problem.detail ?? problem.title ?? "")
    .catch(() => "");
  const gone = response.status >= 500 || response.status === 429;
  throw new Trouble(gone ? "gone" : "refused", response.status, detail || response.statusText);
}

export async function fetchAtlas(signal?: AbortSignal): Promise<Atlas> {
  return (await get("/atlas.json", "application/json", signal)).json();
}

/** fetchTile returns a tile's bytes; none if it is empty (204). */
export async function fetchTile(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await get(url, "application/vnd.mapbox-vector-tile", signal)).arrayBuffer();
}

/** itemUrl is where a feature lives. id is "layer/id". */
export function itemUrl(feature: string): string {
  const at = feature.indexOf("/");
  return `/collections/${feature.slice(0, at)}/items/${encodeURIComponent(feature.slice(at + 1))}`;
}

export async function fetchItem(feature: string, signal?: AbortSignal): Promise<Item> {
  return (await get(itemUrl(feature), "application/geo+json", signal)).json();
}

/** fetchTimeline asks how much of a layer holds when. */
export async function fetchTimeline(layer: string, signal?: AbortSignal): Promise<TimelineAnswer> {
  return (await get(`/collections/${layer}/timeline`, "application/json", signal)).json();
}

/** countItems asks how many features of a layer hold at some time in a period (null: whenever). */
export async function countItems(layer: string, time: Period | null, signal?: AbortSignal): Promise<number> {
  const url = `/collections/${layer}/items?limit=1${time ? `&datetime=${encodeURIComponent(toDatetime(time))}` : ""}`;
  const answer = await (await get(url, "application/geo+json", signal)).json();
  return typeof answer.numberMatched === "number" ? answer.numberMatched : Number.NaN;
}

/** downloadUrl adds the period to a download's address. */
export function downloadUrl(href: string, time: Period | null): string {
  if (!time) return href;
  return `${href}${href.includes("?") ? "&" : "?"}datetime=${encodeURIComponent(toDatetime(time))}`;
}
