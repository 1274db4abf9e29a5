import { iou } from "@octet/shared/boxes/iou";
import type { Box, Detection } from "@octet/shared/domain/detection";
import { GATE, Motion } from "./motion.ts";

/** How far from where it is expected an object may be found, box sizes a second. */
const REACH = 4;
/** Seen only once, its speed is not known: a person who passes close by moves ten of their face's widths a second. */
const UNKNOWN_REACH = 9;

/** One object over time. */
export class Track {
  /** null until the track is confirmed. */
  id: number | null = null;
  hits = 1;
  lastSeenMs: number;
  /** The frame before had it. */
  seen = true;
  readonly label: string;
  private readonly motion: Motion;
  private expected: Box;

  constructor(detection: Detection, nowMs: number) {
    this.label = detection.label;
    this.motion = new Motion(detection.box);
    this.expected = detection.box;
    this.lastSeenMs = nowMs;
  }

  predict(seconds: number): void {
    this.motion.predict(seconds, this.seen);
    this.expected = this.motion.box;
  }

  /** Time did not go on as expected: stay where it is, at the new time, with no idea of its speed. */
  restart(nowMs: number): void {
    this.expected = this.motion.box;
    this.motion.restart(this.expected);
    this.lastSeenMs = nowMs;
  }

  update(detection: Detection, nowMs: number): void {
    this.motion.correct(detection.box);
    this.hits++;
    this.lastSeenMs = nowMs;
    this.seen = true;
  }

  /**
   * What it costs to take `detection` for this object, 0 (certain) to 1; null where it cannot be.
   * Overlap alone fails at a few frames a second, where a walking head has left its own box: then the predicted
   * centre decides, within what the motion's uncertainty and the time since it was seen allow.
   */
  costOf(detection: Detection, nowMs: number): number | null {
    if (detection.label !== this.label) return null;
    const { expected } = this;
    const { box } = detection;
    const sizeRatio = Math.sqrt((box.w * box.h) / (expected.w * expected.h));
    const sizeChange = Math.abs(Math.log2(sizeRatio));
    if (sizeChange > 1.2) return null;
    const distance = Math.hypot(
      (box.x + box.w / 2 - expected.x - expected.w / 2) / ((box.w + expected.w) / 2),
      (box.y + box.h / 2 - expected.y - expected.h / 2) / ((box.h + expected.h) / 2),
    );
    const speed = this.hits === 1 ? UNKNOWN_REACH : REACH;
    const reach = Math.min(5, 1 + (speed * (nowMs - this.lastSeenMs)) / 1000);
    const overlap = iou(expected, box);
    if (overlap < 0.2 && (distance > reach || this.motion.distance(box) > GATE)) return null;
    return 0.5 * (1 - overlap) + 0.4 * Math.min(1, distance / reach) + 0.08 * Math.min(1, sizeChange);
  }
}
