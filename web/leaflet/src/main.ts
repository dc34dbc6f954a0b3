/** The only place where the parts meet: controls set the View, layers are told of it, nothing flows back. */

import { Control, DomEvent, Map as LeafletMap, type LeafletMouseEvent, type Point, point } from "leaflet";
import { fetchAtlas } from "./api.ts";
import { type Atlas, type Layer, nameOf, say, wholeOf } from "./atlas.ts";
import type { Chart } from "./chart.ts";
import type { Compare, CompareHost, Half } from "./compare.ts";
import { h, icon, idle, lateStyle, put } from "./dom.ts";
import type { ExportHost } from "./export.ts";
import type { Instant, Period } from "./instant.ts";
import { InView } from "./inview.ts";
import { shownText } from "./keys.ts";
import { type Dressed, Legend } from "./legend.ts";
import { Notices } from "./notices.ts";
import { Overlay, type OverlayLook } from "./overlay.ts";
import { type Host, Panels, type Place, stepView } from "./panels.ts";
import type { Box, Choice } from "./popup.ts";
import { isDay, lowerBound, mergeChanges } from "./scale.ts";
import { ScaleBar } from "./scalebar.ts";
import { Decoder, Health, httpTiles, remembered } from "./source.ts";
import { State, sameLayers, samePlace, sameRoom, sameTime, type View } from "./state.ts";
import { LayerStyle, type Scheme } from "./style.ts";
import { standing, TILE } from "./tile.ts";
import { type Found, type Look, TimeTileLayer } from "./tilelayer.ts";
import { Timeline } from "./timeline.ts";
import { formatHash, parseHash, parseTime } from "./url.ts";
import { endonym, Words } from "./words.ts";

/** Where the Worker's script lies; the build puts it in. */
declare const WORKER_URL: string;
/** Where the licences of the libraries and fonts lie. */
declare const LICENCES_URL: string;

const always: Period = { start: null, end: null };
const narrow = window.matchMedia("(max-width: 760px)");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const touch = window.matchMedia("(pointer: coarse)");

const scheme = (): Scheme => (dark.matches ? "dark" : "light");

/** preferred is the first of the reader's languages that is on offer. */
function preferred(languages: readonly string[]): string {
  for (const wish of navigator.languages ?? [navigator.language]) {
    const found = languages.find((lang) => lang === wish || lang.split("-")[0] === wish.split("-")[0]);
    if (found) return found;
  }
  return languages.includes("en") ? "en" : (languages[0] ?? "en");
}

/** start builds the page. kept is when the server gave the atlas, if it does not answer now. */
function start(atlas: Atlas, kept: Date | null): void {
  const ids = atlas.layers.map((layer) => layer.id);
  const languages = atlas.languages.length > 0 ? atlas.languages : ["en"];
  const steps = (atlas.story ?? []).length;
  const initial: View = {
    time: (atlas.view.time && parseTime(atlas.view.time)) || always,
    layers: atlas.view.layers ?? ids,
    lang: preferred(languages),
    center: atlas.view.center,
    zoom: atlas.view.zoom - (narrow.matches ? 1 : 0),
    feature: null,
    step: null,
    panel: null,
    compare: null,
  };
  const linked = parseHash(location.hash, ids, languages, steps);
  /** begin is the View of a link: of the step of the story that it names, but for what it says itself. */
  const begin = (view: Partial<View>, rest: View): View => ({
    ...rest,
    ...(view.step ? stepView({ atlas, aim }, view.step) : {}),
    ...view,
  });
  const state = new State({ ...initial, ...linked.view });
  let words = new Words(state.get().lang);

  // The parts.
  const notices = new Notices();
  const live = h("p", { class: "visually-hidden", role: "status" });
  const mapElement = h("div", { id: "map", dir: "ltr" });
  const tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  // One line that opens to all of it: whose data these are may not be cut off.
  const attribution = h("button", {
    type: "button",
    class: "attribution",
    "aria-expanded": "false",
    onclick: () =>
      attribution.setAttribute("aria-expanded", String(attribution.getAttribute("aria-expanded") !== "true")),
  });
  const legend = new Legend(atlas, {
    onLayers: (on) => state.set({ layers: ids.filter((id) => on.includes(id)) }),
    onDownload: (layer) => void panels.open("download", layer),
  });
  const inView = new InView(
    (feature) => {
      state.set({ feature });
      details(feature);
    },
    () => panels.toggleTo("table"),
  );
  /** details opens what is known of a feature, and moves the keyboard there. */
  const details = (feature: string): void => {
    const known = find(feature);
    if (!known) return;
    panels.withDrawer((drawer) => {
      drawer.show(known);
      drawer.focus();
    });
  };
  const host: Host = {
    atlas,
    state,
    words: () => words,
    inView: () => visible(),
    bounds: () => {
      const { _southWest: a, _northEast: b } = leaflet.getBounds() as unknown as {
        readonly _southWest: { lat: number; lng: number };
        readonly _northEast: { lat: number; lng: number };
      };
      return [a.lng, a.lat, b.lng, b.lat];
    },
    usual: () => initial.layers,
    find: (feature) => find(feature),
    aim: (place) => aim(place),
    details,
    say: (text) => notices.say(text),
    takeHome: (slot) => void import("./export.ts").then(({ fill }) => fill(slot, exportHost)),
    close: (name) => panels.close(name),
    open: (name) => void panels.open(name),
    toggleCompare: () => void toggleCompare(),
    searchField: h("input", {
      autofocus: true,
      type: "text",
      id: "search-field",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 80,
    }),
  };
  const panels = new Panels(
    host,
    {
      onFeature: (feature) => state.set({ feature }),
      onTime: (time) => state.set({ time }),
      onItem: (feature, box) => {
        if (feature !== clicked) uncover(box);
      },
      onCite: () => void panels.open("share"),
    },
    () => page,
  );
  const timeline = new Timeline({
    from: atlas.span.from ?? Date.UTC(1900, 0, 1),
    until: atlas.span.until ?? Date.UTC(2100, 0, 1),
    years: atlas.years,
    onTime: (time) => state.set({ time }),
    onChange: (at) => {
      if (at === null) notices.say(words.t("noChange"));
    },
  });
  const figure = h("div", { class: "figure" });
  const problems = h("details", { class: "problems" });
  const licence = h("p", { class: "licence" });

  // The page.
  const title = h("h1");
  const layersButton = h(
    "button",
    { type: "button", class: "bar-button wide", "aria-controls": "panel", onclick: () => togglePanel() },
    icon("layers"),
    h("span"),
  );
  const downloadButton = h(
    "button",
    { type: "button", class: "bar-button", onclick: () => void panels.open("download") },
    icon("download"),
    h("span"),
  );
  const compareButton = h(
    "button",
    { type: "button", class: "bar-button", onclick: () => void toggleCompare() },
    icon("compare"),
    h("span"),
  );
  const language = languageSwitch(languages, (lang) => state.set({ lang }));
  const panelTitle = h("h2", { class: "visually-hidden" });
  const panel = h(
    "aside",
    { id: "panel", class: "panel" },
    panelTitle,
    h("div", { class: "panel-layers" }, legend.element, problems, licence),
    inView.element,
  );
  // Within another page: the way to the whole of this one.
  const whole = h("a", { class: "whole", target: "_blank" });
  const tools = h("nav", {}, ...panels.buttons, compareButton, downloadButton, layersButton, language.element);
  const stage = h(
    "main",
    { class: "stage" },
    ...[mapElement, whole, figure, tip, attribution, notices.element, ...panels.slots],
  );
  const page = h(
    "div",
    { class: "page" },
    h("header", { class: "bar" }, title, tools),
    panel,
    stage,
    panels.tabs,
    timeline.element,
  );
  document.body.replaceChildren(page, live, h("dialog", { class: "search" }, host.searchField));

  const togglePanel = (open = page.classList.contains("panel-closed")): void => {
    page.classList.toggle("panel-closed", !open);
    layersButton.setAttribute("aria-expanded", String(open));
    layersButton.setAttribute("aria-label", words.t(open ? "hideLayers" : "showLayers"));
    leaflet?.invalidateSize({ pan: false });
  };

  // The map.
  const { center, zoom: firstZoom } = state.get();
  const newMap = (element: HTMLElement): LeafletMap => {
    const map = new LeafletMap(element, {
      center: [center[1], center[0]],
      zoom: firstZoom,
      minZoom: 3,
      maxZoom: 14,
      zoomControl: false,
      attributionControl: false,
      fadeAnimation: false,
      zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      worldCopyJump: true,
    });
    for (const [name, z] of [
      ["ground", 200],
      ["data", 300],
      ["data2", 310],
      ["over", 400],
      ["over2", 410],
    ] as const) {
      const pane = map.createPane(name);
      pane.style.zIndex = String(z);
      pane.style.pointerEvents = "none";
    }
    return map;
  };
  const leaflet = newMap(mapElement);
  state.set(begin(linked.view, state.get()));
  const first = state.get();
  if (!samePlace(first, { ...first, center, zoom: firstZoom })) {
    leaflet.setView([first.center[1], first.center[0]], first.zoom, { animate: false });
  }
  const zoom = new Control.Zoom().addTo(leaflet);
  const scaleBar = new ScaleBar((metres) => words.quantity(metres, "m")).addTo(leaflet);

  const health = new Health(
    !kept,
    () => void lookAgain(),
    (well) => {
      if (well) notices.say(words.t("serverBack"));
      notices.keep("server", well ? null : () => words.t("serverGone"));
    },
  );
  if (kept) notices.keep("server", () => words.t("offline", { time: words.moment(kept) }));
  const decoder = new Decoder(WORKER_URL);
  const refused = (): void => notices.keep("tiles", () => words.t("tilesRefused"));
  const overlay = new Overlay("over");
  const arrived = (): void => {
    overlay.tilesChanged();
    pause();
  };
  const sources = {
    ground: atlas.basemap ? remembered(httpTiles(atlas.basemap.tiles, decoder, health)) : null,
    data: remembered(httpTiles(atlas.tiles, decoder, health)),
  };
  const ground = sources.ground ? new TimeTileLayer(sources.ground, arrived, refused, { pane: "ground" }, true) : null;
  const data = new TimeTileLayer(sources.data, arrived, refused, { pane: "data" });

  // What things look like: made anew for another colour scheme.
  let layers: Dressed[] = [];
  let base: Dressed[] = [];
  let token = (_name: string): string => "";
  const dress = (): void => {
    const css = getComputedStyle(document.documentElement);
    token = (name) => css.getPropertyValue(name).trim();
    const dressed = (layer: Layer, nth: number): Dressed => ({ layer, styles: new LayerStyle(layer, scheme(), nth) });
    layers = atlas.layers.map(dressed);
    base = (atlas.basemap?.layers ?? []).map(dressed);
    timeline.dress();
  };

  const painting = (list: readonly Dressed[]): Dressed[] =>
    [...list].reverse().sort((a, b) => a.styles.order - b.styles.order); // first in the atlas is on top
  const colours = (): Pick<OverlayLook, "ink" | "halo" | "accent"> => ({
    ink: token("--map-ink"),
    halo: token("--land"),
    accent: token("--accent"),
  });
  let look!: Look;
  let overlayLook!: OverlayLook;
  let groundLook!: Look;
  const relook = (view: View): void => {
    const on = painting(layers.filter(({ layer }) => view.layers.includes(layer.id)));
    const under = painting(base);
    const open = view.time.start === null && view.time.end === null;
    const { halo, accent, ink } = colours();
    look = {
      layers: on.map(({ layer, styles }) => ({ id: layer.id, styles })),
      halo,
      accent,
      feature: view.feature,
      strength: open ? 0.6 : 1,
    };
    overlayLook = {
      layers: [
        ...(ground ? under.map((d) => ({ ...d, tiles: ground, timed: false })) : []),
        ...on.map((d) => ({ ...d, tiles: data, timed: true })),
      ],
      lang: view.lang,
      rtl: words.dir === "rtl",
      ink,
      halo,
      accent,
      feature: view.feature,
    };
    groundLook = {
      layers: under.map(({ layer, styles }) => ({ id: layer.id, styles })),
      halo,
      accent,
      feature: null,
      strength: 1,
    };
    ground?.show(groundLook, always);
  };

  // What the language changes.
  const speak = (view: View): void => {
    words = new Words(view.lang);
    // The controls' language: a text of the atlas that is in another one says so itself.
    document.documentElement.lang = words.language;
    document.documentElement.dir = words.dir;
    const said = say(atlas.title, view.lang);
    put(title, said, words.language);
    put(whole, said, words.language);
    document.title = said.text;
    const name = (button: HTMLElement, text: string): void => {
      button.title = text;
      const span = button.querySelector("span");
      if (span) span.textContent = text;
    };
    name(layersButton, words.t("layers"));
    name(downloadButton, words.t("download"));
    name(compareButton, words.t("compare"));
    panelTitle.textContent = words.t("layers");
    tools.setAttribute("aria-label", words.t("tools"));
    panel.setAttribute("aria-label", words.t("layers"));
    layersButton.setAttribute(
      "aria-label",
      words.t(page.classList.contains("panel-closed") ? "showLayers" : "hideLayers"),
    );
    mapElement.setAttribute("aria-label", words.t("map"));
    mapElement.setAttribute("role", "application");
    host.searchField.setAttribute("aria-label", words.t("search"));
    language.show(view.lang, words.t("switchLanguage"));
    notices.speak(words);
    panels.speak();
    timeline.speak(words);
    inView.speak(words);
    zoom.setPosition(words.dir === "rtl" ? "topright" : "topleft");
    scaleBar.setPosition(words.dir === "rtl" ? "bottomright" : "bottomleft");
    const [zoomIn, zoomOut] = zoom.getContainer()?.querySelectorAll("a") ?? [];
    for (const [link, key] of [
      [zoomIn, "zoomIn"],
      [zoomOut, "zoomOut"],
    ] as const) {
      link?.setAttribute("aria-label", words.t(key));
      link?.setAttribute("title", words.t(key));
    }
    const credits = [
      ...new Set([atlas.attribution, ...base.map(({ layer }) => layer.attribution)].map((t) => say(t, view.lang).text)),
    ];
    attribution.textContent = credits.filter(Boolean).join(" · ");
    renderProblems();
    renderLicence();
    reserve();
  };

  let found = atlas.problems ?? [];
  const renderProblems = (): void => {
    const list = found;
    problems.hidden = list.length === 0;
    problems.replaceChildren(
      h("summary", {}, words.n("problems", list.length)),
      h(
        "ul",
        {},
        ...list.map(({ layer, message }) => {
          const broken = layer && !ids.includes(layer);
          return h(
            "li",
            {},
            broken ? h("p", {}, words.t("layerFailed", { layer })) : null,
            h("code", { dir: "ltr", lang: "en" }, message),
          );
        }),
      ),
    );
  };

  // The folder may be edited while the page is open: what is wrong with it now is
  // told, and that there is something new.
  let looking = 0;
  const lookAgain = async (): Promise<void> => {
    window.clearTimeout(looking);
    if (document.hidden) return;
    const now = await fetchAtlas().catch(() => null);
    const there = now !== null && !now.kept;
    looking = window.setTimeout(lookAgain, there ? 60_000 : 8000);
    health.report(there);
    if (!there) return;
    found = now.atlas.problems ?? [];
    renderProblems();
    notices.keep("atlas", now.atlas.revision === atlas.revision ? null : () => words.t("atlasChanged"));
  };
  looking = window.setTimeout(lookAgain, kept ? 8000 : 60_000);
  document.addEventListener("visibilitychange", () => void lookAgain());
  window.addEventListener("online", () => void lookAgain());

  const renderLicence = (): void => {
    const { name, url } = atlas.licence ?? {};
    const text = say(name, words.lang).text;
    licence.replaceChildren(
      h("button", { type: "button", class: "plain wide", onclick: () => void panels.open("help") }, words.t("keys")),
      h("span", { class: "wide" }, " · "),
      h("a", { href: LICENCES_URL, target: "_blank" }, words.t("licences")),
      text ? " · " : "",
      url && /^https?:/.test(url)
        ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer license" }, text)
        : text,
    );
  };

  // How much holds: the chart in the dock and the figures on the map, loaded once the map is there.
  let chart: Chart | null = null;
  const chartLayers = (view: View): void => {
    void chart?.show(
      layers.filter(({ layer }) => view.layers.includes(layer.id)),
      token("--muted"),
      words,
    );
  };
  const figures = (view: View): void => {
    const lines = chart?.figures(view.time, words) ?? [];
    if (lines.join("\n") === figure.dataset.lines) return;
    figure.dataset.lines = lines.join("\n");
    figure.replaceChildren(...lines.map((line) => h("p", {}, line)));
  };
  const loadChart = async (): Promise<void> => {
    const [{ Chart }] = await Promise.all([import("./chart.ts"), lateStyle()]);
    const made = new Chart(
      () => {
        timeline.setChart(made);
        figures(state.get());
        comparing?.show(state.get());
      },
      (time) => state.set({ time }),
    );
    chart = made;
    chartLayers(state.get());
  };

  // Two times at once, loaded when first asked for.
  const half: Half = { map: leaflet, data, overlay };
  let comparing: Compare | null = null;
  const compareHost: CompareHost = {
    stage,
    first: { ...half, ground },
    sources,
    span: { start: atlas.span.from, end: atlas.span.until },
    words: () => words,
    scheme,
    looks: () => ({ data: look, ground: groundLook, overlay: overlayLook }),
    layers: () => layers.filter(({ layer }) => state.get().layers.includes(layer.id)),
    figures: (time) => chart?.figures(time, words) ?? [],
    measured: () => compareHost.layers().flatMap(({ layer }) => (layer.metric === "area" ? [layer.id] : [])),
    newMap,
    tiles: (template) => httpTiles(template, decoder, health),
    set: (patch) => state.set(patch),
    typeDate: () => timeline.startEditing(),
    onLayout: () => reserve(),
  };
  const exportHost: ExportHost = {
    atlas,
    stage,
    view: () => state.get(),
    words: () => words,
    layers: compareHost.layers,
    pieces: () => {
      const box = mapElement.getBoundingClientRect();
      const pieces = comparing?.halves() ?? [];
      return pieces.length > 0 ? pieces : [{ half, ground, box, clip: box, time: state.get().time }];
    },
    figures: compareHost.figures,
    bounds: host.bounds,
    credits: () => attribution.textContent ?? "",
    token: (name) => token(name),
  };
  const compare = async (view: View): Promise<void> => {
    compareButton.setAttribute("aria-pressed", String(Boolean(view.compare)));
    if (!comparing && view.compare) {
      const [{ Compare }] = await Promise.all([import("./compare.ts"), lateStyle()]);
      comparing ??= new Compare(compareHost);
    }
    comparing?.show(state.get());
  };
  const toggleCompare = async (): Promise<void> => {
    if (state.get().compare) {
      state.set({ compare: null });
      return;
    }
    const { secondTime } = await import("./compare.ts");
    const { time } = state.get();
    state.set({ compare: { mode: "swipe", time: secondTime(time, timeline.from, timeline.until) } });
  };

  // What lies where.
  const layerOf = new Map(atlas.layers.map((layer) => [layer.id, layer]));
  const choice = ({ layer: id, feature }: Found): Choice[] => {
    const { props } = feature;
    const layer = layerOf.get(id);
    if (layer) return [{ feature: `${id}/${feature.id}`, layer, props, times: feature }];
    // A piece of a difference leads to the feature whose ground it is.
    const of = layerOf.get(wholeOf(id));
    return of ? [{ feature: `${of.id}/${props.feature}`, layer: of, props, times: null }] : [];
  };
  const once = (choices: readonly Choice[]): Choice[] => [...new Map(choices.map((c) => [c.feature, c])).values()];

  const at = (container: Point): Choice[] => {
    const { map, data: shapes, overlay: points } = comparing?.halfAt(container) ?? half;
    const world = map.containerPointToLayerPoint(container).add(map.getPixelOrigin());
    const reach = touch.matches ? 20 : 7;
    return once([...points.pointsAt(container, reach), ...shapes.shapesAt(world, reach - 2)].flatMap(choice));
  };

  const visible = (): Choice[] => {
    const bounds = leaflet.getPixelBounds();
    const { min, max } = bounds;
    if (!min || !max) return [];
    const found: Choice[] = [];
    for (const { id } of [...look.layers].reverse()) {
      for (const { feature, coords } of data.holding(id)) {
        const [x0, y0, x1, y1] = feature.bbox;
        const ox = coords.x * TILE;
        const oy = coords.y * TILE;
        if (ox + x1 < min.x || oy + y1 < min.y || ox + x0 > max.x || oy + y0 > max.y) continue;
        found.push(...choice({ layer: id, feature }));
      }
    }
    return once(found);
  };

  const find = (feature: string): Choice | null => {
    const cut = feature.indexOf("/");
    const layer = layerOf.get(feature.slice(0, cut));
    const id = feature.slice(cut + 1);
    if (!layer) return null;
    for (const found of data.holding(layer.id, always)) {
      if (found.feature.id === id) return { feature, layer, props: found.feature.props, times: found.feature };
    }
    return { feature, layer, props: {}, times: null };
  };

  // Time.
  let changes: readonly Instant[] = [];
  const { from, until } = atlas.span;
  const gather = (view: View): void => {
    const lists = atlas.layers.filter((layer) => view.layers.includes(layer.id)).map((layer) => layer.changes ?? []);
    changes = mergeChanges(lists, from ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY);
  };
  /** what says which features in sight begin and end on the day shown. */
  const what = (time: Period): string => {
    if (!isDay(time) || time.start === null || changes[lowerBound(changes, time.start)] !== time.start) return "";
    const began = new Set<string>();
    const ended = new Set<string>();
    for (const { id } of look.layers) {
      const layer = layerOf.get(id);
      if (!layer) continue;
      for (const { feature } of data.holding(id, always)) {
        if (feature.from !== time.start && feature.until !== time.start) continue;
        const name = nameOf(layer, feature.props, words.lang).text;
        if (name) (feature.from === time.start ? began : ended).add(name);
      }
    }
    const some = (names: ReadonlySet<string>): string => {
      const list = [...names];
      const rest = list.length > 3 ? ` ${words.n("more", list.length - 3)}` : "";
      return words.commas(list.slice(0, 3)) + rest;
    };
    const parts: string[] = [];
    if (began.size > 0) parts.push(words.t("began", { names: some(began) }));
    if (ended.size > 0) parts.push(words.t("ended", { names: some(ended) }));
    return parts.join(" · ");
  };

  // After a pause: the address, the list, and one line for who listens.
  let settledView = state.get();
  let announced = "";
  const pause = idle(() => {
    const view = state.get();
    const hash = formatHash(view, initial.layers);
    whole.href = formatHash({ ...view, embed: false }, initial.layers);
    if (hash !== location.hash) {
      const moved = sameTime(view.time, settledView.time) && sameLayers(view.layers, settledView.layers);
      const same =
        view.feature === settledView.feature && view.lang === settledView.lang && sameRoom(view, settledView);
      const onlyMoved = moved && same;
      if (onlyMoved) history.replaceState(null, "", hash);
      else history.pushState(null, "", hash);
    }
    settledView = view;
    timeline.show(view.time, changes, what(view.time)); // the tiles that know what happened may have come since
    const choices = visible();
    inView.show(choices);
    panels.show(view);
    if (view.feature && panels.drawer && !panels.drawer.element.hidden) {
      const known = find(view.feature);
      if (known) panels.drawer.show(known);
    }
    const counts = look.layers
      .map(({ id }) => ({ id, n: choices.filter((c) => c.layer.id === id).length }))
      .filter(({ n }) => n > 0)
      .map(({ id, n }) => `${say(layerOf.get(id)?.title, words.lang).text}: ${words.number(n)}`);
    const line = words.t("nowShown", {
      time: shownText(view.time, words),
      counts: words.commas(counts) || words.number(0),
    });
    const told = [line, ...(chart?.figures(view.time, words) ?? []), what(view.time)].filter(Boolean).join(" ");
    if (told !== announced && data.settled()) {
      announced = told;
      live.textContent = told;
    }
  }, 350);

  // The round: control -> state -> layers.
  let fromMap = false;
  state.subscribe((view, before) => {
    const open = (v: View): boolean => v.time.start === null && v.time.end === null;
    if (view.lang !== before.lang) {
      speak(view);
      legend.render(words, layers, base, token("--panel"));
    }
    const relisted = !sameLayers(view.layers, before.layers);
    if (relisted) gather(view);
    if (relisted || view.lang !== before.lang || view.feature !== before.feature || open(view) !== open(before)) {
      relook(view);
    }
    if (relisted) legend.show(view.layers);
    if (relisted || view.lang !== before.lang) chartLayers(view);
    figures(view);
    data.show(look, view.time);
    overlay.show(overlayLook, view.time);
    void compare(view);
    timeline.show(view.time, changes, what(view.time));
    panels.drawer?.at(view.time);
    if (!samePlace(view, before) && !fromMap) leaflet.setView([view.center[1], view.center[0]], view.zoom);
    if (view.feature !== before.feature || view.step !== before.step) showFeature(view.feature);
    if (!sameRoom(view, before) || view.lang !== before.lang) {
      page.classList.toggle("embed", view.embed === true);
      if (!view.embed !== !before.embed) leaflet.invalidateSize({ pan: false });
      panels.show(view);
      markStory(view);
    }
    pause();
  });

  /** markStory marks the steps of the story on the time line while it is told. */
  const markStory = (view: View): void => {
    const told = view.step ? (atlas.story ?? []) : [];
    const marks = told.map(({ time }, i) => ({ at: time ? parseTime(time)?.start : null, now: i + 1 === view.step }));
    timeline.mark(marks.flatMap(({ at, now }) => (typeof at === "number" ? [{ at, now }] : [])));
  };
  const showFeature = (feature: string | null): void => {
    // What a step of the story points out is marked on the map; the story itself says what it is.
    const told = atlas.story?.[(state.get().step ?? 0) - 1]?.feature;
    const known = feature && feature !== told ? find(feature) : null;
    if (known) panels.withDrawer((drawer) => drawer.show(known));
    else if (!panels.drawer?.choosing()) panels.drawer?.hide();
  };

  /** What panels cover of the map: a column at the reading end, or the lower part of a narrow page. */
  function covered(): { x: number; y: number } {
    const { x, y } = leaflet.getSize();
    if (narrow.matches) return { x: 0, y: Math.round(y * 0.5) };
    return { x: x > 800 ? 384 : 0, y: 0 };
  }
  function aim(place: Place): Pick<View, "center" | "zoom"> {
    const { x, y } = covered();
    let center: readonly [number, number];
    let { zoom } = state.get();
    if ("center" in place) {
      center = place.center;
      zoom = place.zoom - (narrow.matches || leaflet.getSize().x - x < 680 ? 1 : 0);
    } else {
      const [west, south, east, north] = place.bbox;
      center = [(west + east) / 2, (south + north) / 2];
      const room = leaflet.getSize().subtract([x + 48, y + 48]);
      const a = leaflet.project([north, west], 0);
      const b = leaflet.project([south, east], 0);
      const fit = Math.floor(
        Math.log2(Math.min(room.x / Math.max(b.x - a.x, 1e-9), room.y / Math.max(b.y - a.y, 1e-9))),
      );
      zoom = Math.max(Math.min(fit, Math.max(zoom, place.most)), leaflet.getMinZoom());
    }
    const aside = words.dir === "rtl" ? -x / 2 : x / 2;
    const middle = leaflet.unproject(leaflet.project([center[1], center[0]], zoom).add([aside, y / 2]), zoom);
    return { center: [middle.lng, middle.lat], zoom };
  }

  /** clicked is the feature that was chosen on the map itself, where it is in sight already. */
  let clicked: string | null = null;
  /** uncover moves the map if a feature lies out of sight or under a panel. */
  const uncover = (box: Box): void => {
    const [west, south, east, north] = box;
    const a = leaflet.latLngToContainerPoint([north, west]);
    const b = leaflet.latLngToContainerPoint([south, east]);
    const { x, y } = leaflet.getSize();
    const hidden = covered();
    const left = words.dir === "rtl" ? hidden.x : 0;
    const right = words.dir === "rtl" ? x : x - hidden.x;
    const bottom = y - hidden.y;
    const inside = (p: number, lo: number, hi: number): boolean => p >= lo && p <= hi;
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    if (inside(middle.x, left + 16, right - 16) && inside(middle.y, 16, bottom - 16)) return;
    // What is larger than the map is seen anyway, if any of it is.
    const seen = Math.min(b.x, right) - Math.max(a.x, left) > 60 && Math.min(b.y, bottom) - Math.max(a.y, 0) > 60;
    if (seen) return;
    state.set(aim({ bbox: box, most: state.get().zoom }));
  };

  const reserve = (): void => {
    const { left, top } = mapElement.getBoundingClientRect();
    const over = [zoom.getContainer(), scaleBar.getContainer(), attribution].flatMap((element) => {
      const box = element?.getBoundingClientRect();
      return box
        ? [{ minX: box.left - left, minY: box.top - top, maxX: box.right - left, maxY: box.bottom - top }]
        : [];
    });
    overlay.reserve(over);
  };
  leaflet.on("moveend", reserve);
  leaflet.on("moveend", () => {
    const center = leaflet.getCenter();
    fromMap = true;
    state.set({ center: [center.lng, center.lat], zoom: leaflet.getZoom() });
    fromMap = false;
  });
  leaflet.on("click", (event: LeafletMouseEvent) => {
    const choices = at(event.containerPoint);
    clicked = choices.length === 1 ? choices[0].feature : null;
    tip.hidden = true;
    // On a phone the drawer is a sheet over the lower part: what was touched must not lie under it.
    const rise = event.containerPoint.y - leaflet.getSize().y * 0.3;
    if (narrow.matches && choices.length > 0 && rise > 0) leaflet.panBy([0, rise]);
    if (choices.length > 1) {
      state.set({ feature: null });
      panels.withDrawer((drawer) => drawer.choose(choices));
    } else {
      panels.drawer?.forget();
      state.set({ feature: choices[0]?.feature ?? null });
      if (choices.length === 0) panels.drawer?.hide();
    }
  });
  let pointer: Point | null = null;
  let hovering = 0;
  leaflet.on("mousemove", (event: LeafletMouseEvent) => {
    pointer = event.containerPoint;
    if (hovering !== 0) return;
    hovering = requestAnimationFrame(() => {
      hovering = 0;
      if (pointer && !touch.matches) hover(pointer);
    });
  });
  leaflet.on("mouseout movestart", () => {
    pointer = null;
    tip.hidden = true;
  });
  const hover = (where: Point): void => {
    const choices = at(where);
    mapElement.classList.toggle("over-feature", choices.length > 0);
    tip.hidden = choices.length === 0;
    if (choices.length === 0) return;
    const [top] = choices;
    const name = nameOf(top.layer, top.props, words.lang);
    const rest = choices.length > 1 ? words.n("more", choices.length - 1) : "";
    tip.replaceChildren(
      put(h("strong"), name.text ? name : { text: words.t("untitled"), lang: words.language }, words.language),
      put(h("span"), say(top.layer.title, words.lang), words.language),
      rest ? h("span", { class: "quiet" }, rest) : "",
    );
    const size = leaflet.getSize();
    const left = where.x > size.x - 260;
    tip.style.transform = `translate(${where.x + (left ? -14 : 14)}px, ${where.y + 14}px) translateX(${left ? "-100%" : "0"})`;
  };
  // The map has the keys of time as well, but the arrows, by which it pans.
  mapElement.addEventListener("keydown", (event) => {
    if (event.target === mapElement && timeline.key(event, false)) DomEvent.stop(event);
  });
  window.addEventListener("popstate", () => {
    const { view, bad } = parseHash(location.hash, ids, languages, steps);
    const { lang, center, zoom, embed } = state.get();
    settledView = begin(view, { ...initial, lang, center, zoom, embed });
    state.set(settledView);
    tellBad(bad);
  });
  const tellBad = (bad: readonly string[]): void => {
    notices.keep("link", bad.length > 0 ? () => words.t("badLink", { parts: bad.join(", ") }) : null);
  };
  dark.addEventListener("change", () => {
    dress();
    relook(state.get());
    chartLayers(state.get());
    legend.render(words, layers, base, token("--panel"));
    data.show(look, state.get().time);
    overlay.show(overlayLook, state.get().time);
    void compare(state.get());
    timeline.show(state.get().time, changes, what(state.get().time));
  });

  // Begin.
  dress();
  relook(first);
  speak(first);
  gather(first);
  legend.render(words, layers, base, token("--panel"));
  legend.show(first.layers);
  page.classList.toggle("embed", first.embed === true);
  togglePanel(true); // which also tells the map how large it is now
  timeline.show(first.time, changes, "");
  panels.show(first);
  markStory(first);
  ground?.addTo(leaflet);
  data.show(look, first.time);
  data.addTo(leaflet);
  fontsReady().then(() => {
    reserve();
    overlay.show(overlayLook, state.get().time);
    overlay.addTo(leaflet);
    timeline.show(state.get().time, changes, what(state.get().time));
    const chartThere = loadChart();
    const panelsThere = panels.fetch();
    void compare(state.get());
    // Last of all, for the next time: what was loaded by now stays.
    void Promise.allSettled([chartThere, panelsThere]).then(async () => (await import("./offline.ts")).stayUsable());
  });
  showFeature(first.feature);
  tellBad(linked.bad);
  pause();

  // For tests and the curious: what is shown, read-only.
  Object.defineProperty(window, "kharita", {
    value: Object.freeze({
      /** The ids of a layer's features in the loaded tiles that hold in the period shown, sorted. */
      shown: (layer: string): string[] =>
        state.get().layers.includes(layer)
          ? [...new Set([...data.holding(layer)].map(({ feature }) => feature.id))].sort()
          : [],
      /** The features at a place of the map, top first, as "layer/id". */
      hits: (x: number, y: number): string[] => at(point(x, y)).map((c) => c.feature),
      /** Whether a feature that is loaded certainly or possibly holds in the period shown. */
      standing: (feature: string): string | null => {
        const times = find(feature)?.times;
        return times ? standing(times, state.get().time) : null;
      },
      view: (): View => state.get(),
      labels: () => overlay.labels(),
      project: (lon: number, lat: number) => leaflet.latLngToContainerPoint([lat, lon]),
      settled: (): boolean => data.settled() && (ground?.settled() ?? true) && overlay.settled(),
      stats: () => ({ data: { ...data.stats }, ground: { ...ground?.stats }, overlay: { ...overlay.stats } }),
    }),
  });
}

/** A switch between two languages names the other one; more than two make a list. */
function languageSwitch(
  languages: readonly string[],
  onLang: (lang: string) => void,
): { element: HTMLElement; show(lang: string, label: string): void } {
  if (languages.length < 2) return { element: h("span", { hidden: true }), show: () => undefined };
  if (languages.length === 2) {
    const button = h("button", { type: "button", class: "bar-button language" });
    let other = languages[0];
    button.addEventListener("click", () => onLang(other));
    return {
      element: button,
      show(lang) {
        other = languages.find((l) => l !== lang) ?? lang;
        button.textContent = endonym(other);
        button.lang = other;
      },
    };
  }
  const select = h(
    "select",
    { class: "bar-button language", onchange: () => onLang(select.value) },
    ...languages.map((lang) => h("option", { value: lang, lang }, endonym(lang))),
  );
  return {
    element: select,
    show(lang, label) {
      select.value = lang;
      select.setAttribute("aria-label", label);
    },
  };
}

/** fontsReady waits for the fonts of the labels, so that none is measured or drawn in another; not for ever. */
async function fontsReady(): Promise<void> {
  const fonts = ["400", "600"].flatMap((weight) => [
    document.fonts.load(`${weight} 13px "IBM Plex Sans"`, "a"),
    document.fonts.load(`${weight} 13px "IBM Plex Sans Arabic"`, "ع"),
  ]);
  const patience = new Promise((done) => setTimeout(done, 3000));
  await Promise.race([Promise.allSettled(fonts), patience]);
}

async function load(): Promise<void> {
  const words = new Words(preferred(["en", "ar"]));
  document.documentElement.dir = words.dir;
  document.documentElement.lang = words.language;
  try {
    const { atlas, kept } = await fetchAtlas();
    start(atlas, kept);
  } catch (error) {
    console.error(error);
    const reason = error instanceof Error ? error.message : String(error);
    document.body.replaceChildren(
      h(
        "div",
        { class: "fatal", role: "alert" },
        h("p", {}, words.t("atlasFailed", { reason })),
        h("button", { type: "button", class: "action", onclick: () => void load() }, words.t("tryAgain")),
      ),
    );
  }
}

void load();
