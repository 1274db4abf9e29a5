import { type Camera, type CameraFields, type CameraPatch, cameraInputSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { splitList } from "@octet/shared/split-list";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

const fieldColumns = [
  "name",
  "url",
  "substreamUrl",
  "transport",
  "detectFps",
  "confidence",
  "tags",
  "classes",
  "priority",
  "stillFps",
  "latencyBudgetMs",
  "enabled",
] as const;
const numberColumns = ["detectFps", "confidence", "stillFps", "latencyBudgetMs"] as const;
/** Labels of workers. */
const placementColumns = ["require", "prefer", "exclude"] as const;
const columns = [...fieldColumns, ...placementColumns] as const;
const MAX_LINES = 10_000;

export interface CsvProblem {
  line: number;
  message: string;
}

/** Spreadsheets run cells that begin like a formula: such text gets a quote in front, which the import takes away. */
const guard = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const unguard = (text: string): string => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

export interface CsvCamera {
  line: number;
  /** For a new camera: what the table leaves out has its default. */
  fields: CameraFields;
  /** For a known one: what the table leaves out stays as it is. */
  patch: CameraPatch;
}

export function camerasToCsv(cameras: readonly Camera[]): string {
  const rows = cameras.map((camera) => [
    guard(camera.name),
    camera.url,
    camera.substreamUrl ?? "",
    camera.transport,
    camera.detectFps,
    camera.confidence,
    guard(camera.tags.join(";")),
    guard(camera.classes.join(";")),
    camera.priority,
    camera.stillFps ?? "",
    camera.latencyBudgetMs ?? "",
    camera.enabled,
    ...placementColumns.map((column) => guard(camera.placement[column].join(";"))),
  ]);
  return stringify([[...columns], ...rows], { cast: { boolean: String } });
}

/** Of a cell, separated by semicolons. */
const listOf = (cell = ""): string[] => splitList(unguard(cell), ";");

/** The text itself where it says neither, so that the schema refuses it. */
const toBoolean = (text: string): boolean | string =>
  /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : text;

/** Reads a table with at least the columns name and url. Lines that are not valid are reported, the others kept. */
export function camerasFromCsv(text: string): { cameras: CsvCamera[]; problems: CsvProblem[] } {
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    rows = parse(text, {
      columns: (header: string[]) =>
        header.map((name) => columns.find((column) => column.toLowerCase() === name.trim().toLowerCase()) ?? name.trim()),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
      to: MAX_LINES + 1,
    }) as never;
  } catch (cause) {
    throw new AppError("BAD_INPUT", `This is not a CSV table: ${(cause as Error).message}`, {
      hint: `The first line names the columns: ${columns.join(",")}.`,
      cause,
    });
  }
  if (rows.length > 0 && !("name" in (rows[0]?.record ?? {}) && "url" in (rows[0]?.record ?? {})))
    throw new AppError("BAD_INPUT", "The table has no columns name and url", {
      hint: `The first line names the columns: ${columns.join(",")}.`,
    });
  if (rows.length > MAX_LINES)
    throw new AppError("BAD_INPUT", `The table has more than ${MAX_LINES} lines`, { hint: "Import it in parts." });
  const cameras: CsvCamera[] = [];
  const problems: CsvProblem[] = [];
  for (const { record, info } of rows) {
    const filled = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ""));
    const result = cameraInputSchema.safeParse({
      ...filled,
      name: unguard(record["name"] ?? ""),
      ...Object.fromEntries(numberColumns.flatMap((column) => (filled[column] ? [[column, Number(filled[column])]] : []))),
      ...(filled["priority"] ? { priority: filled["priority"].toLowerCase() } : {}),
      tags: listOf(record["tags"]),
      classes: listOf(record["classes"]),
      placement: Object.fromEntries(placementColumns.map((column) => [column, listOf(record[column])])),
      ...(filled["transport"] ? { transport: filled["transport"].toLowerCase() } : {}),
      ...(filled["enabled"] ? { enabled: toBoolean(filled["enabled"]) } : {}),
    });
    if (result.success) {
      // An empty cell clears tags, classes, labels, the sub-stream, the rate of still scenes and the budget; another number or a switch has no empty state.
      const given = fieldColumns.filter(
        (column) => column in filled || (column in record && /^(tags|classes|substreamUrl|stillFps|latencyBudgetMs)$/.test(column)),
      );
      const patch: CameraPatch = {
        ...Object.fromEntries(given.map((column) => [column, result.data[column]])),
        ...(placementColumns.some((column) => column in record) ? { placement: result.data.placement } : {}),
      };
      cameras.push({ line: info.lines, fields: result.data, patch });
    } else
      problems.push({
        line: info.lines,
        message: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
      });
  }
  return { cameras, problems };
}
