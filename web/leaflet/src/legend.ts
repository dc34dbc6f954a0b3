/** Layers and legend in one: what each sign means, whether it is on, and how to get its data. */

import type { Atlas, Layer } from "./atlas.ts";
import { fieldTitle, fieldValue, say } from "./atlas.ts";
import { h, icon, put } from "./dom.ts";
import { paintSwatch } from "./paint.ts";
import { type LayerStyle, type LegendEntry, legendEntries } from "./style.ts";
import type { Words } from "./words.ts";

export interface LegendOptions {
  onLayers(ids: string[]): void;
  onDownload(layer: string): void;
}

/** A layer with its style in the present colour scheme. */
export interface Dressed {
  readonly layer: Layer;
  readonly styles: LayerStyle;
}

export class Legend {
  readonly element = h("div", { class: "legend" });
  private readonly boxes = new Map<string, HTMLInputElement>();
  private on: readonly string[] = [];

  constructor(
    private readonly atlas: Atlas,
    private readonly options: LegendOptions,
  ) {}

  /** render writes everything anew: for a new language or colour scheme. */
  render(words: Words, layers: readonly Dressed[], base: readonly Dressed[], halo: string): void {
    const open = new Set(
      [...this.element.querySelectorAll<HTMLElement>(".about:not([hidden])")].map((d) => d.dataset.layer),
    );
    this.boxes.clear();
    const groups = this.groups(layers);
    this.element.replaceChildren(
      ...groups.map(({ title, members }) =>
        h(
          "section",
          {},
          title ? put(h("h3"), say(title, words.lang), words.language) : null,
          h("ul", {}, ...members.map((m) => this.layer(m, words, halo, open.has(m.layer.id)))),
        ),
      ),
      this.uncertainty(layers, words, halo) ?? "",
      this.baseMap(base, words, halo) ?? "",
    );
    this.show(this.on);
  }

  /** show ticks the layers that are on. */
  show(on: readonly string[]): void {
    this.on = on;
    for (const [id, box] of this.boxes) {
      box.checked = on.includes(id);
      box.closest("li")?.classList.toggle("off", !box.checked);
    }
  }

  private groups(layers: readonly Dressed[]): { title: Layer["title"] | undefined; members: Dressed[] }[] {
    const rest = new Set(layers);
    const groups: { title: Layer["title"] | undefined; members: Dressed[] }[] = [];
    for (const group of this.atlas.groups ?? []) {
      const members = layers.filter((l) => group.layers.includes(l.layer.id) && rest.has(l));
      for (const member of members) rest.delete(member);
      if (members.length > 0) groups.push({ title: group.title, members });
    }
    if (rest.size > 0) groups.push({ title: undefined, members: [...rest] });
    return groups;
  }

  private layer({ layer, styles }: Dressed, words: Words, halo: string, open: boolean): HTMLElement {
    const title = say(layer.title, words.lang);
    const entries = legendEntries(layer, styles);
    const box = h("input", { type: "checkbox", onchange: () => this.changed() });
    this.boxes.set(layer.id, box);
    const label = put(h("span", { class: "title" }), title, words.language);
    const single = entries.length === 1;
    const details = this.details({ layer, styles }, title.text, words, halo, open);
    const about = words.t("about", { layer: title.text });
    const unfold = h(
      "button",
      {
        type: "button",
        class: "tool unfold",
        "aria-expanded": String(open),
        "aria-controls": details.id,
        "aria-label": about,
        title: about,
        onclick: () => {
          details.hidden = !details.hidden;
          unfold.setAttribute("aria-expanded", String(!details.hidden));
        },
      },
      icon("open"),
    );
    const row = h(
      "div",
      { class: "row" },
      h("label", {}, box, single ? swatch(layer, entries[0], false, halo) : null, label),
      this.button("download", words.t("downloadLayer", { layer: title.text }), () => this.options.onDownload(layer.id)),
      unfold,
    );
    return h("li", { class: "layer" }, row, single ? null : signs(layer, entries, words, halo), details);
  }

  /** details is what a layer's row unfolds: what else its looks tell, how many features, whence, and it alone. */
  private details({ layer, styles }: Dressed, title: string, words: Words, halo: string, open: boolean): HTMLElement {
    const parts = [layer.legend, layer.description, layer.attribution].filter(
      (text) => text && say(text, words.lang).text,
    );
    const more = [1, 2].map((nth) => legendEntries(layer, styles, nth)).filter((entries) => entries.length > 0);
    const only = words.t("only", { layer: title });
    return h(
      "div",
      { id: `about-${layer.id}`, class: "about", "data-layer": layer.id, hidden: !open },
      ...more.flatMap((entries) => [
        put(h("h4"), fieldTitle(layer, entries[0].property ?? "", words.lang), words.language),
        signs(layer, entries, words, halo),
      ]),
      h(
        "p",
        {},
        h("span", {}, words.n("features", layer.count)),
        " · ",
        h("button", { type: "button", class: "plain", onclick: () => this.solo(layer.id) }, only),
      ),
      ...parts.map((text) => put(h("p"), say(text, words.lang), words.language)),
    );
  }

  /** uncertainty shows once, by the layer where it matters most, how what only possibly holds looks. */
  private uncertainty(layers: readonly Dressed[], words: Words, halo: string): HTMLElement | null {
    const told = layers.filter(({ layer }) => layer.ends === "uncertain" || layer.style?.uncertain);
    const merged = ({ layer }: Dressed): number => Number(layer.style?.merge ?? false);
    const [example] = [...told].sort((a, b) => merged(b) - merged(a));
    if (!example) return null;
    const { layer, styles } = example;
    const [entry] = legendEntries(layer, styles);
    const props = entry.property && entry.value ? { [entry.property]: entry.value } : {};
    const doubtful = { ...entry, brush: styles.brush(props, true) };
    return h(
      "section",
      { class: "base" },
      h(
        "ul",
        { class: "entries" },
        h("li", {}, swatch(layer, doubtful, true, halo), h("span", {}, words.t("uncertainEntry"))),
      ),
    );
  }

  private baseMap(base: readonly Dressed[], words: Words, halo: string): HTMLElement | null {
    const told = base.filter(({ layer }) => layer.legend);
    if (told.length === 0) return null;
    return h(
      "section",
      { class: "base" },
      h("h3", {}, words.t("baseMap")),
      h(
        "ul",
        { class: "entries" },
        ...told.map(({ layer, styles }) =>
          h(
            "li",
            {},
            swatch(layer, legendEntries(layer, styles)[0], false, halo),
            put(h("span"), say(layer.legend, words.lang), words.language),
          ),
        ),
      ),
    );
  }

  private button(name: "download", text: string, onclick: () => void): HTMLElement {
    return h("button", { type: "button", class: `tool ${name}`, "aria-label": text, title: text, onclick }, icon(name));
  }

  private changed(): void {
    this.options.onLayers([...this.boxes].filter(([, box]) => box.checked).map(([id]) => id));
  }

  /** solo shows one layer alone; a second time, all. */
  private solo(id: string): void {
    const alone = this.on.length === 1 && this.on[0] === id;
    this.options.onLayers(alone ? [...this.boxes.keys()] : [id]);
  }
}

/** signs lists what each look means. */
function signs(layer: Layer, entries: readonly LegendEntry[], words: Words, halo: string): HTMLElement {
  return h(
    "ul",
    { class: "entries" },
    ...entries.map((entry) => {
      const said = fieldValue(layer, entry.property ?? "", entry.value, words.lang);
      return h("li", {}, swatch(layer, entry, false, halo), put(h("span"), said, words.language));
    }),
  );
}

/** signOf tells what kind of sign stands for a layer. */
export function signOf({ geometry, style }: Layer): "polygon" | "line" | "point" {
  if (geometry === "line" || style?.kind === "line") return "line";
  return geometry === "point" || style?.kind === "symbol" || style?.kind === "circle" ? "point" : "polygon";
}

function swatch(layer: Layer, entry: LegendEntry, uncertain: boolean, halo: string): HTMLCanvasElement {
  const canvas = h("canvas", { class: "swatch", "aria-hidden": "true" });
  paintSwatch(canvas, entry.brush, signOf(layer), uncertain, halo);
  return canvas;
}
