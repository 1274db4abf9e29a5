import { summariseShadow } from "@octet/shared/domain/shadow";
import { expect, it } from "vitest";
import { Lane, type LiveModel } from "./lane.ts";
import { Shadow } from "./shadow.ts";

const lane = () => new Lane({ id: "x" } as LiveModel);
const begin = (share: number) => new Shadow(lane(), { share, promotionId: "01890000-0000-7000-8000-000000000000" });
const face = (x: number, score: number) => ({ box: { x, y: 0.1, w: 0.1, h: 0.1 }, score });
const times = { activeMs: 10, shadowMs: 5 };

it("takes its share of the frames, evenly, and none while it is at one", () => {
  const shadow = begin(0.25);
  expect(Array.from({ length: 8 }, () => shadow.take())).toEqual([false, false, false, true, false, false, false, true]);
  const busy = begin(1);
  busy.lane.begin(1, 0);
  expect(busy.take()).toBe(false);
});

it("counts what only one of the two found, and how scores moved", () => {
  const shadow = begin(1);
  expect(shadow.compare([face(0.1, 0.9), face(0.5, 0.8)], [face(0.105, 0.7), face(0.8, 0.6)], times)).toBe(2);
  expect(shadow.compare([face(0.1, 0.9)], [face(0.1, 0.9)], times)).toBe(0);
  shadow.compare([], [], times);
  expect(shadow.counts()).toMatchObject({ frames: 3, disagreeing: 1, matched: 2, onlyActive: 1, onlyShadow: 1 });
  const summary = summariseShadow([{ cameraId: "a", ...shadow.counts() }])!;
  expect(summary.disagreementRate).toBeCloseTo(1 / 3, 9);
  expect(summary.meanScoreShift).toBeCloseTo(-0.1, 9);
  expect(summary).toMatchObject({ cameras: 1, activeMs: 10, shadowMs: 5 });
  // Begun anew by another worker, it is the same camera still.
  expect(summariseShadow([summary, summary].map(() => ({ cameraId: "a", ...shadow.counts() })))).toMatchObject({ cameras: 1, frames: 6 });
});

it("matches each detection once", () => {
  const shadow = begin(1);
  shadow.compare([face(0.1, 0.9), face(0.11, 0.8)], [face(0.1, 0.9)], times);
  expect(shadow.counts()).toMatchObject({ matched: 1, onlyActive: 1, onlyShadow: 0 });
});

it("has no summary before the first frame", () => {
  expect(summariseShadow([{ cameraId: "a", ...begin(1).counts() }])).toBeNull();
});

it("keeps frames that differ for people, and not all of one moment", () => {
  const shadow = begin(1);
  expect([0, 1, 2, 3].map((differing, at) => shadow.takeExample(differing, at * 1000))).toEqual([false, true, false, false]);
  expect(shadow.takeExample(1, 4000)).toBe(true);
});
