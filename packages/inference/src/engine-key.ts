import { createHash } from "node:crypto";

/** All that a TensorRT engine depends on. One that was built under another key is of no use, or worse. */
export interface EngineKey {
  gpu: { name: string; computeCapability: string | null; driver: string };
  /** Versions; `tensorrt` null where its library was not found. */
  onnxruntime: string;
  tensorrt: string | null;
  /** sha256 of the model's file. */
  model: string;
  precision: string;
  /** Of the input, per image: channels, height, width. */
  shape: readonly number[];
  /** Ascending or not: their order does not matter. */
  batches: readonly number[];
}

/**
 * Folder of a key's engines: `<model>-<key>`. GPUs of the same kind share it, whichever slot they are in, since engines
 * are built for a kind of GPU; what belongs to other keys of the same model can be told by the first half.
 */
export function engineFolder(key: EngineKey): string {
  const { gpu, onnxruntime, tensorrt, model, precision, shape, batches } = key;
  const facts = [
    gpu.name,
    gpu.computeCapability,
    gpu.driver,
    onnxruntime,
    tensorrt,
    model,
    precision,
    shape,
    [...batches].sort((a, b) => a - b),
  ];
  return `${model.slice(0, 16)}-${createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16)}`;
}

/**
 * Environment of ONNX Runtime's TensorRT provider (docs: TensorRT execution provider, environment variables). Precision
 * comes from the graph: the flags only allow the builder what the graph asks for.
 */
export function engineEnvironment(folder: string, timingFolder: string, precision: string): Record<string, string> {
  return {
    ORT_TENSORRT_ENGINE_CACHE_ENABLE: "1",
    ORT_TENSORRT_CACHE_PATH: folder,
    ORT_TENSORRT_TIMING_CACHE_ENABLE: "1",
    ORT_TENSORRT_GLOBAL_CACHE_PATH: timingFolder,
    ORT_TENSORRT_FP16_ENABLE: precision === "fp32" ? "0" : "1",
    ORT_TENSORRT_INT8_ENABLE: precision === "int8" ? "1" : "0",
  };
}

/** TensorRT's version by the name of its library, `libnvinfer.so.10.9.0`; the longest name says most. */
export function tensorRtVersion(names: readonly string[]): string | null {
  const versions = names.flatMap((name) => /^libnvinfer\.so\.(\d+(?:\.\d+)*)$/.exec(name)?.[1] ?? []);
  return versions.sort((a, b) => b.length - a.length || b.localeCompare(a, "en", { numeric: true }))[0] ?? null;
}
