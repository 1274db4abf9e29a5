import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

/** Names of the outputs of one stride. */
export interface ScrfdHead {
  scores: string;
  boxes: string;
  landmarks: string | null;
  stride: number;
}

const ANCHORS = 2;

/**
 * Rows run over cells, two anchors a cell. Distances to the box's edges and landmark offsets are in strides from the
 * cell's corner. Source: insightface/detection/scrfd/tools/scrfd.py.
 */
export function decodeScrfd(
  heads: readonly ScrfdHead[],
  input: ImageInput,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ landmarks: heads.every((head) => head.landmarks !== null) });
  for (const head of heads) {
    const { stride } = head;
    const width = Math.ceil(input.width / stride);
    const rows = width * Math.ceil(input.height / stride) * ANCHORS;
    const scoreTensor = outputNamed(outputs, head.scores);
    const boxTensor = outputNamed(outputs, head.boxes);
    const scoreAt = imageOffset(scoreTensor, head.scores, batchIndex, rows);
    const boxAt = imageOffset(boxTensor, head.boxes, batchIndex, rows * 4);
    const landmarkTensor = head.landmarks === null ? null : outputNamed(outputs, head.landmarks);
    const landmarkAt = landmarkTensor ? imageOffset(landmarkTensor, head.landmarks!, batchIndex, rows * 10) : 0;
    const scores = scoreTensor.data;
    const boxes = boxTensor.data;
    for (let row = 0; row < rows; row++) {
      const score = scores[scoreAt + row]!;
      if (!(score >= confidence)) continue;
      const cell = Math.floor(row / ANCHORS);
      const x = (cell % width) * stride;
      const y = Math.floor(cell / width) * stride;
      const box = boxAt + row * 4;
      const to = found.add(
        score,
        x - boxes[box]! * stride,
        y - boxes[box + 1]! * stride,
        x + boxes[box + 2]! * stride,
        y + boxes[box + 3]! * stride,
      );
      if (!landmarkTensor || !found.landmarks) continue;
      const from = landmarkAt + row * 10;
      for (let point = 0; point < 10; point += 2) {
        found.landmarks[to + point] = x + landmarkTensor.data[from + point]! * stride;
        found.landmarks[to + point + 1] = y + landmarkTensor.data[from + point + 1]! * stride;
      }
    }
  }
  return found.toRaw();
}
