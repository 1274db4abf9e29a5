import type { ShadowCounts } from "@octet/shared/domain/shadow";
import { iou } from "@octet/vision/boxes/iou";
import type { Lane } from "./lane.ts";

interface Found {
  box: { x: number; y: number; w: number; h: number };
  score: number;
}

const SAME_AT = 0.5;

/** A model that sees a share of a camera's frames beside the one that counts, and how far the two agree. */
export class Shadow {
  readonly lane: Lane;
  readonly share: number;
  private due = 0;
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

  constructor(lane: Lane, share: number) {
    this.lane = lane;
    this.share = share;
  }

  /** Whether the next frame is one for the shadow: evenly spread, and none while it is still at one. */
  take(): boolean {
    this.due += this.share;
    if (this.due < 1) return false;
    this.due -= 1;
    return this.lane.runsUnderWay === 0;
  }

  /** @param times ms of inference of each */
  compare(active: readonly Found[], shadow: readonly Found[], times: { activeMs: number; shadowMs: number }): void {
    const { totals } = this;
    const open = new Set(shadow);
    let matched = 0;
    for (const one of [...active].sort((a, b) => b.score - a.score)) {
      let best: Found | null = null;
      let most = SAME_AT;
      for (const other of open) {
        const overlap = iou(one.box, other.box);
        if (overlap >= most) [best, most] = [other, overlap];
      }
      if (!best) continue;
      open.delete(best);
      matched++;
      totals.scoreShift += best.score - one.score;
    }
    totals.frames++;
    totals.matched += matched;
    totals.onlyActive += active.length - matched;
    totals.onlyShadow += open.size;
    if (active.length !== matched || open.size > 0) totals.disagreeing++;
    totals.activeMs += times.activeMs;
    totals.shadowMs += times.shadowMs;
  }

  counts(): ShadowCounts {
    return { ...this.totals };
  }
}
