import { stat } from "node:fs/promises";
import path from "node:path";
import { cameraUrlSchema, cameraUrlSchemes } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { parseInput } from "../parse-input.ts";
import { isImage } from "./detect-image.ts";

export type Source =
  | { kind: "image"; path: string }
  /** `endless`: it has no end of its own, as far as one can tell. */
  | { kind: "video"; url: string; mediaRoot: string; endless: boolean };

/**
 * What a person means by IMAGE|VIDEO|URL.
 * @throws AppError BAD_INPUT where there is no such file
 */
export async function findSource(text: string, home: string): Promise<Source> {
  // More than one letter before the colon: C:\clip.mp4 is a path.
  const scheme = /^([a-z][a-z0-9+.-]+:)/i.exec(text)?.[1]?.toLowerCase();
  if (scheme && (cameraUrlSchemes as readonly string[]).includes(scheme)) {
    const url = parseInput(cameraUrlSchema, text);
    return { kind: "video", url, mediaRoot: path.join(home, "media"), endless: scheme !== "file:" };
  }
  const absolute = path.resolve(text);
  const info = await stat(absolute).catch(() => null);
  if (!info && scheme && text.includes("://"))
    throw new AppError("BAD_INPUT", `${scheme}// is not supported`, {
      hint: `Give a file, or a URL that begins with ${cameraUrlSchemes.join(" ")}`,
    });
  if (!info)
    throw new AppError("BAD_INPUT", `There is no file ${text}`, { hint: "Give the path of a picture or video, or a camera's URL." });
  if (!info.isFile()) throw new AppError("BAD_INPUT", `${text} is not a file`, { hint: "Give the path of a picture or video." });
  if (info.size === 0) throw new AppError("BAD_INPUT", `${text} is empty (0 bytes)`);
  if (await isImage(absolute)) return { kind: "image", path: absolute };
  return { kind: "video", url: `file:${path.basename(absolute)}`, mediaRoot: path.dirname(absolute), endless: false };
}
