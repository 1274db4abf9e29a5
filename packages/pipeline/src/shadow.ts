import { randomUUID } from "node:crypto";
import type { ShadowCounts } from "@octet/shared/domain/shadow";
import { matchDetections } from "@octet/vision/boxes/match-detections";
import type { Lane } from "./lane.ts";

interface Found {
  box: { x: number; y: number; w: number; h: number };
  score: number;
}

const SAME_AT = 0.5;
/** Frames to look at are rare enough not to cost anything, and not all of one moment. */
const EXAMPLE_EVERY_MS = 3000;

/** A model that sees a share of a camera's frames beside the one that counts, and how far the two agree. */
export class Shadow {
  readonly runId = randomUUID();
  readonly lane: Lane;
  readonly share: number;
  readonly promotionId: string;
  private due = 0;
  private lastExampleAt = Number.NEGATIVE_INFINITY;
  private readonly totals: ShadowCounts = {
    frames: 0,
    disagreeing: 0,
    matched: 0,
    onlyActive: 0,
    onlyShadow: 0,
    scoreShift: 0,
    activeMs: 0,
    shadowMs: 0,
  };

  constructor(lane: Lane, { share, promotionId }: { share: number; promotionId: string }) {
    this.lane = lane;
    this.share = share;
    this.promotionId = promotionId;
  }

  /** Whether the next frame is one for the shadow: evenly spread, and none while it is still at one. */
  take(): boolean {
    this.due += this.share;
    if (this.due < 1) return false;
    this.due -= 1;
    return this.lane.runsUnderWay === 0;
  }

  /**
   * @param times ms of inference of each
   * @returns detections that only one of the two has
   */
  compare(active: readonly Found[], shadow: readonly Found[], times: { activeMs: number; shadowMs: number }): number {
    const { totals } = this;
    const { pairs, onlyA, onlyB } = matchDetections(active, shadow, SAME_AT);
    const differing = onlyA + onlyB;
    totals.frames++;
    totals.matched += pairs.length;
    totals.onlyActive += onlyA;
    totals.onlyShadow += onlyB;
    for (const { scoreDelta } of pairs) totals.scoreShift += scoreDelta;
    if (differing > 0) totals.disagreeing++;
    totals.activeMs += times.activeMs;
    totals.shadowMs += times.shadowMs;
    return differing;
  }

  /** Whether a frame that the two differ on is to be kept for people. @param now ms of any steady clock */
  takeExample(differing: number, now: number): boolean {
    if (differing === 0 || now - this.lastExampleAt < EXAMPLE_EVERY_MS) return false;
    this.lastExampleAt = now;
    return true;
  }

  counts(): ShadowCounts {
    return { ...this.totals };
  }
}
