import { readdir } from "node:fs/promises";
import path from "node:path";
import { groundTruth } from "../evaluate/ground-truth.ts";
import { type DatasetImage, type DatasetWarning, type DetectionDataset, datasetInvalid } from "./dataset.ts";
import { type ImageFolder, readText } from "./image-folder.ts";
import { readVocXml } from "./voc-xml.ts";

/** A folder of annotation files; `difficult` objects are ignored, as the challenge did. */
export async function readVocDataset(folder: ImageFolder, annotations: string): Promise<DetectionDataset> {
  const found = await readdir(annotations, { recursive: true }).catch((cause: unknown) => {
    throw datasetInvalid(annotations, null, "the folder of annotations cannot be read", {
      hint: "Give the folder that holds the .xml files.",
      cause,
    });
  });
  const files = found.filter((file) => file.toLowerCase().endsWith(".xml")).sort();
  if (files.length === 0) throw datasetInvalid(annotations, null, "the folder has no annotations (.xml)");
  const images: DatasetImage[] = [];
  const missing: string[] = [];
  const warnings: DatasetWarning[] = [];
  const parsed = [];
  for (const file of files) {
    const source = path.join(annotations, file);
    parsed.push({ file, ...readVocXml(await readText(source), source) });
  }
  const classes = [...new Set(parsed.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
  for (const { file, filename, width, height, objects, warnings: odd } of parsed) {
    warnings.push(...odd);
    const stem = file
      .replace(/\.xml$/i, "")
      .split(path.sep)
      .join("/");
    const wanted = filename ?? `${stem}.jpg`;
    const id = folder.find(wanted) ?? folder.find(`${stem}.jpg`) ?? folder.find(`${stem}.png`);
    if (id === null) {
      missing.push(wanted);
      continue;
    }
    const truth = groundTruth(
      objects.map(({ x, y, w, h, name, difficult }) => ({ x, y, w, h, classIndex: classes.indexOf(name), ignore: difficult })),
    );
    images.push({ id, path: path.join(folder.folder, id), width, height, truth, subsets: null });
  }
  return { format: "voc", classes, images, total: files.length, missing, warnings };
}
