import { type WiderSubset, widerSubsets } from "../evaluate/wider.ts";
import { datasetInvalid } from "./dataset.ts";
import { type MatValue, readMatFile } from "./mat-file.ts";

/** One image of WIDER FACE's official ground truth. */
export interface WiderEntry {
  /** Its folder, such as "0--Parade". */
  event: string;
  /** Without ".jpg". */
  name: string;
  /** x,y,w,h per face, pixels. */
  boxes: Float64Array;
  /** 1 per face that is counted. */
  counted: Record<WiderSubset, Uint8Array>;
}

export interface WiderMatFile {
  name: string;
  bytes: Uint8Array;
}

/**
 * Reads the official ground truth: `wider_face_val.mat` (faces) and `wider_{easy,medium,hard}_val.mat` (the 1-based
 * `gt_list` of the faces that count).
 * @throws AppError DATASET_INVALID with file and image where they are broken or do not belong together
 */
export function readWiderMat(faces: WiderMatFile, subsets: Readonly<Record<WiderSubset, WiderMatFile>>): WiderEntry[] {
  const file = readMatFile(faces.bytes, faces.name, ["event_list", "file_list", "face_bbx_list"]);
  const events = cellOf(file, "event_list", faces.name).map((value) => textOf(value, "event_list", faces.name));
  const names = nested(file, "file_list", faces.name, events.length).map((list) =>
    list.map((value) => textOf(value, "file_list", faces.name)),
  );
  const boxes = nested(file, "face_bbx_list", faces.name, events.length);
  const entries = events.flatMap((event, e) => {
    if (boxes[e]!.length !== names[e]!.length)
      throw datasetInvalid(faces.name, null, `${event} has ${names[e]!.length} images but ${boxes[e]!.length} lists of faces`);
    return names[e]!.map((name, i): WiderEntry => {
      const faceBoxes = rowsOf(boxes[e]![i]!, faces.name, `${event}/${name}`);
      const none = () => new Uint8Array(faceBoxes.length / 4);
      return { event, name, boxes: faceBoxes, counted: { easy: none(), medium: none(), hard: none() } };
    });
  });
  for (const subset of widerSubsets) markCounted(subsets[subset], subset, entries, events.length);
  return entries;
}

function markCounted({ name: source, bytes }: WiderMatFile, subset: WiderSubset, entries: WiderEntry[], events: number): void {
  const lists = nested(readMatFile(bytes, source, ["gt_list"]), "gt_list", source, events).flat();
  if (lists.length !== entries.length)
    throw datasetInvalid(source, null, `it lists ${lists.length} images, the faces' file ${entries.length}: they are not of one set`);
  for (const [i, list] of lists.entries()) {
    const { event, name, counted } = entries[i]!;
    if (list.kind !== "numbers") throw datasetInvalid(source, null, `gt_list of ${event}/${name} holds no numbers`);
    for (const index of list.data) {
      if (!(Number.isInteger(index) && index >= 1 && index <= counted[subset].length))
        throw datasetInvalid(source, null, `${event}/${name} has ${counted[subset].length} faces; gt_list names number ${index}`);
      counted[subset][index - 1] = 1;
    }
  }
}

function cellOf(file: Map<string, MatValue>, variable: string, source: string): MatValue[] {
  const value = file.get(variable);
  if (value?.kind !== "cell")
    throw datasetInvalid(source, null, `it has no cell array "${variable}"`, {
      hint: "Give the folder with wider_face_val.mat and wider_{easy,medium,hard}_val.mat of WIDER FACE's evaluation tools.",
    });
  return value.items;
}

function nested(file: Map<string, MatValue>, variable: string, source: string, events: number): MatValue[][] {
  const cells = cellOf(file, variable, source);
  if (cells.length !== events) throw datasetInvalid(source, null, `"${variable}" has ${cells.length} events, not ${events}`);
  return cells.map((cell) => {
    if (cell.kind !== "cell") throw datasetInvalid(source, null, `"${variable}" holds something that is no cell array`);
    return cell.items;
  });
}

/** A file's name may be wrapped once more in a cell. */
function textOf(value: MatValue, variable: string, source: string): string {
  const inner = value.kind === "cell" && value.items.length === 1 ? value.items[0]! : value;
  if (inner.kind !== "text") throw datasetInvalid(source, null, `"${variable}" holds something that is no text`);
  return inner.text;
}

/** An N×4 array, column by column in the file, as rows. */
function rowsOf(value: MatValue, source: string, image: string): Float64Array {
  if (value.kind === "numbers" && value.data.length === 0) return new Float64Array(0);
  if (value.kind !== "numbers" || value.dims.length !== 2 || value.dims[1] !== 4 || !value.data.every(Number.isFinite))
    throw datasetInvalid(source, null, `the faces of ${image} are not an N×4 array of numbers`);
  const count = value.dims[0]!;
  return Float64Array.from(value.data, (_, at) => value.data[(at % 4) * count + Math.floor(at / 4)]!);
}
