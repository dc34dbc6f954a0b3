/** The story: a text for each step; what a step shows is a View like any other, so it can be shared and left. */

import { say } from "./atlas.ts";
import { h, icon, put } from "./dom.ts";
import { Frame, paragraphs, tell } from "./frame.ts";
import { shownText } from "./keys.ts";
import { type Host, type Panel, stepView } from "./panels.ts";
import { parseTime } from "./url.ts";

export class Story implements Panel {
  private readonly frame: Frame;
  private readonly steps;
  private shown = "";

  constructor(
    private readonly host: Host,
    slot: HTMLElement,
  ) {
    this.frame = new Frame(host, slot, "story");
    this.steps = host.atlas.story ?? [];
    slot.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const on = host.words().dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      const back = host.words().dir === "rtl" ? "ArrowRight" : "ArrowLeft";
      if (event.key === on) this.go(this.step() + 1, "heading");
      else if (event.key === back) this.go(this.step() - 1, "heading");
      else return;
      event.preventDefault();
    });
  }

  update(): void {
    const words = this.host.words();
    const n = this.step();
    const key = `${n}|${words.lang}`;
    if (key === this.shown) return;
    this.shown = key;
    const step = this.steps[n - 1];
    if (!step) return;
    const number = (i: number): string => words.number(i);
    const title = say(step.title, words.lang);
    this.frame.title(title.text, tell(words, "stepOf", { step: number(n), steps: number(this.steps.length) }));
    put(this.frame.heading, title, words.language);
    const time = step.time ? parseTime(step.time) : null;
    const { feature } = step;
    const list = h(
      "details",
      { class: "steps-list" },
      h("summary", {}, tell(words, "allSteps")),
      h(
        "ol",
        {},
        ...this.steps.map((s, i) =>
          h(
            "li",
            {},
            put(
              h("button", {
                type: "button",
                "aria-current": i + 1 === n ? "step" : null,
                onclick: () => this.go(i + 1, "heading"),
              }),
              say(s.title, words.lang),
              words.language,
            ),
          ),
        ),
      ),
    );
    this.frame.body.replaceChildren(
      time ? h("p", { class: "story-time" }, shownText(time, words)) : "",
      ...paragraphs(step.text, words),
      feature
        ? h(
            "p",
            { class: "foot" },
            h(
              "button",
              { type: "button", class: "plain", onclick: () => this.details(feature) },
              tell(words, "stepFeature"),
            ),
          )
        : "",
      h(
        "div",
        { class: "story-steps" },
        this.move("back", "previousStep", n - 1),
        h(
          "span",
          { class: "dots", "aria-hidden": "true" },
          ...this.steps.map((_, i) => h("span", { class: i + 1 === n ? "on" : null })),
        ),
        this.move("forth", "nextStep", n + 1),
      ),
      list,
    );
    this.frame.body.scrollTop = 0;
  }

  focus(): void {
    this.frame.focus();
  }

  private details(feature: string): void {
    this.host.state.set({ feature });
    this.host.details(feature);
  }

  private step(): number {
    return this.host.state.get().step ?? 1;
  }

  private move(kind: "back" | "forth", key: "previousStep" | "nextStep", to: number): HTMLElement {
    const text = tell(this.host.words(), key);
    const inside = kind === "back" ? [icon("back"), text] : [text, icon("forth")];
    return h(
      "button",
      {
        type: "button",
        class: `action ${kind === "back" ? "second" : ""}`,
        disabled: to < 1 || to > this.steps.length,
        "data-go": kind,
        onclick: () => this.go(to, kind),
      },
      ...inside,
    );
  }

  /** go shows a step; the focus stays on the button that led there, or goes to the heading. */
  private go(n: number, from: "back" | "forth" | "heading"): void {
    if (n < 1 || n > this.steps.length) return;
    this.host.state.set({ ...stepView(this.host, n), step: n });
    this.update();
    const button = this.frame.body.querySelector<HTMLButtonElement>(`[data-go="${from}"]`);
    if (button && !button.disabled) button.focus({ preventScroll: true });
    else this.frame.focus();
  }
}
