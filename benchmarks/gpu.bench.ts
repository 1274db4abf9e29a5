// What a GPU host can do, from decoding to 70 cameras: decode by codec and number of decoders, inference by provider, precision
// and batch, and how many cameras of 1080p hold 5 detections a second each with p99 below 200 ms through the real live path.
// Writes results/gpu-<name>.json. See gpu/README.md for what a host without internet needs.
//
//   npm run bench -- gpu [--quick] [--cpu] [--model FILE.onnx] [--images DIR: calibrates INT8] [--sessions N] [--media-threads N]
//                        [--streams N: begin there]
//                        [--parts decode,inference,streams] [--providers cuda,tensorrt] [--precisions fp32,fp16,int8] [--batches 1,2,4]
//                        [--decode-in thread,pool: OCTET_DECODE_IN_POOL off and on] [--codecs h264,hevc,av1] [--decoders 1,2,4] [--seconds N: of each figure]
//                        [--clip FILE: what cameras see] [--folder DIR: clips and models are kept there] [--out FILE.json]
//
// --cpu: the same code on the CPU, to try it out; writes nothing unless --out is given.
// --parts: what is not asked for stays as an earlier run wrote it, where a host is lent for minutes at a time.
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { findGpus, findTensorRt } from "@octet/inference/gpus";
import { loadModelFile } from "@octet/inference/model-file";
import type { Provider } from "@octet/inference/session-messages";
import { warmUpSizes } from "@octet/inference/warm-up";
import { CLIP_FPS, type ClipCodec } from "@octet/media/clip-encoder";
import { chooseForm } from "@octet/onnx/io/bytes-form";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { dropInitializerInputs } from "@octet/onnx/passes/initializer-inputs";
import { makeBatchSymbolic } from "@octet/onnx/passes/make-batch-symbolic";
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
import { earlierResult, runtimeVersion, writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    cpu: { type: "boolean", default: false },
    model: { type: "string" },
    images: { type: "string" },
    sessions: { type: "string", default: "2" },
    "media-threads": { type: "string", default: String(Math.min(8, os.availableParallelism())) },
    streams: { type: "string", default: "70" },
    parts: { type: "string", default: "decode,inference,streams" },
    providers: { type: "string" },
    precisions: { type: "string", default: "fp32,fp16,int8" },
    batches: { type: "string" },
    seconds: { type: "string" },
    "decode-in": { type: "string", default: "thread,pool" },
    codecs: { type: "string", default: "h264,hevc,av1" },
    decoders: { type: "string" },
    clip: { type: "string" },
    folder: { type: "string", default: path.join(os.tmpdir(), "octet-bench-gpu") },
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
const { folder } = values;
const seconds = Number(values.seconds ?? (quick ? 1 : 8));
const list = (text: string): string[] => text.split(",").filter(Boolean);
const parts = new Set(list(values.parts));
const precisions = ["fp32", "fp16", "int8"] as const;
type Precision = (typeof precisions)[number];
const places = (["thread", "pool"] as const).filter((place) => list(values["decode-in"]).includes(place));
const wanted = precisions.filter((precision) => list(values.precisions).includes(precision));
const batches = values.batches ? list(values.batches).map(Number) : quick ? [1, 2] : [1, 2, 4, 8, 16, 32];

// Models: the batch is made free, and the graph takes bytes, as a worker on a GPU has it.
const source = path.resolve(values.model ?? defaultModelPath());
const { signature, sha256 } = await loadModelFile(source);
const detector = recogniseDetector(signature);
const models = path.join(folder, `${path.parse(source).name}-${sha256.slice(0, 8)}`);
mkdirSync(models, { recursive: true });
const free = path.join(models, "fp32.onnx");
const original = await readModelFile(source);
dropInitializerInputs()(original);
makeBatchSymbolic()(original);
await writeModelFile(original, free);
const macs = modelStats(await readModelFile(source)).macs;
const operations = macs === null ? null : macs * 2;
const files: Partial<Record<Precision, string>> = { fp32: free };
const notes: string[] = [];
const derive = async (precision: Precision, make: (out: string) => Promise<unknown>): Promise<void> => {
  const out = path.join(models, `${precision}.onnx`);
  try {
    if (!existsSync(out)) await make(out);
    files[precision] = out;
  } catch (error) {
    notes.push(`${precision}: ${AppError.from(error).message}`);
  }
};
await derive("fp16", (out) => convertModel({ model: free, out, keep: [], images: [], onImage: () => {} }));
const made = existsSync(path.join(models, "int8.onnx"));
if (made || values.images) {
  const images = (values.images ? readdirSync(values.images, { recursive: true, encoding: "utf8" }) : [])
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
const picture = values.clip ?? (await ensureDemoClips(path.join(folder, "demo")))[0]!.path;
const size = quick ? { width: 640, height: 360, frames: 50 } : { width: 1920, height: 1080, frames: 750 };
const mediaThreads = Number(values["media-threads"]);
const counts = values.decoders ? list(values.decoders).map(Number) : quick ? [1, 2] : [1, 2, 4, 8, 16, 32];
const decode = [];
const clips: Partial<Record<ClipCodec, string>> = {};
for (const codec of ["h264", "hevc", "av1"] as const) {
  const decoding = parts.has("decode") && list(values.codecs).includes(codec);
  if (!decoding && !(codec === "h264" && parts.has("streams"))) continue;
  try {
    clips[codec] = await codecClip(picture, { codec, ...size, folder });
  } catch (error) {
    notes.push(`${codec}: ${AppError.from(error).message}`);
    continue;
  }
  if (!decoding) continue;
  // The CPU of the same host is what the card is compared with: a decoder on each core.
  const cores = os.availableParallelism();
  const runs = counts.flatMap((decoders) => places.map((decodeIn) => ({ decoders, hardware: !cpu, threads: mediaThreads, decodeIn })));
  if (!cpu) runs.push({ decoders: cores, hardware: false, threads: cores, decodeIn: "thread" });
  // The first use of a card compiles kernels.
  await decodeSpeed(clips[codec], 1, { threads: 1, hardware: !cpu });
  for (const { decoders, hardware, threads, decodeIn } of runs) {
    const inPool = decodeIn === "pool";
    const { result, gpu: sampled } = await whileSampled(() => decodeSpeed(clips[codec]!, decoders, { threads, hardware, inPool }));
    const megabits = (8e-6 * statSync(clips[codec]).size * CLIP_FPS) / size.frames;
    decode.push({ codec, megabitsPerSecond: Number(megabits.toFixed(1)), threads, decodeIn, ...result, gpu: sampled });
    say(
      `decode ${codec} × ${decoders} in the ${decodeIn}: ${result.framesPerSecond.toFixed(0)} frames/s, ${result.decoder}, scaled on ${result.scaler}`,
    );
  }
}

// Inference.
const providers = (values.providers ? list(values.providers) : cpu ? ["cpu"] : ["cuda", "tensorrt"]) as Provider[];
const inference = [];
/** One engine of TensorRT serves all batches, as in a worker, and is tuned for the largest. */
const largest = Math.max(...batches);
for (const precision of parts.has("inference") ? wanted : []) {
  const file = files[precision];
  if (!file) continue;
  for (const provider of providers) {
    const { modelPath, input } = await chooseForm(provider, file, file.replace(/\.onnx$/, `.${provider}.onnx`), detector.input);
    for (const batch of batches) {
      const { result, gpu: sampled } = await whileSampled(() =>
        inferSpeed({
          modelPath,
          input,
          provider,
          precision,
          batch,
          warmUp: provider === "tensorrt" ? warmUpSizes(largest) : [batch],
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
}

// Cameras, as many as hold.
const scenarios: object[] = [];
for (const provider of parts.has("streams") ? providers : [])
  for (const precision of wanted)
    for (const decodeIn of places)
      if (files[precision] && clips.h264) await camerasThatHold(files[precision], clips.h264, { provider, precision, decodeIn });

async function camerasThatHold(
  model: string,
  clip: string,
  key: { provider: Provider; precision: Precision; decodeIn: "thread" | "pool" },
) {
  const { provider, precision, decodeIn } = key;
  const steps: StreamStep[] = [];
  try {
    await using load = await StreamLoad.create({
      model,
      detector,
      inferThreads: Number(values.sessions),
      mediaThreads,
      decodeInPool: decodeIn === "pool",
      provider,
      maxBatch: cpu ? 1 : largest,
      fps: cpu ? 1 : 5,
      clip: `file:${path.basename(clip)}`,
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
    scenarios.push({ ...key, streams, steps, gpu: sampled, error: null });
    say(`${provider} ${precision}, decoded in the ${decodeIn}: ${streams} cameras hold`);
  } catch (error) {
    scenarios.push({ ...key, streams: null, steps, gpu: null, error: AppError.from(error).message });
    say(`${provider} ${precision}, decoded in the ${decodeIn}: no cameras: ${AppError.from(error).message}`);
  }
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
const name = `gpu-${slug(gpu?.name ?? "none")}${values.model ? `-${slug(path.parse(source).name)}` : ""}`;
/** Parts that were left out stay as an earlier run of this name wrote them, and so do figures of other providers, precisions and batches. */
const before = earlierResult(name, values.out);
const kept = (part: "decode" | "inference" | "scenarios", now: readonly object[], same: readonly string[]): object[] => {
  const key = (entry: object): string => JSON.stringify(same.map((field) => (entry as Record<string, unknown>)[field]));
  const fresh = new Set(now.map(key));
  const old = ((before?.[part] as object[] | undefined) ?? []).filter((entry) => !fresh.has(key(entry)));
  return [...old, ...now];
};
const result = {
  gpu: gpu ?? null,
  versions: { onnxruntime: runtimeVersion(), tensorrt: await findTensorRt() },
  model: path.basename(source),
  operationsPerImage: operations,
  quick,
  clip: size,
  notes,
  decode: kept("decode", decode, ["codec", "decoders", "threads", "decoder", "decodeIn"]),
  inference: kept("inference", inference, ["provider", "precision", "batch"]),
  scenarios: kept("scenarios", scenarios, ["provider", "precision", "decodeIn"]),
};
for (const note of notes) say(note);
if (values.out || !cpu) say(writeResult(name, result, values.out));
else say("Tried out on the CPU: nothing written");
