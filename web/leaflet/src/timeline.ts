/** The time dock: it emits a Period and knows no layers. */

import { h, icon } from "./dom.ts";
import type { Instant, Period } from "./instant.ts";
import { describePeriod } from "./instant.ts";
import { shownText, timeAction } from "./keys.ts";
import {
  clamp,
  DAY,
  dayPeriod,
  isDay,
  nextChange,
  previousChange,
  startOfYear,
  step,
  TimeScale,
  utc,
  yearOf,
} from "./scale.ts";
import { sameTime } from "./state.ts";
import { parseTime } from "./url.ts";
import { localeOf, type Words } from "./words.ts";

const speeds = [7, 15, 30, 60, 120] as const;
const INSET = 12; // half the thumb
const FOOT = 26; // under the axis: the lower half of the thumb, and the years

/** What the dock tells a chart about where to draw: CSS pixels of its canvas, and its colours. */
export interface ChartBox {
  readonly x: (t: Instant) => number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly inset: number;
  readonly from: Instant;
  readonly until: Instant;
  readonly rtl: boolean;
  readonly line: string;
  readonly muted: string;
}

/** A chart in the dock. It may lay elements of its own over the canvas. */
export interface DockChart {
  readonly element: HTMLElement;
  paint(ctx: CanvasRenderingContext2D, box: ChartBox): void;
}

export interface TimelineOptions {
  readonly from: Instant;
  readonly until: Instant;
  /** The years that have chips; the slider gives them most of its room. */
  readonly years: readonly number[];
  onTime(time: Period): void;
  /** A change was gone to (null: there is none that way). */
  onChange(at: Instant | null): void;
}

export class Timeline {
  readonly element: HTMLElement;
  private scale: TimeScale;
  private chart: DockChart | null = null;
  private readonly options: TimelineOptions;
  private time: Period = { start: null, end: null };
  private words!: Words;
  private changes: readonly Instant[] = [];
  private marks: readonly { readonly at: Instant; readonly now: boolean }[] = [];
  private pending: Period | null = null;
  private frame = 0;
  private playing = 0;
  private speed = 60;
  /** Of the track, in CSS pixels: asking for it at each step would make the browser lay out the page anew. */
  private width = 0;
  private height = 0;
  /** What the canvas shows, to know whether it is still right: a day more or less moves only the cursor. */
  private drawn: readonly unknown[] = [];
  private dragging = false;
  private colors: Readonly<Record<"accent" | "line" | "muted" | "panel", string>> = {
    accent: "",
    line: "",
    muted: "",
    panel: "",
  };

  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private readonly cursor = h("div", { class: "cursor", "aria-hidden": "true" });
  private readonly slider = h("input", { type: "range", class: "slider", min: 0, step: 1 });
  private readonly main = h("span", { class: "date-main" });
  private readonly note = h("p", { class: "date-note" });
  private readonly edit = h("button", { type: "button", class: "date-edit", onclick: () => this.startEditing() });
  private readonly form = h("form", { class: "date-form", hidden: true });
  private readonly input = h("input", {
    type: "text",
    dir: "ltr",
    inputmode: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 60,
    "aria-describedby": "date-hint",
  });
  private readonly hint = h("p", { id: "date-hint", class: "date-hint", "aria-live": "polite" });
  private readonly previous = h("button", { type: "button", class: "round", onclick: () => this.go("previous") });
  private readonly playButton = h("button", { type: "button", class: "round play", onclick: () => this.togglePlay() });
  private readonly next = h("button", { type: "button", class: "round", onclick: () => this.go("next") });
  private readonly zoomButton = h("button", {
    type: "button",
    class: "round zoom",
    "aria-pressed": "false",
    onclick: () => this.zoom(this.zoomButton.getAttribute("aria-pressed") !== "true"),
  });
  private readonly speedSelect = h("select", { class: "speed" });
  private readonly chips = h("div", { class: "chips", role: "group" });
  private readonly track = h("div", { class: "track" });

  constructor(options: TimelineOptions) {
    this.options = options;
    this.scale = this.wholeScale();
    this.slider.max = String(this.scale.max);
    this.edit.append(this.main, icon("edit"));
    this.form.append(this.input, this.hint);
    this.track.append(this.canvas, this.cursor, this.slider);
    this.zoomButton.append(icon("stretch"));
    this.previous.append(icon("previous"));
    this.next.append(icon("next"));
    this.element = h(
      "section",
      { class: "dock" },
      h("div", { class: "date" }, this.edit, this.form, this.note),
      h(
        "div",
        { class: "steps", role: "group" },
        this.previous,
        this.playButton,
        this.next,
        this.zoomButton,
        this.speedSelect,
      ),
      this.chips,
      this.track,
    );
    this.slider.addEventListener("change", () => {
      this.dragging = false;
      this.follow();
    });
    this.slider.addEventListener("input", () => {
      this.dragging = true;
      this.stop();
      this.emit(dayPeriod(this.scale.day(Number(this.slider.value))));
    });
    this.slider.addEventListener("keydown", (event) => this.key(event, true));
    this.speedSelect.addEventListener("change", () => {
      this.speed = Number(this.speedSelect.value);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.endEditing();
    });
    this.form.addEventListener("focusout", (event) => {
      if (!this.form.contains(event.relatedTarget as Node | null)) this.endEditing(false);
    });
    new ResizeObserver(([entry]) => {
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      this.redraw();
    }).observe(this.track);
  }

  /** The span of the slider. */
  get from(): Instant {
    return this.scale.from;
  }

  get until(): Instant {
    return this.scale.until;
  }

  /** dress reads the colours of the page's present scheme. */
  dress(): void {
    const css = getComputedStyle(document.documentElement);
    const color = (name: string): string => css.getPropertyValue(`--${name}`).trim();
    this.colors = { accent: color("accent"), line: color("line"), muted: color("muted"), panel: color("panel") };
    this.redraw();
  }

  /** setChart puts a chart between the ticks and the axis; called again when it has something else to draw. */
  setChart(chart: DockChart): void {
    if (this.chart !== chart) {
      this.chart = chart;
      this.track.append(chart.element);
    }
    this.redraw();
  }

  private wholeScale(): TimeScale {
    const { from, until, years } = this.options;
    const focus = { from: startOfYear(Math.min(...years)), until: startOfYear(Math.max(...years) + 1) };
    return new TimeScale(from, until, years.length > 0 ? focus : undefined);
  }

  /** zoom gives the year shown most of the slider, so that its months are seen and its days are apart; or ends it. */
  private zoom(on: boolean): void {
    this.zoomButton.setAttribute("aria-pressed", String(on));
    this.setScale(on ? this.yearScale() : this.wholeScale());
  }

  private yearScale(): TimeScale {
    const { from, until } = this.options;
    const year = yearOf(this.place());
    return new TimeScale(from, until, { from: startOfYear(year), until: startOfYear(year + 1) });
  }

  private setScale(scale: TimeScale): void {
    this.scale = scale;
    this.slider.max = String(scale.max);
    this.show(this.time, this.changes, this.note.title);
    this.redraw();
  }

  /** follow keeps the year that is zoomed into the one shown; not while the thumb is held: it would run away. */
  private follow(): void {
    if (this.dragging || this.zoomButton.getAttribute("aria-pressed") !== "true") return;
    const at = this.place();
    if (at < this.scale.focus.from || at >= this.scale.focus.until) this.setScale(this.yearScale());
  }

  /** speak sets the language of everything that is written here. */
  speak(words: Words): void {
    this.words = words;
    const label = (element: HTMLElement, text: string): void => {
      element.setAttribute("aria-label", text);
      element.title = text;
    };
    this.element.setAttribute("aria-label", words.t("time"));
    this.slider.setAttribute("aria-label", words.t("timeSlider"));
    this.chips.setAttribute("aria-label", words.t("years"));
    label(this.previous, words.t("previousChange"));
    label(this.next, words.t("nextChange"));
    label(this.zoomButton, words.t("zoomYear"));
    label(this.speedSelect, words.t("speed"));
    this.edit.title = words.t("editDate");
    this.input.setAttribute("aria-label", words.t("editDate"));
    this.hint.textContent = words.t("dateHint");
    this.speedSelect.replaceChildren(
      ...speeds.map((days) =>
        h("option", { value: days, selected: days === this.speed }, words.n("daysASecond", days)),
      ),
    );
    this.chips.replaceChildren(
      ...this.options.years.map((y) => this.chip(String(y), { start: startOfYear(y), end: startOfYear(y + 1) })),
      this.chip(words.t("allTime"), { start: null, end: null }),
    );
    this.playFace();
    this.show(this.time, this.changes);
  }

  /** show sets the time, the instants that are marked, and what there is to say of the day. */
  show(time: Period, changes: readonly Instant[], happened = ""): void {
    const moved = !sameTime(time, this.time);
    this.time = time;
    this.changes = changes;
    const { words } = this;
    const open = time.start === null && time.end === null;
    const text = shownText(time, words);
    write(this.main, open ? words.t("allTime") : describePeriod(time, words.language));
    write(this.note, open ? words.t("allAtOnce") : isDay(time) ? happened || words.t("onDay") : text);
    if (this.note.title !== happened) this.note.title = happened;
    this.slider.value = String(Math.floor(this.scale.unit(this.place()) + 1e-6));
    this.slider.setAttribute("aria-valuetext", text);
    this.slider.classList.toggle("off", open);
    for (const chip of this.chips.children) {
      const on = (chip as HTMLElement).dataset.key === keyOf(time);
      if (moved && on) keepInSight(chip as HTMLElement, this.chips);
      if (chip.getAttribute("aria-pressed") !== String(on)) chip.setAttribute("aria-pressed", String(on));
    }
    if (moved) this.follow();
    this.draw();
  }

  /** key does what a key asks for; arrows is false where the arrows mean something else. It reports whether it did. */
  key(event: KeyboardEvent, arrows: boolean): boolean {
    const action = timeAction(event, this.words.dir === "rtl", arrows);
    if (!action) return false;
    event.preventDefault();
    if (action.do === "play") this.togglePlay();
    else if (action.do === "previous" || action.do === "next") this.go(action.do);
    else {
      this.stop();
      const now = this.pending ?? this.time;
      if (action.do === "step") this.emit(step(now, action.unit, action.n, this.scale));
      else this.emit(dayPeriod(action.do === "first" ? this.scale.from : this.scale.day(this.scale.max)));
    }
    return true;
  }

  private chip(text: string, time: Period): HTMLButtonElement {
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        "data-key": keyOf(time),
        onclick: () => {
          this.stop();
          this.emit(time);
        },
      },
      text,
    );
  }

  /** emit passes a time on with the next frame: of several in one frame only the last. */
  private emit(time: Period): void {
    this.pending = time;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const last = this.pending;
      this.pending = null;
      if (last) this.options.onTime(last);
    });
  }

  private go(way: "previous" | "next"): void {
    this.stop();
    const now = this.pending ?? this.time;
    const at = way === "next" ? nextChange(this.changes, now) : previousChange(this.changes, now);
    if (at !== null) this.emit(dayPeriod(at));
    this.options.onChange(at);
  }

  private togglePlay(): void {
    if (this.playing) {
      this.stop();
      return;
    }
    const last = this.scale.day(this.scale.max);
    let at = this.place();
    if (at >= last || (this.time.start === null && this.time.end === null)) at = this.scale.focus.from;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    let before = performance.now();
    let days = at / 86_400_000;
    const advance = (now: number): void => {
      // Who asked for less motion gets steps of a month, one a second.
      const passed = now - before;
      if (calm && passed < 1000) {
        this.playing = requestAnimationFrame(advance);
        return;
      }
      before = now;
      days += calm ? 30 : (clamp(passed, 0, 100) / 1000) * this.speed;
      const day = this.scale.clampDay(Math.floor(days) * 86_400_000);
      const time = dayPeriod(day);
      if (!sameTime(time, this.time)) this.options.onTime(time);
      if (day >= last) this.stop();
      else this.playing = requestAnimationFrame(advance);
    };
    this.playing = requestAnimationFrame(advance);
    this.playFace();
  }

  private stop(): void {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.playFace();
  }

  private playFace(): void {
    const text = this.words.t(this.playing ? "pause" : "play");
    this.playButton.setAttribute("aria-label", text);
    this.playButton.title = text;
    this.playButton.replaceChildren(icon(this.playing ? "pause" : "play"));
  }

  /** startEditing opens the field in which a date is typed. */
  startEditing(): void {
    this.stop();
    this.form.hidden = false;
    this.edit.hidden = true;
    this.note.hidden = true;
    this.input.value = "";
    this.input.placeholder = this.edit.textContent ?? "";
    this.complain("");
    this.input.focus();
  }

  private endEditing(focus = true): void {
    if (this.form.hidden) return;
    this.form.hidden = true;
    this.edit.hidden = false;
    this.note.hidden = false;
    if (focus) this.edit.focus();
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (text === "") {
      this.endEditing();
      return;
    }
    const time = parseTime(text);
    const { from, until } = this.scale;
    if (!time) this.complain(this.words.t("badDate", { text }));
    else if ((time.start ?? from) >= until || (time.end ?? until) <= from) {
      const span = `${yearOf(from)}–${yearOf(until - 1)}`;
      this.complain(this.words.t("outsideSpan", { span }));
    } else {
      this.endEditing();
      this.emit(time);
    }
  }

  private complain(text: string): void {
    this.hint.textContent = text || this.words.t("dateHint");
    this.hint.classList.toggle("wrong", text !== "");
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  /** place is where the thumb stands: the start of what is shown. */
  private place(): Instant {
    return this.scale.clampDay(this.time.start ?? this.scale.from);
  }

  private redraw(): void {
    this.drawn = [];
    this.draw();
  }

  /** mark sets instants that are marked on the line, as the steps of a story are; one of them may be where it is now. */
  mark(marks: readonly { readonly at: Instant; readonly now: boolean }[]): void {
    this.marks = marks;
    this.redraw();
  }

  private draw(): void {
    const { width, height, time } = this;
    if (width === 0 || !this.words) return;
    const { from, until } = this.scale;
    const rtl = this.words.dir === "rtl";
    const x = (t: Instant): number => {
      const along = INSET + (this.scale.unit(t) / this.scale.max) * (width - 2 * INSET);
      return rtl ? width - along : along;
    };
    const start = clamp(time.start ?? from, from, until);
    const end = clamp(time.end ?? until, from, until);
    const [left, right] = [x(start), x(end)].sort((a, b) => a - b);
    const day = isDay(time);
    this.cursor.classList.toggle("wide", !day);
    this.cursor.style.width = day ? "2px" : `${right - left}px`;
    this.cursor.style.transform = `translateX(${day ? x(start) - 1 : left}px)`;
    // A day moves the cursor and nothing else; a longer time marks the changes in it.
    const now = [this.changes, this.words, day ? null : start, day ? null : end];
    if (now.every((value, i) => value === this.drawn[i]) && this.drawn.length > 0) return;
    this.drawn = now;

    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const ctx = this.canvas.getContext("2d");
    if (!ctx) return;
    ctx.scale(ratio, ratio);
    const { accent, line, muted } = this.colors;
    const bar = (a: number, b: number, y: number, high: number): void => {
      ctx.fillRect(Math.min(a, b), y, Math.abs(b - a), high);
    };
    const axis = height - FOOT;
    this.chart?.paint(ctx, { x, top: 18, bottom: axis - 2, width, inset: INSET, from, until, rtl, line, muted });
    ctx.fillStyle = line;
    bar(INSET, width - INSET, axis - 1.5, 3);
    ctx.fillStyle = accent;
    if (!day) bar(x(start), x(end), axis - 1.5, 3);
    for (const change of this.changes) {
      const shown = !day && change >= start && change < end;
      ctx.fillStyle = shown ? accent : muted;
      ctx.globalAlpha = shown ? 0.9 : 0.4;
      ctx.fillRect(Math.round(x(change)) - 0.5, 2, 1, 10);
    }
    ctx.globalAlpha = 1;
    for (const { at, now } of this.marks) {
      if (at < from || at >= until) continue;
      const r = now ? 6 : 4;
      const [mx, my] = [x(at), axis - 8];
      ctx.beginPath();
      ctx.moveTo(mx, my - r);
      ctx.lineTo(mx + r, my);
      ctx.lineTo(mx, my + r);
      ctx.lineTo(mx - r, my);
      ctx.closePath();
      ctx.fillStyle = accent;
      ctx.fill();
      ctx.lineWidth = 1.5;
      ctx.strokeStyle = this.colors.panel;
      ctx.stroke();
    }
    this.drawYears(ctx, x, axis, muted, line);
  }

  private drawYears(
    ctx: CanvasRenderingContext2D,
    x: (t: Instant) => number,
    axis: number,
    ink: string,
    line: string,
  ): void {
    const { from, until, focus } = this.scale;
    ctx.font = `12px ${getComputedStyle(this.track).fontFamily}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    const years: number[] = [];
    for (let y = yearOf(from); y < yearOf(until - 1) + 1; y++) years.push(y);
    // The years that matter get their labels first, then the first year, then what still finds room.
    const taken: [number, number][] = [];
    const label = (y: number): void => {
      const middle = (x(Math.max(from, startOfYear(y))) + x(Math.min(until, startOfYear(y + 1)))) / 2;
      const half = ctx.measureText(String(y)).width / 2 + 5;
      if (taken.some(([a, b]) => middle + half > a && middle - half < b)) return;
      taken.push([middle - half, middle + half]);
      ctx.fillText(String(y), middle, axis + 20);
    };
    ctx.fillStyle = line;
    for (const y of years) {
      const t = startOfYear(y);
      if (t > from) ctx.fillRect(Math.round(x(t)) - 0.5, axis - 5, 1, 10);
    }
    ctx.fillStyle = ink;
    const inFocus = (y: number): boolean => startOfYear(y) >= focus.from && startOfYear(y) < focus.until;
    if (focus.until - focus.from < 367 * DAY) this.drawMonths(ctx, x, axis, taken);
    else for (const y of years.filter(inFocus)) label(y);
    ctx.fillStyle = ink;
    for (const y of years.filter((y) => !inFocus(y))) label(y);
  }

  /** drawMonths marks the months of the year that is zoomed into, and names those that find room. */
  private drawMonths(
    ctx: CanvasRenderingContext2D,
    x: (t: Instant) => number,
    axis: number,
    taken: [number, number][],
  ): void {
    const { from, until } = this.scale.focus;
    const year = yearOf(from);
    const names = new Intl.DateTimeFormat(localeOf(this.words.language), { month: "short", timeZone: "UTC" });
    const { line, muted } = this.colors;
    for (let m = 0; m < 12; m++) {
      const a = Math.max(utc(year, m, 1), from);
      const b = Math.min(utc(year, m + 1, 1), until);
      ctx.fillStyle = line;
      if (m > 0) ctx.fillRect(Math.round(x(a)) - 0.5, axis - 4, 1, 8);
      const middle = (x(a) + x(b)) / 2;
      const name = names.format(a);
      const half = ctx.measureText(name).width / 2 + 4;
      taken.push([Math.min(x(a), x(b)), Math.max(x(a), x(b))]);
      if (2 * half > Math.abs(x(b) - x(a))) continue;
      ctx.fillStyle = muted;
      ctx.fillText(name, middle, axis + 20);
    }
  }
}

/** write sets a text only if it is another: the browser would lay it out anew. */
function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const keyOf = (time: Period): string => `${time.start}/${time.end}`;

/** keepInSight scrolls a chip into its row, and only the row. */
function keepInSight(chip: HTMLElement, row: HTMLElement): void {
  const a = chip.getBoundingClientRect();
  const b = row.getBoundingClientRect();
  if (a.left < b.left) row.scrollLeft += a.left - b.left - 8;
  else if (a.right > b.right) row.scrollLeft += a.right - b.right + 8;
}
