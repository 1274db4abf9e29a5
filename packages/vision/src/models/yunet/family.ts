import type { DetectorFamily, ModelSignature, TensorInfo } from "../family.ts";
import { finestFirst } from "../outputs.ts";
import { decodeYuNet, type YuNetHead } from "./decode.ts";

const isRows = (tensor: TensorInfo, size: number) => tensor.shape.length === 3 && tensor.shape[2] === size;

function findHeads({ outputs }: ModelSignature): YuNetHead[] | null {
  // Class and objectness have one shape, but score = √(cls · obj) does not care which is which.
  const single = outputs.filter((tensor) => isRows(tensor, 1));
  const objectness = single.filter((tensor) => /obj/i.test(tensor.name));
  const classes = single.filter((tensor) => !/obj/i.test(tensor.name));
  const [first, second] = objectness.length === 3 ? [finestFirst(classes), finestFirst(objectness)] : pairsBySize(finestFirst(single));
  const boxes = finestFirst(outputs.filter((tensor) => isRows(tensor, 4)));
  const landmarks = finestFirst(outputs.filter((tensor) => isRows(tensor, 10)));
  if (outputs.length !== 12 || first.length !== 3 || second.length !== 3 || boxes.length !== 3 || landmarks.length !== 3) return null;
  return first.map((tensor, index) => ({
    classes: tensor.name,
    objectness: second[index]!.name,
    boxes: boxes[index]!.name,
    landmarks: landmarks[index]!.name,
    stride: 8 << index,
  }));
}

function pairsBySize(sorted: readonly TensorInfo[]): [TensorInfo[], TensorInfo[]] {
  return [sorted.filter((_, index) => index % 2 === 0), sorted.filter((_, index) => index % 2 === 1)];
}

/** YuNet of libfacedetection and OpenCV's zoo: class, objectness, box and landmarks at strides 8, 16 and 32, no anchors. */
export const yuNet: DetectorFamily = {
  id: "yunet",
  name: "YuNet",
  match(signature, image) {
    const heads = findHeads(signature);
    if (!heads) return "it wants 12 outputs, N×cells×{1,1,4,10} at three strides";
    return {
      family: "yunet",
      labels: ["face"],
      input: { ...image, channels: "bgr", resize: "letterbox", padValue: 0, mean: 0, scale: 1 },
      decode: (outputs, batchIndex, options) => decodeYuNet(heads, image, outputs, batchIndex, options),
    };
  },
};
