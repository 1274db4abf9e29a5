import { AppError } from "@octet/shared/errors";

export const calibrationMethods = ["minmax", "ema", "percentile", "entropy", "mse"] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

export interface Range {
  min: number;
  max: number;
}

/** What an observer saw and chose, for reports and plots. */
export interface ObserverReport {
  method: CalibrationMethod;
  /** The chosen range. */
  range: Range;
  /** Smallest and largest finite value seen. */
  observed: Range;
  /** Values seen (or sampled), and how many were NaN or infinite; the latter are left out of everything else. */
  count: number;
  nonFinite: number;
  /** Share of the values outside of the range; null where no histogram was kept. */
  clippedShare: number | null;
  /** Counts of values in bins of one width, the first beginning at `start`; made coarse enough to plot. */
  histogram: { start: number; width: number; counts: number[] } | null;
}

/**
 * Chooses the range of one tensor from the values that pass by. Memory does not depend on how many do. Values are
 * copied nowhere: the array may be reused after `observe` returns.
 */
export interface RangeObserver {
  /**
   * Takes in one image's values. `extent` spares the search for their smallest and largest where it is known, and lets
   * `values` be a sample of a tensor whose true extent was found elsewhere (say, in the graph).
   */
  observe(values: Float32Array, extent?: Range): void;
  /** @throws AppError CALIBRATION_EMPTY before anything finite was observed */
  range(): Range;
  /** @throws AppError CALIBRATION_EMPTY before anything finite was observed */
  toJSON(): ObserverReport;
}

export function emptyCalibration(): AppError {
  return new AppError("CALIBRATION_EMPTY", "Calibration saw no finite value", {
    hint: "Give at least one calibration image; if there were some, look for NaN in the model's activations.",
  });
}
