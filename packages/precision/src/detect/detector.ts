import { defaultModelPath } from "@octet/inference/builtin-models";
import { loadModelFile } from "@octet/inference/model-file";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { readModelFile } from "@octet/onnx/io/model-file";
import { modelPrecision } from "@octet/onnx/stats/model-precision";
import type { ModelInfo } from "@octet/shared/domain/model";
import { describeModel } from "@octet/vision/models/describe-model";
import type { DetectorSpec } from "@octet/vision/models/family";
import { recogniseDetector } from "@octet/vision/models/recognise";

export interface DetectorOptions {
  /** Path of an ONNX file, or `default`. */
  model: string;
  /** Sessions, each in a thread of its own. */
  threads: number;
  provider?: Provider;
}

/** A model that is loaded and ready to run. */
export class Detector implements AsyncDisposable {
  readonly info: ModelInfo;
  readonly path: string;
  readonly spec: DetectorSpec;
  readonly pool: SessionPool;

  private constructor(parts: { info: ModelInfo; path: string; spec: DetectorSpec; pool: SessionPool }) {
    this.info = parts.info;
    this.path = parts.path;
    this.spec = parts.spec;
    this.pool = parts.pool;
  }

  /** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNRECOGNISED or PROVIDER_UNAVAILABLE */
  static async load({ model, threads, provider = "cpu" }: DetectorOptions): Promise<Detector> {
    const file = await loadModelFile(model === "default" ? defaultModelPath() : model);
    const spec = recogniseDetector(file.signature);
    const precision = modelPrecision(await readModelFile(file.path));
    const info = describeModel(file.path, { ...file, precision }, spec);
    const pool = await SessionPool.create({ modelPath: file.path, threads, provider, precision, input: spec.input });
    return new Detector({ info, path: file.path, spec, pool });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.close();
  }
}
