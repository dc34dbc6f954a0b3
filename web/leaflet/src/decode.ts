/** From a tile's bytes to what crosses from the Worker. Apart from tile.ts so that the page itself need not carry it. */

import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { type DecodedFeature, type DecodedLayer, type DecodedTile, TILE, timesOf } from "./tile.ts";

/** decode reads the bytes of a tile (MVT 2.1). It throws if they are not one. Empty bytes are an empty tile. */
export function decode(bytes: ArrayBuffer): DecodedTile {
  const layers: DecodedLayer[] = [];
  const tile = new VectorTile(new PbfReader(new Uint8Array(bytes)));
  for (const name of Object.keys(tile.layers)) {
    const source = tile.layers[name];
    const scale = TILE / source.extent;
    const features: DecodedFeature[] = [];
    const coords: number[] = [];
    const parts: number[] = [];
    for (let i = 0; i < source.length; i++) {
      const feature = source.feature(i);
      if (feature.type === 0) continue;
      const first = parts.length;
      const bbox: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
      for (const part of feature.loadGeometry()) {
        parts.push(coords.length / 2);
        for (const point of part) {
          const x = point.x * scale;
          const y = point.y * scale;
          coords.push(x, y);
          if (x < bbox[0]) bbox[0] = x;
          if (y < bbox[1]) bbox[1] = y;
          if (x > bbox[2]) bbox[2] = x;
          if (y > bbox[3]) bbox[3] = y;
        }
      }
      const props = feature.properties;
      features.push({
        id: String(props.id ?? feature.id ?? i),
        type: feature.type,
        props,
        first,
        last: parts.length,
        bbox,
        ...timesOf(props),
      });
    }
    parts.push(coords.length / 2);
    layers.push({ name, features, coords: Float32Array.from(coords), parts: Uint32Array.from(parts) });
  }
  return { layers };
}

/** transferables lists the buffers that a Worker hands over instead of copying. */
export function transferables(tile: DecodedTile): ArrayBuffer[] {
  return tile.layers.flatMap((layer) => [layer.coords.buffer, layer.parts.buffer]);
}
