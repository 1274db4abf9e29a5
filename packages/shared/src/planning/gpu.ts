import type { Figure } from "./figure.ts";
import type { Codec, NvdecGeneration } from "./nvdec.ts";
import type { Precision } from "./precision.ts";

/** "host": what this machine is, known by measurement only. */
export type GpuKind = "server" | "desktop" | "edge" | "host";

export interface Gpu {
  id: string;
  name: string;
  kind: GpuKind;
  memoryBytes: Figure;
  /** Memory that the system keeps where it shares it with the GPU; 0 on a card. */
  systemBytes: Figure;
  /** Peak memory bandwidth, bytes/s. */
  bandwidth: Figure;
  /** Dense peak, operations/s (a multiply-add is two): CUDA cores for FP32, Tensor Cores below. Null where only measurement tells. */
  peak: Readonly<Record<Precision, Figure>> | null;
  decoder: {
    generation: NvdecGeneration | "software";
    engines: Figure;
    /** Clock relative to the one at which the generation's rates were published. */
    clockRatio: Figure;
    /** 1080p frames/s an engine where the generation's do not apply. */
    rates?: Readonly<Partial<Record<Codec, Figure>>>;
  };
  powerWatts: Figure | null;
  /** Frames of one run that suit its speed and memory. */
  batch: number;
}
