import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameSampler } from "./frame-sampler.ts";

const pick = (sampler: FrameSampler, pts: number[]) => pts.filter((value) => sampler.due(value));

it("takes every fifth of 25 frames a second for 5 detections a second", () => {
  const pts = Array.from({ length: 50 }, (_, i) => i * 40);
  expect(pick(new FrameSampler(5), pts)).toEqual(pts.filter((_, i) => i % 5 === 0));
});

it("keeps the rate where it does not divide the stream's", () => {
  const pts = Array.from({ length: 2500 }, (_, i) => (i * 1000) / 25);
  expect(Math.abs(pick(new FrameSampler(7), pts).length - 700)).toBeLessThanOrEqual(1);
});

it("takes every frame of a stream that is slower than the rate", () => {
  const pts = Array.from({ length: 20 }, (_, i) => i * 500);
  expect(pick(new FrameSampler(10), pts)).toEqual(pts);
});

it("takes the first frame under a new rate after the delay that it is told", () => {
  const sampler = new FrameSampler(5);
  const pts = Array.from({ length: 100 }, (_, i) => i * 40);
  expect(pick(sampler, pts.slice(0, 10))).toEqual([0, 200]);
  sampler.setRate(2, 300);
  expect(pick(sampler, pts.slice(10, 50))).toEqual([680, 1160, 1680]);
  sampler.setRate(5, 0);
  expect(pick(sampler, pts.slice(50, 60))).toEqual([2000, 2160, 2360]);
});

it("neither loses nor adds frames where the rate changes all the time", () => {
  const sampler = new FrameSampler(0.5);
  let taken = 0;
  let expected = 0;
  for (let frame = 0; frame < 25 * 600; frame++) {
    const rate = 0.4 + 0.2 * Math.sin(frame / 40);
    if (frame % 25 === 0) sampler.setRate(rate, null);
    expected += (0.4 + 0.2 * Math.sin((frame - (frame % 25)) / 40)) / 25;
    if (sampler.due(frame * 40)) taken++;
  }
  expect(Math.abs(taken - expected)).toBeLessThan(0.02 * expected + 2);
});

it("survives jumps of the time stamps, either way", () => {
  const sampler = new FrameSampler(5);
  expect(pick(sampler, [0, 40, 9_000_000, 9_000_040, 0, 40])).toEqual([0, 9_000_000, 0]);
});

it("tolerates rounded time stamps", () => {
  const pts = Array.from({ length: 60 }, (_, i) => Math.floor((i * 1000) / 30));
  expect(pick(new FrameSampler(10), pts)).toHaveLength(20);
});

it("never takes more than the rate allows, whatever the gaps", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 100 }), (gaps) => {
      let at = 0;
      const pts = gaps.map((gap) => (at += gap));
      const taken = pick(new FrameSampler(5), pts).length;
      expect(taken).toBeLessThanOrEqual(Math.ceil((at - pts[0]!) / 200) + 1);
    }),
  );
});
