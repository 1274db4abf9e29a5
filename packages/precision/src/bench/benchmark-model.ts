import type { Provider } from "@octet/inference/session-messages";
import type { BenchmarkResult } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { type ClipSource, clipSource } from "./clip-source.ts";
import { describeHost, GpuMeter, peakMemoryBytes } from "./host-figures.ts";
import { measureModels } from "./measure.ts";
import { type BenchModel, loadBenchModel } from "./model-inputs.ts";
import { mostStreams } from "./most-streams.ts";
import type { Measured } from "./statistics.ts";
import { StreamLoad, type StreamStep } from "./stream-load.ts";

export interface BenchmarkRequest {
  /** Paths. */
  subject: string;
  reference: string | null;
  batches: readonly number[];
  /** Of measuring each model at each batch. */
  seconds: number;
  streams: {
    count: number;
    fps: number;
    decode: boolean;
    /** Of the clip that is decoded; null: of whichever is there. */
    decodeSize: FrameSize | null;
    budgetMs: number;
    soakSeconds: number;
  } | null;
  provider: Provider;
  /** Sessions of one thread each, all busy at once. */
  threads: number;
  mediaThreads: number;
  /** See `MediaHostOptions`. Default false. */
  decodeInPool?: boolean;
  /** Folder of clips to decode. */
  mediaRoot: string;
  /** Folder where clips are kept that were scaled to the size that is asked for. */
  clipCache: string;
  onProgress(stage: string, done: number, total: number): void;
  log(line: string): void;
}

/** A round runs each model once; the figures are medians over rounds. */
const ROUNDS = 5;
/** Above it no host is measured. */
const MAX_STREAMS = 500;

/**
 * What a model does on this host: latency and throughput by batch size (in turns with a reference), memory, power where the
 * host tells, and how many streams hold their rate.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_UNRECOGNISED, INFERENCE_FAILED, UNSUPPORTED, CAMERA_* where no clip can be read
 */
export async function benchmarkModel(request: BenchmarkRequest): Promise<BenchmarkResult> {
  const { batches, seconds, provider, threads, onProgress, log } = request;
  // Before minutes of measuring come to nothing.
  const { streams, mediaRoot, clipCache: cache } = request;
  const clip = streams?.decode ? await clipSource({ mediaRoot, size: streams.decodeSize, cache, log }) : null;
  const [subject, reference] = [await loadBenchModel(request.subject), request.reference && (await loadBenchModel(request.reference))];
  const engineBatches = possible(subject, batches);
  const once = { threads, provider, engineBatches, seconds: Math.min(1, seconds), rounds: 1 };
  // Alone and first: what the process has at most is then what this model takes.
  onProgress("warming up", 0, 1);
  await measureModels([subject], { ...once, batch: engineBatches[0]! });
  const memory = peakMemoryBytes();
  const meter = new GpuMeter(provider);
  const measured: { batch: number; subject: Measured; reference: Measured | null }[] = [];
  try {
    for (const [index, batch] of batches.entries()) {
      const models = reference ? [reference, subject] : [subject];
      const total = models.length * ROUNDS;
      let done = 0;
      const cells = await measureModels(models, {
        batch,
        threads,
        provider,
        engineBatches,
        seconds: seconds / ROUNDS,
        rounds: ROUNDS,
        onProgress: () => onProgress("measuring", index * total + ++done, batches.length * total),
      });
      const mine = cells.at(-1)!;
      if (mine.measured) measured.push({ batch, subject: mine.measured, reference: reference ? cells[0]!.measured : null });
      else log(`batch ${batch} is left out: ${mine.skipped}`);
    }
  } finally {
    await meter.stop();
  }
  const gpu = await meter.stop();
  const compared = measured.find((row) => row.reference !== null);
  return {
    host: await describeHost(),
    provider,
    threads,
    batches: measured.map(({ batch, subject: row }) => ({ batch, latencyMs: latencyOf(row), imagesPerSecond: row.throughput })),
    modelBytes: subject.sizeBytes,
    peakMemoryBytes: memory,
    ...gpu,
    reference: compared?.reference
      ? {
          latencyMs: latencyOf(compared.reference),
          imagesPerSecond: compared.reference.throughput,
          speedup: compared.subject.ratio,
          speedupRange: compared.subject.ratioRange,
        }
      : null,
    streams: streams && (await measureStreams(request, streams, clip, subject, measured[0]!.subject.throughput)),
  };
}

const latencyOf = ({ p50, p95, p99, mean }: Measured) => ({ p50, p95, p99, mean });

/** Batches that a model takes. @throws AppError MODEL_UNSUPPORTED where there are none */
function possible({ name, signature }: BenchModel, batches: readonly number[]): number[] {
  const fixed = signature.inputs[0]?.shape[0];
  const taken = batches.filter((batch) => typeof fixed !== "number" || fixed <= 0 || fixed === batch);
  if (taken.length === 0)
    throw new AppError("MODEL_UNSUPPORTED", `${name} runs no batch of ${batches.join(" or ")}: its batch is fixed at ${fixed}`, {
      hint: `Ask for a batch of ${fixed}.`,
    });
  return taken;
}

async function measureStreams(
  request: BenchmarkRequest,
  { count, fps, decode, budgetMs, soakSeconds }: NonNullable<BenchmarkRequest["streams"]>,
  source: ClipSource | null,
  subject: BenchModel,
  imagesPerSecond: number,
): Promise<NonNullable<BenchmarkResult["streams"]>> {
  const { provider, threads, mediaThreads, decodeInPool = false, mediaRoot, seconds, onProgress } = request;
  const detector = recogniseDetector(subject.signature);
  await using load = await StreamLoad.create({
    model: subject.path,
    detector,
    inferThreads: threads,
    mediaThreads,
    decodeInPool,
    provider,
    maxBatch: provider === "cpu" ? 1 : 8,
    fps,
    clip: source && `file:${source.file}`,
    mediaRoot: source?.folder ?? mediaRoot,
    budgetMs,
    // At a low rate a short while has no frames to speak of.
    seconds: Math.max(2, seconds, 5 / fps),
  });
  const asked = { asked: count, fps, decode, clip: source?.clip ?? null, budgetMs };
  const steps: StreamStep[] = [];
  const limit = Math.min(MAX_STREAMS, 2 * count);
  const expected = Math.ceil(Math.log2(limit + 1)) + 2;
  const measure = async (streams: number): Promise<boolean> => {
    const step = await load.step(streams);
    steps.push(step);
    onProgress(`streams: ${streams}`, Math.min(steps.length, expected), expected);
    return step.held;
  };
  // Half of what inference alone would do holds nearly always, and saves the steps below it.
  const held = await mostStreams(
    { first: imagesPerSecond / fps / 2, asked: count, limit },
    // Once more, since a host has its moments.
    async (streams) => (await measure(streams)) || measure(streams),
  );
  if (held === 0 || soakSeconds === 0) return { ...asked, held, steps, soak: null };
  const soak = await load.soak(Math.min(held, count), soakSeconds, (second) => onProgress("soak", second, soakSeconds));
  return { ...asked, held, steps, soak };
}
