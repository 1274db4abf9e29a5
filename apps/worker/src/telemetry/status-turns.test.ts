import type { CameraStatus } from "@octet/shared/domain/camera";
import { newCameraStatus } from "@octet/testing/new-camera-status";
import { describe, expect, it } from "vitest";
import { StatusTurns } from "./status-turns.ts";

const nobody = new Set<string>();
const fleet = (count: number): CameraStatus[] => Array.from({ length: count }, (_, n) => newCameraStatus({ cameraId: `camera-${n}` }));
const ids = (statuses: readonly CameraStatus[]): string[] => statuses.map(({ cameraId }) => cameraId);

describe("StatusTurns", () => {
  it("tells of all each second in a small fleet", () => {
    const turns = new StatusTurns();
    for (let second = 0; second < 3; second++) expect(turns.next(fleet(5), nobody)).toHaveLength(5);
  });

  it("tells of all at first, and then of each once in so many seconds", () => {
    const turns = new StatusTurns();
    turns.everySeconds = 4;
    expect(turns.next(fleet(10), nobody)).toHaveLength(10);
    const round = [1, 2, 3, 4].map(() => ids(turns.next(fleet(10), nobody)));
    expect(round.flat().sort()).toEqual(ids(fleet(10)).sort());
    for (const each of round) expect(each.length).toBeLessThanOrEqual(3);
  });

  it("tells of news and of what is watched at once", () => {
    const turns = new StatusTurns();
    turns.everySeconds = 10;
    const cameras = fleet(10);
    turns.next(cameras, nobody);
    cameras[5] = { ...cameras[5]!, state: "offline" };
    expect(ids(turns.next(cameras, new Set(["camera-7"])))).toEqual(["camera-1", "camera-5", "camera-7"]);
    expect(ids(turns.next(cameras, nobody))).toEqual(["camera-2"]);
  });

  it("tells of all again to a gateway that knows nothing, and of a camera that comes back", () => {
    const turns = new StatusTurns();
    turns.everySeconds = 10;
    turns.next(fleet(10), nobody);
    turns.forget();
    expect(turns.next(fleet(10), nobody)).toHaveLength(10);
    turns.next(fleet(9), nobody);
    expect(ids(turns.next(fleet(10), nobody))).toContain("camera-9");
  });
});
