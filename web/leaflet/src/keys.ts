/** What keys do to the time, and how the page says which time it shows. Pure. */

import { describePeriod, type Period } from "./instant.ts";
import { isDay, type Unit } from "./scale.ts";
import type { Words } from "./words.ts";

/** What a key asks of the time. */
export type TimeAction =
  | { readonly do: "step"; readonly unit: Unit; readonly n: 1 | -1 }
  | { readonly do: "first" | "last" | "play" | "previous" | "next" };

/** The parts of a KeyboardEvent that matter here. */
export interface KeyPress {
  readonly key: string;
  readonly code?: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** Signs by the place of their key, without and with Shift. */
const signs: Readonly<Record<string, readonly [string, string]>> = {
  Slash: ["/", "?"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
};

/** latinKey is the key that was pressed as a Latin keyboard names it: on an Arabic one the T gives ف and the / gives ظ. */
export function latinKey({ key, code = "", shiftKey }: KeyPress): string {
  if (key.length !== 1 || key < "\u0080") return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1].toLowerCase();
  return letter ?? signs[code]?.[shiftKey ? 1 : 0] ?? key;
}

const lettersKey = "kharita.letters";

/**
 * lettersAnywhere tells whether letters work wherever the focus is, and not on the map and the time control alone. Who
 * speaks to a computer, or presses keys by accident, can turn it off (WCAG 2.2, 2.1.4).
 */
export function lettersAnywhere(): boolean {
  try {
    return localStorage.getItem(lettersKey) !== "off";
  } catch {
    return true; // nothing may be kept here
  }
}

/** setLettersAnywhere turns that on or off, for the next time as well where something may be kept. */
export function setLettersAnywhere(on: boolean): void {
  try {
    localStorage.setItem(lettersKey, on ? "on" : "off");
  } catch (error) {
    console.info(error);
  }
}

/**
 * timeAction reads a key: arrows a day, with Shift a month, PageUp and PageDown a year, Home, End, Space, [ and ].
 * From right to left time runs to the left, so the left arrow goes on. Without arrows (on the map, which pans by
 * them) only the other keys count. Null if the key means nothing here.
 */
export function timeAction(press: KeyPress, rtl: boolean, arrows = true): TimeAction | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const unit: Unit = press.shiftKey ? "month" : "day";
  switch (latinKey(press)) {
    case "ArrowRight":
      return arrows ? { do: "step", unit, n: rtl ? -1 : 1 } : null;
    case "ArrowLeft":
      return arrows ? { do: "step", unit, n: rtl ? 1 : -1 } : null;
    case "ArrowUp":
      return arrows ? { do: "step", unit, n: 1 } : null;
    case "ArrowDown":
      return arrows ? { do: "step", unit, n: -1 } : null;
    case "PageUp":
      return { do: "step", unit: "year", n: 1 };
    case "PageDown":
      return { do: "step", unit: "year", n: -1 };
    case "Home":
      return { do: "first" };
    case "End":
      return { do: "last" };
    case " ":
      return { do: "play" };
    case "[":
      return { do: "previous" };
    case "]":
      return { do: "next" };
  }
  return null;
}

/** What a period shows, for people: a day by itself, anything longer as "at any time in …". */
export function shownText(time: Period, words: Words): string {
  if (time.start === null && time.end === null) return words.t("allTime");
  const text = describePeriod(time, words.language);
  return isDay(time) ? text : words.t("anyTime", { time: text });
}
