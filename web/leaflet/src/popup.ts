/** The drawer: what is known of one feature, or which features lie under a click. */

import { fetchItem, type Item, itemUrl, Trouble } from "./api.ts";
import { fieldTitle, fieldValue, type Layer, nameOf, type Properties, type Said, say } from "./atlas.ts";
import { h, icon, put } from "./dom.ts";
import { tell } from "./frame.ts";
import { describe, type Period } from "./instant.ts";
import { reference, type Source, sourcesIn } from "./reference.ts";
import { type Standing, standing, type Times } from "./tile.ts";
import type { Words } from "./words.ts";

/** A feature that can be chosen: "layer/id", and what the tile already tells of it. */
export interface Choice {
  readonly feature: string;
  readonly layer: Layer;
  readonly props: Properties;
  readonly times: Times | null;
}

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

export interface DrawerOptions {
  onFeature(feature: string | null): void;
  onTime(time: Period): void;
  /** The place of the feature that was asked for is known. */
  onItem(feature: string, box: Box): void;
  onCite(): void;
}

export class Drawer {
  private readonly heading = h("h2", { tabindex: -1 });
  private readonly kicker = h("p", { class: "kicker" });
  private readonly body = h("div", { class: "drawer-body" });
  private readonly close: HTMLButtonElement;
  private readonly back: HTMLButtonElement;
  private words!: Words;
  private time: Period = { start: null, end: null };
  private choices: readonly Choice[] = [];
  private choice: Choice | null = null;
  private item: Item | null = null;
  private abort: AbortController | null = null;
  private standingLine: HTMLElement | null = null;
  private returnTo: HTMLElement | null = null;

  constructor(
    readonly element: HTMLElement,
    private readonly options: DrawerOptions,
  ) {
    this.close = h("button", { type: "button", class: "tool", onclick: () => this.leave() }, icon("close"));
    this.back = h(
      "button",
      {
        type: "button",
        class: "tool",
        hidden: true,
        onclick: () => {
          this.choose(this.choices);
          this.options.onFeature(null);
        },
      },
      icon("back"),
    );
    element.replaceChildren(
      h("header", {}, this.back, h("div", { class: "head" }, this.kicker, this.heading), this.close),
      this.body,
    );
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.leave();
    });
  }

  /** speak writes everything anew in another language. */
  speak(words: Words): void {
    this.words = words;
    this.element.setAttribute("aria-label", tell(words, "details"));
    for (const [button, text] of [
      [this.close, words.t("close")],
      [this.back, tell(words, "backToList")],
    ] as const) {
      button.setAttribute("aria-label", text);
      button.title = text;
    }
    if (this.element.hidden) return;
    if (this.choice) this.render();
    else this.choose(this.choices);
  }

  /** at tells the time shown, which decides how the feature stands. */
  at(time: Period): void {
    this.time = time;
    this.renderStanding();
  }

  /** choose lists several features to choose from. */
  choose(choices: readonly Choice[]): void {
    this.abort?.abort();
    this.choice = null;
    this.item = null;
    this.choices = choices;
    this.back.hidden = true;
    this.kicker.textContent = "";
    this.heading.textContent = tell(this.words, "thingsHere", {}, choices.length);
    this.heading.removeAttribute("lang");
    this.body.replaceChildren(
      h(
        "ul",
        { class: "choices" },
        ...choices.map((choice) => {
          const { words } = this;
          return h(
            "li",
            {},
            h(
              "button",
              { type: "button", onclick: () => this.options.onFeature(choice.feature) },
              put(h("span", { class: "choice-name" }), this.name(choice), words.language),
              put(h("span", { class: "choice-layer" }), say(choice.layer.title, words.lang), words.language),
            ),
          );
        }),
      ),
    );
    this.open();
  }

  /** show opens one feature; the list that it was chosen from stays at hand if it is in it. */
  show(choice: Choice): void {
    const again = this.choice?.feature === choice.feature;
    if (again && this.item) {
      if (choice.times) this.choice = choice;
      this.renderStanding();
      return;
    }
    this.choice = choice;
    if (!this.choices.some((c) => c.feature === choice.feature)) this.choices = [];
    this.back.hidden = this.choices.length < 2;
    this.item = null;
    this.render();
    this.open();
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    fetchItem(choice.feature, abort.signal).then(
      (item) => {
        this.item = item;
        this.render();
        const box = boxOf(item.geometry);
        if (box) this.options.onItem(choice.feature, box);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const { words } = this;
        const refused = error instanceof Trouble && error.kind === "refused";
        this.body.replaceChildren(
          h("p", { class: "wrong", role: "alert" }, refused ? tell(words, "noFeature") : words.t("serverGone")),
          refused
            ? ""
            : h("button", { type: "button", class: "plain", onclick: () => this.retry() }, words.t("tryAgain")),
        );
      },
    );
  }

  /** choosing reports whether the drawer asks which feature is meant. */
  choosing(): boolean {
    return !this.element.hidden && this.choice === null;
  }

  /** forget drops the list that the next feature was not chosen from. */
  forget(): void {
    this.choices = [];
  }

  hide(): void {
    if (this.element.hidden) return;
    this.abort?.abort();
    const held = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.choice = null;
    this.item = null;
    this.choices = [];
    if (held) this.returnTo?.focus();
    this.returnTo = null;
  }

  /** focus moves the keyboard into the drawer; closing it gives the focus back. */
  focus(): void {
    this.returnTo = document.activeElement as HTMLElement | null;
    this.heading.focus();
  }

  private leave(): void {
    this.hide();
    this.options.onFeature(null);
  }

  private retry(): void {
    const { choice } = this;
    this.choice = null;
    if (choice) this.show(choice);
  }

  private open(): void {
    this.element.hidden = false;
    this.body.scrollTop = 0;
  }

  private name({ layer, props }: Choice): Said {
    const name = nameOf(layer, props, this.words.lang);
    return name.text ? name : { text: this.words.t("untitled"), lang: this.words.lang };
  }

  private render(): void {
    const { words, choice, item } = this;
    if (!choice) return;
    const { layer } = choice;
    const props = item?.properties ?? choice.props;
    put(this.kicker, say(layer.title, words.lang), words.language);
    put(this.heading, this.name({ ...choice, props }), words.language);
    this.standingLine = null;
    if (!item) {
      this.body.replaceChildren(h("p", { class: "quiet" }, words.t("loading")));
      return;
    }
    const rows = h("dl");
    const texts: Node[] = [];
    let sources: Node | null = null;
    for (const field of fieldsOf(layer, props)) {
      if (field === "name") continue;
      if (field === "dates") this.dates(rows, layer, props, choice);
      else if (field === "text") texts.push(...this.text(props));
      else if (field === "sources" || field === layer.sources) sources = this.sources(layer, props);
      else this.field(rows, layer, field, props[field]);
    }
    this.body.replaceChildren(
      rows,
      ...texts,
      sources ?? "",
      h(
        "p",
        { class: "foot" },
        h("a", { href: itemUrl(choice.feature), target: "_blank" }, tell(words, "asGeojson")),
        h("button", { type: "button", class: "plain", onclick: () => this.options.onCite() }, tell(words, "cite")),
      ),
    );
  }

  private dates(rows: HTMLElement, layer: Layer, props: Properties, choice: Choice): void {
    const { words } = this;
    const read = (name: string | undefined): string => {
      const value = name ? props[name] : undefined;
      return value === null || value === undefined ? "" : String(value);
    };
    const start = read(layer.time?.start);
    const end = read(layer.time?.end);
    let text: string;
    try {
      text = start || end ? describe(start, end, words.language) : tell(words, "alwaysShown");
    } catch {
      text = [start, end].filter(Boolean).join(" – "); // not read as a date: said as it stands
    }
    this.standingLine = h("p", { class: "standing" });
    rows.append(h("dt", {}, tell(words, "when")), h("dd", {}, h("p", {}, text), this.standingLine));
    this.choice = choice;
    this.renderStanding();
  }

  private renderStanding(): void {
    const { words, standingLine: line } = this;
    const times = this.choice?.times;
    if (!line || !times) return;
    const stands: Standing = standing(times, this.time);
    line.className = `standing ${stands}`;
    line.replaceChildren(tell(words, stands));
    if (stands !== "absent") return;
    const start = Number.isFinite(times.from) ? times.from : null;
    const end = Number.isFinite(times.until) ? times.until : null;
    line.append(
      " ",
      h(
        "button",
        { type: "button", class: "plain", onclick: () => this.options.onTime({ start, end }) },
        tell(words, "goToDates"),
      ),
    );
  }

  private text(props: Properties): Node[] {
    const { words } = this;
    const texts: Record<string, string> = {};
    for (const [name, value] of Object.entries(props)) {
      if (typeof value !== "string" || value === "") continue;
      if (name === "text") texts[""] = value;
      else if (name.startsWith("text_")) texts[name.slice(5)] = value;
    }
    const said = say(texts, words.lang);
    return said.text
      .split(/\n{2,}/)
      .flatMap((part) => (part ? [put(h("p", { class: "text" }), { ...said, text: part }, words.language)] : []));
  }

  private sources(layer: Layer, props: Properties): Node | null {
    const { words } = this;
    const list = sourcesIn(props[layer.sources ?? "sources"]);
    if (list.length === 0) return layer.sources ? h("p", { class: "quiet" }, words.t("noSource")) : null;
    return h(
      "section",
      { class: "sources" },
      h("h3", {}, words.t("sources")),
      h("ol", {}, ...list.map((source) => this.source(source))),
    );
  }

  private source(source: Source): HTMLElement {
    const { words } = this;
    const { title, origin } = reference(source, words.language, words.commas(["", ""]));
    const link = isWeb(source.url)
      ? h("a", { href: source.url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, title)
      : h("span", { dir: "auto" }, title);
    return h(
      "li",
      {},
      link,
      origin ? h("span", { class: "origin" }, h("bdi", {}, origin)) : null,
      source.verified === undefined
        ? null
        : h(
            "span",
            { class: `badge ${source.verified ? "verified" : "unverified"}` },
            words.t(source.verified ? "verified" : "unverified"),
          ),
    );
  }

  private field(rows: HTMLElement, layer: Layer, name: string, value: unknown): void {
    const { words } = this;
    if (value === null || value === undefined || value === "") return;
    const cell = h("dd");
    const unit = layer.fields?.[name]?.unit;
    if (typeof value === "boolean") cell.textContent = words.t(value ? "yes" : "no");
    else if (typeof value === "number" && !layer.fields?.[name]?.values) {
      cell.textContent = unit ? words.quantity(value, unit) : words.number(value);
    } else if (isWeb(value)) {
      cell.append(h("a", { href: value, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, value));
    } else if (Array.isArray(value)) {
      cell.textContent = words.list(value.map((v) => fieldValue(layer, name, v, words.lang).text));
    } else if (typeof value === "object") return;
    else put(cell, fieldValue(layer, name, value, words.lang), words.language);
    rows.append(put(h("dt"), fieldTitle(layer, name, words.lang), words.language), cell);
  }
}

/** fieldsOf is the sidecar's list, or else every property that is not shown by itself already. */
function fieldsOf(layer: Layer, props: Properties): readonly string[] {
  if (layer.popup && layer.popup.length > 0) return layer.popup;
  const special = new Set([
    ...Object.values(layer.name ?? {}),
    layer.time?.start,
    layer.time?.end,
    "valid_from",
    "valid_until",
    layer.sources ?? "sources",
  ]);
  const plain = Object.keys(props).filter((name) => !special.has(name) && !/^text(_|$)/.test(name));
  return ["name", "dates", ...plain, "text", "sources"];
}

function isWeb(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\/\S+$/.test(value);
}

/** boxOf is the box of a GeoJSON geometry: west, south, east, north; null if it has no place. */
function boxOf(geometry: unknown): Box | null {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [x, y] = value;
    if (typeof x === "number" && typeof y === "number") {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else value.forEach(visit);
  };
  const { coordinates, geometries } = (geometry ?? {}) as { coordinates?: unknown; geometries?: readonly unknown[] };
  visit(coordinates);
  for (const g of geometries ?? []) visit((g as { coordinates?: unknown }).coordinates);
  return box[0] <= box[2] ? box : null;
}
