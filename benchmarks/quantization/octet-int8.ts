import { exactWeightBits } from "@octet/inference/integer-kernels";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import type { CalibrationMethod } from "@octet/quantize/calibrate/range-observer";
import { calibrate, type Feeds, quantizeCalibrated, refine } from "@octet/quantize/int8/quantize-model";

export interface OctetJob {
  model: string;
  out: string;
  /** The first `count` images. */
  feeds(count: number): Feeds;
  images: number;
  method: CalibrationMethod;
  /** Error-feedback rounding and the fit of the heads. */
  refined: boolean;
}

/** As many as `octet quantize` refines on. */
const REFINE_IMAGES = 16;

/** Calibrates a model, quantises it for ONNX Runtime on this host, and writes it. */
export async function quantizeOctet({ model, out, feeds, images, method, refined }: OctetJob): Promise<void> {
  const weightBits = exactWeightBits();
  const runtime = onnxRuntime;
  const calibration = await calibrate(checkModel(await readModelFile(model)), {
    target: "onnxruntime",
    method,
    runtime,
    feeds: feeds(images),
    expectedImages: images,
  });
  const few = Math.min(REFINE_IMAGES, images);
  const refinement = refined ? await refine(calibration, { runtime, feeds: feeds(few), images: few, weightBits }) : null;
  await writeModelFile(quantizeCalibrated(calibration, { weightBits, ...(refinement ? { refinement } : {}) }).model, out);
}
