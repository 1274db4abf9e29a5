import type { Database, Transaction } from "@octet/db/client";
import { type AuditChanges, changesBetween } from "@octet/shared/domain/audit-changes";
import { type Camera, type CameraFields, type CameraPatch, cameraPatchSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";
import { type CsvProblem, camerasFromCsv } from "./csv.ts";
import { type CameraRow, getCameraRow, publicCamera } from "./data.ts";
import { mergeMaskedUrl } from "./mask.ts";
import { seal, unseal } from "./seal.ts";

const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === "P2002";
const isGone = (error: unknown): boolean => (error as { code?: unknown }).code === "P2025";

function nameTaken(name: string, cause: unknown): AppError {
  return new AppError("CONFLICT", `There is already a camera named "${name}"`, { hint: "Choose another name.", cause });
}

/** A write that may find the name taken, or the camera gone. */
async function named<T>(name: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isGone(error)) throw new AppError("NOT_FOUND", "The camera was deleted meanwhile", { cause: error });
    throw isDuplicate(error) ? nameTaken(name, error) : error;
  }
}

async function insertCamera(db: Database | Transaction, key: Buffer, fields: CameraFields): Promise<Camera> {
  const { url, substreamUrl, ...rest } = fields;
  const urlSealed = seal(key, mergeMaskedUrl(url));
  const substreamSealed = substreamUrl ? seal(key, mergeMaskedUrl(substreamUrl)) : null;
  return publicCamera(key, await db.camera.create({ data: { ...rest, urlSealed, substreamSealed } }));
}

export function createCamera(db: Database, key: Buffer, fields: CameraFields, who: string): Promise<Camera> {
  const write = db.$transaction(async (tx) => {
    const camera = await insertCamera(tx, key, fields);
    await audit(tx, who, "camera.create", camera.id, { name: camera.name, url: camera.url });
    return camera;
  });
  return named(fields.name, write);
}

/** A masked address that comes back is written in another way, such as with its password percent-encoded. */
const sameAddress = (a: string | null, b: string | null): boolean =>
  a === b || (a !== null && b !== null && URL.canParse(a) && URL.canParse(b) && new URL(a).href === new URL(b).href);

const settings = (Object.keys(cameraPatchSchema.shape) as (keyof CameraPatch)[]).filter((field) => !/url$/i.test(field));

/** What was changed, as it may leave the server: a new password shows as an address that reads as before. */
async function changeCamera(
  db: Database | Transaction,
  key: Buffer,
  row: CameraRow,
  patch: CameraPatch,
): Promise<{ camera: Camera; changes: AuditChanges }> {
  const { url, substreamUrl, ...rest } = patch;
  const main = unseal(key, row.urlSealed);
  const substream = row.substreamSealed && unseal(key, row.substreamSealed);
  const next = url === undefined ? main : mergeMaskedUrl(url, main, substream);
  const nextSubstream = substreamUrl ? mergeMaskedUrl(substreamUrl, substream, main) : substreamUrl === null ? null : substream;
  const data = {
    ...rest,
    ...(url === undefined || next === null ? {} : { urlSealed: seal(key, next) }),
    ...(substreamUrl === undefined ? {} : { substreamSealed: nextSubstream === null ? null : seal(key, nextSubstream) }),
  };
  const before = publicCamera(key, row);
  const camera = publicCamera(key, await db.camera.update({ where: { id: row.id }, data }));
  return {
    camera,
    changes: [
      ...changesBetween(before, camera, settings),
      ...(sameAddress(main, next) ? [] : [{ field: "url", before: before.url, after: camera.url }]),
      ...(sameAddress(substream, nextSubstream)
        ? []
        : [{ field: "substreamUrl", before: before.substreamUrl, after: camera.substreamUrl }]),
    ],
  };
}

export async function updateCamera(db: Database, key: Buffer, id: string, patch: CameraPatch, who: string): Promise<Camera> {
  const before = await getCameraRow(db, id);
  const write = db.$transaction(async (tx) => {
    const { camera, changes } = await changeCamera(tx, key, before, patch);
    if (changes.length > 0) await audit(tx, who, "camera.update", id, { name: before.name, changes });
    return camera;
  });
  return named(patch.name ?? before.name, write);
}

export function removeCamera(db: Database, id: string, who: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const camera = await tx.camera.findUnique({ where: { id }, select: { name: true } });
    const { count } = await tx.camera.deleteMany({ where: { id } });
    if (!camera || count === 0) throw notFound("camera");
    await audit(tx, who, "camera.remove", id, camera);
  });
}

export interface ImportResult {
  created: number;
  updated: number;
  errors: CsvProblem[];
}

/** Cameras whose names the log keeps of one import. */
const NAMED = 20;

/** Adds cameras with new names and changes those with known ones; what is not valid is reported and left out. */
export async function importCameras(db: Database, key: Buffer, csv: string, who: string): Promise<ImportResult> {
  const { cameras, problems } = camerasFromCsv(csv);
  const result: ImportResult = { created: 0, updated: 0, errors: [...problems] };
  const [added, changed]: [string[], string[]] = [[], []];
  const rows = await db.camera.findMany({ where: { name: { in: cameras.map(({ fields }) => fields.name) } } });
  const there = new Map(rows.map((row) => [row.name, row]));
  const written = new Set<string>();
  try {
    for (const { line, fields, patch } of cameras) {
      const { name } = fields;
      try {
        // A table may have a name twice: the second line changes what the first one made.
        const known = written.has(name) ? await db.camera.findUnique({ where: { name } }) : there.get(name);
        written.add(name);
        if (known) {
          const { changes } = await named(name, changeCamera(db, key, known, patch));
          if (changes.length > 0) changed.push(name);
          result.updated++;
        } else {
          await named(name, insertCamera(db, key, fields));
          added.push(name);
          result.created++;
        }
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        result.errors.push({ line, message: error.hint ? `${error.message}. ${error.hint}` : error.message });
      }
    }
  } finally {
    // One entry for all, also where it stops halfway: what came before that stays.
    const names = [...added, ...changed];
    if (names.length > 0)
      await audit(db, who, "camera.import", "cameras", {
        ...{ added: added.length, changed: changed.length },
        names: names.slice(0, NAMED),
      });
  }
  result.errors.sort((a, b) => a.line - b.line);
  return result;
}
