import path from "node:path";
import { EngineCache } from "@octet/inference/engine-cache";
import type { EngineKey } from "@octet/inference/engine-key";
import { setEnvironment } from "@octet/inference/env";
import { describePlacement } from "@octet/inference/node-placement";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { warmUpSizes } from "@octet/inference/warm-up";
import { chooseForm, writeBytesForm } from "@octet/onnx/io/bytes-form";
import type { HostReport } from "@octet/shared/domain/worker";
import type { DetectorSpec } from "@octet/vision/models/family";
import type { Logger } from "pino";

export interface ModelPoolsOptions {
  provider: Provider;
  /** Sessions of each model. */
  threads: number;
  /** GPUs that sessions are spread over; none for other providers than CUDA and TensorRT. */
  gpus: readonly { gpu: HostReport["gpus"][number]; index: number }[];
  versions: HostReport["versions"];
  /** Where engines and prepared models lie. */
  home: string;
  logger: Logger;
}

export interface PoolModel {
  path: string;
  sha256: string;
  detector: DetectorSpec;
  /** Frames of one run at most. */
  maxBatch: number;
}

const onGpu: ReadonlySet<Provider> = new Set<Provider>(["cuda", "tensorrt", "webgpu"]);
/** WebGPU has no 8 bit integers. */
const takingBytes: ReadonlySet<Provider> = new Set<Provider>(["cuda", "tensorrt"]);

/**
 * On a CPU a run takes a core for long: reading, decoding and handing out frames come first, so that under load inference is
 * what becomes slower, which is measured, and not everything that it waits for. Jobs stand lower still (job-bootstrap.mjs).
 */
const NICE = 4;

/** Where the form of a model that takes bytes lies. */
export const bytesFile = (folder: string, sha256: string): string => path.join(folder, `${sha256}.bytes.onnx`);

/**
 * Makes the sessions of a model as this worker's provider wants them: the graph takes bytes where that gains anything; on a GPU
 * each batch size has run before a camera comes, and it is known which provider runs the nodes.
 */
export class ModelPools {
  private readonly options: ModelPoolsOptions;
  private readonly engines: EngineCache;
  private readonly enginesInUse = new Set<string>();
  /** Engines' place is a variable of the whole process: one pool is made at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: ModelPoolsOptions) {
    this.options = options;
    this.engines = new EngineCache(path.join(options.home, "engines"));
  }

  /** @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED, PROVIDER_UNAVAILABLE */
  create(model: PoolModel): Promise<{ pool: SessionPool; report: NonNullable<HostReport["inference"]> }> {
    const made = this.last.then(() => this.createNext(model));
    this.last = made.catch(() => {});
    return made;
  }

  private async createNext(model: PoolModel): Promise<{ pool: SessionPool; report: NonNullable<HostReport["inference"]> }> {
    const { provider, threads, gpus, logger } = this.options;
    const { input } = model.detector;
    const common = { threads, provider, prefetch: 1, logger };
    if (!onGpu.has(provider)) {
      const { refusal, ...form } = await chooseForm(provider, model.path, this.bytesFileOf(model), input);
      if (refusal) logger.warn({ error: String(refusal) }, "the model has no form that takes bytes, and runs as it is");
      const pool = await SessionPool.create({ ...common, ...form, nice: provider === "cpu" ? NICE : 0 });
      return { pool, report: { provider, nodes: {}, fault: null, engineCache: null } };
    }
    const warmUp = warmUpSizes(model.maxBatch);
    const inBytes = takingBytes.has(provider);
    const { modelPath, precision } = inBytes ? await this.prepare(model) : { modelPath: model.path, precision: "" };
    const folder = provider === "tensorrt" ? await this.useEngines(model, precision, warmUp) : null;
    const pool = await SessionPool.create({
      ...common,
      modelPath,
      input: inBytes ? { ...input, takesBytes: true } : input,
      devices: gpus.map(({ index }) => index),
      warmUp,
    });
    const bytes = folder ? await this.engines.engineBytes(folder) : 0;
    const engineCache = folder ? { folder: path.basename(folder), bytes, builtMs: Math.round(pool.warmUpMs) } : null;
    const { fault, placement } = pool;
    logger.info({ provider, nodes: placement && describePlacement(placement), warmUpMs: Math.round(pool.warmUpMs) }, "the model is warm");
    if (fault) logger.error({ provider, fault }, "the model does not run where it should");
    if (folder && bytes === 0) logger.warn({ folder }, "TensorRT stored no engine: it will be built anew at each start");
    return { pool, report: { provider, nodes: placement?.nodes ?? {}, fault, engineCache } };
  }

  /** The model with an input of bytes, written beside the others. */
  private async prepare(model: PoolModel): Promise<{ modelPath: string; precision: string }> {
    const modelPath = this.bytesFileOf(model);
    return { modelPath, precision: await writeBytesForm(model.path, modelPath, model.detector.input) };
  }

  private bytesFileOf({ sha256 }: PoolModel): string {
    return bytesFile(path.join(this.options.home, "models"), sha256);
  }

  private async useEngines({ sha256, detector: { input } }: PoolModel, precision: string, batches: readonly number[]): Promise<string> {
    const { gpus, versions } = this.options;
    const gpu = gpus[0]?.gpu;
    const key: EngineKey = {
      gpu: { name: gpu?.name ?? "unknown", computeCapability: gpu?.computeCapability ?? null, driver: gpu?.driver ?? "unknown" },
      onnxruntime: versions.onnxruntime ?? "unknown",
      tensorrt: versions.tensorrt ?? null,
      model: sha256,
      precision,
      shape: [3, input.height, input.width],
      batches,
    };
    const { folder, environment } = await this.engines.prepare(key, this.enginesInUse);
    this.enginesInUse.add(path.basename(folder));
    setEnvironment(environment);
    return folder;
  }
}
