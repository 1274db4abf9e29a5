import { type OnnxSession, onnxRuntime } from "@octet/inference/onnx-runtime";
import { profileModel } from "@octet/inference/profile-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { crossingCost, slowerInIntegers, type UnitTimes, unitTimes } from "@octet/quantize/int8/latency-partition";
import { type Calibration, decideWithFloat, quantizeCalibrated, type UnitDecision } from "@octet/quantize/int8/quantize-model";
import type { Unit } from "@octet/quantize/int8/units";
import type { RuntimeTensor } from "@octet/quantize/runtime";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { fileBytes } from "./file-bytes.ts";

type Feed = Record<string, RuntimeTensor>;

/** Runs of a profile, and rounds of the comparison with 3 runs each. */
const PROFILE_RUNS = 7;
const ROUNDS = 8;

export interface LatencyChoice {
  /** Units that run faster in float on this host, those that had to be float not counted. */
  slower: Set<string>;
  /** Choices that are as fast as far as can be measured, this one first. */
  alike: Set<string>[];
  /** One image on one thread, ms: float, everything integer that may be, and as chosen. */
  floatMs: number;
  allIntegerMs: number;
  chosenMs: number;
}

type KeptFloat = ReadonlyMap<string, "sensitive" | "slower">;

/** Candidates that are this close to the fastest are as fast as far as can be measured. */
const ALIKE = 1.02;

/** A crossing between float and integers may cost more than its kernels tell: cuts are made at these multiples of it. */
const CROSSING_FACTORS = [1, 2, 4];
/** Islands that are tried one by one, at most: each costs a measurement. */
const MOST_ISLANDS = 12;

/**
 * Which units are faster in float on this very host, in three steps: kernel times of the float and of the all-integer
 * model, the cheapest cuts between them, and these candidates held against the float model in turns. Of the fastest the one
 * with most float comes first, which mostly loses least.
 */
export class LatencyChooser {
  private readonly calibration: Calibration;
  private readonly weightBits: WeightBits;
  private readonly feed: Feed;
  private readonly float: Uint8Array;
  private readonly times: ReadonlyMap<string, UnitTimes>;
  /** ns an element. */
  private readonly crossing: number;

  private constructor(
    calibration: Calibration,
    weightBits: WeightBits,
    feed: Feed,
    measured: { float: Uint8Array; times: ReadonlyMap<string, UnitTimes>; crossing: number },
  ) {
    this.calibration = calibration;
    this.weightBits = weightBits;
    this.feed = feed;
    this.float = measured.float;
    this.times = measured.times;
    this.crossing = measured.crossing;
  }

  /** Measures the kernels. */
  static async create(calibration: Calibration, weightBits: WeightBits, feed: Feed): Promise<LatencyChooser> {
    const float = encodeModel(calibration.prepared);
    const integer = fileBytes(quantizeCalibrated(calibration, { weightBits }).model, "onnxruntime");
    const floatProfile = await profileModel(float, feed, PROFILE_RUNS);
    const integerProfile = await profileModel(integer, feed, PROFILE_RUNS);
    return new LatencyChooser(calibration, weightBits, feed, {
      float,
      times: unitTimes(calibration.decisions, floatProfile.kernels, integerProfile.kernels),
      crossing: crossingCost(calibration.prepared, integerProfile.kernels),
    });
  }

  /** µs that integers save in these units, crossings not counted. */
  gainOf(units: readonly Unit[]): number {
    return units.reduce((sum, { name }) => sum + (this.times.get(name)?.float ?? 0) - (this.times.get(name)?.int8 ?? 0), 0);
  }

  /** One image on one thread, ms. */
  async latencyOf(model: Uint8Array): Promise<number> {
    return (await latencies([model], this.feed))[0]!;
  }

  /** Whether a more accurate file saves about as much time as the one before it: all measured in turns with the float model. */
  async keepsSaving(before: Uint8Array, after: Uint8Array): Promise<boolean> {
    const [floatMs, beforeMs, afterMs] = (await latencies([this.float, before, after], this.feed)) as [number, number, number];
    return keepsSaving({ floatMs, before: beforeMs, after: afterMs });
  }

  /** @param keepFloat units that accuracy wants in float: what integers cost around them is counted in */
  async choose(keepFloat: KeptFloat = new Map()): Promise<LatencyChoice> {
    const { calibration, times, crossing } = this;
    const decisions = decideWithFloat(calibration.decisions, keepFloat);
    const open = decisions.filter(({ precision }) => precision === "int8").length;
    const cuts = new Map<string, Set<string>>();
    for (const factor of CROSSING_FACTORS) {
      const slower = slowerInIntegers(calibration.prepared, decisions, times, factor * crossing);
      // All float would be no INT8 model: then what there is, is told to be slower.
      if (slower.size < open) cuts.set([...slower].sort().join("\n"), slower);
    }
    const candidates = [new Set<string>(), ...[...cuts.values()].filter(({ size }) => size > 0)];
    const [floatMs, ...ms] = await this.measure(candidates, keepFloat);
    const best = mostFloat(candidates, ms);
    const others = candidates.filter((_, at) => at !== best && isAlike(ms, at));
    const chosen = {
      slower: candidates[best]!,
      alike: [candidates[best]!, ...others],
      floatMs: floatMs!,
      allIntegerMs: ms[0]!,
      chosenMs: ms[best]!,
    };
    return chosen.chosenMs < chosen.floatMs ? chosen : this.withoutIslands(chosen, keepFloat);
  }

  /**
   * Where the whole does not win, islands of integer units are made float one by one, smallest gain first, as long as that
   * is measured to be faster; the last one stays.
   */
  private async withoutIslands(from: LatencyChoice, keepFloat: KeptFloat): Promise<LatencyChoice> {
    let choice = from;
    const fixed = new Map([...asSlower(from.slower), ...keepFloat]);
    const islands = islandsOf(decideWithFloat(this.calibration.decisions, fixed)).map((units) => {
      return { names: units.map(({ name }) => name), gain: this.gainOf(units) };
    });
    islands.sort((a, b) => a.gain - b.gain);
    for (const { names } of islands.slice(0, Math.min(islands.length - 1, MOST_ISLANDS))) {
      const slower = new Set([...choice.slower, ...names]);
      const [floatMs, before, after] = (await this.measure([choice.slower, slower], keepFloat)) as [number, number, number];
      choice = after < before ? { ...choice, slower, alike: [slower], floatMs, chosenMs: after } : { ...choice, floatMs, chosenMs: before };
    }
    return choice;
  }

  /** ms of the float model, then of each candidate. */
  private measure(candidates: readonly ReadonlySet<string>[], keepFloat: KeptFloat): Promise<number[]> {
    const { calibration, weightBits } = this;
    const models = candidates.map((slower) =>
      fileBytes(
        quantizeCalibrated(calibration, { weightBits, keepFloat: new Map([...asSlower(slower), ...keepFloat]) }).model,
        "onnxruntime",
      ),
    );
    return latencies([this.float, ...models], this.feed);
  }
}

/** Of the candidates that are about as fast as the fastest, the place of the one that keeps most units in float. */
export function mostFloat(candidates: readonly ReadonlySet<string>[], ms: readonly number[]): number {
  let best = ms.indexOf(Math.min(...ms));
  for (const [at, { size }] of candidates.entries()) if (isAlike(ms, at) && size > candidates[best]!.size) best = at;
  return best;
}

const isAlike = (ms: readonly number[], at: number): boolean => ms[at]! <= Math.min(...ms) * ALIKE;

/** Of the time that INT8 saves, what a more accurate choice must leave. */
const KEPT_SAVING = 0.9;

/** Whether a choice with more float is still about as much faster than float as the one before it. All in ms. */
export function keepsSaving({ floatMs, before, after }: { floatMs: number; before: number; after: number }): boolean {
  return before < floatMs && floatMs - after >= KEPT_SAVING * (floatMs - before);
}

/** Integer units that hand values to each other, together. */
export function islandsOf(decisions: readonly UnitDecision[]): Unit[][] {
  const units = decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit);
  const producers = new Map(units.flatMap((unit, at) => unit.outputs.map((value) => [value, at] as const)));
  const island = units.map((_, at) => at);
  const rootOf = (at: number): number => (island[at] === at ? at : rootOf(island[at]!));
  for (const [at, { inputs }] of units.entries())
    for (const value of inputs) {
      const producer = producers.get(value);
      if (producer !== undefined) island[rootOf(at)] = rootOf(producer);
    }
  const found = new Map<number, Unit[]>();
  for (const [at, unit] of units.entries()) found.set(rootOf(at), [...(found.get(rootOf(at)) ?? []), unit]);
  return [...found.values()];
}

export const asSlower = (names: Iterable<string>): Map<string, "slower"> => new Map([...names].map((name) => [name, "slower"]));

/** One image on one thread, ms, the models taken in turns; the lower quartile, as whatever else the host does only ever adds. */
export async function latencies(models: readonly Uint8Array[], feed: Feed): Promise<number[]> {
  const sessions: OnnxSession[] = [];
  try {
    for (const model of models) sessions.push(await onnxRuntime.load(model, { threads: 1 }));
    const times = models.map((): number[] => []);
    for (const session of sessions) await session.run(feed);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [at, session] of sessions.entries()) {
        for (let run = 0; run < 3; run++) {
          const started = performance.now();
          await session.run(feed);
          times[at]!.push(performance.now() - started);
        }
      }
    }
    return times.map((values) => values.sort((a, b) => a - b)[values.length >> 2]!);
  } finally {
    for (const session of sessions) await session.close();
  }
}
