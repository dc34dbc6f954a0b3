/** The table: all features of a layer at the time shown, the map's equal for who reads rather than looks. */

import { fetchItems, type Item, Trouble } from "./api.ts";
import { fieldTitle, fieldValue, type Layer, nameOf, type Said, say } from "./atlas.ts";
import { h, icon, put } from "./dom.ts";
import { datesOf, Frame, saidDates, tell, validOf } from "./frame.ts";
import type { Period } from "./instant.ts";
import { shownText } from "./keys.ts";
import type { Host, Panel } from "./panels.ts";
import type { Words } from "./words.ts";

const rowsOfPage = 100;
const mostRows = 10_000;

interface Cell extends Said {
  /** What the column is sorted by. */
  readonly by: string | number;
}

interface Row {
  readonly feature: string;
  readonly name: Said;
  readonly cells: readonly Cell[];
}

interface Column {
  readonly key: string;
  readonly title: Said;
}

export class Table implements Panel {
  private readonly frame: Frame;
  private readonly tools = h("div", { class: "table-tools" });
  private readonly status = h("p", { class: "quiet", role: "status" });
  private readonly sheet = h("div", { class: "sheet", tabindex: 0, role: "region" });
  private abort: AbortController | null = null;
  private asked = "";
  private items: readonly Item[] = [];
  private layer: Layer | null = null;
  private sorted: { key: string; down: boolean } = { key: "name", down: false };
  private page = 0;

  constructor(
    private readonly host: Host,
    slot: HTMLElement,
  ) {
    this.frame = new Frame(host, slot, "table");
    this.frame.body.append(this.tools, this.status, this.sheet);
  }

  update(): void {
    const { host } = this;
    const view = host.state.get();
    const words = host.words();
    const wanted = view.panel?.split("/")[1];
    const { layers } = host.atlas;
    const layer =
      layers.find(({ id }) => id === wanted) ?? layers.find(({ id }) => view.layers.includes(id)) ?? layers[0];
    if (!layer) return;
    const time = shownText(view.time, words);
    const title = say(layer.title, words.lang);
    this.frame.title(`${title.text}: ${time}`, tell(words, "table"));
    const select = h(
      "select",
      {
        id: "table-layer",
        onchange: () => {
          this.page = 0;
          host.state.set({ panel: `table/${select.value}` });
        },
      },
      ...layers.map((l) => h("option", { value: l.id, selected: l === layer }, say(l.title, words.lang).text)),
    );
    const focused = this.tools.contains(document.activeElement);
    this.tools.replaceChildren(
      h("label", { for: "table-layer" }, tell(words, "layer")),
      select,
      h(
        "button",
        { type: "button", class: "action second", onclick: () => host.close("table") },
        tell(words, "backToMap"),
      ),
    );
    if (focused) select.focus();
    const key = `${layer.id}|${view.time.start}|${view.time.end}`;
    if (key === this.asked) {
      this.render();
      return;
    }
    if (layer !== this.layer) {
      this.items = [];
      this.page = 0;
      this.sorted = { key: "name", down: false };
    }
    this.layer = layer;
    this.asked = key;
    this.ask(layer, view.time);
  }

  focus(): void {
    this.frame.focus();
  }

  private ask(layer: Layer, time: Period): void {
    const words = this.host.words();
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.status.textContent = words.t("loading");
    fetchItems(layer.id, { time, limit: mostRows }, abort.signal).then(
      ({ features }) => {
        this.items = features;
        this.page = 0;
        this.render();
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof Trouble)) throw error;
        this.asked = "";
        this.status.replaceChildren(
          words.t("serverGone"),
          " ",
          h("button", { type: "button", class: "plain", onclick: () => this.update() }, words.t("tryAgain")),
        );
      },
    );
  }

  private columns(layer: Layer, words: Words): Column[] {
    const own = (text: string): Said => ({ text, lang: words.lang });
    const skip = new Set(["name", "dates", "text", "sources", layer.sources, ...Object.values(layer.name ?? {})]);
    const named = (layer.popup ?? []).filter((field) => !skip.has(field));
    return [
      { key: "name", title: own(tell(words, "name")) },
      { key: "from", title: own(tell(words, "from")) },
      { key: "until", title: own(tell(words, "until")) },
      ...named.slice(0, 5).map((key) => ({ key, title: fieldTitle(layer, key, words.lang) })),
    ];
  }

  private row(layer: Layer, item: Item, columns: readonly Column[], words: Words): Row {
    const { properties } = item;
    const name = nameOf(layer, properties, words.lang);
    const { start, end } = datesOf(layer, properties);
    const valid = validOf(start, end, layer.ends);
    const cells = columns.map(({ key }): Cell => {
      if (key === "name") return { ...name, by: name.text };
      if (key === "from") return { ...this.date(start, words), by: valid.start ?? Number.NEGATIVE_INFINITY };
      if (key === "until") return { ...this.date(end, words), by: valid.end ?? Number.POSITIVE_INFINITY };
      const value = properties[key];
      if (value === null || value === undefined || typeof value === "object") return { text: "", lang: "", by: "" };
      if (typeof value === "boolean")
        return { text: words.t(value ? "yes" : "no"), lang: words.lang, by: Number(value) };
      if (typeof value === "number" && !layer.fields?.[key]?.values) {
        const unit = layer.fields?.[key]?.unit;
        return { text: unit ? words.quantity(value, unit) : words.number(value), lang: words.lang, by: value };
      }
      const said = fieldValue(layer, key, value, words.lang);
      return { ...said, by: said.text };
    });
    return {
      feature: `${layer.id}/${item.id}`,
      name: name.text ? name : { text: words.t("untitled"), lang: words.language },
      cells,
    };
  }

  private date(text: string, words: Words): Said {
    return { text: text === "" || text === ".." ? "…" : saidDates(text, text, words), lang: words.lang };
  }

  private render(): void {
    const { layer, host } = this;
    if (!layer) return;
    const words = host.words();
    const columns = this.columns(layer, words);
    const by = Math.max(
      0,
      columns.findIndex(({ key }) => key === this.sorted.key),
    );
    const compare = new Intl.Collator(words.language, { numeric: true }).compare;
    const rows = this.items.map((item) => this.row(layer, item, columns, words));
    rows.sort((a, b) => {
      const [x, y] = [a.cells[by].by, b.cells[by].by];
      if (x === "" || y === "") return Number(x === "") - Number(y === ""); // the empty ones last, either way
      const order = typeof x === "number" && typeof y === "number" ? x - y : compare(String(x), String(y));
      return this.sorted.down ? -order : order;
    });
    const from = this.page * rowsOfPage;
    const part = rows.slice(from, from + rowsOfPage);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    this.status.replaceChildren(
      rows.length === 0 ? tell(words, "noRows") : tell(words, "rows", {}, rows.length),
      this.pager(rows.length, from, words) ?? "",
    );
    this.sheet.setAttribute("aria-label", this.frame.heading.textContent ?? "");
    const { feature } = host.state.get();
    this.sheet.replaceChildren(
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...columns.map((column) => this.head(column, words)))),
        h(
          "tbody",
          {},
          ...part.map((row) =>
            h(
              "tr",
              { "aria-current": row.feature === feature ? "true" : null },
              ...row.cells.map((cell, i) =>
                i === 0
                  ? h(
                      "th",
                      { scope: "row" },
                      put(
                        h("button", { type: "button", "data-key": row.feature, onclick: () => this.open(row.feature) }),
                        row.name,
                        words.language,
                      ),
                    )
                  : put(
                      h("td", { class: typeof cell.by === "number" && i > 2 ? "number" : null }),
                      cell,
                      words.language,
                    ),
              ),
            ),
          ),
        ),
      ),
    );
    if (focused) this.frame.body.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  private head({ key, title }: Column, words: Words): HTMLElement {
    const { sorted } = this;
    const on = sorted.key === key;
    const button = h(
      "button",
      {
        type: "button",
        "data-key": `sort:${key}`,
        title: tell(words, "sortHint", { column: title.text }),
        onclick: () => {
          this.sorted = { key, down: on && !sorted.down };
          this.page = 0;
          this.render();
        },
      },
      put(h("span"), title, words.language),
      icon("sort"),
    );
    return h("th", { scope: "col", "aria-sort": on ? (sorted.down ? "descending" : "ascending") : "none" }, button);
  }

  private pager(n: number, from: number, words: Words): HTMLElement | null {
    if (n <= rowsOfPage) return null;
    const turn = (key: "earlierRows" | "laterRows", sign: "back" | "forth", to: number): HTMLElement => {
      const text = tell(words, key);
      return h(
        "button",
        {
          type: "button",
          class: "round",
          "aria-label": text,
          title: text,
          "data-key": key,
          disabled: to < 0 || to * rowsOfPage >= n,
          onclick: () => {
            this.page = to;
            this.render();
            this.sheet.scrollTop = 0;
          },
        },
        icon(sign),
      );
    };
    const number = (i: number): string => words.number(i);
    const until = Math.min(n, from + rowsOfPage);
    return h(
      "span",
      { class: "pager" },
      turn("earlierRows", "back", this.page - 1),
      tell(words, "page", { from: number(from + 1), to: number(until), n: number(n) }),
      turn("laterRows", "forth", this.page + 1),
    );
  }

  private open(feature: string): void {
    this.host.state.set({ feature });
    this.host.details(feature);
  }
}
