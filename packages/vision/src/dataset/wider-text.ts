import { datasetInvalid } from "./dataset.ts";

export interface WiderTextEntry {
  /** "EVENT/NAME.jpg" */
  file: string;
  faces: { x: number; y: number; w: number; h: number; invalid: boolean; line: number }[];
}

/**
 * Reads `wider_face_{train,val}_bbx_gt.txt`: a line with the image, one with the number of faces, one per face with
 * x y w h blur expression illumination invalid occlusion pose. An image without faces has one line of zeros.
 * @throws AppError DATASET_INVALID with file and line
 */
export function readWiderText(text: string, source: string): WiderTextEntry[] {
  const lines = text.split(/\r?\n/);
  const entries: WiderTextEntry[] = [];
  let at = 0;
  while (at < lines.length) {
    const file = lines[at]!.trim();
    if (file === "") {
      at++;
      continue;
    }
    if (!/\.(jpe?g|png)$/i.test(file)) throw datasetInvalid(source, at + 1, `"${file.slice(0, 60)}" is no image's name`);
    const count = Number(lines[at + 1]?.trim() || Number.NaN);
    if (!(Number.isInteger(count) && count >= 0)) throw datasetInvalid(source, at + 2, `the number of faces of ${file} is missing`);
    if (at + 2 + count > lines.length) throw datasetInvalid(source, lines.length, `the file ends before the ${count} faces of ${file}`);
    const faces = Array.from({ length: count }, (_, i) => face(lines[at + 2 + i]!, source, at + 3 + i));
    entries.push({ file, faces });
    at += 2 + count;
    if (count === 0 && /^(0\s+)+0?\s*$/.test(lines[at] ?? "")) at++;
  }
  return entries;
}

function face(text: string, source: string, line: number): WiderTextEntry["faces"][number] {
  const values = text.trim().split(/\s+/).map(Number);
  if (values.length < 4 || !values.every(Number.isFinite)) throw datasetInvalid(source, line, "a face needs four numbers or ten");
  const [x, y, w, h] = values as [number, number, number, number];
  return { x, y, w, h, invalid: values[7] === 1, line };
}
