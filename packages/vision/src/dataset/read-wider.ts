import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { groundTruth } from "../evaluate/ground-truth.ts";
import { type DatasetImage, type DatasetWarning, type DetectionDataset, datasetInvalid, oddBox } from "./dataset.ts";
import { type ImageFolder, isFolder, readText } from "./image-folder.ts";
import { readWiderMat, type WiderMatFile } from "./wider-mat.ts";
import { readWiderText } from "./wider-text.ts";

const LIST = /^wider_face_(train|val)_bbx_gt\.txt$/;
const subsetFile = (subset: string): string => `wider_${subset}_val.mat`;

/** WIDER FACE from its `.mat` files (with the subsets) or its text file (without); a folder may have either. */
export async function readWiderDataset(folder: ImageFolder, truth: string): Promise<DetectionDataset> {
  return { format: "wider", classes: ["face"], ...(await read(folder, truth)) };
}

type Read = Omit<DetectionDataset, "format" | "classes">;

async function read(folder: ImageFolder, truth: string): Promise<Read> {
  if (!(await isFolder(truth))) return fromText(folder, truth);
  const names = await readdir(truth);
  const lists = names.filter((name) => LIST.test(name)).sort();
  // wider_face_split has a wider_face_val.mat of its own, without the subsets.
  if (lists.length === 0 || names.includes(subsetFile("hard"))) return fromMat(folder, truth);
  const found = await Promise.all(lists.map((name) => fromText(folder, path.join(truth, name))));
  const used = found.filter(({ images }) => images.length > 0);
  const all = used.length > 0 ? used : found;
  return {
    images: all.flatMap(({ images }) => images),
    missing: all.flatMap(({ missing }) => missing),
    total: all.reduce((sum, { total }) => sum + total, 0),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

async function fromMat(folder: ImageFolder, truth: string): Promise<Read> {
  const file = async (name: string): Promise<WiderMatFile> => ({
    name,
    bytes: await readFile(path.join(truth, name)).catch((cause: unknown) => {
      throw datasetInvalid(path.join(truth, name), null, "it cannot be read", {
        hint: "WIDER FACE's labels are wider_face_val.mat with wider_{easy,medium,hard}_val.mat, or wider_face_val_bbx_gt.txt.",
        cause,
      });
    }),
  });
  const [faces, easy, medium, hard] = await Promise.all(["face", "easy", "medium", "hard"].map((name) => file(subsetFile(name))));
  const entries = readWiderMat(faces!, { easy: easy!, medium: medium!, hard: hard! });
  const images: DatasetImage[] = [];
  const missing: string[] = [];
  for (const { event, name, boxes, counted } of entries) {
    const wanted = `${event}/${name}.jpg`;
    const id = folder.find(wanted);
    if (id === null) {
      missing.push(wanted);
      continue;
    }
    // Outside of the subsets, a face that not even "hard" counts is one that nobody should have to find.
    const list = Array.from(counted.hard, (hardFace, i) => {
      const [x, y, w, h] = boxes.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
      return { x, y, w, h, ignore: hardFace === 0 };
    });
    images.push({ id, path: path.join(folder.folder, id), width: null, height: null, truth: groundTruth(list), subsets: counted });
  }
  return { images, missing, total: entries.length, warnings: [] };
}

async function fromText(folder: ImageFolder, truth: string): Promise<Read> {
  const entries = readWiderText(await readText(truth), truth);
  const warnings: DatasetWarning[] = [];
  const images: DatasetImage[] = [];
  const missing: string[] = [];
  for (const { file, faces } of entries) {
    const id = folder.find(file);
    if (id === null) {
      missing.push(file);
      continue;
    }
    for (const face of faces) {
      const odd = oddBox(face, null, null);
      if (odd) warnings.push({ file: truth, line: face.line, message: odd });
    }
    const list = faces.map(({ x, y, w, h, invalid }) => ({ x, y, w, h, ignore: invalid || !(w > 0 && h > 0) }));
    images.push({ id, path: path.join(folder.folder, id), width: null, height: null, truth: groundTruth(list), subsets: null });
  }
  return { images, missing, total: entries.length, warnings };
}
