import { followSmi, type SmiRow } from "@octet/inference/nvidia-smi";

const FIELDS = ["powerWatts", "utilizationPercent", "memoryUsedBytes", "decoderPercent"] as const;
type Field = (typeof FIELDS)[number];
const POLL_MS = 1000;

export type SmiSummary = { samples: number } & Record<Field, { mean: number; max: number } | null>;

/** Means and maxima of what the driver told. */
export function summariseReadings(readings: readonly SmiRow<Field>[]): SmiSummary {
  const of = (field: Field) => {
    const values = readings.flatMap(({ [field]: value }) => (value === null ? [] : [value]));
    return values.length === 0 ? null : { mean: values.reduce((a, b) => a + b, 0) / values.length, max: Math.max(...values) };
  };
  return {
    samples: readings.length,
    powerWatts: of("powerWatts"),
    utilizationPercent: of("utilizationPercent"),
    memoryUsedBytes: of("memoryUsedBytes"),
    decoderPercent: of("decoderPercent"),
  };
}

/** What the first GPU does while `work` runs; null where no driver answers. */
export async function whileSampled<T>(work: () => Promise<T>): Promise<{ result: T; gpu: SmiSummary | null }> {
  const readings: SmiRow<Field>[] = [];
  const smi = followSmi([...FIELDS, "index"], {
    everyMs: POLL_MS,
    onRow: (row) => {
      if (!row.index) readings.push(row);
    },
  });
  try {
    const result = await work();
    return { result, gpu: readings.length > 0 ? summariseReadings(readings) : null };
  } finally {
    await smi.stop();
  }
}
