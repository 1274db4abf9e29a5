import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import type { Model } from "../ir/model.ts";
import type { DecodeLimits } from "./decode-limits.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { externalDataIn, isInside } from "./external-data.ts";
import { invalid } from "./model-error.ts";

/** Offsets of external tensors, so that a runtime can map them into memory (ONNX: ExternalData.md). */
const PAGE = 4096;
const MAX_BYTES = 2 ** 31 - 1;

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED */
export async function readModelFile(file: string, options: { limits?: Partial<DecodeLimits> } = {}): Promise<Model> {
  const bytes = await readBytes(file);
  const external = externalDataIn(path.dirname(file));
  try {
    return decodeModel(bytes, { ...options, externalData: external.read });
  } finally {
    external.close();
  }
}

export interface WriteOptions {
  /** Tensors of at least `thresholdBytes` go into `file`, beside the model: needed over 2 GB. */
  externalData?: { file: string; thresholdBytes: number };
}

/** Writes beside the target and renames, so that no reader sees half a model. @throws AppError as `encodeModel` */
export async function writeModelFile(model: Model, file: string, { externalData }: WriteOptions = {}): Promise<void> {
  const folder = path.dirname(file);
  const parts: Uint8Array[] = [];
  let end = 0;
  if (externalData && !(isInside(externalData.file) && path.basename(externalData.file) === externalData.file))
    throw new AppError("BAD_INPUT", `"${externalData.file}" is no name of a file beside the model`, { hint: "Give a plain name." });
  const bytes = encodeModel(model, {
    ...(externalData && {
      place: (_tensor, data) => {
        if (data.byteLength < externalData.thresholdBytes) return null;
        const offset = Math.ceil(end / PAGE) * PAGE;
        if (offset > end) parts.push(new Uint8Array(offset - end));
        parts.push(data);
        end = offset + data.byteLength;
        return { location: externalData.file, offset };
      },
    }),
  });
  if (externalData && parts.length > 0) await writeAll(path.join(folder, externalData.file), parts);
  await writeAll(file, [bytes]);
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw invalid(`${file} has ${size} bytes; an ONNX file holds at most ${MAX_BYTES}`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new AppError("MODEL_NOT_FOUND", `There is no model at ${file}`, { hint: "Check the path.", cause: error });
    throw invalid(`${file} cannot be read: ${message}`, "Check the path and the file's permissions.", error);
  }
}

async function writeAll(file: string, parts: readonly Uint8Array[]): Promise<void> {
  const unfinished = `${file}.${process.pid}.part`;
  let handle: FileHandle | undefined;
  try {
    handle = await open(unfinished, "w");
    for (const part of parts) for (let at = 0; at < part.byteLength; ) at += (await handle.write(part, at)).bytesWritten;
    await handle.close();
    handle = undefined;
    await rename(unfinished, file);
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(unfinished, { force: true });
    throw error;
  }
}
