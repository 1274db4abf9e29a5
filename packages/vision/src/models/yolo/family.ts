import type { DetectorFamily, DetectorSpec, InputSpec, ModelSignature, TensorInfo } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { labelsFor, MAX_CLASSES, namesOf } from "./class-names.ts";
import { decodeChannels, decodeEndToEnd, decodeRows, decodeYolox } from "./decode.ts";
import { gridCells } from "./grid.ts";

/** As Ultralytics' models are trained: RGB from 0 to 1 in a grey frame. */
const ultralyticsInput = (image: ImageInput): InputSpec => ({
  ...image,
  channels: "rgb",
  resize: "letterbox",
  padValue: 114,
  mean: 0,
  scale: 1 / 255,
});

/** Boxes that an end-to-end model gives at most; those with a row a cell have thousands. */
const MAX_END_TO_END = 1000;

/** The only output of three dimensions: raw heads and prototypes of masks that come along have more. */
function predictions({ outputs }: ModelSignature): TensorInfo | null {
  const [tensor, another] = outputs.filter(({ shape }) => shape.length <= 3);
  return tensor && !another && tensor.shape.length === 3 && tensor.type === "float32" ? tensor : null;
}

const isCount = (value: unknown, least: number): value is number =>
  typeof value === "number" && value >= least && value < least + MAX_CLASSES;

/** What a family makes of an output of N×a×b, or null where it is none of its own. */
type Reading = (output: { a: unknown; b: unknown; name: string }, image: ImageInput, signature: ModelSignature) => DetectorSpec | null;

function family(id: DetectorFamily["id"], name: string, wants: string, read: Reading): DetectorFamily {
  return {
    id,
    name,
    match(signature, image) {
      const output = predictions(signature);
      const spec = output && read({ a: output.shape[1], b: output.shape[2], name: output.name }, image, signature);
      return spec ?? `it wants ${wants}`;
    },
  };
}

/** `[5, 3]` of Ultralytics' metadata: points, and channels of each. */
function pointsOf({ metadata }: ModelSignature): { points: number; channels: number } | null {
  const shape = /^\[\s*(\d+)\s*,\s*([23])\s*\]$/.exec(metadata?.["kpt_shape"] ?? "");
  return shape ? { points: Number(shape[1]), channels: Number(shape[2]) } : null;
}

/** YOLOv8 and what has its layout (YOLOv9, YOLO11, YOLO12), pose models too: five points are landmarks. */
export const yolov8 = family("yolov8", "YOLOv8", "N×(4 + classes)×cells", ({ a, b, name }, image, signature) => {
  if (!isCount(a, 5) || (typeof b === "number" && b !== gridCells(image))) return null;
  const points = pointsOf(signature);
  const names = namesOf(signature);
  // What comes after the classes is points, or coefficients of masks.
  const most = a - 4 - (points ? points.points * points.channels : 0);
  const classes = names?.length ?? most;
  if (classes < 1 || classes > most || (typeof b !== "number" && !names)) return null;
  // An angle would turn the box.
  if (signature.metadata?.["task"] === "obb") return null;
  const layout = { name, classes, pointChannels: points?.points === 5 ? points.channels : null };
  return {
    family: "yolov8",
    labels: labelsFor(classes, signature),
    input: ultralyticsInput(image),
    decode: (outputs, batchIndex, options) => decodeChannels(layout, outputs, batchIndex, options),
  };
});

/** YOLOv5 and YOLOv7 as exported with their decoding: three anchors a cell. */
export const yolov5 = family("yolov5", "YOLOv5", "N×(3·cells)×(5 + classes)", ({ a, b, name }, image, signature) => {
  if (!isCount(b, 6)) return null;
  const classes = b - 5;
  const known =
    typeof a === "number" ? a === 3 * gridCells(image) || a === 3 * gridCells(image, 64) : namesOf(signature)?.length === classes;
  if (!known) return null;
  return {
    family: "yolov5",
    labels: labelsFor(classes, signature),
    input: ultralyticsInput(image),
    decode: (outputs, batchIndex, options) => decodeRows({ name, classes }, outputs, batchIndex, options),
  };
});

/** YOLOX: one row a cell, bytes as they are in BGR. */
export const yolox = family("yolox", "YOLOX", "N×cells×(5 + classes)", ({ a, b, name }, image, signature) => {
  if (!isCount(b, 6) || a !== gridCells(image)) return null;
  const classes = b - 5;
  return {
    family: "yolox",
    labels: labelsFor(classes, signature),
    input: { ...image, channels: "bgr", resize: "letterbox", padValue: 114, mean: 0, scale: 1 },
    decode: (outputs, batchIndex, options) => decodeYolox({ name, classes }, image, outputs, batchIndex, options),
  };
});

/** YOLOv10, YOLO26 and exports with suppression in the graph: the model's own choice of boxes. */
export const yolov10 = family("yolov10", "YOLOv10", "N×boxes×6", ({ a, b, name }, image, signature) => {
  if (b !== 6 || !(typeof a === "number" && a <= MAX_END_TO_END)) return null;
  // How many classes there are only the names say.
  const labels = namesOf(signature) ?? labelsFor(MAX_CLASSES, signature);
  return {
    family: "yolov10",
    labels,
    input: ultralyticsInput(image),
    endToEnd: true,
    decode: (outputs, batchIndex, options) => decodeEndToEnd({ name, classes: labels.length }, outputs, batchIndex, options),
  };
});
