import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

/** Scores are background, face; boxes x1,y1,x2,y2 as fractions of the input. The model gives no landmarks. */
export function decodeUltraFace(
  scoresName: string,
  boxesName: string,
  input: ImageInput,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({});
  const scoreTensor = outputNamed(outputs, scoresName);
  const boxTensor = outputNamed(outputs, boxesName);
  const rows = scoreTensor.dims[1]!;
  const scoreAt = imageOffset(scoreTensor, scoresName, batchIndex, rows * 2);
  const boxAt = imageOffset(boxTensor, boxesName, batchIndex, rows * 4);
  const { width, height } = input;
  const boxes = boxTensor.data;
  for (let row = 0; row < rows; row++) {
    const score = scoreTensor.data[scoreAt + row * 2 + 1]!;
    if (!(score >= confidence)) continue;
    const box = boxAt + row * 4;
    found.add(score, boxes[box]! * width, boxes[box + 1]! * height, boxes[box + 2]! * width, boxes[box + 3]! * height);
  }
  return found.toRaw();
}
