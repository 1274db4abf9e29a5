import { realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "@octet/shared/errors";

function pathOf(url: string): string {
  if (url.startsWith("file://")) {
    try {
      return fileURLToPath(url);
    } catch (cause) {
      throw new AppError("CAMERA_URL_INVALID", "This file URL cannot be read as a path", {
        hint: "Write file:NAME, the name of a file in the media folder",
        cause,
      });
    }
  }
  return url.startsWith("file:") ? url.slice(5) : url;
}

function realpathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/**
 * The absolute path of `file:NAME`, with symlinks resolved: nothing above the media folder may be opened.
 * @throws AppError CAMERA_URL_INVALID outside the folder, CAMERA_NOT_FOUND_ON_SERVER where there is no such file
 */
export function resolveMediaFile(url: string, mediaRoot: string): string {
  const name = pathOf(url);
  const outside = () =>
    new AppError("CAMERA_URL_INVALID", "The file lies outside the media folder", {
      hint: "Put the file into the media folder and write file:NAME",
    });
  const root = realpathOrNull(mediaRoot);
  const inside = (path: string) => root !== null && path.startsWith(root.endsWith(sep) ? root : root + sep);
  const missing = () =>
    new AppError("CAMERA_NOT_FOUND_ON_SERVER", `There is no file ${basename(name)} in the media folder`, {
      hint: "Check the name, or copy the file into the media folder",
    });
  if (root === null || name === "") throw missing();
  const requested = isAbsolute(name) ? name : resolve(root, name);
  // Before the file is looked for: whether something exists outside is nobody's business.
  if (!inside(resolve(requested)) && !inside(realpathOrNull(requested) ?? "")) throw outside();
  const real = realpathOrNull(requested) ?? realpathOrNull(safeDecode(requested));
  if (real === null) throw missing();
  if (!inside(real)) throw outside();
  if (!statSync(real).isFile()) throw new AppError("CAMERA_NOT_VIDEO", `${basename(name)} is not a file`, { hint: "Choose a video file" });
  return real;
}

/** A name written with escapes (file:my%20clip.mp4), for files that do not carry a % themselves. */
function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
