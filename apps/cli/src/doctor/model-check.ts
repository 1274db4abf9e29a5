import type { ModelInfo } from "@octet/shared/domain/model";
import { AppError } from "@octet/shared/errors";
import { Detector } from "@octet/precision/detect/detector";
import { median } from "@octet/precision/bench/statistics";
import { milliseconds } from "../output/units.ts";
import type { Check } from "./check.ts";

export interface ModelCheck {
  check: Check;
  /** null where it does not load. */
  model: (ModelInfo & { loadMs: number; runMs: number }) | null;
}

const RUNS = 5;

/** Loads the default model and runs it on grey frames: the median of some runs after a first one. */
export async function checkModel(): Promise<ModelCheck> {
  try {
    await using detector = await Detector.load({ model: "default", threads: 1 });
    const { width, height } = detector.spec.input;
    let frame: Uint8Array = new Uint8Array(3 * width * height).fill(127);
    const times: number[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const { inferMs, returned } = await detector.pool.run([frame]);
      frame = returned[0]!;
      if (run > 0) times.push(inferMs);
    }
    const { info } = detector;
    const { loadMs } = detector.pool;
    const runMs = median(times);
    const detail = `${info.name} (${info.family}, ${width}×${height}) loads in ${milliseconds(loadMs)} and runs in ${milliseconds(runMs)} on one thread`;
    return { check: { name: "default model", status: "ok", detail, hint: info.licence.note }, model: { ...info, loadMs, runMs } };
  } catch (error) {
    const { message, hint } = AppError.from(error);
    return { check: { name: "default model", status: "fail", detail: message, ...(hint ? { hint } : {}) }, model: null };
  }
}
