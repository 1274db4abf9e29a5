import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { encodeModel } from "../io/encode-model.ts";
import type { Model } from "../ir/model.ts";

/** For tests: what ONNX Runtime's CPU provider makes of a model. */
export interface Outputs {
  [name: string]: { dims: readonly number[]; data: ArrayLike<number | bigint> };
}

/** Uniform in [0, 1): mulberry32, so that a seed gives the same numbers on every host. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in [low, high) in the shape of an input; symbols are `batch`. */
export function randomInput(dims: readonly (number | string | null)[], seed: number, { batch = 1, low = 0, high = 1 } = {}): OrtTensor {
  const sizes = dims.map((dim) => (typeof dim === "number" ? dim : batch));
  const random = randomFrom(seed);
  const data = Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => low + (high - low) * random());
  return new OrtTensor("float32", data, sizes);
}

/** Runs the model; graph optimisation off unless asked for, so that passes are not hidden by the runtime's own. */
export async function runModel(
  model: Model | Uint8Array,
  feeds: Record<string, OrtTensor>,
  graphOptimizationLevel: "disabled" | "all" = "disabled",
): Promise<Outputs> {
  const session = await InferenceSession.create(model instanceof Uint8Array ? model : encodeModel(model), {
    graphOptimizationLevel,
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    return (await session.run(feeds)) as unknown as Outputs;
  } finally {
    await session.release();
  }
}

/** Largest |a − b| / max(1, |a|) over all outputs; Infinity where names, shapes or finiteness differ. */
export function worstDifference(a: Outputs, b: Outputs): number {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const name of names) {
    const [left, right] = [a[name]!, b[name]];
    if (!right || left.dims.join() !== right.dims.join()) return Number.POSITIVE_INFINITY;
    for (let at = 0; at < left.data.length; at++) {
      const [x, y] = [Number(left.data[at]), Number(right.data[at])];
      const difference = Math.abs(x - y) / Math.max(1, Math.abs(x));
      if (!(difference <= worst)) worst = Number.isNaN(difference) ? (Object.is(x, y) ? worst : Number.POSITIVE_INFINITY) : difference;
    }
  }
  return worst;
}
