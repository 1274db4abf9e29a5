import { constants } from "node:fs";
import { copyFile, link, mkdir } from "node:fs/promises";
import path from "node:path";

/**
 * By hard link where one file system holds both: a cached file that is removed then lives on for who uses it.
 * @throws where the target is there already
 */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await link(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST" || error.code === "ENOENT") throw error;
    return copyFile(from, to, constants.COPYFILE_EXCL);
  });
}
