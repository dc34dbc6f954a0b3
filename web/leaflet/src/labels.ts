/** Where labels go: the important ones first, and none over another. Pure. */

/** A label that would like to be drawn, in CSS pixels of the canvas. */
export interface Wish {
  readonly key: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: number;
  readonly spaced: boolean;
  readonly color: string;
  /** Names of areas are centred; beside a symbol the text keeps this distance from its centre. */
  readonly beside: number | null;
  /** The layer's painting order and the feature's rank: the higher goes first among labels of one size. */
  readonly order: number;
  readonly rank: number;
}

/** A label that has found room. x and y are the middle of its first line's box. */
export interface Placed {
  readonly wish: Wish;
  readonly lines: readonly string[];
  readonly rtl: boolean;
  /** The box of all lines. */
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export const LINE_HEIGHT = 1.2;
const GAP = 4;
const WRAP = 128;
const SAME_NAME = 140;

const rtlLetters = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** isRtl tells by its letters whether a text runs from right to left. */
export const isRtl = (text: string): boolean => rtlLetters.test(text);

/** Width of a text in the font of a wish, in CSS pixels. */
export type Measure = (text: string, wish: Wish) => number;

/**
 * place finds room for as many wishes as it can within the canvas: larger type first, then the higher order,
 * then the higher rank; names of areas, which can hardly move, before those of points. A text beside a symbol may
 * stand at either side, below or above it, on the side where reading goes on first. The same name is not written
 * twice close together. obstacles are kept free. No text lies across the border of the window: it would be cut.
 */
export function place(wishes: readonly Wish[], obstacles: readonly Box[], measure: Measure, window: Box): Placed[] {
  const sorted = [...wishes].sort(
    (a, b) =>
      b.size - a.size ||
      Number(b.beside === null) - Number(a.beside === null) ||
      b.weight - a.weight ||
      b.order - a.order ||
      b.rank - a.rank ||
      (a.key < b.key ? -1 : 1),
  );
  const boxes = new Boxes();
  for (const obstacle of obstacles) boxes.insert(obstacle);
  const placed: Placed[] = [];
  const names = new Map<string, Wish[]>();
  for (const wish of sorted) {
    const twins = names.get(wish.text);
    if (twins?.some((t) => Math.hypot(t.x - wish.x, t.y - wish.y) < SAME_NAME)) continue;
    const rtl = isRtl(wish.text);
    const lines = wrap(wish, measure);
    const width = Math.max(...lines.map((line) => measure(line, wish)));
    const height = lines.length * wish.size * LINE_HEIGHT;
    for (const [minX, minY] of candidates(wish, width, height, rtl)) {
      const box = { minX, minY, maxX: minX + width, maxY: minY + height };
      const padded = { minX: minX - GAP, minY: minY - 1, maxX: box.maxX + GAP, maxY: box.maxY + 1 };
      if (crosses(box, window) || boxes.collides(padded)) continue;
      boxes.insert(box);
      placed.push({ wish, lines, rtl, ...box });
      if (twins) twins.push(wish);
      else names.set(wish.text, [wish]);
      break;
    }
  }
  return placed;
}

/** Boxes finds out what a box would lie on, by the cells of a grid. */
class Boxes {
  private readonly cells = new Map<string, Box[]>();

  insert(box: Box): void {
    for (const key of cellsOf(box)) {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
    }
  }

  collides(box: Box): boolean {
    for (const key of cellsOf(box)) if (this.cells.get(key)?.some((other) => overlap(box, other))) return true;
    return false;
  }
}

/** The side of a cell in CSS pixels: about the length of a name. */
const CELL = 96;

function* cellsOf({ minX, minY, maxX, maxY }: Box): Generator<string> {
  for (let x = Math.floor(minX / CELL); x <= Math.floor(maxX / CELL); x++) {
    for (let y = Math.floor(minY / CELL); y <= Math.floor(maxY / CELL); y++) yield `${x}/${y}`;
  }
}

const overlap = (a: Box, b: Box): boolean =>
  a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;

function crosses(box: Box, window: Box): boolean {
  const apart =
    box.maxX <= window.minX || box.minX >= window.maxX || box.maxY <= window.minY || box.minY >= window.maxY;
  const inside =
    box.minX >= window.minX && box.maxX <= window.maxX && box.minY >= window.minY && box.maxY <= window.maxY;
  return !apart && !inside;
}

/** candidates lists the corners of boxes in which a text may stand, the best first: close to its symbol, then farther. */
function candidates(wish: Wish, width: number, height: number, rtl: boolean): [number, number][] {
  const { x, y, beside } = wish;
  if (beside === null) return [0, 0.7, -0.7, 1.3, -1.3].map((up) => [x - width / 2, y - (0.5 + up) * height]);
  const found: [number, number][] = [];
  for (const d of [beside, beside + 9]) {
    const right = x + d;
    const left = x - d - width;
    const [first, second] = rtl ? [left, right] : [right, left];
    const middle = x - width / 2;
    found.push([first, y - height / 2], [second, y - height / 2]);
    found.push([middle, y + d - 1], [middle, y - d - height + 1]);
    for (const side of [first, second])
      found.push([side, y - d * 0.6 - height / 2 - 2], [side, y + d * 0.6 - height / 2 + 2]);
  }
  return found;
}

/** wrap breaks a long text once, where its halves come out most alike. */
export function wrap(wish: Wish, measure: Measure): string[] {
  const { text } = wish;
  if (!text.includes(" ") || measure(text, wish) <= WRAP) return [text];
  let best: string[] = [text];
  let least = Number.POSITIVE_INFINITY;
  for (let i = text.indexOf(" "); i >= 0; i = text.indexOf(" ", i + 1)) {
    const halves = [text.slice(0, i), text.slice(i + 1)];
    const widest = Math.max(...halves.map((half) => measure(half, wish)));
    if (widest < least) {
      least = widest;
      best = halves;
    }
  }
  return best;
}
