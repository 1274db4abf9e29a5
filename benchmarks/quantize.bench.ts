// What quantising costs: seconds and peak memory of calibrating and quantising a detector, by each of our methods and by
// ONNX Runtime's Python quantizer with min-max (benchmarks/peer/README.md; left out without OCTET_PEER_PYTHON). Each run
// is a process of its own; rounds are interleaved, and a ratio is the median of the rounds' ratios. The images are
// decoded and scaled before, once for both tools: neither time includes that, nor the start of the process. Turning bytes
// into floats is included on both sides. Then our methods once more on a quarter of the images: memory should not grow.
//
//   npm run bench -- quantize [--model NAME] [--images 128] [--rounds N] [--methods minmax,percentile,entropy,mse,mse+refine] [--out FILE.json]
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { table } from "@octet/cli/output/table";
import { bytes } from "@octet/cli/output/units";
import { loadModelFile } from "@octet/inference/model-file";
import { median } from "@octet/precision/bench/statistics";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import { calibrationMethods } from "@octet/quantize/calibrate/range-observer";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { OrtQuantizer } from "./peer/ort-quantizer.ts";
import { benchDetectors, widerData } from "./quantization/detectors.ts";
import { writeImageBytes } from "./quantization/image-bytes.ts";
import type { QuantizeCost, QuantizeJob } from "./quantization/quantize-job.ts";
import { runtimeVersion, writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "yolov5n-face" },
    images: { type: "string", default: "128" },
    rounds: { type: "string", default: "3" },
    methods: { type: "string", default: "minmax,percentile,entropy,mse,mse+refine" },
    out: { type: "string" },
  },
});
const run = promisify(execFile);
const say = (text: string) => process.stdout.write(`${text}\n`);
const round = (value: number, digits = 3) => Number(value.toFixed(digits));
const child = fileURLToPath(new URL("./quantization/quantize-process.ts", import.meta.url));

const PEER = "peer minmax";
const [detector] = benchDetectors(values.model);
const methods = values.methods.split(",").map(parseMethod);
const paths = await sampleFolder(widerData("train", "images"), Number(values.images));
const few = Math.max(1, Math.floor(paths.length / 4));
const { input } = recogniseDetector((await loadModelFile(detector!.path)).signature);
const peer = await OrtQuantizer.find();
if (!peer) say("OCTET_PEER_PYTHON is not set: without the peer (see benchmarks/peer/README.md)");

const folder = mkdtempSync(path.join(tmpdir(), "octet-quantize-"));
try {
  const imageBytes = path.join(folder, "images.bin");
  const out = path.join(folder, "out.onnx");
  await writeImageBytes(paths, input, imageBytes);
  const ours = async ({ method, refined }: Method, count: number): Promise<QuantizeCost> => {
    const job: QuantizeJob = { model: detector!.path, out, imageBytes, count, input, method, refined };
    const { stdout } = await run(process.execPath, ["--import", "tsx", child, JSON.stringify(job)]);
    return JSON.parse(stdout) as QuantizeCost;
  };
  const theirs = (): Promise<QuantizeCost> =>
    peer!.quantize({ model: detector!.path, out, images: imageBytes, count: paths.length, input });
  const contestants = [
    ...methods.map((method) => ({ name: method.name, quantize: () => ours(method, paths.length) })),
    ...(peer ? [{ name: PEER, quantize: theirs }] : []),
  ];
  const rounds: Map<string, QuantizeCost>[] = [];
  for (let at = 0; at < Number(values.rounds); at++) {
    const costs = new Map<string, QuantizeCost>();
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, quantize } = contestants[(turn + at) % contestants.length]!;
      const cost = await quantize();
      costs.set(name, cost);
      say(`round ${at + 1}: ${name} ${cost.seconds.toFixed(1)} s, ${bytes(cost.peakBytes)}`);
    }
    rounds.push(costs);
  }
  const fewer = new Map<string, QuantizeCost>();
  for (const method of methods) fewer.set(method.name, await ours(method, few));
  const results = contestants.map(({ name }) => {
    const mine = rounds.map((costs) => costs.get(name)!);
    const ratios = peer ? rounds.map((costs) => costs.get(name)!.seconds / costs.get(PEER)!.seconds) : null;
    const peakBytes = Math.max(...mine.map((cost) => cost.peakBytes));
    const peakOfFewer = fewer.get(name)?.peakBytes ?? null;
    return {
      method: name,
      seconds: round(median(mine.map((cost) => cost.seconds))),
      timeOverPeer: ratios && round(median(ratios)),
      timeOverPeerRange: ratios && [round(Math.min(...ratios)), round(Math.max(...ratios))],
      peakBytes,
      peakBytesOfFewer: peakOfFewer,
      growth: peakOfFewer === null ? null : round(peakBytes / peakOfFewer),
    };
  });
  const right = (title: string, of: (row: (typeof results)[number]) => string) => ({ title, of, align: "right" as const });
  const columns = [
    { title: "METHOD", of: (row: (typeof results)[number]) => row.method },
    right("SECONDS", ({ seconds }) => seconds.toFixed(2)),
    right("OVER PEER", ({ timeOverPeer }) => (timeOverPeer === null ? "" : `${timeOverPeer.toFixed(2)}×`)),
    right(`PEAK, ${paths.length} IMAGES`, ({ peakBytes }) => bytes(peakBytes)),
    right(`PEAK, ${few}`, ({ peakBytesOfFewer }) => (peakBytesOfFewer === null ? "" : bytes(peakBytesOfFewer))),
    right("GROWTH", ({ growth }) => (growth === null ? "" : `${growth.toFixed(2)}×`)),
  ];
  say(`\n${detector!.name}\n${table(results, columns, "")}`);
  const file = writeResult(
    "quantize",
    {
      model: detector!.name,
      images: paths.length,
      fewerImages: few,
      rounds: rounds.length,
      includes: "reading the model, floats from bytes, calibrating, quantising, writing; neither decoding and scaling images nor start-up",
      versions: { "onnxruntime-node": runtimeVersion(), peer: peer?.versions ?? null },
      results,
    },
    values.out,
  );
  say(`\nWritten to ${file}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Method extends Pick<QuantizeJob, "method" | "refined"> {
  name: string;
}

/** "mse", or "mse+refine". */
function parseMethod(name: string): Method {
  const [method, refinement] = name.split("+");
  const known = calibrationMethods.find((one) => one === method);
  if (!known || (refinement !== undefined && refinement !== "refine"))
    throw new Error(`There is no method "${name}"; there are ${calibrationMethods.join(", ")}, each also with +refine`);
  return { name, method: known, refined: refinement !== undefined };
}
