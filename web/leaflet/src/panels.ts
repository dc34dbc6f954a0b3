/**
 * The panels that come when they are first asked for: story, sources, table, search, sharing, help. Here are only
 * their buttons, tabs, keys and places; what is open follows the View.
 */

import type { Atlas, Step } from "./atlas.ts";
import { h, type IconName, icon, lateStyle } from "./dom.ts";
import type { TextKey } from "./i18n/catalogue.ts";
import { latinKey, lettersAnywhere } from "./keys.ts";
import type { Choice, Drawer, DrawerOptions } from "./popup.ts";
import type { State, View } from "./state.ts";
import { parseTime } from "./url.ts";
import type { Words } from "./words.ts";

/** Where to look: a place by its centre, or all of a box (west, south, east, north). */
export type Place =
  | { readonly center: readonly [number, number]; readonly zoom: number }
  | { readonly bbox: readonly [number, number, number, number]; readonly most: number };

/** What panels may ask of the page. */
export interface Host {
  readonly atlas: Atlas;
  readonly state: State;
  words(): Words;
  /** Features in view at the time shown, each once, top layer first. */
  inView(): readonly Choice[];
  /** The box of the map that is in view: west, south, east, north. */
  bounds(): readonly [number, number, number, number];
  /** The layers that are on where a link names none. */
  usual(): readonly string[];
  find(feature: string): Choice | null;
  /** aim returns the centre and zoom at which a place lies in the middle of what no panel covers. */
  aim(place: Place): Pick<View, "center" | "zoom">;
  /** details opens what is known of a feature, over the panels. */
  details(feature: string): void;
  say(text: string): void;
  /** takeHome offers what is seen, as a picture and as data, in an element. */
  takeHome(slot: HTMLElement): void;
  /** close closes a panel and gives the focus back to where it was opened from. */
  close(name: PanelName): void;
  /** open opens a part that is not in the View. */
  open(name: DialogName): void;
  /** toggleCompare begins or ends the comparison of two times. */
  toggleCompare(): void;
  /** The field of the search, in its dialog. */
  readonly searchField: HTMLInputElement;
}

/** A panel that stays and follows the View. */
export interface Panel {
  /** update shows the View as it now is. */
  update(): void;
  focus(): void;
}

/** A dialog that is opened by hand. */
export interface Dialog {
  /** about is the layer that it is about, if it is about one. */
  open(about?: string | null): void;
}

export type PanelName = "story" | "sources" | "table";
export type DialogName = "search" | "share" | "help" | "download";

/** rooms fetches all panels and dialogs, and their style. */
const rooms = async () => {
  const [all] = await Promise.all([import("./rooms.ts"), lateStyle()]);
  const panels: Record<PanelName, new (host: Host, slot: HTMLElement) => Panel> = {
    sources: all.Sources,
    story: all.Story,
    table: all.Table,
  };
  const dialogs: Record<DialogName, new (host: Host) => Dialog> = {
    search: all.Search,
    share: all.Share,
    help: all.Help,
    download: all.Downloads,
  };
  return { panels, dialogs, Drawer: all.Drawer };
};

const opened = (view: View, name: PanelName): boolean =>
  name === "story" ? Boolean(view.step) : (view.panel ?? "").split("/")[0] === name;

/** The sheets of a narrow page that are not panels: parts of the layers' panel. */
type Sheet = "layers" | "list";

export class Panels {
  /** Buttons of the page's head. */
  readonly buttons: HTMLElement[] = [];
  /** Tabs of a narrow page. */
  readonly tabs = h("nav", { class: "tabs" });
  /** Where panels stand; each hides those that follow it. */
  readonly slots: HTMLElement[] = [];
  private readonly slot = new Map<PanelName, HTMLElement>();
  private readonly made = new Map<PanelName, Panel>();
  private readonly dialogs = new Map<DialogName, Dialog>();
  private readonly speakers: (() => void)[] = [];
  private readonly openers = new Map<string, HTMLElement[]>();
  private opener: HTMLElement | null = null;
  private lastStep = 1;

  /** The drawer of details, once it is there. */
  drawer: Drawer | null = null;

  constructor(
    private readonly host: Host,
    private readonly options: DrawerOptions,
    /** The element that carries the name of a narrow page's open sheet. */
    private readonly page: () => HTMLElement,
  ) {
    this.slots.push(h("aside", { class: "drawer", hidden: true }));
    for (const name of ["sources", "story", "table"] as const) {
      const slot = h("aside", { id: `slot-${name}`, class: name === "table" ? "table-view" : `drawer ${name}` });
      slot.hidden = true;
      slot.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.defaultPrevented) this.close(name);
      });
      this.slot.set(name, slot);
      this.slots.push(slot);
    }
    const told = (host.atlas.story ?? []).length > 0;
    this.buttons.push(this.button("search", "search", "search", () => void this.open("search")));
    if (told) this.buttons.push(this.toggle("story", "story", "wide"));
    this.buttons.push(
      this.toggle("sources", "sources", "wide"),
      this.button("share", "share", "wide", () => void this.open("share")),
    );
    this.tabs.append(
      this.sheet("layers", "layers"),
      this.sheet("list", "inView"),
      this.toggle("sources", "sources", ""),
    );
    if (told) this.tabs.append(this.toggle("story", "story", ""));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  speak(): void {
    this.tabs.setAttribute("aria-label", this.host.words().t("panels"));
    for (const say of this.speakers) say();
    this.drawer?.speak(this.host.words());
  }

  /** fetch brings all panels, so that they are there when they are wanted, or the server is gone. */
  async fetch(): Promise<void> {
    await rooms().catch(() => undefined); // who wants one then will be told
  }

  /** withDrawer hands the drawer of details to act, as soon as it is there. */
  withDrawer(act: (drawer: Drawer) => void): void {
    if (this.drawer) {
      act(this.drawer);
      return;
    }
    rooms().then(
      ({ Drawer }) => {
        if (!this.drawer) {
          this.drawer = new Drawer(this.slots[0], this.options);
          this.drawer.speak(this.host.words());
          this.drawer.at(this.host.state.get().time);
        }
        act(this.drawer);
      },
      (error: unknown) => {
        console.info(error);
        this.host.say(this.host.words().t("partFailed"));
      },
    );
  }

  /** show opens and closes what the View says. */
  show(view: View): void {
    if (view.step) this.lastStep = view.step;
    for (const [name, slot] of this.slot) {
      const open = opened(view, name);
      const held = !open && slot.contains(document.activeElement);
      slot.hidden = !open;
      for (const opener of this.openers.get(name) ?? []) opener.setAttribute("aria-expanded", String(open));
      if (open) void this.update(name, slot);
      else if (held) this.opener?.focus();
    }
    if (view.step || view.panel) this.raise(null);
  }

  /** close closes a panel. */
  close(name: PanelName): void {
    this.host.state.set(name === "story" ? { step: null } : { panel: null });
  }

  /** open opens a dialog, which it first fetches if it has to. */
  async open(name: DialogName, about: string | null = null): Promise<void> {
    // The search's field does not wait for the rest: nothing that is typed meanwhile is lost.
    const early = name === "search" ? this.host.searchField.closest("dialog") : null;
    if (early?.open) return;
    early?.showModal();
    try {
      let dialog = this.dialogs.get(name);
      if (!dialog) {
        dialog = new (await rooms()).dialogs[name](this.host);
        this.dialogs.set(name, dialog);
      }
      dialog.open(about);
    } catch (error) {
      console.info(error);
      early?.close();
      this.host.say(this.host.words().t("partFailed"));
    }
  }

  /** toggleTo opens a panel, or closes it if it is open. */
  toggleTo(name: PanelName): void {
    const { state } = this.host;
    if (opened(state.get(), name)) {
      this.close(name);
      return;
    }
    this.opener = document.activeElement as HTMLElement | null;
    this.wanted = name;
    if (name === "story") {
      state.set({ ...stepView(this.host, this.lastStep), step: this.lastStep, panel: null });
    } else state.set({ panel: name, feature: null });
  }

  private wanted: PanelName | null = null;

  private async update(name: PanelName, slot: HTMLElement): Promise<void> {
    let panel = this.made.get(name);
    if (!panel) {
      const words = this.host.words();
      slot.replaceChildren(h("p", { class: "part-note quiet" }, words.t("loading")));
      try {
        const { panels } = await rooms();
        panel = this.made.get(name) ?? new panels[name](this.host, slot);
        this.made.set(name, panel);
      } catch (error) {
        console.info(error);
        slot.replaceChildren(
          h(
            "p",
            { class: "part-note wrong", role: "alert" },
            words.t("partFailed"),
            " ",
            h(
              "button",
              { type: "button", class: "plain", onclick: () => void this.update(name, slot) },
              words.t("tryAgain"),
            ),
          ),
        );
        return;
      }
      if (slot.hidden) return;
    }
    panel.update();
    if (this.wanted !== name) return;
    this.wanted = null;
    panel.focus();
  }

  private button(key: TextKey, name: IconName, kind: string, onclick: () => void): HTMLButtonElement {
    const text = h("span");
    const button = h("button", { type: "button", class: `bar-button ${kind}`, onclick }, icon(name), text);
    this.speakers.push(() => {
      text.textContent = this.host.words().t(key);
      button.title = text.textContent;
    });
    return button;
  }

  private toggle(name: "story" | "sources", sign: IconName, kind: string): HTMLButtonElement {
    const button = this.button(name, sign, kind, () => this.toggleTo(name));
    button.setAttribute("aria-controls", `slot-${name}`);
    button.setAttribute("aria-expanded", "false");
    this.openers.set(name, [...(this.openers.get(name) ?? []), button]);
    return button;
  }

  private sheet(name: Sheet, key: TextKey): HTMLButtonElement {
    const button = this.button(key, name, "", () => this.raise(this.page().dataset.sheet === name ? null : name));
    button.setAttribute("aria-controls", "panel");
    button.setAttribute("aria-expanded", "false");
    this.openers.set(name, [button]);
    return button;
  }

  /** raise opens a sheet of a narrow page over all others, or closes it. */
  private raise(sheet: Sheet | null): void {
    const page = this.page();
    if (sheet) {
      page.dataset.sheet = sheet;
      this.host.state.set({ panel: null, step: null, feature: null });
    } else delete page.dataset.sheet;
    for (const name of ["layers", "list"]) {
      for (const opener of this.openers.get(name) ?? []) opener.setAttribute("aria-expanded", String(name === sheet));
    }
    if (sheet === "list") page.querySelector<HTMLDetailsElement>(".in-view")?.setAttribute("open", "");
  }

  private key(event: KeyboardEvent): void {
    const { target } = event;
    if (
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      event.defaultPrevented ||
      document.querySelector("dialog[open]")
    )
      return;
    if (target instanceof HTMLElement && target.closest("input:not([type=range], [type=checkbox]), select, textarea"))
      return;
    if (!lettersAnywhere() && !(target instanceof Element && target.closest("#map, .dock"))) return;
    const actions: Record<string, () => void> = {
      "/": () => void this.open("search"),
      "?": () => void this.open("help"),
      t: () => this.toggleTo("table"),
      r: () => this.toggleTo("sources"),
      c: () => this.host.toggleCompare(),
      ...(this.openers.has("story") ? { s: () => this.toggleTo("story") } : {}),
    };
    const act = actions[latinKey(event)];
    if (!act) return;
    act();
    event.preventDefault();
  }
}

/** stepView is what a step of the story (the first is 1) shows; what the step does not say stays as it is. */
export function stepView(host: Pick<Host, "atlas" | "aim">, step: number): Partial<View> {
  const told: Step | undefined = host.atlas.story?.[step - 1];
  if (!told) return {};
  const time = told.time ? parseTime(told.time) : null;
  const { layers, view } = told;
  return {
    feature: told.feature || null,
    ...(time ? { time } : {}),
    ...(layers ? { layers: host.atlas.layers.map(({ id }) => id).filter((id) => layers.includes(id)) } : {}),
    ...(view?.center ? host.aim({ center: view.center, zoom: view.zoom ?? host.atlas.view.zoom }) : {}),
  };
}
