// What a GPU host can do, from decoding to 70 cameras: decode by codec and number of decoders, inference by provider, precision
// and batch, and how many cameras of 1080p hold 5 detections a second each with p99 below 200 ms through the real live path.
// Writes results/gpu-<name>.json. See gpu/README.md for what a host without internet needs.
//
//   npm run bench -- gpu [--quick] [--cpu] [--model FILE.onnx] [--images DIR: calibrates INT8] [--sessions N] [--streams N: begin there]
//                        [--out FILE.json]
//
// --cpu: the same code on the CPU, to try it out; writes nothing unless --out is given.
import { mkdirSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { findGpus, findTensorRt } from "@octet/inference/gpus";
import { loadModelFile } from "@octet/inference/model-file";
import type { Provider } from "@octet/inference/session-messages";
import type { ClipCodec } from "@octet/media/clip-encoder";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { dropInitializerInputs } from "@octet/onnx/passes/initializer-inputs";
import { makeBatchSymbolic } from "@octet/onnx/passes/make-batch-symbolic";
import { takeBytes } from "@octet/onnx/passes/take-bytes";
import { modelStats } from "@octet/onnx/stats/model-stats";
import { mostStreams } from "@octet/precision/bench/most-streams";
import { StreamLoad, type StreamStep } from "@octet/precision/bench/stream-load";
import { convertModel } from "@octet/precision/convert/convert-model";
import { quantizeFile } from "@octet/precision/quantize/quantize-file";
import { AppError } from "@octet/shared/errors";
import { gpuByDriverName } from "@octet/shared/planning/gpu-catalogue";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { codecClip } from "./gpu/codec-clips.ts";
import { decodeSpeed } from "./gpu/decode-speed.ts";
import { inferSpeed } from "./gpu/infer-speed.ts";
import { whileSampled } from "./gpu/smi-sampler.ts";
import { runtimeVersion, writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    cpu: { type: "boolean", default: false },
    model: { type: "string" },
    images: { type: "string" },
    sessions: { type: "string", default: "2" },
    streams: { type: "string", default: "70" },
    out: { type: "string" },
  },
});
const { quick, cpu } = values;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const [gpu] = cpu ? [] : await findGpus();
if (!cpu && !gpu) {
  say("nvidia-smi shows no GPU here. To try the benchmark without one: npm run bench -- gpu --cpu --quick");
  process.exit(1);
}
const card = gpu ? gpuByDriverName(gpu.name) : null;
const folder = path.join(os.tmpdir(), "octet-bench-gpu");
mkdirSync(folder, { recursive: true });
const seconds = quick ? 1 : 8;
const precisions = ["fp32", "fp16", "int8"] as const;
type Precision = (typeof precisions)[number];

// Models: the batch is made free, and the graph takes bytes, as a worker on a GPU has it.
const source = path.resolve(values.model ?? defaultModelPath());
const detector = recogniseDetector((await loadModelFile(source)).signature);
const free = path.join(folder, "fp32.onnx");
const original = await readModelFile(source);
dropInitializerInputs()(original);
makeBatchSymbolic()(original);
await writeModelFile(original, free);
const macs = modelStats(await readModelFile(source)).macs;
const operations = macs === null ? null : macs * 2;
const files: Partial<Record<Precision, string>> = { fp32: free };
const notes: string[] = [];
const derive = async (precision: Precision, make: (out: string) => Promise<unknown>): Promise<void> => {
  const out = path.join(folder, `${precision}.onnx`);
  try {
    await make(out);
    files[precision] = out;
  } catch (error) {
    notes.push(`${precision}: ${AppError.from(error).message}`);
  }
};
await derive("fp16", (out) => convertModel({ model: free, out, keep: [], images: [], onImage: () => {} }));
if (values.images) {
  const images = readdirSync(values.images, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .sort()
    .slice(0, quick ? 4 : 128)
    .map((name) => path.join(values.images!, name));
  await derive("int8", (out) =>
    quantizeFile({
      model: free,
      out,
      images,
      target: "tensorrt",
      method: null,
      refine: "none",
      weightBits: 8,
      byLatency: false,
      half: true,
      judge: null,
      maxDrop: null,
      minSqnrDb: null,
      analyse: false,
      tool: "octet bench",
      createdAt: new Date().toISOString(),
      onProgress: () => {},
    }),
  );
} else notes.push("int8: no images to calibrate on; give --images DIR");

// Decode.
const [clip] = await ensureDemoClips(path.join(folder, "demo"));
const size = quick ? { width: 640, height: 360, frames: 50 } : { width: 1920, height: 1080, frames: 1500 };
const mediaThreads = Math.min(8, os.availableParallelism());
const decode = [];
const clips: Partial<Record<ClipCodec, string>> = {};
for (const codec of ["h264", "hevc", "av1"] as const) {
  try {
    clips[codec] = await codecClip(clip!.path, { codec, ...size, folder });
  } catch (error) {
    notes.push(`${codec}: ${AppError.from(error).message}`);
    continue;
  }
  for (const decoders of quick ? [1, 2] : [1, 2, 4, 8, 16, 32]) {
    const { result, gpu: sampled } = await whileSampled(() =>
      decodeSpeed(clips[codec]!, decoders, { threads: mediaThreads, hardware: !cpu }),
    );
    decode.push({ codec, ...result, gpu: sampled });
    say(`decode ${codec} × ${decoders}: ${result.framesPerSecond.toFixed(0)} frames/s, ${result.decoder}, scaled on ${result.scaler}`);
  }
}

// Inference.
const providers: Provider[] = cpu ? ["cpu"] : ["cuda", "tensorrt"];
const inference = [];
for (const precision of precisions) {
  const file = files[precision];
  if (!file) continue;
  const model = await readModelFile(file);
  takeBytes({ input: detector.input.name, mean: detector.input.mean, scale: detector.input.scale })(model);
  const modelPath = file.replace(/\.onnx$/, ".bytes.onnx");
  await writeModelFile(model, modelPath);
  for (const provider of providers)
    for (const batch of quick ? [1, 2] : [1, 2, 4, 8, 16, 32]) {
      const { result, gpu: sampled } = await whileSampled(() =>
        inferSpeed({
          modelPath,
          input: { ...detector.input, takesBytes: true },
          provider,
          precision,
          batch,
          sessions: Number(values.sessions),
          seconds,
          peak: card?.peak?.[precision].value ?? null,
          operations,
        }),
      );
      inference.push({ ...result, gpu: sampled });
      const speed = result.imagesPerSecond === null ? `not measured: ${result.error}` : `${result.imagesPerSecond.toFixed(1)} images/s`;
      say(`${provider} ${precision} batch ${batch}: ${speed}${result.fault ? `, FAULT: ${result.fault}` : ""}`);
    }
}

// Cameras, as many as hold.
const takingBytes = { ...detector, input: { ...detector.input, takesBytes: true } };
const scenarios = [];
for (const provider of providers) {
  for (const precision of precisions) {
    const model = files[precision]?.replace(/\.onnx$/, ".bytes.onnx");
    if (!model || !clips.h264) continue;
    const steps: StreamStep[] = [];
    try {
      await using load = await StreamLoad.create({
        model,
        detector: takingBytes,
        inferThreads: Number(values.sessions),
        mediaThreads,
        provider,
        maxBatch: cpu ? 1 : 8,
        fps: cpu ? 1 : 5,
        clip: `file:${path.basename(clips.h264)}`,
        mediaRoot: folder,
        budgetMs: cpu ? 2000 : 200,
        seconds,
      });
      const limit = quick ? 2 : 512;
      const { result: streams, gpu: sampled } = await whileSampled(() =>
        mostStreams({ first: Math.min(limit, quick ? 1 : Number(values.streams)), asked: quick ? 1 : 70, limit }, async (count) => {
          const step = await load.step(count);
          steps.push(step);
          return step.held;
        }),
      );
      scenarios.push({ provider, precision, streams, steps, gpu: sampled, error: null });
      say(`${provider} ${precision}: ${streams} cameras hold`);
    } catch (error) {
      scenarios.push({ provider, precision, streams: null, steps, gpu: null, error: AppError.from(error).message });
      say(`${provider} ${precision}: no cameras: ${AppError.from(error).message}`);
    }
  }
}

const slug = (gpu?.name ?? "none").toLowerCase().replace(/[^a-z0-9]+/g, "-");
const result = {
  gpu: gpu ?? null,
  versions: { onnxruntime: runtimeVersion(), tensorrt: await findTensorRt() },
  model: path.basename(source),
  operationsPerImage: operations,
  quick,
  clip: size,
  notes,
  decode,
  inference,
  scenarios,
};
for (const note of notes) say(note);
if (values.out || !cpu) say(writeResult(`gpu-${slug}`, result, values.out));
else say("Tried out on the CPU: nothing written");
