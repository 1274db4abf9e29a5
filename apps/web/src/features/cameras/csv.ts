import { type Camera, type CameraFields, cameraInputSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

const columns = ["name", "url", "substreamUrl", "transport", "detectFps", "confidence", "tags", "enabled"] as const;
const MAX_LINES = 10_000;

export interface CsvProblem {
  line: number;
  message: string;
}

/** Spreadsheets run cells that begin like a formula: such text gets a quote in front, which the import takes away. */
const guard = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const unguard = (text: string): string => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);

export function camerasToCsv(cameras: readonly Camera[]): string {
  const rows = cameras.map((camera) => [
    guard(camera.name),
    camera.url,
    camera.substreamUrl ?? "",
    camera.transport,
    camera.detectFps,
    camera.confidence,
    guard(camera.tags.join(";")),
    camera.enabled,
  ]);
  return stringify([[...columns], ...rows], { cast: { boolean: String } });
}

/** Reads a table with at least the columns name and url. Lines that are not valid are reported, the others kept. */
export function camerasFromCsv(text: string): { cameras: { line: number; fields: CameraFields }[]; problems: CsvProblem[] } {
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
      to: MAX_LINES,
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
  const cameras: { line: number; fields: CameraFields }[] = [];
  const problems: CsvProblem[] = [];
  for (const { record, info } of rows) {
    const filled = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ""));
    const result = cameraInputSchema.safeParse({
      ...filled,
      name: unguard(record["name"] ?? ""),
      ...(filled["detectFps"] ? { detectFps: Number(filled["detectFps"]) } : {}),
      ...(filled["confidence"] ? { confidence: Number(filled["confidence"]) } : {}),
      tags: unguard(record["tags"] ?? "")
        .split(";")
        .map((tag) => tag.trim())
        .filter(Boolean),
      ...(filled["enabled"] ? { enabled: !/^(false|0|no|off)$/i.test(filled["enabled"]) } : {}),
    });
    if (result.success) cameras.push({ line: info.lines, fields: result.data });
    else
      problems.push({
        line: info.lines,
        message: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
      });
  }
  return { cameras, problems };
}
