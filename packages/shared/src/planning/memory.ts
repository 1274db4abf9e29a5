import type { DetectorCost } from "./detector-catalogue.ts";
import { type FrameSize, pixels } from "./frame-size.ts";
import { frameBytes, type Precision, precisionFormats } from "./precision.ts";

/** Of a context of the driver and its libraries. */
const CONTEXT_BYTES = 450e6;
/** Runs in memory at once: one at work, one being filled, one being read out. */
const CONTEXTS = 3;
/** NV12 pictures that a decoder holds for one stream: references, and those on their way. */
const SURFACES = 8;
const NV12_BYTES = 1.5;
/** Frames as tensors that are held for one stream: as many as a batch has. With it the published 35, 18 and 10 GB come out. */
const HELD_FRAMES = 16;
/** Workspace of YOLOv5s-face at batch 16: what the published totals leave beside weights and activations (226, 132, 85 MB). */
const WORKSPACE_BYTES = 38e6;
const WORKSPACE_BYTES_PER_ELEMENT_BYTE = 47e6;
const WORKSPACE_LIVE = 18.75e6 * 16;

/** Bytes of a model's engine with one context. */
export interface EngineMemory {
  weights: number;
  activations: number;
  workspace: number;
  total: number;
}

/** YOLOv5s-face at batch 16: 1456, 748 and 392 MB in FP32, FP16 and INT8 were measured. */
export function engineMemory({ parameters, liveElements }: DetectorCost, precision: Precision, batch: number): EngineMemory {
  const { bytes } = precisionFormats[precision];
  const elements = liveElements.value * batch;
  const weights = parameters.value * bytes;
  const activations = elements * bytes;
  const workspace = WORKSPACE_BYTES + WORKSPACE_BYTES_PER_ELEMENT_BYTE * bytes * (elements / WORKSPACE_LIVE);
  return { weights, activations, workspace, total: weights + activations + workspace };
}

/** Bytes on the device, by what they are for. */
export interface MemoryUse {
  context: number;
  weights: number;
  activations: number;
  surfaces: number;
  frames: number;
  total: number;
}

/** What each part is, in the order in which they are told. */
export const memoryPartNames: Readonly<Record<Exclude<keyof MemoryUse, "total">, string>> = {
  context: "driver's context",
  weights: "weights",
  activations: "activations, workspace",
  surfaces: "decoder surfaces",
  frames: "frames as tensors",
};

/**
 * @param held streams that are alike; `coded` is the size as the decoder gets it, `decoded` that of the frames that are held
 */
export function memoryUse(
  model: DetectorCost,
  precision: Precision,
  batch: number,
  held: readonly { streams: number; coded: FrameSize; decoded: FrameSize }[],
): MemoryUse {
  const engine = engineMemory(model, precision, batch);
  const sum = (of: (each: (typeof held)[number]) => number) => held.reduce((bytes, each) => bytes + each.streams * of(each), 0);
  const parts = {
    context: CONTEXT_BYTES,
    weights: engine.weights,
    activations: CONTEXTS * (engine.activations + engine.workspace),
    surfaces: sum(({ coded }) => SURFACES * NV12_BYTES * pixels(coded)),
    frames: sum(({ decoded }) => Math.min(HELD_FRAMES, batch) * frameBytes(decoded, precision)),
  };
  return { ...parts, total: Object.values(parts).reduce((total, bytes) => total + bytes, 0) };
}
