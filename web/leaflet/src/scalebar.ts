/** A scale bar in the reader's language. */

import { Control, type Map as LeafletMap } from "leaflet";
import { h } from "./dom.ts";
import { roundDown } from "./size.ts";

const longest = 110; // CSS pixels

export class ScaleBar extends Control {
  private readonly bar = h("div", { class: "scale-bar" });
  private map: LeafletMap | null = null;

  constructor(private readonly say: (metres: number) => string) {
    super({ position: "bottomleft" });
  }

  override onAdd(map: LeafletMap): HTMLElement {
    this.map = map;
    map.on("move", this.update, this);
    this.update();
    return this.bar;
  }

  override onRemove(map: LeafletMap): void {
    map.off("move", this.update, this);
    this.map = null;
  }

  private update(): void {
    if (!this.map) return;
    const y = this.map.getSize().y / 2;
    const metres = this.map.distance(
      this.map.containerPointToLatLng([0, y]),
      this.map.containerPointToLatLng([longest, y]),
    );
    const round = roundDown(metres);
    if (!(round > 0)) return;
    this.bar.style.width = `${(longest * round) / metres}px`;
    this.bar.textContent = this.say(round);
  }
}
