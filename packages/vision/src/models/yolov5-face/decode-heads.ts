import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

const VALUES = 16;
/** Anchor widths and heights in pixels, by stride (deepcam-cn/yolov5-face models/yolov5n-face.yaml). */
const anchors: Readonly<Record<number, readonly number[]>> = {
  8: [4, 5, 8, 10, 13, 16],
  16: [23, 29, 43, 55, 73, 105],
  32: [146, 217, 231, 300, 335, 433],
};

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** σ(x) ≥ p means x ≥ logit(p): cells are sifted with one comparison, no exponential. */
const logit = (probability: number) =>
  probability <= 0 ? -Infinity : probability >= 1 ? Infinity : Math.log(probability / (1 - probability));

/**
 * Raw heads, N×48×h×w or N×3×h×w×16. Per anchor: xy = (2σ − 0.5 + cell) · stride, wh = (2σ)² · anchor,
 * landmarks = value · anchor + cell · stride, score = σ(objectness) · σ(class).
 * Source: deepcam-cn/yolov5-face models/yolo.py, Detect.forward.
 */
export function decodeHeads(
  heads: readonly string[],
  input: ImageInput,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ landmarks: true });
  const threshold = logit(confidence);
  for (const name of heads) {
    const tensor = outputNamed(outputs, name);
    const channelsLast = tensor.dims.length === 5;
    const height = tensor.dims[2]!;
    const width = tensor.dims[3]!;
    const cells = width * height;
    const begin = imageOffset(tensor, name, batchIndex, 3 * VALUES * cells);
    const { data } = tensor;
    const perCell = channelsLast ? VALUES : 1;
    const perValue = channelsLast ? 1 : cells;
    const stride = Math.round(input.width / width);
    const sizes = anchors[stride];
    if (!sizes) continue;
    for (let anchor = 0; anchor < 3; anchor++) {
      const anchorWidth = sizes[anchor * 2]!;
      const anchorHeight = sizes[anchor * 2 + 1]!;
      for (let cell = 0; cell < cells; cell++) {
        const at = begin + anchor * VALUES * cells + cell * perCell;
        const objectness = data[at + 4 * perValue]!;
        if (!(objectness >= threshold)) continue;
        const score = sigmoid(objectness) * sigmoid(data[at + 15 * perValue]!);
        if (!(score >= confidence)) continue;
        const column = cell % width;
        const row = Math.floor(cell / width);
        const cx = (2 * sigmoid(data[at]!) - 0.5 + column) * stride;
        const cy = (2 * sigmoid(data[at + perValue]!) - 0.5 + row) * stride;
        const halfWidth = ((2 * sigmoid(data[at + 2 * perValue]!)) ** 2 * anchorWidth) / 2;
        const halfHeight = ((2 * sigmoid(data[at + 3 * perValue]!)) ** 2 * anchorHeight) / 2;
        const to = found.add(score, cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
        for (let point = 0; point < 10; point += 2) {
          found.landmarks![to + point] = data[at + (5 + point) * perValue]! * anchorWidth + column * stride;
          found.landmarks![to + point + 1] = data[at + (6 + point) * perValue]! * anchorHeight + row * stride;
        }
      }
    }
  }
  return found.toRaw();
}
