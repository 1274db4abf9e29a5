import { median } from "@octet/precision/bench/statistics";
import type { Detection } from "@octet/shared/domain/detection";
import { count, milliseconds } from "../output/units.ts";
import type { DetectedFrame, FrameTimings } from "./detected-frame.ts";

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** A detection in fractions of the frame (`box`) and in its pixels (`pixels`). */
function detectionReport({ box, score, label, landmarks, trackId }: Detection, width: number, height: number) {
  return {
    label,
    score: round(score, 4),
    box: { x: round(box.x, 6), y: round(box.y, 6), w: round(box.w, 6), h: round(box.h, 6) },
    pixels: { x: round(box.x * width, 1), y: round(box.y * height, 1), w: round(box.w * width, 1), h: round(box.h * height, 1) },
    landmarks: landmarks?.map((value) => round(value, 6)) ?? null,
    trackId,
  };
}

/** One frame as the JSON document has it. */
export function frameReport({ index, ptsMs, width, height, detections, timings }: DetectedFrame) {
  return {
    index,
    ptsMs: round(ptsMs, 1),
    width,
    height,
    detections: detections.map((detection) => detectionReport(detection, width, height)),
    timingsMs: Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, round(ms as number, 2)])),
  };
}

/** Sums over all frames; `medianMs` is a frame's median per stage. */
export function summary(frames: readonly DetectedFrame[], seconds: number) {
  const stage = (name: keyof FrameTimings) => round(median(frames.map(({ timings }) => timings[name])), 2);
  return {
    frames: frames.length,
    detections: frames.reduce((sum, { detections }) => sum + detections.length, 0),
    tracks: new Set(frames.flatMap(({ detections }) => detections.flatMap(({ trackId }) => trackId ?? []))).size,
    seconds: round(seconds, 3),
    medianMs: { decode: stage("decode"), preprocess: stage("preprocess"), infer: stage("infer"), postprocess: stage("postprocess") },
  };
}

/** "6 faces", "3 × person, 1 × car", the most frequent first. */
export function foundText(detections: readonly Pick<Detection, "label">[]): string {
  const counts = new Map<string, number>();
  for (const { label } of detections) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size === 0) return "nothing";
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([label, number]) => (label === "face" ? count(number, label) : `${number} × ${label}`))
    .join(", ");
}

/** One line of a video's frame: time, how many of what, and each with track and score. */
export function frameLine({ ptsMs, detections }: DetectedFrame): string {
  const shown = detections.slice(0, 12).map(({ trackId, score }) => `${trackId === null ? "–" : `#${trackId}`} ${score.toFixed(2)}`);
  const more = detections.length > shown.length ? ` and ${detections.length - shown.length} more` : "";
  return `${`${(ptsMs / 1000).toFixed(2)} s`.padStart(10)}  ${foundText(detections).padEnd(9)} ${shown.join("  ")}${more}`.trimEnd();
}

export function timingsLine({ medianMs }: ReturnType<typeof summary>): string {
  return Object.entries(medianMs)
    .map(([stage, ms]) => `${stage} ${milliseconds(ms)}`)
    .join(", ");
}
