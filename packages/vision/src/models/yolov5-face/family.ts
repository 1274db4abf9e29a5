import type { DetectorFamily, DetectorSpec, TensorInfo } from "../family.ts";
import { finestFirst } from "../outputs.ts";
import { namesOf } from "../yolo/class-names.ts";
import { decodeHeads } from "./decode-heads.ts";
import { decodeRows } from "./decode-rows.ts";

/** cx, cy, w, h, objectness, 10 landmarks, class */
const isDecoded = (tensor: TensorInfo) => tensor.shape.length === 3 && tensor.shape[2] === 16;

const isHead = ({ shape }: TensorInfo) =>
  (shape.length === 4 && shape[1] === 48) || (shape.length === 5 && shape[1] === 3 && shape[4] === 16);

/** YOLOv5-Face, with the decoding in the graph (N×25200×16) or without (three raw heads). */
export const yolov5Face: DetectorFamily = {
  id: "yolov5-face",
  name: "YOLOv5-Face",
  match(signature, image) {
    const names = namesOf(signature);
    // Five sizes, ten landmarks and a class are as many values as YOLOv5 has for eleven classes.
    if (names && names.length > 1) return `it has one class, not ${names.length}`;
    const base: Omit<DetectorSpec, "decode"> = {
      family: "yolov5-face",
      labels: ["face"],
      input: { ...image, channels: "rgb", resize: "letterbox", padValue: 114, mean: 0, scale: 1 / 255 },
    };
    // Exports with decoding often carry the raw heads along.
    const decoded = signature.outputs.find(isDecoded);
    if (decoded) return { ...base, decode: (outputs, batchIndex, options) => decodeRows(decoded.name, outputs, batchIndex, options) };
    const heads = finestFirst(signature.outputs.filter(isHead)).map((tensor) => tensor.name);
    if (heads.length !== 3 || signature.outputs.length !== 3) {
      return "it wants N×boxes×16, or three raw heads N×48×h×w or N×3×h×w×16";
    }
    return { ...base, decode: (outputs, batchIndex, options) => decodeHeads(heads, image, outputs, batchIndex, options) };
  },
};
