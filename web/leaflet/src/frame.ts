/** What panels and dialogs share: a head with a title and a way out, texts to copy, a feature's dates. */

import { type Layer, type Properties, say, type Text } from "./atlas.ts";
import { h, icon, put } from "./dom.ts";
import { type MoreKey, more } from "./i18n/more.ts";
import { describe, type Period, parseEdtf } from "./instant.ts";
import type { Host, PanelName } from "./panels.ts";
import { DAY, dayPeriod, isDay, isWholeYear, utc, yearOf } from "./scale.ts";
import type { Words } from "./words.ts";

/** tell says a text of these parts. */
export function tell(words: Words, key: MoreKey, params: Readonly<Record<string, string>> = {}, count = 0): string {
  return words.late(more, key, params, count);
}

/** Frame is the head of a panel in its slot, and the body under it. */
export class Frame {
  readonly heading = h("h2", { tabindex: -1 });
  readonly kicker = h("p", { class: "kicker" });
  readonly body = h("div", { class: "drawer-body" });
  private readonly out: HTMLButtonElement;

  constructor(
    private readonly host: Host,
    private readonly slot: HTMLElement,
    name: PanelName,
  ) {
    this.out = h("button", { type: "button", class: "tool", onclick: () => host.close(name) }, icon("close"));
    slot.replaceChildren(h("header", {}, h("div", { class: "head" }, this.kicker, this.heading), this.out), this.body);
  }

  /** title writes the head in the reader's language. */
  title(text: string, kicker = ""): void {
    const words = this.host.words();
    this.heading.textContent = text;
    this.kicker.textContent = kicker;
    this.kicker.hidden = kicker === "";
    this.slot.setAttribute("aria-label", text);
    const close = words.t("close");
    this.out.setAttribute("aria-label", close);
    this.out.title = close;
  }

  focus(): void {
    this.heading.focus({ preventScroll: true });
  }
}

/** modal makes a dialog. */
export function modal(kind: string): HTMLDialogElement {
  const dialog = h("dialog", { class: kind });
  document.body.append(dialog);
  return dismissable(dialog);
}

/** dismissable lets a click beside a dialog close it. */
export function dismissable(dialog: HTMLDialogElement): HTMLDialogElement {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

/** dialogHead is the title of a dialog and the button that closes it. */
export function dialogHead(dialog: HTMLDialogElement, words: Words, title: string): HTMLElement {
  const close = words.t("close");
  const id = `${dialog.className}-title`;
  dialog.setAttribute("aria-labelledby", id);
  return h(
    "header",
    {},
    h("h2", { id }, title),
    h(
      "button",
      { type: "button", class: "tool", "aria-label": close, title: close, onclick: () => dialog.close() },
      icon("close"),
    ),
  );
}

/** datesOf reads the texts of a feature's dates. */
export function datesOf(layer: Layer, props: Properties): { start: string; end: string } {
  const read = (name: string | undefined): string => {
    const value = name ? props[name] : undefined;
    return value === null || value === undefined ? "" : String(value);
  };
  return { start: read(layer.time?.start), end: read(layer.time?.end) };
}

/** saidDates writes dates for people, as they stand if they can't be read; "" for none. */
export function saidDates(start: string, end: string, words: Words): string {
  if (!start && !end) return "";
  try {
    return describe(start, end, words.language);
  } catch {
    return [start, end].filter(Boolean).join(" – ");
  }
}

/** validOf is the longest time that dates may cover; open where they can't be read. */
export function validOf(start: string, end: string, ends: "whole" | "uncertain" = "whole"): Period {
  const read = (text: string): Period => {
    try {
      return text === "" || text === ".." ? { start: null, end: null } : parseEdtf(text, ends).possible;
    } catch {
      return { start: null, end: null };
    }
  };
  return { start: read(start).start, end: read(end).end };
}

/**
 * nearest is the time in which something holds that is most like the one shown: a day stays a day, a year a year,
 * and it is the next to what was shown. Null if it holds then already.
 */
export function nearest(shown: Period, valid: Period): Period | null {
  const early = valid.start !== null && shown.end !== null && shown.end <= valid.start;
  const late = valid.end !== null && shown.start !== null && shown.start >= valid.end;
  if (!early && !late) return null;
  const at = early ? (valid.start ?? 0) : (valid.end ?? 0) - 1;
  if (isWholeYear(shown)) return { start: utc(yearOf(at), 0, 1), end: utc(yearOf(at) + 1, 0, 1) };
  if (isDay(shown)) return dayPeriod(at);
  const short = valid.start !== null && valid.end !== null && valid.end - valid.start < 400 * DAY;
  return short ? valid : dayPeriod(at);
}

/** paragraphs writes a text of several paragraphs. */
export function paragraphs(text: Text | undefined, words: Words): HTMLElement[] {
  const said = say(text, words.lang);
  return said.text
    .split(/\n\s*\n/)
    .flatMap((part) => (part ? [put(h("p", { class: "text" }), { ...said, text: part }, words.language)] : []));
}

/** copyable is a text in a field with a button that copies it. */
export function copyable(
  words: Words,
  label: string,
  rows: number,
  dir: "ltr" | "auto" = "ltr",
): { element: HTMLElement; set(text: string): void } {
  const id = `copy-${Math.random().toString(36).slice(2)}`;
  const field = h("textarea", { id, rows, readonly: true, dir, spellcheck: "false" });
  const said = h("span", { class: "quiet", role: "status" });
  const copy = async (): Promise<void> => {
    field.select();
    const done = await navigator.clipboard?.writeText(field.value).then(
      () => true,
      () => false,
    );
    // Without a secure connection there is no clipboard; the old way may still do.
    said.textContent = tell(words, done || document.execCommand("copy") ? "copied" : "notCopied");
  };
  const button = h(
    "button",
    { type: "button", class: "action second", onclick: () => void copy() },
    tell(words, "copy"),
  );
  return {
    element: h(
      "div",
      { class: "copyable" },
      h("label", { for: id }, label),
      field,
      h("p", { class: "links" }, button, said),
    ),
    set(text) {
      field.value = text;
      said.textContent = "";
    },
  };
}
