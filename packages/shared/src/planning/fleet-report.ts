import { z } from "zod";
import { modelCostSchema } from "../domain/model.ts";
import { decodeMeasurementSchema, type Fleet, inferenceMeasurementSchema } from "./fleet.ts";
import { THIS_HOST } from "./gpu-catalogue.ts";
import { type OwnModel, ownModelSchema } from "./own-model.ts";
import { siteCamerasSchema } from "./site-cameras.ts";

/** A host of this fleet as far as a plan goes. */
export const fleetHostSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Of the operating system: benchmarks go by it. */
  hostname: z.string(),
  online: z.boolean(),
  /** Of the catalogue by its driver's name, else "this-host". */
  gpu: z.string(),
  memoryBytes: z.number(),
  /** What its sessions reach when always busy; null where they have too little to do to tell, or run several models. */
  inference: inferenceMeasurementSchema.nullable(),
  /** What its decoders would do if they were always busy, with nothing else on their cores; null where that is not known. */
  decode: decodeMeasurementSchema.nullable(),
});
export type FleetHost = z.infer<typeof fleetHostSchema>;

/** A benchmark that ran on a host of this fleet. */
export const fleetBenchmarkSchema = z.object({
  id: z.string(),
  /** Its name in the operating system. */
  host: z.string(),
  profile: z.string(),
  gpu: z.string(),
  inference: inferenceMeasurementSchema,
});
export type FleetBenchmark = z.infer<typeof fleetBenchmarkSchema>;

/** A model of this site as a plan takes it, by its sha256. */
export const fleetModelSchema = ownModelSchema.extend({
  /** Of the model's row. */
  modelId: z.string(),
  /** Null where it was not counted yet, or cannot be. */
  cost: modelCostSchema.nullable(),
});
export type FleetModel = z.infer<typeof fleetModelSchema>;

/** What a site knows that a plan can rest on; benchmarks newest first. */
export const fleetReportSchema = z.object({
  hosts: z.array(fleetHostSchema),
  benchmarks: z.array(fleetBenchmarkSchema),
  models: z.array(fleetModelSchema),
  cameras: siteCamerasSchema,
});
export type FleetReport = z.infer<typeof fleetReportSchema>;

/** The models that can be planned for. */
export const countedModels = (models: readonly FleetModel[]): OwnModel[] =>
  models.flatMap(({ id, name, input, cost }) => (cost ? [{ id, name, input, cost }] : []));

/**
 * All that was measured on one host: what it reaches live before its benchmarks, these newest first. A card has published
 * decode rates, codec by codec; of any other host what was measured is all there is.
 */
export function measuredOn(host: FleetHost, { benchmarks, models }: FleetReport): Fleet {
  const { gpu, hostname, inference, decode, memoryBytes } = host;
  const own = benchmarks.filter((benchmark) => benchmark.host === hostname && benchmark.gpu === gpu);
  return {
    inference: [...(inference ? [inference] : []), ...own.map((benchmark) => benchmark.inference)],
    decode: gpu === THIS_HOST && decode ? [decode] : [],
    memoryBytes,
    models: countedModels(models),
  };
}
