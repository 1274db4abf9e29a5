import type { LocalVersion } from "@octet/precision/workspace/dataset-store";

/** A version of a workspace, with a server's names for what both have. */
export const documentOfVersion = ({ version, layout, manifest, images, labels, origin, createdAt }: LocalVersion) => ({
  version,
  layout,
  manifestSha256: manifest.sha256,
  imageCount: images.length,
  labelCount: labels,
  origin,
  createdAt,
});
