import { readFileSync } from "node:fs";
import { cpus, hostname } from "node:os";
import { findGpus } from "@octet/inference/gpus";
import { followSmi, type SmiRow } from "@octet/inference/nvidia-smi";
import type { Provider } from "@octet/inference/session-messages";
import type { BenchmarkResult } from "@octet/shared/domain/profile";
import { usableCores } from "@octet/shared/host-limits";

export async function describeHost(): Promise<BenchmarkResult["host"]> {
  const [gpu] = await findGpus();
  return { hostname: hostname(), cpu: cpus()[0]?.model.trim() ?? "unknown", cores: usableCores(), gpu: gpu?.name ?? null };
}

/** The most memory that this process had at one time, bytes. */
export function peakMemoryBytes(): number {
  try {
    // Linux's getrusage may give what the parent had before exec; the high-water mark of the address space cannot.
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

export type GpuFigures = Pick<BenchmarkResult, "powerWatts" | "utilisationPercent" | "peakGpuMemoryBytes">;

const POLL_MS = 1000;
const FIELDS = ["index", "powerWatts", "utilizationPercent", "memoryUsedBytes"] as const;

/** What the first GPU draws, how busy it is (means) and what is in use of its memory (most) while something runs; nulls without one. */
export class GpuMeter {
  /** So far. */
  readonly readings: SmiRow<(typeof FIELDS)[number]>[] = [];
  private readonly smi: { stop(): Promise<void> } | null = null;

  /** @param command nvidia-smi's */
  constructor(provider: Provider, command?: string) {
    if (provider !== "cuda" && provider !== "tensorrt") return;
    this.smi = followSmi(FIELDS, {
      everyMs: POLL_MS,
      ...(command ? { command } : {}),
      onRow: (row) => {
        if (!row.index) this.readings.push(row);
      },
    });
  }

  async stop(): Promise<GpuFigures> {
    await this.smi?.stop();
    const [watts, percent, memory] = [this.known("powerWatts"), this.known("utilizationPercent"), this.known("memoryUsedBytes")];
    return {
      powerWatts: mean(watts),
      utilisationPercent: mean(percent),
      peakGpuMemoryBytes: memory.length > 0 ? Math.max(...memory) : null,
    };
  }

  private known(field: (typeof FIELDS)[number]): number[] {
    return this.readings.flatMap(({ [field]: value }) => value ?? []);
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
