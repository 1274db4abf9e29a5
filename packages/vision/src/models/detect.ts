import type { Detection } from "@octet/shared/domain/detection";
import { type ResizePlan, toFrame } from "../letterbox/letterbox.ts";
import { nms } from "../nms/nms.ts";
import { maskOf } from "./class-mask.ts";
import type { DetectorSpec, OutputTensor, RawDetections } from "./family.ts";

export interface PostprocessOptions {
  /** 0–1 */
  confidence: number;
  /** Default 0.4. */
  nmsIou?: number;
  /** Names of the classes that are wanted, whatever their case; absent or empty: all that the model knows. */
  labels?: readonly string[];
  /** Default 1000. */
  maxDetections?: number;
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/**
 * From a run's outputs to the detections in image `batchIndex`: decoded, overlaps within a class suppressed, in fractions (0–1) of the
 * source frame and clipped to it, best first. Landmarks are not clipped: an eye may lie outside the picture.
 */
export function postprocess(
  spec: DetectorSpec,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  plan: ResizePlan,
  { confidence, nmsIou = 0.4, labels, maxDetections = 1000 }: PostprocessOptions,
): Detection[] {
  const raw = spec.decode(outputs, batchIndex, { confidence });
  const detections: Detection[] = [];
  const wanted = labels && labels.length > 0 ? maskOf(spec.labels, labels) : null;
  for (const index of nms(raw, { iou: spec.endToEnd ? 1 : nmsIou, max: maxDetections, wanted })) {
    const at = index * 4;
    const [left, top] = toFrame(plan, raw.boxes[at]!, raw.boxes[at + 1]!);
    const [right, bottom] = toFrame(plan, raw.boxes[at + 2]!, raw.boxes[at + 3]!);
    const x = clamp(left);
    const y = clamp(top);
    const w = clamp(right) - x;
    const h = clamp(bottom) - y;
    // Also false for NaN, which a broken model may give. A face in the padding has no size in the frame.
    if (!(w > 0 && h > 0)) continue;
    detections.push({
      box: { x, y, w, h },
      score: Math.min(1, raw.scores[index]!),
      label: spec.labels[raw.classes?.[index] ?? 0] ?? "object",
      landmarks: landmarksOf(raw, index, plan),
      trackId: null,
    });
  }
  return detections;
}

function landmarksOf(raw: RawDetections, index: number, plan: ResizePlan): number[] | null {
  if (!raw.landmarks) return null;
  const points: number[] = [];
  for (let at = index * 10; at < index * 10 + 10; at += 2) points.push(...toFrame(plan, raw.landmarks[at]!, raw.landmarks[at + 1]!));
  return points;
}
