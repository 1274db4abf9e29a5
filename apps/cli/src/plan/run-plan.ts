import { totalmem } from "node:os";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import type { Codec } from "@octet/shared/planning/nvdec";
import { plan } from "@octet/shared/planning/plan";
import type { DecodeMode, PlanRequest } from "@octet/shared/planning/plan-input";
import type { Precision } from "@octet/shared/planning/precision";
import { comparePrecisions } from "@octet/shared/planning/sweep";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { planText } from "./report.ts";

export interface PlanCommandOptions {
  gpu: string;
  streams: number;
  codec: Codec;
  resolution: FrameSize;
  fps: number;
  detectFps: number;
  model: string;
  precision: Precision;
  decodeSize?: FrameSize;
  decodeMode: DecodeMode;
  batch?: number;
  latency: number;
  decoderDelay: number;
  /** Percent. */
  reserve: number;
  /** Percent. */
  accuracy: number;
  inferenceRate?: number;
  decodeRate?: number;
}

/** `octet plan`, once its options are read. Exit code 1 where the streams do not fit. */
export async function runPlan({ output }: CommandContext, options: PlanCommandOptions): Promise<number> {
  const request = requestOf(options);
  const result = plan(request);
  output.result(result, () => planText(result, comparePrecisions(request)));
  return result.fits ? exitCodes.done : exitCodes.checkFailed;
}

function requestOf(options: PlanCommandOptions): PlanRequest {
  const { latency, decoderDelay, reserve, accuracy, inferenceRate, decodeRate, decodeSize, batch, ...same } = options;
  const { gpu, model, precision, codec, resolution, decodeMode } = same;
  const size = decodeMode === "substream" ? (decodeSize ?? resolution) : resolution;
  return {
    ...same,
    decodeSize: decodeSize ?? null,
    batch: batch ?? null,
    latencyTargetMs: latency,
    decoderDelayFrames: decoderDelay,
    reserve: reserve / 100,
    accuracy: accuracy / 100,
    fleet: {
      inference: inferenceRate === undefined ? [] : [{ model, precision, framesPerSecond: inferenceRate, from: "--inference-rate" }],
      decode: decodeRate === undefined ? [] : [{ codec, size, framesPerSecond: decodeRate, from: "--decode-rate" }],
      ...(gpu === THIS_HOST ? { memoryBytes: totalmem() } : {}),
    },
  };
}
