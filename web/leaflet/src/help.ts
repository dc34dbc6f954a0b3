/** The list of keys. */

import { h } from "./dom.ts";
import { dialogHead, modal, tell } from "./frame.ts";
import type { MoreKey } from "./i18n/more.ts";
import { lettersAnywhere, setLettersAnywhere } from "./keys.ts";
import type { Dialog, Host } from "./panels.ts";

export class Help implements Dialog {
  private readonly dialog = modal("help");

  constructor(private readonly host: Host) {}

  open(): void {
    const words = this.host.words();
    const arrows = tell(words, "arrows");
    const rows: [readonly string[], MoreKey][] = [
      [[arrows], "keyDay"],
      [["PageUp", "PageDown"], "keyYear"],
      [["Home", "End"], "keyEnds"],
      [[tell(words, "space")], "keyPlay"],
      [["[", "]"], "keyChange"],
      [["/"], "keySearch"],
      [["t"], "keyTable"],
      ...((this.host.atlas.story ?? []).length > 0 ? [[["s"], "keyStory"] as [string[], MoreKey]] : []),
      [["r"], "keySources"],
      [["c"], "keyCompare"],
      [[arrows, "+", "−"], "keyMap"],
      [["Esc"], "keyClose"],
      [["?"], "keyHelp"],
    ];
    const letters = h("input", {
      type: "checkbox",
      checked: lettersAnywhere(),
      onchange: () => setLettersAnywhere(letters.checked),
    });
    this.dialog.replaceChildren(
      dialogHead(this.dialog, words, tell(words, "help")),
      h(
        "dl",
        { class: "keys" },
        ...rows.flatMap(([keys, what]) => [
          h("dt", {}, ...keys.flatMap((key) => [h("kbd", {}, key), " "])),
          h("dd", {}, tell(words, what)),
        ]),
      ),
      h("p", { class: "quiet" }, tell(words, "keyNote")),
      h("label", { class: "letters" }, letters, h("span", {}, tell(words, "keyAnywhere"))),
    );
    this.dialog.showModal();
  }
}
