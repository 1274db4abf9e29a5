import { artifactPath } from "@octet/shared/domain/artifact";
import { weightBitsSchema } from "@octet/shared/domain/weight-bits";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";

const extentSchema = z.object({ min: z.number(), max: z.number() });

/** Counts in bins of one width from `start` up. */
const histogramSchema = z.object({ start: z.number(), width: z.number(), counts: z.array(z.number()) });
export type Histogram = z.infer<typeof histogramSchema>;

const layerSchema = z.object({
  name: z.string(),
  opType: z.string(),
  precision: z.enum(["int8", "float16", "float32"]),
  reason: z.string().nullable(),
  /** dB at its output, all losses up to there included; ±200 stands for no and for any difference. */
  sqnrDb: z.number().nullable(),
  macs: z.number().nullable(),
});
export type Layer = z.infer<typeof layerSchema>;

const activationSchema = z.object({
  value: z.string(),
  range: extentSchema,
  observed: extentSchema.nullable(),
  scale: z.number(),
  zeroPoint: z.number(),
  dataType: z.string(),
  clippedShare: z.number().nullable(),
  histogram: histogramSchema.nullable(),
});
export type Activation = z.infer<typeof activationSchema>;

const weightSchema = z.object({
  name: z.string(),
  channels: z.number(),
  bits: z.number(),
  before: histogramSchema,
  after: histogramSchema,
  sqnrDb: z.number(),
  scaleMin: z.number(),
  scaleMax: z.number(),
});
export type Weight = z.infer<typeof weightSchema>;

const groupSchema = z.object({ group: z.string(), units: z.array(z.string()), sqnrDb: z.number(), macsShare: z.number() });
export type Group = z.infer<typeof groupSchema>;

/** What the plots read of a build's report (`QuantizationReport` of @octet/quantize, version 1). */
export const reportSchema = z.object({
  version: z.literal(1),
  target: z.string(),
  method: z.string(),
  refinement: z.string(),
  weightBits: weightBitsSchema,
  calibration: z.object({ images: z.number() }),
  headSqnrDb: z.number().nullable(),
  /** Reports of earlier builds have none. */
  detectionSqnrDb: z.number().nullable().default(null),
  layers: z.array(layerSchema),
  activations: z.array(activationSchema),
  weights: z.array(weightSchema),
  sensitivity: z.array(groupSchema),
});
export type Report = z.infer<typeof reportSchema>;

/** @throws AppError NOT_FOUND, BAD_INPUT where the file is no report that this page can read */
export async function fetchReport(sha256: string): Promise<Report> {
  const response = await fetch(artifactPath(sha256));
  if (!response.ok)
    throw new AppError("NOT_FOUND", `The report could not be read (${response.status})`, { hint: "Sign in again, or build anew." });
  const parsed = reportSchema.safeParse(await response.json());
  if (parsed.success) return parsed.data;
  throw new AppError("BAD_INPUT", "The report has a form that this page does not know", {
    hint: "It was made by another version: open the full report, or build the profile anew.",
  });
}
