/**
 * A canvas to paint on. A canvas with a 2D context is copied for the compositor at each frame in which anything on the
 * page changes, whether it changed itself or not. A sheet that seldom changes is therefore painted elsewhere and
 * handed over whole: that costs more once, and nothing from then on.
 */
export class Sheet {
  readonly canvas = document.createElement("canvas");
  /** Made with the first paint: many sheets are laid out at once, and some of them never painted. */
  private pen: CanvasRenderingContext2D | null = null;
  private shown: ImageBitmapRenderingContext | null = null;

  constructor(private readonly still: boolean) {}

  /** fits tells whether the sheet has this size in device pixels, so that what is on it can be painted over. */
  fits(width: number, height: number): boolean {
    return this.pen !== null && this.canvas.width === width && this.canvas.height === height;
  }

  /** paint draws on an empty sheet of a size in device pixels, or with keep, if it fits, on what is there. */
  paint(width: number, height: number, keep: boolean, draw: (ctx: CanvasRenderingContext2D) => void): void {
    const { canvas } = this;
    if (!this.still) {
      this.pen ??= canvas.getContext("2d");
      const { pen } = this;
      if (!pen) throw new Error("this browser has no canvas");
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      } else if (!keep) {
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.clearRect(0, 0, width, height);
      }
      draw(pen);
      return;
    }
    bench.width = width; // which clears it and forgets all settings
    bench.height = height;
    const elsewhere = bench.getContext("2d");
    if (!elsewhere) throw new Error("this browser has no canvas");
    draw(elsewhere as unknown as CanvasRenderingContext2D); // the same but for what concerns its element
    canvas.width = width;
    canvas.height = height;
    this.shown ??= canvas.getContext("bitmaprenderer");
    this.shown?.transferFromImageBitmap(bench.transferToImageBitmap());
  }
}

/** Where still sheets are painted, one after the other. */
const bench = new OffscreenCanvas(1, 1);
