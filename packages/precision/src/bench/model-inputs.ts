import path from "node:path";
import { loadModelFile, type ModelFile } from "@octet/inference/model-file";
import { AppError } from "@octet/shared/errors";
import { knownDetector } from "../detect/known-detector.ts";
import type { InputTensor } from "./messages.ts";

export interface BenchModel {
  name: string;
  path: string;
  sizeBytes: number;
  signature: ModelFile["signature"];
}

/** @throws AppError MODEL_NOT_FOUND or MODEL_INVALID */
export async function loadBenchModel(file: string): Promise<BenchModel> {
  const model = await loadModelFile(file);
  return { name: path.basename(model.path).replace(/\.onnx$/, ""), path: model.path, sizeBytes: model.size, signature: model.signature };
}

/** Where a width or height is not fixed; what the detectors were trained at. */
const SIDE = 640;

/**
 * What to feed for a batch, or why the model does not take it: its batch is the first dimension of every input. Other
 * dimensions that are not fixed become 640 in an N×C×H×W input and 1 elsewhere.
 */
export function benchInputs({ name, signature }: BenchModel, batch: number): InputTensor[] | string {
  const range = pixelRange(signature);
  const inputs: InputTensor[] = [];
  for (const input of signature.inputs) {
    if (input.type === "not a tensor") throw new AppError("UNSUPPORTED", `${name}'s input "${input.name}" is not a tensor`);
    const dims = input.shape.map((size, axis) => {
      if (typeof size === "number" && size > 0) return size;
      return axis === 0 ? batch : input.shape.length === 4 && axis >= 2 ? SIDE : 1;
    });
    if (dims.length > 0 && dims[0] !== batch) return `its batch is fixed at ${dims[0]}`;
    inputs.push({ name: input.name, type: input.type, dims, ...range });
  }
  return inputs;
}

/** The floats that a known detector's bytes become; 0 to 1 for any other model. */
function pixelRange(signature: ModelFile["signature"]): { low: number; high: number } {
  const { spec } = knownDetector(signature);
  if (!spec) return { low: 0, high: 1 };
  const { mean, scale } = spec.input;
  return { low: -mean * scale, high: (255 - mean) * scale };
}
