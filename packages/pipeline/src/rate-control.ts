import type { Lane } from "./lane.ts";
import { type LiveCamera, lanesOf } from "./live-camera.ts";
import { CostMean } from "./schedule/cost-mean.ts";
import type { Claim } from "./schedule/fair-shares.ts";
import { OverloadControl } from "./schedule/overload.ts";
import { hasTurn, isSpread, scattered, staggered, worthTelling } from "./schedule/stagger.ts";
import { type DoneFrame, WaitedShare } from "./schedule/waited-share.ts";

const CONTROL_MS = 1000;
/** A camera that runs at all gets so many detections a second, or what it asks for. */
const FLOOR_FPS = 0.2;

/** Once a second: looks whether the sessions can do what is asked for, and lowers the rates of sources where they cannot. */
export class RateControl {
  private readonly overload = new OverloadControl();
  /** Share of all sessions' time that one frame a second takes, smoothed. */
  private readonly costs = new WeakMap<Lane, CostMean>();
  private readonly budgetMs: number;
  private readonly timer: NodeJS.Timeout;
  private readonly waited = new WaitedShare();
  private readings = 0;
  private offered = 0;
  private lost = 0;

  /** @param budgetMs from capture to detections */
  constructor(budgetMs: number, cameras: () => readonly LiveCamera[]) {
    this.budgetMs = budgetMs;
    this.timer = setInterval(() => this.control(cameras()), CONTROL_MS).unref();
  }

  countOffered(): void {
    this.offered++;
  }

  countDone(frame: DoneFrame): void {
    this.waited.add(frame);
  }

  /** A frame that was dropped, or done too late. */
  countLost(): void {
    this.lost++;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private control(cameras: readonly LiveCamera[]): void {
    // Who sends nothing takes nothing, and the others get it.
    const running = cameras.filter(({ sends }) => sends);
    this.readCosts(running);
    const claims = running.map((camera) => this.claimOf(camera));
    const { rates, unsettled, settled } = this.overload.read({
      claims,
      offered: this.offered,
      lost: this.lost,
      waited: this.waited.take(),
    });
    if (unsettled) for (const lane of lanesOf(running)) this.costs.get(lane)?.restart();
    this.offered = 0;
    this.lost = 0;
    // Else the first of the list would be first each time that rates are lowered.
    const reading = this.readings++;
    const turn = Math.floor(scattered(reading) * running.length);
    for (const [index, camera] of running.entries()) {
      const asked = camera.config.detectFps;
      const rate = rates.get(camera.config.id) ?? asked;
      const spread = isSpread(camera.rate, rate, asked, settled);
      if (spread || worthTelling(camera.rate, rate, asked, hasTurn(index, reading)))
        camera.setRate(rate, spread ? staggered((index + turn) % running.length, running.length, rate) : null);
    }
  }

  private readCosts(cameras: readonly LiveCamera[]): void {
    for (const lane of lanesOf(cameras)) {
      const cost = lane.costOfFrame(this.budgetMs);
      if (cost === 0) continue;
      const mean = this.costs.get(lane) ?? new CostMean();
      this.costs.set(lane, mean);
      mean.observe(cost);
    }
  }

  private costOn(lane: Lane): number {
    return this.costs.get(lane)?.value ?? 0;
  }

  private claimOf({ config, lane, shadow }: LiveCamera): Claim {
    return {
      id: config.id,
      asked: config.detectFps,
      floor: FLOOR_FPS,
      priority: config.priority ?? 0,
      cost: this.costOn(lane) + (shadow ? shadow.share * this.costOn(shadow.lane) : 0),
    };
  }
}
