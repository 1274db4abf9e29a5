import { AppError } from "@octet/shared/errors";
import type { DatasetFormat, DetectionDataset } from "./dataset.ts";
import { datasetInvalid } from "./dataset.ts";
import { listImages } from "./image-folder.ts";
import { readCocoDataset } from "./read-coco.ts";
import { readVocDataset } from "./read-voc.ts";
import { readWiderDataset } from "./read-wider.ts";
import { readYoloDataset } from "./read-yolo.ts";

export interface DatasetLocation {
  format: DatasetFormat;
  /** Folder of the images; searched below, too. */
  images: string;
  /**
   * wider: the folder of the `.mat` files or of `wider_face_*_bbx_gt.txt`, or one such file; yolo: the folder of the labels; coco: the JSON
   * file; voc: the folder of the XML files.
   */
  groundTruth: string;
  /** Reads an image's size in pixels, upright: YOLO's labels are fractions of it. */
  imageSize(file: string): Promise<{ width: number; height: number }>;
  /** Folder outside of which nothing is looked for; absent: YOLO's class names may lie above its labels. */
  within?: string;
}

/**
 * Reads a data set from disk.
 * @throws AppError DATASET_INVALID with file and line where it is broken, or none of its images is there
 */
export async function readDataset({ format, images, groundTruth, imageSize, within }: DatasetLocation): Promise<DetectionDataset> {
  const folder = await listImages(images);
  const dataset = await read();
  if (dataset.images.length === 0)
    throw datasetInvalid(groundTruth, null, `none of its ${dataset.total} images is in ${images}`, {
      hint: dataset.missing[0] ? `It looked for ${dataset.missing[0]}.` : "The ground truth lists no images.",
    });
  return dataset;

  function read(): Promise<DetectionDataset> {
    switch (format) {
      case "wider":
        return readWiderDataset(folder, groundTruth);
      case "yolo":
        return readYoloDataset(folder, groundTruth, imageSize, within);
      case "coco":
        return readCocoDataset(folder, groundTruth);
      case "voc":
        return readVocDataset(folder, groundTruth);
      default:
        throw new AppError("BAD_INPUT", `There is no data set format "${format satisfies never}"`);
    }
  }
}
