import path from "node:path";
import type { DatasetManifest } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";

/** Tells of a file of a data set that is laid out in `folder` its name and hash in the manifest. */
export function imageLookup({ files }: DatasetManifest, folder: string): (file: string) => { path: string; sha256: string } {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return (file) => {
    const inside = path.relative(folder, file).split(path.sep).join("/");
    const known = byPath.get(inside);
    if (!known) throw new AppError("INTERNAL", `${inside} is not in the manifest`);
    return { path: inside, sha256: known.sha256 };
  };
}
