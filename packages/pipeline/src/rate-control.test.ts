import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lane, type LiveModel } from "./lane.ts";
import { LiveCamera } from "./live-camera.ts";
import { RateControl } from "./rate-control.ts";
import { Shadow } from "./shadow.ts";

const model = (id: string): LiveModel => ({ id, maxBatch: 1, pool: { size: 1, capacity: 2 } }) as LiveModel;
const laneOf = (runMs: number): Lane => {
  const lane = new Lane(model(`${runMs} ms`));
  runs(lane, runMs);
  return lane;
};
/** As many runs as make a lane forget what runs took before. */
const runs = (lane: Lane, ms: number): void => {
  for (let run = 0; run < 300; run++) lane.occupancy.observe(1, ms);
};

function cameraOn(lane: Lane, id: string, detectFps = 25): LiveCamera {
  const camera = new LiveCamera({ id, epoch: 1, url: "file:a.mp4", transport: "tcp", detectFps, confidence: 0.5 }, lane, 0);
  camera.setState("online", null, { codec: "h264", width: 640, height: 360, fps: 25, decoder: "software" }, 0);
  return camera;
}

describe("RateControl", () => {
  let control: RateControl | null = null;
  const begin = (cameras: readonly LiveCamera[]): RateControl => {
    control = new RateControl(200, () => cameras);
    return control;
  };
  const seconds = (count: number): void => void vi.advanceTimersByTime(1000 * count);
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    control?.close();
    vi.useRealTimers();
  });

  it("leaves rates alone where the sessions suffice", () => {
    const cameras = ["a", "b"].map((id) => cameraOn(laneOf(10), id));
    begin(cameras);
    seconds(5);
    expect(cameras.map(({ rate }) => rate)).toEqual([25, 25]);
  });

  it("lowers them evenly to what fits, spread over an interval, and gives them back", () => {
    const lane = laneOf(20);
    const cameras = ["a", "b", "c", "d"].map((id) => cameraOn(lane, id));
    const told = cameras.map((camera) => vi.spyOn(camera, "setRate"));
    begin(cameras);
    seconds(4);
    for (const { rate } of cameras) expect(rate).toBeCloseTo((0.97 * 50) / 4);
    const delays = told.map(({ mock }) => mock.calls[0]![1]!).sort((a, b) => a - b);
    const interval = 1000 / ((0.97 * 50) / 4);
    for (const [index, delay] of delays.entries()) expect(delay).toBeCloseTo((index * interval) / 4);
    runs(lane, 5);
    seconds(60);
    expect(cameras.map(({ rate }) => rate)).toEqual([25, 25, 25, 25]);
  });

  it("spreads those that came one after the other over an interval once all are there", () => {
    const lane = laneOf(20);
    const cameras: LiveCamera[] = [];
    begin(cameras);
    for (let second = 0; second < 4; second++) {
      cameras.push(...[0, 1, 2].map((at) => cameraOn(lane, `${second}-${at}`)));
      seconds(1);
    }
    const told = cameras.map((camera) => vi.spyOn(camera, "setRate"));
    seconds(3);
    const delays = told
      .flatMap(({ mock }) => mock.calls.flatMap(([, delayMs]) => (delayMs == null ? [] : [delayMs])))
      .sort((a, b) => a - b);
    expect(delays).toHaveLength(12);
    const interval = 1000 / ((0.97 * 50) / 12);
    for (const [index, delay] of delays.entries()) expect(delay).toBeCloseTo((index * interval) / 12, -1);
    for (const spy of told) spy.mockClear();
    seconds(20);
    expect(told.flatMap(({ mock }) => mock.calls.flatMap(([, delayMs]) => (delayMs == null ? [] : [delayMs])))).toEqual([]);
  });

  it("gives away more where frames wait little", () => {
    const cameras = ["a", "b", "c", "d"].map((id) => cameraOn(laneOf(20), id));
    const rates = begin(cameras);
    for (let second = 0; second < 30; second++) {
      for (let frame = 0; frame < 50; frame++) rates.countDone({ waitMs: 2, totalMs: 40, budgetMs: 200, intervalMs: 80 });
      seconds(1);
    }
    for (const { rate } of cameras) expect(rate).toBeGreaterThan((0.98 * 50) / 4);
  });

  it("gives what cameras that send nothing do not take to the others", () => {
    const lane = laneOf(20);
    const cameras = ["a", "b", "c", "d"].map((id) => cameraOn(lane, id));
    begin(cameras);
    seconds(4);
    for (const camera of cameras.slice(2)) camera.setState("offline", { code: "CAMERA_UNREACHABLE", message: "gone" }, null, 0);
    seconds(30);
    for (const { rate } of cameras.slice(0, 2)) expect(rate).toBeCloseTo((0.97 * 50) / 2, 0);
  });

  it("counts a shadow's share of a camera's frames", () => {
    const camera = cameraOn(laneOf(20), "a", 50);
    camera.shadow = new Shadow(laneOf(40), { share: 0.5, promotionId: "p" });
    begin([camera]);
    seconds(4);
    expect(camera.rate).toBeCloseTo(0.97 / (0.02 + 0.5 * 0.04));
  });

  it("forgets what frames took while the cameras came", () => {
    const lane = laneOf(40);
    const cameras = ["a", "b", "c", "d"].map((id) => cameraOn(lane, id));
    begin(cameras);
    seconds(2);
    runs(lane, 20);
    seconds(20);
    for (const { rate } of cameras) expect(rate).toBeCloseTo((0.97 * 50) / 4, 1);
  });

  it("lowers them further where frames are lost all the same", () => {
    const cameras = ["a", "b"].map((id) => cameraOn(laneOf(10), id));
    const rates = begin(cameras);
    for (let second = 0; second < 10; second++) {
      for (let frame = 0; frame < 50; frame++) rates.countOffered();
      for (let frame = 0; frame < 10; frame++) rates.countLost();
      seconds(1);
    }
    for (const { rate } of cameras) expect(rate).toBeLessThan(21);
    for (const { rate } of cameras) expect(rate).toBeGreaterThan(5);
  });
});
