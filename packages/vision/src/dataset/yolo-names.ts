import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { datasetInvalid } from "./dataset.ts";

export interface ClassNames {
  /** Absolute path of the file that says them. */
  file: string;
  names: string[];
}

/** A class name a line. */
const LISTS: readonly string[] = ["classes.txt", "obj.names"];
const YAML = /\.ya?ml$/i;
/** A class number is at most 65535. */
const NUMBER = /^\d{1,5}$/;

/**
 * The names of a YOLO data set's classes: from `classes.txt`, `obj.names` or a YAML file with `names` (`data.yaml`) beside the labels,
 * else from the folder above, else from the one above that.
 * @param within absolute; nothing outside it is looked at
 * @returns null where no such file is there
 * @throws AppError DATASET_INVALID where a file that must be it cannot be read as such
 */
export async function findClassNames(labels: string, within: string = path.parse(labels).root): Promise<ClassNames | null> {
  for (const up of [".", "..", "../.."]) {
    const folder = path.resolve(labels, up);
    if (path.relative(within, folder).startsWith("..")) return null;
    const files = (await readdir(folder).catch(() => [])).sort();
    for (const name of LISTS) {
      const names = files.includes(name) ? lines(await readFile(path.join(folder, name), "utf8")) : [];
      if (names.length > 0) return { file: path.join(folder, name), names };
    }
    for (const name of files.filter((each) => YAML.test(each))) {
      const file = path.join(folder, name);
      const names = namesIn(await readFile(file, "utf8"), file);
      if (names) return { file, names };
    }
  }
  return null;
}

const lines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

/**
 * Of Ultralytics' data set file: in their order, or by class number. Its other keys say where images are, which is asked for elsewhere.
 * @returns null where it is about something else
 */
function namesIn(text: string, file: string): string[] | null {
  if (!/\bnames\b/.test(text)) return null;
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw datasetInvalid(file, null, `it is no YAML: ${(cause as Error).message}`, { cause });
  }
  if (typeof content !== "object" || content === null || !("names" in content)) return null;
  const entries = Object.entries(content.names ?? {});
  const given = entries.every(([number, name]) => NUMBER.test(number) && ["string", "number", "boolean"].includes(typeof name));
  if (typeof content.names !== "object" || entries.length === 0 || !given)
    throw datasetInvalid(file, null, "its names are neither a list nor names by class number");
  const names = new Map(entries.map(([number, name]) => [Number(number), String(name)]));
  return Array.from({ length: Math.max(...names.keys()) + 1 }, (_, index) => names.get(index) ?? `class ${index}`);
}
