import { followSmi, type SmiRow } from "@octet/inference/nvidia-smi";
import type { GpuLoad } from "@octet/shared/domain/worker";
import type { Logger } from "pino";

const FIELDS = [
  "index",
  "name",
  "utilizationPercent",
  "memoryUsedBytes",
  "memoryTotalBytes",
  "powerWatts",
  "temperatureCelsius",
  "decoderPercent",
  "encoderPercent",
] as const;
const EVERY_MS = 2000;
/** What is older is not shown. */
const STALE_MS = 10_000;
const RESTART_MS = 5000;

export interface GpuSamplerOptions {
  logger: Logger;
  command?: string;
  everyMs?: number;
  restartMs?: number;
  /** Monotonic ms. */
  now?: () => number;
}

/**
 * What this host's NVIDIA GPUs do, from one nvidia-smi that goes on. It is started again where it dies; where there is none,
 * there is nothing to see, and it is not looked for again.
 */
export class GpuSampler {
  private readonly options: Required<GpuSamplerOptions>;
  private readonly latest = new Map<number, { gpu: GpuLoad; at: number }>();
  private smi: { stop(): Promise<void> } | null = null;
  private restart: NodeJS.Timeout | null = null;
  private closed = false;

  private constructor(options: GpuSamplerOptions) {
    this.options = { command: "nvidia-smi", everyMs: EVERY_MS, restartMs: RESTART_MS, now: () => performance.now(), ...options };
  }

  static start(options: GpuSamplerOptions): GpuSampler {
    const sampler = new GpuSampler(options);
    sampler.run();
    return sampler;
  }

  /** By index; none where there is no driver or it has fallen silent. */
  gpus(): GpuLoad[] {
    const since = this.options.now() - Math.max(STALE_MS, this.options.everyMs * 5);
    return [...this.latest.values()]
      .filter(({ at }) => at >= since)
      .map(({ gpu }) => gpu)
      .sort((a, b) => a.index - b.index);
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.restart) clearTimeout(this.restart);
    await this.smi?.stop();
  }

  private run(): void {
    const { command, everyMs, restartMs, now, logger } = this.options;
    this.smi = followSmi(FIELDS, {
      everyMs,
      command,
      onRow: (row) => {
        const gpu = gpuLoad(row);
        if (gpu) this.latest.set(gpu.index, { gpu, at: now() });
      },
      onEnd: ({ code, error }) => {
        if (error && error.code !== "ENOENT") logger.warn({ error: error.message }, "nvidia-smi cannot be run: GPUs are not watched");
        // Without a driver it says so and ends: nothing was ever seen, and nothing will be until the worker starts anew.
        if (this.closed || this.latest.size === 0) return;
        logger.warn({ code }, "nvidia-smi ended; starting it again");
        this.restart = setTimeout(() => this.run(), restartMs);
        this.restart.unref();
      },
    });
  }
}

function gpuLoad(row: SmiRow<(typeof FIELDS)[number]>): GpuLoad | null {
  return row.index !== null && row.name !== null ? { ...row, index: row.index, name: row.name } : null;
}
