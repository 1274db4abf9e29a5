import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import type { CalibrationMethod } from "@octet/quantize/calibrate/range-observer";
import { calibrate, type Feeds, quantizeCalibrated, refine } from "@octet/quantize/int8/quantize-model";
import { cpuFlags, hasExactInt8 } from "../cpu-flags.ts";

export interface OctetJob {
  model: string;
  out: string;
  feeds: Feeds;
  images: number;
  method: CalibrationMethod;
  /** Error-feedback rounding and the fit of the heads. */
  refined: boolean;
}

/** Calibrates a model, quantises it for ONNX Runtime on this host, and writes it. */
export async function quantizeOctet({ model, out, feeds, images, method, refined }: OctetJob): Promise<void> {
  const weightBits = hasExactInt8(cpuFlags()) ? 8 : 7;
  const calibration = await calibrate(checkModel(await readModelFile(model)), {
    target: "onnxruntime",
    method,
    runtime: onnxRuntime,
    feeds,
  });
  const refinement = refined ? await refine(calibration, { runtime: onnxRuntime, feeds, images, weightBits }) : null;
  await writeModelFile(quantizeCalibrated(calibration, { weightBits, ...(refinement ? { refinement } : {}) }).model, out);
}
