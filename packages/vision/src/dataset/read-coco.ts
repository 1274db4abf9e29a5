import path from "node:path";
import { groundTruth } from "../evaluate/ground-truth.ts";
import { readCocoJson } from "./coco-json.ts";
import type { DatasetImage, DetectionDataset } from "./dataset.ts";
import { type ImageFolder, readText } from "./image-folder.ts";

export async function readCocoDataset(folder: ImageFolder, file: string): Promise<DetectionDataset> {
  const { classes, images: entries, warnings } = readCocoJson(await readText(file), file);
  const images: DatasetImage[] = [];
  const missing: string[] = [];
  for (const { file: name, width, height, boxes } of entries) {
    const id = folder.find(name);
    if (id === null) missing.push(name);
    else images.push({ id, path: path.join(folder.folder, id), width, height, truth: groundTruth(boxes), subsets: null });
  }
  return { format: "coco", classes, images, total: entries.length, missing, warnings };
}
