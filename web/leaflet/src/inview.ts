/** "In view now": the map's equal for who can't see a canvas, and a quick index for who can. */

import { nameOf, say } from "./atlas.ts";
import { h, put } from "./dom.ts";
import type { Choice } from "./popup.ts";
import type { Words } from "./words.ts";

const most = 60; // names of one layer that are listed

export class InView {
  readonly element: HTMLDetailsElement;
  private readonly summary = h("summary");
  private readonly list = h("div");
  private choices: readonly Choice[] = [];
  private words!: Words;

  private readonly table: HTMLButtonElement;

  constructor(
    private readonly onFeature: (feature: string) => void,
    onTable: () => void,
  ) {
    this.table = h("button", { type: "button", class: "plain", onclick: onTable });
    this.element = h(
      "details",
      { class: "in-view" },
      this.summary,
      h("p", { class: "as-table" }, this.table),
      this.list,
    );
    this.element.addEventListener("toggle", () => this.render());
  }

  speak(words: Words): void {
    this.words = words;
    this.table.textContent = words.t("table");
    this.show(this.choices);
  }

  /** show takes what is in view, each feature once, top layer first. The list is written only while it is open. */
  show(choices: readonly Choice[]): void {
    this.choices = choices;
    const { words } = this;
    this.summary.replaceChildren(
      h("span", {}, words.t("inView")),
      h("span", { class: "number" }, words.number(choices.length)),
    );
    this.render();
  }

  private render(): void {
    if (!this.element.open) return;
    const { words } = this;
    // The list is often written anew while someone is in it: the focus stays with the same feature.
    const focused = (document.activeElement as HTMLElement | null)?.dataset.feature;
    const groups = new Map<string, Choice[]>();
    for (const choice of this.choices) {
      const group = groups.get(choice.layer.id);
      if (group) group.push(choice);
      else groups.set(choice.layer.id, [choice]);
    }
    this.list.replaceChildren(
      ...[...groups.values()].flatMap((group) => [
        h(
          "h4",
          {},
          put(h("span"), say(group[0].layer.title, words.lang), words.language),
          ` (${words.number(group.length)})`,
        ),
        h(
          "ul",
          {},
          ...group.slice(0, most).map((choice) => {
            const name = nameOf(choice.layer, choice.props, words.lang);
            const button = h("button", {
              type: "button",
              "data-feature": choice.feature,
              onclick: () => this.onFeature(choice.feature),
            });
            return h(
              "li",
              {},
              put(button, name.text ? name : { text: words.t("untitled"), lang: words.language }, words.language),
            );
          }),
          group.length > most ? h("li", { class: "quiet" }, words.n("more", group.length - most)) : null,
        ),
      ]),
    );
    if (this.choices.length === 0) this.list.append(h("p", { class: "quiet" }, words.t("nothingInView")));
    if (focused) this.list.querySelector<HTMLElement>(`[data-feature="${CSS.escape(focused)}"]`)?.focus();
  }
}
