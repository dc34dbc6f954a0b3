/** The server's answers, typed. Every call takes an AbortSignal and throws a Trouble that tells what went wrong. */

import type { Atlas, Properties } from "./atlas.ts";
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

/** get asks; it throws a Trouble if what was asked for does not come. */
export async function get(url: string, accept: string, signal?: AbortSignal): Promise<Response> {
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

/** isKept tells whether an answer is one of before that the service worker kept (see sw.ts): the server has not spoken. */
const isKept = ({ headers }: Response): boolean => headers.has("X-Kept");

/** fetchAtlas brings the atlas. kept is when the server said this, if it does not answer now. */
export async function fetchAtlas(signal?: AbortSignal): Promise<{ atlas: Atlas; kept: Date | null }> {
  const response = await get("/atlas.json", "application/json", signal);
  const atlas = await response.json();
  return {
    atlas: { ...atlas, span: atlas.span ?? { text: "", from: null, until: null } }, // an atlas may have no dates at all
    kept: isKept(response) ? new Date(response.headers.get("Date") ?? Date.now()) : null,
  };
}

/** fetchTile returns a tile's bytes; none if it is empty (204). */
export async function fetchTile(url: string, signal?: AbortSignal): Promise<{ bytes: ArrayBuffer; kept: boolean }> {
  const response = await get(url, "application/vnd.mapbox-vector-tile", signal);
  return { bytes: await response.arrayBuffer(), kept: isKept(response) };
}

/** itemUrl is where a feature lives. id is "layer/id". */
export function itemUrl(feature: string): string {
  const at = feature.indexOf("/");
  return `/collections/${feature.slice(0, at)}/items/${encodeURIComponent(feature.slice(at + 1))}`;
}

export async function fetchItem(feature: string, signal?: AbortSignal): Promise<Item> {
  return (await get(itemUrl(feature), "application/geo+json", signal)).json();
}

/** itemsUrl asks for features of a layer that hold in a period (null: whenever) and lie in a box. */
export function itemsUrl(layer: string, time: Period | null, limit: number, bbox?: readonly number[]): string {
  const when = time ? `&datetime=${encodeURIComponent(toDatetime(time))}` : "";
  return `/collections/${layer}/items?limit=${limit}${when}${bbox ? `&bbox=${bbox.join(",")}` : ""}`;
}

/** countItems asks how many features of a layer hold at some time in a period (null: whenever). */
export async function countItems(
  layer: string,
  time: Period | null,
  signal?: AbortSignal,
  bbox?: readonly number[],
): Promise<number> {
  const url = itemsUrl(layer, time, 1, bbox);
  const answer = await (await get(url, "application/geo+json", signal)).json();
  return typeof answer.numberMatched === "number" ? answer.numberMatched : Number.NaN;
}

/** What fetchItems asks for: all that holds at some time in a period, within a box (west, south, east, north). */
export interface Asked {
  readonly time: Period;
  readonly bbox?: readonly [number, number, number, number];
  readonly limit: number;
}

/** fetchItems asks for features of a layer; matched says how many there are, if limit kept some back. */
export async function fetchItems(
  layer: string,
  { time, bbox, limit }: Asked,
  signal?: AbortSignal,
): Promise<{ features: readonly Item[]; matched: number }> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (time.start !== null || time.end !== null) query.set("datetime", toDatetime(time));
  if (bbox) query.set("bbox", bbox.map((x) => x.toFixed(5)).join(","));
  const answer = await (await get(`/collections/${layer}/items?${query}`, "application/geo+json", signal)).json();
  const { features = [], numberMatched } = answer;
  return { features, matched: typeof numberMatched === "number" ? numberMatched : features.length };
}

/** A feature that a search found. */
export interface Hit {
  readonly collection: string;
  readonly id: string;
  readonly names: Readonly<Record<string, string>>;
  /** Of its layer, in the reader's language. */
  readonly title: string;
  /** EDTF; empty if it has none. */
  readonly start: string;
  readonly end: string;
  readonly bbox: readonly [number, number, number, number] | null;
}

/** searchNames finds features by their names, the best first. */
export async function searchNames(text: string, lang: string, signal?: AbortSignal): Promise<Hit[]> {
  const query = new URLSearchParams({ q: text, lang, limit: "12" });
  const answer = await (await get(`/search?${query}`, "application/geo+json", signal)).json();
  return (answer.features ?? []).map(({ properties: p, bbox, geometry }: Found): Hit => {
    const [x, y] = geometry?.coordinates ?? [];
    return {
      collection: String(p.collection),
      id: String(p.id),
      names: p.names ?? { "": p.name ?? "" },
      title: p.title ?? "",
      start: p.start ?? "",
      end: p.end ?? "",
      bbox: bbox ?? p.bbox ?? (x === undefined || y === undefined ? null : [x, y, x, y]),
    };
  });
}

interface Found {
  readonly properties: Partial<Omit<Hit, "bbox">> & { readonly name?: string; readonly bbox?: Hit["bbox"] };
  readonly bbox?: Hit["bbox"];
  readonly geometry?: { readonly coordinates?: readonly number[] } | null;
}

/** downloadUrl adds the period to a download's address. */
export function downloadUrl(href: string, time: Period | null): string {
  if (!time) return href;
  return `${href}${href.includes("?") ? "&" : "?"}datetime=${encodeURIComponent(toDatetime(time))}`;
}
