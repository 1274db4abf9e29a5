import { AppError } from "@octet/shared/errors";
import type { DetectorFamily, DetectorSpec, ModelSignature } from "./family.ts";
import { imageInput } from "./image-input.ts";
import { describeOutputs } from "./outputs.ts";
import { retinaFace } from "./retinaface/family.ts";
import { scrfd } from "./scrfd/family.ts";
import { ultraFace } from "./ultraface/family.ts";
import { yolov5, yolov8, yolov10, yolox } from "./yolo/family.ts";
import { yolov5Face } from "./yolov5-face/family.ts";
import { yuNet } from "./yunet/family.ts";

/** In the order in which they are tried; their outputs exclude each other. */
export const detectorFamilies: readonly DetectorFamily[] = [
  retinaFace,
  yolov5Face,
  scrfd,
  yuNet,
  ultraFace,
  yolov8,
  yolov5,
  yolox,
  yolov10,
];

/**
 * Finds out from its inputs and outputs which detector a model is, and so how to feed and read it.
 * @throws AppError MODEL_UNRECOGNISED with each family's reason in the hint
 */
export function recogniseDetector(signature: ModelSignature): DetectorSpec {
  const image = imageInput(signature);
  if (typeof image === "string") throw unrecognised(`Its input is not an image as they take it: ${image}.`);
  const reasons: string[] = [];
  for (const family of detectorFamilies) {
    const matched = family.match(signature, image);
    if (typeof matched !== "string") return matched;
    reasons.push(`${family.name}: ${matched}`);
  }
  throw unrecognised(`It gives ${describeOutputs(signature.outputs)}. ${reasons.join(". ")}.`);
}

function unrecognised(hint: string): AppError {
  const names = detectorFamilies.map((family) => family.name).join(", ");
  return new AppError("MODEL_UNRECOGNISED", `This is not one of the detectors that Octet knows (${names})`, { hint });
}
