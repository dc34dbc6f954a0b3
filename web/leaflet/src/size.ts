/** How large things are drawn. Pure. */

/** symbolSize shrinks symbols where the map is far out, so that many small ones don't hide it. */
export function symbolSize(size: number, zoom: number): number {
  return Math.max(Math.min(size, 2), size * Math.min(1, Math.max(0.35, 0.7 + (zoom - 6) * (zoom < 6 ? 0.2 : 0.15))));
}

/** roundDown returns the greatest 1, 2, 3 or 5 times a power of ten that is not above x. */
export function roundDown(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  const digit = x / power;
  return power * (digit >= 5 ? 5 : digit >= 3 ? 3 : digit >= 2 ? 2 : 1);
}
