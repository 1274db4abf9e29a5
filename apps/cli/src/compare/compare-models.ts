import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Provider } from "@octet/inference/session-messages";
import { readModelFile } from "@octet/onnx/io/model-file";
import { AppError } from "@octet/shared/errors";
import { postprocess } from "@octet/vision/models/detect";
import { type FedModel, fedModel, type ImageFeed } from "@octet/precision/detect/image-feed";
import { signatureOf } from "@octet/precision/inspect/inspect-model";
import { PreparedImages } from "@octet/precision/validate/prepared-images";
import { Difference, type DifferenceReport } from "./difference.ts";
import { matchDetections } from "@octet/vision/boxes/match-detections";
import { openProbe } from "./probe.ts";
import { inGroups, valuePairs } from "./value-pairs.ts";

export interface ComparedValue extends DifferenceReport {
  name: string;
  opType: string;
  /** The value's name in B where it is another: its dequantised twin. */
  nameInB: string;
}

export interface Comparison {
  images: number;
  outputs: ComparedValue[];
  /** Inner values, in the order in which A computes them. */
  layers: ComparedValue[];
  /** Null for models that Octet does not know. */
  detections: {
    matched: number;
    onlyA: number;
    onlyB: number;
    meanIou: number | null;
    meanScoreDelta: number | null;
    maxScoreDelta: number | null;
  } | null;
  /** How the models were fed, where Octet does not know them. */
  warning: string | null;
}

export interface CompareOptions {
  a: string;
  b: string;
  /** Paths of images. */
  images: readonly string[];
  /** Detections below this score do not count, 0–1. */
  confidence: number;
  /** How models that are none of the known detectors are fed. */
  feed?: ImageFeed;
  provider: Provider;
  /** Bytes of inner values that one run may give. */
  memoryBytes?: number;
  onProgress?(done: number, total: number): void;
}

/**
 * Runs both models over the images and compares outputs, inner values and detections.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNRECOGNISED, BAD_INPUT where the inputs differ, DATASET_INVALID, INFERENCE_FAILED
 */
export async function compareModels(options: CompareOptions): Promise<Comparison> {
  const { a, b, images, confidence, feed, provider, memoryBytes = 96 * 2 ** 20, onProgress } = options;
  const [modelA, modelB] = [await readModelFile(a), await readModelFile(b)];
  const [fedA, fedB] = [fedModel(signatureOf(modelA), feed), fedModel(signatureOf(modelB), feed)];
  requireSameInput(fedA, fedB);
  const pairs = valuePairs(modelA, modelB);
  const groups = inGroups(pairs, memoryBytes);
  if (groups.length === 0) groups.push([]);
  const differences = new Map(pairs.map(({ name }) => [name, new Difference()]));
  const matches = { ious: [] as number[], deltas: [] as number[], onlyA: 0, onlyB: 0 };
  const prepared = new PreparedImages();
  const folder = await mkdtemp(path.join(tmpdir(), "octet-compare-"));
  let done = 0;
  try {
    for (const [index, group] of groups.entries()) {
      const probeA = await openProbe(
        a,
        group.map(({ name }) => name),
        { folder, label: "a", input: fedA.input, provider },
      );
      await using poolA = probeA.pool;
      const probeB = await openProbe(
        b,
        group.map((pair) => pair.b),
        { folder, label: "b", input: fedB.input, provider },
      );
      await using poolB = probeB.pool;
      for (const image of images) {
        const [left, right] = [await prepared.get(image, fedA.input), await prepared.get(image, fedB.input)];
        const [ranA, ranB] = await Promise.all([poolA.run([left.bytes]), poolB.run([right.bytes])]);
        for (const { name, b: nameInB } of group) {
          const [x, y] = [ranA.outputs[probeA.outputOf.get(name)!]!, ranB.outputs[probeB.outputOf.get(nameInB)!]!];
          if (x.data.length === y.data.length) differences.get(name)!.add(x.data, y.data);
        }
        if (index === 0 && fedA.spec && fedB.spec) {
          const found = [
            postprocess(fedA.spec, ranA.outputs, 0, left.plan, { confidence }),
            postprocess(fedB.spec, ranB.outputs, 0, right.plan, { confidence }),
          ] as const;
          const matched = matchDetections(...found);
          matches.ious.push(...matched.pairs.map(({ iou }) => iou));
          matches.deltas.push(...matched.pairs.map(({ scoreDelta }) => scoreDelta));
          matches.onlyA += matched.onlyA;
          matches.onlyB += matched.onlyB;
        }
        onProgress?.(++done, groups.length * images.length);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const compared = (wanted: boolean): ComparedValue[] =>
    pairs
      .filter(({ output }) => output === wanted)
      .map(({ name, opType, b: nameInB }) => ({ name, opType, nameInB, ...differences.get(name)!.report() }));
  const mean = (values: readonly number[]) => (values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
  return {
    images: images.length,
    outputs: compared(true),
    layers: compared(false),
    warning: fedA.warning,
    detections: fedA.spec && {
      matched: matches.ious.length,
      onlyA: matches.onlyA,
      onlyB: matches.onlyB,
      meanIou: mean(matches.ious),
      meanScoreDelta: mean(matches.deltas),
      maxScoreDelta: matches.deltas.length > 0 ? Math.max(...matches.deltas.map(Math.abs)) : null,
    },
  };
}

function requireSameInput({ input: a, spec: specA }: FedModel, { input: b, spec: specB }: FedModel): void {
  const [familyA, familyB] = [specA?.family ?? "an unknown model", specB?.family ?? "an unknown model"];
  if (a.width === b.width && a.height === b.height && familyA === familyB) return;
  throw new AppError("BAD_INPUT", `The models differ: ${familyA} at ${a.width}×${a.height}, ${familyB} at ${b.width}×${b.height}`, {
    hint: "Compare two forms of one detector, such as FP32 and INT8. `octet validate` and `octet bench` set different ones side by side.",
  });
}
