import type { DatasetImage, DatasetManifest } from "./dataset.ts";

/** Manifest of frames that were collected. */
export function collectedManifest(images: readonly DatasetImage[]): DatasetManifest {
  const files = images.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })).sort((a, b) => (a.path < b.path ? -1 : 1));
  return { layout: "images", images: "images", groundTruth: null, files };
}
