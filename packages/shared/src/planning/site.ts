import { type BandwidthUse, bandwidthUse, REACHABLE_BANDWIDTH } from "./bandwidth.ts";
import type { CameraKind } from "./camera-kind.ts";
import { decodeRate } from "./decode-rates.ts";
import { type DetectorCost, detectorById } from "./detector-catalogue.ts";
import { type Figure, leastCertain } from "./figure.ts";
import { type FrameSize, pixels, sizeName } from "./frame-size.ts";
import type { Gpu } from "./gpu.ts";
import { gpuById, THIS_HOST } from "./gpu-catalogue.ts";
import { type InferenceRates, inferenceRates } from "./inference-rates.ts";
import { type LatencyParts, latencyParts } from "./latency.ts";
import { type MemoryUse, memoryUse } from "./memory.ts";
import { codecNames } from "./nvdec.ts";
import type { PlanInput } from "./plan-input.ts";
import type { ResourceLoad } from "./resources.ts";
import { thisHost } from "./this-host.ts";

/** Cameras of one kind, as the device meets them. */
export interface SiteKind {
  kind: CameraKind;
  /** Size of the stream that the decoder gets. */
  coded: FrameSize;
  /** Size of the frames that come out of decoding. */
  decoded: FrameSize;
  decode: Figure;
}

/** Everything of a plan that does not depend on the number of streams. */
export interface Site {
  input: PlanInput;
  gpu: Gpu;
  model: DetectorCost;
  batch: number;
  /** The input's own first. */
  kinds: readonly [SiteKind, ...SiteKind[]];
  /** Of all kinds. */
  streams: number;
  /** Frames/s of all kinds, each with its share of the frames. */
  decode: Figure;
  inference: InferenceRates;
}

/** @throws AppError BAD_INPUT for a name that the catalogue has not, UNSUPPORTED for what the GPU cannot do */
export function siteOf(input: PlanInput): Site {
  const gpu = input.gpu === THIS_HOST ? thisHost(input.fleet) : gpuById(input.gpu);
  const model = detectorById(input.model, input.fleet.models);
  const kindOf = (kind: CameraKind): SiteKind => {
    const decoded = kind.decodeSize ?? kind.resolution;
    const coded = kind.decodeMode === "substream" ? decoded : kind.resolution;
    return { kind, coded, decoded, decode: decodeRate(gpu, kind.codec, coded, input.fleet) };
  };
  const kinds: Site["kinds"] = [kindOf(input), ...input.others.map(kindOf)];
  return {
    input,
    gpu,
    model,
    batch: input.batch ?? gpu.batch,
    kinds,
    streams: kinds.reduce((sum, { kind }) => sum + kind.streams, 0),
    decode: mixedRate(kinds),
    inference: inferenceRates(gpu, model, input.precision, input.fleet),
  };
}

/** A decoder's time goes to each kind by its frames: frames ÷ the time that all of them take. */
function mixedRate(kinds: Site["kinds"]): Figure {
  const [{ decode: first }] = kinds;
  if (kinds.length === 1) return first;
  const sums = kinds.map(({ kind, decode }) => ({ frames: kind.streams * kind.fps, seconds: (kind.streams * kind.fps) / decode.value }));
  return {
    value: sums.reduce((sum, { frames }) => sum + frames, 0) / sums.reduce((sum, { seconds }) => sum + seconds, 0),
    source: leastCertain(...kinds.map(({ decode }) => decode.source)),
    from: `${kinds.map(({ kind, coded, decode }) => `${codecNames[kind.codec]} ${sizeName(coded)} ${decode.value.toFixed(0)}`).join(", ")}; each its share of the time`,
  };
}

export interface Usage {
  loads: Omit<ResourceLoad, "streams">[];
  memory: MemoryUse;
  bandwidth: BandwidthUse;
  latency: LatencyParts;
}

/** What a number of streams, of all kinds in their proportion, asks of each resource. No load falls where streams are added. */
export function usageAt({ input, gpu, model, batch, kinds, streams: all, decode, inference }: Site, streams: number): Usage {
  const { precision, latencyTargetMs, decoderDelayFrames } = input;
  const traffic = kinds.map(({ kind, coded, decoded }) => ({
    streams: (streams * kind.streams) / all,
    fps: kind.fps,
    detectFps: kind.detectFps,
    coded,
    decoded,
  }));
  const memory = memoryUse(model, precision, batch, traffic);
  const bandwidth = bandwidthUse(model, precision, batch, traffic);
  const { engine, sustained } = inference;
  const inferred = traffic.reduce((sum, each) => sum + each.streams * each.detectFps, 0);
  const latency = latencyParts({
    load: inferred / sustained.value,
    batch,
    engineFps: engine.value,
    sustainedFps: sustained.value,
    // Of the kind that waits longest.
    fps: Math.min(...traffic.map(({ fps }) => fps)),
    detectFps: Math.min(...traffic.map(({ detectFps }) => detectFps)),
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
  const frames = traffic.reduce((sum, each) => sum + each.streams * each.fps, 0);
  return {
    loads: [
      of("decode", "frames/s", frames, decode.value, decode.source),
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

export const decodesLess = ({ kind, coded }: SiteKind): boolean => pixels(coded) < pixels(kind.resolution);
