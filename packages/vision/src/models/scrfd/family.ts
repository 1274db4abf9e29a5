import type { DetectorFamily, ModelSignature, TensorInfo } from "../family.ts";
import { finestFirst } from "../outputs.ts";
import { decodeScrfd, type ScrfdHead } from "./decode.ts";

/** InsightFace's own export drops the batch dimension ([12800,1]); others keep it ([1,12800,1]). */
function lastDimension({ shape }: TensorInfo): number | null {
  const last = shape.at(-1);
  return (shape.length === 2 || shape.length === 3) && typeof last === "number" ? last : null;
}

function findHeads({ outputs }: ModelSignature): ScrfdHead[] | null {
  const of = (size: number) => finestFirst(outputs.filter((tensor) => lastDimension(tensor) === size));
  const scores = of(1);
  const boxes = of(4);
  const landmarks = of(10);
  const complete = scores.length === 3 && boxes.length === 3 && (landmarks.length === 3 || landmarks.length === 0);
  if (!complete || outputs.length !== scores.length + boxes.length + landmarks.length) return null;
  return scores.map((tensor, index) => ({
    scores: tensor.name,
    boxes: boxes[index]!.name,
    landmarks: landmarks[index]?.name ?? null,
    stride: 8 << index,
  }));
}

/** SCRFD of InsightFace: scores, edge distances and, in the `_kps` models, landmarks at strides 8, 16 and 32. */
export const scrfd: DetectorFamily = {
  id: "scrfd",
  name: "SCRFD",
  match(signature, image) {
    const heads = findHeads(signature);
    if (!heads) return "it wants three outputs each of …×1, …×4 and (optionally) …×10";
    const flat = signature.outputs.some((tensor) => tensor.shape.length === 2);
    return {
      family: "scrfd",
      labels: ["face"],
      input: {
        ...image,
        maxBatch: flat ? 1 : image.maxBatch,
        channels: "rgb",
        resize: "letterbox",
        padValue: 0,
        mean: 127.5,
        scale: 1 / 128,
      },
      decode: (outputs, batchIndex, options) => decodeScrfd(heads, image, outputs, batchIndex, options),
    };
  },
};
