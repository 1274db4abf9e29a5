import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { isRunning } from "@octet/shared/running-process";
import type { z } from "zod";

/** Where a workspace's files are put together before they get their names. */
const TEMPORARY = "tmp";

/** The folder's entries, sorted; none where there is no folder. */
export async function entriesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.sort();
}

/** Null where there is none. @throws AppError INTERNAL where it is damaged or of another version */
export async function readJson<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema> | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (text === null) return null;
  const damaged = (reason: string, cause: unknown) =>
    new AppError("INTERNAL", `${file} cannot be read: ${reason}`, { hint: "It was changed, or another version of Octet wrote it.", cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged("it is not JSON", cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: where, message } = parsed.error.issues[0]!;
  throw damaged(`${where.join(".")}: ${message}`, parsed.error);
}

/** Whole or not at all. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const part = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(part, `${JSON.stringify(value, null, 2)}\n`);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * A folder of this process below the workspace, for the time of `work`. What processes that were interrupted left is removed.
 */
export async function inTemporaryFolder<T>(workspace: string, work: (folder: string) => Promise<T>): Promise<T> {
  const home = path.join(workspace, TEMPORARY);
  for (const name of await entriesOf(home)) {
    const pid = Number.parseInt(name, 10);
    if (!isRunning(pid)) await rm(path.join(home, name), { recursive: true, force: true });
  }
  const folder = path.join(home, `${process.pid}-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gives a finished folder its name. @throws AppError CONFLICT where it is taken */
export async function publishFolder(folder: string, target: string, what: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await rename(folder, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTEMPTY" || error.code === "EEXIST" || error.code === "ENOTDIR")
      throw new AppError("CONFLICT", `There is ${what} already`, { hint: "Choose another name." });
    throw error;
  });
}
