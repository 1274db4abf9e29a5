import path from "node:path";
import { describePlacement } from "@octet/inference/node-placement";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { warmUpSizes } from "@octet/inference/warm-up";
import { chooseForm } from "@octet/onnx/io/bytes-form";
import type { HostReport } from "@octet/shared/domain/worker";
import type { DetectorSpec } from "@octet/vision/models/family";
import type { Logger } from "pino";

export interface ModelPoolsOptions {
  provider: Provider;
  /** Sessions of each model. */
  threads: number;
  /** CUDA's indices of the GPUs that sessions are spread over; none for other providers than CUDA and TensorRT. */
  gpus: readonly number[];
  /** Where engines and prepared models lie. */
  home: string;
  logger: Logger;
}

export interface PoolModel {
  path: string;
  sha256: string;
  detector: DetectorSpec;
  /** Frames of one run at most, as far as the model can. */
  maxBatch: number;
}

export interface MadePool {
  pool: SessionPool;
  /** Frames of one run at most. */
  maxBatch: number;
  report: NonNullable<HostReport["inference"]>;
}

const onGpu: ReadonlySet<Provider> = new Set<Provider>(["cuda", "tensorrt", "webgpu"]);

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
  /** One pool is made at a time: each is warmed up on cores and GPUs that cameras need. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: ModelPoolsOptions) {
    this.options = options;
  }

  /** @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED, PROVIDER_UNAVAILABLE */
  create(model: PoolModel): Promise<MadePool> {
    const made = this.last.then(() => this.createNext(model));
    this.last = made.catch(() => {});
    return made;
  }

  /** Has a model's engine built, where its provider has such, and runs nothing on it. @throws as `create` */
  async prepare(model: PoolModel): Promise<void> {
    if (this.options.provider !== "tensorrt") return;
    const { pool } = await this.create(model);
    await pool.close();
  }

  private async createNext(model: PoolModel): Promise<MadePool> {
    const { provider, threads, gpus, home, logger } = this.options;
    const { input } = model.detector;
    const { refusal, anyBatch, ...form } = await chooseForm(provider, model.path, this.bytesFileOf(model), input);
    const maxBatch = anyBatch ? model.maxBatch : Math.min(input.maxBatch ?? Number.POSITIVE_INFINITY, model.maxBatch);
    if (refusal) logger.warn({ error: String(refusal) }, "the model has no form that takes bytes, and runs as it is");
    const common = { ...form, threads, provider, prefetch: 1, logger };
    if (!onGpu.has(provider)) {
      const pool = await SessionPool.create({ ...common, nice: provider === "cpu" ? NICE : 0 });
      return { pool, maxBatch, report: { provider, nodes: {}, fault: null, engineCache: null } };
    }
    const pool = await SessionPool.create({
      ...common,
      devices: gpus,
      warmUp: warmUpSizes(maxBatch),
      engines: path.join(home, "engines"),
    });
    const { fault, placement, engine } = pool;
    const engineCache = engine && { folder: engine.folder, bytes: engine.bytes, builtMs: Math.round(engine.builtMs ?? 0) };
    logger.info({ provider, nodes: placement && describePlacement(placement), warmUpMs: Math.round(pool.warmUpMs) }, "the model is warm");
    if (fault) logger.error({ provider, fault }, "the model does not run where it should");
    return { pool, maxBatch, report: { provider, nodes: placement?.nodes ?? {}, fault, engineCache } };
  }

  private bytesFileOf({ sha256 }: PoolModel): string {
    return bytesFile(path.join(this.options.home, "models"), sha256);
  }
}
