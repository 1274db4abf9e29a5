import { modelStats } from "@octet/onnx/stats/model-stats";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import type { CalibrationMethod } from "../calibrate/range-observer.ts";
import type { Calibration, FloatReason, QuantizationTarget, QuantizedModel } from "../int8/quantize-model.ts";
import type { LayerErrors } from "./layer-errors.ts";
import type { SearchResult } from "./mixed-precision.ts";
import { activationReports } from "./report-activations.ts";
import { weightReports } from "./report-weights.ts";
import type { GroupSensitivity } from "./sensitivity.ts";

/** Counts in bins of one width from `start` up. */
export interface ReportHistogram {
  start: number;
  width: number;
  counts: number[];
}

export interface LayerReport {
  name: string;
  opType: string;
  precision: LayerPrecision;
  /** Why it is not int8; null where it is. */
  reason: FloatReason | null;
  /** At its output, all losses up to there included, in dB; null where it was not measured. */
  sqnrDb: number | null;
  /** For one image; null for what does not multiply. */
  macs: number | null;
}

export type LayerPrecision = "int8" | "float16" | "float32";

export interface ActivationReport {
  value: string;
  /** What the lowest and the highest level stand for. */
  range: { min: number; max: number };
  /** What calibration saw; null where the range follows from the operator. */
  observed: { min: number; max: number } | null;
  scale: number;
  zeroPoint: number;
  dataType: string;
  /** Share of the values that lie outside of the range, 0…1; null where no histogram was kept. */
  clippedShare: number | null;
  histogram: ReportHistogram | null;
}

export interface WeightReport {
  /** The layer's. */
  name: string;
  channels: number;
  bits: 7 | 8;
  before: ReportHistogram;
  /** Of the weights as the integers express them, in the same bins. */
  after: ReportHistogram;
  sqnrDb: number;
  scaleMin: number;
  scaleMax: number;
}

export interface SensitivityReport {
  group: string;
  units: string[];
  sqnrDb: number;
  /** Of the model's multiply-accumulate operations, 0…1. */
  macsShare: number;
}

export interface SearchStepReport {
  floatGroups: string[];
  metrics: Record<string, number> | null;
  drop: number | null;
  latencyMs: number | null;
  met: boolean;
  chosen: boolean;
}

/** All in points, 0…100. */
export interface AccuracyReport {
  metric: string;
  float: number;
  quantised: number;
  /** float − quantised. */
  drop: number;
}

/** Medians for one image, both measured in turns on one host. */
export interface LatencyReport {
  floatMs: number;
  quantisedMs: number;
  /** floatMs / quantisedMs */
  speedup: number;
  host: string;
}

/** Everything about one quantisation. Plain JSON: decibels are cut to ±200, 200 standing for "no difference". */
export interface QuantizationReport {
  version: 1;
  /** Name and version of what wrote it. */
  tool: string;
  /** ISO 8601 */
  createdAt: string;
  model: { name: string; sha256: string; sizeBytes: number; family: string | null };
  result: { sha256: string; sizeBytes: number };
  target: QuantizationTarget;
  method: CalibrationMethod;
  /** Name of the refinement, "none" where there was none. */
  refinement: string;
  weightBits: WeightBits;
  calibration: { images: number };
  /** At the heads, of the whole model; null where it was not measured. */
  headSqnrDb: number | null;
  /**
   * Scores and boxes of detections in calibration images, of the whole model; null where too little is found in them. Where
   * it is not, `sensitivity` is measured likewise, and else at the heads.
   */
  detectionSqnrDb: number | null;
  layers: LayerReport[];
  activations: ActivationReport[];
  weights: WeightReport[];
  sensitivity: SensitivityReport[];
  search: SearchStepReport[];
  accuracy: AccuracyReport[] | null;
  latency: LatencyReport | null;
}

export interface ReportParts extends Pick<QuantizationReport, "tool" | "createdAt" | "model" | "result"> {
  refinement?: string;
  weightBits?: WeightBits;
  /** What of the result is not int8. Default float32. */
  floatPrecision?: "float32" | "float16";
  headSqnrDb?: number;
  detectionSqnrDb?: number | null;
  layerErrors?: LayerErrors;
  sensitivity?: readonly GroupSensitivity[];
  search?: SearchResult;
  /** Metrics in points. */
  accuracy?: { float: Readonly<Record<string, number>>; quantised: Readonly<Record<string, number>> };
  latency?: Omit<LatencyReport, "speedup">;
}

/** Puts together what is known about a quantisation; what was not measured is null or empty. */
export function buildReport(calibration: Calibration, quantised: QuantizedModel, parts: ReportParts): QuantizationReport {
  const { tool, createdAt, model, result, refinement = "none", weightBits = 8, headSqnrDb, sensitivity = [], accuracy, latency } = parts;
  const { detectionSqnrDb = null } = parts;
  return {
    version: 1,
    tool,
    createdAt,
    model,
    result,
    target: calibration.target,
    method: calibration.method,
    refinement,
    weightBits,
    calibration: { images: calibration.images },
    headSqnrDb: headSqnrDb === undefined ? null : cutDb(headSqnrDb),
    detectionSqnrDb: detectionSqnrDb === null ? null : cutDb(detectionSqnrDb),
    layers: layerReports(calibration, quantised, parts),
    activations: activationReports(calibration, quantised),
    weights: weightReports(calibration, quantised).map((weight) => ({ ...weight, sqnrDb: cutDb(weight.sqnrDb) })),
    sensitivity: sensitivity.map(({ group, sqnrDb }) => ({
      group: group.name,
      units: group.units.map(({ name }) => name),
      sqnrDb: cutDb(sqnrDb),
      macsShare: group.macsShare,
    })),
    search: searchReport(parts.search),
    accuracy: accuracy ? accuracyReports(accuracy.float, accuracy.quantised) : null,
    latency: latency ? { ...latency, speedup: latency.floatMs / latency.quantisedMs } : null,
  };
}

function layerReports(calibration: Calibration, quantised: QuantizedModel, parts: ReportParts): LayerReport[] {
  const { layerErrors, floatPrecision = "float32" } = parts;
  const macsOf = new Map(modelStats(calibration.prepared).layers.map(({ name, macs }) => [name, macs]));
  return quantised.decisions.map(({ unit, precision, reason }) => {
    // A weighted layer may be chosen and yet have no range to take its input's scale from.
    const integer = precision === "int8" && (unit.kind !== "weighted" || quantised.plan.weighted.has(unit.name));
    const error = layerErrors?.get(unit.name);
    return {
      name: unit.name,
      opType: unit.activation ? `${unit.node.opType}+${unit.activation.opType}` : unit.node.opType,
      precision: integer ? "int8" : floatPrecision,
      reason: integer ? null : (reason ?? "rule"),
      sqnrDb: error ? cutDb(error.sqnrDb) : null,
      macs: macsOf.get(unit.name) ?? null,
    };
  });
}

function searchReport(search: SearchResult | undefined): SearchStepReport[] {
  if (!search) return [];
  // JSON has no infinity: a metric that was lost is a drop of everything there is.
  return search.steps.map((step) => ({
    ...step,
    drop: step.drop === null ? null : Math.min(step.drop, 100),
    chosen: step === search.chosen,
  }));
}

function accuracyReports(float: Readonly<Record<string, number>>, quantised: Readonly<Record<string, number>>): AccuracyReport[] {
  return Object.entries(float).flatMap(([metric, before]) => {
    const after = quantised[metric];
    return after === undefined ? [] : [{ metric, float: before, quantised: after, drop: before - after }];
  });
}

/** As a report has them: within ±200, 200 standing for "no difference". */
export const cutDb = (db: number): number => (Number.isNaN(db) ? -200 : Math.max(-200, Math.min(200, db)));
