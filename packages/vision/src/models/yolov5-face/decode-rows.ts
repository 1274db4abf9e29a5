import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

const ROW = 16;

/** Rows of cx, cy, w, h, objectness, 5 × (x, y), class, in input pixels; score = objectness · class. */
export function decodeRows(
  name: string,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ landmarks: true });
  const tensor = outputNamed(outputs, name);
  const perImage = tensor.dims[1]! * ROW;
  const begin = imageOffset(tensor, name, batchIndex, perImage);
  const { data } = tensor;
  for (let row = begin; row < begin + perImage; row += ROW) {
    const objectness = data[row + 4]!;
    if (!(objectness >= confidence)) continue;
    const score = objectness * data[row + 15]!;
    if (!(score >= confidence)) continue;
    const cx = data[row]!;
    const cy = data[row + 1]!;
    const halfWidth = data[row + 2]! / 2;
    const halfHeight = data[row + 3]! / 2;
    const to = found.add(score, cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
    for (let point = 0; point < 10; point++) found.landmarks![to + point] = data[row + 5 + point]!;
  }
  return found.toRaw();
}
