/** What the page has to tell: one line that passes, or one that stays until its cause is gone. */

import { h, icon } from "./dom.ts";
import type { Words } from "./words.ts";

const passingTime = 5000;

export class Notices {
  readonly element = h("div", { class: "notices", role: "status" });
  private readonly kept = new Map<string, () => string>();
  private passing = "";
  private timer = 0;
  private words: Words | null = null;

  speak(words: Words): void {
    this.words = words;
    this.passing = "";
    this.render();
  }

  /** say shows a line for a while. */
  say(text: string): void {
    this.passing = text;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.passing = "";
      this.render();
    }, passingTime);
    this.render();
  }

  /** keep shows a line, by its key, until it is dismissed or kept as null. text is asked again in another language. */
  keep(key: string, text: (() => string) | null): void {
    if (text) this.kept.set(key, text);
    else this.kept.delete(key);
    this.render();
  }

  private render(): void {
    const lines = [...this.kept].map(([key, text]) => {
      const label = this.words?.t("dismiss") ?? "";
      return h(
        "p",
        {},
        h("span", {}, text()),
        h(
          "button",
          { type: "button", class: "tool", "aria-label": label, title: label, onclick: () => this.keep(key, null) },
          icon("close"),
        ),
      );
    });
    if (this.passing) lines.push(h("p", {}, h("span", {}, this.passing)));
    this.element.replaceChildren(...lines);
  }
}
