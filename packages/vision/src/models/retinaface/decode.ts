import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

/** Names of the three outputs of one stride. */
export interface RetinaFaceHead {
  scores: string;
  boxes: string;
  landmarks: string;
}

const ANCHORS = 2;
/** Anchor sides in pixels by stride: 16 · {32,16}, {8,4}, {2,1}. */
const anchorSides: Readonly<Record<number, readonly [number, number]>> = { 32: [512, 256], 16: [128, 64], 8: [32, 16] };
/** mnet.25 was trained with landmark offsets divided by this (`landmark_std`); the boxes' own factor is 1. */
const LANDMARK_SCALE = 0.2;
/** Centre of a base anchor of 16 pixels, counted as the original does: (16 − 1) / 2. */
const CENTRE = 7.5;

/**
 * Scores: channels are background of both anchors, then face of both (softmax is in the graph).
 * Boxes: centre shift and log size relative to the anchor; a box of width w spans w − 1 pixels.
 * Source: insightface/detection/retinaface/retinaface.py and rcnn/processing/generate_anchor.py.
 */
export function decodeRetinaFace(
  heads: readonly RetinaFaceHead[],
  input: ImageInput,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ landmarks: true });
  for (const head of heads) {
    const scoreTensor = outputNamed(outputs, head.scores);
    const boxTensor = outputNamed(outputs, head.boxes);
    const landmarkTensor = outputNamed(outputs, head.landmarks);
    const height = scoreTensor.dims[2]!;
    const width = scoreTensor.dims[3]!;
    const cells = width * height;
    const stride = Math.round(input.width / width);
    const sides = anchorSides[stride] ?? [stride * 4, stride * 2];
    const scoreAt = imageOffset(scoreTensor, head.scores, batchIndex, ANCHORS * 2 * cells) + ANCHORS * cells;
    const boxAt = imageOffset(boxTensor, head.boxes, batchIndex, ANCHORS * 4 * cells);
    const landmarkAt = imageOffset(landmarkTensor, head.landmarks, batchIndex, ANCHORS * 10 * cells);
    const scores = scoreTensor.data;
    const boxes = boxTensor.data;
    const points = landmarkTensor.data;
    for (let anchor = 0; anchor < ANCHORS; anchor++) {
      const side = sides[anchor]!;
      for (let cell = 0; cell < cells; cell++) {
        const score = scores[scoreAt + anchor * cells + cell]!;
        if (!(score >= confidence)) continue;
        const x = (cell % width) * stride + CENTRE;
        const y = Math.floor(cell / width) * stride + CENTRE;
        const box = boxAt + anchor * 4 * cells + cell;
        const cx = x + boxes[box]! * side;
        const cy = y + boxes[box + cells]! * side;
        const halfWidth = (Math.exp(boxes[box + 2 * cells]!) * side - 1) / 2;
        const halfHeight = (Math.exp(boxes[box + 3 * cells]!) * side - 1) / 2;
        const to = found.add(score, cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
        const from = landmarkAt + anchor * 10 * cells + cell;
        for (let point = 0; point < 10; point += 2) {
          found.landmarks![to + point] = x + points[from + point * cells]! * side * LANDMARK_SCALE;
          found.landmarks![to + point + 1] = y + points[from + (point + 1) * cells]! * side * LANDMARK_SCALE;
        }
      }
    }
  }
  return found.toRaw();
}
