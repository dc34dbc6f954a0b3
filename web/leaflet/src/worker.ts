/** The Worker: bytes of tiles in, decoded tiles out, so that zooming does not hold up the page. */

import { decode, transferables } from "./decode.ts";
import type { DecodedTile } from "./tile.ts";

export interface Question {
  readonly id: number;
  readonly bytes: ArrayBuffer;
}

export type Answer =
  | { readonly id: number; readonly tile: DecodedTile }
  | { readonly id: number; readonly error: string };

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Question>) => void;
  postMessage(answer: Answer, transfer?: Transferable[]): void;
};

scope.onmessage = ({ data: { id, bytes } }) => {
  try {
    const tile = decode(bytes);
    scope.postMessage({ id, tile }, transferables(tile));
  } catch (error) {
    scope.postMessage({ id, error: String(error) });
  }
};
