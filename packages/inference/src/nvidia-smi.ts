import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const TIMEOUT_MS = 3000;
const STOP_MS = 1000;

/** "[N/A]", "[Not Supported]", "[Unknown Error]" and the like: null. */
const text = (cell: string): string | null => (cell === "" || cell.startsWith("[") ? null : cell);
const number = (cell: string): number | null => (cell !== "" && Number.isFinite(Number(cell)) ? Number(cell) : null);
const whole = (cell: string): number | null => (/^\d+$/.test(cell) ? Number(cell) : null);
const mebibytes = (cell: string): number | null => {
  const value = number(cell);
  return value === null ? null : value * 2 ** 20;
};

/** What can be asked: nvidia-smi's name of it, and how its cell reads. */
const FIELDS = {
  index: { property: "index", read: whole },
  name: { property: "name", read: text },
  uuid: { property: "uuid", read: text },
  driver: { property: "driver_version", read: text },
  computeCapability: { property: "compute_cap", read: text },
  memoryTotalBytes: { property: "memory.total", read: mebibytes },
  memoryUsedBytes: { property: "memory.used", read: mebibytes },
  powerWatts: { property: "power.draw", read: number },
  temperatureCelsius: { property: "temperature.gpu", read: number },
  utilizationPercent: { property: "utilization.gpu", read: number },
  decoderPercent: { property: "utilization.decoder", read: number },
  encoderPercent: { property: "utilization.encoder", read: number },
} as const;

export type SmiField = keyof typeof FIELDS;
/** One GPU; null where the driver does not tell. */
export type SmiRow<F extends SmiField> = { [K in F]: ReturnType<(typeof FIELDS)[K]["read"]> };

/** Arguments of nvidia-smi: a line of CSV for each GPU. @param loopMs again every so often, until it is ended */
export function smiArguments(fields: readonly SmiField[], { loopMs }: { loopMs?: number } = {}): string[] {
  const query = `--query-gpu=${fields.map((field) => FIELDS[field].property).join(",")}`;
  return [query, "--format=csv,noheader,nounits", ...(loopMs === undefined ? [] : [`--loop-ms=${loopMs}`])];
}

/** A line that answers `smiArguments(fields)`; null where it is something else. */
export function parseSmiLine<F extends SmiField>(line: string, fields: readonly F[]): SmiRow<F> | null {
  const cells = line.split(",").map((cell) => cell.trim());
  if (line.trim() === "" || cells.length !== fields.length) return null;
  return Object.fromEntries(fields.map((field, at) => [field, FIELDS[field].read(cells[at]!)])) as SmiRow<F>;
}

/** Asks nvidia-smi once, about each GPU. None where there is no driver, or where it refuses or does not answer within 3 s. */
export function querySmi<F extends SmiField>(fields: readonly F[], command = "nvidia-smi"): Promise<SmiRow<F>[]> {
  return new Promise((resolve) => {
    execFile(command, smiArguments(fields), { timeout: TIMEOUT_MS }, (error, stdout) =>
      resolve(error ? [] : stdout.split("\n").flatMap((line) => parseSmiLine(line, fields) ?? [])),
    );
  });
}

export interface FollowOptions<F extends SmiField> {
  everyMs: number;
  command?: string;
  onRow(row: SmiRow<F>): void;
  /** It has ended by itself, or could not be started (`error`). */
  onEnd?(end: { code: number | null; error: NodeJS.ErrnoException | null }): void;
}

/**
 * Asks about each GPU again and again, by one nvidia-smi that goes on: starting one opens the driver, which costs more than asking,
 * and what waits for a GPU meanwhile may wait for that.
 */
export function followSmi<F extends SmiField>(
  fields: readonly F[],
  { everyMs, command = "nvidia-smi", onRow, onEnd }: FollowOptions<F>,
): { stop(): Promise<void> } {
  const child = spawn(command, smiArguments(fields, { loopMs: everyMs }), { stdio: ["ignore", "pipe", "ignore"] });
  let stopped = false;
  let error: NodeJS.ErrnoException | null = null;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const row = parseSmiLine(line, fields);
    if (row && !stopped) onRow(row);
  });
  child.once("error", (cause) => {
    error = cause;
  });
  const ended = new Promise<void>((resolve) =>
    child.once("close", (code) => {
      if (!stopped) onEnd?.({ code, error });
      resolve();
    }),
  );
  return {
    stop: async () => {
      stopped = true;
      // One that could not be started has no pid, and Node would send the signal to whatever stood in that memory before: 0 is
      // this process's whole group.
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
