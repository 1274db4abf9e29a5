import type { FigureSource } from "./figure.ts";

export const resources = ["decode", "compute", "memory", "bandwidth", "latency"] as const;
export type Resource = (typeof resources)[number];

export interface ResourceLoad {
  resource: Resource;
  /** Share of the capacity: 1 is full. */
  load: number;
  /** What is left of it; negative where it is not enough. */
  headroom: number;
  used: number;
  capacity: number;
  unit: "frames/s" | "bytes" | "bytes/s" | "ms";
  /** Streams that this resource alone allows; null where it never ends. */
  streams: number | null;
  source: FigureSource;
}
