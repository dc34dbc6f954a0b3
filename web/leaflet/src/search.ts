/** Search in both scripts: a field over the page, and a list that the keys go through without leaving the field. */

import { type Hit, searchNames, Trouble } from "./api.ts";
import { say } from "./atlas.ts";
import { h, idle, put } from "./dom.ts";
import { dialogHead, modal, nearest, saidDates, tell, validOf } from "./frame.ts";
import { shownText } from "./keys.ts";
import type { Dialog, Host } from "./panels.ts";
import type { View } from "./state.ts";

export class Search implements Dialog {
  private readonly dialog = modal("search");
  private readonly input = h("input", {
    type: "text",
    enterkeyhint: "search",
    role: "combobox",
    id: "search-field",
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    maxlength: 80,
    "aria-autocomplete": "list",
    "aria-controls": "search-list",
    "aria-expanded": "false",
  });
  private readonly list = h("ul", { id: "search-list", role: "listbox" });
  private readonly status = h("p", { class: "quiet", role: "status" });
  private hits: readonly Hit[] = [];
  private active = -1;
  private abort: AbortController | null = null;
  private asked = "";

  constructor(private readonly host: Host) {
    const later = idle(() => void this.ask(), 160);
    this.input.addEventListener("input", () => {
      this.direct();
      later();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.abort?.abort());
  }

  open(): void {
    const words = this.host.words();
    const hint = tell(words, "searchHint");
    this.input.placeholder = hint;
    this.direct();
    this.input.setAttribute("aria-label", words.t("search"));
    this.list.setAttribute("aria-label", tell(words, "searchResults"));
    this.dialog.replaceChildren(dialogHead(this.dialog, words, words.t("search")), this.input, this.status, this.list);
    this.asked = "";
    this.dialog.showModal();
    this.input.focus();
    this.input.select();
    void this.ask();
  }

  /** direct lets what is written run as its letters do, and the hint as the page does. */
  private direct(): void {
    this.input.dir = this.input.value === "" ? this.host.words().dir : "auto";
  }

  private async ask(): Promise<void> {
    const words = this.host.words();
    const text = this.input.value.trim();
    const key = `${words.lang}|${text}`;
    if (key === this.asked) return;
    this.asked = key;
    this.abort?.abort();
    if (text === "") {
      this.show([], "");
      return;
    }
    const abort = new AbortController();
    this.abort = abort;
    try {
      const hits = await searchNames(text, words.lang, abort.signal);
      if (abort.signal.aborted) return;
      this.show(hits, hits.length > 0 ? tell(words, "found", {}, hits.length) : tell(words, "nothingFound"));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.asked = "";
      this.show([], tell(words, "searchFailed"));
    }
  }

  private show(hits: readonly Hit[], status: string): void {
    const words = this.host.words();
    const { time } = this.host.state.get();
    this.hits = hits;
    this.status.textContent = status;
    this.list.replaceChildren(
      ...hits.map((hit, i) => {
        const name = say(hit.names, words.lang);
        const other = Object.entries(hit.names).find(([lang, text]) => lang !== name.lang && text !== name.text);
        const dates = saidDates(hit.start, hit.end, words);
        const then = nearest(time, this.valid(hit)) !== null ? tell(words, "notThen") : "";
        return h(
          "li",
          { role: "option", id: `hit-${i}`, "aria-selected": "false", onclick: () => this.choose(hit) },
          put(
            h("span", { class: "choice-name" }),
            name.text ? name : { text: words.t("untitled"), lang: words.lang },
            words.lang,
          ),
          other ? h("span", { class: "hit-other", lang: other[0], dir: "auto" }, other[1]) : null,
          h(
            "span",
            { class: "choice-layer" },
            h("bdi", {}, hit.title),
            ...[dates, then].flatMap((t) => (t ? [" · ", h("bdi", {}, t)] : [])),
          ),
        );
      }),
    );
    this.input.setAttribute("aria-expanded", String(hits.length > 0));
    this.activate(hits.length > 0 ? 0 : -1);
  }

  private activate(i: number): void {
    this.active = i;
    [...this.list.children].forEach((option, k) => {
      option.setAttribute("aria-selected", String(k === i));
    });
    if (i < 0) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", `hit-${i}`);
    this.list.children[i].scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    const last = this.hits.length - 1;
    const to: Record<string, number> = {
      ArrowDown: this.active >= last ? 0 : this.active + 1,
      ArrowUp: this.active <= 0 ? last : this.active - 1,
      PageDown: last,
      PageUp: 0,
    };
    if (event.key in to && last >= 0) this.activate(to[event.key]);
    else if (event.key === "Enter") {
      const hit = this.hits[this.active];
      if (hit) this.choose(hit);
    } else return;
    event.preventDefault();
  }

  private valid(hit: Hit) {
    const layer = this.host.atlas.layers.find(({ id }) => id === hit.collection);
    return validOf(hit.start, hit.end, layer?.ends);
  }

  /** choose shows a hit: its place, a time in which it holds, its layer, and what is known of it. */
  private choose(hit: Hit): void {
    const { host } = this;
    const words = host.words();
    const view = host.state.get();
    const ours = host.atlas.layers.some(({ id }) => id === hit.collection);
    const patch: { -readonly [K in keyof View]?: View[K] } = {};
    const time = ours ? nearest(view.time, this.valid(hit)) : null;
    if (time) {
      patch.time = time;
      const name = say(hit.names, words.lang).text;
      host.say(tell(words, "timeMoved", { name, time: shownText(time, words) }));
    }
    if (ours) {
      patch.feature = `${hit.collection}/${hit.id}`;
      patch.layers = host.atlas.layers
        .map(({ id }) => id)
        .filter((id) => id === hit.collection || view.layers.includes(id));
    }
    if (hit.bbox) Object.assign(patch, host.aim({ bbox: hit.bbox, most: 10 }));
    this.dialog.close();
    host.state.set({ ...patch, panel: null });
    if (patch.feature) host.details(patch.feature);
  }
}
