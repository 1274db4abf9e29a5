import { checkModelFile } from "@octet/inference/file-check";
import { checkModel } from "@octet/onnx/check/check-model";
import { readModelFile } from "@octet/onnx/io/model-file";
import type { Model } from "@octet/onnx/ir/model";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import { type ModelStats, modelStats } from "@octet/onnx/stats/model-stats";
import type { Licence, ModelInfo } from "@octet/shared/domain/model";
import type { ModelSignature, TensorInfo } from "@octet/vision/models/family";
import { licenceOf } from "@octet/vision/models/licence";
import { knownDetector } from "../detect/known-detector.ts";
import { bindImageSize } from "./bind-image-size.ts";

export interface Inspection {
  path: string;
  sizeBytes: number;
  sha256: string;
  irVersion: number;
  opsets: Record<string, number>;
  producer: string;
  metadata: Record<string, string>;
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** Null for a model that is none of the known detectors; then `unrecognised` says why. */
  family: ModelInfo["family"] | null;
  unrecognised: string | null;
  licence: Licence | null;
  /** Multiply-adds are of one image of this size, in pixels, where the model leaves it open; null where it is fixed. */
  countedAt: { width: number; height: number } | null;
  stats: ModelStats;
}

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED */
export async function inspectModel(path: string): Promise<Inspection> {
  const { size, sha256 } = await checkModelFile(path);
  const model = checkModel(await readModelFile(path), { domains: "all" });
  inferShapes(model);
  const signature = signatureOf(model);
  const { spec, unrecognised } = knownDetector(signature);
  const countedAt = bindImageSize(model, signature);
  return {
    path,
    sizeBytes: size,
    sha256,
    irVersion: model.irVersion,
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || "ai.onnx", version])),
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    metadata: Object.fromEntries(model.metadata),
    ...signature,
    family: spec?.family ?? null,
    unrecognised,
    licence: spec ? licenceOf(spec.family, sha256, signature.metadata) : null,
    countedAt,
    stats: modelStats(model),
  };
}

/** What a model takes and gives, as ONNX Runtime would say it, without loading it there. */
export function signatureOf({ graph, metadata }: Model): ModelSignature {
  const info = ({ name, dataType, shape }: Model["graph"]["inputs"][number]): TensorInfo => ({
    name,
    type: dataType ?? "not a tensor",
    shape: [...(shape ?? [])],
  });
  return {
    inputs: graph.inputs.filter(({ name }) => !graph.initializers.has(name)).map(info),
    outputs: graph.outputs.map(info),
    metadata: Object.fromEntries(metadata),
  };
}
