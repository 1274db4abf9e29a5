import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

type Outputs = Readonly<Record<string, OutputTensor>>;

/** Index of the largest of `count` values from `at`, `step` apart. */
function best(data: Float32Array, at: number, count: number, step: number): number {
  let found = 0;
  for (let index = 1; index < count; index++) if (data[at + index * step]! > data[at + found * step]!) found = index;
  return found;
}

export interface ChannelsLayout {
  name: string;
  classes: number;
  /** Channels of a point (x, y and, for 3, how visible it is) where five points follow the classes; null where none do. */
  pointChannels: number | null;
}

/**
 * YOLOv8's layout, N×channels×cells: cx, cy, w, h in input pixels, a score for each class and, of pose models, points.
 * A cell is its best class. Source: Ultralytics, Detect and Pose heads with `export`.
 */
export function decodeChannels(
  { name, classes, pointChannels }: ChannelsLayout,
  outputs: Outputs,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const tensor = outputNamed(outputs, name);
  const cells = tensor.dims[2]!;
  const { data } = tensor;
  const begin = imageOffset(tensor, name, batchIndex, tensor.dims[1]! * cells);
  const found = new CandidateList({ landmarks: pointChannels !== null, classes: classes > 1 });
  const scores = begin + 4 * cells;
  for (let cell = 0; cell < cells; cell++) {
    const classIndex = best(data, scores + cell, classes, cells);
    const score = data[scores + classIndex * cells + cell]!;
    if (!(score >= confidence)) continue;
    const at = begin + cell;
    const to = addCentred(found, score, data[at]!, data[at + cells]!, data[at + 2 * cells]!, data[at + 3 * cells]!, classIndex);
    if (pointChannels === null) continue;
    for (let point = 0; point < 5; point++) {
      const from = scores + (classes + point * pointChannels) * cells + cell;
      found.landmarks![to + point * 2] = data[from]!;
      found.landmarks![to + point * 2 + 1] = data[from + cells]!;
    }
  }
  return found.toRaw();
}

/**
 * YOLOv5's layout, N×anchors×(5 + classes): cx, cy, w, h in input pixels, objectness, a score for each class; the score is
 * objectness · class. Source: Ultralytics YOLOv5, Detect head with `export`.
 */
export function decodeRows(
  { name, classes }: { name: string; classes: number },
  outputs: Outputs,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ classes: classes > 1 });
  forRows(name, classes, outputs, batchIndex, confidence, (data, at, score, classIndex) =>
    addCentred(found, score, data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, classIndex),
  );
  return found.toRaw();
}

/**
 * YOLOX's layout, N×cells×(5 + classes), as it is exported: cx and cy are offsets from the cell in strides, w and h
 * logarithms of strides; or decoded to input pixels (`--decode_in_inference`). Which of the two the values tell: decoded
 * centres lie all over the picture, and offsets are of some strides at most. Source: Megvii YOLOX, YOLOXHead.decode_outputs.
 */
export function decodeYolox(
  layout: { name: string; classes: number },
  input: ImageInput,
  outputs: Outputs,
  batchIndex: number,
  options: DecodeOptions,
): RawDetections {
  const { name, classes } = layout;
  if (isDecoded(outputNamed(outputs, name), batchIndex, input)) return decodeRows(layout, outputs, batchIndex, options);
  const found = new CandidateList({ classes: classes > 1 });
  const grids = [8, 16, 32].map((stride) => ({
    stride,
    columns: Math.ceil(input.width / stride),
    cells: Math.ceil(input.width / stride) * Math.ceil(input.height / stride),
  }));
  forRows(name, classes, outputs, batchIndex, options.confidence, (data, at, score, classIndex, row) => {
    let cell = row;
    let grid = 0;
    while (grid < 2 && cell >= grids[grid]!.cells) cell -= grids[grid++]!.cells;
    const { stride, columns } = grids[grid]!;
    const cx = (data[at]! + (cell % columns)) * stride;
    const cy = (data[at + 1]! + Math.floor(cell / columns)) * stride;
    addCentred(found, score, cx, cy, Math.exp(data[at + 2]!) * stride, Math.exp(data[at + 3]!) * stride, classIndex);
  });
  return found.toRaw();
}

/** Decoded centres are half a picture from its corner on average; offsets are of the order of a stride. */
function isDecoded(tensor: OutputTensor, batchIndex: number, { width }: ImageInput): boolean {
  const [, rows, columns] = tensor.dims as [number, number, number];
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += Math.abs(tensor.data[(batchIndex * rows + row) * columns]!);
  return sum / rows > width / 8;
}

/** YOLOv10's layout and that of exports with suppression in the graph, N×boxes×6: x1, y1, x2, y2 in input pixels, score, class. */
export function decodeEndToEnd(
  { name, classes }: { name: string; classes: number },
  outputs: Outputs,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const tensor = outputNamed(outputs, name);
  const perImage = tensor.dims[1]! * 6;
  const begin = imageOffset(tensor, name, batchIndex, perImage);
  const { data } = tensor;
  const found = new CandidateList({ classes: true });
  for (let at = begin; at < begin + perImage; at += 6) {
    const score = data[at + 4]!;
    const classIndex = data[at + 5]!;
    if (!(score >= confidence) || !(classIndex >= 0 && classIndex < classes)) continue;
    found.add(score, data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, classIndex);
  }
  return found.toRaw();
}

/** Rows of an N×rows×(5 + classes) output whose objectness · best class is `confidence` or more. */
function forRows(
  name: string,
  classes: number,
  outputs: Outputs,
  batchIndex: number,
  confidence: number,
  found: (data: Float32Array, at: number, score: number, classIndex: number, row: number) => void,
): void {
  const tensor = outputNamed(outputs, name);
  const width = 5 + classes;
  const rows = tensor.dims[1]!;
  const begin = imageOffset(tensor, name, batchIndex, rows * width);
  const { data } = tensor;
  for (let row = 0; row < rows; row++) {
    const at = begin + row * width;
    const objectness = data[at + 4]!;
    if (!(objectness >= confidence)) continue;
    const classIndex = best(data, at + 5, classes, 1);
    const score = objectness * data[at + 5 + classIndex]!;
    if (score >= confidence) found(data, at, score, classIndex, row);
  }
}

function addCentred(found: CandidateList, score: number, cx: number, cy: number, w: number, h: number, classIndex: number): number {
  return found.add(score, cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, classIndex);
}
