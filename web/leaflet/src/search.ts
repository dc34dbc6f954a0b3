/** Search in both scripts: a field over the page, and a list that the keys go through without leaving the field. */

import { type Hit, searchNames, Trouble } from "./api.ts";
import { say } from "./atlas.ts";
import { h, idle, put } from "./dom.ts";
import { dialogHead, dismissable, nearest, saidDates, tell, validOf } from "./frame.ts";
import { shownText } from "./keys.ts";
import type { Dialog, Host } from "./panels.ts";
import type { View } from "./state.ts";

export class Search implements Dialog {
  private readonly dialog: HTMLDialogElement;
  private readonly input: HTMLInputElement;
  private readonly list = h("ul", { id: "search-list", role: "listbox" });
  private readonly status = h("p", { class: "quiet", role: "status" });
  private hits: readonly Hit[] = [];
  private active = -1;
  private abort: AbortController | null = null;
  private asked = "";

  constructor(private readonly host: Host) {
    // The field is there already, perhaps with something typed into it: it stays where it is.
    this.input = host.searchField;
    this.dialog = dismissable(this.input.closest("dialog") as HTMLDialogElement);
    for (const [name, value] of Object.entries({
      enterkeyhint: "search",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
    })) {
      this.input.setAttribute(name, value);
    }
    this.dialog.append(this.status, this.list);
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
    this.input.placeholder = tell(words, "searchHint");
    this.direct();
    this.list.setAttribute("aria-label", tell(words, "searchResults"));
    this.dialog.querySelector("header")?.remove();
    this.dialog.prepend(dialogHead(this.dialog, words, words.t("search")));
    this.asked = "";
    // What was left from the last time is marked, to be typed over; what is being typed is not.
    if (this.ready) this.input.select();
    this.ready = true;
    void this.ask();
  }
  private ready = false;

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
            name.text ? name : { text: words.t("untitled"), lang: words.language },
            words.language,
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
