import type { LiveCamera } from "./live-camera.ts";
import type { Claim } from "./schedule/fair-shares.ts";
import { OverloadControl } from "./schedule/overload.ts";
import { staggered, worthTelling } from "./schedule/stagger.ts";

const CONTROL_MS = 1000;
/** A camera that runs at all gets so many detections a second, or what it asks for. */
const FLOOR_FPS = 0.2;

/** Once a second: looks whether the sessions can do what is asked for, and lowers the rates of sources where they cannot. */
export class RateControl {
  private readonly overload = new OverloadControl();
  private readonly budgetMs: number;
  private readonly timer: NodeJS.Timeout;
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
    const claims = running.map((camera) => this.claimOf(camera));
    const { rates } = this.overload.read({ claims, offered: this.offered, lost: this.lost });
    this.offered = 0;
    this.lost = 0;
    for (const [index, camera] of running.entries()) {
      const rate = rates.get(camera.config.id) ?? camera.config.detectFps;
      if (worthTelling(camera.rate, rate, camera.config.detectFps))
        camera.setRate(rate, rate > 0 ? staggered(index, running.length, rate) : 0);
    }
  }

  private claimOf({ config, lane, shadow }: LiveCamera): Claim {
    return {
      id: config.id,
      asked: config.detectFps,
      floor: FLOOR_FPS,
      priority: config.priority ?? 0,
      cost: lane.costOfFrame(this.budgetMs) + (shadow ? shadow.share * shadow.lane.costOfFrame(this.budgetMs) : 0),
    };
  }
}
