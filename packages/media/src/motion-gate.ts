/** Cells are so many pixels a side, of the picture that the model gets. */
const CELL = 16;
/** Mean difference of a cell's brightness that counts as motion, of 255: above noise and compression. */
const MOVED_BY = 12;
/** Cells that must have moved: one alone is a flicker. */
const LEAST_CELLS = 2;
/** The full rate goes on for so long after the last motion, ms. */
const HOLD_MS = 2000;

/**
 * Lets a scene in which nothing moves run at a floor rate. Compares means of cells with those of the frame that was handed over
 * last, so that slow motion adds up. Of the green plane alone, which carries most of the brightness. Pure.
 */
export class MotionGate {
  readonly #width: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #cells: Float32Array;
  readonly #kept: Float32Array;
  #keptAt: number | null = null;
  #movedAt = Number.NEGATIVE_INFINITY;

  constructor({ width, height }: { width: number; height: number }) {
    this.#width = width;
    this.#columns = Math.floor(width / CELL);
    this.#rows = Math.floor(height / CELL);
    this.#cells = new Float32Array(this.#columns * this.#rows);
    this.#kept = new Float32Array(this.#columns * this.#rows);
  }

  /**
   * Whether a frame is to be handed over.
   * @param green the plane's width·height bytes
   * @param stillFps frames a second while nothing moves
   */
  pass(green: Uint8Array, ptsMs: number, stillFps: number): boolean {
    this.#measure(green);
    const since = this.#keptAt === null ? Number.POSITIVE_INFINITY : ptsMs - this.#keptAt;
    if (this.#keptAt === null || this.#moved()) this.#movedAt = ptsMs;
    // Time stamps that go back begin anew.
    const moving = Math.abs(ptsMs - this.#movedAt) <= HOLD_MS;
    if (!moving && since >= 0 && since + 0.5 < 1000 / stillFps) return false;
    this.#kept.set(this.#cells);
    this.#keptAt = ptsMs;
    return true;
  }

  /** Every second pixel of every second line: a quarter is enough for a mean. */
  #measure(green: Uint8Array): void {
    for (let row = 0; row < this.#rows; row++)
      for (let column = 0; column < this.#columns; column++) {
        let sum = 0;
        for (let y = 0; y < CELL; y += 2) {
          const line = (row * CELL + y) * this.#width + column * CELL;
          for (let x = 0; x < CELL; x += 2) sum += green[line + x]!;
        }
        this.#cells[row * this.#columns + column] = sum / (CELL * CELL * 0.25);
      }
  }

  #moved(): boolean {
    let moved = 0;
    for (let cell = 0; cell < this.#cells.length; cell++)
      if (Math.abs(this.#cells[cell]! - this.#kept[cell]!) > MOVED_BY && ++moved >= LEAST_CELLS) return true;
    return false;
  }
}
