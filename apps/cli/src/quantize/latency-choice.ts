import { onnxRuntime, type OnnxSession } from "@octet/inference/onnx-runtime";
import { profileModel } from "@octet/inference/profile-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { crossingCost, slowerInIntegers, unitTimes } from "@octet/quantize/int8/latency-partition";
import { type Calibration, quantizeCalibrated } from "@octet/quantize/int8/quantize-model";
import type { RuntimeTensor } from "@octet/quantize/runtime";

type Feed = Record<string, RuntimeTensor>;

/** Runs of a profile, and rounds of the comparison with 3 runs each. */
const PROFILE_RUNS = 7;
const ROUNDS = 8;

export interface LatencyChoice {
  /** Units that run faster in float on this host. */
  slower: Set<string>;
  /** One image on one thread, ms: float, everything integer, and as chosen. */
  floatMs: number;
  allIntegerMs: number;
  chosenMs: number;
}

/**
 * Which units are faster in float on this very host, in three steps: kernel times of the float and of the all-integer model,
 * the cheapest cut between them, and both candidates held against the float model in turns. The faster candidate is taken.
 */
export async function chooseByLatency(calibration: Calibration, weightBits: 7 | 8, feed: Feed): Promise<LatencyChoice> {
  const { prepared, decisions } = calibration;
  const float = encodeModel(prepared);
  const integer = encodeModel(quantizeCalibrated(calibration, { weightBits }).model);
  const floatProfile = await profileModel(float, feed, PROFILE_RUNS);
  const integerProfile = await profileModel(integer, feed, PROFILE_RUNS);
  const times = unitTimes(decisions, floatProfile.kernels, integerProfile.kernels);
  const slower = slowerInIntegers(prepared, decisions, times, crossingCost(prepared, integerProfile.kernels));
  const count = decisions.filter(({ precision }) => precision === "int8").length;
  // All float would be no INT8 model: then what there is, is told to be slower.
  const cut =
    slower.size > 0 && slower.size < count
      ? encodeModel(quantizeCalibrated(calibration, { weightBits, keepFloat: asSlower(slower) }).model)
      : integer;
  const [floatMs, allIntegerMs, cutMs] = (await latencies([float, integer, cut], feed)) as [number, number, number];
  const takeCut = cut !== integer && cutMs < allIntegerMs;
  return { slower: takeCut ? slower : new Set(), floatMs, allIntegerMs, chosenMs: takeCut ? cutMs : allIntegerMs };
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
