import { usableMemory } from "@octet/shared/host-limits";
import type { CameraKind, DecodeMode } from "@octet/shared/planning/camera-kind";
import { runDifference, treeDifference } from "@octet/shared/planning/differences";
import type { Fleet } from "@octet/shared/planning/fleet";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import type { Codec } from "@octet/shared/planning/nvdec";
import { plan } from "@octet/shared/planning/plan";
import type { PlanRequest } from "@octet/shared/planning/plan-input";
import type { Precision } from "@octet/shared/planning/precision";
import { comparePrecisions } from "@octet/shared/planning/sweep";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import type { PlaceOptions } from "../place/open-place.ts";
import { plannedModel } from "./planned-model.ts";
import { planText } from "./report.ts";

export interface PlanCommandOptions extends PlaceOptions {
  gpu: string;
  measuredOn?: string;
  streams: number;
  codec: Codec;
  resolution: FrameSize;
  fps: number;
  detectFps: number;
  also?: CameraKind[];
  siteCameras?: boolean;
  model?: string;
  precision?: Precision;
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
export async function runPlan(context: CommandContext, options: PlanCommandOptions): Promise<number> {
  const request = await requestOf(context, options);
  const result = plan(request);
  const compared = comparePrecisions(request);
  const differences = { tree: treeDifference(result, compared), publishedRun: runDifference(result) };
  context.output.result({ ...result, differences }, () => planText(result, compared, differences));
  return result.fits ? exitCodes.done : exitCodes.checkFailed;
}

async function requestOf(context: CommandContext, options: PlanCommandOptions): Promise<PlanRequest> {
  const { decodeMode, decodeSize, inferenceRate, decodeRate } = options;
  const [{ streams, codec, resolution, fps, detectFps }, ...others] = await camerasOf(context, options);
  const size = decodeMode === "substream" ? (decodeSize ?? resolution) : resolution;
  const { gpu, fleet } = await deviceOf(context, options);
  const { model, precision, models } = await detectorOf(context, options, fleet);
  return {
    gpu,
    streams,
    codec,
    resolution,
    fps,
    detectFps,
    others,
    model,
    precision,
    decodeSize: decodeSize ?? null,
    decodeMode,
    batch: options.batch ?? null,
    latencyTargetMs: options.latency,
    decoderDelayFrames: options.decoderDelay,
    reserve: options.reserve / 100,
    accuracy: options.accuracy / 100,
    fleet: {
      ...fleet,
      models,
      inference: [
        ...(inferenceRate === undefined ? [] : [{ model, precision, framesPerSecond: inferenceRate, from: "--inference-rate" }]),
        ...fleet.inference,
      ],
      decode: [...(decodeRate === undefined ? [] : [{ codec, size, framesPerSecond: decodeRate, from: "--decode-rate" }]), ...fleet.decode],
    },
  };
}

/** As said, or as the server's are. */
async function camerasOf(
  context: CommandContext,
  { streams, codec, resolution, fps, detectFps, decodeMode, also = [], siteCameras, ...place }: PlanCommandOptions,
): Promise<[CameraKind, ...CameraKind[]]> {
  if (!siteCameras) return [{ streams, codec, resolution, fps, detectFps, decodeSize: null, decodeMode }, ...also];
  const { serverCameras } = await import("./server-cameras.ts");
  return serverCameras(context, place);
}

/** What is planned for, and what was measured on it. */
async function deviceOf(context: CommandContext, options: PlanCommandOptions): Promise<{ gpu: string; fleet: Fleet }> {
  const { gpu, measuredOn } = options;
  if (measuredOn !== undefined) {
    const { measuredHost } = await import("./measured-host.ts");
    return measuredHost(context, measuredOn, options);
  }
  return { gpu, fleet: { inference: [], decode: [], models: [], ...(gpu === THIS_HOST ? { memoryBytes: usableMemory() } : {}) } };
}

/** The detector and its precision: as said, else as they were measured. */
async function detectorOf(
  context: CommandContext,
  options: PlanCommandOptions,
  { inference, models }: Fleet,
): Promise<{ model: string; precision: Precision; models: Fleet["models"] }> {
  const said = options.model;
  const stored = models.find(({ name }) => name === said);
  const own = said === undefined || stored ? null : await plannedModel(context, said, options);
  const wanted = stored?.id ?? own?.id ?? said;
  const run = inference.find(
    ({ model, precision }) => (wanted === undefined || model === wanted) && precision === (options.precision ?? precision),
  );
  return {
    model: wanted ?? run?.model ?? "yolov5s-face",
    precision: options.precision ?? run?.precision ?? "int8",
    models: own ? [own, ...models] : models,
  };
}
