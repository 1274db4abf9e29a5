import { z } from "zod";
import { modelInfoSchema } from "./model.ts";
import { capacitySchema, labelSchema } from "./placement.ts";

export const availabilitySchema = z.object({
  name: z.string(),
  available: z.boolean(),
  /** Why not, or what was found. */
  detail: z.string(),
});
export type Availability = z.infer<typeof availabilitySchema>;

/** What one host can do, found by trying and not by listing what is compiled in. */
export const hostReportSchema = z.object({
  hostname: z.string(),
  platform: z.string(),
  arch: z.string(),
  node: z.string(),
  cpuModel: z.string(),
  cpuCores: z.number().int(),
  memoryBytes: z.number(),
  gpus: z.array(
    z.object({
      name: z.string(),
      memoryBytes: z.number(),
      driver: z.string(),
      index: z.number().int().optional(),
      uuid: z.string().optional(),
      computeCapability: z.string().optional(),
    }),
  ),
  /** "software" and each hardware decoder. */
  decoders: z.array(availabilitySchema),
  /** ONNX Runtime execution providers. */
  providers: z.array(availabilitySchema),
  versions: z.record(z.string(), z.string()),
  /** Time from capture to detections that it aims at, ms. Absent: of a worker that does not say. */
  latencyBudgetMs: z.number().optional(),
  /** How the worker's own model runs. */
  inference: z
    .object({
      provider: z.string(),
      /** ONNX Runtime's provider → nodes that it runs; empty where nobody looked. */
      nodes: z.record(z.string(), z.number()),
      /** Why it does not run where it was asked to. */
      fault: z.string().nullable(),
      /** TensorRT's engines on disk; null under other providers. */
      engineCache: z.object({ folder: z.string(), bytes: z.number(), builtMs: z.number() }).nullable(),
    })
    .optional(),
});
export type HostReport = z.infer<typeof hostReportSchema>;

/** One GPU now. What its driver does not tell is null. */
export const gpuLoadSchema = z.object({
  index: z.number().int(),
  name: z.string(),
  /** Share of the time in which a kernel ran, 0–100. */
  utilizationPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  powerWatts: z.number().nullable(),
  temperatureCelsius: z.number().nullable(),
  /** NVDEC and NVENC, 0–100. */
  decoderPercent: z.number().nullable(),
  encoderPercent: z.number().nullable(),
});
export type GpuLoad = z.infer<typeof gpuLoadSchema>;

export const workerLoadSchema = z.object({
  /** 0–100 × cores */
  cpuPercent: z.number(),
  rssBytes: z.number(),
  cameras: z.number().int(),
  decodedPerSecond: z.number(),
  inferredPerSecond: z.number(),
  /** Frames that wait for inference now. */
  queued: z.number().int(),
  /** Share of the inference threads' time in use, 0–1. */
  inferBusy: z.number(),
  capacity: capacitySchema,
  spool: z.object({
    records: z.number().int(),
    bytes: z.number(),
    lostRecords: z.number().int(),
    /** Of which it gives the oldest up. Older workers do not say, and have the default. */
    maxBytes: z
      .number()
      .positive()
      .default(256 << 20),
  }),
  /** Absent where there are none that can be asked. */
  gpus: z.array(gpuLoadSchema).optional(),
  /** How far its clock is ahead of the gateway's, ms, which the gateway finds; absent where the worker does not tell the time. */
  clockAheadMs: z.number().optional(),
});
export type WorkerLoad = z.infer<typeof workerLoadSchema>;

export const workerSchema = z.object({
  id: z.string(),
  name: z.string(),
  online: z.boolean(),
  version: z.string(),
  host: hostReportSchema,
  model: modelInfoSchema,
  labels: z.array(labelSchema),
  /** It gets no cameras, and those that it has go to others as soon as they run there. */
  draining: z.boolean(),
  /** Share of what it can do that its cameras ask for, 0–1 and more; null where it is not connected. */
  committed: z.number().nullable(),
  load: workerLoadSchema.nullable(),
  connectedAt: z.coerce.date().nullable(),
  lastSeenAt: z.coerce.date(),
});
export type Worker = z.infer<typeof workerSchema>;

export const healthSchema = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  database: z.enum(["ok", "down"]),
  gateway: z.enum(["ok", "down"]),
  workers: z.number().int(),
  cameras: z.object({ online: z.number().int(), total: z.number().int() }),
  version: z.string(),
});
export type Health = z.infer<typeof healthSchema>;
