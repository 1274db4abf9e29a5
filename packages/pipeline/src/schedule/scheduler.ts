/** A frame that is offered for inference. Times are ms of one steady clock. */
export interface Offer<G, T> {
  cameraId: string;
  /** Whose sessions run it: frames of one group go into one batch. */
  group: G;
  frame: T;
  now: number;
  /** When it was captured, as far as that is known. */
  capturedAt: number;
  /** Time from capture to detections that is asked for, ms. */
  budgetMs: number;
}

export interface Waiting<G, T> {
  cameraId: string;
  group: G;
  frame: T;
  offeredAt: number;
  /** When this frame's detections are late. */
  dueBy: number;
  /** When those of the first frame that the camera has waited with were: newer frames of a camera keep its place. */
  deadline: number;
}

/** What a group's sessions can take now. */
export interface Room {
  /** Runs that can be handed over now; 0: none. */
  runs: number;
  /** Of these, those that a session would begin at once. */
  idle: number;
  maxBatch: number;
  /** When the next session will be done, ms. */
  freeAt: number;
  /** How long a batch that is not full may wait for more frames while a session is idle, ms. */
  holdMs: number;
  /** Expected ms of a run of so many frames; 0 where that is not known yet. */
  timeFor(frames: number): number;
}

export type Decision<G, T> = { run: G; batch: Waiting<G, T>[] } | { waitMs: number } | null;

/** A batch that is only to lie behind another is handed over so long before that one is done, ms. */
const AHEAD_MS = 2;

/**
 * Which frames are inferred next, over all cameras and models of a host: earliest deadline first (Liu and Layland 1973).
 *
 * One slot a camera: a newer frame replaces the one that was not yet taken (a stale one is of no use to anyone), so that
 * what waits is bounded; it keeps the camera's place, so that no camera starves, however often another one offers. A frame
 * that could have been in time when it was offered, but cannot any more, is handed back by `expire`: its camera's next
 * one goes before others. One that never could (a slow model, a late stream) is run all the same: nothing better comes.
 *
 * Pure: the clock and the sessions' state are handed in.
 */
export class Scheduler<G, T> {
  private readonly slots = new Map<string, Waiting<G, T> & { hopeful: boolean }>();
  /** Deadlines of cameras whose frame expired: kept for their next one. */
  private readonly places = new Map<string, number>();

  /** Frames that wait now. */
  get size(): number {
    return this.slots.size;
  }

  /**
   * Puts a camera's newest frame up for inference. Returns the stale one it replaced, or null.
   * @param runMs expected ms of a run of one frame
   */
  offer({ cameraId, group, frame, now, capturedAt, budgetMs }: Offer<G, T>, runMs: number): T | null {
    const stale = this.slots.get(cameraId);
    const dueBy = capturedAt + budgetMs;
    const deadline = stale?.deadline ?? this.places.get(cameraId) ?? dueBy;
    this.places.delete(cameraId);
    this.slots.set(cameraId, { cameraId, group, frame, offeredAt: now, dueBy, deadline, hopeful: now + runMs <= dueBy });
    return stale?.frame ?? null;
  }

  /** Takes out the frames that have become too late while they waited. */
  expire(now: number, runMs: (group: G) => number): Waiting<G, T>[] {
    const late: Waiting<G, T>[] = [];
    for (const waiting of this.slots.values())
      if (waiting.hopeful && now + runMs(waiting.group) > waiting.dueBy) {
        late.push(waiting);
        this.slots.delete(waiting.cameraId);
        this.places.set(waiting.cameraId, waiting.deadline);
      }
    return late;
  }

  /**
   * The next batch to hand over, each frame of another camera; or how long to wait before asking again, where nobody offers
   * meanwhile; or null, where nothing waits that there is room for. A batch grows while sessions are busy, and is cut where a
   * larger one would be too late for a frame in it.
   */
  next(now: number, room: (group: G) => Room): Decision<G, T> {
    const byGroup = new Map<G, (Waiting<G, T> & { hopeful: boolean })[]>();
    for (const waiting of this.slots.values()) {
      const group = byGroup.get(waiting.group);
      if (group) group.push(waiting);
      else byGroup.set(waiting.group, [waiting]);
    }
    for (const waiting of byGroup.values()) waiting.sort((a, b) => a.deadline - b.deadline);
    const order = [...byGroup].sort(([, a], [, b]) => a[0]!.deadline - b[0]!.deadline);
    let wait = Number.POSITIVE_INFINITY;
    for (const [group, waiting] of order) {
      const there = room(group);
      if (there.runs <= 0) continue;
      const size = batchSize(waiting, now, there);
      const holdMs = holdFor(waiting, size, now, there);
      if (holdMs > 0) {
        wait = Math.min(wait, holdMs);
        continue;
      }
      const batch = waiting.slice(0, size);
      for (const { cameraId } of batch) this.slots.delete(cameraId);
      return { run: group, batch };
    }
    return Number.isFinite(wait) ? { waitMs: wait } : null;
  }

  /** Forgets a camera. Returns the frame that waited, or null. */
  remove(cameraId: string): T | null {
    const waiting = this.slots.get(cameraId);
    this.slots.delete(cameraId);
    this.places.delete(cameraId);
    return waiting?.frame ?? null;
  }
}

type Hopeful = readonly { dueBy: number; hopeful: boolean; offeredAt: number }[];

/** Idle sessions share what waits; no frame of the batch may become late by those that come with it. */
function batchSize(waiting: Hopeful, now: number, { runs, idle, maxBatch, timeFor }: Room): number {
  const most = Math.min(maxBatch, Math.ceil(waiting.length / Math.max(1, Math.min(runs, idle))));
  let due = Number.POSITIVE_INFINITY;
  let size = 0;
  for (const { dueBy, hopeful } of waiting.slice(0, most)) {
    if (hopeful) due = Math.min(due, dueBy);
    if (size > 0 && now + timeFor(size + 1) > due) break;
    size++;
  }
  return size;
}

/** How long the batch is to wait for more frames, ms. */
function holdFor(waiting: Hopeful, size: number, now: number, { idle, maxBatch, freeAt, holdMs, timeFor }: Room): number {
  if (size >= maxBatch || size < waiting.length) return 0;
  const due = waiting.reduce((least, { dueBy, hopeful }) => (hopeful ? Math.min(least, dueBy) : least), Number.POSITIVE_INFINITY);
  const oldest = waiting.reduce((least, { offeredAt }) => Math.min(least, offeredAt), now);
  const until = idle > 0 ? oldest + holdMs : freeAt - AHEAD_MS;
  // One frame more is what is waited for: it must still be in time with it.
  return Math.min(until, due - timeFor(size + 1)) - now;
}
