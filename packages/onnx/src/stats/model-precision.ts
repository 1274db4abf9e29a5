import type { Model } from "../ir/model.ts";
import { modelStats } from "./model-stats.ts";

/** What a model is said to run at in short: its lowest precision that any product (convolution, matrix product) computes in. */
export function modelPrecision(model: Model): "fp32" | "fp16" | "int8" {
  const { precisions } = modelStats(model);
  const has = (name: string): boolean => precisions.some(({ precision }) => precision === name);
  if (has("int8")) return "int8";
  return has("float16") ? "fp16" : "fp32";
}
