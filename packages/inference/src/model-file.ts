import { resolve } from "node:path";
import { readModelMetadata } from "@octet/onnx/io/model-metadata";
import { checkModelFile } from "./file-check.ts";
import type { ModelSignature } from "./session-messages.ts";
import { SessionWorker } from "./session-worker.ts";

export interface ModelFile {
  /** Absolute. */
  path: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
  signature: ModelSignature;
  /** What loading the model took, ms. */
  loadMs: number;
}

/**
 * Reads what a model file takes and gives, by loading it once in a thread.
 * @throws AppError MODEL_NOT_FOUND, or MODEL_INVALID with the reason where it is no model that ONNX Runtime can load
 */
export async function loadModelFile(path: string): Promise<ModelFile> {
  const absolute = resolve(path);
  const { size, sha256 } = await checkModelFile(absolute);
  const worker = await SessionWorker.start({ modelPath: absolute, provider: "cpu", input: null });
  await worker.exited;
  const signature = { ...worker.signature, metadata: await readModelMetadata(absolute) };
  return { path: absolute, size, sha256, signature, loadMs: worker.loadMs };
}
