import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { AppError } from "@octet/shared/errors";

const EXPORT_HINT = "Octet runs ONNX files (.onnx). Export the model to ONNX, or download the file again.";

/** What a file that is no ONNX model turns out to be, from its first bytes; null where nothing speaks against it. */
export function notOnnxReason(head: Uint8Array): { reason: string; hint: string } | null {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("version https://git-lfs"))
    return { reason: "it is a Git LFS pointer, not the model itself", hint: "Fetch the model with `git lfs pull`." };
  if (text.startsWith("PK\x03\x04"))
    return { reason: "it is a ZIP archive or a PyTorch checkpoint", hint: "Unpack it, or export the model to ONNX." };
  if (text.startsWith("\x80\x02") || text.startsWith("\x80\x04")) return { reason: "it is a Python pickle", hint: EXPORT_HINT };
  if (text.slice(4, 8) === "TFL3") return { reason: "it is a TensorFlow Lite model", hint: EXPORT_HINT };
  if (text.startsWith("\xff\xd8\xff") || text.startsWith("\x89PNG"))
    return { reason: "it is an image", hint: "The model comes first, then the image." };
  if (/^\s*<(!doctype|html|\?xml)/i.test(text))
    return { reason: "it is a web page", hint: "The download gave a page instead of the file. Download it again." };
  if (head.length > 0 && /^[\t\r\n\x20-\x7e]+$/.test(text)) return { reason: "it is a text file", hint: EXPORT_HINT };
  return null;
}

/**
 * Size in bytes and sha256 (hex) of a model file.
 * @throws AppError MODEL_NOT_FOUND where there is no such file, MODEL_INVALID where it plainly is no ONNX model
 */
export async function checkModelFile(path: string): Promise<{ size: number; sha256: string }> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" || error.code === "ENOTDIR" ? "there is no such file" : error.message;
    throw new AppError("MODEL_NOT_FOUND", `Cannot read the model ${path}: ${why}`, {
      hint: "Give the path of an .onnx file.",
      cause: error,
    });
  });
  if (!info.isFile()) throw new AppError("MODEL_INVALID", `${path} is not a file`, { hint: "Give the path of an .onnx file." });
  if (info.size === 0) throw new AppError("MODEL_INVALID", `${path} is empty (0 bytes)`, { hint: EXPORT_HINT });
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(512), 0, 512, 0);
    const refused = notOnnxReason(buffer.subarray(0, bytesRead));
    if (refused) throw new AppError("MODEL_INVALID", `${path} is not an ONNX model: ${refused.reason}`, { hint: refused.hint });
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return { size: info.size, sha256: hash.digest("hex") };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("MODEL_NOT_FOUND", `Cannot read the model ${path}: ${AppError.from(error).message}`, { cause: error });
  }
}
