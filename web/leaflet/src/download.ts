/** The dialog from which layers are taken home: what, when, in which format, and how much it will be. */

import { countItems, downloadUrl } from "./api.ts";
import { type Atlas, say } from "./atlas.ts";
import { h, icon } from "./dom.ts";
import { dialogHead, modal, tell } from "./frame.ts";
import type { Period } from "./instant.ts";
import { shownText } from "./keys.ts";
import type { Dialog, Host } from "./panels.ts";
import type { Words } from "./words.ts";

const formatNames: Readonly<Record<string, string>> = {
  ...{ geojson: "GeoJSON", geojsonl: "GeoJSONSeq", jsonfg: "JSON-FG", csv: "CSV", kml: "KML" },
  ...{ fgb: "FlatGeobuf", gpkg: "GeoPackage", pmtiles: "PMTiles" },
};

export class Downloads implements Dialog {
  private readonly element = modal("download");
  private readonly atlas: Atlas;
  private abort: AbortController | null = null;

  constructor(private readonly host: Host) {
    this.atlas = host.atlas;
  }

  /** open asks about a layer, or about the whole atlas. */
  open(layer: string | null = null): void {
    const words = this.host.words();
    const { time } = this.host.state.get();
    const always = time.start === null && time.end === null;
    const what = h(
      "select",
      { id: "download-what" },
      h("option", { value: "" }, tell(words, "wholeAtlas")),
      ...this.atlas.layers.map((l) => h("option", { value: l.id }, say(l.title, words.lang).text)),
    );
    what.value = layer ?? "";
    const when = h(
      "fieldset",
      {},
      h("legend", {}, tell(words, "downloadWhen")),
      always ? null : radio("when", "shown", `${tell(words, "asShown")}: ${shownText(time, words)}`, true),
      radio("when", "all", tell(words, "everything"), always),
    );
    const count = h("p", { class: "count", role: "status" });
    const links = h("p", { class: "links" });
    const seen = h("section", { class: "as-seen" });
    const update = (): void => {
      const shown = (when.querySelector("input:checked") as HTMLInputElement | null)?.value === "shown";
      this.update(words, what.value || null, shown ? time : null, count, links);
    };
    this.element.replaceChildren(
      h(
        "form",
        { method: "dialog", onchange: update },
        dialogHead(this.element, words, words.t("download")),
        h("label", { for: "download-what" }, tell(words, "downloadWhat")),
        what,
        when,
        count,
        links,
        seen,
      ),
    );
    if (layer === null) this.host.takeHome(seen);
    this.element.showModal();
    update();
  }

  private update(
    words: Words,
    layer: string | null,
    time: Period | null,
    count: HTMLElement,
    links: HTMLElement,
  ): void {
    const chosen = this.atlas.layers.filter((l) => layer === null || l.id === layer);
    // The whole atlas comes in the formats of its layers, under the same extensions.
    const formats = (chosen[0]?.downloads ?? []).map(({ format, href }) => ({
      format,
      href: layer === null ? `/downloads/atlas${href.slice(href.lastIndexOf("."))}` : href,
    }));
    links.replaceChildren(
      ...formats.map(({ format, href }, i) =>
        h(
          "a",
          { class: i === 0 ? "action" : "action second", href: downloadUrl(href, time), download: true },
          icon("download"),
          tell(words, "saveFile", { format: formatNames[format] ?? format }),
        ),
      ),
    );
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    count.textContent = "…";
    count.className = "count";
    Promise.all(chosen.map((l) => countItems(l.id, time, abort.signal))).then(
      (counts) => {
        const n = counts.reduce((a, b) => a + b, 0);
        count.textContent = Number.isNaN(n)
          ? tell(words, "countUnknown")
          : n === 0
            ? tell(words, "downloadEmpty")
            : tell(words, "downloadCount", {}, n);
        count.classList.toggle("wrong", n === 0);
      },
      () => {
        if (!abort.signal.aborted) count.textContent = tell(words, "countUnknown");
      },
    );
  }
}

function radio(name: string, value: string, text: string, checked: boolean): HTMLElement {
  return h("label", { class: "radio" }, h("input", { type: "radio", name, value, checked }), h("span", {}, text));
}
