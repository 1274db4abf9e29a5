import { availableParallelism } from "node:os";
import { describePlacement } from "@octet/inference/node-placement";
import type { Provider, SessionInput } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { AppError } from "@octet/shared/errors";
import { percentile } from "@octet/shared/percentile";

export interface InferSpeed {
  provider: Provider;
  precision: string;
  batch: number;
  imagesPerSecond: number | null;
  /** Of one run, ms. */
  p50: number | null;
  p99: number | null;
  /** Share of the card's dense peak at this precision; null where it is not in the catalogue. */
  peakShare: number | null;
  nodes: string | null;
  fault: string | null;
  warmUpMs: number | null;
  /** What building TensorRT's engine took; 0: it was there. */
  buildMs: number | null;
  /** Why nothing was measured. */
  error: string | null;
}

/** Full batches through a pool of the kind that the live path uses, all its sessions busy. Failures are told, not thrown. */
export async function inferSpeed(options: {
  modelPath: string;
  input: SessionInput;
  provider: Provider;
  precision: string;
  batch: number;
  warmUp: readonly number[];
  sessions: number;
  seconds: number;
  /** Operations a second at the peak, and of one image. */
  peak: number | null;
  operations: number | null;
}): Promise<InferSpeed> {
  const { modelPath, input, provider, precision, batch, warmUp, sessions, seconds, peak, operations } = options;
  const nothing = { imagesPerSecond: null, p50: null, p99: null, peakShare: null, nodes: null, fault: null, warmUpMs: null, buildMs: null };
  try {
    await using pool = await SessionPool.create({
      modelPath,
      input,
      provider,
      precision,
      threads: Math.min(sessions, availableParallelism()),
      prefetch: 1,
      warmUp,
      inspect: true,
    });
    const times: number[] = [];
    const startedAt = performance.now();
    const image = 3 * input.width * input.height;
    const loop = async (): Promise<void> => {
      let images: Uint8Array[] = Array.from({ length: batch }, () => new Uint8Array(image).fill(114));
      do {
        const { returned, preprocessMs, inferMs } = await pool.run(images);
        times.push(preprocessMs + inferMs);
        images = returned;
      } while (performance.now() - startedAt < seconds * 1000);
    };
    await Promise.all(Array.from({ length: pool.capacity }, loop));
    const imagesPerSecond = (times.length * batch * 1000) / (performance.now() - startedAt);
    const sorted = Float64Array.from(times).sort();
    return {
      provider,
      precision,
      batch,
      imagesPerSecond,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      peakShare: peak && operations ? (imagesPerSecond * operations) / peak : null,
      nodes: pool.placement && describePlacement(pool.placement),
      fault: pool.fault,
      warmUpMs: pool.warmUpMs,
      buildMs: pool.engine && (pool.engine.builtMs ?? 0),
      error: null,
    };
  } catch (error) {
    return { provider, precision, batch, ...nothing, error: AppError.from(error).message };
  }
}
