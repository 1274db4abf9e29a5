import type { DetectorFamily, ModelSignature, TensorInfo } from "../family.ts";
import { finestFirst } from "../outputs.ts";
import { decodeRetinaFace, type RetinaFaceHead } from "./decode.ts";

type Role = "scores" | "boxes" | "landmarks";

const namePatterns: [Role, RegExp][] = [
  ["scores", /cls_prob/],
  ["boxes", /bbox_pred/],
  ["landmarks", /landmark_pred/],
];

/** Two anchors a cell: 4 channels are scores, 8 boxes, 20 landmarks. Names decide where the channels are not fixed. */
function roleOf(tensor: TensorInfo): Role | null {
  if (tensor.shape.length !== 4) return null;
  const channels = tensor.shape[1];
  if (channels === 4) return "scores";
  if (channels === 8) return "boxes";
  if (channels === 20) return "landmarks";
  return typeof channels === "number" ? null : (namePatterns.find(([, pattern]) => pattern.test(tensor.name))?.[0] ?? null);
}

function findHeads(signature: ModelSignature): RetinaFaceHead[] | null {
  const of = (role: Role) => finestFirst(signature.outputs.filter((tensor) => roleOf(tensor) === role));
  const scores = of("scores");
  const boxes = of("boxes");
  const landmarks = of("landmarks");
  if (signature.outputs.length !== 9 || scores.length !== 3 || boxes.length !== 3 || landmarks.length !== 3) return null;
  return scores.map((tensor, index) => ({ scores: tensor.name, boxes: boxes[index]!.name, landmarks: landmarks[index]!.name }));
}

/** RetinaFace as InsightFace exports it (mnet.25 and alike): per stride scores, box deltas and landmarks, two anchors a cell. */
export const retinaFace: DetectorFamily = {
  id: "retinaface",
  name: "RetinaFace",
  match(signature, image) {
    const heads = findHeads(signature);
    if (!heads) return "it wants 9 outputs, N×{4,8,20}×h×w at three strides";
    return {
      family: "retinaface",
      labels: ["face"],
      input: { ...image, channels: "rgb", resize: "letterbox", padValue: 0, mean: 0, scale: 1 },
      decode: (outputs, batchIndex, options) => decodeRetinaFace(heads, image, outputs, batchIndex, options),
    };
  },
};
