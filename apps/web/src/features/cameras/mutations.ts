import type { Database } from "@octet/db/client";
import type { Camera, CameraFields, CameraPatch } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { type CsvProblem, camerasFromCsv } from "./csv.ts";
import { getCameraRow, publicCamera } from "./data.ts";
import { mergeMaskedUrl } from "./mask.ts";
import { seal, unseal } from "./seal.ts";

const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === "P2002";
const isGone = (error: unknown): boolean => (error as { code?: unknown }).code === "P2025";

function nameTaken(name: string, cause: unknown): AppError {
  return new AppError("CONFLICT", `There is already a camera named "${name}"`, { hint: "Choose another name.", cause });
}

export async function createCamera(db: Database, key: Buffer, fields: CameraFields): Promise<Camera> {
  const { url, substreamUrl, ...rest } = fields;
  const urlSealed = seal(key, mergeMaskedUrl(url));
  const substreamSealed = substreamUrl ? seal(key, mergeMaskedUrl(substreamUrl)) : null;
  try {
    return publicCamera(key, await db.camera.create({ data: { ...rest, urlSealed, substreamSealed } }));
  } catch (error) {
    throw isDuplicate(error) ? nameTaken(fields.name, error) : error;
  }
}

export async function updateCamera(db: Database, key: Buffer, id: string, patch: CameraPatch): Promise<Camera> {
  const before = await getCameraRow(db, id);
  const { url, substreamUrl, ...rest } = patch;
  const main = unseal(key, before.urlSealed);
  const substream = before.substreamSealed && unseal(key, before.substreamSealed);
  const data = {
    ...rest,
    ...(url === undefined ? {} : { urlSealed: seal(key, mergeMaskedUrl(url, main, substream)) }),
    ...(substreamUrl === undefined
      ? {}
      : { substreamSealed: substreamUrl === null ? null : seal(key, mergeMaskedUrl(substreamUrl, substream, main)) }),
  };
  try {
    return publicCamera(key, await db.camera.update({ where: { id }, data }));
  } catch (error) {
    if (isGone(error)) throw new AppError("NOT_FOUND", "The camera was deleted meanwhile", { cause: error });
    throw isDuplicate(error) ? nameTaken(patch.name ?? before.name, error) : error;
  }
}

export async function removeCamera(db: Database, id: string): Promise<void> {
  const { count } = await db.camera.deleteMany({ where: { id } });
  if (count === 0) throw new AppError("NOT_FOUND", "There is no such camera");
}

export interface ImportResult {
  created: number;
  updated: number;
  errors: CsvProblem[];
}

/** Adds cameras with new names and changes those with known ones; what is not valid is reported and left out. */
export async function importCameras(db: Database, key: Buffer, csv: string): Promise<ImportResult> {
  const { cameras, problems } = camerasFromCsv(csv);
  const result: ImportResult = { created: 0, updated: 0, errors: [...problems] };
  for (const { line, fields, patch } of cameras) {
    try {
      const known = await db.camera.findUnique({ where: { name: fields.name }, select: { id: true } });
      if (known) await updateCamera(db, key, known.id, patch);
      else await createCamera(db, key, fields);
      if (known) result.updated++;
      else result.created++;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      result.errors.push({ line, message: error.hint ? `${error.message}. ${error.hint}` : error.message });
    }
  }
  result.errors.sort((a, b) => a.line - b.line);
  return result;
}
