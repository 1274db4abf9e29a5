import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { loadModelFile } from "@octet/inference/model-file";
import type { LiveModel } from "@octet/pipeline/lane";
import { AppError } from "@octet/shared/errors";
import type { PromotedModel } from "@octet/shared/protocol/worker-protocol";
import { recogniseDetector } from "@octet/vision/models/recognise";
import type { Logger } from "pino";
import { bytesFile, type ModelPools, type PoolModel } from "./model-pools.ts";

export interface ModelHostOptions {
  /** The worker's own model, which stays loaded. */
  own: LiveModel;
  /** Puts a file of the artifact store under a name. */
  place(ref: PromotedModel, file: string): Promise<void>;
  /** Where promoted files lie. */
  folder: string;
  pools: ModelPools;
  /** Of one run, where the model sets no limit itself. */
  maxBatch: number;
  logger: Logger;
}

/** Promoted models on this host: fetched, loaded in their sessions and warm, one pool each however many cameras run on it. */
export class ModelHost implements AsyncDisposable {
  private readonly options: ModelHostOptions;
  private readonly loading = new Map<string, Promise<LiveModel>>();
  private readonly preparing = new Map<string, Promise<void>>();
  private readonly loaded = new Map<string, LiveModel>();

  constructor(options: ModelHostOptions) {
    this.options = options;
  }

  /** Where it is loaded already, else null. */
  ready(ref: PromotedModel): LiveModel | null {
    return ref.sha256 === this.options.own.id ? this.options.own : (this.loaded.get(ref.sha256) ?? null);
  }

  /**
   * @throws AppError MODEL_INVALID, MODEL_UNRECOGNISED, MODEL_UNSUPPORTED, PROVIDER_UNAVAILABLE: this host cannot run it as it
   * is; NOT_FOUND, WORKER_UNAVAILABLE, DISK_FULL: it could not be fetched
   */
  load(ref: PromotedModel): Promise<LiveModel> {
    const ready = this.ready(ref);
    if (ready) return Promise.resolve(ready);
    let loading = this.loading.get(ref.sha256);
    if (!loading) {
      loading = this.loadOnce(ref).finally(() => this.loading.delete(ref.sha256));
      this.loading.set(ref.sha256, loading);
    }
    return loading;
  }

  /**
   * Fetches a model that no camera here needs yet, and has its engine built: a camera that comes then waits for neither.
   * @throws as `load`
   */
  async prepare(ref: PromotedModel): Promise<void> {
    if (this.ready(ref) || this.loading.has(ref.sha256)) return;
    let preparing = this.preparing.get(ref.sha256);
    if (!preparing) {
      preparing = this.prepareOnce(ref).finally(() => this.preparing.delete(ref.sha256));
      this.preparing.set(ref.sha256, preparing);
    }
    await preparing;
  }

  /** Closes the sessions of models that nothing runs on. */
  async keep(used: ReadonlySet<string>): Promise<void> {
    for (const [id, { pool }] of this.loaded) {
      if (used.has(id)) continue;
      this.loaded.delete(id);
      await pool.close();
      await this.removeFiles(id);
      this.options.logger.info({ model: id.slice(0, 12) }, "a model that nothing runs on was unloaded");
    }
  }

  /** Share of the sessions' time in use since the last call, of all models together, 0–1. */
  takeBusyShare(): number {
    const pools = [this.options.own, ...this.loaded.values()].map(({ pool }) => pool);
    return Math.max(...pools.map((pool) => pool.takeBusyShare()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.loading.values(), ...this.preparing.values()]);
    await this.keep(new Set());
  }

  private async loadOnce(ref: PromotedModel): Promise<LiveModel> {
    const { pools, logger } = this.options;
    const file = await this.fetch(ref);
    const { pool, maxBatch } = await pools.create(file);
    const model: LiveModel = { id: file.sha256, detector: file.detector, pool, maxBatch };
    this.loaded.set(file.sha256, model);
    logger.info({ profile: ref.name, model: file.sha256.slice(0, 12), family: file.detector.family }, "a promoted model is loaded");
    return model;
  }

  private async prepareOnce(ref: PromotedModel): Promise<void> {
    await this.options.pools.prepare(await this.fetch(ref));
    this.options.logger.info({ profile: ref.name, model: ref.sha256.slice(0, 12) }, "a model of other workers' cameras is at hand");
    if (!this.loaded.has(ref.sha256) && !this.loading.has(ref.sha256)) await this.removeFiles(ref.sha256);
  }

  private async fetch(ref: PromotedModel): Promise<PoolModel> {
    const { folder, place, maxBatch } = this.options;
    await mkdir(folder, { recursive: true });
    const file = this.fileOf(ref.sha256);
    if (!existsSync(file)) await place(ref, file);
    const { sha256, signature } = await loadModelFile(file);
    if (sha256 !== ref.sha256) {
      await rm(file, { force: true });
      throw new AppError("MODEL_INVALID", `The file of ${ref.name} on this worker is not what was promoted`, {
        hint: "It is fetched anew.",
      });
    }
    return { path: file, sha256, detector: recogniseDetector(signature), maxBatch };
  }

  /** The artifact cache has the file still, and engines lie elsewhere. */
  private async removeFiles(sha256: string): Promise<void> {
    await rm(this.fileOf(sha256), { force: true });
    await rm(bytesFile(this.options.folder, sha256), { force: true });
  }

  private fileOf(sha256: string): string {
    return path.join(this.options.folder, `${sha256}.onnx`);
  }
}
