import type { DetectorFamilyId } from "@octet/shared/domain/model";
import type { ImageInput } from "./image-input.ts";

/** A tensor as the model file declares it; a dimension that is not fixed is its symbol, or null where it has none. */
export interface TensorInfo {
  name: string;
  /** ONNX Runtime's name of the element type: "float32", "uint8" … */
  type: string;
  shape: (number | string | null)[];
}

export interface ModelSignature {
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** What the exporter wrote into the file, such as Ultralytics' names of the classes; absent where it was not read. */
  metadata?: Readonly<Record<string, string>>;
}

/** What a detector wants fed: NCHW float32 where value = (byte − mean) · scale. */
export interface InputSpec {
  name: string;
  width: number;
  height: number;
  /** Largest batch that one run accepts; null where any is. */
  maxBatch: number | null;
  channels: "rgb" | "bgr";
  resize: "letterbox" | "stretch";
  /** 0–255, around a letterboxed frame. */
  padValue: number;
  mean: number;
  scale: number;
}

/** Candidates before non-maximum suppression. The arrays may be longer than `count` needs. */
export interface RawDetections {
  count: number;
  /** x1,y1,x2,y2 per candidate, pixels of the model's input. */
  boxes: Float32Array;
  /** 0–1 */
  scores: Float32Array;
  /** x,y of five points per candidate, pixels of the model's input; null where the model gives none. */
  landmarks: Float32Array | null;
  /** Index into the detector's `labels` per candidate; null where all are of its only class. */
  classes: Uint16Array | null;
}

export interface OutputTensor {
  dims: readonly number[];
  data: Float32Array;
}

export interface DecodeOptions {
  /** Candidates below this score are left out, 0–1. */
  confidence: number;
}

export interface DetectorSpec {
  family: DetectorFamilyId;
  /** Names of its classes, in the model's order. */
  labels: readonly string[];
  input: InputSpec;
  /** Whether the model itself leaves one box an object, so that overlaps are no repetitions. Default false. */
  endToEnd?: boolean;
  /** Reads image `batchIndex` of a run's outputs. Throws AppError INFERENCE_FAILED where an output is missing or misshapen. */
  decode(outputs: Readonly<Record<string, OutputTensor>>, batchIndex: number, options: DecodeOptions): RawDetections;
}

export interface DetectorFamily {
  id: DetectorFamilyId;
  name: string;
  /** A model that takes this image as this family, or the reason why it is none of it. */
  match(signature: ModelSignature, image: ImageInput): DetectorSpec | string;
}
