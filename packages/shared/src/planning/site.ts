import { type BandwidthUse, bandwidthUse, REACHABLE_BANDWIDTH } from "./bandwidth.ts";
import { decodeRate } from "./decode-rates.ts";
import { type DetectorCost, detectorById } from "./detector-catalogue.ts";
import { type Figure, leastCertain } from "./figure.ts";
import type { FrameSize } from "./frame-size.ts";
import { pixels } from "./frame-size.ts";
import type { Gpu } from "./gpu.ts";
import { gpuById, THIS_HOST } from "./gpu-catalogue.ts";
import { type InferenceRates, inferenceRates } from "./inference-rates.ts";
import { type LatencyParts, latencyParts } from "./latency.ts";
import { type MemoryUse, memoryUse } from "./memory.ts";
import type { PlanInput } from "./plan-input.ts";
import type { ResourceLoad } from "./resources.ts";
import { thisHost } from "./this-host.ts";

/** Everything of a plan that does not depend on the number of streams. */
export interface Site {
  input: PlanInput;
  gpu: Gpu;
  model: DetectorCost;
  batch: number;
  /** Size of the stream that the decoder gets. */
  coded: FrameSize;
  /** Size of the frames that come out of decoding. */
  decoded: FrameSize;
  decode: Figure;
  inference: InferenceRates;
}

/** @throws AppError BAD_INPUT for a name that the catalogue has not, UNSUPPORTED for what the GPU cannot do */
export function siteOf(input: PlanInput): Site {
  const gpu = input.gpu === THIS_HOST ? thisHost(input.fleet) : gpuById(input.gpu);
  const model = detectorById(input.model, input.fleet.models);
  const decoded = input.decodeSize ?? input.resolution;
  const coded = input.decodeMode === "substream" ? decoded : input.resolution;
  return {
    input,
    gpu,
    model,
    batch: input.batch ?? gpu.batch,
    coded,
    decoded,
    decode: decodeRate(gpu, input.codec, coded, input.fleet),
    inference: inferenceRates(gpu, model, input.precision, input.fleet),
  };
}

export interface Usage {
  loads: Omit<ResourceLoad, "streams">[];
  memory: MemoryUse;
  bandwidth: BandwidthUse;
  latency: LatencyParts;
}

/** What a number of streams asks of each resource. No load falls where streams are added. */
export function usageAt({ input, gpu, model, batch, coded, decoded, decode, inference }: Site, streams: number): Usage {
  const { fps, detectFps, precision, latencyTargetMs, decoderDelayFrames } = input;
  const frames = { batch, streams, coded, decoded };
  const memory = memoryUse(model, precision, frames);
  const bandwidth = bandwidthUse(model, precision, { ...frames, fps, detectFps });
  const { engine, sustained } = inference;
  const inferred = streams * detectFps;
  const latency = latencyParts({
    load: inferred / sustained.value,
    batch,
    engineFps: engine.value,
    sustainedFps: sustained.value,
    fps,
    detectFps,
    decoderDelayFrames,
  });
  const of = (
    resource: ResourceLoad["resource"],
    unit: ResourceLoad["unit"],
    used: number,
    capacity: number,
    source: ResourceLoad["source"],
  ) => {
    const load = used / capacity;
    return { resource, load, headroom: 1 - load, used, capacity, unit, source };
  };
  return {
    loads: [
      of("decode", "frames/s", streams * fps, decode.value, decode.source),
      of("compute", "frames/s", inferred, sustained.value, sustained.source),
      // Buffers and traffic are the planner's own model, however well the device's figures are known.
      of("memory", "bytes", memory.total, gpu.memoryBytes.value - gpu.systemBytes.value, "estimated"),
      of("bandwidth", "bytes/s", bandwidth.total, gpu.bandwidth.value * REACHABLE_BANDWIDTH, "estimated"),
      of("latency", "ms", latency.total, latencyTargetMs, leastCertain(engine.source, "estimated")),
    ],
    memory,
    bandwidth,
    latency,
  };
}

export const decodesLess = ({ input, coded }: Site): boolean => pixels(coded) < pixels(input.resolution);
