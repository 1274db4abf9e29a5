import { z } from "zod";
import { scoredBoxSchema } from "../boxes/scored-box.ts";
import { bytesSchema } from "./bytes.ts";

/** Sums over the frames that a shadow saw; rates are made of them where they are shown. */
export const shadowCountsSchema = z.object({
  frames: z.number(),
  /** Frames on which one found what the other did not (IoU 0.5). */
  disagreeing: z.number(),
  matched: z.number(),
  onlyActive: z.number(),
  onlyShadow: z.number(),
  /** Sum over matched detections of shadow's score − active's. */
  scoreShift: z.number(),
  /** Inference, ms, summed over frames. */
  activeMs: z.number(),
  shadowMs: z.number(),
});
export type ShadowCounts = z.infer<typeof shadowCountsSchema>;

/** What a camera's shadow has seen since it began on this worker. */
export const shadowReportSchema = shadowCountsSchema.extend({
  /** Made anew each time a worker begins a shadow: the counts grow within a run only. */
  runId: z.uuid(),
  promotionId: z.uuid(),
  cameraId: z.uuid(),
  activeModel: z.string(),
  shadowModel: z.string(),
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;

/** A frame on which a shadow and the active model differ. */
export const shadowExampleSchema = z.object({
  promotionId: z.uuid(),
  cameraId: z.uuid(),
  /** Unix ms. */
  capturedAt: z.number(),
  /** Detections that only one of the two has. */
  differing: z.number().int().positive(),
  active: z.array(scoredBoxSchema).max(1000),
  shadow: z.array(scoredBoxSchema).max(1000),
  /** The whole frame, at most 640 pixels a side. */
  jpeg: bytesSchema,
});
export type ShadowExample = z.infer<typeof shadowExampleSchema>;

export interface ShadowSummary {
  frames: number;
  cameras: number;
  /** Share of the frames on which the two differ, 0–1. */
  disagreementRate: number;
  /** Detections that only one of the two has, of all, 0–1. */
  missedRate: number;
  addedRate: number;
  meanScoreShift: number;
  activeMs: number;
  shadowMs: number;
}

/** null before the first frame. */
export function summariseShadow(reports: readonly (ShadowCounts & { cameraId: string })[]): ShadowSummary | null {
  const sum = (key: keyof ShadowCounts): number => reports.reduce((total, report) => total + report[key], 0);
  const frames = sum("frames");
  if (frames === 0) return null;
  const [matched, onlyActive, onlyShadow] = [sum("matched"), sum("onlyActive"), sum("onlyShadow")];
  const all = Math.max(1, matched + onlyActive + onlyShadow);
  return {
    frames,
    cameras: new Set(reports.flatMap((report) => (report.frames > 0 ? [report.cameraId] : []))).size,
    disagreementRate: sum("disagreeing") / frames,
    missedRate: onlyActive / all,
    addedRate: onlyShadow / all,
    meanScoreShift: sum("scoreShift") / Math.max(1, matched),
    activeMs: sum("activeMs") / frames,
    shadowMs: sum("shadowMs") / frames,
  };
}
