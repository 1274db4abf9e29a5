import type { LiveModel } from "@octet/pipeline/lane";
import type { LiveCameraConfig } from "@octet/pipeline/live-camera";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import type { AssignedCamera, PromotedModel } from "@octet/shared/protocol/worker-protocol";
import type { Logger } from "pino";

export interface CameraModelsOptions {
  host: {
    ready(ref: PromotedModel): LiveModel | null;
    load(ref: PromotedModel): Promise<LiveModel>;
    prepare(ref: PromotedModel): Promise<void>;
  };
  /** Runs exactly these cameras. */
  apply(cameras: LiveCameraConfig[]): Promise<void>;
  /** The worker's own model, on which cameras without a promoted one run. */
  own?: LiveModel;
  logger: Logger;
  /** Until a model that could not be had is tried again, ms. Default 30,000. */
  retryMs?: number;
}

const PRIORITY = { low: -1, normal: 0, high: 1 } as const;

/**
 * Which model each camera runs on. A camera never waits for a model: it goes on with the one it has until the promoted one is
 * loaded, and says so (`modelAlarm`), as it does where that cannot be: fetching a model and building its engine takes minutes.
 */
export class CameraModels {
  private readonly options: CameraModelsOptions;
  private wanted: readonly AssignedCamera[] = [];
  private readonly running = new Map<string, LiveModel | null>();
  private readonly failures = new Map<string, ErrorInfo>();
  /** Of cameras elsewhere, by which ones this host has what they need. */
  private others: readonly PromotedModel[] = [];
  private readonly prepared = new Set<string>();
  private round = 0;
  private retry: NodeJS.Timeout | null = null;

  constructor(options: CameraModelsOptions) {
    this.options = options;
  }

  /** Resolves once the cameras run, on what is loaded now. @param others models that are made ready after that, for cameras that may come */
  async assign(cameras: readonly AssignedCamera[], others: readonly PromotedModel[] = []): Promise<void> {
    this.wanted = cameras;
    this.others = others;
    this.round++;
    for (const id of this.running.keys()) if (!cameras.some((camera) => camera.id === id)) this.running.delete(id);
    await this.options.apply(cameras.map((camera) => this.configOf(camera)));
    const round = this.round;
    void this.loadMissing(round).then(() => this.prepareOthers(round));
  }

  close(): void {
    this.round++;
    if (this.retry) clearTimeout(this.retry);
  }

  private configOf({ substreamUrl, url, model, shadow, priority, ...camera }: AssignedCamera): LiveCameraConfig {
    const { host } = this.options;
    const ready = model === null ? null : host.ready(model);
    // Not loaded yet, or not to be loaded at all: on with what it had.
    const current = model === null || ready ? ready : (this.running.get(camera.id) ?? null);
    this.running.set(camera.id, current);
    const shadowModel = shadow && host.ready(shadow);
    const alarm = [model, shadow].flatMap((ref) => (ref && !host.ready(ref) ? (this.failures.get(ref.sha256) ?? []) : []))[0];
    return {
      ...camera,
      priority: PRIORITY[priority],
      // Detection runs on the smaller stream where the camera has one.
      url: substreamUrl ?? url,
      model: current,
      shadow: shadowModel && shadow ? { model: shadowModel, share: shadow.share, promotionId: shadow.promotionId } : null,
      modelAlarm: alarm ?? (model && !ready ? notReady(model, current) : this.fallBack(current ?? this.options.own)),
      decodeLimit: model?.decodeSize ? { ...model.decodeSize, profile: model.name } : null,
    };
  }

  /** A model that runs, but not where it was asked to: slowly, and on cores that decode. */
  private fallBack(model: LiveModel | undefined): ErrorInfo | null {
    const fault = model?.pool?.fault;
    return fault ? { code: "PROVIDER_UNAVAILABLE", message: fault, hint: "See the worker's log, and `octet doctor` on its host." } : null;
  }

  private async prepareOthers(round: number): Promise<void> {
    const { host, logger } = this.options;
    for (const ref of this.others) {
      if (round !== this.round) return;
      if (this.prepared.has(ref.sha256)) continue;
      try {
        await host.prepare(ref);
        this.prepared.add(ref.sha256);
      } catch (error) {
        // No camera here needs it yet; the next assignment tries again.
        const { code, message } = AppError.from(error);
        logger.warn({ profile: ref.name, code }, `a model of other workers' cameras could not be made ready: ${message}`);
      }
    }
  }

  private async loadMissing(round: number): Promise<void> {
    const { host, logger, apply, retryMs = 30_000 } = this.options;
    const missing = new Map(
      this.wanted.flatMap(({ model, shadow }) =>
        [model, shadow].flatMap((ref) => (ref && !host.ready(ref) ? [[ref.sha256, ref] as const] : [])),
      ),
    );
    if (missing.size === 0) return;
    for (const [sha256, ref] of missing) {
      try {
        await host.load(ref);
        this.failures.delete(sha256);
      } catch (error) {
        const info = AppError.from(error).toInfo();
        this.failures.set(sha256, {
          ...info,
          message: `${ref.name} does not run on this worker: ${info.message}`,
          ...(info.code === "NOT_FOUND" ? { hint: "The server has lost the profile's file: build it again, or roll it back." } : {}),
        });
        logger.error({ profile: ref.name, code: info.code }, `a promoted model cannot be run: ${info.message}`);
      }
      if (round !== this.round) return;
      await apply(this.wanted.map((camera) => this.configOf(camera)));
    }
    if (![...missing.values()].some((ref) => !host.ready(ref))) return;
    if (this.retry) clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.loadMissing(this.round), retryMs);
    this.retry.unref();
  }
}

function notReady({ name }: PromotedModel, current: LiveModel | null): ErrorInfo {
  return {
    code: "MODEL_NOT_READY",
    message: `${name} is being fetched and made ready; until then the camera runs on ${current ? "what it ran on before" : "its worker's own model"}`,
    hint: "A TensorRT engine takes minutes where none is kept for this GPU. The worker's log tells how far it is.",
  };
}
