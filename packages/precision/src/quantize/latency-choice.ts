import { type OnnxSession, onnxRuntime } from "@octet/inference/onnx-runtime";
import { profileModel } from "@octet/inference/profile-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { crossingCost, slowerInIntegers, type UnitTimes, unitTimes } from "@octet/quantize/int8/latency-partition";
import { type Calibration, quantizeCalibrated, type UnitDecision } from "@octet/quantize/int8/quantize-model";
import type { RuntimeTensor } from "@octet/quantize/runtime";

type Feed = Record<string, RuntimeTensor>;

/** Runs of a profile, and rounds of the comparison with 3 runs each. */
const PROFILE_RUNS = 7;
const ROUNDS = 8;

export interface LatencyChoice {
  /** Units that run faster in float on this host, those that had to be float not counted. */
  slower: Set<string>;
  /** One image on one thread, ms: float, everything integer that may be, and as chosen. */
  floatMs: number;
  allIntegerMs: number;
  chosenMs: number;
}

type KeptFloat = ReadonlyMap<string, "sensitive" | "slower">;

/** A crossing between float and integers may cost more than its kernels tell: cuts are made at these multiples of it. */
const CROSSING_FACTORS = [1, 2, 4];

/**
 * Which units are faster in float on this very host, in three steps: kernel times of the float and of the all-integer
 * model, the cheapest cuts between them, and these candidates held against the float model in turns. The fastest is taken.
 */
export class LatencyChooser {
  private readonly calibration: Calibration;
  private readonly weightBits: 7 | 8;
  private readonly feed: Feed;
  private readonly float: Uint8Array;
  private readonly times: ReadonlyMap<string, UnitTimes>;
  /** ns an element. */
  private readonly crossing: number;

  private constructor(
    calibration: Calibration,
    weightBits: 7 | 8,
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
  static async create(calibration: Calibration, weightBits: 7 | 8, feed: Feed): Promise<LatencyChooser> {
    const float = encodeModel(calibration.prepared);
    const integer = encodeModel(quantizeCalibrated(calibration, { weightBits }).model);
    const floatProfile = await profileModel(float, feed, PROFILE_RUNS);
    const integerProfile = await profileModel(integer, feed, PROFILE_RUNS);
    return new LatencyChooser(calibration, weightBits, feed, {
      float,
      times: unitTimes(calibration.decisions, floatProfile.kernels, integerProfile.kernels),
      crossing: crossingCost(calibration.prepared, integerProfile.kernels),
    });
  }

  /** @param keepFloat units that accuracy wants in float: what integers cost around them is counted in */
  async choose(keepFloat: KeptFloat = new Map()): Promise<LatencyChoice> {
    const { calibration, weightBits, times, crossing } = this;
    const decisions = withFloat(calibration.decisions, keepFloat);
    const open = decisions.filter(({ precision }) => precision === "int8").length;
    const cuts = new Map<string, Set<string>>();
    for (const factor of CROSSING_FACTORS) {
      const slower = slowerInIntegers(calibration.prepared, decisions, times, factor * crossing);
      // All float would be no INT8 model: then what there is, is told to be slower.
      if (slower.size < open) cuts.set([...slower].sort().join("\n"), slower);
    }
    const candidates = [new Set<string>(), ...[...cuts.values()].filter(({ size }) => size > 0)];
    const models = candidates.map((slower) =>
      encodeModel(quantizeCalibrated(calibration, { weightBits, keepFloat: new Map([...asSlower(slower), ...keepFloat]) }).model),
    );
    const [floatMs, ...ms] = (await latencies([this.float, ...models], this.feed)) as [number, number, ...number[]];
    const best = ms.indexOf(Math.min(...ms));
    return { slower: candidates[best]!, floatMs, allIntegerMs: ms[0]!, chosenMs: ms[best]! };
  }
}

function withFloat(decisions: readonly UnitDecision[], keepFloat: KeptFloat): UnitDecision[] {
  return decisions.map((decision) => {
    const reason = keepFloat.get(decision.unit.name);
    return reason && decision.precision === "int8" ? { ...decision, precision: "float", reason } : decision;
  });
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
