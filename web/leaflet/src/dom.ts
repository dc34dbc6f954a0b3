/** Making elements in few words. */

import type { Said } from "./atlas.ts";

type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: never) => void)>>;

/** h makes an element: `onclick` and the like are listeners, true is a bare attribute, false and null are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child != null && child !== false));
  return element;
}

/** put writes a text into an element, marked with its language where that is not the reader's. */
export function put<E extends HTMLElement>(element: E, said: Said, lang: string): E {
  element.textContent = said.text;
  if (said.lang !== "" && said.lang !== lang) {
    element.lang = said.lang;
    element.dir = "auto";
  } else {
    element.removeAttribute("lang");
    if (said.lang === "") element.dir = "auto";
    else element.removeAttribute("dir");
  }
  return element;
}

const paths = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  previous: "M6 5h2v14H6zM19 5v14L9 12z",
  next: "M16 5h2v14h-2zM5 5v14l10-7z",
  download: "M11 4h2v8.2l3-3 1.4 1.4L12 16l-5.4-5.4L8 9.2l3 3zM5 18h14v2H5z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  layers: "m12 3 9 5-9 5-9-5zm-7 8.3 7 3.9 7-3.9 2 1.1-9 5-9-5zm0 4 7 3.9 7-3.9 2 1.1-9 5-9-5z",
  compare: "M11 3h2v18h-2zM3 6h6v12H3zm2 2v8h2V8zm10-2h6v12h-6z",
  /** A line pulled apart: the sign for giving a year more of it. */
  stretch: "M8 7.5 3.5 12 8 16.5V13h8v3.5l4.5-4.5L16 7.5V11H8z",
  edit: "M4 16.6 14.6 6l3.4 3.4L7.4 20H4zM16 4.6 17.6 3 21 6.4 19.4 8z",
  back: "M11 5 4 12l7 7 1.4-1.4L7.8 13H20v-2H7.8l4.6-4.6z",
  forth: "M13 5l7 7-7 7-1.4-1.4 4.6-4.6H4v-2h12.2l-4.6-4.6z",
  search:
    "M10.5 4a6.5 6.5 0 1 0 3.9 11.7l4.4 4.4 1.4-1.4-4.4-4.4A6.5 6.5 0 0 0 10.5 4zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
  story:
    "M4 5h6.5L12 6.2 13.5 5H20v13h-6.2L12 19.4 10.2 18H4zm2 2v9h4.8l.2.2V8l-1.2-1zm12 0h-3.800L13 8v8.200l.2-.2H18z",
  sources: "M5 4h9v2H7v12h10v-5h2v7H5zm5 6h5v2h-5zm0 4h5v2h-5zM16 3h5v5h-2V6.400l-4.300 4.300-1.400-1.400L17.600 5H16z",
  share:
    "M17 3a3 3 0 1 1-2.200 5l-5.100 2.900a3 3 0 0 1 0 2.200l5.100 2.900a3 3 0 1 1-1 1.700l-5.100-2.900a3 3 0 1 1 0-5.600l5.100-2.900A3 3 0 0 1 17 3z",
  list: "M4 6h2v2H4zm4 0h12v2H8zm-4 5h2v2H4zm4 0h12v2H8zm-4 5h2v2H4zm4 0h12v2H8z",
  sort: "m12 4 4 6H8zm0 16-4-6h8z",
  open: "m6.400 8.600 5.600 5.600 5.600-5.600L19 10l-7 7-7-7z",
} as const;

export type IconName = keyof typeof paths;

/** Icons that point along the reading direction; the style mirrors them from right to left. */
const directed = new Set<IconName>(["play", "previous", "next", "back", "forth"]);

/** icon draws a sign of 24 by 24 in the colour of the text. It says nothing to a screen reader. */
export function icon(name: IconName): SVGSVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", directed.has(name) ? "icon directed" : "icon");
  const path = document.createElementNS(ns, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** idle returns a function that calls work once it has not been called for ms. */
export function idle(work: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(work, ms);
  };
}

/** Where the style of what is loaded later lies; the build puts it in. */
declare const LATE_STYLE_URL: string;
let late: Promise<void> | null = null;

/** lateStyle loads the style of the parts that are not there from the start, once. It waits until it holds. */
export function lateStyle(): Promise<void> {
  late ??= new Promise((done) => {
    const link = h("link", { rel: "stylesheet", href: LATE_STYLE_URL, onload: () => done(), onerror: () => done() });
    document.head.append(link);
  });
  return late;
}
