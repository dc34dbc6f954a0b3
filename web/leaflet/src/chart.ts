/**
 * How much holds over time, drawn in the time dock: a filled curve of what certainly holds, a lighter band up to what
 * possibly does, and what others have published as small open circles. It follows which layers are on. The same
 * figures are said on the map for the time shown.
 */

import "./kit.ts";
import { say } from "./atlas.ts";
import { h } from "./dom.ts";
import {
  type Epoch,
  epochsOf,
  peak,
  type Range,
  roughly,
  steps,
  type TimelineAnswer,
  together,
  within,
} from "./figures.ts";
import { type ChartKey, chartWords } from "./i18n/chart.ts";
import { describePeriod, describeText, type Instant, type Period } from "./instant.ts";
import type { Dressed } from "./legend.ts";
import { fetchTimeline } from "./questions.ts";
import { dayPeriod } from "./scale.ts";
import { roundDown } from "./size.ts";
import type { ChartBox, DockChart } from "./timeline.ts";
import type { Params, Words } from "./words.ts";

interface Series {
  readonly id: string;
  readonly title: string;
  readonly color: string;
  readonly area: boolean;
  readonly epochs: readonly Epoch[];
  readonly rivals: NonNullable<TimelineAnswer["rivals"]>;
}

export class Chart implements DockChart {
  /** For the dock: the marks that can be pointed at, and the chart in words. */
  readonly element = h("div", { class: "chart" });
  private readonly marks = h("ul", { class: "rivals" });
  private readonly tip = h("p", { class: "tip chart-tip", hidden: true, "aria-hidden": "true" });
  private readonly summary = h("p", { class: "visually-hidden" });
  private readonly answers = new Map<string, Promise<TimelineAnswer | null>>();
  private series: readonly Series[] = [];
  private words!: Words;
  private turn = 0;

  constructor(
    private readonly onReady: () => void,
    private readonly onTime: (time: Period) => void,
  ) {
    this.element.append(this.marks, this.tip, this.summary);
  }

  /** show follows the layers that are on, once their figures have come. */
  async show(on: readonly Dressed[], muted: string, words: Words): Promise<void> {
    const turn = ++this.turn;
    const ask = async (list: readonly Dressed[]) =>
      Promise.all(list.map(async (dressed) => ({ dressed, answer: await this.ask(dressed.layer.id) })));
    const changing = on.filter(({ layer }) => (layer.changes?.length ?? 0) > 0);
    const measured = changing.filter(({ layer }) => layer.metric === "area");
    let series: Series[];
    if (measured.length > 0) {
      series = (await ask(measured)).flatMap(({ dressed: { layer, styles }, answer }) =>
        answer
          ? {
              id: layer.id,
              title: say(layer.title, words.lang).text,
              color: styles.brush({}, false).color,
              area: true,
              epochs: epochsOf(answer, "area"),
              rivals: answer.rivals ?? [],
            }
          : [],
      );
    } else {
      const counted = (await ask(changing)).flatMap(({ answer }) => (answer ? [epochsOf(answer, "count")] : []));
      series =
        counted.length > 0
          ? [{ id: "", title: "", color: muted, area: false, epochs: together(counted), rivals: [] }]
          : [];
    }
    if (turn !== this.turn) return; // other layers are on by now
    this.series = series;
    this.words = words;
    this.describe();
    this.onReady();
  }

  /** figures says how much holds in a period, a line for each layer that measures areas. */
  figures(time: Period, words: Words): string[] {
    const open = time.start === null && time.end === null;
    return this.series.flatMap(({ area, epochs, title }) => {
      const range = area ? within(epochs, time) : null;
      if (!range) return [];
      const value = open
        ? this.say("upTo", { value: words.quantity(roughly(range.high), "km²") })
        : this.range(range, words);
      return this.say("figure", { title, value });
    });
  }

  paint(ctx: CanvasRenderingContext2D, box: ChartBox): void {
    const { x, top, bottom, from, until } = box;
    let most = 0;
    for (const { epochs, rivals } of this.series) {
      most = Math.max(most, peak(epochs)?.high ?? 0, ...rivals.map((r) => r.value));
    }
    this.marks.replaceChildren();
    if (most <= 0) return;
    const y = (value: number): number => bottom - (value / most) * (bottom - top);
    this.grid(ctx, box, roundDown(most), y);
    for (const { epochs, color, rivals, area } of this.series) {
      const curve = (pick: (e: Epoch) => number): Path2D => {
        const corners = steps(epochs, pick, from, until);
        const path = new Path2D();
        path.moveTo(x(from), bottom);
        for (let i = 0; i < corners.length; i += 2) path.lineTo(x(corners[i]), y(corners[i + 1]));
        path.lineTo(x(until), bottom);
        path.closePath();
        return path;
      };
      ctx.fillStyle = color;
      ctx.globalAlpha = 0.25;
      ctx.fill(curve((e) => e.high));
      ctx.globalAlpha = area ? 0.45 : 0.3;
      ctx.fill(curve((e) => e.low));
      ctx.globalAlpha = 1;
      for (const rival of rivals) this.mark(rival, x, y, color, from, until);
    }
  }

  /** grid draws one line at a round number, which tells the scale. */
  private grid(ctx: CanvasRenderingContext2D, box: ChartBox, value: number, y: (v: number) => number): void {
    const { rtl, width, inset, line, muted } = box;
    const text = this.series[0].area ? this.words.quantity(value, "km²") : this.words.number(value);
    ctx.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    ctx.direction = rtl ? "rtl" : "ltr";
    ctx.textAlign = "start";
    ctx.textBaseline = "middle";
    const room = ctx.measureText(text).width + 6;
    ctx.fillStyle = line;
    ctx.fillRect(rtl ? inset : inset + room, Math.round(y(value)) - 0.5, width - 2 * inset - room, 1);
    ctx.fillStyle = muted;
    ctx.fillText(text, rtl ? width - inset : inset, y(value));
  }

  private mark(
    rival: Series["rivals"][number],
    x: (t: Instant) => number,
    y: (v: number) => number,
    color: string,
    from: Instant,
    until: Instant,
  ): void {
    const at = rival.from;
    if (at === null || at < from || at >= until) return;
    const { words } = this;
    const said = this.say("rival", {
      publisher: rival.publisher ?? "",
      time: describeText(rival.date, words.language),
      value: words.quantity(rival.value, "km²"),
    });
    const ours = this.range({ low: rival.ours.certain, high: rival.ours.possible }, words);
    const text = this.say("ours", { rival: said, value: ours });
    const hide = (): void => {
      this.tip.hidden = true;
    };
    const left = x(at);
    const top = y(rival.value);
    const tell = (): void => {
      this.tip.textContent = text;
      this.tip.hidden = false;
      const wide = this.element.clientWidth;
      this.tip.style.left = `${Math.min(Math.max(left - this.tip.offsetWidth / 2, 0), wide - this.tip.offsetWidth)}px`;
      this.tip.style.top = `${top - this.tip.offsetHeight - 10}px`;
    };
    const button = h("button", {
      type: "button",
      "aria-label": text,
      onmouseenter: tell,
      onmouseleave: hide,
      onfocus: tell,
      onblur: hide,
      onclick: () => this.onTime(dayPeriod(at)),
    });
    button.style.left = `${left}px`;
    button.style.top = `${top}px`;
    button.style.color = color;
    this.marks.append(h("li", {}, button));
  }

  private describe(): void {
    const { words } = this;
    const lines = this.series.flatMap(({ epochs, title, area }) => {
      const top = peak(epochs);
      if (!top) return [];
      const value = area
        ? words.quantity(roughly(top.high), "km²")
        : words.late(chartWords, "shownCount", {}, Math.round(top.high));
      const time = describePeriod({ start: top.from, end: top.until }, words.language);
      return this.say(area ? "summary" : "countSummary", { title, value, time });
    });
    this.summary.textContent = lines.join(" ");
    this.marks.setAttribute("aria-label", this.say("rivals"));
  }

  private range({ low, high }: Range, words: Words): string {
    const [a, b] = [roughly(low), roughly(high)];
    const value = words.quantity(b, "km²");
    return a === b ? this.say("about", { value }) : this.say("between", { low: words.number(a), high: value });
  }

  private say(key: ChartKey, params: Params = {}): string {
    return this.words.late(chartWords, key, params);
  }

  private ask(layer: string): Promise<TimelineAnswer | null> {
    let answer = this.answers.get(layer);
    if (!answer) {
      answer = fetchTimeline(layer).catch(() => {
        this.answers.delete(layer); // another time
        return null;
      });
      this.answers.set(layer, answer);
    }
    return answer;
  }
}
