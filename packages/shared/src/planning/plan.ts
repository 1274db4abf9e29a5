import { AppError } from "../errors.ts";
import type { BandwidthUse } from "./bandwidth.ts";
import { decide, type TreeAdvice, type TreeStep } from "./decision-tree.ts";
import { type NamedFigure, namedFigures } from "./figures-used.ts";
import { type FrameSize, sizeName } from "./frame-size.ts";
import { type HostPlan, hostPlan } from "./hosts.ts";
import type { LatencyParts } from "./latency.ts";
import type { MemoryUse } from "./memory.ts";
import { MOST_STREAMS, type PlanInput, type PlanRequest, planInputSchema } from "./plan-input.ts";
import { frameBytes, frameBytesPerSecond } from "./precision.ts";
import { recommendations } from "./recommendations.ts";
import { type Resource, type ResourceLoad, resources } from "./resources.ts";
import { decodesLess, type Site, siteOf, usageAt } from "./site.ts";

export interface Plan {
  /** With every default filled in. */
  input: PlanInput;
  gpu: { id: string; name: string };
  model: { id: string; name: string };
  batch: number;
  /** Size of the frames that come out of decoding. */
  decoded: FrameSize;
  fits: boolean;
  /** Streams that fit on one such GPU. */
  streams: number;
  /** What is overloaded most or, where all fits, what ends first as streams are added. */
  bottleneck: Resource;
  loads: Record<Resource, ResourceLoad>;
  memory: MemoryUse;
  bandwidth: BandwidthUse & {
    /** Bytes of one decoded frame as a tensor, and of all that are inferred, a second. */
    frameBytes: number;
    tensorBytesPerSecond: number;
  };
  latency: LatencyParts;
  /** Share of the time in which they are at work, 0–1, as a driver tells it: what is beyond waits or is dropped. */
  utilisation: { gpu: number; decoder: number };
  hosts: HostPlan;
  explanation: { steps: TreeStep[]; advice: TreeAdvice; recommendations: string[] };
  /** Every figure that went in, and how it is known. */
  figures: NamedFigure[];
  notes: string[];
}

const SLACK = 1e-9;

/**
 * How many cameras fit on a GPU, and what they ask of it. Pure: the same input gives the same plan.
 * @throws AppError BAD_INPUT, UNSUPPORTED
 */
export function plan(request: PlanRequest): Plan {
  const parsed = planInputSchema.safeParse(request);
  if (!parsed.success)
    throw new AppError("BAD_INPUT", parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  const input = parsed.data;
  const site = siteOf(input);
  const limits = limitsOf(site);
  const { loads, memory, bandwidth, latency } = usageAt(site, input.streams);
  const byResource = Object.fromEntries(loads.map((load) => [load.resource, { ...load, streams: limits[load.resource] }])) as Plan["loads"];
  const streams = Math.min(MOST_STREAMS, ...Object.values(limits).map((limit) => limit ?? MOST_STREAMS));
  const fits = loads.every(({ load }) => load <= 1 - input.reserve + SLACK);
  const { steps, advice } = decide({
    memoryBytes: site.gpu.memoryBytes.value,
    fp32FastEnough: fp32FastEnough(input),
    streams: input.streams,
    accuracy: input.accuracy,
  });
  return {
    input,
    gpu: { id: site.gpu.id, name: site.gpu.name },
    model: { id: site.model.id, name: site.model.name },
    batch: site.batch,
    decoded: site.decoded,
    fits,
    streams,
    bottleneck: fits ? firstToEnd(limits) : mostLoaded(byResource),
    loads: byResource,
    memory,
    bandwidth: {
      ...bandwidth,
      frameBytes: frameBytes(site.decoded, input.precision),
      tensorBytesPerSecond: frameBytesPerSecond(site.decoded, input.precision, input.streams * input.detectFps),
    },
    latency,
    utilisation: { gpu: Math.min(1, byResource.compute.load), decoder: Math.min(1, byResource.decode.load) },
    hosts: hostPlan(input.streams, streams),
    explanation: {
      steps,
      advice,
      recommendations: recommendations
        .filter(({ applies }) => applies?.({ streams: input.streams, kind: site.gpu.kind, latencyTargetMs: input.latencyTargetMs }))
        .map(({ id }) => id),
    },
    figures: namedFigures(site),
    notes: notesOf(site),
  };
}

/** Streams that each resource alone allows: the largest number whose load is within it. */
function limitsOf(site: Site): Record<Resource, number | null> {
  const most = 1 - site.input.reserve + SLACK;
  const within = (resource: Resource, streams: number) =>
    usageAt(site, streams).loads.find((load) => load.resource === resource)!.load <= most;
  const limit = (resource: Resource): number | null => {
    if (within(resource, MOST_STREAMS)) return null;
    let fitting = 0;
    let over = MOST_STREAMS;
    while (over - fitting > 1) {
      const middle = (fitting + over) >> 1;
      if (within(resource, middle)) fitting = middle;
      else over = middle;
    }
    return fitting;
  };
  return Object.fromEntries(resources.map((resource) => [resource, limit(resource)])) as Record<Resource, number | null>;
}

const firstToEnd = (limits: Record<Resource, number | null>): Resource =>
  resources.reduce((least, each) => ((limits[each] ?? Infinity) < (limits[least] ?? Infinity) ? each : least));
const mostLoaded = (loads: Plan["loads"]): Resource =>
  resources.reduce((most, each) => (loads[each].load > loads[most].load ? each : most));

/** The tree's second question: compute and latency of the same site in FP32. Not known of a host where FP32 was not measured. */
function fp32FastEnough(input: PlanInput): boolean {
  try {
    const { loads } = usageAt(siteOf({ ...input, precision: "fp32" }), input.streams);
    return loads.every(({ resource, load }) => (resource !== "compute" && resource !== "latency") || load <= 1 + SLACK);
  } catch (error) {
    if (error instanceof AppError && error.code === "UNSUPPORTED") return false;
    throw error;
  }
}

function notesOf(site: Site): string[] {
  const { input, gpu, coded, decode, inference } = site;
  const notes: string[] = [];
  if (input.decodeSize && decodesLess(site))
    notes.push(`The cameras must send ${sizeName(coded)} themselves (a sub-stream): a decoder decodes every pixel that it is sent.`);
  if (input.decodeSize && input.decodeMode === "scaled")
    notes.push("Scaling after decoding saves memory and bandwidth, but the decoder nothing.");
  if (input.decoderDelayFrames > 0)
    notes.push(
      `The decoder holds ${input.decoderDelayFrames} frames back: ${((input.decoderDelayFrames / input.fps) * 1000).toFixed(0)} ms.`,
    );
  if (decode.source === "estimated" && input.fleet.decode.length === 0)
    notes.push(`The decode rate of ${gpu.name} is an estimate: ${decode.from}.`);
  if (inference.sustained.source === "estimated")
    notes.push("The inference rate is an estimate at the published run's efficiency, with its overheads; measure before you buy.");
  return notes;
}
