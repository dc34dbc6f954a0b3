/** Where all that is in view comes from: each source once, with what it is a source of. */

import { fetchItems, Trouble } from "./api.ts";
import { type Layer, nameOf, say } from "./atlas.ts";
import { h, put } from "./dom.ts";
import { Frame, tell } from "./frame.ts";
import type { Host, Panel } from "./panels.ts";
import type { Choice } from "./popup.ts";
import { reference, type Source, sourceKey, sourcesIn } from "./reference.ts";

/** Features of a layer that are asked for, and sources that are listed, at once. */
const mostFeatures = 2000;
const mostSources = 100;

interface Cited {
  readonly source: Source;
  readonly choices: Choice[];
}

type Filter = "all" | "verified" | "unverified";

export class Sources implements Panel {
  private readonly frame: Frame;
  private abort: AbortController | null = null;
  private asked = "";
  private filter: Filter = "all";
  private limit = mostSources;
  private cited: readonly Cited[] = [];
  private features = 0;
  private bare = 0;
  private cut = false;

  constructor(
    private readonly host: Host,
    slot: HTMLElement,
  ) {
    this.frame = new Frame(host, slot, "sources");
  }

  update(): void {
    const { host } = this;
    const words = host.words();
    this.frame.title(words.t("sources"));
    const choices = host.inView();
    const ids = choices.map((c) => c.feature).join("\n");
    const key = `${words.lang}\n${ids}`;
    if (key === this.asked) return;
    this.asked = key;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    if (this.cited.length === 0) this.frame.body.replaceChildren(h("p", { class: "quiet" }, words.t("loading")));
    this.gather(choices, abort.signal).then(
      () => this.render(),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof Trouble)) throw error;
        this.asked = "";
        this.frame.body.replaceChildren(
          h("p", { class: "wrong", role: "alert" }, words.t("serverGone")),
          h("button", { type: "button", class: "plain", onclick: () => this.update() }, words.t("tryAgain")),
        );
      },
    );
  }

  focus(): void {
    this.frame.focus();
  }

  /** gather asks for the features in view, layer by layer, and turns them round: from features to sources. */
  private async gather(choices: readonly Choice[], signal: AbortSignal): Promise<void> {
    const { host } = this;
    const groups = new Map<Layer, Map<string, Choice>>();
    for (const choice of choices) {
      const group = groups.get(choice.layer) ?? new Map<string, Choice>();
      groups.set(choice.layer, group.set(choice.feature, choice));
    }
    const { time } = host.state.get();
    const found = new Map<string, Cited>();
    let [features, bare, cut] = [0, 0, false];
    const answers = await Promise.all(
      [...groups].map(async ([layer, wanted]) => ({
        layer,
        wanted,
        items: await fetchItems(layer.id, { time, bbox: host.bounds(), limit: mostFeatures }, signal),
      })),
    );
    for (const { layer, wanted, items } of answers) {
      cut ||= items.matched > items.features.length;
      for (const { id, properties } of items.features) {
        const choice = wanted.get(`${layer.id}/${id}`);
        if (!choice) continue;
        features++;
        const sources = sourcesIn(properties[layer.sources ?? "sources"]);
        if (sources.length === 0) bare++;
        for (const source of sources) {
          const key = sourceKey(source);
          const cited = found.get(key) ?? { source, choices: [] };
          found.set(key, cited);
          cited.choices.push(choice);
        }
      }
    }
    const cited = [...found.values()].sort((a, b) => b.choices.length - a.choices.length);
    Object.assign(this, { cited, features, bare, cut, limit: mostSources });
  }

  private render(): void {
    const { host, cited } = this;
    const words = host.words();
    const verified = cited.filter(({ source }) => source.verified === true).length;
    const unverified = cited.filter(({ source }) => source.verified === false).length;
    const chosen = cited.filter(
      ({ source }) =>
        this.filter === "all" || (this.filter === "verified" ? source.verified === true : source.verified === false),
    );
    const filter = (name: Filter, text: string): HTMLElement =>
      h(
        "button",
        {
          type: "button",
          class: "chip small",
          "aria-pressed": String(this.filter === name),
          "data-filter": name,
          onclick: () => {
            this.filter = name;
            this.render();
            this.frame.body.querySelector<HTMLElement>(`[data-filter="${name}"]`)?.focus();
          },
        },
        text,
      );
    const rest = chosen.length - this.limit;
    this.frame.body.replaceChildren(
      h(
        "p",
        {},
        cited.length > 0
          ? `${tell(words, "sourcesOf", {}, cited.length)} ${tell(words, "inViewFrom", {}, this.features)}`
          : tell(words, "noSources"),
      ),
      this.bare > 0 && cited.length > 0 ? h("p", { class: "quiet" }, tell(words, "withoutSource", {}, this.bare)) : "",
      this.cut ? h("p", { class: "quiet" }, tell(words, "partOnly")) : "",
      verified + unverified > 0
        ? h(
            "div",
            { class: "filters", role: "group", "aria-label": words.t("sources") },
            filter("all", tell(words, "anySource")),
            filter("verified", tell(words, "verifiedCount", {}, verified)),
            filter("unverified", tell(words, "unverifiedCount", {}, unverified)),
          )
        : "",
      h("ol", { class: "source-list" }, ...chosen.slice(0, this.limit).map((c) => this.entry(c))),
      rest > 0
        ? h(
            "button",
            {
              type: "button",
              class: "plain",
              onclick: () => {
                this.limit += mostSources;
                this.render();
              },
            },
            tell(words, "moreSources", {}, rest),
          )
        : "",
      this.layers(),
      h(
        "p",
        { class: "foot" },
        h(
          "button",
          { type: "button", class: "action second", onclick: () => host.open("share") },
          tell(words, "share"),
        ),
      ),
    );
  }

  private entry({ source, choices }: Cited): HTMLElement {
    const words = this.host.words();
    const list = h("ul");
    const details = h(
      "details",
      {
        ontoggle: () => {
          if (!details.open || list.children.length > 0) return;
          list.append(
            ...choices.map(({ feature, layer, props }) => {
              const name = nameOf(layer, props, words.lang);
              const button = h("button", { type: "button", onclick: () => this.open(feature) });
              return h(
                "li",
                {},
                put(button, name.text ? name : { text: words.t("untitled"), lang: words.language }, words.language),
              );
            }),
          );
        },
      },
      h("summary", {}, tell(words, "supports", {}, choices.length)),
      list,
    );
    return h("li", {}, ...sourceLine(source, this.host), details);
  }

  private open(feature: string): void {
    this.host.state.set({ feature });
    this.host.details(feature);
  }

  /** layers says of each layer that is on whose it is. */
  private layers(): HTMLElement {
    const { host } = this;
    const words = host.words();
    const on = host.atlas.layers.filter(({ id }) => host.state.get().layers.includes(id));
    return h(
      "section",
      { class: "sources" },
      h("h3", {}, tell(words, "layersFrom")),
      h(
        "ul",
        {},
        ...on.map((layer) => {
          const { name, url } = layer.licence ?? {};
          const licence = say(name, words.lang).text;
          const whose = say(layer.attribution, words.lang);
          return h(
            "li",
            {},
            put(h("strong"), say(layer.title, words.lang), words.language),
            whose.text ? put(h("p", { class: "quiet" }), whose, words.language) : null,
            licence && !whose.text.includes(licence)
              ? h(
                  "p",
                  { class: "quiet" },
                  url && /^https?:/.test(url)
                    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer license" }, licence)
                    : licence,
                )
              : null,
          );
        }),
      ),
    );
  }
}

/** sourceLine writes a source: its title, whence and when, and whether someone has looked it up. */
export function sourceLine(source: Source, host: Pick<Host, "words">): Node[] {
  const words = host.words();
  const { title, origin } = reference(source, words.language, words.commas(["", ""]));
  const link =
    source.url && /^https?:\/\/\S+$/.test(source.url)
      ? h("a", { href: source.url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, title)
      : h("span", { dir: "auto" }, title);
  const nodes: Node[] = [link];
  if (origin) nodes.push(h("span", { class: "origin" }, h("bdi", {}, origin)));
  if (source.verified !== undefined) {
    const kind = source.verified ? "verified" : "unverified";
    nodes.push(h("span", { class: `badge ${kind}` }, words.t(kind)));
  }
  return nodes;
}
