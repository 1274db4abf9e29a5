import { expect, it } from "vitest";
import { cropRect } from "./crop-box.ts";
import { estimateFps, FrameRate } from "./frame-rate.ts";
import { startsWithParameterSet } from "./packet-forwarder.ts";
import { PtsClock } from "./pts-clock.ts";
import { planResize } from "./resize-plan.ts";
import { parseSyntheticUrl, SyntheticPicture } from "./synthetic-picture.ts";
import { recommendedUvThreads } from "./uv-threads.ts";

it("plans a letterbox and a stretch", () => {
  expect(planResize("letterbox", 1920, 1080, 640, 640)).toMatchObject({
    contentWidth: 640,
    contentHeight: 360,
    padX: 0,
    padY: 140,
    scaleX: 1 / 3,
  });
  expect(planResize("stretch", 1920, 1080, 640, 640)).toMatchObject({ contentWidth: 640, contentHeight: 640, padX: 0, padY: 0 });
  expect(planResize("letterbox", 101, 333, 640, 640)).toMatchObject({ contentWidth: 194, contentHeight: 640, padX: 223 });
});

it("cuts a square around a box, within the frame and on even pixels", () => {
  expect(cropRect({ x: 0.45, y: 0.4, w: 0.1, h: 0.2 }, 1920, 1080)).toEqual({ x: 824, y: 404, width: 270, height: 270 });
  for (const box of [
    { x: -0.2, y: -0.2, w: 0.3, h: 0.3 },
    { x: 0.95, y: 0.9, w: 0.3, h: 0.3 },
    { x: 0, y: 0, w: 1, h: 1 },
    { x: Number.NaN, y: 0, w: 0, h: 0 },
  ]) {
    const rect = cropRect(box, 1281, 719);
    expect(rect.x % 2 === 0 && rect.y % 2 === 0 && rect.width % 2 === 0 && rect.height % 2 === 0).toBe(true);
    expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= 1281 && rect.y + rect.height <= 719 && rect.width > 0).toBe(true);
  }
});

it("goes on counting across the loops of a file", () => {
  const clock = new PtsClock({ num: 1, den: 1000 });
  expect([500n, 540n, 580n].map((ticks) => clock.toMs(ticks, 40))).toEqual([0, 40, 80]);
  clock.loop(40);
  expect([500n, 540n].map((ticks) => clock.toMs(ticks, 40))).toEqual([120, 160]);
  expect(clock.toMs(null, 40)).toBe(200);
});

it("estimates a frame rate from jittery time stamps", () => {
  expect(estimateFps(Array.from({ length: 30 }, (_, i) => i * 40 + (i % 3) - 1))).toBe(25);
  expect(estimateFps([0, 40])).toBeNull();
});

it("measures the rate of the last seconds", () => {
  const rate = new FrameRate();
  expect(rate.sample(0, 0)).toBe(0);
  expect([1, 2, 3].map((second) => rate.sample(second * 1000, second * 25))).toEqual([25, 25, 25]);
  expect([4, 5, 6, 7, 8].map((second) => rate.sample(second * 1000, 75)).at(-1)).toBe(0);
});

it("sees parameter sets at the start of an access unit", () => {
  expect(startsWithParameterSet(new Uint8Array([0, 0, 0, 1, 0x09, 0x10, 0, 0, 0, 1, 0x67, 0x64]))).toBe(true);
  expect(startsWithParameterSet(new Uint8Array([0, 0, 0, 1, 0x65, 0x88, 0x84]))).toBe(false);
  expect(startsWithParameterSet(new Uint8Array([0, 0, 1, 0x40, 0x01]))).toBe(true);
});

it("draws the same synthetic pictures for the same seed", () => {
  const options = parseSyntheticUrl("synthetic:faces?size=320x180&fps=10&seed=7");
  expect(options).toMatchObject({ width: 320, height: 180, fps: 10, seed: 7 });
  expect(new SyntheticPicture(options).draw(12).equals(new SyntheticPicture(options).draw(12))).toBe(true);
  expect(new SyntheticPicture(options).draw(12).equals(new SyntheticPicture({ ...options, seed: 8 }).draw(12))).toBe(false);
  expect(parseSyntheticUrl("synthetic:faces?size=99999x1&fps=abc")).toMatchObject({ width: 1280, height: 720, fps: 25 });
});

it("asks for a libuv pool that a stalled camera each cannot fill", () => {
  expect([recommendedUvThreads(0), recommendedUvThreads(70), recommendedUvThreads(5000)]).toEqual([8, 78, 1024]);
});
