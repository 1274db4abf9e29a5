import { expect, it } from "vitest";
import { MotionGate } from "./motion-gate.ts";

const size = { width: 64, height: 48 };
/** A grey picture with noise, and a bright square of 20 pixels at `x`. */
function picture(x: number | null, noise = 0): Uint8Array {
  const green = new Uint8Array(64 * 48).map((_, index) => 90 + (noise * ((index * 7919) % 13)) / 6);
  if (x !== null) for (let y = 10; y < 30; y++) green.fill(220, y * 64 + x, y * 64 + x + 20);
  return green;
}
const passes = (frames: { at: number; green: Uint8Array }[], stillFps = 0.5): number[] => {
  const gate = new MotionGate(size);
  return frames.filter(({ at, green }) => gate.pass(green, at, stillFps)).map(({ at }) => at);
};
const every200 = (count: number, green: (index: number) => Uint8Array) =>
  Array.from({ length: count }, (_, index) => ({ at: index * 200, green: green(index) }));

it("lets a still scene run at the floor rate, once it has been still for a while", () => {
  const taken = passes(every200(60, (index) => picture(null, index % 3)));
  expect(taken.filter((at) => at <= 2000)).toHaveLength(11);
  expect(taken.filter((at) => at > 2000)).toEqual([4000, 6000, 8000, 10_000]);
});

it("lets every frame of a moving scene pass", () => {
  expect(passes(every200(40, (index) => picture((index * 3) % 40)))).toHaveLength(40);
});

it("takes up the full rate with the first frame that moves", () => {
  const taken = passes(every200(60, (index) => picture(index < 30 ? null : 20)));
  expect(taken).toContain(6000);
  expect(taken.filter((at) => at >= 6000 && at <= 8000)).toHaveLength(11);
});

it("adds up slow motion", () => {
  const taken = passes(
    every200(200, (index) => picture(Math.floor(index / 12))),
    0.1,
  );
  expect(taken.length).toBeGreaterThan(80);
});

it("goes on where time stamps begin anew", () => {
  const gate = new MotionGate(size);
  expect(gate.pass(picture(null), 1e6, 0.5)).toBe(true);
  expect(gate.pass(picture(null), 0, 0.5)).toBe(true);
});
