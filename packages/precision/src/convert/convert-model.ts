import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { checkModelFile } from "@octet/inference/file-check";
import { OnnxSession } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import type { Model } from "@octet/onnx/ir/model";
import { inferValues } from "@octet/onnx/ops/infer-shapes";
import type { Range } from "@octet/quantize/calibrate/range-observer";
import { convertToFp16, type Fp16Report } from "@octet/quantize/fp16/convert-to-fp16";
import { defaultBlockedOps, touchesFloat32 } from "@octet/quantize/fp16/precision-plan";
import { AppError } from "@octet/shared/errors";
import { fedModel, type ImageFeed } from "../detect/image-feed.ts";
import { signatureOf } from "../inspect/inspect-model.ts";
import { observeRanges } from "./observe-ranges.ts";

export interface ConvertOptions {
  model: string;
  out: string;
  /** Operators, or names of nodes, that stay float32 besides those that do by default. */
  keep: readonly string[];
  /** Images to run the model on first: nodes whose values leave float16's range stay float32. */
  images: readonly string[];
  /** How a model that is none of the known detectors is fed. */
  feed?: ImageFeed;
  onImage(done: number): void;
}

export interface Conversion extends Fp16Report {
  model: string;
  out: string;
  sizeBytes: number;
  sizeBytesBefore: number;
  /** Images that ranges were observed on, and the largest magnitude among all values of the model. */
  ranges: { images: number; largest: number | null } | null;
  /** How the model was fed, where Octet does not know it. */
  warning: string | null;
}

/**
 * Writes the model in float16, inputs and outputs in float32, once ONNX Runtime has loaded it.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, BAD_INPUT; with images also MODEL_UNRECOGNISED,
 * DATASET_INVALID, INFERENCE_FAILED
 */
export async function convertModel({ model: file, out, keep, images, feed, onImage }: ConvertOptions): Promise<Conversion> {
  const { size } = await checkModelFile(file);
  await checkTarget(file, out);
  const model = checkModel(await readModelFile(file));
  const kept = keptBy(model, keep);
  const fed = images.length > 0 ? fedModel(signatureOf(model), feed) : null;
  const ranges = fed && (await observeRanges(model, fed.input, images, onImage));
  const computing = float32Nodes(model);
  const report = convertToFp16(model, { ...kept, ...(ranges && { ranges }) });
  if (computing <= report.kept.filter(({ opType }) => computes(opType)).length)
    throw new AppError("BAD_INPUT", `${file} computes nothing in float32 that could be float16`, {
      hint: "`octet inspect` says what each part computes in. With --keep, keep less.",
    });
  const bytes = encodeModel(checkModel(model));
  const session = await OnnxSession.load(bytes);
  await session.close();
  await writeModelFile(model, out);
  return {
    model: file,
    out,
    sizeBytesBefore: size,
    sizeBytes: bytes.length,
    ranges: ranges && { images: images.length, largest: largestOf(ranges) },
    warning: fed?.warning ?? null,
    ...report,
  };
}

/** Before any work is done. */
export async function checkTarget(file: string, out: string): Promise<void> {
  const folder = path.dirname(path.resolve(out));
  const isFolder = await stat(folder)
    .then((info) => info.isDirectory())
    .catch(() => false);
  if (!isFolder) throw new AppError("BAD_INPUT", `There is no folder ${folder}`, { hint: "Make it, or write the model elsewhere." });
  const there = await realpath(out).catch(() => null);
  if (there !== null && there === (await realpath(file)))
    throw new AppError("BAD_INPUT", `${out} is the model itself`, { hint: "Give --out another name." });
}

function keptBy({ graph }: Model, keep: readonly string[]): { blockedOps: string[]; blockedNodes: string[] } {
  const ops = new Set(graph.nodes.map(({ opType }) => opType));
  const nodes = new Set(graph.nodes.map(({ name }) => name));
  const unknown = keep.find((name) => !ops.has(name) && !nodes.has(name));
  if (unknown !== undefined)
    throw new AppError("BAD_INPUT", `The model has no operator and no node "${unknown}"`, {
      hint: `Its operators: ${[...ops].sort().join(", ")}.`,
    });
  return {
    blockedOps: [...defaultBlockedOps, ...keep.filter((name) => ops.has(name))],
    blockedNodes: keep.filter((name) => nodes.has(name)),
  };
}

/** Casts at the border of a float16 model take float32 too. */
const computes = (opType: string): boolean => opType !== "Cast" && opType !== "Constant";

function float32Nodes(model: Model): number {
  const states = inferValues(model);
  return model.graph.nodes.filter((node) => computes(node.opType) && touchesFloat32(node, states)).length;
}

function largestOf(ranges: ReadonlyMap<string, Range>): number | null {
  const largest = [...ranges.values()].reduce((most, { min, max }) => Math.max(most, -min, max), 0);
  return Number.isFinite(largest) ? largest : null;
}
