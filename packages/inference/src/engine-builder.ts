import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { askProcess } from "./ask-process.ts";
import type { EngineBuild } from "./engine-build-process.ts";
import { EngineCache } from "./engine-cache.ts";
import { type EngineKey, engineOptions } from "./engine-key.ts";
import { checkModelFile } from "./file-check.ts";
import { findGpus, findTensorRt } from "./gpus.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { packageVersion } from "./package-version.ts";

const entry = new URL("./engine-build-process.ts", import.meta.url);
/** A large model at the largest batch takes minutes on a small GPU. */
const TIMEOUT_MS = 45 * 60_000;

export interface EngineRequest {
  modelPath: string;
  /** Of the model's products: `fp32`, `fp16` or `int8`. */
  precision: string;
  input: { name: string; width: number; height: number };
  /** Sizes that will run: one engine serves them all. */
  batches: readonly number[];
  /** CUDA's index of the GPU. */
  device: number;
  /** Folder of all engines. */
  root: string;
  logger?: Logger;
}

export interface Engine {
  /** An ONNX file that TensorRT's provider loads in place of the model. */
  file: string;
  /** Name of its folder. */
  folder: string;
  bytes: number;
  /** What building took, ms; null: it was there. */
  builtMs: number | null;
}

/** Names of folders that this process's sessions use, by root. */
const used = new Map<string, Set<string>>();
/** One engine at a time: two would share a GPU while kernels are timed, and choose by noise. */
let last: Promise<unknown> = Promise.resolve();

/**
 * The engine of a model for a GPU: from the cache, or built now, in a process of its own.
 * @throws AppError PROVIDER_UNAVAILABLE where TensorRT does not work here, MODEL_UNSUPPORTED where it does not take the whole model
 */
export function prepareEngine(request: EngineRequest): Promise<Engine> {
  const made = last.then(() => prepareNext(request));
  last = made.catch(() => {});
  return made;
}

async function prepareNext(request: EngineRequest): Promise<Engine> {
  const { modelPath, precision, input, batches, device, root, logger = silentLogger } = request;
  const inUse = used.get(root) ?? new Set<string>();
  used.set(root, inUse);
  const { folder, file, timingFolder } = await new EngineCache(root).prepare(await engineKey(request), inUse);
  const name = path.basename(folder);
  inUse.add(name);
  const found = await sizeOf(file);
  if (found !== null) return { file, folder: name, bytes: found, builtMs: null };
  logger.info({ precision, batches, folder: name }, "TensorRT builds an engine: this takes a while");
  const startedAt = performance.now();
  // Whoever finds the file finds all of it.
  const unfinished = path.join(folder, "unfinished.onnx");
  await rm(unfinished, { force: true });
  const build: EngineBuild = { modelPath, options: engineOptions({ file: unfinished, timingFolder, device, precision, input, batches }) };
  // A crash after the answer does not harm what was written.
  const { reason } = await askProcess(entry, JSON.stringify(build), { name: "builder", timeoutMs: TIMEOUT_MS });
  if (reason !== null)
    throw new AppError("PROVIDER_UNAVAILABLE", `TensorRT could not build an engine of this model: ${reason}`, {
      hint: "Run `octet doctor` to see whether TensorRT works on this host, or use the provider cuda.",
    });
  const bytes = await sizeOf(unfinished);
  if (bytes === null)
    throw new AppError("MODEL_UNSUPPORTED", "TensorRT does not take the whole of this model", {
      hint: "Use the provider cuda for it, or export it without post-processing.",
    });
  await rename(unfinished, file);
  const builtMs = performance.now() - startedAt;
  logger.info({ folder: name, bytes, builtMs: Math.round(builtMs) }, "TensorRT built an engine");
  return { file, folder: name, bytes, builtMs };
}

async function engineKey({ modelPath, precision, input, batches, device }: EngineRequest): Promise<EngineKey> {
  const [gpus, tensorrt, { sha256 }] = await Promise.all([findGpus(), findTensorRt(), checkModelFile(modelPath)]);
  const gpu = gpus.find((candidate, at) => (candidate.index ?? at) === device);
  return {
    gpu: { name: gpu?.name ?? "unknown", computeCapability: gpu?.computeCapability ?? null, driver: gpu?.driver ?? "unknown" },
    onnxruntime: packageVersion("onnxruntime-node"),
    tensorrt,
    model: sha256,
    precision,
    shape: [3, input.height, input.width],
    batches,
  };
}

const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );
