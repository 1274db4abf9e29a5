// What INT8 and FP16 cost and give: WIDER FACE AP (with the interval of what is lost, since few of its images are here; and
// AP50 over the labelled training images), size and latency of each detector in float32, in our float16 and INT8
// (`octet quantize` with its default options), and in the INT8 of ONNX Runtime's Python quantizer (benchmarks/peer/README.md; left out without
// OCTET_PEER_PYTHON). All forms of all models are timed in turns, on one thread; speed is the median of the rounds'
// ratios to float32. Both tools calibrate on the same images.
//
//   npm run bench -- quantized [--models a,b] [--images N: to calibrate on] [--validation N: of the validation images]
//                              [--forms FOLDER: where the forms are kept, and taken from where they are] [--rounds N] [--seconds N: a model and round] [--out FILE.json]
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { table } from "@octet/cli/output/table";
import { bytes } from "@octet/cli/output/units";
import { exactWeightBits } from "@octet/inference/integer-kernels";
import { PreparedImages } from "@octet/precision/validate/prepared-images";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import { OrtQuantizer } from "./peer/ort-quantizer.ts";
import { detectionOptions, type FormAccuracy, gainOver, measureAccuracyOf, readTraining, readWider } from "./quantization/accuracy.ts";
import { benchDetectors, widerData } from "./quantization/detectors.ts";
import { buildForms, type Form } from "./quantization/forms.ts";
import { type Latency, measureLatencies } from "./quantization/latency.ts";
import { runtimeVersion, writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string" },
    images: { type: "string", default: "128" },
    validation: { type: "string" },
    rounds: { type: "string", default: "9" },
    seconds: { type: "string", default: "0.5" },
    forms: { type: "string" },
    out: { type: "string" },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const round = (value: number, digits: number) => Number(value.toFixed(digits));

interface Row extends Form, Latency {
  model: string;
  accuracy: FormAccuracy;
  float: FormAccuracy;
}
const subsets = ["easy", "medium", "hard"] as const;

const detectors = benchDetectors(values.models);
const calibration = widerData("train", "images");
const images = await sampleFolder(calibration, Number(values.images));
const validation = await readWider(values.validation === undefined ? undefined : Number(values.validation));
const training = await readTraining();
const peer = await OrtQuantizer.find();
if (!peer) say("OCTET_PEER_PYTHON is not set: without the peer (see benchmarks/peer/README.md)");
const exact = exactWeightBits() === 8;
if (!exact) say("This CPU has no VNNI: ours has paired ones, and the peer is measured with 8-bit and with 7-bit ones");
const peerForms = exact ? (["peer int8"] as const) : (["peer int8", "peer int8, 7-bit weights"] as const);

const folder = values.forms ? path.resolve(values.forms) : mkdtempSync(path.join(tmpdir(), "octet-quantized-"));
mkdirSync(folder, { recursive: true });
try {
  const rows: Row[] = [];
  const groups: { model: string; forms: Form[]; accuracies: FormAccuracy[] }[] = [];
  for (const detector of detectors) {
    say(`${detector.name}: quantising on ${images.length} images, then AP over ${validation.images.length}`);
    const forms = await buildForms(detector, { calibration, images, peer, peerForms, folder, say });
    const prepared = new PreparedImages();
    const accuracies: FormAccuracy[] = [];
    for (const form of forms) accuracies.push(await measureAccuracyOf(form.path, { validation, training }, prepared));
    groups.push({ model: detector.name, forms, accuracies });
  }
  const latencies = await measureLatencies(
    groups.map(({ forms }) => forms.map((form) => form.path)),
    {
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      onRound: (done) => say(`timed ${done} of ${values.rounds} rounds`),
    },
  );
  for (const [at, { model, forms, accuracies }] of groups.entries()) {
    const [float] = accuracies as [FormAccuracy];
    rows.push(...forms.map((form, index) => ({ model, ...form, accuracy: accuracies[index]!, float, ...latencies[at]![index]! })));
  }
  say(`\n${rowsText(rows)}`);
  const file = writeResult(
    "quantized",
    {
      calibrationImages: images.length,
      validationImages: { measured: validation.images.length, of: validation.total },
      detection: detectionOptions,
      timing: { threads: 1, batch: 1, rounds: Number(values.rounds), seconds: Number(values.seconds) },
      versions: { "onnxruntime-node": runtimeVersion(), peer: peer?.versions ?? null },
      units: {
        ap: "percent, WIDER FACE protocol",
        gain: "points over fp32 on the same images, with the 95 % interval of a paired bootstrap over them",
        trainingAp50: `percent, over ${training.images.length} labelled training images, which calibration saw without labels`,
        ratio: "times as fast as fp32 in the same round, median",
      },
      results: groups.map(({ model }) => ({ model, forms: rows.filter((row) => row.model === model).map(rowReport) })),
    },
    values.out,
  );
  say(`\nWritten to ${file}`);
} finally {
  if (!values.forms) rmSync(folder, { recursive: true, force: true });
}

function rowReport({ form, sizeBytes, quantized, accuracy, float, ms, ratio, ratioRange }: Row) {
  const { ap } = accuracy;
  const gains = subsets.map((subset) => {
    const { points, low, high } = gainOver(float, accuracy, subset);
    return [subset, { points: round(points, 2), low: round(low, 2), high: round(high, 2) }];
  });
  return {
    form,
    sizeBytes,
    ap: { easy: round(ap.easy, 3), medium: round(ap.medium, 3), hard: round(ap.hard, 3) },
    ...(accuracy === float ? {} : { gain: Object.fromEntries(gains) as Record<string, unknown> }),
    trainingAp50: round(accuracy.trainingAp50, 3),
    latencyMs: round(ms, 3),
    ratio: round(ratio, 3),
    ratioRange: ratioRange.map((value) => round(value, 3)),
    ...(quantized ? { quantized } : {}),
  };
}

function rowsText(all: readonly Row[]): string {
  const right = (title: string, of: (row: Row) => string) => ({ title, of, align: "right" as const });
  return table(
    all,
    [
      { title: "MODEL", of: ({ model }) => model },
      { title: "FORM", of: ({ form }) => form },
      right("SIZE", ({ sizeBytes }) => bytes(sizeBytes)),
      ...subsets.map((subset) => right(subset.toUpperCase(), ({ accuracy: { ap } }) => ap[subset].toFixed(2))),
      right("LOST OR GAINED, 95 %", ({ accuracy, float }) => {
        if (accuracy === float) return "";
        const { low, high } = gainOver(float, accuracy, "hard");
        return `${low.toFixed(1)}…${high.toFixed(1)}`;
      }),
      right("TRAINING", ({ accuracy }) => accuracy.trainingAp50.toFixed(2)),
      right("MS", ({ ms }) => ms.toFixed(2)),
      right("SPEED", ({ ratio }) => `${ratio.toFixed(2)}×`),
      right("RANGE", ({ ratioRange }) => ratioRange.map((value) => value.toFixed(2)).join("–")),
    ],
    "",
  );
}
