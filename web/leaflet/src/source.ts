/** Where tiles come from: fetched here, decoded in a Worker, tried again while the server is gone. */

import { fetchTile, Trouble } from "./api.ts";
import type { DecodedTile } from "./tile.ts";
import type { Answer, Question } from "./worker.ts";

/** A TileSource gives the tile at an address. It fails only if aborted or refused. */
export interface TileSource {
  load(z: number, x: number, y: number, signal: AbortSignal): Promise<DecodedTile>;
}

/** Health tells whether the server answered the last time it was asked. */
export class Health {
  private looking = false;

  /** look asks the server, and reports; change is told when it is another than before. */
  constructor(
    private well: boolean,
    private readonly look: () => void,
    private readonly change: (well: boolean) => void,
  ) {}

  report(well: boolean): void {
    this.looking = false;
    if (well === this.well) return;
    this.well = well;
    this.change(well);
  }

  /** suspect looks whether a server that was gone is back: an answer came, which the browser may have kept. */
  suspect(): void {
    if (this.well || this.looking) return;
    this.looking = true;
    this.look();
  }
}

/** Decoder hands bytes to one Worker, which both tile layers share. */
export class Decoder {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { done(tile: DecodedTile): void; failed(error: Error): void }>();
  private next = 0;

  constructor(url: string) {
    this.worker = new Worker(url, { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const asked = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ("tile" in data) asked?.done(data.tile);
      else asked?.failed(new Error(data.error));
    };
  }

  /** decode takes bytes over: the caller must not use them any more. */
  decode(bytes: ArrayBuffer): Promise<DecodedTile> {
    const id = this.next++;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      const question: Question = { id, bytes };
      this.worker.postMessage(question, [bytes]);
    });
  }
}

const empty: DecodedTile = { layers: [] };
const firstPause = 500;
const longestPause = 8000;

/** httpTiles reads tiles from a URL template with {z}, {x} and {y}. */
export function httpTiles(template: string, decoder: Decoder, health: Health): TileSource {
  return {
    async load(z, x, y, signal) {
      const url = template.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
      for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
        try {
          const { bytes, kept } = await fetchTile(url, signal);
          if (!kept) health.suspect();
          return bytes.byteLength === 0 ? empty : await decoder.decode(bytes);
        } catch (error) {
          if (!(error instanceof Trouble) || error.kind !== "gone") throw error;
          health.report(false);
          await sleep(pause, signal);
        }
      }
    },
  };
}

/**
 * remembered keeps the tiles of another source that were asked for last, so that a second map, another time or a way
 * back costs nothing. Of several who wait for one tile none can abort it for the others.
 */
export function remembered(source: TileSource, most = 80): TileSource {
  interface Entry {
    readonly tile: Promise<DecodedTile>;
    readonly abort: AbortController;
    waiting: number;
  }
  const entries = new Map<string, Entry>();
  return {
    async load(z, x, y, signal) {
      const key = `${z}/${x}/${y}`;
      let entry = entries.get(key);
      if (!entry) {
        const abort = new AbortController();
        entry = { tile: source.load(z, x, y, abort.signal), abort, waiting: 0 };
      }
      const held = entry;
      entries.delete(key);
      entries.set(key, held); // the last is the one that was asked for last
      for (const [old, { waiting }] of entries) {
        if (entries.size <= most) break;
        if (waiting === 0) entries.delete(old);
      }
      held.waiting++;
      const leave = (): void => {
        held.waiting--;
        if (held.waiting > 0) return;
        held.abort.abort();
        if (entries.get(key) === held) entries.delete(key);
      };
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await held.tile;
      } catch (error) {
        if (entries.get(key) === held) entries.delete(key);
        throw error;
      } finally {
        signal.removeEventListener("abort", leave);
        if (!signal.aborted) held.waiting--;
      }
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        failed(new DOMException("aborted", "AbortError"));
      },
      { once: true },
    );
  });
}
