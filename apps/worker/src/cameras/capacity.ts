import type { CameraStatus } from "@octet/shared/domain/camera";
import type { Capacity } from "@octet/shared/domain/placement";

export interface CapacityReading {
  inferredPerSecond: number;
  /** Share of the sessions' time in use, 0–1. */
  inferBusy: number;
  /** Frames of all cameras together. */
  decodedPerSecond: number;
  /** Share of the GPUs' decoders in use, 0–1; null where none is there or nobody can say. */
  decoderBusy: number | null;
  cameras: readonly Pick<CameraStatus, "state" | "stream" | "latency">[];
}

/** Below it a second's reading says more of the clock than of the sessions, or decoders. */
const LEAST_BUSY = 0.05;
/** Readings that are averaged at first; later the newest has this share, so that a minute ago still counts for a third. */
const READINGS = 60;

/**
 * What this host could do at most, by what it does: inferred frames by the sessions' idle time, decoded pixels by what one took
 * on a core, or by the idle time of the GPUs' decoders. Jobs beside the cameras slow both, and so lower them.
 */
export class CapacityMeter {
  private readonly host: { cores: number; memoryBytes: number; infersOnCpu: boolean };
  private readonly detections = new Average();
  private readonly pixels = new Average();

  constructor(host: { cores: number; memoryBytes: number; infersOnCpu: boolean }) {
    this.host = host;
  }

  /** To be called once a second. */
  read({ inferredPerSecond, inferBusy, decodedPerSecond, decoderBusy, cameras }: CapacityReading): Capacity {
    if (inferBusy > LEAST_BUSY && inferredPerSecond > 0) this.detections.add(inferredPerSecond / Math.min(1, inferBusy));
    const online = cameras.flatMap(({ state, stream, latency }) => (state === "online" && stream ? [{ stream, latency }] : []));
    const software = online.filter(({ stream }) => stream.decoder === "software");
    const costs = software.flatMap(({ stream, latency }) =>
      latency.decode && latency.decode.p50 > 0 ? [latency.decode.p50 / (stream.width * stream.height)] : [],
    );
    if (costs.length > 0) this.pixels.add((this.host.cores * 1000) / mean(costs));
    // A frame that waits for its turn on a GPU's decoder takes longer than its decoding: the decoders' own share is what counts.
    else if (online.length > 0 && decoderBusy !== null && decoderBusy > LEAST_BUSY && decodedPerSecond > 0)
      this.pixels.add((decodedPerSecond * mean(online.map(({ stream }) => stream.width * stream.height))) / Math.min(1, decoderBusy));
    const decodesOnCpu = cameras.length === 0 || software.length > 0;
    return {
      detectionsPerSecond: this.detections.value,
      pixelsPerSecond: this.pixels.value,
      memoryBytes: this.host.memoryBytes,
      sharedCores: this.host.infersOnCpu && decodesOnCpu,
    };
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The first readings, of cold caches and code, must not count for more than those that follow. */
class Average {
  value: number | null = null;
  private readings = 0;

  add(reading: number): void {
    this.readings = Math.min(READINGS, this.readings + 1);
    this.value = this.value === null ? reading : this.value + (reading - this.value) / this.readings;
  }
}
