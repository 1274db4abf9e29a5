import type { CalibrationMethod } from "@octet/quantize/calibrate/range-observer";
import type { InputSpec } from "@octet/vision/models/family";

/** What one process quantises, as JSON in its first argument. */
export interface QuantizeJob {
  model: string;
  out: string;
  /** N×3×H×W bytes (`writeImageBytes`). */
  imageBytes: string;
  count: number;
  input: InputSpec;
  method: CalibrationMethod;
  refined: boolean;
}

/** What it prints, as JSON. */
export interface QuantizeCost {
  /** From reading the model to the written file, without the start of the process. */
  seconds: number;
  /** The largest resident memory of the process in its life. */
  peakBytes: number;
}
