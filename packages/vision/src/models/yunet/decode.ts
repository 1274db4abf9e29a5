import { CandidateList } from "../candidate-list.ts";
import type { DecodeOptions, OutputTensor, RawDetections } from "../family.ts";
import type { ImageInput } from "../image-input.ts";
import { imageOffset, outputNamed } from "../outputs.ts";

/** Names of the outputs of one stride. */
export interface YuNetHead {
  classes: string;
  objectness: string;
  boxes: string;
  landmarks: string;
  stride: number;
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/**
 * score = √(class · objectness), centre = (cell + xy) · stride, size = exp(wh) · stride, landmark = (cell + xy) · stride.
 * Source: opencv modules/objdetect/src/face_detect.cpp.
 */
export function decodeYuNet(
  heads: readonly YuNetHead[],
  input: ImageInput,
  outputs: Readonly<Record<string, OutputTensor>>,
  batchIndex: number,
  { confidence }: DecodeOptions,
): RawDetections {
  const found = new CandidateList({ landmarks: true });
  const squared = confidence * confidence;
  for (const head of heads) {
    const { stride } = head;
    const width = Math.floor(input.width / stride);
    const cells = width * Math.floor(input.height / stride);
    const classTensor = outputNamed(outputs, head.classes);
    const objectnessTensor = outputNamed(outputs, head.objectness);
    const boxTensor = outputNamed(outputs, head.boxes);
    const landmarkTensor = outputNamed(outputs, head.landmarks);
    const classAt = imageOffset(classTensor, head.classes, batchIndex, cells);
    const objectnessAt = imageOffset(objectnessTensor, head.objectness, batchIndex, cells);
    const boxAt = imageOffset(boxTensor, head.boxes, batchIndex, cells * 4);
    const landmarkAt = imageOffset(landmarkTensor, head.landmarks, batchIndex, cells * 10);
    const boxes = boxTensor.data;
    for (let cell = 0; cell < cells; cell++) {
      const product = clamp(classTensor.data[classAt + cell]!) * clamp(objectnessTensor.data[objectnessAt + cell]!);
      if (!(product >= squared)) continue;
      const column = cell % width;
      const row = Math.floor(cell / width);
      const box = boxAt + cell * 4;
      const cx = (column + boxes[box]!) * stride;
      const cy = (row + boxes[box + 1]!) * stride;
      const halfWidth = (Math.exp(boxes[box + 2]!) * stride) / 2;
      const halfHeight = (Math.exp(boxes[box + 3]!) * stride) / 2;
      const to = found.add(Math.sqrt(product), cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
      const from = landmarkAt + cell * 10;
      for (let point = 0; point < 10; point += 2) {
        found.landmarks![to + point] = (column + landmarkTensor.data[from + point]!) * stride;
        found.landmarks![to + point + 1] = (row + landmarkTensor.data[from + point + 1]!) * stride;
      }
    }
  }
  return found.toRaw();
}
