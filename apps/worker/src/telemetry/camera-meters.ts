import { StageHistograms } from "@octet/pipeline/stage-clock";
import { ArrivalJitter } from "./arrival-jitter.ts";

export interface CameraMeter {
  name: string;
  /** Detections a second that were asked of it. */
  askedFps: number;
  readonly stages: StageHistograms;
  readonly jitter: ArrivalJitter;
}

/** What is measured of each camera that runs here, and of no other: a camera that has left leaves no series behind. */
export class CameraMeters {
  private readonly meters = new Map<string, CameraMeter>();

  /** The cameras that are to run from now on. */
  assign(cameras: readonly { id: string; name: string; detectFps: number }[]): void {
    const wanted = new Map(cameras.map((camera) => [camera.id, camera]));
    for (const id of this.meters.keys()) if (!wanted.has(id)) this.meters.delete(id);
    for (const { id, name, detectFps } of cameras) {
      const known = this.meters.get(id);
      if (known) Object.assign(known, { name, askedFps: detectFps });
      else this.meters.set(id, { name, askedFps: detectFps, stages: new StageHistograms(), jitter: new ArrivalJitter() });
    }
  }

  get(id: string): CameraMeter | undefined {
    return this.meters.get(id);
  }
}
