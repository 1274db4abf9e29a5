/** A change of a rate that is smaller is not worth telling a source; or, in its turn, not even then. */
const LEAST_CHANGE = 0.05;
const LEAST_IN_TURN = 0.005;
/** Of small changes one camera in so many is told each time: else all of them could stay a little below what there is. */
const TURNS = 4;

/**
 * When the first frame is due under a rate that was lowered for the first time, ms from now. Cameras that began together (a
 * host's start, one server's streams) may be in step, and offer all their frames in one burst. Once spread, they keep their
 * phases as their rates change.
 */
export function staggered(index: number, count: number, rate: number): number {
  return (1000 / rate) * (index / Math.max(1, count));
}

/**
 * Whether a camera's frames are spread anew under its rate: once, when that is lowered for the first time; and where many came
 * over some seconds, and were spread as they came, each few for themselves, once more when all are there. A new phase each time would
 * cost some cameras a frame and give others one.
 */
export function isSpread(before: number, rate: number, asked: number, settled: boolean): boolean {
  return rate > 0 && rate < asked && (before === asked || settled);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Numbers of 0–1 of which, however many are taken from the first on, no two are near one another. */
export function scattered(index: number): number {
  return (index * GOLDEN) % 1;
}

/** Whether it is a camera's turn to hear of a small change. */
export function hasTurn(index: number, reading: number): boolean {
  return (index + reading) % TURNS === 0;
}

/** Whether a source should hear of its new rate; of what was asked for, always. @param turn whether it is its turn to hear of little */
export function worthTelling(before: number, rate: number, asked: number, turn = false): boolean {
  if (before === rate) return false;
  return rate === asked || rate === 0 || before === 0 || Math.abs(rate - before) > (turn ? LEAST_IN_TURN : LEAST_CHANGE) * before;
}
