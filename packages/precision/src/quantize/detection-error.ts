import { type OnnxSession, onnxRuntime } from "@octet/inference/onnx-runtime";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import type { Feeds } from "@octet/quantize/int8/quantize-model";
import type { RuntimeTensor } from "@octet/quantize/runtime";
import type { DetectorSpec, OutputTensor, RawDetections } from "@octet/vision/models/family";
import { nms } from "@octet/vision/nms/nms";

/** Scores below which a place is background. */
const BACKGROUND = 0.02;
const NMS = { iou: 0.5, max: 500 };
/** A box that has moved costs less than a score that has: boxes count as found from an overlap of 0.5 on. */
const MOVED = 0.25;
/** Sum of squared scores below which images show too little to judge by: some three faces. */
const LEAST_SIGNAL = 2;

interface Seen {
  feed: Record<string, RuntimeTensor>;
  /** All of the model's places. */
  candidates: Pick<RawDetections, "count" | "boxes" | "scores">;
  /** Places that detections come from, once overlaps are suppressed. */
  detections: number[];
  /** Sum of their squared scores. */
  signal: number;
}

/**
 * What the float model detects in a few images, kept so that any number of variants is held against it: how far scores and
 * boxes are off, in dB, at the places that its detections come from and where a variant sees what is not there. Places are
 * compared and not detections, so that a small change counts little also where it makes a neighbour the best one. Raw heads
 * tell less. Nearly all of their places are background, on which a clipped range or a
 * fitted head may be right while the few that detections come from are wrong.
 */
export class DetectionReference {
  private readonly spec: DetectorSpec;
  /** With most to see first. */
  private readonly seen: readonly Seen[];

  private constructor(spec: DetectorSpec, seen: readonly Seen[]) {
    this.spec = spec;
    this.seen = seen;
  }

  /**
   * Runs the float model on each image of `feeds` and keeps the `keep` images with most to see.
   * @returns null where the model finds too little in them to judge by
   * @throws AppError INFERENCE_FAILED
   */
  static async create(float: Model, spec: DetectorSpec, feeds: Feeds, keep: number): Promise<DetectionReference | null> {
    const session = await onnxRuntime.load(encodeModel(float));
    const seen: Seen[] = [];
    try {
      for await (const feed of feeds()) {
        const { count, boxes, scores } = await candidatesOf(session, spec, feed);
        const detections = nms({ count, boxes, scores }, NMS).filter((at) => isSeen({ boxes, scores }, at));
        const signal = detections.reduce((sum, at) => sum + scores[at]! ** 2, 0);
        if (seen.length === keep && signal <= seen.at(-1)!.signal) continue;
        // Whoever feeds may use one buffer for all.
        const own = Object.fromEntries(Object.entries(feed).map(([name, { dims, data }]) => [name, { dims, data: data.slice() }]));
        const candidates = { count, boxes: boxes.slice(0, count * 4), scores: scores.slice(0, count) };
        seen.push({ feed: own, candidates, detections, signal });
        seen.sort((a, b) => b.signal - a.signal);
        seen.length = Math.min(keep, seen.length);
      }
    } finally {
      await session.close();
    }
    const signal = seen.reduce((sum, one) => sum + one.signal, 0);
    return signal < LEAST_SIGNAL ? null : new DetectionReference(spec, seen);
  }

  /**
   * 10·log10 of the float model's squared scores by the squared errors: of scores, and a quarter of what boxes have moved by
   * (1 − IoU, times the score), both at detections; of scores elsewhere where background gets one. Q and DQ are run as written, so that the figure does not depend on this host's kernels.
   * @param images how many are looked at: those with most to see; default all
   * @throws AppError INFERENCE_FAILED
   */
  async sqnrDb(variant: Model, images = this.seen.length): Promise<number> {
    const session = await onnxRuntime.load(encodeModel(variant), { simulate: true });
    let signal = 0;
    let noise = 0;
    try {
      for (const one of this.seen.slice(0, images)) {
        signal += one.signal;
        noise += noiseOf(one, await candidatesOf(session, this.spec, one.feed));
      }
    } finally {
      await session.close();
    }
    return 10 * Math.log10(signal / noise);
  }
}

/** All places in the order that the family reads them in, which is the same for each run. */
async function candidatesOf(session: OnnxSession, spec: DetectorSpec, feed: Record<string, RuntimeTensor>): Promise<RawDetections> {
  return spec.decode((await session.run(feed)) as Record<string, OutputTensor>, 0, { confidence: 0 });
}

function noiseOf({ candidates: float, detections }: Seen, variant: RawDetections): number {
  // Places whose score is NaN are left out by whoever decodes: a variant that gives some has lost everything.
  if (float.count !== variant.count) return Number.POSITIVE_INFINITY;
  let noise = 0;
  for (const at of detections) {
    const score = float.scores[at]!;
    const moved = score * (1 - overlap(float.boxes, variant.boxes, at * 4));
    noise += (score - variant.scores[at]!) ** 2 + MOVED * moved ** 2;
  }
  for (let at = 0; at < float.count; at++) {
    if (isSeen(float, at) || !isSeen(variant, at)) continue;
    const background = Math.min(BACKGROUND, float.scores[at]!);
    noise += (variant.scores[at]! - background) ** 2;
  }
  return noise;
}

/** Whether something is detected at a place. A box without a size is nothing, whatever its score: models give such in a picture's padding. */
function isSeen({ boxes, scores }: Pick<RawDetections, "boxes" | "scores">, place: number): boolean {
  const at = place * 4;
  return scores[place]! >= BACKGROUND && boxes[at + 2]! > boxes[at]! && boxes[at + 3]! > boxes[at + 1]!;
}

/** IoU of the boxes (x1,y1,x2,y2) at one place of two lists; 0 where either is empty. */
function overlap(a: Float32Array, b: Float32Array, at: number): number {
  const width = Math.min(a[at + 2]!, b[at + 2]!) - Math.max(a[at]!, b[at]!);
  const height = Math.min(a[at + 3]!, b[at + 3]!) - Math.max(a[at + 1]!, b[at + 1]!);
  if (!(width > 0 && height > 0)) return 0;
  const area = (boxes: Float32Array): number => (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
  return (width * height) / (area(a) + area(b) - width * height);
}
