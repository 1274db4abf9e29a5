/** A frame that waits for inference. */
export interface Waiting<T> {
  cameraId: string;
  /** Clock ms at which this frame was offered. */
  offeredAt: number;
  /** Clock ms since which its camera has waited unserved: newer frames of a camera keep its place. */
  waitingSince: number;
  frame: T;
}

/**
 * Which frames are inferred next. One slot a camera: a newer frame replaces an older one that was not yet taken
 * (stale frames are of no use to anyone), so that at most one frame a camera waits and latency cannot grow.
 * Cameras are served in the order in which they began to wait, so that none starves under overload, however
 * often another one offers. Pure: the clock is handed in.
 */
export class Scheduler<T> {
  private readonly slots = new Map<string, Waiting<T>>();

  /** Frames that wait now. */
  get size(): number {
    return this.slots.size;
  }

  /** Puts a camera's newest frame up for inference. Returns the stale one it replaced, or null. */
  offer(cameraId: string, frame: T, now: number): T | null {
    const stale = this.slots.get(cameraId);
    // Replacing a map entry keeps its position: insertion order is waiting order.
    this.slots.set(cameraId, { cameraId, offeredAt: now, waitingSince: stale?.waitingSince ?? now, frame });
    return stale?.frame ?? null;
  }

  /** Takes up to `max` frames, each of another camera, longest waiting first. */
  take(max: number): Waiting<T>[] {
    const batch: Waiting<T>[] = [];
    for (const waiting of this.slots.values()) {
      if (batch.length >= max) break;
      batch.push(waiting);
    }
    for (const { cameraId } of batch) this.slots.delete(cameraId);
    return batch;
  }

  /** Forgets a camera. Returns the frame that waited, or null. */
  remove(cameraId: string): T | null {
    const waiting = this.slots.get(cameraId);
    this.slots.delete(cameraId);
    return waiting?.frame ?? null;
  }
}

/**
 * Size of the next batch: what waits, spread over the sessions that are idle, within the model's and the
 * provider's limit. On a CPU a batch costs as much as its frames one by one, so idle sessions come first.
 */
export function batchSize(waiting: number, idleSessions: number, maxBatch: number): number {
  if (waiting === 0 || idleSessions <= 0) return 0;
  return Math.max(1, Math.min(maxBatch, Math.ceil(waiting / idleSessions)));
}
