/**
 * Two times at once: swipe (one map, a divider), side by side (two linked maps), or what was gained, lost and kept
 * between them. The earlier time stands at the reading start. The time control moves one of the two; a press on the
 * other's date hands it over. The second time is painted from the tiles that are there already.
 */

import "./kit.ts";
import type { LatLng, Map as LeafletMap, Point, PointExpression } from "leaflet";
import { say } from "./atlas.ts";
import { h, icon, idle } from "./dom.ts";
import { roughly } from "./figures.ts";
import { type CompareKey, compareWords } from "./i18n/compare.ts";
import { describePeriod, type Period } from "./instant.ts";
import { type Dressed, signOf } from "./legend.ts";
import { Overlay, type OverlayLook } from "./overlay.ts";
import { paintSwatch } from "./paint.ts";
import { type ChangesSummary, changesQuery, changesTiles, fetchChanges } from "./questions.ts";
import { clamp } from "./scale.ts";
import { changesLayer, earlierFirst, moveDivider, parts } from "./sides.ts";
import type { TileSource } from "./source.ts";
import type { CompareMode, View } from "./state.ts";
import { LayerStyle, type Scheme } from "./style.ts";
import { type Look, TimeTileLayer } from "./tilelayer.ts";
import type { Params, Words } from "./words.ts";

/** A map with what is painted on it. */
export interface Half {
  readonly map: LeafletMap;
  readonly data: TimeTileLayer;
  readonly overlay: Overlay;
}

/** What comparing needs of the page. */
export interface CompareHost {
  readonly stage: HTMLElement;
  readonly first: Half & { readonly ground: TimeTileLayer | null };
  readonly sources: { readonly data: TileSource; readonly ground: TileSource | null };
  /** What all times mean where two ends are needed. */
  readonly span: Period;
  words(): Words;
  scheme(): Scheme;
  looks(): { readonly data: Look; readonly ground: Look | null; readonly overlay: OverlayLook };
  /** The layers that are on, top first. */
  layers(): readonly Dressed[];
  figures(time: Period): readonly string[];
  /** Ids of those of them whose areas mean something. Where there are such, only they are painted as a difference. */
  measured(): readonly string[];
  /** A map like the first, in another element. */
  newMap(element: HTMLElement): LeafletMap;
  /** Tiles that are asked for now: not kept. */
  tiles(template: string): TileSource;
  set(patch: Partial<View>): void;
  /** Opens the field in which the date is typed. */
  typeDate(): void;
  /** The map's places for what lies over it have changed. */
  onLayout(): void;
}

/** What changed between two times: the query, and what to tell it from others by. */
interface Question {
  readonly key: string;
  readonly query: string;
  readonly layers: readonly Dressed[];
  readonly from: Period;
  readonly to: Period;
}

/** A layer that changed. */
interface Row {
  readonly dressed: Dressed;
  readonly summary: ChangesSummary;
}

const changes = ["appeared", "disappeared", "grown", "shrunk", "moved"] as const;

type Shown = { mode: CompareMode; rtl: boolean; narrow: boolean };

const narrow = window.matchMedia("(max-width: 760px)");
const modes: readonly CompareMode[] = ["swipe", "side", "difference"];
const always: Period = { start: null, end: null };

export { secondTime } from "./sides.ts";

export class Compare {
  private readonly bar = h("div", { class: "compare-bar", role: "group" });
  private readonly dates = [this.dateBox(), this.dateBox()] as const;
  private readonly head = h("div", { class: "compare-dates" }, this.dates[0].element, this.dates[1].element);
  private readonly divider = h("div", {
    class: "divider",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  private readonly card = h("section", { class: "compare-card", role: "status" });
  private readonly secondElement = h("div", { class: "second-map", dir: "ltr", role: "application" });
  private view: View | null = null;
  private shown: Shown | null = null;
  private second: Half | null = null;
  private ground: TimeTileLayer | null = null;
  private share = 0.5;
  /** The layer of differences: its two times and layers, to know whether it is still right. */
  private asked = "";
  private abort: AbortController | null = null;
  private readonly numbers = new Map<string, ChangesSummary>();
  /** Whether the card tells of the layers that are not painted. */
  private open = false;
  private linked: (() => void) | null = null;

  constructor(private readonly host: CompareHost) {
    this.divider.append(h("span", {}, icon("back"), icon("next")));
    this.divider.addEventListener("keydown", (event) => {
      const to = moveDivider(event.key, this.share, this.rtl, event.shiftKey);
      if (to === null) return;
      event.preventDefault();
      this.moveTo(to);
    });
    this.divider.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.divider.focus();
      this.divider.setPointerCapture(event.pointerId);
    });
    this.divider.addEventListener("pointermove", (event) => {
      if (!this.divider.hasPointerCapture(event.pointerId)) return;
      const { left, right, width } = host.stage.getBoundingClientRect();
      this.moveTo((this.rtl ? right - event.clientX : event.clientX - left) / width);
    });
    host.first.map.on("move zoomend resize", () => this.clip());
    narrow.addEventListener("change", () => this.view && this.show(this.view));
  }

  /** show brings the comparison that a view asks for, or ends it. */
  show(view: View): void {
    this.view = view;
    const mode = view.compare?.mode ?? null;
    const now = mode && { mode, rtl: this.rtl, narrow: narrow.matches };
    const { shown } = this;
    if (now?.mode !== shown?.mode || now?.rtl !== shown?.rtl || now?.narrow !== shown?.narrow) {
      this.leave();
      if (now) this.enter(now);
    }
    if (now) this.update(view);
  }

  /** halfAt returns what is painted at a place of the first map's container; null where that is the first itself. */
  halfAt(at: Point): Half | null {
    if (this.shown?.mode === "difference") return this.second;
    if (this.shown?.mode !== "swipe" || !this.second) return null;
    const x = this.dividerX();
    return at.x > x === this.firstAtLeft() ? this.second : null;
  }

  /** halves returns what is painted for a picture of the map: with the part of the stage that each takes. */
  halves(): { half: Half; ground: TimeTileLayer | null; box: DOMRect; clip: DOMRect; time: Period }[] {
    const { first, stage } = this.host;
    const box = first.map.getContainer().getBoundingClientRect();
    if (!this.shown || !this.view?.compare) return [];
    const { compare, time } = this.view;
    if (this.shown.mode === "difference" && this.second) {
      return [{ half: this.second, ground: first.ground, box, clip: box, time }];
    }
    const whole = stage.getBoundingClientRect();
    const one = { half: first, ground: first.ground, box, time };
    if (!this.second) return [{ ...one, clip: box }];
    if (this.shown.mode === "side") {
      const other = this.second.map.getContainer().getBoundingClientRect();
      return [
        { ...one, clip: box },
        { half: this.second, ground: this.ground, box: other, clip: other, time: compare.time },
      ];
    }
    const x = this.dividerX();
    const left = new DOMRect(whole.left, whole.top, x, whole.height);
    const right = new DOMRect(whole.left + x, whole.top, whole.width - x, whole.height);
    const [mine, its] = this.firstAtLeft() ? [left, right] : [right, left];
    return [
      { ...one, clip: mine },
      { half: this.second, ground: first.ground, box, clip: its, time: compare.time },
    ];
  }

  private get rtl(): boolean {
    return this.host.words().dir === "rtl";
  }

  /** firstIsEarlier tells whether the time that the dock moves stands at the reading start. */
  private firstIsEarlier(): boolean {
    return !this.view?.compare || earlierFirst(this.view.time, this.view.compare.time);
  }

  private firstAtLeft(): boolean {
    return this.firstIsEarlier() !== this.rtl;
  }

  private enter(now: Shown): void {
    const { stage, first, sources } = this.host;
    this.shown = now;
    stage.classList.add("comparing", now.mode);
    stage.append(this.head, this.bar);
    const nothing = (): void => undefined;
    if (now.mode === "side") {
      stage.append(this.secondElement);
      this.place();
      const map = this.host.newMap(this.secondElement);
      const data = new TimeTileLayer(sources.data, () => overlay.tilesChanged(), nothing, { pane: "data" });
      const overlay = new Overlay("over");
      this.second = { map, data, overlay };
      if (sources.ground) {
        const ground = new TimeTileLayer(
          sources.ground,
          () => overlay.tilesChanged(),
          nothing,
          { pane: "ground" },
          true,
        );
        this.ground = ground.addTo(map);
      }
      this.link(map);
      this.update(this.view as View);
      data.addTo(map);
      overlay.addTo(map);
    } else if (now.mode === "swipe") {
      stage.append(this.divider);
      const data = new TimeTileLayer(sources.data, () => overlay.tilesChanged(), nothing, { pane: "data2" });
      const overlay = new Overlay("over2");
      this.second = { map: first.map, data, overlay };
      this.update(this.view as View);
      data.addTo(first.map);
      overlay.addTo(first.map);
    } else {
      stage.append(this.card);
    }
    this.host.onLayout();
  }

  private leave(): void {
    const { stage, first } = this.host;
    this.abort?.abort();
    this.asked = "";
    this.linked?.();
    this.linked = null;
    if (this.second && this.second.map === first.map) {
      this.second.data.remove();
      this.second.overlay.remove();
    } else this.second?.map.remove();
    this.second = null;
    this.ground = null;
    this.madeLooks = new WeakMap(); // of tiles that are no more
    stage.classList.remove("comparing", ...modes);
    for (const element of [this.head, this.bar, this.divider, this.card, this.secondElement]) element.remove();
    this.secondElement.replaceChildren();
    const element = first.map.getContainer();
    const before = element.style.inset;
    element.style.inset = "";
    this.shown = null;
    this.clip();
    if (element.style.inset !== before) first.map.invalidateSize({ animate: false });
    this.host.onLayout();
  }

  private update(view: View): void {
    const { shown, second } = this;
    const { compare } = view;
    if (!shown || !compare) return;
    this.write(view);
    if (shown.mode === "side") this.place();
    if (shown.mode === "difference") {
      this.differ();
      return;
    }
    if (!second) return;
    const { data, ground, overlay } = this.host.looks();
    second.data.show(data, compare.time);
    if (ground) this.ground?.show(ground, always);
    second.overlay.show(this.overlayLook(overlay, second.data, this.ground), compare.time);
    this.moveTo(this.share);
  }

  /** overlayLook is the first map's look on other tiles. It stays the same object while that does. */
  private overlayLook(look: OverlayLook, data: TimeTileLayer, ground: TimeTileLayer | null): OverlayLook {
    let made = this.madeLooks.get(look);
    if (!made) {
      const tiles = (timed: boolean, own: TimeTileLayer): TimeTileLayer => (timed ? data : (ground ?? own));
      made = { ...look, layers: look.layers.map((l) => ({ ...l, tiles: tiles(l.timed, l.tiles) })) };
      this.madeLooks = new WeakMap([[look, made]]);
    }
    return made;
  }
  private madeLooks = new WeakMap<OverlayLook, OverlayLook>();

  // The dates, the modes.

  private dateBox(): { element: HTMLElement; button: HTMLButtonElement; note: HTMLElement } {
    const button = h("button", { type: "button" });
    const note = h("p");
    return { element: h("div", {}, button, note), button, note };
  }

  private write(view: View): void {
    const { compare, time } = view;
    if (!compare) return;
    const words = this.host.words();
    const earlier = this.firstIsEarlier() ? time : compare.time;
    const later = this.firstIsEarlier() ? compare.time : time;
    [earlier, later].forEach((shown, i) => {
      const { button, note } = this.dates[i];
      const mine = (i === 0) === this.firstIsEarlier();
      const text = this.dateText(shown);
      if (button.textContent !== text) button.textContent = text;
      button.setAttribute("aria-pressed", String(mine));
      button.title = mine ? this.say("moves") : "";
      button.setAttribute("aria-label", mine ? text : this.say("date", { time: text }));
      button.onclick = () =>
        mine ? this.host.typeDate() : this.host.set({ time: compare.time, compare: { ...compare, time } });
      const figures = this.host.figures(shown).join("\n");
      if (note.textContent !== figures) note.textContent = figures;
      note.hidden = figures === "";
    });
    this.bar.setAttribute("aria-label", this.say("modes"));
    const key = `${compare.mode}|${words.lang}`;
    if (this.bar.dataset.key !== key) {
      const focused = this.bar.contains(document.activeElement);
      this.bar.dataset.key = key;
      this.bar.replaceChildren(
        ...modes.map((mode) =>
          h(
            "button",
            {
              type: "button",
              "aria-pressed": String(mode === compare.mode),
              onclick: () => this.host.set({ compare: this.view?.compare ? { ...this.view.compare, mode } : null }),
            },
            this.say(mode),
          ),
        ),
        h(
          "button",
          {
            type: "button",
            class: "end",
            title: this.say("end"),
            "aria-label": this.say("end"),
            onclick: () => this.host.set({ compare: null }),
          },
          icon("close"),
        ),
      );
      if (focused) this.bar.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    }
    this.secondElement.setAttribute("aria-label", this.say("secondMap"));
    this.divider.setAttribute(
      "aria-label",
      this.say("divider", { earlier: this.dateText(earlier), later: this.dateText(later) }),
    );
    this.divider.dataset.earlier = this.dateText(earlier);
  }

  private dateText(time: Period): string {
    const words = this.host.words();
    return time.start === null && time.end === null ? words.t("allTime") : describePeriod(time, words.language);
  }

  private say(key: CompareKey, params: Params = {}, count = 0): string {
    return this.host.words().late(compareWords, key, params, count);
  }

  // Swipe.

  private moveTo(share: number): void {
    this.share = clamp(share, 0, 1);
    const percent = Math.round(this.share * 100);
    this.divider.style.insetInlineStart = `${this.share * 100}%`;
    this.divider.setAttribute("aria-valuenow", String(percent));
    this.divider.setAttribute(
      "aria-valuetext",
      this.say("dividerAt", { share: `${percent}%`, earlier: this.divider.dataset.earlier ?? "" }),
    );
    this.clip();
  }

  /** dividerX is where the divider lies, in CSS pixels from the map's left. */
  private dividerX(): number {
    const width = this.host.first.map.getSize().x;
    return Math.round((this.rtl ? 1 - this.share : this.share) * width);
  }

  /** clip cuts the panes of each time at the divider. They move with the map, so it is done again when that moves. */
  private clip(): void {
    const { map } = this.host.first;
    const swipe = this.shown?.mode === "swipe";
    const size = map.getSize();
    const { x, y } = map.containerPointToLayerPoint([0, 0]);
    const at = x + this.dividerX();
    const box = (left: number, right: number): string =>
      `polygon(${left}px ${y}px, ${right}px ${y}px, ${right}px ${y + size.y}px, ${left}px ${y + size.y}px)`;
    const [left, right] = [box(x, at), box(at, x + size.x)];
    const [mine, its] = this.firstAtLeft() ? [left, right] : [right, left];
    for (const [names, shape] of [
      [["data", "over"], mine],
      [["data2", "over2"], its],
    ] as const) {
      for (const name of names) {
        const pane = map.getPane(name);
        if (pane) pane.style.clipPath = swipe ? shape : "";
      }
    }
  }

  // Side by side.

  /** place gives each map its half: the earlier time the reading start, or the upper half of a narrow screen. */
  private place(): void {
    const { map } = this.host.first;
    const before = map.getContainer().style.inset;
    const firstHalf = this.shown?.narrow ? "0 0 50% 0" : "0 50% 0 0"; // top or left
    const secondHalf = this.shown?.narrow ? "50% 0 0 0" : "0 0 0 50%";
    const mineFirst = this.shown?.narrow ? this.firstIsEarlier() : this.firstAtLeft();
    map.getContainer().style.inset = mineFirst ? firstHalf : secondHalf;
    this.secondElement.style.inset = mineFirst ? secondHalf : firstHalf;
    if (before !== map.getContainer().style.inset) {
      map.invalidateSize({ animate: false });
      this.second?.map.invalidateSize({ animate: false });
    }
  }

  /** link makes two maps follow each other. */
  private link(second: LeafletMap): void {
    const { first } = this.host;
    let following = false;
    const follow = (leader: LeafletMap, other: LeafletMap): (() => void) => {
      const quietly = (work: () => void) => (): void => {
        if (following) return;
        following = true;
        work();
        following = false;
      };
      const settle = quietly(() => {
        if (other.getZoom() !== leader.getZoom() || !other.getCenter().equals(leader.getCenter(), 1e-6)) {
          other.setView(leader.getCenter(), leader.getZoom(), { animate: false });
        }
      });
      const move = quietly(() => {
        if (other.getZoom() !== leader.getZoom()) return; // the zoom's end brings it
        const middle = other.getSize().divideBy(2);
        const offset = other.latLngToContainerPoint(leader.getCenter()).subtract(middle).round();
        if (offset.x === 0 && offset.y === 0) return;
        pan(other, offset);
        other.fire("move");
      });
      const zoom = (event: unknown): void => {
        const { center, zoom: to } = event as { center: LatLng; zoom: number };
        quietly(() => other.setView(center, to))();
      };
      leader.on("move", move).on("moveend", settle).on("zoomanim", zoom);
      return () => leader.off("move", move).off("moveend", settle).off("zoomanim", zoom);
    };
    second.setView(first.map.getCenter(), first.map.getZoom(), { animate: false });
    const ends = [follow(first.map, second), follow(second, first.map)];
    this.linked = () => {
      for (const end of ends) end();
    };
  }

  // Difference.

  /** differ asks for what changed, when the dates rest: each pair of dates is a question to the server. */
  private differ(): void {
    const { view, host } = this;
    if (!view?.compare) return;
    const { span } = host;
    const closed = (t: Period): Period => ({ start: t.start ?? span.start, end: t.end ?? span.end });
    const [from, to] = this.firstIsEarlier() ? [view.time, view.compare.time] : [view.compare.time, view.time];
    const query = changesQuery(closed(from), closed(to));
    const layers = host.layers().filter(({ layer }) => (layer.changes?.length ?? 0) > 0);
    const key = [
      query,
      host.scheme(),
      host.words().lang,
      ...layers.map(({ layer }) => layer.id),
      ...host.measured(),
    ].join("|");
    if (key === this.asked) return;
    this.asked = key;
    this.ask({ key, query, layers, from, to });
  }

  private readonly ask = (() => {
    let last: Question | null = null;
    const later = idle(() => {
      if (last && last.key === this.asked && this.shown?.mode === "difference") void this.difference(last);
    }, 200);
    return (question: Question): void => {
      last = question;
      later();
    };
  })();

  /** difference asks for the numbers, and for the pieces of those layers that changed. */
  private async difference(question: Question): Promise<void> {
    const { key, query } = question;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.card.setAttribute("aria-busy", "true");
    let failed = false;
    const found = await Promise.all(
      question.layers.map(async (dressed): Promise<Row[]> => {
        const name = `${dressed.layer.id}?${query}`;
        try {
          const summary = this.numbers.get(name) ?? (await fetchChanges(dressed.layer.id, query, abort.signal));
          this.numbers.set(name, summary);
          return changes.some((word) => summary.things[word] > 0) ? [{ dressed, summary }] : [];
        } catch {
          failed = true;
          return [];
        }
      }),
    );
    if (abort.signal.aborted || key !== this.asked) return;
    this.card.removeAttribute("aria-busy");
    const measured = this.host.measured();
    const isMeasured = ({ dressed }: Row): boolean => measured.includes(dressed.layer.id);
    const rows = found.flat().sort((a, b) => Number(isMeasured(b)) - Number(isMeasured(a)));
    this.table(question, rows, failed);
    this.pieces(query, measured.length > 0 ? rows.filter(isMeasured) : rows);
  }

  /** pieces paints what was gained, lost and kept. */
  private pieces(query: string, rows: readonly Row[]): void {
    const { host } = this;
    const { first } = host;
    const scheme = host.scheme();
    const layers = rows.map(({ dressed }) => dressed);
    const pieces = layers.map(({ layer, styles }) => {
      const made = changesLayer(layer, styles.brush({}, false).color, scheme);
      return { layer: made, styles: new LayerStyle(made, scheme) };
    });
    const sources = layers.map(({ layer }) => host.tiles(changesTiles(layer.id, query)));
    const all: TileSource = {
      load: async (...at) => ({
        layers: (await Promise.all(sources.map((source) => source.load(...at)))).flatMap((tile) => tile.layers),
      }),
    };
    const before = this.second;
    const overlay = new Overlay("over2");
    const data = new TimeTileLayer(
      all,
      () => overlay.tilesChanged(),
      () => undefined,
      { pane: "data2" },
    );
    const looks = host.looks();
    const painted = [...pieces].reverse().sort((a, b) => a.styles.order - b.styles.order);
    data.show(
      {
        ...looks.data,
        layers: painted.map(({ layer, styles }) => ({ id: layer.id, styles })),
        feature: null,
        strength: 1,
      },
      always,
    );
    overlay.show(
      {
        ...looks.overlay,
        layers: [
          ...looks.overlay.layers.filter((l) => !l.timed),
          ...painted.map((d) => ({ ...d, tiles: data, timed: true })),
        ],
        feature: null,
      },
      always,
    );
    this.second = { map: first.map, data, overlay };
    data.addTo(first.map);
    overlay.addTo(first.map);
    // What was there stays until what comes is there.
    data.once("load", () => this.drop(before));
    window.setTimeout(() => this.drop(before), 3000);
  }

  private drop(half: Half | null): void {
    if (!half || half.map !== this.host.first.map) return;
    half.data.remove();
    half.overlay.remove();
  }

  private table({ from, to }: Question, rows: readonly Row[], failed: boolean): void {
    const words = this.host.words();
    const caption = this.say("caption", { earlier: this.dateText(from), later: this.dateText(to) });
    const measured = this.host.measured();
    const painted = ({ dressed }: Row): boolean => measured.length === 0 || measured.includes(dressed.layer.id);
    const rest = rows.filter((row) => !painted(row));
    const numbers = ({ dressed: { layer }, summary }: Row): HTMLElement =>
      this.numbersOf(layer.id, say(layer.title, words.lang).text, summary);
    this.open = this.card.querySelector("details")?.open ?? this.open;
    this.card.replaceChildren(
      h("h3", {}, caption),
      ...(failed ? [h("p", { class: "wrong" }, this.say("failed"))] : []),
      ...(rows.length === 0
        ? [h("p", {}, this.say("noAreas"))]
        : [
            h(
              "ul",
              { class: "parts" },
              ...parts.map((part) => this.swatch(part, (rows.find(painted) ?? rows[0])?.dressed)),
            ),
            ...rows.filter(painted).map(numbers),
            ...(rest.length > 0
              ? [
                  h(
                    "details",
                    { open: this.open },
                    h("summary", {}, this.say("others", {}, rest.length)),
                    ...rest.map(numbers),
                  ),
                ]
              : []),
            h("p", { class: "quiet" }, this.say("estimate")),
          ]),
    );
  }

  private swatch(part: (typeof parts)[number], dressed: Dressed | undefined): HTMLElement {
    const canvas = h("canvas", { class: "swatch", "aria-hidden": "true" });
    if (dressed) {
      const { layer, styles } = dressed;
      const scheme = this.host.scheme();
      const made = new LayerStyle(changesLayer(layer, styles.brush({}, false).color, scheme), scheme);
      const { halo } = this.host.looks().overlay;
      paintSwatch(canvas, made.brush({ part }, false), signOf(layer), false, halo);
    }
    return h("li", {}, canvas, this.say(part));
  }

  private numbersOf(layer: string, title: string, { km2, things }: ChangesSummary): HTMLElement {
    const words = this.host.words();
    const counts = changes.filter((word) => things[word] > 0).map((word) => this.say(word, {}, things[word]));
    const area = (part: keyof NonNullable<typeof km2>): string => words.quantity(roughly(km2?.[part] ?? 0), "km²");
    return h(
      "div",
      { class: "numbers", "data-layer": layer },
      h("h4", {}, title),
      km2 && this.host.measured().includes(layer)
        ? h(
            "dl",
            {},
            ...parts.flatMap((part) => [h("dt", {}, this.say(part)), h("dd", { "data-part": part }, area(part))]),
          )
        : null,
      h("p", { class: "quiet" }, words.commas(counts)),
    );
  }
}

/** pan moves a map by whole pixels without laying anything out anew, as Leaflet itself does while it is dragged. */
function pan(map: LeafletMap, offset: Point): void {
  (map as unknown as { _rawPanBy(offset: PointExpression): void })._rawPanBy(offset);
}
