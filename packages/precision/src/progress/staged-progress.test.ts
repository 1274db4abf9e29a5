import { expect, it } from "vitest";
import { StagedProgress } from "./staged-progress.ts";

it("makes one percentage of stages, which never falls, with rate and time left", () => {
  let now = 0;
  const progress = new StagedProgress(
    [
      ["fetching", 1],
      ["running", 3],
    ],
    () => now,
  );
  expect(progress.report("fetching", 0, 4)).toEqual({ stage: "fetching", percent: 0, ratePerSecond: null, secondsLeft: null });
  now = 2000;
  expect(progress.report("fetching", 2, 4)).toEqual({ stage: "fetching", percent: 12.5, ratePerSecond: 1, secondsLeft: null });
  now = 5000;
  expect(progress.report("running", 0, 10)).toMatchObject({ percent: 25, ratePerSecond: null, secondsLeft: 15 });
  now = 10_000;
  expect(progress.report("running: step 5", 5, 10)).toMatchObject({
    stage: "running: step 5",
    percent: 62.5,
    secondsLeft: expect.closeTo(6, 6),
  });
  expect(progress.report("something else", 1, 2).percent).toBe(62.5);
  expect(progress.report("fetching", 4, 4).percent).toBe(62.5);
  expect(progress.report("running", 20, 10)).toMatchObject({ percent: 100, secondsLeft: 0 });
});
