import type { DetectorFamily, TensorInfo } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { decodeUltraFace } from "./decode.ts";

const strides = [
  { stride: 8, anchors: 3 },
  { stride: 16, anchors: 2 },
  { stride: 32, anchors: 2 },
  { stride: 64, anchors: 3 },
];

/** 4420 at 320×240, 17640 at 640×480. */
function priorsOf({ width, height }: ImageInput): number {
  return strides.reduce((sum, { stride, anchors }) => sum + Math.ceil(width / stride) * Math.ceil(height / stride) * anchors, 0);
}

const rows = (tensors: readonly TensorInfo[], size: number, priors: number) =>
  tensors.filter(({ shape }) => shape.length === 3 && shape[2] === size && (typeof shape[1] !== "number" || shape[1] === priors));

/** UltraFace (Linzaer's Ultra-Light-Fast-Generic-Face-Detector-1MB), slim and RFB, with the boxes decoded in the graph. */
export const ultraFace: DetectorFamily = {
  id: "ultraface",
  name: "UltraFace",
  match(signature, image) {
    const priors = priorsOf(image);
    const [scores] = rows(signature.outputs, 2, priors);
    const [boxes] = rows(signature.outputs, 4, priors);
    if (signature.outputs.length !== 2 || !scores || !boxes) {
      return `it wants two outputs, N×${priors}×2 and N×${priors}×4`;
    }
    return {
      family: "ultraface",
      labels: ["face"],
      input: { ...image, channels: "rgb", resize: "stretch", padValue: 0, mean: 127, scale: 1 / 128 },
      decode: (outputs, batchIndex, options) => decodeUltraFace(scores.name, boxes.name, image, outputs, batchIndex, options),
    };
  },
};
