import { MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { type DatasetLayout, datasetPathSchema } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";

/** A file with its path inside the folder that was chosen or dropped. */
export interface ChosenFile {
  path: string;
  file: File;
}

export interface Selection {
  /** One zip archive, instead of files. */
  archive: ChosenFile | null;
  files: ChosenFile[];
  bytes: number;
  /** Of the files, images. */
  images: number;
  /** Neither images nor labels, or hidden: not sent. */
  leftOut: number;
}

const MAX_FILES = 50_000;

const IMAGE = /\.(jpe?g|png|webp|bmp|avif|tiff?)$/i;
const ARCHIVE = /\.zip$/i;
/** What each layout's labels, and the names of their classes, end in. */
const labels: Record<DatasetLayout, RegExp | null> = {
  images: null,
  wider: /\.(mat|txt)$/i,
  yolo: /\.(txt|names|ya?ml)$/i,
  coco: /\.json$/i,
  voc: /\.xml$/i,
};
const labelNames: Record<Exclude<DatasetLayout, "images">, string> = {
  wider: ".mat or .txt",
  yolo: ".txt",
  coco: ".json",
  voc: ".xml",
};

/** A file of a list has its folder's path where a folder was chosen. */
export const listed = (files: Iterable<File>): ChosenFile[] =>
  [...files].map((file) => ({ path: (file.webkitRelativePath || file.name).replaceAll("\\", "/"), file }));

/** What of the chosen files a data set of this layout is made of: its images and labels, or one archive. */
export function selectionOf(chosen: readonly ChosenFile[], layout: DatasetLayout): Selection {
  const [only] = chosen;
  if (chosen.length === 1 && only && ARCHIVE.test(only.path))
    return { archive: only, files: [], bytes: only.file.size, images: 0, leftOut: 0 };
  const hidden = (path: string): boolean => path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
  const files = chosen.filter(({ path }) => !hidden(path) && (IMAGE.test(path) || labels[layout]?.test(path)));
  return {
    archive: null,
    files,
    bytes: files.reduce((sum, { file }) => sum + file.size, 0),
    images: files.filter(({ path }) => IMAGE.test(path)).length,
    leftOut: chosen.length - files.length,
  };
}

/**
 * What needs no server to be seen.
 * @throws AppError BAD_INPUT, CALIBRATION_EMPTY (no images), DATASET_INVALID (no labels, two files of one path)
 */
export function refuseSelection({ archive, files, images }: Selection, layout: DatasetLayout): void {
  const all = archive ? [archive] : files;
  const empty = archive?.file.size === 0;
  if (empty) throw new AppError("BAD_INPUT", `${archive.path} is empty`, { hint: "Choose the archive again, or make it anew." });
  const large = all.find(({ file }) => file.size > MAX_ARTIFACT_BYTES);
  if (large) throw new AppError("BAD_INPUT", `${large.path} is larger than the ${MAX_ARTIFACT_BYTES / 2 ** 30} GiB that are taken`);
  if (archive) return;
  if (images === 0)
    throw new AppError(layout === "images" ? "CALIBRATION_EMPTY" : "DATASET_INVALID", "There are no images among the files", {
      hint: "JPEG, PNG, WebP, BMP, AVIF and TIFF are read. A zip archive is sent alone.",
    });
  if (files.length > MAX_FILES)
    throw new AppError("BAD_INPUT", `${files.length} files are more than the ${MAX_FILES} that are taken at once`, {
      hint: "Send a zip archive, or several versions.",
    });
  if (layout !== "images" && files.length === images)
    throw new AppError("DATASET_INVALID", `There are no labels for the layout ${layout.toUpperCase()} among the files`, {
      hint: `They end in ${labelNames[layout]}. Choose the folder that holds both the images and the labels.`,
    });
  const wrong = files.find(({ path }) => !datasetPathSchema.safeParse(path).success);
  if (wrong)
    throw new AppError("BAD_INPUT", `${wrong.path.slice(0, 200)} is no path that can be kept`, {
      hint: "Give it a shorter, plainer name.",
    });
  const twice = firstTwice(files.map(({ path }) => path));
  if (twice !== undefined)
    throw new AppError("DATASET_INVALID", `Two files are named ${twice}`, { hint: "Choose their folder, so that their paths are kept." });
}

function firstTwice(paths: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return paths.find((path) => seen.size === seen.add(path).size);
}
