import { AppError } from "../errors.ts";
import type { BandwidthUse } from "./bandwidth.ts";
import { MOST_STREAMS } from "./camera-kind.ts";
import { decide, type TreeAdvice, type TreeStep } from "./decision-tree.ts";
import { type NamedFigure, namedFigures } from "./figures-used.ts";
import { type FrameSize, sizeName } from "./frame-size.ts";
import { type HostPlan, hostPlan } from "./hosts.ts";
import type { LatencyParts } from "./latency.ts";
import type { MemoryUse } from "./memory.ts";
import { type PlanInput, type PlanRequest, planInputSchema } from "./plan-input.ts";
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
  /** Size of the frames that come out of decoding, of the cameras of the first kind. */
  decoded: FrameSize;
  /** Of all kinds. */
  cameras: number;
  fits: boolean;
  /** Streams that fit on one such GPU: of all kinds, in the proportion in which they are given. */
  streams: number;
  /** What is overloaded most or, where all fits, what ends first as streams are added. */
  bottleneck: Resource;
  loads: Record<Resource, ResourceLoad>;
  memory: MemoryUse;
  bandwidth: BandwidthUse & {
    /** Bytes of one decoded frame of the first kind as a tensor, and of all that are inferred, a second. */
    frameBytes: number;
    tensorBytesPerSecond: number;
  };
  latency: LatencyParts;
  /** Share of the time in which they are at work, 0–1: what is beyond waits or is dropped. */
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
  const { loads, memory, bandwidth, latency } = usageAt(site, site.streams);
  const byResource = Object.fromEntries(loads.map((load) => [load.resource, { ...load, streams: limits[load.resource] }])) as Plan["loads"];
  const streams = Math.min(MOST_STREAMS, ...Object.values(limits).map((limit) => limit ?? MOST_STREAMS));
  const fits = loads.every(({ load }) => load <= 1 - input.reserve + SLACK);
  const { steps, advice } = decide({
    memoryBytes: site.gpu.memoryBytes.value,
    fp32FastEnough: fp32FastEnough(input),
    streams: site.streams,
    accuracy: input.accuracy,
  });
  return {
    input,
    gpu: { id: site.gpu.id, name: site.gpu.name },
    model: { id: site.model.id, name: site.model.name },
    batch: site.batch,
    decoded: site.kinds[0].decoded,
    cameras: site.streams,
    fits,
    streams,
    bottleneck: fits ? firstToEnd(limits) : mostLoaded(byResource),
    loads: byResource,
    memory,
    bandwidth: {
      ...bandwidth,
      frameBytes: frameBytes(site.kinds[0].decoded, input.precision),
      tensorBytesPerSecond: site.kinds.reduce(
        (sum, { kind, decoded }) => sum + frameBytesPerSecond(decoded, input.precision, kind.streams * kind.detectFps),
        0,
      ),
    },
    latency,
    utilisation: { gpu: Math.min(1, byResource.compute.load), decoder: Math.min(1, byResource.decode.load) },
    hosts: hostPlan(site.streams, streams),
    explanation: {
      steps,
      advice,
      recommendations: recommendations
        .filter(({ applies }) => applies?.({ streams: site.streams, kind: site.gpu.kind, latencyTargetMs: input.latencyTargetMs }))
        .map(({ id }) => id),
    },
    figures: namedFigures(site),
    notes: notesOf(site, latency),
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
    const site = siteOf({ ...input, precision: "fp32" });
    const { loads } = usageAt(site, site.streams);
    return loads.every(({ resource, load }) => (resource !== "compute" && resource !== "latency") || load <= 1 + SLACK);
  } catch (error) {
    if (error instanceof AppError && error.code === "UNSUPPORTED") return false;
    throw error;
  }
}

function notesOf(site: Site, latency: LatencyParts): string[] {
  const { input, gpu, kinds, decode, inference } = site;
  const notes: string[] = [];
  const lower = kinds.filter(({ kind }) => kind.decodeSize);
  for (const { coded } of lower.filter(decodesLess))
    notes.push(`The cameras must send ${sizeName(coded)} themselves (a sub-stream): a decoder decodes every pixel that it is sent.`);
  if (lower.some(({ kind }) => kind.decodeMode === "scaled"))
    notes.push("Scaling after decoding saves memory and bandwidth, but the decoder nothing.");
  if (input.decoderDelayFrames > 0)
    notes.push(`The decoder holds ${input.decoderDelayFrames} frames back: ${latency.decoderDelay.toFixed(0)} ms.`);
  if (decode.source === "estimated" && input.fleet.decode.length === 0)
    notes.push(`The decode rate of ${gpu.name} is an estimate: ${decode.from}.`);
  if (inference.sustained.source === "estimated")
    notes.push("The inference rate is an estimate at the published run's efficiency, with its overheads; measure before you buy.");
  return notes;
}
