import { AppError } from "../errors.ts";
import { estimated, type Figure, measured, published } from "./figure.ts";
import type { FrameSize } from "./frame-size.ts";
import type { OwnModel } from "./own-model.ts";

/** A detector as far as its cost goes. */
export interface DetectorCost {
  id: string;
  name: string;
  input: FrameSize;
  parameters: Figure;
  /** Operations for one image at `input`: a multiply-add is two. */
  operations: Figure;
  /** Elements that its layers write for one image. */
  layerElements: Figure;
  /** Elements of activations alive at once for one image. */
  liveElements: Figure;
  /** Share of a dense detector's efficiency that it reaches: depthwise convolutions keep Tensor Cores waiting. */
  efficiency: Figure;
}

const square: FrameSize = { width: 640, height: 640 };
const vgaToSquare = 640 / 480;
const byInspect = "the ONNX file's shapes (octet inspect)";
const document = "FP32 vs FP16 vs INT8 comparison, A10: 1.2 GB of activations at batch 16 in FP32";

/** YOLOv5s-face: 1.2 GB / 16 / 4 bytes. */
const REFERENCE_LIVE = 1.2e9 / 16 / 4;
const REFERENCE_LAYERS = 40e6;
/** YOLOv5s at 640×640, its published operations and layers: operations for each element that a layer writes. */
const REFERENCE_OPERATIONS = 5.751e9 * 2 * vgaToSquare;
const REFERENCE_INTENSITY = REFERENCE_OPERATIONS / REFERENCE_LAYERS;
/** Live activations of the others, in the reference's proportion. */
const live = (layerElements: number): Figure =>
  estimated(layerElements * (REFERENCE_LIVE / REFERENCE_LAYERS), "layer outputs in YOLOv5s-face's proportion");

const inspected = (parameters: number, gigaMacs: number, layerElements: number) => ({
  parameters: measured(parameters, byInspect),
  operations: measured(gigaMacs * 2e9, byInspect),
  layerElements: measured(layerElements, byInspect),
  liveElements: live(layerElements),
});
const dense = published(1, "dense convolutions, as the reference model");
const share = (value: number, why: string): Figure => estimated(value, why);
const depthwise = share(0.25, "depthwise convolutions");

const modelZoo = "deepcam-cn/yolov5-face, README (multiply-adds at 640×480)";
const scrfd = "SCRFD, arXiv:2105.04714 (multiply-adds at 640×480)";

export const detectors: readonly DetectorCost[] = [
  {
    id: "yolov5s-face",
    name: "YOLOv5s-face",
    input: square,
    parameters: published(7.2e6, "FP32 vs FP16 vs INT8 comparison: 7.2 M"),
    operations: published(REFERENCE_OPERATIONS, modelZoo),
    layerElements: estimated(REFERENCE_LAYERS, "YOLOv5s at 640×640"),
    liveElements: published(REFERENCE_LIVE, document),
    efficiency: dense,
  },
  {
    id: "yolov5n-face",
    name: "YOLOv5n-face",
    input: square,
    ...inspected(1_715_808, 2.763, 41.76e6),
    efficiency: share(0.5, "ShuffleNetV2: half of it depthwise"),
  },
  { id: "scrfd_2.5g", name: "SCRFD-2.5GF", input: square, ...inspected(817_966, 3.428, 19.22e6), efficiency: share(0.7, "narrow layers") },
  {
    id: "scrfd_10g",
    name: "SCRFD-10GF",
    input: square,
    parameters: published(3.86e6, scrfd),
    operations: published(9.98e9 * 2 * vgaToSquare, scrfd),
    layerElements: estimated(40e6, "SCRFD-2.5GF's, by the width of its layers"),
    liveElements: live(40e6),
    efficiency: dense,
  },
  {
    id: "retinaface-mnet0.25",
    name: "RetinaFace MobileNet 0.25",
    input: square,
    ...inspected(501_776, 1.078, 16.13e6),
    efficiency: depthwise,
  },
  { id: "yunet", name: "YuNet", input: square, ...inspected(53_104, 0.344, 17.75e6), efficiency: depthwise },
  {
    id: "ultraface",
    name: "UltraFace RFB-320",
    input: { width: 320, height: 240 },
    ...inspected(281_100, 0.1, 3.38e6),
    efficiency: depthwise,
  },
];

export const detectorIds: readonly string[] = detectors.map(({ id }) => id);

/**
 * A model that was counted. Layers that compute little for what they write (depthwise convolutions, narrow layers) wait for
 * memory: its efficiency is taken in proportion to operations an element, up to the reference model's.
 */
function detectorOf({ id, name, input, cost }: OwnModel): DetectorCost {
  const counted = inspected(cost.parameters, cost.macs / 1e9, cost.layerElements);
  const intensity = counted.operations.value / cost.layerElements;
  const efficiency = estimated(
    Math.min(1, intensity / REFERENCE_INTENSITY),
    `${intensity.toFixed(0)} operations an element written; YOLOv5s-face has ${REFERENCE_INTENSITY.toFixed(0)}`,
  );
  return { id, name, input, ...counted, efficiency };
}

/**
 * @param own models beside the catalogue's
 * @throws AppError BAD_INPUT that lists the ids
 */
export function detectorById(id: string, own: readonly OwnModel[] = []): DetectorCost {
  const mine = own.find((candidate) => candidate.id === id);
  if (mine) return detectorOf(mine);
  const detector = detectors.find((candidate) => candidate.id === id);
  if (!detector)
    throw new AppError("BAD_INPUT", `There is no model "${id}" in the planner's catalogue`, { hint: `It has: ${detectorIds.join(", ")}.` });
  return detector;
}
