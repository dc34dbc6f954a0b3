/** Symbols at one place stand side by side, so that none hides another. Pure. */

export interface Disc {
  readonly x: number;
  readonly y: number;
  /** Diameter. */
  readonly size: number;
}

const CELL = 32; // no symbol is larger
const COLUMNS = 3;
const ROWS = 4;

/**
 * spread tells for each disc by how much it is moved: those that come first stay where they are, one that would cover
 * an earlier one by more than a good part moves to the next place of a small block, to the right (rtl: left) and
 * downwards. Where the block is full it stays at its own place.
 */
export function spread(discs: readonly Disc[], rtl: boolean): { dx: number; dy: number }[] {
  const cells = new Map<string, Disc[]>();
  const cell = (x: number, y: number, across = 0, down = 0): string =>
    `${Math.floor(x / CELL) + across},${Math.floor(y / CELL) + down}`;
  const taken = (x: number, y: number, size: number): boolean => {
    for (let across = -1; across <= 1; across++) {
      for (let down = -1; down <= 1; down++) {
        for (const other of cells.get(cell(x, y, across, down)) ?? []) {
          if (Math.hypot(x - other.x, y - other.y) < (size + other.size) * 0.3) return true;
        }
      }
    }
    return false;
  };
  return discs.map(({ x, y, size }) => {
    const stride = (rtl ? -1 : 1) * (size + 2);
    let [dx, dy] = [0, 0];
    for (let i = 1; i < COLUMNS * ROWS && taken(x + dx, y + dy, size); i++) {
      dx = (i % COLUMNS) * stride;
      dy = Math.floor(i / COLUMNS) * (size + 2);
    }
    if (taken(x + dx, y + dy, size)) [dx, dy] = [0, 0];
    const key = cell(x + dx, y + dy);
    const there = cells.get(key);
    const disc = { x: x + dx, y: y + dy, size };
    if (there) there.push(disc);
    else cells.set(key, [disc]);
    return { dx, dy };
  });
}
