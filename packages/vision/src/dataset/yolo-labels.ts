import type { TruthBox } from "../evaluate/ground-truth.ts";
import { type DatasetWarning, datasetInvalid, oddBox } from "./dataset.ts";

export interface YoloLabels {
  boxes: TruthBox[];
  warnings: DatasetWarning[];
}

/**
 * Reads one label file: a line per object, `class cx cy w h` as fractions of the image; what follows (landmarks) is not
 * used. A box may reach over the edge by rounding; one without area is left out with a warning.
 * @param classCount how many classes are named; null: any class number is taken
 * @throws AppError DATASET_INVALID with file and line
 */
export function readYoloLabels(
  text: string,
  source: string,
  { width, height, classCount }: { width: number; height: number; classCount: number | null },
): YoloLabels {
  const boxes: TruthBox[] = [];
  const warnings: DatasetWarning[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (content.trim() === "") continue;
    const values = content.trim().split(/\s+/).map(Number);
    if (values.length < 5) throw datasetInvalid(source, line, `it has ${values.length} values; an object needs class cx cy w h`);
    const [classIndex, cx, cy, w, h] = values as [number, number, number, number, number];
    if (![classIndex, cx, cy, w, h].every(Number.isFinite)) throw datasetInvalid(source, line, "a value is no number");
    if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex > 65535)
      throw datasetInvalid(source, line, `"${content.trim().split(/\s+/)[0]}" is no class number`);
    if (classCount !== null && classIndex >= classCount)
      throw datasetInvalid(source, line, `class ${classIndex} is unknown; there are ${classCount} classes`, {
        hint: "Add its name to classes.txt or data.yaml, or correct the label.",
      });
    if ([cx, cy, w, h].some((value) => value > 2 || value < -1))
      throw datasetInvalid(source, line, "the box is not given as fractions (0 to 1) of the image", {
        hint: "YOLO labels are class cx cy w h, divided by the image's width and height.",
      });
    const box = { x: (cx - w / 2) * width, y: (cy - h / 2) * height, w: w * width, h: h * height, classIndex };
    const odd = oddBox(box, width, height);
    if (odd) warnings.push({ file: source, line, message: odd });
    if (w > 0 && h > 0) boxes.push(box);
  }
  return { boxes, warnings };
}
