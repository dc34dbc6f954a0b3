/** Sharing: a link to what is shown, the code that puts it into a page, and how to cite it. */

import { itemUrl } from "./api.ts";
import { type Atlas, nameOf, say } from "./atlas.ts";
import { h } from "./dom.ts";
import { copyable, dialogHead, modal, tell } from "./frame.ts";
import { day, describePeriod } from "./instant.ts";
import { shownText } from "./keys.ts";
import type { Dialog, Host } from "./panels.ts";
import { formatHash } from "./url.ts";
import type { Words } from "./words.ts";

/** A thing that is cited. */
export interface Work {
  /** What is cited; the same as whole if the whole is. */
  readonly title: string;
  readonly whole: string;
  /** Who stands for it; may be empty. */
  readonly author: string;
  readonly url: string;
  readonly revision: string;
  readonly licence: string;
  /** The day on which it was read, "2026-11-23". */
  readonly accessed: string;
}

export type Format = "plain" | "bibtex" | "ris";

/** cite writes a citation. Plain text is in the reader's language; the others are for programs. */
export function cite(work: Work, format: Format, words: Words): string {
  const part = work.title !== work.whole;
  if (format === "plain") {
    const date = describePeriod(day(Date.parse(`${work.accessed}T00:00:00Z`)), words.language);
    return words.commas([
      part ? words.quoted(work.title) : work.title,
      ...(part ? [tell(words, "citedIn", { atlas: work.whole })] : []),
      ...(work.author && !work.author.includes(work.whole) ? [work.author] : []),
      tell(words, "revision", { revision: work.revision }),
      ...(work.licence && !work.author.includes(work.licence) ? [work.licence] : []),
      `${work.url} (${tell(words, "accessed", { date })})`,
    ]);
  }
  if (format === "bibtex") {
    const fields: [string, string][] = [
      ["title", work.title],
      ...(part ? [["booktitle", work.whole] as [string, string]] : []),
      ...(work.author ? [["author", `{${bibtex(work.author)}}`] as [string, string]] : []),
      ["year", work.accessed.slice(0, 4)],
      ["url", work.url],
      ["urldate", work.accessed],
      ["note", [`Revision ${work.revision}`, work.licence].filter(Boolean).join(", ")],
    ];
    const lines = fields.map(([name, value]) =>
      name === "url" || name === "author" ? `  ${name} = {${value}}` : `  ${name} = {${bibtex(value)}}`,
    );
    return `@${part ? "incollection" : "misc"}{${bibtexKey(work)},\n${lines.join(",\n")}\n}`;
  }
  const lines = [
    `TY  - ${part ? "CHAP" : "MAP"}`,
    `TI  - ${ris(work.title)}`,
    ...(part ? [`T2  - ${ris(work.whole)}`] : []),
    ...(work.author ? [`AU  - ${ris(work.author)}`] : []),
    `PY  - ${work.accessed.slice(0, 4)}`,
    `ET  - ${ris(work.revision)}`,
    `UR  - ${work.url}`,
    `Y2  - ${work.accessed.replaceAll("-", "/")}`,
    ...(work.licence ? [`N1  - ${ris(work.licence)}`] : []),
    "ER  - ",
  ];
  return lines.join("\r\n");
}

/** bibtex escapes what BibTeX and TeX would read as commands. */
function bibtex(text: string): string {
  return text
    .replace(/[\\{}]/g, (c) => (c === "\\" ? "\\textbackslash " : `\\${c}`))
    .replace(/[&%$#_]/g, (c) => `\\${c}`)
    .replace(/\s+/g, " ");
}

const ris = (text: string): string => text.replace(/\s+/g, " ").trim();

/** bibtexKey makes a key of Latin letters and digits: the address's last part and the revision. */
function bibtexKey({ url, revision }: Work): string {
  const name = decodeURIComponent(new URL(url).pathname).split("/").pop() ?? "";
  const plain = `${name}-${revision.slice(0, 6)}`.replace(/[^A-Za-z0-9-]+/g, "").replace(/^-+/, "");
  return plain || "map";
}

/** embedHash is the link of a view as it stands in another page: the map and the time alone. */
export function embedCode(url: string, title: string): string {
  const escaped = (text: string): string =>
    text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);
  return `<iframe src="${escaped(url)}" title="${escaped(title)}" width="100%" height="600" loading="lazy" style="border:0"></iframe>`;
}

/** workOf gathers what is cited: the atlas, what is shown, or a feature. */
export function workOf(
  what: "atlas" | "view" | "feature",
  atlas: Atlas,
  words: Words,
  at: { url: string; shown: string; feature: { id: string; name: string } | null; today: string },
): Work {
  const whole = say(atlas.title, words.lang).text;
  const licence = say(atlas.licence?.name, words.lang).text;
  const origin = new URL(at.url).origin;
  const { feature } = at;
  return {
    whole,
    title: what === "feature" && feature ? feature.name : what === "view" ? `${whole}: ${at.shown}` : whole,
    author: say(atlas.attribution, words.lang).text,
    url: what === "feature" && feature ? origin + itemUrl(feature.id) : what === "view" ? at.url : `${origin}/`,
    revision: atlas.revision,
    licence,
    accessed: at.today,
  };
}

export class Share implements Dialog {
  private readonly dialog = modal("share");

  constructor(private readonly host: Host) {}

  open(): void {
    const { host } = this;
    const words = host.words();
    const view = host.state.get();
    const all = host.usual();
    const here = location.origin + location.pathname;
    const url = here + formatHash({ ...view, embed: false }, all);
    const title = say(host.atlas.title, words.lang).text;
    const name = this.featureName();
    const at = {
      url,
      shown: shownText(view.time, words),
      feature: name && view.feature ? { id: view.feature, name } : null,
      today: new Date().toISOString().slice(0, 10),
    };

    const link = copyable(words, tell(words, "link"), 2);
    link.set(url);
    const embed = copyable(words, tell(words, "embedCode"), 3);
    embed.set(embedCode(here + formatHash({ ...view, embed: true, panel: null, step: null }, all), title));
    const what = h(
      "select",
      { id: "cite-what" },
      at.feature ? h("option", { value: "feature" }, tell(words, "thisFeature", { name })) : null,
      h("option", { value: "view" }, tell(words, "thisView")),
      h("option", { value: "atlas" }, tell(words, "theAtlas")),
    );
    const format = h(
      "select",
      { id: "cite-format" },
      h("option", { value: "plain" }, tell(words, "plainText")),
      h("option", { value: "bibtex" }, "BibTeX"),
      h("option", { value: "ris" }, "RIS"),
    );
    const text = copyable(words, tell(words, "citation"), 5, "auto");
    const update = (): void => {
      const work = workOf(what.value as "atlas" | "view" | "feature", host.atlas, words, at);
      text.set(cite(work, format.value as Format, words));
    };
    what.addEventListener("change", update);
    format.addEventListener("change", update);
    update();
    this.dialog.replaceChildren(
      dialogHead(this.dialog, words, tell(words, "share")),
      link.element,
      embed.element,
      h("h3", {}, tell(words, "citation")),
      h(
        "div",
        { class: "pair" },
        h("div", {}, h("label", { for: "cite-what" }, tell(words, "citeWhat")), what),
        h("div", {}, h("label", { for: "cite-format" }, words.t("format")), format),
      ),
      text.element,
    );
    this.dialog.showModal();
  }

  private featureName(): string {
    const { feature, lang } = this.host.state.get();
    const choice = feature ? this.host.find(feature) : null;
    return choice ? nameOf(choice.layer, choice.props, lang).text : "";
  }
}
