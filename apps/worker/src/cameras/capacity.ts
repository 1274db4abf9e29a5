import type { CameraStatus } from "@octet/shared/domain/camera";
import type { Capacity } from "@octet/shared/domain/placement";

export interface CapacityReading {
  inferredPerSecond: number;
  /** Share of the sessions' time in use, 0–1. */
  inferBusy: number;
  cameras: readonly Pick<CameraStatus, "state" | "stream" | "latency">[];
}

/** Below it a second's reading says more of the clock than of the sessions. */
const LEAST_BUSY = 0.05;
/** Weight of the newest reading: what was measured a minute ago still counts for a third. */
const NEWEST = 1 / 60;

/**
 * What this host could do at most, by what it does: inferred frames by the sessions' idle time, decoded pixels by what one took
 * on a core. Jobs beside the cameras slow both, and so lower them.
 */
export class CapacityMeter {
  private readonly host: { cores: number; memoryBytes: number; infersOnCpu: boolean };
  private detectionsPerSecond: number | null = null;
  private pixelsPerSecond: number | null = null;

  constructor(host: { cores: number; memoryBytes: number; infersOnCpu: boolean }) {
    this.host = host;
  }

  /** To be called once a second. */
  read({ inferredPerSecond, inferBusy, cameras }: CapacityReading): Capacity {
    if (inferBusy > LEAST_BUSY && inferredPerSecond > 0)
      this.detectionsPerSecond = smoothed(this.detectionsPerSecond, inferredPerSecond / Math.min(1, inferBusy));
    const software = cameras.filter(({ state, stream }) => state === "online" && stream?.decoder === "software");
    const costs = software.flatMap(({ stream, latency }) =>
      stream && latency.decode && latency.decode.p50 > 0 ? [latency.decode.p50 / (stream.width * stream.height)] : [],
    );
    if (costs.length > 0) {
      const msPerPixel = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
      this.pixelsPerSecond = smoothed(this.pixelsPerSecond, (this.host.cores * 1000) / msPerPixel);
    }
    const decodesOnCpu = cameras.length === 0 || software.length > 0;
    return {
      detectionsPerSecond: this.detectionsPerSecond,
      pixelsPerSecond: this.pixelsPerSecond,
      memoryBytes: this.host.memoryBytes,
      sharedCores: this.host.infersOnCpu && decodesOnCpu,
    };
  }
}

const smoothed = (before: number | null, now: number): number => (before === null ? now : before + (now - before) * NEWEST);
