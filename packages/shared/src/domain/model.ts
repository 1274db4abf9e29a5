import { z } from "zod";

export const detectorFamilySchema = z.enum([
  "retinaface",
  "yolov5-face",
  "scrfd",
  "yunet",
  "ultraface",
  "yolov5",
  "yolov8",
  "yolov10",
  "yolox",
]);
export type DetectorFamilyId = z.infer<typeof detectorFamilySchema>;

export const licenceSchema = z.object({
  /** SPDX identifier where there is one, else a short name such as "non-commercial" or "unknown". */
  name: z.string(),
  /** One sentence that a person who offers or uses the model must know. */
  note: z.string(),
  origin: z.string(),
});
export type Licence = z.infer<typeof licenceSchema>;

/** What one image of a model's own input size costs it; what it rests on is `@octet/onnx/stats`. */
export const modelCostSchema = z.object({
  /** Elements of weights and biases. */
  parameters: z.number().int().positive(),
  /** Multiply-adds. */
  macs: z.number().int().positive(),
  /** Elements of activations that its layers write. */
  layerElements: z.number().int().positive(),
});
export type ModelCost = z.infer<typeof modelCostSchema>;

export const modelInfoSchema = z.object({
  /** sha256 of the file, hex. */
  id: z.string(),
  name: z.string(),
  family: detectorFamilySchema,
  precision: z.enum(["fp32", "fp16", "int8"]),
  sizeBytes: z.number(),
  inputWidth: z.number().int(),
  inputHeight: z.number().int(),
  /** Largest batch that one run accepts; null where the batch dimension is symbolic. */
  maxBatch: z.number().int().nullable(),
  licence: licenceSchema,
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;
