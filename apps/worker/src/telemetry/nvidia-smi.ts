import type { GpuLoad } from "@octet/shared/domain/worker";

const FIELDS = [
  "index",
  "name",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "power.draw",
  "temperature.gpu",
  "utilization.decoder",
  "utilization.encoder",
] as const;

/** Arguments of nvidia-smi: a line for each GPU, every so many milliseconds. */
export const smiArguments = (everyMs: number): string[] => [
  `--query-gpu=${FIELDS.join(",")}`,
  "--format=csv,noheader,nounits",
  `--loop-ms=${everyMs}`,
];

/** "[N/A]", "[Not Supported]", "[Unknown Error]" and the like: null. */
function numberOf(cell: string | undefined): number | null {
  if (cell === undefined || cell === "") return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

/** One line of nvidia-smi's CSV (memory in MiB, power in W); null where it is something else. */
export function parseGpuLine(text: string): GpuLoad | null {
  const cells = text.split(",").map((cell) => cell.trim());
  if (cells.length !== FIELDS.length) return null;
  const [index, name, utilization, used, total, power, temperature, decoder, encoder] = cells;
  if (!name || !/^\d+$/.test(index ?? "")) return null;
  const mebibytes = (cell: string | undefined): number | null => {
    const value = numberOf(cell);
    return value === null ? null : value * 2 ** 20;
  };
  return {
    index: Number(index),
    name,
    utilizationPercent: numberOf(utilization),
    memoryUsedBytes: mebibytes(used),
    memoryTotalBytes: mebibytes(total),
    powerWatts: numberOf(power),
    temperatureCelsius: numberOf(temperature),
    decoderPercent: numberOf(decoder),
    encoderPercent: numberOf(encoder),
  };
}
