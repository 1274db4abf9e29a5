import path from "node:path";
import { listImages } from "@octet/vision/dataset/image-folder";

/**
 * Paths of at most `samples` images below a folder, evenly spread over their sorted names.
 * @throws AppError DATASET_INVALID where the folder is missing or has no images
 */
export async function sampleFolder(images: string, samples: number): Promise<string[]> {
  const { folder, files } = await listImages(images);
  const count = Math.min(samples, files.length);
  return Array.from({ length: count }, (_, at) => path.join(folder, files[Math.floor((at * files.length) / count)]!));
}
