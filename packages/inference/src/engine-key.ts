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
 * Options of ONNX Runtime's TensorRT provider (docs: TensorRT execution provider, configurations) by which it writes a model with one node
 * that holds the whole engine. Precision comes from the graph: the flags only allow the builder what the graph asks for.
 * One engine serves all batches, and is tuned for the largest.
 */
export function engineOptions({
  file,
  timingFolder,
  device,
  precision,
  input,
  batches,
}: {
  /** What is written. */
  file: string;
  timingFolder: string;
  device: number;
  precision: string;
  input: { name: string; width: number; height: number };
  batches: readonly number[];
}): Record<string, string> {
  const shape = (batch: number): string => `${input.name}:${batch}x3x${input.height}x${input.width}`;
  const most = Math.max(...batches);
  return {
    device_id: String(device),
    trt_fp16_enable: precision === "fp32" ? "0" : "1",
    trt_int8_enable: precision === "int8" ? "1" : "0",
    trt_profile_min_shapes: shape(Math.min(...batches)),
    trt_profile_opt_shapes: shape(most),
    trt_profile_max_shapes: shape(most),
    trt_timing_cache_enable: "1",
    trt_timing_cache_path: timingFolder,
    trt_dump_ep_context_model: "1",
    trt_ep_context_file_path: file,
    trt_ep_context_embed_mode: "1",
  };
}

/** TensorRT's version by the name of its library, `libnvinfer.so.10.9.0`; the longest name says most. */
export function tensorRtVersion(names: readonly string[]): string | null {
  const versions = names.flatMap((name) => /^libnvinfer\.so\.(\d+(?:\.\d+)*)$/.exec(name)?.[1] ?? []);
  return versions.sort((a, b) => b.length - a.length || b.localeCompare(a, "en", { numeric: true }))[0] ?? null;
}
