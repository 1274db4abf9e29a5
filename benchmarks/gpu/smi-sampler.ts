import { execFile } from "node:child_process";

/** Watts, percent, MiB, percent: of one GPU at one moment; null where the driver does not say. */
export interface SmiReading {
  powerWatts: number | null;
  gpuPercent: number | null;
  memoryMiB: number | null;
  decoderPercent: number | null;
}
export type SmiSummary = { samples: number } & Record<keyof SmiReading, { mean: number; max: number } | null>;

const FIELDS = ["powerWatts", "gpuPercent", "memoryMiB", "decoderPercent"] as const;
const QUERY = "--query-gpu=power.draw,utilization.gpu,memory.used,utilization.decoder";
const POLL_MS = 500;

/** Reads a line of nvidia-smi; null where it is no such line. */
export function parseSmiReading(line: string): SmiReading | null {
  const cells = line.split(",").map((cell) => cell.trim());
  if (cells.length !== FIELDS.length) return null;
  const [powerWatts, gpuPercent, memoryMiB, decoderPercent] = cells.map((cell) => (/^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null));
  return { powerWatts: powerWatts!, gpuPercent: gpuPercent!, memoryMiB: memoryMiB!, decoderPercent: decoderPercent! };
}

export function summariseReadings(readings: readonly SmiReading[]): SmiSummary {
  const of = (field: keyof SmiReading) => {
    const values = readings.flatMap(({ [field]: value }) => (value === null ? [] : [value]));
    return values.length === 0 ? null : { mean: values.reduce((a, b) => a + b, 0) / values.length, max: Math.max(...values) };
  };
  const [powerWatts, gpuPercent, memoryMiB, decoderPercent] = FIELDS.map(of);
  return {
    samples: readings.length,
    powerWatts: powerWatts!,
    gpuPercent: gpuPercent!,
    memoryMiB: memoryMiB!,
    decoderPercent: decoderPercent!,
  };
}

/** What the first GPU does while `work` runs; no samples where no driver answers. */
export async function whileSampled<T>(work: () => Promise<T>): Promise<{ result: T; gpu: SmiSummary | null }> {
  const readings: SmiReading[] = [];
  const timer = setInterval(() => {
    execFile("nvidia-smi", ["--id=0", QUERY, "--format=csv,noheader,nounits"], { timeout: 2000 }, (error, stdout) => {
      const reading = error ? null : parseSmiReading(stdout.trim());
      if (reading) readings.push(reading);
    });
  }, POLL_MS);
  try {
    const result = await work();
    return { result, gpu: readings.length > 0 ? summariseReadings(readings) : null };
  } finally {
    clearInterval(timer);
  }
}
