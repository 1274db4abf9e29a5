import type { TruthBox } from "../evaluate/ground-truth.ts";
import { type DatasetWarning, datasetInvalid, oddBox } from "./dataset.ts";

export interface CocoEntry {
  file: string;
  width: number | null;
  height: number | null;
  boxes: TruthBox[];
}

export interface CocoGroundTruth {
  classes: string[];
  images: CocoEntry[];
  warnings: DatasetWarning[];
}

type Json = Record<string, unknown>;

/**
 * Reads a COCO `instances` file: `images`, `annotations` (bbox x,y,w,h in pixels; area, iscrowd, ignore) and
 * `categories`. Class index i is the i-th category.
 * @throws AppError DATASET_INVALID with the file and the entry
 */
export function readCocoJson(text: string, source: string): CocoGroundTruth {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw datasetInvalid(source, null, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const warnings: DatasetWarning[] = [];
  const images = new Map<unknown, CocoEntry>();
  for (const [i, image] of listOf(document, "images", source).entries()) {
    if (typeof image["file_name"] !== "string" || image["id"] === undefined)
      throw datasetInvalid(source, null, `images[${i}] needs an id and a file_name`);
    if (images.has(image["id"])) throw datasetInvalid(source, null, `images[${i}] has the id ${String(image["id"])} of another image`);
    images.set(image["id"], { file: image["file_name"], width: sizeOf(image["width"]), height: sizeOf(image["height"]), boxes: [] });
  }
  const categories = listOf(document, "categories", source);
  const classOf = new Map(categories.map((category, index) => [category["id"], index]));
  for (const [i, annotation] of listOf(document, "annotations", source).entries()) {
    const image = images.get(annotation["image_id"]);
    if (!image) throw datasetInvalid(source, null, `annotations[${i}] is of image ${String(annotation["image_id"])}, which is not listed`);
    const classIndex = classOf.get(annotation["category_id"]);
    if (classIndex === undefined)
      throw datasetInvalid(source, null, `annotations[${i}] has the category ${String(annotation["category_id"])}, which is not listed`);
    const bbox = annotation["bbox"];
    if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite))
      throw datasetInvalid(source, null, `annotations[${i}] (${image.file}) needs a bbox of four numbers`);
    const [x, y, w, h] = bbox as [number, number, number, number];
    const odd = oddBox({ x, y, w, h }, image.width, image.height);
    if (odd) warnings.push({ file: source, line: null, message: `annotations[${i}] (${image.file}): ${odd}` });
    const area = annotation["area"];
    image.boxes.push({
      ...{ x, y, w, h, classIndex },
      crowd: Boolean(annotation["iscrowd"]),
      ignore: Boolean(annotation["ignore"]),
      ...(typeof area === "number" && Number.isFinite(area) ? { area } : {}),
    });
  }
  return { classes: categories.map((category, i) => String(category["name"] ?? i)), images: [...images.values()], warnings };
}

const sizeOf = (value: unknown) => (typeof value === "number" && value > 0 ? value : null);

function listOf(document: unknown, name: string, source: string): Json[] {
  const list = typeof document === "object" && document !== null ? (document as Json)[name] : undefined;
  if (!Array.isArray(list)) throw datasetInvalid(source, null, `it has no list "${name}"`, { hint: "Give a COCO instances_*.json file." });
  const wrong = list.findIndex((entry) => typeof entry !== "object" || entry === null);
  if (wrong >= 0) throw datasetInvalid(source, null, `${name}[${wrong}] is no object`);
  return list as Json[];
}
