import { estimated, published } from "./figure.ts";
import type { Gpu } from "./gpu.ts";

interface Module {
  id: string;
  name: string;
  gigabytes: number;
  /** GB/s */
  bandwidth: number;
  /** Streaming multiprocessors (128 CUDA cores each) and their clock, GHz. */
  multiprocessors: number;
  gigahertz: number;
  /** 1080p30 streams of H.265 by the specification. */
  hevcStreams: number;
  watts: number;
  batch: number;
}

/** Orin's Tensor Cores: INT8 operations of one multiprocessor in one cycle, dense (64 GB: 16 × 1.3 GHz × 4096 = 85 TOPS). */
const INT8_OPS = 4096;

function jetson({ multiprocessors, gigahertz, hevcStreams, ...module }: Module): Gpu {
  const sheet = `NVIDIA ${module.name} specification`;
  const tera = (opsPerCycle: number) =>
    estimated(multiprocessors * gigahertz * 1e9 * opsPerCycle, `${sheet}: multiprocessors × clock, GPU only, dense`);
  const hevc = hevcStreams * 30;
  return {
    id: module.id,
    name: module.name,
    kind: "edge",
    memoryBytes: published(module.gigabytes * 1e9, sheet),
    systemBytes: estimated(2.5e9, "memory is shared with the CPU: system and services"),
    bandwidth: published(module.bandwidth * 1e9, sheet),
    peak: { fp32: tera(256), fp16: tera(INT8_OPS / 2), int8: tera(INT8_OPS) },
    decoder: {
      generation: "orin",
      engines: published(1, sheet),
      clockRatio: published(1, sheet),
      rates: {
        hevc: published(hevc, `${sheet}: ${hevcStreams} × 1080p30 H.265`),
        h264: estimated((hevc * 748) / 1415, "no rate published: H.265's, in Ampere's proportion"),
        av1: estimated((hevc * 748) / 1415, "no rate published: taken as H.264's"),
      },
    },
    powerWatts: published(module.watts, sheet),
    batch: module.batch,
  };
}

/** The modules of the Orin family by memory; the 8 and 16 GB ones are Orin NX, the others AGX Orin. */
export const jetsons: readonly Gpu[] = [
  {
    id: "orin-8",
    name: "Jetson Orin NX 8 GB",
    gigabytes: 8,
    bandwidth: 102.4,
    multiprocessors: 8,
    gigahertz: 0.765,
    hevcStreams: 18,
    watts: 20,
    batch: 2,
  },
  {
    id: "orin-16",
    name: "Jetson Orin NX 16 GB",
    gigabytes: 16,
    bandwidth: 102.4,
    multiprocessors: 8,
    gigahertz: 0.918,
    hevcStreams: 18,
    watts: 25,
    batch: 2,
  },
  {
    id: "orin-32",
    name: "Jetson AGX Orin 32 GB",
    gigabytes: 32,
    bandwidth: 204.8,
    multiprocessors: 14,
    gigahertz: 0.93,
    hevcStreams: 18,
    watts: 40,
    batch: 4,
  },
  {
    id: "orin-64",
    name: "Jetson AGX Orin 64 GB",
    gigabytes: 64,
    bandwidth: 204.8,
    multiprocessors: 16,
    gigahertz: 1.3,
    hevcStreams: 22,
    watts: 60,
    batch: 8,
  },
].map(jetson);
