import { readFileSync } from "node:fs";
import { availableParallelism, cpus, hostname } from "node:os";
import { findGpus } from "@octet/inference/gpus";
import { followSmi } from "@octet/inference/nvidia-smi";
import type { Provider } from "@octet/inference/session-messages";
import type { BenchmarkResult } from "@octet/shared/domain/profile";

export async function describeHost(): Promise<BenchmarkResult["host"]> {
  const [gpu] = await findGpus();
  return { hostname: hostname(), cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism(), gpu: gpu?.name ?? null };
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

export interface GpuReading {
  powerWatts: number | null;
  utilisationPercent: number | null;
}

const POLL_MS = 1000;

/** Means of what the first GPU draws and how busy it is while something runs; nulls without one, or where it does not compute. */
export class GpuMeter {
  private readonly readings: GpuReading[] = [];
  private readonly smi: { stop(): Promise<void> } | null = null;

  constructor(provider: Provider) {
    if (provider !== "cuda" && provider !== "tensorrt") return;
    this.smi = followSmi(["index", "powerWatts", "utilizationPercent"], {
      everyMs: POLL_MS,
      onRow: ({ index, powerWatts, utilizationPercent }) => {
        if (!index) this.readings.push({ powerWatts, utilisationPercent: utilizationPercent });
      },
    });
  }

  async stop(): Promise<GpuReading> {
    await this.smi?.stop();
    return { powerWatts: this.mean("powerWatts"), utilisationPercent: this.mean("utilisationPercent") };
  }

  private mean(key: keyof GpuReading): number | null {
    const values = this.readings.flatMap(({ [key]: value }) => (value === null ? [] : [value]));
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  }
}
