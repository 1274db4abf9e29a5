import { z } from "zod";
import { frameSizeSchema } from "./frame-size.ts";
import { codecSchema } from "./nvdec.ts";
import { ownModelSchema } from "./own-model.ts";
import { precisionSchema } from "./precision.ts";

/** Largest rate that is taken for a measurement, frames/s. */
const rate = z.number().positive().max(10_000_000);

/** What one model reached on one device, sustained: decode to boxes, all its threads busy. */
export const inferenceMeasurementSchema = z.object({
  model: z.string(),
  precision: precisionSchema,
  framesPerSecond: rate,
  /** Where and when it was measured. */
  from: z.string(),
});
export type InferenceMeasurement = z.infer<typeof inferenceMeasurementSchema>;

/** What the whole device decoded. */
export const decodeMeasurementSchema = z.object({
  codec: codecSchema,
  size: frameSizeSchema,
  framesPerSecond: rate,
  from: z.string(),
});
export type DecodeMeasurement = z.infer<typeof decodeMeasurementSchema>;

/** Measurements of the very device that is planned for. They win over what is published and estimated. */
export const fleetSchema = z.object({
  inference: z.array(inferenceMeasurementSchema).default([]),
  decode: z.array(decodeMeasurementSchema).default([]),
  /** Of "this-host". */
  memoryBytes: z.number().positive().optional(),
  /** Detectors beside the catalogue's; one of the same id is this one. */
  models: z.array(ownModelSchema).default([]),
});
export type Fleet = z.infer<typeof fleetSchema>;
